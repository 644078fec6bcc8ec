//! The stages one after another: each hands its tables to the next, and knows nothing else of it.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use netto_lake::{KeyKind, Lake, LoadReport, LoadRequest};
use netto_model::frame::{
    Contract, CostPools, Customers, DataReadiness, Employees, Products, Prospects, Rebates, Receivables,
};
use netto_model::{Frame, Mart, Period, Table, column as c, contract};
use netto_profit::{Groups, Profit, ShareBy};
use netto_publish::report::{Meta, render};
use netto_publish::{Publication, Published, publish};
use netto_rollup::{Driver, Rollups, Route};
use netto_segment::Segments;
use polars::prelude::DataFrame;

use crate::config::Config;
use crate::failure::Failure;
use crate::output::count;
use crate::progress::{Progress, say};
use crate::project::Project;

/// Reads every source of the configuration into a lake, customers first: order lines are checked against them.
pub(crate) fn ingest(
    project: &Project,
    lake: &Lake,
    quarantine: &Path,
    progress: &mut Progress,
) -> Result<Vec<LoadReport>, Failure> {
    let sources = [&contract::CUSTOMERS]
        .into_iter()
        .chain(contract::SOURCES.iter().copied().filter(|table| **table != contract::CUSTOMERS));
    let mut reports = Vec::new();
    let mut known_customers = None;
    for source in sources {
        let Some(config) = project.config.source.get(source.name) else { continue };
        let request = LoadRequest {
            source,
            config,
            base: &project.folder,
            quarantine,
            known_customers: known_customers.as_ref(),
            currency: Some(&project.config.company.currency),
        };
        let report = progress.step("ingest", source.name, || lake.load(&request), told)?;
        if *source == contract::CUSTOMERS {
            known_customers = Some(customer_ids(lake)?);
        }
        for column in &report.unmapped_columns {
            say("", &format!("column `{column}` of the extract is not used: map it, or name it in `ignore`"));
        }
        reports.push(report);
    }
    Ok(reports)
}

/// `order_lines: 60,012 rows in, 60,003 loaded, 9 set apart`
fn told(report: &LoadReport) -> String {
    if report.unchanged {
        return format!("{}: unchanged since the last load", report.source);
    }
    let mut text = format!("{}: {} rows", report.source, count(report.rows_read));
    if report.rows_quarantined > 0 {
        let reasons: Vec<String> = report.rejects.iter().map(|(reason, rows)| format!("{reason} {rows}")).collect();
        text += &format!(", {} set apart ({})", count(report.rows_quarantined), reasons.join(", "));
    }
    text
}

fn customer_ids(lake: &Lake) -> Result<HashSet<String>, Failure> {
    let customers = lake.table(&contract::CUSTOMERS)?.unwrap_or_default();
    let ids =
        customers.column(c::CUSTOMER_ID).and_then(|ids| Ok(ids.str()?.iter().flatten().map(str::to_owned).collect()));
    ids.map_err(|error| Failure::failed("the customers could not be read", &error))
}

/// All that a run computes.
#[derive(Debug)]
pub(crate) struct Computed {
    pub(crate) marts: Vec<Mart>,
    pub(crate) segments: Segments,
    pub(crate) warnings: Vec<String>,
}

/// Rollup, profit and segment, from the lake.
pub(crate) fn compute(project: &Project, lake: &Lake, progress: &mut Progress) -> Result<Computed, Failure> {
    let config = &project.config;
    let months = lake.months()?;
    let Some(last) = months.last_key_value().map(|(month, _)| *month) else {
        return Err(Failure::no_data(
            "there are no order lines to compute from: the extracts of `order_lines` hold no rows",
            "`netto check` shows the files and the rows that were read",
        ));
    };
    let rollups = progress.step(
        "rollup",
        "order lines → customers and drivers",
        || rollups(lake, &months, config),
        |rollups| {
            format!("{} customer months of {} months", count(rollups.customer_month.height() as u64), months.len())
        },
    )?;
    let cost_pools = source::<CostPools>(lake)?.unwrap_or_else(Frame::empty);
    let rebates = source::<Rebates>(lake)?;
    let receivables = source::<Receivables>(lake)?;
    let employees = source::<Employees>(lake)?;
    let last_month = config.closed_through().unwrap_or(last);
    let groups = groups(lake, &rollups, config, last_month)?;
    let profit = progress.step(
        "profit",
        "cost pools → customers",
        || {
            let inputs = netto_profit::Inputs {
                customer_month: &rollups.customer_month,
                driver_quantity: &rollups.driver_quantity,
                cost_pools: &cost_pools,
                rebates: rebates.as_ref(),
                supplier_month: None,
                receivables: receivables.as_ref(),
                employees: employees.as_ref(),
                groups: &groups,
                last_month,
            };
            netto_profit::profit(&inputs, &config.profit())
        },
        |profit| format!("{} amounts assigned, every pool balances", count(profit.ledger.height() as u64)),
    )?;
    let segments = progress.step(
        "segment",
        "pyramid, 20/80, whale curve",
        || segments(lake, &profit, config, last_month),
        |segments| {
            format!(
                "{} customers in {} windows",
                count(segments.dim_customer.height() as u64),
                segments.dim_window.height()
            )
        },
    )?;
    let readiness = lake.readiness()?;
    let marts = marts(&profit, &segments, &readiness);
    Ok(Computed { marts, segments, warnings: profit.warnings })
}

fn rollups(
    lake: &Lake,
    months: &BTreeMap<Period, Vec<std::path::PathBuf>>,
    config: &Config,
) -> Result<Rollups, Failure> {
    let (customers, orders) = (lake.keys(KeyKind::Customer)?, lake.keys(KeyKind::Order)?);
    let events = events(lake)?;
    let drivers = drivers(config)?;
    let inputs =
        netto_rollup::Inputs { months, customers: &customers, orders: &orders, events: &events, drivers: &drivers };
    Ok(netto_rollup::rollup(&inputs, Route::Kernel)?)
}

/// The sources besides order lines over whose rows an activity can be measured.
fn events(lake: &Lake) -> Result<BTreeMap<&'static str, DataFrame>, Failure> {
    let mut events = BTreeMap::new();
    for table in [&contract::ACTIVITIES, &contract::DEVIATIONS, &contract::RECEIVABLES] {
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
        Some(expression.and_then(|expression| {
            let filter = activity.filter().transpose()?;
            Ok(Driver { activity: name.clone(), source: activity.source, expression, filter })
        }))
    });
    measured.collect::<Result<_, _>>().map_err(|error: netto_model::expression::ExpressionError| {
        Failure::usage(error.to_string(), "`netto check` shows the line of the configuration")
    })
}

/// The tiers and markets that fixed shares are given for; only those that an activity asks for.
fn groups(lake: &Lake, rollups: &Rollups, config: &Config, last_month: Period) -> Result<Groups, Failure> {
    let wanted = |by| config.activity.values().any(|activity| activity.by == Some(by));
    let mut groups = Groups::default();
    if wanted(ShareBy::Tier) {
        groups.tiers = netto_segment::revenue_tiers(&rollups.customer_month, last_month, &config.segment)?;
    }
    if wanted(ShareBy::Market) {
        let customers = source::<Customers>(lake)?.unwrap_or_else(Frame::empty);
        groups.markets = netto_segment::markets(&customers)?;
    }
    Ok(groups)
}

fn segments(lake: &Lake, profit: &Profit, config: &Config, last_month: Period) -> Result<Segments, Failure> {
    let customers = source::<Customers>(lake)?.unwrap_or_else(Frame::empty);
    let products = source::<Products>(lake)?.unwrap_or_else(Frame::empty);
    let employees = source::<Employees>(lake)?.unwrap_or_else(Frame::empty);
    let prospects = source::<Prospects>(lake)?.unwrap_or_else(Frame::empty);
    let inputs = netto_segment::Inputs {
        waterfall: &profit.waterfall,
        ledger: &profit.ledger,
        activities: &profit.dim_activity,
        pool_balance: &profit.pool_balance,
        cost_band: &profit.cost_band,
        customers: &customers,
        products: &products,
        employees: &employees,
        prospects: &prospects,
        last_month,
    };
    Ok(netto_segment::segment(&inputs, &config.segment)?)
}

/// A source of the lake as a checked frame, where it was loaded.
fn source<T: Contract>(lake: &Lake) -> Result<Option<Frame<T>>, Failure> {
    let table: &'static Table = T::TABLE;
    let rows = lake.table(table)?;
    Ok(rows.map(|rows| Frame::try_new(polars::prelude::IntoLazy::lazy(rows))).transpose()?)
}

/// Every table that is published, in the order of the contract.
fn marts(profit: &Profit, segments: &Segments, readiness: &Frame<DataReadiness>) -> Vec<Mart> {
    vec![
        segments.dim_customer.mart(),
        segments.dim_product.mart(),
        segments.dim_employee.mart(),
        segments.dim_period.mart(),
        segments.dim_window.mart(),
        profit.dim_pool.mart(),
        profit.dim_activity.mart(),
        profit.waterfall.mart(),
        profit.ledger.mart(),
        profit.activity_month.mart(),
        profit.pool_balance.mart(),
        profit.pool_transfer.mart(),
        profit.ledger_bridge.mart(),
        profit.rebate_progress.mart(),
        segments.customer_window.mart(),
        segments.pyramid.mart(),
        segments.concentration.mart(),
        segments.whale_curve.mart(),
        segments.tier_migration.mart(),
        segments.sensitivity.mart(),
        segments.window_summary.mart(),
        readiness.mart(),
    ]
}

/// Renders the report and publishes all tables at once.
pub(crate) fn publish_all(
    project: &Project,
    lake: &Lake,
    computed: &Computed,
    progress: &mut Progress,
) -> Result<Published, Failure> {
    let work = || -> Result<Published, Failure> {
        let report = render(&computed.marts, &project.config.report, &meta(&project.config))?;
        let rows: serde_json::Map<String, serde_json::Value> =
            computed.marts.iter().map(|mart| (mart.table.name.to_owned(), mart.data.height().into())).collect();
        let manifest = serde_json::json!({
            "netto": env!("CARGO_PKG_VERSION"),
            "company": project.config.company.name,
            "lake": lake.versions()?,
            "rows": rows,
            "warnings": computed.warnings,
        });
        Ok(publish(&Publication { marts: &computed.marts, report: &report, out: &project.out(), manifest })?)
    };
    progress.step("publish", "Parquet, CSV, report", work, |published| {
        let what = if published.unchanged { "nothing changed since run" } else { "run" };
        format!("{what} {}", published.run_id)
    })
}

pub(crate) fn meta(config: &Config) -> Meta {
    Meta {
        company: config.company.name.clone(),
        currency: config.company.currency.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
