//! Finds orphans: rows that refer to a customer, product, employee or prospect that is not in its source.
//!
//! The contract declares the referring columns. For order lines, the key dictionaries have all ids that were ever used; lines are
//! counted only if one of those ids is unknown, and only the columns concerned are read.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType as ArrowType, Field, Int32Type, Int64Type, Schema};
use netto_model::Column;
use netto_model::contract::{CUSTOMERS, EMPLOYEES, ORDER_LINES, PRODUCTS, PROSPECTS};
use netto_model::table::Table;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;

use crate::error::LakeError;
use crate::keys::KeyKind;
use crate::lake::Lake;
use crate::landing;
use crate::readiness::Names;
use crate::store::Store;

/// Sources to whose rows others refer.
const NAMED: [&Table; 4] = [&CUSTOMERS, &PRODUCTS, &EMPLOYEES, &PROSPECTS];
/// Number of ids shown.
const EXAMPLES: usize = 3;

/// Rows with an unknown id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orphans {
    pub(crate) rows: i64,
    /// The unknown ids, by the source that lacks them.
    names: BTreeMap<&'static str, Names>,
}

impl Orphans {
    /// `customers: 009999, 010000; employees: M99`, with at most three ids.
    pub(crate) fn examples(&self) -> Option<String> {
        let mut left = EXAMPLES;
        let mut parts = Vec::new();
        for (source, names) in self.names.iter().filter(|(_, names)| !names.is_empty()) {
            let shown: Vec<&str> = names.iter().take(left).map(String::as_str).collect();
            left -= shown.len();
            if !shown.is_empty() {
                parts.push(format!("{source}: {}", shown.join(", ")));
            }
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// The ids in the sources, without sources that weren't supplied.
pub(crate) struct Known {
    names: BTreeMap<&'static str, HashSet<String>>,
}

/// A column that refers to another source.
type Reference = (&'static Column, &'static str);

impl Known {
    pub(crate) fn read(lake: &Lake) -> Result<Self, LakeError> {
        let mut names = BTreeMap::new();
        for table in NAMED {
            let (Some(rows), Some(key)) = (lake.table(table)?, table.keys().next()) else { continue };
            let ids = rows.column(key.name)?.str()?.iter().flatten().map(str::to_owned).collect();
            names.insert(table.name, ids);
        }
        Ok(Self { names })
    }

    /// The orphans of a source; `None` if it refers to no supplied source.
    pub(crate) fn orphans(
        &self,
        lake: &Lake,
        source: &'static Table,
        store: &Store,
    ) -> Result<Option<Orphans>, LakeError> {
        let references: Vec<Reference> = source
            .columns
            .iter()
            .filter_map(|column| Some((column, column.references?)))
            .filter(|(_, target)| self.names.contains_key(target))
            .collect();
        if references.is_empty() {
            return Ok(None);
        }
        let found = if source.name == ORDER_LINES.name {
            self.of_lines(lake, store, &references)?
        } else {
            self.of_rows(&landing::read(source, store)?, &references)?
        };
        Ok(Some(found))
    }

    fn knows(&self, target: &str, name: &str) -> bool {
        name.is_empty() || self.names.get(target).is_none_or(|known| known.contains(name))
    }

    fn of_rows(&self, data: &DataFrame, references: &[Reference]) -> PolarsResult<Orphans> {
        let mut unknown = vec![false; data.height()];
        let mut names: BTreeMap<&'static str, Names> = BTreeMap::new();
        for (column, target) in references {
            for (value, unknown) in data.column(column.name)?.str()?.iter().zip(&mut unknown) {
                if let Some(name) = value.filter(|name| !self.knows(target, name)) {
                    *unknown = true;
                    names.entry(target).or_default().insert(name.to_owned());
                }
            }
        }
        let rows = unknown.into_iter().filter(|unknown| *unknown).count();
        Ok(Orphans { rows: i64::try_from(rows).unwrap_or(i64::MAX), names })
    }

    /// The orphans of order lines. They refer by key, but to employees by text, which is read from the files' dictionaries.
    fn of_lines(&self, lake: &Lake, store: &Store, references: &[Reference]) -> Result<Orphans, LakeError> {
        let mut wanted: Vec<Wanted<'_>> = Vec::new();
        for &(column, target) in references {
            let Some(kind) = KeyKind::ALL.into_iter().find(|kind| kind.id() == column.name) else {
                let unknown = Box::new(move |name: &str| !self.knows(target, name));
                wanted.push(Wanted { column: column.name, target, names: Unknown::Texts(unknown) });
                continue;
            };
            let unknown = self.unknown_keys(lake, kind, target)?;
            if !unknown.is_empty() {
                wanted.push(Wanted { column: kind.key(), target, names: Unknown::Keys(unknown) });
            }
        }
        if wanted.is_empty() {
            return Ok(Orphans::default());
        }
        let files = store.live().into_par_iter();
        let found = files.map(|file| of_file(&store.file(&file)?, &wanted)).collect::<Vec<_>>();
        let mut all = Orphans::default();
        for part in found {
            let part = part?;
            all.rows += part.rows;
            for (target, names) in part.names {
                all.names.entry(target).or_default().extend(names);
            }
        }
        Ok(all)
    }

    /// Keys whose id isn't in its source; some may belong to removed lines.
    fn unknown_keys(&self, lake: &Lake, kind: KeyKind, target: &str) -> Result<BTreeMap<i64, String>, LakeError> {
        let keys = lake.keys(kind)?;
        let rows = keys.column(kind.key())?.i64()?.iter().zip(keys.column(kind.id())?.str()?.iter());
        let unknown = rows.filter_map(|(key, id)| Some((key?, id?))).filter(|(_, id)| !self.knows(target, id));
        Ok(unknown.map(|(key, id)| (key, id.to_owned())).collect())
    }
}

/// A column of order lines that may refer to an id that no source has.
struct Wanted<'a> {
    column: &'static str,
    target: &'static str,
    names: Unknown<'a>,
}

enum Unknown<'a> {
    Keys(BTreeMap<i64, String>),
    Texts(Box<dyn Fn(&str) -> bool + Send + Sync + 'a>),
}

fn of_file(path: &Path, wanted: &[Wanted<'_>]) -> Result<Orphans, LakeError> {
    let mut found = Orphans::default();
    let columns: Vec<&str> = wanted.iter().map(|wanted| wanted.column).collect();
    for batch in reader(path, &columns)? {
        let batch = batch.map_err(|error| LakeError::damaged(path, &error))?;
        let mut unknown = vec![false; batch.num_rows()];
        for wanted in wanted {
            let names = found.names.entry(wanted.target).or_default();
            wanted.mark(&batch, &mut unknown, names);
        }
        found.rows += i64::try_from(unknown.iter().filter(|unknown| **unknown).count()).unwrap_or(i64::MAX);
    }
    Ok(found)
}

impl Wanted<'_> {
    /// Marks the rows that refer to an id that no source has.
    fn mark(&self, batch: &RecordBatch, unknown: &mut [bool], names: &mut Names) {
        let Some(values) = batch.column_by_name(self.column) else { return };
        match &self.names {
            Unknown::Keys(keys) => {
                let Some(values) = values.as_primitive_opt::<Int64Type>() else { return };
                for (key, unknown) in values.iter().zip(unknown) {
                    if let Some(name) = key.and_then(|key| keys.get(&key)) {
                        *unknown = true;
                        names.insert(name.clone());
                    }
                }
            }
            Unknown::Texts(is_unknown) => {
                let Some(values) = values.as_dictionary_opt::<Int32Type>() else { return };
                let Some(texts) = values.values().as_string_opt::<i32>() else { return };
                let flags: Vec<bool> = texts.iter().map(|text| text.is_some_and(is_unknown)).collect();
                for (key, unknown) in values.keys().iter().zip(unknown) {
                    let Some(place) = key.and_then(|key| usize::try_from(key).ok()) else { continue };
                    if flags.get(place).copied().unwrap_or(false) {
                        *unknown = true;
                        names.insert(texts.value(place).to_owned());
                    }
                }
            }
        }
    }
}

/// Reads some columns; texts stay dictionary-encoded as in the file.
pub(crate) fn reader(path: &Path, columns: &[&str]) -> Result<ParquetRecordBatchReader, LakeError> {
    let open = || File::open(path).map_err(|error| LakeError::damaged(path, &error));
    let damaged = |error| LakeError::damaged(path, &error);
    let plain = ParquetRecordBatchReaderBuilder::try_new(open()?).map_err(damaged)?;
    let field = |field: &Arc<Field>| match field.data_type() {
        ArrowType::Utf8 => {
            let dictionary = ArrowType::Dictionary(Box::new(ArrowType::Int32), Box::new(ArrowType::Utf8));
            Arc::new(field.as_ref().clone().with_data_type(dictionary))
        }
        _ => Arc::clone(field),
    };
    let schema = Arc::new(Schema::new(plain.schema().fields().iter().map(field).collect::<Vec<_>>()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(open()?, options).map_err(damaged)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    builder.with_projection(mask).with_batch_size(1 << 16).build().map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::column as c;
    use polars::df;

    #[test]
    fn three_names_are_shown_by_the_source_that_lacks_them() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Names>();
        let orphans = Orphans {
            rows: 9,
            names: [("employees", names(&["M98", "M99"])), ("customers", names(&["K2", "K1"]))].into(),
        };
        assert_eq!(orphans.examples().unwrap(), "customers: K1, K2; employees: M98");
        assert_eq!(Orphans::default().examples(), None);
    }

    #[test]
    fn a_row_with_two_unknown_names_is_one_orphan_and_an_empty_name_none() {
        let known = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<HashSet<_>>();
        let known = Known { names: [("customers", known(&["A"])), ("employees", known(&["M1"]))].into() };
        let rows = df!(c::CUSTOMER_ID => [Some("A"), Some("X"), None, Some("")],
            c::EMPLOYEE_ID => [Some("M9"), Some("M8"), Some("M1"), None])
        .unwrap();
        let column = |name| ORDER_LINES.column(name).unwrap();
        let references = [(column(c::CUSTOMER_ID), "customers"), (column(c::EMPLOYEE_ID), "employees")];
        let found = known.of_rows(&rows, &references).unwrap();
        assert_eq!((found.rows, found.examples().unwrap().as_str()), (2, "customers: X; employees: M8, M9"));
    }
}
