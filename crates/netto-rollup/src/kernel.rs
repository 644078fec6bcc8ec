//! Folds lines into orders in one pass: an order's lines are adjacent in the lake, so no hash table is needed. The result equals
//! that of `sql/orders.sql`, at the speed of the scan.
//!
//! ```text
//! customer  order  line  net                     customer  order  lines  net
//! 7         41     1     20.00          →        7         41     2      25.00
//! 7         41     2      5.00                   9         12     1       8.00
//! 9         12     1      8.00
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType as ArrowType;
use netto_model::frame::MOST;
use netto_model::money::grouped_decimal;
use netto_model::{Period, column as c};
use polars::prelude::*;

use crate::RollupError;
use crate::lines::batches;
use crate::measured::order_name;

/// Money and pieces that are summed, in the order of `Order::sums`.
const SUMS: [&str; 6] =
    [c::QUANTITY, c::NET_AMOUNT, c::LIST_AMOUNT, c::DISCOUNT_AMOUNT, c::COGS_AMOUNT, c::FREIGHT_CHARGED];
/// Text columns for which the order gets one of its lines' values.
const TEXTS: [&str; 6] = [c::CHANNEL, c::EMPLOYEE_ID, c::SHIP_TO_ID, c::WAREHOUSE, c::ORDER_KIND, c::DELIVERY];
const KIND: usize = 4;
const SALE: &str = "sale";
/// 1 if an order counts, else 0; see `sql/orders.sql`.
pub(crate) const COUNTED: &str = "counted";
const NET: usize = 1;
const LIST: usize = 2;
const COGS: usize = 4;
const FREIGHT: usize = 5;

/// Folds the lines of a month into its orders. Unwanted texts are not decoded and stay empty, which saves a third of the time.
///
/// # Errors
/// A file that can't be read or isn't sorted; a sum beyond the range of money, by the id of the order in `ids`.
pub(crate) fn orders(
    period: Period,
    files: &[PathBuf],
    wanted: &BTreeSet<&'static str>,
    ids: &DataFrame,
    spanning: &HashSet<i64>,
) -> Result<Folded, RollupError> {
    let mut orders = Orders::default();
    for file in files {
        let mut open: Option<Order> = None;
        for batch in batches(file, &columns(wanted))? {
            let batch = batch.map_err(|error| RollupError::File { file: file.clone(), source: Box::new(error) })?;
            fold(&batch, file, &mut open, &mut orders)?;
        }
        orders.close(open);
    }
    orders.stay_in_range(period, ids)?;
    let spanning = orders.spanning(spanning);
    let parts = orders.mixed();
    Ok(Folded { orders: frame(period, &orders.done)?, parts, spanning })
}

/// The orders of a month.
pub(crate) struct Folded {
    /// The orders, as `sql/orders.sql` returns them.
    pub(crate) orders: DataFrame,
    /// The parts of orders with lines of several kinds.
    pub(crate) parts: Parts,
    /// The requested orders, each in its parts.
    pub(crate) spanning: Vec<Vec<Order>>,
}

/// Parts of orders: the lines of one order kind and one delivery.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts(pub(crate) Vec<Order>);

/// The columns that separate the parts of an order: sales from returns, goods from stock from direct deliveries of the supplier.
pub(crate) const APART: [&str; 2] = [c::ORDER_KIND, c::DELIVERY];

impl Parts {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One row per part, in the form of the orders, and the index of each part's order in `orders`. Parts are separated by `apart`
    /// only: separated by kind alone, the stock lines and the direct lines of a sale are one part.
    pub(crate) fn by(
        &self,
        period: Period,
        apart: &[&str],
        orders: &DataFrame,
    ) -> Result<(DataFrame, Vec<usize>), RollupError> {
        let mut parts: Vec<Order> = Vec::new();
        for part in &self.0 {
            let alike = |known: &&mut Order| apart.iter().all(|name| known.text(name) == part.text(name));
            match parts.iter_mut().rev().take_while(|known| known.keys() == part.keys()).find(alike) {
                Some(known) => known.merge(part),
                None => parts.push(part.clone()),
            }
        }
        let keys: HashSet<(i64, i64)> = parts.iter().map(Order::keys).collect();
        let customers = orders.column(c::CUSTOMER_KEY)?.i64()?.iter().map(Option::unwrap_or_default);
        let of_rows = customers.zip(orders.column(c::ORDER_KEY)?.i64()?.iter().map(Option::unwrap_or_default));
        let places: HashMap<(i64, i64), usize> =
            of_rows.zip(0..).filter(|(keys_of, _)| keys.contains(keys_of)).collect();
        let of_parts = parts.iter().filter_map(|part| places.get(&part.keys()).copied()).collect();
        Ok((frame(period, &parts)?, of_parts))
    }
}

/// Keys, days, amounts, the kind (by which orders are counted), and the wanted texts.
fn columns(wanted: &BTreeSet<&'static str>) -> Vec<&'static str> {
    let texts = TEXTS.into_iter().filter(|name| wanted.contains(name) || *name == c::ORDER_KIND);
    [c::CUSTOMER_KEY, c::ORDER_KEY, c::ORDER_DATE].into_iter().chain(SUMS).chain(texts).collect()
}

/// An order that is being folded, or a part of one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    customer: i64,
    key: i64,
    day: i32,
    lines: i64,
    sums: [i128; 6],
    below_cost: i64,
    with_list: i64,
    with_cogs: i64,
    with_freight: i64,
    texts: [Option<String>; 6],
    /// Its parts, if its lines are of several kinds.
    parts: Vec<Order>,
}

/// The arrays of a batch.
struct Lines {
    customers: Int64Array,
    orders: Int64Array,
    days: Date32Array,
    amounts: Vec<Decimal128Array>,
    /// Index in `TEXTS`, and the column.
    texts: Vec<(usize, StringArray)>,
    /// The texts that separate parts.
    apart: Vec<(usize, StringArray)>,
}

impl Lines {
    fn of(batch: &RecordBatch) -> Result<Self, arrow::error::ArrowError> {
        let column = |name: &str, ty: &ArrowType| {
            let array = batch.column_by_name(name);
            array
                .ok_or_else(|| arrow::error::ArrowError::SchemaError(format!("column `{name}` is missing")))
                .and_then(|array| cast(array, ty))
        };
        let decimal = ArrowType::Decimal128(netto_model::arrow::DECIMAL.0, netto_model::arrow::DECIMAL.1);
        let amounts = SUMS.iter().map(|name| Ok(column(name, &decimal)?.as_primitive().clone()));
        let present = (0..).zip(TEXTS).filter(|(_, name)| batch.column_by_name(name).is_some());
        let texts = present.map(|(place, name)| Ok((place, column(name, &ArrowType::Utf8)?.as_string().clone())));
        let texts = texts.collect::<Result<Vec<_>, arrow::error::ArrowError>>()?;
        let apart = texts.iter().filter(|(place, _)| TEXTS.get(*place).is_some_and(|name| APART.contains(name)));
        Ok(Self {
            apart: apart.cloned().collect(),
            customers: column(c::CUSTOMER_KEY, &ArrowType::Int64)?.as_primitive().clone(),
            orders: column(c::ORDER_KEY, &ArrowType::Int64)?.as_primitive().clone(),
            days: column(c::ORDER_DATE, &ArrowType::Date32)?.as_primitive().clone(),
            amounts: amounts.collect::<Result<_, arrow::error::ArrowError>>()?,
            texts,
        })
    }

    /// The amount of a line, if supplied.
    fn amount(&self, sum: usize, row: usize) -> Option<i128> {
        self.amounts.get(sum).filter(|array| array.is_valid(row)).map(|array| array.value(row))
    }
}

fn fold(batch: &RecordBatch, file: &Path, open: &mut Option<Order>, done: &mut Orders) -> Result<(), RollupError> {
    let lines =
        Lines::of(batch).map_err(|error| RollupError::File { file: file.to_owned(), source: Box::new(error) })?;
    for row in 0..batch.num_rows() {
        let (customer, order) = (lines.customers.value(row), lines.orders.value(row));
        match open {
            Some(current) if (current.customer, current.key) == (customer, order) => {}
            Some(current) if (current.customer, current.key) > (customer, order) => {
                return Err(RollupError::Unsorted { file: file.to_owned(), customer, order });
            }
            _ => {
                done.close(open.replace(Order::begin(&lines, row)));
            }
        }
        if let Some(current) = open {
            current.add(&lines, row);
        }
    }
    Ok(())
}

impl Order {
    fn begin(lines: &Lines, row: usize) -> Self {
        let (customer, key) = (lines.customers.value(row), lines.orders.value(row));
        Self { customer, key, day: lines.days.value(row), ..Self::default() }
    }

    /// Adds a line to the order, and to its part if it has parts.
    fn add(&mut self, lines: &Lines, row: usize) {
        if self.parts.is_empty() && self.lines > 0 && !self.is_alike(lines, row) {
            self.parts.push(self.clone());
        }
        if !self.parts.is_empty() {
            let part = self.parts.iter().position(|part| part.is_alike(lines, row)).unwrap_or_else(|| {
                self.parts.push(Self::begin(lines, row));
                self.parts.len() - 1
            });
            if let Some(part) = self.parts.get_mut(part) {
                part.count(lines, row);
            }
        }
        self.count(lines, row);
    }

    /// Whether a line belongs to this part.
    fn is_alike(&self, lines: &Lines, row: usize) -> bool {
        lines.apart.iter().all(|(place, array)| {
            let text = array.is_valid(row).then(|| array.value(row));
            self.texts.get(*place).and_then(Option::as_deref) == text
        })
    }

    /// An absolute amount; for an order with parts, the sum of their absolute amounts.
    fn size(&self, index: usize) -> i128 {
        let of = |order: &Self| order.sums.get(index).map_or(0, |sum| sum.abs());
        self.parts.iter().map(of).sum::<i128>().max(of(self))
    }

    pub(crate) const fn keys(&self) -> (i64, i64) {
        (self.customer, self.key)
    }

    /// Whether it has a sale line; returns and credits are not orders.
    pub(crate) fn is_sale(&self) -> bool {
        self.text(c::ORDER_KIND) == Some(SALE)
    }

    /// Whether two parts have the same kind and delivery.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        APART.iter().all(|name| self.text(name) == other.text(name))
    }

    fn text(&self, name: &str) -> Option<&str> {
        let place = TEXTS.iter().position(|text| *text == name)?;
        self.texts.get(place).and_then(Option::as_deref)
    }

    /// Merges another part into this one.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.day = self.day.min(other.day);
        self.lines += other.lines;
        self.below_cost += other.below_cost;
        self.with_list += other.with_list;
        self.with_cogs += other.with_cogs;
        self.with_freight += other.with_freight;
        self.sums.iter_mut().zip(other.sums).for_each(|(sum, other)| *sum += other);
        for (place, text) in other.texts.iter().enumerate() {
            self.stand_for(place, text.as_deref());
        }
    }

    /// Gives the order the alphabetically first text; but an order with a sale line is a sale, whatever was returned.
    fn stand_for(&mut self, place: usize, text: Option<&str>) {
        let (Some(slot), Some(text)) = (self.texts.get_mut(place), text) else { return };
        if slot.as_deref().is_none_or(|known| if place == KIND { text > known } else { text < known }) {
            *slot = Some(text.to_owned());
        }
    }

    fn count(&mut self, lines: &Lines, row: usize) {
        self.lines += 1;
        self.day = self.day.min(lines.days.value(row));
        let (net, list) = (lines.amount(NET, row), lines.amount(LIST, row));
        let (cogs, freight) = (lines.amount(COGS, row), lines.amount(FREIGHT, row));
        self.with_list += i64::from(list.is_some());
        self.with_cogs += i64::from(cogs.is_some());
        self.with_freight += i64::from(freight.is_some());
        self.below_cost += i64::from(cogs.zip(net).is_some_and(|(cogs, net)| net < cogs));
        for (index, sum) in self.sums.iter_mut().enumerate() {
            // Without a list amount, the net amount is used.
            let amount = lines.amount(index, row).or(if index == LIST { net } else { None }).unwrap_or_default();
            *sum += amount;
        }
        for (place, array) in lines.texts.iter().filter(|(_, array)| array.is_valid(row)) {
            self.stand_for(*place, Some(array.value(row)));
        }
    }
}

/// The complete orders.
#[derive(Default)]
struct Orders {
    done: Vec<Order>,
}

impl Orders {
    fn close(&mut self, order: Option<Order>) {
        self.done.extend(order);
    }

    /// Checks that the absolute amounts of the month sum up within the range of money, so that no sum of orders, or of their parts,
    /// which may be larger, exceeds 64 bits.
    fn stay_in_range(&self, period: Period, ids: &DataFrame) -> Result<(), RollupError> {
        for (index, column) in SUMS.into_iter().enumerate() {
            let total: i128 = self.done.iter().map(|order| order.size(index)).sum();
            if total > MOST {
                let largest = self.done.iter().max_by_key(|order| order.size(index));
                let amount = largest.map_or(0, |order| match order.sums.get(index) {
                    Some(sum) if order.parts.is_empty() => *sum,
                    _ => order.size(index),
                });
                return Err(RollupError::Overflow {
                    column,
                    period,
                    orders: self.done.len(),
                    total: grouped_decimal(total),
                    order: order_name(ids, largest.map(|order| order.key))?,
                    amount: grouped_decimal(amount),
                });
            }
        }
        Ok(())
    }

    /// The orders with these keys, each in its parts.
    fn spanning(&self, keys: &HashSet<i64>) -> Vec<Vec<Order>> {
        if keys.is_empty() {
            return Vec::new();
        }
        let of_order = |order: &Order| if order.parts.is_empty() { vec![order.clone()] } else { order.parts.clone() };
        self.done.iter().filter(|order| keys.contains(&order.key)).map(of_order).collect()
    }

    /// The parts of orders with several.
    fn mixed(&mut self) -> Parts {
        Parts(self.done.iter_mut().flat_map(|order| std::mem::take(&mut order.parts)).collect())
    }
}

/// Orders, or parts of them, in the form of `sql/orders.sql`.
pub(crate) fn frame(period: Period, done: &[Order]) -> Result<DataFrame, RollupError> {
    let each = |of: fn(&Order) -> i64| done.iter().map(of).collect::<Vec<i64>>();
    let counts = [
        (c::CUSTOMER_KEY, each(|o| o.customer)),
        (c::ORDER_KEY, each(|o| o.key)),
        (c::LINES, each(|o| o.lines)),
        (c::LINES_BELOW_COST, each(|o| o.below_cost)),
        (c::LINES_WITH_LIST, each(|o| o.with_list)),
        (c::LINES_WITH_COGS, each(|o| o.with_cogs)),
        (c::LINES_WITH_FREIGHT, each(|o| o.with_freight)),
        (COUNTED, each(|o| i64::from(o.is_sale()))),
    ];
    let mut columns: Vec<Column> = counts.into_iter().map(|(name, values)| Column::new(name.into(), values)).collect();
    for (index, name) in SUMS.into_iter().enumerate() {
        let sum = |order: &Order| order.sums.get(index).and_then(|sum| i64::try_from(*sum).ok()).unwrap_or_default();
        let sums: Vec<i64> = done.iter().map(sum).collect();
        columns.push(Column::new(name.into(), sums));
    }
    for (index, name) in TEXTS.into_iter().enumerate() {
        let texts: StringChunked = done.iter().map(|o| o.texts.get(index).and_then(Option::as_deref)).collect();
        columns.push(texts.with_name(name.into()).into_column());
    }
    columns.push(Column::new(c::ORDER_DATE.into(), done.iter().map(|o| o.day).collect::<Vec<i32>>()));
    let date = |name: &'static str| col(name).cast(DataType::Date);
    let month = lit(period.first_day()).cast(DataType::Date).alias(c::PERIOD);
    let order = netto_model::contract::ORDERS.columns.iter().map(|column| column.name).chain([COUNTED]);
    let order: Vec<Expr> = order.map(col).collect();
    let plan = DataFrame::new_infer_height(columns)?.lazy().with_columns([date(c::ORDER_DATE), month]).select(order);
    Ok(plan.collect()?)
}

/// Reads parts of orders from rows in the form of [`frame`]: by month, then by order.
pub(crate) fn parts_of(rows: &DataFrame) -> Result<BTreeMap<Period, Vec<Vec<Order>>>, RollupError> {
    let keys = [c::PERIOD, c::CUSTOMER_KEY, c::ORDER_KEY, c::ORDER_KIND, c::DELIVERY];
    let rows = rows.sort(keys, SortMultipleOptions::default())?;
    let whole = |name: &str| Ok::<_, PolarsError>(rows.column(name)?.i64()?.clone());
    let day = |name: &str| Ok::<_, PolarsError>(rows.column(name)?.date()?.physical().clone());
    let (months, days) = (day(c::PERIOD)?, day(c::ORDER_DATE)?);
    let [customers, orders, lines] = [whole(c::CUSTOMER_KEY)?, whole(c::ORDER_KEY)?, whole(c::LINES)?];
    let [below_cost, with_list] = [whole(c::LINES_BELOW_COST)?, whole(c::LINES_WITH_LIST)?];
    let [with_cogs, with_freight] = [whole(c::LINES_WITH_COGS)?, whole(c::LINES_WITH_FREIGHT)?];
    let sums = SUMS.iter().map(|name| whole(name)).collect::<Result<Vec<_>, _>>()?;
    let texts = TEXTS.iter().map(|name| rows.column(name)?.str()).collect::<Result<Vec<_>, _>>()?;
    let mut of_months: BTreeMap<Period, Vec<Vec<Order>>> = BTreeMap::new();
    for row in 0..rows.height() {
        let of = |column: &Int64Chunked| column.get(row).unwrap_or_default();
        let mut part = Order {
            customer: of(&customers),
            key: of(&orders),
            day: days.get(row).unwrap_or_default(),
            lines: of(&lines),
            below_cost: of(&below_cost),
            with_list: of(&with_list),
            with_cogs: of(&with_cogs),
            with_freight: of(&with_freight),
            ..Order::default()
        };
        part.sums.iter_mut().zip(&sums).for_each(|(sum, column)| *sum = of(column).into());
        part.texts.iter_mut().zip(&texts).for_each(|(text, column)| *text = column.get(row).map(str::to_owned));
        let of_month = of_months.entry(Period::of_day(months.get(row).unwrap_or_default())).or_default();
        match of_month.last_mut().filter(|known| known.iter().all(|known| known.keys() == part.keys())) {
            Some(known) => known.push(part),
            None => of_month.push(vec![part]),
        }
    }
    Ok(of_months)
}
