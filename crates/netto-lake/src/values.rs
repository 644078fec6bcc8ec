//! Lists the distinct texts of a column, to compare them with those in the configuration.
//!
//! ```text
//! order_lines, channel      web, edi, phone      read from the dictionaries of the files, not from every row
//! ```

use std::collections::BTreeSet;

use arrow::array::AsArray;
use arrow::datatypes::Int32Type;
use netto_model::contract::ORDER_LINES;
use netto_model::table::Table;
use rayon::prelude::*;

use crate::error::LakeError;
use crate::keys::KeyKind;
use crate::lake::Lake;
use crate::orphans::reader;

impl Lake {
    /// The number of rows of a source; `None` if it was never loaded.
    ///
    /// # Errors
    /// When the table can't be read.
    pub fn rows(&self, source: &'static Table) -> Result<Option<u64>, LakeError> {
        let store = self.store(source.name)?;
        let rows = || store.live().iter().map(|file| file.rows).sum();
        Ok(store.exists().then(rows))
    }

    /// The nonempty texts in a column of a source; an empty set if the source was never loaded.
    ///
    /// # Errors
    /// When the table can't be read, or has no such column of texts.
    pub fn values(&self, source: &'static Table, column: &str) -> Result<BTreeSet<String>, LakeError> {
        let mut values = if source.name != ORDER_LINES.name {
            let Some(rows) = self.table(source)? else { return Ok(BTreeSet::new()) };
            rows.column(column)?.str()?.iter().flatten().map(str::to_owned).collect()
        } else if let Some(kind) = KeyKind::ALL.into_iter().find(|kind| kind.id() == column) {
            // The dictionary also has ids that order lines no longer use.
            self.keys(kind)?.column(kind.id())?.str()?.iter().flatten().map(str::to_owned).collect()
        } else {
            self.texts_of_lines(column)?
        };
        values.remove("");
        Ok(values)
    }

    fn texts_of_lines(&self, column: &str) -> Result<BTreeSet<String>, LakeError> {
        let files: Vec<_> = self.months()?.into_values().flatten().collect();
        let found: Vec<Result<BTreeSet<String>, LakeError>> = files
            .into_par_iter()
            .map(|path| {
                let mut texts = BTreeSet::new();
                for batch in reader(&path, &[column])? {
                    let batch = batch.map_err(|error| LakeError::parquet(&path)(error.into()))?;
                    let values =
                        batch.column_by_name(column).and_then(|values| values.as_dictionary_opt::<Int32Type>());
                    let values = values.and_then(|values| values.values().as_string_opt::<i32>());
                    texts.extend(values.into_iter().flat_map(|texts| texts.iter().flatten()).map(str::to_owned));
                }
                Ok(texts)
            })
            .collect();
        found.into_iter().try_fold(BTreeSet::new(), |mut all, texts| {
            all.extend(texts?);
            Ok(all)
        })
    }
}
