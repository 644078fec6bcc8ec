//! Resolves where each column of the contract comes from, against the columns of an extract.
//!
//! A value passes these steps: it is taken from its column, trimmed, composed (Unicode), stripped of spreadsheet marks, emptied if
//! it is a null word, replaced by the default if empty, mapped, stripped of zeros and padded; then parsed, and its sign reversed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use netto_model::column::{OCCURRED_AT, OCCURRED_TIME};
use netto_model::table::{Column, Role, Table, Type};

use crate::arithmetic::Arithmetic;
use crate::config::{ColumnConfig, SourceConfig};
use crate::error::{FILL_DOWN, LakeError, WHERE};
use crate::filter::Filter;
use crate::fraction::Fraction;
use crate::ids;
use crate::number::Number;
use crate::quarantine::Reason;
use crate::settings::Settings;
use crate::sides;
use crate::typed::{self, Signs};

/// The date that determines the month of a row.
pub(crate) fn date_of(source: &Table) -> Option<&'static Column> {
    let needed =
        |column: &&Column| column.ty == Type::Date && column.role != Role::Optional && column.default.is_none();
    source.columns.iter().find(needed)
}

/// The origin of every column of the contract, for one file.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) columns: Vec<Mapped>,
    /// Fields that `where` reads.
    pub(crate) filter: Vec<usize>,
    /// Fields that take the value of the row above.
    pub(crate) fill_down: Vec<usize>,
    /// Columns of the file that the configuration doesn't use.
    pub(crate) unmapped: BTreeSet<String>,
    /// Columns of the file that are read.
    pub(crate) used: BTreeSet<String>,
    /// Columns of the contract that the file lacks.
    pub(crate) absent: Vec<Absent>,
}

/// A column that a file lacks and that is read as empty.
#[derive(Debug)]
pub(crate) struct Absent {
    /// Column of the contract.
    pub(crate) column: &'static str,
    /// Column of the extract.
    pub(crate) wanted: String,
    /// The configuration says that it may be absent.
    pub(crate) optional: bool,
    /// The error if no file of the extract has the column.
    pub(crate) error: Option<LakeError>,
}

/// The origin of one column.
#[derive(Debug)]
pub(crate) struct Mapped {
    pub(crate) column: &'static Column,
    pub(crate) origin: Origin,
    pub(crate) settings: Arc<Settings>,
    /// Field that determines whether the sign is reversed.
    sign: Option<usize>,
    /// The column's name in rejects.
    pub(crate) label: String,
    /// A time of day without a column of its own: it is read from the day's field.
    pub(crate) behind_day: bool,
}

/// Where a value comes from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// Field of the record.
    Field(usize),
    /// Fields that are joined to one id.
    Joined(Vec<usize>),
    /// The same value on every row; also used for the contract's default.
    Constant(Option<String>),
    /// Computed by an expression; with its columns and their fields.
    Arithmetic(Box<Arithmetic>, Vec<(String, usize)>),
    /// Counted after all rows are read.
    Counted,
}

impl Mapping {
    /// Finds every column, or returns which one is missing.
    pub(crate) fn resolve(
        source: &'static Table,
        settings: &[Arc<Settings>],
        config: &SourceConfig,
        filter: Option<&Filter>,
        file: &str,
        found: &[String],
    ) -> Result<Self, LakeError> {
        let mut finder = Finder { table: source.name, file, found, used: BTreeSet::new(), absent: Vec::new() };
        let column = |settings: &Arc<Settings>| {
            let is_unwanted = !settings.explicit && config.ignores(settings.column.name);
            if is_unwanted { Ok(Mapped::absent(settings)) } else { finder.column(settings) }
        };
        let columns = settings.iter().map(column).collect::<Result<Vec<_>, LakeError>>()?;
        let columns = with_times_behind_days(columns);
        let conditions = filter.map_or(&[][..], |filter| &filter.columns);
        let filter = conditions.iter().map(|name| finder.field(name, WHERE)).collect::<Result<_, _>>()?;
        // For a view, this happens when its files are read.
        let fill_down = if config.is_query() { &[][..] } else { &config.fill_down };
        let fill_down = fill_down.iter().map(|name| finder.field(name, FILL_DOWN)).collect::<Result<_, _>>()?;
        let known = |name: &&String| !finder.used.contains(*name) && !config.ignores(name);
        let unmapped = found.iter().filter(known).cloned().collect();
        Ok(Self { columns, filter, fill_down, unmapped, absent: finder.absent, used: finder.used })
    }
}

/// Reads the time of day from the day's field if the extract has no column for it.
fn with_times_behind_days(mut columns: Vec<Mapped>) -> Vec<Mapped> {
    let day = columns.iter().find(|mapped| mapped.column.name == OCCURRED_AT);
    let Some((Origin::Field(field), settings, label)) =
        day.map(|day| (&day.origin, Arc::clone(&day.settings), day.label.clone()))
    else {
        return columns;
    };
    let origin = Origin::Field(*field);
    let time = columns.iter_mut().find(|mapped| mapped.column.name == OCCURRED_TIME);
    if let Some(time) = time.filter(|time| matches!(time.origin, Origin::Constant(None))) {
        *time = Mapped { column: time.column, behind_day: true, ..Mapped::new(&settings, origin, label) };
    }
    columns
}

struct Finder<'a> {
    table: &'static str,
    file: &'a str,
    found: &'a [String],
    used: BTreeSet<String>,
    absent: Vec<Absent>,
}

impl Finder<'_> {
    fn column(&mut self, settings: &Arc<Settings>) -> Result<Mapped, LakeError> {
        let Settings { column, config, .. } = settings.as_ref();
        match self.origin(column, config) {
            Ok((origin, label)) => {
                let beside = config.sign.as_ref().and_then(|sign| sign.from.as_ref());
                let sign = beside.map(|from| self.field(from, column.name)).transpose()?;
                Ok(Mapped { sign, ..Mapped::new(settings, origin, label) })
            }
            Err(LakeError::MissingColumn { column: wanted, .. }) if may_be_absent(settings) => {
                self.absent.push(Absent { column: column.name, wanted, optional: config.optional, error: None });
                Ok(Mapped::absent(settings))
            }
            Err(error @ LakeError::MissingColumn { .. }) if column.role == Role::Optional => {
                let LakeError::MissingColumn { column: wanted, .. } = &error else { return Err(error) };
                let wanted = wanted.clone();
                self.absent.push(Absent { column: column.name, wanted, optional: false, error: Some(error) });
                Ok(Mapped::absent(settings))
            }
            Err(error) => Err(error),
        }
    }

    fn origin(&mut self, column: &'static Column, config: &ColumnConfig) -> Result<(Origin, String), LakeError> {
        let name = || column.name.to_owned();
        if let Some(constant) = &config.constant {
            return Ok((Origin::Constant(Some(constant.clone())), name()));
        }
        if config.count_within.is_some() {
            return Ok((Origin::Counted, name()));
        }
        if let Some(sql) = &config.sql {
            let arithmetic = Arithmetic::parse(sql).map_err(|message| self.config_error(column, &message))?;
            let fields = arithmetic.columns().iter().map(|name| Ok((name.clone(), self.field(name, column.name)?)));
            let fields = fields.collect::<Result<_, LakeError>>()?;
            return Ok((Origin::Arithmetic(Box::new(arithmetic), fields), name()));
        }
        if !config.join.is_empty() {
            let fields = config.join.iter().map(|part| self.field(part, column.name)).collect::<Result<_, _>>()?;
            return Ok((Origin::Joined(fields), config.join.join("|")));
        }
        let from = config.from.clone().unwrap_or_else(name);
        Ok((Origin::Field(self.field(&from, column.name)?), from))
    }

    fn config_error(&self, column: &Column, message: &str) -> LakeError {
        LakeError::Config {
            table: self.table.to_owned(),
            message: format!("column `{}`: {message}", column.name),
            help: None,
        }
    }

    fn field(&mut self, name: &str, target: &str) -> Result<usize, LakeError> {
        let mut places = self.found.iter().zip(0..).filter(|(found, _)| ids::is_same_name(found, name));
        if let Some((found, index)) = places.next() {
            if places.next().is_some() {
                return Err(LakeError::Format {
                    file: self.file.to_owned(),
                    message: format!("the column \"{name}\" occurs twice"),
                    help: Some(
                        "it isn't clear which one is meant; rename one of them in the extract, or set header_rows = 2 if group titles are above the names".into(),
                    ),
                });
            }
            self.used.insert(found.clone());
            return Ok(index);
        }
        Err(LakeError::no_column(self.table, self.file, name, target, self.found))
    }
}

/// Whether a column may be missing from all files.
fn may_be_absent(settings: &Settings) -> bool {
    let Settings { column, config, explicit, .. } = settings;
    let has_default = config.default.is_some() || column.default.is_some();
    let by_its_own_name = config.from.is_none() && config.sql.is_none() && config.join.is_empty();
    config.optional || by_its_own_name && (has_default || column.role == Role::Optional && !explicit)
}

impl Mapped {
    fn new(settings: &Arc<Settings>, origin: Origin, label: String) -> Self {
        let settings = Arc::clone(settings);
        Self { column: settings.column, origin, settings, sign: None, label, behind_day: false }
    }

    /// A column that the file lacks; it has its default on every row.
    fn absent(settings: &Arc<Settings>) -> Self {
        let default = settings.config.default.clone().or_else(|| settings.column.default.map(str::to_owned));
        Self::new(settings, Origin::Constant(default), settings.column.name.to_owned())
    }

    /// Whether another column determines the sign.
    pub(crate) fn has_sign_beside(&self) -> bool {
        self.sign.is_some()
    }

    /// Whether the text of one of its fields has a property.
    pub(crate) fn any_field(&self, is: impl Fn(usize) -> bool) -> bool {
        self.sign.is_some_and(&is)
            || match &self.origin {
                Origin::Field(field) => is(*field),
                Origin::Joined(fields) => fields.iter().any(|field| is(*field)),
                Origin::Arithmetic(_, columns) => columns.iter().any(|(_, field)| is(*field)),
                Origin::Constant(_) | Origin::Counted => false,
            }
    }

    /// Whether the sign of the value is reversed.
    pub(crate) fn is_turned(&self, fields: &[Cow<'_, str>]) -> Result<bool, Reason> {
        let Some(field) = self.sign else { return Ok(self.settings.config.negate) };
        self.settings.turns(&ids::composed(Cow::Borrowed(fields.get(field).map_or("", |field| ids::trimmed(field)))))
    }

    /// The amount without the word beside it, and whether the word reverses its sign.
    pub(crate) fn without_side<'a>(&self, text: Text<'a>, signs: &Signs) -> Result<(Text<'a>, bool), Reason> {
        // Defaults are in the contract's notation.
        if text.plain {
            return Ok((text, self.settings.config.negate));
        }
        let of = |side: Option<bool>, bare: Cow<'a, str>| {
            Ok((Text { value: bare, plain: false }, side.unwrap_or(self.settings.config.negate)))
        };
        let turns = |word: &str| self.settings.side(word);
        let read = match text.value {
            Cow::Borrowed(value) => sides::read(value, signs, turns)?.map(|(bare, side)| (Cow::Borrowed(bare), side)),
            Cow::Owned(ref value) => {
                sides::read(value, signs, turns)?.map(|(bare, side)| (Cow::Owned(bare.to_owned()), side))
            }
        };
        if let Some((bare, side)) = read {
            return of(Some(side), bare);
        }
        let is_nothing = || Number::read(&text.value, signs).is_ok_and(Number::is_zero);
        if self.settings.all_have_sides() && !is_nothing() { Err(Reason::UnknownSign) } else { of(None, text.value) }
    }

    /// The value of the field that determines the sign.
    pub(crate) fn shown_sign(&self, fields: &[Cow<'_, str>]) -> String {
        self.sign.and_then(|field| fields.get(field)).map(ToString::to_string).unwrap_or_default()
    }

    fn field<'a>(&self, fields: &[Cow<'a, str>], index: usize) -> Cow<'a, str> {
        let value = fields.get(index).cloned().unwrap_or_default();
        if !self.settings.config.trim {
            return value;
        }
        let value = ids::composed(trimmed(value));
        if !ids::may_be_marked(&value) {
            return value;
        }
        let free = self.column.ty == Type::Text && self.column.role != Role::Key && !self.column.name.ends_with("_id");
        ids::without_spreadsheet_marks(value, free)
    }

    /// One id from several fields; empty if one of them is.
    fn joined(&self, fields: &[Cow<'_, str>], places: &[usize], signs: &Signs) -> String {
        let parts: Vec<Cow<'_, str>> = places.iter().map(|&place| self.field(fields, place)).collect();
        if parts.iter().any(|part| part.is_empty() || signs.is_null(part)) {
            return String::new();
        }
        let strip = self.settings.config.strip_zeros;
        ids::joined(parts.into_iter().map(|part| if strip { ids::without_leading_zeros(part) } else { part }))
    }

    /// The text of the value before it is parsed; `None` if it is empty.
    pub(crate) fn text<'a>(
        &'a self,
        fields: &[Cow<'a, str>],
        signs: &dyn Fn(usize) -> &'a Signs,
    ) -> Result<Option<Text<'a>>, Reason> {
        let plain = |text: &'a str| Text { value: Cow::Borrowed(text), plain: true };
        let (value, signs) = match &self.origin {
            Origin::Constant(constant) => return Ok(constant.as_deref().map(plain)),
            Origin::Arithmetic(arithmetic, columns) => {
                let number = computed(arithmetic, columns, fields, signs)?;
                // Money is rounded; rates and whole numbers keep all decimals.
                let text = number.map(|number| number.text(self.column.ty != Type::Decimal)).transpose()?;
                return Ok(text.map(|text| Text { value: Cow::Owned(text), plain: true }));
            }
            Origin::Counted => return Ok(None),
            Origin::Joined(places) => {
                let signs = signs(places.first().copied().unwrap_or_default());
                (Cow::Owned(self.joined(fields, places, signs)), signs)
            }
            Origin::Field(index) => (self.field(fields, *index), signs(*index)),
        };
        if value.is_empty() && matches!(self.origin, Origin::Joined(_)) || signs.is_null(&value) {
            let default = self.settings.config.default.as_deref().or(self.column.default);
            return Ok(default.map(plain));
        }
        Ok(Some(Text { value: self.settings.finished(self.settings.mapped(value)?), plain: false }))
    }

    /// The computed amount; `None` if it is empty or can't be computed, which [`Self::text`] reports.
    pub(crate) fn amount<'a>(&'a self, fields: &[Cow<'_, str>], signs: &dyn Fn(usize) -> &'a Signs) -> Option<i64> {
        let Origin::Arithmetic(arithmetic, columns) = &self.origin else { return None };
        if self.column.ty != Type::Decimal || self.settings.has_sides {
            return None;
        }
        let number = computed(arithmetic, columns, fields, signs).ok()??;
        typed::within_decimal(number.scaled(4)?)
    }

    /// The value in the extract, for the quarantine.
    pub(crate) fn shown(&self, fields: &[Cow<'_, str>]) -> String {
        match &self.origin {
            Origin::Field(index) => fields.get(*index).map(ToString::to_string).unwrap_or_default(),
            Origin::Joined(places) => places
                .iter()
                .filter_map(|&place| fields.get(place))
                .map(AsRef::as_ref)
                .collect::<Vec<&str>>()
                .join(", "),
            Origin::Constant(constant) => constant.clone().unwrap_or_default(),
            Origin::Counted => String::new(),
            Origin::Arithmetic(_, columns) => {
                let shown = |(name, index): &(String, usize)| {
                    format!("{name} = {}", fields.get(*index).map_or("", |field| field.as_ref()))
                };
                columns.iter().map(shown).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// The result of a `sql` column; `None` if a column that it needs is empty.
fn computed<'a>(
    arithmetic: &Arithmetic,
    columns: &[(String, usize)],
    fields: &[Cow<'_, str>],
    signs: &dyn Fn(usize) -> &'a Signs,
) -> Result<Option<Fraction>, Reason> {
    arithmetic.value(&|column| {
        let Some((_, index)) = columns.get(column) else { return Ok(None) };
        let (text, signs) = (fields.get(*index).map_or("", |field| ids::trimmed(field)), signs(*index));
        let text = ids::without_spreadsheet_marks(Cow::Borrowed(text), false);
        if signs.is_null(&text) { Ok(None) } else { typed::fraction(&text, signs).map(Some) }
    })
}

/// A value that is still text.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    pub(crate) value: Cow<'a, str>,
    /// In the contract's notation (defaults, constants) instead of the extract's.
    pub(crate) plain: bool,
}

fn trimmed(value: Cow<'_, str>) -> Cow<'_, str> {
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(ids::trimmed(text)),
        Cow::Owned(text) if ids::trimmed(&text).len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(ids::trimmed(&text).to_owned()),
    }
}
