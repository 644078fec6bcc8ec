//! Keeps the results of a run's stages until the run is published, so that after an interruption the next run continues from the last
//! complete stage.
//!
//! ```text
//! #41   ingest · rollup · profit · split · segment · killed         .netto/stages/3f9c…/{rollup,profit,segment}
//! #42   ingest: nothing new · rollup, profit, segment as #41 left them · publish        .netto/stages is gone
//! ```
//! The results depend on the lake, the rules, the last closed month and the program; the folder name is a hash of all of these, so
//! that other results are never used by mistake. A stage of less than a second is not kept, as computing it is faster than reading it.
//! The split keeps its months separately ([`crate::months`]).

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use netto_model::frame::Contract;
use netto_model::{DriverQuantities, Frame, FrameError, Mart, Model, Table, Warning, contract, models};
use netto_profit::Profit;
use netto_publish::Checkpoint;
use netto_rollup::{Rollups, Spanning, SpanningRow};
use netto_segment::Segments;
use polars::prelude::IntoLazy;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::journal::Entry;
use crate::progress::{Progress, say};
use crate::project::{Project, clear};

/// Stages that take at least this long are kept.
const WORTH_KEEPING: Duration = Duration::from_secs(1);

/// The place of the stages' results; none for verbs that aren't runs.
#[derive(Default)]
pub(crate) struct Checkpoints {
    folder: Option<PathBuf>,
    /// The tables of the project's own models.
    own: Vec<&'static Table>,
}

impl Checkpoints {
    /// The checkpoints of a run with these inputs. Results of other inputs are removed, and with `anew` all results.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn of(project: &Project, now: &Entry, own: &[Model], anew: bool) -> Result<Self, Failure> {
        let folder = now.computes_from().map(|name| project.stages().join(name));
        for found in fs::read_dir(project.stages()).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if anew || Some(&found) != folder.as_ref() {
                clear(&found)?;
            }
        }
        let own = own.iter().map(|model| model.table).collect();
        Ok(Self { folder, own })
    }

    /// Runs a stage: takes the result of an interrupted run, or computes and keeps it.
    pub(crate) fn step<T: Kept>(
        &self,
        progress: &mut Progress,
        (stage, doing): (&'static str, &str),
        work: impl FnOnce() -> Result<T, Failure>,
        done: impl FnOnce(&T) -> String,
    ) -> Result<T, Failure> {
        let (started, is_found) = (Instant::now(), Cell::new(false));
        let work = || match self.found(stage) {
            Some(found) => {
                is_found.set(true);
                Ok(found)
            }
            None => work(),
        };
        let said = |made: &T| {
            let said = done(made);
            if is_found.get() { format!("{said}, from the run that was interrupted") } else { said }
        };
        let made = progress.step(stage, doing, work, said)?;
        if !is_found.get() && started.elapsed() >= WORTH_KEEPING {
            self.keep(stage, &made);
        }
        Ok(made)
    }

    fn found<T: Kept>(&self, stage: &str) -> Option<T> {
        let folder = self.folder.as_ref()?.join(stage);
        let Checkpoint { tables, about } = Checkpoint::read(&folder, |name| self.table(name), |_| true)?;
        T::restored(Tables(tables), about)
    }

    /// Keeps a result; errors are ignored, as checkpoints only save time.
    fn keep<T: Kept>(&self, stage: &str, made: &T) {
        let Some(folder) = &self.folder else { return };
        let written = || -> Result<(), Failure> {
            let (tables, about) = made.kept()?;
            let place = folder.join(stage);
            // An existing result is incomplete, otherwise it would have been used.
            clear(&place)?;
            Ok(Checkpoint { tables, about }.write(&place)?)
        };
        if let Err(failure) = written() {
            let why = failure.first().unwrap_or_default();
            say("warning", &format!("the result of the stage {stage} isn't kept for the next run: {why}"));
        }
    }

    fn table(&self, name: &str) -> Option<&'static Table> {
        let own = || self.own.iter().copied().find(|table| table.name == name);
        contract::table(name).or_else(|| models::named(name).map(|model| model.table)).or_else(own)
    }
}

/// The complete stages that a run would find.
pub(crate) fn done(project: &Project, now: &Entry) -> Vec<String> {
    let folder = now.computes_from().map(|name| project.stages().join(name));
    let stages = folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    stages.map(|stage| stage.file_name().display().to_string()).collect()
}

/// A stage's result, as tables and other data.
pub(crate) trait Kept: Sized {
    /// # Errors
    /// When a table doesn't match the contract.
    fn kept(&self) -> Result<(Vec<Mart>, Value), FrameError>;
    /// Restores the result; `None` if a part is missing.
    fn restored(tables: Tables, about: Value) -> Option<Self>;
}

/// Tables that were read.
pub(crate) struct Tables(Vec<Mart>);

impl Tables {
    fn frame<T: Contract>(&mut self) -> Option<Frame<T>> {
        let place = self.0.iter().position(|mart| mart.table.name == T::TABLE.name)?;
        Frame::try_new(self.0.swap_remove(place).data.lazy()).ok()
    }
}

impl Kept for Rollups {
    fn kept(&self) -> Result<(Vec<Mart>, Value), FrameError> {
        let suppliers = self.customer_supplier_month.as_ref().map(Frame::mart);
        let tables = [self.customer_month.mart(), self.driver_quantity.frame()?.mart(), self.event_quantity.mart()];
        Ok((tables.into_iter().chain(suppliers).collect(), json!(self.spanning.rows())))
    }

    fn restored(mut tables: Tables, about: Value) -> Option<Self> {
        let spanning: (Vec<String>, Vec<SpanningRow>) = serde_json::from_value(about).ok()?;
        Some(Self {
            customer_month: tables.frame()?,
            driver_quantity: DriverQuantities::of(&tables.frame()?).ok()?,
            event_quantity: tables.frame()?,
            customer_supplier_month: tables.frame(),
            spanning: Spanning::of_rows(spanning),
        })
    }
}

impl Kept for Profit {
    fn kept(&self) -> Result<(Vec<Mart>, Value), FrameError> {
        let tables = [
            self.waterfall.mart(),
            self.ledger.mart(),
            self.activity_month.mart(),
            self.pool_balance.mart(),
            self.pool_transfer.mart(),
            self.ledger_bridge.mart(),
            self.rebate_progress.mart(),
            self.supplier_rebates.mart(),
            self.cost_band.mart(),
            self.dim_pool.mart(),
            self.dim_activity.mart(),
        ];
        Ok((tables.into(), json!(self.warnings)))
    }

    fn restored(mut tables: Tables, about: Value) -> Option<Self> {
        Some(Self {
            waterfall: tables.frame()?,
            ledger: tables.frame()?,
            activity_month: tables.frame()?,
            pool_balance: tables.frame()?,
            pool_transfer: tables.frame()?,
            ledger_bridge: tables.frame()?,
            rebate_progress: tables.frame()?,
            supplier_rebates: tables.frame()?,
            cost_band: tables.frame()?,
            dim_pool: tables.frame()?,
            dim_activity: tables.frame()?,
            warnings: serde_json::from_value(about).ok()?,
        })
    }
}

impl Kept for Segments {
    fn kept(&self) -> Result<(Vec<Mart>, Value), FrameError> {
        Ok((self.marts.clone(), json!(self.warnings)))
    }

    fn restored(Tables(marts): Tables, about: Value) -> Option<Self> {
        let warnings: Vec<Warning> = serde_json::from_value(about).ok()?;
        Some(Self { marts, warnings })
    }
}
