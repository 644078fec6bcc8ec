//! Which column of the contract comes from where, resolved against the columns that an extract has.
//!
//! A value goes this way: taken from its column, trimmed, empty if a null word, replaced by its default when empty,
//! mapped, padded; then it is parsed, and its sign turned.

use std::borrow::Cow;
use std::collections::BTreeSet;

use netto_model::column::{OCCURRED_AT, OCCURRED_TIME};
use netto_model::problem::did_you_mean;
use netto_model::table::{Column, Role, Table, Type};

use crate::arithmetic::Arithmetic;
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
    /// Computed; the columns that stand in it, with their fields.
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
            let fields = arithmetic.columns().iter().map(|name| Ok((name.clone(), self.field(name, column.name)?)));
            let fields = fields.collect::<Result<_, LakeError>>()?;
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
                let number = arithmetic.value(&|column| {
                    let index = columns.get(column).map(|(_, index)| *index);
                    let text = index.and_then(|index| fields.get(index)).map_or("", |field| field.trim());
                    if signs.is_null(text) { Ok(None) } else { typed::fraction(text, signs).map(Some) }
                })?;
                // Money is rounded; rates and whole numbers are as they come out.
                let text = number.map(|number| number.text(self.column.ty != Type::Decimal)).transpose()?;
                return Ok(text.map(|text| Text { value: Cow::Owned(text), plain: true }));
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
