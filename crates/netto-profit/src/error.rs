//! Why profit could not be computed.

use netto_model::money::MoneyError;
use netto_model::{FrameError, Money, Period};
use polars::prelude::PolarsError;

/// Why profit could not be computed, with the pool and the month.
#[derive(Debug, thiserror::Error)]
pub enum ProfitError {
    /// Time-driven activities need to know the capacity that the amount pays for.
    #[error("pool `{pool}` has time-driven activities, but no practical capacity in {period}")]
    NoCapacity {
        /// Cost pool.
        pool: String,
        /// Month.
        period: Period,
    },
    /// Capacity from people who aren't there.
    #[error("pool `{pool}` takes its capacity from employees where {condition}, but none of them has minutes")]
    NoPeople {
        /// Cost pool.
        pool: String,
        /// Which employees.
        condition: String,
    },
    /// Services of support pools that can't be solved: the configuration's check says why.
    #[error("support pools can't pass on their cost: {reason}")]
    Support {
        /// The first problem.
        reason: String,
    },
    /// The bridge from the general ledger to the customers doesn't tie: a defect of the program.
    #[error("the ledger bridge doesn't tie in {period}: {remainder} entered `{name}` but didn't leave it")]
    Bridge {
        /// Pool, or activity.
        name: String,
        /// Month.
        period: Period,
        /// What is left.
        remainder: Money,
    },
    /// One pool, one month, two capacities.
    #[error("pool `{pool}` has practical capacities of {first} and {second} minutes in {period}")]
    TwoCapacities {
        /// Cost pool.
        pool: String,
        /// Month.
        period: Period,
        /// The first found.
        first: Money,
        /// Another one.
        second: Money,
    },
    /// Time can't run backwards.
    #[error("activity `{activity}` takes {minutes} minutes for customer `{customer}` in {period}")]
    NegativeMinutes {
        /// Activity.
        activity: String,
        /// Customer.
        customer: String,
        /// Month.
        period: Period,
        /// The minutes, below zero.
        minutes: Money,
    },
    /// A driver below zero would pay some customers out of the pool, and charge others more than it costs.
    #[error("{}", below_zero(activity, pool, *signed, cells))]
    NegativeDriver {
        /// Activity.
        activity: String,
        /// Cost pool.
        pool: String,
        /// Whether the configuration wants quantities below zero as they stand.
        signed: bool,
        /// Customers and months.
        cells: Vec<BelowZeroCell>,
        /// Activities with the same fault.
        others: Vec<String>,
    },
    /// A booking names a customer, and the pool has no activity of method `direct`.
    #[error("pool `{pool}` has a booking for customer `{customer}` in {period}, but no activity of method `direct`")]
    NoDirectActivity {
        /// Cost pool.
        pool: String,
        /// Customer named.
        customer: String,
        /// Month.
        period: Period,
    },
    /// The balance sheet of a pool doesn't close: a defect of the program.
    #[error(
        "pool `{pool}` doesn't balance in {period}: {difference} is neither assigned, passed on, idle nor unassigned"
    )]
    Unbalanced {
        /// Cost pool.
        pool: String,
        /// Month.
        period: Period,
        /// What is left.
        difference: Money,
    },
    /// A fact that isn't what the ledger and the waterfall say: a defect of the program.
    #[error(
        "{column} of {table} in {period}{} doesn't tie to the ledger: {difference} too much",
        part.as_ref().map(|part| format!(", {part},")).unwrap_or_default()
    )]
    Untied {
        /// Table of the contract.
        table: &'static str,
        /// Month.
        period: Period,
        /// Column that doesn't tie.
        column: &'static str,
        /// The customer or activity, where the table has them.
        part: Option<String>,
        /// What the table has beyond the ledger; below zero when it lacks something.
        difference: Money,
    },
    /// An amount beyond the range of money.
    #[error("{place}: {source}")]
    Money {
        /// Pool and month, or customer and month.
        place: String,
        /// What went wrong.
        source: MoneyError,
    },
    /// No such customer in the tables.
    #[error("customer `{customer}` is not known{}", suggestion.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownCustomer {
        /// What was asked for.
        customer: String,
        /// The nearest known id.
        suggestion: Option<String>,
    },
    /// No such pool in the tables.
    #[error("pool `{pool}` is not known{}", suggestion.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownPool {
        /// What was asked for.
        pool: String,
        /// The nearest known name.
        suggestion: Option<String>,
    },
    /// No such order in the tables.
    #[error("order `{order}` is not known{}", suggestion.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownOrder {
        /// What was asked for.
        order: String,
        /// The nearest known id.
        suggestion: Option<String>,
    },
    /// A table that isn't what the contract says.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The engine failed.
    #[error("a table could not be read or created")]
    Engine(#[from] PolarsError),
}

/// A customer's driver quantity that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BelowZeroCell {
    /// Month.
    pub period: Period,
    /// Customer.
    pub customer: String,
    /// Its quantity.
    pub quantity: Money,
    /// That of all customers.
    pub total: Money,
}

/// `2025-03 customer `K2` -9999.0000 of 1.0000`, so many at most.
const SHOWN: usize = 5;

fn below_zero(activity: &str, pool: &str, signed: bool, cells: &[BelowZeroCell]) -> String {
    let cell = |cell: &BelowZeroCell| {
        format!("{} customer `{}` {} (all customers: {})", cell.period, cell.customer, cell.quantity, cell.total)
    };
    let shown: Vec<String> = cells.iter().take(SHOWN).map(cell).collect();
    let more = match cells.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let fault = if signed { "gives parts that exceed the whole pool" } else { "is negative for a customer" };
    format!("the driver of activity `{activity}`, which spreads pool `{pool}`, {fault}: {}{more}", shown.join(", "))
}

impl ProfitError {
    pub(crate) fn money(pool: &str, period: Period, source: MoneyError) -> Self {
        Self::Money { place: format!("pool `{pool}` in {period}"), source }
    }

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoCapacity { pool, .. } => format!(
                "give `practical_minutes` in `cost_pools`, or for all months as `practical_minutes` in [pool.{pool}]"
            ),
            Self::NoPeople { pool, .. } => {
                format!("supply [source.employees] with `minutes_per_month`, or check `employees` in [pool.{pool}]")
            }
            Self::Support { .. } => "`netto check` shows the line of the configuration".into(),
            Self::TwoCapacities { .. } => {
                "leave `practical_minutes` empty on all but one row of the pool and month, or give the same on each"
                    .into()
            }
            Self::NegativeMinutes { activity, .. } => format!(
                "check the expression of [activity.{activity}]: a return has a negative quantity, so use `abs(quantity)`"
            ),
            Self::NegativeDriver { activity, signed, others, .. } => {
                let way_out = if *signed {
                    "set `negative = \"zero\"`, or use a driver that isn't negative for returns"
                } else {
                    "use a driver that isn't negative for returns, such as `case when order_kind = 'sale' then net_amount else 0 end`; or set `negative = \"zero\"` (they are assigned nothing) or `negative = \"signed\"` (they are credited)"
                };
                let also = match others.as_slice() {
                    [] => String::new(),
                    others => format!("; the same in {}", others.join(", ")),
                };
                format!("check [activity.{activity}]: {way_out}{also}")
            }
            Self::NoDirectActivity { pool, .. } => {
                format!("add an activity with `pool = \"{pool}\"` and `method = \"direct\"`")
            }
            Self::Unbalanced { .. } | Self::Bridge { .. } | Self::Untied { .. } => {
                "this is a defect of netto: please report it with this message".into()
            }
            Self::Money { .. } => "look for an amount with a wrong decimal separator in the extract".into(),
            Self::UnknownCustomer { .. } => "`netto run` lists the customers in dim_customer".into(),
            Self::UnknownPool { .. } => "`netto run` lists the pools in dim_pool".into(),
            Self::UnknownOrder { .. } => "the last run lists the orders in fct_order".into(),
            Self::Frame(error) => return error.help(),
            Self::Engine(_) => return None,
        })
    }
}
