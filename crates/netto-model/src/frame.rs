//! Frames that were checked against the contract: parse, don't validate.
//!
//! A stage takes and returns `Frame<CustomerMonth>` and the like, so its signature says what it reads and makes.
//! Decimals are `Int64` ten-thousandths inside a frame.
//!
//! ```
//! use netto_model::{Frame, frame::DriverQuantity};
//! use polars::prelude::*;
//! let frame = df!("customer_id" => ["B", "A"], "activity" => ["picking"; 2], "warehouse" => [""; 2], "quantity" => [5_000_i64, 20_000],
//!     "period" => [20_148; 2])?.lazy().with_column(col("period").cast(DataType::Date));
//! let checked = Frame::<DriverQuantity>::try_new(frame)?; // contract's column order, rows in the order of the key
//! assert_eq!(checked.data().column("customer_id")?.str()?.get(0), Some("A"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod order;

use std::marker::PhantomData;

use polars::prelude::*;

use crate::column;
use crate::contract;
use crate::money::grouped_decimal;
use crate::table::{Role, Stage, Table, Type, Unit};

/// The tables that cross a crate, as types.
pub trait Contract {
    /// The declaration.
    const TABLE: &'static Table;
}

macro_rules! contracts {
    ($($name:ident = $table:ident;)*) => {
        $(
            #[doc = concat!("[`contract::", stringify!($table), "`] as a type.")]
            #[derive(Clone, Copy, Debug)]
            pub struct $name;
            impl Contract for $name {
                const TABLE: &'static Table = &contract::$table;
            }
        )*
    };
}

contracts! {
    Customers = CUSTOMERS;
    Products = PRODUCTS;
    Employees = EMPLOYEES;
    CostPools = COST_POOLS;
    Receivables = RECEIVABLES;
    Stock = STOCK;
    Rebates = REBATES;
    Prospects = PROSPECTS;
    Orders = ORDERS;
    CustomerMonth = CUSTOMER_MONTH;
    DriverQuantity = DRIVER_QUANTITY;
    EventQuantity = EVENT_QUANTITY;
    CustomerSupplierMonth = CUSTOMER_SUPPLIER_MONTH;
    SupplierRebate = SUPPLIER_REBATE;
    CostBand = COST_BAND;
    Waterfall = FCT_CUSTOMER_MONTH;
    Ledger = FCT_CUSTOMER_ACTIVITY_MONTH;
    ActivityMonth = ACTIVITY_MONTH;
    PoolBalance = POOL_BALANCE;
    PoolTransfer = POOL_TRANSFER;
    LedgerBridge = LEDGER_BRIDGE;
    RebateProgress = REBATE_PROGRESS;
    FctOrder = FCT_ORDER;
    DimCustomer = DIM_CUSTOMER;
    DimProduct = DIM_PRODUCT;
    DimEmployee = DIM_EMPLOYEE;
    DimPeriod = DIM_PERIOD;
    DimWindow = DIM_WINDOW;
    DimPool = DIM_POOL;
    DimActivity = DIM_ACTIVITY;
    DataReadiness = DATA_READINESS;
    DataQuestion = DATA_QUESTION;
    DataSetApart = DATA_SET_APART;
    Activities = ACTIVITIES;
    Deviations = DEVIATIONS;
    Goals = GOALS;
    Budgets = BUDGETS;
    Actions = ACTIONS;
    GoalProgress = GOAL_PROGRESS;
    BonusResult = BONUS_RESULT;
    BonusBooked = BONUS_BOOKED;
    ScenarioResult = SCENARIO_RESULT;
}

/// A frame whose columns, types, nulls and keys were checked; rows stand in the order of the key.
#[derive(Debug)]
pub struct Frame<T> {
    data: DataFrame,
    contract: PhantomData<T>,
}

impl<T> Clone for Frame<T> {
    fn clone(&self) -> Self {
        Self { data: self.data.clone(), contract: PhantomData }
    }
}

/// Why a frame is not what its declaration says.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// A column of the contract is not there.
    #[error("table `{table}` has no column `{column}`")]
    MissingColumn {
        /// Table of the contract.
        table: &'static str,
        /// Column of the contract.
        column: &'static str,
    },
    /// A column has another type.
    #[error("column `{column}` of table `{table}` is {found}, not {expected}")]
    WrongType {
        /// Table of the contract.
        table: &'static str,
        /// Column of the contract.
        column: &'static str,
        /// Type that the frame has.
        found: Box<DataType>,
        /// Type that the contract asks for.
        expected: Box<DataType>,
    },
    /// A key or required column holds a null.
    #[error("column `{column}` of table `{table}` has {nulls} empty values, but none are allowed")]
    Null {
        /// Table of the contract.
        table: &'static str,
        /// Column of the contract.
        column: &'static str,
        /// How many.
        nulls: usize,
    },
    /// Names don't stand in their order, each once.
    #[error("the categories of `{column}` in table `{table}` are not in order")]
    Unordered {
        /// Table of the contract.
        table: &'static str,
        /// Column of the contract.
        column: &'static str,
    },
    /// Two rows share a key.
    #[error("table `{table}` has {duplicates} rows with the key of another row; only one row per {grain} is allowed")]
    DuplicateKey {
        /// Table of the contract.
        table: &'static str,
        /// The table's grain.
        grain: &'static str,
        /// How many rows too many.
        duplicates: usize,
    },
    /// An amount that no file of decimals can hold.
    #[error("table `{table}`: the {column} of {row} is {amount}, outside ±{}", grouped_decimal(MOST))]
    BeyondRange {
        /// Table of the contract.
        table: &'static str,
        /// Column of the contract.
        column: &'static str,
        /// The row, by its key.
        row: String,
        /// The amount.
        amount: String,
    },
    /// A column whose sums would leave the range.
    #[error(
        "table `{table}`: the sum of {column} over its {rows} rows is {total}, outside ±{limit}; the largest is {amount}, of {row}"
    )]
    BeyondSum {
        /// Table of the contract.
        table: &'static str,
        /// Column of the contract.
        column: &'static str,
        /// How many rows.
        rows: usize,
        /// All amounts, taken positive.
        total: String,
        /// What sums may come to.
        limit: String,
        /// The row with the largest amount, by its key.
        row: String,
        /// That amount.
        amount: String,
    },
    /// The plan itself failed.
    #[error("table `{table}` could not be computed")]
    Engine {
        /// Table of the contract.
        table: &'static str,
        /// What the engine said.
        #[source]
        source: PolarsError,
    },
}

impl FrameError {
    /// What to do next, if the data are wrong and not netto.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let beyond = matches!(self, Self::BeyondRange { .. } | Self::BeyondSum { .. });
        beyond.then(|| "look for amounts with a wrong decimal separator in the extracts".into())
    }
}

impl<T: Contract> Frame<T> {
    /// Runs a plan and checks its result against the contract.
    ///
    /// # Errors
    /// The first difference from the declaration, or the engine's failure.
    pub fn try_new(plan: LazyFrame) -> Result<Self, FrameError> {
        Ok(Self { data: check(T::TABLE, plan)?, contract: PhantomData })
    }

    /// A table without rows, for a source that was not supplied.
    #[must_use]
    pub fn empty() -> Self {
        Self { data: Mart::empty(T::TABLE).data, contract: PhantomData }
    }

    /// The checked data.
    #[must_use]
    pub const fn data(&self) -> &DataFrame {
        &self.data
    }

    /// A plan that starts from this table.
    pub fn lazy(&self) -> LazyFrame {
        self.data.clone().lazy()
    }

    /// How many rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.data.height()
    }

    /// The table with its declaration, to be published.
    #[must_use]
    pub fn mart(&self) -> Mart {
        Mart { table: T::TABLE, data: self.data.clone() }
    }
}

// Rows stand in the order of the key: product, then first day of validity.
impl Frame<Products> {
    /// One row per product: its latest version, as it is today.
    pub fn latest(&self) -> LazyFrame {
        self.lazy().unique_stable(Some(cols([column::PRODUCT_ID])), UniqueKeepStrategy::Last)
    }

    /// What products were on a day, such as that of an order: texts of theirs with `valid_from` and `valid_to`, their first and last day. Of a
    /// product whose texts never change it is one row, however often its cost does. What the first version says also holds before its day,
    /// as nothing else is known: there `valid_from` is empty, and `valid_to` is where nothing came after.
    ///
    /// ```text
    /// drill  from 2024-01-01  S1  cost 60        drill  S1      to 2025-06-30
    ///        from 2025-01-01  S1  cost 62        drill  S2      from 2025-07-01
    ///        from 2025-07-01  S2  cost 62
    /// ```
    pub fn over_time(&self, texts: &[&'static str]) -> LazyFrame {
        let id = || col(column::PRODUCT_ID);
        let is_first = || id().neq_missing(id().shift(lit(1)));
        let is_last = || id().neq_missing(id().shift(lit(-1)));
        let changes =
            texts.iter().fold(is_first(), |changes, text| changes.or(col(*text).neq(col(*text).shift(lit(1)))));
        let said: Vec<Expr> = texts.iter().map(|text| col(*text).fill_null(lit(""))).collect();
        let named: Vec<Expr> = texts.iter().map(|text| col(*text)).collect();
        let day = || col(column::VALID_FROM);
        let day_before_next = (day().shift(lit(-1)).cast(DataType::Int32) - lit(1)).cast(DataType::Date);
        let from = when(is_first()).then(lit(NULL)).otherwise(day()).alias(column::VALID_FROM);
        let to = when(is_last()).then(lit(NULL)).otherwise(day_before_next).alias(column::VALID_TO);
        self.lazy()
            .select([&[id(), day()], &said[..]].concat())
            .with_column(changes.alias("changes"))
            .filter(col("changes"))
            .select([&[id()], &named[..], &[from, to]].concat())
    }
}

/// A checked table together with its declaration, for those who handle all tables alike.
#[derive(Clone, Debug)]
pub struct Mart {
    /// The declaration.
    pub table: &'static Table,
    /// The data.
    pub data: DataFrame,
}

impl Mart {
    /// A table without rows.
    #[must_use]
    pub fn empty(table: &'static Table) -> Self {
        Self { table, data: DataFrame::empty_with_schema(&schema(table)) }
    }

    /// Runs a plan and checks its result against a declaration, as [`Frame::try_new`] does for one that is a type.
    ///
    /// # Errors
    /// The first difference from the declaration, or the engine's failure.
    pub fn try_new(table: &'static Table, plan: LazyFrame) -> Result<Self, FrameError> {
        Ok(Self { table, data: check(table, plan)? })
    }
}

/// A column of the names at some places: what stands for a name by its number, named again.
///
/// # Errors
/// When there is no name at a place.
pub fn names_at(column: &str, names: &[&str], places: impl Iterator<Item = u32>) -> PolarsResult<Column> {
    let places: IdxCa = places.map(Some).collect();
    Column::new(column.into(), names).take(&places)
}

/// Whether a row's month lies in a window.
pub fn inside(window: crate::Window) -> Expr {
    let day = || col(column::PERIOD).cast(DataType::Int32);
    day().gt_eq(lit(window.first.first_day())).and(day().lt_eq(lit(window.last.first_day())))
}

/// The Polars schema of a table.
#[must_use]
pub fn schema(table: &Table) -> Schema {
    table.columns.iter().map(|column| Field::new(column.name.into(), polars_type(column.ty))).collect()
}

/// The Polars type in which a column of a frame is held.
#[must_use]
pub const fn polars_type(ty: Type) -> DataType {
    match ty {
        Type::Text => DataType::String,
        Type::Integer | Type::Decimal => DataType::Int64,
        Type::Ratio => DataType::Float64,
        Type::Date => DataType::Date,
        Type::Bool => DataType::Boolean,
    }
}

fn check(table: &'static Table, plan: LazyFrame) -> Result<DataFrame, FrameError> {
    let engine = |source| FrameError::Engine { table: table.name, source };
    let found = plan.clone().collect_schema().map_err(engine)?;
    for column in table.columns {
        let expected = polars_type(column.ty);
        match found.get(column.name) {
            None => return Err(FrameError::MissingColumn { table: table.name, column: column.name }),
            Some(found) if *found != expected => {
                let (found, expected) = (Box::new(found.clone()), Box::new(expected));
                return Err(FrameError::WrongType { table: table.name, column: column.name, found, expected });
            }
            Some(_) => {}
        }
    }
    let columns: Vec<Expr> = table.columns.iter().map(|column| col(column.name)).collect();
    let data = plan.select(columns).collect().map_err(engine)?;
    for column in table.columns.iter().filter(|column| column.role != Role::Optional) {
        let nulls = data.column(column.name).map_err(engine)?.null_count();
        if nulls > 0 {
            return Err(FrameError::Null { table: table.name, column: column.name, nulls });
        }
    }
    let (data, duplicates) = order::in_order(table, data).map_err(engine)?;
    amounts_stay_in_range(table, &data)?;
    if duplicates > 0 {
        return Err(FrameError::DuplicateKey { table: table.name, grain: table.grain, duplicates });
    }
    Ok(data)
}

/// The largest amount of `DECIMAL(18,4)`, in ten-thousandths.
pub const MOST: i128 = 999_999_999_999_999_999;

/// Every amount fits into a file; and where rows are added up later, by whatever group, all of them together do: a sum of
/// integers wraps without a word in Polars. So every sum of a checked frame's column is right.
fn amounts_stay_in_range(table: &'static Table, data: &DataFrame) -> Result<(), FrameError> {
    let engine = |source| FrameError::Engine { table: table.name, source };
    for column in table.columns.iter().filter(|column| column.ty == Type::Decimal) {
        let values = data.column(column.name).and_then(|values| values.i64()).map_err(engine)?;
        let values = values.iter().map(Option::unwrap_or_default);
        column_stays_in_range(table, column, values, |row| named_row(table, data, row).map_err(engine))?;
    }
    Ok(())
}

/// The same for the amounts of one column; `named` names a row by its key.
pub(crate) fn column_stays_in_range(
    table: &'static Table,
    column: &'static crate::Column,
    values: impl Iterator<Item = i64>,
    named: impl Fn(usize) -> Result<String, FrameError>,
) -> Result<(), FrameError> {
    let (mut total, mut largest, mut place, mut rows) = (0_i128, 0_i64, 0, 0);
    for value in values {
        total += i128::from(value.unsigned_abs());
        if value.unsigned_abs() > largest.unsigned_abs() {
            (largest, place) = (value, rows);
        }
        rows += 1;
    }
    let limit = most_of_sums(table, column).filter(|limit| total > *limit);
    let fits = i128::from(largest.unsigned_abs()) <= MOST;
    if fits && limit.is_none() {
        return Ok(());
    }
    let (row, amount) = (named(place)?, grouped_decimal(largest.into()));
    let (table, column) = (table.name, column.name);
    Err(match limit {
        Some(limit) if fits => {
            let (total, limit) = (grouped_decimal(total), grouped_decimal(limit));
            FrameError::BeyondSum { table, column, rows, total, limit, row, amount }
        }
        _ => FrameError::BeyondRange { table, column, row, amount },
    })
}

/// What a column's amounts may come to, all taken positive: facts and rollups add up to what is published, and differences
/// of several of their columns stay within 64 bits. Extracts and quantities of all activities together never are one
/// figure; but parts of them are added. Rows of other tables overlap: they aren't.
fn most_of_sums(table: &Table, column: &crate::Column) -> Option<i128> {
    match table.stage {
        Stage::Source | Stage::Lake => Some(i64::MAX.into()),
        Stage::Rollup | Stage::Mart if matches!(column.unit, Unit::Driver | Unit::Minutes) => Some(i64::MAX.into()),
        Stage::Rollup => Some(MOST),
        Stage::Mart if table.name.starts_with("fct_") || table.name == "pool_balance" => Some(MOST),
        Stage::Mart => None,
    }
}

/// A row by its key: `customer_id A, period 2025-03-01`.
fn named_row(table: &Table, data: &DataFrame, row: usize) -> PolarsResult<String> {
    let shown = |key: &crate::Column| {
        let value = data.column(key.name)?.get(row)?;
        Ok(match value.get_str() {
            Some("") => None,
            Some(text) => Some(format!("{} {text}", key.name)),
            None => Some(format!("{} {value}", key.name)),
        })
    };
    let keys = table.keys().map(shown).collect::<PolarsResult<Vec<_>>>()?;
    Ok(keys.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantities(customers: &[Option<&str>]) -> LazyFrame {
        let n = customers.len();
        df!("period" => vec![0_i32; n], "customer_id" => customers, "activity" => vec!["a"; n], "warehouse" => vec![""; n], "quantity" => vec![1_i64; n])
            .map(IntoLazy::lazy)
            .unwrap_or_default()
            .with_column(col("period").cast(DataType::Date))
    }

    #[test]
    fn a_frame_is_refused_with_the_column_that_differs() {
        let refusal = |plan| Frame::<DriverQuantity>::try_new(plan).map(|_| ()).unwrap_err().to_string();
        let rows = || quantities(&[Some("A"), Some("B")]);
        assert_eq!(refusal(rows().drop(cols(["quantity"]))), "table `driver_quantity` has no column `quantity`");
        assert_eq!(
            refusal(rows().with_column(col("quantity").cast(DataType::Float64))),
            "column `quantity` of table `driver_quantity` is f64, not i64"
        );
        assert_eq!(
            refusal(quantities(&[Some("A"), None])),
            "column `customer_id` of table `driver_quantity` has 1 empty values, but none are allowed"
        );
        assert_eq!(
            refusal(quantities(&[Some("A"), Some("A")])),
            "table `driver_quantity` has 1 rows with the key of another row; only one row per month × customer × activity × warehouse is allowed"
        );
    }

    #[test]
    fn an_amount_or_a_sum_beyond_the_range_names_the_row_and_the_number() {
        let refusal = |quantities: &[i64]| {
            let names = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
            let customers: Vec<Option<&str>> = names.iter().copied().map(Some).take(quantities.len()).collect();
            let rows = quantities_of(&customers, quantities);
            Frame::<DriverQuantity>::try_new(rows).map(|_| ()).map_err(|error| error.to_string())
        };
        let most = 999_999_999_999_999_999;
        assert_eq!(refusal(&[most, -most]), Ok(()));
        assert_eq!(
            refusal(&[5, -most - 1]).unwrap_err(),
            "table `driver_quantity`: the quantity of period 1970-01-01, customer_id B, activity a is \
             -100,000,000,000,000.0000, outside ±99,999,999,999,999.9999"
        );
        assert_eq!(
            refusal(&[most; 10]).unwrap_err(),
            "table `driver_quantity`: the sum of quantity over its 10 rows is 999,999,999,999,999.9990, outside \
             ±922,337,203,685,477.5807; the largest is 99,999,999,999,999.9999, of period 1970-01-01, customer_id A, activity a"
        );
    }

    fn quantities_of(customers: &[Option<&str>], amounts: &[i64]) -> LazyFrame {
        let amounts = Series::new("quantity".into(), amounts);
        quantities(customers).with_column(lit(amounts))
    }

    #[test]
    fn rows_in_any_order_come_out_in_the_order_of_the_key_and_duplicates_are_counted() {
        let ids = |customers: &[&str]| {
            let rows: Vec<Option<&str>> = customers.iter().copied().map(Some).collect();
            Frame::<DriverQuantity>::try_new(quantities(&rows)).map(|frame| {
                let ids = frame.data().column("customer_id").unwrap().str().unwrap().clone();
                ids.iter().flatten().collect::<Vec<_>>().join(" ")
            })
        };
        for rows in [["A", "B", "a", "é"], ["é", "a", "B", "A"], ["B", "A", "é", "a"]] {
            assert_eq!(ids(&rows).unwrap(), "A B a é");
        }
        for rows in [["A", "A", "A", "B"], ["A", "B", "A", "A"]] {
            assert!(matches!(ids(&rows), Err(FrameError::DuplicateKey { duplicates: 2, .. })), "{rows:?}");
        }
    }

    #[test]
    fn the_first_column_of_the_key_that_differs_decides() {
        let rows = df!("period" => [0_i32, 0, 1, 1], "customer_id" => ["A", "B", "A", "A"], "activity" => ["b", "a", "a", "a"],
            "warehouse" => ["z", "a", "", "x"], "quantity" => [1_i64, 2, 3, 4])
        .unwrap()
        .lazy()
        .with_column(col("period").cast(DataType::Date));
        for rows in [rows.clone(), rows.reverse()] {
            let frame = Frame::<DriverQuantity>::try_new(rows).unwrap();
            let quantities: Vec<i64> =
                frame.data().column("quantity").unwrap().i64().unwrap().iter().flatten().collect();
            assert_eq!(quantities, [1, 2, 3, 4]);
        }
    }

    #[test]
    fn of_a_product_the_latest_version_counts_whatever_the_order_of_the_rows() {
        let rest = contract::PRODUCTS.columns.iter().filter(|column| column.role == Role::Optional);
        let rest: Vec<Expr> = rest.map(|column| lit(NULL).cast(polars_type(column.ty)).alias(column.name)).collect();
        let versions = |days: [i32; 3]| -> Vec<Option<i32>> {
            let rows = df!("product_id" => ["drill", "saw", "drill"], "valid_from" => days).unwrap().lazy();
            let rows = rows.with_column(col("valid_from").cast(DataType::Date)).with_columns(rest.clone());
            let latest = Frame::<Products>::try_new(rows).unwrap().latest().collect().unwrap();
            latest.column("valid_from").unwrap().date().unwrap().physical().iter().collect()
        };
        assert_eq!(versions([10, 7, 20]), [Some(20), Some(7)]);
        assert_eq!(versions([20, 7, 10]), [Some(20), Some(7)]);
    }

    #[test]
    fn a_product_is_on_a_day_what_its_version_of_that_day_says() {
        let rest = contract::PRODUCTS.columns.iter().filter(|column| column.role == Role::Optional);
        let rest = rest.filter(|column| !["supplier_id", "kind"].contains(&column.name));
        let rest: Vec<Expr> = rest.map(|column| lit(NULL).cast(polars_type(column.ty)).alias(column.name)).collect();
        // Another cost on day 20, another supplier on day 30, another kind on day 40; the saw has one version.
        let rows = df!(
            "product_id" => ["saw", "drill", "drill", "drill", "drill"], "valid_from" => [50, 40, 10, 30, 20],
            "supplier_id" => [None, Some("T"), Some("S"), Some("T"), Some("S")],
            "kind" => [None, Some("assembly"), Some("goods"), Some("goods"), Some("goods")],
        );
        let rows = rows.unwrap().lazy().with_column(col("valid_from").cast(DataType::Date)).with_columns(rest);
        let products = Frame::<Products>::try_new(rows).unwrap();
        let over_time = |texts: &[&'static str]| {
            let days = ["valid_from", "valid_to"]
                .map(|day| col(day).cast(DataType::Int32).cast(DataType::String).fill_null(lit("…")));
            let told =
                [&[col("product_id")], &texts.iter().map(|text| col(*text)).collect::<Vec<_>>()[..], &days].concat();
            let told =
                products.over_time(texts).select([concat_str(told, " ", false).alias("told")]).collect().unwrap();
            told.column("told").unwrap().str().unwrap().iter().flatten().collect::<Vec<_>>().join(", ")
        };
        assert_eq!(over_time(&["supplier_id"]), "drill S … 29, drill T 30 …, saw  … …");
        assert_eq!(
            over_time(&["supplier_id", "kind"]),
            "drill S goods … 29, drill T goods 30 39, drill T assembly 40 …, saw   … …"
        );
        assert_eq!(Frame::<Products>::empty().over_time(&["kind"]).collect().unwrap().height(), 0);
    }

    #[test]
    fn an_empty_table_has_the_columns_of_the_contract() {
        let empty = Frame::<DriverQuantity>::empty();
        assert_eq!(empty.height(), 0);
        assert!(Frame::<DriverQuantity>::try_new(empty.lazy()).is_ok());
    }
}
