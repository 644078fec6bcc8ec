//! From list revenue to net profit: every step a column, each sums to the next.
//!
//! ```text
//! list revenue 100 − invoice discount 15 = invoice revenue 85
//!   − rebates given 5 − payment terms 0 + freight charged 0 − freight cost 3 = pocket revenue 77
//!   − COGS 40 + rebates received 0 = gross margin 37 − cost-to-serve 0 = net profit 37
//! ```

use netto_model::frame::{CustomerMonth, DimActivity, Waterfall};
use netto_model::{Frame, column as c};
use polars::prelude::*;

use crate::ProfitError;
use crate::config::Step;

/// What the waterfall is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What customers bought.
    pub customer_month: &'a Frame<CustomerMonth>,
    /// What they were assigned, by customer and month: an amount per step of the waterfall.
    pub cost_by_step: &'a DataFrame,
    /// Which step of the waterfall each activity belongs to.
    pub activities: &'a Frame<DimActivity>,
    /// Rebates given, by customer and month.
    pub rebates_given: &'a DataFrame,
    /// Whether agreements were supplied at all.
    pub rebates_supplied: bool,
}

/// Customer × month, for every customer that bought or was served in the month.
///
/// # Errors
/// When the engine fails or the contract refuses the result.
pub fn waterfall(inputs: &Inputs<'_>) -> Result<Frame<Waterfall>, ProfitError> {
    let keys = [col(c::CUSTOMER_ID), col(c::PERIOD)];
    let full = JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    let plan = inputs
        .customer_month
        .lazy()
        .join(inputs.cost_by_step.clone().lazy(), keys.clone(), keys.clone(), full)
        .join(inputs.rebates_given.clone().lazy(), keys.clone(), keys, JoinArgs::new(JoinType::Left))
        // Who was served but bought nothing has no revenue, and who bought but wasn't served has no cost.
        .with_columns(ADDITIVE.map(|name| col(name).fill_null(lit(0_i64))))
        .with_columns([
            col(c::LIST_AMOUNT).alias(c::LIST_REVENUE),
            (col(c::LIST_AMOUNT) - col(c::NET_AMOUNT)).alias(c::INVOICE_DISCOUNT),
            col(c::NET_AMOUNT).alias(c::INVOICE_REVENUE),
            col(c::COGS_AMOUNT).alias(c::COGS),
            lit(0_i64).cast(DataType::Int64).alias(c::REBATES_RECEIVED),
        ])
        .with_column(pocket_revenue().alias(c::POCKET_REVENUE))
        .with_column(gross_margin().alias(c::GROSS_MARGIN))
        .with_column(net_profit().alias(c::NET_PROFIT))
        .with_column(net_before_compensation().alias(c::NET_BEFORE_COMPENSATION))
        .with_columns(supplied(inputs)?);
    Ok(Frame::try_new(plan)?)
}

const ADDITIVE: [&str; 17] = [
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
fn supplied(inputs: &Inputs<'_>) -> Result<[Expr; 5], ProfitError> {
    let steps = inputs.activities.data().column(c::STEP)?.str()?;
    let has = |step: Step| steps.iter().flatten().any(|name| name == step.name());
    Ok([
        col(c::LINES_WITH_LIST).gt_eq(col(c::LINES)).alias(c::LIST_SUPPLIED),
        lit(inputs.rebates_supplied).alias(c::REBATES_SUPPLIED),
        lit(has(Step::PaymentTerms)).alias(c::PAYMENT_TERMS_SUPPLIED),
        lit(has(Step::FreightCost)).alias(c::FREIGHT_SUPPLIED),
        col(c::LINES_WITH_COGS).gt_eq(col(c::LINES)).alias(c::COGS_SUPPLIED),
    ])
}
