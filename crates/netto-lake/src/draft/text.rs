//! The draft as the text of a netto.toml.

use netto_model::contract::SOURCES;
use netto_model::table::Role;

use super::sources::{DraftColumn, DraftSource, Sureness};
use super::{Draft, sample::Written};

/// The sections of all sources.
pub(super) fn sections(draft: &Draft) -> String {
    let mut text = String::new();
    for source in &draft.sources {
        text += &section(source);
    }
    if !draft.left_over.is_empty() {
        text += "\n# Not used:\n";
        for (file, reason) in &draft.left_over {
            text += &format!("# {file}: {reason}\n");
        }
    }
    text
}

fn section(source: &DraftSource) -> String {
    let name = source.source;
    let mut text = format!("\n[source.{name}]\n");
    match &source.sql {
        Some(sql) => {
            text += &format!(
                "# The lines of an order lie in one file, its customer and day in another.\nsql = '''\n{sql}\n'''\n"
            );
            text += &tables(source);
        }
        None => text += &format!("files = {}\n", pattern(&source.files)),
    }
    if !source.unused.is_empty() {
        text += &format!("# columns that nothing needs: {}\n", source.unused.join(", "));
    }
    if let Some(csv) = &source.csv {
        text += &written(name, csv, &source.dates);
    }
    if !source.columns.is_empty() {
        text += &format!("\n[source.{name}.columns]\n");
        text.extend(source.columns.iter().map(column));
    }
    if waits_for_its_owner(source) { commented(&text) } else { text }
}

/// A column that every row needs has words of its own: without its owner nothing could be loaded.
fn waits_for_its_owner(source: &DraftSource) -> bool {
    let table = SOURCES.iter().find(|table| table.name == source.source);
    let needed = |column: &DraftColumn| {
        let declared = table.and_then(|table| table.column(column.column));
        declared.is_some_and(|declared| declared.role != Role::Optional && declared.default.is_none())
    };
    source.columns.iter().any(|column| column.sureness == Sureness::Unknown && needed(column))
}

fn commented(text: &str) -> String {
    let lines = text.trim_start().lines().map(|line| format!("# {}\n", line.trim_start_matches("# ")));
    format!("\n# Left out until the words below are filled in:\n{}", lines.collect::<String>())
}

fn tables(source: &DraftSource) -> String {
    let [lines, heads] = [source.files.first(), source.files.last()].map(|file| file.map_or("", String::as_str));
    format!("\n[source.{}.tables]\nlines = {}\nheads = {}\n", source.source, quoted(lines), quoted(heads))
}

fn written(source: &str, csv: &Written, dates: &[&str]) -> String {
    let mut text = format!("\n[source.{source}.csv]\ndelimiter = {}\n", quoted(&csv.delimiter.to_string()));
    if csv.encoding != "utf-8" {
        text += &format!("encoding = {}\n", quoted(csv.encoding));
    }
    if csv.skip_lines > 0 {
        text += &format!("skip_lines = {}\n", csv.skip_lines);
    }
    if csv.dialect.unseen {
        text += "# No number has a decimal sign: decimal = \",\" where they are written 1.234,50\n";
    } else {
        text += &format!("decimal = {}\n", quoted(&csv.dialect.decimal.to_string()));
        if let Some(thousands) = csv.dialect.thousands {
            text += &format!("thousands = {}\n", quoted(&thousands.to_string()));
        }
    }
    match dates {
        [] => {}
        [one] => text += &format!("date = {}\n", quoted(one)),
        many => {
            let formats: Vec<String> = many.iter().map(|format| quoted(format)).collect();
            text += &format!("date = [{}]\n", formats.join(", "));
        }
    }
    text
}

fn column(column: &DraftColumn) -> String {
    let comment = if column.sureness == Sureness::Unknown { "# " } else { "" };
    let choice = format!("{comment}{} = {}", column.column, column.value);
    let sure = match column.sureness {
        Sureness::Sure => "",
        Sureness::Likely => "likely; ",
        Sureness::Unknown | Sureness::Look => "have a look: ",
    };
    if sure.is_empty() && column.remark.is_empty() {
        return format!("{choice}\n");
    }
    format!("{choice:<44} # {sure}{}\n", column.remark)
}

/// One file by its name, several by a pattern where only they match it, else as a list.
fn pattern(files: &[String]) -> String {
    let [first, .., last] = files else { return quoted(files.first().map_or("", String::as_str)) };
    let shared = first.chars().zip(last.chars()).take_while(|(a, b)| a == b).map(|(sign, _)| sign).collect::<String>();
    let stem = shared.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let end = first.rsplit_once('.').map_or("", |(_, end)| end);
    let named = |file: &String| file.starts_with(stem) && file.ends_with(end);
    if !stem.is_empty() && !stem.ends_with('/') && files.iter().all(named) {
        return quoted(&format!("{stem}*.{end}"));
    }
    format!("[{}]", files.iter().map(|file| quoted(file)).collect::<Vec<_>>().join(", "))
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\t' => quoted += "\\t",
            sign if sign.is_control() => quoted += &format!("\\u{:04x}", u32::from(sign)),
            sign => quoted.push(sign),
        }
    }
    quoted.push('"');
    quoted
}
