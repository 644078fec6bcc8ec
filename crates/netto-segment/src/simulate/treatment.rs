//! Applies remedies in a scenario: their expected effect on the waterfall of the customers.
//!
//! The customer's sales, with their cost of goods, freight, rebates and imputed payment terms, shrink by the probability of leaving; additional payments and purchases are weighted
//! with the probability of staying. The part of the expected change that isn't in the margin changes cost: it falls by what is really saved, so capacity that
//! is only freed stays. So the result changes by exactly the expected change of the table.
//!
//! ```text
//! revenue 10,000, COGS 8,000, cost-to-serve 2,600 of which 780 is avoidable: loses 600
//! an order charge of 600, one in ten leaves:   expected change 0.9 × 600 − 0.1 × 1,220 = 418
//! revenue 9,000 + 540 = 9,540   COGS 7,200   cost-to-serve 2,600 − 78 = 2,522   net profit −182 = −600 + 418
//! ```

use std::collections::BTreeMap;

use netto_model::money::{MILLION, MoneyError, difference, millionths};
use netto_model::problem::Problem;
use netto_model::{Money, column as c};
use polars::prelude::*;

use super::{Account, Customer, TreatmentEffect};
use crate::columns::{maybe_units, texts, units};
use crate::scenario::{Scenario, THE_PROPOSED, Treatment};

/// The applicable remedies, by customer and remedy. None are known for windows other than the main one.
#[derive(Clone, Debug, Default)]
pub(super) struct Remedies {
    of_window: Option<BTreeMap<String, BTreeMap<String, Expected>>>,
}

/// The expected effect of a remedy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) proposed: bool,
    /// Whether it changes visits instead of orders.
    pub(super) about_visits: bool,
    /// The probability of leaving, in millionths.
    pub(super) probability: i64,
    /// The additional amount that the customer pays if it stays.
    pub(super) paid_more: Money,
    /// Revenue after and before, if it is to buy more.
    pub(super) growth: Option<(i64, i64)>,
    pub(super) change: Money,
    pub(super) volume_lost: Money,
    pub(super) cost_saved: Money,
    pub(super) capacity_freed: Money,
}

impl Remedies {
    /// The remedies of a window.
    pub(super) fn of(remedies: &DataFrame, window: &str) -> PolarsResult<Self> {
        if window != "main" {
            return Ok(Self::default());
        }
        let applicable = remedies.clone().lazy().filter(col(c::APPLICABLE)).collect()?;
        let data = &applicable;
        let (customers, names) = (texts(data, c::CUSTOMER_ID)?, texts(data, c::REMEDY)?);
        let (proposed, probabilities) =
            (data.column(c::PROPOSED)?.bool()?, data.column(c::LEAVING_PROBABILITY)?.f64()?);
        let (current, value) = (maybe_units(data, c::CURRENT_VALUE)?, maybe_units(data, c::PROPOSED_VALUE)?);
        let amounts = [c::GAIN_IF_STAYS, c::EXPECTED_CHANGE, c::VOLUME_LOST, c::COST_SAVED, c::CAPACITY_FREED];
        let [gain, change, volume, saved, freed] = amounts.map(|name| units(data, name));
        let (gain, change, volume, saved, freed) = (gain?, change?, volume?, saved?, freed?);
        let mut of_window: BTreeMap<String, BTreeMap<String, Expected>> = BTreeMap::new();
        for (row, (customer, name)) in customers.into_iter().zip(names).enumerate() {
            let buys_more = name == "minimum_annual_revenue";
            let pays_more = matches!(name.as_str(), "order_charge" | "discount_change" | "price_change");
            let expected = Expected {
                proposed: proposed.get(row).unwrap_or_default(),
                about_visits: name == "visit_frequency",
                probability: probabilities.get(row).map_or(MILLION, millionths),
                paid_more: Money::from_units(if pays_more { gain[row] } else { 0 }),
                growth: value[row].zip(current[row]).filter(|(_, current)| buys_more && *current > 0),
                change: Money::from_units(change[row]),
                volume_lost: Money::from_units(volume[row]),
                cost_saved: Money::from_units(saved[row]),
                capacity_freed: Money::from_units(freed[row]),
            };
            of_window.entry(customer).or_default().insert(name, expected);
        }
        Ok(Self { of_window: Some(of_window) })
    }

    /// A problem if a scenario has remedies but the window has none.
    pub(super) fn out_of_window(&self, scenario: &Scenario) -> Option<Problem> {
        (self.of_window.is_none() && !scenario.remedies.is_empty()).then(|| {
            Problem::at(["remedy"], "remedies are only available for the main window")
                .with_help("leave out `--window` or the remedies")
        })
    }

    /// Applies to each customer the first remedy that is meant for it.
    pub(super) fn apply(
        &self,
        treatments: &[Treatment],
        customers: &mut [Customer],
    ) -> Result<Vec<TreatmentEffect>, MoneyError> {
        let mut effects = vec![TreatmentEffect::default(); treatments.len()];
        for customer in customers.iter_mut() {
            let first = treatments.iter().zip(&mut effects).find_map(|(treatment, effect)| {
                let meant = customer.is_meant_by(treatment.for_whom());
                self.expected(&customer.id, &treatment.remedy).filter(|_| meant).map(|expected| (expected, effect))
            });
            if let Some((expected, effect)) = first {
                customer.work = std::mem::take(&mut customer.work).treated(&customer.account, expected)?;
                customer.account = customer.account.treated(expected)?;
                effect.add(expected)?;
            }
        }
        Ok(effects)
    }

    fn expected(&self, customer: &str, remedy: &str) -> Option<&Expected> {
        let remedies = self.of_window.as_ref()?.get(customer)?;
        if remedy == THE_PROPOSED {
            return remedies.values().find(|expected| expected.proposed);
        }
        remedies.get(remedy)
    }
}

impl TreatmentEffect {
    fn add(&mut self, expected: &Expected) -> Result<(), MoneyError> {
        self.customers += 1;
        self.result = Money::sum([self.result, expected.change])?;
        self.volume_lost = Money::sum([self.volume_lost, expected.volume_lost])?;
        self.cost_saved = Money::sum([self.cost_saved, expected.cost_saved])?;
        self.capacity_freed = Money::sum([self.capacity_freed, expected.capacity_freed])?;
        Ok(())
    }
}

impl Account {
    /// The expected account after a remedy: the net profit changes by the expected change.
    fn treated(self, expected: &Expected) -> Result<Self, MoneyError> {
        let stays = MILLION - expected.probability;
        let kept = |amount: Money| {
            let kept = amount.scaled(stays, MILLION)?;
            expected.growth.map_or(Ok(kept), |(after, before)| kept.scaled(after, before))
        };
        let sold = Self {
            revenue: Money::sum([kept(self.revenue)?, expected.paid_more.scaled(stays, MILLION)?])?,
            rebates_given: kept(self.rebates_given)?,
            payment_terms: if self.terms_imputed { kept(self.payment_terms)? } else { self.payment_terms },
            freight_charged: kept(self.freight_charged)?,
            cogs: kept(self.cogs)?,
            rebates_received: kept(self.rebates_received)?,
            ..self
        };
        let margin = difference(&[sold.gross_margin()?], &[self.gross_margin()?])?;
        let cost_to_serve = difference(&[self.cost_to_serve, margin], &[expected.change])?;
        Ok(Self { cost_to_serve, ..sold })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{alone, money};
    use super::*;
    use netto_model::{Mart, contract};
    use proptest::prelude::*;

    fn treatment(remedy: &str) -> Treatment {
        Treatment { remedy: remedy.into(), tier: None, market: None, customer: None }
    }

    fn remedies(each: &[(&str, Expected)]) -> Remedies {
        let of_customer = each.iter().map(|(name, expected)| ((*name).to_owned(), *expected)).collect();
        Remedies { of_window: Some(BTreeMap::from([("A".to_owned(), of_customer)])) }
    }

    fn scenario(treatments: &[&str]) -> Scenario {
        let remedies = treatments.iter().map(|remedy| treatment(remedy)).collect();
        Scenario { name: None, variable_share: 0.0, levers: Vec::new(), remedies }
    }

    /// The customer that loses 600 of the remedies' examples.
    fn loses_600() -> Account {
        Account { revenue: money(10_000), cogs: money(8_000), cost_to_serve: money(2_600), ..Account::default() }
    }

    fn charge() -> Expected {
        Expected {
            probability: 100_000,
            paid_more: money(600),
            change: money(418),
            volume_lost: money(1_000),
            cost_saved: money(78),
            capacity_freed: money(182),
            ..Expected::default()
        }
    }

    #[test]
    fn the_expected_charge_and_the_expected_loss_stand_in_the_waterfall() {
        let after = loses_600().treated(&charge()).unwrap();
        assert_eq!((after.revenue, after.cogs, after.cost_to_serve), (money(9_540), money(7_200), money(2_522)));
        assert_eq!(after.net_profit().unwrap(), money(-182));
    }

    #[test]
    fn imputed_terms_leave_with_the_customer() {
        // Of a margin of 2,000 less 100 of terms, 2,600 of cost of which 780 is avoidable: leaving costs 2,000 − 100 − 780 = 1,120.
        let account = Account { payment_terms: money(100), terms_imputed: true, ..loses_600() };
        let gone = Expected { probability: MILLION, change: money(-1_120), ..Expected::default() };
        let after = account.treated(&gone).unwrap();
        assert_eq!((after.payment_terms, after.cost_to_serve), (Money::ZERO, money(1_820)));
    }

    #[test]
    fn more_revenue_brings_its_goods_and_saving_lowers_cost_only() {
        // 2,500 more at a margin of a fifth, with 75 of cost; no customer leaves.
        let growth = Some((125_000_000, 100_000_000));
        let more = loses_600().treated(&Expected { growth, change: money(425), ..Expected::default() }).unwrap();
        assert_eq!((more.revenue, more.cogs, more.cost_to_serve), (money(12_500), money(10_000), money(2_675)));
        let less = loses_600().treated(&Expected { change: money(180), ..Expected::default() }).unwrap();
        assert_eq!(less, Account { cost_to_serve: money(2_420), ..loses_600() });
    }

    #[test]
    fn a_customer_gets_the_first_remedy_that_is_meant_for_it() {
        let proposed = Expected { proposed: true, change: money(500), ..Expected::default() };
        let remedies = remedies(&[("order_charge", charge()), ("visit_frequency", proposed)]);
        let book = crate::simulate::Book { remedies, ..alone(loses_600()) };
        let result = |treatments: &[&str]| {
            let done = book.simulate(&scenario(treatments)).unwrap();
            let customers: Vec<usize> = done.treatments.iter().map(|effect| effect.customers).collect();
            (done.figures.last().unwrap().change, customers)
        };
        assert_eq!(result(&["order_charge"]), (money(418), vec![1]));
        assert_eq!(result(&["proposed", "order_charge"]), (money(500), vec![1, 0]));
        assert_eq!(result(&["farewell", "order_charge"]), (money(418), vec![0, 1]));
        let done = book.simulate(&scenario(&["order_charge"])).unwrap();
        assert_eq!((done.capacity_freed, done.treatments[0].cost_saved), (money(182), money(78)));
    }

    #[test]
    fn other_windows_know_no_remedies() {
        let empty = Mart::empty(contract::model("remedy")).data;
        let main = Remedies::of(&empty, "main").unwrap();
        assert!(main.out_of_window(&scenario(&["proposed"])).is_none());
        let before = Remedies::of(&empty, "previous").unwrap();
        assert_eq!(before.out_of_window(&scenario(&["proposed"])).unwrap().key, ["remedy"]);
        assert!(before.out_of_window(&scenario(&[])).is_none());
    }

    proptest! {
        #[test]
        fn the_result_changes_by_exactly_the_expected_change(
            amounts in prop::array::uniform8(0_i64..1_000_000_000), terms_imputed: bool, probability in 0..=MILLION,
            paid_more in 0_i64..1_000_000, change in -1_000_000_i64..1_000_000, growth in prop::option::of((1_i64..1_000, 1_i64..1_000)),
        ) {
            let [revenue, rebates_given, payment_terms, freight_charged, freight_cost, cogs, rebates_received, cost_to_serve] =
                amounts.map(Money::from_units);
            let account = Account {
                revenue, rebates_given, payment_terms, terms_imputed, freight_charged, freight_cost, cogs, rebates_received, cost_to_serve,
            };
            let [paid_more, change] = [paid_more, change].map(Money::from_units);
            let after = account.treated(&Expected { probability, paid_more, growth, change, ..Expected::default() }).unwrap();
            let found = difference(&[after.net_profit().unwrap()], &[account.net_profit().unwrap()]).unwrap();
            prop_assert_eq!(found, change);
        }
    }
}
