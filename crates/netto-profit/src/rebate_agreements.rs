//! Rebate agreements as supplied: with a customer, who receives, or with a supplier, who gives.
//!
//! ```text
//! customer  supplier  basis            rate  threshold  valid from
//! C7                  invoice_revenue  0.01          0  2025-01-01   two brackets of one agreement: 1 %,
//! C7                  invoice_revenue  0.02     10,000  2025-01-01   and 2 % once the year's basis is 10,000
//!           L25       purchases        0.03          0  2025-01-01
//! ```
//!
//! An agreement holds for whole months: from the month of its first day to the month of its last. Where two of one
//! threshold meet in a month, the later one holds.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use netto_model::frame::Rebates;
use netto_model::money::SCALE;
use netto_model::{Frame, Money, Period, column as c};

use crate::ProfitError;

/// What a customer's rebate can be taken of.
pub(crate) const CUSTOMER_BASES: [&str; 2] = [c::LIST_REVENUE, c::INVOICE_REVENUE];
/// What a supplier's can; purchases are the cost of the supplier's goods that were sold.
pub(crate) const SUPPLIER_BASES: [&str; 3] = [c::LIST_REVENUE, c::INVOICE_REVENUE, PURCHASES];
const PURCHASES: &str = "purchases";

/// The brackets of everyone in one direction, by party and basis.
pub(crate) type ByParty = BTreeMap<(String, &'static str), Brackets>;

/// All agreements, by direction.
#[derive(Debug, Default)]
pub(crate) struct Agreements {
    /// Given to customers.
    pub(crate) customers: ByParty,
    /// Received from suppliers.
    pub(crate) suppliers: ByParty,
    /// Agreements that can't be meant as they stand.
    pub(crate) warnings: Vec<String>,
}

/// One, in the units in which rates are counted: twelve decimals, so that a third of a percent of a million is right to the cent.
pub(crate) const ONE: i64 = 1_000_000_000_000;

/// The brackets agreed with one party on one basis.
#[derive(Debug, Default)]
pub(crate) struct Brackets(Vec<Bracket>);

/// A rate from a threshold of the calendar year on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bracket {
    pub(crate) threshold: i64,
    /// In parts of [`ONE`]: integers, so that rebates add up.
    pub(crate) rate: i64,
    valid_from: i32,
    valid_to: Option<i32>,
}

impl Brackets {
    /// The bracket that holds in a month: of the thresholds that the year's basis reaches, the highest.
    pub(crate) fn holding(&self, period: Period, year_basis: i128) -> Option<&Bracket> {
        let reached = self.valid(period).filter(|bracket| i128::from(bracket.threshold) <= year_basis);
        reached.max_by_key(|bracket| (bracket.threshold, bracket.valid_from))
    }

    /// The bracket above it.
    pub(crate) fn next(&self, period: Period, year_basis: i128) -> Option<&Bracket> {
        let missed = self.valid(period).filter(|bracket| i128::from(bracket.threshold) > year_basis);
        missed.min_by_key(|bracket| (bracket.threshold, Reverse(bracket.valid_from)))
    }

    /// The part of the month's basis, in parts of [`ONE`]; none while no threshold is reached.
    pub(crate) fn rate(&self, period: Period, year_basis: i128) -> i64 {
        self.holding(period, year_basis).map_or(0, |bracket| bracket.rate)
    }

    /// Whether anything is agreed for the month.
    pub(crate) fn hold_in(&self, period: Period) -> bool {
        self.valid(period).next().is_some()
    }

    fn valid(&self, period: Period) -> impl Iterator<Item = &Bracket> {
        self.0.iter().filter(move |bracket| {
            Period::of_day(bracket.valid_from) <= period
                && bracket.valid_to.is_none_or(|last| period <= Period::of_day(last))
        })
    }
}

impl Bracket {
    /// As a part of one, for display.
    #[expect(clippy::cast_precision_loss, reason = "a rate is shown, not added")]
    pub(crate) fn rate_as_ratio(&self) -> f64 {
        self.rate as f64 / ONE as f64
    }
}

/// A rate in parts of [`ONE`]; one far beyond it is warned of.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "what doesn't fit is no part of one")]
fn counted(rate: f64) -> i64 {
    (rate * ONE as f64).round() as i64
}

/// Sorts the agreements out by direction, party and basis.
///
/// # Errors
/// When a column has another type than the contract's.
pub(crate) fn agreements(rebates: &Frame<Rebates>) -> Result<Agreements, ProfitError> {
    let data = rebates.data();
    let customers = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let suppliers = data.column(c::SUPPLIER_ID)?.str()?.iter();
    let bases = data.column(c::BASIS)?.str()?.iter();
    let rates = data.column(c::RATE)?.f64()?.iter();
    let thresholds = data.column(c::THRESHOLD)?.i64()?.iter();
    let from = data.column(c::VALID_FROM)?.date()?.physical().iter();
    let to = data.column(c::VALID_TO)?.date()?.physical().iter();
    let mut agreements = Agreements::default();
    for ((((customer, supplier), basis), (rate, threshold)), (valid_from, valid_to)) in
        customers.zip(suppliers).zip(bases).zip(rates.zip(thresholds)).zip(from.zip(to))
    {
        let bracket = Bracket {
            threshold: threshold.unwrap_or_default(),
            rate: counted(rate.unwrap_or_default()),
            valid_from: valid_from.unwrap_or(i32::MIN / 2),
            valid_to,
        };
        agreements.add(customer.unwrap_or_default(), supplier.unwrap_or_default(), basis.unwrap_or_default(), bracket);
    }
    Ok(agreements)
}

impl Agreements {
    /// A row has one party, and a basis that this party can have; else it says nothing that could be computed.
    fn add(&mut self, customer: &str, supplier: &str, basis: &str, bracket: Bracket) {
        let (who, party, agreed, known) = match (customer, supplier) {
            (party, "") if !party.is_empty() => ("customer", party, &mut self.customers, &CUSTOMER_BASES[..]),
            ("", party) if !party.is_empty() => ("supplier", party, &mut self.suppliers, &SUPPLIER_BASES[..]),
            _ => {
                let parties = match customer {
                    "" => "neither a customer nor a supplier".to_owned(),
                    _ => format!("both customer `{customer}` and supplier `{supplier}`"),
                };
                self.warnings.push(format!("a rebate agreement names {parties}; it is not used"));
                return;
            }
        };
        let Some(basis) = known.iter().find(|known| **known == basis) else {
            self.warnings.push(format!(
                "the rebate agreement of {who} `{party}` is based on `{basis}`, which only suppliers have; it is not used"
            ));
            return;
        };
        if bracket.rate > ONE {
            let rate = Money::from_units(bracket.rate / (ONE / SCALE));
            self.warnings
                .push(format!("the rebate agreement of {who} `{party}` has a rate of {rate}; write 0.05 for 5 %"));
        }
        agreed.entry((party.to_owned(), *basis)).or_default().0.push(bracket);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use polars::prelude::*;

    /// Customer, supplier, basis, rate, threshold, first day, last day.
    pub(crate) type Row<'a> = (&'a str, &'a str, &'a str, f64, i64, i32, Option<i32>);

    pub(crate) fn frame(rows: &[Row<'_>]) -> Frame<Rebates> {
        let frame = df!(
            "customer_id" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "supplier_id" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "basis" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            "rate" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            "threshold" => rows.iter().map(|row| row.4).collect::<Vec<_>>(),
            "valid_from" => rows.iter().map(|row| row.5).collect::<Vec<_>>(),
            "valid_to" => rows.iter().map(|row| row.6).collect::<Vec<_>>()
        );
        let dates = ["valid_from", "valid_to"].map(|day| col(day).cast(DataType::Date));
        Frame::try_new(frame.unwrap().lazy().with_columns(dates)).unwrap()
    }

    #[test]
    fn an_agreement_holds_from_the_month_of_its_first_day_to_the_month_of_its_last() {
        let day = |month: i32, day: i32| Period::new(2025, month).first_day() + day - 1;
        let rows = [
            ("A", "", "invoice_revenue", 0.01, 0, day(2, 15), Some(day(4, 15))),
            ("A", "", "invoice_revenue", 0.03, 0, day(6, 1), Some(day(6, 15))),
            ("A", "", "invoice_revenue", 0.02, 0, day(6, 16), None), // the later one holds for June
        ];
        let agreements = agreements(&frame(&rows)).unwrap();
        let brackets = &agreements.customers[&("A".to_owned(), c::INVOICE_REVENUE)];
        let rates: Vec<i64> = (1..=7).map(|month| brackets.rate(Period::new(2025, month), 0)).collect();
        assert_eq!(rates, [0, 1, 1, 1, 0, 2, 2].map(|percent| percent * ONE / 100));
    }

    #[test]
    fn what_cannot_be_meant_is_left_out_aloud() {
        let open = Period::new(1900, 1).first_day();
        let rows = [
            ("", "", "invoice_revenue", 0.01, 0, open, None),
            ("A", "", "purchases", 0.01, 0, open, None),
            ("A", "S", "invoice_revenue", 0.01, 0, open, None),
            ("B", "", "list_revenue", 2.5, 0, open, None),
        ];
        let agreements = agreements(&frame(&rows)).unwrap();
        assert_eq!((agreements.customers.len(), agreements.suppliers.len()), (1, 0));
        insta::assert_snapshot!(agreements.warnings.join("\n"), @r"
        a rebate agreement names neither a customer nor a supplier; it is not used
        the rebate agreement of customer `A` is based on `purchases`, which only suppliers have; it is not used
        a rebate agreement names both customer `A` and supplier `S`; it is not used
        the rebate agreement of customer `B` has a rate of 2.5000; write 0.05 for 5 %
        ");
    }
}
