//! To be written.

use netto_model::Mart;
use netto_model::frame::{CustomerOrderSize, OrderSize};

use crate::SegmentError;
use crate::book::{Book, absent};

/// To be written.
pub(crate) fn table(_book: &Book<'_>) -> Result<Mart, SegmentError> {
    absent::<OrderSize>()
}

/// To be written.
pub(crate) fn by_customer(_book: &Book<'_>) -> Result<Mart, SegmentError> {
    absent::<CustomerOrderSize>()
}
