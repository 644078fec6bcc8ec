//! A month's lines as columns of numbers, and where its customers and orders begin.

use std::ops::Range;

use netto_model::column as c;
use polars::prelude::*;

use super::MonthLines;
use super::facts::Codes;
use super::rule::By;

/// A month's lines, customers and orders in the order of their ids.
pub(super) struct Lines<'a> {
    frame: &'a DataFrame,
    pub(super) ids: StringChunked,
    pub(super) products: StringChunked,
    pub(super) warehouses: StringChunked,
    pub(super) quantity: Vec<i64>,
    pub(super) net: Vec<i64>,
    pub(super) list: Vec<i64>,
    pub(super) cogs: Vec<i64>,
    pub(super) freight_charged: Vec<i64>,
    /// The lines of each order; returns and credits with the number of a sale are apart.
    pub(super) orders: Vec<Range<usize>>,
    /// Whether each line is one by which its order counts: of a sale, in the month of the order's first.
    pub(super) counts: Vec<bool>,
    /// Whether the order of each line has lines in other months too.
    pub(super) spans: Vec<bool>,
    /// Per activity that is measured on lines or on orders: what each of them used.
    quantities: Vec<(&'a str, Quantities)>,
}

enum Quantities {
    OfOrders(Vec<i64>),
    OfLines(Vec<i64>),
}

/// What a customer bought in the month: places of orders, and of lines.
#[derive(Clone, Debug)]
pub(super) struct Bought {
    pub(super) orders: Range<usize>,
    pub(super) lines: Range<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(month: &MonthLines<'a>) -> PolarsResult<Self> {
        let frame = month.lines;
        let ids = text(frame, c::CUSTOMER_ID)?;
        let sales: Vec<bool> = text(frame, c::ORDER_KIND)?.iter().map(|kind| kind == Some("sale")).collect();
        let orders = orders(&ids, &text(frame, c::ORDER_ID)?, &sales);
        let counts = counts(&sales, &orders, month.order_counts)?;
        let spans =
            month.order_spans.iter().zip(&orders).flat_map(|(spans, lines)| lines.clone().map(|_| *spans)).collect();
        let mut quantities = Vec::new();
        for name in month.order_quantities.get_column_names() {
            let values = units(month.order_quantities, name, orders.len())?;
            quantities.push((name.as_str(), Quantities::OfOrders(values)));
        }
        for name in month.line_quantities.get_column_names() {
            let values = units(month.line_quantities, name, ids.len())?;
            quantities.push((name.as_str(), Quantities::OfLines(values)));
        }
        let amounts = |name| units(frame, name, ids.len());
        Ok(Self {
            frame,
            products: text(frame, c::PRODUCT_ID)?,
            warehouses: text(frame, c::WAREHOUSE)?,
            quantity: amounts(c::QUANTITY)?,
            net: amounts(c::NET_AMOUNT)?,
            list: amounts(c::LIST_AMOUNT)?,
            cogs: amounts(c::COGS_AMOUNT)?,
            freight_charged: amounts(c::FREIGHT_CHARGED)?,
            ids,
            orders,
            counts,
            spans,
            quantities,
        })
    }

    /// What each customer bought, customers in the order of their ids.
    pub(super) fn customers(&self) -> Vec<(&str, Bought)> {
        let mut customers: Vec<(&str, Bought)> = Vec::new();
        for (order, lines) in self.orders.iter().enumerate() {
            let id = self.ids.get(lines.start).unwrap_or_default();
            match customers.last_mut() {
                Some((last, bought)) if *last == id => {
                    (bought.orders.end, bought.lines.end) = (order + 1, lines.end);
                }
                _ => customers.push((id, Bought { orders: order..order + 1, lines: lines.clone() })),
            }
        }
        customers
    }

    /// What the parts of an activity follow, over all orders or lines of the month.
    pub(super) fn by(&self, activity: &str) -> By<'_> {
        match self.quantities.iter().find(|(name, _)| *name == activity) {
            Some((_, Quantities::OfOrders(quantities))) => By::Orders(quantities),
            Some((_, Quantities::OfLines(quantities))) => By::Lines(quantities),
            None => By::Equally,
        }
    }

    /// The product of each line: there are fewer products than lines, so what they stand for is looked up once for each.
    pub(super) fn product_codes(&self) -> Codes<'_> {
        Codes::new(self.products.iter().map(Option::unwrap_or_default))
    }

    /// A text of each line.
    pub(super) fn text(&self, name: &str) -> PolarsResult<StringChunked> {
        text(self.frame, name)
    }

    /// A day of each line.
    pub(super) fn days(&self, name: &str) -> PolarsResult<Vec<Option<i32>>> {
        Ok(self.frame.column(name)?.date()?.physical().iter().collect())
    }

    /// A count of each line.
    pub(super) fn counts(&self, name: &str) -> PolarsResult<Vec<i64>> {
        units(self.frame, name, self.ids.len())
    }
}

/// Lines of an order lie together, its sale before what came back.
fn orders(customers: &StringChunked, orders: &StringChunked, sales: &[bool]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut last = None;
    for (line, order) in customers.iter().zip(orders.iter()).zip(sales).enumerate() {
        match runs.last_mut() {
            Some(run) if last == Some(order) => run.end = line + 1,
            _ => runs.push(line..line + 1),
        }
        last = Some(order);
    }
    runs
}

fn counts(sales: &[bool], orders: &[Range<usize>], order_counts: &[i64]) -> PolarsResult<Vec<bool>> {
    let (found, wanted) = (order_counts.len(), orders.len());
    polars_ensure!(found == wanted, ShapeMismatch: "{found} counts for {wanted} orders");
    let of_order = |(lines, counts): (&Range<usize>, &i64)| {
        let counts = *counts != 0;
        lines.clone().map(move |line| counts && sales[line]).collect::<Vec<_>>()
    };
    Ok(orders.iter().zip(order_counts).flat_map(of_order).collect())
}

pub(super) fn text(frame: &DataFrame, name: &str) -> PolarsResult<StringChunked> {
    Ok(frame.column(name)?.str()?.rechunk().into_owned())
}

/// Whole numbers, as many as there must be.
fn units(frame: &DataFrame, name: &str, rows: usize) -> PolarsResult<Vec<i64>> {
    let values: Vec<i64> = frame.column(name)?.i64()?.iter().map(Option::unwrap_or_default).collect();
    polars_ensure!(values.len() == rows, ShapeMismatch: "`{name}` has {} values for {rows} rows", values.len());
    Ok(values)
}
