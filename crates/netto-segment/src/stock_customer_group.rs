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

use std::collections::{BTreeMap, BTreeSet};

use netto_model::contract::{STOCK_CUSTOMER_GROUP, STOCK_CUSTOMER_LEVELS};
use netto_model::frame::{Products, Stock, StockCustomerGroup};
use netto_model::{Frame, Mart, Money, Window, apportion, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::{lookup, sums};
use crate::customer_window::Customer;
use crate::group_sales::{GroupSales, Rows};
use crate::stock_turnover::{Figures, average_stock, counted_in, holding_cost, snapshots};
use crate::windows::Named;
use crate::{SegmentError, StockConfig, tie};

/// The table of all windows in which stock was counted; empty where stock or what was sold of product groups isn't known.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let (Some(stock), Some(sold)) = (book.inputs.stock, book.inputs.product_group_month) else {
        return absent::<StockCustomerGroup>();
    };
    let sold = GroupSales::new(sold)?;
    let markets = lookup(book.inputs.customers.data(), c::CUSTOMER_ID, c::MARKET)?;
    let main = book.main().map(|(named, _)| named);
    book.table::<StockCustomerGroup>(|named, customers| {
        let snapshots = snapshots(stock, named.window)?;
        if snapshots == 0 {
            return Ok(DataFrame::empty());
        }
        let counted = counted(stock, book.inputs.products, named.window)?;
        let groups = holders(&sold, &counted, named.window)?;
        let levels = if Some(named) == main { STOCK_CUSTOMER_LEVELS } else { &STOCK_CUSTOMER_LEVELS[..2] };
        let keys = Keys { tiers: tiers(customers), markets: &markets };
        let rows = rows(&groups, &keys, levels, snapshots, named.window, &book.config.stock)?;
        audit(&named.name, &rows, levels, &counted, snapshots)?;
        Ok(of_window(named, &rows, &book.config.stock)?)
    })
}

fn tiers(customers: &[Customer]) -> BTreeMap<&str, &str> {
    customers.iter().map(|customer| (customer.id.as_str(), customer.tier)).collect()
}

/// Value by product group and the customer for whom it is, added up over all snapshots; without a customer it is for all.
type Counted = BTreeMap<[String; 2], [i64; 1]>;

/// Products are of the group of their last version, as order lines are.
fn counted(stock: &Frame<Stock>, products: &Frame<Products>, window: Window) -> PolarsResult<Counted> {
    let groups = products.latest().select([col(c::PRODUCT_ID), col(c::PRODUCT_GROUP)]);
    let product = || [col(c::PRODUCT_ID)];
    let counted = stock
        .lazy()
        .filter(counted_in(window))
        .join(groups, product(), product(), JoinArgs::new(JoinType::Left))
        .with_column(col(c::PRODUCT_GROUP).fill_null(lit("")));
    sums(counted, [c::PRODUCT_GROUP, c::CUSTOMER_ID], [c::VALUE])
}

/// Who bought from a product group, or for whom its stock is; amounts in ten-thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Holder {
    /// Empty for stock that is for all.
    customer: String,
    /// Value, added up over all snapshots.
    counted: i64,
    cogs: i64,
    revenue: i64,
    profit: i64,
}

/// The holders of each product group, in the order of the customers: stock for all comes first.
fn holders(sold: &GroupSales, counted: &Counted, window: Window) -> PolarsResult<BTreeMap<String, Vec<Holder>>> {
    let mut groups: BTreeMap<String, Vec<Holder>> = BTreeMap::new();
    for name in sold.groups.iter().chain(counted.keys().map(|[group, _]| group)) {
        groups.entry(name.clone()).or_default();
    }
    let mut by_place: Vec<Vec<Holder>> = vec![Vec::new(); sold.groups.len()];
    // Cost without an order has no product, and no stock either.
    for bought in sold.of(window, Rows::Ordered)? {
        let (sales, counted) = (bought.sales, 0);
        let (cogs, revenue, profit) = (sales.cogs, sales.revenue, sales.profit);
        let customer = sold.customers[bought.customer].clone();
        by_place[bought.group].push(Holder { customer, counted, cogs, revenue, profit });
    }
    for (name, holders) in sold.groups.iter().zip(by_place) {
        groups.insert(name.clone(), holders);
    }
    for ([group, customer], [value]) in counted {
        let holders = groups.entry(group.clone()).or_default();
        match holders.binary_search_by(|holder| holder.customer.cmp(customer)) {
            Ok(place) => holders[place].counted = *value,
            Err(place) => {
                holders.insert(place, Holder { customer: customer.clone(), counted: *value, ..Holder::default() });
            }
        }
    }
    Ok(groups)
}

/// Tier and market of each customer.
struct Keys<'a> {
    tiers: BTreeMap<&'a str, &'a str>,
    markets: &'a BTreeMap<String, String>,
}

impl<'a> Keys<'a> {
    /// Where a customer stands at a level; empty where that isn't known.
    fn of(&self, level: &str, customer: &'a str) -> &'a str {
        match level {
            c::TIER => self.tiers.get(customer).copied().unwrap_or_default(),
            c::MARKET => self.markets.get(customer).map_or("", String::as_str),
            _ => customer,
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Row<'a> {
    group: &'a str,
    level: &'static str,
    key: &'a str,
    stock: i64,
    reserved: i64,
    holding: i64,
    cogs: i64,
    revenue: i64,
    profit: i64,
}

impl Row<'_> {
    fn add(&mut self, more: &Self) {
        self.stock += more.stock;
        self.reserved += more.reserved;
        self.holding += more.holding;
        self.cogs += more.cogs;
        self.revenue += more.revenue;
        self.profit += more.profit;
    }
}

/// Every product group at every level.
fn rows<'a>(
    groups: &'a BTreeMap<String, Vec<Holder>>,
    keys: &Keys<'a>,
    levels: &'static [&'static str],
    snapshots: i64,
    window: Window,
    config: &StockConfig,
) -> Result<Vec<Row<'a>>, SegmentError> {
    let mut rows = Vec::new();
    for (group, holders) in groups.iter().filter(|(_, holders)| !holders.is_empty()) {
        let shared = shared(group, holders, snapshots, window, config)?;
        for &level in levels {
            let mut of_level: BTreeMap<&str, Row<'_>> = BTreeMap::new();
            for row in &shared {
                let key = keys.of(level, row.key);
                of_level.entry(key).or_insert(Row { group, level, key, ..Row::default() }).add(row);
            }
            rows.extend(of_level.into_values());
        }
    }
    Ok(rows)
}

/// A product group's stock shared out, and its holding cost as the stock is. Stock for all is left only where nobody bought.
fn shared<'a>(
    group: &'a str,
    holders: &'a [Holder],
    snapshots: i64,
    window: Window,
    config: &StockConfig,
) -> Result<Vec<Row<'a>>, SegmentError> {
    let parts = Parts::of(holders, snapshots)?;
    let whole = Money::try_from_wide(tie::total(parts.stock.iter().copied()))?;
    let cost = holding_cost(whole, window, config)?.unwrap_or(Money::ZERO);
    let holding = apportion(cost.units(), &parts.stock).unwrap_or_else(|| vec![0; holders.len()]);
    let shares = parts.stock.into_iter().zip(parts.reserved).zip(holding);
    let row = |(holder, ((stock, reserved), holding)): (&'a Holder, ((i64, i64), i64))| {
        let (key, cogs, revenue, profit) = (holder.customer.as_str(), holder.cogs, holder.revenue, holder.profit);
        Row { group, level: "", key, stock, reserved, holding, cogs, revenue, profit }
    };
    Ok(holders.iter().zip(shares).map(row).filter(|row| !row.key.is_empty() || row.stock != 0).collect())
}

/// A product group's average stock, by holder.
struct Parts {
    stock: Vec<i64>,
    reserved: Vec<i64>,
}

impl Parts {
    /// What is reserved goes to whom it is reserved, the rest by cost of goods sold; where nobody bought, it stays for all.
    fn of(holders: &[Holder], snapshots: i64) -> Result<Self, SegmentError> {
        let averaged = |values: &mut dyn Iterator<Item = i64>| average_stock(tie::total(values), snapshots);
        let kept: Vec<i64> =
            holders.iter().map(|holder| if holder.customer.is_empty() { 0 } else { holder.counted }).collect();
        let each = |&value: &i64| Ok::<_, SegmentError>(average_stock(value.into(), snapshots)?.units());
        let reserved = match apportion(averaged(&mut kept.iter().copied())?.units(), &kept) {
            Some(parts) => parts,
            None => kept.iter().map(each).collect::<Result<_, _>>()?,
        };
        let whole = averaged(&mut holders.iter().map(|holder| holder.counted))?;
        let rest = i128::from(whole.units()) - tie::total(reserved.iter().copied());
        let rest = Money::try_from_wide(rest)?.units();
        let bought: Vec<i64> = holders.iter().map(|holder| holder.cogs.max(0)).collect();
        let shares = apportion(rest, &bought).unwrap_or_else(|| first_only(rest, holders.len()));
        let stock = reserved.iter().zip(shares).map(|(reserved, share)| reserved + share).collect();
        Ok(Self { stock, reserved })
    }
}

/// All of it in the first row.
fn first_only(amount: i64, rows: usize) -> Vec<i64> {
    [amount].into_iter().chain(std::iter::repeat(0)).take(rows).collect()
}

/// At every level, the parts of a product group's stock are its average stock, as `stock_turnover` has it.
fn audit(
    window: &str,
    rows: &[Row<'_>],
    levels: &[&'static str],
    counted: &Counted,
    snapshots: i64,
) -> Result<(), SegmentError> {
    let mut found: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    for row in rows {
        *found.entry((row.level, row.group)).or_default() += i128::from(row.stock);
    }
    for group in counted.keys().map(|[group, _]| group).collect::<BTreeSet<_>>() {
        let of_group = counted.iter().filter(|([other, _], _)| other == group).map(|(_, [value])| *value);
        let average = average_stock(tie::total(of_group), snapshots)?;
        for &level in levels {
            let sum = found.get(&(level, group.as_str())).copied().unwrap_or_default();
            let what = || format!("average_stock of product group `{group}` by {level}");
            tie::same(&STOCK_CUSTOMER_GROUP, window, what, sum, average.units().into())?;
        }
    }
    Ok(())
}

fn of_window(named: &Named, rows: &[Row<'_>], config: &StockConfig) -> PolarsResult<DataFrame> {
    let figures = |row: &Row<'_>| Figures {
        average_stock: row.stock,
        cogs: row.cogs,
        revenue: row.revenue,
        months: named.window.months().into(),
        holding_cost: config.holding_rate.map(|_| row.holding),
    };
    let figures: Vec<Figures> = rows.iter().map(figures).collect();
    let net = |(row, figures): (&Row<'_>, &Figures)| figures.holding_cost.map(|cost| row.profit - cost);
    let net: Vec<Option<i64>> = rows.iter().zip(&figures).map(net).collect();
    // Where there is no stock, there is none to earn its keep.
    let earns = |(row, net): (&Row<'_>, &Option<i64>)| net.filter(|_| row.stock > 0).map(|net| net >= 0);
    let amounts = |of: fn(&Row<'_>) -> i64| rows.iter().map(of).collect::<Vec<_>>();
    let ratios = |of: fn(&Figures) -> Option<f64>| figures.iter().map(of).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![named.name.as_str(); rows.len()],
        c::PRODUCT_GROUP => rows.iter().map(|row| row.group).collect::<Vec<_>>(),
        c::LEVEL => rows.iter().map(|row| row.level).collect::<Vec<_>>(),
        c::KEY => rows.iter().map(|row| row.key).collect::<Vec<_>>(),
        c::AVERAGE_STOCK => amounts(|row| row.stock),
        c::RESERVED_STOCK => amounts(|row| row.reserved),
        c::COGS => amounts(|row| row.cogs),
        c::INVOICE_REVENUE => amounts(|row| row.revenue),
        c::GROSS_MARGIN => figures.iter().map(Figures::margin).collect::<Vec<_>>(),
        c::TURNS => ratios(Figures::turns),
        c::DAYS => ratios(Figures::days),
        c::GMROI => ratios(Figures::gmroi),
        c::HOLDING_COST => figures.iter().map(|row| row.holding_cost).collect::<Vec<_>>(),
        c::NET_PROFIT => amounts(|row| row.profit),
        c::EARNS_ITS_KEEP => rows.iter().zip(&net).map(earns).collect::<Vec<_>>(),
        c::NET_OF_HOLDING => net,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group_sales::tests::sold;
    use crate::stock_turnover::tests::{day, frame};
    use netto_model::money::divide_half_even;
    use proptest::prelude::*;

    const YEAR: Window = Window::calendar_year(2025);
    const RATE: StockConfig = StockConfig { holding_rate: Some(0.2) };

    /// Stock and the part of it that is reserved, of rows with what was counted and COGS; the first is for all.
    fn parts(rows: &[(i64, i64)], snapshots: i64) -> (Vec<i64>, Vec<i64>) {
        let holder = |(place, &(counted, cogs)): (usize, &(i64, i64))| {
            let customer = if place == 0 { String::new() } else { format!("C{place}") };
            Holder { customer, counted, cogs, ..Holder::default() }
        };
        let parts = Parts::of(&rows.iter().enumerate().map(holder).collect::<Vec<_>>(), snapshots).unwrap();
        (parts.stock, parts.reserved)
    }

    #[test]
    fn reserved_stock_goes_to_whom_it_is_reserved_and_the_rest_by_cost_of_goods_sold() {
        // 900 for all and 100 for the second; they bought 600 and 300.
        assert_eq!(parts(&[(900, 0), (0, 600), (100, 300)], 1), (vec![0, 600, 400], vec![0, 0, 100]));
        // The average of two snapshots; nothing for all.
        assert_eq!(parts(&[(0, 0), (30, 5), (10, 95)], 2), (vec![0, 15, 5], vec![0, 15, 5]));
    }

    #[test]
    fn parts_sum_to_the_average_though_none_is_whole() {
        // 1,000 over three equal customers; 5 + 5 over two snapshots are 2.5 each, together 5.
        assert_eq!(parts(&[(1_000, 0), (0, 7), (0, 7), (0, 7)], 1).0, [0, 334, 333, 333]);
        assert_eq!(parts(&[(0, 0), (5, 1), (5, 0)], 2).0, [0, 3, 2]);
    }

    #[test]
    fn who_returned_more_than_bought_holds_nothing_and_where_nobody_bought_it_is_nobodys() {
        assert_eq!(parts(&[(100, 0), (0, -50), (0, 200)], 1).0, [0, 0, 100]);
        assert_eq!(parts(&[(100, 0), (0, -50), (0, 0)], 1).0, [100, 0, 0]);
        assert_eq!(parts(&[(100, 0), (20, 0)], 1), (vec![100, 20], vec![0, 20]));
    }

    #[test]
    fn reserved_stock_that_sums_to_nothing_is_still_whose_it_is() {
        assert_eq!(parts(&[(10, 0), (40, 1), (-40, 0)], 2), (vec![0, 25, -20], vec![0, 20, -20]));
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_average_for_any_counts_and_costs(
            rows in prop::collection::vec((-50_i64..5_000, -100_i64..1_000), 1..20), snapshots in 1_i64..13
        ) {
            let (stock, _) = parts(&rows, snapshots);
            let counted: i64 = rows.iter().map(|row| row.0).sum();
            prop_assert_eq!(tie::total(stock), divide_half_even(counted.into(), snapshots.into()));
        }
    }

    /// 900 pumps for all and 100 for B; pipes that nobody bought, and a product without a group.
    fn stock() -> Counted {
        let rows = df!(c::PRODUCT_ID => ["p", "p", "q", "s"], c::CUSTOMER_ID => ["", "B", "", ""], c::VALUE => [900_i64, 100, 50, 70],
            c::SNAPSHOT_DATE => [day(2025, 6); 4]);
        let products = df!(c::PRODUCT_ID => ["p", "p", "q"], c::PRODUCT_GROUP => [Some("Old"), Some("Pumps"), Some("Pipes")],
            c::VALID_FROM => [0, 1, 0]);
        let stock = frame(c::SNAPSHOT_DATE, rows.unwrap());
        counted(&stock, &frame(c::VALID_FROM, products.unwrap()), YEAR).unwrap()
    }

    /// A bought pumps and a service and was visited without an order; B bought pumps.
    fn groups() -> BTreeMap<String, Vec<Holder>> {
        let rows = [
            ("A", "", 4, 0, 0, 0, 0, 9),
            ("A", "Pumps", 3, 1, 900, 600, 300, 150),
            ("A", "Service", 3, 1, 40, 10, 30, 10),
            ("B", "Pumps", 3, 1, 400, 300, 100, 50),
        ];
        holders(&GroupSales::new(&sold(&rows)).unwrap(), &stock(), YEAR).unwrap()
    }

    /// `group|level|key value`.
    fn told<T: ToString>(groups: &BTreeMap<String, Vec<Holder>>, of: impl Fn(&Row<'_>) -> T) -> Vec<String> {
        let markets = BTreeMap::from([("A".to_owned(), "Bouw".to_owned())]);
        let keys = Keys { tiers: BTreeMap::from([("A", "Top"), ("B", "Small")]), markets: &markets };
        let rows = rows(groups, &keys, STOCK_CUSTOMER_LEVELS, 1, YEAR, &RATE).unwrap();
        rows.iter().map(|row| format!("{}|{}|{} {}", row.group, row.level, row.key, of(row).to_string())).collect()
    }

    #[test]
    fn every_level_has_all_stock_and_stock_that_nobody_bought_stands_under_the_empty_key() {
        let stock = "|tier| 70 · |market| 70 · |customer| 70 · Pipes|tier| 50 · Pipes|market| 50 · Pipes|customer| 50 · \
            Pumps|tier|Small 400 · Pumps|tier|Top 600 · Pumps|market| 400 · Pumps|market|Bouw 600 · \
            Pumps|customer|A 600 · Pumps|customer|B 400 · Service|tier|Top 0 · Service|market|Bouw 0 · Service|customer|A 0";
        assert_eq!(told(&groups(), |row| row.stock).join(" · "), stock);
        let holding = told(&groups(), |row| row.holding);
        assert_eq!(holding[6..8], ["Pumps|tier|Small 80", "Pumps|tier|Top 120"]);
    }

    #[test]
    fn stock_earns_its_keep_where_net_profit_covers_the_holding_cost() {
        let groups = groups();
        let keys = Keys { tiers: BTreeMap::new(), markets: &BTreeMap::new() };
        let rows = rows(&groups, &keys, &STOCK_CUSTOMER_LEVELS[2..], 1, YEAR, &RATE).unwrap();
        let named = Named { name: "main".into(), window: YEAR, previous: None };
        let column = |config: &StockConfig, name: &str| {
            let data = of_window(&named, &rows, config).unwrap();
            let data = Frame::<StockCustomerGroup>::try_new(data.lazy()).unwrap().data().clone();
            data.column(name).unwrap().clone()
        };
        // Pumps: A earns 150 and pays 120 to hold, B 50 and 80. A service has no stock.
        let earns = column(&RATE, c::EARNS_ITS_KEEP);
        let earns: Vec<_> = earns.bool().unwrap().iter().collect();
        assert_eq!(earns, [Some(false), Some(false), Some(true), Some(false), None]);
        for name in [c::HOLDING_COST, c::NET_OF_HOLDING, c::EARNS_ITS_KEEP] {
            assert_eq!(column(&StockConfig::default(), name).null_count(), rows.len(), "{name}");
        }
    }

    #[test]
    fn a_part_that_is_missing_is_found() {
        let groups = groups();
        let keys = Keys { tiers: BTreeMap::new(), markets: &BTreeMap::new() };
        let mut rows = rows(&groups, &keys, STOCK_CUSTOMER_LEVELS, 1, YEAR, &RATE).unwrap();
        assert!(audit("main", &rows, STOCK_CUSTOMER_LEVELS, &stock(), 1).is_ok());
        rows.retain(|row| row.key != "B");
        let refused = audit("main", &rows, STOCK_CUSTOMER_LEVELS, &stock(), 1).unwrap_err().to_string();
        assert_eq!(
            refused,
            "`stock_customer_group` of window `main` doesn't tie: average_stock of product group `Pumps` by customer is 0.0600 instead of 0.1000"
        );
    }
}
