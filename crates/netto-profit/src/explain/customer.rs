//! The proof of a customer's figures: every step of the waterfall, and for every activity
//! rate = amount ÷ capacity, rate × quantity = amount assigned.
//!
//! ```text
//! picking  2025-03  560,000.0000 ÷ 700,000 min = 0.80 a minute × 120 min = 96.0000, rounded by 0.0000
//! ```

use std::collections::BTreeMap;

use netto_model::frame::inside;
use netto_model::money::{MoneyError, divide_half_even};
use netto_model::problem::did_you_mean;
use netto_model::{Money, Period, Window, column as c};
use polars::prelude::*;

use super::figures::{Key, figures};
use super::{Fine, Inputs, PoolFigures, Rows, STEPS, name_of};
use crate::ProfitError;
use crate::config::Method;

/// A customer's figures in a window, each traced to where it came from.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Customer.
    pub customer: String,
    /// Name, where one was supplied.
    pub name: Option<String>,
    /// Window.
    pub window: Window,
    /// The waterfall's steps in their order: name of the column, amount.
    pub steps: Vec<(&'static str, Money)>,
    /// Every pool that this customer took from, month by month.
    pub sections: Vec<Section>,
}

/// What a pool had in a month, and what the customer took of it; or both summed over months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Cost pool.
    pub pool: String,
    /// Warehouse of pools that are kept by warehouse; else empty.
    pub warehouse: String,
    /// The month, or the months that are summed.
    pub months: Vec<Period>,
    /// What the pool had.
    pub figures: PoolFigures,
    /// What the customer was assigned, by activity and part.
    pub assignments: Vec<Assignment>,
}

/// What a customer was assigned through an activity in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Activity.
    pub activity: String,
    /// Part of the pool: warehouse, or group of a fixed share; else empty.
    pub part: String,
    /// Month; the first one of a sum.
    pub period: Period,
    /// Pool from which it takes.
    pub pool: String,
    /// How it takes.
    pub method: String,
    /// Where it stands in the waterfall.
    pub step: String,
    /// The expression that measures it.
    pub expression: Option<String>,
    /// Amount of the pool that is spread.
    pub pool_amount: Money,
    /// What that is divided by: the minutes used, or the driver's total.
    pub capacity: Money,
    /// The customer's quantity.
    pub quantity: Money,
    /// The amount assigned.
    pub amount: Money,
    /// Amount × quantity ÷ capacity, before rounding; in a sum, that of its months is not kept.
    pub exact: Fine,
    /// Amount assigned less the exact amount rounded to the ten-thousandth: what the largest remainder moved.
    pub rounding: Money,
}

impl Assignment {
    /// Whether the amount is what a calculator makes of `spread` × quantity ÷ `capacity`, but for the rounding of so many months.
    /// In a sum of months it is where their rates are alike.
    #[must_use]
    pub fn divides_out(&self, spread: Money, capacity: Money, months: usize) -> bool {
        let [amount, capacity, of_pool, quantity] =
            [self.amount, capacity, spread, self.quantity].map(|money| i128::from(money.units()));
        let rounding = i128::try_from(months).unwrap_or(i128::MAX).saturating_mul(capacity.abs());
        let difference = amount.saturating_mul(capacity).saturating_sub(of_pool.saturating_mul(quantity));
        capacity != 0 && difference.abs() <= rounding
    }
}

/// Proves a customer's figures in a window.
///
/// # Errors
/// When the customer is in none of the tables, with the nearest id.
pub fn customer(customer: &str, window: Window, inputs: &Inputs<'_>) -> Result<Proof, ProfitError> {
    let known = inputs.waterfall.data().column(c::CUSTOMER_ID)?.str()?;
    if !known.iter().any(|id| id == Some(customer)) {
        let suggestion = did_you_mean(customer, known.iter().flatten()).map(str::to_owned);
        return Err(ProfitError::UnknownCustomer { customer: customer.to_owned(), suggestion });
    }
    let mine = col(c::CUSTOMER_ID).eq(lit(customer)).and(inside(window));
    let sums = inputs.waterfall.lazy().filter(mine.clone()).select(STEPS.map(|step| col(step).sum())).collect()?;
    Ok(Proof {
        customer: customer.to_owned(),
        name: name_of(inputs.customers.data(), c::CUSTOMER_ID, customer, c::NAME)?,
        window,
        steps: STEPS.into_iter().map(|step| Ok((step, Rows(&sums).money(step, 0)?))).collect::<PolarsResult<_>>()?,
        sections: sections(assignments(inputs.ledger.lazy().filter(mine), inputs)?, window, inputs)?,
    })
}

impl Proof {
    /// Every pool once, its months summed.
    ///
    /// # Errors
    /// When a sum leaves the range of money.
    pub fn summed(&self) -> Result<Vec<Section>, ProfitError> {
        let mut pools: BTreeMap<(&str, &str), Vec<&Section>> = BTreeMap::new();
        for section in &self.sections {
            pools.entry((&section.pool, &section.warehouse)).or_default().push(section);
        }
        let sum = |((pool, _), sections): ((&str, &str), Vec<&Section>)| {
            let sum = Section::sum(&sections);
            sum.map_err(|source| ProfitError::Money { place: format!("pool `{pool}`"), source })
        };
        pools.into_iter().map(sum).collect()
    }

    /// Every assignment with the pool that it takes from, by activity, month and part.
    #[must_use]
    pub fn assignments(&self) -> Vec<(&Assignment, &Section)> {
        let mut all: Vec<(&Assignment, &Section)> =
            self.sections.iter().flat_map(|section| section.assignments.iter().map(move |a| (a, section))).collect();
        all.sort_by_key(|(a, _)| (&a.activity, a.period, &a.part));
        all
    }
}

impl Section {
    fn sum(sections: &[&Self]) -> Result<Self, MoneyError> {
        let mut parts: BTreeMap<(&str, &str), Vec<&Assignment>> = BTreeMap::new();
        for assignment in sections.iter().flat_map(|section| &section.assignments) {
            parts.entry((&assignment.activity, &assignment.part)).or_default().push(assignment);
        }
        Ok(Self {
            pool: sections.first().map(|first| first.pool.clone()).unwrap_or_default(),
            warehouse: sections.first().map(|first| first.warehouse.clone()).unwrap_or_default(),
            months: sections.iter().flat_map(|section| section.months.iter().copied()).collect(),
            figures: PoolFigures::sum(&sections.iter().map(|section| &section.figures).collect::<Vec<_>>())?,
            assignments: parts
                .into_values()
                .filter_map(|months| Assignment::sum(&months).transpose())
                .collect::<Result<_, _>>()?,
        })
    }
}

impl Assignment {
    fn sum(months: &[&Self]) -> Result<Option<Self>, MoneyError> {
        let Some(&first) = months.first() else { return Ok(None) };
        let of = |amount: fn(&Self) -> Money| Money::sum(months.iter().map(|month| amount(month)));
        Ok(Some(Self {
            pool_amount: of(|a| a.pool_amount)?,
            capacity: of(|a| a.capacity)?,
            quantity: of(|a| a.quantity)?,
            amount: of(|a| a.amount)?,
            rounding: of(|a| a.rounding)?,
            exact: Fine::of(of(|a| a.amount)?),
            ..first.clone()
        }))
    }

    /// The warehouse of the pool that it takes from. Fixed shares have groups for parts, and come from a whole pool.
    fn warehouse(&self) -> &str {
        if self.method == Method::Share.name() { "" } else { &self.part }
    }
}

/// By month, pool and warehouse.
fn sections(assignments: Vec<Assignment>, window: Window, inputs: &Inputs<'_>) -> Result<Vec<Section>, ProfitError> {
    let figures = figures(window, inputs)?;
    let mut sections: BTreeMap<(Period, String, String), Vec<Assignment>> = BTreeMap::new();
    for assignment in assignments {
        let place = (assignment.period, assignment.pool.clone(), assignment.warehouse().to_owned());
        sections.entry(place).or_default().push(assignment);
    }
    let section = |((period, pool, warehouse), assignments): ((Period, String, String), Vec<Assignment>)| {
        let key: Key = (pool, warehouse, period);
        let figures = figures.get(&key).cloned().unwrap_or_default();
        Section { pool: key.0, warehouse: key.1, months: vec![period], figures, assignments }
    };
    Ok(sections.into_iter().map(section).collect())
}

fn assignments(ledger: LazyFrame, inputs: &Inputs<'_>) -> Result<Vec<Assignment>, ProfitError> {
    let left = || JoinArgs::new(JoinType::Left);
    let months = inputs.activity_month.lazy().drop(cols([c::QUANTITY, c::RATE, c::POOL]));
    let facts = [c::ACTIVITY, c::METHOD, c::DESCRIPTION, c::STEP, c::POOL];
    let activities = inputs.activities.lazy().select(facts.map(col));
    let keys = [col(c::ACTIVITY), col(c::PERIOD), col(c::POOL_PART)];
    let data = ledger
        .join(months, keys.clone(), keys, left())
        .join(activities, [col(c::ACTIVITY)], [col(c::ACTIVITY)], left())
        .sort([c::ACTIVITY, c::PERIOD, c::POOL_PART], SortMultipleOptions::default())
        .collect()?;
    Rows(&data).count().map(|row| assignment(Rows(&data), row)).collect()
}

fn assignment(rows: Rows<'_>, row: usize) -> Result<Assignment, ProfitError> {
    let text = |column: &str| rows.text(column, row).map(str::to_owned);
    let money = |column: &str| rows.money(column, row);
    let (pool_amount, capacity, method) = (money(c::POOL_AMOUNT)?, money(c::CAPACITY)?, text(c::METHOD)?);
    let (quantity, amount) = (money(c::QUANTITY)?, money(c::AMOUNT)?);
    // A booking that names the customer is nobody else's: there is nothing to divide.
    let as_it_is = method == Method::Direct.name() || capacity == Money::ZERO;
    let rounded = if as_it_is {
        i128::from(amount.units())
    } else {
        let product = i128::from(pool_amount.units()) * i128::from(quantity.units());
        divide_half_even(product, i128::from(capacity.units()))
    };
    let rounding = Money::try_from_wide(i128::from(amount.units()) - rounded)
        .map_err(|source| ProfitError::Money { place: "rounding".into(), source })?;
    let exact = Fine::share(pool_amount, quantity, capacity).filter(|_| !as_it_is);
    Ok(Assignment {
        activity: text(c::ACTIVITY)?,
        part: text(c::POOL_PART)?,
        period: rows.period(row)?,
        pool: text(c::POOL)?,
        step: text(c::STEP)?,
        expression: Some(text(c::DESCRIPTION)?).filter(|text| !text.is_empty()),
        method,
        pool_amount,
        capacity,
        quantity,
        amount,
        exact: exact.unwrap_or(Fine::of(amount)),
        rounding,
    })
}
