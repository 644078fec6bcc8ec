//! Amounts without a sign beside a column that says debit or credit.
//!
//! ```text
//! Betrag  S/H        an amount above zero everywhere, and a column of two words that ledgers have for the two sides:
//! 120,00  S          the one that stands in fewer rows turns the sign
//! 30,00   H
//! ```

use std::collections::BTreeMap;

use netto_model::contract::ORDER_LINES;
use netto_model::table::{Table, Type};

use super::sample::Sample;
use super::sources::{DraftColumn, Match, Sureness};
use super::text::quoted;

/// What ledgers call debit and credit.
const SIDES: [(&str, &str); 13] = [
    ("d", "c"),
    ("d", "k"),
    ("dr", "cr"),
    ("s", "h"),
    ("soll", "haben"),
    ("debit", "credit"),
    ("debet", "credit"),
    ("debet", "kredit"),
    ("debe", "haber"),
    ("dare", "avere"),
    ("wn", "ma"),
    ("deb", "cred"),
    ("+", "-"),
];

/// A column that says which amounts are negative.
pub(super) struct SignBeside {
    pub(super) field: usize,
    negative: String,
    positive: String,
}

impl SignBeside {
    /// Where amounts have no sign of their own.
    pub(super) fn of(source: &Table, sample: &Sample, matches: &[Match]) -> Option<Self> {
        let is_used = |field: usize| matches.iter().any(|(_, used, _)| *used == field);
        let is_amount = |&&(column, field, _): &&Match| column.ty == Type::Decimal && !sample.values[field].is_empty();
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
        let (field, debit, credit) = (0..sample.header.len()).filter(|field| !is_used(*field)).find_map(side)?;
        let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &sample.rows {
            *rows.entry(row.get(field).map_or("", |word| word.trim())).or_default() += 1;
        }
        let many = |word: &String| rows.get(word.as_str()).copied().unwrap_or(0);
        // Revenue is a debit of the customer's account, or a credit of the ledger's; credit notes are fewer.
        let turned = source.name == ORDER_LINES.name && many(&debit) < many(&credit);
        let (negative, positive) = if turned { (debit, credit) } else { (credit, debit) };
        Some(Self { field, negative, positive })
    }

    /// The same amount with its sign.
    pub(super) fn turn(&self, header: &[String], column: &mut DraftColumn) {
        let [from, negative, positive] =
            [header.get(self.field).map_or("", String::as_str), &self.negative, &self.positive].map(quoted);
        let sign = format!("sign = {{ from = {from}, negative = [{negative}], positive = [{positive}] }}");
        column.value = match column.value.strip_prefix('{').and_then(|value| value.strip_suffix('}')) {
            Some(settings) => format!("{{ {}, {sign} }}", settings.trim()),
            None => format!("{{ from = {}, {sign} }}", column.value),
        };
        column.sureness = Sureness::Look;
        column.remark = format!("no amount has a sign: does {negative} turn it?");
    }
}
