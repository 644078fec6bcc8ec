//! Attention: a customer's share of minutes and cost against its share of revenue and potential (Curry, *Customer Marketing
//! Method*: attention goes where the business is, or may come from).
//!
//! ```text
//! minutes  cost   revenue  potential   index
//!  6 %      4 %     2 %       1 %      (6 + 4) ÷ 2 ÷ max(2, 1) = 2.5     over-served
//!  1 %      1 %     2 %       5 %      1 ÷ 5 = 0.2                       under-served
//! ```
//! Where no minutes, or no cost, are known at all, the other one counts alone; without either there is no table. Attention for who
//! has neither revenue nor potential is over-serving, whatever the index would be.

use std::collections::BTreeMap;

use netto_model::frame::Attention;
use netto_model::{Mart, Window, column as c};
use polars::prelude::*;

use crate::book::Book;
use crate::columns::{maybe_units, share, texts};
use crate::customer_window::Customer;
use crate::windows::{Named, per_year};
use crate::{AttentionConfig, Inputs, SegmentError};

/// A customer's shares of what there is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Shares {
    minutes: Option<f64>,
    cost: Option<f64>,
    revenue: Option<f64>,
    potential: Option<f64>,
}

impl Shares {
    /// The mean of the minutes' and the cost's share.
    fn attention(&self) -> f64 {
        match (self.minutes, self.cost) {
            (Some(minutes), Some(cost)) => f64::midpoint(minutes, cost),
            (one, other) => one.or(other).unwrap_or_default(),
        }
    }

    /// The larger of the revenue's and the potential's share.
    fn value(&self) -> f64 {
        let share = |of: Option<f64>| of.unwrap_or_default();
        share(self.revenue).max(share(self.potential))
    }

    /// Attention ÷ value, where there is any value.
    fn index(&self) -> Option<f64> {
        (self.value() > 0.0).then(|| self.attention() / self.value())
    }
}

impl AttentionConfig {
    fn status(self, shares: &Shares) -> &'static str {
        match shares.index() {
            Some(index) if index > self.over => "over-served",
            Some(index) if index < self.under => "under-served",
            None if shares.attention() > 0.0 => "over-served",
            _ => "in balance",
        }
    }
}

/// Every customer of the main window.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let potentials = potentials(book.inputs)?;
    book.table_of_main::<Attention>(|named, customers| {
        let known: Vec<Customer> = customers.iter().filter(|row| row.is_known()).cloned().collect();
        Ok(of_window(named, &known, &potentials, book.config.attention)?)
    })
}

/// What each customer could buy in a year, where it was supplied.
pub(crate) fn potentials(inputs: &Inputs<'_>) -> PolarsResult<BTreeMap<String, i64>> {
    let data = inputs.customers.data();
    let rows = texts(data, c::CUSTOMER_ID)?.into_iter().zip(maybe_units(data, c::POTENTIAL)?);
    Ok(rows.filter_map(|(id, potential)| Some((id, potential?))).collect())
}

fn of_window(
    named: &Named,
    rows: &[Customer],
    potentials: &BTreeMap<String, i64>,
    config: AttentionConfig,
) -> PolarsResult<DataFrame> {
    let potential = |row: &Customer| potentials.get(&row.id).copied();
    let total = |of: &dyn Fn(&Customer) -> i64| rows.iter().map(of).sum::<i64>();
    let (minutes, cost) = (total(&|row| row.minutes), total(&|row| row.cost));
    let (revenue, all) = (total(&|row| row.revenue), total(&|row| potential(row).unwrap_or_default()));
    if minutes <= 0 && cost <= 0 {
        return Ok(DataFrame::empty());
    }
    let shares = |row: &Customer| Shares {
        minutes: share(row.minutes, minutes),
        cost: share(row.cost, cost),
        revenue: share(row.revenue, revenue),
        potential: potential(row).and_then(|potential| share(potential, all)),
    };
    let shares: Vec<Shares> = rows.iter().map(shares).collect();
    let each = |of: fn(&Customer) -> i64| rows.iter().map(of).collect::<Vec<_>>();
    let part = |of: fn(&Shares) -> Option<f64>| shares.iter().map(of).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![named.name.as_str(); rows.len()],
        c::CUSTOMER_ID => rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        c::TIER => rows.iter().map(|row| row.tier).collect::<Vec<_>>(),
        c::MINUTES => each(|row| row.minutes),
        c::MINUTES_SHARE => part(|shares| shares.minutes),
        c::COST_TO_SERVE => each(|row| row.cost),
        c::COST_SHARE => part(|shares| shares.cost),
        c::INVOICE_REVENUE => each(|row| row.revenue),
        c::REVENUE_SHARE => part(|shares| shares.revenue),
        c::POTENTIAL => rows.iter().map(potential).collect::<Vec<_>>(),
        c::POTENTIAL_SHARE => part(|shares| shares.potential),
        c::SHARE_OF_WALLET => rows.iter().map(|row| wallet(row, potential(row), named.window)).collect::<Vec<_>>(),
        c::ATTENTION_INDEX => part(Shares::index),
        c::ATTENTION_STATUS => shares.iter().map(|shares| config.status(shares)).collect::<Vec<_>>(),
    )
}

/// Revenue per year ÷ potential.
fn wallet(row: &Customer, potential: Option<i64>, window: Window) -> Option<f64> {
    share(per_year(row.revenue, window)?, potential?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use netto_model::Period;

    fn shares(minutes: f64, cost: f64, revenue: f64, potential: f64) -> Shares {
        let [minutes, cost, revenue, potential] = [minutes, cost, revenue, potential].map(Some);
        Shares { minutes, cost, revenue, potential }
    }

    fn status(shares: Shares) -> &'static str {
        AttentionConfig::default().status(&shares)
    }

    #[test]
    fn twice_the_attention_that_revenue_and_potential_justify_is_still_in_balance() {
        assert_eq!(shares(0.375, 0.125, 0.125, 0.0625).index(), Some(2.0));
        assert_eq!(status(shares(0.375, 0.125, 0.125, 0.0625)), "in balance");
        assert_eq!(status(shares(0.375, 0.25, 0.125, 0.0625)), "over-served");
        assert_eq!(status(shares(0.0625, 0.0625, 0.0625, 0.25)), "under-served", "the potential counts");
        assert_eq!(status(shares(0.0625, 0.0625, 0.0625, 0.125)), "in balance", "half is not less than half");
    }

    #[test]
    fn who_costs_and_has_no_value_is_over_served_and_nothing_for_nothing_is_in_balance() {
        assert_eq!((shares(0.1, 0.1, 0.0, 0.0).index(), status(shares(0.1, 0.1, 0.0, 0.0))), (None, "over-served"));
        assert_eq!(status(shares(0.0, 0.0, -0.1, 0.0)), "in balance");
    }

    #[test]
    fn without_minutes_cost_counts_alone_and_without_both_there_is_no_table() {
        let only_cost = Shares { minutes: None, ..shares(0.0, 0.3, 0.1, 0.1) };
        assert!((only_cost.index().unwrap() - 3.0).abs() < 1e-12);
        let year = Window::ending(Period::new(2025, 6), 12);
        let named = Named { name: "main".into(), window: year, previous: None };
        let rows = [Customer { cost: 0, ..customer("A", 1, 100, 100) }];
        let table = |rows| of_window(&named, rows, &BTreeMap::new(), AttentionConfig::default()).unwrap();
        assert_eq!(table(&rows).height(), 0);
        let served = table(&[customer("A", 1, 100, 50)]);
        assert_eq!(served.column(c::MINUTES_SHARE).unwrap().null_count(), 1);
        assert_eq!(served.column(c::POTENTIAL_SHARE).unwrap().null_count(), 1);
        assert_eq!(served.column(c::ATTENTION_INDEX).unwrap().f64().unwrap().get(0), Some(1.0));
    }

    #[test]
    fn share_of_wallet_is_that_of_a_year() {
        let row = customer("A", 1, 150, 0);
        let months = |months| Window::ending(Period::new(2025, 6), months);
        assert_eq!(wallet(&row, Some(1_000), months(6)), Some(0.3));
        assert_eq!(wallet(&row, None, months(6)), None);
    }
}
