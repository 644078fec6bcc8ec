//! The customers of any months, each window cut into tiers once: goals and actions have periods of their own.
//!
//! Where the configuration asks for hysteresis, a customer may be held in its tier of the months before, as in the windows of
//! the other tables.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use netto_model::{Period, Window};

use crate::customer_window::{Customer, customers};
use crate::hysteresis::hold;
use crate::windows::{Named, months};
use crate::{Inputs, SegmentConfig, SegmentError};

/// Customers of a window, by id.
pub(crate) type Customers = Rc<BTreeMap<String, Customer>>;

/// Customers by window, kept once they are computed.
pub(crate) struct WindowCustomers<'a> {
    inputs: &'a Inputs<'a>,
    config: &'a SegmentConfig,
    /// First month of the data.
    pub(crate) first_month: Period,
    known: RefCell<BTreeMap<Window, Customers>>,
}

impl<'a> WindowCustomers<'a> {
    pub(crate) fn new(inputs: &'a Inputs<'a>, config: &'a SegmentConfig) -> Result<Self, SegmentError> {
        let first_month = months(inputs)?.first().copied().unwrap_or(inputs.last_month);
        Ok(Self { inputs, config, first_month, known: RefCell::new(BTreeMap::new()) })
    }

    /// Everyone who bought or was served in the window or before it.
    pub(crate) fn of(&self, window: Window) -> Result<Customers, SegmentError> {
        if let Some(known) = self.known.borrow().get(&window) {
            return Ok(Rc::clone(known));
        }
        let rows = self.cut(window)?;
        let rows = Rc::new(rows.into_iter().map(|customer| (customer.id.clone(), customer)).collect());
        self.known.borrow_mut().insert(window, Rc::clone(&rows));
        Ok(rows)
    }

    fn cut(&self, window: Window) -> Result<Vec<Customer>, SegmentError> {
        let earlier = window.previous();
        let named = |window: Window, previous| Named { name: window.to_string(), window, previous };
        let now = named(window, Some(earlier.to_string()));
        let rows = customers(self.inputs, &now, self.config)?;
        if self.config.hysteresis <= 0.0 || earlier.last < self.first_month {
            return Ok(rows);
        }
        let before = self.of(earlier)?.values().cloned().collect();
        let mut both = [before, rows];
        hold(&[named(earlier, None), now], &mut both, self.config);
        let [_, rows] = both;
        Ok(rows)
    }
}
