//! Reverses the signs of returns and credit notes that an extract writes as printed, with positive amounts.
//!
//! ```text
//! credit, 4 pieces, 400.00      returns = "positive"  →  −4 pieces, −400.00
//! sale,  10 pieces, 1000.00                              stays
//! ```

use crate::rows::Cell;
use crate::valuation::{AMOUNTS, KIND, QUANTITY};

/// Reverses all signs of a line of kind `return` or `credit`.
pub(crate) fn turn(line: &mut [Cell<'_>]) {
    if !KIND.text(line).is_some_and(|kind| kind == "return" || kind == "credit") {
        return;
    }
    for place in AMOUNTS.into_iter().chain([QUANTITY]) {
        if let Some(units) = place.number(line) {
            place.set(line, -units);
        }
    }
}
