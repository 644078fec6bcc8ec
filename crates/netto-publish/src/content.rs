//! The content of files as a number: an address for it, not a protection against forgery.
//!
//! ```text
//! FNV-1a, 128 bits, byte by byte: the same bytes give the same number, in however many pieces they come
//! ```

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

/// A hash that grows with the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content(u128);

impl Content {
    pub(crate) const EMPTY: Self = Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }

    pub(crate) const fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Twelve hexadecimal digits.
    pub(crate) fn short(self) -> String {
        format!("{:032x}", self.0).chars().take(12).collect()
    }

    /// What a file holds, read in pieces.
    pub(crate) fn of_file(path: &Path) -> io::Result<Self> {
        let (mut file, mut piece) = (File::open(path)?, vec![0; 1 << 16]);
        let mut content = Self::EMPTY;
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(content),
                length => content.add(&piece[..length]),
            }
        }
    }
}

/// A file that knows what was written to it.
pub(crate) struct Written {
    file: BufWriter<File>,
    content: Content,
    size: u64,
}

impl Written {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(File::create(path)?), content: Content::EMPTY, size: 0 })
    }

    /// Everything is on the disk: content and size.
    pub(crate) fn finish(mut self) -> io::Result<(Content, u64)> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok((self.content, self.size))
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.file.write(bytes)?;
        self.content.add(&bytes[..length]);
        self.size += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_give_the_same_number_in_any_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut file = Written::create(&path).unwrap();
        file.write_all(b"net").unwrap();
        file.write_all(b"to").unwrap();
        let (content, size) = file.finish().unwrap();
        let mut whole = Content::EMPTY;
        whole.add(b"netto");
        assert_eq!((content, size, Content::of_file(&path).unwrap()), (whole, 5, whole));
        std::fs::write(&path, "nett0").unwrap();
        assert_ne!(Content::of_file(&path).unwrap(), whole);
    }
}
