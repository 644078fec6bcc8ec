//! The result on standard output, for people or for programs.

use std::io::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, TableComponent, presets};
use netto_model::Money;
use netto_model::money::grouped;

/// Prints a text. Who reads it may have had enough, as `head` has: that is no fault, and the work is done.
pub(crate) fn text(text: &str) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// Prints a value as indented JSON.
pub(crate) fn json(value: &serde_json::Value) {
    text(&format!("{value:#}"));
}

/// Prints a table; columns from `numbers_from` on are numbers.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>], numbers_from: usize) {
    let mut table = plain(header, rows);
    for column in table.column_iter_mut().skip(numbers_from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    print(&table);
}

/// Prints a table of sentences, which go on in the next line where they are long.
pub(crate) fn sentences(header: &[&str], rows: &[Vec<String>]) {
    let mut table = plain(header, rows);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(120);
    print(&table);
}

fn plain(header: &[&str], rows: &[Vec<String>]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_style(TableComponent::HeaderLines, '─').set_style(TableComponent::MiddleHeaderIntersections, '─');
    table.set_header(header.iter().copied());
    table.add_rows(rows);
    table
}

fn print(table: &Table) {
    let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    text(&lines.join("\n"));
}

/// `1234567` as `1,234,567`.
pub(crate) fn count(number: impl Into<i128>) -> String {
    let number: i128 = number.into();
    let grouped = grouped(number.unsigned_abs(), ',');
    if number < 0 { format!("-{grouped}") } else { grouped }
}

/// An amount in full: `-1,234,567.8900`.
pub(crate) fn amount(money: Money) -> String {
    let text = money.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0000"));
    let sign = if whole.starts_with('-') { "-" } else { "" };
    let size: i128 = whole.trim_start_matches('-').parse().unwrap_or_default();
    format!("{sign}{}.{fraction}", count(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands_and_keep_their_sign() {
        assert_eq!([0, 999, 1_000, -1_234_567].map(count), ["0", "999", "1,000", "-1,234,567"]);
        assert_eq!(amount(Money::from_units(-5_000)), "-0.5000");
        assert_eq!(amount(Money::from_units(12_345_678_901)), "1,234,567.8901");
    }
}
