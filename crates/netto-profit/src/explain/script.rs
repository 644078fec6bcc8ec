//! A customer's figures as an SQL script for DuckDB, which shares no code with netto: it computes every amount independently from quantities and pools, and compares it with the published one.
//!
//! ```text
//! name              recomputed   published   difference
//! invoice_revenue    1234.5000   1234.5000       0.0000
//! picking 2025-03      96.0000     96.0000       0.0000
//! ```

use std::path::Path;

use netto_model::frame::{ActivityMonth, Contract, DimActivity, DimPool, Ledger, PoolBalance, Waterfall};
use netto_model::money::{MILLION, millionths};
use netto_model::{Period, Window};

use super::STEPS;
use crate::ProfitConfig;
use crate::config::{ActivityConfig, Method};

const TEXT: &str = include_str!("proof.sql");

/// What is spread together: the time-driven activities of a pool; else a part of an activity.
const SLICE: &str = "pool, period, warehouse, spread_by, spread_part";

/// The subject of a script.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// Customer.
    pub customer: &'a str,
    /// Window.
    pub window: Window,
    /// Folder of the published Parquet files, absolute.
    pub parquet: &'a Path,
    /// Which activity takes which part of its pool.
    pub config: &'a ProfitConfig,
}

/// The script's text. Its last statement is the result.
#[must_use]
pub fn script(script: &Script<'_>) -> String {
    let steps = |text: fn(&str) -> String| STEPS.map(text).join(", ");
    let title = format!("Customer {} in {}", script.customer, script.window);
    let texts = [
        // A line break would end the comment.
        ("{title}", title.replace(['\n', '\r'], " ")),
        ("{customer}", quoted(script.customer)),
        ("{first}", day(script.window.first)),
        ("{last}", day(script.window.last)),
        ("{takes}", takes(script.config)),
        ("{given}", given(script.config)),
        ("{slice}", SLICE.to_owned()),
        ("{step_names}", steps(quoted)),
        ("{step_sums}", steps(|step| format!("sum(units({step})) as {step}"))),
        ("{ledger}", file::<Ledger>(script.parquet)),
        ("{activities}", file::<DimActivity>(script.parquet)),
        ("{activity_months}", file::<ActivityMonth>(script.parquet)),
        ("{balance}", file::<PoolBalance>(script.parquet)),
        ("{pools}", file::<DimPool>(script.parquet)),
        ("{waterfall}", file::<Waterfall>(script.parquet)),
    ];
    filled(TEXT, &texts)
}

/// Each placeholder by its text, in one pass: a customer may be called `{first}`.
fn filled(template: &str, texts: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        filled += &rest[..start];
        rest = &rest[start..];
        let found = texts.iter().find(|(name, _)| rest.starts_with(name));
        let (name, text) = found.map_or(("{", "{"), |(name, text)| (name, text));
        filled += text;
        rest = &rest[name.len()..];
    }
    filled + rest
}

fn takes(config: &ProfitConfig) -> String {
    let rows = taking(config)
        .map(|(name, activity)| format!("({}, {})", quoted(name), activity.share_millionths().unwrap_or(MILLION)));
    insert("takes", &rows.collect::<Vec<_>>())
}

fn given(config: &ProfitConfig) -> String {
    let shared = taking(config).filter(|(_, activity)| activity.method == Method::Share);
    let rows = shared.flat_map(|(name, activity)| {
        let parts = activity.shares.values().map(|share| millionths(*share));
        let rest = MILLION - parts.clone().sum::<i64>();
        let groups = activity.shares.keys().map(|group| quoted(group)).chain(["null".to_owned()]);
        groups
            .zip(parts.chain([rest]))
            .enumerate()
            .map(|(place, (group, part))| format!("({}, {place}, {group}, {part})", quoted(name)))
            .collect::<Vec<_>>()
    });
    insert("given", &rows.collect::<Vec<_>>())
}

fn taking(config: &ProfitConfig) -> impl Iterator<Item = (&String, &ActivityConfig)> {
    config.activities.iter().filter(|(_, activity)| activity.takes_a_share())
}

fn insert(table: &str, rows: &[String]) -> String {
    if rows.is_empty() {
        "-- none\n".to_owned()
    } else {
        format!("insert into {table} values\n    {};\n", rows.join(",\n    "))
    }
}

fn file<T: Contract>(folder: &Path) -> String {
    quoted(&folder.join(format!("{}.parquet", T::TABLE.name)).display().to_string())
}

fn day(period: Period) -> String {
    quoted(&format!("{period}-01"))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_filled_in_once_and_quoted() {
        let texts = [("{a}", "{b}".to_owned()), ("{b}", "x".to_owned())];
        assert_eq!(filled("1 {a} 2 {b} {c}", &texts), "1 {b} 2 x {c}");
        assert_eq!(quoted("o'clock"), "'o''clock'");
    }

    #[test]
    fn nothing_is_left_to_be_filled_in() {
        let window = Window { first: Period::new(2025, 1), last: Period::new(2025, 12) };
        let text = script(&Script {
            customer: "A'B\nC",
            window,
            parquet: Path::new("/out/it's here"),
            config: &ProfitConfig::default(),
        });
        assert!(!text.contains('{'), "{text}");
        assert!(text.contains("select 'A''B\nC' as customer_id;"), "{text}");
        assert!(text.contains("-- Customer A'B C in 2025-01..2025-12\n"), "{text}");
        assert!(text.contains("'/out/it''s here/pool_balance.parquet'"), "{text}");
    }
}
