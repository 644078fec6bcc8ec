//! CSV for spreadsheets: UTF-8, a header, amounts as `-1234.5678`.
//!
//! A text cell that a spreadsheet would run as a formula gets an apostrophe in front:
//!
//! ```text
//! =HYPERLINK("http://…")   →   '=HYPERLINK("http://…")
//! ```

use netto_model::{Mart, Money, Table, Type, period::civil_from_days};
use polars::prelude::*;

use crate::error::PublishError;
use crate::sink::Sink;

/// The CSV sink.
pub(crate) struct Csv;

impl Sink for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn write(&self, mart: &Mart) -> Result<Vec<u8>, PublishError> {
        let mut bytes = header(mart.table)?;
        bytes.extend(rows(mart.table, &mart.data)?);
        Ok(bytes)
    }
}

/// The names of the columns.
pub(crate) fn header(table: &'static Table) -> Result<Vec<u8>, PublishError> {
    records(table, [table.columns.iter().map(|column| column.name)])
}

/// Rows without a header.
pub(crate) fn rows(table: &'static Table, data: &DataFrame) -> Result<Vec<u8>, PublishError> {
    let mut columns = Vec::with_capacity(table.columns.len());
    for column in table.columns {
        columns.push(cells(column.ty, data.column(column.name)?)?);
    }
    let record = |row| columns.iter().map(move |column| column.get(row).map_or("", String::as_str));
    records(table, (0..data.height()).map(record))
}

fn records<'a, R: Iterator<Item = &'a str>>(
    table: &'static Table,
    records: impl IntoIterator<Item = R>,
) -> Result<Vec<u8>, PublishError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| PublishError::Table {
        table: table.name,
        format: "CSV",
        source,
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        writer.write_record(record).map_err(|error| failed(Box::new(error)))?;
    }
    writer.into_inner().map_err(|error| failed(Box::new(error.into_error())))
}

/// The cells of a column as text; nothing for null.
fn cells(ty: Type, column: &polars::prelude::Column) -> Result<Vec<String>, PolarsError> {
    Ok(match ty {
        Type::Text => column.str()?.iter().map(|text| harmless(text.unwrap_or_default())).collect(),
        Type::Integer => column.i64()?.iter().map(shown).collect(),
        Type::Decimal => column.i64()?.iter().map(|units| shown(units.map(Money::from_units))).collect(),
        Type::Ratio => column.f64()?.iter().map(shown).collect(),
        Type::Date => column.date()?.physical().iter().map(|day| day.map(iso_date).unwrap_or_default()).collect(),
        Type::Bool => column.bool()?.iter().map(shown).collect(),
    })
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn iso_date(day: i32) -> String {
    let (year, month, day) = civil_from_days(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A spreadsheet runs cells that start with one of these.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::DIM_EMPLOYEE;

    #[test]
    fn formulas_are_texts_and_nothing_stays_nothing() {
        let data = df!("employee_id" => ["1", "2"], "name" => ["=1+1", "Anaïs; \"de\""], "role" => [None::<&str>, Some("field")],
            "pair_id" => [Some("-x"), None]);
        let mart = Mart { table: &DIM_EMPLOYEE, data: data.unwrap() };
        let text = String::from_utf8(Csv.write(&mart).unwrap()).unwrap();
        insta::assert_snapshot!(text, @r#"
        employee_id,name,role,pair_id
        1,'=1+1,,'-x
        2,"Anaïs; ""de""",field,
        "#);
    }

    #[test]
    fn amounts_and_dates_are_plain() {
        let day = Series::new("day".into(), [Some(20_148), None]).cast(&DataType::Date).unwrap().into_column();
        assert_eq!(cells(Type::Date, &day).unwrap(), ["2025-03-01", ""]);
        let amount = Series::new("amount".into(), [Some(-12_345_678_i64), None]).into_column();
        assert_eq!(cells(Type::Decimal, &amount).unwrap(), ["-1234.5678", ""]);
    }
}
