//! How certain a profit or loss is: the band of each customer's net profit in the main window.
//!
//! ```text
//! net profit  low     high
//! 120         80      155     earns, wherever in the band the truth lies
//! -12        -40       11     may earn or lose
//! ```

use std::collections::BTreeMap;

use minijinja::{Value, context};
use netto_model::{column as c, contract};
use polars::prelude::*;

use super::format::Format;
use super::marts::{Marts, text, units};

/// The lowest and highest net profit within the ranges of the configuration.
pub(super) struct Band {
    profit: i64,
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) certain: bool,
}

/// The bands by customer; empty where the sensitivity wasn't computed.
pub(super) struct Bands(BTreeMap<String, Band>);

impl Bands {
    pub(super) fn new(marts: &Marts<'_>) -> PolarsResult<Self> {
        let data = marts.of_window(contract::model("sensitivity"))?;
        let band = |row| {
            let certain = data.column(c::SIGN_CERTAIN)?.bool()?.get(row).unwrap_or_default();
            let amount = |name| units(&data, name, row);
            let (profit, low, high) = (amount(c::NET_PROFIT)?, amount(c::NET_PROFIT_LOW)?, amount(c::NET_PROFIT_HIGH)?);
            Ok((text(&data, c::CUSTOMER_ID, row)?, Band { profit, low, high, certain }))
        };
        Ok(Self((0..data.height()).map(band).collect::<PolarsResult<_>>()?))
    }

    pub(super) fn get(&self, customer: &str) -> Option<&Band> {
        self.0.get(customer)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many customers lose anywhere in their band; `None` if it isn't known.
    pub(super) fn losing_for_certain(&self) -> Option<i64> {
        let losing = self.0.values().filter(|band| band.profit < 0 && band.certain).count();
        (!self.is_empty()).then(|| i64::try_from(losing).unwrap_or(i64::MAX))
    }

    /// How many customers lose for certain, how many losing ones may earn, and how many earning ones may lose.
    pub(super) fn counts(&self, format: &Format) -> Value {
        if self.0.is_empty() {
            return Value::from(());
        }
        let count = |losing: bool, certain: bool| {
            let found = self.0.values().filter(|band| (band.profit < 0) == losing && band.certain == certain);
            format.grouped(i64::try_from(found.count()).unwrap_or(i64::MAX))
        };
        context! { losing => count(true, true), may_earn => count(true, false), may_lose => count(false, false) }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{line, one_customer, rendered, replace, row};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn a_loss_that_may_be_a_profit_is_not_called_a_loss() {
        let band = |low, high, certain| {
            let mut marts = one_customer();
            let (window, id) = (AnyValue::String("main"), AnyValue::String("B\"1"));
            let profit = AnyValue::Int64(-8_000_000);
            let cells = [
                (c::WINDOW, window),
                (c::CUSTOMER_ID, id),
                (c::NET_PROFIT, profit),
                (c::NET_PROFIT_LOW, AnyValue::Int64(low)),
                (c::NET_PROFIT_HIGH, AnyValue::Int64(high)),
                (c::SIGN_CERTAIN, AnyValue::Boolean(certain)),
            ];
            replace(&mut marts, contract::model("sensitivity"), row(contract::model("sensitivity"), &cells));
            let html = rendered(&marts);
            let start = html.find("−800<small>").unwrap();
            (
                line(&html, "them for certain")[..].contains("1 of them for certain."),
                html[start - 16..start + 90].to_owned(),
            )
        };
        let (certain, cell) = band(-12_000_000, -3_000_000, true);
        assert!(certain && cell.contains(r#"negative">−800<small>−1.200 to −300</small></td>"#), "{cell}");
        let (certain, cell) = band(-12_000_000, 3_000_000, false);
        assert!(
            !certain
                && cell.contains(r#"doubtful">−800<small>−1.200 to 300</small><small class="doubt">may earn or lose"#),
            "{cell}"
        );
    }
}
