//! Numbers the orders of some lines, so that per-order checks look up each id only once.
//!
//! ```text
//! lines   A-7  A-7  A-3  A-7      orders  0  0  1  0      ids  A-7  A-3
//! ```

use netto_model::column::ORDER_ID;
use polars::prelude::*;

/// The orders of some lines, in the order in which they come.
pub(crate) struct Orders<'l> {
    /// The number of each line's order.
    pub(crate) of_line: Vec<usize>,
    /// By number.
    pub(crate) ids: Vec<&'l str>,
}

impl<'l> Orders<'l> {
    /// Of the lines of a frame.
    ///
    /// # Errors
    /// When they have no order ids.
    pub(crate) fn of(lines: &'l DataFrame) -> PolarsResult<Self> {
        let (mut numbers, mut ids): (PlHashMap<&str, usize>, Vec<&str>) = (PlHashMap::new(), Vec::new());
        let mut number = 0;
        let of_line = lines.column(ORDER_ID)?.str()?.iter().map(|id| {
            let id = id.unwrap_or_default();
            // The lines of an order are mostly adjacent.
            if ids.get(number) != Some(&id) {
                number = *numbers.entry(id).or_insert(ids.len());
                if number == ids.len() {
                    ids.push(id);
                }
            }
            number
        });
        Ok(Self { of_line: of_line.collect(), ids })
    }

    /// The number of orders.
    pub(crate) const fn len(&self) -> usize {
        self.ids.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_the_number_of_its_order() {
        let lines = df!(ORDER_ID => ["A-7", "A-7", "A-3", "A-7", "B"]).unwrap();
        let orders = Orders::of(&lines).unwrap();
        assert_eq!((orders.of_line.as_slice(), orders.len()), ([0, 0, 1, 0, 2].as_slice(), 3));
        assert_eq!(orders.ids, ["A-7", "A-3", "B"]);
    }
}
