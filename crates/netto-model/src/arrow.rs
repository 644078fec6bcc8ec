//! Record batches to frames and back, by the contract: `DECIMAL(18,4)` in files is `Int64` ten-thousandths in frames.
//!
//! [`to_batch`] writes a checked table as Arrow; [`from_batches`] reads one; [`any_from_batches`] reads whatever a user's
//! file holds, for views.

use std::sync::Arc;

use ::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, PrimitiveArray, RecordBatch, StringArray, new_null_array,
};
use ::arrow::compute::cast;
use ::arrow::datatypes::{
    ArrowPrimitiveType, DataType as ArrowType, Date32Type, Decimal128Type, Field as ArrowField, Float64Type, Int32Type,
    Int64Type, Schema as ArrowSchema, TimeUnit as ArrowTimeUnit, TimestampMicrosecondType,
};
use ::arrow::error::ArrowError;
use polars::prelude::*;

use crate::table::{Role, Table, Type};

/// Precision and scale of money and quantities in files.
pub const DECIMAL: (u8, i8) = (18, 4);

/// A conversion that failed.
#[derive(Debug, thiserror::Error)]
pub enum ArrowBridgeError {
    /// Arrow refused.
    #[error("the columns could not be converted")]
    Arrow(#[from] ArrowError),
    /// Polars refused.
    #[error("the frame could not be created")]
    Polars(#[from] PolarsError),
}

/// The Arrow type of a column in files.
#[must_use]
pub const fn arrow_type(ty: Type) -> ArrowType {
    match ty {
        Type::Text => ArrowType::Utf8,
        Type::Integer => ArrowType::Int64,
        Type::Decimal => ArrowType::Decimal128(DECIMAL.0, DECIMAL.1),
        Type::Ratio => ArrowType::Float64,
        Type::Date => ArrowType::Date32,
        Type::Bool => ArrowType::Boolean,
    }
}

/// The Arrow schema of a table.
#[must_use]
pub fn schema(table: &Table) -> ArrowSchema {
    let field = |column: &crate::table::Column| {
        ArrowField::new(column.name, arrow_type(column.ty), column.role == Role::Optional)
    };
    ArrowSchema::new(table.columns.iter().map(field).collect::<Vec<_>>())
}

/// One record batch with the columns of the table, in their order.
///
/// # Errors
/// When a column is missing or has another type than the contract's.
pub fn to_batch(table: &Table, data: &DataFrame) -> Result<RecordBatch, ArrowBridgeError> {
    let columns = table
        .columns
        .iter()
        .map(|column| to_array(column.ty, data.column(column.name)?))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(Arc::new(schema(table)), columns)?)
}

fn to_array(ty: Type, column: &polars::prelude::Column) -> Result<ArrayRef, ArrowBridgeError> {
    Ok(match ty {
        Type::Text => Arc::new(column.str()?.iter().collect::<StringArray>()),
        Type::Integer => primitive::<_, Int64Type>(column.i64()?, |value| value),
        Type::Decimal => {
            let units = primitive_of::<_, Decimal128Type>(column.i64()?, i128::from);
            Arc::new(units.with_precision_and_scale(DECIMAL.0, DECIMAL.1)?)
        }
        Type::Ratio => primitive::<_, Float64Type>(column.f64()?, |value| value),
        Type::Date => primitive::<_, Date32Type>(column.date()?.physical(), |value| value),
        Type::Bool => Arc::new(column.bool()?.iter().collect::<BooleanArray>()),
    })
}

fn primitive<P: PolarsNumericType, A: ArrowPrimitiveType>(
    values: &ChunkedArray<P>,
    of: impl Fn(P::Native) -> A::Native,
) -> ArrayRef {
    Arc::new(primitive_of::<P, A>(values, of))
}

/// Values as an array; where none is empty, as they lie in memory and not one by one.
fn primitive_of<P: PolarsNumericType, A: ArrowPrimitiveType>(
    values: &ChunkedArray<P>,
    of: impl Fn(P::Native) -> A::Native,
) -> PrimitiveArray<A> {
    if values.null_count() > 0 {
        return values.iter().map(|value| value.map(&of)).collect();
    }
    let mut all = Vec::with_capacity(values.len());
    for chunk in values.downcast_iter() {
        all.extend(chunk.values().iter().map(|value| of(*value)));
    }
    PrimitiveArray::new(all.into(), None)
}

/// The same the other way.
fn chunked<A: ArrowPrimitiveType, P: PolarsNumericType<Native = A::Native>>(
    name: PlSmallStr,
    array: &PrimitiveArray<A>,
) -> ChunkedArray<P> {
    if array.null_count() > 0 {
        return ChunkedArray::from_iter_options(name, array.iter());
    }
    ChunkedArray::from_vec(name, array.values().to_vec())
}

/// The frame of a table whose batches hold the contract's columns; an optional one that they lack is empty.
///
/// # Errors
/// When a required column is missing or cannot be cast to the contract's type.
pub fn from_batches(table: &Table, batches: &[RecordBatch]) -> Result<DataFrame, ArrowBridgeError> {
    columns_from_batches(table.name, table.columns, batches)
}

/// The frame of some columns of a table: the others aren't read.
///
/// # Errors
/// When a column is missing or cannot be cast to the contract's type.
pub fn columns_from_batches<'a>(
    table: &str,
    wanted: impl IntoIterator<Item = &'a crate::table::Column>,
    batches: &[RecordBatch],
) -> Result<DataFrame, ArrowBridgeError> {
    let mut columns = Vec::new();
    for column in wanted {
        let mut whole = Series::new_empty(column.name.into(), &crate::frame::polars_type(column.ty));
        for batch in batches {
            let array = match batch.column_by_name(column.name) {
                Some(array) => cast(array, &arrow_type(column.ty))?,
                // A file that is older than the column.
                None if column.role == Role::Optional => new_null_array(&arrow_type(column.ty), batch.num_rows()),
                None => {
                    let lacks = format!("table `{table}` has no column `{}`", column.name);
                    return Err(ArrowError::SchemaError(lacks).into());
                }
            };
            whole.append(&decimals_as_integers(column.name, &array)?)?;
        }
        columns.push(whole.into_column());
    }
    Ok(DataFrame::new_infer_height(columns)?)
}

fn decimals_as_integers(name: &str, array: &ArrayRef) -> Result<Series, ArrowBridgeError> {
    match array.data_type() {
        ArrowType::Decimal128(_, _) => {
            let array = array.as_primitive::<Decimal128Type>();
            let beyond = |_| ArrowError::CastError(format!("an amount of `{name}` doesn't fit into 64 bits"));
            if array.null_count() == 0 {
                let units = array.values().iter().map(|units| i64::try_from(*units));
                return Ok(Series::new(name.into(), units.collect::<Result<Vec<_>, _>>().map_err(beyond)?));
            }
            let units = array.iter().map(|units| units.map(i64::try_from).transpose());
            Ok(Series::new(name.into(), units.collect::<Result<Vec<_>, _>>().map_err(beyond)?))
        }
        _ => to_series(name, array),
    }
}

/// A frame with all columns of the batches, for the user's own files. Decimals stay decimals.
///
/// # Errors
/// When a column has a type that has no place in a table, such as a list.
pub fn any_from_batches(schema: &ArrowSchema, batches: &[RecordBatch]) -> Result<DataFrame, ArrowBridgeError> {
    let mut columns = Vec::with_capacity(schema.fields().len());
    for (index, field) in schema.fields().iter().enumerate() {
        let mut whole = to_series(field.name(), &::arrow::array::new_empty_array(field.data_type()))?;
        for batch in batches {
            whole.append(&to_series(field.name(), batch.column(index))?)?;
        }
        columns.push(whole.into_column());
    }
    Ok(DataFrame::new_infer_height(columns)?)
}

fn to_series(name: &str, array: &ArrayRef) -> Result<Series, ArrowBridgeError> {
    let name: PlSmallStr = name.into();
    Ok(match array.data_type() {
        ArrowType::Boolean => BooleanChunked::from_iter_options(name, array.as_boolean().iter()).into_series(),
        ArrowType::Int8 | ArrowType::Int16 | ArrowType::Int32 | ArrowType::UInt8 | ArrowType::UInt16 => {
            let array = cast(array, &ArrowType::Int32)?;
            chunked::<Int32Type, polars::prelude::Int32Type>(name, array.as_primitive()).into_series()
        }
        ArrowType::Int64 | ArrowType::UInt32 | ArrowType::UInt64 => {
            let array = cast(array, &ArrowType::Int64)?;
            chunked::<Int64Type, polars::prelude::Int64Type>(name, array.as_primitive()).into_series()
        }
        ArrowType::Float16 | ArrowType::Float32 | ArrowType::Float64 => {
            let array = cast(array, &ArrowType::Float64)?;
            chunked::<Float64Type, polars::prelude::Float64Type>(name, array.as_primitive()).into_series()
        }
        ArrowType::Decimal128(precision, scale) if *scale >= 0 => {
            let values = Int128Chunked::from_iter_options(name, array.as_primitive::<Decimal128Type>().iter());
            values.into_decimal(usize::from(*precision), usize::from(scale.unsigned_abs()))?.into_series()
        }
        ArrowType::Date32 => {
            chunked::<Date32Type, polars::prelude::Int32Type>(name, array.as_primitive()).into_date().into_series()
        }
        ArrowType::Timestamp(_, zone) => {
            let array = cast(array, &ArrowType::Timestamp(ArrowTimeUnit::Microsecond, zone.clone()))?;
            Int64Chunked::from_iter_options(name, array.as_primitive::<TimestampMicrosecondType>().iter())
                .into_datetime(TimeUnit::Microseconds, None)
                .into_series()
        }
        ArrowType::Null => Series::new_null(name, array.len()).cast(&DataType::String)?,
        _ => {
            let array = cast(array, &ArrowType::Utf8)?;
            StringChunked::from_iter_options(name, array.as_string::<i32>().iter()).into_series()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::CUSTOMERS;

    #[test]
    fn a_table_survives_the_way_to_arrow_and_back() -> Result<(), ArrowBridgeError> {
        let mut data = DataFrame::empty_with_schema(&crate::frame::schema(&CUSTOMERS));
        data = data.vstack(&df!(
            "customer_id" => ["A"], "name" => ["Ämne & Co"], "parent_id" => [None::<&str>], "market" => ["install"],
            "region" => [None::<&str>], "country" => ["NL"], "account_manager" => [None::<&str>],
            "inside_rep" => [None::<&str>], "since" => Series::new("since".into(), [20_148]).cast(&DataType::Date)?,
            "potential" => [Some(12_345_678_i64)], "maintained_products" => [Some(4_i64)], "price_list" => [None::<&str>]
        )?)?;
        let batch = to_batch(&CUSTOMERS, &data)?;
        assert_eq!(batch.schema().field_with_name("potential")?.data_type(), &ArrowType::Decimal128(18, 4));
        assert_eq!(from_batches(&CUSTOMERS, &[batch])?, data);
        Ok(())
    }

    #[test]
    fn a_file_that_is_older_than_an_optional_column_is_read_without_it() -> Result<(), ArrowBridgeError> {
        let mut data = DataFrame::empty_with_schema(&crate::frame::schema(&CUSTOMERS));
        data = data.vstack(&DataFrame::new_infer_height(
            data.columns()
                .iter()
                .map(|column| Ok(Series::new(column.name().clone(), ["A"]).cast(column.dtype())?.into_column()))
                .collect::<PolarsResult<_>>()?,
        )?)?;
        let batch = to_batch(&CUSTOMERS, &data)?;
        let without = |name: &str| {
            let kept: Vec<usize> =
                (0..batch.num_columns()).filter(|at| batch.schema().field(*at).name() != name).collect();
            from_batches(&CUSTOMERS, &[batch.project(&kept)?])
        };
        assert_eq!(without("region")?.column("region")?.null_count(), 1);
        assert!(without("customer_id").is_err());
        Ok(())
    }
}
