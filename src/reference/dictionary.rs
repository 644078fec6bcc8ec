//! The data dictionary: every table with its columns, and the inputs of each column.

use netto_model::label::of_column;
use netto_model::star::{self, is_dimension};
use netto_model::{Column, Language, Model, Role, Table, contract};
use netto_publish::schema;

use super::lineage;
use super::settings::{anchor, cell};

/// One page per kind of table.
pub(super) fn pages() -> Vec<(&'static str, String)> {
    let inside: Vec<&'static Table> = contract::marts().chain(contract::FACTS.iter().copied()).collect();
    let published = star::tables(inside.iter().copied());
    let is_fact = |table: &Table| table.name.starts_with("fct_");
    let of = |wanted: &dyn Fn(&Table) -> bool| -> String {
        published.iter().filter(|table| wanted(table)).map(|table| chapter(table, inside_of(table, &inside))).collect()
    };
    let sources: String = contract::SOURCES.iter().map(|table| source(table)).collect();
    vec![
        ("dictionary", overview(&published)),
        ("dimensions", format!("# Dimensions\n\n{DIMENSIONS}\n{}", of(&is_dimension))),
        ("facts", format!("# Facts\n\n{FACTS}\n{}", of(&is_fact))),
        ("analyses", format!("# Analyses\n\n{ANALYSES}\n{}", of(&|table| !is_fact(table) && !is_dimension(table)))),
        ("sources", format!("# Sources\n\n{SOURCES}\n{sources}")),
    ]
}

const DIMENSIONS: &str = "The tables that facts and analyses refer to. The key is a whole number; 0 is `(unknown)`. Every run assigns new keys: use them for joins, and store ids.";
const FACTS: &str =
    "One row per month and the items in the table's name. Amounts of facts can be summed over any of their rows.";
const ANALYSES: &str = "Tables that answer a question. Tables with `window_key` have one set of rows per window: **choose one window** before you sum, because windows overlap.";
const SOURCES: &str = "The extracts are mapped to these tables by `[source.NAME.columns]` in `netto.toml`. Only `order_lines` is required. `netto sql` queries them as they were loaded.";

/// The page that describes a table.
fn page_of(name: &str) -> &'static str {
    if contract::SOURCES.iter().any(|source| source.name == name) {
        "sources"
    } else if name.starts_with("fct_") {
        "facts"
    } else if name.starts_with("dim_") {
        "dimensions"
    } else {
        "analyses"
    }
}

/// The internal table behind a published one.
fn inside_of(table: &Table, inside: &[&'static Table]) -> Option<&'static Table> {
    let is_form = |one: &&&'static Table| star::published(one).iter().any(|form| form.table.name == table.name);
    inside.iter().find(is_form).copied()
}

/// A link to a table, by its name in models or by that of one of its levels.
fn link(name: &str) -> String {
    let published = contract::table(name).and_then(|table| star::published(table).first());
    let shown = published.map_or(name, |form| form.table.name);
    let known = published.is_some() || contract::SOURCES.iter().any(|source| source.name == name);
    if known { format!("[`{shown}`]({}.md#{})", page_of(shown), anchor(shown)) } else { format!("`{name}`") }
}

fn overview(published: &[&'static Table]) -> String {
    let mut text = "# Data dictionary\n\nEvery table that a run publishes, in `out/current/parquet`, `out/current/csv` and `out/current/netto.sqlite`, and every source. \
        Types are those of SQL; `DECIMAL(18,4)` holds amounts to the ten-thousandth.\n\n| table | one row is | content |\n|---|---|---|\n".to_owned();
    for table in contract::SOURCES.iter().copied().chain(published.iter().copied()) {
        text += &format!("| {} | {} | {} |\n", link_to(table), cell(table.grain), cell(table.description));
    }
    text
}

fn link_to(table: &Table) -> String {
    format!("[`{}`]({}.md#{})", table.name, page_of(table.name), anchor(table.name))
}

fn source(table: &Table) -> String {
    let mut text = format!("\n## {}\n\n{}\n\nOne row is: {}.\n\n", table.name, table.description, table.grain);
    text += "| column | type | unit | needed | meaning |\n|---|---|---|---|---|\n";
    for column in table.columns {
        let needed = match (column.must_be_supplied(), column.default) {
            (true, _) => "yes".to_owned(),
            (false, Some(default)) => format!("no: `{default}`"),
            (false, None) => "no".to_owned(),
        };
        let needed = if column.role == Role::Key { format!("{needed}, key") } else { needed };
        text += &format!(
            "| `{}` | {} | {} | {needed} | {} |\n",
            column.name,
            column.ty.sql(),
            schema::unit(column),
            meaning(column)
        );
    }
    text
}

fn meaning(column: &Column) -> String {
    let values = column.values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    let values = if values.is_empty() { values } else { format!(" One of {values}.") };
    format!("{}{values}", cell(column.description))
}

fn chapter(table: &Table, inside: Option<&'static Table>) -> String {
    let name = inside.map_or(table.name, |inside| inside.name);
    let model = lineage::model(name);
    let mut text = format!("\n## {}\n\n{}\n\n", table.name, table.description);
    text += &format!("One row is: {}.", table.grain);
    if let Some(source) = model.and_then(|model| model.source.as_ref()) {
        text += &format!(" Source of the definition: {source}.");
    }
    let made_of = lineage::inputs(name);
    if !made_of.is_empty() {
        text += &format!(" Computed from {}.", made_of.iter().map(|name| link(name)).collect::<Vec<_>>().join(", "));
    }
    let sources = lineage::sources_of(name);
    if !sources.is_empty() {
        text += &format!(
            " Sources it depends on: {}.",
            sources.iter().map(|name| link(name)).collect::<Vec<_>>().join(", ")
        );
    }
    if let Some(notes) = model.map(|model| model.notes.trim()).filter(|notes| !notes.is_empty()) {
        text += &format!("\n\n{}", notes.replace('<', "&lt;"));
    }
    text += "\n\n| column | label | type | unit | sum | key | meaning | computed from |\n|---|---|---|---|---|---|---|---|\n";
    for column in table.columns {
        let role = match column.role {
            Role::Key => "key",
            Role::Required => "",
            Role::Optional => "may be empty",
        };
        let to = column.references.map(|to| format!(" → {}", link(to))).unwrap_or_default();
        let from = model.map(|model| computed_from(model, column)).unwrap_or_default();
        text += &format!(
            "| `{}` | {} | {} | {} | {} | {role} | {}{to} | {from} |\n",
            column.name,
            of_column(column.name, Language::En),
            column.ty.sql(),
            schema::unit(column),
            schema::sum(table, column),
            meaning(column)
        );
    }
    text
}

/// The columns that a column of a model is computed from.
fn computed_from(model: &Model, column: &Column) -> String {
    let of_one = |(table, name): (&str, &str)| format!("{table}.{name}");
    lineage::columns(model, column.name).into_iter().map(of_one).collect::<Vec<_>>().join(", ")
}
