//! One SQLite file with every table, its keys and references, which Metabase opens directly:
//!
//! ```text
//! out/current/netto.sqlite     dim_customer, fct_order, …, and data_dictionary: what each column means
//! ```
//! SQLite has no decimals: an amount is a double, exact to the ten-thousandth up to 900 billion. Days are texts such as 2025-03-31, true is 1.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use netto_model::label::{of_column, of_table};
use netto_model::money::SCALE;
use netto_model::{Language, Table, period::civil_from_days};
use polars::prelude::*;
use rusqlite::types::Null;
use rusqlite::{Connection, OpenFlags, Statement};

use crate::cells::Cells;
use crate::error::{PublishError, at};
use crate::ready::Ready;
use crate::schema;
use crate::stream::StreamedFile;

/// The file's name in a run.
const NAME: &str = "netto.sqlite";

/// Writes the file into a folder that later becomes part of a run.
///
/// # Errors
/// When a table isn't what it declares, or the file system refuses.
pub(crate) fn write(folder: &Path, star: &[Ready]) -> Result<StreamedFile, PublishError> {
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let path = folder.join(NAME);
    if path.exists() {
        std::fs::remove_file(&path).map_err(at(&path))?;
    }
    fill(&path, star)?;
    StreamedFile::lying_in(folder, NAME.to_owned())
}

fn fill(path: &Path, star: &[Ready]) -> Result<(), PublishError> {
    let tables: Vec<&Table> = star.iter().map(Ready::table).collect();
    let refused = |error| failed("all tables", error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut file = Connection::open_with_flags(path, flags).map_err(refused)?;
    // Readers don't open the file before it is complete, and a killed run leaves it behind, so no journal is needed.
    file.execute_batch(
        "pragma page_size = 16384; pragma cache_size = -65536; pragma journal_mode = off; pragma synchronous = off; pragma foreign_keys = off;",
    )
    .map_err(refused)?;
    let all = file.transaction().map_err(refused)?;
    for table in &tables {
        let statement = schema::create_by_key(table, &tables);
        all.execute_batch(&statement).map_err(|error| failed(table.name, error))?;
    }
    dictionary(&all, &tables).map_err(|error| failed("data_dictionary", error))?;
    // The next pieces are read while the previous ones are written.
    let (sender, received) = sync_channel(1);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The receiver is gone if writing failed; the writer reports that error.
            star.iter().try_for_each(|ready| read(ready, &sender));
        });
        received.into_iter().try_for_each(|piece| {
            let (table, columns, rows) = piece?;
            insert(&all, table, &columns, rows).map_err(|error| failed(table.name, error))
        })
    })?;
    for table in tables {
        all.execute_batch(&schema::indexes(table)).map_err(|error| failed(table.name, error))?;
    }
    all.commit().map_err(refused)
}

/// The meaning of every column: SQLite keeps no comments.
fn dictionary(file: &Connection, tables: &[&Table]) -> rusqlite::Result<()> {
    file.execute_batch(
        "create table data_dictionary (table_name text, column_name text, unit text, sum text, label_en text, label_nl text, label_de text, meaning text, \
         primary key (table_name, column_name)) without rowid",
    )?;
    let mut row = file.prepare("insert into data_dictionary values (?, ?, ?, ?, ?, ?, ?, ?)")?;
    for table in tables {
        let [en, nl, de] = Language::ALL.map(|language| of_table(table.name, language));
        row.execute((table.name, "", "", "", en, nl, de, format!("{} Grain: {}.", table.description, table.grain)))?;
        for column in table.columns {
            let [en, nl, de] = Language::ALL.map(|language| of_column(column.name, language));
            let (unit, sum) = (schema::unit(column), schema::sum(table, column));
            row.execute((table.name, column.name, unit, sum, en, nl, de, column.description))?;
        }
    }
    Ok(())
}

/// Rows of a table on their way into the file, and their number.
type Piece = (&'static Table, Vec<Cells>, usize);

/// Sends a table piece by piece; `None` if the receiver is gone.
fn read(ready: &Ready<'_>, sender: &SyncSender<Result<Piece, PublishError>>) -> Option<()> {
    let table = ready.table();
    let piece = |rows: DataFrame| Ok((table, Cells::of_table(table, &rows)?, rows.height()));
    match ready.pieces() {
        Ok(mut pieces) => pieces.try_for_each(|rows| sender.send(rows.and_then(piece)).ok()),
        Err(error) => sender.send(Err(error)).ok(),
    }
}

fn insert(file: &Connection, table: &Table, columns: &[Cells], rows: usize) -> rusqlite::Result<()> {
    let places = vec!["?"; columns.len()].join(", ");
    let mut statement = file.prepare_cached(&format!("insert into \"{}\" values ({places})", table.name))?;
    for row in 0..rows {
        for (place, cells) in (1..).zip(columns) {
            cells.bind(row, place, &mut statement)?;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

fn failed(table: &'static str, source: rusqlite::Error) -> PublishError {
    PublishError::Table { table, format: "SQLite", source: Box::new(source) }
}

impl Cells {
    fn bind(&self, row: usize, place: usize, to: &mut Statement<'_>) -> rusqlite::Result<()> {
        match self {
            Self::Text(texts) => to.raw_bind_parameter(place, texts.get(row)),
            Self::Whole(numbers) => to.raw_bind_parameter(place, numbers.get(row)),
            Self::Amount(amounts) => to.raw_bind_parameter(place, amounts.get(row).map(double)),
            Self::Ratio(ratios) => to.raw_bind_parameter(place, ratios.get(row)),
            Self::Bool(bools) => to.raw_bind_parameter(place, bools.get(row)),
            Self::Day(days) => match days.get(row).map(civil_from_days) {
                Some((year, month, day)) => to.raw_bind_parameter(place, format!("{year:04}-{month:02}-{day:02}")),
                None => to.raw_bind_parameter(place, Null),
            },
        }
    }
}

/// The double nearest to an amount, which is also what parsing `12.3456` gives.
#[expect(clippy::cast_precision_loss, reason = "SQLite has no decimals")]
fn double(units: i64) -> f64 {
    units as f64 / SCALE as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::star::{Members, star};
    use netto_model::Mart;
    use netto_model::contract::{DIM_CUSTOMER, DIM_PERIOD};

    #[test]
    fn the_file_has_tables_keys_references_and_meanings_and_the_same_rows_give_the_same_bytes() {
        let customers = df!("customer_id" => ["A", "B"], "name" => ["=A; \"x\"", "B\n"], "since" => [Some(20_178), None], "potential" => [Some(123_456_i64), None])
            .unwrap();
        let mut columns: Vec<Column> = Vec::new();
        for column in DIM_CUSTOMER.columns {
            let ty = netto_model::frame::polars_type(column.ty);
            columns.push(match customers.column(column.name) {
                Ok(found) => found.cast(&ty).unwrap(),
                Err(_) => Column::full_null(column.name.into(), 2, &ty),
            });
        }
        let marts = [
            Mart { table: &DIM_CUSTOMER, data: DataFrame::new_infer_height(columns).unwrap() },
            Mart::empty(&DIM_PERIOD),
        ];
        let star = star(&marts, &Members::default()).unwrap();
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let written = folders
            .each_ref()
            .map(|folder| write(folder.path(), &star.iter().map(Ready::Made).collect::<Vec<_>>()).unwrap());
        assert_eq!(written[0].content, written[1].content);
        let file = Connection::open(&written[0].path).unwrap();
        let asked = |query: &str| file.query_row(query, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(
            asked(
                "select group_concat(customer_key || '|' || customer_id || '|' || name || '|' || coalesce(since, '-') || '|' || coalesce(potential, '-'), '/') from dim_customer"
            ),
            "0||(unknown)|-|-/1|A|=A; \"x\"|2025-03-31|12.3456/2|B|B\n|-|-"
        );
        assert_eq!(
            asked("select meaning from data_dictionary where table_name = 'dim_market' and column_name = ''"),
            "Markets or trades of the customers. Grain: market."
        );
        let dictionary = "select group_concat(label_nl || '/' || label_de || '/' || sum, ' ') from data_dictionary";
        assert_eq!(asked(&format!("{dictionary} where column_name = 'potential'")), "Potentieel/Potenzial/always");
        assert_eq!(
            asked(
                "select group_concat(\"table\", ' ') from (select \"table\" from pragma_foreign_key_list('dim_customer') order by 1)"
            ),
            "dim_market dim_region"
        );
        assert_eq!(asked("select count(*) || '' from pragma_foreign_key_check"), "0");
    }
}
