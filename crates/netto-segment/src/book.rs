//! What every analysis reads: the inputs, the configuration, the windows, and the customers of each window.

use netto_model::frame::Contract;
use netto_model::{Frame, Mart};
use polars::prelude::*;

use crate::customer_window::Customer;
use crate::windows::Named;
use crate::{Inputs, SegmentConfig, SegmentError};

/// The inputs, sorted out by window.
#[derive(Clone, Copy)]
pub(crate) struct Book<'a> {
    pub(crate) inputs: &'a Inputs<'a>,
    pub(crate) config: &'a SegmentConfig,
    pub(crate) windows: &'a [Named],
    /// Of each window, in the order of the windows.
    pub(crate) customers: &'a [Vec<Customer>],
}

impl<'a> Book<'a> {
    /// Every window with its customers.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'a Named, &'a [Customer])> + use<'a> {
        self.windows.iter().zip(self.customers.iter().map(Vec::as_slice))
    }

    /// The main window with its customers.
    pub(crate) fn main(&self) -> Option<(&'a Named, &'a [Customer])> {
        self.each().next()
    }

    /// The table of every window, from the rows of each; without a row of its own it is empty.
    pub(crate) fn table<T: Contract>(
        &self,
        of_window: impl Fn(&'a Named, &'a [Customer]) -> Result<DataFrame, SegmentError>,
    ) -> Result<Mart, SegmentError> {
        let plans = self.each().map(|(named, customers)| of_window(named, customers));
        stacked::<T>(plans)
    }

    /// The table of the main window alone.
    pub(crate) fn table_of_main<T: Contract>(
        &self,
        of_window: impl Fn(&'a Named, &'a [Customer]) -> Result<DataFrame, SegmentError>,
    ) -> Result<Mart, SegmentError> {
        stacked::<T>(self.main().into_iter().map(|(named, customers)| of_window(named, customers)))
    }
}

/// A table without rows, for an analysis whose sources are missing.
#[expect(clippy::unnecessary_wraps, reason = "what an analysis returns")]
pub(crate) fn absent<T: Contract>() -> Result<Mart, SegmentError> {
    Ok(Frame::<T>::empty().mart())
}

/// Parts of a table below one another; a part without rows may lack columns.
pub(crate) fn stacked<T: Contract>(
    parts: impl IntoIterator<Item = Result<DataFrame, SegmentError>>,
) -> Result<Mart, SegmentError> {
    let mut plans = Vec::new();
    for part in parts {
        let part = part?;
        if part.height() > 0 {
            plans.push(part.lazy());
        }
    }
    if plans.is_empty() {
        return absent::<T>();
    }
    Ok(Frame::<T>::try_new(concat(plans, UnionArgs::default())?)?.mart())
}
