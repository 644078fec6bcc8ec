//! Detects orders of several companies or shops with the same numbers, whose id needs another column.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::column as c;

use super::matches::{Match, field_of};
use super::sample::{Sample, is_filled, value};
use super::source::{DraftColumn, Sureness};
use super::text::quoted;

/// Handles companies that number their orders from the same start: if only another column separates the lines of two orders, that
/// column becomes part of the id.
pub(super) fn note_companies(
    sample: &Sample,
    matches: &[Match],
    used: &[usize],
    columns: &mut [DraftColumn],
) -> Option<usize> {
    let (order, line) = (field_of(matches, c::ORDER_ID)?, field_of(matches, c::LINE_NO)?);
    let rows: Vec<&Vec<String>> = sample.rows.iter().filter(|row| is_filled(row, order)).collect();
    let different = |fields: &[usize]| {
        let keys = rows.iter().map(|row| fields.iter().map(|field| value(row, *field)).collect::<Vec<_>>());
        keys.collect::<BTreeSet<_>>().len()
    };
    if different(&[order, line]) == rows.len() {
        return None;
    }
    let few = |field: &usize| {
        let is_free = is_of_a_place(matches, *field) || !used.contains(field);
        is_free && (2..=COMPANIES).contains(&sample.values[*field].len())
    };
    let company = sample.fields().filter(few).find(|field| different(&[*field, order, line]) == rows.len())?;
    for column in columns.iter_mut().filter(|column| column.column == c::ORDER_ID) {
        let [company, order] = [company, order].map(|field| quoted(&sample.header[field]));
        let remark = format!("the same number and line occur several times, with different {company}");
        column.change(format!("{{ join = [{company}, {order}] }}"), remark);
    }
    Some(company)
}

/// A column with more values doesn't hold companies.
const COMPANIES: usize = 20;

/// Whether the column is a place of the lines; a branch may number its own orders and still be one.
fn is_of_a_place(matches: &[Match], field: usize) -> bool {
    [c::WAREHOUSE, c::CHANNEL].iter().any(|name| field_of(matches, name) == Some(field))
}

/// For lines without numbers: lines of one order id with several customers belong to several orders.
pub(super) fn note_shared_numbers(sample: &Sample, matches: &[Match], columns: &mut [DraftColumn]) -> Vec<usize> {
    let shared = field_of(matches, c::ORDER_ID).filter(|_| field_of(matches, c::LINE_NO).is_none());
    let found = shared.and_then(|order| Some((order, of_several_customers(sample, matches, order)?)));
    let Some((order, parts)) = found else { return Vec::new() };
    let names: Vec<String> = parts.iter().map(|field| quoted(&sample.header[*field])).collect();
    for column in columns.iter_mut().filter(|column| column.column == c::ORDER_ID) {
        if names.is_empty() {
            column.sureness = Sureness::Look;
            "the same number occurs with several customers: is it the order number?".clone_into(&mut column.remark);
        } else {
            let remark =
                format!("the same number occurs with several customers, with different {}", names.join(" and "));
            let value = format!("{{ join = [{}, {}] }}", names.join(", "), quoted(&sample.header[order]));
            column.change(value, remark);
        }
    }
    parts
}

/// The columns that separate orders with the same number and different customers, from several shops or companies.
fn of_several_customers(sample: &Sample, matches: &[Match], order: usize) -> Option<Vec<usize>> {
    let customer = field_of(matches, c::CUSTOMER_ID)?;
    let several = |parts: &[usize]| {
        let mut of: BTreeMap<Vec<&str>, &str> = BTreeMap::new();
        let rows = sample.rows.iter().filter(|row| is_filled(row, order) && is_filled(row, customer));
        let mut keys = rows.map(|row| {
            let key = parts.iter().chain([&order]).map(|field| value(row, *field)).collect();
            *of.entry(key).or_insert(value(row, customer)) != value(row, customer)
        });
        keys.any(|is_other| is_other)
    };
    if !several(&[]) {
        return None;
    }
    let is_free =
        |field: &usize| is_of_a_place(matches, *field) || matches.iter().all(|(_, matched, _)| matched != field);
    let few = |field: &usize| (2..=COMPANIES).contains(&sample.values[*field].len()) && is_free(field);
    let fields: Vec<usize> = sample.fields().filter(few).collect();
    let pairs = fields.iter().flat_map(|one| fields.iter().map(|other| vec![*one, *other]));
    let sets = fields.iter().map(|one| vec![*one]).chain(pairs.filter(|pair| pair[0] < pair[1]));
    Some(sets.into_iter().find(|parts| !several(parts)).unwrap_or_default())
}
