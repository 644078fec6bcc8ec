//! Stock turnover: how often stock is sold in a year, what it earns, and what holding it costs; by product and product group.
//!
//! GMROI isn't turn-earn: margin is taken on sales, turns on cost, so GMROI = m ÷ (1 − m) × turns.
//!
//! ```text
//! average stock  COGS    revenue  turns  margin  turn-earn  GMROI
//! 17,500         70,000  100,000  4      30 %    120        1.71
//! 20,000         40,000  100,000  2      60 %    120        3.00
//! 10,000         30,000   50,000  3      40 %    120        2.00
//! ```
//! Turns, days and GMROI are per year: a window of six months counts twice.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::contract::STOCK_LEVELS;
use netto_model::frame::{FctProductMonth, Stock, StockTurnover};
use netto_model::money::{MILLION, divide_half_even};
use netto_model::{Frame, Mart, Money, Window, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::{lookup, sums};
use crate::windows::inside;
use crate::{SegmentError, StockConfig};

/// What a product, or a group of them, held and sold in a window; amounts in ten-thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    /// Value, added up over all snapshots.
    counted: i128,
    cogs: i64,
    revenue: i64,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
struct Turnover {
    level: &'static str,
    key: String,
    figures: Figures,
}

/// What stock is judged by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figures {
    pub(crate) average_stock: i64,
    pub(crate) cogs: i64,
    pub(crate) revenue: i64,
    /// Months of the window.
    pub(crate) months: i64,
    pub(crate) holding_cost: Option<i64>,
}

impl Figures {
    /// Product margin: invoice revenue − COGS.
    pub(crate) const fn margin(&self) -> i64 {
        self.revenue - self.cogs
    }

    /// COGS ÷ average stock, per year.
    pub(crate) fn turns(&self) -> Option<f64> {
        quotient(&[self.cogs, 12], &[self.average_stock, self.months])
    }

    /// 365 ÷ turns.
    pub(crate) fn days(&self) -> Option<f64> {
        self.turns().filter(|turns| *turns > 0.0).map(|turns| 365.0 / turns)
    }

    /// Margin ÷ revenue.
    fn margin_share(&self) -> Option<f64> {
        quotient(&[self.margin()], &[self.revenue])
    }

    /// Margin ÷ average stock, per year.
    pub(crate) fn gmroi(&self) -> Option<f64> {
        quotient(&[self.margin(), 12], &[self.average_stock, self.months])
    }

    /// Turns × margin %.
    fn turn_earn(&self) -> Option<f64> {
        let margin_percent = quotient(&[self.margin(), 100], &[self.revenue]);
        self.turns().zip(margin_percent).map(|(turns, percent)| turns * percent)
    }
}

/// The table of all windows in which stock was counted; empty where stock or what was sold of it isn't known.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let (Some(stock), Some(sold)) = (book.inputs.stock, book.inputs.product_month) else {
        return absent::<StockTurnover>();
    };
    let groups = lookup(&book.inputs.products.latest().collect()?, c::PRODUCT_ID, c::PRODUCT_GROUP)?;
    book.table::<StockTurnover>(|named, _| {
        let snapshots = snapshots(stock, named.window)?;
        if snapshots == 0 {
            return Ok(DataFrame::empty());
        }
        let products = held(stock, sold, named.window)?;
        let rows = turnovers(&products, &groups, snapshots, named.window, &book.config.stock)?;
        Ok(of_window(&named.name, snapshots, &rows)?)
    })
}

/// Products first, then their groups.
fn turnovers(
    products: &BTreeMap<String, Held>,
    groups: &BTreeMap<String, String>,
    snapshots: i64,
    window: Window,
    config: &StockConfig,
) -> Result<Vec<Turnover>, SegmentError> {
    let mut of_groups: BTreeMap<String, Held> = BTreeMap::new();
    for (product, held) in products {
        let group = of_groups.entry(groups.get(product).cloned().unwrap_or_default()).or_default();
        group.counted += held.counted;
        group.cogs += held.cogs;
        group.revenue += held.revenue;
    }
    let mut rows = Vec::new();
    for (&level, of_level) in STOCK_LEVELS.iter().zip([products, &of_groups]) {
        for (key, held) in of_level {
            rows.push(turnover(level, key, held, snapshots, window, config)?);
        }
    }
    Ok(rows)
}

fn turnover(
    level: &'static str,
    key: &str,
    held: &Held,
    snapshots: i64,
    window: Window,
    config: &StockConfig,
) -> Result<Turnover, SegmentError> {
    let average = average_stock(held.counted, snapshots)?;
    let figures = Figures {
        average_stock: average.units(),
        cogs: held.cogs,
        revenue: held.revenue,
        months: window.months().into(),
        holding_cost: holding_cost(average, window, config)?.map(Money::units),
    };
    Ok(Turnover { level, key: key.to_owned(), figures })
}

/// Rate × average × months ÷ 12; nothing where no rate is configured.
pub(crate) fn holding_cost(
    average: Money,
    window: Window,
    config: &StockConfig,
) -> Result<Option<Money>, SegmentError> {
    let rate = config.holding_millionths();
    Ok(rate.map(|rate| average.scaled(rate * i64::from(window.months()), 12 * MILLION)).transpose()?)
}

/// The value of all snapshots ÷ their number, half-even.
pub(crate) fn average_stock(counted: i128, snapshots: i64) -> Result<Money, SegmentError> {
    Ok(Money::try_from_wide(divide_half_even(counted, snapshots.into()))?)
}

/// The days of the window on which stock was counted.
pub(crate) fn snapshots(stock: &Frame<Stock>, window: Window) -> Result<i64, PolarsError> {
    let days = stock.lazy().filter(counted_in(window)).select([col(c::SNAPSHOT_DATE)]).collect()?;
    let days: BTreeSet<i32> = days.column(c::SNAPSHOT_DATE)?.date()?.physical().iter().flatten().collect();
    Ok(i64::try_from(days.len()).unwrap_or(i64::MAX))
}

/// Every product that was in stock or sold in the window.
fn held(
    stock: &Frame<Stock>,
    sold: &Frame<FctProductMonth>,
    window: Window,
) -> Result<BTreeMap<String, Held>, PolarsError> {
    let mut products: BTreeMap<String, Held> = BTreeMap::new();
    for ([product], [value]) in sums(stock.lazy().filter(counted_in(window)), [c::PRODUCT_ID], [c::VALUE])? {
        products.entry(product).or_default().counted = value.into();
    }
    // Cost without an order has no product, and no stock either.
    let sold = sold.lazy().filter(inside(window)).filter(col(c::PRODUCT_ID).neq(lit("")));
    for ([product], [cogs, revenue]) in sums(sold, [c::PRODUCT_ID], [c::COGS, c::INVOICE_REVENUE])? {
        let held = products.entry(product).or_default();
        (held.cogs, held.revenue) = (cogs, revenue);
    }
    Ok(products)
}

/// Whether a snapshot was taken in a month of the window.
pub(crate) fn counted_in(window: Window) -> Expr {
    let day = || col(c::SNAPSHOT_DATE).cast(DataType::Int32);
    day().gt_eq(lit(window.first.first_day())).and(day().lt(lit(window.last.plus(1).first_day())))
}

/// Product ÷ product, where there is something above zero to divide by.
#[expect(clippy::cast_precision_loss, reason = "a ratio, not money")]
fn quotient(numerator: &[i64], denominator: &[i64]) -> Option<f64> {
    let product = |factors: &[i64]| factors.iter().map(|&factor| factor as f64).product::<f64>();
    denominator.iter().all(|&factor| factor > 0).then(|| product(numerator) / product(denominator))
}

fn of_window(window: &str, snapshots: i64, rows: &[Turnover]) -> Result<DataFrame, PolarsError> {
    let figures = || rows.iter().map(|row| &row.figures);
    let amounts = |of: fn(&Figures) -> i64| figures().map(of).collect::<Vec<_>>();
    let ratios = |of: fn(&Figures) -> Option<f64>| figures().map(of).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::LEVEL => rows.iter().map(|row| row.level).collect::<Vec<_>>(),
        c::KEY => rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(),
        c::SNAPSHOTS => vec![snapshots; rows.len()],
        c::AVERAGE_STOCK => amounts(|row| row.average_stock),
        c::COGS => amounts(|row| row.cogs),
        c::INVOICE_REVENUE => amounts(|row| row.revenue),
        c::GROSS_MARGIN => amounts(Figures::margin),
        c::TURNS => ratios(Figures::turns),
        c::DAYS => ratios(Figures::days),
        c::MARGIN_SHARE => ratios(Figures::margin_share),
        c::GMROI => ratios(Figures::gmroi),
        c::TURN_EARN => ratios(Figures::turn_earn),
        c::HOLDING_COST => figures().map(|row| row.holding_cost).collect::<Vec<_>>(),
        c::NET_OF_HOLDING => figures().map(|row| row.holding_cost.map(|cost| row.margin() - cost)).collect::<Vec<_>>(),
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use netto_model::frame::{Contract, schema};
    use netto_model::{Period, money::SCALE};

    const YEAR: Window = Window::calendar_year(2025);
    const RATE: StockConfig = StockConfig { holding_rate: Some(0.2) };

    /// A row with whole amounts, of a year.
    fn row(average_stock: i64, cogs: i64, revenue: i64) -> Figures {
        let units = |amount: i64| amount * SCALE;
        let (average_stock, cogs, revenue) = (units(average_stock), units(cogs), units(revenue));
        Figures { average_stock, cogs, revenue, months: 12, holding_cost: None }
    }

    /// Rows with a date; every other number is zero, every other text empty.
    pub(crate) fn frame<T: Contract>(date: &str, rows: DataFrame) -> Frame<T> {
        let given: Vec<String> = rows.get_column_names().iter().map(ToString::to_string).collect();
        let rest = schema(T::TABLE)
            .iter_fields()
            .filter(|field| !given.contains(&field.name().to_string()))
            .collect::<Vec<_>>();
        let fill = |field: &Field| match field.dtype() {
            DataType::String => lit(""),
            dtype => lit(0_i64).cast(dtype.clone()),
        };
        let rest = rest.iter().map(|field| fill(field).alias(field.name().clone())).collect::<Vec<_>>();
        Frame::try_new(rows.lazy().with_column(col(date).cast(DataType::Date)).with_columns(rest)).unwrap()
    }

    pub(crate) fn day(year: i32, month: i32) -> i32 {
        Period::new(year, month).first_day()
    }

    fn stock(rows: &[(&str, i32, &str, i64)]) -> Frame<Stock> {
        let column = |of: fn(&(&str, i32, &str, i64)) -> String| rows.iter().map(of).collect::<Vec<_>>();
        frame(
            c::SNAPSHOT_DATE,
            df!(
                c::PRODUCT_ID => column(|row| row.0.to_owned()),
                c::SNAPSHOT_DATE => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
                c::WAREHOUSE => column(|row| row.2.to_owned()),
                c::VALUE => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            )
            .unwrap(),
        )
    }

    fn sold(rows: &[(&str, i32, i64, i64)]) -> Frame<FctProductMonth> {
        frame(
            c::PERIOD,
            df!(
                c::PRODUCT_ID => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
                c::PERIOD => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
                c::COGS => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
                c::INVOICE_REVENUE => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            )
            .unwrap(),
        )
    }

    #[test]
    fn turn_earn_is_the_same_for_four_turns_at_30_two_at_60_and_six_at_20_percent() {
        let rows = [row(17_500, 70_000, 100_000), row(20_000, 40_000, 100_000), row(20_000, 120_000, 150_000)];
        assert_eq!(rows.each_ref().map(Figures::turns), [Some(4.0), Some(2.0), Some(6.0)]);
        assert_eq!(rows.each_ref().map(Figures::margin_share), [Some(0.3), Some(0.6), Some(0.2)]);
        assert_eq!(rows.each_ref().map(Figures::turn_earn), [Some(120.0); 3]);
        let gmroi = row(10_000, 30_000, 50_000);
        assert_eq!((gmroi.margin(), gmroi.gmroi(), gmroi.days()), (20_000 * SCALE, Some(2.0), Some(365.0 / 3.0)));
    }

    #[test]
    fn gmroi_is_turns_times_margin_on_cost_and_not_turn_earn() {
        for row in [row(17_500, 70_000, 100_000), row(20_000, 40_000, 100_000), row(333, 1_234, 2_001)] {
            let (m, turns, gmroi) = (row.margin_share().unwrap(), row.turns().unwrap(), row.gmroi().unwrap());
            assert!((gmroi - m / (1.0 - m) * turns).abs() < 1e-12);
            assert!((gmroi * 100.0 - row.turn_earn().unwrap()).abs() > 1.0);
        }
    }

    #[test]
    fn a_shorter_window_is_scaled_to_a_year() {
        let half = Figures { months: 6, ..row(10_000, 15_000, 25_000) };
        assert_eq!((half.turns(), half.gmroi()), (Some(3.0), Some(2.0)));
        let six = Window::ending(Period::new(2025, 6), 6);
        let held = Held { counted: 100_000_000, cogs: 0, revenue: 0 };
        let cost = |window| turnover("product", "P", &held, 1, window, &RATE).unwrap().figures.holding_cost;
        assert_eq!((cost(YEAR), cost(six)), (Some(20_000_000), Some(10_000_000)));
    }

    #[test]
    fn without_stock_there_are_no_turns_and_without_sales_no_days() {
        let sold_only = row(0, 10, 20);
        assert_eq!((sold_only.turns(), sold_only.days(), sold_only.gmroi()), (None, None, None));
        let lies = row(10, 0, 0);
        assert_eq!((lies.turns(), lies.days(), lies.margin_share()), (Some(0.0), None, None));
    }

    #[test]
    fn stock_is_averaged_over_all_snapshots_of_the_window_and_rounded_half_even() {
        let stock = stock(&[
            ("P", day(2025, 3), "A", 10),
            ("P", day(2025, 3), "B", 5),
            ("Q", day(2025, 6), "", 3),
            ("P", day(2024, 12), "A", 1_000),
            ("P", day(2026, 1), "A", 1_000),
        ]);
        let sold = sold(&[
            ("P", day(2025, 1), 4, 7),
            ("P", day(2025, 2), 1, 2),
            ("P", day(2024, 12), 9, 9),
            ("", day(2025, 1), 1, 1),
        ]);
        assert_eq!(snapshots(&stock, YEAR).unwrap(), 2);
        let held = held(&stock, &sold, YEAR).unwrap();
        let groups = BTreeMap::from([("P".to_owned(), "G".to_owned())]);
        let rows = turnovers(&held, &groups, 2, YEAR, &StockConfig::default()).unwrap();
        let found: Vec<_> = rows
            .iter()
            .map(|r| (r.level, r.key.as_str(), r.figures.average_stock, r.figures.cogs, r.figures.revenue))
            .collect();
        // P 15 ÷ 2 = 7.5 → 8, Q 3 ÷ 2 = 1.5 → 2.
        let group = |key, stock, cogs, revenue| ("product_group", key, stock, cogs, revenue);
        assert_eq!(
            found,
            [("product", "P", 8, 5, 9), ("product", "Q", 2, 0, 0), group("", 2, 0, 0), group("G", 8, 5, 9)]
        );
    }
}
