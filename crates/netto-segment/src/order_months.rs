//! What the analyses keep of the orders, some months at a time: orders are too many to hold all of them.
//!
//! ```text
//! whole_order    each order as one: it passes by, the others read it
//! order_month    by customer, channel and size
//! order_carried  what of orders lies in another month than that of their first line
//! order_taker    who took an order that went wrong
//! visit_order    what followed each visit
//! ```
//! Returns and credits are no orders: they stay in every amount, are told apart where it is asked what an order brings or costs,
//! and are counted nowhere. An order with a return among its lines is a sale. An order over the end of a month is whole in the month
//! of its first line: its parts wait until all months are there.

use netto_model::frame::{Activities, Contract, Deviations, FctOrder, FrameError, inside};
use netto_model::{Frame, Mart, Window, column as c, contract};
use polars::prelude::*;

use crate::models::{Monthly, Tables, lists};
use crate::{SegmentConfig, SegmentError};

/// What is kept of the orders.
#[derive(Clone, Debug, Default)]
pub struct OrderTables {
    /// What models make of them.
    pub tables: Vec<Mart>,
}

/// So many orders are looked at together: a plan for each month of a small distributor would take longer than its orders.
const TOGETHER: usize = 100_000;

/// Takes in the orders of a month at a time, and keeps what the analyses need of them.
pub struct OrderMonths {
    models: Vec<Monthly>,
    /// What the models read: the orders that are looked at, and what isn't orders.
    tables: Tables,
    /// Months that wait for others, and how many orders they have.
    waiting: (Vec<DataFrame>, usize),
    /// Parts of orders with lines in several months: they wait for each other.
    parts: Vec<DataFrame>,
    /// What each model made so far.
    made: Vec<Vec<DataFrame>>,
}

impl OrderMonths {
    /// Knows the visits and deviations that orders are looked up for.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub fn new(
        activities: Option<&Frame<Activities>>,
        deviations: Option<&Frame<Deviations>>,
        config: &SegmentConfig,
    ) -> Result<Self, SegmentError> {
        let mut tables = Tables::default();
        tables.extend(&lists(config)?);
        if let Some(deviations) = deviations {
            tables.insert(Deviations::TABLE, deviations.data().clone());
        }
        if let Some(activities) = activities {
            tables.insert(Activities::TABLE, activities.data().clone());
        }
        let models = Monthly::all(config)?;
        let made = models.iter().map(|_| Vec::new()).collect();
        Ok(Self { models, tables, waiting: (Vec::new(), 0), parts: Vec::new(), made })
    }

    /// Takes in the orders of a month: rows of `fct_order`, whole months in any order.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub fn take(&mut self, orders: Mart) -> Result<(), SegmentError> {
        let spans = orders.data.column(c::SPANS_MONTHS).and_then(|spans| Ok(spans.bool()?.clone())).map_err(engine)?;
        let whole = if spans.any() {
            self.parts.push(orders.data.filter(&spans).map_err(engine)?);
            orders.data.filter(&!&spans).map_err(engine)?
        } else {
            orders.data
        };
        self.waiting.1 += whole.height();
        self.waiting.0.push(whole);
        if self.waiting.1 < TOGETHER { Ok(()) } else { self.work() }
    }

    fn work(&mut self) -> Result<(), SegmentError> {
        let (months, _) = std::mem::take(&mut self.waiting);
        self.work_on(months)
    }

    /// What the models make of some orders, each whole.
    fn work_on(&mut self, months: Vec<DataFrame>) -> Result<(), SegmentError> {
        if months.is_empty() {
            return Ok(());
        }
        let months: Vec<LazyFrame> = months.into_iter().map(IntoLazy::lazy).collect();
        let orders = concat(months, UnionArgs::default()).and_then(LazyFrame::collect).map_err(engine)?;
        self.tables.insert(FctOrder::TABLE, orders);
        for (model, made) in self.models.iter().zip(&mut self.made) {
            let rows = model.months(&self.tables)?;
            match model.table() {
                (table, true) => self.tables.insert(table, rows),
                (_, false) => made.push(rows),
            }
        }
        Ok(())
    }

    /// All months together.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn collected(mut self) -> Result<OrderTables, SegmentError> {
        self.work()?;
        let parts = std::mem::take(&mut self.parts);
        // Orders of these months were looked at before.
        let again = !parts.is_empty();
        self.work_on(parts)?;
        let kept = self.models.iter().zip(self.made).filter(|(model, _)| !model.table().1);
        let tables = kept.map(|(model, made)| model.whole(made, again));
        Ok(OrderTables { tables: tables.collect::<Result<_, _>>()? })
    }
}

/// What the engine says of orders.
fn engine(source: PolarsError) -> FrameError {
    FrameError::Engine { table: FctOrder::TABLE.name, source }
}

/// The model that has the orders by customer, channel and size.
const ORDER_MONTH: &str = "order_month";

impl OrderTables {
    /// The orders of the months of a window, returns and credits among them: rows of `order_month`.
    pub(crate) fn within(&self, window: Window) -> LazyFrame {
        let months = self.tables.iter().find(|mart| mart.table.name == ORDER_MONTH).map(|mart| mart.data.clone());
        let none = || Mart::empty(contract::model(ORDER_MONTH)).data;
        months.unwrap_or_else(none).lazy().filter(inside(window))
    }

    /// The same without returns and credits.
    pub(crate) fn sales(&self, window: Window) -> LazyFrame {
        self.within(window).filter(col(c::IS_SALE))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use netto_model::Period;

    /// Orders of a month: customer, channel, month, band, whether they are sales, how many, and their minutes.
    pub(crate) type Row<'a> = (&'a str, &'a str, Period, i64, bool, i64, i64);

    /// What is kept of such orders.
    pub(crate) fn months_of_orders(rows: &[Row<'_>]) -> OrderTables {
        let each = |of: fn(&Row<'_>) -> i64| rows.iter().map(of).collect::<Vec<_>>();
        let data = df!(
            c::CUSTOMER_ID => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            c::CHANNEL => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            c::PERIOD => rows.iter().map(|row| row.2.first_day()).collect::<Vec<_>>(),
            c::BAND => each(|row| row.3),
            c::IS_SALE => rows.iter().map(|row| row.4).collect::<Vec<_>>(),
            c::ORDERS => each(|row| row.5),
            c::MINUTES => each(|row| row.6),
        )
        .unwrap();
        let table = contract::model(ORDER_MONTH);
        let rest = table.columns.iter().filter(|column| data.column(column.name).is_err());
        let rest: Vec<Expr> = rest.map(|column| lit(0_i64).cast(DataType::Int64).alias(column.name)).collect();
        let plan = data.lazy().with_column(col(c::PERIOD).cast(DataType::Date)).with_columns(rest);
        OrderTables { tables: vec![Mart::try_new(table, plan).unwrap()] }
    }

    #[test]
    fn a_window_has_the_orders_of_its_months_and_sales_are_told_from_credits() {
        let of_month = |month, sale| ("A", "web", Period::new(2025, month), 2, sale, 1, 0);
        let rows: Vec<Row<'_>> = (1..=6).map(|month| of_month(month, true)).chain([of_month(3, false)]).collect();
        let (months_of_orders, window) = (months_of_orders(&rows), Window::ending(Period::new(2025, 4), 3));
        let height = |plan: LazyFrame| plan.collect().unwrap().height();
        assert_eq!((height(months_of_orders.within(window)), height(months_of_orders.sales(window))), (4, 3));
    }
}
