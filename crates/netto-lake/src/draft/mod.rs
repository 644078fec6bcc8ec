//! A first configuration from the extracts themselves: `netto init`.
//!
//! ```text
//! files ── sample     encoding, delimiter, title lines, the first rows            sample.rs
//!       ── records    heads and lines in one file made one table                  records.rs
//!       ── kinds      which columns are days, numbers, texts; the decimal sign    kinds.rs
//!       ── keys       which columns hold the ids of another file, by their values    keys.rs
//!       ── orders     what the lines of an order say of a column: line numbers, amounts of the order    orders.rs
//!       ── terms      which column of the contract a name means                   terms.rs, terms.txt
//!       ── sources    which file is which source; heads, lines and credits put together    sources.rs
//!       ── signs      amounts beside a column for debit and credit                signs.rs
//!       ── months     a column for each month made rows                           months.rs
//!       ── text       a netto.toml that says how sure each choice is              text.rs
//! ```
//! Nothing here is trusted later: what it writes is read and checked like a configuration written by hand.
//!
//! ```
//! # let folder = std::env::temp_dir().join(format!("netto-draft-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let file = folder.join("omzet.csv");
//! std::fs::write(&file, "Ordernr;Regel;Datum;Klant;Artikel;Aantal;Netto\n1;1;31-01-2025;K1;P1;2;1.250,00\n")?;
//! let draft = netto_lake::Draft::of(&[file], &folder)?;
//! assert_eq!(draft.sources[0].source, "order_lines");
//! assert!(draft.text().contains("net_amount = \"Netto\""));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod keys;
mod kinds;
mod months;
mod orders;
mod records;
mod sample;
mod signs;
mod sources;
mod terms;
mod text;

use std::path::{Path, PathBuf};

use crate::error::LakeError;
pub use sources::{DraftColumn, DraftSource, Sureness};

/// What the files seem to be.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The sources that were recognised, in the order of the contract.
    pub sources: Vec<DraftSource>,
    /// Columns of order lines that no column of the files could be told to be: they are to be named before anything runs.
    pub lacks: Vec<&'static str>,
    /// The company's currency as the lines have it, and why.
    pub currency: Option<(String, String)>,
    /// Files that fit no source, each with the reason.
    pub left_over: Vec<(String, String)>,
}

impl Draft {
    /// Reads the beginning of each file and finds out what it is. Paths are written relative to `base`. A file that is no extract is left over.
    ///
    /// # Errors
    /// When a file can't be opened.
    pub fn of(files: &[PathBuf], base: &Path) -> Result<Self, LakeError> {
        let (mut samples, mut unread) = (Vec::new(), Vec::new());
        for file in files {
            match sample::of(file, base) {
                Ok(found) => samples.extend(found),
                Err(LakeError::Format { file, message, help }) => {
                    let help = help.map(|help| format!(": {help}")).unwrap_or_default();
                    unread.push((file, format!("{message}{help}")));
                }
                Err(error) => return Err(error),
            }
        }
        let mut draft = sources::draft(samples);
        draft.left_over.extend(unread);
        Ok(draft)
    }

    /// The `[source.…]` sections of a netto.toml, each choice with a comment on how sure it is.
    #[must_use]
    pub fn text(&self) -> String {
        text::sections(self)
    }
}
