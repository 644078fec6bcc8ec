//! `netto plan`: shows what a run would do now, per stage and month, and why. It reads extracts to compare them, but changes nothing.

use std::collections::BTreeMap;

use netto_lake::{Lake, Pending, UnknownCustomer};
use netto_model::money::counted;
use netto_model::{Period, Table, contract};
use serde_json::{Value, json};

use crate::agreement;
use crate::checkpoints;
use crate::cli::{Format, ProjectArgs};
use crate::failure::Failure;
use crate::journal::{Entry, Journal};
use crate::output;
use crate::pipeline;
use crate::project::Project;
use crate::results;
use crate::rules;

pub(crate) fn run(args: &ProjectArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project)?;
    let lake = Lake::look(&project.state().join("lake"))?;
    let steps = steps(&project, &lake)?;
    match format {
        Format::Json => output::json(
            &json!({ "work": !steps.is_empty(), "steps": steps.iter().map(Step::as_json).collect::<Vec<_>>() }),
        ),
        Format::Table | Format::Csv if steps.is_empty() => {
            output::text("nothing to do: the result is up to date with extracts and configuration");
        }
        Format::Table | Format::Csv => {
            let row =
                |step: &Step| vec![step.stage.to_owned(), step.what.clone(), step.months.clone(), step.why.join("; ")];
            output::sentences(&["Stage", "What", "Months", "Why"], &steps.iter().map(row).collect::<Vec<_>>());
        }
    }
    // Pending work is not an error, but has its own exit code.
    if steps.is_empty() { Ok(()) } else { Err(Failure::config(Vec::new())) }
}

/// A step that a run would do.
#[derive(Debug)]
struct Step {
    stage: &'static str,
    what: String,
    /// The months; empty if only reading would show them.
    months: String,
    why: Vec<String>,
}

impl Step {
    fn as_json(&self) -> Value {
        json!({ "stage": self.stage, "what": self.what, "months": self.months, "why": self.why })
    }
}

fn steps(project: &Project, lake: &Lake) -> Result<Vec<Step>, Failure> {
    let journal = Journal::of(project);
    let last = journal.last_done();
    let read_before = journal.last_first().find(|entry| !entry.files.is_empty());
    let pending = pipeline::pending(project, lake)?;
    let mut steps = Vec::new();
    for (source, of) in pending.iter().filter(|(_, of)| !of.fresh.is_empty()) {
        let before = read_before.as_ref().and_then(|entry| entry.files.get(source.name));
        let months = of.months.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        steps.push(Step { stage: "ingest", what: source.name.to_owned(), months, why: why_read(of, before) });
    }
    steps.extend(perhaps(project, &pending));
    let why =
        why_compute(project, lake, last.as_ref(), &steps.iter().map(|step| step.what.as_str()).collect::<Vec<_>>())?;
    let found = if steps.is_empty() && !why.is_empty() && read_before.is_some() {
        results::ready(project, lake)?
    } else {
        None
    };
    if let Some(found) = found {
        let what = format!("run {}, whose tables are already computed", found.run.run_id);
        let why = why.into_iter().take(1).collect();
        steps.push(Step { stage: "publish", what, months: String::new(), why });
    } else if !why.is_empty() {
        let months = months(lake)?;
        let wanted = [
            ("rollup", "order lines → customers and drivers", true),
            ("profit", "cost pools → customers", true),
            ("split", "the ledger → orders, products, suppliers", project.config.facts.wants_any()),
            ("segment", "analyses", true),
            ("publish", "tables and report, if they differ", true),
        ];
        // New data change the inputs, so no earlier result applies.
        let left =
            if steps.is_empty() { checkpoints::done(project, &results::now(project, lake)?) } else { Vec::new() };
        let is_left = |stage: &str| left.iter().any(|left| left == stage);
        let done: Vec<&str> = wanted.iter().map(|(stage, ..)| *stage).filter(|stage| is_left(stage)).collect();
        let mut why = why;
        if !done.is_empty() {
            why.push(format!("the interrupted run had finished {}", done.join(", ")));
        }
        for (stage, what, _) in wanted.into_iter().filter(|(stage, _, wanted)| *wanted && !is_left(stage)) {
            steps.push(Step { stage, what: what.to_owned(), months: months.clone(), why: why.clone() });
        }
    }
    Ok(steps)
}

/// Number of files in a message.
const SHOWN: usize = 3;

fn why_read(of: &Pending, before: Option<&BTreeMap<String, String>>) -> Vec<String> {
    if !of.loaded {
        return vec![format!("never loaded: {}", counted(of.fresh.len() as u64, "file", "files"))];
    }
    let Some(before) = before else {
        return vec!["the extract, its settings, or the data that its rows are checked against changed".to_owned()];
    };
    let names = |files: Vec<&String>, what: &str| {
        let (many, shown) = (files.len(), files.iter().take(SHOWN).map(|name| name.as_str()).collect::<Vec<_>>());
        let more = many.checked_sub(SHOWN).filter(|more| *more > 0).map(|more| format!(" and {more} more"));
        (many > 0).then(|| format!("{what} {}{}", shown.join(", "), more.unwrap_or_default()))
    };
    let new = of.contents.keys().filter(|name| !before.contains_key(*name)).collect();
    let gone = before.keys().filter(|name| !of.contents.contains_key(*name)).collect();
    let changed = of.contents.iter().filter(|(name, content)| before.get(*name).is_some_and(|was| was != *content));
    let why: Vec<String> =
        [names(changed.map(|(name, _)| name).collect(), "changed:"), names(new, "new:"), names(gone, "gone:")]
            .into_iter()
            .flatten()
            .collect();
    if why.is_empty() {
        return vec![
            "the files are the same; their settings, or the data that their rows are checked against, changed"
                .to_owned(),
        ];
    }
    why
}

/// A possible reload of order lines: they are checked against customers and valued by products and rates, which are reloaded.
fn perhaps(project: &Project, pending: &[(&'static Table, Pending)]) -> Option<Step> {
    let lines = project.config.source.get(contract::ORDER_LINES.name)?;
    let fresh = |table: &Table| pending.iter().any(|(source, of)| **source == *table && !of.fresh.is_empty());
    if fresh(&contract::ORDER_LINES) {
        return None;
    }
    let by = [
        (&contract::CUSTOMERS, lines.on_unknown_customer != UnknownCustomer::Separate),
        (&contract::PRODUCTS, lines.cost_from_products || lines.list_from_products),
        (&contract::FX_RATES, true),
    ];
    let by: Vec<&str> =
        by.into_iter().filter(|(table, asks)| *asks && fresh(table)).map(|(table, _)| table.name).collect();
    (!by.is_empty()).then(|| Step {
        stage: "ingest",
        what: contract::ORDER_LINES.name.to_owned(),
        months: String::new(),
        why: vec![format!("perhaps: lines depend on {}, which is read again", by.join(" and "))],
    })
}

/// Why everything after the lake is recomputed; `None` if it isn't.
fn why_compute(project: &Project, lake: &Lake, last: Option<&Entry>, read: &[&str]) -> Result<Vec<String>, Failure> {
    let mut why = Vec::new();
    if !read.is_empty() {
        why.push(format!("read again: {}", read.join(", ")));
    }
    let Some(last) = last else {
        why.push("there is no result yet".to_owned());
        return Ok(why);
    };
    if last.config != rules::hash(project) {
        why.push("the configuration, a model or a scenario changed".to_owned());
    }
    if last.netto != env!("CARGO_PKG_VERSION") {
        why.push(format!("the last result was made by netto {}", last.netto));
    } else if last.program != results::program() {
        why.push("the last result was made by another build of netto".to_owned());
    }
    let is_published = last.run_id.as_deref().is_some_and(|id| {
        project.current().join("manifest.json").exists() && project.published_id().as_deref() == Some(id)
    });
    if !is_published {
        why.push("out/current isn't the last result".to_owned());
    }
    // Versions of sources that will be reloaded can't be compared yet.
    if read.is_empty() {
        if lake.versions()? != last.lake {
            why.push("the lake changed since the last result".to_owned());
        }
        let through = agreement::last_month(project, &lake.periods()?)?.to_string();
        if let Some(before) = last.data_through.as_ref().filter(|before| **before != through) {
            why.push(format!("the last closed month is {through}; before it was {before}"));
        }
    }
    Ok(why)
}

/// `36 months, 2023-01 to 2025-12`, as in the lake before the run.
fn months(lake: &Lake) -> Result<String, Failure> {
    let months = lake.periods()?;
    let ends = |first: &Period, last: &Period| {
        format!("{}, {first} to {last}", counted(months.len() as u64, "month", "months"))
    };
    Ok(months.first().zip(months.last()).map(|(first, last)| ends(first, last)).unwrap_or_default())
}
