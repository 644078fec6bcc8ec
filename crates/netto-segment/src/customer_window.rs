//! Every customer in a window: totals, rank, tier.
//!
//! Active is who ordered in the window. Active customers are ranked by the measure of the configuration, ties by id, and cut
//! into tiers; who bought before, or was served without ordering, is Inactive. `hysteresis.rs` may hold a customer in the tier of
//! the window before.
//!
//! ```text
//! rank  customer  revenue  cumulative  tier
//! 1     C3        500.00   500.00      Top
//! 2     C1        300.00   800.00      Large
//! ```

use netto_model::contract::UNKNOWN;
use netto_model::frame::CustomerWindow;
use netto_model::{Mart, column as c};
use polars::prelude::*;

use crate::book::Book;
use crate::columns::share;
use crate::windows::{Named, inside, up_to};
use crate::{Inputs, RankBy, SegmentConfig, SegmentError, TierShares};

/// A customer's totals in a window; amounts in ten-thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) tier: &'static str,
    /// Tier by rank alone, without hysteresis.
    pub(crate) cut_tier: &'static str,
    /// Place by the measure of the pyramid; `None` when inactive.
    pub(crate) rank: Option<usize>,
    pub(crate) orders: i64,
    pub(crate) lines: i64,
    pub(crate) revenue: i64,
    pub(crate) margin: i64,
    pub(crate) cost: i64,
    pub(crate) profit: i64,
    pub(crate) minutes: i64,
}

impl Customer {
    /// Whether it is a customer, and not all those that nobody knows: they are in every total, and have no rank.
    pub(crate) fn is_known(&self) -> bool {
        self.id != UNKNOWN
    }

    pub(crate) const fn is_active(&self) -> bool {
        self.rank.is_some()
    }
}

/// The tier of who bought before the window.
pub(crate) const INACTIVE: &str = "Inactive";

/// The customers of a window: active ones by rank, then inactive ones by id.
pub(crate) fn customers(
    inputs: &Inputs<'_>,
    named: &Named,
    config: &SegmentConfig,
) -> Result<Vec<Customer>, SegmentError> {
    Ok(ranked(totals(inputs, named)?, config.rank_by, config.tiers))
}

/// The same customers by rank, cut into tiers.
pub(crate) fn ranked(mut customers: Vec<Customer>, by: RankBy, tiers: TierShares) -> Vec<Customer> {
    let measure = |customer: &Customer| by.measure(customer);
    let is_active = |customer: &Customer| customer.orders > 0 && customer.is_known();
    customers.sort_by(|a, b| {
        let key = |customer: &Customer| {
            let active = is_active(customer);
            (!active, if active { -i128::from(measure(customer)) } else { 0 })
        };
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    let active = customers.iter().filter(|customer| is_active(customer)).count();
    for (customer, rank) in customers.iter_mut().take(active).zip(1..) {
        customer.rank = Some(rank);
        customer.cut_tier = tiers.tier(rank, active);
        customer.tier = customer.cut_tier;
    }
    for customer in customers.iter_mut().filter(|customer| !customer.is_known()) {
        (customer.tier, customer.cut_tier) = (UNKNOWN, UNKNOWN);
    }
    customers
}

impl RankBy {
    /// The amount that ranks a customer.
    pub(crate) const fn measure(self, customer: &Customer) -> i64 {
        match self {
            Self::InvoiceRevenue => customer.revenue,
            Self::NetProfit => customer.profit,
        }
    }
}

impl TierShares {
    /// The tier of a rank among so many active customers.
    pub(crate) fn tier(self, rank: usize, active: usize) -> &'static str {
        let [top, large, medium] = self.last_ranks(active);
        match rank {
            _ if rank <= top => "Top",
            _ if rank <= large => "Large",
            _ if rank <= medium => "Medium",
            _ => "Small",
        }
    }
}

/// Everyone who bought or was served in the window or before it, with the sums of the window.
fn totals(inputs: &Inputs<'_>, named: &Named) -> Result<Vec<Customer>, SegmentError> {
    let sums = [c::ORDERS, c::LINES, c::INVOICE_REVENUE, c::GROSS_MARGIN, c::COST_TO_SERVE, c::NET_PROFIT, c::MINUTES];
    let in_window = |name: &str| when(inside(named.window)).then(col(name)).otherwise(lit(0_i64)).sum().alias(name);
    let data = inputs
        .waterfall
        .lazy()
        .filter(up_to(named.window))
        .group_by([col(c::CUSTOMER_ID)])
        .agg(sums.map(in_window))
        .collect()?;
    let column = |name: &str| {
        Ok::<_, PolarsError>(data.column(name)?.i64()?.iter().map(Option::unwrap_or_default).collect::<Vec<i64>>())
    };
    let (orders, lines, revenue) = (column(c::ORDERS)?, column(c::LINES)?, column(c::INVOICE_REVENUE)?);
    let (margin, cost, profit) = (column(c::GROSS_MARGIN)?, column(c::COST_TO_SERVE)?, column(c::NET_PROFIT)?);
    let minutes = column(c::MINUTES)?;
    let ids = data.column(c::CUSTOMER_ID)?.str()?.iter();
    let amounts = orders.into_iter().zip(lines).zip(revenue).zip(margin).zip(cost).zip(profit.into_iter().zip(minutes));
    let customers =
        ids.zip(amounts).map(|(id, (((((orders, lines), revenue), margin), cost), (profit, minutes)))| Customer {
            id: id.unwrap_or_default().to_owned(),
            tier: INACTIVE,
            cut_tier: INACTIVE,
            rank: None,
            orders,
            lines,
            revenue,
            margin,
            cost,
            profit,
            minutes,
        });
    Ok(customers.collect())
}

/// The table of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    book.table::<CustomerWindow>(|named, customers| Ok(of_window(&named.name, customers)?))
}

pub(crate) fn of_window(window: &str, rows: &[Customer]) -> Result<DataFrame, PolarsError> {
    let each = |of: fn(&Customer) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
    let optional = |of: fn(&Customer) -> Option<i64>| rows.iter().map(of).collect::<Vec<_>>();
    let total: i64 = rows.iter().map(|row| row.revenue).sum();
    let cumulative = running_sum(rows.iter().map(|row| row.revenue));
    df!(
        c::WINDOW => vec![window; rows.len()],
        c::CUSTOMER_ID => rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        c::TIER => rows.iter().map(|row| row.tier).collect::<Vec<_>>(),
        c::CUT_TIER => rows.iter().map(|row| row.cut_tier).collect::<Vec<_>>(),
        c::RANK => optional(|row| row.rank.and_then(|rank| i64::try_from(rank).ok())),
        c::ORDERS => each(|row| row.orders),
        c::LINES => each(|row| row.lines),
        c::INVOICE_REVENUE => each(|row| row.revenue),
        c::GROSS_MARGIN => each(|row| row.margin),
        c::COST_TO_SERVE => each(|row| row.cost),
        c::NET_PROFIT => each(|row| row.profit),
        c::MINUTES => each(|row| row.minutes),
        c::CUMULATIVE_REVENUE_SHARE => cumulative.iter().map(|sum| share(*sum, total)).collect::<Vec<_>>(),
        c::CUMULATIVE_REVENUE => cumulative,
        c::MARGIN_SHARE => rows.iter().map(|row| share(row.margin, row.revenue)).collect::<Vec<_>>(),
    )
}

/// The sum of each value and all before it.
pub(crate) fn running_sum(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut sum = 0_i64;
    values
        .map(|value| {
            sum = sum.saturating_add(value);
            sum
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A customer with revenue and profit; cost is half of the revenue.
    pub(crate) fn customer(id: &str, rank: usize, revenue: i64, profit: i64) -> Customer {
        Customer {
            id: id.into(),
            tier: "Small",
            cut_tier: "Small",
            rank: Some(rank),
            orders: 2,
            lines: 3,
            revenue,
            margin: profit + revenue / 2,
            cost: revenue / 2,
            profit,
            minutes: 0,
        }
    }

    #[test]
    fn customers_that_nobody_knows_have_no_rank_and_a_tier_of_their_own() {
        let rows = [customer(UNKNOWN, 1, 900, 9), customer("A", 1, 100, 1), customer("B", 1, 50, 5)]
            .map(|row| Customer { rank: None, ..row });
        let all = TierShares { top: 1.0, large: 0.0, medium: 0.0 };
        let found: Vec<_> = ranked(rows.into(), RankBy::InvoiceRevenue, all)
            .into_iter()
            .map(|row| (row.id, row.rank, row.tier))
            .collect();
        let wanted = [("A", Some(1), "Top"), ("B", Some(2), "Top"), (UNKNOWN, None, UNKNOWN)];
        assert_eq!(found, wanted.map(|(id, rank, tier)| (id.to_owned(), rank, tier)));
    }
}
