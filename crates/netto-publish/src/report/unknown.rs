//! Leaves out of a report what needs a missing cost of goods or cost to serve: revenue labelled as profit would mislead every reader.
//!
//! ```text
//! no cost of goods      no margin, and whatever comes after it
//! no cost to serve      no cost-to-serve, no net profit, no order that loses
//! ```

use super::page::Page;

/// The input that a section or a column needs; or that it belongs to the main window only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    /// The cost of goods.
    Margin,
    /// The cost to serve, and the cost of goods.
    Profit,
    /// The main window, because it is about the present, whatever window is shown.
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
            | "Moving the rest saves"
            | "Before customer cost"
            | "Customer cost"
            | "Adds"
            | "Margin and cost" => Self::Profit,
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{Cells, b, data, finding, m, n, one_customer, rendered, replace, row, rows, section, t};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn without_the_cost_to_serve_nothing_is_called_a_profit_in_a_section_or_on_a_page() {
        let mut marts = one_customer();
        let month = [
            (c::CUSTOMER_ID, t("B\"1")),
            (c::PERIOD, AnyValue::Date(20_148)),
            (c::NET_PROFIT, m(300)),
            (c::COGS_SUPPLIED, b(true)),
        ];
        replace(&mut marts, &contract::FCT_CUSTOMER_MONTH, row(&contract::FCT_CUSTOMER_MONTH, &month));
        let tables: [(&str, Cells); 6] = [
            ("supplier", vec![("supplier_id", t("S")), (c::GROSS_MARGIN, m(70)), (c::NET_BEFORE_CUSTOMER_COST, m(70))]),
            (
                "market",
                vec![(c::MARKET, t("Farms")), (c::PRODUCT_GROUP, t("Pumps")), (c::NET_BEFORE_CUSTOMER_COST, m(30))],
            ),
            ("customer_order_size", vec![(c::CUSTOMER_ID, t("B\"1")), (c::BAND, n(1)), (c::NET_PROFIT, m(30))]),
            ("delta", vec![(c::CUSTOMER_ID, t("B\"1")), (c::CHANGE, m(30)), (c::NET_PROFIT, m(30))]),
            ("sensitivity", vec![(c::CUSTOMER_ID, t("B\"1")), (c::NET_PROFIT, m(30)), (c::SIGN_CERTAIN, b(true))]),
            (
                "sales_force",
                vec![(c::LEVEL, t("employee")), (c::KEY, t("E")), (c::NET_PROFIT, m(30)), (c::ADDED_VALUE, m(20))],
            ),
        ];
        for (name, cells) in tables {
            let table = contract::model(name);
            replace(&mut marts, table, rows(table, vec![cells]));
        }
        let html = rendered(&marts);
        assert_eq!(finding(&html, "suppliers"), "The products of the only supplier leave a margin of EUR 70");
        assert_eq!(finding(&html, "markets"), "Pumps in Farms leaves the largest margin, EUR 30");
        assert!(finding(&html, "change").starts_with("Gross margin of customers rose"));
        for id in ["suppliers", "markets", "change", "sales", "best"] {
            let words = section(&html, id).split('<').filter_map(|part| part.split_once('>'));
            let text: String = words.map(|(_, text)| text).collect();
            assert!(!text.is_empty() && !text.to_lowercase().contains("profit"), "{id}: {text}");
        }
        let data = data(&html);
        for kind in ["customers", "employees"] {
            let shared = format!("{} {}", data[kind]["facts"], data[kind]["tables"]);
            assert!(!data[kind]["pages"].as_object().unwrap().is_empty(), "{kind}");
            let pages = &data[kind]["pages"];
            let of_known: Vec<&String> = pages
                .as_object()
                .unwrap()
                .values()
                .flat_map(|page| page["tables"].as_object().unwrap().keys())
                .collect();
            assert!(!of_known.contains(&&"change".to_owned()), "{of_known:?}");
            assert!(!shared.contains("\"Adds\"") && !shared.contains("Net profit\",\"Lose"), "{shared}");
        }
        assert!(data["customers"]["pages"]["B\"1"]["band"].is_null());
    }
}
