//! Whose stock earns its keep: the average stock of each product group shared out over customers, and added up by tier and
//! market.
//!
//! What is reserved for a customer, or lies on consignment with it, is that customer's. The rest is there for all who buy: it is
//! shared by the cost of what they bought of the group in the window.
//!
//! ```text
//! Pumps hold 1,000 on average, of which 100 for B     customer  COGS   stock             net profit  holding 20 %
//! the rest, 900, by COGS 600 : 300                    A         600    600               150         120           earns its keep
//!                                                     B         300    300 + 100 = 400    50          80           doesn't
//! ```
//! Whoever returned more than they bought in the window has a cost of goods below zero: no stock lies there for them, so it
//! counts as nothing. Where nobody bought, the rest is nobody's: it stands under the empty key. Customers get their parts once,
//! by largest remainder, and tiers and markets are sums of them, so that every level ties to `stock_turnover`; so does the
//! holding cost, which is shared as the stock is. Of one product group everyone turns the shared stock equally often: what tells
//! customer groups apart is the profit that they make of it, and what is reserved for them.
//!
//! Source: inventory carrying cost by segment, Lambert & Stock, *Strategic Logistics Management*.

use std::collections::BTreeMap;
use std::ops::Range;

use netto_model::contract::{STOCK_CUSTOMER_GROUP, STOCK_CUSTOMER_LEVELS};
use netto_model::frame::{FctCustomerProductGroupMonth, Stock, StockCustomerGroup};
use netto_model::{Frame, Mart, Money, Window, apportion, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::{sums, texts, units};
use crate::customer_window::Customer;
use crate::stock_turnover::{Figures, average_stock, counted_in, holding_cost, snapshots};
use crate::windows::{Named, inside};
use crate::{SegmentError, StockConfig, tie};

/// Value, added up over all snapshots.
const COUNTED: &str = "counted";

/// The table of all windows in which stock was counted; empty where stock or what was sold of product groups isn't known.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let (Some(stock), Some(sold)) = (book.inputs.stock, book.inputs.product_group_month) else {
        return absent::<StockCustomerGroup>();
    };
    let main = book.main().map(|(named, _)| named);
    book.table::<StockCustomerGroup>(|named, customers| {
        let snapshots = snapshots(stock, named.window)?;
        if snapshots == 0 {
            return Ok(DataFrame::empty());
        }
        let counted = counted(stock, &groups(book), named.window);
        let pairs = pairs(counted.clone(), sold, &groups_of_customers(book, customers)?, named.window)?;
        let shared = shared(pairs, snapshots, named.window, &book.config.stock)?;
        let levels = if Some(named) == main { STOCK_CUSTOMER_LEVELS } else { &STOCK_CUSTOMER_LEVELS[..2] };
        let rows = by_level(&shared, levels)?;
        audit(&named.name, &rows, levels, &averages(counted, snapshots)?)?;
        Ok(of_window(named, &rows, &book.config.stock)?)
    })
}

/// The product group of each product: of its last version, as order lines are grouped.
fn groups(book: &Book<'_>) -> LazyFrame {
    book.inputs.products.latest().select([col(c::PRODUCT_ID), col(c::PRODUCT_GROUP)])
}

/// Tier and market of each customer.
fn groups_of_customers(book: &Book<'_>, customers: &[Customer]) -> PolarsResult<LazyFrame> {
    let tiers = df!(
        c::CUSTOMER_ID => customers.iter().map(|customer| customer.id.as_str()).collect::<Vec<_>>(),
        c::TIER => customers.iter().map(|customer| customer.tier).collect::<Vec<_>>(),
    )?;
    let markets = book.inputs.customers.lazy().select([col(c::CUSTOMER_ID), col(c::MARKET)]);
    let full = JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    Ok(tiers.lazy().join(markets, [col(c::CUSTOMER_ID)], [col(c::CUSTOMER_ID)], full))
}

/// What was counted of each product group, by the customer for whom it is; without one it is for all.
fn counted(stock: &Frame<Stock>, groups: &LazyFrame, window: Window) -> LazyFrame {
    let left = JoinArgs::new(JoinType::Left);
    stock
        .lazy()
        .filter(counted_in(window))
        .join(groups.clone(), [col(c::PRODUCT_ID)], [col(c::PRODUCT_ID)], left)
        .with_column(col(c::PRODUCT_GROUP).fill_null(lit("")))
        .group_by([col(c::PRODUCT_GROUP), col(c::CUSTOMER_ID)])
        .agg([col(c::VALUE).sum().alias(COUNTED)])
}

/// Every product group × customer with stock or sales, in this order, with tier and market. Stock for all has no customer.
fn pairs(
    counted: LazyFrame,
    sold: &Frame<FctCustomerProductGroupMonth>,
    of_customers: &LazyFrame,
    window: Window,
) -> PolarsResult<DataFrame> {
    let keys = || [col(c::PRODUCT_GROUP), col(c::CUSTOMER_ID)];
    let amounts = [c::COGS, c::INVOICE_REVENUE, c::NET_PROFIT];
    // Cost without an order has no product, and no stock either.
    let sold = sold.lazy().filter(inside(window)).filter(col(c::LINES).neq(lit(0)));
    let full = JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    sold.group_by(keys())
        .agg(amounts.map(|name| col(name).sum()))
        .join(counted, keys(), keys(), full)
        .with_columns([c::COGS, c::INVOICE_REVENUE, c::NET_PROFIT, COUNTED].map(|name| col(name).fill_null(lit(0_i64))))
        .join(of_customers.clone(), [col(c::CUSTOMER_ID)], [col(c::CUSTOMER_ID)], JoinArgs::new(JoinType::Left))
        .with_columns([c::TIER, c::MARKET].map(|name| col(name).fill_null(lit(""))))
        .sort([c::PRODUCT_GROUP, c::CUSTOMER_ID], SortMultipleOptions::default())
        .collect()
}

/// The pairs with their stock, of which reserved, and its holding cost.
fn shared(pairs: DataFrame, snapshots: i64, window: Window, config: &StockConfig) -> Result<DataFrame, SegmentError> {
    let (groups, customers) = (texts(&pairs, c::PRODUCT_GROUP)?, texts(&pairs, c::CUSTOMER_ID)?);
    let (counted, cogs) = (units(&pairs, COUNTED)?, units(&pairs, c::COGS)?);
    let (mut stock, mut reserved, mut holding) = (Vec::new(), Vec::new(), Vec::new());
    for rows in runs(&groups) {
        // Stock for all comes first, under no customer.
        let for_all = customers[rows.start].is_empty();
        let parts = Parts::of(&counted[rows.clone()], &cogs[rows], for_all, snapshots)?;
        let whole = average(&parts.stock)?;
        let cost = holding_cost(whole, window, config)?.unwrap_or(Money::ZERO);
        holding.extend(apportion(cost.units(), &parts.stock).unwrap_or_else(|| vec![0; parts.stock.len()]));
        stock.extend(parts.stock);
        reserved.extend(parts.reserved);
    }
    let columns = [(c::AVERAGE_STOCK, stock), (c::RESERVED_STOCK, reserved), (c::HOLDING_COST, holding)];
    let mut shared = pairs;
    for (name, values) in columns {
        shared.with_column(Column::new(name.into(), values))?;
    }
    Ok(shared)
}

/// The rows of each product group.
fn runs(groups: &[String]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (row, group) in groups.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if groups[run.start] == *group => run.end = row + 1,
            _ => runs.push(row..row + 1),
        }
    }
    runs
}

fn average(parts: &[i64]) -> Result<Money, SegmentError> {
    Ok(Money::try_from_wide(tie::total(parts.iter().copied()))?)
}

/// A product group's average stock, by customer.
struct Parts {
    stock: Vec<i64>,
    reserved: Vec<i64>,
}

impl Parts {
    /// What is reserved goes to whom it is reserved, the rest by cost of goods sold. `for_all` says that the first row is what
    /// was counted for all customers; it keeps the rest where nobody bought.
    fn of(counted: &[i64], cogs: &[i64], for_all: bool, snapshots: i64) -> Result<Self, SegmentError> {
        let kept: Vec<i64> =
            counted.iter().enumerate().map(|(row, &value)| if for_all && row == 0 { 0 } else { value }).collect();
        let averaged = |values: &[i64]| average_stock(tie::total(values.iter().copied()), snapshots);
        let each = |&value: &i64| Ok::<_, SegmentError>(average_stock(value.into(), snapshots)?.units());
        let reserved = match apportion(averaged(&kept)?.units(), &kept) {
            Some(parts) => parts,
            None => kept.iter().map(each).collect::<Result<_, _>>()?,
        };
        let rest = tie::total([averaged(counted)?.units()]) - tie::total(reserved.iter().copied());
        let rest = Money::try_from_wide(rest)?.units();
        let bought: Vec<i64> = cogs.iter().map(|&cogs| cogs.max(0)).collect();
        let shares = apportion(rest, &bought).unwrap_or_else(|| first_only(rest, bought.len()));
        let stock = reserved.iter().zip(shares).map(|(reserved, share)| reserved + share).collect();
        Ok(Self { stock, reserved })
    }
}

/// All of it in the first row.
fn first_only(amount: i64, rows: usize) -> Vec<i64> {
    [amount].into_iter().chain(std::iter::repeat(0)).take(rows).collect()
}

/// The parts added up by each level's key.
fn by_level(shared: &DataFrame, levels: &[&'static str]) -> PolarsResult<DataFrame> {
    let amounts = [c::AVERAGE_STOCK, c::RESERVED_STOCK, c::COGS, c::INVOICE_REVENUE, c::HOLDING_COST, c::NET_PROFIT];
    // Stock for all was shared out; what is left without a customer is what nobody bought.
    let nothing = col(c::CUSTOMER_ID).eq(lit("")).and(col(c::AVERAGE_STOCK).eq(lit(0)));
    let rows = shared.clone().lazy().filter(nothing.not());
    let of_level = |level: &&'static str| {
        let key = if *level == STOCK_CUSTOMER_LEVELS[2] { c::CUSTOMER_ID } else { level };
        rows.clone()
            .group_by([col(c::PRODUCT_GROUP), col(key)])
            .agg(amounts.map(|name| col(name).sum()))
            .with_columns([lit(*level).alias(c::LEVEL)])
            .select(
                [c::PRODUCT_GROUP, c::LEVEL]
                    .map(col)
                    .into_iter()
                    .chain([col(key).alias(c::KEY)])
                    .chain(amounts.map(col))
                    .collect::<Vec<_>>(),
            )
    };
    concat(levels.iter().map(of_level).collect::<Vec<_>>(), UnionArgs::default())?.collect()
}

/// The average stock of each product group, as `stock_turnover` has it.
fn averages(counted: LazyFrame, snapshots: i64) -> Result<BTreeMap<String, i64>, SegmentError> {
    let groups = sums(counted, [c::PRODUCT_GROUP], [COUNTED])?;
    groups.into_iter().map(|([group], [value])| Ok((group, average_stock(value.into(), snapshots)?.units()))).collect()
}

/// At every level, the parts of a product group's stock are its stock.
fn audit(
    window: &str,
    rows: &DataFrame,
    levels: &[&'static str],
    averages: &BTreeMap<String, i64>,
) -> Result<(), SegmentError> {
    let parts = sums(rows.clone().lazy(), [c::LEVEL, c::PRODUCT_GROUP], [c::AVERAGE_STOCK])?;
    for &level in levels {
        for (group, &average) in averages {
            let found = parts.get(&[level.to_owned(), group.clone()]).map_or(0, |[sum]| *sum);
            let what = || format!("average_stock of product group `{group}` by {level}");
            tie::same(&STOCK_CUSTOMER_GROUP, window, what, found.into(), average.into())?;
        }
    }
    Ok(())
}

fn of_window(named: &Named, rows: &DataFrame, config: &StockConfig) -> PolarsResult<DataFrame> {
    let months = i64::from(named.window.months());
    let rate = config.holding_rate;
    let (stock, holding) = (units(rows, c::AVERAGE_STOCK)?, units(rows, c::HOLDING_COST)?);
    let (cogs, revenue, profit) =
        (units(rows, c::COGS)?, units(rows, c::INVOICE_REVENUE)?, units(rows, c::NET_PROFIT)?);
    let figures = |row: usize| Figures {
        average_stock: stock[row],
        cogs: cogs[row],
        revenue: revenue[row],
        months,
        holding_cost: rate.map(|_| holding[row]),
    };
    let figures: Vec<Figures> = (0..rows.height()).map(figures).collect();
    let net: Vec<Option<i64>> =
        figures.iter().zip(&profit).map(|(row, profit)| row.holding_cost.map(|cost| profit - cost)).collect();
    let earns: Vec<Option<bool>> =
        figures.iter().zip(&net).map(|(row, net)| net.filter(|_| row.average_stock > 0).map(|net| net >= 0)).collect();
    let ratios = |of: fn(&Figures) -> Option<f64>| figures.iter().map(of).collect::<Vec<_>>();
    let mut data = rows.clone();
    for column in [
        Column::new(c::WINDOW.into(), vec![named.name.as_str(); figures.len()]),
        Column::new(c::GROSS_MARGIN.into(), figures.iter().map(Figures::margin).collect::<Vec<_>>()),
        Column::new(c::TURNS.into(), ratios(Figures::turns)),
        Column::new(c::DAYS.into(), ratios(Figures::days)),
        Column::new(c::GMROI.into(), ratios(Figures::gmroi)),
        Column::new(c::HOLDING_COST.into(), figures.iter().map(|row| row.holding_cost).collect::<Vec<_>>()),
        Column::new(c::NET_OF_HOLDING.into(), net),
        Column::new(c::EARNS_ITS_KEEP.into(), earns),
    ] {
        data.with_column(column)?;
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock_turnover::tests::{day, frame};
    use netto_model::frame::{Contract, schema};
    use netto_model::money::divide_half_even;
    use proptest::prelude::*;

    const YEAR: Window = Window::calendar_year(2025);

    /// Stock and the part of it that is reserved, by row.
    fn parts(counted: &[i64], cogs: &[i64], for_all: bool, snapshots: i64) -> (Vec<i64>, Vec<i64>) {
        let parts = Parts::of(counted, cogs, for_all, snapshots).unwrap();
        (parts.stock, parts.reserved)
    }

    #[test]
    fn reserved_stock_goes_to_whom_it_is_reserved_and_the_rest_by_cost_of_goods_sold() {
        // 900 for all and 100 for B; A bought 600 and B 300.
        assert_eq!(parts(&[900, 0, 100], &[0, 600, 300], true, 1), (vec![0, 600, 400], vec![0, 0, 100]));
        // The average of two snapshots; nothing for all.
        assert_eq!(parts(&[30, 10], &[5, 95], false, 2), (vec![15, 5], vec![15, 5]));
    }

    #[test]
    fn parts_sum_to_the_average_though_none_is_whole() {
        // 1,000 over three equal customers; 5 + 5 over two snapshots are 2.5 each, together 5.
        assert_eq!(parts(&[1_000, 0, 0, 0], &[0, 7, 7, 7], true, 1).0, [0, 334, 333, 333]);
        assert_eq!(parts(&[5, 5], &[1, 0], false, 2).0, [3, 2]);
    }

    #[test]
    fn who_returned_more_than_bought_holds_nothing_and_where_nobody_bought_it_is_nobodys() {
        assert_eq!(parts(&[100, 0, 0], &[0, -50, 200], true, 1).0, [0, 0, 100]);
        assert_eq!(parts(&[100, 0, 0], &[0, -50, 0], true, 1).0, [100, 0, 0]);
        assert_eq!(parts(&[100, 20], &[0, 0], true, 1), (vec![100, 20], vec![0, 20]));
    }

    #[test]
    fn reserved_stock_that_sums_to_nothing_is_still_whose_it_is() {
        assert_eq!(parts(&[10, 40, -40], &[0, 1, 0], true, 2), (vec![0, 25, -20], vec![0, 20, -20]));
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_average_for_any_counts_and_costs(
            rows in prop::collection::vec((-50_i64..5_000, -100_i64..1_000), 1..20), for_all: bool, snapshots in 1_i64..13
        ) {
            let (counted, cogs): (Vec<i64>, Vec<i64>) = rows.into_iter().unzip();
            let (stock, _) = parts(&counted, &cogs, for_all, snapshots);
            let average = divide_half_even(counted.iter().sum::<i64>().into(), snapshots.into());
            prop_assert_eq!(tie::total(stock), average);
        }
    }

    fn stock() -> Frame<Stock> {
        let rows = df!(c::PRODUCT_ID => ["p", "p", "q", "s"], c::CUSTOMER_ID => ["", "B", "", ""], c::VALUE => [900_i64, 100, 50, 70],
            c::SNAPSHOT_DATE => [day(2025, 6); 4]);
        frame(c::SNAPSHOT_DATE, rows.unwrap())
    }

    fn sold() -> Frame<FctCustomerProductGroupMonth> {
        let rows = df!(c::CUSTOMER_ID => ["A", "A", "A", "B"], c::PRODUCT_GROUP => ["Pumps", "Service", "", "Pumps"],
            c::LINES => [1_i64, 1, 0, 1], c::COGS => [600_i64, 10, 0, 300], c::INVOICE_REVENUE => [900_i64, 40, 0, 400],
            c::NET_PROFIT => [150_i64, 20, -9, 50], c::PERIOD => [day(2025, 3); 4]);
        frame(c::PERIOD, rows.unwrap())
    }

    fn products() -> LazyFrame {
        df!(c::PRODUCT_ID => ["p", "q"], c::PRODUCT_GROUP => ["Pumps", "Pipes"]).unwrap().lazy()
    }

    fn of_customers() -> LazyFrame {
        df!(c::CUSTOMER_ID => ["A", "B"], c::TIER => ["Top", "Small"], c::MARKET => [Some("Bouw"), None])
            .unwrap()
            .lazy()
    }

    fn rows(config: &StockConfig) -> DataFrame {
        let counted = counted(&stock(), &products(), YEAR);
        let pairs = pairs(counted, &sold(), &of_customers(), YEAR).unwrap();
        let shared = shared(pairs, 1, YEAR, config).unwrap();
        let named = Named { name: "main".into(), window: YEAR, previous: None };
        let data = of_window(&named, &by_level(&shared, STOCK_CUSTOMER_LEVELS).unwrap(), config).unwrap();
        Frame::<StockCustomerGroup>::try_new(data.lazy()).unwrap().data().clone()
    }

    fn told(data: &DataFrame, column: &str) -> Vec<String> {
        let [groups, levels, keys] = [c::PRODUCT_GROUP, c::LEVEL, c::KEY].map(|name| texts(data, name).unwrap());
        let value = |row| data.column(column).unwrap().get(row).unwrap().to_string();
        (0..data.height()).map(|row| format!("{}|{}|{} {}", groups[row], levels[row], keys[row], value(row))).collect()
    }

    #[test]
    fn every_level_has_all_stock_and_stock_that_nobody_bought_stands_under_the_empty_key() {
        let data = rows(&StockConfig { holding_rate: Some(0.2) });
        let stock = "|customer| 70 · |market| 70 · |tier| 70 · Pipes|customer| 50 · Pipes|market| 50 · Pipes|tier| 50 · \
            Pumps|customer|A 600 · Pumps|customer|B 400 · Pumps|market| 400 · Pumps|market|Bouw 600 · Pumps|tier|Small 400 · \
            Pumps|tier|Top 600 · Service|customer|A 0 · Service|market|Bouw 0 · Service|tier|Top 0";
        assert_eq!(told(&data, c::AVERAGE_STOCK).join(" · "), stock);
        let only = |data: &DataFrame, level: &str| {
            let of_level = data.clone().lazy().filter(col(c::LEVEL).eq(lit(level))).collect().unwrap();
            told(&of_level, c::EARNS_ITS_KEEP)
        };
        // A's pumps earn 150 and cost 120 to hold, B's 50 and 80; services have no stock to earn for.
        assert_eq!(
            only(&data, "customer"),
            [
                "|customer| false",
                "Pipes|customer| false",
                "Pumps|customer|A true",
                "Pumps|customer|B false",
                "Service|customer|A null"
            ]
        );
        assert_eq!(units(&data, c::HOLDING_COST).unwrap().iter().sum::<i64>(), 3 * (14 + 10 + 200));
        let unknown = rows(&StockConfig::default());
        assert_eq!(unknown.column(c::HOLDING_COST).unwrap().null_count(), unknown.height());
        assert_eq!(unknown.column(c::EARNS_ITS_KEEP).unwrap().null_count(), unknown.height());
    }

    #[test]
    fn a_part_that_is_missing_is_found() {
        let counted = counted(&stock(), &products(), YEAR);
        let averages = averages(counted, 1).unwrap();
        let rows = rows(&StockConfig::default());
        assert!(audit("main", &rows, STOCK_CUSTOMER_LEVELS, &averages).is_ok());
        let less = rows.lazy().filter(col(c::KEY).neq(lit("B"))).collect().unwrap();
        let refused = audit("main", &less, STOCK_CUSTOMER_LEVELS, &averages).unwrap_err().to_string();
        assert_eq!(
            refused,
            "`stock_customer_group` of window `main` doesn't tie: average_stock of product group `Pumps` by customer is 0.0600 instead of 0.1000"
        );
        assert_eq!(schema(StockCustomerGroup::TABLE).len(), STOCK_CUSTOMER_GROUP.columns.len());
    }
}
