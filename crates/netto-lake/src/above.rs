//! Fills empty values from the row above, for programs that write a document's head on its first line only:
//! `fill_down = ["Order", "Date", "Customer"]`.
//!
//! ```text
//! Order  Date        Customer  Article        Order  Date        Customer  Article
//! 1001   03-03-2025  K1        pump           1001   03-03-2025  K1        pump
//!                              pipe      →    1001   03-03-2025  K1        pipe
//! 1002   04-03-2025            drill          1002   04-03-2025            drill
//! ```
//! A new value resets the columns behind it in the list: order 1002 has no customer, rather than that of 1001. If rows are grouped
//! by customer, `["Customer", "Order", "Date"]` keeps a customer for all orders below it.

use std::borrow::Cow;

use crate::ids;
use crate::typed::Signs;

/// The current values from above, in the order of the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Above {
    values: Vec<String>,
    /// Rows that took a value, for each column.
    pub(crate) filled: Vec<u64>,
}

impl Above {
    /// The state before the first row of a file: no values.
    pub(crate) fn first_row(columns: usize) -> Self {
        Self { values: vec![String::new(); columns], filled: vec![0; columns] }
    }

    /// Fills the fields of a row from above; returns how many of them the row has itself.
    pub(crate) fn fill<'a>(
        &mut self,
        places: &[usize],
        fields: &[Cow<'a, str>],
        signs: &Signs,
    ) -> (Vec<Cow<'a, str>>, usize) {
        let (mut fields, mut own) = (fields.to_vec(), 0);
        for (at, &place) in places.iter().enumerate() {
            let (Some(field), Some(value)) = (fields.get_mut(place), self.values.get(at)) else { continue };
            let text = ids::trimmed(field);
            if !signs.is_null(text) {
                own += 1;
                if text != value {
                    text.clone_into(&mut self.values[at]);
                    self.values[at + 1..].iter_mut().for_each(String::clear);
                }
            } else if !value.is_empty() {
                *field = Cow::Owned(value.clone());
                self.filled[at] += 1;
            }
        }
        (fields, own)
    }

    /// Resets all values: an unreadable row may be a head, so the rows below it must not take older values.
    pub(crate) fn end(&mut self) {
        self.values.iter_mut().for_each(String::clear);
    }

    /// Whether a row excluded by `where` is a total rather than a head: a total has a label in one head column, a head fills several.
    pub(crate) fn is_label(&self, own: usize) -> bool {
        own == 1 && self.values.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(places: &[usize], rows: &[[&str; 3]]) -> Vec<String> {
        let mut above = Above::first_row(places.len());
        let row = |row: &[&str; 3]| {
            let fields: Vec<Cow<'_, str>> = row.iter().map(|text| Cow::Borrowed(*text)).collect();
            above.fill(places, &fields, &Signs::plain()).0.join(",")
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn another_value_ends_what_stands_behind_it_in_the_list() {
        let rows = [["", "", ""], ["1", "K1", "web"], ["", "", ""], ["2", "", ""], ["", " ", ""], ["2", "", "web"]];
        assert_eq!(filled(&[0, 1], &rows), [",,", "1,K1,web", "1,K1,", "2,,", "2, ,", "2,,web"]);
        assert_eq!(filled(&[1, 0], &rows), [",,", "1,K1,web", "1,K1,", "2,K1,", "2,K1,", "2,K1,web"]);
    }

    #[test]
    fn the_same_order_number_on_every_line_keeps_its_head() {
        let rows = [["1", "K1", ""], ["1", "", ""], ["2", "", ""]];
        assert_eq!(filled(&[0, 1], &rows), ["1,K1,", "1,K1,", "2,,"]);
    }
}
