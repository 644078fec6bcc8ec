//! Detects rows of an export that are not order lines: totals, remarks, cancelled lines and mere offers.

use std::collections::BTreeMap;

use netto_model::column as c;

use super::column::WORDS;
use super::kinds::CENT;
use super::matches::Match;
use super::sample::{Sample, is_filled, is_something, value};
use super::terms::is_cancelled;

/// A condition that excludes rows that are not order lines, with their description; it marks the columns for cancellation as used.
pub(super) fn order_lines_only(
    sample: &Sample,
    matches: &[Match],
    no_lines: Option<&NoLines>,
    used: &mut Vec<usize>,
) -> Option<(String, String)> {
    let mut filter = no_lines.map(|no_lines| no_lines.condition(&|_, field| sample.in_sql(field)));
    let taken = matches.iter().filter(|(column, ..)| column.name != c::ORDER_KIND);
    let taken: Vec<usize> = taken.map(|(_, field, _)| *field).collect();
    for (field, words) in cancelled(sample, &taken) {
        let listed = words.iter().map(|word| format!("{} <> '{}'", sample.in_sql(field), word.replace('\'', "''")));
        let condition = listed.collect::<Vec<_>>().join(" and ");
        let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
        let remark = format!("have a look: rows that are {} don't count", words.join(" or "));
        filter = Some(match filter {
            Some((other, why)) => (format!("{other} and {condition}"), format!("{why}; {remark}")),
            None => (condition, remark),
        });
        used.push(field);
    }
    filter
}

/// Observed rows of an export that are not order lines.
pub(super) struct NoLines {
    /// Fields that are empty together.
    empty: Vec<Vec<(&'static str, usize)>>,
    /// Their amount, which is zero or empty; and whether a zero is written.
    nothing: Option<((&'static str, usize), bool)>,
    remark: &'static str,
}

impl NoLines {
    /// Totals, which have an amount and neither day, customer nor product, and remarks, which have no product and no amount. `once` are the
    /// fields that lines take from the row above.
    pub(super) fn of(sample: &Sample, matches: &[Match], once: &[usize]) -> Option<Self> {
        let found =
            |name: &str| matches.iter().find(|(column, ..)| column.name == name).map(|found| (found.0.name, found.1));
        // A value taken from the row above doesn't characterise a row.
        let of_heads = |name: &&str| found(name).is_some_and(|(_, field)| once.contains(&field));
        let own = |names: &[&'static str]| names.iter().copied().filter(|name| !of_heads(name)).collect::<Vec<_>>();
        let totals: &[(&[&str], &str)] = match once {
            [] => &[
                (
                    &[c::ORDER_DATE, c::CUSTOMER_ID, c::PRODUCT_ID],
                    "totals are not order lines: they have neither day, customer nor product",
                ),
                // A total may have the last day of its month, or its customer.
                (
                    &[c::CUSTOMER_ID, c::PRODUCT_ID],
                    "totals are not order lines: they have neither customer nor product",
                ),
                (&[c::ORDER_ID, c::PRODUCT_ID], "totals are not order lines: they have neither order nor product"),
            ],
            _ => &[
                (
                    &[c::PRODUCT_ID, c::QUANTITY],
                    "heads and totals are not order lines: they have neither product nor quantity",
                ),
                (
                    &[c::ORDER_ID, c::ORDER_DATE, c::PRODUCT_ID],
                    "heads and totals are not order lines: they have neither day nor product",
                ),
            ],
        };
        let mut all: Option<Self> = None;
        for (names, remark) in totals {
            let empty: Vec<_> = own(names).into_iter().filter_map(found).collect();
            let is_one = |row: &Vec<String>| are_empty(row, &empty);
            let is_left = |row: &&Vec<String>| is_one(row) && !all.as_ref().is_some_and(|all| all.has(row));
            if empty.len() < 2 || !sample.rows.iter().any(|row| is_left(&row)) {
                continue;
            }
            // What is seen with more fields empty may be seen with fewer.
            let mut before = all.map_or_else(Vec::new, |all| all.empty);
            before.retain(|before| sample.rows.iter().any(|row| are_empty(row, before) && !is_one(row)));
            before.push(empty);
            all = Some(Self { empty: before, nothing: None, remark });
        }
        if all.is_some() {
            return all;
        }
        if let Some(subtotals) = Self::subtotals(sample, matches) {
            return Some(subtotals);
        }
        let (product, amount) = (found(c::PRODUCT_ID)?, found(c::NET_AMOUNT)?);
        let is_remark = |row: &&Vec<String>| !is_filled(row, product.1) && !is_something(value(row, amount.1));
        let first = sample.rows.iter().find(is_remark)?;
        let nothing = Some((amount, is_filled(first, amount.1)));
        let remark = "remarks are not order lines: they have no product and no amount";
        Some(Self { empty: vec![vec![product]], nothing, remark })
    }

    /// Rows without product and quantity whose amount equals the total of their order's lines.
    fn subtotals(sample: &Sample, matches: &[Match]) -> Option<Self> {
        let [order, product, quantity, amount] = [c::ORDER_ID, c::PRODUCT_ID, c::QUANTITY, c::NET_AMOUNT]
            .map(|name| matches.iter().find(|(column, ..)| column.name == name).map(|found| (found.0.name, found.1)));
        let (order, amount) = (order?.1, amount?.1);
        let empty = vec![product?, quantity?];
        let dialect = sample.dialect();
        let number = |row: &[String]| dialect.number(value(row, amount)).map_or(0, i128::from);
        let mut lines: BTreeMap<&str, i128> = BTreeMap::new();
        for row in sample.rows.iter().filter(|row| !are_empty(row, &empty)) {
            *lines.entry(value(row, order)).or_default() += number(row);
        }
        let mut totals = sample.rows.iter().filter(|row| are_empty(row, &empty) && is_filled(row, order)).peekable();
        let any = totals.peek().is_some();
        let adds_up = |row: &Vec<String>| {
            lines.get(value(row, order)).is_some_and(|sum| (sum - number(row)).abs() <= i128::from(CENT))
        };
        let remark = "subtotals are not order lines: they have neither product nor quantity, and are the sum of the lines of their order";
        (any && totals.all(adds_up)).then(|| Self { empty: vec![empty], nothing: None, remark })
    }

    /// Whether a row is one of them.
    pub(super) fn has(&self, row: &[String]) -> bool {
        let is_nothing = |(_, field): (&str, usize)| !is_something(value(row, field));
        self.empty.iter().any(|empty| are_empty(row, empty))
            && self.nothing.is_none_or(|(amount, _)| is_nothing(amount))
    }

    /// The condition that excludes them, and their description.
    pub(super) fn condition(&self, written: &dyn Fn(&'static str, usize) -> String) -> (String, String) {
        let nothing = self.nothing.map(|((name, field), is_written)| {
            let amount = written(name, field);
            if is_written { format!("{amount} = 0") } else { format!("{amount} = ''") }
        });
        let of = |empty: &Vec<(&'static str, usize)>| {
            let empty = empty.iter().map(|(name, field)| format!("{} = ''", written(name, *field)));
            format!("not ({})", empty.chain(nothing.clone()).collect::<Vec<_>>().join(" and "))
        };
        (self.empty.iter().map(of).collect::<Vec<_>>().join(" and "), self.remark.to_owned())
    }
}

fn are_empty(row: &[String], fields: &[(&'static str, usize)]) -> bool {
    !fields.iter().any(|(_, field)| is_filled(row, *field))
}

/// Columns that mark rows as cancelled or only offered, with the words for it.
fn cancelled<'s>(sample: &'s Sample, taken: &[usize]) -> Vec<(usize, Vec<&'s String>)> {
    let words = |field: usize| -> Vec<&'s String> {
        let values = &sample.values[field];
        let found: Vec<&String> = values.iter().filter(|word| is_cancelled(word)).collect();
        if values.len() <= WORDS && values.len() > found.len() { found } else { Vec::new() }
    };
    let fields = sample.fields().filter(|field| !taken.contains(field));
    fields.map(|field| (field, words(field))).filter(|(_, words)| !words.is_empty()).collect()
}
