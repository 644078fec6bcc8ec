//! Checks after every split: the parts of a customer month add up to it, to the last ten-thousandth.

use netto_model::money::SCALE;
use netto_model::{Money, Period, column as c};

use super::measures::Measures;
use super::rows::Rows;
use crate::ProfitError;

/// The rows sum to what waterfall and ledger say, and are as many orders as count.
pub(super) fn rows(table: &'static str, period: Period, rows: &Rows) -> Result<(), ProfitError> {
    let places = rows.customer.iter().copied();
    all_customers(table, period, rows, places.clone().zip(&rows.measures))?;
    let mut orders = vec![0_i64; rows.customers.len()];
    let mut last = None;
    for ((place, order), _) in places.zip(&rows.order).zip(&rows.counts).filter(|(_, counts)| **counts) {
        orders[place as usize] += i64::from(last.replace(order) != Some(order));
    }
    for ((id, found), (expected, _)) in rows.customers.iter().zip(orders).zip(&rows.expected) {
        same(table, period, c::ORDERS, Some(id), i128::from(found) - i128::from(*expected))?;
    }
    Ok(())
}

/// The parts of each customer sum to the customer month.
pub(super) fn all_customers<'a>(
    table: &'static str,
    period: Period,
    rows: &Rows,
    parts: impl Iterator<Item = (u32, &'a Measures)>,
) -> Result<(), ProfitError> {
    let mut left: Vec<Sum> = rows.expected.iter().map(|(_, expected)| Sum::default().less(expected)).collect();
    for (place, part) in parts {
        left[place as usize].add(part);
    }
    for (id, left) in rows.customers.iter().zip(left) {
        left.must_be_zero(table, period, Some(id))?;
    }
    Ok(())
}

/// The parts sum to the month.
pub(super) fn the_month(
    table: &'static str,
    period: Period,
    rows: &Rows,
    parts: &[Measures],
) -> Result<(), ProfitError> {
    let mut left = rows.expected.iter().fold(Sum::default(), |sum, (_, expected)| sum.less(expected));
    for part in parts {
        left.add(part);
    }
    left.must_be_zero(table, period, None)
}

/// Measures beyond 64 bits.
#[derive(Clone, Copy, Default)]
struct Sum([i128; Measures::COLUMNS.len()]);

impl Sum {
    fn add(&mut self, part: &Measures) {
        self.0.iter_mut().zip(part.values()).for_each(|(sum, part)| *sum += i128::from(part));
    }

    fn less(mut self, part: &Measures) -> Self {
        self.0.iter_mut().zip(part.values()).for_each(|(sum, part)| *sum -= i128::from(part));
        self
    }

    fn must_be_zero(&self, table: &'static str, period: Period, customer: Option<&String>) -> Result<(), ProfitError> {
        let mut columns = Measures::COLUMNS.into_iter().zip(self.0);
        columns.try_for_each(|(column, difference)| same(table, period, column, customer, difference))
    }
}

/// The difference must be zero.
pub(super) fn same(
    table: &'static str,
    period: Period,
    column: &'static str,
    customer: Option<&String>,
    difference: i128,
) -> Result<(), ProfitError> {
    nothing_left(table, period, column, || customer.map(|customer| format!("customer `{customer}`")), difference)
}

/// The same, of any part of the table.
pub(super) fn nothing_left(
    table: &'static str,
    period: Period,
    column: &'static str,
    part: impl FnOnce() -> Option<String>,
    difference: i128,
) -> Result<(), ProfitError> {
    if difference == 0 {
        return Ok(());
    }
    // What is counted is told in whole ones.
    let unit = if matches!(column, c::ORDERS | c::LINES) { i128::from(SCALE) } else { 1 };
    let difference = Money::try_from_wide(difference * unit)
        .map_err(|source| ProfitError::Money { place: format!("{column} of {table} in {period}"), source })?;
    Err(ProfitError::Untied { table, period, column, part: part(), difference })
}
