//! The customers of any months, each window cut into tiers once: goals and actions have periods of their own.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use netto_model::Window;

use crate::customer_window::{Customer, customers};
use crate::windows::Named;
use crate::{Inputs, SegmentConfig, SegmentError};

/// Customers by window, kept once they are computed.
pub(crate) struct WindowCustomers<'a> {
    inputs: &'a Inputs<'a>,
    config: &'a SegmentConfig,
    known: RefCell<BTreeMap<Window, Rc<BTreeMap<String, Customer>>>>,
}

impl<'a> WindowCustomers<'a> {
    pub(crate) const fn new(inputs: &'a Inputs<'a>, config: &'a SegmentConfig) -> Self {
        Self { inputs, config, known: RefCell::new(BTreeMap::new()) }
    }

    /// Everyone who bought or was served in the window or before it, by id.
    pub(crate) fn of(&self, window: Window) -> Result<Rc<BTreeMap<String, Customer>>, SegmentError> {
        if let Some(known) = self.known.borrow().get(&window) {
            return Ok(Rc::clone(known));
        }
        let named = Named { name: window.to_string(), window, previous: None };
        let rows = customers(self.inputs, &named, self.config)?;
        let rows = Rc::new(rows.into_iter().map(|customer| (customer.id.clone(), customer)).collect());
        self.known.borrow_mut().insert(window, Rc::clone(&rows));
        Ok(rows)
    }
}
