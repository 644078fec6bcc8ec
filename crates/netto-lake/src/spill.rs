//! Spills rows to disk: pieces of frames, by part number, read back in the order in which they were written.
//!
//! ```text
//! .netto/lake.rows/<process>-<number>    part 7: 1,204 rows   part 12: 1,180 rows   part 7: 1,199 rows …
//! ```
//! The file is unlinked once it is open, so that a killed process leaves none behind. On a system that can't unlink an open file,
//! the next load removes it. Each piece holds its columns one after another, compressed: a validity mask, then the values.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use polars::prelude::*;
use rayon::prelude::*;

use crate::error::LakeError;

/// Frames of one schema on disk.
pub(crate) struct Spill {
    path: PathBuf,
    file: Mutex<File>,
    schema: SchemaRef,
    /// Where the next piece goes.
    end: u64,
    /// By number of the part.
    pieces: Vec<Vec<Piece>>,
}

/// The position of a piece of a part.
#[derive(Clone, Copy, Debug)]
struct Piece {
    at: u64,
    size: usize,
    rows: usize,
}

/// Compression level: compression must cost less time than the disk writes that it saves.
const LEVEL: i32 = -5;

static NUMBER: AtomicU64 = AtomicU64::new(0);

impl Spill {
    /// Creates an empty spill file beside the lake.
    pub(crate) fn new(lake: &Path, schema: SchemaRef) -> Result<Self, LakeError> {
        let folder = folder(lake);
        fs::create_dir_all(&folder).map_err(LakeError::io(&folder))?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{}-{number}", std::process::id()));
        let options = File::options().read(true).write(true).create(true).truncate(true).open(&path);
        let file = options.map_err(LakeError::io(&path))?;
        // If an open file can't be removed, it is removed when it is closed.
        drop(fs::remove_file(&path));
        Ok(Self { path, file: Mutex::new(file), schema, end: 0, pieces: Vec::new() })
    }

    /// Adds the rows of a frame to their parts: `parts` has the row indices of each part.
    pub(crate) fn add(&mut self, frame: &DataFrame, parts: &[Vec<IdxSize>]) -> Result<(), LakeError> {
        let packed = |(part, rows): (usize, &Vec<IdxSize>)| {
            let rows = frame.take(&IdxCa::from_slice("rows".into(), rows))?;
            let bytes = zstd::bulk::compress(&encoded(&rows)?, LEVEL).map_err(LakeError::io(&self.path))?;
            Ok((part, rows.height(), bytes))
        };
        let with_rows: Vec<(usize, &Vec<IdxSize>)> =
            parts.iter().enumerate().filter(|(_, rows)| !rows.is_empty()).collect();
        let packed = with_rows.into_par_iter().map(packed).collect::<Result<Vec<_>, LakeError>>()?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.end)).map_err(LakeError::io(&self.path))?;
        for (part, rows, bytes) in packed {
            file.write_all(&bytes).map_err(LakeError::io(&self.path))?;
            if self.pieces.len() <= part {
                self.pieces.resize(part + 1, Vec::new());
            }
            self.pieces[part].push(Piece { at: self.end, size: bytes.len(), rows });
            self.end += u64::try_from(bytes.len()).unwrap_or(0);
        }
        Ok(())
    }

    /// Rows of a part.
    pub(crate) fn rows(&self, part: usize) -> usize {
        self.pieces.get(part).map_or(0, |pieces| pieces.iter().map(|piece| piece.rows).sum())
    }

    /// The rows of some parts, each in the order in which they were added.
    pub(crate) fn read(&self, parts: Range<usize>) -> Result<DataFrame, LakeError> {
        let rows = parts.clone().map(|part| self.rows(part)).sum();
        let mut columns: Vec<Builder> = self.schema.iter().map(|(name, ty)| Builder::new(name, ty, rows)).collect();
        for piece in parts.filter_map(|part| self.pieces.get(part)).flatten() {
            let mut packed = vec![0; piece.size];
            {
                let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(piece.at)).map_err(LakeError::io(&self.path))?;
                file.read_exact(&mut packed).map_err(LakeError::io(&self.path))?;
            }
            let bytes = zstd::decode_all(packed.as_slice()).map_err(LakeError::io(&self.path))?;
            let mut bytes = bytes.as_slice();
            for column in &mut columns {
                column.read(&mut bytes, piece.rows).ok_or_else(|| self.torn())?;
            }
        }
        let columns = columns.into_iter().map(Builder::finish).collect::<PolarsResult<Vec<_>>>()?;
        Ok(DataFrame::new_infer_height(columns)?)
    }

    fn torn(&self) -> LakeError {
        LakeError::damaged(&self.path, &std::io::Error::other("rows that were stored there can't be read back"))
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
        // This fails, as intended, if the folder has other spill files.
        drop(self.path.parent().map(fs::remove_dir));
    }
}

/// Removes the files of killed loads.
pub(crate) fn tidy(lake: &Path) {
    let folder = folder(lake);
    if folder.exists() {
        drop(fs::remove_dir_all(folder));
    }
}

fn folder(lake: &Path) -> PathBuf {
    let mut name = lake.file_name().unwrap_or_default().to_owned();
    name.push(".rows");
    lake.with_file_name(name)
}

/// The columns of a frame, one after another.
fn encoded(frame: &DataFrame) -> PolarsResult<Vec<u8>> {
    let mut bytes = Vec::with_capacity(frame.estimated_size());
    for column in frame.columns() {
        let there = match column.null_count() {
            0 => There::All,
            nulls if nulls == column.len() => There::None,
            _ => There::Some,
        };
        bytes.push(there as u8);
        if matches!(there, There::None) {
            continue;
        }
        if matches!(there, There::Some) {
            bytes.extend(column.is_not_null().iter().map(|there| u8::from(there == Some(true))));
        }
        match column.dtype() {
            DataType::String => {
                let texts = column.str()?;
                for text in texts.iter().flatten() {
                    bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
                }
                texts.iter().flatten().for_each(|text| bytes.extend(text.as_bytes()));
            }
            DataType::Int64 => column.i64()?.iter().flatten().for_each(|value| bytes.extend(value.to_le_bytes())),
            DataType::UInt32 => column.u32()?.iter().flatten().for_each(|value| bytes.extend(value.to_le_bytes())),
            DataType::Float64 => column.f64()?.iter().flatten().for_each(|value| bytes.extend(value.to_le_bytes())),
            DataType::Date => {
                column.date()?.physical().iter().flatten().for_each(|day| bytes.extend(day.to_le_bytes()));
            }
            DataType::Boolean => bytes.extend(column.bool()?.iter().flatten().map(u8::from)),
            other => polars_bail!(ComputeError: "rows of type {} can't be stored on disk", other),
        }
    }
    Ok(bytes)
}

/// The validity of a column of a piece.
#[derive(Clone, Copy)]
enum There {
    None,
    /// One byte per value says whether it is valid.
    Some,
    All,
}

/// A column that is read back.
enum Builder {
    Text(StringChunkedBuilder),
    Integer(PrimitiveChunkedBuilder<Int64Type>),
    Number(PrimitiveChunkedBuilder<UInt32Type>),
    Ratio(PrimitiveChunkedBuilder<Float64Type>),
    Day(PrimitiveChunkedBuilder<Int32Type>),
    Bool(BooleanChunkedBuilder),
}

impl Builder {
    fn new(name: &PlSmallStr, ty: &DataType, rows: usize) -> Self {
        let name = name.clone();
        match ty {
            DataType::Int64 => Self::Integer(PrimitiveChunkedBuilder::new(name, rows)),
            DataType::UInt32 => Self::Number(PrimitiveChunkedBuilder::new(name, rows)),
            DataType::Float64 => Self::Ratio(PrimitiveChunkedBuilder::new(name, rows)),
            DataType::Date => Self::Day(PrimitiveChunkedBuilder::new(name, rows)),
            DataType::Boolean => Self::Bool(BooleanChunkedBuilder::new(name, rows)),
            _ => Self::Text(StringChunkedBuilder::new(name, rows)),
        }
    }

    /// Reads `rows` values; `None` if the bytes are too short.
    fn read(&mut self, bytes: &mut &[u8], rows: usize) -> Option<()> {
        let which = *bytes.split_off_first()?;
        let mask = if which == There::Some as u8 { bytes.split_off(..rows)? } else { &[] };
        let there = (0..rows).map(|row| mask.get(row).map_or(which == There::All as u8, |&there| there == 1));
        let values = there.clone().filter(|there| *there).count();
        match self {
            Self::Text(column) => {
                let mut sizes = bytes.split_off(..values * 4)?.chunks_exact(4);
                for there in there {
                    let text = if there {
                        let size = u32::from_le_bytes(sizes.next()?.try_into().ok()?);
                        Some(std::str::from_utf8(bytes.split_off(..usize::try_from(size).ok()?)?).ok()?)
                    } else {
                        None
                    };
                    column.append_option(text);
                }
                Some(())
            }
            Self::Integer(column) => fixed(bytes, values, there, |v| column.append_option(v.map(i64::from_le_bytes))),
            Self::Number(column) => fixed(bytes, values, there, |v| column.append_option(v.map(u32::from_le_bytes))),
            Self::Ratio(column) => fixed(bytes, values, there, |v| column.append_option(v.map(f64::from_le_bytes))),
            Self::Day(column) => fixed(bytes, values, there, |v| column.append_option(v.map(i32::from_le_bytes))),
            Self::Bool(column) => fixed(bytes, values, there, |v| column.append_option(v.map(|[v]| v == 1))),
        }
    }

    fn finish(self) -> PolarsResult<Column> {
        Ok(match self {
            Self::Text(column) => column.finish().into_column(),
            Self::Integer(column) => column.finish().into_column(),
            Self::Number(column) => column.finish().into_column(),
            Self::Ratio(column) => column.finish().into_column(),
            Self::Day(column) => column.finish().into_series().cast(&DataType::Date)?.into_column(),
            Self::Bool(column) => column.finish().into_column(),
        })
    }
}

/// Reads `rows` values of a fixed size, with nulls for missing ones.
fn fixed<const SIZE: usize>(
    bytes: &mut &[u8],
    values: usize,
    there: impl Iterator<Item = bool>,
    mut put: impl FnMut(Option<[u8; SIZE]>),
) -> Option<()> {
    let mut values = bytes.split_off(..values * SIZE)?.chunks_exact(SIZE);
    for there in there {
        let value = if there { Some(values.next()?.try_into().ok()?) } else { None };
        put(value);
    }
    Some(())
}
