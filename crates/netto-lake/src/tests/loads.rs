//! What a load does to what is there: months, keys, repeated rows, and the memory of what was set apart.

use std::collections::BTreeMap;

use netto_model::Period;
use netto_model::arrow::from_batches;
use netto_model::contract::STOCK;
use proptest::prelude::*;

use super::*;
use crate::landing::STORED;
use crate::read::parquet::batches;

/// A line of order 1: its number, its month of 2025, its amount.
type Line = (i64, i32, i64);

fn extract(rows: &[Line]) -> String {
    let line = |(line, month, amount): &Line| format!("1,{line},2025-{month:02}-05,K,p,1,{amount}\n");
    HEADER.to_owned() + &rows.iter().map(line).collect::<String>()
}

/// What the lake holds: month and amount by line, each line once.
fn in_lake(project: &Project) -> BTreeMap<i64, (i32, i64)> {
    let mut found = BTreeMap::new();
    for (month, paths) in project.lake().months().unwrap() {
        for path in paths {
            let rows = from_batches(&STORED, &batches(&path).unwrap().1).unwrap();
            let days = rows.column("order_date").unwrap().date().unwrap().physical().clone();
            let lines = rows.column("line_no").unwrap().i64().unwrap().clone();
            let amounts = rows.column("net_amount").unwrap().i64().unwrap().clone();
            for ((line, amount), day) in lines.iter().zip(amounts.iter()).zip(days.iter()) {
                assert_eq!(Period::of_day(day.unwrap()), month);
                let twice = found.insert(line.unwrap(), (month.month(), amount.unwrap() / 10_000));
                assert_eq!(twice, None, "line {line:?} stands in two months");
            }
        }
    }
    found
}

/// The same by plain rules: the later line wins, months are replaced whole, no key stands twice.
fn expected(mut before: BTreeMap<i64, (i32, i64)>, mode: &str, rows: &[Line]) -> BTreeMap<i64, (i32, i64)> {
    let rows: BTreeMap<i64, (i32, i64)> = rows.iter().map(|(line, month, amount)| (*line, (*month, *amount))).collect();
    match mode {
        "append" => rows.into_iter().for_each(|(line, row)| {
            before.entry(line).or_insert(row);
        }),
        "upsert" => before.extend(rows),
        "replace" => before = rows,
        _ => {
            before.retain(|_, (month, _)| !rows.values().any(|(of, _)| of == month));
            before.extend(rows);
        }
    }
    before
}

fn loads() -> impl Strategy<Value = Vec<(&'static str, Vec<Line>)>> {
    let mode = prop_oneof![Just("replace_period"), Just("upsert"), Just("append"), Just("replace")];
    let rows = prop::collection::vec((0_i64..6, 1_i32..4, 1_i64..4), 1..7);
    prop::collection::vec((mode, rows), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn whatever_is_loaded_a_line_stands_in_the_lake_once_and_as_the_mode_says(loads in loads()) {
        let project = Project::new();
        let mut wanted = BTreeMap::new();
        for (number, (mode, rows)) in loads.iter().enumerate() {
            // A name of its own: files that are appended are known by what they hold.
            let file = format!("{number}.csv");
            project.file(&file, extract(rows));
            let json = format!(r#"{{"files":"{file}","load":"{mode}","duplicates":"last","max_rejects":9,"max_rejects_amount_share":1}}"#);
            let report = project.load(&ORDER_LINES, &json).unwrap();
            if !report.unchanged {
                prop_assert_eq!(report.rows_read, report.rows_loaded + report.rows_quarantined + report.rows_superseded);
                wanted = expected(wanted, mode, rows);
            }
            prop_assert_eq!(&in_lake(&project), &wanted, "after {} of {:?}", number, &loads);
            prop_assert!(project.load(&ORDER_LINES, &json).unwrap().unchanged);
        }
    }
}

#[test]
fn rows_of_a_query_have_no_order_so_contradicting_ones_are_set_apart() {
    let project = Project::new();
    project.file("a.csv", extract(&[(1, 1, 5), (1, 1, 7), (2, 1, 9), (2, 1, 9)]));
    let json = r#"{"sql":"select * from a","tables":{"a":"a.csv"},"max_rejects":2}"#;
    let report = project.load(&ORDER_LINES, json).unwrap();
    assert_eq!((report.rows_loaded, report.rejects["duplicate_key"], report.superseded.same), (2, 1, 1));
    assert_eq!(in_lake(&project), BTreeMap::from([(1, (1, 5)), (2, (1, 9))]));
    let config = SourceConfig::from_json(&json.replacen('{', r#"{"duplicates":"last","#, 1)).unwrap();
    insta::assert_snapshot!(config.check(&ORDER_LINES)[0], @"the rows of a query have no order, so no row is the last");
}

#[test]
fn counts_of_stock_that_contradict_each_other_may_both_be_meant() {
    let project = Project::new();
    project.file("s.csv", "product_id,snapshot_date,quantity,value\np,2025-03-31,1,10\np,2025-03-31,2,25\n");
    let report = project.load(&STOCK, r#"{"files":"s.csv"}"#).unwrap();
    assert_eq!((report.rows_loaded, report.set_apart.sum().amount), (1, 250_000));
}

#[test]
fn months_that_shrink_are_reported_above_the_share_that_is_set() {
    let project = Project::new();
    let many: Vec<Line> = (0..10).map(|line| (line, 1, 1)).collect();
    let load = |rows: &[Line], shrink: &str| {
        project.file("a.csv", extract(rows));
        let json = format!(r#"{{"files":"a.csv"{shrink}}}"#);
        project.load(&ORDER_LINES, &json).unwrap().shrunk.months.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(load(&many, ""), []);
    assert_eq!(load(&many[..5], ""), [], "half of them is allowed");
    assert_eq!(load(&many, ""), []);
    assert_eq!(load(&many[..4], ""), [(Some(Period::new(2025, 1)), (10, 4))]);
    assert_eq!(load(&many, ""), []);
    assert_eq!(load(&many[..9], r#","shrink":0.05"#), [(Some(Period::new(2025, 1)), (10, 9))]);
    assert_eq!(load(&many[..1], r#","shrink":0.5,"load":"replace""#), [(None, (9, 1))]);
}

#[test]
fn a_month_that_shrinks_is_refused_until_it_is_accepted() {
    let project = Project::new();
    let many: Vec<Line> = (0..10).map(|line| (line, 1, 1)).collect();
    let load = |rows: &[Line], accept: bool| {
        project.file("a.csv", extract(rows));
        project.load_as(&ORDER_LINES, r#"{"files":"a.csv"}"#, None, accept)
    };
    load(&many, false).unwrap();
    let before = project.month_files();
    let error = load(&many[..4], false).unwrap_err();
    assert_eq!(error.to_string(), "order_lines: 4 lines replace 10 in 2025-01; nothing of it was loaded");
    assert!(error.help().unwrap().contains("`--accept-shrink` accepts it once"), "{:?}", error.help());
    let empty = load(&[], false).unwrap_err();
    assert_eq!(
        empty.to_string(),
        "order_lines: the extract has no rows, but 10 were loaded before; nothing of it was loaded"
    );
    assert_eq!(project.month_files(), before);
    load(&many[..4], false).unwrap_err();
    load(&many[..4], true).unwrap();
    assert!(load(&many[..4], false).unwrap().unchanged, "what was taken once is what months are held against");
}

#[test]
fn a_file_that_is_not_there_whole_is_refused() {
    let project = Project::new();
    let whole = extract(&[(1, 1, 5), (2, 1, 7)]);
    let load = |text: &str, settings: &str| {
        project.file("a.csv", text);
        project.load(&ORDER_LINES, &format!(r#"{{"files":"a.csv","max_rejects":9{settings}}}"#))
    };
    // Cut at every place of the last record: but for its last field, of which nobody can say that it is cut.
    let last = whole.trim_end().rfind('\n').unwrap() + 1;
    for end in last + 1..whole.rfind(',').unwrap() {
        let error = load(&whole[..end], "").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("a.csv:3: the last record ends in the middle, without a line end; it is incomplete"),
            "{end} {error}"
        );
    }
    assert!(project.lake().rows(&ORDER_LINES).unwrap().is_none(), "nothing landed");
    assert_eq!(load(whole.trim_end(), "").unwrap().rows_loaded, 2, "no line end, but whole");
    let footer = load(&format!("{whole}Total 2"), r#","csv":{"footer":true}"#).unwrap();
    assert_eq!((footer.rows_loaded, footer.rows_quarantined), (2, 1));
    let open = load(&format!("{whole}3,1,\"2025"), "").unwrap_err().to_string();
    assert!(open.starts_with("a.csv:4: the last record ends in the middle"), "{open}");
}

#[test]
fn a_file_without_rows_is_named_where_others_have_some() {
    let found = |mode: &str| {
        let project = Project::new();
        project.file("a.csv", extract(&[(1, 1, 5)])).file("b.csv", extract(&[]));
        let json = format!(r#"{{"files":"*.csv","load":"{mode}"}}"#);
        project.load(&ORDER_LINES, &json).unwrap().findings.disagreements()
    };
    assert_eq!(found("replace_period"), ["b.csv has a header but no rows: is the extract complete?"]);
    assert_eq!(found("upsert"), [""; 0], "a day on which nothing came");
}

#[test]
fn an_amount_that_is_set_apart_in_another_currency_is_converted_or_unknown() {
    let project = Project::new();
    let rows = "1,1,2025-01-05,K,p,one,10,,,,,USD\n1,2,2025-13-05,K,p,1,10,,,,,USD\n1,3,2025-13-05,K,p,1,4,,,,,EUR\n";
    project.file("rates.csv", RATES).file("a.csv", format!("{FOREIGN}{rows}2,1,2025-01-05,K,p,1,100,,,,,\n"));
    project.load(&FX_RATES, r#"{"files":"rates.csv"}"#).unwrap();
    let report = project.load(&ORDER_LINES, r#"{"files":"a.csv","max_rejects":3}"#).unwrap();
    let sum = report.set_apart.sum();
    assert_eq!((sum.rows, sum.amount, sum.unknown), (3, 90_000, 1));
    assert_eq!(report.set_apart.share(), Some(9.0 / 109.0));
}

#[test]
fn one_bad_row_is_never_too_many_and_two_may_be_worth_too_much() {
    let project = Project::new();
    let line = |line: i32| format!("1,{line},2025-01-05,K,p,1,1\n");
    let good: String = (1..=300).map(line).collect();
    let bad = ["2,1,2025-01-05,K,p,one,100\n", "2,2,2025-01-05,K,p,one,-100\n"];
    let load = |bad: &[&str], settings: &str| {
        project.file("a.csv", format!("{HEADER}{good}{}", bad.concat()));
        project.load(&ORDER_LINES, &format!(r#"{{"files":"a.csv"{settings}}}"#))
    };
    assert_eq!(load(&bad[..1], "").unwrap().set_apart.share(), Some(0.25));
    let error = load(&bad, "").unwrap_err();
    insta::with_settings!({ filters => vec![(r"/\S+/quarantine/order_lines/[0-9a-f]{12}", "QUARANTINE"), (r"quarantine/order_lines/[0-9a-f]{12}", "QUARANTINE")] }, {
        insta::assert_snapshot!(error, @r#"
        rows of `order_lines` that are set apart have 40.0 % of the amount (limit 5 %): 200.00 (without signs) in 2 rows
          ┌ a.csv:302, column "quantity": `one` is not a number
          = all of them: QUARANTINE.csv
        "#);
    });
    assert_eq!(load(&bad, r#","max_rejects":2"#).unwrap().rows_loaded, 300, "a limit of rows is set");
    assert!(load(&bad[..1], r#","max_rejects_amount_share":0.2"#).is_err(), "a limit of the amount is set");
}

#[test]
fn of_a_record_with_a_damaged_byte_the_other_fields_are_known() {
    let project = Project::new();
    project.file("rates.csv", RATES).load(&FX_RATES, r#"{"files":"rates.csv"}"#).unwrap();
    let of = |record: &[u8], settings: &str| {
        let good = "9,9,2025-01-05,K,p,1,100,,,,,EUR\n";
        project.file("a.csv", [FOREIGN.as_bytes(), good.as_bytes(), record, b"\n"].concat());
        let report = project.load(&ORDER_LINES, &format!(r#"{{"files":"a.csv"{settings}}}"#)).unwrap();
        assert_eq!(report.rejects, BTreeMap::from([("encoding".to_owned(), 1)]));
        let sum = report.set_apart.sum();
        (sum.unknown == 0).then_some(sum.amount)
    };
    for (record, amount) in [
        (b"1,1,2025-01-05,K\xff,p,1,10,,,,,USD".as_slice(), Some(50_000)),
        (b"1,1,2025-01-05,K\0,p,1,10,,,,,EUR", Some(100_000)),
        (b"1,1,2025-01-05,K,p,1,1\xff0,,,,,EUR", None),
        (b"1,1,2025-01-05,K,p,1,10,,,,,U\xffD", None),
        (b"1,1,2025-01-\xff5,K,p,1,10,,,,,USD", None),
        (b"1,1,2025-01-\xff5,K,p,1,10,,,,,EUR", Some(100_000)),
        (b"1,1,2025-01-05,K\xff,p,1,10,,,,,EUR,,", Some(100_000)),
        (b"1,1,2025-01-05,K\xff,p,1,10,,,,,EUR,x", None),
        (b"1,1,2025-01-05,K\xff,p,10,,,,,EUR", None),
    ] {
        assert_eq!(of(record, ""), amount, "{}", String::from_utf8_lossy(record));
    }
    let filled = r#","fill_down":["currency"]"#;
    assert_eq!(of(b"1,1,2025-01-05,K\xff,p,1,10,,,,,", filled), None, "the currency is that of a row above");
}

#[test]
fn rows_that_are_in_the_lake_already_count_in_the_whole() {
    let project = Project::new();
    let line = |line: i32| format!("1,{line},2025-01-05,K,p,1,1\n");
    let good: String = (1..=300).map(line).collect();
    let bad = "2,1,2025-01-05,K,p,one,5\n2,2,2025-01-05,K,p,one,5\n";
    project.file("a.csv", format!("{HEADER}{good}{bad}"));
    for settings in ["", r#","columns":{"quantity":{"from":"quantity","round":true}}"#] {
        let json = format!(r#"{{"files":"a.csv","load":"append"{settings}}}"#);
        let report = project.load(&ORDER_LINES, &json).unwrap();
        assert_eq!((report.rows_quarantined, report.set_apart.share()), (2, Some(10.0 / 310.0)), "{settings}");
    }
}

#[test]
fn what_was_set_apart_is_remembered_by_month_and_forgotten_when_it_comes() {
    let project = Project::new();
    let missing = |report: LoadReport| report.missing.sum().rows;
    let load = |text: &str, settings: &str| {
        project.file("a.csv", format!("{HEADER}{text}"));
        missing(project.load(&ORDER_LINES, &format!(r#"{{"files":"a.csv","max_rejects":9{settings}}}"#)).unwrap())
    };
    let (good, bad) = ("1,1,2025-01-05,K,p,1,1\n", "2,1,2025-01-05,K,p,one,5\n");
    assert_eq!(load(&format!("{good}{bad}"), ""), 1);
    assert_eq!(load("3,1,2025-02-05,K,p,1,1\n", ""), 1, "a file of another month doesn't bring it");
    assert_eq!(project.lake().set_apart().unwrap()["order_lines"].sum().amount, 50_000);
    assert_eq!(load("2,1,2025-03-05,K,p,1,5\n", ""), 0, "it came, in another month");
    assert_eq!(load(&format!("{good}{bad}"), ""), 1);
    assert_eq!(load(good, ""), 0, "its month was replaced");
    assert_eq!(load(&format!("{good}{bad}"), r#","load":"upsert""#), 1);
    assert_eq!(load("4,1,2025-01-05,K,p,1,1\n", r#","load":"upsert""#), 1);
    assert_eq!(load("2,1,2025-01-05,K,p,1,6\n", r#","load":"upsert""#), 0);
    assert!(project.lake().set_apart().unwrap().is_empty());
}

#[test]
fn a_bad_row_is_not_missing_where_a_later_file_has_it_right() {
    let project = Project::new();
    let (bad, good) = ("1,1,2025-01-05,K,p,one,5\n", "1,1,2025-01-05,K,p,1,5\n");
    let load = |first: &str, second: &str| {
        project.file("1.csv", format!("{HEADER}{first}")).file("2.csv", format!("{HEADER}{second}"));
        let report = project.load(&ORDER_LINES, r#"{"files":["1.csv","2.csv"],"max_rejects":1}"#).unwrap();
        (report.rows_quarantined, report.missing.sum().rows)
    };
    assert_eq!(load(bad, good), (1, 0), "corrected");
    assert_eq!(load(good, bad), (1, 1), "the correction itself is bad: what is loaded is old");
}

#[test]
fn a_file_of_the_lake_that_is_missing_or_damaged_is_named_with_what_to_do() {
    let project = Project::new();
    project.file("k.csv", "customer_id\nK\n").load(&CUSTOMERS, r#"{"files":"k.csv"}"#).unwrap();
    let part = fs::read_dir(project.base().join("lake/customers")).unwrap().flatten().map(|entry| entry.path());
    let part = part.into_iter().find(|path| path.extension().is_some_and(|end| end == "parquet")).unwrap();
    for damage in [Some(b"PAR1".as_slice()), None] {
        damage.map_or_else(|| fs::remove_file(&part), |bytes| fs::write(&part, bytes)).unwrap();
        // What isn't read isn't looked at: opening takes as long for a great lake as for a small one.
        let error = project.lake().table(&CUSTOMERS).unwrap_err();
        assert!(error.to_string().contains(part.file_name().unwrap().to_str().unwrap()), "{error}");
        let help = error.help().unwrap();
        assert!(
            help.starts_with("restore it from a backup, or remove the whole folder .netto/lake and run again"),
            "{help}"
        );
    }
}

#[test]
fn order_lines_without_their_dictionary_are_refused_and_not_given_new_keys() {
    let project = Project::new();
    project.file("a.csv", extract(&[(1, 1, 5)])).load(&ORDER_LINES, r#"{"files":"a.csv"}"#).unwrap();
    fs::remove_dir_all(project.base().join("lake/customer_keys")).unwrap();
    project.file("a.csv", extract(&[(2, 2, 5)]));
    let error = project.load(&ORDER_LINES, r#"{"files":"a.csv"}"#).unwrap_err().to_string();
    assert!(error.ends_with("customer_keys: it is missing, but order lines refer to it"), "{error}");
}
