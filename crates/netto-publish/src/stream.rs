//! Writes tables that are too large for memory piece by piece outside the run, and moves them into it when it is published. A piece is a row group in Parquet,
//! and a number of rows in CSV.
//!
//! ```text
//! .netto/staging/split/parquet/fct_order.parquet   ← encoded side by side, appended in order
//!                      csv/fct_order.csv
//! ```

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use netto_model::arrow::{schema, to_batch};
use netto_model::{Mart, Table};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use crate::content::{Content, Digest, Written};
use crate::error::{PublishError, at};
use crate::sink::SinkName;
use crate::{csv, parquet as parquet_files};

/// A table whose pieces are being written.
pub struct Stream {
    table: &'static Table,
    rows: usize,
    parquet: (SerializedFileWriter<Written>, Place),
    /// `None` if this file wasn't requested.
    csv: Option<(Written, Place)>,
}

/// The name of a file in the run, and where it is until then.
type Place = (String, PathBuf);

/// Encodes pieces of a table: in any thread, in any order.
pub struct Encoder {
    table: &'static Table,
    row_groups: ArrowRowGroupWriterFactory,
    csv: bool,
}

/// An encoded piece.
pub struct Piece {
    rows: usize,
    columns: Vec<ArrowColumnChunk>,
    csv: Vec<u8>,
}

/// A table with at least this many rows is not kept in memory as files.
pub(crate) const LARGE: usize = 500_000;
/// Rows of a piece of such a table.
const PIECE: usize = 250_000;

/// Writes a table in memory piece by piece, encoding as many at once as there are threads.
///
/// # Errors
/// When a column is missing or has another type than the contract's, or the file system refuses.
pub(crate) fn streamed(mart: &Mart, folder: &Path, sinks: &[SinkName]) -> Result<Streamed, PublishError> {
    let (mut stream, encoder) = Stream::create(folder, mart.table, sinks)?;
    let starts: Vec<usize> = (0..mart.data.height()).step_by(PIECE).collect();
    let encode = |&start: &usize| {
        let data = mart.data.slice(i64::try_from(start).unwrap_or(i64::MAX), PIECE);
        encoder.encode(&Mart { table: mart.table, data })
    };
    let (pieces, received) = sync_channel::<Piece>(rayon::current_num_threads());
    // Pieces are written while the next ones are encoded.
    std::thread::scope(|scope| {
        let written = scope.spawn(move || {
            received.into_iter().try_for_each(|piece| stream.append(piece))?;
            stream.finish()
        });
        for side_by_side in starts.chunks(rayon::current_num_threads()) {
            for piece in side_by_side.par_iter().map(encode).collect::<Vec<_>>() {
                // The receiver is gone if writing failed; the writer reports that error.
                if pieces.send(piece?).is_err() {
                    break;
                }
            }
        }
        drop(pieces);
        written.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// A written table that waits for its publication.
#[derive(Clone, Debug)]
pub struct Streamed {
    /// The declaration.
    pub table: &'static Table,
    /// Number of rows.
    pub rows: usize,
    pub(crate) files: Vec<StreamedFile>,
}

/// A file of the run that is still elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct StreamedFile {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) content: Digest,
    pub(crate) size: u64,
}

impl Stream {
    /// Begins the files of a table in a folder that has no readers yet.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn create(folder: &Path, table: &'static Table, sinks: &[SinkName]) -> Result<(Self, Encoder), PublishError> {
        let file = |kind: &str| -> Result<_, PublishError> {
            let name = format!("{kind}/{}.{kind}", table.name);
            let (path, parent) = (folder.join(&name), folder.join(kind));
            fs::create_dir_all(&parent).map_err(at(&parent))?;
            let written = Written::create(&path).map_err(at(&path))?;
            Ok((written, (name, path)))
        };
        let (parquet, parquet_path) = file("parquet")?;
        let mut csv = sinks.contains(&SinkName::Csv).then(|| file("csv")).transpose()?;
        if let Some((csv, (_, path))) = &mut csv {
            csv.write_all(&csv::header(table)).map_err(at(path))?;
        }
        let writer = ArrowWriter::try_new(parquet, Arc::new(schema(table)), Some(parquet_files::properties(table)));
        let (parquet, row_groups) = writer.and_then(ArrowWriter::into_serialized_writer).map_err(failed(table))?;
        let encoder = Encoder { table, row_groups, csv: csv.is_some() };
        Ok((Self { table, rows: 0, parquet: (parquet, parquet_path), csv }, encoder))
    }

    /// Appends a piece.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn append(&mut self, piece: Piece) -> Result<(), PublishError> {
        if piece.rows == 0 {
            return Ok(());
        }
        let mut row_group = self.parquet.0.next_row_group().map_err(failed(self.table))?;
        for column in piece.columns {
            column.append_to_row_group(&mut row_group).map_err(failed(self.table))?;
        }
        row_group.close().map_err(failed(self.table))?;
        if let Some((csv, (_, path))) = &mut self.csv {
            csv.write_all(&piece.csv).map_err(at(path))?;
        }
        self.rows += piece.rows;
        Ok(())
    }

    /// Ends the files; no more pieces follow.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn finish(self) -> Result<Streamed, PublishError> {
        let (parquet, place) = self.parquet;
        let parquet = parquet.into_inner().map_err(failed(self.table))?;
        let mut files = Vec::new();
        for (written, (name, path)) in [(parquet, place)].into_iter().chain(self.csv) {
            let (content, size) = written.finish().map_err(at(&path))?;
            files.push(StreamedFile { name, path, content, size });
        }
        Ok(Streamed { table: self.table, rows: self.rows, files })
    }
}

impl Encoder {
    /// Encodes some rows of the table.
    ///
    /// # Errors
    /// When a column is missing or has another type than the contract's.
    pub fn encode(&self, rows: &Mart) -> Result<Piece, PublishError> {
        let batch = to_batch(self.table, &rows.data)?;
        // The number of the row group only matters for encrypted files.
        let mut columns = Vec::new();
        let writers = self.row_groups.create_column_writers(0).map_err(failed(self.table))?;
        for ((mut writer, field), array) in writers.into_iter().zip(batch.schema_ref().fields()).zip(batch.columns()) {
            for leaf in compute_leaves(field, array).map_err(failed(self.table))? {
                writer.write(&leaf).map_err(failed(self.table))?;
            }
            columns.push(writer.close().map_err(failed(self.table))?);
        }
        let csv = if self.csv { csv::rows(self.table, &rows.data)? } else { Vec::new() };
        Ok(Piece { rows: batch.num_rows(), columns, csv })
    }
}

pub(crate) fn failed(table: &'static Table) -> impl Fn(ParquetError) -> PublishError {
    |source| PublishError::Table { table: table.name, format: "Parquet", source: Box::new(source) }
}

impl Streamed {
    /// The path of its Parquet file.
    pub(crate) fn parquet(&self) -> &Path {
        self.files.first().map_or_else(|| Path::new(""), |file| &file.path)
    }
}

impl StreamedFile {
    /// Writes a file below a folder.
    pub(crate) fn write(folder: &Path, name: String, bytes: &[u8]) -> Result<Self, PublishError> {
        let path = folder.join(&name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(at(parent))?;
        fs::write(&path, bytes).map_err(at(&path))?;
        Self::lying_in(folder, name)
    }

    /// Takes over a file that was written below a folder.
    pub(crate) fn lying_in(folder: &Path, name: String) -> Result<Self, PublishError> {
        let path = folder.join(&name);
        let file = fs::File::open(&path).map_err(at(&path))?;
        file.sync_all().map_err(at(&path))?;
        let size = file.metadata().map_err(at(&path))?.len();
        let content = Content::of_file(&path).map_err(at(&path))?;
        Ok(Self { name, path, content, size })
    }

    /// Whether a folder of a run has this very file.
    pub(crate) fn is_in(&self, folder: &Path) -> bool {
        let path = folder.join(&self.name);
        fs::metadata(&path).is_ok_and(|about| about.len() == self.size)
            && Content::of_file(&path).is_ok_and(|content| content == self.content)
    }

    /// Moves the file to its final place; copies it if that is another disk.
    pub(crate) fn move_to(&self, folder: &Path) -> Result<(), PublishError> {
        let path = folder.join(&self.name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(at(parent))?;
        if fs::rename(&self.path, &path).is_ok() {
            return Ok(());
        }
        fs::copy(&self.path, &path).map_err(at(&path))?;
        fs::File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
        fs::remove_file(&self.path).map_err(at(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::SINKS;
    use netto_model::contract::DIM_EMPLOYEE;
    use polars::prelude::*;

    fn employees(names: &[&str]) -> Mart {
        let data = df!("employee_id" => names, "name" => names, "role" => vec![None::<&str>; names.len()],
            "pair_id" => vec![None::<&str>; names.len()]);
        Mart { table: &DIM_EMPLOYEE, data: data.unwrap() }
    }

    #[test]
    fn pieces_read_as_one_table_and_the_csv_is_that_of_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (mut stream, encoder) = Stream::create(folder.path(), &DIM_EMPLOYEE, SinkName::DEFAULT).unwrap();
        // Pieces are encoded in another order than appended; an empty piece leaves no trace.
        let mut pieces = [&["=C", "D"][..], &[], &["A", "B"]].map(|names| encoder.encode(&employees(names)).unwrap());
        pieces.reverse();
        for piece in pieces {
            stream.append(piece).unwrap();
        }
        let streamed = stream.finish().unwrap();
        let whole = employees(&["A", "B", "=C", "D"]);
        assert_eq!(
            (streamed.rows, crate::parquet::read_file(folder.path(), &DIM_EMPLOYEE).unwrap()),
            (4, whole.data.clone())
        );
        let csv = fs::read(folder.path().join("csv/dim_employee.csv")).unwrap();
        assert_eq!(csv, SINKS[1].1.write(&whole).unwrap());
        for file in &streamed.files {
            assert!(file.is_in(folder.path()));
            let path = folder.path().join(&file.name);
            let mut changed = fs::read(&path).unwrap();
            *changed.last_mut().unwrap() ^= 1;
            fs::write(path, changed).unwrap();
            assert!(!file.is_in(folder.path()));
        }
    }

    #[test]
    fn a_table_without_rows_is_a_file_with_a_header() {
        let folder = tempfile::tempdir().unwrap();
        Stream::create(folder.path(), &DIM_EMPLOYEE, SinkName::DEFAULT).unwrap().0.finish().unwrap();
        assert_eq!(crate::parquet::read_file(folder.path(), &DIM_EMPLOYEE).unwrap().height(), 0);
        let csv = fs::read_to_string(folder.path().join("csv/dim_employee.csv")).unwrap();
        assert_eq!(csv, "employee_id,name,role,pair_id\n");
    }
}
