//! `netto schema`: prints the contract, and the JSON Schemas of the configuration and of scenarios.

use netto_model::problem::did_you_mean;
use netto_model::{Stage, Table, contract, star};
use netto_publish::schema;
use netto_segment::scenario::Scenario;

use crate::cli::{Format, SchemaArgs};
use crate::config::Config;
use crate::failure::Failure;
use crate::output;
use crate::pipeline::published_tables;
use crate::project::Project;
use crate::reference;

pub(crate) fn run(args: &SchemaArgs, format: Format) -> Result<(), Failure> {
    if args.subject.as_deref() == Some("config") {
        output::json(&schemars::schema_for!(Config).to_value());
        return Ok(());
    }
    if args.subject.as_deref() == Some("scenario") {
        output::json(&schemars::schema_for!(Scenario).to_value());
        return Ok(());
    }
    if let Some(folder) = &args.pages {
        return reference::write(folder);
    }
    let mut tables: Vec<&'static Table> = contract::tables().filter(|table| table.stage != Stage::Mart).collect();
    tables.extend(match &args.project {
        Some(folder) => published_tables(&Project::open(folder)?)?,
        None => star::tables(contract::marts().chain(contract::FACTS.iter().copied())),
    });
    if let Some(name) = &args.subject {
        tables = vec![table(name, &tables)?];
    }
    match format {
        _ if args.ddl => output::document(&schema::ddl(&tables, args.language)),
        Format::Json => output::json(&schema::json(&tables)),
        Format::Table => output::document(&schema::markdown(&tables, args.language)),
        Format::Csv => {
            let header = ["table", "column", "label", "type", "unit", "sum", "key", "refers to", "meaning"];
            let rows =
                |table: &&'static Table| table.columns.iter().map(|column| schema::cells(table, column, args.language));
            output::table(&header, &tables.iter().flat_map(rows).collect::<Vec<_>>(), header.len());
        }
    }
    Ok(())
}

fn table(name: &str, tables: &[&'static Table]) -> Result<&'static Table, Failure> {
    // Models read a table that is published by levels under one name.
    let as_made = || contract::table(name).filter(|table| !table.levels.is_empty());
    tables.iter().copied().find(|table| table.name == name).or_else(as_made).ok_or_else(|| {
        let near = did_you_mean(name, tables.iter().map(|table| table.name));
        let help =
            near.map_or_else(|| "`netto schema` lists all tables".into(), |near| format!("did you mean `{near}`?"));
        Failure::usage(format!("there is no table `{name}`"), help)
    })
}
