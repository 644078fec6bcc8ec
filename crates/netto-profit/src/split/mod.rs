//! Finer facts, split from the ledger: the line is the finest, all others are sums of lines, so each ties to the waterfall,
//! to the ledger and to every other, to the last ten-thousandth.
//!
//! ```text
//! config.rs      [facts]: which facts are made
//! rule.rs        an amount of a customer month over its lines: the one rule
//! lines.rs       a month's lines as numbers
//! products.rs    group, supplier and kind of each line's product on its day
//! rows.rs        each line with all of its measures
//! measures.rs    what a fact measures
//! facts.rs       rows added up by order, product, supplier, …
//! suppliers.rs   the supplier of each line
//! received.rs    what each supplier gives a customer's lines
//! supplier_activity.rs  parts of the ledger added up by supplier and activity
//! deliveries.rs  promised against delivered
//! tie.rs         what must hold after every split
//! ```
//! Within customer, month and activity an amount follows what the activity is measured by: quantities of orders, and within
//! an order every line alike; or quantities of lines. What is measured on neither (visits, bookings for the customer, shares)
//! falls on every line alike. Rebates given and the cost of credit follow the net amount; what a supplier gives follows the
//! cost of its goods.
//! Of a pool that is kept by warehouse only the lines of that warehouse take. Minutes are split as the amounts are.

mod config;
mod deliveries;
mod facts;
mod lines;
mod measures;
mod products;
mod received;
mod rows;
mod rule;
mod supplier_activity;
mod suppliers;
#[cfg(test)]
mod tests;
mod tie;

use std::collections::BTreeMap;

use netto_model::frame::{self, DimActivity, Ledger, PoolBalance, SupplierRebate, Waterfall};
use netto_model::money::MILLION;
use netto_model::{DriverSource, Frame, Mart, Money, Period, column as c, contract};
use polars::prelude::*;

use crate::ProfitError;
use crate::config::{ActivityConfig, Idle, Method, PoolConfig, ProfitConfig, Step};
use crate::negative::Negative;

use products::{OfLines, Product, Products};

pub use config::FactsConfig;
pub use rule::{By, split};

/// What is split, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Customer × month × activity.
    pub ledger: &'a Frame<Ledger>,
    /// Customer × month.
    pub waterfall: &'a Frame<Waterfall>,
    /// Customer × month × supplier: the waterfall's rebates received.
    pub supplier_rebates: &'a Frame<SupplierRebate>,
    /// Where each activity stands in the waterfall.
    pub activities: &'a Frame<DimActivity>,
    /// What of each pool was used in a month, and what was idle.
    pub pool_balance: &'a Frame<PoolBalance>,
    /// Which pools are kept by warehouse, and which charge what is idle.
    pub config: &'a ProfitConfig,
    /// Groups, suppliers and kinds, each from a day on.
    pub products: &'a Frame<frame::Products>,
}

/// A month's lines, by customer, order, sale or not, and line.
#[derive(Clone, Copy, Debug)]
pub struct MonthLines<'a> {
    /// Month.
    pub period: Period,
    /// Ids, days, texts and amounts: `customer_id`, `order_id`, `line_no`, `order_date`, `product_id`, `channel`, …, `net_amount`.
    pub lines: &'a DataFrame,
    /// A row per line, a column per activity that is measured on lines.
    pub line_quantities: &'a DataFrame,
    /// A row per order, a column per activity that is measured on orders; an order of a sale and of returns or credits has a row for each of both.
    pub order_quantities: &'a DataFrame,
    /// Whether each order counts in the month, 1 or 0: returns and credits are no orders, and an order over the end of a month
    /// is one of the month of its first line.
    pub order_counts: &'a [i64],
    /// Whether each order has lines in other months too.
    pub order_spans: &'a [bool],
}

/// The facts of a month that were asked for.
#[derive(Clone, Debug)]
pub struct MonthFacts {
    /// `fct_order` and `fct_order_line`, in the order of the contract: to be written month by month.
    pub large: Vec<Mart>,
    /// The others, each a part of its table: to be collected.
    pub small: Vec<Mart>,
}

/// What the split of a month follows from, besides the month's lines and their products: the same again is split alike.
#[derive(Clone, Debug)]
pub struct Foundation {
    /// What ledger, waterfall and suppliers' rebates say of the month.
    pub tables: [DataFrame; 3],
    /// What is to know of activities, pools and the facts that are asked for, as a text.
    pub rules: String,
}

/// Splits month by month; months may be split side by side.
pub struct Splitter {
    config: FactsConfig,
    ledger: ByMonth,
    waterfall: ByMonth,
    supplier_rebates: ByMonth,
    activities: BTreeMap<String, rows::Activity>,
    idle: BTreeMap<Period, rows::IdleParts>,
    products: Products,
}

impl Splitter {
    /// Sorts the tables out by month.
    ///
    /// # Errors
    /// When a column has another type than the contract's.
    pub fn new(inputs: &Inputs<'_>, config: &FactsConfig) -> Result<Self, ProfitError> {
        Ok(Self {
            config: config.clone(),
            ledger: ByMonth::new(inputs.ledger.data())?,
            waterfall: ByMonth::new(inputs.waterfall.data())?,
            supplier_rebates: ByMonth::new(inputs.supplier_rebates.data())?,
            activities: activities(inputs.activities, inputs.config)?,
            idle: idle(inputs.pool_balance, inputs.config)?,
            products: Products::of(inputs.products)?,
        })
    }

    /// Every month in which a customer bought or was served.
    pub fn periods(&self) -> impl Iterator<Item = Period> {
        self.waterfall.rows.keys().copied()
    }

    /// What a month is split by.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn foundation(&self, period: Period) -> Result<Foundation, ProfitError> {
        let rules = format!("{:?} {:?} {:?}", self.config, self.activities, self.idle.get(&period));
        let tables = [&self.ledger, &self.waterfall, &self.supplier_rebates].map(|table| table.of(period));
        let [ledger, waterfall, rebates] = tables;
        Ok(Foundation { tables: [ledger?, waterfall?, rebates?], rules })
    }

    /// What is said of a product at first, as a text: its group, supplier and kind.
    #[must_use]
    pub fn product(&self, id: &str) -> String {
        self.products.first(id)
    }

    /// Whether something else is said of a product from some day on.
    #[must_use]
    pub fn changes(&self, id: &str) -> bool {
        self.products.changes(id)
    }

    /// What is said of a product in a month, as a text, where it isn't what was said at first.
    #[must_use]
    pub fn product_in(&self, id: &str, month: Period) -> Option<String> {
        self.products.since_first(id, month)
    }

    /// Splits a month, adds its lines up to the facts that are asked for, and checks that all tie.
    ///
    /// # Errors
    /// A sum beyond the range of money; a table, month and column that don't tie.
    pub fn month(&self, month: &MonthLines<'_>) -> Result<MonthFacts, ProfitError> {
        let period = month.period;
        let lines = lines::Lines::new(month)?;
        let (ledger, waterfall) = (self.ledger.of(period)?, self.waterfall.of(period)?);
        let (ids, unknown) = (lines.product_codes(), Product::default());
        let products = OfLines::new(period, &lines, &self.products, &ids, &unknown)?;
        let rebates = self.supplier_rebates.of(period)?;
        let by_supplier = self.config.wants(&contract::FCT_SUPPLIER_ACTIVITY_MONTH);
        // The suppliers of lines are looked up where something goes by them.
        let known = by_supplier || rebates.height() > 0;
        let known = if known { suppliers::Suppliers::new(&products) } else { suppliers::Suppliers::default() };
        let suppliers = || supplier_activity::SupplierActivities::new(&known, &self.activities);
        let mut suppliers = by_supplier.then(suppliers);
        let none = rows::IdleParts::new();
        let idle = self.idle.get(&period).unwrap_or(&none);
        let amounts = rows::Amounts {
            ledger: &ledger,
            waterfall: &waterfall,
            received: received::Received::new(&rebates, &known)?,
        };
        let rows = rows::rows(period, &lines, amounts, &self.activities, idle, suppliers.as_mut())?;
        tie::rows(contract::FCT_ORDER_LINE.name, period, &rows)?;
        let of_product = ids.of_rows(&rows);
        let facts = facts::Facts { period, lines: &lines, rows: &rows, products: &products, of_product };
        let mut large = Vec::new();
        if self.config.wants(&contract::FCT_ORDER) {
            large.push(facts.orders()?);
        }
        if self.config.wants(&contract::FCT_ORDER_LINE) {
            large.push(facts.order_lines()?);
        }
        let small = |table: &'static netto_model::Table| {
            let data = match &suppliers {
                Some(suppliers) if table.name == contract::FCT_SUPPLIER_ACTIVITY_MONTH.name => {
                    suppliers.table(period, &ledger)?
                }
                _ => facts.small(table)?,
            };
            let columns = table.columns.iter().map(|column| column.name);
            Ok::<_, ProfitError>(Mart { table, data: data.select(columns)? })
        };
        let small = self.small().map(small).collect::<Result<_, _>>()?;
        Ok(MonthFacts { large, small })
    }

    /// The facts that are collected, from all months.
    ///
    /// # Errors
    /// When the contract refuses a table.
    pub fn collected(&self, months: Vec<MonthFacts>) -> Result<Vec<Mart>, ProfitError> {
        let mut tables: Vec<Vec<LazyFrame>> = self.small().map(|_| Vec::new()).collect();
        for month in months {
            tables.iter_mut().zip(month.small).for_each(|(table, mart)| table.push(mart.data.lazy()));
        }
        let whole =
            |(table, months): (_, Vec<LazyFrame>)| Ok(Mart::try_new(table, concat(months, UnionArgs::default())?)?);
        self.small().zip(tables).filter(|(_, months)| !months.is_empty()).map(whole).collect()
    }

    fn small(&self) -> impl Iterator<Item = &'static netto_model::Table> {
        facts::SMALL.into_iter().filter(|table| self.config.wants(table))
    }
}

/// A table by month: where each month's rows are.
struct ByMonth {
    data: DataFrame,
    rows: BTreeMap<Period, Vec<IdxSize>>,
}

impl ByMonth {
    fn new(data: &DataFrame) -> PolarsResult<Self> {
        let mut rows: BTreeMap<Period, Vec<IdxSize>> = BTreeMap::new();
        for (row, day) in (0..).zip(data.column(c::PERIOD)?.date()?.physical().iter()) {
            rows.entry(Period::of_day(day.unwrap_or_default())).or_default().push(row);
        }
        Ok(Self { data: data.clone(), rows })
    }

    /// The rows of a month, in the order of the table.
    fn of(&self, period: Period) -> PolarsResult<DataFrame> {
        let rows = self.rows.get(&period).map(Vec::as_slice).unwrap_or_default();
        self.data.take(&IdxCa::from_vec("".into(), rows.to_vec()))
    }
}

fn activities(
    activities: &Frame<DimActivity>,
    config: &ProfitConfig,
) -> PolarsResult<BTreeMap<String, rows::Activity>> {
    let data = activities.data();
    let names = data.column(c::ACTIVITY)?.str()?.iter();
    let methods = data.column(c::METHOD)?.str()?.iter();
    let steps = data.column(c::STEP)?.str()?.iter();
    let compensations = data.column(c::COMPENSATION)?.bool()?.iter();
    let sources = data.column(c::SOURCE)?.str()?.iter();
    let of_orders = [DriverSource::Orders, DriverSource::OrderLines].map(DriverSource::name);
    let mut activities = BTreeMap::new();
    for (place, (((name, method), (step, compensation)), source)) in
        names.zip(methods).zip(steps.zip(compensations)).zip(sources).enumerate()
    {
        let step = [Step::FreightCost, Step::PaymentTerms].into_iter().find(|known| Some(known.name()) == step);
        let settings = name.and_then(|name| config.activities.get(name));
        let of_goods = settings.is_some_and(grows_with_goods);
        let standing = settings.is_some_and(|activity| activity.standing);
        let pool = settings.and_then(|activity| config.pools.get(&activity.pool));
        let activity = rows::Activity {
            place,
            step: step.unwrap_or_default(),
            compensation: compensation.unwrap_or_default(),
            time: method == Some(Method::Time.name()),
            of_orders: source.is_some_and(|source| of_orders.contains(&source)) && !standing,
            of_lines: source == Some(DriverSource::OrderLines.name()) && !standing,
            negative: settings.map_or(Negative::Refuse, ActivityConfig::negative),
            of_goods,
            pool: settings.map(|activity| activity.pool.clone()).unwrap_or_default(),
            avoidable: pool.map_or(0, PoolConfig::avoidable_millionths),
            standing: settings.is_some_and(|activity| stands(activity, of_goods, config)),
            by_warehouse: name.is_some_and(|name| config.is_by_warehouse(name)),
        };
        activities.insert(name.unwrap_or_default().to_owned(), activity);
    }
    Ok(activities)
}

/// Whether what an activity takes grows with the goods alone.
fn grows_with_goods(activity: &ActivityConfig) -> bool {
    activity.expression().and_then(Result::ok).is_some_and(|expression| expression.grows_with_goods())
}

/// Whether its cost is the same with more orders of the same goods, and whichever channel they come in through: nothing of its pool is avoidable, or it grows
/// with the goods and doesn't look at the channel.
fn stands(activity: &ActivityConfig, of_goods: bool, config: &ProfitConfig) -> bool {
    let avoidable = config.pools.get(&activity.pool).and_then(|pool| pool.avoidable);
    let mut asked = [activity.expression(), activity.filter()].into_iter().flatten().flatten();
    let by_channel = asked.any(|expression| expression.columns().any(|column| column.name == c::CHANNEL));
    avoidable.is_some_and(|part| part <= 0.0) || of_goods && !by_channel
}

/// Of the pools that charge their idle capacity: which part of what they charge in a month it is. With fewer orders it would be as much as with more.
fn idle(balance: &Frame<PoolBalance>, config: &ProfitConfig) -> PolarsResult<BTreeMap<Period, rows::IdleParts>> {
    let data = balance.data();
    let days = data.column(c::PERIOD)?.date()?.physical().clone();
    let minutes = [c::IDLE_MINUTES, c::PRACTICAL_MINUTES].map(|name| data.column(name)?.i64().cloned());
    let [idle, practical] = minutes;
    let (idle, practical) = (idle?, practical?);
    let warehouses = data.column(c::WAREHOUSE)?.str()?;
    let mut parts: BTreeMap<Period, rows::IdleParts> = BTreeMap::new();
    for (row, pool) in data.column(c::POOL)?.str()?.iter().enumerate() {
        let Some(charges) = pool.and_then(|pool| config.pools.get(pool)).filter(|pool| pool.idle == Idle::Charge)
        else {
            continue;
        };
        let minutes = |of: &Int64Chunked| of.get(row).unwrap_or_default();
        let fixed = |minutes: i64| Money::from_units(minutes).scaled(charges.fixed_millionths(), MILLION);
        // Of pools that are kept by warehouse each charges its own.
        let month = parts.entry(Period::of_day(days.get(row).unwrap_or_default())).or_default();
        let part = (fixed(minutes(&idle)).map_or(0, Money::units), minutes(&practical));
        if part.0 > 0 && part.1 > 0 {
            let of_pool = month.entry(pool.unwrap_or_default().to_owned()).or_default();
            of_pool.insert(warehouses.get(row).unwrap_or_default().to_owned(), part);
        }
    }
    Ok(parts)
}
