//! Functions of texts. They count characters, take every sign literally, and give null if an argument is null, as SQL does. The engine's
//! own search by patterns, count bytes or give 0 for null.
//!
//! ```text
//! strpos('é.5', '.')            2
//! substr('A.(x)|b', -2, 1)      |
//! split_part('a.b.c', '.', 2)   b
//! upper('straße')               STRAẞE: a letter remains one letter
//! ```

use polars::prelude::*;

use super::kind::Kind;

/// A value of a row.
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Bool(bool),
    /// A text that can't be made, and why.
    None(&'static str),
}

/// A function's value of its texts and its whole numbers.
type OfRow = fn(&[&str], &[i64]) -> Value;

/// A function of texts.
pub(super) struct Text {
    pub(super) name: &'static str,
    /// What it takes: `t` a text, `n` a whole number; those behind `?` may be missing.
    takes: &'static str,
    pub(super) kind: Kind,
    of_row: OfRow,
}

const fn text(name: &'static str, takes: &'static str, of_row: OfRow) -> Text {
    Text { name, takes, kind: Kind::Text, of_row }
}

const fn whole(name: &'static str, takes: &'static str, of_row: OfRow) -> Text {
    Text { name, takes, kind: Kind::Whole, of_row }
}

const fn condition(name: &'static str, takes: &'static str, of_row: OfRow) -> Text {
    Text { name, takes, kind: Kind::Bool, of_row }
}

const TEXTS: &[Text] = &[
    whole("char_length", "t", |texts, _| Value::Whole(length(texts[0]))),
    condition("ends_with", "tt", |texts, _| Value::Bool(texts[0].ends_with(texts[1]))),
    condition("ilike", "tt?t", |texts, _| Value::Bool(is_like(&lower(texts[0]), &lower(texts[1]), texts.get(2)))),
    whole("instr", "tt", |texts, _| Value::Whole(place(texts[0], texts[1]))),
    text("left", "tn", |texts, numbers| Value::Text(left(texts[0], numbers[0]))),
    whole("length", "t", |texts, _| Value::Whole(length(texts[0]))),
    condition("like", "tt?t", |texts, _| Value::Bool(is_like(texts[0], texts[1], texts.get(2)))),
    text("lower", "t", |texts, _| Value::Text(lower(texts[0]))),
    text("lpad", "tnt", |texts, numbers| padded(texts[0], numbers[0], texts[1], true)),
    text("ltrim", "t?t", |texts, _| Value::Text(texts[0].trim_start_matches(of(texts.get(1))).to_owned())),
    text("replace", "ttt", |texts, _| Value::Text(replaced(texts[0], texts[1], texts[2]))),
    text("reverse", "t", |texts, _| Value::Text(reversed(texts[0]))),
    text("right", "tn", |texts, numbers| Value::Text(right(texts[0], numbers[0]))),
    text("rpad", "tnt", |texts, numbers| padded(texts[0], numbers[0], texts[1], false)),
    text("rtrim", "t?t", |texts, _| Value::Text(texts[0].trim_end_matches(of(texts.get(1))).to_owned())),
    text("split_part", "ttn", |texts, numbers| Value::Text(part(texts[0], texts[1], numbers[0]))),
    condition("starts_with", "tt", |texts, _| Value::Bool(texts[0].starts_with(texts[1]))),
    whole("strpos", "tt", |texts, _| Value::Whole(place(texts[0], texts[1]))),
    text("substr", "tn?n", |texts, numbers| Value::Text(substring(texts[0], numbers[0], numbers.get(1).copied()))),
    text("trim", "t?t", |texts, _| Value::Text(texts[0].trim_matches(of(texts.get(1))).to_owned())),
    text("upper", "t", |texts, _| Value::Text(upper(texts[0]))),
];

impl Text {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        TEXTS.iter().find(|text| text.name == name)
    }

    /// For each of so many arguments, whether it is a whole number; `None` if it doesn't take so many.
    pub(super) fn numbers(&self, arguments: usize) -> Option<Vec<bool>> {
        let needed = self.takes.find('?').unwrap_or(self.takes.len());
        let takes: Vec<bool> = self.takes.chars().filter(|sign| *sign != '?').map(|sign| sign == 'n').collect();
        (needed..=takes.len()).contains(&arguments).then(|| takes.into_iter().take(arguments).collect())
    }

    /// How it is used: `substr(text, number, number)`.
    pub(super) fn usage(&self) -> String {
        let takes = self.takes.chars().filter(|sign| *sign != '?');
        let takes: Vec<&str> = takes.map(|sign| if sign == 'n' { "number" } else { "text" }).collect();
        format!("{}({})", self.name, takes.join(", "))
    }

    pub(super) const fn result(&self) -> DataType {
        match self.kind {
            Kind::Whole => DataType::Int64,
            Kind::Bool => DataType::Boolean,
            _ => DataType::String,
        }
    }

    /// The value of each row, or why there is none.
    pub(super) fn compute(&self, columns: &[Column], rows: usize) -> PolarsResult<Result<Series, &'static str>> {
        let (numbers, texts): (Vec<&Column>, Vec<&Column>) =
            columns.iter().partition(|column| column.dtype().is_integer());
        let texts = texts.into_iter().map(|column| column.cast(&DataType::String)).collect::<PolarsResult<Vec<_>>>()?;
        let numbers =
            numbers.into_iter().map(|column| column.cast(&DataType::Int64)).collect::<PolarsResult<Vec<_>>>()?;
        let texts = texts.iter().map(Column::str).collect::<PolarsResult<Vec<_>>>()?;
        let numbers = numbers.iter().map(Column::i64).collect::<PolarsResult<Vec<_>>>()?;
        let at = |len: usize, row: usize| if len == 1 { 0 } else { row };
        let of_row = |row: usize| {
            let texts: Option<Vec<&str>> = texts.iter().map(|column| column.get(at(column.len(), row))).collect();
            let numbers: Option<Vec<i64>> = numbers.iter().map(|column| column.get(at(column.len(), row))).collect();
            Some((self.of_row)(&texts?, &numbers?))
        };
        let mut values: Vec<Option<Value>> = Vec::with_capacity(rows);
        for row in 0..rows {
            match of_row(row) {
                Some(Value::None(why)) => return Ok(Err(why)),
                value => values.push(value),
            }
        }
        Ok(Ok(match self.kind {
            Kind::Whole => {
                let whole = |value: Option<Value>| match value {
                    Some(Value::Whole(whole)) => Some(whole),
                    _ => None,
                };
                Int64Chunked::from_iter_options("".into(), values.into_iter().map(whole)).into_series()
            }
            Kind::Bool => {
                let holds = |value: Option<Value>| match value {
                    Some(Value::Bool(holds)) => Some(holds),
                    _ => None,
                };
                BooleanChunked::from_iter_options("".into(), values.into_iter().map(holds)).into_series()
            }
            _ => {
                let text = |value: Option<Value>| match value {
                    Some(Value::Text(text)) => Some(text),
                    _ => None,
                };
                StringChunked::from_iter_options("".into(), values.into_iter().map(text)).into_series()
            }
        }))
    }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// Where a text first occurs, from 1; 0 if it doesn't.
fn place(text: &str, wanted: &str) -> i64 {
    text.find(wanted).map_or(0, |at| length(&text[..at]) + 1)
}

/// The characters from `from` on, the first being 0, up to `to`.
fn between(text: &str, from: i64, to: i64) -> String {
    let from = usize::try_from(from.max(0)).unwrap_or(usize::MAX);
    let to = usize::try_from(to.max(0)).unwrap_or(usize::MAX);
    text.chars().take(to).skip(from).collect()
}

fn left(text: &str, count: i64) -> String {
    between(text, 0, if count < 0 { length(text).saturating_add(count) } else { count })
}

fn right(text: &str, count: i64) -> String {
    let length = length(text);
    between(text, if count < 0 { count.saturating_neg() } else { length.saturating_sub(count) }, length)
}

/// From a place on, which counts from 1, or from the end if negative; so many characters, or those before it if negative.
fn substring(text: &str, from: i64, count: Option<i64>) -> String {
    let from = if from < 0 { length(text).saturating_add(from) } else { from - 1 };
    match count {
        None => between(text, from, i64::MAX),
        Some(count) if count < 0 => between(text, from.saturating_add(count), from),
        Some(count) => between(text, from, from.saturating_add(count)),
    }
}

/// The part with this number between separators, from 1, or from the end if negative.
fn part(text: &str, separator: &str, number: i64) -> String {
    let parts: Vec<&str> = if separator.is_empty() {
        text.split("").filter(|part| !part.is_empty()).collect()
    } else {
        text.split(separator).collect()
    };
    let parts_there = i64::try_from(parts.len()).unwrap_or(i64::MAX);
    let at = if number < 0 { parts_there.saturating_add(number) } else { number - 1 };
    usize::try_from(at).ok().and_then(|at| parts.get(at)).map_or_else(String::new, |part| (*part).to_owned())
}

/// A text brought to a length: cut behind, or filled up.
fn padded(text: &str, length_wanted: i64, filling: &str, before: bool) -> Value {
    let missing = length_wanted.saturating_sub(length(text));
    if missing <= 0 {
        return Value::Text(between(text, 0, length_wanted));
    }
    if filling.is_empty() {
        return Value::None("an empty text can't fill another one");
    }
    let filling: String = filling.chars().cycle().take(usize::try_from(missing).unwrap_or(0)).collect();
    Value::Text(if before { filling + text } else { text.to_owned() + &filling })
}

fn replaced(text: &str, wanted: &str, other: &str) -> String {
    if wanted.is_empty() { text.to_owned() } else { text.replace(wanted, other) }
}

/// Backwards; an accent stays on its letter.
fn reversed(text: &str) -> String {
    let mut letters: Vec<String> = Vec::new();
    for letter in text.chars() {
        match letters.last_mut() {
            Some(last) if ('\u{300}'..='\u{36f}').contains(&letter) => last.push(letter),
            _ => letters.push(letter.to_string()),
        }
    }
    letters.into_iter().rev().collect()
}

fn upper(text: &str) -> String {
    let upper = |letter: char| {
        let mut upper = letter.to_uppercase();
        match (letter, upper.next(), upper.next()) {
            ('ß', _, _) => 'ẞ',
            (_, Some(upper), None) => upper,
            _ => letter,
        }
    };
    text.chars().map(upper).collect()
}

fn lower(text: &str) -> String {
    text.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect()
}

/// Whether a character is one of those to be trimmed: these, or blanks.
fn of<'t>(characters: Option<&&'t str>) -> impl FnMut(char) -> bool + 't {
    let characters = characters.copied();
    move |sign| match characters {
        Some(characters) => characters.contains(sign),
        None => is_blank(sign),
    }
}

/// Blanks of any width; no tabs and no line ends.
const fn is_blank(sign: char) -> bool {
    matches!(sign, ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// Whether a text is like a pattern: `%` stands for any characters, `_` for one; a sign behind the one that escapes for itself.
fn is_like(text: &str, pattern: &str, escape: Option<&&str>) -> bool {
    let escape = escape.and_then(|escape| escape.chars().next());
    let text: Vec<char> = text.chars().collect();
    let mut signs: Vec<Sign> = Vec::new();
    let mut pattern = pattern.chars();
    while let Some(sign) = pattern.next() {
        signs.push(match sign {
            sign if Some(sign) == escape => Sign::One(pattern.next().unwrap_or(sign)),
            '%' => Sign::Any,
            '_' => Sign::Each,
            sign => Sign::One(sign),
        });
    }
    let (mut at, mut sign) = (0, 0);
    // Where the last `%` stands, and how far it reaches.
    let mut any: Option<(usize, usize)> = None;
    while at < text.len() {
        match signs.get(sign) {
            Some(Sign::Any) => {
                any = Some((sign, at));
                sign += 1;
            }
            Some(Sign::Each) => (at, sign) = (at + 1, sign + 1),
            Some(Sign::One(own)) if *own == text[at] => (at, sign) = (at + 1, sign + 1),
            _ => {
                let Some((place, reach)) = any else { return false };
                any = Some((place, reach + 1));
                (at, sign) = (reach + 1, place + 1);
            }
        }
    }
    signs.iter().skip(sign).all(|sign| matches!(sign, Sign::Any))
}

/// A sign of a pattern.
enum Sign {
    Any,
    Each,
    One(char),
}
