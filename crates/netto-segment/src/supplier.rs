//! Suppliers: what their products earn, and what it would bring if a supplier took work over (vendor-managed inventory, standard
//! questions, support).
//!
//! ```text
//! gross margin 10,000   cost-to-serve 3,000   average stock 5,000 at 20 %: holding cost 1,000
//! taken over      buying and storage 600, holding cost 1,000, questions 300, support 100        2,000
//! really saved    30 % of the pools' 1,000, and the holding cost                                1,300
//! given away      10,000 × 2,000 ÷ (3,000 + 1,000): the margin that these tasks earn            5,000
//! result          1,300 − 5,000                                                                −3,700
//! ```
//! Margin is what a distributor earns for all that it does for a supplier's products; who takes half of the work asks for half of
//! the margin. So work that is taken over must free more than capacity.
//!
//! Source: distribution as value added, Curry, *Customer Marketing Method*; functional discounts, Coughlan, Anderson, Stern &
//! El-Ansary, *Marketing Channels*.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::contract::SUPPLIER_SUMMARY;
use netto_model::frame::{DimPool, FctSupplierActivityMonth, FctSupplierMonth, Stock, SupplierSummary};
use netto_model::money::{MILLION, millionths};
use netto_model::{Frame, Mart, Money, Window, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::{lookup, quotient, share, sums, texts};
use crate::customer_window::Customer;
use crate::stock_turnover::{average_stock, counted_in, holding_cost, snapshots};
use crate::windows::inside;
use crate::{SegmentError, TakeoverConfig, tie};

/// A supplier in a window; amounts in ten-thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Supplier {
    lines: i64,
    revenue: i64,
    rebates_received: i64,
    margin: i64,
    cost: i64,
    profit: i64,
    /// Nothing where stock wasn't counted.
    stock: Option<i64>,
    holding_cost: Option<i64>,
    tasks: Tasks,
    takeover: Option<Takeover>,
}

/// Work that could be taken over; nothing where no activity is named for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tasks {
    stock_and_order: Option<Work>,
    questions: Option<Work>,
    support: Option<Work>,
}

/// What activities did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Work {
    minutes: i64,
    cost: i64,
    /// The part of the cost that goes away with the work.
    avoidable: i64,
}

/// The scenario: the supplier does the work from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Takeover {
    /// Cost of what is taken over.
    saving: i64,
    /// Of which really saved.
    avoidable: i64,
    given_away: Option<i64>,
}

impl Takeover {
    /// What is saved less what is given away.
    fn result(&self) -> Option<i64> {
        self.given_away.map(|given| self.avoidable - given)
    }
}

impl Tasks {
    fn all(&self) -> impl Iterator<Item = Work> {
        [self.stock_and_order, self.questions, self.support].into_iter().flatten()
    }
}

impl Supplier {
    /// What it would bring; nothing where no work is named.
    fn takeover(&self) -> Option<Takeover> {
        self.tasks.all().next()?;
        let holding = self.holding_cost.unwrap_or_default();
        let saving = holding + self.tasks.all().map(|work| work.cost).sum::<i64>();
        let avoidable = holding + self.tasks.all().map(|work| work.avoidable).sum::<i64>();
        Some(Takeover { saving, avoidable, given_away: self.value_added(saving) })
    }

    /// Gross margin × taken over ÷ (cost-to-serve + holding cost): none where there is no margin to give away, not known where
    /// there is no work to divide it over.
    fn value_added(&self, saving: i64) -> Option<i64> {
        let work = i128::from(self.cost) + i128::from(self.holding_cost.unwrap_or_default());
        if work <= 0 {
            return None;
        }
        quotient(i128::from(self.margin.max(0)) * i128::from(saving), work)
    }
}

/// The table of all windows; empty where suppliers, or what was sold of their products, aren't known.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let of_products = lookup(&book.inputs.products.latest().collect()?, c::PRODUCT_ID, c::SUPPLIER_ID)?;
    let (Some(sold), false) = (book.inputs.supplier_month, of_products.is_empty()) else {
        return absent::<SupplierSummary>();
    };
    let pools = Pools::of(book)?;
    book.table::<SupplierSummary>(|named, customers| {
        let window = named.window;
        let mut suppliers = sold_by(sold, window)?;
        audit(&named.name, &suppliers, customers)?;
        if let Some(stock) = book.inputs.stock {
            add_stock(&mut suppliers, stock, &of_products, window, book)?;
        }
        if let Some(activities) = book.inputs.supplier_activity_month {
            add_tasks(&mut suppliers, activities, window, &book.config.takeover, &pools)?;
        }
        for (_, supplier) in suppliers.iter_mut().filter(|(name, _)| !name.is_empty()) {
            supplier.takeover = supplier.takeover();
        }
        Ok(of_window(&named.name, &suppliers)?)
    })
}

/// What was sold of each supplier's products.
fn sold_by(sold: &Frame<FctSupplierMonth>, window: Window) -> PolarsResult<BTreeMap<String, Supplier>> {
    let columns = [c::LINES, c::INVOICE_REVENUE, c::REBATES_RECEIVED, c::GROSS_MARGIN, c::COST_TO_SERVE, c::NET_PROFIT];
    let mut suppliers = BTreeMap::new();
    for ([name], amounts) in sums(sold.lazy().filter(inside(window)), [c::SUPPLIER_ID], columns)? {
        let [lines, revenue, rebates_received, margin, cost, profit] = amounts;
        let figures = Supplier { lines, revenue, rebates_received, margin, cost, profit, ..Supplier::default() };
        suppliers.insert(name, figures);
    }
    Ok(suppliers)
}

/// The amounts are those of all customers.
fn audit(window: &str, suppliers: &BTreeMap<String, Supplier>, customers: &[Customer]) -> Result<(), SegmentError> {
    type Of<T> = fn(&T) -> i64;
    let columns: [(&str, Of<Supplier>, Of<Customer>); 5] = [
        (c::LINES, |row| row.lines, |row| row.lines),
        (c::INVOICE_REVENUE, |row| row.revenue, |row| row.revenue),
        (c::GROSS_MARGIN, |row| row.margin, |row| row.margin),
        (c::COST_TO_SERVE, |row| row.cost, |row| row.cost),
        (c::NET_PROFIT, |row| row.profit, |row| row.profit),
    ];
    for (name, of_supplier, of_customer) in columns {
        let (found, expected) =
            (tie::total(suppliers.values().map(of_supplier)), tie::total(customers.iter().map(of_customer)));
        tie::same(&SUPPLIER_SUMMARY, window, || name.to_owned(), found, expected)?;
    }
    Ok(())
}

/// The stock of each supplier's products, where it was counted in the window; a supplier may have stock and no sales.
fn add_stock(
    suppliers: &mut BTreeMap<String, Supplier>,
    stock: &Frame<Stock>,
    of_products: &BTreeMap<String, String>,
    window: Window,
    book: &Book<'_>,
) -> Result<(), SegmentError> {
    let snapshots = snapshots(stock, window)?;
    if snapshots == 0 {
        return Ok(());
    }
    let mut counted: BTreeMap<String, i128> = suppliers.keys().map(|name| (name.clone(), 0)).collect();
    for ([product], [value]) in sums(stock.lazy().filter(counted_in(window)), [c::PRODUCT_ID], [c::VALUE])? {
        *counted.entry(of_products.get(&product).cloned().unwrap_or_default()).or_default() += i128::from(value);
    }
    for (name, counted) in counted {
        let average = average_stock(counted, snapshots)?;
        let supplier = suppliers.entry(name).or_default();
        supplier.stock = Some(average.units());
        supplier.holding_cost = holding_cost(average, window, &book.config.stock)?.map(Money::units);
    }
    Ok(())
}

/// What the named activities did for each supplier's products.
fn add_tasks(
    suppliers: &mut BTreeMap<String, Supplier>,
    activities: &Frame<FctSupplierActivityMonth>,
    window: Window,
    config: &TakeoverConfig,
    pools: &Pools,
) -> Result<(), SegmentError> {
    let done = sums(activities.lazy().filter(inside(window)), [c::SUPPLIER_ID, c::ACTIVITY], [c::MINUTES, c::AMOUNT])?;
    let mut works: BTreeMap<String, BTreeMap<String, Work>> = BTreeMap::new();
    for ([supplier, activity], [minutes, cost]) in done {
        let avoidable = Money::from_units(cost).scaled(pools.avoidable(&activity), MILLION)?.units();
        works.entry(supplier).or_default().insert(activity, Work { minutes, cost, avoidable });
    }
    let nothing = BTreeMap::new();
    for (name, supplier) in suppliers {
        let of_supplier = works.get(name).unwrap_or(&nothing);
        let task = |names: &[String]| (!names.is_empty()).then(|| Work::together(names, of_supplier));
        supplier.tasks = Tasks {
            stock_and_order: task(&config.stock_and_order),
            questions: task(&config.questions),
            support: task(&config.support),
        };
    }
    Ok(())
}

impl Work {
    /// The named activities together.
    fn together(names: &[String], works: &BTreeMap<String, Self>) -> Self {
        let known = names.iter().collect::<BTreeSet<_>>().into_iter().filter_map(|name| works.get(name));
        known.fold(Self::default(), |all, work| Self {
            minutes: all.minutes + work.minutes,
            cost: all.cost + work.cost,
            avoidable: all.avoidable + work.avoidable,
        })
    }
}

/// From which pool each activity takes, and how much of a pool goes away with its work.
struct Pools {
    of_activity: BTreeMap<String, String>,
    /// In millionths.
    avoidable: BTreeMap<String, i64>,
}

impl Pools {
    fn of(book: &Book<'_>) -> PolarsResult<Self> {
        let of_activity = lookup(book.inputs.activities.data(), c::ACTIVITY, c::POOL)?;
        Ok(Self { of_activity, avoidable: avoidable(book.inputs.pools)? })
    }

    /// In millionths; what isn't known to go away stays.
    fn avoidable(&self, activity: &str) -> i64 {
        let pool = self.of_activity.get(activity);
        pool.and_then(|pool| self.avoidable.get(pool)).copied().unwrap_or_default()
    }
}

/// The part of each pool's cost that really goes away with its work; the rest is capacity that is only freed.
fn avoidable(pools: &Frame<DimPool>) -> PolarsResult<BTreeMap<String, i64>> {
    let shares = pools.data().column(c::AVOIDABLE_SHARE)?.f64()?.clone();
    let known = texts(pools.data(), c::POOL)?.into_iter().zip(shares.iter());
    Ok(known.filter_map(|(pool, share)| Some((pool, millionths(share?)))).collect())
}

fn of_window(window: &str, suppliers: &BTreeMap<String, Supplier>) -> PolarsResult<DataFrame> {
    let rows = || suppliers.values();
    let each = |of: fn(&Supplier) -> i64| rows().map(of).collect::<Vec<_>>();
    let maybe = |of: fn(&Supplier) -> Option<i64>| rows().map(of).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![window; suppliers.len()],
        c::SUPPLIER_ID => suppliers.keys().map(String::as_str).collect::<Vec<_>>(),
        c::LINES => each(|row| row.lines),
        c::INVOICE_REVENUE => each(|row| row.revenue),
        c::REBATES_RECEIVED => each(|row| row.rebates_received),
        c::GROSS_MARGIN => each(|row| row.margin),
        c::MARGIN_SHARE => rows().map(|row| share(row.margin, row.revenue)).collect::<Vec<_>>(),
        c::COST_TO_SERVE => each(|row| row.cost),
        c::NET_PROFIT => each(|row| row.profit),
        c::AVERAGE_STOCK => maybe(|row| row.stock),
        c::HOLDING_COST => maybe(|row| row.holding_cost),
        c::STOCK_AND_ORDER_COST => maybe(|row| row.tasks.stock_and_order.map(|work| work.cost)),
        c::QUESTION_MINUTES => maybe(|row| row.tasks.questions.map(|work| work.minutes)),
        c::QUESTION_COST => maybe(|row| row.tasks.questions.map(|work| work.cost)),
        c::SUPPORT_MINUTES => maybe(|row| row.tasks.support.map(|work| work.minutes)),
        c::SUPPORT_COST => maybe(|row| row.tasks.support.map(|work| work.cost)),
        c::TAKEOVER_SAVING => maybe(|row| row.takeover.map(|takeover| takeover.saving)),
        c::AVOIDABLE_SAVING => maybe(|row| row.takeover.map(|takeover| takeover.avoidable)),
        c::VALUE_ADDED_GIVEN_AWAY => maybe(|row| row.takeover.and_then(|takeover| takeover.given_away)),
        c::TAKEOVER_RESULT => maybe(|row| row.takeover.and_then(|takeover| takeover.result())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use crate::stock_turnover::tests::{day, frame};

    fn work(cost: i64, avoidable: i64) -> Work {
        Work { minutes: 0, cost, avoidable }
    }

    /// The example above.
    fn supplier() -> Supplier {
        let tasks = Tasks {
            stock_and_order: Some(work(600, 180)),
            questions: Some(work(300, 90)),
            support: Some(work(100, 30)),
        };
        let (margin, cost) = (10_000, 3_000);
        Supplier { margin, cost, stock: Some(5_000), holding_cost: Some(1_000), tasks, ..Supplier::default() }
    }

    #[test]
    fn who_takes_half_of_the_work_over_asks_for_half_of_the_margin() {
        let takeover = supplier().takeover().unwrap();
        assert_eq!(takeover, Takeover { saving: 2_000, avoidable: 1_300, given_away: Some(5_000) });
        assert_eq!(takeover.result(), Some(-3_700));
    }

    #[test]
    fn without_margin_nothing_is_given_away_and_without_work_it_is_not_known() {
        let poor = Supplier { margin: -10, ..supplier() };
        assert_eq!(poor.takeover().unwrap().result(), Some(1_300));
        let idle = Supplier { cost: 0, holding_cost: None, ..supplier() };
        let takeover = idle.takeover().unwrap();
        assert_eq!((takeover.saving, takeover.given_away, takeover.result()), (1_000, None, None));
        // The rate isn't known: then the holding cost isn't part of it.
        let rateless = Supplier { holding_cost: None, ..supplier() };
        assert_eq!(rateless.takeover().unwrap(), Takeover { saving: 1_000, avoidable: 300, given_away: Some(3_333) });
    }

    #[test]
    fn without_named_activities_there_is_no_scenario() {
        assert_eq!(Supplier { tasks: Tasks::default(), ..supplier() }.takeover(), None);
    }

    #[test]
    fn activities_of_the_window_are_added_up_by_task_and_saved_as_far_as_their_pool_is_avoidable() {
        let done = df!(c::SUPPLIER_ID => ["S", "S", "S", "T", "S"], c::ACTIVITY => ["buying", "buying", "quotes", "quotes", "buying"],
            c::PERIOD => [day(2025, 1), day(2025, 2), day(2025, 2), day(2025, 2), day(2024, 12)],
            c::MINUTES => [0_i64, 0, 12, 7, 0], c::AMOUNT => [40_i64, 60, 30, 9, 1_000]);
        let done = frame::<FctSupplierActivityMonth>(c::PERIOD, done.unwrap());
        let pools = Pools {
            of_activity: ["buying", "quotes"].map(|name| (name.to_owned(), format!("pool of {name}"))).into(),
            avoidable: BTreeMap::from([("pool of buying".to_owned(), 300_000)]),
        };
        let config = TakeoverConfig {
            stock_and_order: vec!["buying".into()],
            questions: vec!["quotes".into()],
            ..TakeoverConfig::default()
        };
        let mut suppliers = ["", "S"].map(|name| (name.to_owned(), Supplier::default())).into();
        add_tasks(&mut suppliers, &done, Window::calendar_year(2025), &config, &pools).unwrap();
        let questions = Some(Work { minutes: 12, cost: 30, avoidable: 0 });
        assert_eq!(suppliers["S"].tasks, Tasks { stock_and_order: Some(work(100, 30)), questions, support: None });
        assert_eq!(suppliers[""].tasks.questions, Some(Work::default()), "nothing was done: a fact");
    }

    #[test]
    fn amounts_that_are_not_those_of_the_customers_are_found() {
        let one = Supplier { lines: 3, revenue: 140, margin: 83, cost: 70, profit: 13, ..Supplier::default() };
        let suppliers = BTreeMap::from([("S".to_owned(), one)]);
        let mut customers = [customer("A", 1, 140, 13)];
        assert!(audit("main", &suppliers, &customers).is_ok());
        customers[0].cost += 1;
        let refused = audit("main", &suppliers, &customers).unwrap_err().to_string();
        assert_eq!(refused, "`supplier` of window `main` doesn't tie: cost_to_serve is 0.0070 instead of 0.0071");
    }
}
