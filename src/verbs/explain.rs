//! `netto explain customer ID`: the proof of a customer's figures, from the last run.

use netto_model::frame::{ActivityMonth, Contract, DimActivity, DimWindow, Ledger, Waterfall};
use netto_model::{Frame, Money, Period, Window, column as c};
use netto_profit::explain::{Assignment, Inputs, Proof, explain};
use polars::prelude::*;
use serde_json::{Value, json};

use crate::cli::{ExplainArgs, ExplainCustomerArgs, Format, Subject};
use crate::failure::Failure;
use crate::output::{self, amount};
use crate::project::Project;

pub(crate) fn run(args: &ExplainArgs, format: Format) -> Result<(), Failure> {
    let Subject::Customer(args) = &args.subject;
    let project = Project::open(&args.project.project)?;
    let window = window(&project, &args.window)?;
    let proof = explain(
        &args.id,
        window,
        &Inputs {
            waterfall: &published::<Waterfall>(&project)?,
            ledger: &published::<Ledger>(&project)?,
            activity_month: &published::<ActivityMonth>(&project)?,
            activities: &published::<DimActivity>(&project)?,
        },
    )?;
    match format {
        Format::Json => output::json(&as_json(&proof)),
        Format::Table => print(&proof, args),
    }
    Ok(())
}

/// A table of the last run.
pub(crate) fn published<T: Contract>(project: &Project) -> Result<Frame<T>, Failure> {
    Ok(Frame::try_new(netto_publish::read(&project.current(), T::TABLE)?.lazy())?)
}

/// A window of the last run, by name.
pub(crate) fn window(project: &Project, name: &str) -> Result<Window, Failure> {
    let windows = published::<DimWindow>(project)?;
    let find = || -> PolarsResult<Option<Window>> {
        let data = windows.data();
        let row = data.column(c::WINDOW)?.str()?.iter().position(|window| window == Some(name));
        let month = |column: &str, row: usize| {
            Ok::<_, PolarsError>(Period::of_day(data.column(column)?.date()?.physical().get(row).unwrap_or_default()))
        };
        row.map(|row| Ok(Window { first: month(c::FIRST_PERIOD, row)?, last: month(c::LAST_PERIOD, row)? })).transpose()
    };
    let found = find().map_err(|error| Failure::failed("the windows could not be read", &error))?;
    found.ok_or_else(|| {
        Failure::usage(
            format!("there is no window `{name}`"),
            "windows are main, previous, and the calendar years of the data",
        )
    })
}

/// The steps that lead to a sum are subtracted or added; sums stand by themselves.
const fn sign(step: &str) -> &'static str {
    match step.as_bytes() {
        b"list_revenue" => " ",
        b"invoice_discount" | b"rebates_given" | b"payment_terms" | b"freight_cost" | b"cogs" | b"cost_to_serve" => "−",
        b"freight_charged" | b"rebates_received" | b"sales_compensation" => "+",
        _ => "=",
    }
}

fn print(proof: &Proof, args: &ExplainCustomerArgs) {
    output::text(&format!("Customer {} · {}\n", proof.customer, proof.window));
    let step = |(name, money): &(&str, Money)| vec![sign(name).into(), name.replace('_', " "), amount(*money)];
    output::table(&["", "Waterfall", "Amount"], &proof.steps.iter().map(step).collect::<Vec<_>>(), 2);
    output::text("\nEvery assignment: amount of the pool ÷ capacity × the customer's quantity");
    let groups = proof.assignments.chunk_by(|a, b| a.activity == b.activity);
    let rows: Vec<Vec<String>> = if args.months {
        proof.assignments.iter().map(month_row).collect()
    } else {
        groups.map(activity_row).collect()
    };
    let header = ["Activity", "Pool", "Month", "Pool amount", "Capacity", "Quantity", "Amount", "Rounding"];
    output::table(&header, &rows, 3);
    if !args.months {
        output::text(
            "\nAmounts are assigned month by month: --months shows each. Rounding is what the largest remainder moved.",
        );
    }
    output::text("\nHow the quantities are measured:");
    let activities = proof.assignments.chunk_by(|a, b| a.activity == b.activity).filter_map(|group| group.first());
    for activity in activities {
        output::text(&format!("  {}: {}", activity.activity, measured_by(activity)));
    }
}

fn month_row(a: &Assignment) -> Vec<String> {
    let amounts = [a.pool_amount, a.capacity, a.quantity, a.amount, a.rounding].map(amount);
    [a.activity.clone(), a.pool.clone(), a.period.to_string()].into_iter().chain(amounts).collect()
}

fn activity_row(of_activity: &[Assignment]) -> Vec<String> {
    let Some(first) = of_activity.first() else { return Vec::new() };
    let total = |of: fn(&Assignment) -> Money| {
        Money::sum(of_activity.iter().map(of)).map_or_else(|error| error.to_string(), amount)
    };
    let months = format!("{} months", of_activity.len());
    vec![
        first.activity.clone(),
        first.pool.clone(),
        months,
        total(|a| a.pool_amount),
        total(|a| a.capacity),
        total(|a| a.quantity),
        total(|a| a.amount),
        total(|a| a.rounding),
    ]
}

fn measured_by(a: &Assignment) -> String {
    a.expression.as_ref().map_or_else(|| a.method.clone(), |expression| format!("{}: {expression}", a.method))
}

fn as_json(proof: &Proof) -> Value {
    let steps: serde_json::Map<String, Value> =
        proof.steps.iter().map(|(name, money)| ((*name).to_owned(), money.to_string().into())).collect();
    let assignment = |a: &Assignment| {
        json!({
            "activity": a.activity, "period": a.period.to_string(), "pool": a.pool, "method": a.method,
            "expression": a.expression, "pool_amount": a.pool_amount.to_string(), "capacity": a.capacity.to_string(),
            "quantity": a.quantity.to_string(), "amount": a.amount.to_string(), "rounding": a.rounding.to_string(),
        })
    };
    json!({
        "customer": proof.customer,
        "window": proof.window.to_string(),
        "waterfall": steps,
        "assignments": proof.assignments.iter().map(assignment).collect::<Vec<_>>(),
    })
}
