//! Drafts a first configuration from the extracts: `netto init`.
//!
//! ```text
//! files ── sample     the first rows below a header, the title lines above it     sample.rs; encoding.rs, cut.rs
//!       ── records    heads and lines of one file combined to one table           records.rs
//!       ── kinds      which columns are days, numbers, texts; the decimal sign    kinds.rs
//!       ── groups     files of one form put together                              groups.rs
//!       ── orders     what the lines of an order show about a column: line numbers, amounts of the order    orders.rs
//!       ── keys       which columns hold the ids of another file, by their values    keys.rs
//!       ── list_prices    amounts from which a discount is still to be deducted    list_prices.rs
//!       ── matches    which column of the contract each is, which source suits    matches.rs; terms.rs, terms.txt
//!       ── sources    which file is which source                                  sources.rs
//!            spans        a week or a month for the day of lines without one        spans.rs
//!            view         order lines from several files: heads, lines, credit notes    view.rs
//!            heads        columns filled on the first line of a document only         heads.rs
//!            left_out     rows that are no order lines                                left_out.rs
//!            column       one column as it would be configured                        column.rs
//!            made         columns computed from others                                made.rs
//!            signs        amounts beside a column for debit and credit                signs.rs
//!            remarks      values that contradict the plain reading                    remarks.rs
//!            companies    orders of several companies with the same numbers            companies.rs
//!            months       a column per month turned into rows                         months.rs
//!            questions    what only the owner of the data can say                     questions.rs
//!       ── text       a netto.toml that says how sure each choice is              source.rs, text.rs
//! ```
//! The draft is not trusted later: it is read and checked like a configuration written by hand.
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

mod column;
mod companies;
mod cut;
mod encoding;
mod groups;
mod heads;
mod keys;
mod kinds;
mod left_out;
mod list_prices;
mod made;
mod matches;
mod months;
mod orders;
mod questions;
mod records;
mod remarks;
mod sample;
mod signs;
mod source;
mod sources;
mod spans;
mod terms;
mod text;
mod view;

use std::path::{Path, PathBuf};

use crate::error::LakeError;
use crate::read::shown;
pub use source::{DraftColumn, DraftSource, Sureness};

/// The draft of a configuration.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The recognised sources, in the order of the contract.
    pub sources: Vec<DraftSource>,
    /// Columns of order lines that no column of the files matches; the user must configure them before a run.
    pub lacks: Vec<&'static str>,
    /// The company's currency according to the lines, and the reason.
    pub currency: Option<(String, String)>,
    /// Files that match no source, each with the reason.
    pub left_over: Vec<(String, String)>,
    /// All files that were looked at, relative to the project.
    pub(crate) given: Vec<String>,
}

impl Draft {
    /// Reads the beginning of each file and recognises its content. Paths are relative to `base`. A file that is no extract is left over.
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
        draft.given = files.iter().map(|file| shown(file, base)).collect();
        Ok(draft)
    }

    /// The `[source.…]` sections of a netto.toml, with a comment on how certain each choice is.
    #[must_use]
    pub fn text(&self) -> String {
        text::sections(self)
    }
}
