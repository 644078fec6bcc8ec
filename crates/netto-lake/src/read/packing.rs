//! Detects compressed files by their first bytes, as names are unreliable, and unpacks them up to a limit. It rejects other formats,
//! such as archives, with advice.
//!
//! ```text
//! 1F 8B         gzip         unpacked
//! 28 B5 2F FD   Zstandard    unpacked
//! 50 4B 03 04   zip          refused: unpack it
//! ```

use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::{Content, shown};
use crate::config::CsvConfig;
use crate::error::LakeError;

/// Reads and unpacks a CSV file whole.
pub(crate) fn content(path: &Path, base: &Path, config: &CsvConfig) -> Result<Content, LakeError> {
    let mut input = Input::open(path, base, config)?;
    let mut bytes = Vec::new();
    input.fill(&mut bytes, usize::MAX)?;
    Ok(Content { name: input.name, bytes })
}

/// A file that is read and unpacked incrementally.
pub(crate) struct Input {
    /// The name in messages.
    pub(crate) name: String,
    path: PathBuf,
    reader: Box<dyn Read + Send>,
    /// The maximum unpacked size; `None` if it isn't packed.
    limit: Option<u64>,
    /// Unpacked bytes so far.
    read: u64,
}

/// Bytes per read.
const STEP: usize = 1 << 20;

impl Input {
    /// Opens a file and detects its format.
    pub(crate) fn open(path: &Path, base: &Path, config: &CsvConfig) -> Result<Self, LakeError> {
        let mut file = File::open(path).map_err(LakeError::io(path))?;
        let packed = file.metadata().map_err(LakeError::io(path))?.len();
        let mut first = Vec::new();
        file.by_ref().take(LOOKED_AT).read_to_end(&mut first).map_err(LakeError::io(path))?;
        let (name, kind) = (shown(path, base), Kind::of(&first));
        let whole = std::io::Cursor::new(first).chain(file);
        let reader: Box<dyn Read + Send> = match kind {
            Kind::Gzip => Box::new(flate2::read::MultiGzDecoder::new(whole)),
            Kind::Zstd => Box::new(zstd::Decoder::new(whole).map_err(LakeError::io(path))?),
            Kind::Other => Box::new(whole),
            Kind::Refused(what, help) => return Err(fault(&name, format!("it is {what}"), help)),
        };
        let limit = matches!(kind, Kind::Gzip | Kind::Zstd).then(|| limit(packed, config));
        Ok(Self { name, path: path.to_owned(), reader, limit, read: 0 })
    }

    /// What a reader gives, for tests.
    #[cfg(test)]
    pub(crate) fn of(name: &str, bytes: Vec<u8>) -> Self {
        let reader = Box::new(std::io::Cursor::new(bytes));
        Self { name: name.to_owned(), path: PathBuf::new(), reader, limit: None, read: 0 }
    }

    /// Reads until there are `wanted` bytes; returns whether the file ended before.
    pub(crate) fn fill(&mut self, bytes: &mut Vec<u8>, wanted: usize) -> Result<bool, LakeError> {
        while bytes.len() < wanted {
            let step = u64::try_from(STEP.min(wanted - bytes.len())).unwrap_or(u64::MAX);
            let read = self.reader.by_ref().take(step).read_to_end(bytes).map_err(|error| self.unread(error))?;
            let first = self.read == 0;
            self.read = self.read.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            if let Some(limit) = self.limit.filter(|limit| self.read > *limit) {
                return Err(self.fault(
                    format!("it decompresses to more than {} MiB", limit >> 20),
                    "if that is right, allow it: [source.….csv] max_unpacked = \"4 GiB\"",
                ));
            }
            if first && self.limit.is_some() {
                self.is_text(bytes)?;
            }
            if read == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Rejects packed content within a packed file.
    fn is_text(&self, unpacked: &[u8]) -> Result<(), LakeError> {
        match Kind::of(unpacked) {
            Kind::Other => Ok(()),
            Kind::Gzip | Kind::Zstd => Err(self.fault("it is compressed twice".to_owned(), "decompress it once")),
            Kind::Refused(what, help) => Err(self.fault(format!("it contains {what}"), help)),
        }
    }

    fn unread(&self, error: Error) -> LakeError {
        match self.limit {
            None => LakeError::io(&self.path)(error),
            Some(_) if error.kind() == ErrorKind::UnexpectedEof => LakeError::Unfinished {
                file: self.name.clone(),
                message: format!("it can't be decompressed to its end: {error}"),
                by_record: false,
            },
            Some(_) => self.fault(
                format!("it can't be decompressed: {error}"),
                "the file is damaged or incomplete; export it again",
            ),
        }
    }

    fn fault(&self, message: String, help: &str) -> LakeError {
        fault(&self.name, message, help)
    }
}

fn fault(name: &str, message: String, help: &str) -> LakeError {
    LakeError::Format { file: name.to_owned(), message, help: Some(help.to_owned()) }
}

/// Number of bytes used to detect the format.
const LOOKED_AT: u64 = 4096;

/// Unpacked size that is always allowed; beyond it the ratio counts, so that a few kilobytes can't fill the memory.
const LEAST_LIMIT: u64 = 64 << 20;
/// Maximum compression ratio: extracts usually compress to a tenth, seldom to a fiftieth.
const RATIO: u64 = 200;
const GREATEST_LIMIT: u64 = 64 << 30;

fn limit(packed: u64, config: &CsvConfig) -> u64 {
    config.max_unpacked.map_or(packed.saturating_mul(RATIO).clamp(LEAST_LIMIT, GREATEST_LIMIT), |size| size.bytes)
}

enum Kind {
    Gzip,
    Zstd,
    /// Presumably text.
    Other,
    /// Another format, with advice.
    Refused(&'static str, &'static str),
}

const UNPACK: &str = "decompress it and name the file in it; .csv.gz and .csv.zst can be read directly";
const SAVE_AS_CSV: &str = "save the sheet as CSV";

impl Kind {
    fn of(bytes: &[u8]) -> Self {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        let holds = |name: &[u8]| memchr::memmem::find(bytes.get(..4096).unwrap_or(bytes), name).is_some();
        match bytes {
            _ if starts(b"\x1f\x8b") => Self::Gzip,
            _ if starts(b"\x28\xb5\x2f\xfd") || starts(b"\x50\x2a\x4d\x18") => Self::Zstd,
            _ if starts(b"PK\x03\x04") && (holds(b"[Content_Types].xml") || holds(b"xl/")) => Self::Refused(
                "an Excel workbook, but its name doesn't end in .xlsx",
                "rename it to .xlsx, or save the sheet as CSV",
            ),
            _ if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => {
                Self::Refused("a zip archive, which netto can't read", UNPACK)
            }
            _ if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => {
                Self::Refused("an old Office file (.xls), which netto can't read", SAVE_AS_CSV)
            }
            _ if starts(b"7z\xbc\xaf\x27\x1c") => Self::Refused("a 7-Zip archive, which netto can't read", UNPACK),
            _ if starts(b"Rar!\x1a\x07") => Self::Refused("a RAR archive, which netto can't read", UNPACK),
            _ if starts(b"\xfd7zXZ\0") => Self::Refused("compressed with xz, which netto can't read", UNPACK),
            _ if starts(b"BZh") && bytes.get(4..10) == Some(b"1AY&SY") => {
                Self::Refused("compressed with bzip2, which netto can't read", UNPACK)
            }
            _ if starts(b"PAR1") => {
                Self::Refused("a Parquet file, but its name doesn't end in .parquet", "rename it to .parquet")
            }
            _ if starts(b"%PDF-") => Self::Refused("a PDF, which netto can't read", "export the rows as CSV or .xlsx"),
            _ => Self::of_text(bytes),
        }
    }

    /// Detects markup, which some programs export as a spreadsheet.
    fn of_text(bytes: &[u8]) -> Self {
        let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        let start = start.get(..start.len().min(64)).unwrap_or(start).to_ascii_lowercase();
        let begins = |marks: &[&str]| marks.iter().any(|mark| start.starts_with(mark.as_bytes()));
        if begins(&["<!doctype html", "<html", "<table", "<meta", "<head", "mime-version:"]) {
            return Self::Refused(
                "a web page, as some programs write for spreadsheets, which netto can't read",
                "open it in a spreadsheet and save it as .xlsx or CSV",
            );
        }
        if begins(&["<?xml"]) {
            return Self::Refused(
                "XML, which netto can't read",
                "export it as CSV, or open it in a spreadsheet and save it as .xlsx",
            );
        }
        let bare: Vec<u8> = start.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if [b"[{\"".as_slice(), b"{\""].iter().any(|mark| bare.starts_with(mark)) {
            return Self::Refused("JSON, which netto can't read", "export it as CSV or Parquet");
        }
        Self::Other
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    /// What becomes of a file with this name and content.
    fn read(name: &str, bytes: &[u8], json: &str) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let config = serde_json::from_str(json).unwrap();
        content(&path, folder.path(), &config)
            .map(|content| content.bytes)
            .map_err(|error| format!("{error}; {}", error.help().unwrap()))
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    }

    #[test]
    fn a_packed_file_grows_to_its_limit_and_no_further() {
        let zeros = vec![0; 2 << 20];
        for packed in [gzip(&zeros), zstd::encode_all(zeros.as_slice(), 1).unwrap()] {
            assert_eq!(read("a.csv.gz", &packed, "{}").unwrap().len(), 2 << 20);
            assert_eq!(read("a.csv.gz", &packed, r#"{"max_unpacked":"2 MiB"}"#).unwrap().len(), 2 << 20);
            let refused = read("a.csv.gz", &packed, r#"{"max_unpacked":"1 MiB"}"#).unwrap_err();
            assert!(refused.starts_with("a.csv.gz: it decompresses to more than 1 MiB; if that is right"), "{refused}");
        }
        let limits = |packed: u64| limit(packed, &CsvConfig::default()) >> 20;
        assert_eq!((limits(1000), limits(4 << 20), limits(300 << 20), limits(1 << 40)), (64, 800, 60_000, 64 << 10));
    }

    #[test]
    fn files_are_what_their_first_bytes_say() {
        assert_eq!(read("a.csv", &gzip(b"x"), "{}").unwrap(), b"x");
        assert_eq!(read("a.csv", &[gzip(b"x"), gzip(b"y")].concat(), "{}").unwrap(), b"xy");
        assert_eq!(read("a.csv.zst", b"x", "{}").unwrap(), b"x");
        let refused = |name: &str, bytes: &[u8]| read(name, bytes, "{}").unwrap_err();
        assert!(refused("a.csv", b"PK\x03\x04....xl/workbook.xml").contains("an Excel workbook"));
        assert!(refused("a.csv", b"PK\x03\x04....a.csv").contains("which netto can't read; decompress it"));
        assert!(refused("a.csv.gz", &gzip(&gzip(b"x"))).contains("compressed twice"));
        assert!(refused("a.csv.gz", &gzip(b"PK\x03\x04")).contains("it contains a zip archive"));
        assert!(refused("a.csv", b"PAR1....").contains(".parquet"));
        let whole = gzip(b"some rows");
        assert!(refused("a.csv.gz", &whole[..whole.len() - 9]).contains("it can't be decompressed"));
    }
}
