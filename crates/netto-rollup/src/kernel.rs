//! Lines → orders in one pass: in the lake, an order's lines lie together, so no hash table is needed. The result is that
//! of `sql/orders.sql`, at the speed of the scan.
//!
//! ```text
//! customer  order  line  net                     customer  order  lines  net
//! 7         41     1     20.00          →        7         41     2      25.00
//! 7         41     2      5.00                   9         12     1       8.00
//! 9         12     1      8.00
//! ```

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType as ArrowType;
use netto_model::{Period, column as c};
use polars::prelude::*;

use crate::RollupError;
use crate::lines::batches;

/// Money and pieces that are summed, in the order of `Order::sums`.
const SUMS: [&str; 6] =
    [c::QUANTITY, c::NET_AMOUNT, c::LIST_AMOUNT, c::DISCOUNT_AMOUNT, c::COGS_AMOUNT, c::FREIGHT_CHARGED];
/// Texts of which the first by alphabet stands for the order.
const TEXTS: [&str; 6] = [c::CHANNEL, c::EMPLOYEE_ID, c::SHIP_TO_ID, c::WAREHOUSE, c::ORDER_KIND, c::DELIVERY];
const NET: usize = 1;
const LIST: usize = 2;
const COGS: usize = 4;
const FREIGHT: usize = 5;

/// Folds the lines of a month into its orders. Texts that aren't wanted aren't decoded, and stay empty: a third of the time.
///
/// # Errors
/// A file that can't be read or isn't sorted; a sum beyond the range of money, by the key of the order.
pub(crate) fn orders(
    period: Period,
    files: &[PathBuf],
    wanted: &BTreeSet<&'static str>,
) -> Result<DataFrame, RollupError> {
    let mut orders = Orders::default();
    for file in files {
        let mut open: Option<Order> = None;
        for batch in batches(file, &columns(wanted))? {
            let batch = batch.map_err(|error| RollupError::File { file: file.clone(), source: Box::new(error) })?;
            fold(&batch, file, &mut open, &mut orders)?;
        }
        orders.close(open);
    }
    orders.into_frame(period)
}

/// Keys, days and amounts, and the texts that are wanted.
fn columns(wanted: &BTreeSet<&'static str>) -> Vec<&'static str> {
    let texts = TEXTS.into_iter().filter(|name| wanted.contains(name));
    [c::CUSTOMER_KEY, c::ORDER_KEY, c::ORDER_DATE].into_iter().chain(SUMS).chain(texts).collect()
}

/// An order whose lines are still coming.
#[derive(Clone, Debug, Default)]
struct Order {
    customer: i64,
    key: i64,
    day: i32,
    lines: i64,
    sums: [i64; 6],
    below_cost: i64,
    with_list: i64,
    with_cogs: i64,
    with_freight: i64,
    texts: [Option<String>; 6],
}

/// The arrays of a batch.
struct Lines {
    customers: Int64Array,
    orders: Int64Array,
    days: Date32Array,
    amounts: Vec<Decimal128Array>,
    /// Place in `TEXTS`, and the column.
    texts: Vec<(usize, StringArray)>,
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
        Ok(Self {
            customers: column(c::CUSTOMER_KEY, &ArrowType::Int64)?.as_primitive().clone(),
            orders: column(c::ORDER_KEY, &ArrowType::Int64)?.as_primitive().clone(),
            days: column(c::ORDER_DATE, &ArrowType::Date32)?.as_primitive().clone(),
            amounts: amounts.collect::<Result<_, arrow::error::ArrowError>>()?,
            texts: texts.collect::<Result<_, arrow::error::ArrowError>>()?,
        })
    }

    /// The amount of a line, where it was supplied.
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
                let next = Order { customer, key: order, day: lines.days.value(row), ..Order::default() };
                done.close(open.replace(next));
            }
        }
        if let Some(current) = open {
            current.add(&lines, row)?;
        }
    }
    Ok(())
}

impl Order {
    fn add(&mut self, lines: &Lines, row: usize) -> Result<(), RollupError> {
        self.lines += 1;
        self.day = self.day.min(lines.days.value(row));
        let (net, list) = (lines.amount(NET, row), lines.amount(LIST, row));
        let (cogs, freight) = (lines.amount(COGS, row), lines.amount(FREIGHT, row));
        self.with_list += i64::from(list.is_some());
        self.with_cogs += i64::from(cogs.is_some());
        self.with_freight += i64::from(freight.is_some());
        self.below_cost += i64::from(cogs.zip(net).is_some_and(|(cogs, net)| net < cogs));
        for (index, sum) in self.sums.iter_mut().enumerate() {
            // At list price the line stands at its net amount where no list amount was supplied.
            let amount = lines.amount(index, row).or(if index == LIST { net } else { None }).unwrap_or_default();
            let total = i64::try_from(i128::from(*sum) + amount);
            *sum = total.map_err(|_| RollupError::Overflow { column: column_of(index), order: self.key })?;
        }
        for (place, array) in lines.texts.iter().filter(|(_, array)| array.is_valid(row)) {
            let value = array.value(row);
            let Some(text) = self.texts.get_mut(*place) else { continue };
            if text.as_deref().is_none_or(|first| value < first) {
                *text = Some(value.to_owned());
            }
        }
        Ok(())
    }
}

fn column_of(index: usize) -> &'static str {
    SUMS.get(index).copied().unwrap_or_default()
}

/// Orders that are complete.
#[derive(Default)]
struct Orders {
    done: Vec<Order>,
}

impl Orders {
    fn close(&mut self, order: Option<Order>) {
        self.done.extend(order);
    }

    fn into_frame(self, period: Period) -> Result<DataFrame, RollupError> {
        let done = &self.done;
        let each = |of: fn(&Order) -> i64| done.iter().map(of).collect::<Vec<i64>>();
        let counts = [
            (c::CUSTOMER_KEY, each(|o| o.customer)),
            (c::ORDER_KEY, each(|o| o.key)),
            (c::LINES, each(|o| o.lines)),
            (c::LINES_BELOW_COST, each(|o| o.below_cost)),
            (c::LINES_WITH_LIST, each(|o| o.with_list)),
            (c::LINES_WITH_COGS, each(|o| o.with_cogs)),
            (c::LINES_WITH_FREIGHT, each(|o| o.with_freight)),
        ];
        let mut columns: Vec<Column> =
            counts.into_iter().map(|(name, values)| Column::new(name.into(), values)).collect();
        for (index, name) in SUMS.into_iter().enumerate() {
            let sums: Vec<i64> = done.iter().map(|o| o.sums.get(index).copied().unwrap_or_default()).collect();
            columns.push(Column::new(name.into(), sums));
        }
        for (index, name) in TEXTS.into_iter().enumerate() {
            let texts: StringChunked = done.iter().map(|o| o.texts.get(index).and_then(Option::as_deref)).collect();
            columns.push(texts.with_name(name.into()).into_column());
        }
        columns.push(Column::new(c::ORDER_DATE.into(), done.iter().map(|o| o.day).collect::<Vec<i32>>()));
        let date = |name: &'static str| col(name).cast(DataType::Date);
        let month = lit(period.first_day()).cast(DataType::Date).alias(c::PERIOD);
        let order = netto_model::contract::ORDERS.columns.iter().map(|column| col(column.name)).collect::<Vec<_>>();
        let plan =
            DataFrame::new_infer_height(columns)?.lazy().with_columns([date(c::ORDER_DATE), month]).select(order);
        Ok(plan.collect()?)
    }
}
