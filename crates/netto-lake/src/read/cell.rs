//! Converts values of typed columns to exact text, for Parquet files and results of views.

use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, StringArray, TimestampMicrosecondArray, TimestampNanosecondArray,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Field, Float16Type, Float32Type, Float64Type, TimeUnit, TimestampMicrosecondType,
    TimestampNanosecondType,
};
use arrow::error::ArrowError;
use arrow::temporal_conversions::as_datetime_with_timezone;
use chrono::NaiveDateTime;

use crate::error::LakeError;

/// How the values of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// Texts in the source's notation: its decimal sign, dates and null words.
    AsSource,
    /// The column has a native type, so its values have a standard notation: `1234.5`, `2025-03-01`.
    Plainly,
    /// Standard notation, with noise beyond the fourth decimal: floats, and values computed by a view.
    Rounded,
}

impl Written {
    /// The notation for an Arrow type.
    pub(crate) fn of(ty: &DataType) -> Self {
        match ty {
            DataType::Dictionary(_, value) => Self::of(value),
            ty if ty.is_floating() => Self::Rounded,
            DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_)
            | DataType::Null => Self::AsSource,
            _ => Self::Plainly,
        }
    }
}

/// Whether the values of a column can be text at all.
pub(crate) fn readable(file: &str, field: &Field) -> Result<(), LakeError> {
    match kind(field.data_type()) {
        None => Ok(()),
        Some(kind) => Err(LakeError::Format {
            file: file.to_owned(),
            message: format!("the column \"{}\" contains {kind}, but one value per row is required", field.name()),
            help: Some(format!(
                "remove \"{}\" from the mapping, or export its parts as separate columns",
                field.name()
            )),
        }),
    }
}

/// Whether a column holds bytes that may be no text at all.
pub(crate) const fn is_binary(ty: &DataType) -> bool {
    matches!(ty, DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_))
}

/// The kind of a nested type in words; `None` for a scalar type.
pub(crate) fn kind(ty: &DataType) -> Option<&'static str> {
    match ty {
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::FixedSizeList(_, _)
        | DataType::ListView(_)
        | DataType::LargeListView(_) => Some("lists"),
        DataType::Struct(_) => Some("structures"),
        DataType::Map(_, _) => Some("maps"),
        DataType::Union(_, _) => Some("values of several types"),
        DataType::Duration(_) | DataType::Interval(_) => Some("time spans"),
        DataType::Dictionary(_, value) => kind(value),
        _ => None,
    }
}

/// The values of a column as text.
pub(crate) fn text(file: &str, column: &str, array: &ArrayRef) -> Result<StringArray, LakeError> {
    as_text(array).map_err(|error| LakeError::Format {
        file: file.to_owned(),
        message: format!("the column \"{column}\" cannot be read: {error}"),
        help: Some("remove it from the mapping, or export it as text".into()),
    })
}

/// Every conversion is exact or an error, never an empty value.
pub(crate) const STRICT: CastOptions<'static> =
    CastOptions { safe: false, format_options: arrow::util::display::FormatOptions::new() };

fn as_text(array: &ArrayRef) -> Result<StringArray, ArrowError> {
    let array = values(array)?;
    Ok(match array.data_type() {
        // The shortest text that reads back as the same number, never with an exponent.
        DataType::Float64 => array.as_primitive::<Float64Type>().iter().map(|v| v.map(|v| v.to_string())).collect(),
        DataType::Float32 => array.as_primitive::<Float32Type>().iter().map(|v| v.map(|v| v.to_string())).collect(),
        ty if ty.is_decimal() => {
            let texts = cast_with_options(&array, &DataType::Utf8, &STRICT)?;
            texts.as_string::<i32>().iter().map(|text| text.map(shortest)).collect()
        }
        _ => cast_with_options(&array, &DataType::Utf8, &STRICT)?.as_string::<i32>().clone(),
    })
}

/// The shortest text of a number with a decimal point, so that an id is the same whatever type its column has: `12.00` → `12`.
pub(crate) fn shortest(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// The values of a column in a plain type: dictionaries are decoded, and timestamps are converted to the time zone of the file.
pub(crate) fn values(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::Dictionary(_, value) => values(&cast_with_options(array, value, &STRICT)?),
        DataType::Float16 => Ok(Arc::new(halves(array))),
        DataType::Date64 => cast_with_options(array, &DataType::Date32, &STRICT),
        DataType::Timestamp(TimeUnit::Nanosecond, Some(zone)) => {
            Ok(Arc::new(TimestampNanosecondArray::from(local::<TimestampNanosecondType>(array, zone, |moment| {
                moment.and_utc().timestamp_nanos_opt()
            })?)))
        }
        DataType::Timestamp(_, Some(zone)) => {
            let of_zone = DataType::Timestamp(TimeUnit::Microsecond, Some(zone.clone()));
            let array = cast_with_options(array, &of_zone, &STRICT)?;
            Ok(Arc::new(TimestampMicrosecondArray::from(local::<TimestampMicrosecondType>(&array, zone, |moment| {
                Some(moment.and_utc().timestamp_micros())
            })?)))
        }
        _ => Ok(array.clone()),
    }
}

/// The local time in the zone.
fn local<T: ArrowPrimitiveType<Native = i64> + arrow::datatypes::ArrowTemporalType>(
    array: &ArrayRef,
    zone: &str,
    stored: impl Fn(NaiveDateTime) -> Option<i64>,
) -> Result<Vec<Option<i64>>, ArrowError> {
    let known: Tz = zone.parse()?;
    let beyond = |value| ArrowError::CastError(format!("{value} doesn't exist in the time zone {zone}"));
    let moment = |value| {
        let local = as_datetime_with_timezone::<T>(value, known).ok_or_else(|| beyond(value))?;
        stored(local.naive_local()).ok_or_else(|| beyond(value))
    };
    array.as_primitive::<T>().iter().map(|value| value.map(moment).transpose()).collect()
}

/// Converts half floats, which have three digits, to floats: whole numbers directly, others by the shortest decimal with the same
/// half value.
fn halves(array: &ArrayRef) -> arrow::array::Float32Array {
    type Half = <Float16Type as ArrowPrimitiveType>::Native;
    let shortest = |half: Half| {
        let exact = half.to_f32();
        let digits = (0..8).filter_map(|digits| format!("{exact:.digits$e}").parse::<f32>().ok());
        let shortest = digits.into_iter().find(|near| Half::from_f32(*near) == half);
        shortest.filter(|_| exact.fract() != 0.0).unwrap_or(exact)
    };
    array.as_primitive::<Float16Type>().iter().map(|half| half.map(shortest)).collect()
}

/// The values of a column in a type that views compute with: 64-bit integers, decimals of 38 digits, floats, days, timestamps in
/// microseconds, booleans, and text for everything else.
pub(crate) fn plain(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let array = values(array)?;
    let to = |ty: DataType| cast_with_options(&array, &ty, &STRICT);
    match array.data_type() {
        ty if ty.is_integer() => to(DataType::Int64),
        // Converts by the shortest text, as widening a 32-bit float directly would add noise digits.
        DataType::Float32 => Ok(Arc::new(
            array
                .as_primitive::<Float32Type>()
                .iter()
                .map(|value| value.and_then(|value| value.to_string().parse().ok()))
                .collect::<Float64Array>(),
        )),
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => to(DataType::Decimal128(38, (*scale).max(0))),
        DataType::Timestamp(_, _) => to(DataType::Timestamp(TimeUnit::Microsecond, None)),
        DataType::Boolean | DataType::Float64 | DataType::Date32 | DataType::Null => Ok(array.clone()),
        _ => to(DataType::Utf8),
    }
}

#[cfg(test)]
mod tests {
    use super::shortest;

    #[test]
    fn the_shortest_text_of_a_number_has_no_zeros_behind_its_decimals() {
        let numbers = ["12.0000000000", "12.50", "-0.10", "100", "0.00", "1200"];
        assert_eq!(numbers.map(shortest), ["12", "12.5", "-0.1", "100", "0", "1200"]);
    }
}
