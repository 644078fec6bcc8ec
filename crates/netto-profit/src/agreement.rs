//! What the configuration and the data don't share: pools that nobody books, bookings that no pool takes, activities that never
//! happen, groups that nobody is in. Each is probably a name misspelt, and would move cost without a word.
//!
//! ```text
//! [pool.warehous]           cost_pools: warehouse 900.00
//! → pool `warehous` is configured, but nothing is booked on it; did you mean `warehouse`?
//! → pool `warehouse` has bookings, but there is no [pool.warehouse]: its amount is unassigned
//! ```

use std::collections::BTreeSet;

use netto_model::frame::CustomerMonth;
use netto_model::problem::did_you_mean;
use netto_model::{Frame, Warning, column as c};

use crate::config::ShareBy;
use crate::error::ProfitError;
use crate::resolved::Resolved;
use crate::{Inputs, ProfitConfig};

/// Names of the configuration that the data don't have, and the other way round.
///
/// # Errors
/// When a table isn't what the contract says.
pub(crate) fn warnings(inputs: &Inputs<'_>, resolved: &Resolved<'_>) -> Result<Vec<Warning>, ProfitError> {
    let config = resolved.config;
    let booked: BTreeSet<&str> =
        resolved.bookings.values().flat_map(|month| month.keys()).map(|(pool, _)| pool.as_str()).collect();
    let mut warnings = pools(config, &booked);
    if !booked.is_empty() {
        warnings.extend(never_used(resolved));
    }
    warnings.extend(empty_groups(inputs, config)?);
    Ok(warnings)
}

fn pools(config: &ProfitConfig, booked: &BTreeSet<&str>) -> Vec<Warning> {
    let configured: BTreeSet<&str> = config.pools.keys().map(String::as_str).collect();
    if booked.is_empty() {
        let said = "pools are configured, but nothing is booked on any of them: no cost reaches a customer";
        let warning = Warning::disagreement("no_bookings", said).at(["pool"]).with_help("supply [source.cost_pools]");
        return if configured.is_empty() { Vec::new() } else { vec![warning] };
    }
    let receives: BTreeSet<&str> =
        config.pools.values().flat_map(|pool| pool.passes_to.keys()).map(String::as_str).collect();
    let strangers: BTreeSet<&str> = booked.difference(&configured).copied().collect();
    let idle: BTreeSet<&str> = configured.difference(booked).copied().filter(|pool| !receives.contains(pool)).collect();
    let never_booked = idle.iter().map(|&pool| {
        let said = format!("pool `{pool}` is configured, but nothing is booked on it");
        suggested(Warning::disagreement("pool_never_booked", said).at(["pool", pool]), pool, &strangers)
    });
    let not_configured = strangers.iter().map(|&pool| {
        let said = format!("pool `{pool}` has bookings, but there is no [pool.{pool}]: its amount is unassigned");
        suggested(Warning::disagreement("pool_not_configured", said), pool, &idle)
    });
    never_booked.chain(not_configured).collect()
}

/// Activities that no row of their source makes happen, in any month.
fn never_used(resolved: &Resolved<'_>) -> Vec<Warning> {
    let measured = resolved.config.activities.iter().filter(|(_, activity)| activity.measure().is_some());
    let never = measured.filter(|(name, _)| {
        let happened = |month: &crate::usage::MonthUsage<'_>| {
            let by_customers = |warehouse| month.of(name, warehouse).iter().any(|(_, quantity)| *quantity != 0);
            month.unnamed(name, "") != 0 || month.warehouses(name).any(by_customers)
        };
        !resolved.usage.values().any(happened)
    });
    let said = |name: &str, source: &str| {
        let said = format!("activity `{name}` has no quantity: no row of `{source}` matches it");
        Warning::disagreement("activity_never_used", said)
            .at(["activity", name])
            .with_help("check its condition and its expression")
    };
    never.map(|(name, activity)| said(name, activity.source.name())).collect()
}

/// Fixed shares for a market that no customer is in, or for a customer that nobody knows.
fn empty_groups(inputs: &Inputs<'_>, config: &ProfitConfig) -> Result<Vec<Warning>, ProfitError> {
    let markets: BTreeSet<&str> = inputs.groups.markets.values().map(String::as_str).collect();
    let customers = customers(inputs.customer_month)?;
    let mut warnings = Vec::new();
    for (name, activity) in &config.activities {
        let (known, what) = match activity.by {
            Some(ShareBy::Market) => (&markets, "no customer is in market"),
            Some(ShareBy::Customer) => (&customers, "there were no purchases by customer"),
            Some(ShareBy::Tier) | None => continue,
        };
        for group in activity.shares.keys().filter(|group| !known.contains(group.as_str())) {
            let said = format!("activity `{name}` gives a share to `{group}`, but {what} `{group}`");
            let warning = Warning::disagreement("group_never_occurs", said).at(["activity", name, "shares", group]);
            warnings.push(suggested(warning, group, known));
        }
    }
    Ok(warnings)
}

fn customers(bought: &Frame<CustomerMonth>) -> Result<BTreeSet<&str>, ProfitError> {
    Ok(bought.data().column(c::CUSTOMER_ID)?.str()?.iter().flatten().collect())
}

fn suggested(warning: Warning, name: &str, known: &BTreeSet<&str>) -> Warning {
    match did_you_mean(name, known.iter().copied()) {
        Some(near) => warning.with_help(format!("did you mean `{near}`?")),
        None => warning,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PoolConfig;

    fn found(configured: &[(&str, &[&str])], booked: &[&str]) -> String {
        let pool = |to: &[&str]| PoolConfig {
            passes_to: to.iter().map(|to| ((*to).to_owned(), 0.5)).collect(),
            ..PoolConfig::default()
        };
        let pools = configured.iter().map(|(name, to)| ((*name).to_owned(), pool(to))).collect();
        let config = ProfitConfig { pools, ..ProfitConfig::default() };
        let found = pools_of(&config, booked);
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    fn pools_of(config: &ProfitConfig, booked: &[&str]) -> Vec<Warning> {
        pools(config, &booked.iter().copied().collect())
    }

    #[test]
    fn a_pool_that_is_misspelt_is_found_on_both_sides() {
        insta::assert_snapshot!(found(&[("warehous", &[]), ("sales", &[])], &["sales", "warehouse"]), @r"
        pool `warehous` is configured, but nothing is booked on it; did you mean `warehouse`?
        pool `warehouse` has bookings, but there is no [pool.warehouse]: its amount is unassigned; did you mean `warehous`?
        ");
    }

    #[test]
    fn a_pool_that_lives_on_what_others_pass_on_needs_no_bookings() {
        assert_eq!(found(&[("housing", &["warehouse"]), ("warehouse", &[])], &["housing"]), "");
    }

    #[test]
    fn without_any_booking_one_sentence_is_enough() {
        assert_eq!(found(&[("a", &[]), ("b", &[])], &[]).lines().count(), 1);
        assert_eq!(found(&[], &[]), "");
    }
}
