//! Reads the lines again, month by month, with their ids and driver quantities, to split a customer's figures over orders and
//! lines.
//!
//! ```text
//! customer  order  line  product  net        line quantities   order quantities: one row per order
//! A         o1     1     p        20.00      special 0         entry 6.0
//! A         o1     2     q         5.00      special 1.0       entry 4.5
//! A         o2     1     p         8.00      special 0
//! ```
//! Rows are sorted by the ids of customer, order and line instead of their keys, as keys depend on the order of arrival. Of an order with a sale and
//! returns or credits the sale comes first, and both count as orders here: each with its lines and its part of the quantities.
//! Quantities use the same expressions as the rollup, so those of a customer's orders add up to the customer's.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::path::PathBuf;

use netto_model::{Period, column as c};
use polars::prelude::*;

use crate::error::RollupError;
use crate::measured::{Rows, evaluated, evaluated_of_sales};
use crate::month::columns_of;
use crate::negative::added_up;
use crate::{Driver, DriverSource, Spanning, kernel, lines, ordered};

/// The inputs for naming and measuring lines.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The lake's files of order lines, by month; a month without files has no lines.
    pub months: &'a BTreeMap<Period, Vec<PathBuf>>,
    /// `customer_key`, `customer_id`.
    pub customers: &'a DataFrame,
    /// `order_key`, `order_id`.
    pub orders: &'a DataFrame,
    /// `product_key`, `product_id`.
    pub products: &'a DataFrame,
    /// How activities are measured; those on events are ignored.
    pub drivers: &'a [Driver],
    /// The quantities per month of orders with lines in several months, from the rollup.
    pub spanning: &'a Spanning,
}

/// The lines of a month, sorted by customer, order, sale or not, and line.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Month.
    pub period: Period,
    /// [`COLUMNS`]; amounts that were not supplied are zero, the list amount then is the net amount.
    pub lines: DataFrame,
    /// One row per line, and one column per activity that is measured on order lines, with its name.
    pub line_quantities: DataFrame,
    /// One row per customer and order, with its returns and credits apart, and one column per activity that is measured on orders.
    pub order_quantities: DataFrame,
    /// Whether each order counts in the month, 1 or 0: returns and credits don't, and an order with lines in several months counts in
    /// the month of its first sale line.
    pub order_counts: Vec<i64>,
    /// Whether each order has lines in other months too.
    pub order_spans: Vec<bool>,
}

/// The columns of the lines.
pub const COLUMNS: [&str; 18] = [
    c::CUSTOMER_ID,
    c::ORDER_ID,
    c::LINE_NO,
    c::ORDER_DATE,
    c::PRODUCT_ID,
    c::CHANNEL,
    c::EMPLOYEE_ID,
    c::SHIP_TO_ID,
    c::WAREHOUSE,
    c::ORDER_KIND,
    c::PROMISED_DATE,
    c::DELIVERED_DATE,
    c::DELIVERY,
    c::QUANTITY,
    c::NET_AMOUNT,
    c::LIST_AMOUNT,
    c::COGS_AMOUNT,
    c::FREIGHT_CHARGED,
];

/// The columns read for lines as parts of an order.
pub const OF_ORDER: [&str; 6] =
    [c::ORDER_ID, c::PRODUCT_ID, c::ORDER_DATE, c::ORDER_KIND, c::PROMISED_DATE, c::DELIVERED_DATE];

/// A month whose lines can be read.
pub struct Month<'a> {
    /// Month.
    pub period: Period,
    files: &'a [PathBuf],
    inputs: &'a Inputs<'a>,
    dictionaries: &'a Dictionaries,
}

/// Runs `work` on every month, as many at once as there are threads, and passes the results on in month order.
///
/// # Errors
/// A file that can't be read, an expression that gives no number, or an error of `work` or `hand_over`.
pub fn by_month<O, E: From<RollupError> + Send>(
    inputs: &Inputs<'_>,
    work: impl Fn(&Month<'_>) -> Result<O, E> + Sync,
    hand_over: impl FnMut(O) -> Result<(), E> + Send,
) -> Result<(), E> {
    let months: Vec<(&Period, &Vec<PathBuf>)> = inputs.months.iter().collect();
    let dictionaries = Dictionaries {
        customers: Names::new(inputs.customers, c::CUSTOMER_KEY, c::CUSTOMER_ID)?,
        orders: Names::new(inputs.orders, c::ORDER_KEY, c::ORDER_ID)?,
        products: Names::new(inputs.products, c::PRODUCT_KEY, c::PRODUCT_ID)?,
    };
    let one = |(period, files): &(&Period, &Vec<PathBuf>)| {
        work(&Month { period: **period, files, inputs, dictionaries: &dictionaries })
    };
    ordered::handed_over(&months, one, hand_over)
}

impl Month<'_> {
    /// Reads, names and measures the lines.
    ///
    /// # Errors
    /// A file that can't be read, or an expression that gives no number.
    pub fn detail(&self) -> Result<Detail, RollupError> {
        detail(self.period, self.files, self.inputs, self.dictionaries)
    }

    /// The lines of some orders, by their keys and unmeasured: only [`OF_ORDER`].
    ///
    /// # Errors
    /// A file that can't be read.
    pub fn lines_of(&self, wanted: impl Fn(&str) -> bool) -> Result<DataFrame, RollupError> {
        let lines = lines::frame(self.period, self.files, &OF_ORDER.map(key_of))?;
        let (mut rows, mut last) = (Vec::new(), (None, false));
        for (row, key) in (0..).zip(lines.column(c::ORDER_KEY)?.i64()?.iter()) {
            if last.0 != key {
                last = (key, key.and_then(|key| self.dictionaries.orders.of(key)).is_some_and(&wanted));
            }
            if last.1 {
                rows.push(row);
            }
        }
        let lines = lines.take(&IdxCa::from_vec("".into(), rows))?;
        let dictionaries = [(&self.dictionaries.orders, c::ORDER_ID), (&self.dictionaries.products, c::PRODUCT_ID)];
        Ok(with_ids(self.period, lines, &dictionaries)?.select(OF_ORDER)?)
    }
}

/// Reads, names and measures a month.
fn detail(
    period: Period,
    files: &[PathBuf],
    Inputs { drivers, orders, spanning, .. }: &Inputs<'_>,
    dictionaries: &Dictionaries,
) -> Result<Detail, RollupError> {
    let pieces: Vec<Driver> = drivers.iter().flat_map(Driver::pieces).collect();
    let of = |source| pieces.iter().filter(move |driver| driver.source == source).collect::<Vec<&Driver>>();
    let (of_orders, of_lines) = (of(DriverSource::Orders), of(DriverSource::OrderLines));
    let lines = lines::frame(period, files, &columns(&of_lines))?;
    let runs = runs(&lines)?;
    let places = by_id(period, &runs, dictionaries)?;
    let stand_so = places.is_sorted();
    let parts = OrderParts::of(&lines, &runs, &places)?;
    let lines = if stand_so && !parts.any_mixed { lines } else { lines.take(&parts.lines(&lines, &runs, &places)?)? };
    let mut of_sales = None;
    let order_quantities = if of_orders.is_empty() {
        DataFrame::empty_with_height(runs.len())
    } else {
        let found = kernel::orders(period, files, &columns_of(&of_orders), orders, &HashSet::new())?;
        same_orders(period, &runs, &found.orders)?;
        let rows = || places.iter().map(|&place| IdxSize::try_from(place).ok()).collect::<IdxCa>();
        let data = &if stand_so { found.orders } else { found.orders.take(&rows())? };
        let rows = Rows { source: DriverSource::Orders, data, month: Some((period, files)), orders };
        let own = measured(&of_orders, &evaluated(&rows, Some(&found.parts), &of_orders)?, data.height())?;
        if parts.any_mixed {
            let sales = evaluated_of_sales(&rows, &found.parts, &of_orders)?;
            of_sales = Some((own.clone(), measured(&of_orders, &sales, data.height())?));
        }
        of_several_months(period, own, &runs, &places, spanning)?
    };
    let order_quantities = parts.quantities(order_quantities, of_sales)?;
    let order_counts = parts.counts(&counted(period, &lines, &runs, &places, spanning)?);
    let of_run = |run: &Run| spanning.spans_months(run.customer, run.order);
    let order_spans: Vec<bool> = places.iter().filter_map(|&place| runs.get(place)).map(of_run).collect();
    let order_spans = parts.spread(&order_spans);
    let rows = Rows { source: DriverSource::OrderLines, data: &lines, month: Some((period, files)), orders };
    let line_quantities = measured(&of_lines, &evaluated(&rows, None, &of_lines)?, lines.height())?;
    let lines = named(period, lines, dictionaries)?;
    Ok(Detail { period, lines, line_quantities, order_quantities, order_counts, order_spans })
}

/// The columns read from the lake: those behind [`COLUMNS`], and those used by expressions over lines.
fn columns(of_lines: &[&Driver]) -> Vec<&'static str> {
    let mut columns: BTreeSet<&'static str> = COLUMNS.into_iter().chain(columns_of(of_lines)).map(key_of).collect();
    columns.remove(c::PERIOD);
    columns.into_iter().collect()
}

/// The key column for an id column.
fn key_of(column: &'static str) -> &'static str {
    match column {
        c::CUSTOMER_ID => c::CUSTOMER_KEY,
        c::ORDER_ID => c::ORDER_KEY,
        c::PRODUCT_ID => c::PRODUCT_KEY,
        other => other,
    }
}

/// The adjacent lines of an order.
struct Run {
    customer: i64,
    order: i64,
    lines: Range<usize>,
}

fn runs(lines: &DataFrame) -> Result<Vec<Run>, PolarsError> {
    let customers = lines.column(c::CUSTOMER_KEY)?.i64()?.iter();
    let orders = lines.column(c::ORDER_KEY)?.i64()?.iter();
    let mut runs: Vec<Run> = Vec::new();
    for (line, (customer, order)) in customers.zip(orders).enumerate() {
        let (customer, order) = (customer.unwrap_or_default(), order.unwrap_or_default());
        match runs.last_mut() {
            Some(run) if (run.customer, run.order) == (customer, order) => run.lines.end = line + 1,
            _ => runs.push(Run { customer, order, lines: line..line + 1 }),
        }
    }
    Ok(runs)
}

/// The indices of the orders, sorted by customer id and order id.
fn by_id(period: Period, runs: &[Run], dictionaries: &Dictionaries) -> Result<Vec<usize>, RollupError> {
    let ids: Vec<(&str, &str)> = runs
        .iter()
        .filter_map(|run| Some((dictionaries.customers.of(run.customer)?, dictionaries.orders.of(run.order)?)))
        .collect();
    all_named(period, ids.len(), runs.len())?;
    let mut places: Vec<usize> = (0..runs.len()).collect();
    // The input is mostly sorted already, so this is usually one pass.
    places.sort_by_key(|&place| ids.get(place));
    Ok(places)
}

/// The orders in their order by id; one of a sale and of returns or credits in two parts, the sale first.
struct OrderParts {
    /// Index of the order of each part, and whether it is the returns and credits of a sale.
    of: Vec<(usize, bool)>,
    /// Whether each order has two parts.
    mixed: Vec<bool>,
    any_mixed: bool,
}

impl OrderParts {
    fn of(lines: &DataFrame, runs: &[Run], places: &[usize]) -> PolarsResult<Self> {
        let kinds = lines.column(c::ORDER_KIND)?.str()?;
        let is_mixed = |run: &Run| {
            let sales = run.lines.clone().filter(|&line| kinds.get(line) == Some("sale")).count();
            sales > 0 && sales < run.lines.len()
        };
        let mixed: Vec<bool> = places.iter().filter_map(|&place| runs.get(place)).map(is_mixed).collect();
        let parts = mixed
            .iter()
            .enumerate()
            .flat_map(|(order, &mixed)| std::iter::once((order, false)).chain(mixed.then_some((order, true))));
        Ok(Self { of: parts.collect(), any_mixed: mixed.contains(&true), mixed })
    }

    /// The lines in the order of the parts.
    fn lines(&self, lines: &DataFrame, runs: &[Run], places: &[usize]) -> PolarsResult<IdxCa> {
        let kinds = lines.column(c::ORDER_KIND)?.str()?;
        let mut taken = Vec::with_capacity(lines.height());
        for (run, &mixed) in places.iter().filter_map(|&place| runs.get(place)).zip(&self.mixed) {
            let start = taken.len();
            taken.extend(run.lines.clone());
            if mixed {
                taken[start..].sort_by_key(|&line| kinds.get(line) != Some("sale"));
            }
        }
        Ok(taken.into_iter().map(|line| IdxSize::try_from(line).ok()).collect())
    }

    /// Of each order its quantities by part. `of_sales` are those of the month's own lines: all, and of the sale; an order with lines in several months has
    /// others, and the same share of them is of its sale.
    fn quantities(&self, all: DataFrame, of_sales: Option<(DataFrame, DataFrame)>) -> PolarsResult<DataFrame> {
        let Some((own, sales)) = of_sales else {
            return Ok(if self.any_mixed { DataFrame::empty_with_height(self.of.len()) } else { all });
        };
        let column = |column: &Column| {
            let name = column.name();
            let [all, own, sales] =
                [column, own.column(name)?, sales.column(name)?].map(|values| values.i64().cloned());
            let (all, own, sales) = (all?, own?, sales?);
            let part = |&(order, is_rest): &(usize, bool)| {
                let [all, own, sales] = [&all, &own, &sales].map(|values| values.get(order).unwrap_or_default());
                let of_sale = if !self.mixed[order] || own == 0 {
                    all
                } else {
                    i64::try_from(i128::from(all) * i128::from(sales) / i128::from(own)).unwrap_or(all)
                };
                if is_rest { all - of_sale } else { of_sale }
            };
            Ok(Int64Chunked::from_vec(name.clone(), self.of.iter().map(part).collect()).into_column())
        };
        DataFrame::new(self.of.len(), all.columns().iter().map(column).collect::<PolarsResult<_>>()?)
    }

    /// A value of each order, for each of its parts.
    fn spread<T: Copy>(&self, of_orders: &[T]) -> Vec<T> {
        self.of.iter().filter_map(|(order, _)| of_orders.get(*order).copied()).collect()
    }

    /// Returns and credits are no order.
    fn counts(&self, of_orders: &[i64]) -> Vec<i64> {
        self.of
            .iter()
            .zip(self.spread(of_orders))
            .map(|((_, is_rest), count)| if *is_rest { 0 } else { count })
            .collect()
    }
}

/// Replaces the quantities of orders with lines in several months by those of the rollup, as one month's lines are not enough.
fn of_several_months(
    period: Period,
    mut own: DataFrame,
    runs: &[Run],
    places: &[usize],
    spanning: &Spanning,
) -> Result<DataFrame, RollupError> {
    if spanning.is_empty() {
        return Ok(own);
    }
    let names: Vec<PlSmallStr> = own.get_column_names().into_iter().cloned().collect();
    for name in names {
        let runs = places.iter().filter_map(|&place| runs.get(place));
        let values = own.column(&name)?.i64()?.iter().zip(runs);
        let right =
            |(value, run): (Option<i64>, &Run)| spanning.quantity(&name, period, run.customer, run.order).or(value);
        let values: Int64Chunked = values.map(right).collect();
        own.with_column(values.with_name(name).into_column())?;
    }
    Ok(own)
}

/// Which of the orders count in the month. `lines` are in the order of `places`.
fn counted(
    period: Period,
    lines: &DataFrame,
    runs: &[Run],
    places: &[usize],
    spanning: &Spanning,
) -> Result<Vec<i64>, RollupError> {
    let kinds = lines.column(c::ORDER_KIND)?.str()?;
    let mut first = 0;
    let count = |run: &Run| {
        let own = first..first + run.lines.len();
        first = own.end;
        let of_month = i64::from(own.into_iter().any(|line| kinds.get(line) == Some("sale")));
        spanning.counted(period, run.customer, run.order).unwrap_or(of_month)
    };
    Ok(places.iter().filter_map(|&place| runs.get(place)).map(count).collect())
}

/// Checks that the kernel found the same orders in the same places.
fn same_orders(period: Period, runs: &[Run], orders: &DataFrame) -> Result<(), RollupError> {
    let customers = orders.column(c::CUSTOMER_KEY)?.i64()?.iter();
    let keys = orders.column(c::ORDER_KEY)?.i64()?.iter();
    let same = runs.iter().zip(customers.zip(keys));
    let same = same.filter(|(run, (customer, key))| (Some(run.customer), Some(run.order)) == (*customer, *key)).count();
    let (found, expected) = (same as i128, runs.len().max(orders.height()) as i128);
    if found == expected {
        Ok(())
    } else {
        Err(RollupError::Audit { audit: "orders of lines", period, found, expected })
    }
}

/// The driver quantities of each row: one column per activity.
fn measured(drivers: &[&Driver], values: &[Int64Chunked], height: usize) -> Result<DataFrame, RollupError> {
    let column = |(driver, values): (&Driver, Int64Chunked)| {
        let values = values.apply(|value| Some(value.unwrap_or_default()));
        values.with_name(driver.activity.as_str().into()).into_column()
    };
    let columns = added_up(drivers, values).into_iter().map(column).collect();
    Ok(DataFrame::new(height, columns)?)
}

/// Replaces keys by ids, and fills missing amounts as the rollup does.
fn named(period: Period, lines: DataFrame, dictionaries: &Dictionaries) -> Result<DataFrame, RollupError> {
    let zero = || lit(0_i64).cast(DataType::Int64);
    let lines = lines
        .lazy()
        .with_columns([
            col(c::LIST_AMOUNT).fill_null(col(c::NET_AMOUNT)),
            col(c::COGS_AMOUNT).fill_null(zero()),
            col(c::FREIGHT_CHARGED).fill_null(zero()),
        ])
        .collect()?;
    let dictionaries = [
        (&dictionaries.customers, c::CUSTOMER_ID),
        (&dictionaries.orders, c::ORDER_ID),
        (&dictionaries.products, c::PRODUCT_ID),
    ];
    Ok(with_ids(period, lines, &dictionaries)?.select(COLUMNS)?)
}

/// The lines with the ids of their keys.
fn with_ids(
    period: Period,
    mut lines: DataFrame,
    dictionaries: &[(&Names, &'static str)],
) -> Result<DataFrame, RollupError> {
    for (names, id) in dictionaries {
        let keys = lines.column(key_of(id))?.i64()?;
        let ids: StringChunked = keys.iter().map(|key| key.and_then(|key| names.of(key))).collect();
        all_named(period, ids.len() - ids.null_count(), lines.height())?;
        lines.with_column(ids.with_name((*id).into()).into_column())?;
    }
    Ok(lines)
}

fn all_named(period: Period, found: usize, expected: usize) -> Result<(), RollupError> {
    let (found, expected) = (found as i128, expected as i128);
    if found == expected { Ok(()) } else { Err(RollupError::Audit { audit: "named lines", period, found, expected }) }
}

struct Dictionaries {
    customers: Names,
    orders: Names,
    products: Names,
}

/// A dictionary by key. Keys are consecutive, so a key's row usually follows from the first key.
struct Names {
    keys: Vec<i64>,
    ids: StringChunked,
}

impl Names {
    fn new(dictionary: &DataFrame, key: &str, id: &str) -> Result<Self, RollupError> {
        let sorted = dictionary.sort([key], SortMultipleOptions::default()).map_err(RollupError::from)?;
        let keys = sorted.column(key)?.i64()?.iter().flatten().collect();
        Ok(Self { keys, ids: sorted.column(id)?.str()?.rechunk().into_owned() })
    }

    fn of(&self, key: i64) -> Option<&str> {
        let guess = usize::try_from(key.checked_sub(*self.keys.first()?)?).ok();
        let guess = guess.filter(|&row| self.keys.get(row) == Some(&key));
        self.ids.get(guess.or_else(|| self.keys.binary_search(&key).ok())?)
    }
}
