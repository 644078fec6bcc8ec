//! Refuses extracts that would replace a month by far fewer rows, as a partial export looks like a complete one.
//!
//! ```text
//! shrink = 0.5      2025-03  30 lines before, 1 after     1 line replaces 30 in 2025-03
//!                   2025-02  30 lines before, 16 after    fine
//! ```

use std::collections::BTreeMap;
use std::fmt;

use netto_model::money::count;
use netto_model::table::Table;
use netto_model::{Period, contract};

/// Months, or the whole table, that lost more of their rows than `shrink` allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shrunk {
    source: &'static str,
    /// Rows before and after, by month; without a month, for the whole table.
    pub months: BTreeMap<Option<Period>, (u64, u64)>,
}

/// Months that a message names.
const SHOWN: usize = 6;

impl Shrunk {
    /// The replaced months that lose more than the share.
    pub(crate) fn of(source: &'static Table, replaced: BTreeMap<Option<Period>, (u64, u64)>, share: f64) -> Self {
        let mut months = replaced;
        months.retain(|_, (before, after)| *before > *after && *before - *after > share_of(*before, share));
        Self { source: source.name, months }
    }

    /// Whether no month shrank too much.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.months.is_empty()
    }

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        let part = if self.months.contains_key(&None) {
            ""
        } else {
            "use load = \"upsert\" or \"append\" for extracts that have only a part of their months; "
        };
        format!(
            "is the extract complete? {part}if it is right, `--accept-shrink` accepts it once, and [source.{}] shrink = 1 always",
            self.source
        )
    }
}

/// `order_lines: 1 line replaces 30 in 2025-03, 0 lines replace 12 in 2025-02`
impl fmt::Display for Shrunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.source == contract::ORDER_LINES.name { "line" } else { "row" };
        let one = |(month, (before, after)): (&Option<Period>, &(u64, u64))| {
            if month.is_none() && *after == 0 {
                return format!("the extract has no rows, but {} were loaded before", count(*before));
            }
            let month = month.map(|month| format!(" in {month}")).unwrap_or_default();
            let verb = if *after == 1 { format!("{noun} replaces") } else { format!("{noun}s replace") };
            format!("{} {verb} {}{month}", count(*after), count(*before))
        };
        let shown: Vec<String> = self.months.iter().take(SHOWN).map(one).collect();
        write!(f, "{}: {}", self.source, shown.join(", "))?;
        match self.months.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, ", and {more} more months"),
        }
    }
}

/// The whole number of rows in a share of them.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a limit of rows: a share lies between 0 and 1, and no extract has 2^52 rows"
)]
pub(crate) fn share_of(rows: u64, share: f64) -> u64 {
    (rows as f64 * share).floor() as u64
}

#[cfg(test)]
mod tests {
    use netto_model::contract::{CUSTOMERS, ORDER_LINES, STOCK};

    use super::*;

    fn shrunk(source: &'static Table, months: &[(Option<Period>, (u64, u64))]) -> Shrunk {
        Shrunk::of(source, months.iter().copied().collect(), 0.5)
    }

    #[test]
    fn months_that_shrink_are_named_with_their_lines() {
        let month = |month, before, after| (Some(Period::new(2025, month)), (before, after));
        let lines = shrunk(&ORDER_LINES, &[month(3, 30, 1), month(4, 12, 0), month(5, 30, 15)]);
        assert_eq!(lines.to_string(), "order_lines: 1 line replaces 30 in 2025-03, 0 lines replace 12 in 2025-04");
        let whole = shrunk(&CUSTOMERS, &[(None, (800, 3))]);
        assert_eq!(
            (whole.to_string(), whole.help().starts_with("is the extract complete? if it is right")),
            ("customers: 3 rows replace 800".into(), true)
        );
        let empty = shrunk(&CUSTOMERS, &[(None, (800, 0))]);
        assert_eq!(empty.to_string(), "customers: the extract has no rows, but 800 were loaded before");
        let many: Vec<_> = (1..=9).map(|of| month(of, 10, 1)).collect();
        assert!(shrunk(&STOCK, &many).to_string().ends_with("1 row replaces 10 in 2025-06, and 3 more months"));
        assert!(shrunk(&STOCK, &[month(1, 10, 5), month(2, 3, 9)]).is_empty());
    }
}
