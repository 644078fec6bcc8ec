//! From list revenue to net profit: every step a column, each sums to the next.
//!
//! ```text
//! list revenue 100 − invoice discount 15 = invoice revenue 85
//!   − rebates given 5 − payment terms 0 + freight charged 0 − freight cost 3 = pocket revenue 77
//!   − COGS 40 + rebates received 0 = gross margin 37 − cost-to-serve 0 = net profit 37
//! ```

use netto_model::frame::{CustomerMonth, DimActivity, PoolBalance, Waterfall};
use netto_model::{Frame, Money, Period, Warning, column as c};
use polars::prelude::*;

use crate::ProfitError;
use crate::config::Step;
use crate::payment_terms::Financing;
use crate::rebates::AllRebates;

/// The inputs of the waterfall.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What customers bought.
    pub customer_month: &'a Frame<CustomerMonth>,
    /// What they were assigned, by customer and month: an amount per step of the waterfall.
    pub cost_by_step: &'a DataFrame,
    /// Which step of the waterfall each activity belongs to.
    pub activities: &'a Frame<DimActivity>,
    /// Which pools were booked in which month.
    pub pool_balance: &'a Frame<PoolBalance>,
    /// Rebates given and received, by customer and month.
    pub rebates: &'a AllRebates,
    /// What receivables cost, by customer and month.
    pub financing: &'a Financing,
    /// The last closed month.
    pub last_month: Period,
}

/// Customer × month, for every customer that bought, was served or owed in the month.
///
/// # Errors
/// When the engine fails or the contract refuses the result.
pub fn waterfall(inputs: &Inputs<'_>) -> Result<Frame<Waterfall>, ProfitError> {
    let AllRebates { given, received, .. } = inputs.rebates;
    let plan = [inputs.cost_by_step, given, received, &inputs.financing.amounts]
        .into_iter()
        .fold(inputs.customer_month.lazy(), joined_to)
        .join(steps_booked(inputs), [col(c::PERIOD)], [col(c::PERIOD)], JoinArgs::new(JoinType::Left))
        // Who was served but bought nothing has no revenue, and who bought but wasn't served has no cost.
        .with_columns(ADDITIVE.map(|name| col(name).fill_null(lit(0_i64))))
        .with_columns([
            col(c::LIST_AMOUNT).alias(c::LIST_REVENUE),
            (col(c::LIST_AMOUNT) - col(c::NET_AMOUNT)).alias(c::INVOICE_DISCOUNT),
            col(c::NET_AMOUNT).alias(c::INVOICE_REVENUE),
            col(c::COGS_AMOUNT).alias(c::COGS),
            // From a pool through an activity, or imputed at a rate: the configuration has one of the two.
            (col(c::PAYMENT_TERMS) + col(c::IMPUTED_AMOUNT)).alias(c::PAYMENT_TERMS),
        ])
        .with_column(pocket_revenue().alias(c::POCKET_REVENUE))
        .with_column(gross_margin().alias(c::GROSS_MARGIN))
        .with_column(net_profit().alias(c::NET_PROFIT))
        .with_column(net_before_compensation().alias(c::NET_BEFORE_COMPENSATION))
        .with_columns(supplied(inputs));
    Ok(Frame::try_new(plan)?)
}

/// Amounts of customers and months, joined to those that are there already.
fn joined_to(plan: LazyFrame, amounts: &DataFrame) -> LazyFrame {
    let keys = [col(c::CUSTOMER_ID), col(c::PERIOD)];
    if amounts.height() == 0 {
        let names =
            amounts.get_column_names().into_iter().filter(|name| ![c::CUSTOMER_ID, c::PERIOD].contains(&name.as_str()));
        let nothing: Vec<Expr> = names.map(|name| lit(0_i64).cast(DataType::Int64).alias(name.clone())).collect();
        return plan.with_columns(nothing);
    }
    let full = JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    plan.join(amounts.clone().lazy(), keys.clone(), keys, full)
}

const ADDITIVE: [&str; 19] = [
    c::MINUTES,
    c::ORDERS,
    c::LINES,
    c::LINES_BELOW_COST,
    c::QUANTITY,
    c::NET_AMOUNT,
    c::LIST_AMOUNT,
    c::COGS_AMOUNT,
    c::FREIGHT_CHARGED,
    c::LINES_WITH_LIST,
    c::LINES_WITH_COGS,
    c::LINES_WITH_FREIGHT,
    c::COST_TO_SERVE,
    c::FREIGHT_COST,
    c::PAYMENT_TERMS,
    c::SALES_COMPENSATION,
    c::REBATES_GIVEN,
    c::REBATES_RECEIVED,
    c::IMPUTED_AMOUNT,
];

/// Invoice revenue − rebates given − payment terms, and freight charged against freight cost.
pub(crate) fn pocket_revenue() -> Expr {
    col(c::INVOICE_REVENUE) - col(c::REBATES_GIVEN) - col(c::PAYMENT_TERMS) + col(c::FREIGHT_CHARGED)
        - col(c::FREIGHT_COST)
}

/// Pocket revenue − COGS + rebates received.
pub(crate) fn gross_margin() -> Expr {
    col(c::POCKET_REVENUE) - col(c::COGS) + col(c::REBATES_RECEIVED)
}

/// Gross margin − cost-to-serve.
pub(crate) fn net_profit() -> Expr {
    col(c::GROSS_MARGIN) - col(c::COST_TO_SERVE)
}

/// Net profit + sales compensation (the distributor's NBC).
pub(crate) fn net_before_compensation() -> Expr {
    col(c::NET_PROFIT) + col(c::SALES_COMPENSATION)
}

/// Whether each step rests on data. A missing input makes a step zero and says so, it is never guessed.
fn supplied(inputs: &Inputs<'_>) -> [Expr; 8] {
    let every_line = |lines: &str| col(lines).gt_eq(col(c::LINES));
    let booked = |flag: &str| col(flag).fill_null(lit(false));
    let closed = col(c::PERIOD).cast(DataType::Int32).lt_eq(lit(inputs.last_month.first_day()));
    let imputed = lit(inputs.financing.supplied).and(closed);
    [
        every_line(c::LINES_WITH_LIST).alias(c::LIST_SUPPLIED),
        lit(inputs.rebates.given_supplied).alias(c::REBATES_SUPPLIED),
        booked(c::PAYMENT_TERMS_SUPPLIED).or(imputed).alias(c::PAYMENT_TERMS_SUPPLIED),
        every_line(c::LINES_WITH_FREIGHT).alias(c::FREIGHT_CHARGED_SUPPLIED),
        booked(c::FREIGHT_COST_SUPPLIED).alias(c::FREIGHT_COST_SUPPLIED),
        every_line(c::LINES_WITH_COGS).alias(c::COGS_SUPPLIED),
        lit(inputs.rebates.received_supplied).alias(c::REBATES_RECEIVED_SUPPLIED),
        booked(c::COST_TO_SERVE_SUPPLIED).alias(c::COST_TO_SERVE_SUPPLIED),
    ]
}

/// By month, whether a pool from which an activity of the step takes was booked, or received from a support pool.
fn steps_booked(inputs: &Inputs<'_>) -> LazyFrame {
    let pools = inputs.pool_balance.lazy().select([col(c::POOL), col(c::PERIOD)]);
    let steps = inputs.activities.lazy().select([col(c::POOL), col(c::STEP)]);
    let any = |step: Step, flag: &str| col(c::STEP).eq(lit(step.name())).any(true).alias(flag);
    pools.join(steps, [col(c::POOL)], [col(c::POOL)], JoinArgs::new(JoinType::Inner)).group_by([col(c::PERIOD)]).agg([
        any(Step::CostToServe, c::COST_TO_SERVE_SUPPLIED),
        any(Step::FreightCost, c::FREIGHT_COST_SUPPLIED),
        any(Step::PaymentTerms, c::PAYMENT_TERMS_SUPPLIED),
    ])
}

/// Revenue without its cost: freight charged without the cost of freight, and goods with a negative cost.
///
/// # Errors
/// When the engine fails.
pub fn warnings(waterfall: &Frame<Waterfall>, activities: &Frame<DimActivity>) -> Result<Vec<Warning>, ProfitError> {
    let sums = [c::INVOICE_REVENUE, c::COGS, c::FREIGHT_CHARGED].map(|name| col(name).sum());
    let customers = waterfall.lazy().group_by([col(c::CUSTOMER_ID)]).agg(sums);
    let customers = customers.sort([c::CUSTOMER_ID], SortMultipleOptions::default()).collect()?;
    let freight: i128 = customers.column(c::FREIGHT_CHARGED)?.i64()?.iter().flatten().map(i128::from).sum();
    let steps = activities.data().column(c::STEP)?.str()?;
    let without_cost = freight != 0 && !steps.iter().flatten().any(|step| step == Step::FreightCost.name());
    let freight = without_cost.then(|| Money::try_from_wide(freight)).transpose();
    let freight = freight.map_err(|source| ProfitError::Money { place: "freight charged".to_owned(), source })?;
    let freight = freight.map(|freight| {
        format!("freight of {freight} is charged, but no activity has `step = \"freight_cost\"`, so the freight counts as margin")
    });
    let below = col(c::COGS).lt(lit(0_i64)).and(col(c::INVOICE_REVENUE).gt(lit(0_i64)));
    let below = customers.lazy().filter(below).collect()?;
    let first = below.column(c::CUSTOMER_ID)?.str()?.iter().flatten().next();
    let below = first.map(|first| {
        let others = match below.height() - 1 {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        format!("customer `{first}`{others}: the cost of goods is negative, so the margin is above 100 %; check the sign of the cost")
    });
    let freight = freight.map(|said| Warning::note("freight_without_cost", said));
    Ok(freight.into_iter().chain(below.map(|said| Warning::note("cost_below_zero", said))).collect())
}
