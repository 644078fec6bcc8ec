//! Runs the analyses that are SQL files ([`netto_model::models`]), and the project's own, one after another.
//!
//! ```text
//! models/customers/whale_curve.sql   reads customer_window, declares and makes the table whale_curve
//! ```
//! A model may read tables of earlier stages, the analyses in Rust, and tables of other models, which are computed first ([`schedule`]).

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;
use std::sync::{Mutex, PoisonError};

use netto_model::frame::{FrameError, polars_type};
use netto_model::model::Audit;
use netto_model::models::{models, readable};
use netto_model::{Frame, Mart, Model, Money, Query, Role, Step, Table, Type};
use polars::prelude::*;

use crate::functions::context;
use crate::schedule;
use crate::settings::Settings;
use crate::{Inputs, SegmentConfig, SegmentError};

/// The tables that models read, by name; inputs that were not supplied are absent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables(BTreeMap<&'static str, DataFrame>);

impl Tables {
    /// The tables of earlier stages, and the lists of the configuration.
    pub(crate) fn of(inputs: &Inputs<'_>, settings: Vec<Mart>) -> Self {
        let known = [inputs.cost_band.mart(), inputs.customers.mart(), inputs.products.mart()];
        let supplied = [
            inputs.employees.map(Frame::mart),
            inputs.prospects.map(Frame::mart),
            inputs.events.map(Frame::mart),
            inputs.deviations.map(Frame::mart),
            inputs.stock.map(Frame::mart),
            inputs.receivables.map(Frame::mart),
            inputs.goals.map(Frame::mart),
            inputs.budgets.map(Frame::mart),
            inputs.actions.map(Frame::mart),
            inputs.event_quantity.map(Frame::mart),
        ];
        let of_orders = inputs.orders.into_iter().flat_map(|orders| orders.tables.clone());
        let mut tables = Self::default();
        for mart in inputs
            .of_profit
            .iter()
            .cloned()
            .chain(known)
            .chain(supplied.into_iter().flatten())
            .chain(inputs.facts.iter().cloned())
            .chain(of_orders)
            .chain(inputs.order_products.cloned())
            .chain(settings)
        {
            tables.insert(mart.table, mart.data);
        }
        tables
    }

    /// Adds tables.
    pub(crate) fn extend(&mut self, marts: &[Mart]) {
        for mart in marts {
            self.insert(mart.table, mart.data.clone());
        }
    }

    /// A table, if it was made.
    pub(crate) fn get(&self, name: &str) -> Option<&DataFrame> {
        self.0.get(name)
    }

    /// Adds a table.
    pub(crate) fn insert(&mut self, table: &'static Table, data: DataFrame) {
        self.0.insert(table.name, data);
    }

    /// A plan that scans a table, or an empty one if it wasn't made.
    pub(crate) fn plan(&self, table: &'static Table) -> LazyFrame {
        self.get(table.name).cloned().unwrap_or_else(|| Mart::empty(table).data).lazy()
    }
}

/// A model as an engine reads it: with shorthands expanded and settings inserted.
#[derive(Clone, Debug)]
pub struct Text {
    /// The model.
    pub model: &'static Model,
    /// Its SELECT.
    pub sql: String,
    /// Queries for rows that violate a rule, each with the rule.
    pub audits: Vec<(String, String)>,
}

/// The built-in models for another engine, each after the models that it reads.
///
/// # Errors
/// When a model refers to a setting that doesn't exist.
pub fn texts(config: &SegmentConfig) -> Result<Vec<Text>, SegmentError> {
    let settings = Settings::of(config);
    let sql = |query: &Query| query.sql(&|name| settings.literal(name));
    let text = |model: &'static Model| {
        let audits = model.audits.iter().map(|audit| Ok((audit.rule.clone(), sql(&audit.query)?)));
        Ok(Text { model, sql: sql(&model.query)?, audits: audits.collect::<Result<_, SegmentError>>()? })
    };
    models().iter().map(text).collect()
}

/// The lists of the configuration that models read, as tables.
///
/// # Errors
/// When one isn't what the contract says.
pub fn lists(config: &SegmentConfig) -> Result<Vec<Mart>, SegmentError> {
    Settings::of(config).tables()
}

/// Runs models on empty tables, so that their faults show when they are read.
///
/// # Errors
/// The name of the first model that doesn't match its declaration, and why.
pub fn tried(own: &[Model], config: &SegmentConfig) -> Result<(), (&'static str, String)> {
    let mut tables = Tables::default();
    let readable = readable().into_iter().chain(models().iter().map(|model| model.table));
    tables.extend(&readable.map(Mart::empty).collect::<Vec<_>>());
    for model in own {
        let made = computed(&[model], &mut tables, Settings::of(config));
        made.map_err(|error| (model.table.name, reason(&error)))?;
    }
    Ok(())
}

/// The error with the engine's explanation.
fn reason(error: &SegmentError) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !said.contains(&more) {
            said = format!("{said}: {more}");
        }
        source = error.source();
    }
    said
}

/// A model that is computed some months at a time, from a fact that is too large to keep in memory.
pub(crate) struct Monthly {
    model: &'static Model,
    steps: Vec<Step>,
}

impl Monthly {
    /// All built-in monthly models.
    pub(crate) fn all(config: &SegmentConfig) -> Result<Vec<Self>, SegmentError> {
        let settings = Settings::of(config);
        let monthly = models().iter().filter(|model| model.monthly);
        monthly.map(|model| Ok(Self { model, steps: steps(&model.query, settings)? })).collect()
    }

    /// Its table, and whether it is passed on without being kept.
    pub(crate) const fn table(&self) -> (&'static Table, bool) {
        (self.model.table, self.model.passing)
    }

    /// Its rows for the months that are in `tables`; columns in the order of the contract.
    pub(crate) fn months(&self, tables: &Tables) -> Result<DataFrame, SegmentError> {
        let table = self.model.table;
        let columns: Vec<Expr> = table.columns.iter().map(|column| col(column.name)).collect();
        let of = |table: &'static Table| tables.plan(table);
        let rows =
            plan(&self.model.query, &self.steps, of).and_then(|plan| typed(table, plan)?.select(columns).collect());
        Ok(rows.map_err(|source| FrameError::Engine { table: table.name, source })?)
    }

    /// All months together; with `added_up`, rows with the same key are summed, and their texts take the minimum.
    pub(crate) fn whole(&self, months: Vec<DataFrame>, added_up: bool) -> Result<Mart, SegmentError> {
        let table = self.model.table;
        let months = [Mart::empty(table).data].into_iter().chain(months).map(IntoLazy::lazy).collect::<Vec<_>>();
        let engine = |source| FrameError::Engine { table: table.name, source };
        let plan = concat(months, UnionArgs::default()).map_err(engine)?;
        if !added_up {
            return Ok(Mart::try_new(table, plan)?);
        }
        let keys: Vec<Expr> = table.keys().map(|key| col(key.name)).collect();
        let rest = table.columns.iter().filter(|column| column.role != Role::Key);
        let added = rest.map(|column| match column.ty {
            Type::Integer | Type::Decimal => col(column.name).sum(),
            _ => col(column.name).min(),
        });
        Ok(Mart::try_new(table, plan.group_by(keys).agg(added.collect::<Vec<_>>()))?)
    }
}

/// Computes a built-in model, after those that it reads; existing tables aren't computed again.
///
/// # Errors
/// As [`computed`].
pub(crate) fn computed_for(name: &str, tables: &mut Tables, settings: Settings<'_>) -> Result<Vec<Mart>, SegmentError> {
    let (mut needed, missing) = (BTreeSet::from([name]), missing(tables));
    // Each model comes after those that it reads.
    for model in missing.iter().rev() {
        if needed.contains(model.table.name) {
            needed.extend(model.query.tables().iter().map(|table| table.name));
        }
    }
    let wanted: Vec<&Model> = missing.into_iter().filter(|model| needed.contains(model.table.name)).collect();
    computed(&wanted, tables, settings)
}

/// The built-in models whose tables don't exist yet.
pub(crate) fn missing(tables: &Tables) -> Vec<&'static Model> {
    models().iter().filter(|model| tables.get(model.table.name).is_none()).collect()
}

/// Computes models and adds each table for later models. What doesn't wait for each other runs in parallel: models, and the audits of their rows.
///
/// # Errors
/// When the engine fails, a result differs from its declaration, or a row breaks a rule; of several errors the first in the order of the models.
pub(crate) fn computed(
    models: &[&Model],
    tables: &mut Tables,
    settings: Settings<'_>,
) -> Result<Vec<Mart>, SegmentError> {
    let models: Vec<&Model> = models.iter().copied().filter(|model| !model.monthly).collect();
    let tasks: Vec<Task<'_>> = models.iter().flat_map(|model| Task::of(model)).collect();
    let makes = |table: &str| tasks.iter().position(|task| task.audit.is_none() && task.model.table.name == table);
    let after: Vec<Vec<usize>> = tasks.iter().map(|task| task.reads().filter_map(makes).collect()).collect();
    let shared = Mutex::new(&mut *tables);
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    schedule::run(&after, |place| {
        let (task, tables) = (&tasks[place], lock().clone());
        let Some(audit) = task.audit else {
            let mart = computed_one(task.model, &tables, settings)?;
            lock().insert(mart.table, mart.data);
            return Ok(());
        };
        if has_sources(task.model, &tables) { audited(task.model, audit, &tables, settings) } else { Ok(()) }
    })?;
    let published = models.into_iter().filter(|model| !model.internal).map(|model| model.table);
    Ok(published.filter_map(|table| Some(Mart { table, data: tables.get(table.name)?.clone() })).collect())
}

/// What is to do for a model: to compute it, or to look for rows that break one of its rules.
struct Task<'a> {
    model: &'a Model,
    audit: Option<&'a Audit>,
}

impl<'a> Task<'a> {
    fn of(model: &'a Model) -> impl Iterator<Item = Self> {
        let audits = model.audits.iter().map(Some);
        [None].into_iter().chain(audits).map(move |audit| Self { model, audit })
    }

    /// The tables that must be there before.
    fn reads(&self) -> impl Iterator<Item = &str> {
        let query = self.audit.map_or(&self.model.query, |audit| &audit.query);
        query.tables().iter().map(|table| table.name).chain(self.model.needs.iter().map(String::as_str))
    }
}

/// Whether all its required tables exist.
fn has_sources(model: &Model, tables: &Tables) -> bool {
    model.needs.iter().all(|needed| tables.0.contains_key(needed.as_str()))
}

fn computed_one(model: &Model, tables: &Tables, settings: Settings<'_>) -> Result<Mart, SegmentError> {
    if !has_sources(model, tables) {
        return Ok(Mart::empty(model.table));
    }
    let engine = |source| FrameError::Engine { table: model.table.name, source };
    let steps = steps(&model.query, settings)?;
    let plan_of = |of: &dyn Fn(&'static Table) -> LazyFrame| {
        plan(&model.query, &steps, of).and_then(|plan| typed(model.table, plan)).map_err(engine)
    };
    let rows = model.row_by_row.and_then(|name| Some((name, tables.get(name)?.height()))).filter(|(_, rows)| *rows > 1);
    let Some((name, rows)) = rows else {
        return Ok(Mart::try_new(model.table, plan_of(&|table| tables.plan(table))?)?);
    };
    let rows_of = |row: usize| {
        let one = |table: &'static Table| {
            let plan = tables.plan(table);
            if table.name == name { plan.slice(i64::try_from(row).unwrap_or(i64::MAX), 1) } else { plan }
        };
        plan_of(&one)?.collect().map_err(engine).map(IntoLazy::lazy)
    };
    let pieces = (0..rows).map(rows_of).collect::<Result<Vec<_>, _>>()?;
    Ok(Mart::try_new(model.table, concat(pieces, UnionArgs::default()).map_err(engine)?)?)
}

/// A query as Polars runs it, with settings inserted.
fn steps(query: &Query, settings: Settings<'_>) -> Result<Vec<Step>, SegmentError> {
    Ok(query.steps(&|name| settings.literal(name))?)
}

/// The plan of a query; `of` gives the tables that it reads. A named step is computed once as a table, however often it is read: nested plans grow with each
/// step, and planning took longer than running. The table is dropped once no later step reads it.
fn plan(query: &Query, steps: &[Step], of: impl Fn(&'static Table) -> LazyFrame) -> PolarsResult<LazyFrame> {
    let mut tables: BTreeMap<&str, LazyFrame> = query.tables().iter().map(|table| (table.name, of(table))).collect();
    for (place, step) in steps.iter().enumerate() {
        // Each step has its own context, so that its names don't leak into the next step.
        let mut context = context();
        for name in &step.reads {
            let later = steps[place + 1..].iter().any(|step| step.reads.contains(name));
            let table = if later { tables.get(name.as_str()).cloned() } else { tables.remove(name.as_str()) };
            if let Some(table) = table {
                context.register(name, table);
            }
        }
        let plan = context.execute(&step.sql)?;
        let Some(name) = &step.name else { return Ok(plan) };
        tables.insert(name, plan.collect()?.lazy());
    }
    Ok(LazyFrame::default())
}

/// Fails with the first row that an audit finds.
fn audited(model: &Model, audit: &Audit, tables: &Tables, settings: Settings<'_>) -> Result<(), SegmentError> {
    let table = model.table.name;
    let engine = |source| FrameError::Engine { table, source };
    let steps = steps(&audit.query, settings)?;
    let found = plan(&audit.query, &steps, |table| tables.plan(table)).and_then(LazyFrame::collect).map_err(engine)?;
    if found.height() == 0 {
        return Ok(());
    }
    let is_amount = |name: &str| {
        let of = |table: &&Table| table.column(name).is_some_and(|column| column.ty == Type::Decimal);
        AMOUNTS.contains(&name) || audit.query.tables().iter().any(of)
    };
    let cell = |column: &Column| Ok(format!("{} {}", column.name(), shown(&column.get(0)?, is_amount(column.name()))));
    let row = found.columns().iter().map(cell).collect::<PolarsResult<Vec<_>>>().map_err(engine)?;
    Err(SegmentError::Audit { table, rule: audit.rule.clone(), rows: found.height(), row: row.join(", ") })
}

/// Columns of audits that hold amounts although no table declares them.
const AMOUNTS: [&str; 2] = ["found", "expected"];

fn shown(value: &AnyValue<'_>, is_amount: bool) -> String {
    match value {
        AnyValue::Int64(units) if is_amount => Money::from_units(*units).to_string(),
        _ => value.get_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}

/// Casts whole numbers and ratios, whose types the engine chooses, to the types that the model declares.
fn typed(table: &Table, mut plan: LazyFrame) -> PolarsResult<LazyFrame> {
    let found = plan.collect_schema()?;
    let casts = table.columns.iter().filter_map(|column| {
        let (found, wanted) = (found.get(column.name)?, polars_type(column.ty));
        let fits = match wanted {
            DataType::Int64 => found.is_integer(),
            DataType::Float64 => found.is_float() || found.is_integer(),
            _ => false,
        };
        (*found != wanted && (fits || found.is_null())).then(|| col(column.name).strict_cast(wanted))
    });
    let casts: Vec<Expr> = casts.collect();
    Ok(if casts.is_empty() { plan } else { plan.with_columns(casts) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::column as c;
    use netto_model::contract::{DIM_WINDOW, FCT_ORDER};

    #[test]
    fn every_model_runs_on_empty_tables() {
        let config = SegmentConfig::default();
        tried(models(), &config).unwrap();
        let mut no_orders = Tables::default();
        no_orders.extend(&[Mart::empty(&FCT_ORDER)]);
        for model in Monthly::all(&config).unwrap() {
            let month = model.months(&no_orders).unwrap();
            assert_eq!(model.whole(vec![month], true).unwrap().data.height(), 0);
        }
    }

    #[test]
    fn a_model_that_asks_for_it_works_on_one_row_at_a_time() {
        let text = |how: &str| {
            format!(
                "-- seen: Windows, and how many of them are seen at once.\n-- grain: window\n-- key: window_id\n{how}\
                 select\n    window_id, -- text: Window\n    count(*) over () as windows -- count: Windows that are seen\nfrom dim_window\n"
            )
        };
        let mut tables = Tables::default();
        let mut windows = Mart::empty(&DIM_WINDOW).data;
        let row = |name: &str| {
            let columns = DIM_WINDOW.columns.iter().map(|column| match column.name {
                c::WINDOW => Column::new(c::WINDOW.into(), [name]),
                other => Column::full_null(other.into(), 1, &polars_type(column.ty)),
            });
            DataFrame::new_infer_height(columns.collect()).unwrap()
        };
        for name in ["2024", "2025", "main"] {
            windows.vstack_mut(&row(name)).unwrap();
        }
        tables.insert(&DIM_WINDOW, windows);
        let config = SegmentConfig::default();
        let seen = |how: &str| {
            let model = Model::parse(&text(how), &[&DIM_WINDOW]).unwrap();
            let made = computed_one(&model, &tables, Settings::of(&config)).unwrap().data;
            made.column("windows").unwrap().i64().unwrap().iter().flatten().collect::<Vec<_>>()
        };
        assert_eq!((seen(""), seen("-- row by row: dim_window\n")), (vec![3, 3, 3], vec![1, 1, 1]));
    }
}
