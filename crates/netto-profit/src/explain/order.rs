//! The proof of an order: its part of its customer's month, step by step.
//!
//! ```text
//! order 881204, 2025-03     order    customer month    share
//! invoice revenue          400.00          1,600.00   25.0 %
//! cost-to-serve             60.00            150.00   40.0 %
//! ```
//! An order with lines in two months has a part in each. How an activity's amount comes down to orders: `split`.

use netto_model::frame::{FctOrder, Waterfall};
use netto_model::problem::did_you_mean;
use netto_model::{Frame, Money, Period, column as c};
use polars::prelude::*;

use super::{Rows, STEPS};
use crate::ProfitError;

/// Beyond so many orders, nobody waits for the nearest id to be found.
const SEARCHABLE: usize = 500_000;

/// An order's figures, in every month in which it has lines.
#[derive(Clone, Debug)]
pub struct OrderProof {
    /// Order.
    pub order: String,
    /// By month.
    pub parts: Vec<OrderPart>,
}

/// An order, or the part of it that falls into a month, beside the month of its customer.
#[derive(Clone, Debug)]
pub struct OrderPart {
    /// Month.
    pub period: Period,
    /// Customer.
    pub customer: String,
    /// How it came in; empty where not known.
    pub channel: String,
    /// Order lines.
    pub lines: i64,
    /// Minutes of time-driven activities.
    pub minutes: Money,
    /// Those of the customer in the month.
    pub customer_minutes: Money,
    /// Orders of the customer in the month.
    pub customer_orders: i64,
    /// The waterfall.
    pub steps: Vec<OrderStep>,
}

/// A step of the waterfall, of the order and of its customer month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderStep {
    /// Name of the column.
    pub name: &'static str,
    /// Of the order.
    pub order: Money,
    /// Of the customer in the month.
    pub customer: Money,
}

/// Proves an order's figures.
///
/// # Errors
/// When there is no such order, with the nearest id.
pub fn order(order: &str, orders: &Frame<FctOrder>, waterfall: &Frame<Waterfall>) -> Result<OrderProof, ProfitError> {
    let parts = orders.lazy().filter(col(c::ORDER_ID).eq(lit(order)));
    let keys = [col(c::CUSTOMER_ID), col(c::PERIOD)];
    let customer = waterfall
        .lazy()
        .select([cols([c::CUSTOMER_ID, c::PERIOD, c::ORDERS, c::MINUTES]), cols(STEPS)].map(Expr::from));
    let data = parts
        .join(customer, keys.clone(), keys, JoinArgs::new(JoinType::Left))
        .sort([c::PERIOD, c::CUSTOMER_ID], SortMultipleOptions::default())
        .collect()?;
    if order.is_empty() || data.height() == 0 {
        let known = orders.data().column(c::ORDER_ID)?.str()?;
        let near = || did_you_mean(order, known.iter().flatten().filter(|id| !id.is_empty())).map(str::to_owned);
        let suggestion = (known.len() <= SEARCHABLE).then(near).flatten();
        return Err(ProfitError::UnknownOrder { order: order.to_owned(), suggestion });
    }
    let parts = Rows(&data).count().map(|row| part(Rows(&data), row)).collect::<PolarsResult<_>>()?;
    Ok(OrderProof { order: order.to_owned(), parts })
}

fn part(rows: Rows<'_>, row: usize) -> PolarsResult<OrderPart> {
    let of_customer = |column: &str| format!("{column}_right");
    let step = |name: &'static str| {
        Ok(OrderStep { name, order: rows.money(name, row)?, customer: rows.money(&of_customer(name), row)? })
    };
    Ok(OrderPart {
        period: rows.period(row)?,
        customer: rows.text(c::CUSTOMER_ID, row)?.to_owned(),
        channel: rows.text(c::CHANNEL, row)?.to_owned(),
        lines: rows.money(c::LINES, row)?.units(),
        minutes: rows.money(c::MINUTES, row)?,
        customer_minutes: rows.money(&of_customer(c::MINUTES), row)?,
        customer_orders: rows.money(&of_customer(c::ORDERS), row)?.units(),
        steps: STEPS.into_iter().map(step).collect::<PolarsResult<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::frame::Contract;
    use netto_model::{Column as Declared, Type};

    /// A row per key and revenue; every other amount a tenth of the revenue, all else as the contract has it.
    fn facts<T: Contract>(rows: &[(&str, i32, &str, i64)]) -> Frame<T> {
        let column = |declared: &Declared| {
            let values: Vec<i64> =
                rows.iter().map(|row| if declared.name == c::INVOICE_REVENUE { row.3 } else { row.3 / 10 }).collect();
            let name = declared.name.into();
            match (declared.ty, declared.name) {
                (_, c::CUSTOMER_ID) => Column::new(name, rows.iter().map(|row| row.0).collect::<Vec<_>>()),
                (_, c::ORDER_ID) => Column::new(name, rows.iter().map(|row| row.2).collect::<Vec<_>>()),
                (Type::Text, _) => Column::new(name, vec![Some("web"); rows.len()]),
                (Type::Date, _) => {
                    let days = rows.iter().map(|row| row.1).collect::<Vec<_>>();
                    Column::new(name, days).cast(&DataType::Date).unwrap()
                }
                (Type::Bool, _) => Column::new(name, vec![true; rows.len()]),
                _ => Column::new(name, values),
            }
        };
        let columns = T::TABLE.columns.iter().map(column).collect();
        Frame::try_new(DataFrame::new_infer_height(columns).unwrap().lazy()).unwrap()
    }

    const JANUARY: i32 = 0;
    const FEBRUARY: i32 = 31;

    fn proof(id: &str) -> Result<OrderProof, ProfitError> {
        let orders: Frame<FctOrder> = facts(&[
            ("A", JANUARY, "1001", 4_000_000),
            ("A", JANUARY, "1002", 12_000_000),
            ("A", FEBRUARY, "1001", 1_000_000),
            ("A", FEBRUARY, "", 0),
        ]);
        let waterfall: Frame<Waterfall> = facts(&[("A", JANUARY, "", 16_000_000), ("A", FEBRUARY, "", 1_000_000)]);
        order(id, &orders, &waterfall)
    }

    #[test]
    fn an_order_is_a_part_of_its_customer_month() {
        let parts = proof("1001").unwrap().parts;
        let said: Vec<String> = parts
            .iter()
            .map(|part| {
                let step = part.steps.iter().find(|step| step.name == c::INVOICE_REVENUE).unwrap();
                format!("{} {}: {} of {}", part.period, part.customer, step.order, step.customer)
            })
            .collect();
        assert_eq!(said, ["1970-01 A: 400.0000 of 1600.0000", "1970-02 A: 100.0000 of 100.0000"]);
        assert_eq!(parts[0].steps.len(), STEPS.len());
    }

    #[test]
    fn an_unknown_order_names_the_nearest() {
        assert_eq!(proof("1005").unwrap_err().to_string(), "order `1005` is not known; did you mean `1001`?");
        assert_eq!(proof("").unwrap_err().to_string(), "order `` is not known");
    }
}
