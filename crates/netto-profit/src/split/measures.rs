//! What a fact measures. Fourteen measures add up; the steps between them follow from their sums, by the waterfall's formulas.

use netto_model::{Period, column as c};
use polars::prelude::*;

use crate::waterfall::{gross_margin, net_before_compensation, net_profit, pocket_revenue};

macro_rules! measures {
    ($($field:ident = $column:ident,)*) => {
        /// The measures that add up, in ten-thousandths; lines are counted.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(super) struct Measures {
            $(pub(super) $field: i64,)*
        }

        impl Measures {
            /// Their columns.
            pub(super) const COLUMNS: [&str; [$(c::$column),*].len()] = [$(c::$column),*];

            /// In the order of the columns.
            pub(super) const fn values(&self) -> [i64; Self::COLUMNS.len()] {
                [$(self.$field),*]
            }

            /// Adds them up; `None` beyond 64 bits.
            #[must_use]
            pub(super) fn plus(&self, more: &Self) -> Option<Self> {
                Some(Self { $($field: self.$field.checked_add(more.$field)?,)* })
            }
        }
    };
}

measures! {
    lines = LINES,
    quantity = QUANTITY,
    minutes = MINUTES,
    list = LIST_REVENUE,
    net = INVOICE_REVENUE,
    rebates_given = REBATES_GIVEN,
    payment_terms = PAYMENT_TERMS,
    freight_charged = FREIGHT_CHARGED,
    freight_cost = FREIGHT_COST,
    cogs = COGS,
    rebates_received = REBATES_RECEIVED,
    cost_to_serve = COST_TO_SERVE,
    compensation = SALES_COMPENSATION,
    order_cost = ORDER_COST,
}

/// The columns of a fact that every fact has: month, orders and measures, and the steps that follow from them.
pub(super) fn columns(period: Period, orders: Vec<i64>, measures: &[Measures]) -> PolarsResult<LazyFrame> {
    let mut columns = vec![Column::new(c::ORDERS.into(), orders)];
    for (place, name) in Measures::COLUMNS.into_iter().enumerate() {
        let values: Vec<i64> = measures.iter().filter_map(|row| row.values().get(place).copied()).collect();
        columns.push(Column::new(name.into(), values));
    }
    let plan = DataFrame::new_infer_height(columns)?.lazy();
    let discount = (col(c::LIST_REVENUE) - col(c::INVOICE_REVENUE)).alias(c::INVOICE_DISCOUNT);
    let month = lit(period.first_day()).cast(DataType::Date).alias(c::PERIOD);
    Ok(plan
        .with_columns([month, discount, pocket_revenue().alias(c::POCKET_REVENUE)])
        .with_column(gross_margin().alias(c::GROSS_MARGIN))
        .with_column(net_profit().alias(c::NET_PROFIT))
        .with_column(net_before_compensation().alias(c::NET_BEFORE_COMPENSATION)))
}
