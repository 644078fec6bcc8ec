//! Which column of the contract comes from where, resolved against the columns that an extract has.
//!
//! A value goes this way: taken from its column, trimmed, empty if a null word, replaced by its default when empty,
//! mapped, padded; then it is parsed, and its sign turned.

use std::borrow::Cow;
use std::collections::BTreeSet;

use netto_model::column::{OCCURRED_AT, OCCURRED_TIME};
use netto_model::expression::parse_whole;
use netto_model::problem::did_you_mean;
use netto_model::table::{Column, Role, Table, Type};
use rust_decimal::Decimal;
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

use crate::config::{ColumnConfig, SourceConfig};
use crate::error::LakeError;
use crate::quarantine::Reason;
use crate::typed::{self, Signs};

/// The date that decides the month of a row.
pub(crate) fn date_of(source: &Table) -> Option<&'static Column> {
    let needed =
        |column: &&Column| column.ty == Type::Date && column.role != Role::Optional && column.default.is_none();
    source.columns.iter().find(needed)
}

/// How every column of the contract is made from one file.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) columns: Vec<Mapped>,
    /// Columns of the file that nothing names.
    pub(crate) unmapped: BTreeSet<String>,
}

/// How one column is made.
#[derive(Debug)]
pub(crate) struct Mapped {
    pub(crate) column: &'static Column,
    pub(crate) origin: Origin,
    pub(crate) config: ColumnConfig,
    /// As the rejects name it.
    pub(crate) label: String,
    /// A time of day for which the extract has no column: it is what stands behind the day.
    pub(crate) behind_day: bool,
}

/// Where a value comes from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// Field of the record.
    Field(usize),
    /// The same on every row; also the contract's default.
    Constant(Option<String>),
    /// Computed; the fields that stand in it.
    Arithmetic(Box<Arithmetic>, Vec<(String, usize)>),
}

impl Mapping {
    /// Finds every column, or says which is missing.
    pub(crate) fn resolve(
        source: &'static Table,
        config: &SourceConfig,
        file: &str,
        found: &[String],
    ) -> Result<Self, LakeError> {
        let mut used = BTreeSet::new();
        let columns = source
            .columns
            .iter()
            .map(|column| {
                let settings = config.column(column.name);
                let explicit = settings.is_some();
                let (origin, label) = Finder { table: source.name, file, found, used: &mut used }.origin(
                    column,
                    &settings.clone().unwrap_or_default(),
                    explicit,
                )?;
                Ok(Mapped { column, origin, config: settings.unwrap_or_default(), label, behind_day: false })
            })
            .collect::<Result<Vec<_>, LakeError>>()?;
        let columns = with_times_behind_days(columns);
        let known = |name: &&String| !used.contains(*name) && !config.ignore.contains(name);
        Ok(Self { columns, unmapped: found.iter().filter(known).cloned().collect() })
    }
}

/// Where the extract has no column for the time of day, it is looked for behind the day.
fn with_times_behind_days(mut columns: Vec<Mapped>) -> Vec<Mapped> {
    let day = columns.iter().find(|mapped| mapped.column.name == OCCURRED_AT);
    let Some((Origin::Field(field), config, label)) =
        day.map(|day| (&day.origin, day.config.clone(), day.label.clone()))
    else {
        return columns;
    };
    let origin = Origin::Field(*field);
    let time = columns.iter_mut().find(|mapped| mapped.column.name == OCCURRED_TIME);
    if let Some(time) = time.filter(|time| matches!(time.origin, Origin::Constant(None))) {
        *time = Mapped { column: time.column, origin, config, label, behind_day: true };
    }
    columns
}

struct Finder<'a> {
    table: &'static str,
    file: &'a str,
    found: &'a [String],
    used: &'a mut BTreeSet<String>,
}

impl Finder<'_> {
    fn origin(
        &mut self,
        column: &'static Column,
        config: &ColumnConfig,
        explicit: bool,
    ) -> Result<(Origin, String), LakeError> {
        if let Some(constant) = &config.constant {
            return Ok((Origin::Constant(Some(constant.clone())), column.name.to_owned()));
        }
        if let Some(sql) = &config.sql {
            let arithmetic = Arithmetic::parse(sql).map_err(|message| self.config_error(column, &message))?;
            let mut fields = Vec::new();
            for name in arithmetic.names() {
                fields.push((name.clone(), self.field(&name, column.name)?));
            }
            return Ok((Origin::Arithmetic(Box::new(arithmetic), fields), column.name.to_owned()));
        }
        let name = config.from.clone().unwrap_or_else(|| column.name.to_owned());
        let has_default = config.default.is_some() || column.default.is_some();
        let may_be_absent = config.from.is_none() && (has_default || column.role == Role::Optional && !explicit);
        match self.field(&name, column.name) {
            Ok(index) => Ok((Origin::Field(index), name)),
            Err(LakeError::MissingColumn { .. }) if may_be_absent => {
                let default = config.default.clone().or_else(|| column.default.map(str::to_owned));
                Ok((Origin::Constant(default), column.name.to_owned()))
            }
            Err(error) => Err(error),
        }
    }

    fn config_error(&self, column: &Column, message: &str) -> LakeError {
        LakeError::Config {
            table: self.table.to_owned(),
            message: format!("column `{}`: {message}", column.name),
            help: None,
        }
    }

    fn field(&mut self, name: &str, target: &str) -> Result<usize, LakeError> {
        let mut places = self.found.iter().zip(0..).filter(|(found, _)| *found == name);
        if let Some((_, index)) = places.next() {
            if places.next().is_some() {
                return Err(LakeError::Format {
                    file: self.file.to_owned(),
                    message: format!("the column \"{name}\" is there twice"),
                    help: Some(
                        "nobody can tell which one is meant; give one of them another name in the extract".into(),
                    ),
                });
            }
            self.used.insert(name.to_owned());
            return Ok(index);
        }
        Err(LakeError::MissingColumn {
            table: self.table,
            file: self.file.to_owned(),
            column: name.to_owned(),
            target: Some(target.to_owned()),
            found: self.found.to_vec(),
            suggestion: did_you_mean(name, self.found.iter().map(String::as_str)).map(str::to_owned),
        })
    }
}

impl Mapped {
    /// The text of the value, before it is parsed; none when it is empty.
    pub(crate) fn text<'a>(&'a self, fields: &[Cow<'a, str>], signs: &Signs) -> Result<Option<Text<'a>>, Reason> {
        let plain = |text: &'a str| Text { value: Cow::Borrowed(text), plain: true };
        let value = match &self.origin {
            Origin::Constant(constant) => return Ok(constant.as_deref().map(plain)),
            Origin::Arithmetic(arithmetic, columns) => {
                let number = arithmetic.value(&|name| {
                    let index = columns.iter().find(|(known, _)| known == name).map(|(_, index)| *index);
                    number(index.and_then(|index| fields.get(index)).map_or("", |field| field.trim()), signs)
                })?;
                return Ok(number.map(|number| Text { value: Cow::Owned(number.to_string()), plain: true }));
            }
            Origin::Field(index) => fields.get(*index).cloned().unwrap_or_default(),
        };
        let value = if self.config.trim { trimmed(value) } else { value };
        if signs.is_null(&value) {
            let default = self.config.default.as_deref().or(self.column.default);
            return Ok(default.map(plain));
        }
        let value = match self.config.map.get(value.as_ref()) {
            Some(mapped) => Cow::Borrowed(mapped.as_str()),
            None => value,
        };
        let value = match self.config.pad {
            Some(width) if value.chars().count() < width => Cow::Owned(format!("{value:0>width$}")),
            _ => value,
        };
        Ok(Some(Text { value, plain: false }))
    }

    /// What stands in the extract, for the quarantine.
    pub(crate) fn shown(&self, fields: &[Cow<'_, str>]) -> String {
        match &self.origin {
            Origin::Field(index) => fields.get(*index).map(ToString::to_string).unwrap_or_default(),
            Origin::Constant(constant) => constant.clone().unwrap_or_default(),
            Origin::Arithmetic(_, columns) => {
                let shown = |(name, index): &(String, usize)| {
                    format!("{name} = {}", fields.get(*index).map_or("", |field| field.as_ref()))
                };
                columns.iter().map(shown).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// A value that is still text.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    pub(crate) value: Cow<'a, str>,
    /// Written as the contract writes (defaults, constants), not as the extract does.
    pub(crate) plain: bool,
}

fn trimmed(value: Cow<'_, str>) -> Cow<'_, str> {
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

fn number(text: &str, signs: &Signs) -> Result<Option<Decimal>, Reason> {
    if signs.is_null(text) {
        return Ok(None);
    }
    if let Ok(units) = typed::decimal(text, signs, false) {
        return Ok(Some(Decimal::new(units, 4)));
    }
    // More than four decimals: let the exact type read what the signs allow.
    let plain: String = text
        .chars()
        .filter(|&sign| Some(sign) != signs.thousands.map(char::from))
        .map(|sign| if sign == char::from(signs.decimal) { '.' } else { sign })
        .collect();
    plain.parse().map(Some).map_err(|_| Reason::NotANumber)
}

/// Exact decimal arithmetic over columns of an extract.
#[derive(Clone, Debug)]
pub(crate) struct Arithmetic(Expr);

impl Arithmetic {
    /// Parses `Aantal * (Prijs - "Korting per stuk")`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let parsed = parse_whole(text).map_err(|reason| format!("`{text}` is not an expression: {reason}"))?;
        check(&parsed)?;
        Ok(Self(parsed))
    }

    fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        collect(&self.0, &mut names);
        names
    }

    /// The result, rounded half-even to four decimals; none when a column is empty.
    fn value(&self, column: &dyn Fn(&str) -> Result<Option<Decimal>, Reason>) -> Result<Option<Decimal>, Reason> {
        Ok(evaluate(&self.0, column)?.map(|number| number.round_dp(4)))
    }
}

fn check(expression: &Expr) -> Result<(), String> {
    match expression {
        Expr::Identifier(_) => Ok(()),
        Expr::Value(value) if matches!(&value.value, Value::Number(text, false) if text.parse::<Decimal>().is_ok()) => {
            Ok(())
        }
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr: inner } => {
            check(inner)
        }
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Divide,
            right,
        } => check(left).and_then(|()| check(right)),
        other => Err(format!("`{other}` is not allowed here")),
    }
}

fn collect(expression: &Expr, names: &mut BTreeSet<String>) {
    match expression {
        Expr::Identifier(ident) => {
            names.insert(ident.value.clone());
        }
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => collect(inner, names),
        Expr::BinaryOp { left, right, .. } => {
            collect(left, names);
            collect(right, names);
        }
        _ => {}
    }
}

fn evaluate(
    expression: &Expr,
    column: &dyn Fn(&str) -> Result<Option<Decimal>, Reason>,
) -> Result<Option<Decimal>, Reason> {
    match expression {
        Expr::Identifier(ident) => column(&ident.value),
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => text.parse().map(Some).map_err(|_| Reason::NotANumber),
            _ => Err(Reason::NotANumber),
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => Ok(evaluate(expr, column)?.map(|number| -number)),
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => evaluate(inner, column),
        Expr::BinaryOp { left, op, right } => {
            let (Some(left), Some(right)) = (evaluate(left, column)?, evaluate(right, column)?) else {
                return Ok(None);
            };
            let result = match op {
                BinaryOperator::Plus => left.checked_add(right),
                BinaryOperator::Minus => left.checked_sub(right),
                BinaryOperator::Multiply => left.checked_mul(right),
                _ if right.is_zero() => return Err(Reason::DivisionByZero),
                _ => left.checked_div(right),
            };
            result.map(Some).ok_or(Reason::OutOfRange)
        }
        _ => Err(Reason::NotANumber),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<Option<String>, Reason> {
        let columns = |name: &str| match name {
            "Aantal" => Ok(Some(Decimal::new(3, 0))),
            "Prijs per stuk" => Ok(Some(Decimal::new(10_005, 4))),
            "Nul" => Ok(Some(Decimal::ZERO)),
            _ => Ok(None),
        };
        Ok(Arithmetic::parse(text).unwrap().value(&columns)?.map(|number| number.to_string()))
    }

    #[test]
    fn arithmetic_is_exact_and_rounds_half_even_at_its_end() {
        assert_eq!(value("Aantal * \"Prijs per stuk\""), Ok(Some("3.0015".into())));
        assert_eq!(value("\"Prijs per stuk\" / 2 "), Ok(Some("0.5002".into())));
        assert_eq!(value("-(Aantal - 5) * 0.1"), Ok(Some("0.2".into())));
        assert_eq!(value("Aantal + Leeg"), Ok(None));
        assert_eq!(value("Aantal / Nul"), Err(Reason::DivisionByZero));
    }

    #[test]
    fn only_arithmetic_is_allowed() {
        for bad in ["abs(x)", "(select 1)", "x || y", "x > 1", "'text'", "x; y", "", "a.b", "1e3 +"] {
            assert!(Arithmetic::parse(bad).is_err(), "{bad}");
        }
    }
}
