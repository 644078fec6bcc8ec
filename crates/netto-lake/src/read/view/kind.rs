//! The kind of an expression's values, known before any row is read.

use polars::prelude::DataType;

use super::functions::NUMBER;

/// The kind of an expression's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, which only the source's dialect can read as something else.
    Text,
    /// Whole numbers.
    Whole,
    /// Exact numbers with nineteen decimals, as computed by a view.
    Number,
    /// Decimals as a file has them.
    Decimal,
    /// Floats as a file has them.
    Float,
    Date,
    Moment,
    Bool,
    /// Nothing at all: `null`.
    Nothing,
    Other,
}

impl Kind {
    pub(super) fn of(ty: &DataType) -> Self {
        match ty {
            DataType::String => Self::Text,
            DataType::Boolean => Self::Bool,
            DataType::Date => Self::Date,
            DataType::Datetime(_, _) => Self::Moment,
            DataType::Null => Self::Nothing,
            ty if *ty == NUMBER => Self::Number,
            DataType::Decimal(_, _) => Self::Decimal,
            ty if ty.is_float() => Self::Float,
            ty if ty.is_integer() => Self::Whole,
            _ => Self::Other,
        }
    }

    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Number | Self::Decimal | Self::Float)
    }

    /// Whether numbers have decimals; the engine doesn't support these as keys of joins, groups or windows, so texts are used there.
    pub(super) const fn has_decimals(self) -> bool {
        matches!(self, Self::Number | Self::Decimal | Self::Float)
    }

    pub(super) const fn is_day(self) -> bool {
        matches!(self, Self::Date | Self::Moment)
    }

    /// The common kind of several values: exact numbers for numbers, days for days.
    pub(super) fn common(kinds: impl Iterator<Item = Self> + Clone) -> Option<Self> {
        let mut known = kinds.filter(|kind| *kind != Self::Nothing);
        let Some(first) = known.clone().next() else { return Some(Self::Nothing) };
        if known.clone().all(|kind| kind == first) && !matches!(first, Self::Decimal) {
            return Some(first);
        }
        if known.clone().all(|kind| kind.is_number() || kind == Self::Text) {
            return Some(Self::Number);
        }
        if known.clone().all(|kind| matches!(kind, Self::Date | Self::Text)) {
            return Some(Self::Date);
        }
        known.all(|kind| kind.is_day() || kind == Self::Text).then_some(Self::Moment)
    }
}
