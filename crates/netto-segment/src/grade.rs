//! Grades A to F in the main window: each column of the configuration as a place among the active customers, from 0 (last) to 1
//! (first), weighted.
//!
//! ```text
//! weights      net_profit 0.5   invoice_revenue 0.3   cost_share −0.2        score
//! C7           2nd of 5: 0.75   1st: 1                lowest but one: 0.75   (0.375 + 0.3 + 0.15) ÷ 1 = 0.825    A
//! ```
//! Equals share the mean of their places. Who has no value, because there is no revenue or no margin to divide, stands last.

use netto_model::contract::GRADES;
use netto_model::frame::Grade;
use netto_model::money::{MILLION, millionths};
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::share;
use crate::customer_window::{self, Customer};
use crate::{GradesConfig, SegmentError};

/// A weighted mean of places, kept as a fraction of whole numbers: so a score of just 0.8 is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Score {
    sum: i128,
    most: i128,
}

impl Score {
    #[expect(clippy::cast_precision_loss, reason = "a score, not money")]
    fn value(self) -> f64 {
        self.sum as f64 / self.most as f64
    }

    /// The first grade whose bound is reached; the last one has none.
    fn grade(self, bounds: &[f64]) -> &'static str {
        let reached = |bound: &f64| self.sum * i128::from(MILLION) >= i128::from(millionths(*bound)) * self.most;
        let graded = bounds.iter().zip(GRADES).find(|(bound, _)| reached(bound)).map(|(_, grade)| *grade);
        graded.or(GRADES.last().copied()).unwrap_or_default()
    }
}

/// The active customers of the main window; nobody where no weights are configured.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let config = &book.config.grades;
    if config.weights.is_empty() {
        return absent::<Grade>();
    }
    book.table_of_main::<Grade>(|named, customers| {
        let active: Vec<Customer> = customers.iter().filter(|row| row.is_active()).cloned().collect();
        let scores = scores(&active, config)?;
        Ok(df!(
            c::WINDOW => vec![named.name.as_str(); active.len()],
            c::CUSTOMER_ID => active.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
            c::SCORE => scores.iter().map(|score| score.value()).collect::<Vec<_>>(),
            c::GRADE => scores.iter().map(|score| score.grade(&config.bounds)).collect::<Vec<_>>(),
        )?)
    })
}

fn scores(active: &[Customer], config: &GradesConfig) -> PolarsResult<Vec<Score>> {
    let data = customer_window::of_window("", active)?;
    let mut scores = vec![Score::default(); active.len()];
    for (column, weight) in config.weights() {
        let better = if weight < 0 { -1.0 } else { 1.0 };
        let values = values(&data, active, column)?;
        let places = places(&values.into_iter().map(|value| value.map(|value| value * better)).collect::<Vec<_>>());
        for (score, place) in scores.iter_mut().zip(places) {
            score.sum += i128::from(weight.abs()) * place.sum;
            score.most += i128::from(weight.abs()) * place.most;
        }
    }
    Ok(scores)
}

/// A column of `customer_window`, or the share of cost.
fn values(data: &DataFrame, active: &[Customer], column: &str) -> PolarsResult<Vec<Option<f64>>> {
    if column == c::COST_SHARE {
        return Ok(active.iter().map(|row| share(row.cost, row.revenue)).collect());
    }
    Ok(data.column(column)?.cast(&DataType::Float64)?.f64()?.iter().collect())
}

/// The place of each value, higher is better: those below it, and half of its equals, of all others. Nothing is below all.
fn places(values: &[Option<f64>]) -> Vec<Score> {
    let key = |value: &Option<f64>| value.unwrap_or(f64::NEG_INFINITY);
    let mut sorted: Vec<f64> = values.iter().map(key).collect();
    sorted.sort_by(f64::total_cmp);
    let count = |number: usize| i128::try_from(number).unwrap_or_default();
    let others = count(values.len()) - 1;
    let place = |value: &Option<f64>| {
        let key = key(value);
        let lower = count(sorted.partition_point(|other| *other < key));
        let not_higher = count(sorted.partition_point(|other| *other <= key));
        // The only customer is the first.
        if others == 0 { Score { sum: 1, most: 1 } } else { Score { sum: lower + not_higher - 1, most: 2 * others } }
    };
    values.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use std::collections::BTreeMap;

    fn config(weights: &[(&str, f64)]) -> GradesConfig {
        let weights: BTreeMap<String, f64> =
            weights.iter().map(|(column, weight)| ((*column).to_owned(), *weight)).collect();
        GradesConfig { weights, ..GradesConfig::default() }
    }

    fn found(active: &[Customer], weights: &[(&str, f64)]) -> Vec<(f64, &'static str)> {
        let config = config(weights);
        scores(active, &config).unwrap().iter().map(|score| (score.value(), score.grade(&config.bounds))).collect()
    }

    #[test]
    fn the_first_scores_one_the_last_zero_and_equals_share_their_places() {
        let values = |values: &[i64]| {
            let rows: Vec<Customer> = values.iter().map(|profit| customer("A", 1, 100, *profit)).collect();
            found(&rows, &[("net_profit", 2.0)]).into_iter().map(|(score, _)| score).collect::<Vec<_>>()
        };
        assert_eq!(values(&[50, 10, 40, 20, 30]), [1.0, 0.0, 0.75, 0.25, 0.5]);
        assert_eq!(values(&[50, 20, 20, 20, 10]), [1.0, 0.5, 0.5, 0.5, 0.0]);
        assert_eq!(values(&[7]), [1.0]);
    }

    #[test]
    fn a_negative_weight_says_that_lower_is_better() {
        let rows = [customer("A", 1, 100, 9), customer("B", 2, 300, 1)];
        assert_eq!(found(&rows, &[("net_profit", 0.8), ("invoice_revenue", -0.2)]), [(1.0, "A"), (0.0, "F")]);
        assert_eq!(found(&rows, &[("net_profit", 0.8), ("invoice_revenue", 0.2)]), [(0.8, "A"), (0.2, "E")]);
    }

    #[test]
    fn who_has_no_share_because_there_is_no_revenue_stands_last() {
        let returned = Customer { revenue: 0, ..customer("B", 2, 0, 0) };
        let rows = [Customer { cost: 99, ..customer("A", 1, 100, 1) }, returned];
        assert_eq!(found(&rows, &[("cost_share", -1.0)]), [(1.0, "A"), (0.0, "F")]);
        assert_eq!(found(&rows, &[("margin_share", 1.0)]), [(1.0, "A"), (0.0, "F")]);
    }

    #[test]
    fn a_score_of_just_the_bound_has_the_grade() {
        let bounds = GradesConfig::default().bounds;
        let grade = |sum| Score { sum, most: 1_000_000 }.grade(&bounds);
        assert_eq!([800_000, 799_999, 500_000, 200_000, 199_999, 0].map(grade), ["A", "B", "C", "E", "F", "F"]);
    }

    #[test]
    fn every_column_that_may_be_weighted_is_a_number_of_a_customer() {
        let rows = [customer("A", 1, 100, 9), customer("B", 2, 300, 1)];
        for column in GradesConfig::columns() {
            assert_eq!(found(&rows, &[(column, 1.0)]).len(), 2, "{column}");
        }
    }
}
