//! What a fact measures. Nineteen measures add up; the steps between them follow from their sums, by the waterfall's formulas.
//!
//! Cost-to-serve stands by the level at which it arises: the unit (measured on lines), the order, the customer (visits, campaigns,
//! contracts: whatever isn't measured on orders or lines). What a customer costs isn't caused by a product that it buys, so a
//! product, supplier or stock is judged by `net_before_customer_cost`; what is left over, the company's, is idle or unassigned and
//! reaches no fact. Source: Cooper & Kaplan, *Profit Priorities from Activity-Based Costing* (HBR, May 1991).
//!
//! ```text
//! cost-to-serve 100 = order cost 60 (of which line cost 25) + customer cost 40
//! net profit     20 = net before customer cost 60 − customer cost 40
//! ```

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
    line_cost = LINE_COST,
    value_cost = VALUE_COST,
    freight_value_cost = FREIGHT_VALUE_COST,
    standing_cost = STANDING_COST,
    avoidable_order_cost = AVOIDABLE_ORDER_COST,
}

/// The columns of a fact that every fact has: month, orders and measures, and the steps that follow from them.
pub(super) fn columns(period: Period, orders: Vec<i64>, measures: &[Measures]) -> PolarsResult<LazyFrame> {
    let mut columns = vec![Column::new(c::ORDERS.into(), orders)];
    let mut values = Measures::COLUMNS.map(|_| Vec::with_capacity(measures.len()));
    for row in measures {
        values.iter_mut().zip(row.values()).for_each(|(column, value)| column.push(value));
    }
    columns.extend(Measures::COLUMNS.into_iter().zip(values).map(|(name, values)| Column::new(name.into(), values)));
    let plan = DataFrame::new_infer_height(columns)?.lazy();
    let discount = (col(c::LIST_REVENUE) - col(c::INVOICE_REVENUE)).alias(c::INVOICE_DISCOUNT);
    let month = lit(period.first_day()).cast(DataType::Date).alias(c::PERIOD);
    Ok(plan
        .with_columns([month, discount, pocket_revenue().alias(c::POCKET_REVENUE)])
        .with_column(gross_margin().alias(c::GROSS_MARGIN))
        .with_column(net_profit().alias(c::NET_PROFIT))
        .with_column((col(c::COST_TO_SERVE) - col(c::ORDER_COST)).alias(c::CUSTOMER_COST))
        .with_column((col(c::NET_PROFIT) + col(c::CUSTOMER_COST)).alias(c::NET_BEFORE_CUSTOMER_COST))
        .with_column(net_before_compensation().alias(c::NET_BEFORE_COMPENSATION)))
}
