//! To be written.

use netto_model::Mart;
use netto_model::frame::{ChannelSummary, ChannelTier, CustomerChannel};

use crate::SegmentError;
use crate::book::{Book, absent};

/// To be written.
pub(crate) fn table(_book: &Book<'_>) -> Result<Mart, SegmentError> {
    absent::<ChannelSummary>()
}

/// To be written.
pub(crate) fn by_tier(_book: &Book<'_>) -> Result<Mart, SegmentError> {
    absent::<ChannelTier>()
}

/// To be written.
pub(crate) fn by_customer(_book: &Book<'_>) -> Result<Mart, SegmentError> {
    absent::<CustomerChannel>()
}
