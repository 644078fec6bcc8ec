//! Rebates given to customers and received from suppliers: a rate on what was bought, by brackets of the calendar year.
//!
//! Of several thresholds on one basis the highest that the year's basis reaches holds, for the whole year. A supplier's
//! threshold looks at the year of all customers, and what the supplier gives goes to the customers by what each bought of
//! the supplier's products in the month.
//!
//! A month accrues at the bracket that the year is expected to reach, seen from the end of the month: what was bought so far,
//! grown to a year by the season of the agreement's own year before, or by twelfths where there is no whole year before.
//! December then carries what the year earned beyond that, or fell short of it. So a month looks at no later one, and
//! stays as it is once it is closed; and half a year has half its rebate, not none until the threshold is reached.
//!
//! What was bought before the data begin is unknown, not zero. So a year that the data begin in is expected by twelfths of all
//! months in which anything is agreed, and its December keeps to what the year is expected to reach instead of what is known of it. Where the
//! agreement begins after the data, nothing of it is missing: its year is whole.
//! Source: IFRS 15, paragraphs 50 to 59 (variable consideration is estimated when the goods are sold).
//!
//! ```text
//! customer C7: 5 % from 100,000 a year          basis    so far   expected            rate   rebate
//!                                    January    10,000   10,000   × 12 ÷ 1 = 120,000   5 %      500
//!                                    February    4,000   14,000   × 12 ÷ 2 =  84,000   0 %        0
//!                                    … nothing …
//!                                    December    1,000   15,000              15,000   0 %     -500   the year earned none
//! ```
//!
//! Rebates are rounded half-even by what has accrued since January, so that months sum to the rounded rebate of the year;
//! customers sum to the month by largest remainder.
//!
//! Only closed months reach a threshold: what is invoiced in a month that isn't closed yet must not change the result of
//! those that are. An open month shows its own basis at the rate that is expected at the end of the last closed month.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use netto_model::frame::{CustomerMonth, CustomerSupplierMonth, RebateProgress, Rebates, SupplierRebate};
use netto_model::money::divide_half_even;
use netto_model::{Frame, Money, Period, column as c};
use polars::prelude::*;

use crate::ProfitError;
use crate::rebate_agreements::{Brackets, ByParty, CUSTOMER_BASES, ONE, SUPPLIER_BASES, agreements};
use crate::rebate_progress::progress;

/// What rebates are computed from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What customers bought, by month.
    pub customer_month: &'a Frame<CustomerMonth>,
    /// … of which supplier's products.
    pub supplier_month: Option<&'a Frame<CustomerSupplierMonth>>,
    /// The agreements, where supplied.
    pub agreements: Option<&'a Frame<Rebates>>,
    /// The last closed month.
    pub last_month: Period,
}

/// Rebates of both directions, and how far each agreement has come.
#[derive(Clone, Debug)]
pub struct AllRebates {
    /// `customer_id`, `period`, `rebates_given`.
    pub given: DataFrame,
    /// `customer_id`, `period`, `rebates_received`.
    pub received: DataFrame,
    /// The same by the supplier who gives it.
    pub of_suppliers: Frame<SupplierRebate>,
    /// Whether agreements with customers were supplied at all.
    pub given_supplied: bool,
    /// Whether agreements with suppliers were, and what was sold of the suppliers' products.
    pub received_supplied: bool,
    /// Agreement × year.
    pub progress: Frame<RebateProgress>,
    /// Agreements that are left out.
    pub warnings: Vec<String>,
}

/// Accrues every agreement.
///
/// # Errors
/// When a rebate leaves the range of money.
pub fn rebates(inputs: &Inputs<'_>) -> Result<AllRebates, ProfitError> {
    let agreements = inputs.agreements.map(agreements).transpose()?.unwrap_or_default();
    let bought = of_customers(&agreements.customers, inputs.customer_month)?;
    let sold = inputs.supplier_month.map(|months| of_suppliers(&agreements.suppliers, months)).transpose()?;
    let calendar = Calendar::new(inputs.customer_month, inputs.last_month)?;
    let given = accruals(&agreements.customers, &bought, &calendar);
    let received = sold.as_ref().map(|sold| accruals(&agreements.suppliers, sold, &calendar)).unwrap_or_default();
    let unknown = (sold.is_none() && !agreements.suppliers.is_empty()).then(|| {
        "suppliers give rebates, but no product names its supplier: rebates received are not supplied".to_owned()
    });
    let of_suppliers = by_supplier(&received);
    let without_supplier = of_suppliers.iter().map(|((period, customer, _), amount)| (*customer, *period, *amount));
    Ok(AllRebates {
        given: by_customer(given.iter().flat_map(Accrual::cells), c::REBATES_GIVEN)?,
        received: by_customer(without_supplier, c::REBATES_RECEIVED)?,
        of_suppliers: supplier_rebates(&of_suppliers)?,
        given_supplied: !agreements.customers.is_empty(),
        received_supplied: !agreements.suppliers.is_empty() && sold.is_some(),
        progress: progress(&given, &received)?,
        warnings: agreements.warnings.iter().cloned().chain(unknown).collect(),
    })
}

/// Who bought how much of what is agreed on: by party and basis, month, customers in the order of their ids.
type Bases<'a> = BTreeMap<(&'a str, &'static str), BTreeMap<Period, Purchases<'a>>>;
type Purchases<'a> = Vec<(&'a str, i64)>;

/// A customer's rebate looks at what the customer itself bought.
fn of_customers<'a>(agreed: &'a ByParty, months: &'a Frame<CustomerMonth>) -> Result<Bases<'a>, ProfitError> {
    bases(agreed, months.data(), c::CUSTOMER_ID, CUSTOMER_BASES.into_iter().zip([c::LIST_AMOUNT, c::NET_AMOUNT]))
}

/// A supplier's at what all customers bought of its products.
fn of_suppliers<'a>(agreed: &'a ByParty, months: &'a Frame<CustomerSupplierMonth>) -> Result<Bases<'a>, ProfitError> {
    let amounts = [c::LIST_AMOUNT, c::NET_AMOUNT, c::COGS_AMOUNT];
    bases(agreed, months.data(), c::SUPPLIER_ID, SUPPLIER_BASES.into_iter().zip(amounts))
}

fn bases<'a>(
    agreed: &'a ByParty,
    data: &'a DataFrame,
    party: &str,
    amounts: impl Iterator<Item = (&'static str, &'static str)>,
) -> Result<Bases<'a>, ProfitError> {
    let mut bases: Bases<'_> =
        agreed.keys().map(|(party, basis)| ((party.as_str(), *basis), BTreeMap::new())).collect();
    for (basis, column) in amounts.filter(|(basis, _)| agreed.keys().any(|(_, agreed)| agreed == basis)) {
        let parties = data.column(party)?.str()?.iter();
        let customers = data.column(c::CUSTOMER_ID)?.str()?.iter();
        let periods = data.column(c::PERIOD)?.date()?.physical().iter();
        let amounts = data.column(column)?.i64()?.iter();
        // A checked frame stands in the order of its key: month, customer. So each list comes out by customer.
        for (((party, customer), day), amount) in parties.zip(customers).zip(periods).zip(amounts) {
            let Some(months) = party.and_then(|party| bases.get_mut(&(party, basis))) else { continue };
            let month: &mut Purchases<'_> = months.entry(Period::of_day(day.unwrap_or_default())).or_default();
            month.push((customer.unwrap_or_default(), amount.unwrap_or_default()));
        }
    }
    Ok(bases)
}

/// The months that there are data for, and the last one that is closed.
struct Calendar {
    first: Period,
    last: Period,
    closed: Period,
}

impl Calendar {
    fn new(months: &Frame<CustomerMonth>, closed: Period) -> Result<Self, ProfitError> {
        let days = months.data().column(c::PERIOD)?.date()?.physical().clone();
        let [first, last] = [days.min(), days.max()].map(|day| day.map_or(closed, Period::of_day));
        Ok(Self { first, last: last.max(closed), closed })
    }
}

/// One agreement in one calendar year: what was bought under it, and the rebate on that.
#[derive(Debug)]
pub(crate) struct Accrual<'a> {
    pub(crate) party: &'a str,
    pub(crate) basis: &'static str,
    pub(crate) year: i32,
    pub(crate) brackets: &'a Brackets,
    /// The last closed month, of this year or another.
    pub(crate) last_month: Period,
    months: BTreeMap<Period, &'a Purchases<'a>>,
    season: Season,
}

fn accruals<'a>(agreements: &'a ByParty, bases: &'a Bases<'a>, calendar: &Calendar) -> Vec<Accrual<'a>> {
    let of_agreement = |((party, basis), brackets): (&'a (String, &'static str), &'a Brackets)| {
        let months = bases.get(&(party.as_str(), *basis));
        let of_year = move |year| {
            let months = months.into_iter().flat_map(move |months| months.range(year_of(year)));
            months.map(|(period, purchases)| (*period, purchases)).collect::<BTreeMap<_, _>>()
        };
        (calendar.first.year()..=calendar.last.year()).map(move |year| {
            let season = Season::of(year, calendar, brackets, &of_year(year - 1));
            Accrual { party, basis, year, brackets, last_month: calendar.closed, months: of_year(year), season }
        })
    };
    agreements.iter().flat_map(of_agreement).collect()
}

fn year_of(year: i32) -> RangeInclusive<Period> {
    Period::new(year, 1)..=Period::new(year, 12)
}

/// What a year's basis comes to by the end of each of its months, in whatever unit: a month's share of the whole.
#[derive(Debug)]
struct Season {
    /// Of the agreement's own year before, where that is known and whole.
    before: Option<[i128; 12]>,
    /// Each month as much as the other, from the first of which there are data.
    twelfths: [i128; 12],
    /// How many months it holds in before the data begin.
    unknown: i128,
}

impl Season {
    fn of(year: i32, calendar: &Calendar, brackets: &Brackets, before: &BTreeMap<Period, &Purchases<'_>>) -> Self {
        let whole = calendar.first <= Period::new(year - 1, 1) && Period::new(year - 1, 12) <= calendar.closed;
        let bought = |month: Period| before.get(&month.plus(-12)).map_or(0, |purchases| total(purchases));
        let is_unknown = |month: &Period| *month < calendar.first && brackets.hold_in(*month);
        let unknown = Period::new(year, 1).to(Period::new(year, 12)).filter(is_unknown);
        Self {
            before: whole.then(|| cumulated(year, bought)),
            twelfths: cumulated(year, |month| i128::from(month >= calendar.first)),
            unknown: unknown.map(|_| 1).sum(),
        }
    }

    /// What an amount that was bought until the end of a month grows to in the whole year, rounded down.
    fn expected(&self, so_far: i128, month: Period) -> i128 {
        let place = usize::try_from(month.month() - 1).unwrap_or_default();
        let grown = |by: &[i128; 12], unknown: i128| {
            let (part, whole) = (*by.get(place)?, *by.last()? + unknown);
            (part > 0 && whole > 0).then(|| (so_far * whole).div_euclid(part))
        };
        let before = self.before.as_ref().and_then(|before| grown(before, 0));
        before.or_else(|| grown(&self.twelfths, self.unknown)).unwrap_or(so_far)
    }
}

fn cumulated(year: i32, of_month: impl Fn(Period) -> i128) -> [i128; 12] {
    let (mut sums, mut sum) = ([0; 12], 0);
    for (slot, month) in sums.iter_mut().zip(Period::new(year, 1).to(Period::new(year, 12))) {
        sum += of_month(month);
        *slot = sum;
    }
    sums
}

impl Accrual<'_> {
    /// Whether there are data for every month that anything is agreed for: else the year has more than its basis so far.
    pub(crate) fn is_whole(&self) -> bool {
        self.season.unknown == 0
    }

    /// The year's basis so far: its closed months.
    pub(crate) fn basis_amount(&self) -> i128 {
        self.basis_until(self.last_month)
    }

    /// The basis that the year is expected to reach, seen from its last closed month; that of a closed year is its own, if it is whole.
    pub(crate) fn expected_basis(&self) -> i128 {
        let last = self.last_month.min(Period::new(self.year, 12));
        if last < Period::new(self.year, 1) { 0 } else { self.expected(last) }
    }

    /// The rebate of the closed months if the year's basis were `year_basis`, in parts of a unit ([`ONE`]).
    pub(crate) fn exact(&self, year_basis: i128) -> i128 {
        let closed = self.months.range(..=self.last_month);
        closed.map(|(period, purchases)| total(purchases) * self.rate(*period, year_basis)).sum()
    }

    /// The rebate so far, rounded half-even.
    pub(crate) fn accrued(&self) -> i128 {
        self.cells().into_iter().filter(|(_, period, _)| *period <= self.last_month).map(|(.., amount)| amount).sum()
    }

    /// The bracket that a month accrues at.
    pub(crate) fn expected(&self, month: Period) -> i128 {
        self.season.expected(self.basis_until(month), month)
    }

    fn basis_until(&self, month: Period) -> i128 {
        self.months.range(..=month).map(|(_, purchases)| total(purchases)).sum()
    }

    fn rate(&self, month: Period, year_basis: i128) -> i128 {
        i128::from(self.brackets.rate(month, year_basis))
    }

    /// The rebate of every month, for each customer.
    fn cells(&self) -> Vec<(&str, Period, i128)> {
        let december = Period::new(self.year, 12);
        let (mut cells, mut booked, mut so_far) = (Vec::new(), BTreeMap::new(), 0);
        for month in Period::new(self.year, 1).to(december) {
            let year_basis = if month <= self.last_month { self.expected(month) } else { self.expected_basis() };
            let trued_up = month == december && month <= self.last_month;
            let exact = if trued_up { self.missing(&booked) } else { self.of_month(month, year_basis) };
            if !trued_up {
                for (customer, exact) in &exact {
                    *booked.entry(*customer).or_default() += exact;
                }
            }
            let (customers, exact): (Vec<&str>, Vec<i128>) = exact.into_iter().unzip();
            let before = rounded(so_far);
            so_far += exact.iter().sum::<i128>();
            let parts = largest_remainder(rounded(so_far) - before, &exact);
            cells.extend(customers.into_iter().zip(parts).map(|(customer, amount)| (customer, month, amount)));
        }
        cells
    }

    /// What customers get of a month's basis, in parts of a unit.
    fn of_month(&self, month: Period, year_basis: i128) -> Vec<(&str, i128)> {
        let rate = self.rate(month, year_basis);
        let purchases = self.months.get(&month).copied().into_iter().flatten();
        purchases.map(|(customer, amount)| (*customer, i128::from(*amount) * rate)).collect()
    }

    /// What the year earned each customer beyond what was booked, in parts of a unit: at the bracket that it has reached, or, where
    /// its first months are unknown, that it is expected to have reached.
    fn missing<'b>(&'b self, booked: &BTreeMap<&'b str, i128>) -> Vec<(&'b str, i128)> {
        let year_basis = self.expected_basis();
        let mut earned: BTreeMap<&str, i128> = booked.iter().map(|(customer, booked)| (*customer, -booked)).collect();
        for (customer, exact) in self.months.keys().flat_map(|month| self.of_month(*month, year_basis)) {
            *earned.entry(customer).or_default() += exact;
        }
        let bought = self.months.get(&Period::new(self.year, 12)).copied();
        let in_december = |who: &str| bought.is_some_and(|bought| bought.iter().any(|(customer, _)| *customer == who));
        earned.into_iter().filter(|(customer, exact)| *exact != 0 || in_december(customer)).collect()
    }
}

fn total(purchases: &Purchases<'_>) -> i128 {
    purchases.iter().map(|(_, amount)| i128::from(*amount)).sum()
}

/// Parts of a unit → units.
pub(crate) fn rounded(parts: i128) -> i128 {
    divide_half_even(parts, i128::from(ONE))
}

/// The parts nearest to their exact values, in parts of a unit ([`ONE`]), that sum to `total`: their sum, rounded up or down.
///
/// Unlike [`apportion`](netto_model::apportion) it knows what each part should be, so sales and returns that nearly
/// cancel out don't blow the parts up.
fn largest_remainder(total: i128, exact: &[i128]) -> Vec<i128> {
    let unit = i128::from(ONE);
    let mut parts: Vec<i128> = exact.iter().map(|exact| exact.div_euclid(unit)).collect();
    let left = total - parts.iter().sum::<i128>();
    let mut by_remainder: Vec<(i128, usize)> = exact.iter().map(|exact| exact.rem_euclid(unit)).zip(0..).collect();
    by_remainder.sort_by_key(|&(remainder, place)| (Reverse(remainder), place));
    if left < 0 {
        by_remainder.reverse(); // what months were rounded up by so far
    }
    for (_, place) in by_remainder.into_iter().take(usize::try_from(left.unsigned_abs()).unwrap_or_default()) {
        parts[place] += left.signum();
    }
    parts
}

/// The rebates of all agreements, by customer and month.
fn by_customer<'a>(
    cells: impl Iterator<Item = (&'a str, Period, i128)>,
    column: &'static str,
) -> Result<DataFrame, ProfitError> {
    let mut sums: BTreeMap<(&str, Period), i128> = BTreeMap::new();
    for (customer, period, amount) in cells {
        *sums.entry((customer, period)).or_default() += amount;
    }
    let amounts = sums.iter().map(|((customer, period), sum)| within_money(*sum, customer, *period));
    let amounts = amounts.collect::<Result<Vec<i64>, _>>()?;
    let frame = df!(
        c::CUSTOMER_ID => sums.keys().map(|(customer, _)| *customer).collect::<Vec<_>>(),
        c::PERIOD => sums.keys().map(|(_, period)| period.first_day()).collect::<Vec<_>>(),
        column => amounts,
    )?;
    Ok(frame.lazy().with_column(col(c::PERIOD).cast(DataType::Date)).collect()?)
}

/// The rebates of all agreements, by month, customer and supplier.
fn by_supplier<'a>(accruals: &'a [Accrual<'a>]) -> BTreeMap<(Period, &'a str, &'a str), i128> {
    let mut sums = BTreeMap::new();
    for accrual in accruals {
        for (customer, period, amount) in accrual.cells() {
            *sums.entry((period, customer, accrual.party)).or_default() += amount;
        }
    }
    sums
}

fn supplier_rebates(sums: &BTreeMap<(Period, &str, &str), i128>) -> Result<Frame<SupplierRebate>, ProfitError> {
    let given: Vec<_> = sums.iter().filter(|(_, sum)| **sum != 0).collect();
    let amounts = given.iter().map(|((period, customer, _), sum)| within_money(**sum, customer, *period));
    let amounts = amounts.collect::<Result<Vec<i64>, _>>()?;
    let frame = df!(
        c::PERIOD => given.iter().map(|((period, ..), _)| period.first_day()).collect::<Vec<_>>(),
        c::CUSTOMER_ID => given.iter().map(|((_, customer, _), _)| *customer).collect::<Vec<_>>(),
        c::SUPPLIER_ID => given.iter().map(|((.., supplier), _)| *supplier).collect::<Vec<_>>(),
        c::REBATES_RECEIVED => amounts,
    )?;
    Ok(Frame::try_new(frame.lazy().with_column(col(c::PERIOD).cast(DataType::Date)))?)
}

fn within_money(sum: i128, customer: &str, period: Period) -> Result<i64, ProfitError> {
    let place = || format!("rebates of customer `{customer}` in {period}");
    Money::try_from_wide(sum).map(Money::units).map_err(|source| ProfitError::Money { place: place(), source })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::rebate_agreements::tests::{Row, frame};
    use netto_model::frame::Contract;
    use netto_model::money::SCALE as ONE;
    use proptest::prelude::*;

    const OPEN: i32 = -25_567;

    /// Month of 2025, customer, list amount, net amount.
    type Bought<'a> = (i32, &'a str, i64, i64);
    /// Month of 2025, customer, supplier, cost of the goods.
    type Sold<'a> = (i32, &'a str, &'a str, i64);

    fn checked<T: Contract>(months: Vec<i32>, columns: PolarsResult<DataFrame>) -> Frame<T> {
        let days: Vec<i32> = months.into_iter().map(|month| Period::new(2025, month).first_day()).collect();
        let period = Series::new("period".into(), days).cast(&DataType::Date).unwrap();
        let mut data = columns.unwrap();
        data.with_column(period.into_column()).unwrap();
        Frame::try_new(data.lazy()).unwrap()
    }

    pub(crate) fn bought(rows: &[Bought<'_>]) -> Frame<CustomerMonth> {
        let (nothing, one) = (vec![0_i64; rows.len()], vec![1_i64; rows.len()]);
        let columns = df!(
            "customer_id" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "list_amount" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            "net_amount" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            "orders" => &one, "lines" => &one, "quantity" => &one, "discount_amount" => &nothing,
            "cogs_amount" => &nothing, "freight_charged" => &nothing, "lines_below_cost" => &nothing,
            "lines_with_list" => &one, "lines_with_cogs" => &nothing, "lines_with_freight" => &nothing
        );
        checked(rows.iter().map(|row| row.0).collect(), columns)
    }

    fn sold(rows: &[Sold<'_>]) -> Frame<CustomerSupplierMonth> {
        let columns = df!(
            "customer_id" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "supplier_id" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            "net_amount" => rows.iter().map(|row| row.3 * 2).collect::<Vec<_>>(),
            "list_amount" => rows.iter().map(|row| row.3 * 3).collect::<Vec<_>>(),
            "cogs_amount" => rows.iter().map(|row| row.3).collect::<Vec<_>>()
        );
        checked(rows.iter().map(|row| row.0).collect(), columns)
    }

    pub(crate) fn accrue(rows: &[Row<'_>], bought: &[Bought<'_>], sold: &[Sold<'_>], last: i32) -> AllRebates {
        let (bought, sold, agreements) = (self::bought(bought), self::sold(sold), frame(rows));
        let inputs = Inputs {
            customer_month: &bought,
            supplier_month: Some(&sold),
            agreements: Some(&agreements),
            last_month: Period::new(2025, last),
        };
        rebates(&inputs).unwrap()
    }

    pub(crate) fn units(data: &DataFrame, column: &str) -> Vec<i64> {
        data.column(column).unwrap().i64().unwrap().iter().flatten().collect()
    }

    /// The data begin in January.
    pub(crate) const JANUARY: Bought<'static> = (1, "(somebody)", 0, 0);

    const THREE_BRACKETS: [Row<'static>; 3] = [
        ("A", "", "invoice_revenue", 0.01, 0, OPEN, None),
        ("A", "", "invoice_revenue", 0.02, 10_000 * ONE, OPEN, None),
        ("A", "", "invoice_revenue", 0.03, 20_000 * ONE, OPEN, None),
    ];

    #[test]
    fn the_highest_threshold_reached_holds_for_the_whole_year() {
        // What is bought until December is the year: no month is expected to be followed by another.
        let months = |more: i64| [JANUARY, (12, "A", 0, 4_000 * ONE + more)];
        let given = |more| units(&accrue(&THREE_BRACKETS, &months(more), &[], 12).given, "rebates_given");
        assert_eq!(given(8_000 * ONE), [240 * ONE]);
        assert_eq!(given(6_000 * ONE - 1), [100 * ONE], "a ten-thousandth short of the second threshold");
        assert_eq!(given(6_000 * ONE), [200 * ONE]);
        assert_eq!(given(16_000 * ONE), [600 * ONE]);
        assert_eq!(given(-1_000 * ONE), [30 * ONE], "a return takes its rebate back");
        assert_eq!(given(-5_000 * ONE), [0], "a year of returns reaches no threshold");
    }

    #[test]
    fn months_accrue_at_the_expected_bracket_and_december_is_trued_up() {
        let rows = [("A", "", "invoice_revenue", 0.05, 100_000 * ONE, OPEN, None)];
        let given = |months: &[i64], last: i32| {
            let bought: Vec<Bought<'_>> = (1..).zip(months).map(|(month, net)| (month, "A", 0, net * ONE)).collect();
            let given = accrue(&rows, &bought, &[], last).given;
            units(&given, "rebates_given").into_iter().map(|units| units / ONE).collect::<Vec<_>>()
        };
        let year = [10_000; 12];
        assert_eq!(given(&year[..6], 6), [500; 6]);
        assert_eq!(given(&year, 12), [500; 12]);
        // 110,000 until May, then nothing: from then on 5 % of nothing.
        assert_eq!(given(&[22_000; 5], 12), [1_100; 5]);
        // February: 15,000 × 12 ÷ 2 is below; the year reaches 45,000, so January's 500 is taken back in December.
        let mut slow = [0; 12];
        (slow[0], slow[1], slow[11]) = (10_000, 5_000, 30_000);
        assert_eq!(given(&slow, 12), [500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -500]);
        // Closed months stay closed, whatever comes later.
        for last in 1..12 {
            let whole = given(&slow, 12);
            let until = usize::try_from(last).unwrap();
            assert_eq!(given(&slow[..until], last), whole[..until]);
        }
    }

    #[test]
    fn what_was_bought_before_the_data_begin_is_unknown_and_not_zero() {
        let july = Period::new(2025, 7).first_day();
        let given = |rows: &[Row<'_>], months: &[i64], last: i32| {
            let bought: Vec<Bought<'_>> = (7..).zip(months).map(|(month, net)| (month, "A", 0, net * ONE)).collect();
            let given = accrue(rows, &bought, &[], last).given;
            units(&given, "rebates_given").into_iter().map(|units| units / ONE).collect::<Vec<_>>()
        };
        let from = |day| [("A", "", "invoice_revenue", 0.05, 100_000 * ONE, day, None)];
        // July: 10,000 × 12 ÷ 1; December: 60,000 × 12 ÷ 6. What is known of the year stays below the threshold.
        assert_eq!(given(&from(OPEN), &[10_000; 6], 12), [500; 6]);
        // August: 15,000 × 12 ÷ 2 is below, and so is the year that December expects: 35,000 × 12 ÷ 6.
        assert_eq!(given(&from(OPEN), &[10_000, 5_000, 5_000, 5_000, 5_000, 5_000], 12), [500, 0, 0, 0, 0, -500]);
        // October: 75,000 × 12 ÷ 4 is above again; the year is expected to be, 75,000 × 12 ÷ 6, and July gets the same rate as October.
        assert_eq!(given(&from(OPEN), &[5_000, 0, 0, 70_000, 0, 0], 12), [0, 0, 0, 3_500, 0, 250]);
        // Agreed since April: nine months of the year, of which the first three aren't known. 10,000 × 9 ÷ 1.
        assert_eq!(given(&from(Period::new(2025, 4).first_day()), &[10_000; 6], 12), [0; 6]);
        assert_eq!(given(&from(Period::new(2025, 4).first_day()), &[12_000; 6], 12), [600; 6]);
        // Agreed since the data begin, or later: the year is whole, and trued up. 20,000 × 6 ÷ 1 is above, 60,000 below.
        for day in [july, july + 31] {
            let accrued = given(&from(day), &[20_000, 20_000, 20_000, 0, 0, 0], 12);
            let first = if day == july { 1_000 } else { 0 };
            assert_eq!(accrued, [first, 1_000, 1_000, 0, 0, -2_000 - first]);
        }
        // Closed months stay closed.
        for last in 7..12 {
            let until = usize::try_from(last - 6).unwrap();
            let months = [10_000, 5_000, 5_000, 45_000, 0, 0];
            assert_eq!(given(&from(OPEN), &months[..until], last), given(&from(OPEN), &months, 12)[..until]);
        }
    }

    #[test]
    fn a_season_is_that_of_the_agreements_own_year_before() {
        let (year, purchases): (Vec<Period>, Vec<Purchases<'_>>) =
            (1..=12).map(|month| (Period::new(2024, month), vec![("A", if month == 12 { 89 } else { 1 })])).unzip();
        let before = year.iter().copied().zip(&purchases).collect();
        let calendar = |first, closed| Calendar { first: Period::new(2024, first), last: closed, closed };
        let expected = |calendar: &Calendar| {
            let season = Season::of(2025, calendar, &Brackets::default(), &before);
            [1, 6, 12].map(|month| season.expected(i128::from(month), Period::new(2025, month)))
        };
        let june = Period::new(2025, 6);
        assert_eq!(expected(&calendar(1, june)), [100, 100, 12], "a hundredth of the year by the end of January");
        assert_eq!(expected(&calendar(2, june)), [12, 12, 12], "no whole year before: by twelfths");
    }

    #[test]
    fn both_bases_count_and_add_up() {
        let rows = [
            ("A", "", "list_revenue", 0.05, 0, OPEN, None),
            ("A", "", "invoice_revenue", 0.01, 0, OPEN, None),
            ("B", "", "list_revenue", 0.05, 2_000 * ONE, OPEN, None),
        ];
        let bought = [(3, "A", 100 * ONE, 85 * ONE), (3, "B", 100 * ONE, 85 * ONE), (3, "C", 100 * ONE, 85 * ONE)];
        let rebates = accrue(&rows, &bought, &[], 3);
        assert_eq!(units(&rebates.given, "rebates_given"), [5_8500, 0]);
        assert!(rebates.given_supplied && !rebates.received_supplied);
    }

    #[test]
    fn an_open_month_does_not_lift_the_closed_ones_over_a_threshold() {
        let bought = [(5, "A", 0, 9_000 * ONE), (6, "A", 0, 900 * ONE), (7, "A", 0, 5_000 * ONE)];
        let given = |last| units(&accrue(&THREE_BRACKETS, &bought, &[], last).given, "rebates_given");
        // By twelfths, of which the first four aren't known: 9,000 × 12, 9,900 × 12 ÷ 2, 14,900 × 12 ÷ 3.
        assert_eq!(given(5), [270 * ONE, 27 * ONE, 150 * ONE]);
        let bought =
            [(1, "A", 0, 100 * ONE), (5, "A", 0, 3_900 * ONE), (6, "A", 0, 500 * ONE), (7, "A", 0, 9_000 * ONE)];
        let given = |last| units(&accrue(&THREE_BRACKETS, &bought, &[], last).given, "rebates_given");
        assert_eq!(given(6), [ONE, 39 * ONE, 5 * ONE, 90 * ONE], "4,500 by June are 9,000 a year");
        assert_eq!(given(7), [ONE, 39 * ONE, 5 * ONE, 270 * ONE], "13,500 by July are 23,142 a year");
    }

    #[test]
    fn months_sum_to_the_rounded_rebate_of_the_year() {
        // 1.5 % of 0.0101 is 0.00015150 and of the year 0.00045450: 0.0005, not 3 × 0.0002.
        let rows = [("A", "", "invoice_revenue", 0.015, 0, OPEN, None)];
        let bought = [(1, "A", 0, 101), (2, "A", 0, 101), (3, "A", 0, 101)];
        assert_eq!(units(&accrue(&rows, &bought, &[], 12).given, "rebates_given"), [2, 1, 2]);
    }

    #[test]
    fn a_suppliers_rebate_goes_to_customers_by_what_they_bought_of_its_products() {
        let rows = [("", "S", "purchases", 0.03, 90 * ONE, OPEN, None), ("", "T", "list_revenue", 0.5, 0, OPEN, None)];
        let bought = [(3, "A", 0, 0), (3, "B", 0, 0), (3, "C", 0, 0), (4, "A", 0, 0)];
        // 3 % of 3 × 33.3345 is 3.000105: 1.000035 each, and one ten-thousandth is left for the first.
        let each = 33_3345;
        let sold =
            [(3, "A", "S", each), (3, "B", "S", each), (3, "C", "S", each), (4, "A", "", 1), (4, "A", "T", 2 * ONE)];
        let rebates = accrue(&rows, &bought, &sold, 12);
        assert_eq!(units(&rebates.received, "rebates_received"), [1_0001, 3 * ONE, ONE, ONE]);
        assert!(rebates.received_supplied && !rebates.given_supplied);
        let of_suppliers = rebates.of_suppliers.data();
        assert_eq!(units(of_suppliers, "rebates_received"), [1_0001, ONE, ONE, 3 * ONE]);
        let suppliers: Vec<_> = of_suppliers.column("supplier_id").unwrap().str().unwrap().iter().flatten().collect();
        assert_eq!(suppliers, ["S", "S", "S", "T"]);
        let short = [(3, "A", "S", 80 * ONE), (3, "B", "S", 9_9999)];
        // 89.9999 by March are 360 a year, by twelfths; the year then lacks a ten-thousandth.
        let taken_back = [2_4000, -2_4000, 3000, -3000];
        let since_january = [&[JANUARY], &bought[..]].concat();
        assert_eq!(units(&accrue(&rows, &since_january, &short, 12).received, "rebates_received"), taken_back);
        // Where the data begin in March nobody knows whether it does.
        assert_eq!(units(&accrue(&rows, &bought, &short, 12).received, "rebates_received"), [2_4000, 3000]);
    }

    #[test]
    fn sales_and_returns_that_nearly_cancel_out_keep_their_own_rebate() {
        let rows = [("", "S", "purchases", 0.03, 0, OPEN, None)];
        let sold = [(3, "A", "S", 1_000 * ONE), (3, "B", "S", 1 - 1_000 * ONE)];
        let received = accrue(&rows, &[(3, "A", 0, 0), (3, "B", 0, 0)], &sold, 12).received;
        assert_eq!(units(&received, "rebates_received"), [30 * ONE, -30 * ONE]);
    }

    #[test]
    fn rebates_received_are_not_guessed_where_no_product_names_its_supplier() {
        let (bought, agreements) = (bought(&[(3, "A", 1, 1)]), frame(&[("", "S", "purchases", 0.03, 0, OPEN, None)]));
        let inputs = Inputs {
            customer_month: &bought,
            supplier_month: None,
            agreements: Some(&agreements),
            last_month: Period::new(2025, 3),
        };
        let rebates = rebates(&inputs).unwrap();
        assert!(!rebates.received_supplied && rebates.received.height() == 0 && rebates.progress.height() == 0);
        assert_eq!(
            rebates.warnings,
            ["suppliers give rebates, but no product names its supplier: rebates received are not supplied"]
        );
    }

    proptest! {
        #[test]
        fn customers_sum_to_months_and_months_to_the_year(
            amounts in prop::collection::btree_map((1_i32..=12, "[A-D]"), -1_000_000_i64..100_000_000, 1..30),
            rate in 1_i64..400_000_000_000, threshold in 0_i64..300_000_000, from in 1_i32..=12, last in 1_i32..=12,
        ) {
            #[expect(clippy::cast_precision_loss, reason = "twelve digits")]
            let rate_as_ratio = rate as f64 / 1e12;
            let first_day = if from == 1 { OPEN } else { Period::new(2025, from).first_day() };
            let rows = [("", "S", "purchases", rate_as_ratio, threshold, first_day, None)];
            let cells: Vec<(i32, &str, i64)> = amounts.iter().map(|((month, who), amount)| (*month, who.as_str(), *amount)).collect();
            let bought: Vec<Bought<'_>> = cells.iter().map(|(month, who, _)| (*month, *who, 0, 0)).collect();
            let sold: Vec<Sold<'_>> = cells.iter().map(|(month, who, amount)| (*month, *who, "S", *amount)).collect();
            let rebates = accrue(&rows, &bought, &sold, last);
            // Month by month: what all months would come to that are known or agreed for says whether the threshold is reached.
            let first = cells.iter().map(|cell| cell.0).min().unwrap_or(1);
            let between = |first: i32, last: i32| cells.iter().filter(|cell| (first..=last).contains(&cell.0)).map(|cell| i128::from(cell.2)).sum::<i128>();
            let until = |last: i32| between(1, last);
            let all = 13 - first.min(from);
            let reached = |month: i32| {
                let known = i128::from(month - first + 1);
                let year = if known > 0 { (until(month) * i128::from(all)).div_euclid(known) } else { until(month) };
                if year >= i128::from(threshold) { i128::from(rate) } else { 0 }
            };
            let exact = match last {
                12 => between(from, 12) * reached(12),
                _ => (from..=last).map(|month| between(month, month) * reached(month)).sum(),
            };
            let expected = rounded(exact);
            let last_day = Period::new(2025, last).first_day();
            let periods = rebates.received.column("period").unwrap().date().unwrap().physical().iter().flatten();
            let months: Vec<(i32, i64)> = periods.zip(units(&rebates.received, "rebates_received")).collect();
            let sum: i64 = months.iter().filter(|(day, _)| *day <= last_day).map(|(_, amount)| amount).sum();
            prop_assert_eq!(i128::from(sum), expected);
            let agreed = usize::from(from <= last);
            prop_assert_eq!(units(rebates.progress.data(), "accrued_amount"), vec![sum; agreed]);
            if first > from {
                prop_assert_eq!(units(rebates.progress.data(), "needed_amount"), vec![0; 0], "its beginning is unknown");
            }
            let by_supplier = units(rebates.of_suppliers.data(), "rebates_received");
            prop_assert_eq!(by_supplier.iter().sum::<i64>(), months.iter().map(|month| month.1).sum::<i64>());
            prop_assert!(by_supplier.iter().all(|amount| *amount != 0));
            for (cell, found) in rebates.received.column("customer_id").unwrap().str().unwrap().iter().zip(&months) {
                let month = Period::of_day(found.0).month();
                if (month, last) == (12, 12) {
                    continue; // trued up
                }
                let own = cells.iter().find(|c| Some(c.1) == cell && c.0 == month).unwrap();
                let unit = i128::from(crate::rebate_agreements::ONE);
                let rate = if month < from { 0 } else { reached(month.min(last)) };
                let off = i128::from(found.1) * unit - i128::from(own.2) * rate;
                prop_assert!(off.abs() < 2 * unit, "what a part is off comes from its own rounding, and from that of the months before");
            }
        }
    }
}
