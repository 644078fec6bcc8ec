//! What to do about a customer that loses money, and what that would bring, against doing nothing.
//!
//! Every remedy for every customer with a net profit below zero in the main window. A remedy is a file: it says what its value
//! is, which value ends the loss (the break-even, at full cost), which value may be asked for, and what the company then gains.
//!
//! ```text
//! expected change = (1 − p) × gain if it stays + p × change if it leaves        p: probability of leaving
//! loses 600, leaving would cost 1,220; 12.50 for each of 48 orders brings 600, and one in ten leaves over it:
//! 0.9 × 600 + 0.1 × −1,220 = 418
//! ```
//! What a remedy brings is a change of the company's result: what the customer pays more counts in full, work that goes away
//! only by its avoidable part; the rest is capacity that is freed for others. The remedy with the highest expected change above
//! zero is proposed, one per customer at most; ties go to the first in the order of the contract.
//!
//! ```text
//! case.rs         the customer: margin, cost and its avoidable part, orders, visits
//! order_cost.rs   what an order costs whatever is in it, and what its lines cost
//! words.rs        figures in sentences
//! ```
//! Sources: Kaplan & Narayanan, *Measuring and Managing Customer Profitability* (2001); Nagle & Müller, *The Strategy and
//! Tactics of Pricing*, for the break-even volume.

mod case;
mod channel_shift;
mod config;
mod discount_change;
mod farewell;
mod minimum_annual_revenue;
mod minimum_order_size;
mod order_charge;
mod order_cost;
mod visit_frequency;
mod words;

use std::cmp::Reverse;

use netto_model::frame::Remedy;
use netto_model::money::{MILLION, divide_half_even, millionths};
use netto_model::{Mart, column as c};
use polars::prelude::*;

use case::{Case, Cost};
use words::figure;

use crate::SegmentError;
use crate::book::Book;
use crate::columns::share;
use crate::models::Tables;

pub use config::{LeavingConfig, RemedyConfig};

/// A remedy: its name, what its values are, and how it is worked out.
struct Kind {
    name: &'static str,
    measure: &'static str,
    work_out: fn(&Case<'_>, &RemedyConfig) -> Outcome,
}

/// Every remedy, a line each.
const KINDS: [Kind; 7] = [
    minimum_annual_revenue::KIND,
    discount_change::KIND,
    minimum_order_size::KIND,
    order_charge::KIND,
    channel_shift::KIND,
    visit_frequency::KIND,
    farewell::KIND,
];

/// What a remedy comes to for a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Outcome {
    /// The value that makes net profit zero.
    break_even: Option<i64>,
    /// The value today.
    current: Option<i64>,
    /// Nothing where it can't be applied.
    effect: Option<Effect>,
    reason: String,
}

/// What a remedy does, if the customer stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effect {
    /// What is asked for; a farewell asks for nothing.
    value: Option<i64>,
    /// Change of the company's result.
    gain: i64,
    /// Cost that goes away; below zero where more comes.
    cost: Cost,
}

impl Outcome {
    fn not_applicable(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), ..Self::default() }
    }
}

/// A remedy for a customer, judged against the others.
struct Row<'a> {
    case: &'a Case<'a>,
    kind: &'static Kind,
    outcome: Outcome,
    /// Of leaving, in millionths.
    probability: i64,
    rank: Option<i64>,
}

/// The table of the main window; `tables` are those of the models.
pub(crate) fn table(book: &Book<'_>, tables: &Tables) -> Result<Mart, SegmentError> {
    book.table_of_main::<Remedy>(|named, customers| {
        let channels = case::channels(book, named)?;
        let cases = case::cases(book, tables, named, customers, &channels)?;
        let rows: Vec<Row<'_>> = cases.iter().flat_map(|case| judged(case, &book.config.remedy)).collect();
        Ok(of_window(&named.name, &rows)?)
    })
}

/// Every remedy for a customer, with its place among those that can be applied.
fn judged<'a>(case: &'a Case<'a>, config: &RemedyConfig) -> Vec<Row<'a>> {
    let row = |kind: &'static Kind| {
        let probability = config.leaving.of(kind.name);
        Row { case, kind, outcome: (kind.work_out)(case, config), probability, rank: None }
    };
    let mut rows: Vec<Row<'_>> = KINDS.iter().map(row).collect();
    let mut order: Vec<usize> = (0..rows.len()).filter(|&place| rows[place].outcome.effect.is_some()).collect();
    order.sort_by_key(|&place| Reverse(rows[place].expected_change()));
    for (rank, place) in (1..).zip(order) {
        rows[place].rank = Some(rank);
    }
    rows
}

impl Row<'_> {
    /// (1 − p) × gain if it stays + p × change if it leaves.
    fn expected_change(&self) -> Option<i64> {
        self.expected(|effect| effect.gain, self.case.contribution().saturating_neg())
    }

    fn is_proposed(&self) -> bool {
        self.rank == Some(1) && self.expected_change() > Some(0)
    }

    /// An amount, weighed with the probability: as the remedy has it if the customer stays, and the other if it leaves.
    fn expected(&self, stays: impl Fn(&Effect) -> i64, leaves: i64) -> Option<i64> {
        let weighed = |stays: i64| {
            let sum = i128::from(MILLION - self.probability) * i128::from(stays)
                + i128::from(self.probability) * i128::from(leaves);
            i64::try_from(divide_half_even(sum, MILLION.into())).ok()
        };
        self.outcome.effect.as_ref().and_then(|effect| weighed(stays(effect)))
    }

    /// Δ ÷ (contribution + Δ): 5 ÷ (40 + 5) = 11.1 %. Nothing where losing the customer's volume costs nothing.
    fn break_even_volume_loss(&self) -> Option<f64> {
        let gain = self.gain_if_stays().filter(|gain| *gain > 0)?;
        let contribution = self.case.contribution();
        (contribution > 0).then(|| share(gain, contribution.saturating_add(gain)))?
    }

    /// Nobody stays after a farewell.
    fn gain_if_stays(&self) -> Option<i64> {
        self.outcome.effect.filter(|_| self.probability < MILLION).map(|effect| effect.gain)
    }

    /// The reason, and a word on it where the loss itself isn't certain.
    fn reason(&self) -> String {
        let doubt = self.case.uncertain.map(|(low, high)| {
            format!(
                " It isn't certain that it loses: as far as minutes and quantities are known, its profit is between {} and {}.",
                figure(low),
                figure(high)
            )
        });
        format!("{}{}", self.outcome.reason, doubt.unwrap_or_default())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a probability, not money")]
fn of_window(window: &str, rows: &[Row<'_>]) -> PolarsResult<DataFrame> {
    let each = |of: fn(&Row<'_>) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
    let maybe = |of: fn(&Row<'_>) -> Option<i64>| rows.iter().map(of).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::CUSTOMER_ID => rows.iter().map(|row| row.case.customer.id.as_str()).collect::<Vec<_>>(),
        c::REMEDY => rows.iter().map(|row| row.kind.name).collect::<Vec<_>>(),
        c::APPLICABLE => rows.iter().map(|row| row.outcome.effect.is_some()).collect::<Vec<_>>(),
        c::PROPOSED => rows.iter().map(Row::is_proposed).collect::<Vec<_>>(),
        c::RANK => maybe(|row| row.rank),
        c::NET_PROFIT => each(|row| row.case.customer.profit),
        c::CONTRIBUTION => each(|row| row.case.contribution()),
        c::MEASURE => rows.iter().map(|row| row.kind.measure).collect::<Vec<_>>(),
        c::BREAK_EVEN => maybe(|row| row.outcome.break_even),
        c::CURRENT_VALUE => maybe(|row| row.outcome.current),
        c::PROPOSED_VALUE => maybe(|row| row.outcome.effect.and_then(|effect| effect.value)),
        c::LEAVING_PROBABILITY => rows.iter().map(|row| row.probability as f64 / MILLION as f64).collect::<Vec<_>>(),
        c::GAIN_IF_STAYS => rows.iter().map(Row::gain_if_stays).collect::<Vec<_>>(),
        c::LOSS_IF_LEAVES => each(|row| row.case.contribution().saturating_neg()),
        c::EXPECTED_CHANGE => rows.iter().map(Row::expected_change).collect::<Vec<_>>(),
        c::VOLUME_LOST => maybe(|row| row.expected(|_| 0, row.case.customer.revenue.max(0))),
        c::BREAK_EVEN_VOLUME_LOSS => rows.iter().map(Row::break_even_volume_loss).collect::<Vec<_>>(),
        c::REVENUE_LOST_ELSEWHERE => maybe(|row| row.case.earning_revenue.and_then(|earning| row.expected(|_| 0, earning))),
        c::COST_SAVED => maybe(|row| row.expected(|effect| effect.cost.avoidable, row.case.activities().avoidable)),
        c::CAPACITY_FREED => maybe(|row| row.expected(|effect| effect.cost.capacity(), row.case.activities().capacity())),
        c::REASON => rows.iter().map(Row::reason).collect::<Vec<_>>(),
    )
}

/// How many of `count` orders or visits, that cost so much together, go away: as many as pay for the loss, but no more than
/// the limit, a part of one. Nobody is visited half a time.
fn fewer(case: &Case<'_>, count: i64, cost: i64, most: f64) -> i64 {
    let most = i128::from(count) * i128::from(millionths(most)) / i128::from(MILLION);
    // Rounded up: −⌊−x⌋.
    let needed = -(-i128::from(case.loss()) * i128::from(count)).div_euclid(i128::from(cost).max(1));
    i64::try_from(needed.min(most)).unwrap_or_default()
}

/// `of which 290 is really saved; the rest is capacity for others`
fn really_saved(case: &Case<'_>, saved: Cost) -> String {
    if !case.avoidable_known {
        return "nothing of it is known to be really saved, as no pool says what is `avoidable`".into();
    }
    if saved.avoidable == 0 {
        return "none of it is really saved: it is capacity for others".into();
    }
    format!("of which {} is really saved; the rest is capacity for others", figure(saved.avoidable))
}

#[cfg(test)]
mod tests {
    use super::case::part;
    use super::case::tests::{case, loses_600};
    use super::*;
    use crate::customer_window::Customer;
    use netto_model::contract::REMEDIES;
    use proptest::prelude::*;

    #[test]
    fn every_remedy_of_the_contract_is_worked_out_in_its_order() {
        assert_eq!(KINDS.map(|kind| kind.name).as_slice(), REMEDIES);
    }

    #[test]
    fn the_expected_change_weighs_staying_and_leaving() {
        let customer = loses_600();
        let case = case(&customer);
        let rows = judged(&case, &RemedyConfig::default());
        let charge = rows.iter().find(|row| row.kind.name == "order_charge").unwrap();
        // 0.9 × 600 − 0.1 × 1,220; a tenth of the revenue; 600 ÷ 1,820.
        assert_eq!(charge.expected_change(), Some(4_180_000));
        assert_eq!(charge.expected(|_| 0, customer.revenue), Some(10_000_000));
        assert_eq!(charge.break_even_volume_loss(), Some(600.0 / 1_820.0));
        assert_eq!(charge.expected(|effect| effect.cost.avoidable, case.activities().avoidable), Some(780_000));
        assert_eq!(charge.expected(|effect| effect.cost.capacity(), case.activities().capacity()), Some(1_820_000));
    }

    #[test]
    fn the_price_of_oracle_10_may_lose_a_ninth_of_its_volume() {
        // 100,000 pieces at 100 that cost 60: a contribution of 4 M, and a price that brings 0.5 M.
        let customer = Customer { margin: 40_000_000_000, cost: 45_000_000_000, profit: -5_000_000_000, ..loses_600() };
        let served = Cost { all: 45_000_000_000, avoidable: 0 };
        let case = Case { served, ..case(&customer) };
        let effect = Some(Effect { value: None, gain: 5_000_000_000, cost: Cost::default() });
        let outcome = Outcome { effect, ..Outcome::default() };
        let row = Row { case: &case, kind: &KINDS[1], outcome, probability: 150_000, rank: None };
        assert_eq!(row.break_even_volume_loss(), Some(5.0 / 45.0));
    }

    #[test]
    fn as_many_go_as_pay_for_the_loss_and_no_more_than_the_limit() {
        let customer = loses_600();
        let case = case(&customer);
        // 12 visits of 75.00; of 70.00, of 20.00.
        assert_eq!([9_000_000, 8_400_000, 2_400_000].map(|cost| fewer(&case, 12, cost, 0.8)), [8, 9, 9]);
        assert_eq!((fewer(&case, 12, 9_000_000, 0.5), fewer(&case, 1, 9_000_000, 0.5)), (6, 0));
    }

    #[test]
    fn what_may_not_be_a_loss_is_said_to_be_uncertain() {
        let customer = loses_600();
        let case = Case { uncertain: Some((-7_000_000, 500_000)), ..case(&customer) };
        for row in judged(&case, &RemedyConfig::default()) {
            assert!(row.reason().contains("between -700 and 50.00"), "{}", row.reason());
        }
    }

    prop_compose! {
        fn customers()(
            revenue in 0_i64..10_000_000_000, margin in -1_000_000_000_i64..2_000_000_000, loss in 1_i64..1_000_000_000,
            orders in 0_i64..500,
        ) -> Customer {
            Customer { revenue, margin, cost: margin + loss, profit: -loss, orders, ..loses_600() }
        }
    }

    proptest! {
        #[test]
        fn one_or_none_is_proposed_and_it_is_the_best(customer in customers(), avoidable in 0_i64..1_000_000, list in 0_i64..200) {
            let served = Cost { all: customer.cost, avoidable: part(customer.cost, avoidable, MILLION) };
            let list_revenue = Some(part(customer.revenue, 100 + list, 100));
            let case = Case { served, list_revenue, visits: Some(12), ..case(&customer) };
            let rows = judged(&case, &RemedyConfig::default());
            let proposed: Vec<_> = rows.iter().filter(|row| row.is_proposed()).collect();
            let best = rows.iter().filter_map(Row::expected_change).max();
            prop_assert!(proposed.len() <= 1);
            prop_assert_eq!(proposed.first().and_then(|row| row.expected_change()), best.filter(|best| *best > 0));
            let farewell = &rows[6];
            prop_assert_eq!(farewell.outcome.effect.is_some(), case.contribution() < 0);
        }

        #[test]
        fn the_expected_change_lies_between_staying_and_leaving(customer in customers(), avoidable in 0_i64..1_000_000) {
            let served = Cost { all: customer.cost, avoidable: part(customer.cost, avoidable, MILLION) };
            let case = Case { served, ..case(&customer) };
            for row in judged(&case, &RemedyConfig::default()) {
                let (Some(effect), Some(expected)) = (row.outcome.effect, row.expected_change()) else { continue };
                let (stays, leaves) = (effect.gain, -case.contribution());
                prop_assert!(stays.min(leaves) <= expected && expected <= stays.max(leaves));
                let exact = i128::from(MILLION - row.probability) * i128::from(stays) + i128::from(row.probability) * i128::from(leaves);
                prop_assert!((exact - i128::from(expected) * i128::from(MILLION)).abs() * 2 <= i128::from(MILLION));
            }
        }
    }
}
