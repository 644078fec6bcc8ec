//! To be written.

use netto_model::Mart;
use netto_model::frame::Quadrant;

use crate::SegmentError;
use crate::book::{Book, absent};

/// To be written.
pub(crate) fn table(_book: &Book<'_>) -> Result<Mart, SegmentError> {
    absent::<Quadrant>()
}
