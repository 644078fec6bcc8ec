//! The customers of arbitrary months, with rank and tier: goals, fixed shares and hysteresis need months of their own. `customer_total.sql` defines rank and
//! tier, as for the windows of all tables.
//!
//! With hysteresis configured, a customer may be held in its tier of the months before, as in the windows of the other tables.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use netto_model::contract::{DIM_PERIOD, FCT_CUSTOMER_MONTH, TIERS, model};
use netto_model::{Period, Window, column as c};
use polars::prelude::*;

use crate::dimensions::periods;
use crate::hysteresis::hold_in;
use crate::models::{Tables, computed_for};
use crate::settings::Settings;
use crate::windows::{known, months, sold};
use crate::{Inputs, SegmentConfig, SegmentError};

/// A customer in some months; amounts in ten-thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) tier: &'static str,
    /// Tier by rank alone, without hysteresis.
    pub(crate) cut_tier: &'static str,
    /// Rank by the measure of the pyramid; `None` when inactive.
    pub(crate) rank: Option<i64>,
    pub(crate) revenue: i64,
    pub(crate) cost: i64,
    pub(crate) profit: i64,
}

impl Customer {
    pub(crate) const fn is_active(&self) -> bool {
        self.rank.is_some()
    }
}

/// The tier of customers that bought only before the window.
pub(crate) const INACTIVE: &str = "Inactive";

/// The customers of each window, active ones by rank, then inactive ones by id.
///
/// `customer_month` is `fct_customer_month`, or the part of it that is known; `months` are those of the data.
///
/// # Errors
/// When the query of `customer_total` can't be run.
pub(crate) fn of_windows(
    windows: &[Window],
    customer_month: &DataFrame,
    months: &[Period],
    settings: Settings<'_>,
) -> Result<Vec<Vec<Customer>>, SegmentError> {
    let mut wanted: Vec<(i32, i32)> = windows.iter().copied().map(ends).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let (first, last): (Vec<i32>, Vec<i32>) = wanted.into_iter().unzip();
    let dates = [c::FIRST_PERIOD, c::LAST_PERIOD].map(|name| col(name).cast(DataType::Date));
    let ranked = df!(c::FIRST_PERIOD => first, c::LAST_PERIOD => last)?.lazy().with_columns(dates).collect()?;
    let mut tables = Tables::default();
    tables.insert(model("ranked_window"), ranked);
    tables.insert(&DIM_PERIOD, periods(months)?.data);
    tables.insert(&FCT_CUSTOMER_MONTH, customer_month.clone());
    computed_for("customer_total", &mut tables, settings)?;
    let mut of_window = by_window(&tables.plan(model("customer_total")).collect()?)?;
    for customers in of_window.values_mut() {
        customers.sort_unstable_by_key(|(place, _)| *place);
    }
    let of =
        |window: &Window| of_window.get(&ends(*window)).into_iter().flatten().map(|(_, row)| row.clone()).collect();
    Ok(windows.iter().map(of).collect())
}

fn ends(window: Window) -> (i32, i32) {
    (window.first.first_day(), window.last.first_day())
}

/// Customers of each window, with their indexes.
type Placed = BTreeMap<(i32, i32), Vec<(i64, Customer)>>;

/// Rows of `customer_total` by their window.
fn by_window(data: &DataFrame) -> PolarsResult<Placed> {
    let days = |name: &str| PolarsResult::Ok(data.column(name)?.date()?.physical().clone());
    let number = |name: &str| data.column(name)?.i64();
    let text = |name: &str| data.column(name)?.str();
    let (first, last) = (days(c::FIRST_PERIOD)?, days(c::LAST_PERIOD)?);
    let (ids, tiers, places, ranks) = (text(c::CUSTOMER_ID)?, text(c::CUT_TIER)?, number(c::PLACE)?, number(c::RANK)?);
    let amounts = [number(c::INVOICE_REVENUE)?, number(c::COST_TO_SERVE)?, number(c::NET_PROFIT)?];
    let mut of_window = Placed::new();
    for row in 0..data.height() {
        let units = |column: &Int64Chunked| column.get(row).unwrap_or_default();
        let cut_tier = TIERS.iter().find(|tier| Some(**tier) == tiers.get(row)).copied().unwrap_or(INACTIVE);
        let [revenue, cost, profit] = amounts.map(units);
        let id = ids.get(row).unwrap_or_default().to_owned();
        let customer = Customer { id, tier: cut_tier, cut_tier, rank: ranks.get(row), revenue, cost, profit };
        let ends = (first.get(row).unwrap_or_default(), last.get(row).unwrap_or_default());
        of_window.entry(ends).or_default().push((units(places), customer));
    }
    Ok(of_window)
}

/// Customers of a window, by id.
pub(crate) type Customers = Rc<BTreeMap<String, Customer>>;

/// Customers by window, cached.
pub(crate) struct WindowCustomers<'a> {
    inputs: &'a Inputs<'a>,
    config: &'a SegmentConfig,
    months: Vec<Period>,
    /// First month of the data.
    pub(crate) first_month: Period,
    /// The months with sales.
    pub(crate) sold: BTreeSet<Period>,
    known: RefCell<BTreeMap<Window, Customers>>,
}

impl<'a> WindowCustomers<'a> {
    pub(crate) fn new(inputs: &'a Inputs<'a>, config: &'a SegmentConfig) -> Result<Self, SegmentError> {
        let months = months(inputs)?;
        let first_month = months.first().copied().unwrap_or(inputs.last_month);
        Ok(Self { inputs, config, months, first_month, sold: sold(inputs)?, known: RefCell::new(BTreeMap::new()) })
    }

    /// All customers that bought or were served in the window or before it.
    pub(crate) fn of(&self, window: Window) -> Result<Customers, SegmentError> {
        if let Some(known) = self.known.borrow().get(&window) {
            return Ok(Rc::clone(known));
        }
        let rows = Rc::new(self.held(window)?.into_iter().map(|customer| (customer.id.clone(), customer)).collect());
        self.known.borrow_mut().insert(window, Rc::clone(&rows));
        Ok(rows)
    }

    fn held(&self, window: Window) -> Result<Vec<Customer>, SegmentError> {
        let settings = Settings::of(self.config);
        let rows = of_windows(&[window], self.inputs.waterfall.data(), &self.months, settings)?;
        let mut rows: Vec<Customer> = rows.into_iter().flatten().collect();
        let before = known(window.previous(), window, &self.sold).filter(|_| self.config.hysteresis > 0.0);
        if let Some(before) = before {
            let before = self.of(before)?.values().map(|customer| (customer.id.clone(), customer.tier)).collect();
            hold_in(&mut rows, &before, self.config);
        }
        Ok(rows)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A customer with revenue and profit; cost is half of the revenue.
    pub(crate) fn customer(id: &str, rank: i64, revenue: i64, profit: i64) -> Customer {
        let (tier, cut_tier) = ("Small", "Small");
        Customer { id: id.into(), tier, cut_tier, rank: Some(rank), revenue, cost: revenue / 2, profit }
    }

    /// The customers of January by what they brought; a quarter each is Top, Large, Medium and Small.
    pub(crate) fn in_quarters(revenues: &[(&str, i64)]) -> Vec<Customer> {
        let january = Period::new(2025, 1);
        let (ids, revenue): (Vec<&str>, Vec<i64>) = revenues.iter().copied().unzip();
        let orders: Vec<i64> = revenue.iter().map(|revenue| i64::from(*revenue > 0)).collect();
        let nothing = vec![0_i64; ids.len()];
        let month = df!(
            c::CUSTOMER_ID => ids, c::PERIOD => vec![january.first_day(); orders.len()], c::ORDERS => &orders,
            c::LINES => &orders, c::INVOICE_REVENUE => revenue, c::GROSS_MARGIN => &nothing, c::COST_TO_SERVE => &nothing,
            c::NET_PROFIT => &nothing, c::MINUTES => &nothing
        );
        let month = month.unwrap().lazy().with_column(col(c::PERIOD).cast(DataType::Date)).collect().unwrap();
        let tiers = crate::TierShares { top: 0.25, large: 0.25, medium: 0.25 };
        let config = SegmentConfig { tiers, ..SegmentConfig::default() };
        let window = [Window::ending(january, 1)];
        of_windows(&window, &month, &[january], Settings::of(&config)).unwrap().remove(0)
    }

    #[test]
    fn customers_that_nobody_knows_have_no_rank_and_a_tier_of_their_own() {
        let found: Vec<_> = in_quarters(&[("(unknown)", 900), ("A", 100), ("B", 50), ("C", 0)])
            .into_iter()
            .map(|row| (row.id, row.rank, row.tier))
            .collect();
        let wanted =
            [("A", Some(1), "Top"), ("B", Some(2), "Medium"), ("(unknown)", None, "(unknown)"), ("C", None, INACTIVE)];
        assert_eq!(found, wanted.map(|(id, rank, tier)| (id.to_owned(), rank, tier)));
    }
}
