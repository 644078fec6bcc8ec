//! Reading extracts: files are found, unpacked and cut into blocks of records that can be worked on in parallel.
//!
//! CSV, Parquet and the result of a view all become the same: rows of text fields with the line they stand on.

pub(crate) mod csv;
pub(crate) mod parquet;
pub(crate) mod view;

use std::borrow::Cow;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::config::{CsvConfig, OneOrMany};
use crate::error::LakeError;
use crate::quarantine::Reason;
use crate::typed::Signs;

/// One extract in memory.
#[derive(Debug)]
pub(crate) enum Extract {
    Csv(csv::CsvFile),
    Table(parquet::TextTable),
}

/// One record.
#[derive(Debug)]
pub(crate) struct Row<'r, 'a> {
    /// Line on which it starts.
    pub(crate) line: u64,
    pub(crate) fields: &'r [Cow<'a, str>],
    /// The record as it stands in the file; none where there is no such text.
    pub(crate) raw: Option<&'a str>,
    /// Why it cannot be read.
    pub(crate) fault: Option<Reason>,
}

impl Row<'_, '_> {
    /// The record as text.
    pub(crate) fn raw(&self) -> String {
        self.raw.map_or_else(|| self.fields.join(","), str::to_owned)
    }
}

impl Extract {
    /// Name for messages: the path as the configuration leads to it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Csv(file) => &file.name,
            Self::Table(table) => &table.name,
        }
    }

    /// The columns.
    pub(crate) fn header(&self) -> &[String] {
        match self {
            Self::Csv(file) => &file.header,
            Self::Table(table) => &table.header,
        }
    }

    /// How its values are written.
    pub(crate) fn signs(&self, config: &CsvConfig) -> Signs {
        match self {
            Self::Csv(_) => Signs::of(config),
            Self::Table(_) => Signs::plain(),
        }
    }

    /// Whether a column holds floats, whose decimals are noise beyond the fourth.
    pub(crate) fn is_float(&self, column: usize) -> bool {
        match self {
            Self::Csv(_) => false,
            Self::Table(table) => table.floats.get(column).copied().unwrap_or(false),
        }
    }

    /// How many blocks.
    pub(crate) fn blocks(&self) -> usize {
        match self {
            Self::Csv(file) => file.blocks.len(),
            Self::Table(table) => table.blocks(),
        }
    }

    /// Visits the rows of a block in their order.
    pub(crate) fn each_row(&self, block: usize, visit: &mut dyn for<'r, 'a> FnMut(Row<'r, 'a>)) {
        match self {
            Self::Csv(file) => file.each_row(block, visit),
            Self::Table(table) => table.each_row(block, visit),
        }
    }
}

/// A file with its content unpacked.
#[derive(Debug)]
pub(crate) struct Content {
    /// Relative to the configuration, for messages.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The files that globs lead to, sorted, each once.
pub(crate) fn find(globs: &OneOrMany, base: &Path) -> Result<Vec<PathBuf>, LakeError> {
    let mut files = Vec::new();
    for pattern in globs.as_slice() {
        let found = self::files(pattern, base);
        if found.is_empty() {
            return Err(LakeError::NoFiles { pattern: pattern.clone(), base: base.to_owned() });
        }
        files.extend(found);
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// The files that a glob leads to, sorted; none where it leads nowhere.
#[must_use]
pub fn files(pattern: &str, base: &Path) -> Vec<PathBuf> {
    let found = glob::glob(&base.join(pattern).to_string_lossy()).into_iter().flatten();
    let mut files: Vec<PathBuf> = found.filter_map(Result::ok).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Path as messages name it.
pub(crate) fn shown(path: &Path, base: &Path) -> String {
    path.strip_prefix(base).unwrap_or(path).display().to_string()
}

/// Whether the file is Parquet, by its name.
pub(crate) fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet"))
}

/// Largest unpacked size: a compressed file that grows beyond it is no extract.
const UNPACKED_LIMIT: u64 = 64 << 30;

/// Reads and unpacks a CSV file.
pub(crate) fn content(path: &Path, base: &Path) -> Result<Content, LakeError> {
    let packed = fs::read(path).map_err(LakeError::io(path))?;
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default();
    let bytes = match end.as_str() {
        "gz" => unpack(flate2::read::MultiGzDecoder::new(packed.as_slice()), path)?,
        "zst" => unpack(zstd::Decoder::new(packed.as_slice()).map_err(LakeError::io(path))?, path)?,
        _ => packed,
    };
    Ok(Content { name: shown(path, base), bytes })
}

fn unpack(reader: impl Read, path: &Path) -> Result<Vec<u8>, LakeError> {
    let mut bytes = Vec::new();
    let damaged = |error: std::io::Error| LakeError::Format {
        file: path.display().to_string(),
        message: format!("cannot be unpacked: {error}"),
        help: Some("the file is damaged, or its name says another packing than it has; export it again".into()),
    };
    let read = reader.take(UNPACKED_LIMIT).read_to_end(&mut bytes).map_err(damaged)?;
    if u64::try_from(read).is_ok_and(|read| read >= UNPACKED_LIMIT) {
        return Err(LakeError::Format {
            file: path.display().to_string(),
            message: "unpacks to more than 64 GiB".into(),
            help: Some("unpack it by hand and look at it".into()),
        });
    }
    Ok(bytes)
}
