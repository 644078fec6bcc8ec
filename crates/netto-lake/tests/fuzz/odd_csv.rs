//! CSV as nobody should write it, read by settings that may not be its own.

use std::io::Write as _;

use netto_lake::SourceConfig;
use netto_model::Table;
use netto_model::contract::{ACTIVITIES, COST_POOLS, CUSTOMERS, FX_RATES, ORDER_LINES, PRODUCTS, STOCK};

use crate::draw::{Draw, changed};
use crate::project::Project;
use crate::rounds::rounds;

const LINES: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount,currency\n\
    1,1,2025-03-05,A,p,1,10.5,8,EUR\n1,2,2025-03-05,A,\"q, large\",-2,\"-1,000.00\",-8.0001,\n2,1,2025-04-06,B,p,3,1000.00-,0,EUR\n";
const DUTCH: &str = "order_id;line_no;order_date;customer_id;product_id;quantity;net_amount\r\n\
    7;1;07-03-2025;\"Bakker \"\"De Zon\"\"\";p;1;1.234,56\r\n7;2;07-03-2025 15:30;\"Twee\r\nregels\";q;2;-0,01\r\n\r\n8;1;31-12-2025;C;p;12;100\r\n";
const CUSTOMER: &str =
    "customer_id,name,since,potential,maintained_products\nA,Alpha,2020-01-01,1000,3\nB,\"Be, ta\",,,\n";
const EVENT: &str = "activity_id,occurred_at,kind,minutes,customer_id\n1,2025-03-05 09:30,visit,30,A\n2,2025-03-06T16:00:00Z,call,5.5,B\n";
const POOL: &str = "pool,period,amount\nwarehouse,2025-03,1000\noffice,2025-04-30,-12.5\n";
const PRODUCT: &str = "product_id,unit_cost,list_price,valid_from,weight\np,800,1000.0001,2025-01-10,1.5\nq,,1.5,,\n";
const COUNT: &str = "product_id,snapshot_date,quantity,value\np,2025-01-31,10,100\nq,2025-01-31,0,0\n";
const RATE: &str = "currency,period,rate\nUSD,2025-01,0.9174\nJPY,2025-02,0.0061\n";

const SEEDS: &[(&Table, &str)] = &[
    (&ORDER_LINES, LINES),
    (&ORDER_LINES, DUTCH),
    (&CUSTOMERS, CUSTOMER),
    (&ACTIVITIES, EVENT),
    (&COST_POOLS, POOL),
    (&PRODUCTS, PRODUCT),
    (&STOCK, COUNT),
    (&FX_RATES, RATE),
];

#[derive(Debug)]
struct Odd {
    source: &'static Table,
    file: &'static str,
    bytes: Vec<u8>,
    /// As text, for whoever looks at a round that failed.
    text: String,
    settings: String,
}

#[test]
fn odd_csv_is_read_or_refused_and_no_row_is_lost() {
    rounds(4_000, odd, attempt);
}

#[test]
fn odd_csv_in_a_view_is_read_or_refused() {
    let queries = [
        "select * from x",
        "select * from x where 1 = 1 order by 1",
        "select a.* from x a join x b on a.order_id = b.order_id",
    ];
    rounds(
        1_500,
        |draw| {
            let mut odd = odd(draw);
            let mut settings: serde_json::Value = serde_json::from_str(&odd.settings).unwrap();
            settings["sql"] = (*draw.pick(&queries)).into();
            settings["tables"] = serde_json::json!({ "x": odd.file });
            settings.as_object_mut().unwrap().remove("files");
            odd.settings = settings.to_string();
            odd
        },
        attempt,
    );
}

fn attempt(odd: &Odd) {
    let project = Project::new();
    project.file(odd.file, &odd.bytes);
    let config = SourceConfig::from_json(&odd.settings).unwrap();
    if project.load_soundly(odd.source, &config).is_some() {
        assert!(project.load_soundly(odd.source, &config).is_some_and(|again| again.unchanged), "{}", odd.text);
    }
}

fn odd(draw: &mut Draw) -> Odd {
    let (source, text) = *draw.pick(SEEDS);
    let mut bytes = changed(text.as_bytes(), draw);
    if draw.one_in(8) {
        bytes = String::from_utf8_lossy(&bytes).encode_utf16().flat_map(u16::to_le_bytes).collect();
    }
    let file = *draw.pick(&["x.csv", "x.csv", "x.csv", "x.csv", "x.csv.gz", "x.csv.zst"]);
    if file.ends_with("gz") {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&bytes).unwrap();
        bytes = gz.finish().unwrap();
    } else if file.ends_with("zst") {
        bytes = zstd::encode_all(bytes.as_slice(), 1).unwrap();
    }
    if file != "x.csv" && draw.one_in(3) {
        bytes = changed(&bytes, draw);
    }
    let mut settings = serde_json::json!({ "files": file });
    settings["max_rejects"] = 1_000_000.into();
    settings["csv"] = serde_json::json!({
        "delimiter": draw.pick(&[",", ",", ";", "\t", "|"]),
        "quote": draw.pick(&["\"", "\"", "'"]),
        "encoding": draw.pick(&["utf-8", "utf-8", "windows-1252", "utf-16le", "utf-16be", "shift_jis", "gb18030", "iso-8859-15"]),
        "decimal": draw.pick(&[".", ","]),
        "date": draw.pick(&["%Y-%m-%d", "%d-%m-%Y", "%d %b %Y", "%c", "%s", "%Y%m%d", "%+", "%", "%Q"]),
        "null": draw.pick(&[vec![""], vec!["", "NULL"], vec!["-"], vec![]]),
    });
    if draw.one_in(3) {
        settings["columns"] = columns(source, draw);
    }
    if draw.one_in(4) {
        settings["load"] = "append".into();
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Odd { source, file, bytes, text, settings: settings.to_string() }
}

/// Settings of one column.
fn columns(source: &Table, draw: &mut Draw) -> serde_json::Value {
    let column = source.columns[draw.below(source.columns.len())].name;
    let settings = match draw.below(6) {
        0 => serde_json::json!({ "pad": draw.pick(&[0_usize, 3, 12, 70_000, 1 << 40]) }),
        1 => serde_json::json!({ "negate": true }),
        2 => serde_json::json!({ "round": true }),
        3 => serde_json::json!({ "default": draw.pick(&["", "0", "x", "2025-01-01"]) }),
        4 => {
            serde_json::json!({ "sql": draw.pick(&["quantity / net_amount", "1 / 0", "amount * 1e30", "-(-(amount))", "79228162514264337593543950335 * 10"]) })
        }
        _ => serde_json::json!({ "map": { "A": "", "p": "1", "1": "x" } }),
    };
    serde_json::json!({ column: settings })
}
