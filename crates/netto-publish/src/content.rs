//! Hashes the content of files: it gives a run its address and shows whether a file is undamaged.
//!
//! ```text
//! BLAKE3: the same bytes give the same number, in however many pieces they come
//! ```

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

/// An incremental hash.
#[derive(Clone, Default)]
pub(crate) struct Content(blake3::Hasher);

/// The hash of complete content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest(blake3::Hash);

impl Content {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest(self.0.finalize())
    }

    /// Hashes these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Digest {
        Digest(blake3::hash(bytes))
    }

    /// Hashes a file, reading it in pieces.
    pub(crate) fn of_file(path: &Path) -> io::Result<Digest> {
        let (mut file, mut piece) = (File::open(path)?, vec![0; 1 << 16]);
        let mut content = Self::default();
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(content.digest()),
                length => content.add(&piece[..length]),
            }
        }
    }
}

impl Digest {
    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Sixty-four hexadecimal digits.
    pub(crate) fn hex(self) -> String {
        self.0.to_hex().to_string()
    }

    /// The first twelve of them.
    pub(crate) fn short(self) -> String {
        self.hex().chars().take(12).collect()
    }
}

/// A file that hashes what is written to it.
pub(crate) struct Written {
    file: BufWriter<File>,
    content: Content,
    size: u64,
}

impl Written {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(File::create(path)?), content: Content::default(), size: 0 })
    }

    /// Syncs content and size to disk.
    pub(crate) fn finish(mut self) -> io::Result<(Digest, u64)> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok((self.content.digest(), self.size))
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
        let mut whole = Content::default();
        whole.add(b"netto");
        let whole = whole.digest();
        assert_eq!((content, size, Content::of_file(&path).unwrap()), (whole, 5, whole));
        std::fs::write(&path, "nett0").unwrap();
        assert_ne!(Content::of_file(&path).unwrap(), whole);
    }
}
