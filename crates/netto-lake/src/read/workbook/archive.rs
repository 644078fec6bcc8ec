//! Reads the parts of a workbook, which is a zip archive with a directory at its end, and unpacks up to a limit.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io::Read;

use flate2::read::DeflateDecoder;
use memchr::memmem;

use super::Fault;
use crate::dialect::Size;

/// Default limit: all parts together unpack to at most this many times the file size. Sheets usually compress to a tenth.
const RATIO: u64 = 200;
const LIMITS: (u64, u64) = (64 << 20, 1 << 30);

/// An archive in memory.
#[derive(Debug)]
pub(super) struct Archive {
    bytes: Vec<u8>,
    parts: HashMap<String, Part>,
    limit: u64,
    grown: RefCell<Grown>,
}

/// The total unpacked size, with each part counted once.
#[derive(Debug)]
struct Grown {
    left: u64,
    parts: HashSet<String>,
}

/// The location of a part.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// Position of its local header.
    at: usize,
    packed: usize,
    method: u16,
    flags: u16,
}

const END: [u8; 4] = *b"PK\x05\x06";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const HEAD: [u8; 4] = *b"PK\x03\x04";
/// Flag bit of encrypted parts.
const ENCRYPTED: u16 = 1;

impl Archive {
    /// Reads the directory.
    pub(super) fn open(bytes: Vec<u8>, limit: Option<Size>) -> Result<Self, Fault> {
        if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            let help = "save it as .xlsx without a password, or save the sheet as CSV";
            return Err(Fault::new("it is an old Office file, or protected by a password", help));
        }
        let end = memmem::rfind(&bytes, &END).filter(|_| bytes.starts_with(&HEAD));
        let end =
            end.ok_or_else(|| Fault::new("it is not a workbook", "save it as .xlsx, or rename it to its real type"))?;
        let (entries, mut at) = (short(&bytes, end + 10)?, long(&bytes, end + 16)?);
        let mut parts = HashMap::new();
        for _ in 0..entries {
            if bytes.get(at..at + 4) != Some(ENTRY.as_slice()) {
                return Err(Fault::damaged("its directory is not where it should be"));
            }
            let [name, extra, comment] = [28, 30, 32].map(|place| short(&bytes, at + place));
            let (name, extra, comment) = (usize::from(name?), usize::from(extra?), usize::from(comment?));
            let written = bytes.get(at + 46..at + 46 + name).ok_or_else(cut)?;
            let (flags, method) = (short(&bytes, at + 8)?, short(&bytes, at + 10)?);
            let part = Part { at: long(&bytes, at + 42)?, packed: long(&bytes, at + 20)?, method, flags };
            parts.insert(String::from_utf8_lossy(written).replace('\\', "/"), part);
            at += 46 + name + extra + comment;
        }
        let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let limit = limit.map_or(packed.saturating_mul(RATIO).clamp(LIMITS.0, LIMITS.1), |size| size.bytes);
        let grown = RefCell::new(Grown { left: limit, parts: HashSet::new() });
        Ok(Self { bytes, parts, limit, grown })
    }

    /// A part as text; `None` if it doesn't exist.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        let Some(part) = self.parts.get(name) else { return Ok(None) };
        let bytes = self.unpacked(name, *part)?;
        let text = match bytes.as_slice() {
            [0xff, 0xfe, ..] => encoding_rs::UTF_16LE.decode(&bytes).0.into_owned(),
            [0xfe, 0xff, ..] => encoding_rs::UTF_16BE.decode(&bytes).0.into_owned(),
            _ => String::from_utf8(bytes).map_err(|_| Fault::damaged(format!("`{name}` is not a text")))?,
        };
        Ok(Some(text))
    }

    fn unpacked(&self, name: &str, part: Part) -> Result<Vec<u8>, Fault> {
        if part.flags & ENCRYPTED != 0 {
            return Err(Fault::new("it is protected by a password", "save it without one"));
        }
        let start = part.at
            + 30
            + usize::from(short(&self.bytes, part.at + 26)?)
            + usize::from(short(&self.bytes, part.at + 28)?);
        let packed = self.bytes.get(start..start.saturating_add(part.packed)).ok_or_else(cut)?;
        let mut grown = self.grown.borrow_mut();
        let is_known = grown.parts.contains(name);
        let left = if is_known { self.limit } else { grown.left };
        let mut bytes = Vec::new();
        let read = match part.method {
            0 => packed.take(left.saturating_add(1)).read_to_end(&mut bytes),
            8 => DeflateDecoder::new(packed).take(left.saturating_add(1)).read_to_end(&mut bytes),
            _ => return Err(Fault::damaged(format!("`{name}` is compressed in a way that workbooks don't use"))),
        };
        read.map_err(|error| Fault::damaged(format!("`{name}` can't be decompressed: {error}")))?;
        let left = u64::try_from(bytes.len()).ok().and_then(|read| left.checked_sub(read));
        let Some(left) = left else {
            return Err(Fault::new(
                format!("it decompresses to more than {} MiB", self.limit >> 20),
                "if that is right, allow it: [source.….excel] max_unpacked = \"4 GiB\"",
            ));
        };
        if !is_known {
            grown.left = left;
            grown.parts.insert(name.to_owned());
        }
        Ok(bytes)
    }
}

fn cut() -> Fault {
    Fault::damaged("it ends too early")
}

fn short(bytes: &[u8], at: usize) -> Result<u16, Fault> {
    let two = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or_else(cut)?;
    Ok(u16::from_le_bytes(*two))
}

fn long(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or_else(cut)?;
    usize::try_from(u32::from_le_bytes(*four)).map_err(|_| cut())
}
