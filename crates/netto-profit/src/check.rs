//! What is wrong with `[pool.…]` and `[activity.…]`: each fault at its key, with the way out.

use std::collections::BTreeSet;

use netto_model::column as c;
use netto_model::contract::{CUSTOMER_TIERS, EMPLOYEES};
use netto_model::expression::Measure;
use netto_model::money::{MILLION, millionths};
use netto_model::problem::{did_you_mean, one_of_these};
use netto_model::{DriverSource, Expression, Problem};

use crate::config::{ActivityConfig, Method, PoolConfig, ProfitConfig, ShareBy};
use crate::support;

impl ProfitConfig {
    /// Everything that is wrong with it, each at its key.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let activities = self.activities.iter().flat_map(|(name, activity)| activity.check(name, self));
        let pools = self.pools.iter().flat_map(|(name, pool)| pool.check(name));
        let range = part_of_one(&["sensitivity", "range"], Some(self.sensitivity.range));
        let terms = self.payment_terms.iter().flat_map(|terms| terms.check(&self.activities));
        let pools = pools.chain(self.check_pools());
        activities.chain(pools).chain(range).chain(self.check_support()).chain(terms).collect()
    }

    /// Support pools lead somewhere.
    fn check_support(&self) -> Vec<Problem> {
        support::problems(&self.pools, &self.support)
    }

    fn check_pools(&self) -> Vec<Problem> {
        let pools: BTreeSet<&str> = self.activities.values().map(|activity| activity.pool.as_str()).collect();
        let of_pool = |pool: &str| [self.check_shares_of(pool), self.check_direct_of(pool)];
        pools.into_iter().flat_map(of_pool).flatten().collect()
    }

    /// A booking that names its customer goes to one activity: a second `direct` one would get nothing.
    fn check_direct_of(&self, pool: &str) -> Option<Problem> {
        let mut direct = self.of_pool(pool, Method::Direct).map(|(name, _)| name);
        let (first, second) = (direct.next()?, direct.next()?);
        let message = format!("pool `{pool}` has a `direct` activity already: `{first}`");
        Some(
            Problem::at(["activity", second], message)
                .with_help("keep one of them: it takes every booking of the pool that has a customer"),
        )
    }

    /// A pool's shares must not exceed it; a driver without a share must be alone.
    fn check_shares_of(&self, pool: &str) -> Option<Problem> {
        let drivers: Vec<_> = self.of_pool(pool, Method::Driver).chain(self.of_pool(pool, Method::Share)).collect();
        let alone = drivers.len() == 1 && self.of_pool(pool, Method::Time).next().is_none();
        let without = drivers.iter().find(|(_, activity)| activity.share.is_none());
        if let (Some((name, _)), false) = (without, alone) {
            let message = format!("which part of pool `{pool}` does `{name}` take? Other activities also take from it");
            return Some(Problem::at(["activity", name], message).with_help("add its share, such as `share = 0.5`"));
        }
        let total: i64 = drivers.iter().filter_map(|(_, activity)| activity.share_millionths()).sum();
        (total > MILLION).then(|| {
            let name = drivers.last().map_or("", |(name, _)| name);
            let message = format!("the shares of pool `{pool}` sum to more than 1");
            Problem::at(["activity", name, "share"], message)
                .with_help("shares must add up to at most 1, such as 0.7, 0.2, 0.1")
        })
    }
}

impl PoolConfig {
    fn check(&self, name: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let at = |key: &str| ["pool".to_owned(), name.to_owned(), key.to_owned()];
        if let Some(Err(error)) = self.employees.as_deref().map(|text| Expression::condition(text, &[&EMPLOYEES])) {
            let problem = Problem::at(at("employees"), error.to_string());
            problems.push(problem.with_help("a condition over the columns of `employees`, such as role = 'warehouse'"));
        }
        if self.practical_share.is_some() && self.employees.is_none() {
            let problem = Problem::at(at("practical_share"), "`practical_share` can only be used with `employees`");
            problems.push(problem.with_help("`practical_minutes` already is the practical capacity"));
        }
        if self.employees.is_some() && self.by.is_some() {
            let problem = Problem::at(at("employees"), "employees have no warehouse");
            problems.push(problem.with_help("give `practical_minutes` by warehouse in `cost_pools`"));
        }
        problems.extend(part_of_one(&["pool", name, "practical_share"], self.practical_share));
        problems.extend(part_of_one(&["pool", name, "fixed_share"], self.fixed_share));
        problems.extend(part_of_one(&["pool", name, "avoidable"], self.avoidable));
        problems
    }
}

fn part_of_one(key: &[&str], share: Option<f64>) -> Option<Problem> {
    share
        .filter(|share| !(0.0..=1.0).contains(share))
        .map(|_| Problem::at(key.iter().copied(), "a share is between 0 and 1"))
}

impl ActivityConfig {
    fn check(&self, name: &str, config: &ProfitConfig) -> Vec<Problem> {
        let at = |key: &str| ["activity".to_owned(), name.to_owned(), key.to_owned()];
        let mut problems = Vec::new();
        if !config.pools.contains_key(&self.pool) {
            let near = did_you_mean(&self.pool, config.pools.keys().map(String::as_str));
            let help = near.map_or_else(
                || format!("add [pool.{}]", self.pool),
                |near| format!("did you mean `{near}`? If not, add [pool.{}]", self.pool),
            );
            problems.push(Problem::at(at("pool"), format!("there is no [pool.{}]", self.pool)).with_help(help));
        }
        problems.extend(self.check_measure(name));
        for (key, parsed) in [(self.method.key(), self.expression()), ("where", self.filter())] {
            if let Some(Err(error)) = parsed {
                let help = format!("columns of `{}`: {}", self.source.name(), columns_of(self.source));
                problems.push(Problem::at(at(key), error.to_string()).with_help(help));
            }
        }
        problems.extend(self.check_unit(name));
        if self.share.is_some_and(|share| !(share > 0.0 && share <= 1.0)) {
            problems.push(Problem::at(at("share"), "a share is above 0 and at most 1"));
        }
        problems.extend(part_of_one(&["activity", name, "range"], self.range));
        problems.extend(self.check_shares(name));
        problems.extend(self.check_warehouse(name, config));
        problems
    }

    /// What is measured is a number, and minutes are minutes.
    fn check_unit(&self, name: &str) -> Option<Problem> {
        let measure = if self.method == Method::Time { Measure::Minutes } else { Measure::Quantity };
        let error = self.expression()?.ok()?.check(measure).err()?;
        Some(Problem::at(["activity", name, self.method.key()], error.to_string()).with_help(error.help()))
    }

    /// Fixed shares: for whom, and parts of one.
    fn check_shares(&self, name: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (group, share) in &self.shares {
            let at = ["activity", name, "shares", group];
            if self.by == Some(ShareBy::Tier) && !CUSTOMER_TIERS.contains(&group.as_str()) {
                let help = one_of_these(group, "tiers", CUSTOMER_TIERS);
                problems.push(Problem::at(at, format!("there is no tier `{group}`")).with_help(help));
            }
            if !(*share > 0.0 && *share <= 1.0) {
                problems.push(Problem::at(at, "a share is above 0 and at most 1"));
            }
        }
        if self.shares.values().map(|share| millionths(*share)).sum::<i64>() > MILLION {
            let problem = Problem::at(["activity", name, "shares"], "the shares sum to more than 1");
            problems.push(
                problem.with_help("shares must add up to at most 1, such as { Top = 0.5, Large = 0.3, Medium = 0.2 }"),
            );
        }
        problems
    }

    /// A pool that is kept by warehouse needs rows that know theirs.
    fn check_warehouse(&self, name: &str, config: &ProfitConfig) -> Option<Problem> {
        let pool = config.pools.get(&self.pool)?;
        let knows = self.source.table().column(c::WAREHOUSE).is_some();
        let fault = match self.method {
            _ if pool.by.is_none() => return None,
            Method::Direct => return None,
            Method::Share => {
                format!("pool `{}` is kept by warehouse, so it can't be assigned to groups of customers", self.pool)
            }
            Method::Time | Method::Driver if knows => return None,
            Method::Time | Method::Driver => {
                format!(
                    "pool `{}` is kept by warehouse, but rows of `{}` have no warehouse",
                    self.pool,
                    self.source.name()
                )
            }
        };
        let help = "measure it on orders, order_lines or stock, or take it from a pool that isn't kept by warehouse";
        Some(Problem::at(["activity", name], fault).with_help(help))
    }

    /// Where nothing is spread over quantities, none of them can be below zero.
    fn no_negative(&self, name: &str) -> Problem {
        let (message, help) = match self.method {
            Method::Time => {
                ("`negative` can't be used with `minutes`", "negative minutes are always refused, with their row")
            }
            Method::Share => (
                "`negative` can't be used with shares without `quantity`",
                "it sets what happens to negative quantities",
            ),
            _ => (
                "`negative` can't be used with method `direct`",
                "negative bookings are credits and stay with their customer",
            ),
        };
        Problem::at(["activity", name, "negative"], message).with_help(help)
    }

    /// Each method has its own key, and no other.
    fn check_measure(&self, name: &str) -> Option<Problem> {
        let (minutes, quantity) = (self.minutes.is_some(), self.quantity.is_some());
        let (wrong, right) = match self.method {
            Method::Time if !minutes => ("", "minutes"),
            Method::Driver if !quantity => ("", "quantity"),
            Method::Time if quantity => ("quantity", "minutes"),
            Method::Driver if minutes => ("minutes", "quantity"),
            Method::Direct | Method::Share if minutes => ("minutes", ""),
            Method::Direct if quantity => ("quantity", ""),
            Method::Share if self.by.is_none() => ("", "by"),
            Method::Share if self.shares.is_empty() => ("", "shares"),
            _ if self.share.is_some() && !self.takes_a_share() => ("share", ""),
            _ if self.negative.is_some() && (!self.takes_a_share() || !quantity) => {
                return Some(self.no_negative(name));
            }
            _ if self.by.is_some() && self.method != Method::Share => ("by", ""),
            _ if !self.shares.is_empty() && self.method != Method::Share => ("shares", ""),
            _ => return None,
        };
        let method = self.method.name();
        Some(match (wrong, right) {
            ("", "by" | "shares") => Problem::at(["activity", name], format!("method `share` needs `{right}`"))
                .with_help("set the groups: by = \"tier\", shares = { Top = 0.5, Large = 0.3, Medium = 0.2 }"),
            ("", right) => Problem::at(["activity", name], format!("method `{method}` needs `{right}`"))
                .with_help(format!("add `{right} = \"…\"`, an SQL expression over a row of `{}`", self.source.name())),
            (wrong, _) => {
                Problem::at(["activity", name, wrong], format!("`{wrong}` can't be used with method `{method}`"))
                    .with_help(
                        "`minutes` goes with method `time`; `quantity` with `driver`; `by` and `shares` with `share`",
                    )
            }
        })
    }
}

fn columns_of(source: DriverSource) -> String {
    source.table().columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::config::Step;
    use std::collections::BTreeMap;

    pub(crate) fn activity(method: Method) -> ActivityConfig {
        ActivityConfig {
            label: None,
            pool: "desk".into(),
            method,
            source: DriverSource::Orders,
            minutes: (method == Method::Time).then(|| "2 + lines".into()),
            quantity: (method == Method::Driver).then(|| "1".into()),
            condition: None,
            share: None,
            by: None,
            shares: BTreeMap::new(),
            negative: None,
            range: None,
            step: Step::CostToServe,
            compensation: false,
            standing: false,
        }
    }

    fn problems(activities: impl IntoIterator<Item = ActivityConfig>) -> String {
        let named = activities.into_iter().enumerate().map(|(n, activity)| (format!("a{n}"), activity)).collect();
        let pools = [("desk".into(), PoolConfig::default())].into();
        let config = ProfitConfig { pools, activities: named, ..ProfitConfig::default() };
        let line = |p: Problem| format!("{}: {} ({})", p.key.join("."), p.message, p.help.unwrap_or_default());
        config.check().into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_sound_configuration_has_no_problems() {
        assert_eq!(problems([activity(Method::Time), activity(Method::Direct)]), "");
        assert_eq!(problems([activity(Method::Driver), activity(Method::Direct)]), "");
    }

    #[test]
    fn every_fault_is_named_at_its_key() {
        let wrong_pool = ActivityConfig { pool: "dsk".into(), ..activity(Method::Time) };
        let no_minutes = ActivityConfig { minutes: None, ..activity(Method::Time) };
        let wrong_column = ActivityConfig { minutes: Some("2*lnes".into()), ..activity(Method::Time) };
        let wrong_key = ActivityConfig { minutes: Some("1".into()), ..activity(Method::Direct) };
        let too_much = ActivityConfig { share: Some(1.5), ..activity(Method::Driver) };
        insta::assert_snapshot!(problems([wrong_pool, no_minutes, wrong_column, wrong_key, too_much]), @r#"
        activity.a0.pool: there is no [pool.dsk] (did you mean `desk`? If not, add [pool.dsk])
        activity.a1: method `time` needs `minutes` (add `minutes = "…"`, an SQL expression over a row of `orders`)
        activity.a2.minutes: `lnes` is not a column of `orders`; did you mean `lines`? (columns of `orders`: period, customer_key, order_key, order_date, lines, quantity, net_amount, list_amount, discount_amount, cogs_amount, freight_charged, lines_below_cost, lines_with_list, lines_with_cogs, lines_with_freight, channel, employee_id, ship_to_id, warehouse, order_kind, delivery)
        activity.a3.minutes: `minutes` can't be used with method `direct` (`minutes` goes with method `time`; `quantity` with `driver`; `by` and `shares` with `share`)
        activity.a4.share: a share is above 0 and at most 1 ()
        activity.a4.share: the shares of pool `desk` sum to more than 1 (shares must add up to at most 1, such as 0.7, 0.2, 0.1)
        "#);
    }

    #[test]
    fn minutes_must_be_minutes_and_a_quantity_a_number() {
        let money = ActivityConfig { minutes: Some("3 + net_amount".into()), ..activity(Method::Time) };
        let text = ActivityConfig { minutes: Some("channel".into()), ..activity(Method::Time) };
        let half = || ActivityConfig { share: Some(0.5), ..activity(Method::Driver) };
        let comparison = ActivityConfig { quantity: Some("lines > 3".into()), ..half() };
        let value = ActivityConfig { quantity: Some("net_amount".into()), ..half() };
        insta::assert_snapshot!(problems([money, text, comparison, value]), @r"
        activity.a0.minutes: `net_amount` is an amount of money, not minutes (write the minutes per unit, such as `0.01*net_amount`)
        activity.a1.minutes: `channel` is a text, not a number (minutes and quantities are numbers, such as `2` or `case when channel = 'phone' then 2 else 0 end`)
        activity.a2.quantity: `lines > 3` is true or false, not a number (write the number that it counts for, such as `case when lines > 3 then 1 else 0 end`)
        ");
    }

    #[test]
    fn two_drivers_of_one_pool_must_say_their_shares() {
        insta::assert_snapshot!(problems([activity(Method::Driver), activity(Method::Driver)]), @"activity.a0: which part of pool `desk` does `a0` take? Other activities also take from it (add its share, such as `share = 0.5`)");
    }

    #[test]
    fn shares_say_for_whom_and_sum_to_one() {
        let share = |by, shares: &[(&str, f64)]| ActivityConfig {
            by,
            shares: shares.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect(),
            share: Some(0.2),
            ..activity(Method::Share)
        };
        let tier = Some(ShareBy::Tier);
        insta::assert_snapshot!(problems([share(tier, &[("Top", 0.6), ("Smal", 0.5)]), share(None, &[("Top", 1.0)]), share(tier, &[])]), @r#"
        activity.a0.shares.Smal: there is no tier `Smal` (did you mean `Small`? tiers are Top, Large, Medium, Small, Inactive)
        activity.a0.shares: the shares sum to more than 1 (shares must add up to at most 1, such as { Top = 0.5, Large = 0.3, Medium = 0.2 })
        activity.a1: method `share` needs `by` (set the groups: by = "tier", shares = { Top = 0.5, Large = 0.3, Medium = 0.2 })
        activity.a2: method `share` needs `shares` (set the groups: by = "tier", shares = { Top = 0.5, Large = 0.3, Medium = 0.2 })
        "#);
    }

    #[test]
    fn what_is_avoidable_is_a_part_of_the_pool_and_empty_where_nobody_says() {
        let pool = |avoidable| PoolConfig { avoidable, ..PoolConfig::default() };
        let pools = [("desk", Some(1.2)), ("rent", Some(0.0)), ("vans", Some(0.65)), ("work", None)];
        let pools = pools.map(|(name, avoidable)| (name.to_owned(), pool(avoidable))).into();
        let config = ProfitConfig { pools, ..ProfitConfig::default() };
        let keys: Vec<_> = config.check().into_iter().map(|problem| problem.key.join(".")).collect();
        assert_eq!(keys, ["pool.desk.avoidable"]);
        let dimension = crate::config::dim_pool(&config, std::iter::empty()).unwrap();
        let shares: Vec<_> = dimension.data().column(c::AVOIDABLE_SHARE).unwrap().f64().unwrap().iter().collect();
        assert_eq!(shares, [Some(1.2), Some(0.0), Some(0.65), None]);
    }

    #[test]
    fn a_pool_has_one_direct_activity() {
        insta::assert_snapshot!(problems([activity(Method::Direct), activity(Method::Direct)]), @"activity.a1: pool `desk` has a `direct` activity already: `a0` (keep one of them: it takes every booking of the pool that has a customer)");
    }
}
