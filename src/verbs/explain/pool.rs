//! `netto explain pool NAME`: a pool's balance sheet by month, its origin, and its largest users.

use netto_model::Money;
use netto_profit::explain::{ActivitySum, PoolFigures, PoolProof, pool};
use serde_json::{Value, json};

use super::{Tables, by_name, fine, labelled, part_of, percent, quantity, window, with_part};
use crate::cli::{ExplainPoolArgs, Format};
use crate::failure::Failure;
use crate::output::{self, amount, count};
use crate::project::Project;

pub(super) fn run(args: &ExplainPoolArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let window = window(&project, &args.window)?;
    let tables = Tables::read(&project)?;
    let proof = pool(&args.name, window, &tables.inputs())?;
    match format {
        Format::Json => output::json(&as_json(&proof)),
        Format::Table | Format::Csv => print(&proof),
    }
    Ok(())
}

fn print(proof: &PoolProof) {
    output::text(&format!("Pool {} · {}\n", labelled(&proof.pool, Some(&proof.label)), proof.window));
    print_balance(proof);
    output::text("");
    print_flow(proof);
    if !proof.activities.is_empty() {
        output::text("");
        print_activities(proof);
    }
    if !proof.takers.is_empty() {
        output::text(&format!("\nThe customers that use most of it, of {}", count(proof.customers as u64)));
        let taker = |(place, taker): (usize, &netto_profit::explain::Taker)| {
            let share = percent(taker.amount, proof.total.assigned).unwrap_or_default();
            let name = taker.name.clone().unwrap_or_default();
            vec![(place + 1).to_string(), taker.customer.clone(), name, amount(taker.amount), share]
        };
        let rows: Vec<Vec<String>> = proof.takers.iter().enumerate().map(taker).collect();
        output::table(&["", "Customer", "Name", "Amount", "Share"], &rows, 3);
    }
}

/// A column of the balance sheet.
type Figure = (&'static str, fn(&PoolFigures) -> Money);

const BALANCE: [Figure; 7] = [
    ("Own", |f| f.own),
    ("+ Received", |f| f.received),
    ("− Assigned", |f| f.assigned),
    ("− Passed on", |f| f.passed_on),
    ("− Idle", |f| f.idle),
    ("− Unassigned", |f| f.unassigned),
    ("= Rest", |f| f.difference),
];

/// Prints the balance by month, by warehouse and in total, without columns of zeros except the remainder, which must be zero.
fn print_balance(proof: &PoolProof) {
    let speaks = |(name, of): &&Figure| *name == "= Rest" || proof.months.iter().any(|m| of(&m.figures) != Money::ZERO);
    let shown: Vec<&Figure> = BALANCE.iter().filter(speaks).collect();
    let row = |name: String, figures: &PoolFigures| {
        [name].into_iter().chain(shown.iter().map(|(_, of)| amount(of(figures)))).collect::<Vec<String>>()
    };
    let months = proof.months.iter().map(|month| row(month.period.to_string(), &month.figures));
    let warehouses = proof
        .warehouses
        .iter()
        .map(|(name, figures)| row(if name.is_empty() { "no warehouse".to_owned() } else { name.clone() }, figures));
    let rows: Vec<Vec<String>> = months.chain(warehouses).chain([row("total".into(), &proof.total)]).collect();
    let header: Vec<&str> = ["Month"].into_iter().chain(shown.iter().map(|(name, _)| *name)).collect();
    output::table(&header, &rows, 1);
}

/// Prints the origin and the use of the amount.
fn print_flow(proof: &PoolProof) {
    let total = &proof.total;
    let named = |sign: &str, what: &str, name: &str, money: Money| {
        vec![sign.to_owned(), format!("{what}{name}"), amount(money)]
    };
    let account =
        |name: &str| if name.is_empty() { "bookings without an account".to_owned() } else { format!("account {name}") };
    let mut rows: Vec<Vec<String>> =
        proof.accounts.iter().map(|(name, money)| named("+", "", &account(name), *money)).collect();
    rows.extend(total.received_from.iter().map(|(name, money)| named("+", "received from ", name, *money)));
    rows.extend(total.passed_on_to.iter().map(|(name, money)| named("−", "passed on to ", name, *money)));
    let activity = |a: &ActivitySum| named("−", "", &with_part(&a.activity, &a.part), a.assigned);
    rows.extend(proof.activities.iter().map(activity));
    for (what, money) in [("idle capacity", total.idle), ("unassigned", total.unassigned)] {
        if money != Money::ZERO {
            rows.push(named("−", what, "", money));
        }
    }
    rows.push(named("=", "rest", "", total.difference));
    output::table(&["", "From and to", "Amount"], &rows, 2);
    if total.practical_minutes != Money::ZERO {
        let used = part_of(total.used_minutes, total.practical_minutes);
        let utilisation = percent(total.used_minutes, total.practical_minutes).unwrap_or_default();
        output::text(&format!("\nCapacity: {used} practical minutes used ({utilisation})"));
        let over_capacity = match total.over_capacity_minutes {
            Money::ZERO => String::new(),
            minutes => format!("; {} above capacity, in months over capacity", quantity(minutes)),
        };
        output::text(&format!("          {} minutes idle{over_capacity}", quantity(total.idle_minutes)));
    }
}

fn print_activities(proof: &PoolProof) {
    let row = |a: &ActivitySum| {
        let rate = a.rate.filter(|_| a.method != "direct").map(fine).unwrap_or_default();
        let name = with_part(&a.activity, &a.part);
        vec![name, a.method.clone(), amount(a.quantity), rate, amount(a.assigned), amount(a.unassigned)]
    };
    let header = ["Activity", "Method", "Quantity", "Average rate", "Assigned", "Unassigned"];
    output::table(&header, &proof.activities.iter().map(row).collect::<Vec<_>>(), 2);
}

fn as_json(proof: &PoolProof) -> Value {
    let month = |m: &netto_profit::explain::PoolMonth| {
        json!({
            "period": m.period.to_string(), "balance": balance_json(&m.figures), "accounts": accounts_json(&m.accounts),
            "activities": m.activities.iter().map(activity_json).collect::<Vec<_>>(),
        })
    };
    let warehouse =
        |(name, figures): &(String, PoolFigures)| json!({ "warehouse": name, "balance": balance_json(figures) });
    let taker = |taker: &netto_profit::explain::Taker| json!({ "customer": taker.customer, "name": taker.name, "amount": taker.amount.to_string() });
    json!({
        "pool": proof.pool, "label": proof.label, "window": proof.window.to_string(),
        "balance": balance_json(&proof.total),
        "accounts": accounts_json(&proof.accounts),
        "activities": proof.activities.iter().map(activity_json).collect::<Vec<_>>(),
        "warehouses": proof.warehouses.iter().map(warehouse).collect::<Vec<_>>(),
        "months": proof.months.iter().map(month).collect::<Vec<_>>(),
        "customers": proof.customers,
        "takers": proof.takers.iter().map(taker).collect::<Vec<_>>(),
    })
}

fn accounts_json(accounts: &[(String, Money)]) -> Value {
    by_name(accounts.iter().map(|(name, amount)| (name, amount)))
}

fn balance_json(f: &PoolFigures) -> Value {
    json!({
        "own_amount": f.own.to_string(), "received_amount": f.received.to_string(),
        "received_from": by_name(&f.received_from), "assigned_amount": f.assigned.to_string(),
        "passed_on_amount": f.passed_on.to_string(), "passed_on_to": by_name(&f.passed_on_to),
        "idle_amount": f.idle.to_string(), "unassigned_amount": f.unassigned.to_string(),
        "difference": f.difference.to_string(), "practical_minutes": f.practical_minutes.to_string(),
        "used_minutes": f.used_minutes.to_string(), "idle_minutes": f.idle_minutes.to_string(),
        "over_capacity_minutes": f.over_capacity_minutes.to_string(),
    })
}

fn activity_json(a: &ActivitySum) -> Value {
    json!({
        "activity": a.activity, "part": a.part, "method": a.method, "quantity": a.quantity.to_string(),
        "rate": a.rate.map(|rate| rate.to_string()), "assigned_amount": a.assigned.to_string(),
        "unassigned_amount": a.unassigned.to_string(),
    })
}
