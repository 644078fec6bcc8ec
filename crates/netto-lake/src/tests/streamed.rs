//! Rows that wait on disk come to the same as rows in memory: the same report, the same files, the same memory of what was set apart.

use std::fs;
use std::path::Path;

use netto_model::contract::ORDER_LINES;
use proptest::prelude::*;

use super::Project;
use crate::KeyKind;

/// Lines of an extract: order, line, month, customer, article, quantity, net, freight, channel, kind.
type Line = (u8, u8, u8, u8, u8, i8, i16, u8, u8, u8);

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let line = (0..12_u8, 1..4_u8, 1..4_u8, 0..5_u8, 0..4_u8, -2..4_i8, -40..90_i16, 0..3_u8, 0..5_u8, 0..5_u8);
    prop::collection::vec(line, 0..40)
}

fn text(lines: &[Line], from: usize) -> String {
    let mut text = "Order,Line,Date,Customer,Article,Qty,Net,Freight,Channel,Kind\n".to_owned();
    for (row, (order, line, month, customer, article, quantity, net, freight, channel, kind)) in
        lines.iter().enumerate()
    {
        let net = if (row + from) % 17 == 5 { "x".to_owned() } else { net.to_string() };
        // A line names its order at length, and some orders one customer on every line.
        let (order, customer) = (format!("order-{order:>012}"), if order % 3 == 0 { order } else { customer });
        let channel = ["web", "EDI", "fax", "", "phone"][usize::from(*channel)];
        let kind = ["sale", "sale", "sale", "return", "credit"][usize::from(*kind)];
        text += &format!(
            "{order},{line},2025-{month:02}-1{line},K{customer},P{article},{quantity},{net},{freight},{channel},{kind}\n"
        );
    }
    text
}

fn config(mode: &str, duplicates: &str, counted: bool) -> String {
    let line = if counted { r#"{"count_within":"order_id"}"# } else { r#""Line""# };
    let ignored = if counted { r#""Line""# } else { "" };
    let duplicates = if duplicates.is_empty() { String::new() } else { format!(r#""duplicates":"{duplicates}","#) };
    format!(
        r#"{{"files":"*.csv","load":"{mode}",{duplicates}"max_rejects":1000,"max_rejects_amount_share":1,"ignore":[{ignored}],"columns":{{
            "order_id":"Order","line_no":{line},"order_date":"Date","customer_id":"Customer","product_id":"Article","quantity":"Qty",
            "net_amount":"Net","freight_charged":{{"from":"Freight","once_per":"order_id"}},
            "channel":{{"from":"Channel","map":{{"EDI":"edi","web":"web"}}}},"order_kind":"Kind"}}}}"#
    )
}

/// Everything that a lake is made of, but for the times in its log.
fn content(project: &Project) -> Vec<String> {
    let mut content = project.month_files();
    let lake = project.lake();
    for kind in KeyKind::ALL {
        content.push(format!("{:?}", lake.keys(kind).unwrap()));
        content.extend(
            lake.key_files(kind).unwrap().iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()),
        );
    }
    let kept = project.base().join("lake/order_lines/_netto");
    for file in fs::read_dir(kept).into_iter().flatten().flatten() {
        content.push(format!("{:?} {:?}", file.file_name(), fs::read(file.path()).unwrap()));
    }
    content
}

fn nothing_waits(base: &Path) -> bool {
    !base.join("lake.rows").exists()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn rows_on_disk_land_as_rows_in_memory(
        first in prop::collection::vec(lines(), 1..3),
        second in lines(),
        mode in prop::sample::select(&["replace_period", "replace", "append", "upsert"][..]),
        duplicates in prop::sample::select(&["", "last", "reject"][..]),
        counted: bool,
        // Parts one by one, and several together.
        memory in prop::sample::select(&[0, 1 << 13][..]),
    ) {
        let json = config(mode, duplicates, counted);
        let [mut in_memory, mut on_disk] = [Project::new(), Project::new()];
        (in_memory.memory, on_disk.memory) = (1 << 30, memory);
        let loads = |project: &Project| {
            let said = |json: &str| {
                let report = project.load(&ORDER_LINES, json).map_err(|error| format!("{error}"));
                format!("{report:?}").replace(&project.base().display().to_string(), "")
            };
            for (number, lines) in first.iter().enumerate() {
                project.file(&format!("{number}.csv"), text(lines, number));
            }
            let mut all = vec![said(&json), content(project).concat()];
            project.file("0.csv", text(&second, 3)).file("9.csv", text(&second, 9));
            all.extend([said(&json), content(project).concat()]);
            all
        };
        let wanted = loads(&in_memory);
        prop_assert!(wanted[0].starts_with("Ok("), "{}", wanted[0]);
        prop_assert_eq!(wanted, loads(&on_disk));
        prop_assert!(nothing_waits(on_disk.base()));
    }
}

#[test]
fn what_a_killed_load_left_is_removed_by_the_next() {
    let project = Project::new();
    let left = project.base().join("lake.rows");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("1-0"), "rows").unwrap();
    project.file("0.csv", text(&[(1, 1, 1, 1, 1, 1, 1, 1, 1, 1)], 0));
    project.load(&ORDER_LINES, &config("replace", "last", false)).unwrap();
    assert!(nothing_waits(project.base()));
}
