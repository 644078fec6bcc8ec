//! Writes a ZIP file piece by piece: the part of the format that a workbook needs (APPNOTE 6.3.3).
//!
//! ```text
//! header, packed bytes, header, packed bytes, …, directory
//! ```
//! The file doesn't depend on the clock, so the same content gives the same bytes.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// The file and its entries.
pub(crate) struct Zip {
    file: BufWriter<File>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    crc: u32,
    packed: u32,
    size: u32,
    at: u32,
}

/// An entry that is being written.
pub(crate) struct Packing<'a> {
    to: DeflateEncoder<&'a mut BufWriter<File>>,
    crc: Crc,
    size: u64,
}

/// Deflate; version 2.0; 1 January 1980.
const HEAD: [u8; 10] = [20, 0, 0, 8, 8, 0, 0, 0, 33, 0];
/// Bytes before the name of an entry.
const BEFORE_NAME: u64 = 30;

impl Zip {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(File::create(path)?), entries: Vec::new() })
    }

    /// Adds a file.
    pub(crate) fn add<E: From<io::Error>>(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Packing<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let at = self.file.stream_position()?;
        let entry = Entry { name: name.to_owned(), crc: 0, packed: 0, size: 0, at: small(at)? };
        self.head(&entry)?;
        let (crc, size) = {
            let to = DeflateEncoder::new(&mut self.file, Compression::default());
            let mut packing = Packing { to, crc: Crc::new(), size: 0 };
            write(&mut packing)?;
            let Packing { to, crc, size } = packing;
            to.finish().map(drop)?;
            (crc, size)
        };
        let end = self.file.stream_position()?;
        let packed = end - at - BEFORE_NAME - name.len() as u64;
        let entry = Entry { crc: crc.sum(), packed: small(packed)?, size: small(size)?, ..entry };
        // Checksum and sizes are known only after the content is written.
        self.file.seek(SeekFrom::Start(at))?;
        self.head(&entry)?;
        self.file.seek(SeekFrom::Start(end))?;
        self.entries.push(entry);
        Ok(())
    }

    fn head(&mut self, entry: &Entry) -> io::Result<()> {
        self.file.write_all(b"PK\x03\x04")?;
        self.file.write_all(&HEAD)?;
        entry.sums(&mut self.file)?;
        self.file.write_all(&[0, 0])?;
        self.file.write_all(entry.name.as_bytes())
    }

    /// Writes the directory.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let at = self.file.stream_position()?;
        for entry in &self.entries {
            self.file.write_all(b"PK\x01\x02\x14\x00")?;
            self.file.write_all(&HEAD)?;
            entry.sums(&mut self.file)?;
            self.file.write_all(&[0; 12])?;
            self.file.write_all(&entry.at.to_le_bytes())?;
            self.file.write_all(entry.name.as_bytes())?;
        }
        let size = small(self.file.stream_position()? - at)?;
        let count = u16::try_from(self.entries.len()).map_err(io::Error::other)?.to_le_bytes();
        self.file.write_all(b"PK\x05\x06\0\0\0\0")?;
        self.file.write_all(&[count, count].concat())?;
        self.file.write_all(&[size.to_le_bytes(), small(at)?.to_le_bytes()].concat())?;
        self.file.write_all(&[0, 0])?;
        self.file.flush()
    }
}

impl Entry {
    fn sums(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&[self.crc.to_le_bytes(), self.packed.to_le_bytes(), self.size.to_le_bytes()].concat())?;
        to.write_all(&u16::try_from(self.name.len()).map_err(io::Error::other)?.to_le_bytes())
    }
}

impl Write for Packing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.crc.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn small(number: u64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| io::Error::other("a workbook can be at most 4 GiB"))
}
