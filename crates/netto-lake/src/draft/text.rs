//! Writes the draft as the text of a netto.toml.

use netto_model::contract::{ORDER_LINES, SOURCES};
use netto_model::table::Role;

use super::Draft;
use super::kinds::Dialect;
use super::sample::InWorkbook;
use super::source::{DraftColumn, DraftSource, Sureness};
use crate::config::RecordsConfig;
use crate::serial;

/// The sections of all sources, after the settings that they have in common.
pub(super) fn sections(draft: &Draft) -> String {
    let common = common(&draft.sources);
    let mut text = String::new();
    if !common.is_empty() {
        text += "\n# How the extracts are written; a source's own [source.….csv] overrides it.\n[defaults.csv]\n";
        text.extend(common.iter().map(Setting::line));
    }
    for source in &draft.sources {
        text += &section(source, &common, &draft.given);
    }
    if !draft.left_over.is_empty() {
        text += "\n# Not used:\n";
        for (file, reason) in &draft.left_over {
            text += &format!("# {file}: {reason}\n");
        }
    }
    text
}

fn section(source: &DraftSource, common: &[Setting], given: &[String]) -> String {
    let name = source.source;
    let mut text = format!("\n[source.{name}]\n");
    if let Some((condition, remark)) = &source.filter {
        text += &format!("where = {}   # {remark}\n", quoted(condition));
    }
    if source.returns_positive {
        text += "returns = \"positive\"   # have a look: credit notes and returns are positive, and are deducted\n";
    }
    if source.cost_from_products {
        text +=
            "cost_from_products = true   # have a look: lines have no cost, so the cost in the product list is used\n";
    }
    if let Some(sql) = &source.sql {
        text += &format!(
            "{}\nsql = '''\n{sql}\n'''\n",
            if name == ORDER_LINES.name {
                "# The columns of order lines are in several files; this query joins them."
            } else {
                "# Each month's column becomes a row per month."
            }
        );
        text += &tables(source, given);
    } else {
        text += &format!("files = {}\n", pattern(&source.files, given));
        if let Some((names, remark)) = &source.fill_down {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            text += &format!("fill_down = [{}]   # have a look: {remark}\n", names.join(", "));
        }
        if !source.unused.is_empty() {
            let unused: Vec<String> = source.unused.iter().map(|name| quoted(name)).collect();
            text += &format!("ignore = [{}]   # columns that are not used\n", unused.join(", "));
        }
    }
    text += &written(source, common);
    if let Some(excel) = &source.excel {
        text += &format!("\n[source.{name}.excel]\n{}", of_sheets(source, excel));
    }
    text.extend(source.records.as_ref().map(|records| of_records(name, records)));
    if !source.columns.is_empty() {
        text += &format!("\n[source.{name}.columns]\n");
        text.extend(source.columns.iter().map(column));
    }
    // Nothing runs without order lines, so their section is never commented out: the user fills in what is missing.
    if name != ORDER_LINES.name && waits_for_its_owner(source) { commented(&text) } else { text }
}

/// The sheets of a source, or of each table of its query, and their header rows.
fn of_sheets(
    source: &DraftSource,
    InWorkbook { sheets, seen: (seen, of), header_row, header_rows }: &InWorkbook,
) -> String {
    let listed = |sheets: &[String]| match sheets {
        [one] => quoted(one),
        several => format!("[{}]", several.iter().map(|sheet| quoted(sheet)).collect::<Vec<_>>().join(", ")),
    };
    let mut text = match sheets.as_slice() {
        _ if !source.sheets.is_empty() => {
            let tables = source.sheets.iter().map(|(table, sheets)| format!("{table} = {}", listed(sheets)));
            format!("sheets = {{ {} }}\n", tables.collect::<Vec<_>>().join(", "))
        }
        [one] => format!("sheet = {}\n", quoted(one)),
        _ if seen == of => format!(
            "sheet = \"*\"   # have a look: {of} sheets have the same columns and are read one after the other: {}\n",
            sheets.join(", ")
        ),
        several => format!(
            "sheet = {}   # have a look: they have the same columns and are read one after the other\n",
            listed(several)
        ),
    };
    text.extend(header_row.map(|row| format!("header_row = {row}\n")));
    if *header_rows > 1 {
        text += &format!("header_rows = {header_rows}\n");
    }
    text
}

/// The kinds of records that are heads and lines, and the names of their fields.
fn of_records(name: &str, records: &RecordsConfig) -> String {
    let list = |words: &[String]| format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", "));
    let mut text = format!(
        "\n# Heads and lines are in one file. A field without a name in the file is named after its record kind and position, or after its values.\n[source.{name}.records]\nheads = {}\nlines = {}\n",
        list(&records.heads),
        list(&records.lines)
    );
    if !records.ignore.is_empty() {
        text +=
            &format!("ignore = {}   # have a look: totals and the like, which are not lines\n", list(&records.ignore));
    }
    text += &format!("\n[source.{name}.records.fields]\n");
    text.extend(records.fields.iter().map(|(kind, names)| format!("{} = {}\n", quoted(kind), list(names))));
    text
}

/// Whether a needed column has words that only the owner can translate, so that nothing could be loaded without them.
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
    format!("\n# Not used until the words below are filled in:\n{}", lines.collect::<String>())
}

fn tables(source: &DraftSource, given: &[String]) -> String {
    let tables = source.tables.iter().map(|(table, files)| format!("{table} = {}\n", pattern(files, given)));
    format!("\n[source.{}.tables]\n{}", source.source, tables.collect::<String>())
}

/// A setting of `csv`, as TOML writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Setting {
    key: &'static str,
    value: String,
    remark: String,
}

impl Setting {
    /// Whether it is the default.
    fn is_usual(&self) -> bool {
        self.key == "encoding" && self.value == quoted("utf-8")
    }

    fn line(&self) -> String {
        // UTF-8 and UTF-16 are recognised with certainty.
        let guessed = self.key == "encoding" && !self.value.starts_with("\"utf");
        let remark =
            if guessed { "recognised by its letters; have a look at names with accents" } else { &self.remark };
        let remark = if remark.is_empty() { String::new() } else { format!("   # {remark}") };
        format!("{} = {}{remark}\n", self.key, self.value)
    }
}

/// The settings of how a source is written, without those that can't be detected from its values.
fn settings(source: &DraftSource) -> Vec<Setting> {
    let Some(csv) = &source.csv else { return of_texts(source) };
    let plain = |key, value| Setting { key, value, remark: String::new() };
    let mut settings = vec![plain("delimiter", quoted(&csv.delimiter.to_string()))];
    let mut say = |key, value| settings.push(plain(key, value));
    say("encoding", quoted(csv.encoding));
    if csv.skip_lines > 0 {
        say("skip_lines", csv.skip_lines.to_string());
    }
    if csv.header_rows > 1 {
        say("header_rows", csv.header_rows.to_string());
    }
    if !csv.dialect.unseen {
        say("decimal", quoted(&csv.dialect.decimal.to_string()));
        if let Some(thousands) = csv.dialect.thousands {
            say("thousands", quoted(&thousands.to_string()));
        }
    }
    if let Some(sign) = csv.dialect.currency {
        say("currency_sign", quoted(sign));
    }
    match source.dates.as_slice() {
        [] => {}
        several => {
            let formats: Vec<String> = several.iter().map(|format| quoted(&csv.with_year(format))).collect();
            let list = format!("[{}]", formats.join(", "));
            say("date", if let [one] = formats.as_slice() { one.clone() } else { list });
        }
    }
    settings.extend(of_null(source));
    if source.dates.contains(&serial::WITHOUT_YEAR) {
        for date in settings.iter_mut().filter(|setting| setting.key == "date") {
            date.remark = match &csv.year {
                Some(_) if csv.several_years && csv.year_in_name => {
                    "have a look: dates have no year; the year in the file name is used".to_owned()
                }
                Some(_) if csv.several_years => {
                    "have a look: dates have no year, and the files are from several years: put the year into each file name, and write \"ddmm file name\"".to_owned()
                }
                Some(year) => {
                    format!("have a look: dates have no year; {year} is in the title or the name of the file")
                }
                None => "have a look: dates have no year, and the file doesn't show which: write it here".to_owned(),
            };
        }
    }
    for decimal in settings.iter_mut().filter(|setting| setting.key == "decimal") {
        decimal.remark = doubt(&csv.dialect);
    }
    settings
}

/// The words for no value.
fn of_null(source: &DraftSource) -> Option<Setting> {
    let words: Vec<String> = source.null.iter().map(|word| quoted(word)).collect();
    let remark = "have a look: written where a date is not known".to_owned();
    (!words.is_empty()).then(|| Setting { key: "null", value: format!("[{}]", words.join(", ")), remark })
}

/// The remark if numbers could be read in two ways.
fn doubt(dialect: &Dialect) -> String {
    let Some(example) = &dialect.in_doubt else { return String::new() };
    let sign = if example.contains('.') { '.' } else { ',' };
    let (one, thousand) = (example.replace(sign, "."), example.replace(sign, ""));
    let (read, other) = if dialect.thousands.is_some() { (thousand, one) } else { (one, thousand) };
    format!(
        "have a look: {example} is read as {read}; could it be {other}? Then the sign is {}",
        if dialect.thousands.is_some() { "the decimal sign" } else { "the thousands sign" }
    )
}

/// The settings for days and numbers that are texts in a workbook or a Parquet file.
fn of_texts(source: &DraftSource) -> Vec<Setting> {
    let texts = source.dates.iter().filter(|format| **format != "%Y-%m-%d");
    let plain = |key, value: &str| Setting { key, value: quoted(value), remark: String::new() };
    let mut settings: Vec<Setting> = texts.take(1).map(|format| plain("date", format)).collect();
    settings.extend(of_null(source));
    if let Some(dialect) = &source.texts {
        settings.push(plain("decimal", &dialect.decimal.to_string()));
        settings.extend(dialect.currency.map(|sign| plain("currency_sign", sign)));
        settings.extend(dialect.thousands.map(|sign| plain("thousands", &sign.to_string())));
    }
    settings
}

/// Settings that at least two sources have and that are the same in all of these. There are none if a source is a Parquet file, which has its own types.
fn common(sources: &[DraftSource]) -> Vec<Setting> {
    if sources.len() < 2 || sources.iter().any(|source| source.csv.is_none() && source.excel.is_none()) {
        return Vec::new();
    }
    let all: Vec<Vec<Setting>> = sources.iter().map(settings).collect();
    ["delimiter", "encoding", "decimal", "thousands", "date"]
        .into_iter()
        .filter_map(|key| {
            let said: Vec<&Setting> = all.iter().flatten().filter(|setting| setting.key == key).collect();
            let first = said.first().filter(|first| said.len() > 1 && said.iter().all(|setting| setting == *first))?;
            (!first.is_usual()).then(|| (*first).clone())
        })
        .collect()
}

/// The `csv` block of a source, without the settings that the defaults have.
fn written(source: &DraftSource, common: &[Setting]) -> String {
    let is_common = |key: &str| common.iter().any(|setting| setting.key == key);
    let mut lines: String = settings(source)
        .iter()
        .filter(|setting| !is_common(setting.key) && !setting.is_usual())
        .map(Setting::line)
        .collect();
    if source.csv.as_ref().is_some_and(|csv| csv.dialect.unseen) && !is_common("decimal") {
        lines += "# No number has a decimal sign: set decimal = \",\" if they are written 1.234,50\n";
    }
    if lines.is_empty() { lines } else { format!("\n[source.{}.csv]\n{lines}", source.source) }
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

/// One file by its name, several by a pattern if they have a common start and end that no other file has which was given, or else as a list.
fn pattern(files: &[String], given: &[String]) -> String {
    let [first, .., last] = files else { return quoted(files.first().map_or("", String::as_str)) };
    let shared = first.chars().zip(last.chars()).take_while(|(a, b)| a == b).map(|(sign, _)| sign).collect::<String>();
    let stem = shared.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let end = first.rsplit_once('.').map_or("", |(_, end)| end);
    let named = |file: &String| file.starts_with(stem) && file.ends_with(end);
    let finds_others = given.iter().any(|file| named(file) && !files.contains(file));
    if !stem.is_empty() && !stem.ends_with('/') && files.iter().all(named) && !finds_others {
        return quoted(&format!("{stem}*.{end}"));
    }
    format!("[{}]", files.iter().map(|file| quoted(file)).collect::<Vec<_>>().join(", "))
}

/// The value of a column with one more setting.
pub(super) fn with_setting(value: &str, setting: &str) -> String {
    match value.strip_prefix('{').and_then(|value| value.strip_suffix('}')) {
        Some(settings) => format!("{{ {}, {setting} }}", settings.trim()),
        None => format!("{{ from = {value}, {setting} }}"),
    }
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
