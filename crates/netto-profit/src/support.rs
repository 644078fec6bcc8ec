//! Support pools pass on their cost to the pools that they serve: `direct`, `step_down` or `reciprocal`.
//!
//! Reciprocal is the solution of simultaneous equations: Y = 7,260 + 0.3 Z and Z = 4,000 + 0.2 Y give Y = 9,000 and
//! Z = 5,800, whatever the order of the pools. The other two methods are the same equations with fewer services: `direct`
//! leaves out those between support pools, `step_down` those back to pools that are closed already.
//!
//! ```text
//!          own    from Y  from Z  = gross   passes on  keeps
//! Y      7,260             1,740    9,000      1,800   7,200
//! Z      4,000    1,800             5,800      1,740   4,060   Σ kept or passed to others = 11,260 = Σ own
//! ```
//! The equations are solved once, in integers of any size; each month's amounts are then rounded to the ten-thousandth so
//! that every pool still passes on exactly what it received and was booked.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use netto_model::Problem;
use netto_model::money::{MILLION, MoneyError, millionths};
use netto_model::problem::did_you_mean;
use num_bigint::BigInt;
use num_integer::Integer;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::PoolConfig;

/// `[support]`: how support pools (pools with `passes_to`) pass on their cost.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SupportConfig {
    /// Which services between support pools count.
    pub method: SupportMethod,
    /// Method `step_down`: the support pools in the order in which they close. Default: the pool that passes the largest share to other support pools
    /// closes first; ties by name.
    pub order: Vec<String>,
}

/// Which services between support pools count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupportMethod {
    /// None: support pools pass on cost only to other pools.
    Direct,
    /// Those to pools that close later.
    StepDown,
    /// All, in both directions: simultaneous equations, independent of any order.
    #[default]
    Reciprocal,
}

/// The services of support pools, solved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Support {
    /// Support pools by name.
    pools: Vec<String>,
    services: Vec<Service>,
    /// `amount passed = weight × Σ solution × own ÷ determinant`.
    solution: Vec<Vec<BigInt>>,
    determinant: BigInt,
}

/// A part of what a support pool costs.
#[derive(Clone, Debug)]
struct Service {
    from: usize,
    /// The pool served; nothing for the part that the pool keeps for its own activities.
    to: Option<String>,
    weight: i64,
}

/// An amount that a pool passed on to another in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    /// Support pool.
    pub(crate) from: String,
    /// Pool served.
    pub(crate) to: String,
    /// Ten-thousandths.
    pub(crate) amount: i64,
}

impl Support {
    /// Sets up and solves the equations.
    ///
    /// # Errors
    /// The problems of the configuration, see [`problems`].
    pub(crate) fn solve(pools: &BTreeMap<String, PoolConfig>, config: &SupportConfig) -> Result<Self, Vec<Problem>> {
        let services = services(pools, config)?;
        let names: Vec<String> = supporting(pools).map(|(name, _)| name.clone()).collect();
        let count = names.len();
        // Σ of a pool's weights × its unit − weights of what it gets from others = own.
        let mut matrix = vec![vec![BigInt::ZERO; count]; count];
        for service in &services {
            matrix[service.from][service.from] += service.weight;
            if let Some(place) = service.to.as_ref().and_then(|to| names.binary_search(to).ok()) {
                matrix[place][service.from] -= service.weight;
            }
        }
        let (solution, determinant) = adjugate(matrix);
        Ok(Self { pools: names, services, solution, determinant })
    }

    /// What is passed on in a month, from each pool's own amount. No support pools: nothing.
    ///
    /// # Errors
    /// When an amount leaves the range of money.
    pub(crate) fn transfers(&self, own: &BTreeMap<&str, i64>) -> Result<Vec<Transfer>, MoneyError> {
        let own: Vec<BigInt> =
            self.pools.iter().map(|pool| own.get(pool.as_str()).copied().unwrap_or_default().into()).collect();
        let units: Vec<BigInt> =
            self.solution.iter().map(|row| row.iter().zip(&own).map(|(factor, own)| factor * own).sum()).collect();
        let mut flows: Vec<Flow> = self.services.iter().map(|service| self.flow(service, &units)).collect();
        round_to_units(&mut flows, &self.determinant);
        let amount = |flow: &Flow| {
            i64::try_from(&flow.amount)
                .map_err(|_| MoneyError::Overflow(i128::try_from(&flow.amount).unwrap_or(i128::MAX)))
        };
        let passed = self.services.iter().zip(&flows).filter_map(|(service, flow)| {
            let to = service.to.clone()?;
            Some(amount(flow).map(|amount| Transfer { from: self.pools[service.from].clone(), to, amount }))
        });
        passed.collect()
    }

    fn flow(&self, service: &Service, units: &[BigInt]) -> Flow {
        let (amount, rest) = (units[service.from].clone() * service.weight).div_mod_floor(&self.determinant);
        let to = service.to.as_ref().and_then(|to| self.pools.binary_search(to).ok());
        Flow { from: service.from, to, amount, rest }
    }
}

/// An amount on its way: whole units, and the rest over the determinant.
struct Flow {
    from: usize,
    /// A support pool; all others together are one place, where amounts stay.
    to: Option<usize>,
    amount: BigInt,
    rest: BigInt,
}

/// Rounds every flow up or down so that each pool still passes on exactly what it has.
///
/// What a pool has is a whole number of units, so flows with a rest come in closed rounds, taken in either direction. Moving a
/// little along a round changes no pool's balance, and each move leaves one flow less with a rest.
fn round_to_units(flows: &mut [Flow], unit: &BigInt) {
    while let Some(round) = closed_round(flows) {
        let room = |&(place, forward): &(usize, bool)| {
            let rest: &BigInt = &flows[place].rest;
            if forward { unit - rest } else { rest.clone() }
        };
        let Some(step) = round.iter().map(room).min() else { return };
        for (place, forward) in round {
            let flow = &mut flows[place];
            if forward {
                flow.rest += &step;
            } else {
                flow.rest -= &step;
            }
            if flow.rest == *unit {
                flow.amount += 1;
                flow.rest = BigInt::ZERO;
            }
        }
    }
}

/// The first closed round of flows with a rest, each with its direction.
fn closed_round(flows: &[Flow]) -> Option<Vec<(usize, bool)>> {
    let open = |flow: &Flow| flow.rest != BigInt::ZERO;
    let start = flows.iter().position(open)?;
    let mut walk = vec![(start, true)];
    let mut places = vec![Some(flows[start].from), flows[start].to];
    loop {
        let (here, last) = (*places.last()?, walk.last()?.0);
        if let Some(begin) = places[..places.len() - 1].iter().position(|place| *place == here) {
            return Some(walk.split_off(begin));
        }
        let next = |(place, flow): (usize, &Flow)| {
            let forward = Some(flow.from) == here;
            (place != last && open(flow) && (forward || flow.to == here)).then_some((place, forward))
        };
        let (place, forward) = flows.iter().enumerate().find_map(next)?;
        walk.push((place, forward));
        places.push(if forward { flows[place].to } else { Some(flows[place].from) });
    }
}

/// Determinant × inverse, and the determinant, without fractions (Bareiss): every division is exact.
fn adjugate(matrix: Vec<Vec<BigInt>>) -> (Vec<Vec<BigInt>>, BigInt) {
    let count = matrix.len();
    let unit = |row: usize| (0..count).map(move |column| BigInt::from(i32::from(row == column)));
    let mut rows: Vec<Vec<BigInt>> =
        matrix.into_iter().enumerate().map(|(row, left)| left.into_iter().chain(unit(row)).collect()).collect();
    let mut previous = BigInt::from(1);
    // The diagonal outweighs each column, or the services were refused: no pivot is zero.
    for pivot in 0..count {
        let by = rows[pivot].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(place, _)| *place != pivot) {
            let factor = row[pivot].clone();
            for (cell, above) in row.iter_mut().zip(&by) {
                *cell = (&*cell * &by[pivot] - &factor * above) / &previous;
            }
        }
        previous.clone_from(&by[pivot]);
    }
    (rows.into_iter().map(|row| row.into_iter().skip(count).collect()).collect(), previous)
}

/// What the pool's parts leave of one, in millionths: for activities of its own.
fn kept(pool: &PoolConfig) -> i64 {
    MILLION - pool.passes_to.values().map(|share| millionths(*share)).sum::<i64>()
}

fn supporting(pools: &BTreeMap<String, PoolConfig>) -> impl Iterator<Item = (&String, &PoolConfig)> {
    pools.iter().filter(|(_, pool)| !pool.passes_to.is_empty())
}

/// The services that count, by the method.
fn services(pools: &BTreeMap<String, PoolConfig>, config: &SupportConfig) -> Result<Vec<Service>, Vec<Problem>> {
    let problems = problems(pools, config);
    if !problems.is_empty() {
        return Err(problems);
    }
    let closed: Vec<&str> = closing_order(pools, config);
    let place = |pool: &str| closed.iter().position(|name| *name == pool);
    let mut services = Vec::new();
    for (from, (name, pool)) in supporting(pools).enumerate() {
        let counts = |to: &str| match config.method {
            SupportMethod::Direct => place(to).is_none(),
            SupportMethod::StepDown => place(to).is_none_or(|to| Some(to) > place(name)),
            SupportMethod::Reciprocal => true,
        };
        let passed = pool.passes_to.iter().filter(|(to, _)| counts(to));
        services.extend(passed.map(|(to, share)| Service { from, to: Some(to.clone()), weight: millionths(*share) }));
        if kept(pool) > 0 {
            services.push(Service { from, to: None, weight: kept(pool) });
        }
    }
    Ok(services)
}

/// The support pools in the order in which they close.
fn closing_order<'a>(pools: &'a BTreeMap<String, PoolConfig>, config: &'a SupportConfig) -> Vec<&'a str> {
    let to_support = |pool: &PoolConfig| -> i64 {
        let served = pool.passes_to.iter().filter(|(to, _)| pools.get(*to).is_some_and(|to| !to.passes_to.is_empty()));
        served.map(|(_, share)| millionths(*share)).sum()
    };
    let mut order: Vec<(&str, &PoolConfig)> = supporting(pools).map(|(name, pool)| (name.as_str(), pool)).collect();
    let given = |name: &str| config.order.iter().position(|pool| pool == name).unwrap_or(usize::MAX);
    order.sort_by_key(|(name, pool)| (given(name), std::cmp::Reverse(to_support(pool)), *name));
    order.into_iter().map(|(name, _)| name).collect()
}

/// What is wrong with the services: an unknown pool, shares above one, an amount that would never come to rest.
pub(crate) fn problems(pools: &BTreeMap<String, PoolConfig>, config: &SupportConfig) -> Vec<Problem> {
    let mut problems: Vec<Problem> = supporting(pools).flat_map(|(name, pool)| of_pool(name, pool, pools)).collect();
    let names: BTreeSet<&str> = supporting(pools).map(|(name, _)| name.as_str()).collect();
    for name in config.order.iter().filter(|name| !names.contains(name.as_str())) {
        let known = did_you_mean(name, names.iter().copied());
        let help =
            known.map_or_else(|| "a support pool has `passes_to`".into(), |near| format!("did you mean `{near}`?"));
        problems.push(Problem::at(["support", "order"], format!("`{name}` is not a support pool")).with_help(help));
    }
    if !config.order.is_empty() && config.method != SupportMethod::StepDown {
        let problem = Problem::at(["support", "order"], "only method `step_down` uses an order");
        problems.push(problem.with_help("add `method = \"step_down\"`, or remove `order`"));
    }
    if problems.is_empty() {
        problems.extend(nowhere_to_go(pools, config));
    }
    problems
}

fn of_pool(name: &str, pool: &PoolConfig, pools: &BTreeMap<String, PoolConfig>) -> Vec<Problem> {
    let at = |to: &str| ["pool".to_owned(), name.to_owned(), "passes_to".to_owned(), to.to_owned()];
    let mut problems = Vec::new();
    for (to, share) in &pool.passes_to {
        if !pools.contains_key(to) {
            let near = did_you_mean(to, pools.keys().map(String::as_str));
            let help = near.map_or_else(|| format!("add [pool.{to}]"), |near| format!("did you mean `{near}`?"));
            problems.push(Problem::at(at(to), format!("there is no [pool.{to}]")).with_help(help));
        } else if to == name {
            let problem = Problem::at(at(to), format!("pool `{name}` can't pass on to itself"));
            problems.push(problem.with_help("it keeps the part of 1 that the shares leave for its own activities"));
        }
        if !(*share > 0.0 && *share <= 1.0) {
            problems.push(Problem::at(at(to), "a share is above 0 and at most 1"));
        }
    }
    if kept(pool) < 0 {
        let key = ["pool", name, "passes_to"];
        let problem = Problem::at(key, format!("the shares that `{name}` passes on sum to more than 1"));
        problems.push(problem.with_help("shares must add up to at most 1, such as { warehouse = 0.7, office = 0.3 }"));
    }
    problems
}

/// A support pool from which no way leads to a pool that keeps something: its amount would never come to rest, or vanish.
fn nowhere_to_go(pools: &BTreeMap<String, PoolConfig>, config: &SupportConfig) -> Option<Problem> {
    if config.method == SupportMethod::Reciprocal {
        let (name, round) = supporting(pools).find_map(|(name, _)| Some((name, endless(name, pools)?)))?;
        let message = format!("support pools pass on cost to each other in an endless loop: {}", round.join(" → "));
        let problem = Problem::at(["pool", name, "passes_to"], message);
        return Some(
            problem.with_help("one pool of the loop must keep a part, or pass it on to a pool outside the loop"),
        );
    }
    let order = closing_order(pools, config);
    let place = |pool: &str| order.iter().position(|name| *name == pool);
    let stuck = supporting(pools).find(|(name, pool)| {
        let left = pool.passes_to.keys().any(|to| match config.method {
            SupportMethod::StepDown => place(to).is_none_or(|to| Some(to) > place(name)),
            _ => place(to).is_none(),
        });
        kept(pool) <= 0 && !left
    });
    let (name, _) = stuck?;
    let message = format!("support pool `{name}` has no pool left to pass its cost on to");
    let help = "`direct` ignores services to other support pools, and `step_down` those back to closed pools: use `method = \"reciprocal\"`, or another order";
    Some(Problem::at(["pool", name, "passes_to"], message).with_help(help))
}

/// The loop in which an amount of this pool goes round, where it finds no way out.
fn endless(start: &str, pools: &BTreeMap<String, PoolConfig>) -> Option<Vec<String>> {
    let passes = |name: &str| pools.get(name).map(|pool| &pool.passes_to).filter(|to| !to.is_empty());
    let keeps = |name: &str| pools.get(name).is_none_or(|pool| kept(pool) > 0);
    let (mut queue, mut seen) = (VecDeque::from([start]), BTreeSet::from([start]));
    while let Some(name) = queue.pop_front() {
        if keeps(name) {
            return None;
        }
        queue.extend(passes(name)?.keys().map(String::as_str).filter(|to| seen.insert(to)));
    }
    let mut walk = vec![start.to_owned()];
    loop {
        let next = passes(walk.last()?)?.keys().next()?.clone();
        if let Some(begin) = walk.iter().position(|name| *name == next) {
            walk.push(next);
            return Some(walk.split_off(begin));
        }
        walk.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pools(shares: &[(&str, &[(&str, f64)])]) -> BTreeMap<String, PoolConfig> {
        let pool = |to: &[(&str, f64)]| PoolConfig {
            passes_to: to.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect(),
            ..PoolConfig::default()
        };
        shares.iter().map(|(name, to)| ((*name).to_owned(), pool(to))).collect()
    }

    fn by(method: SupportMethod, order: &[&str]) -> SupportConfig {
        SupportConfig { method, order: order.iter().map(|&name| name.to_owned()).collect() }
    }

    fn transfers(pools: &BTreeMap<String, PoolConfig>, config: &SupportConfig, own: &[(&str, i64)]) -> Vec<String> {
        let support = Support::solve(pools, config).unwrap();
        let own = own.iter().copied().collect();
        let passed = support.transfers(&own).unwrap();
        passed.into_iter().map(|t| format!("{} → {} {}", t.from, t.to, t.amount)).collect()
    }

    const YZ: [(&str, &[(&str, f64)]); 4] =
        [("P", &[]), ("Q", &[]), ("Y", &[("Z", 0.2), ("P", 0.8)]), ("Z", &[("Y", 0.3), ("Q", 0.7)])];

    #[test]
    fn simultaneous_equations_are_solved_whatever_the_order() {
        // Y = 7,260 + 0.3 Z = 9,000 and Z = 4,000 + 0.2 Y = 5,800
        let passed = transfers(&pools(&YZ), &SupportConfig::default(), &[("Y", 72_600_000), ("Z", 40_000_000)]);
        assert_eq!(passed, ["Y → P 72000000", "Y → Z 18000000", "Z → Q 40600000", "Z → Y 17400000"]);
    }

    #[test]
    fn direct_leaves_services_between_support_pools_out() {
        let passed = transfers(&pools(&YZ), &by(SupportMethod::Direct, &[]), &[("Y", 72_600_000), ("Z", 40_000_000)]);
        assert_eq!(passed, ["Y → P 72600000", "Z → Q 40000000"]);
    }

    #[test]
    fn step_down_never_returns_to_a_closed_pool() {
        let own = [("Y", 72_600_000), ("Z", 40_000_000)];
        // Y closes first: Z = 4,000 + 0.2 × 7,260 = 5,452, all of it to Q.
        let passed = transfers(&pools(&YZ), &by(SupportMethod::StepDown, &["Y", "Z"]), &own);
        assert_eq!(passed, ["Y → P 58080000", "Y → Z 14520000", "Z → Q 54520000"]);
        // By rule Z closes first: it passes more to support pools.
        let passed = transfers(&pools(&YZ), &by(SupportMethod::StepDown, &[]), &own);
        assert_eq!(passed, ["Y → P 84600000", "Z → Q 28000000", "Z → Y 12000000"]);
    }

    #[test]
    fn a_loop_without_a_way_out_is_named() {
        let endless = pools(&[("P", &[]), ("A", &[("B", 1.0)]), ("B", &[("C", 1.0)]), ("C", &[("B", 1.0)])]);
        let say = |problem: &Problem| {
            format!("{}: {} ({})", problem.key.join("."), problem.message, problem.help.clone().unwrap_or_default())
        };
        let unknown = pools(&[("P", &[]), ("A", &[("Q", 0.5), ("A", 0.6)])]);
        let only_support = pools(&[("P", &[]), ("A", &[("B", 1.0)]), ("B", &[("P", 1.0)])]);
        let problems: Vec<String> = [
            problems(&endless, &SupportConfig::default()),
            problems(&unknown, &by(SupportMethod::Direct, &["B"])),
            problems(&only_support, &by(SupportMethod::Direct, &[])),
        ]
        .concat()
        .iter()
        .map(say)
        .collect();
        insta::assert_snapshot!(problems.join("\n"), @r#"
        pool.A.passes_to: support pools pass on cost to each other in an endless loop: B → C → B (one pool of the loop must keep a part, or pass it on to a pool outside the loop)
        pool.A.passes_to.A: pool `A` can't pass on to itself (it keeps the part of 1 that the shares leave for its own activities)
        pool.A.passes_to.Q: there is no [pool.Q] (did you mean `A`?)
        pool.A.passes_to: the shares that `A` passes on sum to more than 1 (shares must add up to at most 1, such as { warehouse = 0.7, office = 0.3 })
        support.order: `B` is not a support pool (did you mean `A`?)
        support.order: only method `step_down` uses an order (add `method = "step_down"`, or remove `order`)
        pool.A.passes_to: support pool `A` has no pool left to pass its cost on to (`direct` ignores services to other support pools, and `step_down` those back to closed pools: use `method = "reciprocal"`, or another order)
        "#);
    }

    proptest! {
        #[test]
        fn every_pool_passes_on_what_it_has_and_nothing_is_lost(
            shares in prop::collection::vec(prop::collection::vec(0_u32..100, 6), 4),
            all in prop::collection::vec(any::<bool>(), 4),
            own in prop::collection::vec(-1_000_000_007_i64..9_000_000_011, 6),
            method in prop::sample::select(vec![SupportMethod::Direct, SupportMethod::StepDown, SupportMethod::Reciprocal]),
        ) {
            // Four support pools and two others; each keeps at least a thousandth, or passes on all, the rest of it to `x`.
            let names = ["a", "b", "c", "d", "x", "y"];
            let mut config = pools(&[("a", &[]), ("b", &[]), ("c", &[]), ("d", &[]), ("x", &[]), ("y", &[])]);
            for (from, row) in shares.iter().enumerate() {
                let total: u32 = row.iter().sum::<u32>() + 1;
                let to = names.iter().zip(row).filter(|(to, weight)| **to != names[from] && **weight > 0);
                let mut parts: BTreeMap<&str, u32> = to.map(|(to, weight)| (*to, weight * 999_000 / total)).collect();
                if all[from] {
                    let others: u32 = parts.iter().filter(|(to, _)| **to != "x").map(|(_, part)| part).sum();
                    parts.insert("x", 1_000_000 - others);
                }
                let parts = parts.into_iter().filter(|(_, part)| *part > 0);
                config.get_mut(names[from]).unwrap().passes_to =
                    parts.map(|(to, part)| (to.to_owned(), f64::from(part) / 1e6)).collect();
            }
            let amounts: BTreeMap<&str, i64> = names.iter().copied().zip(own.iter().copied()).collect();
            let support = Support::solve(&config, &by(method, &[])).unwrap();
            let passed = support.transfers(&amounts).unwrap();
            let mut after = amounts.clone();
            for transfer in &passed {
                *after.get_mut(transfer.from.as_str()).unwrap() -= transfer.amount;
                *after.get_mut(transfer.to.as_str()).unwrap() += transfer.amount;
            }
            prop_assert_eq!(after.values().sum::<i64>(), own.iter().sum::<i64>());
            for (pool, _) in config.iter().filter(|(_, pool)| !pool.passes_to.is_empty() && kept(pool) == 0) {
                prop_assert_eq!(after[pool.as_str()], 0, "{} passes on all that it has", pool);
            }
            if own.iter().all(|amount| *amount >= 0) {
                prop_assert!(passed.iter().all(|transfer| transfer.amount >= 0));
                prop_assert!(after.values().all(|amount| *amount >= 0));
            }
            // The exact gross amount of a pool, times its share, is less than a unit away.
            for transfer in &passed {
                let gross = amounts[transfer.from.as_str()]
                    + passed.iter().filter(|t| t.to == transfer.from).map(|t| t.amount).sum::<i64>();
                let out: i64 = passed.iter().filter(|t| t.from == transfer.from).map(|t| t.amount).sum();
                prop_assert!(gross >= out || gross < 0, "{} has {gross} and passes on {out}", transfer.from);
            }
        }
    }
}
