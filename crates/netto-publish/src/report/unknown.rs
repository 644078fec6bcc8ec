//! What a report can't say where the cost of goods, or the cost to serve, was not supplied: it is left out, for a revenue that is called a profit
//! fools whoever reads it.
//!
//! ```text
//! no cost of goods      no margin, and whatever comes after it
//! no cost to serve      no cost-to-serve, no net profit, no order that loses
//! ```

use super::page::Page;

/// What a section, or a column, can't do without; and what has a place in the main window only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    /// The cost of goods.
    Margin,
    /// The cost to serve, and the cost of goods.
    Profit,
    /// The main window: what it says is so now, whatever window is looked at.
    Now,
}

impl Needs {
    /// Whether a report has it.
    pub(super) fn are_met(self, page: &Page<'_>) -> bool {
        match self {
            Self::Nothing => true,
            Self::Margin => page.knows_margin,
            Self::Profit => page.knows_margin && page.knows_cost,
            Self::Now => page.marts.is_main(),
        }
    }

    /// What a column needs, by its heading.
    pub(super) fn of_column(head: &str) -> Self {
        match head {
            "Gross margin" | "Margin" | "Margin %" | "Margin at stake" | "Product margin" | "Brings at most" => {
                Self::Margin
            }
            "Cost-to-serve"
            | "Net profit"
            | "Net profit now"
            | "Net profit each"
            | "Change of net profit"
            | "One step up brings"
            | "Lose"
            | "Lose money"
            | "They lose"
            | "Breaks even from"
            | "Cost per order"
            | "Moving the others saves"
            | "Margin and cost" => Self::Profit,
            _ => Self::Nothing,
        }
    }
}
