//! Turns extracts into typed rows: blocks are parsed in parallel and joined in file order.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use netto_model::column as c;
use netto_model::contract::{FX_RATES, ORDER_LINES, UNKNOWN};
use netto_model::frame::schema;
use netto_model::table::{Column, Role, Table, Type};
use netto_model::{Money, Period};
use polars::prelude::*;
use rayon::prelude::*;

use crate::above::Above;
use crate::config::{MaxRejects, ReturnsWritten, SourceConfig, UnknownCustomer};
use crate::error::{Header, IGNORE, LakeError};
use crate::filter::Filter;
use crate::ids;
use crate::mapping::{Absent, Mapped, Mapping, Origin, Text, date_of};
use crate::moment;
use crate::month;
use crate::overview::Sample;
use crate::parts::Parts;
use crate::plausible::{self, PlaceholdersByColumn, Plausible, Verdict};
use crate::quarantine::{self, Reason, Reject, Rejected, Salvage};
use crate::rates::Rate;
use crate::read::cell::Written;
use crate::read::records::Records;
use crate::read::{Extract, Lines, Pieces, Row};
use crate::returns;
use crate::seen::Seen;
use crate::serial;
use crate::set_apart::amount_column;
use crate::settings::Settings;
use crate::sides;
use crate::three_digits::ThreeDigits;
use crate::typed::{self, Signs};
use crate::valuation::{Refusal, Valuation};

/// After this many rejected rows, reading stops if most rows are bad; a file that is not an extract would fill the memory.
const MANY: u64 = 100_000;
/// Rows in which sample values are looked for.
const SAMPLED: usize = 100;
/// Column with the number of the row's file.
pub(crate) const FILE: &str = "__file";
/// Column with the row's line in the file.
pub(crate) const LINE: &str = "__line";

/// Typed rows and those that were set apart.
pub(crate) struct Rows {
    /// The contract's columns, [`FILE`] and [`LINE`].
    pub(crate) parts: Parts,
    pub(crate) rejected: Vec<Rejected>,
    /// Records read, good and bad.
    pub(crate) records: u64,
    /// Records that `where` excludes.
    pub(crate) left_out: u64,
    /// Lines of the files, where they are CSV.
    pub(crate) lines: Lines,
    pub(crate) unmapped: BTreeSet<String>,
    /// Ignored columns that no file has had so far, with the name and header of the last file.
    ignored_nowhere: Option<(BTreeSet<String>, String, Vec<String>)>,
    /// Rows that took a value from above, by column of the extract.
    pub(crate) filled_down: BTreeMap<String, u64>,
    /// Amounts whose sign a word reverses, and how many of them were already negative, by column of the contract.
    pub(crate) turned: BTreeMap<&'static str, (u64, u64)>,
    /// Sheets with the same columns that weren't read, with the one that was.
    pub(crate) unread_sheets: Vec<(String, Vec<String>)>,
    /// CSV files, and whether their last line has a line end.
    pub(crate) ends: Vec<(String, bool)>,
    /// Numbers with three digits behind a separator, by column of the extract.
    pub(crate) three_digits: BTreeMap<String, ThreeDigits>,
    /// Columns that some file lacks: the file with what it lacks.
    pub(crate) absent: Vec<(String, Absent)>,
    /// Columns that every file so far lacks, by the contract's name.
    pub(crate) absent_everywhere: Option<BTreeSet<&'static str>>,
    /// Currencies and months without a rate, each with the first line that needs it.
    pub(crate) unrated: Unrated,
    /// Placeholder dates, by column.
    pub(crate) placeholders: PlaceholdersByColumn,
    /// Sample values of the first file, as read and as loaded.
    pub(crate) samples: Vec<Sample>,
    /// Files without a row.
    pub(crate) empty_files: Vec<String>,
    /// Reading stopped because most rows were bad, and more than the limit allows.
    pub(crate) hopeless: bool,
    /// Number of rejected rows so far, shared by parallel blocks.
    set_apart: AtomicU64,
}

/// Currency and month without a rate → number of the file, line.
pub(crate) type Unrated = BTreeMap<(String, Period), (u32, u64)>;

/// The rules that decide whether a row is valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) source: &'static Table,
    pub(crate) config: &'a SourceConfig,
    /// The settings of each column.
    pub(crate) settings: &'a [Arc<Settings>],
    /// The `where` condition.
    pub(crate) filter: Option<&'a Filter>,
    pub(crate) known_customers: Option<&'a HashSet<String>>,
    /// The treatment of order lines with an unknown customer or none.
    pub(crate) unknown: UnknownCustomer,
    /// The valuation, for order lines.
    pub(crate) valuation: Option<Valuation<'a>>,
    /// The plausible days.
    pub(crate) plausible: Plausible,
}

impl Rules<'_> {
    fn mapping(self, extract: &Extract) -> Result<Mapping, LakeError> {
        let Self { source, config, settings, filter, .. } = self;
        Mapping::resolve(source, settings, config, filter, extract.name(), extract.header())
    }
}

impl Rows {
    /// No rows yet; many rows will be spilled beside the lake.
    pub(crate) fn none(source: &Table, lake: &Path, memory: u64) -> Self {
        let mut columns = schema(source);
        columns.with_column(FILE.into(), DataType::UInt32);
        columns.with_column(LINE.into(), DataType::Int64);
        Self {
            parts: Parts::none(source, &columns, lake, memory),
            rejected: Vec::new(),
            records: 0,
            left_out: 0,
            lines: Lines::default(),
            unmapped: BTreeSet::new(),
            ignored_nowhere: None,
            filled_down: BTreeMap::new(),
            three_digits: BTreeMap::new(),
            turned: BTreeMap::new(),
            ends: Vec::new(),
            unread_sheets: Vec::new(),
            absent: Vec::new(),
            absent_everywhere: None,
            unrated: Unrated::new(),
            placeholders: PlaceholdersByColumn::new(),
            samples: Vec::new(),
            empty_files: Vec::new(),
            hopeless: false,
            set_apart: AtomicU64::new(0),
        }
    }

    /// Adds the rows of one extract, piece by piece; the next piece is read while the current one is parsed.
    pub(crate) fn read(&mut self, rules: Rules<'_>, number: u32, mut pieces: Pieces<'_>) -> Result<(), LakeError> {
        let Some(mut extract) = pieces.next().transpose()? else { return Ok(()) };
        let mapping = rules.mapping(&extract).map_err(|error| with_header_place(error, rules, &extract))?;
        let (mut is_first, before) = (number == 0, self.records);
        let above = (!mapping.fill_down.is_empty()).then(|| Mutex::new(Above::first_row(mapping.fill_down.len())));
        self.look_for_ignored(rules.config, &extract);
        loop {
            let read = || pieces.next().transpose();
            let set_apart = &self.set_apart;
            let (next, blocks) = rayon::join(read, || {
                typed_blocks(rules, &mapping, &extract, (set_apart, above.as_ref()), (number, is_first))
            });
            self.piece(rules, number, &extract, blocks)?;
            is_first = false;
            if self.hopeless {
                break;
            }
            match next? {
                Some(piece) => extract = piece,
                None => break,
            }
        }
        if let Extract::Csv(file) | Extract::Records(Records { file, .. }) = &extract {
            self.ends.push((file.name.clone(), file.ends_with_line_end()));
        }
        if let Extract::Sheet(sheet) = &extract
            && !sheet.others.is_empty()
        {
            self.unread_sheets.push((sheet.name.clone(), sheet.others.clone()));
        }
        if self.records == before {
            self.empty_files.push(extract.name().to_owned());
        }
        if let Extract::Table(table) = &extract {
            self.filled_down.extend(table.filled_down.iter().map(|(name, rows)| (name.clone(), *rows)));
        }
        if let Some(above) = above {
            let filled = above.into_inner().unwrap_or_else(PoisonError::into_inner).filled;
            for (name, rows) in rules.config.fill_down.iter().zip(filled) {
                *self.filled_down.entry(name.clone()).or_default() += rows;
            }
        }
        self.remember(extract.name(), mapping);
        Ok(())
    }

    /// Records which of the ignored columns the extract has.
    fn look_for_ignored(&mut self, config: &SourceConfig, extract: &Extract) {
        if config.ignore.is_empty() {
            return;
        }
        let before =
            self.ignored_nowhere.take().map_or_else(|| config.ignore.iter().cloned().collect(), |found| found.0);
        let is_there = |name: &String| {
            extract.header().iter().chain(extract.skipped()).any(|found| ids::is_same_name(found, name))
        };
        let nowhere = before.into_iter().filter(|name| !is_there(name)).collect();
        self.ignored_nowhere = Some((nowhere, extract.name().to_owned(), extract.header().to_vec()));
    }

    fn piece(
        &mut self,
        rules: Rules<'_>,
        number: u32,
        extract: &Extract,
        blocks: Vec<PolarsResult<Block>>,
    ) -> Result<(), LakeError> {
        let mut lines = Lines::default();
        for block in blocks {
            let block = block?;
            lines += block.lines;
            self.hopeless |= block.hopeless;
            if self.samples.is_empty() {
                self.samples = block.samples;
            }
            self.parts.add(block.frame)?;
            self.rejected.extend(block.rejected);
            self.records += block.records;
            for (column, found) in &block.placeholders {
                plausible::count(&mut self.placeholders, column, found.rows, &found.example);
            }
            self.left_out += block.left_out;
            for (column, (turned, below)) in block.turned {
                let all = self.turned.entry(column).or_default();
                *all = (all.0 + turned, all.1 + below);
            }
            for (field, seen) in block.three_digits {
                let name = extract.header().get(field).cloned().unwrap_or_default();
                self.three_digits.entry(name).or_default().add(seen);
            }
            for (wanted, line) in block.unrated {
                self.unrated.entry(wanted).or_insert((number, line));
            }
        }
        self.records += u64::try_from(extract.set_apart().len()).unwrap_or(u64::MAX);
        self.rejected.extend(extract.set_apart().iter().cloned());
        self.unmapped.extend(extract.skipped().filter(|column| !rules.config.ignore.contains(column)).cloned());
        self.lines += extract.account(lines)?;
        Ok(())
    }

    /// Fails unless every configured column, including ignored ones, is in at least one file.
    pub(crate) fn every_column_is_in_some_file(&mut self, table: &'static str) -> Result<(), LakeError> {
        if let Some((nowhere, file, found)) = self.ignored_nowhere.take()
            && let Some(name) = nowhere.first()
        {
            return Err(LakeError::no_column(table, &file, name, IGNORE, &found));
        }
        let everywhere = self.absent_everywhere.clone().unwrap_or_default();
        let mut nowhere = self.absent.iter_mut().filter(|(_, absent)| everywhere.contains(absent.column));
        nowhere.find_map(|(_, absent)| absent.error.take()).map_or(Ok(()), Err)
    }

    /// Merges the mapping of a file into the state of all files.
    fn remember(&mut self, file: &str, mapping: Mapping) {
        let absent: BTreeSet<&'static str> = mapping.absent.iter().map(|absent| absent.column).collect();
        let before = self.absent_everywhere.take();
        self.absent_everywhere = Some(before.map_or(absent.clone(), |before| &before & &absent));
        self.absent.extend(mapping.absent.into_iter().map(|absent| (file.to_owned(), absent)));
        self.unmapped.extend(mapping.unmapped);
    }
}

/// Adds a hint to the error: the missing column may be on another header line or another sheet.
fn with_header_place(mut error: LakeError, rules: Rules<'_>, extract: &Extract) -> LakeError {
    let LakeError::MissingColumn { column, header, .. } = &mut error else { return error };
    match extract {
        Extract::Csv(csv) => {
            let configured = rules.config.columns.iter().filter_map(|(name, source)| {
                let settings = source.settings();
                let from = || settings.from.unwrap_or_else(|| name.clone());
                (settings.constant.is_none() && settings.sql.is_none()).then(from)
            });
            let (number, skip_lines) = csv.header_place(column, &configured.collect::<Vec<_>>());
            *header = Header::Line { number, skip_lines, delimiter: rules.config.csv.delimiter };
        }
        Extract::Sheet(_) => *header = Header::OfSheet,
        Extract::Records(_) | Extract::Table(_) => {}
    }
    error
}

/// The rows of every block of a piece, in parallel.
fn typed_blocks(
    rules: Rules<'_>,
    mapping: &Mapping,
    extract: &Extract,
    (set_apart, above): (&AtomicU64, Option<&Mutex<Above>>),
    (number, first): (u32, bool),
) -> Vec<PolarsResult<Block>> {
    let signs = Signs::of(&rules.config.csv).of_file(extract.name());
    let (plain, days) = (Signs::plain(), signs.of_days());
    let most = match rules.config.reject_limit() {
        MaxRejects::Rows(rows) => rows.max(MANY),
        MaxRejects::Share(share) if share < 0.5 => MANY,
        MaxRejects::Share(_) => u64::MAX,
    };
    let typing = Typing { rules, extract, mapping, signs: &signs, plain: &plain, days: &days, set_apart, most, above };
    let typed = |block| typing.block(number, block, first && block == 0);
    // With `fill_down` a block needs the state of the block before it, so blocks run in sequence.
    if above.is_some() {
        (0..extract.blocks()).map(typed).collect()
    } else {
        (0..extract.blocks()).into_par_iter().map(typed).collect()
    }
}

/// The rows of one block.
struct Block {
    frame: DataFrame,
    rejected: Vec<Rejected>,
    records: u64,
    left_out: u64,
    lines: Lines,
    unrated: BTreeMap<(String, Period), u64>,
    placeholders: PlaceholdersByColumn,
    samples: Vec<Sample>,
    hopeless: bool,
    three_digits: Vec<(usize, ThreeDigits)>,
    turned: BTreeMap<&'static str, (u64, u64)>,
}

/// A parsed value.
#[derive(Clone, Debug)]
pub(crate) enum Cell<'a> {
    Empty,
    Text(std::borrow::Cow<'a, str>),
    Integer(i64),
    Ratio(f64),
    Day(i32),
    /// A placeholder date, such as 1900-01-01.
    NoDay,
    Bool(bool),
}

impl Cell<'_> {
    /// The text in the format of [`crate::check::key`].
    fn shown(&self) -> String {
        let value = match self {
            Self::Empty | Self::NoDay => AnyValue::Null,
            Self::Text(text) => AnyValue::String(text),
            Self::Integer(number) => AnyValue::Int64(*number),
            Self::Ratio(ratio) => AnyValue::Float64(*ratio),
            Self::Day(day) => AnyValue::Date(*day),
            Self::Bool(value) => AnyValue::Boolean(*value),
        };
        value.str_value().into_owned()
    }
}

struct Fault {
    reason: Reason,
    /// The value in the extract.
    value: String,
    detail: String,
}

impl Fault {
    fn new(reason: Reason, value: String) -> Self {
        Self { reason, detail: say(reason, &value), value }
    }
}

/// Why a row isn't loaded.
enum Refused {
    LeftOut,
    Row(Reject),
    NoRate(String, Period),
}

struct Typing<'a> {
    rules: Rules<'a>,
    extract: &'a Extract,
    mapping: &'a Mapping,
    signs: &'a Signs,
    plain: &'a Signs,
    /// The formats for date columns with a native type.
    days: &'a Signs,
    /// Rejected rows so far in all blocks, and the limit if most rows of a block are bad.
    set_apart: &'a AtomicU64,
    most: u64,
    /// The values of the rows above, with `fill_down`.
    above: Option<&'a Mutex<Above>>,
}

impl Typing<'_> {
    fn block(&self, number: u32, block: usize, is_first: bool) -> PolarsResult<Block> {
        let mut builders: Vec<Builder> =
            self.mapping.columns.iter().map(|mapped| Builder::new(mapped.column)).collect();
        let (mut rejected, mut records, mut places, mut unrated) = (Vec::new(), 0, Vec::new(), BTreeMap::new());
        let mut placeholders = PlaceholdersByColumn::new();
        let mut left_out = 0;
        let mut three_digits = self.numbers();
        let mut turned: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
        let mut samples: Vec<Option<Sample>> = self.mapping.columns.iter().map(|_| None).collect();
        let mut hopeless = false;
        let mut cells = Vec::with_capacity(builders.len());
        let mut seen: Vec<Seen<'_>> = self.mapping.columns.iter().map(Seen::of).collect();
        let lines = self.extract.each_row(block, &mut |row| {
            if hopeless {
                return;
            }
            records += 1;
            cells.clear();
            let filled;
            let mut above = self.above.map(|above| above.lock().unwrap_or_else(PoisonError::into_inner));
            let before = above.as_deref().filter(|_| self.rules.filter.is_some()).cloned();
            let (row, own) = match &mut above {
                None => (row, 0),
                Some(above) if row.fault.is_some() => {
                    above.end();
                    (row, 0)
                }
                Some(above) => {
                    let (fields, own) = above.fill(&self.mapping.fill_down, row.fields, self.signs);
                    filled = fields;
                    (Row { fields: &filled, ..row }, own)
                }
            };
            let result = self.row(&row, &mut seen, &mut cells);
            if let (Err(Refused::LeftOut), Some(above), Some(before)) = (&result, &mut above, before)
                && above.is_label(own)
            {
                **above = before;
            }
            match result {
                Ok(()) => {
                    places.push(i64::try_from(row.line).unwrap_or(i64::MAX));
                    let none = self.mapping.columns.iter().zip(&cells).filter(|(_, cell)| matches!(cell, Cell::NoDay));
                    none.for_each(|(column, _)| {
                        plausible::count(&mut placeholders, &column.label, 1, &column.shown(row.fields));
                    });
                    for (mapped, cell) in
                        self.mapping.columns.iter().zip(&cells).filter(|(mapped, _)| mapped.has_sign_beside())
                    {
                        if let (Ok(true), Cell::Integer(number)) = (mapped.is_turned(row.fields), cell) {
                            let rows = turned.entry(mapped.column.name).or_default();
                            *rows = (rows.0 + 1, rows.1 + u64::from(*number > 0));
                        }
                    }
                    for (field, seen) in &mut three_digits {
                        row.fields.get(*field).into_iter().for_each(|text| seen.see(text));
                    }
                    if is_first && places.len() <= SAMPLED {
                        self.sample(&row, &cells, &mut samples);
                    }
                    builders.iter_mut().zip(&cells).for_each(|(builder, cell)| builder.push(cell));
                }
                Err(Refused::LeftOut) => left_out += 1,
                Err(Refused::Row(reject)) => {
                    let salvage = if self.has_fields(&row) { self.salvage(&row) } else { Salvage::default() };
                    rejected.push(Rejected { reject, raw: row.raw(), salvage });
                    let all = self.set_apart.fetch_add(1, Ordering::Relaxed) + 1;
                    hopeless = all > self.most && rejected.len() as u64 * 2 > records;
                }
                Err(Refused::NoRate(currency, month)) => {
                    unrated.entry((currency, month)).or_insert(row.line);
                }
            }
        });
        let height = places.len();
        let mut columns = builders.into_iter().map(Builder::finish).collect::<PolarsResult<Vec<_>>>()?;
        columns.push(polars::prelude::Column::new_scalar(FILE.into(), Scalar::from(number), height));
        columns.push(Series::new(LINE.into(), places).into_column());
        let frame = DataFrame::new_infer_height(columns)?;
        let samples = samples.into_iter().flatten().collect();
        Ok(Block {
            frame,
            rejected,
            records,
            left_out,
            lines,
            unrated,
            placeholders,
            samples,
            hopeless,
            three_digits,
            turned,
        })
    }

    /// The text fields that hold numbers.
    fn numbers(&self) -> Vec<(usize, ThreeDigits)> {
        let mut fields = BTreeSet::new();
        for mapped in &self.mapping.columns {
            match &mapped.origin {
                Origin::Field(field) if matches!(mapped.column.ty, Type::Decimal | Type::Integer | Type::Ratio) => {
                    fields.extend((mapped.column.name != c::OCCURRED_TIME).then_some(*field));
                }
                Origin::Arithmetic(_, columns) => fields.extend(columns.iter().map(|(_, field)| *field)),
                _ => {}
            }
        }
        let as_source = |field: &usize| self.extract.written(*field) == Written::AsSource;
        fields.into_iter().filter(as_source).map(|field| (field, ThreeDigits::default())).collect()
    }

    /// The first value of each column that has one.
    fn sample(&self, row: &Row<'_, '_>, cells: &[Cell<'_>], samples: &mut [Option<Sample>]) {
        for ((mapped, cell), sample) in self.mapping.columns.iter().zip(cells).zip(samples) {
            let value = match cell {
                Cell::Empty | Cell::NoDay => continue,
                Cell::Integer(units) if mapped.column.ty == Type::Decimal => Money::from_units(*units).to_string(),
                cell => cell.shown(),
            };
            let new = || Sample {
                column: mapped.column.name,
                from: mapped.label.clone(),
                text: mapped.shown(row.fields),
                value,
            };
            sample.get_or_insert_with(new);
        }
    }

    fn row<'a>(&'a self, row: &Row<'_, 'a>, seen: &mut [Seen<'a>], cells: &mut Vec<Cell<'a>>) -> Result<(), Refused> {
        let reject = |column: &str, fault: Fault| {
            Refused::Row(Reject {
                file: self.extract.name().to_owned(),
                line: row.line,
                column: column.to_owned(),
                detail: quarantine::shortened(fault.detail, quarantine::DETAIL_CHARACTERS),
                value: quarantine::shortened(fault.value, quarantine::RECORD_CHARACTERS),
                reason: fault.reason,
            })
        };
        if let Some(reason) = row.fault {
            return Err(Refused::Row(broken(self.extract.name(), row, reason).reject));
        }
        if let Some(filter) = self.rules.filter {
            let fault = |reason| reject("", Fault::new(reason, self.shown(row, &self.mapping.filter)));
            if !filter.keeps(&self.mapping.filter, row.fields, &|field| self.signs_of(field)).map_err(fault)? {
                return Err(Refused::LeftOut);
            }
        }
        for (mapped, seen) in self.mapping.columns.iter().zip(seen) {
            let cell = seen.cell(row.fields, || self.cell(mapped, row));
            cells.push(cell.map_err(|fault| reject(&mapped.label, fault))?);
        }
        if self.rules.config.returns == Some(ReturnsWritten::Positive) {
            returns::turn(cells);
        }
        let valued = self.rules.valuation.map_or(Ok(()), |valuation| valuation.value(cells));
        valued.map_err(|refusal| match refusal {
            Refusal::NoRate(currency, month) => Refused::NoRate(currency, month),
            Refusal::OutOfRange { column, value } => reject(column, Fault::new(Reason::OutOfRange, value)),
        })
    }

    /// Whether a row has all its fields, although some of them may be damaged.
    fn has_fields(&self, row: &Row<'_, '_>) -> bool {
        let is_split = row.fault == Some(Reason::Encoding) && row.fields.len() == self.extract.header().len();
        row.fault.is_none() || is_split
    }

    /// Whether a field of a record with damaged bytes can't be relied on: it has some, or would take its value from above.
    fn is_damaged(&self, row: &Row<'_, '_>, field: usize) -> bool {
        let text = row.fields.get(field).map_or("", |text| ids::trimmed(text));
        row.fault.is_some()
            && (text.contains([char::REPLACEMENT_CHARACTER, '\0'])
                || text.is_empty() && self.mapping.fill_down.contains(&field))
    }

    /// Reads what it can from a faulty row: its amount in the company's currency, its day and its key.
    fn salvage(&self, row: &Row<'_, '_>) -> Salvage {
        let mut bad = Vec::new();
        let mut cells: Vec<Cell<'_>> = self
            .mapping
            .columns
            .iter()
            .map(|mapped| {
                let is_damaged = mapped.any_field(|field| self.is_damaged(row, field));
                let cell = if is_damaged { None } else { self.cell(mapped, row).ok() };
                cell.unwrap_or_else(|| {
                    bad.push(mapped.column.name);
                    Cell::Empty
                })
            })
            .collect();
        if self.rules.config.returns == Some(ReturnsWritten::Positive) {
            returns::turn(&mut cells);
        }
        let valued = self.rules.valuation.is_none_or(|valuation| valuation.value(&mut cells).is_ok());
        let of = |name: &str| {
            let at = self.mapping.columns.iter().position(|mapped| mapped.column.name == name)?;
            cells.get(at).filter(|_| !bad.contains(&name))
        };
        // Without a readable currency the amount is unknown; with one, the day is needed for its rate.
        let own = match of(c::CURRENCY) {
            Some(Cell::Text(currency)) => self.rules.valuation.is_none_or(|valuation| !valuation.is_foreign(currency)),
            _ => !bad.contains(&c::CURRENCY),
        };
        let dated = !bad.iter().any(|name| date_of(self.rules.source).is_some_and(|date| date.name == *name));
        let is_valued = own || valued && dated && !bad.contains(&c::CURRENCY);
        let amount = amount_column(self.rules.source).filter(|_| is_valued).and_then(of);
        let amount = amount.and_then(|cell| match cell {
            Cell::Integer(units) => Some(*units),
            Cell::Empty => Some(0),
            _ => None,
        });
        let day = date_of(self.rules.source).and_then(|date| of(date.name));
        let day = day.and_then(|cell| if let Cell::Day(day) = cell { Some(*day) } else { None });
        // With `count_within`, the line has no number yet.
        let part = |key: &Column| of(key.name).filter(|cell| !matches!(cell, Cell::Empty)).map(Cell::shown);
        let key = self.rules.source.keys().map(part).collect::<Option<Vec<_>>>();
        Salvage { amount, day, key: key.map(|parts| parts.join(", ")) }
    }

    fn cell<'a>(&'a self, mapped: &'a Mapped, row: &Row<'_, 'a>) -> Result<Cell<'a>, Fault> {
        let fault = |reason| Fault::new(reason, mapped.shown(row.fields));
        let column = mapped.column;
        let kept = || Ok(Cell::Text(UNKNOWN.into()));
        let keeps_unknown = self.rules.unknown == UnknownCustomer::Keep
            && column.name == c::CUSTOMER_ID
            && *self.rules.source == ORDER_LINES;
        let signs = |field| self.signs_for(column, field);
        if let (Some(units), Ok(turned)) = (mapped.amount(row.fields, &signs), mapped.is_turned(row.fields)) {
            return Ok(Cell::Integer(if turned { -units } else { units }));
        }
        let Some(text) = mapped.text(row.fields, &signs).map_err(fault)? else {
            if keeps_unknown {
                return kept();
            }
            let empty_allowed = column.role == Role::Optional || matches!(mapped.origin, Origin::Counted);
            return if empty_allowed { Ok(Cell::Empty) } else { Err(fault(Reason::MissingValue)) };
        };
        let free = column.ty == Type::Text && column.role == Role::Optional && !column.name.ends_with("_id");
        if !free && ids::is_formula_error(&text.value) {
            return Err(fault(Reason::SpreadsheetError));
        }
        let turned =
            mapped.is_turned(row.fields).map_err(|reason| Fault::new(reason, mapped.shown_sign(row.fields)))?;
        let (text, turned) = if mapped.settings.has_sides {
            mapped.without_side(text, self.signs_of_text(mapped)).map_err(fault)?
        } else {
            (text, turned)
        };
        let computed = text.value.clone();
        let mut cell = self.parse(mapped, text, turned).map_err(|reason| match mapped.origin {
            Origin::Arithmetic(..) => {
                let value = mapped.shown(row.fields);
                Fault { reason, detail: format!("{} ({value})", say(reason, &computed)), value }
            }
            _ => fault(reason),
        })?;
        if let Cell::Text(text) = &cell {
            if !column.values.is_empty() && !column.values.contains(&text.as_ref()) {
                let (reason, value) = (Reason::NotAllowed, mapped.shown(row.fields));
                return Err(Fault { reason, detail: say_of(column, reason, &value), value });
            }
            if column.name == c::CUSTOMER_ID
                && self.rules.known_customers.is_some_and(|known| !known.contains(text.as_ref()))
            {
                let unknown = || {
                    let near = self.rules.known_customers.and_then(|known| ids::near(text, known));
                    let detail =
                        near.map(|near| format!("customer `{text}` is not in `customers`, which have `{near}`"));
                    let fault = Fault::new(Reason::UnknownCustomer, text.to_string());
                    Fault { detail: detail.unwrap_or_else(|| fault.detail.clone()), ..fault }
                };
                return if keeps_unknown { kept() } else { Err(unknown()) };
            }
        }
        if let Cell::Day(day) = cell {
            match self.rules.plausible.verdict(column, day) {
                Verdict::Fine => {}
                Verdict::Implausible => return Err(self.implausible(mapped.shown(row.fields))),
                Verdict::Placeholder => cell = Cell::NoDay,
            }
        }
        if let Cell::Ratio(rate) = cell
            && *self.rules.source == FX_RATES
            && Rate::of(rate).is_none()
        {
            return Err(fault(Reason::NotARate));
        }
        Ok(cell)
    }

    fn implausible(&self, value: String) -> Fault {
        let [from, to] = [self.rules.plausible.from, self.rules.plausible.to].map(plausible::shown);
        let detail = format!("`{value}` is outside the possible dates {from} to {to}");
        Fault { reason: Reason::ImplausibleDate, value, detail }
    }

    /// The fields of a row as `Qty = 1O, Status = Open`.
    fn shown(&self, row: &Row<'_, '_>, fields: &[usize]) -> String {
        let header = self.extract.header();
        let field = |&index: &usize| Some(format!("{} = {}", header.get(index)?, row.fields.get(index)?));
        fields.iter().filter_map(field).collect::<Vec<_>>().join(", ")
    }

    fn parse<'a>(&self, mapped: &Mapped, text: Text<'a>, negate: bool) -> Result<Cell<'a>, Reason> {
        let signs = match &mapped.origin {
            Origin::Field(field) if !text.plain => self.signs_for(mapped.column, *field),
            Origin::Joined(_) if !text.plain => self.signs,
            _ => self.plain,
        };
        let value = text.value.as_ref();
        Ok(match mapped.column.ty {
            Type::Text => Cell::Text(text.value),
            Type::Integer if mapped.column.name == c::OCCURRED_TIME => {
                let read = if mapped.behind_day { moment::time_behind_day } else { moment::time };
                read(value, signs)?.map_or(Cell::Empty, Cell::Integer)
            }
            Type::Integer => {
                let number = typed::integer(value, signs)?;
                let turned = if negate { number.checked_neg() } else { Some(number) };
                Cell::Integer(turned.ok_or(Reason::OutOfRange)?)
            }
            Type::Decimal => {
                let units = typed::decimal(value, signs, mapped.settings.config.round || self.is_rounded(mapped))?;
                Cell::Integer(if negate { -units } else { units })
            }
            Type::Ratio => Cell::Ratio(typed::ratio(value, signs).map(|n| if negate { -n } else { n })?),
            Type::Date if Plausible::means_none(mapped.column, value) => Cell::NoDay,
            Type::Date => Cell::Day(moment::date(value, signs, mapped.column.name == c::PERIOD)?),
            Type::Bool => Cell::Bool(typed::boolean(value)?),
        })
    }

    /// The formats of a value from one field.
    fn signs_of_text(&self, mapped: &Mapped) -> &Signs {
        if let Origin::Field(field) = mapped.origin { self.signs_for(mapped.column, field) } else { self.signs }
    }

    /// The formats of a field's values.
    fn signs_of(&self, field: usize) -> &Signs {
        if self.extract.written(field) == Written::AsSource { self.signs } else { self.plain }
    }

    /// The formats of a column: by the source's formats, integers such as 20250303 may be days.
    fn signs_for(&self, column: &Column, field: usize) -> &Signs {
        let of_days = column.ty == Type::Date || column.name == c::OCCURRED_TIME;
        if of_days && self.extract.written(field) != Written::AsSource { self.days } else { self.signs_of(field) }
    }

    fn is_rounded(&self, mapped: &Mapped) -> bool {
        matches!(mapped.origin, Origin::Field(field) if self.extract.written(field) == Written::Rounded)
    }
}

/// Checks that a text of the configuration is a valid value of a column; returns the reason if not.
pub(crate) fn constant(column: &Column, text: &str) -> Result<(), String> {
    let plain = Signs::plain();
    let found = match column.ty {
        Type::Text if column.values.is_empty() || column.values.contains(&text) => Ok(()),
        Type::Text => Err(Reason::NotAllowed),
        Type::Integer if column.name == c::OCCURRED_TIME => moment::time(text, &plain).map(drop),
        Type::Integer => typed::integer(text, &plain).map(drop),
        Type::Decimal => typed::decimal(text, &plain, false).map(drop),
        Type::Ratio => typed::ratio(text, &plain).map(drop),
        Type::Date => moment::date(text, &plain, column.name == c::PERIOD).map(drop),
        Type::Bool => typed::boolean(text).map(drop),
    };
    found.map_err(|reason| say_of(column, reason, text))
}

/// The reason in words, with the value and the allowed values of the column.
fn say_of(column: &Column, reason: Reason, value: &str) -> String {
    match reason {
        Reason::NotAllowed => format!("`{value}` is not one of {}", column.values.join(", ")),
        _ => say(reason, value),
    }
}

/// A record that can't be split into fields.
pub(crate) fn broken(file: &str, row: &Row<'_, '_>, reason: Reason) -> Rejected {
    let value = quarantine::shortened(row.why.clone().into_owned(), quarantine::RECORD_CHARACTERS);
    let detail = quarantine::shortened(say(reason, &value), quarantine::DETAIL_CHARACTERS);
    let reject = Reject { file: file.to_owned(), line: row.line, column: String::new(), detail, value, reason };
    Rejected { reject, raw: row.raw(), salvage: Salvage::default() }
}

/// The reason in words, with the value.
pub(crate) fn say(reason: Reason, value: &str) -> String {
    match reason {
        Reason::NotANumber => match sides::word_beside(value) {
            Some(word) => format!(
                "`{value}` is not a number; if {word} gives the side of the amount, sign = {{ negative = [\"…\"], positive = [\"…\"] }} on its column reads it"
            ),
            None => format!("`{value}` is not a number"),
        },
        Reason::TooPrecise => format!("`{value}` has more than four decimals"),
        Reason::OutOfRange => format!("`{value}` is outside the range of DECIMAL(18,4)"),
        Reason::TooManyDigits => format!("{value} have more digits than can be computed exactly"),
        Reason::NotAnInteger => format!("`{value}` is not a whole number"),
        Reason::NotADate if month::of_closing(value) => format!(
            "`{value}` is not a month: periods after the twelfth are closing periods of the year; map = {{ \"{}\" = \"{}-12\" }} on the column books it in December",
            value.replace(", ", "|"),
            value.get(..4).unwrap_or("2025"),
        ),
        Reason::NotADate => match serial::recent(value) {
            Some(day) => {
                let day = plausible::shown(day);
                format!(
                    "`{value}` is not a date; as a spreadsheet's day number it is {day}, which date = \"excel\" reads"
                )
            }
            None => format!("`{value}` is not a date"),
        },
        Reason::ImplausibleDate => format!("`{value}` is outside the possible dates"),
        Reason::NotATime => format!("`{value}` has no time of day"),
        Reason::NotABool => format!("`{value}` is neither true nor false"),
        Reason::SpreadsheetError if value == ids::NEVER_COMPUTED => {
            "the formula has no value yet; open the workbook in a spreadsheet and save it once".to_owned()
        }
        Reason::SpreadsheetError => format!("`{value}` is the error of a spreadsheet formula"),
        Reason::MissingValue => "the value is missing".to_owned(),
        Reason::NotAllowed => format!("`{value}` is not one of the allowed values"),
        Reason::UnmappedValue => format!("`{value}` is not one of the values in `map`"),
        Reason::UnknownSign => format!("`{value}` marks the amount neither as negative nor as positive"),
        Reason::SignTwice => format!("`{value}` has two signs, so it isn't clear which one is meant"),
        Reason::DuplicateKey => format!("another row has the same key {value} but different values"),
        Reason::Superseded => format!("a later row has the same key {value} but different values"),
        Reason::UnknownCustomer => format!("customer `{value}` is not in `customers`"),
        Reason::NotARate => format!("`{value}` is not an exchange rate: it must be above zero"),
        Reason::WrongFieldCount => format!("the record has {value}"),
        Reason::Encoding if value.is_empty() => "some bytes cannot be decoded".to_owned(),
        Reason::UnknownRecord => format!("`records` doesn't list the record kind {value}"),
        Reason::UnclosedQuote | Reason::Encoding | Reason::CutOff => value.to_owned(),
        Reason::DivisionByZero => format!("division by zero ({value})"),
    }
}

enum Builder {
    Text(StringChunkedBuilder),
    Integer(PrimitiveChunkedBuilder<Int64Type>),
    Ratio(PrimitiveChunkedBuilder<Float64Type>),
    Day(PrimitiveChunkedBuilder<Int32Type>),
    Bool(BooleanChunkedBuilder),
}

impl Builder {
    fn new(column: &Column) -> Self {
        let (name, capacity) = (PlSmallStr::from(column.name), 1 << 12);
        match column.ty {
            Type::Text => Self::Text(StringChunkedBuilder::new(name, capacity)),
            Type::Integer | Type::Decimal => Self::Integer(PrimitiveChunkedBuilder::new(name, capacity)),
            Type::Ratio => Self::Ratio(PrimitiveChunkedBuilder::new(name, capacity)),
            Type::Date => Self::Day(PrimitiveChunkedBuilder::new(name, capacity)),
            Type::Bool => Self::Bool(BooleanChunkedBuilder::new(name, capacity)),
        }
    }

    fn push(&mut self, cell: &Cell<'_>) {
        match (self, cell) {
            (Self::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Self::Integer(builder), Cell::Integer(number)) => builder.append_value(*number),
            (Self::Ratio(builder), Cell::Ratio(number)) => builder.append_value(*number),
            (Self::Day(builder), Cell::Day(day)) => builder.append_value(*day),
            (Self::Bool(builder), Cell::Bool(value)) => builder.append_value(*value),
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Integer(builder), _) => builder.append_null(),
            (Self::Ratio(builder), _) => builder.append_null(),
            (Self::Day(builder), _) => builder.append_null(),
            (Self::Bool(builder), _) => builder.append_null(),
        }
    }

    fn finish(self) -> PolarsResult<polars::prelude::Column> {
        Ok(match self {
            Self::Text(builder) => builder.finish().into_column(),
            Self::Integer(builder) => builder.finish().into_column(),
            Self::Ratio(builder) => builder.finish().into_column(),
            Self::Day(builder) => builder.finish().into_series().cast(&DataType::Date)?.into_column(),
            Self::Bool(builder) => builder.finish().into_column(),
        })
    }
}
