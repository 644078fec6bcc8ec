//! Expressions mean the same in every engine: random ones over random rows, in DuckDB and in Sail (which speaks Spark), come to
//! netto's doubles to the bit. `tests/engines/expressions.py` asks both engines at once.

use std::fs;
use std::path::Path;
use std::process::Command;

use netto_model::contract::LAKE_ORDER_LINES;
use netto_model::{Dialect, Expression};
use polars::prelude::*;
use proptest::prelude::*;
use proptest::strategy::{BoxedStrategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::duckdb::{environment, said};
use crate::harness::{Project, repository, unwrapped};

const EXPRESSIONS: usize = 500;
const ROWS: usize = 60;

/// Those that were wrong once, or are easily so.
const EDGES: &[&str] = &[
    "case when quantity <= 0.7 then 1 else 0 end",
    "floor(line_no / 49)",
    "round(quantity / 2)",
    "round(net_amount, 2)",
    "round(net_amount, -2)",
    "round(0.285 * line_no, 2)",
    "1e-5 * line_no",
    "sqrt(abs(quantity))",
    "net_amount / 3",
    "net_amount % 0.3",
    "0.1 + 0.2 - 0.3 + 0.00001 * line_no",
    "0.30000000000000004 * 123456789.123456789",
    "case when upper(channel) = 'STRASSE' then 1 when lower(channel) = 'phone' then 2 else 3 end",
    "length(channel || warehouse)",
    "greatest(list_amount, cogs_amount, null)",
    "case channel when 'web' then 1 when null then 2 end",
    "case when channel not in ('web', null) then 1 else 2 end",
    "case when delivered_date >= '2025-03-31' then 1 when delivered_date is null then 2 else 3 end",
    "case when not (channel = 'web') then 1 else 0 end",
    "case when channel like '%\u{fc}_' or channel like '100!%%' then 1 else 0 end",
    "- -quantity - -line_no",
    "7 % 4 * 3 / 5 - (2 - 3 - 4)",
];

#[test]
fn duckdb_and_spark_compute_the_same_double() {
    let mut runner = TestRunner::deterministic();
    let rows = rows(&mut runner);
    let mut expressions: Vec<Value> = EDGES.iter().map(|text| case(text, &rows)).collect();
    for depth in (1..=4).cycle().take(EXPRESSIONS) {
        let text = number(depth).new_tree(&mut runner).unwrap().current();
        expressions.push(case(&text, &rows));
    }
    let cases = json!({ "columns": columns(&rows), "expressions": expressions });
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expressions.json");
    fs::write(&file, cases.to_string()).unwrap();
    let script = repository("tests/engines/expressions.py");
    let output = Command::new(environment("engines", &repository("tests/engines/requirements.txt")))
        .arg(script)
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

/// The texts for either engine, and netto's value for each row: its bits, null, or `none` where it has no value.
fn case(text: &str, rows: &DataFrame) -> Value {
    let expression = Expression::parse(text, &[&LAKE_ORDER_LINES]).unwrap_or_else(|error| panic!("{text}: {error}"));
    let value = |row: usize| match expression.doubles_of(&rows.slice(i64::try_from(row).unwrap(), 1)) {
        Ok(values) => values.get(0).map_or(Value::Null, |value| format!("{:016x}", (value + 0.0).to_bits()).into()),
        Err(_) => "none".into(),
    };
    let values: Vec<Value> = (0..rows.height()).map(value).collect();
    json!({
        "duckdb": expression.sql(Dialect::Standard),
        "spark": expression.sql(Dialect::Spark),
        "values": values,
    })
}

fn rows(runner: &mut TestRunner) -> DataFrame {
    let mut drawn = |strategy: BoxedStrategy<Option<i64>>| -> Vec<Option<i64>> {
        (0..ROWS).map(|_| strategy.new_tree(runner).unwrap().current()).collect()
    };
    let units = || {
        prop_oneof![
            3 => prop::sample::select(vec![0, 1, -1, 5_000, -5_000, 7_000, 15_000, 25_000, -25_000, 10_050, 490_000, 10_000]),
            2 => -10_000_000_i64..10_000_000,
            1 => prop::sample::select(vec![9_007_199_254_740_992, -9_007_199_254_740_991, 1_234_567_890_123]),
        ]
    };
    let always = || units().prop_map(Some).boxed();
    let maybe = || prop_oneof![3 => units().prop_map(Some), 1 => Just(None)].boxed();
    let counts = prop_oneof![Just(0_i64), Just(5), Just(49), Just(-3), 1_i64..200].prop_map(Some).boxed();
    let texts = |picked: Vec<Option<i64>>| {
        let words = [
            "web",
            "phone",
            "Stra\u{df}e",
            "\u{dc}n\u{ef}c\u{f6}de",
            "",
            "100%",
            "o'clock",
            "back\\slash",
            "\u{1f926}a",
            "WEB",
            "web ",
        ];
        let word = |pick: Option<i64>| pick.map(|pick| words[usize::try_from(pick).unwrap() % words.len()]);
        picked.into_iter().map(word).collect::<Vec<_>>()
    };
    let picks = || prop_oneof![5 => (0_i64..100).prop_map(Some), 1 => Just(None)].boxed();
    let days = |drawn: Vec<Option<i64>>, name: &str| {
        let days: Vec<Option<i32>> = drawn.into_iter().map(|day| day.map(|day| i32::try_from(day).unwrap())).collect();
        Series::new(name.into(), days).cast(&DataType::Date).unwrap().into_column()
    };
    let day = || prop_oneof![3 => (20_100_i64..20_200).prop_map(Some), 1 => Just(None)].boxed();
    DataFrame::new_infer_height(vec![
        Column::new("line_no".into(), drawn(counts)),
        Column::new("quantity".into(), drawn(always())),
        Column::new("net_amount".into(), drawn(always())),
        Column::new("list_amount".into(), drawn(maybe())),
        Column::new("cogs_amount".into(), drawn(maybe())),
        Column::new("channel".into(), texts(drawn(picks()))),
        Column::new("warehouse".into(), texts(drawn(picks()))),
        days(drawn((20_100_i64..20_200).prop_map(Some).boxed()), "order_date"),
        days(drawn(day()), "delivered_date"),
    ])
    .unwrap()
}

fn columns(rows: &DataFrame) -> Vec<Value> {
    let column = |name: &PlSmallStr| {
        let column = rows.column(name).unwrap();
        let (ty, values): (&str, Vec<Value>) = match name.as_str() {
            "channel" | "warehouse" => ("text", column.str().unwrap().iter().map(|text| json!(text)).collect()),
            "order_date" | "delivered_date" => {
                ("date", column.date().unwrap().physical().iter().map(|day| json!(day)).collect())
            }
            "line_no" => ("integer", column.i64().unwrap().iter().map(|count| json!(count)).collect()),
            _ => ("decimal", column.i64().unwrap().iter().map(|units| json!(units)).collect()),
        };
        json!({ "name": name.as_str(), "type": ty, "values": values })
    };
    rows.get_column_names().into_iter().map(column).collect()
}

// ── Random expressions ────────────────────────────────────────────────────────────────────────────────────────────────

fn one_of(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(texts).prop_map(str::to_owned).boxed()
}

fn number(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        one_of(&["line_no", "quantity", "net_amount", "list_amount", "cogs_amount"]),
        one_of(&[
            "0",
            "1",
            "2",
            "3",
            "0.1",
            "0.7",
            "2.5",
            "7",
            "10",
            "49",
            "100",
            "1e-5",
            "1234567.891",
            "0.30000000000000004",
            "null"
        ]),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let n = || number(depth - 1);
    let pairs = (n(), one_of(&["+", "-", "*", "/", "%"]), n());
    prop_oneof![
        1 => leaf,
        4 => pairs.prop_map(|(left, sign, right)| format!("({left} {sign} {right})")),
        1 => (n(), one_of(&["+", "-", "*", "/"]), n(), one_of(&["+", "-", "*", "/"]), n())
            .prop_map(|(a, first, b, second, c)| format!("{a} {first} {b} {second} {c}")).prop_map(|text| format!("({text})")),
        2 => (one_of(&["abs", "ceil", "floor", "round"]), n()).prop_map(|(name, n)| format!("{name}({n})")),
        1 => n().prop_map(|n| format!("sqrt(abs({n}))")),
        1 => (n(), one_of(&["-2", "-1", "0", "1", "2", "4"])).prop_map(|(n, places)| format!("round({n}, {places})")),
        1 => n().prop_map(|n| format!("-({n})")),
        2 => (one_of(&["coalesce", "greatest", "least", "nullif"]), n(), n()).prop_map(|(name, a, b)| format!("{name}({a}, {b})")),
        1 => text(depth - 1).prop_map(|text| format!("length({text})")),
        3 => (condition(depth - 1), n(), n()).prop_map(|(when, a, b)| format!("case when {when} then {a} else {b} end")),
        1 => (text(depth - 1), text(depth - 1), n()).prop_map(|(of, is, n)| format!("case {of} when {is} then {n} when 'web' then 2 end")),
    ]
    .boxed()
}

fn text(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        2 => one_of(&["channel", "warehouse"]),
        1 => one_of(&["'web'", "'phone'", "''", "'\u{dc}n\u{ef}c\u{f6}de'", "'o''clock'", "'back\\slash'", "null"]),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let t = || text(depth - 1);
    prop_oneof![
        2 => leaf,
        1 => (one_of(&["upper", "lower"]), t()).prop_map(|(name, t)| format!("{name}({t})")),
        1 => (one_of(&["coalesce", "greatest", "least", "nullif"]), t(), t()).prop_map(|(name, a, b)| format!("{name}({a}, {b})")),
        1 => (t(), t()).prop_map(|(a, b)| format!("({a} || {b})")),
        1 => (condition(depth - 1), t()).prop_map(|(when, t)| format!("case when {when} then {t} end")),
    ]
    .boxed()
}

fn condition(depth: u32) -> BoxedStrategy<String> {
    let signs = || one_of(&["=", "<>", "<", "<=", ">", ">="]);
    let (n, t) = (|| number(depth.saturating_sub(1)), || text(depth.saturating_sub(1)));
    let not = || one_of(&["", "not "]);
    let leaf = prop_oneof![
        3 => (n(), signs(), n()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        2 => (t(), signs(), t()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        1 => (one_of(&["order_date", "delivered_date"]), signs(), one_of(&["'2025-02-28'", "date '2025-03-01'", "order_date"]))
            .prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        1 => (n(), not(), n(), n()).prop_map(|(a, not, b, c)| format!("{a} {not}between {b} and {c}")),
        1 => (n(), not(), n(), n()).prop_map(|(a, not, b, c)| format!("{a} {not}in ({b}, {c})")),
        1 => (t(), not(), t()).prop_map(|(a, not, b)| format!("{a} {not}in ({b}, 'web')")),
        1 => (t(), not(), one_of(&["'w%'", "'%e'", "'_eb'", "'%\u{f6}%'", "'%'", "''", "'100%'", "'%o''c%k'", "'__'"]))
            .prop_map(|(a, not, pattern)| format!("{a} {not}like {pattern}")),
        1 => (t(), not()).prop_map(|(a, not)| format!("{a} is {not}null")),
        1 => (n(), not()).prop_map(|(a, not)| format!("{a} is {not}null")),
        1 => one_of(&["true", "false", "null"]),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let c = || condition(depth - 1);
    prop_oneof![
        3 => leaf,
        1 => (c(), one_of(&["and", "or"]), c()).prop_map(|(a, word, b)| format!("({a} {word} {b})")),
        1 => c().prop_map(|c| format!("not ({c})")),
    ]
    .boxed()
}

// ── What is refused ───────────────────────────────────────────────────────────────────────────────────────────────────

/// What `netto check` says of an activity whose minutes, or condition, are this text.
fn checked(minutes: &str, condition: &str) -> (i32, String) {
    let config = format!(
        "[source.order_lines]\nfiles = \"lines.csv\"\n[source.cost_pools]\nfiles = \"costs.csv\"\n[pool.desk]\npractical_minutes = 1000\n\
         [activity.entry]\npool = \"desk\"\nmethod = \"time\"\nminutes = '''{minutes}'''\nwhere = '''{condition}'''\n"
    );
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-03,A,p,1,10\n";
    let project =
        Project::new(&config).file("lines.csv", lines).file("costs.csv", "pool,period,amount\ndesk,2025-03,5\n");
    let outcome = project.netto(&["check"]);
    (outcome.code(), unwrapped(&outcome.stderr()))
}

#[test]
fn check_refuses_what_no_run_could_compute_with_the_reason() {
    let sum = "1 + ".repeat(20_000) + "1";
    let brackets = "(".repeat(3_000) + "1" + &")".repeat(3_000);
    for (minutes, condition, reason) in [
        ("greatest()", "true", "`greatest` takes at least two arguments, not 0"),
        ("abs(lines, 2)", "true", "`abs` takes one argument, not 2"),
        ("round(lines, lines)", "true", "unless n is a whole number"),
        ("lines + upper(channel)", "true", "`upper(channel)` is a text, not a number"),
        ("lines", "lines", "`lines` is a number, not a condition that is true or false"),
        ("lines", "channel", "`channel` is a text, not a condition"),
        ("case when lines then 1 end", "true", "`lines` is a number, not true or false"),
        ("lines", "channel > 5", "is a number, not a text"),
        ("lines", "order_date > 'March'", "`March` is not a date"),
        ("power(lines, 2)", "true", "function `power` is not allowed"),
        (&sum, "true", "is too large: "),
        (&brackets, "true", "nested more than 64 deep"),
    ] {
        let (code, said) = checked(minutes, condition);
        assert!(code == 2 && said.contains(reason), "{reason}: exit {code}, {said}");
        assert!(said.contains("netto.toml:"), "no line: {said}");
    }
    for good in ["round(lines, 2)", "1e-5 * lines", "sqrt(abs(quantity))", "greatest(1, lines)"] {
        assert_eq!(checked(good, "order_date >= '2025-01-01'").0, 0, "{good}");
    }
}
