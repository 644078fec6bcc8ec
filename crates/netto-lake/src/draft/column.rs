//! Drafts the configuration of one column: plain, with settings that its values need, or with words that only the owner can translate.

use std::collections::BTreeSet;

use netto_model::column as c;
use netto_model::contract::ORDER_LINES;
use netto_model::table::{Column, Type};

use super::heads::is_nameless;
use super::keys::{BY_VALUES, DECIDED};
use super::kinds::Kind;
use super::matches::{IDS, Match};
use super::sample::{Sample, value};
use super::source::{DraftColumn, Sureness};
use super::spans;
use super::terms::{is_cancelled, kind_of_code, kind_of_document};
use super::text::{quoted, with_setting};
use crate::month;
use crate::typed::Signs;
use crate::weeks_and_months::WEEK;

pub(super) fn plain_column(sample: &Sample, &(column, field, fits): &Match) -> DraftColumn {
    let either_way = matches!(sample.kinds[field], Kind::Day(_, true));
    let example = &sample.examples[field];
    if let Some(draft) = with_words_of_its_own(sample, column, field) {
        return draft;
    }
    if let Some(year) = year_beside(sample, column, field) {
        let parts = [year, field].map(|field| quoted(&sample.header[field])).join(", ");
        let value = format!("{{ join = [{parts}] }}");
        let span = spans::name_of(&sample.kinds[field]);
        let remark = span.map_or_else(|| "year and month are in two columns".to_owned(), of_span);
        return DraftColumn::look(column.name, value, remark);
    }
    let plain = quoted(&sample.header[field]);
    if let Some(span) = spans::name_of(&sample.kinds[field]) {
        return DraftColumn::look(column.name, plain, of_span(span));
    }
    if let Some(remark) = misfits(sample, column, field) {
        return DraftColumn::look(column.name, plain, remark);
    }
    let with = |setting: &str, remark: String| DraftColumn::look(column.name, with_setting(&plain, setting), remark);
    if is_nameless(&sample.header[field]) && fits == DECIDED {
        return DraftColumn::look(
            column.name,
            plain,
            format!("is only on the first line of each document, such as {example}"),
        );
    }
    if sample.lacking.contains(&field) {
        return with("optional = true", "not all files have it".to_owned());
    }
    if column.name == c::FREIGHT_CHARGED && sample.orders.repeated.contains(&field) {
        let setting = format!("once_per = \"{}\"", c::ORDER_ID);
        return with(&setting, format!("{example} is on each line of the order, and counts once"));
    }
    if column.ty == Type::Decimal
        && let Some(precise) = sample.values[field].iter().find(|text| is_too_precise(text, sample))
    {
        return with("round = true", format!("{precise} is rounded to four decimals"));
    }
    let is_other_day = |other: &usize| {
        *other != field
            && matches!(sample.kinds[*other], Kind::Day(..))
            && sample.fit(ORDER_LINES.name, c::ORDER_DATE, *other) == 100
    };
    if column.name == c::ORDER_DATE
        && !either_way
        && let Some(other) = sample.fields().find(is_other_day)
    {
        let remark = format!("{example}; revenue counts in the month of this date: or is it {}?", sample.header[other]);
        return DraftColumn::look(column.name, plain, remark);
    }
    if IDS.contains(&column.name) && sample.values[field].len() == 1 && sample.rows.len() >= SEVERAL {
        let remark = format!("all rows have {example}: is it the right column?");
        return DraftColumn::look(column.name, plain, remark);
    }
    let remark = match (either_way, example.is_empty()) {
        _ if [BY_VALUES, DECIDED].contains(&fits) => {
            format!("its values match those of the other file, such as {example}")
        }
        (true, _) => format!("{example}: day or month first? Both are possible"),
        (false, true) => String::new(),
        (false, false) => format!("such as {example}"),
    };
    let sureness = match fits {
        _ if either_way => Sureness::Look,
        100 => Sureness::Sure,
        _ => Sureness::Likely,
    };
    DraftColumn { column: column.name, value: plain, sureness, remark }
}

/// How many values of an amount are no numbers, where these are too many for typing errors.
fn misfits(sample: &Sample, column: &Column, field: usize) -> Option<String> {
    if column.ty != Type::Decimal || sample.kinds[field] != Kind::Number || sample.sides[field].is_some() {
        return None;
    }
    let dialects = [Some(sample.dialect()), sample.texts.clone()];
    let is_number = |text: &str| dialects.iter().flatten().any(|dialect| dialect.number(text).is_some());
    let rows: Vec<&str> = sample.rows.iter().map(|row| value(row, field)).filter(|text| !text.is_empty()).collect();
    let others: Vec<&&str> = rows.iter().filter(|text| !is_number(text)).collect();
    let example = others.first().filter(|_| others.len() * 50 > rows.len() && others.len() > 1)?;
    let map = format!("map = {{ {} = \"0\" }}", quoted(example));
    let (others, all) = (others.len(), rows.len());
    Some(format!(
        "{others} of {all} values are no numbers, and their rows are set apart, unless {map} or the like says what they are"
    ))
}

fn of_span(span: &str) -> String {
    let day = if span == WEEK { "Thursday, in the month with most of the week" } else { "first day" };
    format!("lines have a {span} and no day: they are dated on its {day}")
}

/// From this number of rows on, an id with the same value in all of them is doubtful.
const SEVERAL: usize = 10;

/// Whether a number has more decimals than money has.
fn is_too_precise(text: &str, sample: &Sample) -> bool {
    let Some(csv) = &sample.csv else { return false };
    let decimals = text.rsplit_once(csv.dialect.decimal).map_or("", |(_, decimals)| decimals);
    decimals.trim_end_matches('0').len() > 4 && decimals.bytes().all(|digit| digit.is_ascii_digit())
}

/// The field of the year, if the column of a month has only the number of the month.
pub(super) fn year_beside(sample: &Sample, column: &Column, field: usize) -> Option<usize> {
    let signs = Signs::plain();
    let is_number = |text: &String| text.parse().is_ok_and(|number: u32| (1..=53).contains(&number));
    let is_span = column.name == c::PERIOD || spans::name_of(&sample.kinds[field]).is_some();
    let number_alone = is_span
        && !sample.values[field].is_empty()
        && sample.values[field].iter().all(|text| is_number(text) && month::month(text, &signs).is_err());
    let is_year = |other: &usize| *other != field && sample.fit("month", "year", *other) > 0;
    sample.numbers().filter(|_| number_alone).find(is_year)
}

pub(super) fn columns_of_own_words(sample: &Sample, matches: &[Match], name: &str) -> Option<DraftColumn> {
    let (column, field, _) = matches.iter().find(|(column, ..)| column.name == name)?;
    with_words_of_its_own(sample, column, *field)
}

/// A column that allows only a few words, in a file with other words: only the owner of the data can translate them.
pub(super) fn with_words_of_its_own(sample: &Sample, column: &'static Column, field: usize) -> Option<DraftColumn> {
    // Cancelled and offered rows are left out, so their words need no translation.
    let values: BTreeSet<&String> = sample.values[field].iter().filter(|value| !is_cancelled(value)).collect();
    let known = |value: &&String| column.values.contains(&value.as_str());
    if column.values.is_empty() || values.iter().all(known) {
        return None;
    }
    let meaning = |value: &str| kind_in(sample, field, value).filter(|_| column.name == c::ORDER_KIND);
    let is_known = values.len() <= WORDS && values.iter().all(|value| meaning(value).is_some());
    let translated = |value: &&String| format!("{} = \"{}\"", quoted(value), meaning(value).unwrap_or("…"));
    let pairs: Vec<String> = values.iter().take(WORDS).map(translated).collect();
    let which = column.values.join(", ");
    Some(DraftColumn {
        column: column.name,
        value: format!("{{ from = {}, map = {{ {} }} }}", quoted(&sample.header[field]), pairs.join(", ")),
        sureness: if is_known { Sureness::Look } else { Sureness::Unknown },
        remark: if is_known { format!("is that which is {which}?") } else { format!("say which one is {which}") },
    })
}

/// The kind of order lines that a word of a column stands for: by its meaning, or as one of two letters that a program uses for invoices and credit
/// notes, such as facture and avoir, factura and abono, Rechnung and Gutschrift.
pub(super) fn kind_in(sample: &Sample, field: usize, word: &str) -> Option<&'static str> {
    const LETTERS: [(&str, &str); 5] = [("f", "a"), ("f", "c"), ("f", "n"), ("r", "g"), ("i", "c")];
    let by_letters = || {
        let letters: Vec<String> = sample.values[field].iter().map(|value| value.to_lowercase()).collect();
        let [one, other] = letters.as_slice() else { return None };
        let is_pair = |(sale, credit): &&(&str, &str)| [one, other] == [sale, credit] || [other, one] == [sale, credit];
        let (sale, _) = LETTERS.iter().find(is_pair)?;
        Some(if word.to_lowercase() == *sale { "sale" } else { "credit" })
    };
    kind_of_code(&sample.header[field], word).or_else(|| kind_of_document(word)).or_else(by_letters)
}

/// Maximum number of different words that can be kinds.
pub(super) const WORDS: usize = 12;
