//! `netto simulate SCENARIO.toml`: what levers on price, volume and cost would bring, on the figures of the last run.

use std::cmp::Ordering;

use netto_model::{Money, Window};
use netto_segment::scenario::{Lever, Scenario};
use netto_segment::simulate::{Book, Effect, Figure, Inputs, Simulation};
use serde_json::{Map, Value, json};

use crate::cli::{Format, SimulateArgs};
use crate::document::Document;
use crate::failure::Failure;
use crate::output::{self, amount, count};
use crate::project::Project;
use crate::verbs::explain::{published, window};

pub(crate) fn run(args: &SimulateArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let document = Document::read(&args.scenario, "name a scenario: `netto simulate scenarios/price.toml PROJECT`")?;
    let scenario: Scenario = document.parse("scenario")?;
    document.refuse(scenario.check())?;
    let window = window(&project, &args.window)?;
    let inputs = Inputs {
        waterfall: &published(&project)?,
        customer_window: &published(&project)?,
        dim_customer: &published(&project)?,
        window_summary: &published(&project)?,
    };
    let book = Book::of(&inputs, &args.window, window)?;
    document.refuse(book.strangers(&scenario))?;
    let simulation = book.simulate(&scenario)?;
    match format {
        Format::Json => output::json(&as_json(&scenario, window, &simulation)),
        Format::Table => print(&scenario, window, &simulation),
    }
    Ok(())
}

fn print(scenario: &Scenario, window: Window, simulation: &Simulation) {
    output::text(&format!("{} · {window}\n", scenario.name.as_deref().unwrap_or("Simulation")));
    let row = |figure: &Figure| {
        let amounts = [figure.before, figure.after, figure.change].map(amount);
        [figure.name.replace('_', " ")].into_iter().chain(amounts).collect()
    };
    output::table(&["", "Before", "After", "Change"], &simulation.figures.iter().map(row).collect::<Vec<_>>(), 1);
    output::text("");
    let levers = scenario.levers.iter().zip(&simulation.effects);
    let rows: Vec<Vec<String>> = levers.map(|(lever, effect)| lever_row(lever, effect)).collect();
    output::table(&["Lever", "For", "Break-even volume", "Customers", "Change of result"], &rows, 3);
    output::text(&format!("\n{}", capacity(scenario, simulation)));
}

fn lever_row(lever: &Lever, effect: &Effect) -> Vec<String> {
    let volume = lever.volume.map(|volume| format!(", volume {}", signed_percent(volume)));
    let break_even = effect.break_even_volume_loss.map(|loss| signed_percent(-loss));
    vec![
        format!("{} {}{}", lever.kind.name(), signed_percent(lever.change), volume.unwrap_or_default()),
        lever.scope(),
        break_even.unwrap_or_default(),
        count(effect.customers as u64),
        amount(effect.result),
    ]
}

/// What becomes of capacity: nobody should take freed minutes for saved money.
fn capacity(scenario: &Scenario, simulation: &Simulation) -> String {
    let moves = scenario.variable_share * 100.0;
    let freed = simulation.capacity_freed;
    let capacity = match freed.cmp(&Money::ZERO) {
        Ordering::Greater => format!("\nLess volume frees capacity of {}, but doesn't save it.", amount(freed)),
        Ordering::Less => {
            format!("\nMore volume needs capacity of {} that must be there.", amount(freed).replace('-', ""))
        }
        Ordering::Equal => String::new(),
    };
    format!(
        "variable_share: {moves:.1} % of the cost of activities moves with volume, the rest is capacity and stays.{capacity}\n\
         Idle and unassigned cost stays."
    )
}

/// `0.05` as `+5.0 %`.
fn signed_percent(share: f64) -> String {
    format!("{:+.1} %", share * 100.0)
}

fn as_json(scenario: &Scenario, window: Window, simulation: &Simulation) -> Value {
    let figure = |figure: &Figure| {
        let [before, after, change] = [figure.before, figure.after, figure.change].map(|money| money.to_string());
        (figure.name.to_owned(), json!({ "before": before, "after": after, "change": change }))
    };
    let lever = |(lever, effect): (&Lever, &Effect)| {
        json!({
            "kind": lever.kind.name(), "change": lever.change, "volume": lever.volume, "tier": lever.tier,
            "market": lever.market, "customer": lever.customer, "customers": effect.customers,
            "result_change": effect.result.to_string(), "break_even_volume_loss": effect.break_even_volume_loss,
        })
    };
    json!({
        "scenario": scenario.name,
        "window": window.to_string(),
        "figures": simulation.figures.iter().map(figure).collect::<Map<_, _>>(),
        "levers": scenario.levers.iter().zip(&simulation.effects).map(lever).collect::<Vec<_>>(),
        "variable_share": scenario.variable_share,
        "capacity_freed_not_saved": simulation.capacity_freed.to_string(),
    })
}
