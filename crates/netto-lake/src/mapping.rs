//! Which column of the contract comes from where.
use netto_model::table::{Table, Type};

/// The date that decides the month of a row.
pub(crate) fn date_of(source: &Table) -> Option<&'static netto_model::Column> {
    source.columns.iter().find(|column| {
        column.ty == Type::Date && !matches!(column.role, netto_model::Role::Optional) && column.default.is_none()
    })
}

/// Exact decimal arithmetic over columns of an extract.
#[derive(Clone, Debug)]
pub(crate) struct Arithmetic;

impl Arithmetic {
    pub(crate) fn parse(_text: &str) -> Result<Self, String> {
        Ok(Self)
    }
}
