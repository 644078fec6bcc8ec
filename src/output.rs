//! The result on standard output, for people or for programs; messages on standard error.
//!
//! A reader that has had enough, as `head` has, is no fault: the work is done all the same. A stream that takes nothing more for
//! another reason, such as a full disk, is one, and [`complete`] says so at the end.

use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

use comfy_table::{CellAlignment, ContentArrangement, Table, TableComponent, presets};
use netto_model::Money;
pub(crate) use netto_model::money::count;
use netto_model::money::grouped_decimal;

use crate::failure::Failure;

/// A standard stream: why it took no more, from then on.
#[derive(Debug, Default)]
struct Stream(OnceLock<io::Error>);

static RESULT: Stream = Stream(OnceLock::new());
static MESSAGES: Stream = Stream(OnceLock::new());

impl Stream {
    /// Writes a line, unless an earlier one was lost.
    fn line(&self, mut to: impl Write, text: &str) {
        if self.0.get().is_none() {
            self.note(writeln!(to, "{text}").and_then(|()| to.flush()));
        }
    }

    fn note(&self, written: io::Result<()>) {
        if let Err(error) = written {
            // Only the first one counts.
            drop(self.0.set(error));
        }
    }

    /// What is to be said about it.
    fn lost(&self) -> Option<&io::Error> {
        self.0.get().filter(|error| error.kind() != ErrorKind::BrokenPipe)
    }
}

/// Prints a text.
pub(crate) fn text(text: &str) {
    RESULT.line(io::stdout().lock(), text);
}

/// Prints a message, on standard error.
pub(crate) fn message(text: &str) {
    MESSAGES.line(io::stderr().lock(), text);
}

/// Prints what the command line has to say: help and version are results, faults are messages.
///
/// # Errors
/// A fault, that is printed already.
pub(crate) fn usage(said: &clap::Error) -> Result<(), Failure> {
    let fault = said.use_stderr();
    let stream = if fault { &MESSAGES } else { &RESULT };
    stream.note(said.print().and_then(|()| io::stdout().flush()));
    if fault { Err(Failure::config(Vec::new())) } else { Ok(()) }
}

/// Whether everything could be printed.
///
/// # Errors
/// When a stream took nothing more, although somebody was there to read it.
pub(crate) fn complete() -> Result<(), Failure> {
    let lost = |name: &str, error: &io::Error| {
        Failure::failed(format!("{name} could not be written"), error)
            .with_help("is the disk full? The work itself is done: what was to be written elsewhere is there")
    };
    match (RESULT.lost(), MESSAGES.lost()) {
        (Some(error), _) => Err(lost("the result on standard output", error)),
        (None, Some(error)) => Err(lost("messages on standard error", error)),
        (None, None) => Ok(()),
    }
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

/// An amount in full: `-1,234,567.8900`.
pub(crate) fn amount(money: Money) -> String {
    grouped_decimal(money.units().into())
}
