//! Cost of each activity for the products of each supplier: an amount's parts are added up while it is split over the lines, so no line is read again.
//!
//! ```text
//! ledger   A · buying 30.00        lines of A   p (supplier S) 10.00 · q (supplier T) 10.00 · r (no supplier) 10.00
//! fact     buying: S 10.00 · T 10.00 · empty 10.00
//! ```

use std::collections::BTreeMap;

use netto_model::contract::FCT_SUPPLIER_ACTIVITY_MONTH;
use netto_model::money::MoneyError;
use netto_model::{Money, Period, column as c};
use polars::prelude::*;

use super::lines::text;
use super::rows::Activity;
use super::suppliers::Suppliers;
use super::tie;
use crate::ProfitError;

/// The sums of a month.
pub(super) struct SupplierActivities<'a> {
    activities: &'a BTreeMap<String, Activity>,
    suppliers: &'a Suppliers<'a>,
    /// Every supplier of the first activity, then of the second, …
    sums: Vec<Sum>,
}

/// What an activity did for a supplier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    minutes: i128,
    amount: i128,
}

impl<'a> SupplierActivities<'a> {
    /// Nothing yet.
    pub(super) fn new(suppliers: &'a Suppliers<'a>, activities: &'a BTreeMap<String, Activity>) -> Self {
        Self { activities, suppliers, sums: vec![Sum::default(); activities.len() * suppliers.names.len()] }
    }

    /// Adds the parts of an activity's amount and minutes: of a customer's lines from `first_line` on, or of no line.
    pub(super) fn add(&mut self, activity: &Activity, first_line: Option<usize>, amounts: &[i64], minutes: &[i64]) {
        let nobody = [self.suppliers.nobody];
        let suppliers = first_line.map_or(&nobody[..], |first| &self.suppliers.of_line[first..first + amounts.len()]);
        let count = self.suppliers.names.len();
        let of_activity = &mut self.sums[activity.place * count..(activity.place + 1) * count];
        for (&supplier, (&amount, &minutes)) in suppliers.iter().zip(amounts.iter().zip(minutes)) {
            let sum = &mut of_activity[supplier as usize];
            sum.amount += i128::from(amount);
            sum.minutes += i128::from(minutes);
        }
    }

    /// The table of the month; it ties to the ledger, activity by activity.
    pub(super) fn table(&self, period: Period, ledger: &DataFrame) -> Result<DataFrame, ProfitError> {
        self.tie(period, ledger)?;
        let names =
            self.activities.keys().flat_map(|name| self.suppliers.names.iter().map(move |supplier| (name, supplier)));
        let rows: Vec<_> = names.zip(&self.sums).filter(|(_, sum)| **sum != Sum::default()).collect();
        let amounts = |of: fn(&Sum) -> i128| {
            rows.iter().map(|(_, sum)| Money::try_from_wide(of(sum)).map(Money::units)).collect::<Result<Vec<_>, _>>()
        };
        let too_large = |source: MoneyError| ProfitError::Money {
            place: format!("{} of {period}", FCT_SUPPLIER_ACTIVITY_MONTH.name),
            source,
        };
        let frame = df!(
            c::SUPPLIER_ID => rows.iter().map(|((_, supplier), _)| **supplier).collect::<Vec<_>>(),
            c::ACTIVITY => rows.iter().map(|((activity, _), _)| activity.as_str()).collect::<Vec<_>>(),
            c::MINUTES => amounts(|sum| sum.minutes).map_err(too_large)?,
            c::AMOUNT => amounts(|sum| sum.amount).map_err(too_large)?,
        )?;
        let month = lit(period.first_day()).cast(DataType::Date).alias(c::PERIOD);
        Ok(frame.lazy().with_column(month).collect()?)
    }

    /// Each activity's parts are what the ledger says of it.
    fn tie(&self, period: Period, ledger: &DataFrame) -> Result<(), ProfitError> {
        let mut left: Vec<Sum> = self.sums.chunks(self.suppliers.names.len()).map(added).collect();
        let amounts = ledger.column(c::AMOUNT)?.i64()?.iter().zip(ledger.column(c::QUANTITY)?.i64()?.iter());
        for (name, (amount, quantity)) in text(ledger, c::ACTIVITY)?.iter().zip(amounts) {
            let Some(activity) = name.and_then(|name| self.activities.get(name)) else { continue };
            let left = &mut left[activity.place];
            left.amount -= i128::from(amount.unwrap_or_default());
            left.minutes -= if activity.time { i128::from(quantity.unwrap_or_default()) } else { 0 };
        }
        for (name, left) in self.activities.keys().zip(left) {
            for (column, difference) in [(c::AMOUNT, left.amount), (c::MINUTES, left.minutes)] {
                let part = || Some(format!("activity `{name}`"));
                tie::nothing_left(FCT_SUPPLIER_ACTIVITY_MONTH.name, period, column, part, difference)?;
            }
        }
        Ok(())
    }
}

fn added(sums: &[Sum]) -> Sum {
    sums.iter()
        .fold(Sum::default(), |all, sum| Sum { minutes: all.minutes + sum.minutes, amount: all.amount + sum.amount })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Step;

    fn activity(place: usize) -> Activity {
        let (step, compensation, of_orders, by_warehouse) = (Step::CostToServe, false, false, false);
        Activity {
            place,
            step,
            compensation,
            time: place == 1,
            of_orders,
            of_lines: false,
            negative: crate::negative::Negative::Refuse,
            of_goods: false,
            pool: String::new(),
            avoidable: 0,
            standing: false,
            by_warehouse,
        }
    }

    #[test]
    fn parts_that_are_not_what_the_ledger_says_are_refused_by_month_activity_and_column() {
        let activities: BTreeMap<String, Activity> =
            [("buying", 0), ("quotes", 1)].map(|(name, place)| (name.to_owned(), activity(place))).into();
        let ledger = df!("activity" => ["buying", "quotes", "quotes"], "quantity" => [3_i64, 5, 1], "amount" => [40_i64, 20, 10]);
        let ledger = ledger.unwrap();
        let said = |amounts: &[i64], minutes: i64| {
            let suppliers = Suppliers { names: vec!["S", ""], of_line: vec![0, 1], nobody: 1 };
            let mut done = SupplierActivities::new(&suppliers, &activities);
            done.add(&activities["buying"], Some(0), amounts, &[0, 0]);
            done.add(&activities["quotes"], None, &[30], &[minutes]);
            done.table(Period::new(2025, 3), &ledger).map(|table| table.height()).map_err(|error| error.to_string())
        };
        assert_eq!(said(&[15, 25], 6), Ok(3));
        assert_eq!(
            said(&[15, 24], 6),
            Err("amount of fct_supplier_activity_month in 2025-03, activity `buying`, doesn't tie to the ledger: -0.0001 too much".into())
        );
        assert_eq!(
            said(&[15, 25], 9),
            Err("minutes of fct_supplier_activity_month in 2025-03, activity `quotes`, doesn't tie to the ledger: 0.0003 too much".into())
        );
    }
}
