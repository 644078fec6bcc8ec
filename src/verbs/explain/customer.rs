//! `netto explain customer ID`: the waterfall, and the calculation of every pool down to this customer.

use netto_model::Money;
use netto_model::money::SCALE;
use netto_profit::explain::{Assignment, Fine, PoolFigures, Proof, STEPS, Script, Section, customer, script};
use serde_json::{Value, json};

use super::{
    Tables, by_name, counted, fine, labelled, line, part_of, percent, quantity, sign, window, with_part, wrapped,
};
use crate::cli::{ExplainCustomerArgs, Format};
use crate::failure::Failure;
use crate::output::{self, amount};
use crate::project::Project;

pub(super) fn run(args: &ExplainCustomerArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let window = window(&project, &args.window)?;
    let tables = Tables::read(&project)?;
    let proof = customer(&args.id, window, &tables.inputs())?;
    if args.sql {
        let (parquet, config) = (project.current().join("parquet"), project.config.profit());
        output::document(script(&Script { customer: &args.id, window, parquet: &parquet, config: &config }).trim_end());
        return Ok(());
    }
    match format {
        Format::Json => output::json(&as_json(&proof)),
        Format::Table | Format::Csv => print(&proof, args.months)?,
    }
    Ok(())
}

fn print(proof: &Proof, months: bool) -> Result<(), Failure> {
    output::text(&format!("Customer {} · {}\n", labelled(&proof.customer, proof.name.as_deref()), proof.window));
    let step = |(name, money): &(&str, Money)| vec![sign(name).into(), name.replace('_', " "), amount(*money)];
    output::table(&["", "Waterfall", "Amount"], &proof.steps.iter().map(step).collect::<Vec<_>>(), 2);
    output::text("\nThe amount of each pool, and the part assigned to this customer");
    if months {
        proof.sections.iter().for_each(|section| print_section(section, true));
    } else {
        proof.summed()?.iter().for_each(|section| print_section(section, false));
        output::text("\nAmounts are assigned month by month: --months shows the calculation of each month,");
        output::text("--sql writes a script that computes them independently.");
    }
    output::text("\nHow the quantities are measured");
    let assignments = proof.assignments();
    for activity in assignments.chunk_by(|(a, _), (b, _)| a.activity == b.activity).filter_map(<[_]>::first) {
        output::text(&format!("  {}", wrapped(&format!("{}: {}", activity.0.activity, measured_by(activity.0)))));
    }
    Ok(())
}

fn print_section(section: &Section, month: bool) {
    let when = match section.months.as_slice() {
        [only] => only.to_string(),
        months => format!("{} months", months.len()),
    };
    let pool = with_part(&section.pool, &section.warehouse);
    output::text(&format!("\n{when} · {pool}"));
    print_pool(&section.figures);
    let months = (!month).then_some(section.months.len());
    let (time, others): (Vec<_>, Vec<_>) = section.assignments.iter().partition(|a| a.method == "time");
    for assignment in others {
        print_taken(assignment, &section.figures, months);
    }
    if !time.is_empty() {
        print_time(&time, &section.figures, months);
    }
}

/// Prints a pool, from the general ledger to the amount that activities take from.
fn print_pool(figures: &PoolFigures) {
    line("", "own amount, from the general ledger", &amount(figures.own), "");
    if figures.received_from.is_empty() && figures.received != Money::ZERO {
        line("+", "received from support pools", &amount(figures.received), "");
    }
    for (pool, received) in &figures.received_from {
        line("+", &format!("received from {pool}"), &amount(*received), "");
    }
    if figures.passed_on_to.is_empty() && figures.passed_on != Money::ZERO {
        line("−", "passed on to other pools", &amount(figures.passed_on), "");
    }
    for (pool, passed_on) in &figures.passed_on_to {
        line("−", &format!("passed on to {pool}"), &amount(*passed_on), "");
    }
    if figures.booked != Money::ZERO {
        line("−", "bookings that name a customer", &amount(figures.booked), "");
    }
    if figures.amount != figures.own {
        line("=", "amount of the pool", &amount(figures.amount), "");
    }
}

/// A hint if the monthly rates differ, as the calculation must then be checked month by month.
fn see_months(months: usize) -> String {
    format!("{}, see --months", counted(i64::try_from(months).unwrap_or(i64::MAX), "month"))
}

/// Prints bookings, and activities that take a share of the pool, for one or several months.
fn print_taken(a: &Assignment, figures: &PoolFigures, months: Option<usize>) {
    let name = with_part(&a.activity, &a.part);
    if a.method == "direct" {
        let remark = format!("{} by name", counted(a.quantity.units() / SCALE, "booking"));
        return line("→", &format!("{name}: booked"), &amount(a.amount), &remark);
    }
    let share = percent(a.pool_amount, figures.amount).filter(|_| a.pool_amount != figures.amount);
    let share = share.map(|share| format!("{share} of the pool")).unwrap_or_default();
    line("→", &format!("{name} takes"), &amount(a.pool_amount), &share);
    if let Some(months) = months {
        let divides = a.divides_out(a.pool_amount, a.capacity, months);
        let remark = if divides { part_of(a.quantity, a.capacity) } else { see_months(months) };
        return line("", "of which this customer", &amount(a.amount), &remark);
    }
    line("÷", "used by all customers", &amount(a.capacity), "");
    print_rate("rate", a);
    line("×", &format!("{} used", quantity(a.quantity)), &amount(a.amount), &exactly(a));
}

/// Prints time-based activities: the amount without idle capacity, divided by the used minutes.
fn print_time(assignments: &[&Assignment], figures: &PoolFigures, months: Option<usize>) {
    if figures.taken != Money::ZERO {
        line("−", "used by the pool's other activities", &amount(figures.taken), "");
    }
    if figures.idle != Money::ZERO {
        line("−", "idle capacity", &amount(figures.idle), &idle(figures, months));
    }
    line("=", "divided by the minutes used", &amount(figures.charged), "");
    let above = format!("{} above practical capacity", quantity(figures.over_capacity_minutes));
    let above = if figures.over_capacity_minutes == Money::ZERO { "" } else { above.as_str() };
    line("÷", "minutes used by all customers", &amount(figures.used_minutes), above);
    let Some(months) = months else {
        if let Some(first) = assignments.first() {
            print_rate("rate per minute", first);
        }
        for a in assignments {
            line("×", &format!("{} minutes of {}", quantity(a.quantity), a.activity), &amount(a.amount), &exactly(a));
        }
        return;
    };
    for a in assignments {
        let minutes = format!("{} minutes", quantity(a.quantity));
        let divides = a.divides_out(figures.charged, figures.used_minutes, months);
        let remark = if divides { minutes } else { minutes.replace(" minutes", " min") + ", " + &see_months(months) };
        line("→", &a.activity, &amount(a.amount), &remark);
    }
}

/// `3,456 ÷ 28,949 minutes × 60 %`: the idle share, of the part that pays for capacity.
fn idle(figures: &PoolFigures, months: Option<usize>) -> String {
    // Months with different capacities can't be divided together.
    if let Some(months) = months.filter(|months| *months > 1) {
        return format!("{} min, {}", quantity(figures.idle_minutes), see_months(months));
    }
    let minutes = format!("{} ÷ {} minutes", quantity(figures.idle_minutes), quantity(figures.practical_minutes));
    match figures.fixed_millionths {
        1_000_000 => minutes,
        fixed => format!("{minutes} × {} %", quantity(Money::from_units(fixed))),
    }
}

fn print_rate(what: &str, a: &Assignment) {
    if let Some(rate) = Fine::quotient(a.pool_amount, a.capacity) {
        line("=", what, &fine(rate), "");
    }
}

/// The exact result; rounding by largest remainder gives the amount.
fn exactly(a: &Assignment) -> String {
    format!("exactly {}", fine(a.exact))
}

fn measured_by(a: &Assignment) -> String {
    a.expression.as_ref().map_or_else(|| a.method.clone(), |expression| format!("{}: {expression}", a.method))
}

fn as_json(proof: &Proof) -> Value {
    let steps: serde_json::Map<String, Value> = STEPS
        .iter()
        .zip(&proof.steps)
        .map(|(name, (_, money))| ((*name).to_owned(), money.to_string().into()))
        .collect();
    json!({
        "customer": proof.customer,
        "name": proof.name,
        "window": proof.window.to_string(),
        "waterfall": steps,
        "assignments": proof.assignments().into_iter().map(assignment_json).collect::<Vec<_>>(),
    })
}

fn assignment_json((a, section): (&Assignment, &Section)) -> Value {
    let pool = &section.figures;
    json!({
        "activity": a.activity, "period": a.period.to_string(), "part": a.part, "pool": a.pool, "method": a.method,
        "step": a.step, "expression": a.expression, "pool_amount": a.pool_amount.to_string(),
        "capacity": a.capacity.to_string(),
        "rate": Fine::quotient(a.pool_amount, a.capacity).map(|rate| rate.to_string()),
        "quantity": a.quantity.to_string(), "exact": a.exact.to_string(), "amount": a.amount.to_string(),
        "rounding": a.rounding.to_string(),
        "pool_figures": {
            "warehouse": section.warehouse, "own_amount": pool.own.to_string(),
            "received_amount": pool.received.to_string(), "received_from": by_name(&pool.received_from),
            "passed_on_amount": pool.passed_on.to_string(), "passed_on_to": by_name(&pool.passed_on_to),
            "booked_amount": pool.booked.to_string(), "amount": pool.amount.to_string(),
            "taken_amount": pool.taken.to_string(), "idle_amount": pool.idle.to_string(),
            "practical_minutes": pool.practical_minutes.to_string(), "used_minutes": pool.used_minutes.to_string(),
            "idle_minutes": pool.idle_minutes.to_string(), "fixed_millionths": pool.fixed_millionths,
            "idle_is_charged": pool.idle_is_charged,
        },
    })
}
