//! Values rows: converts amounts to the company's currency, and fills missing costs and list amounts of order lines from the
//! product version of the day. It uses integers and rounds each amount once, half-even to the ten-thousandth, so that later
//! stages only add.
//!
//! ```text
//! 2025-03-31, 2.5 drills, 100.01 USD      rate of USD in 2025-03: 0.5      a drill costs 800 from 2025-01-01 on
//!   net_amount 100.01 × 0.5 = 50.005      cogs_amount 2.5 × 800 = 2000      currency stays USD
//! ```

use std::collections::{BTreeMap, BTreeSet};

use blake3::Hasher;
use netto_model::column as c;
use netto_model::contract::{COST_POOLS, DEVIATIONS, ORDER_LINES, RECEIVABLES, STOCK};
use netto_model::money::{SCALE, decimal, divide_half_even};
use netto_model::{Money, Period, Table};
use polars::prelude::*;

use crate::config::{LoadMode, SourceConfig};
use crate::rates::Rates;
use crate::rows::Cell;
use crate::typed;
use crate::versions::{PerPiece, ProductVersions};

const ORDER_DATE: Place = Place::of(&ORDER_LINES, c::ORDER_DATE);
const PRODUCT: Place = Place::of(&ORDER_LINES, c::PRODUCT_ID);
pub(crate) const QUANTITY: Place = Place::of(&ORDER_LINES, c::QUANTITY);
const LIST: Place = Place::of(&ORDER_LINES, c::LIST_AMOUNT);
const COGS: Place = Place::of(&ORDER_LINES, c::COGS_AMOUNT);
pub(crate) const KIND: Place = Place::of(&ORDER_LINES, c::ORDER_KIND);
/// The amounts of a line in the line's currency.
pub(crate) const AMOUNTS: [Place; 5] = [
    Place::of(&ORDER_LINES, c::NET_AMOUNT),
    LIST,
    Place::of(&ORDER_LINES, c::DISCOUNT_AMOUNT),
    COGS,
    Place::of(&ORDER_LINES, c::FREIGHT_CHARGED),
];

/// The columns of a row with its currency, the day that determines the rate, and its amounts in that currency.
#[derive(Debug)]
struct Foreign {
    currency: Place,
    day: Place,
    amounts: &'static [Place],
}

/// The sources whose rows may be in a foreign currency.
const FOREIGN: [(&Table, Foreign); 5] = [
    (&ORDER_LINES, Foreign::at(&ORDER_LINES, c::ORDER_DATE, &AMOUNTS)),
    (&RECEIVABLES, Foreign::at(&RECEIVABLES, c::INVOICE_DATE, &[Place::of(&RECEIVABLES, c::AMOUNT)])),
    (&COST_POOLS, Foreign::at(&COST_POOLS, c::PERIOD, &[Place::of(&COST_POOLS, c::AMOUNT)])),
    (&DEVIATIONS, Foreign::at(&DEVIATIONS, c::OCCURRED_AT, &[Place::of(&DEVIATIONS, c::AMOUNT)])),
    (&STOCK, Foreign::at(&STOCK, c::SNAPSHOT_DATE, &[Place::of(&STOCK, c::VALUE)])),
];

impl Foreign {
    const fn at(table: &Table, day: &'static str, amounts: &'static [Place]) -> Self {
        Self { currency: Place::of(table, c::CURRENCY), day: Place::of(table, day), amounts }
    }

    fn of(source: &Table) -> Option<&'static Self> {
        FOREIGN.iter().find(|(table, _)| table.name == source.name).map(|(_, foreign)| foreign)
    }
}

/// How rows are valued.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Valuation<'a> {
    foreign: &'static Foreign,
    /// The company's currency; without it amounts are not converted.
    pub(crate) currency: Option<&'a str>,
    pub(crate) rates: Option<&'a Rates>,
    /// The product versions for empty costs.
    pub(crate) costs: Option<&'a ProductVersions>,
    /// The product versions for empty list amounts.
    pub(crate) list_prices: Option<&'a ProductVersions>,
}

/// Why a line has no value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its currency has no rate for its month.
    NoRate(String, Period),
    /// An amount leaves the range of money.
    OutOfRange {
        /// Column of the contract.
        column: &'static str,
        /// The computed value.
        value: String,
    },
}

impl<'a> Valuation<'a> {
    /// The valuation that the source's configuration asks for; `None` for a source without a currency.
    pub(crate) fn new(
        source: &Table,
        config: &SourceConfig,
        currency: Option<&'a str>,
        rates: Option<&'a Rates>,
        products: Option<&'a ProductVersions>,
    ) -> Option<Self> {
        Some(Self {
            foreign: Foreign::of(source)?,
            currency,
            rates,
            costs: products.filter(|_| config.cost_from_products),
            list_prices: products.filter(|_| config.list_from_products),
        })
    }

    /// Values a line, whose cells are in the order of the contract's columns.
    pub(crate) fn value(&self, line: &mut [Cell<'_>]) -> Result<(), Refusal> {
        self.convert(line)?;
        fill(line, COGS, self.costs, PerPiece::Cost)?;
        fill(line, LIST, self.list_prices, PerPiece::List)
    }

    fn convert(&self, line: &mut [Cell<'_>]) -> Result<(), Refusal> {
        let Foreign { currency, day, amounts } = self.foreign;
        let Some(currency) = currency.text(line).filter(|&currency| self.is_foreign(currency)) else { return Ok(()) };
        let Some(month) = day.day(line).map(Period::of_day) else { return Ok(()) };
        let rate = self.rates.and_then(|rates| rates.rate(currency, month));
        let rate = rate.ok_or_else(|| Refusal::NoRate(currency.to_owned(), month))?;
        for amount in *amounts {
            let Some(units) = amount.number(line) else { continue };
            let converted = rate.convert(units);
            let fits = converted.and_then(typed::within_decimal);
            amount.set(line, fits.ok_or_else(|| amount.out_of_range(units, rate, converted))?);
        }
        Ok(())
    }

    /// The currencies and months by whose rates rows were converted.
    pub(crate) fn converted(&self, rows: &DataFrame) -> PolarsResult<BTreeSet<(String, Period)>> {
        let Foreign { currency, day, .. } = self.foreign;
        let (currencies, days) = (rows.column(currency.column)?.str()?, rows.column(day.column)?.date()?.physical());
        let mut converted = BTreeSet::new();
        let mut last = None;
        for (currency, day) in currencies.iter().zip(days.iter()) {
            let (Some(currency), Some(day)) = (currency, day) else { continue };
            // Neighbours share both.
            if last != Some((currency, day)) && self.is_foreign(currency) {
                converted.insert((currency.to_owned(), Period::of_day(day)));
            }
            last = Some((currency, day));
        }
        Ok(converted)
    }

    /// Whether amounts in a currency are converted.
    pub(crate) fn is_foreign(&self, currency: &str) -> bool {
        self.currency.is_some_and(|own| !own.eq_ignore_ascii_case(currency))
    }

    /// Adds all inputs of a line's value besides the extract to the hash. With `append` only the currency counts: appended lines
    /// keep their value, as their extract may be gone.
    pub(crate) fn fingerprint(&self, mode: LoadMode, hasher: &mut Hasher) {
        hasher.update(self.currency.unwrap_or_default().as_bytes());
        if mode == LoadMode::Append {
            return;
        }
        if let Some(rates) = self.rates {
            rates.fingerprint(hasher);
        }
        for (versions, what) in [(self.costs, PerPiece::Cost), (self.list_prices, PerPiece::List)] {
            if let Some(versions) = versions {
                versions.fingerprint(what, hasher);
            }
        }
    }

    /// Lines without cost, and lines without list amount, by the reason why no product version gave one.
    pub(crate) fn gaps(&self, lines: &DataFrame) -> PolarsResult<[BTreeMap<&'static str, u64>; 2]> {
        Ok([gaps(lines, COGS, self.costs, PerPiece::Cost)?, gaps(lines, LIST, self.list_prices, PerPiece::List)?])
    }
}

/// Fills an amount that the extract lacks with `quantity × amount per piece`.
fn fill(
    line: &mut [Cell<'_>],
    amount: Place,
    versions: Option<&ProductVersions>,
    what: PerPiece,
) -> Result<(), Refusal> {
    let (Some(versions), None) = (versions, amount.number(line)) else { return Ok(()) };
    let (Some(product), Some(day)) = (PRODUCT.text(line), ORDER_DATE.day(line)) else { return Ok(()) };
    let Some(quantity) = QUANTITY.number(line) else { return Ok(()) };
    // Without a version valid on that day the amount stays empty; it is counted, not guessed.
    let Ok(per_piece) = versions.per_piece(product, day, what) else { return Ok(()) };
    let units = divide_half_even(i128::from(quantity) * i128::from(per_piece), i128::from(SCALE));
    let fits = typed::within_decimal(units);
    amount.set(line, fits.ok_or_else(|| amount.out_of_range(quantity, Money::from_units(per_piece), Some(units)))?);
    Ok(())
}

fn gaps(
    lines: &DataFrame,
    amount: Place,
    versions: Option<&ProductVersions>,
    what: PerPiece,
) -> PolarsResult<BTreeMap<&'static str, u64>> {
    let mut gaps = BTreeMap::new();
    let Some(versions) = versions else { return Ok(gaps) };
    let (products, days) = (lines.column(c::PRODUCT_ID)?.str()?, lines.column(c::ORDER_DATE)?.date()?.physical());
    for ((product, day), amount) in products.iter().zip(days.iter()).zip(lines.column(amount.column)?.i64()?.iter()) {
        let (Some(product), Some(day), None) = (product, day, amount) else { continue };
        if let Err(gap) = versions.per_piece(product, day, what) {
            *gaps.entry(gap.code()).or_insert(0) += 1;
        }
    }
    Ok(gaps)
}

/// A column of the contract and its index in a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    column: &'static str,
    at: usize,
}

impl Place {
    /// Resolved at compile time, which rejects a column that the contract lacks.
    const fn of(table: &Table, column: &'static str) -> Self {
        let mut at = 0;
        while !same(table.columns[at].name, column) {
            at += 1;
        }
        Self { column, at }
    }

    pub(crate) fn number(self, line: &[Cell<'_>]) -> Option<i64> {
        if let Some(Cell::Integer(number)) = line.get(self.at) { Some(*number) } else { None }
    }

    fn day(self, line: &[Cell<'_>]) -> Option<i32> {
        if let Some(Cell::Day(day)) = line.get(self.at) { Some(*day) } else { None }
    }

    pub(crate) fn text<'l>(self, line: &'l [Cell<'_>]) -> Option<&'l str> {
        if let Some(Cell::Text(text)) = line.get(self.at) { Some(text) } else { None }
    }

    pub(crate) fn set(self, line: &mut [Cell<'_>], units: i64) {
        if let Some(cell) = line.get_mut(self.at) {
            *cell = Cell::Integer(units);
        }
    }

    fn out_of_range(self, units: i64, factor: impl std::fmt::Display, product: Option<i128>) -> Refusal {
        let product = product.map(|product| format!(" = {}", decimal(product))).unwrap_or_default();
        Refusal::OutOfRange { column: self.column, value: format!("{} × {factor}{product}", Money::from_units(units)) }
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}
