//! `netto init`: drafts a netto.toml from the extracts, with a comment on how certain each choice is.

use std::path::{Path, PathBuf};
use std::{fs, io};

use netto_lake::{Draft, DraftSource, Sureness};
use serde_json::{Value, json};

use crate::cli::{Format, InitArgs};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &InitArgs, format: Format) -> Result<(), Failure> {
    let config = args.project.join("netto.toml");
    if config.exists() {
        return Err(Failure::usage(
            format!("{} already exists and is not replaced", config.display()),
            "move it, or name another folder: netto init --project FOLDER FILES…",
        ));
    }
    let folder = made(&args.project)?;
    let draft = Draft::of(&files(&args.files)?, &folder)?;
    if !draft.sources.iter().any(|source| source.source == "order_lines") {
        return Err(no_order_lines(&draft));
    }
    let text = format!("{}{}{}", company(&folder, &draft), draft.text(), GO_ON);
    fs::write(&config, text)
        .map_err(|error| Failure::failed(format!("{} can't be written", config.display()), &error))?;
    match format {
        Format::Json => output::json(&json!({
            "config": config,
            "sources": draft.sources.iter().map(as_json).collect::<Vec<_>>(),
            "left_over": draft.left_over.iter().map(|(file, reason)| json!({"file": file, "reason": reason})).collect::<Vec<_>>(),
        })),
        Format::Table | Format::Csv => show(&draft, &config, &args.project),
    }
    if draft.lacks.is_empty() { Ok(()) } else { Err(unfinished(&draft, &config)) }
}

fn unfinished(draft: &Draft, config: &Path) -> Failure {
    Failure::usage(
        format!(
            "{} is written, but can't run yet: it isn't clear which column is {}",
            config.display(),
            draft.lacks.join(", ")
        ),
        "lines of [source.order_lines.columns] with the question \"which column is it?\" list the candidates: fill one in, and run netto check",
    )
}

fn made(project: &Path) -> Result<PathBuf, Failure> {
    let made = fs::create_dir_all(project).and_then(|()| project.canonicalize());
    made.map_err(|error| Failure::failed(format!("{} can't be made", project.display()), &error))
}

/// The given files, and those in given folders, sorted within a folder.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in named {
        let unread = |error| Failure::failed(format!("{} can't be read", path.display()), &error);
        let path = path.canonicalize().map_err(unread)?;
        if !path.is_dir() {
            files.push(path);
            continue;
        }
        for found in extracts_in(&path).map_err(unread)? {
            // Spark writes a table as a folder of files, `sales.parquet/part-00000.parquet`.
            let parts = if found.is_dir() { extracts_in(&found).map_err(unread)? } else { vec![found] };
            files.extend(parts.into_iter().filter(|path| !path.is_dir()));
        }
    }
    Ok(files)
}

/// What lies in a folder under the names of extracts, sorted.
fn extracts_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let mut extracts: Vec<PathBuf> = entries.filter(|path| is_extract(path)).collect();
    extracts.sort();
    Ok(extracts)
}

fn is_extract(path: &Path) -> bool {
    if path.file_name().is_none_or(netto_lake::is_hidden_or_lock) {
        return false;
    }
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    ENDINGS.iter().any(|end| name.ends_with(end))
}

/// File endings of exports; unreadable ones are listed with the reason.
const ENDINGS: [&str; 17] = [
    ".csv", ".txt", ".tsv", ".tab", ".asc", ".dat", ".del", ".prn", ".parquet", ".xlsx", ".xlsm", ".xls", ".ods",
    ".zip", ".json", ".xml", ".html",
];

fn no_order_lines(draft: &Draft) -> Failure {
    let others =
        draft.sources.iter().map(|source| format!("{}: looks like {}", source.files.join(", "), source.source));
    let reasons = draft.left_over.iter().map(|(file, reason)| format!("{file}: {reason}")).chain(others);
    let mut reasons: Vec<String> = reasons.collect();
    if reasons.is_empty() {
        reasons.push(format!("no file has one of the endings {}", ENDINGS.join(", ")));
    }
    Failure::usage(
        "no file has order lines, with an order, a date, a customer, a product, a quantity and an amount",
        format!("{}\nname the file with order lines, or write netto.toml by hand", reasons.join("\n")),
    )
}

/// The head of the configuration.
fn company(folder: &Path, draft: &Draft) -> String {
    let name = folder.file_name().map_or_else(|| "Company".into(), |name| name.to_string_lossy());
    format!(
        "# Written by `netto init` from the extracts. Names on the left are netto's, names on the right are those of the files.\n\
         # A comment behind a line says what to check. `netto check` reads everything and changes nothing.\n\n\
         [company]\nname = {}\ncurrency = {}\n\
         # closed_through = \"2025-06\"       # the last month whose costs are booked (default: the last month with order lines)\n",
        serde_json::Value::from(name.as_ref()),
        match &draft.currency {
            Some((code, why)) => format!("\"{code}\"                   # have a look: {why}"),
            None => "\"EUR\"                   # have a look: no file has a currency".to_owned(),
        }
    )
}

/// Hints for the next steps that no file can give: other sources of rows, and how to add costs.
const GO_ON: &str = r#"
# A source can also be a PostgreSQL query or a sheet of a workbook, with columns like the others. For example
#
# [source.products.postgres]
# host = "erp.example.com"
# database = "erp"
# user = "netto"
# password_env = "ERP_PASSWORD"              # the variable that holds the password
# query = "select article_no as product_id, description as name, cost_price as unit_cost from articles"
#
# [source.employees]
# files = "Personnel.xlsx"
#
# [source.employees.excel]
# sheet = "2025"                             # its name, or its number counted from 1 (default: the first sheet that isn't hidden)
# header_row = 3                             # the row with the column names (default: the first row that isn't empty)

# Cost of customers: the pools of [source.cost_pools], and how customers use them. For example
#
# [pool.warehouse]
# label = "Warehouse"
#
# [activity.picking]
# pool = "warehouse"
# method = "driver"                          # assigns the whole amount by a quantity; `time` measures minutes against capacity
# source = "order_lines"
# quantity = "1"                             # one per line
"#;

fn show(draft: &Draft, config: &Path, project: &Path) {
    let rows: Vec<Vec<String>> = draft.sources.iter().map(row).collect();
    output::table(&["Source", "Files", "Columns", "Have a look at"], &rows, 4);
    output::text("");
    for (file, reason) in &draft.left_over {
        output::text(&format!("{file} is not used: {reason}"));
    }
    let unknown = |source: &DraftSource| {
        let open = source.columns.iter().filter(|column| column.sureness == Sureness::Unknown);
        let open = open.filter(|column| !draft.lacks.contains(&column.column));
        open.map(|column| {
            format!("{}: {} is not used until you fill it in: {}", source.source, column.column, column.remark)
        })
        .collect::<Vec<_>>()
    };
    draft.sources.iter().flat_map(unknown).for_each(|said| output::text(&said));
    if draft.lacks.is_empty() {
        output::text(&format!("\n{} is written. Next: netto check {}", config.display(), project.display()));
    }
}

fn row(source: &DraftSource) -> Vec<String> {
    let unsure = source.columns.iter().filter(|column| column.sureness < Sureness::Sure);
    let cost = source.cost_from_products.then_some("cost_from_products");
    let heads = source.fill_down.as_ref().map(|_| "fill_down");
    let doubt = source.has_numbers_in_doubt().then_some("decimal");
    let others = source.others_to_look_at();
    let unsure: Vec<&str> =
        unsure.map(|column| column.column).chain(cost).chain(heads).chain(doubt).chain(others).collect();
    vec![
        source.source.to_owned(),
        match source.files.as_slice() {
            [first, _, _, ..] => format!("{first} and {} more", source.files.len() - 1),
            few => few.join(", "),
        },
        source.columns.len().to_string(),
        if unsure.is_empty() { "nothing".to_owned() } else { unsure.join(", ") },
    ]
}

fn as_json(source: &DraftSource) -> Value {
    let sureness = |sureness| match sureness {
        Sureness::Sure => "sure",
        Sureness::Likely => "likely",
        Sureness::Look => "look",
        Sureness::Unknown => "unknown",
    };
    let column = |column: &netto_lake::DraftColumn| json!({"column": column.column, "value": column.value, "sureness": sureness(column.sureness), "remark": column.remark});
    json!({
        "source": source.source,
        "files": source.files,
        "sql": source.sql,
        "columns": source.columns.iter().map(column).collect::<Vec<_>>(),
        "unused": source.unused,
    })
}
