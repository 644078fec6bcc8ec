//! What changed the net profit of customers between two results, part by part; the parts add up to the change, exactly.
//!
//! ```text
//! C   net profit 100 → 60                                                      −40
//!     months     months that came into the window, less those that left it      +5
//!     lines      order lines that came, went or have other pieces              −20
//!     price      the same lines, invoiced otherwise                            −10
//!     goods      the same lines, whose goods cost otherwise                     −5
//!     terms      rebates, and what it costs to finance receivables               0
//!     usage      activities used more or less, at the earlier cost of each      −8
//!     rates      the same activities, each at another cost                      −2
//! ```
//! Usage is `earlier amount × (later − earlier quantity) ÷ earlier quantity`, and all of the amount where there was none before;
//! rates are the rest. The order of the two is a convention (a Laspeyres split), as any split of a product is.

use netto_model::frame::{Ledger, Waterfall, inside};
use netto_model::{Frame, Money, Window, column as c};
use polars::prelude::*;

use crate::error::ProfitError;

/// A result, as far as it is compared.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Customers by month.
    pub waterfall: &'a Frame<Waterfall>,
    /// What they were assigned.
    pub ledger: &'a Frame<Ledger>,
    /// The months that count.
    pub window: Window,
}

/// The parts, in the order in which they are shown.
pub const PARTS: [&str; 7] = ["months", "lines", "price", "goods", "terms", "usage", "rates"];

/// Customer by customer, in the order of their ids: `customer_id`, `before`, `after`, and a column for each of [`PARTS`], in
/// ten-thousandths. `repriced` has `customer_id`, `price` and `goods` of lines that are on both sides in the months that both have;
/// without it all that lines changed stands in `lines`.
///
/// # Errors
/// When an amount leaves the range of money, or a table isn't what the contract says.
pub fn change(before: Side<'_>, after: Side<'_>, repriced: Option<DataFrame>) -> Result<DataFrame, ProfitError> {
    let signed = [(before, -1_i64), (after, 1)];
    let net = |(side, sign): (Side<'_>, i64)| {
        let part = |wanted: Expr| (when(wanted).then(col(c::NET_PROFIT)).otherwise(lit(0_i64))) * lit(sign);
        let both = inside(before.window).and(inside(after.window));
        let margin = col(c::INVOICE_REVENUE) + col(c::FREIGHT_CHARGED) - col(c::COGS);
        let zero = || lit(0_i64).cast(DataType::Int64);
        side.waterfall.lazy().filter(inside(side.window)).select([
            col(c::CUSTOMER_ID),
            if sign < 0 { col(c::NET_PROFIT) } else { zero() }.alias("before"),
            if sign > 0 { col(c::NET_PROFIT) } else { zero() }.alias("after"),
            part(both.clone().not()).alias("months"),
            part(both.clone()).alias("kept"),
            (when(both).then(margin).otherwise(zero()) * lit(sign)).alias("margin"),
        ])
    };
    let all = concat(signed.map(net), UnionArgs::default())?;
    let sums = ["before", "after", "months", "kept", "margin"].map(|name| col(name).sum());
    let by_customer = || [col(c::CUSTOMER_ID)];
    let left = |table: LazyFrame, other: LazyFrame| {
        table.join(other, by_customer(), by_customer(), JoinArgs::new(JoinType::Left))
    };
    let repriced = repriced.map_or_else(|| empty(&["price", "goods"]), IntoLazy::lazy);
    let or_zero = |name: &str| col(name).fill_null(lit(0_i64));
    let table = left(left(all.group_by(by_customer()).agg(sums), assigned(before, after)?.lazy()), repriced)
        .with_columns(["price", "goods", "usage", "rates"].map(or_zero))
        .with_columns([
            (col("margin") - col("price") - col("goods")).alias("lines"),
            (col("kept") - col("margin") - col("usage") - col("rates")).alias("terms"),
        ]);
    let columns = [c::CUSTOMER_ID, "before", "after"].into_iter().chain(PARTS).map(col);
    let sorted = table.select(columns.collect::<Vec<_>>()).sort([c::CUSTOMER_ID], SortMultipleOptions::default());
    Ok(sorted.collect()?)
}

/// `customer_id`, `usage`, `rates`: what the ledger's amounts of the months that both have take from net profit more than before.
fn assigned(before: Side<'_>, after: Side<'_>) -> Result<DataFrame, ProfitError> {
    let side = |side: Side<'_>, earlier: bool| {
        let amount = |name: &str, to: &str, here: bool| {
            (if here { col(name) } else { lit(0_i64).cast(DataType::Int64) }).alias(to)
        };
        side.ledger.lazy().filter(inside(before.window).and(inside(after.window))).select([
            col(c::CUSTOMER_ID),
            col(c::PERIOD),
            col(c::ACTIVITY),
            col(c::POOL_PART),
            amount(c::QUANTITY, "quantity_before", earlier),
            amount(c::QUANTITY, "quantity_after", !earlier),
            amount(c::AMOUNT, "amount_before", earlier),
            amount(c::AMOUNT, "amount_after", !earlier),
        ])
    };
    let sums = ["quantity_before", "quantity_after", "amount_before", "amount_after"];
    let keys = [c::CUSTOMER_ID, c::PERIOD, c::ACTIVITY, c::POOL_PART].map(col);
    let cells = concat([side(before, true), side(after, false)], UnionArgs::default())?
        .group_by(keys)
        .agg(sums.map(|name| col(name).sum()))
        .collect()?;
    let column = |name: &str| Ok::<_, PolarsError>(cells.column(name)?.i64()?.clone());
    let [quantity_before, quantity_after, amount_before, amount_after] =
        [column(sums[0])?, column(sums[1])?, column(sums[2])?, column(sums[3])?];
    let (mut usage, mut rates) = (Vec::with_capacity(cells.height()), Vec::with_capacity(cells.height()));
    for row in 0..cells.height() {
        let of = |column: &Int64Chunked| column.get(row).unwrap_or_default();
        let (was, is) = (of(&amount_before), of(&amount_after));
        let by_usage = more_used(was, is, of(&quantity_before), of(&quantity_after))?;
        usage.push(-by_usage);
        rates.push(was - is + by_usage);
    }
    let parts = DataFrame::new(
        cells.height(),
        vec![
            cells.column(c::CUSTOMER_ID)?.clone(),
            Column::new("usage".into(), usage),
            Column::new("rates".into(), rates),
        ],
    )?;
    Ok(parts.lazy().group_by([col(c::CUSTOMER_ID)]).agg([col("usage").sum(), col("rates").sum()]).collect()?)
}

/// What is more of an amount as more was used, at the cost of each before.
fn more_used(was: i64, is: i64, quantity_before: i64, quantity_after: i64) -> Result<i64, ProfitError> {
    match (quantity_before, quantity_after) {
        // Bookings that name the customer have no quantity: they are cost.
        (0, 0) => Ok(0),
        (0, _) | (_, 0) => Ok(is - was),
        _ => {
            let more = Money::from_units(was).scaled(quantity_after - quantity_before, quantity_before);
            let beyond = |source| ProfitError::Money { place: "the change of an activity's amount".to_owned(), source };
            more.map(Money::units).map_err(beyond)
        }
    }
}

fn empty(columns: &[&str]) -> LazyFrame {
    let ids = Field::new(c::CUSTOMER_ID.into(), DataType::String);
    let amounts = columns.iter().map(|name| Field::new((*name).into(), DataType::Int64));
    DataFrame::empty_with_schema(&[ids].into_iter().chain(amounts).collect()).lazy()
}

#[cfg(test)]
mod tests {
    use netto_model::Period;
    use netto_model::contract::{FCT_CUSTOMER_ACTIVITY_MONTH, FCT_CUSTOMER_MONTH};
    use netto_model::table::{Table, Type};

    use super::*;

    /// Customer, month of 2025, and the amounts that aren't zero.
    type Row<'a> = (&'a str, i32, &'a [(&'a str, i64)]);

    /// A table of zeros but for what is given; the first columns name the row.
    fn table(declaration: &Table, rows: &[Row<'_>], activity: &str) -> LazyFrame {
        let column = |column: &netto_model::Column| -> Column {
            let name = column.name;
            let value = |cells: &[(&str, i64)]| cells.iter().find(|(of, _)| *of == name).map_or(0, |(_, value)| *value);
            let whole: Vec<i64> = rows.iter().map(|(_, _, cells)| value(cells)).collect();
            match (name, column.ty) {
                (c::CUSTOMER_ID, _) => Column::new(name.into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
                (c::ACTIVITY, _) => Column::new(name.into(), vec![activity; rows.len()]),
                (_, Type::Text) => Column::new(name.into(), vec![""; rows.len()]),
                (_, Type::Bool) => Column::new(name.into(), vec![true; rows.len()]),
                (_, Type::Date) => {
                    let days: Vec<i32> = rows.iter().map(|row| Period::new(2025, row.1).first_day()).collect();
                    Column::new(name.into(), days).cast(&DataType::Date).unwrap()
                }
                _ => Column::new(name.into(), whole),
            }
        };
        let columns = declaration.columns.iter().map(column).collect();
        DataFrame::new(rows.len(), columns).unwrap().lazy()
    }

    fn waterfall(rows: &[Row<'_>]) -> Frame<Waterfall> {
        Frame::try_new(table(&FCT_CUSTOMER_MONTH, rows, "")).unwrap()
    }

    fn ledger(rows: &[Row<'_>]) -> Frame<Ledger> {
        Frame::try_new(table(&FCT_CUSTOMER_ACTIVITY_MONTH, rows, "picking")).unwrap()
    }

    fn window(first: i32, last: i32) -> Window {
        Window { first: Period::new(2025, first), last: Period::new(2025, last) }
    }

    fn row(table: &DataFrame, customer: &str) -> Vec<i64> {
        let at =
            table.column(c::CUSTOMER_ID).unwrap().str().unwrap().iter().position(|id| id == Some(customer)).unwrap();
        let columns = ["before", "after"].into_iter().chain(PARTS);
        columns.map(|name| table.column(name).unwrap().i64().unwrap().get(at).unwrap()).collect()
    }

    #[test]
    fn every_part_of_a_change_is_told_and_they_add_up() {
        // January leaves the window, March comes into it; February is in both.
        let earlier = waterfall(&[
            ("A", 1, &[(c::NET_PROFIT, 7)]),
            ("A", 2, &[(c::INVOICE_REVENUE, 100), (c::COGS, 60), (c::COST_TO_SERVE, 20), (c::NET_PROFIT, 20)]),
            ("B", 2, &[(c::INVOICE_REVENUE, 5), (c::NET_PROFIT, 5)]),
        ]);
        let later = waterfall(&[
            (
                "A",
                2,
                &[
                    (c::INVOICE_REVENUE, 130),
                    (c::COGS, 70),
                    (c::REBATES_GIVEN, 4),
                    (c::COST_TO_SERVE, 45),
                    (c::NET_PROFIT, 11),
                ],
            ),
            ("A", 3, &[(c::NET_PROFIT, 9)]),
        ]);
        let used = ledger(&[("A", 2, &[(c::QUANTITY, 10), (c::AMOUNT, 20)])]);
        let more = ledger(&[("A", 2, &[(c::QUANTITY, 15), (c::AMOUNT, 45)])]);
        let repriced = df!(c::CUSTOMER_ID => ["A"], "price" => [12_i64], "goods" => [-3_i64]).unwrap();
        let (before, after) = (
            Side { waterfall: &earlier, ledger: &used, window: window(1, 2) },
            Side { waterfall: &later, ledger: &more, window: window(2, 3) },
        );
        let found = change(before, after, Some(repriced)).unwrap();
        //                          before after months lines price goods terms usage rates
        assert_eq!(row(&found, "A"), [27, 20, 9 - 7, 20 - 12 + 3, 12, -3, -4, -10, -15]);
        assert_eq!(row(&found, "B"), [5, 0, 0, -5, 0, 0, 0, 0, 0]);
        let apart = change(before, after, None).unwrap();
        assert_eq!(row(&apart, "A"), [27, 20, 2, 20, 0, 0, -4, -10, -15]);
    }

    #[test]
    fn usage_is_at_the_earlier_cost_and_what_names_the_customer_is_cost() {
        let used = |was, is, before, after| more_used(was, is, before, after).unwrap();
        assert_eq!(used(20, 45, 10, 15), 10);
        assert_eq!(used(0, 45, 0, 15), 45);
        assert_eq!(used(20, 0, 10, 0), -20);
        assert_eq!(used(20, 45, 0, 0), 0);
        // A third of ten, rounded half-even; the rest of the change is in the rate.
        assert_eq!(used(10, 0, 3, 4), 3);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]
        #[test]
        fn the_parts_add_up_whatever_the_amounts(cells in proptest::collection::vec((0..3_usize, 1..4_i32, -99..99_i64, -99..99_i64, 0..9_i64, -99..99_i64), 0..20)) {
            let ids = ["A", "B", "C"];
            let unique = |cells: &[(usize, i32, i64, i64, i64, i64)]| {
                let mut seen = std::collections::BTreeMap::new();
                for cell in cells { seen.insert((cell.0, cell.1), *cell); }
                seen.into_values().collect::<Vec<_>>()
            };
            let (first, second) = cells.split_at(cells.len() / 2);
            let side = |cells: &[(usize, i32, i64, i64, i64, i64)]| {
                let cells = unique(cells);
                let falls: Vec<_> = cells.iter().map(|cell| (ids[cell.0], cell.1, [(c::INVOICE_REVENUE, cell.2), (c::NET_PROFIT, cell.3)])).collect();
                let costs: Vec<_> = cells.iter().map(|cell| (ids[cell.0], cell.1, [(c::QUANTITY, cell.4), (c::AMOUNT, cell.5)])).collect();
                let falls: Vec<Row<'_>> = falls.iter().map(|(id, month, cells)| (*id, *month, cells.as_slice())).collect();
                let costs: Vec<Row<'_>> = costs.iter().map(|(id, month, cells)| (*id, *month, cells.as_slice())).collect();
                (waterfall(&falls), ledger(&costs))
            };
            let (earlier, later) = (side(first), side(second));
            let before = Side { waterfall: &earlier.0, ledger: &earlier.1, window: window(1, 2) };
            let after = Side { waterfall: &later.0, ledger: &later.1, window: window(2, 3) };
            let found = change(before, after, None).unwrap();
            for id in ids.iter().filter(|id| found.column(c::CUSTOMER_ID).unwrap().str().unwrap().iter().any(|known| known == Some(**id))) {
                let parts = row(&found, id);
                proptest::prop_assert_eq!(parts[1] - parts[0], parts[2..].iter().sum::<i64>());
            }
        }
    }
}
