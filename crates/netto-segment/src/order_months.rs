//! What the analyses keep of the orders, some months at a time: orders are too many to hold all of them.
//!
//! ```text
//! order_month  by customer, channel and size
//! order_taker  who took an order that went wrong
//! visit_order  what followed each visit
//! ```
//! Returns and credits are no orders: they stay in every amount, are told apart where it is asked what an order brings or costs,
//! and are counted nowhere. An order with a return among its lines is a sale. An order over the end of a month is counted in the
//! month of its first line, and what lies in a later month adds to the amounts.

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
    /// What the models read besides the orders.
    others: Tables,
    /// Months that wait for others, and how many orders they have.
    waiting: (Vec<DataFrame>, usize),
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
        let mut others = Tables::default();
        others.extend(&lists(config)?);
        if let Some(deviations) = deviations {
            others.insert(Deviations::TABLE, deviations.data().clone());
        }
        if let Some(activities) = activities {
            others.insert(Activities::TABLE, activities.data().clone());
        }
        let models = Monthly::all(config)?;
        let made = models.iter().map(|_| Vec::new()).collect();
        Ok(Self { models, others, waiting: (Vec::new(), 0), made })
    }

    /// Takes in the orders of a month: rows of `fct_order`, whole months in any order.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub fn take(&mut self, orders: Mart) -> Result<(), SegmentError> {
        self.waiting.1 += orders.data.height();
        self.waiting.0.push(orders.data);
        if self.waiting.1 < TOGETHER { Ok(()) } else { self.work() }
    }

    fn work(&mut self) -> Result<(), SegmentError> {
        let (months, _) = std::mem::take(&mut self.waiting);
        if months.is_empty() {
            return Ok(());
        }
        let months: Vec<LazyFrame> = months.into_iter().map(IntoLazy::lazy).collect();
        let table = FctOrder::TABLE;
        let data = concat(months, UnionArgs::default()).and_then(LazyFrame::collect);
        let orders = Mart { table, data: data.map_err(|source| FrameError::Engine { table: table.name, source })? };
        for (model, made) in self.models.iter().zip(&mut self.made) {
            made.push(model.months(&orders, &self.others)?);
        }
        Ok(())
    }

    /// All months together.
    ///
    /// # Errors
    /// When two months make the same row.
    pub fn collected(mut self) -> Result<OrderTables, SegmentError> {
        self.work()?;
        let tables = self.models.iter().zip(self.made).map(|(model, made)| model.whole(made));
        Ok(OrderTables { tables: tables.collect::<Result<_, _>>()? })
    }
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
