//! Reads extracts piece by piece, so that only the piece being processed is in memory, whatever the file size.
//!
//! ```text
//! lines_2025.csv       windows of 32 MiB, each ends with a record
//! lines_2025.parquet   some batches of 65,536 rows
//! lines.xlsx           whole: a sheet has a million rows at most
//! a view               windows of its first table where its rows follow from those, else whole
//! ```

use super::Extract;
use super::csv::Windows;
use super::parquet::TextBatches;
use super::records::RecordPieces;
use super::view::ViewPieces;
use crate::error::LakeError;

/// The pieces of one extract, in order; at least one, which may have no rows.
pub(crate) enum Pieces<'a> {
    /// The whole extract; `None` once it was taken.
    Whole(Option<Box<Extract>>),
    /// Of a CSV file.
    Csv(Box<Windows>),
    /// Of a CSV file with records of several kinds.
    Records(Box<RecordPieces>),
    /// Of a Parquet file.
    Parquet(Box<TextBatches<'a>>),
    /// Of a view.
    View(Box<ViewPieces>),
}

impl Iterator for Pieces<'_> {
    type Item = Result<Extract, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Whole(extract) => extract.take().map(|extract| Ok(*extract)),
            Self::Csv(windows) => windows.next().map(|window| window.map(Extract::Csv)),
            Self::Records(pieces) => pieces.next().map(|piece| piece.map(Extract::Records)),
            Self::Parquet(batches) => batches.next().map(|table| table.map(|table| Extract::Table(table.into()))),
            Self::View(pieces) => pieces.next().map(|table| table.map(|table| Extract::Table(table.into()))),
        }
    }
}
