//! Compares scenarios side by side: each figure of the main window as it is, and as each scenario would change it.
//!
//! ```text
//!                    doing nothing   charge      price
//! invoice revenue        6,217,723   6,214,310   6,275,002
//! result                   311,036     319,410     398,220
//! ```

use netto_model::frame::ScenarioResult;
use netto_model::{Frame, Mart, Money, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::simulate::{Figure, Simulation};

/// A scenario and its effect.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Its id: the file name without extension.
    pub scenario: String,
    /// Its display name.
    pub label: String,
    /// Its effect.
    pub simulation: Simulation,
}

/// The table of the scenarios.
///
/// # Errors
/// When two scenarios have the same id.
pub fn table(scenarios: &[Compared]) -> Result<Mart, SegmentError> {
    let rows: Vec<(&Compared, i64, &Figure)> = scenarios
        .iter()
        .flat_map(|one| (1..).zip(&one.simulation.figures).map(move |(order, figure)| (one, order, figure)))
        .collect();
    let each = |of: fn(&Figure) -> Money| rows.iter().map(|(.., figure)| of(figure).units()).collect::<Vec<i64>>();
    let frame = df!(
        c::SCENARIO => rows.iter().map(|(one, ..)| one.scenario.as_str()).collect::<Vec<_>>(),
        c::FIGURE => rows.iter().map(|(.., figure)| figure.name).collect::<Vec<_>>(),
        c::FIGURE_ORDER => rows.iter().map(|(_, order, _)| *order).collect::<Vec<_>>(),
        c::LABEL => rows.iter().map(|(one, ..)| one.label.as_str()).collect::<Vec<_>>(),
        c::BEFORE => each(|figure| figure.before),
        c::AFTER => each(|figure| figure.after),
        c::CHANGE => each(|figure| figure.change),
    )?;
    Ok(Frame::<ScenarioResult>::try_new(frame.lazy())?.mart())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(scenario: &str, after: i64) -> Compared {
        let figure = |name, before: i64, after: i64| {
            let [before, after, change] = [before, after, after - before].map(Money::from_units);
            Figure { name, before, after, change }
        };
        let figures = vec![figure(c::INVOICE_REVENUE, 100, after), figure(c::RESULT, 10, after - 90)];
        let simulation = Simulation {
            figures,
            effects: Vec::new(),
            treatments: Vec::new(),
            capacity_freed: Money::ZERO,
            demand: Vec::new(),
        };
        Compared { scenario: scenario.into(), label: scenario.to_uppercase(), simulation }
    }

    #[test]
    fn every_scenario_has_every_figure_in_its_order() {
        let mart = table(&[compared("price", 105), compared("charge", 102)]).unwrap();
        let text = |name: &str| mart.data.column(name).unwrap().str().unwrap().iter().flatten().collect::<Vec<_>>();
        let numbers = |name: &str| mart.data.column(name).unwrap().i64().unwrap().iter().flatten().collect::<Vec<_>>();
        assert_eq!(text(c::SCENARIO), ["charge", "charge", "price", "price"]);
        assert_eq!(text(c::FIGURE), [c::INVOICE_REVENUE, c::RESULT, c::INVOICE_REVENUE, c::RESULT]);
        assert_eq!((numbers(c::FIGURE_ORDER), numbers(c::CHANGE)), (vec![1, 2, 1, 2], vec![2, 2, 5, 5]));
    }

    #[test]
    fn without_scenarios_there_are_no_rows_and_one_name_is_for_one_scenario() {
        assert_eq!(table(&[]).unwrap().data.height(), 0);
        assert!(table(&[compared("price", 105), compared("price", 102)]).is_err());
    }
}
