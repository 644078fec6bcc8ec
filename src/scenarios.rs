//! The scenarios of a project, `scenarios/*.toml`, which every run simulates and compares.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use netto_model::frame::{DimCustomer, DimWindow, Waterfall};
use netto_model::{Frame, Mart, Period, Warning, Window, column as c};
use netto_segment::Segments;
use netto_segment::scenario::Scenario;
use netto_segment::scenario_result::{self, Compared};
use netto_segment::simulate::{Book, Inputs, Simulation};
use polars::prelude::IntoLazy;

use crate::document::Document;
use crate::failure::Failure;
use crate::pipeline::made;
use crate::project::Project;

/// A scenario with its text, so that an error is shown with its line.
#[derive(Debug)]
pub(crate) struct Written {
    /// Its file without the ending.
    pub(crate) file: String,
    pub(crate) scenario: Scenario,
    document: Document,
}

impl Written {
    /// Reads and checks a scenario.
    ///
    /// # Errors
    /// All errors, each with its line.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let help = "name the scenarios and then the project: `netto simulate scenarios/price.toml PROJECT`";
        let document = Document::read(path, help)?;
        let scenario: Scenario = document.parse("scenario")?;
        document.refuse(scenario.check())?;
        let file = path.file_stem().map(|stem| stem.display().to_string()).unwrap_or_default();
        Ok(Self { file, scenario, document })
    }

    /// Simulates the scenario.
    ///
    /// # Errors
    /// When it applies to no customer, with the line.
    pub(crate) fn simulate(&self, book: &Book) -> Result<Simulation, Failure> {
        self.document.refuse(book.strangers(&self.scenario))?;
        Ok(book.simulate(&self.scenario)?)
    }

    /// Its name, or its file name if it has none.
    pub(crate) fn label(&self) -> &str {
        self.scenario.name.as_deref().unwrap_or(&self.file)
    }
}

/// The scenarios of a project, by file.
///
/// # Errors
/// All errors of the first invalid scenario, each with its line.
pub(crate) fn of_project(project: &Project) -> Result<Vec<Written>, Failure> {
    let files = netto_lake::files(&project.config.scenarios.files, project.rules());
    let mut names: BTreeMap<PathBuf, &PathBuf> = BTreeMap::new();
    for file in &files {
        let name = file.file_stem().map(PathBuf::from).unwrap_or_default();
        if let Some(other) = names.insert(name, file) {
            let what = format!("two scenarios have the same name: {} and {}", other.display(), file.display());
            return Err(Failure::usage(
                what,
                "rename one of the files: the file name without its ending is the name of the scenario",
            ));
        }
    }
    files.iter().map(|file| Written::read(file)).collect()
}

/// The scenarios side by side, on the figures of the main window.
///
/// # Errors
/// When a table is invalid. A scenario for customers or a market that no longer exist is left out, so that it doesn't stop a
/// scheduled run.
pub(crate) fn compared(
    scenarios: &[Written],
    segments: &Segments,
    waterfall: &Frame<Waterfall>,
) -> Result<(Mart, Vec<Warning>), Failure> {
    if scenarios.is_empty() {
        return Ok((scenario_result::table(&[])?, Vec::new()));
    }
    let inputs = Inputs {
        waterfall,
        customer_window: made(&segments.marts, "customer_window")?,
        dim_customer: &frame::<DimCustomer>(segments)?,
        window_summary: made(&segments.marts, "window_summary")?,
        remedy: made(&segments.marts, "remedy")?,
        capacity: None,
    };
    let windows = frame::<DimWindow>(segments)?;
    let book = Book::of(&inputs, "main", window(&windows, "main")?)?;
    let (mut compared, mut warnings) = (Vec::new(), Vec::new());
    for written in scenarios {
        if let Some(problem) = book.strangers(&written.scenario).into_iter().next() {
            let said = format!("the scenario `{}` is skipped: {}", written.file, problem.message);
            let warning = Warning::disagreement("scenario_for_nobody", said).at(["scenarios"]);
            warnings.push(problem.help.map_or(warning.clone(), |help| warning.with_help(help)));
            continue;
        }
        let (scenario, label) = (written.file.clone(), written.label().to_owned());
        compared.push(Compared { scenario, label, simulation: written.simulate(&book)? });
    }
    Ok((scenario_result::table(&compared)?, warnings))
}

/// A window by name.
///
/// # Errors
/// When there is no such window.
pub(crate) fn window(windows: &Frame<DimWindow>, name: &str) -> Result<Window, Failure> {
    let find = || -> polars::prelude::PolarsResult<Option<Window>> {
        let data = windows.data();
        let row = data.column(c::WINDOW)?.str()?.iter().position(|window| window == Some(name));
        let month = |column: &str, row: usize| {
            let day = data.column(column)?.date()?.physical().get(row).unwrap_or_default();
            Ok::<_, polars::prelude::PolarsError>(Period::of_day(day))
        };
        row.map(|row| Ok(Window { first: month(c::FIRST_PERIOD, row)?, last: month(c::LAST_PERIOD, row)? })).transpose()
    };
    let found = find().map_err(|error| Failure::failed("the windows could not be read", &error))?;
    found.ok_or_else(|| {
        Failure::usage(
            format!("there is no window `{name}`"),
            "the windows are main, previous, and the calendar years of the data",
        )
    })
}

fn frame<T: netto_model::frame::Contract>(segments: &Segments) -> Result<Frame<T>, Failure> {
    let made = segments.table::<T>().map(|mart| Frame::try_new(mart.data.clone().lazy())).transpose()?;
    Ok(made.unwrap_or_else(Frame::empty))
}
