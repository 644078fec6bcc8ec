//! `netto sql --print`: the text of the rollups, and the files of the lake that they read.

use netto_lake::KeyKind;
use netto_model::Dialect;
use netto_rollup::sql_text;
use serde_json::{Map, Value, json};

use crate::cli::{SqlArgs, SqlDialect};
use crate::failure::Failure;
use crate::output;
use crate::pipeline;
use crate::project::Project;
use crate::sources::Sources;

pub(crate) fn run(args: &SqlArgs) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let lake = project.lake()?;
    let dialect = match args.dialect {
        SqlDialect::Duckdb => Dialect::Standard,
        SqlDialect::Spark => Dialect::Spark,
    };
    let mut files = Map::new();
    for (month, paths) in lake.months()? {
        files.insert(format!("{month}-01"), json!(paths));
    }
    let with_suppliers = pipeline::suppliers_with_rebates(&lake, &Sources::read(&lake)?)?.is_some();
    let rollups: Map<String, Value> = sql_text(&pipeline::drivers(&project.config)?, with_suppliers, dialect)
        .into_iter()
        .map(|(name, sql)| (name, sql.into()))
        .collect();
    let keys = |kind| lake.key_files(kind);
    output::json(&json!({
        "files": files,
        "customer_keys": keys(KeyKind::Customer)?,
        "order_keys": keys(KeyKind::Order)?,
        "product_keys": keys(KeyKind::Product)?,
        "rollups": rollups,
    }));
    Ok(())
}
