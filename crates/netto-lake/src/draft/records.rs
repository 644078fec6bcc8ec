//! Combines heads and lines in one file, which have different fields, to one table.
//!
//! ```text
//! H;1001;2025-03-03;K1         Order  Date        H4  Line  L3  Quantity  Price  Amount
//! L;1;P1;10;10.00;100.00   →   1001   2025-03-03  K1  1     P1  10        10.00  100.00
//! L;2;P2;5;10.00;50.00         1001   2025-03-03  K1  2     P2  5         10.00  50.00
//! ```
//! If no record has the field names of its kind, some fields are named by their values: a day, a number unique to each head, a
//! number that counts the lines of a head, and three numbers of which one is the product of the others. The user is asked about the
//! other fields.

use std::collections::{BTreeMap, BTreeSet};

use super::cut::Record;
use super::kinds::{CENT, Dialect, Kind, ONE, Values};
use crate::config::RecordsConfig;
use crate::error::LakeError;

/// The kinds of records of a file with several kinds, each with its number of fields: the first field has one of a few short words, and records with
/// the same word have the same width.
pub(super) fn kinds_of_records(records: &[Record]) -> Option<BTreeMap<&str, usize>> {
    let mut kinds: BTreeMap<&str, BTreeMap<usize, usize>> = BTreeMap::new();
    for record in records.iter().filter(|record| record.fields.len() > 1) {
        let kind = record.fields.first().map_or("", |field| field.trim());
        *kinds.entry(kind).or_default().entry(record.fields.len()).or_default() += 1;
        if kinds.len() > KINDS {
            return None;
        }
    }
    // A few records may be something else, such as titles and totals.
    let kinds: BTreeMap<&str, (usize, usize)> = kinds
        .into_iter()
        .filter_map(|(kind, widths)| {
            let all = widths.values().sum::<usize>();
            let (width, most) = widths.into_iter().max_by_key(|(width, count)| (*count, *width))?;
            (most > 1 && most * 10 >= all * 9).then_some((kind, (width, most)))
        })
        .collect();
    let widths: BTreeSet<usize> = kinds.values().map(|(width, _)| *width).collect();
    let are_words = kinds.keys().all(|kind| (1..=KIND).contains(&kind.chars().count()));
    let seen = kinds.values().map(|(_, records)| records).sum::<usize>();
    let several = kinds.len() > 1 && widths.len() > 1 && are_words && seen * 10 >= records.len() * 7;
    several.then(|| kinds.into_iter().map(|(kind, (width, _))| (kind, width)).collect())
}

/// The start of the file, in which kinds of records are detected.
pub(super) fn start_of(text: &str) -> &str {
    let end = text.char_indices().nth(KINDS_WITHIN).map_or(text.len(), |(place, _)| place);
    let whole = text.get(..end).unwrap_or(text);
    if end == text.len() { whole } else { whole.rfind('\n').and_then(|end| whole.get(..end)).unwrap_or(whole) }
}

const KINDS_WITHIN: usize = 32 << 10;

/// Maximum number of kinds, and of letters in their words.
const KINDS: usize = 6;
const KIND: usize = 6;

pub(super) fn several_kinds(file: String, kinds: &BTreeMap<String, usize>) -> LakeError {
    let widths: Vec<String> = kinds.iter().map(|(kind, width)| format!("{kind} with {width} fields")).collect();
    LakeError::Format {
        file,
        message: format!("it has records of several kinds ({})", widths.join(", ")),
        help: Some(
            "set in [source.order_lines.records] which are heads and which are lines, and the names of their fields: heads = [\"H\"], lines = [\"L\"], fields = { H = [\"\", \"Order\", …], L = [\"\", \"Line\", …] }".into(),
        ),
    }
}

/// The table of heads and lines, and the configuration that reads it.
pub(super) struct Table {
    pub(super) config: RecordsConfig,
    /// The index of the first record of a known kind.
    pub(super) first: usize,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// Combines the records, given the kinds and their number of fields; `None` if no kind comes before the lines.
pub(super) fn table(records: &[Vec<String>], kinds: &BTreeMap<String, usize>) -> Option<Table> {
    let first = records.iter().position(|record| kinds.contains_key(kind(record)))?;
    let records = records.get(first..)?;
    let of = |word: &str| -> Vec<&Vec<String>> { records.iter().filter(|record| kind(record) == word).collect() };
    let lines = kinds.keys().max_by_key(|word| of(word).len())?;
    let starts = |word: &str| records.iter().position(|record| kind(record) == word);
    // A kind that starts after the first line is a total of the order, or another kind of line.
    let mut heads: Vec<&String> = kinds.keys().filter(|word| starts(word) < starts(lines)).collect();
    heads.sort_by_key(|word| starts(word));
    if heads.is_empty() {
        return None;
    }
    let mut ignore: Vec<String> = Vec::new();
    for word in records.iter().map(|record| kind(record)) {
        if word != lines && !heads.iter().any(|head| *head == word) && !ignore.iter().any(|known| known == word) {
            ignore.push(word.to_owned());
        }
    }
    let mut fields = BTreeMap::new();
    for word in heads.iter().copied().chain([lines]) {
        let width = kinds.get(word).copied().unwrap_or(0);
        fields.insert(word.clone(), own_names(&of(word), width).unwrap_or_else(|| numbered(word, width)));
    }
    // A name that heads and lines share is used for the line.
    let of_lines = fields.get(lines).cloned().unwrap_or_default();
    for head in &heads {
        for name in fields.get_mut(*head).into_iter().flatten().filter(|name| of_lines.contains(name)) {
            name.clear();
        }
    }
    let mut config = RecordsConfig {
        heads: heads.into_iter().cloned().collect(),
        lines: vec![lines.clone()],
        ignore: ignore.into_iter().filter(|word| !word.is_empty()).collect(),
        fields,
        ..RecordsConfig::default()
    };
    name_by_values(&mut config, records);
    let (header, rows) = (config.header(), rows(&config, records));
    Some(Table { config, first, header, rows })
}

fn kind(record: &[String]) -> &str {
    record.first().map_or("", |field| field.trim())
}

/// The names in the first record of a kind, if it has words and the records below it have numbers.
fn own_names(records: &[&Vec<String>], width: usize) -> Option<Vec<String>> {
    let has_digits = |text: &String| text.contains(|sign: char| sign.is_ascii_digit());
    let (first, rest) = records.split_first()?;
    let names: Vec<String> = first.iter().skip(1).map(|name| name.trim().to_owned()).collect();
    let filled: BTreeSet<&String> = names.iter().filter(|name| !name.is_empty()).collect();
    let are_names = !names.iter().any(has_digits)
        && filled.len() > 1
        && filled.len() == names.iter().filter(|name| !name.is_empty()).count()
        && rest.iter().all(|record| record.iter().skip(1).any(has_digits));
    (are_names && first.len() == width).then(|| [vec![String::new()], names].concat())
}

/// Names for fields without a name: `H2`, `H3`.
fn numbered(word: &str, width: usize) -> Vec<String> {
    let name = |field: usize| if field == 0 { String::new() } else { format!("{word}{}", field + 1) };
    (0..width).map(name).collect()
}

/// The rows with the columns of the header: each line with the fields of its heads.
fn rows(config: &RecordsConfig, records: &[Vec<String>]) -> Vec<Vec<String>> {
    let header = config.header();
    let mut held: BTreeMap<&str, &Vec<String>> = BTreeMap::new();
    let mut rows = Vec::new();
    for record in records {
        let word = kind(record);
        let names_itself = |names: &Vec<String>| {
            names.iter().zip(record).skip(1).all(|(name, field)| name == field.trim()) && !names.is_empty()
        };
        if config.fields.get(word).is_some_and(names_itself) {
            continue;
        }
        if let Some(place) = config.heads.iter().position(|head| head == word) {
            config.heads.iter().skip(place).for_each(|inner| {
                held.remove(inner.as_str());
            });
            held.insert(word, record);
        } else if config.lines.iter().any(|line| line == word) {
            let mut row = vec![String::new(); header.len()];
            for (word, record) in held.iter().map(|(word, record)| (*word, *record)).chain([(word, record)]) {
                for (name, field) in config.fields.get(word).into_iter().flatten().zip(record) {
                    if let Some(place) = header.iter().position(|column| column == name) {
                        field.trim().clone_into(&mut row[place]);
                    }
                }
            }
            rows.push(row);
        }
    }
    rows
}

/// Names fields without a name by their values.
fn name_by_values(config: &mut RecordsConfig, records: &[Vec<String>]) {
    let (Some(head), Some(line)) = (config.heads.last().cloned(), config.lines.first().cloned()) else { return };
    let is_open = |config: &RecordsConfig, word: &str| {
        let width = config.fields.get(word).map_or(0, Vec::len);
        config.fields.get(word) == Some(&numbered(word, width))
    };
    let of = |word: &str| -> Vec<&Vec<String>> { records.iter().filter(|record| kind(record) == word).collect() };
    let values = |word: &str, field: usize| -> Vec<String> {
        of(word).iter().map(|record| record.get(field).map(|text| text.trim().to_owned()).unwrap_or_default()).collect()
    };
    let all = |word: &str| 1..config.fields.get(word).map_or(0, Vec::len);
    let columns: Vec<Vec<String>> =
        [&head, &line].iter().flat_map(|word| all(word).map(|field| values(word, field))).collect();
    let dialect =
        Dialect::of(&columns.iter().map(|texts| Values::of(texts.iter().map(String::as_str))).collect::<Vec<_>>());
    let kind_of =
        |word: &str, field: usize| Kind::of(&Values::of(values(word, field).iter().map(String::as_str)), &dialect);
    let mut names: Vec<(String, usize, &str)> = Vec::new();
    if is_open(config, &head) {
        let day = all(&head).find(|field| matches!(kind_of(&head, *field), Kind::Day(..)));
        let is_unlike = |field: &usize| {
            let texts = values(&head, *field);
            let different: BTreeSet<&String> = texts.iter().filter(|text| !text.is_empty()).collect();
            Some(*field) != day && texts.len() > 1 && different.len() == texts.len()
        };
        names.extend(day.map(|field| (head.clone(), field, "Date")));
        names.extend(all(&head).find(is_unlike).map(|field| (head.clone(), field, "Order")));
    }
    if is_open(config, &line) {
        let counts = |field: &usize| {
            let mut above = 0;
            let is_next = |record: &Vec<String>| {
                if kind(record) != line {
                    above = if kind(record) == head { 0 } else { above };
                    return true;
                }
                let number: Option<u32> = record.get(*field).and_then(|text| text.trim().parse().ok());
                let is_next = number.is_some_and(|number| number > above);
                above = number.unwrap_or(above);
                is_next
            };
            let begins_anew = values(&line, *field).into_iter().collect::<BTreeSet<_>>().len() < of(&line).len();
            begins_anew && records.iter().all(is_next)
        };
        let counted = all(&line).find(counts);
        names.extend(counted.map(|field| (line.clone(), field, "Line")));
        let numbers: Vec<usize> =
            all(&line).filter(|field| Some(*field) != counted && kind_of(&line, *field) == Kind::Number).collect();
        if let Some([quantity, price, amount]) = product_of(&of(&line), &numbers, &dialect) {
            let found = [(quantity, "Quantity"), (price, "Price"), (amount, "Amount")];
            names.extend(found.map(|(field, name)| (line.clone(), field, name)));
        }
    }
    for (word, field, name) in names {
        if let Some(place) = config.fields.get_mut(&word).and_then(|names| names.get_mut(field)) {
            name.clone_into(place);
        }
    }
}

/// Three fields of which the last is the product of the others; the first has whole numbers and is the quantity.
fn product_of(lines: &[&Vec<String>], numbers: &[usize], dialect: &Dialect) -> Option<[usize; 3]> {
    let number = |record: &Vec<String>, field: usize| {
        record.get(field).and_then(|text| dialect.number(text.trim())).map(i128::from)
    };
    let is_product = |one: usize, other: usize, product: usize| {
        let fits = |record: &&Vec<String>| {
            let (one, other) = (number(record, one)?, number(record, other)?);
            Some((one * other / i128::from(ONE) - number(record, product)?).abs() <= i128::from(CENT))
        };
        let seen: Vec<bool> = lines.iter().filter_map(fits).collect();
        seen.len() > 1 && seen.iter().filter(|fits| **fits).count() * 10 >= seen.len() * 4
    };
    let whole = |field: usize| {
        lines.iter().filter_map(|record| number(record, field)).all(|number| number % i128::from(ONE) == 0)
    };
    let varies = |field: &usize| lines.iter().map(|record| number(record, *field)).collect::<BTreeSet<_>>().len() > 1;
    let pairs = numbers.iter().flat_map(|one| numbers.iter().map(move |other| (*one, *other)));
    let mut found = pairs.filter(|(one, other)| one != other && whole(*one) && !(whole(*other) && other < one));
    found.find_map(|(quantity, price)| {
        let others = numbers.iter().filter(|field| ![quantity, price].contains(field) && varies(field));
        others.copied().find(|amount| is_product(quantity, price, *amount)).map(|amount| [quantity, price, amount])
    })
}

#[cfg(test)]
mod tests {
    use super::super::cut::alike;
    use super::*;

    #[test]
    fn fields_are_named_by_a_record_of_names_or_by_their_values() {
        let table = |text: &str| {
            let records: Vec<Vec<String>> =
                text.lines().map(|line| line.split(';').map(str::to_owned).collect()).collect();
            let kinds = [("H", 4), ("L", 6), ("T", 2)].map(|(word, width)| (word.to_owned(), width));
            let found = table(&records, &BTreeMap::from(kinds)).unwrap();
            (found.config.ignore.join(","), found.header.join("|"), found.rows.last().unwrap().join("|"))
        };
        let values = "H;7;2025-03-03;K1\nL;1;P1;10;1.50;15.00\nL;2;P2;2;4.00;8.00\nT;23.00\nH;8;2025-03-04;K1\nL;1;P1;1;1.50;1.50\nT;1.50\n";
        let expected = ("T".to_owned(), "Order|Date|H4|Line|L3|Quantity|Price|Amount".to_owned());
        let found = table(values);
        assert_eq!((found.0, found.1), expected);
        assert_eq!(found.2, "8|2025-03-04|K1|1|P1|1|1.50|1.50");
        let named = table(&format!("H;No;Day;Customer\nL;Line;Item;Pieces;Each;Amount\n{values}"));
        assert_eq!(named.1, "No|Day|Customer|Line|Item|Pieces|Each|Amount");
    }

    #[test]
    fn records_of_several_kinds_are_told_by_their_widths() {
        let kinds = |text: &str| {
            alike(text).and_then(|(_, records)| kinds_of_records(&records).map(|kinds| format!("{kinds:?}")))
        };
        let found = kinds("H;1;2025-03-03;K1\nL;1;P1;1;5,00\nL;2;P1;1;5,00\nH;2;2025-03-03;K1\nL;1;P1;1;5,00\n");
        assert_eq!(found.as_deref(), Some("{\"H\": 4, \"L\": 5}"));
        assert_eq!(kinds("Order;Name\n1;a\n2;b\n1;c\n2;d\n"), None);
        assert_eq!(kinds("Kind;Order;Name\nH;1;a\nD;2;b\nH;1;c\nD;2;d\n"), None);
    }
}
