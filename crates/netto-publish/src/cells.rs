//! The cells of a column, written one by one: allocating a string for each of millions of cells would take most of the time.
//!
//! ```text
//! DECIMAL(18,4)   whole ten-thousandths     DATE   days since 1970-01-01
//! ```

use netto_model::Type;
use polars::prelude::*;

/// The values of a column, by its type.
pub(crate) enum Cells {
    Text(StringChunked),
    Whole(Int64Chunked),
    /// Ten-thousandths.
    Amount(Int64Chunked),
    Ratio(Float64Chunked),
    /// Days since 1970-01-01.
    Day(Int32Chunked),
    Bool(BooleanChunked),
}

impl Cells {
    /// Takes a column that has the contract's type.
    pub(crate) fn of(ty: Type, column: &Column) -> PolarsResult<Self> {
        Ok(match ty {
            Type::Text => Self::Text(column.str()?.rechunk().into_owned()),
            Type::Integer => Self::Whole(column.i64()?.rechunk().into_owned()),
            Type::Decimal => Self::Amount(column.i64()?.rechunk().into_owned()),
            Type::Ratio => Self::Ratio(column.f64()?.rechunk().into_owned()),
            Type::Date => Self::Day(column.date()?.physical().rechunk().into_owned()),
            Type::Bool => Self::Bool(column.bool()?.rechunk().into_owned()),
        })
    }

    /// The cells of all columns of a table, in the contract's order.
    pub(crate) fn of_table(table: &netto_model::Table, data: &DataFrame) -> PolarsResult<Vec<Self>> {
        table.columns.iter().map(|column| Self::of(column.ty, data.column(column.name)?)).collect()
    }
}
