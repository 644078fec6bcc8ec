//! What the analyses keep of the orders, month by month: orders are too many to hold all of them.
//!
//! ```text
//! order_month  by customer, channel and size
//! order_taker  who took an order that went wrong
//! visit_order  what followed each visit
//! ```
//! Returns and credits are no orders: they stay in every amount, are told apart where it is asked what an order brings or costs,
//! and are counted nowhere. An order with a return among its lines is a sale. An order over the end of a month is counted in the
//! month of its first line, and what lies in a later month adds to the amounts.

use netto_model::frame::{Activities, Contract, Deviations, inside};
use netto_model::{Frame, Mart, Window, column as c, contract};
use polars::prelude::*;

use crate::models::{Monthly, Tables, lists};
use crate::{SegmentConfig, SegmentError};

/// What is kept of the orders.
#[derive(Clone, Debug, Default)]
pub struct OrderTables {
    /// What models make of them month by month.
    pub tables: Vec<Mart>,
}

/// What is kept of a month's orders.
#[derive(Clone, Debug, Default)]
pub struct OrderMonth {
    /// Of each model.
    tables: Vec<DataFrame>,
}

/// Takes in the orders of a month at a time; months may be taken in side by side.
pub struct OrderMonths {
    models: Vec<Monthly>,
    /// What the models read besides the orders.
    others: Tables,
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
        Ok(Self { models: Monthly::all(config)?, others })
    }

    /// The orders of a month: rows of `fct_order`.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub fn month(&self, orders: &Mart) -> Result<OrderMonth, SegmentError> {
        let tables = self.models.iter().map(|model| model.month(orders, &self.others));
        Ok(OrderMonth { tables: tables.collect::<Result<_, _>>()? })
    }

    /// All months together.
    ///
    /// # Errors
    /// When two months make the same row.
    pub fn collected(&self, months: Vec<OrderMonth>) -> Result<OrderTables, SegmentError> {
        let mut tables: Vec<Vec<DataFrame>> = self.models.iter().map(|_| Vec::new()).collect();
        for month in months {
            tables.iter_mut().zip(month.tables).for_each(|(table, rows)| table.push(rows));
        }
        let tables = self.models.iter().zip(tables).map(|(model, months)| model.whole(months));
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
