//! The products of orders that events and deviations name: their supplier and product group, and whether it happened before or after delivery.
//!
//! ```text
//! order 7   p, ordered 3 March, delivered 5 March           7  p  3 March  5 March  0
//!           p, ordered 3 March, promised for 9 March    →      9 March: the last line counts
//!           q, ordered 3 March                              7  q  3 March  -        1 line of which nobody knows
//! ```
//! Only these orders are kept: there are no more of them than events.

use netto_model::contract::ORDER_PRODUCT;
use netto_model::frame::{Activities, Deviations, FrameError};
use netto_model::{Frame, Mart, column as c};
use polars::prelude::*;

use crate::SegmentError;

/// Scans the lines of each month for named orders.
#[derive(Clone, Debug, Default)]
pub struct OrderProducts {
    named: PlHashSet<String>,
}

impl OrderProducts {
    /// Collects the orders that are named.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub fn new(
        activities: Option<&Frame<Activities>>,
        deviations: Option<&Frame<Deviations>>,
    ) -> Result<Self, SegmentError> {
        let sources = [activities.map(Frame::data), deviations.map(Frame::data)];
        let mut named = PlHashSet::new();
        for rows in sources.into_iter().flatten() {
            let orders = rows.column(c::ORDER_ID).and_then(Column::str).map_err(engine)?;
            named.extend(orders.iter().flatten().filter(|order| !order.is_empty()).map(str::to_owned));
        }
        Ok(Self { named })
    }

    /// Whether no order is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// Whether an order is named.
    #[must_use]
    pub fn names(&self, order: &str) -> bool {
        self.named.contains(order)
    }

    /// The products of the named orders among a month's lines; empty if no order is named.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub fn of_month(&self, lines: &DataFrame) -> Result<Option<LazyFrame>, SegmentError> {
        if self.is_empty() {
            return Ok(None);
        }
        let orders = lines.column(c::ORDER_ID).and_then(Column::str).map_err(engine)?;
        let (mut rows, mut last) = (Vec::new(), (None, false));
        // Lines of an order are adjacent, so it is looked up once.
        for (row, order) in (0..).zip(orders.iter()) {
            if last.0 != order {
                last = (order, order.is_some_and(|order| self.names(order)));
            }
            if last.1 {
                rows.push(row);
            }
        }
        let found = lines.take(&IdxCa::from_vec("".into(), rows)).map_err(engine)?;
        let is_sale = || col(c::ORDER_KIND).eq(lit("sale"));
        let day = || col(c::DELIVERED_DATE).fill_null(col(c::PROMISED_DATE));
        let none = lit(NULL).cast(DataType::Date);
        let of_lines = found.lazy().select([
            col(c::ORDER_ID),
            col(c::PRODUCT_ID),
            col(c::ORDER_DATE),
            when(is_sale()).then(day()).otherwise(none).alias(c::DELIVERED_DATE),
            is_sale().and(day().is_null()).cast(DataType::Int64).alias(c::OPEN_LINES),
        ]);
        // A lazy plan would keep all lines of the month in memory.
        Ok(Some(added_up(of_lines).collect().map_err(engine)?.lazy()))
    }

    /// All months together.
    ///
    /// # Errors
    /// When the contract refuses the table.
    pub fn collected(months: Vec<LazyFrame>) -> Result<Mart, SegmentError> {
        let none = Mart::empty(&ORDER_PRODUCT).data.lazy();
        let all = [none].into_iter().chain(months).collect::<Vec<_>>();
        let all = concat(all, UnionArgs::default()).map_err(engine)?;
        Ok(Mart::try_new(&ORDER_PRODUCT, added_up(all))?)
    }
}

fn added_up(rows: LazyFrame) -> LazyFrame {
    rows.group_by([col(c::ORDER_ID), col(c::PRODUCT_ID)]).agg([
        col(c::ORDER_DATE).min(),
        col(c::DELIVERED_DATE).max(),
        col(c::OPEN_LINES).sum(),
    ])
}

fn engine(source: PolarsError) -> FrameError {
    FrameError::Engine { table: ORDER_PRODUCT.name, source }
}
