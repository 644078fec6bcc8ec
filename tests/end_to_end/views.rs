//! Views against DuckDB: the same query over the same files, computed by an engine that shares no code with netto.

use crate::duckdb::value_of;
use crate::harness::{Project, units};

const LINES: &str = "nr;regel;datum;klant;artikel;aantal;prijs;korting;soort\n";

/// Lines of many sizes: prices of two decimals, discounts of whole percents.
fn lines() -> String {
    let mut text = String::from(LINES);
    for n in 0..3_000_u32 {
        let cents = (u64::from(n) * 7_919) % 12_345_678;
        let (whole, cents) = (cents / 100, cents % 100);
        let grouped = if whole >= 1000 { format!("{}.{:03}", whole / 1000, whole % 1000) } else { whole.to_string() };
        let sign = if n % 13 == 0 { "-" } else { "" };
        text += &format!(
            "{n};{};{:02}-{:02}-2025;K{};1.{:03};{sign}{};{grouped},{cents:02};{};{}\n",
            n % 7,
            1 + n % 28,
            1 + n % 12,
            n % 17,
            n % 40,
            1 + n % 9,
            (n * 3) % 31,
            if n % 5 == 0 { "intern" } else { "klant" }
        );
    }
    text
}

#[test]
fn a_view_over_dutch_texts_comes_to_the_same_cents_as_duckdb() {
    let config = r#"
[source.order_lines]
sql = """
with verkocht as (
    select r.*, a.groep from r join a on r.artikel = a.artikel where soort <> 'intern' and prijs > 5
)
select nr as order_id, regel as line_no, datum as order_date, klant as customer_id, artikel as product_id, aantal as quantity,
    case when groep = 'G0' then aantal * prijs * (1 - korting / 100) else aantal * prijs end as net_amount
from verkocht
where datum between '2025-02-01' and '2025-11-15'
"""
[source.order_lines.tables]
r = "regels.csv"
a = "artikelen.csv"
[source.order_lines.csv]
delimiter = ";"
decimal = ","
thousands = "."
date = "%d-%m-%Y"
"#;
    let article = |articles: String, n: u32| articles + &format!("1.{n:03};G{}\n", n % 3);
    let articles = (0..40).fold("artikel;groep\n".to_owned(), article);
    let project = Project::new(config).file("regels.csv", lines()).file("artikelen.csv", articles);
    project.run().ok();
    let file = |name: &str| project.folder().join(name).display().to_string();
    let table = |name: &str| format!("read_csv('{}', delim = ';', header = true, all_varchar = true)", file(name));
    let number = "cast(replace(replace(prijs, '.', ''), ',', '.') as decimal(18, 2))";
    let judged = value_of(&format!(
        "with v as (
            select *, {number} as p, cast(aantal as decimal(9, 0)) as q, cast(korting as decimal(4, 0)) as k,
                strptime(datum, '%d-%m-%Y')::date as d
            from {} r join {} a using (artikel)
        )
        select string_agg(klant || ' ' || net || ' ' || n, ', ' order by klant) from (
            select klant, count(*) as n,
                sum(case when groep = 'G0' then q * p * (1 - k * 0.01) else q * p end)::decimal(18, 4) as net
            from v where soort <> 'intern' and p > 5 and d between date '2025-02-01' and date '2025-11-15' group by klant
        )",
        table("regels.csv"),
        table("artikelen.csv"),
    ));
    for judged in judged.split(", ") {
        let parts: Vec<&str> = judged.split(' ').collect();
        let [customer, net, lines] = parts.as_slice() else { panic!("{judged}") };
        let found = project.mart("fct_customer_month").only("customer_id", customer);
        assert_eq!(found.sum("invoice_revenue"), units(net), "{customer}");
        assert_eq!(found.sum("lines"), units(lines), "{customer}");
    }
    assert_eq!(judged.split(", ").count(), 17);
}
