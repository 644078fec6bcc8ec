//! Shows where the cost goes: account → pool → pool → activity → customers, summed over the main window.
//!
//! ```text
//!            booked   received   passed on   to activities   idle   unassigned
//! Housing     1,000          0       1,000               0      0            0
//! Warehouse     900        100           0             850    150            0
//! ```
//! Every line balances: booked + received = passed on + to activities + idle + unassigned.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Value, context};
use netto_model::contract::bridge::{ACCOUNT, ACTIVITY, CUSTOMER, CUSTOMERS, IDLE, SUPPORT, UNASSIGNED};
use netto_model::{column as c, contract};
use polars::prelude::*;

use super::format::Format;
use super::labels::Labels;
use super::language::say;
use super::marts::{Marts, ratio, text, units};
use super::page::Page;
use super::section::{Part, Section};
use super::set_apart;
use crate::PublishError;

/// The step of the waterfall that an activity's cost belongs to: key, name.
const STEPS: [(&str, &str); 3] =
    [("cost_to_serve", "Cost-to-serve"), ("freight_cost", "Freight cost"), ("payment_terms", "Payment terms")];

/// An amount of the window that flows from one place to the next.
struct Flow {
    step: i64,
    from: String,
    to: String,
    amount: i64,
}

/// All flows of the window.
struct Flows(Vec<Flow>);

impl Flows {
    fn new(marts: &Marts<'_>) -> PolarsResult<Self> {
        let keys = [c::STEP_NO, c::FROM_NAME, c::TO_NAME];
        let data = marts
            .in_window(&contract::LEDGER_BRIDGE)?
            .group_by(keys.map(col))
            .agg([col(c::AMOUNT).sum()])
            .sort(keys, SortMultipleOptions::default())
            .collect()?;
        let flow = |row| {
            let (from, to) = (text(&data, c::FROM_NAME, row)?, text(&data, c::TO_NAME, row)?);
            Ok(Flow { step: units(&data, c::STEP_NO, row)?, from, to, amount: units(&data, c::AMOUNT, row)? })
        };
        Ok(Self((0..data.height()).map(flow).collect::<PolarsResult<_>>()?))
    }

    fn sum(&self, which: impl Fn(&Flow) -> bool) -> i64 {
        self.0.iter().filter(|flow| which(flow)).map(|flow| flow.amount).sum()
    }

    fn of(&self, step: i64) -> impl Iterator<Item = &Flow> {
        self.0.iter().filter(move |flow| flow.step == step)
    }
}

/// What a pool received and where it went.
struct Pool {
    label: String,
    booked: i64,
    received: i64,
    passed_on: i64,
    to_activities: i64,
    idle: i64,
    unassigned: i64,
}

impl Pool {
    fn new(name: &str, flows: &Flows, labels: &Labels) -> Self {
        let left = |to: &str| flows.sum(|flow| flow.step == ACTIVITY && flow.from == name && flow.to == to);
        Self {
            label: labels.get(name),
            booked: flows.sum(|flow| flow.step == ACCOUNT && flow.to == name),
            received: flows.sum(|flow| flow.step == SUPPORT && flow.to == name),
            passed_on: flows.sum(|flow| flow.step == SUPPORT && flow.from == name),
            to_activities: flows.sum(|flow| flow.step == ACTIVITY && flow.from == name && !ends(&flow.to)),
            idle: left(IDLE),
            unassigned: left(UNASSIGNED),
        }
    }

    const fn gross(&self) -> i64 {
        self.booked + self.received
    }

    const fn amounts(&self) -> [i64; 7] {
        let left = self.passed_on + self.to_activities + self.idle + self.unassigned;
        let difference = self.gross() - left;
        [self.booked, self.received, self.passed_on, self.to_activities, self.idle, self.unassigned, difference]
    }
}

/// An activity of a pool.
struct Activity {
    label: String,
    pool: String,
    step: String,
    taken: i64,
    to_customers: i64,
    unassigned: i64,
    customers: i64,
}

fn ends(name: &str) -> bool {
    name == IDLE || name == UNASSIGNED
}

/// The section: the ledger in one line, pools, activities, and the accounts and transfers behind them.
pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let flows = Flows::new(&page.marts)?;
    let activities = activities(page, &flows)?;
    if flows.0.is_empty() && set_apart::ledger_is_whole(page)? {
        return Ok(None);
    }
    let bridge = bridge(page, &flows, &activities);
    Ok(Some(Section {
        id: "pools",
        name: "Cost".into(),
        finding: finding(&flows, &activities, &page.format),
        reading: reading(set_apart::ledger_is_whole(page)?).into(),
        parts: vec![Part::Html { html: page.render("pools", context! { bridge })? }],
    }))
}

/// Lines always balance among themselves; they balance with the ledger only if all of it was read.
const fn reading(whole: bool) -> &'static str {
    if whole {
        "From the accounts of the general ledger through pools and activities to customers: every line ties, and cost that no customer caused is shown as idle or unassigned."
    } else {
        "From the accounts of the general ledger through pools and activities to customers. Rows of the ledger are set apart and missing here, so the total isn't the total of the ledger. Cost that no customer caused is shown as idle or unassigned."
    }
}

fn bridge(page: &Page<'_>, flows: &Flows, activities: &[Activity]) -> Value {
    let (format, labels) = (&page.format, &page.pools);
    let names: BTreeSet<&str> = flows
        .of(ACCOUNT)
        .map(|flow| flow.to.as_str())
        .chain(flows.of(SUPPORT).flat_map(|flow| [flow.from.as_str(), flow.to.as_str()]))
        .chain(flows.of(ACTIVITY).map(|flow| flow.from.as_str()))
        .collect();
    let mut pools: Vec<Pool> = names.into_iter().map(|name| Pool::new(name, flows, labels)).collect();
    pools.sort_by(|a, b| b.gross().cmp(&a.gross()).then_with(|| a.label.cmp(&b.label)));
    context! {
        empty => pools.is_empty(),
        ledger => ledger(flows, activities, format),
        pools => pool_rows(&pools, format),
        pool_totals => totals(pools.iter().map(Pool::amounts), format),
        activities => activities.iter().map(|activity| activity_row(activity, activities, format)).collect::<Vec<_>>(),
        activity_totals => totals(activities.iter().map(activity_amounts), format),
        ..context! { accounts => accounts(flows, labels, format), transfers => transfers(flows, labels, format) }
    }
}

/// Where the booked cost went, in shares.
fn finding(flows: &Flows, activities: &[Activity], format: &Format) -> String {
    let booked = flows.sum(|flow| flow.step == ACCOUNT);
    if booked == 0 {
        return say!(format, "No cost is booked");
    }
    let served = activities.iter().map(|activity| activity.to_customers).sum();
    let idle = flows.sum(|flow| flow.step == ACTIVITY && flow.to == IDLE);
    let unassigned = flows.sum(|flow| flow.to == UNASSIGNED);
    let percent = |part| format.percent(ratio(part, booked));
    say!(
        format,
        "Of {booked} booked, {served} reached customers, {idle} stood idle and {unassigned} is unassigned",
        booked = format.sum(booked),
        served = percent(served),
        idle = percent(idle),
        unassigned = percent(unassigned)
    )
}

/// The booked cost and where it went: the parts sum to the whole.
fn ledger(flows: &Flows, activities: &[Activity], format: &Format) -> Value {
    let booked = flows.sum(|flow| flow.step == ACCOUNT);
    let served = |step: &str| activities.iter().filter(|row| row.step == step).map(|row| row.to_customers).sum();
    let idle = flows.sum(|flow| flow.step == ACTIVITY && flow.to == IDLE);
    // Cost that a pool couldn't pass to an activity, and cost that an activity couldn't assign to a customer.
    let unassigned = flows.sum(|flow| flow.to == UNASSIGNED);
    let mut parts: Vec<(&str, &str, i64)> = STEPS.iter().map(|(key, name)| (*key, *name, served(key))).collect();
    parts.retain(|(.., amount)| *amount != 0);
    parts.extend([("idle", "Idle capacity", idle), ("unassigned", "Unassigned", unassigned)]);
    let difference = booked - parts.iter().map(|(.., amount)| amount).sum::<i64>();
    let part = |(class, label, amount): &(&str, &str, i64)| {
        let width = percent(*amount, booked);
        context! { class => *class, label => format.say(label), amount => format.cents(*amount), width => width, share => format.percent(ratio(*amount, booked)) }
    };
    context! {
        booked => format.cents(booked),
        parts => parts.iter().map(part).collect::<Vec<_>>(),
        difference => format.cents(difference),
    }
}

fn pool_rows(pools: &[Pool], format: &Format) -> Vec<Value> {
    let largest = pools.iter().map(Pool::gross).max().unwrap_or_default();
    let row = |pool: &Pool| {
        let bar = [
            ("to-activities", pool.to_activities),
            ("passed-on", pool.passed_on),
            ("idle", pool.idle),
            ("unassigned", pool.unassigned),
        ];
        let bar = bar.map(|(class, amount)| context! { class => class, width => percent(amount, largest) });
        context! { label => pool.label.as_str(), amounts => amounts(pool.amounts(), format), bar => bar.to_vec() }
    };
    pools.iter().map(row).collect()
}

/// The activities, the most expensive first.
fn activities(page: &Page<'_>, flows: &Flows) -> PolarsResult<Vec<Activity>> {
    let steps = steps(&page.marts)?;
    let customers = customers(&page.marts)?;
    let mut taken: BTreeMap<&str, (&str, i64)> = BTreeMap::new();
    for flow in flows.of(ACTIVITY).filter(|flow| !ends(&flow.to)) {
        taken.entry(&flow.to).or_insert((&flow.from, 0)).1 += flow.amount;
    }
    let activity = |(name, (pool, taken)): (&str, (&str, i64))| {
        let left = |to: &str| flows.sum(|flow| flow.step == CUSTOMER && flow.from == name && flow.to == to);
        Activity {
            label: page.activities.get(name),
            pool: page.pools.get(pool),
            step: steps.get(name).cloned().unwrap_or_default(),
            taken,
            to_customers: left(CUSTOMERS),
            unassigned: left(UNASSIGNED),
            customers: customers.get(name).copied().unwrap_or_default(),
        }
    };
    let mut rows: Vec<Activity> = taken.into_iter().map(activity).collect();
    rows.sort_by(|a, b| b.taken.cmp(&a.taken).then_with(|| a.label.cmp(&b.label)));
    Ok(rows)
}

/// The step of the waterfall of each activity.
fn steps(marts: &Marts<'_>) -> PolarsResult<BTreeMap<String, String>> {
    let data = marts.all(&contract::DIM_ACTIVITY);
    (0..data.height()).map(|row| Ok((text(&data, c::ACTIVITY, row)?, text(&data, c::STEP, row)?))).collect()
}

/// The number of customers that used each activity: the bridge counts them by month, which doesn't add up over a window.
fn customers(marts: &Marts<'_>) -> PolarsResult<BTreeMap<String, i64>> {
    let zero = lit(0).cast(DataType::Int64);
    let data = marts
        .in_window(&contract::FCT_CUSTOMER_ACTIVITY_MONTH)?
        .filter(col(c::AMOUNT).neq(zero))
        .group_by([col(c::ACTIVITY)])
        .agg([col(c::CUSTOMER_ID).n_unique().cast(DataType::Int64).alias(c::CUSTOMERS)])
        .collect()?;
    (0..data.height()).map(|row| Ok((text(&data, c::ACTIVITY, row)?, units(&data, c::CUSTOMERS, row)?))).collect()
}

const fn activity_amounts(activity: &Activity) -> [i64; 4] {
    let difference = activity.taken - activity.to_customers - activity.unassigned;
    [activity.taken, activity.to_customers, activity.unassigned, difference]
}

fn activity_row(activity: &Activity, all: &[Activity], format: &Format) -> Value {
    let largest = all.iter().map(|row| row.taken).max().unwrap_or_default();
    let step =
        STEPS.iter().find(|(key, _)| *key == activity.step).map_or_else(String::new, |(_, name)| format.say(name));
    context! {
        label => activity.label.as_str(),
        pool => activity.pool.as_str(),
        step => step,
        class => activity.step.as_str(),
        amounts => amounts(activity_amounts(activity), format),
        customers => format.grouped(activity.customers),
        width => percent(activity.to_customers, largest),
        unassigned => percent(activity.unassigned, largest),
    }
}

/// Account → pool, as booked.
fn accounts(flows: &Flows, labels: &Labels, format: &Format) -> Vec<Value> {
    let row = |flow: &Flow| {
        let account = if flow.from.is_empty() { say!(format, "no account") } else { flow.from.clone() };
        context! { from => account, to => labels.get(&flow.to), amount => format.cents(flow.amount) }
    };
    flows.of(ACCOUNT).map(row).collect()
}

/// Support pool → pool.
fn transfers(flows: &Flows, labels: &Labels, format: &Format) -> Vec<Value> {
    let row = |flow: &Flow| {
        context! { from => labels.get(&flow.from), to => labels.get(&flow.to), amount => format.cents(flow.amount) }
    };
    flows.of(SUPPORT).map(row).collect()
}

/// The amounts of a line; zeros are dimmed.
fn amounts<const N: usize>(amounts: [i64; N], format: &Format) -> Vec<Value> {
    amounts.map(|amount| context! { text => format.cents(amount), zero => amount == 0 }).to_vec()
}

fn totals<const N: usize>(rows: impl Iterator<Item = [i64; N]>, format: &Format) -> Vec<Value> {
    let mut totals = [0_i64; N];
    for row in rows {
        totals.iter_mut().zip(row).for_each(|(total, amount)| *total += amount);
    }
    amounts(totals, format)
}

/// A width in a picture in percent: `12.5`, from 0 to 100.
fn percent(part: i64, whole: i64) -> String {
    format!("{:.2}", (ratio(part, whole).unwrap_or_default() * 100.0).clamp(0.0, 100.0))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{one_customer, rendered, replace, row};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn the_bridge_adds_months_up_and_shows_that_every_line_ties() {
        let mut marts = one_customer();
        let flow = |period: i32, step: i64, from: &'static str, to: &'static str, amount: i64| {
            let cells = [
                (c::PERIOD, AnyValue::Date(period)),
                (c::STEP_NO, AnyValue::Int64(step)),
                (c::FROM_NAME, AnyValue::String(from)),
                (c::TO_NAME, AnyValue::String(to)),
                (c::AMOUNT, AnyValue::Int64(amount * 10_000)),
            ];
            row(&contract::LEDGER_BRIDGE, &cells)
        };
        // The month before, 20,120, lies outside of the window.
        let rows = [
            flow(20_120, 1, "4200", "housing", 77),
            flow(20_148, 1, "4200", "housing", 1_000),
            flow(20_148, 1, "4210", "warehouse", 900),
            flow(20_148, 2, "housing", "warehouse", 1_000),
            flow(20_148, 3, "warehouse", "pick_lines", 1_650),
            flow(20_148, 3, "warehouse", "idle capacity", 150),
            flow(20_148, 3, "warehouse", "unassigned", 100),
            flow(20_148, 4, "pick_lines", "customers", 1_600),
            flow(20_148, 4, "pick_lines", "unassigned", 50),
        ];
        let table = rows.iter().skip(1).fold(rows[0].clone(), |table, row| table.vstack(row).unwrap());
        replace(&mut marts, &contract::LEDGER_BRIDGE, table);
        let activity = [
            (c::ACTIVITY, AnyValue::String("pick_lines")),
            (c::LABEL, AnyValue::String("pick_lines")),
            (c::STEP, AnyValue::String("freight_cost")),
        ];
        replace(&mut marts, &contract::DIM_ACTIVITY, row(&contract::DIM_ACTIVITY, &activity));
        let html = rendered(&marts);
        let cells = |holds: &str| {
            let row = html.split("<tr").find(|row| row.contains(holds)).unwrap_or_default();
            let cells = row.split("<td").skip(1).filter_map(|cell| cell.split_once('>')?.1.split_once('<'));
            cells.map(|(text, _)| text.to_owned()).collect::<Vec<_>>().join(" ")
        };
        insta::assert_snapshot!(cells(">warehouse<"), @"900,00 1.000,00 0,00 1.650,00 150,00 100,00 0,00");
        insta::assert_snapshot!(cells(">housing<"), @"1.000,00 0,00 1.000,00 0,00 0,00 0,00 0,00");
        insta::assert_snapshot!(cells(">All pools<"), @"1.900,00 1.000,00 1.000,00 1.650,00 150,00 100,00 0,00");
        insta::assert_snapshot!(cells(">pick lines<"), @"1.650,00 1.600,00 50,00 0,00 0 warehouse");
        let parts =
            html.split("data-part=\"").skip(1).map(|part| part.split_once("</dd>").unwrap().0.replace("\">", " "));
        insta::assert_snapshot!(parts.collect::<Vec<_>>().join(", "), @"booked 1.900,00, freight_cost 1.600,00, idle 150,00, unassigned 150,00, difference 0,00");
    }
}
