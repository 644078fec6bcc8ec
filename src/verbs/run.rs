//! `netto run`: turns extracts into published tables and the report.

use std::collections::BTreeMap;

use netto_lake::Lock;
use netto_model::contract;
use netto_model::frame::{DimWindow, Waterfall};
use netto_model::{Money, Period, Warning, Window, column as c};
use polars::prelude::*;
use serde_json::{Value, json};

use crate::agreement;
use crate::cli::{Format, RunArgs};
use crate::config::Config;
use crate::expect::{self, Night};
use crate::failure::Failure;
use crate::journal::{Entry, Journal};
use crate::loads;
use crate::output;
use crate::panics;
use crate::pipeline;
use crate::progress::{self, Progress, say};
use crate::project::{Project, clear};
use crate::results;
use crate::retention;
use crate::storage;
use crate::verbs::base::Base;
use crate::verbs::ingest::load_as_json;
use crate::warnings;

pub(crate) fn run(args: &RunArgs, format: Format) -> Result<(), Failure> {
    let mut project = Project::open(&args.project.project)?;
    let lock = project.lock()?;
    let journal = Journal::of(&project);
    let then = args.as_of.as_ref().map(|name| journal.named(name)).transpose()?;
    if let Some(then) = &then {
        let rules = journal.folder_of(then.number).join("rules");
        let Config { keep, spark, storage, .. } = &project.config;
        let (keep, spark, storage) = (*keep, spark.clone(), storage.clone());
        if !rules.is_dir() {
            let what = format!("the configuration of run #{} is no longer kept", then.number);
            return Err(Failure::usage(
                what,
                "[keep] sets which results `netto vacuum` keeps: runs = 10 keeps more of them",
            ));
        }
        project = project.with_rules(&rules)?;
        // Retention, mirror and engine come from the current configuration, not from the one of the repeated run.
        (project.config.keep, project.config.spark, project.config.storage) = (keep, spark, storage);
    }
    let mut running = journal.begin(&project)?;
    let result = panics::caught(|| work(&project, &lock, args, then.as_ref(), format, &mut running.entry));
    running.finish(&result);
    if project.config.keep.is_some() {
        tidy(&project);
    }
    result?;
    if project.config.storage.is_some() {
        say("push", &storage::push(&project)?.to_string());
    }
    Ok(())
}

/// Removes files that no kept run needs. The result is already published, so an error here doesn't fail the run. Files of a failed
/// run stay for the next one.
fn tidy(project: &Project) {
    let unneeded = project.lake().and_then(|lake| retention::unneeded(project, &lake));
    let said = match unneeded {
        Ok(unneeded) => retention::remove(unneeded.iter().map(|(_, path)| path.as_path())).into_iter().next(),
        Err(failure) => failure.first().map(str::to_owned),
    };
    if let Some(said) = said {
        progress::say("warning", &format!("files that are no longer needed could not be removed: {said}"));
    }
}

fn work(
    project: &Project,
    lock: &Lock,
    args: &RunArgs,
    then: Option<&Entry>,
    format: Format,
    entry: &mut Entry,
) -> Result<(), Failure> {
    let before = Journal::of(project).last_done().and_then(|before| before.took());
    let mut progress = Progress::after(before);
    let mut lake = project.lake()?;
    let mut loaded = Vec::new();
    if let Some(then) = then {
        lake = lake.as_of(&then.lake);
        lake.is_there()?;
        entry.files.clone_from(&then.files);
    } else {
        loaded = pipeline::ingest(project, &lake, &project.quarantine(), args.accept.accept_shrink, &mut progress)?;
        entry.files = loaded.iter().map(|load| (load.source.to_owned(), load.contents.clone())).collect();
    }
    (entry.lake, entry.content) = (lake.versions()?, results::content(&lake)?);
    let last_month = agreement::last_month(project, &lake.periods()?)?;
    entry.data_through = Some(last_month.to_string());
    let found = if args.recompute { None } else { results::same(project, entry) };
    let computed = match &found {
        Some(found) => found.computed(last_month)?,
        None => pipeline::compute(project, &lake, (entry, args.recompute), args.engine, &mut progress)?,
    };
    entry.warnings.clone_from(&computed.warnings);
    entry.months = computed.months;
    let mut all: Vec<Warning> = loaded.iter().flat_map(|report| warnings::of_load(project, report)).collect();
    all.extend(computed.warnings.iter().cloned());
    warnings::refuse(project, &all, args.strict)?;
    let summary = computed.named("window_summary")?;
    let windows = computed.table::<DimWindow>()?;
    let base = Base::of(computed.table::<Waterfall>()?, windows, summary)?;
    entry.windows = windows_as_json(summary, &base)?;
    lock.check()?;
    let (written, mut manifest) = match &found {
        Some(found) => {
            say("publish", &pipeline::named(&found.run));
            (found.run.clone(), found.manifest())
        }
        None => pipeline::write_all(project, &lake, &computed, &mut progress)?,
    };
    // From here on, the next run can reuse the result.
    entry.run_id = Some(written.run_id.clone());
    clear(&project.stages())?;
    let night = Night { project, lake: &lake, computed: &computed, windows: &entry.windows };
    // A repeated run was checked against its expectations at its time.
    let unexpected = if then.is_some() { Vec::new() } else { expect::check(&night)? };
    warnings::said(project, &unexpected);
    all.extend(unexpected);
    lock.check()?;
    let published = pipeline::show(project, &written, &mut progress)?;
    entry.unchanged = published.unchanged;
    entry.timings_ms = progress.timings_ms();
    for (name, part) in
        [("rows", &mut entry.rows), ("set_apart", &mut entry.set_apart), ("balances", &mut entry.balances)]
    {
        *part = manifest[name].take();
    }
    warnings::said(project, &computed.warnings);
    match format {
        Format::Json => output::json(&json!({
            "run_id": published.run_id,
            "folder": published.folder,
            "unchanged": published.unchanged,
            "windows": entry.windows,
            "sources": loaded.iter().map(load_as_json).collect::<Vec<_>>(),
            "set_apart": loads::set_apart_as_json(&lake.set_apart()?),
            "warnings": warnings::as_json(project, &all),
            "months": entry.months,
            "timings_ms": progress.timings_ms(),
        })),
        Format::Table | Format::Csv => {
            output::text(&project.config.company.name);
            let missing = lake.set_apart()?;
            let months = months(computed.table::<Waterfall>()?)?;
            headline(summary, windows, months, &base, !missing.contains_key(contract::COST_POOLS.name))?;
            for line in loads::headline(&missing) {
                output::text(&line);
            }
            let report = project.shown().join("report.html");
            output::text(&format!("\nreport  {}\ntables  {}", report.display(), project.shown().display()));
        }
    }
    progress.done();
    output::next(
        "open the report; `netto explain customer ID` proves a customer's figures, `netto sql` queries the tables",
    );
    Ok(())
}

/// One column per window, main and previous first, then the years, each with its name and its months with data.
fn headline(
    summary: &DataFrame,
    windows: &DataFrame,
    months: (Period, Period),
    base: &Base,
    ties: bool,
) -> Result<(), Failure> {
    let heads = heads(windows, months)?;
    let mut places: Vec<usize> = (0..summary.height()).collect();
    let rows_of = column_of_text(summary, c::WINDOW)?;
    let first = ["main", "previous"];
    places.sort_by_key(|&row| {
        rows_of.get(row).and_then(|name| first.iter().position(|main| main == name)).unwrap_or(first.len())
    });
    let places = places.into_iter().filter_map(|row| IdxSize::try_from(row).ok()).collect();
    let places = IdxCa::from_vec("".into(), places);
    let summary = &summary.take(&places).map_err(|error| Failure::failed("the summary could not be read", &error))?;
    let rows_of = column_of_text(summary, c::WINDOW)?;
    let mut header = vec![String::new()];
    header.extend(rows_of.iter().map(|window| heads.get(window).unwrap_or(window).clone()));
    let mut rows = vec![count_row("Customers", summary, c::CUSTOMERS)?, count_row("Orders", summary, c::ORDERS)?];
    for (text, column) in contract::headline(ties) {
        let amounts = units(summary, column)?.into_iter().zip(&rows_of);
        let amount = |(units, window): (i64, &String)| {
            base.lacks(window, column).map_or_else(|| output::cents(Money::from_units(units)), str::to_owned)
        };
        rows.push([text.to_owned()].into_iter().chain(amounts.map(amount)).collect());
    }
    let unknown = |column: &str| rows_of.iter().all(|window| base.lacks(window, column).is_some());
    if !unknown(c::GROSS_MARGIN) {
        let losing =
            if unknown(c::NET_PROFIT) { "Customers with a margin below zero" } else { "Customers that lose money" };
        rows.push(count_row(losing, summary, c::LOSS_CUSTOMERS)?);
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let numbers: Vec<bool> = (0..header.len()).map(|place| place > 0).collect();
    output::wide(&header, &rows, &numbers);
    Ok(())
}

/// The heading of each window: its name, with the number of months if less than a year, and its months that can have data:
/// `2022 (6 months)` over `2022-07..2022-12`.
fn heads(windows: &DataFrame, (begin, end): (Period, Period)) -> Result<BTreeMap<String, String>, Failure> {
    let days = |name: &str| Ok::<_, PolarsError>(windows.column(name)?.date()?.physical().clone());
    let read = || {
        let (first, last) = (days(c::FIRST_PERIOD)?, days(c::LAST_PERIOD)?);
        let month = |day: Option<i32>| Period::of_day(day.unwrap_or_default());
        Ok::<_, PolarsError>(
            first.iter().zip(last.iter()).map(|(first, last)| (month(first), month(last))).collect::<Vec<_>>(),
        )
    };
    let spans = read().map_err(|error| Failure::failed("the windows could not be read", &error))?;
    let head = |(name, (first, last)): (String, (Period, Period))| {
        let span = Window { first: first.max(begin), last: last.min(end).max(first.max(begin)) };
        let months = span.months();
        let is_year = name.starts_with(|digit: char| digit.is_ascii_digit());
        let year = name.split(' ').next().unwrap_or_default();
        let of_year = if months == 1 { format!("{year} (1 month)") } else { format!("{year} ({months} months)") };
        let head = if is_year && months < 12 { of_year } else { name.clone() };
        (name, format!("{head}\n{span}"))
    };
    Ok(column_of_text(windows, c::WINDOW)?.into_iter().zip(spans).map(head).collect())
}

/// The first and the last month that has figures.
fn months(waterfall: &DataFrame) -> Result<(Period, Period), Failure> {
    let days = waterfall.column(c::PERIOD).and_then(|column| Ok(column.date()?.physical().clone()));
    let days = days.map_err(|error| Failure::failed("the figures could not be read", &error))?;
    let month = |day: Option<i32>| Period::of_day(day.unwrap_or_default());
    Ok((month(days.min()), month(days.max())))
}

fn count_row(text: &str, summary: &DataFrame, column: &str) -> Result<Vec<String>, Failure> {
    let counts = units(summary, column)?.into_iter().map(output::count);
    Ok([text.to_owned()].into_iter().chain(counts).collect())
}

fn windows_as_json(summary: &DataFrame, base: &Base) -> Result<Value, Failure> {
    let mut windows = serde_json::Map::new();
    for (row, window) in column_of_text(summary, c::WINDOW)?.into_iter().enumerate() {
        let mut figures = serde_json::Map::new();
        for column in [c::CUSTOMERS, c::ORDERS, c::LINES, c::LOSS_CUSTOMERS] {
            let count = summary.column(column).and_then(|column| Ok(column.i64()?.get(row)));
            let count = count.map_err(|error| Failure::failed("the summary could not be read", &error))?;
            figures.insert(column.to_owned(), count.into());
        }
        for (_, column) in contract::headline(true) {
            let amount = units(summary, column)?.get(row).map(|units| Money::from_units(*units).to_string());
            let amount = amount.filter(|_| base.lacks(&window, column).is_none());
            figures.insert(column.to_owned(), amount.into());
        }
        windows.insert(window, figures.into());
    }
    Ok(windows.into())
}

fn column_of_text(data: &DataFrame, name: &str) -> Result<Vec<String>, Failure> {
    let column = data.column(name).and_then(|column| Ok(column.str()?.iter().flatten().map(str::to_owned).collect()));
    column.map_err(|error| Failure::failed("the summary could not be read", &error))
}

fn units(data: &DataFrame, name: &str) -> Result<Vec<i64>, Failure> {
    let column = data.column(name).and_then(|column| Ok(column.i64()?.iter().map(Option::unwrap_or_default).collect()));
    column.map_err(|error| Failure::failed("the summary could not be read", &error))
}
