//! Runs the stages in sequence; each passes its tables to the next and knows nothing else about it.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use netto_lake::{KeyKind, Lake, LakeError, LoadReport, LoadRequest, Lock, Pending, Readiness};
use netto_model::frame::{Contract, DimCustomer, DimWindow, EventQuantity, PoolBalance};
use netto_model::money::{counted, decimal};
use netto_model::{Frame, Mart, Model, Period, Problem, Table, Warning, column as c, contract};
use netto_profit::{Groups, Method, Profit, ShareBy};
use netto_publish::report::{Meta, UNNAMED, render};
use netto_publish::{About, Complete, Members, Publication, Published, Showing, SinkName, Streamed, star};
use netto_rollup::spark::{self, Cluster};
use netto_rollup::{Driver, RollupError, Rollups, Route, Spanning};
use netto_segment::Segments;
use polars::prelude::{DataFrame, IntoLazy, JoinArgs, JoinType, PolarsError, col, lit};
use serde_json::{Value, json};

use crate::agreement;
use crate::checkpoints::Checkpoints;
use crate::cli::Engine;
use crate::config::Config;
use crate::dimensions;
use crate::facts::{Facts, facts};
use crate::failure::Failure;
use crate::journal::Entry;
use crate::loads;
use crate::log;
use crate::months::Counted;
use crate::output::count;
use crate::own_models;
use crate::progress::{Progress, say};
use crate::project::{Project, clear};
use crate::scenarios;
use crate::sources::Sources;
use crate::warnings;

/// The sources that order lines are checked against or valued by.
const BEFORE_ORDER_LINES: [&Table; 3] = [&contract::CUSTOMERS, &contract::PRODUCTS, &contract::FX_RATES];

/// Maximum number of unused columns that are listed for a source.
const UNMAPPED_SHOWN: usize = 10;

/// Loads every configured source into the lake, in dependency order. A source whose months shrink is not loaded, unless that is
/// accepted.
pub(crate) fn ingest(
    project: &Project,
    lake: &Lake,
    quarantine: &Path,
    accept_shrink: bool,
    progress: &mut Progress,
) -> Result<Vec<LoadReport>, Failure> {
    let mut reports = Vec::new();
    let (mut known_customers, mut products, mut rates) = (None, None, None);
    for source in in_order() {
        let Some(config) = project.config.source.get(source.name) else { continue };
        let request = LoadRequest {
            source,
            config,
            base: &project.folder,
            quarantine,
            known_customers: known_customers.as_ref(),
            currency: Some(&project.config.company.currency),
            rates: rates.as_ref(),
            products: products.as_ref(),
            accept_shrink,
        };
        let report =
            progress.step_over("ingest", source.name, || lake.load(&request), loads::line, |load| load.rows_read);
        let report = report.map_err(|error| at_its_line(project, source, error))?;
        match *source {
            contract::CUSTOMERS => known_customers = Some(customer_ids(lake)?),
            contract::PRODUCTS => products = Some(lake.product_versions()?),
            contract::FX_RATES => rates = Some(lake.rates()?),
            _ => {}
        }
        warnings::said(project, &warnings::of_load(project, &report));
        for column in report.unmapped_columns.iter().take(UNMAPPED_SHOWN) {
            say("", &format!("column `{column}` of the extract is not used: map it, or list it in `ignore`"));
        }
        if let Some(more) = report.unmapped_columns.len().checked_sub(UNMAPPED_SHOWN).filter(|more| *more > 0) {
            let more = counted(more as u64, "more column is", "more columns are");
            say("", &format!("{more} not used: `netto ingest --format json` lists them"));
        }
        reports.push(report);
    }
    Ok(reports)
}

/// Adds the configuration's line to an error about something that the extracts lack.
fn at_its_line(project: &Project, source: &Table, error: LakeError) -> Failure {
    let key = match &error {
        LakeError::NoFiles { .. } => vec!["source", source.name, "files"],
        LakeError::Workbook { setting, .. } => vec!["source", source.name, "excel", setting],
        LakeError::MissingColumn { target: Some(target), .. } => match target.as_str() {
            list @ ("where" | "ignore" | "fill_down") => vec!["source", source.name, list],
            target => vec!["source", source.name, "columns", target],
        },
        _ => return error.into(),
    };
    if !project.document.has(&key) {
        return error.into();
    }
    let item =
        if let LakeError::MissingColumn { column, .. } = &error { project.document.item(&key, column) } else { None };
    let key = key.into_iter().map(str::to_owned).chain(item);
    let problem = Problem::at(key, error.to_string());
    let problem = error.help().into_iter().fold(problem, Problem::with_help);
    Failure::config(project.document.faults(vec![problem]))
}

/// The sources in load order.
fn in_order() -> impl Iterator<Item = &'static Table> {
    let others = contract::SOURCES.iter().copied().filter(|table| !BEFORE_ORDER_LINES.contains(table));
    BEFORE_ORDER_LINES.into_iter().chain(others)
}

/// What a load of each source would do now, in load order.
///
/// # Errors
/// When extracts can't be found or read.
pub(crate) fn pending(project: &Project, lake: &Lake) -> Result<Vec<(&'static Table, Pending)>, Failure> {
    let (customers, products, rates) = (customer_ids(lake)?, lake.product_versions()?, lake.rates()?);
    let has = |table: &Table| project.config.source.contains_key(table.name);
    let mut all = Vec::new();
    for source in in_order() {
        let Some(config) = project.config.source.get(source.name) else { continue };
        let request = LoadRequest {
            source,
            config,
            base: &project.folder,
            quarantine: &project.quarantine(),
            known_customers: has(&contract::CUSTOMERS).then_some(&customers),
            currency: Some(&project.config.company.currency),
            rates: has(&contract::FX_RATES).then_some(&rates),
            products: has(&contract::PRODUCTS).then_some(&products),
            accept_shrink: false,
        };
        all.push((source, lake.pending(&request)?));
    }
    Ok(all)
}

fn customer_ids(lake: &Lake) -> Result<HashSet<String>, Failure> {
    let Some(customers) = lake.table(&contract::CUSTOMERS)? else { return Ok(HashSet::new()) };
    let ids =
        customers.column(c::CUSTOMER_ID).and_then(|ids| Ok(ids.str()?.iter().flatten().map(str::to_owned).collect()));
    ids.map_err(|error| Failure::failed("the customers could not be read", &error))
}

/// All results of a run.
#[derive(Debug)]
pub(crate) struct Computed {
    pub(crate) marts: Vec<Mart>,
    /// Tables that were already written, month by month, and become visible with the others.
    pub(crate) streamed: Vec<Streamed>,
    /// The keys of their dimension members.
    pub(crate) members: Members,
    /// Number of months split now, and of months taken from earlier runs.
    pub(crate) months: Counted,
    pub(crate) warnings: Vec<Warning>,
    /// Last month of the main window.
    pub(crate) last_month: Period,
}

impl Computed {
    /// A table, by its type.
    pub(crate) fn table<T: Contract>(&self) -> Result<&DataFrame, Failure> {
        self.named(T::TABLE.name)
    }

    /// A table, by its name.
    pub(crate) fn named(&self, name: &str) -> Result<&DataFrame, Failure> {
        made(&self.marts, name)
    }
}

/// A table that must have been made.
pub(crate) fn made<'a>(marts: &'a [Mart], name: &str) -> Result<&'a DataFrame, Failure> {
    let mart = marts.iter().find(|mart| mart.table.name == name);
    mart.map(|mart| &mart.data).ok_or_else(|| {
        let what = format!("the table `{name}` was not computed");
        Failure::no_data(what, "this is a defect of netto: please report it")
    })
}

/// The profit of every customer and the assignment of cost; everything except the finer facts and the analyses.
pub(crate) struct Figures {
    months: BTreeMap<Period, Vec<PathBuf>>,
    pub(crate) last_month: Period,
    sources: Sources,
    pub(crate) profit: Profit,
    spanning: Spanning,
    event_quantity: Frame<EventQuantity>,
    pub(crate) warnings: Vec<Warning>,
}

/// Computes rollup and profit from the lake, after checking configuration and data against each other.
///
/// # Errors
/// An empty main window, or any failed computation.
pub(crate) fn figures(
    project: &Project,
    lake: &Lake,
    checkpoints: &Checkpoints,
    engine: Engine,
    progress: &mut Progress,
) -> Result<Figures, Failure> {
    let config = &project.config;
    let last_month = agreement::last_month(project, &lake.periods()?)?;
    let mut warnings = agreement::warnings(project, lake)?;
    let sources = Sources::read(lake)?;
    let months = lake.months()?;
    let rollups = checkpoints.step(
        progress,
        ("rollup", "order lines → customers and drivers"),
        || rollups(project, lake, &months, &sources, engine),
        |rollups| {
            let by = if engine == Engine::Spark { ", by Spark" } else { "" };
            let rows = count(rollups.customer_month.height() as u64);
            format!("{rows} customer months of {} months{by}", months.len())
        },
    )?;
    let groups = groups(&sources, &rollups, config, last_month)?;
    let profit = checkpoints.step(
        progress,
        ("profit", "cost pools → customers"),
        || {
            let inputs = netto_profit::Inputs {
                customer_month: &rollups.customer_month,
                driver_quantity: &rollups.driver_quantity,
                cost_pools: &sources.cost_pools,
                rebates: sources.rebates.as_ref(),
                supplier_month: rollups.customer_supplier_month.as_ref(),
                receivables: sources.receivables.as_ref(),
                employees: sources.employees.as_ref(),
                groups: &groups,
                last_month,
            };
            Ok(netto_profit::profit(&inputs, &config.profit())?)
        },
        |profit| format!("{} amounts assigned, every pool balances", count(profit.ledger.height() as u64)),
    )?;
    warnings.extend(profit.warnings.iter().cloned());
    let Rollups { spanning, event_quantity, .. } = rollups;
    Ok(Figures { months, last_month, sources, profit, spanning, event_quantity, warnings })
}

/// Computes rollup, profit, split and segment from the lake, continuing an interrupted run.
pub(crate) fn compute(
    project: &Project,
    lake: &Lake,
    (now, anew): (&Entry, bool),
    engine: Engine,
    progress: &mut Progress,
) -> Result<Computed, Failure> {
    let config = &project.config;
    let scenarios = scenarios::of_project(project)?;
    let own = own_models::of_project(project)?;
    let checkpoints = Checkpoints::of(project, now, &own, anew)?;
    let figures = figures(project, lake, &checkpoints, engine, progress)?;
    let Figures { months, last_month, sources, profit, spanning, event_quantity, mut warnings } = figures;
    let named = dimensions::Named::of(lake)?;
    let facts = if config.facts.wants_any() {
        progress.step(
            "split",
            "the ledger → orders, products, suppliers",
            || facts(project, lake, &months, &sources, &profit, &spanning, (&named.members, anew)),
            |facts| {
                let rows = count(facts.streamed_rows());
                format!("{rows} orders and lines, every table ties; {}", facts.months)
            },
        )?
    } else {
        Facts::default()
    };
    let segments = checkpoints.step(
        progress,
        ("segment", "pyramid, whale curve, sales force, remedies"),
        || segments(&sources, &profit, &facts, &event_quantity, config, &own, last_month),
        |segments| {
            let rows = |mart: Option<&Mart>| mart.map_or(0, |mart| mart.data.height() as u64);
            let (customers, windows) = (rows(segments.table::<DimCustomer>()), rows(segments.table::<DimWindow>()));
            format!("{} customers in {windows} windows", count(customers))
        },
    )?;
    let (compared, left_out) = scenarios::compared(&scenarios, &segments, &profit.waterfall)?;
    warnings.extend(left_out);
    let readiness = lake.readiness(Some(last_month))?;
    warnings.extend(segments.warnings.iter().cloned());
    let mut marts = marts(&profit, segments, &readiness, compared);
    marts.extend(facts.marts);
    let members = dimensions::complete(&mut marts, &facts.streamed, named)?;
    Ok(Computed { marts, streamed: facts.streamed, members, months: facts.months, warnings, last_month })
}

fn rollups(
    project: &Project,
    lake: &Lake,
    months: &BTreeMap<Period, Vec<PathBuf>>,
    sources: &Sources,
    engine: Engine,
) -> Result<Rollups, Failure> {
    let (customers, orders) = (lake.keys(KeyKind::Customer)?, lake.keys(KeyKind::Order)?);
    let events = events(lake)?;
    let drivers = drivers(&project.config)?;
    let suppliers = suppliers_with_rebates(lake, sources)?;
    let inputs = netto_rollup::Inputs {
        months,
        customers: &customers,
        orders: &orders,
        events: &events,
        drivers: &drivers,
        suppliers: suppliers.as_ref(),
    };
    match engine {
        Engine::Netto => Ok(netto_rollup::rollup(&inputs, Route::Kernel)?),
        Engine::Spark => by_spark(project, &inputs),
    }
}

fn by_spark(project: &Project, inputs: &netto_rollup::Inputs<'_>) -> Result<Rollups, Failure> {
    let (config, scratch) = (&project.config.spark, project.exchange());
    // Locks the shared folder, as two projects in one folder would use each other's tables.
    let lock = |folder: &PathBuf| Lock::acquire(&project.folder.join(folder).join("netto.lock"));
    let _lock = config.folder.as_ref().map(lock).transpose()?;
    let cluster = Cluster { config, project: &project.folder, scratch: &scratch };
    let at_its_line = |error: RollupError| {
        let RollupError::Spark(of_spark) = &error else { return error.into() };
        let at_setting = project.at_setting("spark", of_spark.setting(), of_spark, of_spark.help());
        at_setting.unwrap_or_else(|| error.into())
    };
    spark::rollup(inputs, cluster, &mut |line| log::note("rollup", line)).map_err(at_its_line)
}

/// The products, by key, of suppliers with agreed rebates, and from when to when they came from them; `None` if there are none.
pub(crate) fn suppliers_with_rebates(lake: &Lake, sources: &Sources) -> Result<Option<DataFrame>, Failure> {
    let Some(rebates) = &sources.rebates else { return Ok(None) };
    let by = |column| [col(column)];
    let agreed = rebates.lazy().filter(col(c::SUPPLIER_ID).neq(lit(""))).select(by(c::SUPPLIER_ID));
    let of_products = sources
        .products
        .over_time(&[c::SUPPLIER_ID])
        .join(agreed, by(c::SUPPLIER_ID), by(c::SUPPLIER_ID), JoinArgs::new(JoinType::Semi))
        .join(lake.keys(KeyKind::Product)?.lazy(), by(c::PRODUCT_ID), by(c::PRODUCT_ID), JoinArgs::new(JoinType::Inner))
        .select([col(c::PRODUCT_KEY), col(c::SUPPLIER_ID), col(c::VALID_FROM), col(c::VALID_TO)])
        .collect()
        .map_err(|error| Failure::failed("the products of suppliers could not be read", &error))?;
    Ok((of_products.height() > 0).then_some(of_products))
}

/// The sources besides order lines that activities can be measured on.
fn events(lake: &Lake) -> Result<BTreeMap<&'static str, DataFrame>, Failure> {
    let mut events = BTreeMap::new();
    for table in [&contract::ACTIVITIES, &contract::DEVIATIONS, &contract::RECEIVABLES, &contract::STOCK] {
        if let Some(rows) = lake.table(table)? {
            events.insert(table.name, rows);
        }
    }
    Ok(events)
}

/// The expressions of the activities, for the rollup to sum.
pub(crate) fn drivers(config: &Config) -> Result<Vec<Driver>, Failure> {
    let measured = config.activity.iter().filter_map(|(name, activity)| {
        let expression = activity.expression()?;
        let by_warehouse = config.pool.get(&activity.pool).is_some_and(|pool| pool.by.is_some());
        Some(expression.and_then(|expression| {
            let filter = activity.filter().transpose()?;
            let minutes = activity.method == Method::Time;
            let (activity, source) = (name.clone(), activity.source);
            Ok(Driver { activity, source, expression, filter, minutes, by_warehouse })
        }))
    });
    measured.collect::<Result<_, _>>().map_err(|error: netto_model::expression::ExpressionError| {
        Failure::usage(error.to_string(), "`netto check` shows the line of the configuration")
    })
}

/// The customer groups (tiers and markets) for which activities have fixed shares.
fn groups(sources: &Sources, rollups: &Rollups, config: &Config, last_month: Period) -> Result<Groups, Failure> {
    let wanted = |by| config.activity.values().any(|activity| activity.by == Some(by));
    let mut groups = Groups::default();
    if wanted(ShareBy::Tier) {
        groups.tiers = netto_segment::revenue_tiers(&rollups.customer_month, last_month, &config.segment)?;
    }
    if wanted(ShareBy::Market) {
        groups.markets = netto_segment::markets(&sources.customers)?;
    }
    Ok(groups)
}

fn segments(
    sources: &Sources,
    profit: &Profit,
    facts: &Facts,
    event_quantity: &Frame<EventQuantity>,
    config: &Config,
    own: &[Model],
    last_month: Period,
) -> Result<Segments, Failure> {
    let of_profit = of_profit(profit);
    let inputs = netto_segment::Inputs {
        of_profit: &of_profit,
        waterfall: &profit.waterfall,
        pool_balance: &profit.pool_balance,
        cost_band: &profit.cost_band,
        customers: &sources.customers,
        products: &sources.products,
        employees: sources.employees.as_ref(),
        prospects: sources.prospects.as_ref(),
        events: sources.activities.as_ref(),
        deviations: sources.deviations.as_ref(),
        stock: sources.stock.as_ref(),
        receivables: sources.receivables.as_ref(),
        goals: sources.goals.as_ref(),
        budgets: sources.budgets.as_ref(),
        actions: sources.actions.as_ref(),
        facts: &facts.marts,
        orders: facts.orders.as_ref(),
        order_products: facts.order_products.as_ref(),
        event_quantity: Some(event_quantity),
        last_month,
    };
    let mut segments = netto_segment::segment(&inputs, &config.segment, own)?;
    // Goals may be measured on every other table.
    let others: Vec<Mart> =
        of_profit.iter().cloned().chain(segments.marts.clone()).chain(facts.marts.clone()).collect();
    let goals = netto_segment::goals(&inputs, &config.segment, &config.goal_rules(), &others)?;
    segments.marts.extend(goals);
    Ok(segments)
}

/// Every table that the profit stage makes.
fn of_profit(profit: &Profit) -> Vec<Mart> {
    vec![
        profit.dim_pool.mart(),
        profit.dim_activity.mart(),
        profit.waterfall.mart(),
        profit.ledger.mart(),
        profit.activity_month.mart(),
        profit.pool_balance.mart(),
        profit.pool_transfer.mart(),
        profit.ledger_bridge.mart(),
        profit.rebate_progress.mart(),
    ]
}

/// Every table that is published, but for the facts.
fn marts(profit: &Profit, segments: Segments, readiness: &Readiness, scenarios: Mart) -> Vec<Mart> {
    let mut marts = of_profit(profit);
    marts.extend([readiness.sources.mart(), readiness.questions.mart(), readiness.set_apart.mart(), scenarios]);
    marts.extend(segments.marts);
    // In the order of the contract, whoever made them.
    let order: Vec<&str> = contract::marts().map(|table| table.name).collect();
    marts.sort_by_key(|mart| order.iter().position(|name| *name == mart.table.name).unwrap_or(order.len()));
    marts
}

/// Renders the report and writes all tables beside those that readers see.
pub(crate) fn write_all(
    project: &Project,
    lake: &Lake,
    computed: &Computed,
    progress: &mut Progress,
) -> Result<(Complete, Value), Failure> {
    let work = || -> Result<(Complete, Value), Failure> {
        clear(&project.sinks())?;
        let report = render(&computed.marts, &project.config.report, &meta(&project.config, UNNAMED))?;
        let star = star(&computed.marts, &computed.members)?;
        let versions = lake.versions()?;
        let manifest = manifest(project, lake, &versions, computed, &star)?;
        let (marts, streamed, out) = (&star, &computed.streamed, project.out());
        let about = about(&project.config, &versions, computed);
        let written = netto_publish::write(&Publication {
            marts,
            streamed,
            report: &report,
            config: &project.config.publish,
            base: &project.folder,
            staging: &project.sinks(),
            out: &out,
            keep: kept(project),
            manifest: manifest.clone(),
            about: &about,
        })?;
        Ok((written, manifest))
    };
    progress.step("publish", "tables and report", work, |(run, _)| named(run))
}

/// What is said of a complete run.
pub(crate) fn named(run: &Complete) -> String {
    let what = if run.is_shown { "nothing changed since run" } else { "run" };
    format!("{what} {}", run.run_id)
}

/// Runs that stay. Where `[keep]` is set, that decides, at the end of the run.
fn kept(project: &Project) -> usize {
    project.config.keep.map_or(netto_publish::KEPT, |_| usize::MAX)
}

/// Shows a complete run to readers.
pub(crate) fn show(project: &Project, run: &Complete, progress: &mut Progress) -> Result<Published, Failure> {
    let (config, tables) = (&project.config.publish, published_tables(project)?);
    let showing = Showing { tables: &tables, config, base: &project.folder, out: &project.out(), keep: kept(project) };
    let work = || netto_publish::show(run, &showing);
    let published = if config.sinks.contains(&SinkName::Postgres) {
        progress.step("publish", "publishing to the database", work, |_| "the database has the tables".to_owned())?
    } else {
        work()?
    };
    clear(&project.staging())?;
    for note in &published.notes {
        say("", note);
    }
    Ok(published)
}

/// Every table that a run may publish.
pub(crate) fn published_tables(project: &Project) -> Result<Vec<&'static Table>, Failure> {
    let own = own_models::of_project(project)?;
    let own = own.iter().filter(|model| !model.internal).map(|model| model.table);
    Ok(netto_model::star::tables(contract::marts().chain(contract::FACTS.iter().copied()).chain(own)))
}

/// What the tables say of the run that they are of.
fn about(config: &Config, versions: &BTreeMap<String, i64>, computed: &Computed) -> About {
    let version = |source: &&Table| Some(format!("{} {}", source.name, versions.get(source.name)?));
    let lake: Vec<String> = contract::SOURCES.iter().filter_map(version).collect();
    About {
        company: config.company.name.clone(),
        currency: config.company.currency.clone(),
        last_month: computed.last_month,
        netto: env!("CARGO_PKG_VERSION").to_owned(),
        lake: lake.join(", "),
    }
}

/// Where a result came from. It is a part of what the run's id is made from: nothing in it changes where the result doesn't.
fn manifest(
    project: &Project,
    lake: &Lake,
    versions: &BTreeMap<String, i64>,
    computed: &Computed,
    star: &[Mart],
) -> Result<Value, Failure> {
    let marts = star.iter().map(|mart| (mart.table.name.to_owned(), mart.data.height().into()));
    let streamed = computed.streamed.iter().map(|table| (table.table.name.to_owned(), table.rows.into()));
    let run = (contract::DIM_RUN.name.to_owned(), 1.into());
    let rows: serde_json::Map<String, Value> = marts.chain(streamed).chain([run]).collect();
    Ok(json!({
        "netto": env!("CARGO_PKG_VERSION"),
        "company": project.config.company.name,
        "data_through": computed.last_month.to_string(),
        "lake": versions,
        "set_apart": loads::set_apart_as_json(&lake.set_apart()?),
        "rows": rows,
        "balances": balances(computed.table::<PoolBalance>()?)?,
        "warnings": computed.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    }))
}

/// All pools of all months together: own + received = assigned + passed on + idle + unassigned.
fn balances(pools: &DataFrame) -> Result<Value, Failure> {
    let sum = |name: &str| -> Result<Value, PolarsError> {
        Ok(decimal(pools.column(name)?.i64()?.iter().flatten().map(i128::from).sum()).into())
    };
    let columns = [
        c::OWN_AMOUNT,
        c::RECEIVED_AMOUNT,
        c::ASSIGNED_AMOUNT,
        c::PASSED_ON_AMOUNT,
        c::IDLE_AMOUNT,
        c::UNASSIGNED_AMOUNT,
        c::DIFFERENCE,
    ];
    let sums = columns.into_iter().map(|name| Ok((name.to_owned(), sum(name)?)));
    let sums = sums.collect::<Result<serde_json::Map<_, _>, PolarsError>>();
    sums.map(Value::from).map_err(|error| Failure::failed("the pools could not be summed", &error))
}

pub(crate) fn meta(config: &Config, run: &str) -> Meta {
    Meta {
        company: config.company.name.clone(),
        currency: config.company.currency.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run: run.to_owned(),
    }
}
