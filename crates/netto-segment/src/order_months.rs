//! Reduces orders to what the analyses need, some months at a time: all orders together don't fit in memory.
//!
//! ```text
//! whole_order    each order as one: it passes by, the others read it
//! order_month    by customer, channel and size
//! order_carried  what of orders lies in another month than that of their first line
//! order_taker    who took an order that went wrong
//! visit_order    what followed each visit
//! ```
//! Returns and credits don't count as orders: they remain in every amount, and are separated where an analysis asks what an order brings or costs.
//! Those with the number of a sale are rows of their own. An order that spans months counts entirely in the month of its first line: its parts wait until
//! all months are available.

use netto_model::frame::{Activities, Contract, Deviations, FctOrder, FrameError, inside};
use netto_model::{Frame, Mart, Window, column as c, contract};
use polars::prelude::*;

use crate::models::{Monthly, Tables, lists};
use crate::{SegmentConfig, SegmentError};

/// The tables derived from the orders.
#[derive(Clone, Debug, Default)]
pub struct OrderTables {
    /// The tables of the monthly models.
    pub tables: Vec<Mart>,
}

/// Number of orders processed together: a plan for each month of a small distributor would take longer than its orders.
const TOGETHER: usize = 100_000;

/// Takes the orders of one month at a time, and keeps what the analyses need.
pub struct OrderMonths {
    models: Vec<Monthly>,
    /// The tables that the models read: the current orders, and all other inputs.
    tables: Tables,
    /// Months that wait to be processed together, and their number of orders.
    waiting: (Vec<DataFrame>, usize),
    /// Parts of orders that span months, which wait for their other parts.
    parts: Vec<DataFrame>,
    /// The results of each model so far.
    made: Vec<Vec<DataFrame>>,
}

impl OrderMonths {
    /// Loads the visits and deviations that orders are matched with.
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

    /// Takes the orders of a month: rows of `fct_order`, whole months in any order.
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

    /// Runs the models on some orders, each of which is whole.
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
        // Earlier orders of these months gave rows of their own, which are summed with those of the parts.
        let again = !parts.is_empty();
        self.work_on(parts)?;
        let kept = self.models.iter().zip(self.made).filter(|(model, _)| !model.table().1);
        let tables = kept.map(|(model, made)| model.whole(made, again));
        Ok(OrderTables { tables: tables.collect::<Result<_, _>>()? })
    }
}

/// Wraps the engine's error about orders.
fn engine(source: PolarsError) -> FrameError {
    FrameError::Engine { table: FctOrder::TABLE.name, source }
}

/// The model that has the orders by customer, channel and size.
const ORDER_MONTH: &str = "order_month";

impl OrderTables {
    /// The orders of a window's months, including returns and credits: rows of `order_month`.
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

    /// Orders of a month: customer, channel, month, band, whether they are sales, their number, and their minutes.
    pub(crate) type Row<'a> = (&'a str, &'a str, Period, i64, bool, i64, i64);

    /// The tables derived from such orders.
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
