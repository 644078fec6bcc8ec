//! `netto check`: reads and checks everything like a run, into a temporary lake.

use std::path::{Path, PathBuf};

use netto_model::{Warning, column as c};
use polars::prelude::*;
use serde_json::json;

use crate::agreement;
use crate::checkpoints::Checkpoints;
use crate::cli::{CheckArgs, Engine, Format};
use crate::failure::Failure;
use crate::output;
use crate::own_models;
use crate::pipeline;
use crate::progress::Progress;
use crate::project::Project;
use crate::scenarios;
use crate::verbs::{check_source, ingest, marts};
use crate::warnings;

pub(crate) fn run(args: &CheckArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    if args.marts {
        return marts::run(&project, format);
    }
    let _lock = project.lock_of_check()?;
    scenarios::of_project(&project)?;
    own_models::of_project(&project)?;
    let scratch = Scratch::new(&project.state().join("check"))?;
    let lake = project.lake_in(&scratch.folder)?;
    let quarantine = project.quarantine().join("check");
    let mut progress = Progress::default();
    let loads = pipeline::ingest(&project, &lake, &quarantine, false, &mut progress)?;
    // Errors of a run are shown after the loads.
    let figures = pipeline::figures(&project, &lake, &Checkpoints::default(), Engine::Netto, &mut progress);
    let mut warnings: Vec<Warning> = loads.iter().flat_map(|load| warnings::of_load(&project, load)).collect();
    warnings.extend(loads.iter().flat_map(warnings::without_effect));
    match &figures {
        Ok(figures) => warnings.extend(figures.warnings.iter().cloned()),
        Err(_) => warnings.extend(agreement::warnings(&project, &lake)?),
    }
    let last_month = project.config.closed_through().or(lake.periods()?.last().copied());
    let readiness = lake.readiness(last_month)?;
    let unread = |error| Failure::failed("the readiness of the data could not be read", &error);
    let missing = missing(readiness.sources.data()).map_err(unread)?;
    let gaps = gaps(readiness.sources.data()).map_err(unread)?;
    let open = open_questions(readiness.questions.data()).map_err(unread)?;
    match format {
        Format::Json => output::json(&json!({
            "sources": loads.iter().map(ingest::load_as_json).collect::<Vec<_>>(),
            "overview": loads.iter().map(check_source::as_json).collect::<Vec<_>>(),
            "missing": missing.iter().map(|(source, enables)| json!({"source": source, "enables": enables})).collect::<Vec<_>>(),
            "gaps": gaps.iter().map(|(source, gap)| json!({"source": source, "gap": gap})).collect::<Vec<_>>(),
            "open_questions": open.iter().map(Open::as_json).collect::<Vec<_>>(),
            "warnings": warnings::as_json(&project, &warnings),
        })),
        Format::Table | Format::Csv => {
            ingest::table(&loads);
            loads.iter().for_each(check_source::show);
            let split: u64 = loads.iter().map(|load| load.split_orders).sum();
            if split > 0 {
                output::text(&format!(
                    "\n{} orders have lines in two months: each order counts once, in the month of its first line",
                    output::count(split)
                ));
            }
            for load in loads.iter().filter(|load| load.rows_quarantined > 0) {
                if let Some(file) = &load.quarantine_file {
                    output::text(&format!("rows of {} set apart: {}", load.source, file.display()));
                }
            }
            warnings::listed(&project, &warnings);
            if !missing.is_empty() {
                output::text("\nNot supplied, and what it would add:");
                let rows: Vec<Vec<String>> =
                    missing.into_iter().map(|(source, enables)| vec![source, enables]).collect();
                output::table(&["Source", "Adds"], &rows, 2);
            }
            if !gaps.is_empty() {
                output::text("\nGaps in the supplied data:");
                let rows: Vec<Vec<String>> = gaps.into_iter().map(|(source, gap)| vec![source, gap]).collect();
                output::sentences(&["Source", "Gap"], &rows);
            }
            if !open.is_empty() {
                output::text("\nQuestions that the data answer partly or not at all:");
                let rows: Vec<Vec<String>> = open.into_iter().flat_map(Open::rows).collect();
                output::sentences(&["", "Question", "Answered", "Missing", "Consequence"], &rows);
            }
        }
    }
    progress.done();
    figures?;
    warnings::refuse(&project, &warnings, args.strict)?;
    output::next("`netto run` publishes; the points above can be corrected before or after it");
    Ok(())
}

/// The sources that aren't supplied, each with the analyses that it would enable.
fn missing(readiness: &DataFrame) -> PolarsResult<Vec<(String, String)>> {
    let sources = readiness.column(c::SOURCE)?.str()?;
    let supplied = readiness.column("supplied")?.bool()?;
    let enables = readiness.column("enables")?.str()?;
    let rows = sources.iter().zip(supplied.iter()).zip(enables.iter());
    let absent = rows.filter(|((_, supplied), _)| *supplied == Some(false));
    Ok(absent.map(|((source, _), enables)| (text(source), text(enables))).collect())
}

/// Outdated data, and references to ids that no source has, by source.
fn gaps(readiness: &DataFrame) -> PolarsResult<Vec<(String, String)>> {
    let sources = readiness.column(c::SOURCE)?.str()?;
    let whole = |name: &str| Ok::<_, PolarsError>(readiness.column(name)?.i64()?.clone());
    let (rows, behind, orphans) = (whole(c::ROWS)?, whole(c::DAYS_BEHIND)?, whole(c::ORPHANS)?);
    let (examples, empty) = (readiness.column(c::ORPHAN_EXAMPLES)?.str()?, readiness.column(c::EMPTY_COLUMNS)?.str()?);
    let mut gaps = Vec::new();
    for row in 0..readiness.height() {
        let source = text(sources.get(row));
        let mut say = |gap: String| gaps.push((source.clone(), gap));
        if let Some(days) = behind.get(row).filter(|days| *days > 31) {
            say(format!("ends {days} days before the end of the last closed month"));
        }
        if let Some(count) = orphans.get(row).filter(|count| *count > 0) {
            let (count, of) = (output::count(count), output::count(rows.get(row).unwrap_or_default()));
            say(format!("{count} of {of} rows refer to an id that is in no source ({})", text(examples.get(row))));
        }
        if let Some(columns) = empty.get(row) {
            say(format!("no values in {columns}"));
        }
    }
    Ok(gaps)
}

/// A question that the data answer partly or not at all, with the missing data and the consequence.
struct Open {
    number: i64,
    question: String,
    answered: String,
    missing: String,
    consequence: String,
}

/// The open questions, those without any answer first.
fn open_questions(questions: &DataFrame) -> PolarsResult<Vec<Open>> {
    let texts = |name: &str| Ok::<_, PolarsError>(questions.column(name)?.str()?.clone());
    let numbers = questions.column(c::QUESTION_NO)?.i64()?;
    let (question, answered) = (texts(c::QUESTION)?, texts(c::ANSWERED)?);
    let (missing, consequence) = (texts(c::MISSING)?, texts(c::CONSEQUENCE)?);
    let row = |row: usize| Open {
        number: numbers.get(row).unwrap_or_default(),
        question: text(question.get(row)),
        answered: text(answered.get(row)),
        missing: text(missing.get(row)),
        consequence: text(consequence.get(row)),
    };
    let mut open: Vec<Open> = (0..questions.height()).map(row).filter(|open| open.answered != "yes").collect();
    open.sort_by_key(|open| (open.answered != "no", open.number));
    Ok(open)
}

impl Open {
    fn as_json(&self) -> serde_json::Value {
        json!({
            "question_no": self.number,
            "question": self.question,
            "answered": self.answered,
            "missing": self.missing,
            "consequence": self.consequence,
        })
    }

    /// One line per missing item, with the question on the first line.
    fn rows(self) -> Vec<Vec<String>> {
        let costs = self.consequence.split("; ").map(str::to_owned);
        let lines = self.missing.split("; ").map(str::to_owned).zip(costs).enumerate();
        let row = |(line, (missing, cost)): (usize, (String, String))| {
            let first = |text: &str| if line == 0 { text.to_owned() } else { String::new() };
            vec![first(&self.number.to_string()), first(&self.question), first(&self.answered), missing, cost]
        };
        lines.map(row).collect()
    }
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// A folder that is removed after the check.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn new(folder: &Path) -> Result<Self, Failure> {
        let scratch = Self { folder: folder.to_owned() };
        scratch.remove();
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::failed(format!("{} can't be made", folder.display()), &error))?;
        Ok(scratch)
    }

    fn remove(&self) {
        // If this fails, the next check removes the folder.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove();
    }
}
