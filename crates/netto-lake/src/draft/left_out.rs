//! Which rows of an export are no order lines: totals, remarks, what is cancelled or was only offered.

use netto_model::column as c;

use super::column::WORDS;
use super::matches::Match;
use super::sample::{Sample, is_filled, is_something, value};
use super::terms::is_cancelled;

/// A condition that leaves out what no order line is, and what that was; the columns that say what is cancelled are then used.
pub(super) fn order_lines_only(
    sample: &Sample,
    matches: &[Match],
    once: &[usize],
    used: &mut Vec<usize>,
) -> Option<(String, String)> {
    let none = no_order_lines(sample, matches, once, &|_, field| sample.in_sql(field));
    let mut filter = none.map(|(condition, remark)| (condition, remark.to_owned()));
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

/// A condition that leaves out the rows of an export that are no order lines, where some were seen: totals, which have an amount and neither day, customer
/// nor product, and remarks, which have no product and no amount.
pub(super) fn no_order_lines(
    sample: &Sample,
    matches: &[Match],
    once: &[usize],
    written: &dyn Fn(&'static str, usize) -> String,
) -> Option<(String, &'static str)> {
    let found =
        |name: &str| matches.iter().find(|(column, ..)| column.name == name).map(|found| (found.0.name, found.1));
    // What is taken from the row above says nothing of a row.
    let (names, remark) = match once {
        [] => (
            vec![c::ORDER_DATE, c::CUSTOMER_ID, c::PRODUCT_ID],
            "totals are no order lines: they have neither day, customer nor product",
        ),
        _ => (
            vec![c::PRODUCT_ID, c::QUANTITY],
            "heads and totals are no order lines: they have neither product nor quantity",
        ),
    };
    // A total may have the last day of its month.
    let others =
        (vec![c::CUSTOMER_ID, c::PRODUCT_ID], "totals are no order lines: they have neither customer nor product");
    for (names, remark) in [(names, remark)].into_iter().chain(once.is_empty().then_some(others)) {
        let names: Vec<_> = names.into_iter().filter_map(found).collect();
        let is_total = |row: &Vec<String>| !names.iter().any(|(_, field)| is_filled(row, *field));
        if names.len() > 1 && sample.rows.iter().any(is_total) {
            let empty = names.iter().map(|(name, field)| format!("{} = ''", written(name, *field)));
            let empty = empty.collect::<Vec<_>>().join(" and ");
            return Some((format!("not ({empty})"), remark));
        }
    }
    let (product, amount) = (found(c::PRODUCT_ID)?, found(c::NET_AMOUNT)?);
    let is_remark = |row: &&Vec<String>| !is_filled(row, product.1) && !is_something(value(row, amount.1));
    let first = sample.rows.iter().find(is_remark)?;
    let (product, of) = (written(product.0, product.1), written(amount.0, amount.1));
    let zero = if is_filled(first, amount.1) { format!("{of} = 0") } else { format!("{of} = ''") };
    Some((format!("not ({product} = '' and {zero})"), "remarks are no order lines: they have no product and no amount"))
}

/// Columns that say of rows that they are cancelled, or were only offered, and the words for it.
fn cancelled<'s>(sample: &'s Sample, taken: &[usize]) -> Vec<(usize, Vec<&'s String>)> {
    let words = |field: usize| -> Vec<&'s String> {
        let values = &sample.values[field];
        let found: Vec<&String> = values.iter().filter(|word| is_cancelled(word)).collect();
        if values.len() <= WORDS && values.len() > found.len() { found } else { Vec::new() }
    };
    let fields = sample.fields().filter(|field| !taken.contains(field));
    fields.map(|field| (field, words(field))).filter(|(_, words)| !words.is_empty()).collect()
}
