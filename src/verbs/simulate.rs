//! `netto simulate SCENARIO.toml …`: simulates remedies, and levers on price, volume and cost, on the figures of the last run, and
//! compares several scenarios.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use netto_model::money::SCALE;
use netto_model::{Money, Window, contract};
use netto_segment::scenario::{Lever, Treatment};
use netto_segment::simulate::{Book, CapacityTables, Effect, Figure, Inputs, PoolDemand, Simulation, TreatmentEffect};
use serde_json::{Map, Value, json};

use crate::cli::{Format, SimulateArgs};
use crate::failure::Failure;
use crate::output::{self, amount, count};
use crate::project::Project;
use crate::scenarios::Written;
use crate::verbs::explain::{published, published_table, window};

pub(crate) fn run(args: &SimulateArgs, format: Format) -> Result<(), Failure> {
    let (files, folder) = files_and_project(&args.files);
    let project = Project::open(folder)?;
    let scenarios = files.iter().map(|file| Written::read(file)).collect::<Result<Vec<_>, _>>()?;
    if scenarios.is_empty() {
        let help =
            "`netto simulate scenarios/price.toml PROJECT`; `netto schema scenario` shows the settings of a scenario";
        return Err(Failure::usage("there is no scenario to simulate", help));
    }
    let window = window(&project, &args.window)?;
    let capacity = CapacityTables {
        ledger: &published(&project)?,
        dim_activity: &published(&project)?,
        pool_balance: &published(&project)?,
        visit_work: &published_table(&project, &contract::VISIT_WORK)?,
    };
    let inputs = Inputs {
        waterfall: &published(&project)?,
        customer_window: &published_table(&project, contract::model("customer_window"))?,
        dim_customer: &published(&project)?,
        window_summary: &published_table(&project, contract::model("window_summary"))?,
        remedy: &published_table(&project, contract::model("remedy"))?,
        capacity: Some(capacity),
    };
    let book = Book::of(&inputs, &args.window, window)?;
    let simulated = |written| Written::simulate(written, &book).map(|simulation| (written, simulation));
    let done = scenarios.iter().map(simulated).collect::<Result<Vec<_>, _>>()?;
    match (format, done.as_slice()) {
        (Format::Json, [(written, simulation)]) => output::json(&as_json(written, window, simulation)),
        (Format::Json, several) => output::json(&compared_as_json(window, several)),
        (Format::Table | Format::Csv, [(written, simulation)]) => print(written, window, simulation),
        (Format::Table | Format::Csv, several) => print_compared(window, several),
    }
    Ok(())
}

/// Splits off the last argument if it is the project: a folder, or its netto.toml.
fn files_and_project(files: &[PathBuf]) -> (&[PathBuf], &Path) {
    match files.split_last() {
        Some((last, scenarios)) if last.is_dir() || last.file_name().is_some_and(|name| name == "netto.toml") => {
            (scenarios, last)
        }
        _ => (files, Path::new(".")),
    }
}

fn print(written: &Written, window: Window, simulation: &Simulation) {
    let scenario = &written.scenario;
    output::text(&format!("{} · {window}\n", scenario.name.as_deref().unwrap_or("Simulation")));
    let row = |figure: &Figure| {
        let amounts = [figure.before, figure.after, figure.change].map(amount);
        [figure.name.replace('_', " ")].into_iter().chain(amounts).collect()
    };
    output::table(&["", "Before", "After", "Change"], &simulation.figures.iter().map(row).collect::<Vec<_>>(), 1);
    output::text("");
    if !scenario.remedies.is_empty() {
        let treatments = scenario.remedies.iter().zip(&simulation.treatments);
        let rows: Vec<Vec<String>> = treatments.map(|(treatment, effect)| treatment_row(treatment, effect)).collect();
        output::table(
            &["Remedy", "For", "Customers", "Volume lost", "Cost saved", "Expected change of result"],
            &rows,
            2,
        );
        output::text("");
    }
    if !scenario.levers.is_empty() {
        let levers = scenario.levers.iter().zip(&simulation.effects);
        let rows: Vec<Vec<String>> = levers.map(|(lever, effect)| lever_row(lever, effect)).collect();
        output::table(&["Lever", "For", "Break-even volume", "Customers", "Change of result"], &rows, 3);
        output::text("");
    }
    print_demand(&[(written, simulation)]);
    output::text(&capacity(written, simulation));
}

/// Prints the demanded minutes of each pool against its practical capacity, if any pool has one.
fn print_demand(scenarios: &[(&Written, &Simulation)]) {
    let pools = scenarios.first().map(|(_, simulation)| simulation.demand.as_slice()).unwrap_or_default();
    if pools.is_empty() {
        return;
    }
    let after = |place: usize| {
        let demand = scenarios.iter().filter_map(move |(_, simulation)| simulation.demand.get(place));
        demand.map(|pool| format!("{}{}", minutes(pool.after), utilization(pool)))
    };
    let row = |(place, pool): (usize, &PoolDemand)| {
        [pool.pool.clone(), minutes(pool.practical), minutes(pool.before)].into_iter().chain(after(place)).collect()
    };
    let labels =
        scenarios.iter().map(|(written, _)| if scenarios.len() > 1 { written.label() } else { "Demanded after" });
    let header: Vec<&str> =
        ["Minutes of the pool", "Practical capacity", "Demanded now"].into_iter().chain(labels).collect();
    output::table(&header, &pools.iter().enumerate().map(row).collect::<Vec<_>>(), 1);
    output::text("");
}

fn minutes(minutes: Money) -> String {
    count(u64::try_from(minutes.units() / SCALE).unwrap_or_default())
}

/// ` (97.5 %)`, with a remark if it exceeds capacity.
#[expect(clippy::cast_precision_loss, reason = "a share, not money")]
fn utilization(pool: &PoolDemand) -> String {
    let share = pool.after.units() as f64 / pool.practical.units() as f64;
    format!(" ({:.1} %{})", share * 100.0, if pool.after > pool.practical { ", too much" } else { "" })
}

/// Prints each figure as it is now and in each scenario.
fn print_compared(window: Window, scenarios: &[(&Written, Simulation)]) {
    output::text(&format!("{} scenarios against doing nothing · {window}\n", scenarios.len()));
    let labels = scenarios.iter().map(|(written, _)| written.label());
    let header: Vec<&str> = ["", "Doing nothing"].into_iter().chain(labels).collect();
    output::table(&header, &rows_of_figures(scenarios), 1);
    output::text("");
    print_demand(&scenarios.iter().map(|(written, simulation)| (*written, simulation)).collect::<Vec<_>>());
    let mut lines = Vec::new();
    if scenarios.iter().any(|(written, _)| !written.scenario.remedies.is_empty()) {
        lines.push(EXPECTED);
    }
    lines.push("Freed capacity doesn't save cost by itself; a negative number is capacity that is needed and must be available. Idle and unassigned cost doesn't change.");
    output::text(&lines.join("\n"));
}

fn rows_of_figures(scenarios: &[(&Written, Simulation)]) -> Vec<Vec<String>> {
    let figures = scenarios.first().map(|(_, simulation)| simulation.figures.as_slice()).unwrap_or_default();
    let row = |(place, figure): (usize, &Figure)| {
        let after = scenarios.iter().filter_map(|(_, simulation)| simulation.figures.get(place));
        let amounts = [figure.before].into_iter().chain(after.map(|figure| figure.after)).map(amount);
        [figure.name.replace('_', " ")].into_iter().chain(amounts).collect()
    };
    let mut rows: Vec<Vec<String>> = figures.iter().enumerate().map(row).collect();
    let changes = scenarios.iter().filter_map(|(_, simulation)| Some(amount(simulation.figures.last()?.change)));
    rows.push(["change of result".to_owned(), String::new()].into_iter().chain(changes).collect());
    let freed = scenarios.iter().map(|(_, simulation)| amount(simulation.capacity_freed));
    rows.push(["capacity freed".to_owned(), String::new()].into_iter().chain(freed).collect());
    rows
}

const EXPECTED: &str = "Remedies are expected values: the gain if customers stay, less the loss from those that leave.";

fn treatment_row(treatment: &Treatment, effect: &TreatmentEffect) -> Vec<String> {
    let amounts = [effect.volume_lost, effect.cost_saved, effect.result].map(amount);
    let words = [treatment.remedy.replace('_', " "), treatment.scope(), count(effect.customers as u64)];
    words.into_iter().chain(amounts).collect()
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

/// Describes the effect on capacity, so that freed minutes aren't mistaken for saved money.
fn capacity(written: &Written, simulation: &Simulation) -> String {
    let scenario = &written.scenario;
    let mut lines = Vec::new();
    if !scenario.levers.is_empty() {
        lines.push(format!(
            "variable_share: {:.1} % of the cost of activities changes with volume; the rest is capacity and doesn't change.",
            scenario.variable_share * 100.0
        ));
    }
    if !scenario.remedies.is_empty() {
        lines.push(EXPECTED.into());
    }
    let freed = simulation.capacity_freed;
    let less = if scenario.remedies.is_empty() { "Less volume frees" } else { "Less volume and work free" };
    match freed.cmp(&Money::ZERO) {
        Ordering::Greater => {
            let save = if scenario.remedies.is_empty() { "doesn't save it" } else { "don't save it" };
            lines.push(format!("{less} capacity of {}, but {save}.", amount(freed)));
        }
        Ordering::Less => {
            let needed = amount(freed).replace('-', "");
            lines.push(format!("More volume needs capacity of {needed}, which must be available."));
        }
        Ordering::Equal => {}
    }
    lines.push("Idle and unassigned cost doesn't change.".into());
    lines.join("\n")
}

/// `0.05` as `+5.0 %`.
fn signed_percent(share: f64) -> String {
    format!("{:+.1} %", share * 100.0)
}

fn compared_as_json(window: Window, scenarios: &[(&Written, Simulation)]) -> Value {
    let before: Option<Map<_, _>> = scenarios.first().map(|(_, simulation)| {
        simulation.figures.iter().map(|figure| (figure.name.to_owned(), json!(figure.before.to_string()))).collect()
    });
    json!({
        "window": window.to_string(),
        "doing_nothing": before.unwrap_or_default(),
        "scenarios": scenarios.iter().map(|(written, simulation)| as_json(written, window, simulation)).collect::<Vec<_>>(),
    })
}

fn as_json(written: &Written, window: Window, simulation: &Simulation) -> Value {
    let scenario = &written.scenario;
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
    let treatment = |(treatment, effect): (&Treatment, &TreatmentEffect)| {
        json!({
            "remedy": treatment.remedy, "tier": treatment.tier, "market": treatment.market, "customer": treatment.customer,
            "customers": effect.customers, "result_change": effect.result.to_string(),
            "volume_lost": effect.volume_lost.to_string(), "cost_saved": effect.cost_saved.to_string(),
            "capacity_freed_not_saved": effect.capacity_freed.to_string(),
        })
    };
    let demand = |pool: &PoolDemand| {
        let (idle, over) = pool.idle_and_over();
        let [practical, before, after, idle, over] =
            [pool.practical, pool.before, pool.after, idle, over].map(|minutes| minutes.to_string());
        json!({
            "pool": pool.pool, "practical_minutes": practical, "used_minutes": before, "demanded_minutes": after,
            "idle_minutes": idle, "over_capacity_minutes": over,
        })
    };
    json!({
        "file": written.file,
        "scenario": scenario.name,
        "window": window.to_string(),
        "figures": simulation.figures.iter().map(figure).collect::<Map<_, _>>(),
        "remedies": scenario.remedies.iter().zip(&simulation.treatments).map(treatment).collect::<Vec<_>>(),
        "levers": scenario.levers.iter().zip(&simulation.effects).map(lever).collect::<Vec<_>>(),
        "variable_share": scenario.variable_share,
        "capacity_freed_not_saved": simulation.capacity_freed.to_string(),
        "capacity": simulation.demand.iter().map(demand).collect::<Vec<_>>(),
    })
}
