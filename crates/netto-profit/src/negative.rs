//! Driver quantities below zero: a customer that returned more than it bought would be credited by a pool, and the others charged more than the cost of the pool.
//!
//! ```text
//! pool 100.00 by revenue        as it stands      zero       signed
//! K1    10,000.00            1,000,000.00      100.00       refused: a part of 10,000 times the pool
//! K2    -9,999.00             -999,900.00        0.00
//! ```
//! Returns within a customer's month only take from its sum; what is looked at is the sum of the customer, in the month and the
//! part of the pool. Unless the configuration says otherwise it is refused with the names.

use std::borrow::Cow;
use std::collections::BTreeSet;

use netto_model::{Money, Period, Warning};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::customers::Rank;
use crate::error::{BelowZeroCell, ProfitError};
use crate::month::Months;
use crate::resolved::Resolved;

/// What happens to a customer whose driver quantity in a month is negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Negative {
    /// The run stops, and names the customers.
    #[default]
    Refuse,
    /// It counts as zero: nothing is assigned to the customer. The run shows for how many customers this was done.
    Zero,
    /// It counts as negative: the customer is credited its part. This requires a positive sum over all customers, and no part may exceed the whole.
    Signed,
}

/// Quantities below zero, of an activity and a part of its pool in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BelowZero {
    pub(crate) activity: u16,
    /// The quantities below zero; where signed ones are refused, those beyond the whole.
    pub(crate) quantities: Vec<(Rank, i64)>,
    /// The sum over all customers, as it stands.
    pub(crate) total: i128,
    /// Whether they can't be used so.
    pub(crate) refused: bool,
}

/// The quantities that an amount is spread over, and those below zero, where there are any.
pub(crate) fn counted(
    activity: u16,
    used: &[(Rank, i64)],
    negative: Negative,
) -> (Cow<'_, [(Rank, i64)]>, Option<BelowZero>) {
    let below: Vec<(Rank, i64)> = used.iter().copied().filter(|(_, quantity)| *quantity < 0).collect();
    if below.is_empty() {
        return (used.into(), None);
    }
    let total: i128 = used.iter().map(|(_, quantity)| i128::from(*quantity)).sum();
    if negative == Negative::Signed {
        let beyond = |&(_, quantity): &(Rank, i64)| i128::from(quantity).abs() > total;
        let quantities: Vec<(Rank, i64)> = used.iter().copied().filter(beyond).collect();
        let found = (!quantities.is_empty()).then_some(BelowZero { activity, quantities, total, refused: true });
        return (used.into(), found);
    }
    let zeroed = used.iter().map(|&(rank, quantity)| (rank, quantity.max(0))).collect();
    let refused = negative == Negative::Refuse;
    (Cow::Owned(zeroed), Some(BelowZero { activity, quantities: below, total, refused }))
}

/// What parts of a customer's amount follow, over its orders or lines: those below zero take nothing, so that none gets more
/// than the customer did. Signed ones are kept while that holds for them, too.
pub(crate) fn of_parts(quantities: &[i64], negative: Negative) -> Cow<'_, [i64]> {
    if quantities.iter().all(|&quantity| quantity >= 0) {
        return quantities.into();
    }
    let total: i128 = quantities.iter().map(|&quantity| i128::from(quantity)).sum();
    let within = quantities.iter().all(|&quantity| i128::from(quantity).abs() <= total);
    if negative == Negative::Signed && within {
        return quantities.into();
    }
    quantities.iter().map(|&quantity| quantity.max(0)).collect()
}

/// Stops where quantities can't be used: the first such activity, with all of its months and customers.
///
/// # Errors
/// [`ProfitError::NegativeDriver`].
pub(crate) fn refuse(months: &Months, resolved: &Resolved<'_>) -> Result<(), ProfitError> {
    let refused = || all(months).filter(|(.., found)| found.refused);
    let activities: BTreeSet<u16> = refused().map(|(.., found)| found.activity).collect();
    let mut activities = activities.into_iter();
    let Some(first) = activities.next() else { return Ok(()) };
    let of_first = || refused().filter(|(.., found)| found.activity == first);
    let cell = |(period, _, found): (Period, &str, &BelowZero), (rank, quantity): (Rank, i64)| {
        let customer = resolved.customers.id(rank).to_owned();
        Ok(BelowZeroCell { period, customer, quantity: Money::from_units(quantity), total: sum(found.total)? })
    };
    let cells = of_first().flat_map(|found| found.2.quantities.iter().map(move |&quantity| cell(found, quantity)));
    Err(ProfitError::NegativeDriver {
        activity: resolved.activity(first).to_owned(),
        pool: of_first().next().map_or("", |(_, pool, _)| pool).to_owned(),
        signed: resolved.negative(first) == Negative::Signed,
        cells: cells.collect::<Result<_, ProfitError>>()?,
        others: activities.map(|activity| resolved.activity(activity).to_owned()).collect(),
    })
}

/// What counted as zero, an activity a sentence.
pub(crate) fn warnings(months: &Months, resolved: &Resolved<'_>) -> Vec<Warning> {
    let activities: BTreeSet<u16> = all(months).map(|(.., found)| found.activity).collect();
    let said = |activity: u16| {
        let found = || all(months).filter(|(.., found)| found.activity == activity);
        let periods: BTreeSet<Period> = found().map(|(period, ..)| period).collect();
        let periods: Vec<String> = periods.iter().map(ToString::to_string).collect();
        let quantities = || found().flat_map(|(.., found)| &found.quantities);
        let customers: BTreeSet<Rank> = quantities().map(|(rank, _)| *rank).collect();
        let total: i128 = quantities().map(|(_, quantity)| i128::from(*quantity)).sum();
        let total = Money::try_from_wide(total).map_or_else(|error| error.to_string(), |total| total.to_string());
        let first = customers.first().map_or("", |&rank| resolved.customers.id(rank));
        let others = match customers.len().saturating_sub(1) {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        let said = format!(
            "activity `{}`: negative driver quantities count as zero, {total} in sum, of customer `{first}`{others}, in {}",
            resolved.activity(activity),
            crate::ledger::listed(&periods)
        );
        Warning::note("driver_below_zero", said).at(["activity", resolved.activity(activity), "negative"])
    };
    activities.into_iter().map(said).collect()
}

/// Month, pool, what was found.
fn all(months: &Months) -> impl Iterator<Item = (Period, &str, &BelowZero)> {
    months.iter().flat_map(|(period, month)| {
        month.pools.iter().flat_map(move |((pool, _), assigned)| {
            assigned.below_zero.iter().map(move |found| (*period, pool.as_str(), found))
        })
    })
}

fn sum(total: i128) -> Result<Money, ProfitError> {
    let place = "a sum of driver quantities".to_owned();
    Money::try_from_wide(total).map_err(|source| ProfitError::Money { place, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NEARLY_NOTHING: [(Rank, i64); 2] = [(0, 10_000), (1, -9_999)];

    #[test]
    fn quantities_below_zero_count_as_zero_or_as_they_stand() {
        let counted = |used, negative| {
            let (quantities, found) = counted(0, used, negative);
            (quantities.into_owned(), found.map(|found| (found.quantities, found.refused)))
        };
        assert_eq!(
            counted(&NEARLY_NOTHING, Negative::Zero),
            (vec![(0, 10_000), (1, 0)], Some((vec![(1, -9_999)], false)))
        );
        assert_eq!(counted(&NEARLY_NOTHING, Negative::Refuse).1, Some((vec![(1, -9_999)], true)));
        // A part of ten thousand times the pool.
        assert_eq!(counted(&NEARLY_NOTHING, Negative::Signed).1, Some((NEARLY_NOTHING.to_vec(), true)));
        let small_return = [(0, 900), (1, -100), (2, 300)];
        assert_eq!(counted(&small_return, Negative::Signed), (small_return.to_vec(), None));
        assert_eq!(counted(&[(0, 5), (1, -5)], Negative::Signed).1.map(|(_, refused)| refused), Some(true));
        assert_eq!(counted(&[(0, 5), (1, 0)], Negative::Refuse), (vec![(0, 5), (1, 0)], None));
    }

    #[test]
    fn no_order_takes_more_than_its_customer() {
        assert_eq!(of_parts(&[10, -3], Negative::Refuse), [10, 0].as_slice());
        assert_eq!(of_parts(&[10, -3], Negative::Signed), [10, 0].as_slice(), "10 of 7 is more than the whole");
        assert_eq!(of_parts(&[5, 5, -3], Negative::Signed), [5, 5, -3].as_slice());
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_the_pool_whatever_the_quantities(
            quantities in prop::collection::vec(-1_000_i64..1_000, 0..12), amount in 0_i64..1_000_000,
            negative in prop::sample::select(vec![Negative::Refuse, Negative::Zero, Negative::Signed]),
        ) {
            let used: Vec<(Rank, i64)> = (0..).zip(quantities.iter().copied()).collect();
            let (counted, found) = counted(0, &used, negative);
            if found.is_none_or(|found| !found.refused) {
                let weights: Vec<i64> = counted.iter().map(|(_, quantity)| *quantity).collect();
                for part in netto_model::apportion(amount, &weights).unwrap_or_default() {
                    prop_assert!(part.abs() <= amount, "{part} of {amount}");
                }
            }
            for part in netto_model::apportion(amount, &of_parts(&quantities, negative)).unwrap_or_default() {
                prop_assert!(part.abs() <= amount, "{part} of {amount}");
            }
        }
    }
}
