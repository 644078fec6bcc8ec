//! Goods, services and assemblies, from stock and direct from suppliers: what each brings.
//!
//! A service has no stock and little freight; direct deliveries never see the warehouse. Averages over all of them hide both.
//!
//! ```text
//! kind      delivery   revenue   margin   cost   net profit
//! goods     direct     400       40       10      30
//! goods     stock      600       150      130     20
//! service              100       60       15      45
//! ```

use std::collections::BTreeMap;

use netto_model::frame::{FctCustomerKindMonth, ProductKind};
use netto_model::{Frame, Mart, Window, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::book::{Book, absent};
use crate::columns::{share, sums};
use crate::customer_window::Customer;
use crate::tie::must_tie;
use crate::windows::inside;

/// What a kind of product brought in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sold {
    customers: i64,
    lines: i64,
    minutes: i64,
    revenue: i64,
    margin: i64,
    cost: i64,
    profit: i64,
}

/// By kind and way of delivery.
type Kinds = BTreeMap<[String; 2], Sold>;

/// The table of all windows; empty where nobody says what products are or how they are delivered.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(months) = book.inputs.kind_month else { return absent::<ProductKind>() };
    if !is_known(months)? {
        return absent::<ProductKind>();
    }
    book.table::<ProductKind>(|named, customers| {
        let kinds = kinds(months, named.window)?;
        must_add_up(&named.name, &kinds, customers)?;
        Ok(of_window(&named.name, &kinds)?)
    })
}

fn is_known(months: &Frame<FctCustomerKindMonth>) -> PolarsResult<bool> {
    let any =
        |name| Ok::<_, PolarsError>(months.data().column(name)?.str()?.iter().flatten().any(|text| !text.is_empty()));
    Ok(any(c::KIND)? || any(c::DELIVERY)?)
}

fn kinds(months: &Frame<FctCustomerKindMonth>, window: Window) -> PolarsResult<Kinds> {
    let keys = [c::CUSTOMER_ID, c::KIND, c::DELIVERY];
    let columns = [c::LINES, c::MINUTES, c::INVOICE_REVENUE, c::GROSS_MARGIN, c::COST_TO_SERVE, c::NET_PROFIT];
    let mut kinds = Kinds::new();
    for ([_, kind, delivery], [lines, minutes, revenue, margin, cost, profit]) in
        sums(months.lazy().filter(inside(window)), keys, columns)?
    {
        let sold = kinds.entry([kind, delivery]).or_default();
        // Cost without an order is no purchase.
        sold.customers += i64::from(lines > 0);
        sold.lines += lines;
        sold.minutes += minutes;
        sold.revenue += revenue;
        sold.margin += margin;
        sold.cost += cost;
        sold.profit += profit;
    }
    Ok(kinds)
}

/// All kinds together are what the customers brought.
fn must_add_up(window: &str, kinds: &Kinds, customers: &[Customer]) -> Result<(), SegmentError> {
    let parts = |of: fn(&Sold) -> i64| kinds.values().map(of);
    let whole = |of: fn(&Customer) -> i64| customers.iter().map(of);
    must_tie::<ProductKind>(window, c::LINES, parts(|sold| sold.lines), whole(|row| row.lines))?;
    must_tie::<ProductKind>(window, c::INVOICE_REVENUE, parts(|sold| sold.revenue), whole(|row| row.revenue))?;
    must_tie::<ProductKind>(window, c::COST_TO_SERVE, parts(|sold| sold.cost), whole(|row| row.cost))?;
    must_tie::<ProductKind>(window, c::NET_PROFIT, parts(|sold| sold.profit), whole(|row| row.profit))
}

fn of_window(window: &str, kinds: &Kinds) -> PolarsResult<DataFrame> {
    let each = |of: fn(&Sold) -> i64| kinds.values().map(of).collect::<Vec<_>>();
    let total: i64 = kinds.values().map(|sold| sold.revenue).sum();
    df!(
        c::WINDOW => vec![window; kinds.len()],
        c::KIND => kinds.keys().map(|[kind, _]| kind.as_str()).collect::<Vec<_>>(),
        c::DELIVERY => kinds.keys().map(|[_, delivery]| delivery.as_str()).collect::<Vec<_>>(),
        c::CUSTOMERS => each(|sold| sold.customers),
        c::LINES => each(|sold| sold.lines),
        c::MINUTES => each(|sold| sold.minutes),
        c::INVOICE_REVENUE => each(|sold| sold.revenue),
        c::REVENUE_SHARE => kinds.values().map(|sold| share(sold.revenue, total)).collect::<Vec<_>>(),
        c::GROSS_MARGIN => each(|sold| sold.margin),
        c::MARGIN_SHARE => kinds.values().map(|sold| share(sold.margin, sold.revenue)).collect::<Vec<_>>(),
        c::COST_TO_SERVE => each(|sold| sold.cost),
        c::NET_PROFIT => each(|sold| sold.profit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::frame::{Contract, schema};
    use netto_model::{Period, Role};

    const MAY: Period = Period::new(2025, 5);

    /// Customer, month, kind, delivery, lines, net profit; revenue is ten times the lines.
    type Row<'a> = (&'a str, Period, &'a str, &'a str, i64, i64);

    fn frame(rows: &[Row<'_>]) -> Frame<FctCustomerKindMonth> {
        let data = df!(
            c::CUSTOMER_ID => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            c::PERIOD => rows.iter().map(|row| row.1.first_day()).collect::<Vec<_>>(),
            c::KIND => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            c::DELIVERY => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            c::LINES => rows.iter().map(|row| row.4).collect::<Vec<_>>(),
            c::INVOICE_REVENUE => rows.iter().map(|row| row.4 * 10).collect::<Vec<_>>(),
            c::NET_PROFIT => rows.iter().map(|row| row.5).collect::<Vec<_>>(),
        )
        .unwrap();
        let given = schema(FctCustomerKindMonth::TABLE);
        let rest = FctCustomerKindMonth::TABLE.columns.iter().filter(|column| data.column(column.name).is_err());
        let rest: Vec<Expr> = rest
            .filter(|column| column.role != Role::Optional)
            .filter_map(|column| Some(lit(0_i64).cast(given.get(column.name)?.clone()).alias(column.name)))
            .collect();
        Frame::try_new(data.lazy().with_column(col(c::PERIOD).cast(DataType::Date)).with_columns(rest)).unwrap()
    }

    #[test]
    fn kinds_are_added_up_over_customers_and_a_customer_counts_where_it_bought() {
        let months = frame(&[
            ("A", MAY, "goods", "stock", 3, 5),
            ("A", MAY.plus(1), "goods", "stock", 2, 1),
            ("B", MAY, "goods", "stock", 1, -4),
            ("B", MAY, "service", "", 4, 9),
            ("C", MAY, "", "", 0, -7),
            ("A", MAY.plus(2), "goods", "stock", 100, 100),
        ]);
        let kinds = kinds(&months, Window::ending(MAY.plus(1), 2)).unwrap();
        let found: Vec<_> =
            kinds.iter().map(|(key, sold)| (key.join(" "), sold.customers, sold.lines, sold.profit)).collect();
        assert_eq!(found, [(" ".to_owned(), 0, 0, -7), ("goods stock".into(), 2, 6, 2), ("service ".into(), 1, 4, 9)]);
        let data = of_window("main", &kinds).unwrap();
        let shares: Vec<_> = data.column(c::REVENUE_SHARE).unwrap().f64().unwrap().iter().collect();
        assert_eq!(shares, [Some(0.0), Some(0.6), Some(0.4)]);
        let customer = |profit| Customer { lines: 10, revenue: 100, profit, ..Customer::default() };
        must_add_up("main", &kinds, &[customer(4)]).unwrap();
        let refused = must_add_up("main", &kinds, &[customer(5)]).unwrap_err().to_string();
        assert!(
            refused.starts_with("`product_kind` of window `main` doesn't tie: net_profit is 0.0004 instead of 0.0005"),
            "{refused}"
        );
    }

    #[test]
    fn where_neither_kind_nor_delivery_is_known_there_is_nothing_to_tell_apart() {
        assert!(!is_known(&frame(&[("A", MAY, "", "", 1, 1)])).unwrap());
        assert!(is_known(&frame(&[("A", MAY, "", "direct", 1, 1)])).unwrap());
    }
}
