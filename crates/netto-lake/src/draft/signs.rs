//! Detects unsigned amounts whose sign is in a debit/credit column or in a word beside the amount.
//!
//! ```text
//! Saldo           the word is in the column itself
//! 1.234,50 CR
//!
//! Betrag  S/H        all amounts are above zero, and another column has the two words that ledgers use for the two sides:
//! 120,00  S          the word in fewer rows turns the sign
//! 30,00   H
//! ```

use std::collections::BTreeMap;

use netto_model::column as c;
use netto_model::contract::ORDER_LINES;
use netto_model::table::{Table, Type};

use super::kinds::{Kind, Values};
use super::matches::Match;
use super::sample::{Sample, is_something, value};
use super::source::{DraftColumn, Sureness};
use super::text::{quoted, with_setting};
use crate::sides::{self, SIDES};

/// A column that says which amounts are negative.
pub(super) struct SignBeside {
    pub(super) field: usize,
    negative: String,
    positive: String,
}

impl SignBeside {
    /// Finds the column if no amount has a sign of its own.
    pub(super) fn of(source: &Table, sample: &Sample, matches: &[Match]) -> Option<Self> {
        let is_used = |field: usize| matches.iter().any(|(_, used, _)| *used == field);
        let is_amount = |&&(column, field, _): &&Match| {
            column.ty == Type::Decimal && !sample.values[field].is_empty() && sample.sides[field].is_none()
        };
        let mut amounts = matches.iter().filter(is_amount).peekable();
        amounts.peek()?;
        if amounts.any(|(_, field, _)| sample.values[*field].iter().any(|value| value.contains(['-', '\u{2212}', '('])))
        {
            return None;
        }
        let side = |field: usize| {
            let values: Vec<&String> = sample.values[field].iter().collect();
            let [one, other] = values.as_slice() else { return None };
            let [a, b] = [one, other].map(|word| word.to_lowercase());
            let debit_first = SIDES.contains(&(a.as_str(), b.as_str()));
            let known = debit_first || SIDES.contains(&(b.as_str(), a.as_str()));
            let (debit, credit) = if debit_first { (one, other) } else { (other, one) };
            known.then(|| (field, (*debit).clone(), (*credit).clone()))
        };
        let (field, debit, credit) = sample.fields().filter(|field| !is_used(*field)).find_map(side)?;
        let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &sample.rows {
            *rows.entry(value(row, field)).or_default() += 1;
        }
        let many = |word: &String| rows.get(word.as_str()).copied().unwrap_or(0);
        // Revenue is a debit of the customer's account, or a credit in the ledger, so the rarer word marks the credit notes.
        let turned = source.name == ORDER_LINES.name && many(&debit) < many(&credit);
        let (negative, positive) = if turned { (debit, credit) } else { (credit, debit) };
        Some(Self { field, negative, positive })
    }

    /// Adds the sign to an amount.
    pub(super) fn turn(&self, header: &[String], column: &mut DraftColumn) {
        let [from, negative, positive] =
            [header.get(self.field).map_or("", String::as_str), &self.negative, &self.positive].map(quoted);
        let sign = format!("sign = {{ from = {from}, negative = [{negative}], positive = [{positive}] }}");
        column.value = with_setting(&column.value, &sign);
        column.sureness = Sureness::Look;
        column.remark = format!("no amount has a sign: does {negative} mean negative?");
    }
}

/// Makes one amount of two columns, debit and credit, if only one of them was used.
pub(super) fn take_from_two_columns(sample: &Sample, columns: &mut [DraftColumn], used: &mut Vec<usize>) {
    let Some((debit, credit)) = in_two_columns(sample) else { return };
    let is_chosen = |column: &&mut DraftColumn| {
        let names = [debit, credit].map(|field| quoted(&sample.header[field]));
        column.column == c::AMOUNT && names.contains(&column.value)
    };
    for column in columns.iter_mut().filter(is_chosen) {
        let [from, less] = [debit, credit].map(|field| sample.in_sql(field));
        let value = format!("{{ sql = 'coalesce({from}, 0) - coalesce({less}, 0)' }}");
        column.change(value, "the amount is in two columns");
        used.extend([debit, credit]);
    }
}

/// The fields of an amount in two columns, debit and credit, of which one is empty or zero in each row.
fn in_two_columns(sample: &Sample) -> Option<(usize, usize)> {
    let numbers = || sample.fields().filter(|field| matches!(sample.kinds[*field], Kind::Number | Kind::Empty));
    let words = |field: usize| {
        let name = sample.header[field].to_lowercase();
        name.split(|sign: char| !sign.is_alphabetic()).map(str::to_owned).collect::<Vec<_>>()
    };
    let is = |field: usize, wanted: &str| words(field).iter().any(|word| word == wanted);
    let pairs = SIDES.iter().filter(|(debit, _)| debit.len() > 3);
    let found = pairs
        .flat_map(|(debit, credit)| numbers().filter(move |field| is(*field, debit)).map(move |field| (field, credit)));
    let mut fields = found
        .filter_map(|(debit, credit)| Some((debit, numbers().find(|field| *field != debit && is(*field, credit))?)));
    let is_nothing = |row: &Vec<String>, field: usize| !is_something(value(row, field));
    fields.find(|(debit, credit)| sample.rows.iter().all(|row| is_nothing(row, *debit) || is_nothing(row, *credit)))
}

/// Words beside the amounts of a column that say their sides, each with the number of its rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Sides {
    debit: BTreeMap<String, usize>,
    credit: BTreeMap<String, usize>,
    /// Rows with an amount other than zero and without a word.
    bare: usize,
}

impl Sides {
    /// Finds the words in a column with hardly anything but amounts, if all of its words belong to one pair.
    pub(super) fn of(values: &Values<'_>) -> Option<Self> {
        let is_amount = |text: &str| {
            let (front, bare, behind) = sides::parts(text);
            let is_free = |sign: char| !sign.is_alphabetic() && sign != '-' && sign != '(';
            let words = [front, behind].iter().filter(|word| !word.is_empty()).count();
            words <= 1 && bare.contains(|sign: char| sign.is_ascii_digit()) && bare.chars().all(is_free)
        };
        let words: Vec<(&str, usize)> = values
            .counted()
            .filter_map(|(text, rows)| {
                let (front, _, behind) = sides::parts(text);
                Some((if front.is_empty() { behind } else { front }, rows)).filter(|(word, _)| !word.is_empty())
            })
            .collect();
        let first = words.first()?.0;
        let of_pair = |pair: &(&str, &str)| words.iter().all(|(word, _)| sides::pair(word).any(|known| known == *pair));
        let (debit, _) = sides::pair(first).find(of_pair)?;
        if !values.nearly_all(is_amount) {
            return None;
        }
        let mut found = Self::default();
        for (word, rows) in words {
            let is_debit = word.trim_end_matches('.').to_lowercase() == debit;
            let side = if is_debit { &mut found.debit } else { &mut found.credit };
            *side.entry(word.to_owned()).or_default() += rows;
        }
        let with_digits = |text: &str| text.contains(|sign: char| ('1'..='9').contains(&sign));
        let is_bare = |text: &str| {
            let (front, _, behind) = sides::parts(text);
            front.is_empty() && behind.is_empty() && with_digits(text)
        };
        found.bare = values.counted().filter(|(text, _)| is_bare(text)).map(|(_, rows)| rows).sum();
        // If some amounts have no word, the words must be those of one side.
        (found.bare == 0 || found.debit.is_empty() || found.credit.is_empty()).then_some(found)
    }

    /// Adds the words of another file of the same form.
    pub(super) fn add(&mut self, other: Self) {
        for (side, others) in [(&mut self.debit, other.debit), (&mut self.credit, other.credit)] {
            for (word, rows) in others {
                *side.entry(word).or_default() += rows;
            }
        }
        self.bare += other.bare;
    }

    /// Adds the words that turn the sign of the column. Revenue is a debit of the customer's account, or a credit in the ledger, so the side with
    /// fewer rows has the credit notes.
    pub(super) fn turn(&self, source: &Table, column: &mut DraftColumn) {
        let rows = |side: &BTreeMap<String, usize>| side.values().sum::<usize>();
        let (debit, credit) = (rows(&self.debit), rows(&self.credit));
        let one_side = debit == 0 || credit == 0;
        let credits_are_negative = match (one_side, self.bare > 0) {
            (true, true) => credit > 0,
            // All amounts are on one side.
            (true, false) => debit > 0,
            _ => source.name != ORDER_LINES.name || credit <= debit,
        };
        let (negative, positive) =
            if credits_are_negative { (&self.credit, &self.debit) } else { (&self.debit, &self.credit) };
        let list =
            |words: &BTreeMap<String, usize>| words.keys().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
        let other = positive.keys().next().and_then(|word| {
            let (debit, credit) = sides::pair(word).next()?;
            let other = if word.trim_end_matches('.').to_lowercase() == debit { credit } else { debit };
            let capitals = word.chars().any(char::is_uppercase);
            Some(quoted(&if capitals { other.to_uppercase() } else { other.to_owned() }))
        });
        let negative = if negative.is_empty() { other.unwrap_or_default() } else { list(negative) };
        let positive = if positive.is_empty() { String::new() } else { format!(", positive = [{}]", list(positive)) };
        let from = if column.value.starts_with('{') { return } else { &column.value };
        column.value = format!("{{ from = {from}, sign = {{ negative = [{negative}]{positive} }} }}");
        column.sureness = Sureness::Look;
        column.remark = format!("a word beside the amount gives its side: does {negative} mean negative?");
    }
}
