//! Writes results to standard output, for people or programs, and messages to standard error.
//!
//! ```text
//! --format table   tables and sentences; on a terminal no wider than it is
//! --format json    one value; an error is one line of JSON on standard error
//! --format csv     tables; the sentences between them are messages
//! ```
//!
//! A reader that closes the pipe early, such as `head`, is not an error: the work is completed anyway. A stream that fails for
//! another reason, such as a full disk, is an error, which [`complete`] reports at the end.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, TableComponent, presets};
use netto_model::Money;
pub(crate) use netto_model::money::count;
use netto_model::money::grouped_decimal;
use netto_model::problem::did_you_mean;
use serde_json::json;

use crate::failure::Failure;

static JSON_MESSAGES: AtomicBool = AtomicBool::new(false);
static CSV_TABLES: AtomicBool = AtomicBool::new(false);
static TABLES: AtomicBool = AtomicBool::new(false);

/// Switches errors to JSON.
pub(crate) fn messages_as_json(yes: bool) {
    JSON_MESSAGES.store(yes, Ordering::Relaxed);
}

/// Whether errors are JSON.
pub(crate) fn messages_are_json() -> bool {
    JSON_MESSAGES.load(Ordering::Relaxed)
}

/// Switches tables to CSV.
pub(crate) fn tables_as_csv(yes: bool) {
    CSV_TABLES.store(yes, Ordering::Relaxed);
}

/// A standard stream, with its first error.
#[derive(Debug, Default)]
struct Stream(OnceLock<io::Error>);

static RESULT: Stream = Stream(OnceLock::new());
static MESSAGES: Stream = Stream(OnceLock::new());

impl Stream {
    /// Writes a line, unless an earlier one failed.
    fn line(&self, mut to: impl Write, text: &str) {
        if self.0.get().is_none() {
            self.note(writeln!(to, "{text}").and_then(|()| to.flush()));
        }
    }

    fn note(&self, written: io::Result<()>) {
        if let Err(error) = written {
            // Only the first error counts.
            drop(self.0.set(error));
        }
    }

    /// The error to report, if any.
    fn lost(&self) -> Option<&io::Error> {
        self.0.get().filter(|error| error.kind() != ErrorKind::BrokenPipe)
    }
}

/// Prints a sentence of the result; with tables as CSV, as a message.
pub(crate) fn text(text: &str) {
    if CSV_TABLES.load(Ordering::Relaxed) { message(text) } else { document(text) }
}

/// Prints a text that is the result, whatever the table format.
pub(crate) fn document(text: &str) {
    RESULT.line(io::stdout().lock(), text);
}

/// Prints what can be done next, on a terminal only.
pub(crate) fn next(hint: &str) {
    if io::stderr().is_terminal() && !messages_are_json() {
        message(&format!("{:>8}  {hint}", "next"));
    }
}

/// Prints a message, on standard error.
pub(crate) fn message(text: &str) {
    MESSAGES.line(io::stderr().lock(), text);
}

/// Prints the output of the argument parser: help and version as results, errors as messages.
///
/// # Errors
/// An error that is already printed.
pub(crate) fn usage(mut said: clap::Error) -> Result<(), Failure> {
    let fault = said.use_stderr();
    suggest_verb(&mut said);
    if fault && messages_are_json() {
        let text = said.render().to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let what = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        return Err(Failure::usage(what, lines.collect::<Vec<_>>().join("; ")));
    }
    let stream = if fault { &MESSAGES } else { &RESULT };
    stream.note(said.print().and_then(|()| io::stdout().flush()));
    if fault { Err(Failure::config(Vec::new())) } else { Ok(()) }
}

/// Suggests a verb if clap finds none, as clap counts two swapped letters as two errors.
fn suggest_verb(said: &mut clap::Error) {
    let Some(ContextValue::String(word)) = said.get(ContextKind::InvalidSubcommand) else { return };
    if said.get(ContextKind::SuggestedSubcommand).is_some() {
        return;
    }
    let command = crate::cli::Cli::command();
    let verbs = command.get_subcommands().map(clap::Command::get_name);
    if let Some(near) = did_you_mean(word, verbs) {
        let near = vec![near.to_owned()];
        said.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(near));
    }
}

/// Whether everything could be printed.
///
/// # Errors
/// When a stream failed although its reader was still there.
pub(crate) fn complete() -> Result<(), Failure> {
    let lost = |name: &str, error: &io::Error| {
        Failure::failed(format!("{name} could not be written"), error)
            .with_help("is the disk full? The work itself is done: all other files were written")
    };
    match (RESULT.lost(), MESSAGES.lost()) {
        (Some(error), _) => Err(lost("the result on standard output", error)),
        (None, Some(error)) => Err(lost("messages on standard error", error)),
        (None, None) => Ok(()),
    }
}

/// Prints a value as indented JSON.
pub(crate) fn json(value: &serde_json::Value) {
    document(&format!("{value:#}"));
}

/// Prints a table; columns from `numbers_from` on are numbers.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>], numbers_from: usize) {
    let numbers: Vec<bool> = (0..header.len()).map(|place| place >= numbers_from).collect();
    if CSV_TABLES.load(Ordering::Relaxed) {
        return csv(header, rows, &numbers);
    }
    let mut table = plain(header, rows);
    for (column, _) in table.column_iter_mut().zip(&numbers).filter(|(_, number)| **number) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    if terminal_width().is_some() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    print(&table);
}

/// Prints a table that may be wider than the terminal; then it omits the last columns and says so. `numbers` marks the
/// right-aligned columns.
pub(crate) fn wide(header: &[&str], rows: &[Vec<String>], numbers: &[bool]) {
    if CSV_TABLES.load(Ordering::Relaxed) {
        return csv(header, rows, numbers);
    }
    let shown = terminal_width().map_or(header.len(), |width| columns_within(width, header, rows));
    let cut: Vec<Vec<String>> = rows.iter().map(|row| row.iter().take(shown).cloned().collect()).collect();
    let mut table = plain(header.get(..shown).unwrap_or(header), &cut);
    for (column, _) in table.column_iter_mut().zip(numbers).filter(|(_, number)| **number) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    print(&table);
    if shown < header.len() {
        let more = netto_model::money::counted((header.len() - shown) as u64, "column", "columns");
        text(&format!(" {more} more: widen the terminal, or --format csv"));
    }
}

/// The number of columns that fit, at least two.
fn columns_within(width: u16, header: &[&str], rows: &[Vec<String>]) -> usize {
    let longest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or_default();
    let of_column = |place: usize| {
        let cells = rows.iter().filter_map(|row| row.get(place)).map(|cell| longest(cell));
        cells.chain(header.get(place).map(|head| longest(head))).max().unwrap_or_default() + 3
    };
    let mut left = usize::from(width);
    let fits = |place: &usize| {
        let room = left.checked_sub(of_column(*place));
        left = room.unwrap_or_default();
        room.is_some()
    };
    (0..header.len()).take_while(fits).count().max(2).min(header.len())
}

/// Prints a table of sentences, with line wrapping.
pub(crate) fn sentences(header: &[&str], rows: &[Vec<String>]) {
    if CSV_TABLES.load(Ordering::Relaxed) {
        return csv(header, rows, &[]);
    }
    let mut table = plain(header, rows);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(terminal_width().unwrap_or(120).min(120));
    print(&table);
}

/// The width of the terminal on standard output; `None` if it is not a terminal.
fn terminal_width() -> Option<u16> {
    if io::stdout().is_terminal() { Table::new().width() } else { None }
}

/// Prints CSV: numbers without grouping, texts that a spreadsheet can't run as formulas, and an empty line between tables.
fn csv(header: &[&str], rows: &[Vec<String>], numbers: &[bool]) {
    if TABLES.swap(true, Ordering::Relaxed) {
        document("");
    }
    let cells = |row: &[String]| {
        let cell = |(place, text): (usize, &String)| {
            let bare = text.replace(',', "");
            let number = numbers.get(place) == Some(&true) && bare.parse::<f64>().is_ok();
            if number { bare } else { quoted(text) }
        };
        row.iter().enumerate().map(cell).collect::<Vec<_>>().join(",")
    };
    document(&header.iter().map(|name| quoted(&name.replace('\n', " "))).collect::<Vec<_>>().join(","));
    for row in rows {
        document(&cells(row));
    }
}

/// A text as a CSV cell, as in the published files.
fn quoted(text: &str) -> String {
    if text.is_empty() || text.parse::<f64>().is_ok() { text.to_owned() } else { netto_publish::csv_cell(text) }
}

/// A file that a verb wrote.
pub(crate) fn written(path: &std::path::Path, format: crate::cli::Format) {
    match format {
        crate::cli::Format::Json => json(&json!({ "file": path })),
        _ => text(&path.display().to_string()),
    }
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

/// An amount in full: `-1,234,567.8900`.
pub(crate) fn amount(money: Money) -> String {
    grouped_decimal(money.units().into())
}

/// An amount to the cent, for a headline: `-1,234,567.89`.
pub(crate) fn cents(money: Money) -> String {
    netto_model::money::in_cents(money.units().into())
}

/// Formats a plain decimal text to the cent; any other text is unchanged.
pub(crate) fn of_decimal(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_columns_are_shown_as_fit_and_two_at_least() {
        let rows = vec![vec!["Net profit".to_owned(), "508,789.54".to_owned(), "446,509.07".to_owned()]];
        let shown = |width| columns_within(width, &["", "main\n2024-07..2025-06", "previous"], &rows);
        assert_eq!([200, 45, 44, 33, 10].map(shown), [3, 3, 2, 2, 2]);
    }

    #[test]
    fn a_cell_of_csv_is_neither_cut_in_two_nor_run() {
        let cells = ["plain", "a;b", "say \"so\"", "=1+1", " @x", "-12.5", "- x"].map(quoted);
        assert_eq!(cells, ["plain", "\"a;b\"", "\"say \"\"so\"\"\"", "'=1+1", "\"' @x\"", "-12.5", "'- x"]);
    }
}
