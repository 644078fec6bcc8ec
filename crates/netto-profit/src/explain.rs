//! The proof of a customer's figures: every step of the waterfall, and for every activity
//! rate = amount ÷ capacity, rate × quantity = amount assigned.
//!
//! ```text
//! picking  2025-03  560,000.0000 ÷ 700,000 min = 0.80 a minute × 120 min = 96.0000, rounded by 0.0000
//! ```

use netto_model::frame::{ActivityMonth, DimActivity, Ledger, Waterfall};
use netto_model::money::divide_half_even;
use netto_model::problem::did_you_mean;
use netto_model::{Frame, Money, Period, Window, column as c};
use polars::prelude::*;

use crate::ProfitError;

/// The tables that a proof quotes.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// List revenue to net profit.
    pub waterfall: &'a Frame<Waterfall>,
    /// Amounts assigned.
    pub ledger: &'a Frame<Ledger>,
    /// Amount, capacity and rate of activities.
    pub activity_month: &'a Frame<ActivityMonth>,
    /// The activities.
    pub activities: &'a Frame<DimActivity>,
}

/// A customer's figures in a window, each traced to where it came from.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Customer.
    pub customer: String,
    /// Window.
    pub window: Window,
    /// The waterfall's steps in their order: name of the column, amount.
    pub steps: Vec<(&'static str, Money)>,
    /// Every assignment, by activity and month.
    pub assignments: Vec<Assignment>,
}

/// What a customer was assigned through an activity in a month.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Activity.
    pub activity: String,
    /// Month.
    pub period: Period,
    /// Pool from which it takes.
    pub pool: String,
    /// How it takes.
    pub method: String,
    /// The expression that measures it.
    pub expression: Option<String>,
    /// Amount of the pool that the activity draws on.
    pub pool_amount: Money,
    /// What that is divided by: practical minutes, or the driver's total.
    pub capacity: Money,
    /// The customer's quantity.
    pub quantity: Money,
    /// The amount assigned.
    pub amount: Money,
    /// Amount assigned less amount × quantity ÷ capacity: below one ten-thousandth, from the largest remainder.
    pub rounding: Money,
}

/// The steps in the order of the waterfall.
pub const STEPS: [&str; 15] = [
    c::LIST_REVENUE,
    c::INVOICE_DISCOUNT,
    c::INVOICE_REVENUE,
    c::REBATES_GIVEN,
    c::PAYMENT_TERMS,
    c::FREIGHT_CHARGED,
    c::FREIGHT_COST,
    c::POCKET_REVENUE,
    c::COGS,
    c::REBATES_RECEIVED,
    c::GROSS_MARGIN,
    c::COST_TO_SERVE,
    c::NET_PROFIT,
    c::SALES_COMPENSATION,
    c::NET_BEFORE_COMPENSATION,
];

/// Proves a customer's figures in a window.
///
/// # Errors
/// When the customer is in none of the tables, with the nearest id.
pub fn explain(customer: &str, window: Window, inputs: &Inputs<'_>) -> Result<Proof, ProfitError> {
    let known = inputs.waterfall.data().column(c::CUSTOMER_ID)?.str()?;
    if !known.iter().any(|id| id == Some(customer)) {
        let suggestion = did_you_mean(customer, known.iter().flatten()).map(str::to_owned);
        return Err(ProfitError::UnknownCustomer { customer: customer.to_owned(), suggestion });
    }
    let of_customer = |plan: LazyFrame| {
        let day = col(c::PERIOD).cast(DataType::Int32);
        let inside = day.clone().gt_eq(lit(window.first.first_day())).and(day.lt_eq(lit(window.last.first_day())));
        plan.filter(col(c::CUSTOMER_ID).eq(lit(customer)).and(inside))
    };
    let sums = of_customer(inputs.waterfall.lazy()).select(STEPS.map(|step| col(step).sum())).collect()?;
    let step = |name: &'static str| Ok((name, Money::from_units(sums.column(name)?.i64()?.get(0).unwrap_or_default())));
    Ok(Proof {
        customer: customer.to_owned(),
        window,
        steps: STEPS.into_iter().map(step).collect::<Result<_, PolarsError>>()?,
        assignments: assignments(of_customer(inputs.ledger.lazy()), inputs)?,
    })
}

fn assignments(ledger: LazyFrame, inputs: &Inputs<'_>) -> Result<Vec<Assignment>, ProfitError> {
    let left = || JoinArgs::new(JoinType::Left);
    let months = inputs.activity_month.lazy().drop(cols([c::QUANTITY, c::RATE]));
    let activities = inputs.activities.lazy().select([col(c::ACTIVITY), col(c::METHOD), col(c::DESCRIPTION)]);
    let keys = [col(c::ACTIVITY), col(c::PERIOD), col(c::POOL_PART)];
    let data = ledger
        .join(months, keys.clone(), keys, left())
        .join(activities, [col(c::ACTIVITY)], [col(c::ACTIVITY)], left())
        .sort([c::ACTIVITY, c::PERIOD, c::POOL_PART], SortMultipleOptions::default())
        .collect()?;
    (0..data.height()).map(|row| assignment(&data, row)).collect()
}

fn assignment(data: &DataFrame, row: usize) -> Result<Assignment, ProfitError> {
    let text = |name: &str| Ok::<_, PolarsError>(data.column(name)?.str()?.get(row).map(str::to_owned));
    let units = |name: &str| Ok::<_, PolarsError>(data.column(name)?.i64()?.get(row).unwrap_or_default());
    let (pool_amount, capacity) = (units(c::POOL_AMOUNT)?, units(c::CAPACITY)?);
    let (quantity, amount) = (units(c::QUANTITY)?, units(c::AMOUNT)?);
    // In millionths of a ten-thousandth the exact amount would show; rounded, it is what rate × quantity says.
    let exact = match capacity {
        0 => i128::from(amount),
        _ => divide_half_even(i128::from(pool_amount) * i128::from(quantity), i128::from(capacity)),
    };
    let rounding = Money::try_from_wide(i128::from(amount) - exact)
        .map_err(|source| ProfitError::Money { place: "rounding".into(), source })?;
    Ok(Assignment {
        activity: text(c::ACTIVITY)?.unwrap_or_default(),
        period: Period::of_day(data.column(c::PERIOD)?.date()?.physical().get(row).unwrap_or_default()),
        pool: text(c::POOL)?.unwrap_or_default(),
        method: text(c::METHOD)?.unwrap_or_default(),
        expression: text(c::DESCRIPTION)?,
        pool_amount: Money::from_units(pool_amount),
        capacity: Money::from_units(capacity),
        quantity: Money::from_units(quantity),
        amount: Money::from_units(amount),
        rounding,
    })
}
