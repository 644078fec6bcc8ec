//! The semantic model in TMDL: one file per table, one for the relationships, one for the data source.
//!
//! ```text
//! /// Customers with what is known of them and their tier in the main window. Grain: customer.
//! table dim_customer
//!     column customer_key
//!         dataType: int64
//!         isHidden
//! ```
//! It uses tabs, CRLF and no byte order mark, as Power BI Desktop does. Meanings and labels come from the contract; `cultures/` has the captions in English,
//! Dutch and German.

use netto_model::label::{of_column, of_table};
use netto_model::{Column, Language, Role, Sum, Table, Type, Unit, column as c};

use super::measures::{MEASURES, Measure, SHOWN};
use super::relations::Relation;
use crate::schema::warning;

/// Where Power BI reads the tables.
pub(crate) enum Place<'a> {
    /// The folder of their Parquet files, with a trailing separator.
    Folder(&'a str),
    /// The folder of all runs, likewise: its file `current.txt` names the published run.
    Pointer(&'a str),
    /// A database: server, database, schema.
    Database(&'a str, &'a str, &'a str),
}

/// A file of the model: its path below `definition/`, and its text.
pub(crate) type File = (String, String);

/// The table of the steps from list revenue to net profit: Power BI's waterfall needs them as rows.
const STEPS: &str = "waterfall_step";
/// Each step: its name, and what it adds; together they are net profit.
const WATERFALL: [(&str, &str); 8] = [
    ("List revenue", "[List revenue]"),
    ("Invoice discount", "-[Invoice discount]"),
    ("Rebates given", "-[Rebates given]"),
    ("Payment terms", "-[Payment terms]"),
    ("Freight", "[Freight charged] - [Freight cost]"),
    ("Cost of goods sold", "-[Cost of goods sold]"),
    ("Rebates received", "[Rebates received]"),
    ("Cost-to-serve", "-[Cost-to-serve]"),
];

/// Every file of the model.
pub(crate) fn files(tables: &[&Table], relations: &[Relation], place: &Place<'_>) -> Vec<File> {
    let mut files = vec![
        ("database.tmdl".to_owned(), lines(&["database".to_owned(), "\tcompatibilityLevel: 1600".to_owned()])),
        ("model.tmdl".to_owned(), model(tables)),
        ("expressions.tmdl".to_owned(), expressions(place)),
        ("relationships.tmdl".to_owned(), lines(&relations.iter().flat_map(relationship).collect::<Vec<_>>())),
        (format!("tables/{STEPS}.tmdl"), lines(&steps())),
    ];
    files.extend(tables.iter().map(|table| (format!("tables/{}.tmdl", table.name), lines(&table_of(table, place)))));
    files.extend(
        CULTURES.map(|(language, culture)| {
            (format!("cultures/{culture}.tmdl"), lines(&captions(tables, language, culture)))
        }),
    );
    files
}

/// The languages of the translations, as Power BI names them.
const CULTURES: [(Language, &str); 3] = [(Language::En, "en-US"), (Language::Nl, "nl-NL"), (Language::De, "de-DE")];

/// The display names of tables, columns and measures.
fn captions(tables: &[&Table], language: Language, culture: &str) -> Vec<String> {
    let mut lines = vec![format!("cultureInfo {culture}"), String::new(), "\ttranslations".to_owned(), String::new()];
    lines.push("\t\tmodel Model".to_owned());
    let mut add = |depth: usize, text: String| lines.push("\t".repeat(depth) + &text);
    for table in tables {
        add(3, format!("table {}", table.name));
        add(4, format!("caption: {}", of_table(table.name, language)));
        for column in table.columns.iter().filter(|column| !column.name.ends_with("_key")) {
            let object = match measure_for(table, column) {
                Some(measure) => format!("measure {}", quoted(measure.name)),
                None => format!("column {}", column.name),
            };
            add(4, object);
            add(5, format!("caption: {}", of_column(column.name, language)));
        }
    }
    lines
}

/// The measure that replaces a column of its table and has the same label.
fn measure_for(table: &Table, column: &Column) -> Option<&'static Measure> {
    let label = of_column(column.name, Language::En);
    MEASURES.iter().find(|measure| measure.table == table.name && measure.name.eq_ignore_ascii_case(&label))
}

/// Line ends as Power BI Desktop writes them.
fn lines(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect()
}

fn model(tables: &[&Table]) -> String {
    let mut all = [
        "model Model",
        "\tculture: en-US",
        "\tdefaultPowerBIDataSourceVersion: powerBI_V3",
        "\tsourceQueryCulture: en-US",
        "\tdataAccessOptions",
        "\t\tlegacyRedirects",
        "\t\treturnErrorValuesAsNull",
        "",
        "annotation __PBI_TimeIntelligenceEnabled = 0",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend(tables.iter().map(|table| format!("ref table {}", table.name)));
    all.push(format!("ref table {STEPS}"));
    all.push(String::new());
    all.extend(CULTURES.map(|(_, culture)| format!("ref cultureInfo {culture}")));
    lines(&all)
}

fn expressions(place: &Place<'_>) -> String {
    let parameters = match *place {
        Place::Folder(folder) => {
            vec![("Folder", folder, "Folder of the published Parquet files, with its last \\ or /")]
        }
        Place::Pointer(out) => vec![("Out", out, "Folder of all published runs, with its last \\ or /")],
        Place::Database(server, database, schema) => vec![
            ("Server", server, "Server of the database"),
            ("Database", database, "The database"),
            ("Schema", schema, "The schema that netto publishes"),
        ],
    };
    let expression = |(name, value, meaning): (&str, &str, &str)| {
        let value = value.replace('"', "\"\"");
        [
            format!("/// {meaning}"),
            format!(
                "expression {name} = \"{value}\" meta [IsParameterQuery=true, Type=\"Text\", IsParameterQueryRequired=true]"
            ),
            String::new(),
        ]
    };
    let mut all: Vec<String> = parameters.into_iter().flat_map(expression).collect();
    if let Place::Pointer(_) = place {
        all.extend([
            "/// Folder of the Parquet files of the run named in current.txt".to_owned(),
            format!("expression Folder = {POINTED}"),
            String::new(),
        ]);
    }
    lines(&all)
}

/// M expression for the folder: `runs/3f9c2b71a0de` in `Z:\\netto\\out\\` is `Z:\\netto\\out\\runs\\3f9c2b71a0de\\parquet\\`.
const POINTED: &str = "let sign = Text.End(Out, 1), run = Text.Trim(Text.FromBinary(File.Contents(Out & \"current.txt\"))) \
    in Out & Text.Replace(run, \"/\", sign) & sign & \"parquet\" & sign";

fn relationship(relation: &Relation) -> Vec<String> {
    let Relation { table, column, to, key, active } = relation;
    let mut lines = vec![format!("relationship {table}_{column}")];
    lines.extend((!active).then(|| "\tisActive: false".to_owned()));
    lines.extend([format!("\tfromColumn: {table}.{column}"), format!("\ttoColumn: {to}.{key}"), String::new()]);
    lines
}

fn table_of(table: &Table, place: &Place<'_>) -> Vec<String> {
    let mut lines =
        vec![format!("/// {} Grain: {}.", one_line(table.description), table.grain), format!("table {}", table.name)];
    // The table that marks days as such, for time intelligence.
    let is_calendar = table.name == "dim_date";
    lines.extend(is_calendar.then(|| "\tdataCategory: Time".to_owned()));
    lines.push(String::new());
    if table.name == "dim_window" {
        let meaning = "The window that is shown: the selected one, or the main window if none or several are selected.";
        lines.extend(measure_lines(
            SHOWN,
            meaning,
            &format!("SELECTEDVALUE({}[window_id], \"main\")", table.name),
            &["isHidden".to_owned()],
            None,
        ));
    }
    for measure in MEASURES.iter().filter(|measure| measure.table == table.name) {
        lines.extend(measure_of(measure));
    }
    for column in table.columns {
        lines.extend(column_of(table, column, is_calendar));
    }
    lines.extend([format!("\tpartition {} = m", table.name), "\t\tmode: import".to_owned(), "\t\tsource =".to_owned()]);
    let (source, last) = match place {
        Place::Folder(_) | Place::Pointer(_) => {
            (format!("Source = Parquet.Document(File.Contents(Folder & \"{}.parquet\"))", table.name), "Source")
        }
        Place::Database(..) => (
            format!(
                "Source = PostgreSQL.Database(Server, Database), Table = Source{{[Schema = Schema, Item = \"{}\"]}}[Data]",
                table.name
            ),
            "Table",
        ),
    };
    lines.extend(
        ["let".to_owned(), format!("    {source}"), "in".to_owned(), format!("    {last}")]
            .map(|line| format!("\t\t\t\t{line}")),
    );
    lines.push(String::new());
    lines
}

fn measure_of(measure: &Measure) -> Vec<String> {
    let properties = [format!("formatString: {}", measure.format), format!("displayFolder: {}", measure.folder)];
    measure_lines(measure.name, measure.meaning, &measure.dax(), &properties, Some(&measure.sql("'main'")))
}

fn measure_lines(name: &str, meaning: &str, dax: &str, properties: &[String], sql: Option<&str>) -> Vec<String> {
    let mut lines = vec![format!("\t/// {}", one_line(meaning)), format!("\tmeasure {} = {dax}", quoted(name))];
    lines.extend(properties.iter().map(|property| format!("\t\t{property}")));
    lines.extend(sql.into_iter().flat_map(|sql| [String::new(), format!("\t\tannotation netto_sql = {sql}")]));
    lines.push(String::new());
    lines
}

fn column_of(table: &Table, column: &Column, is_calendar: bool) -> Vec<String> {
    let meaning = format!("{}{}", column.description, warning(table, column));
    let mut lines = vec![format!("\t/// {}", one_line(&meaning)), format!("\tcolumn {}", column.name)];
    let mut add = |property: String| lines.push(format!("\t\t{property}"));
    add(format!("dataType: {}", data_type(column.ty)));
    // Keys only link tables and mean nothing to readers; a column with the label of a measure is read through the measure.
    if column.name.ends_with("_key") || measure_for(table, column).is_some() {
        add("isHidden".to_owned());
    }
    let marks_days = is_calendar && column.name == c::DATE;
    let is_key = !is_calendar && table.name.starts_with("dim_") && column.role == Role::Key;
    if marks_days || is_key {
        add("isKey".to_owned());
    }
    if let Some(format) = format_of(column) {
        add(format!("formatString: {format}"));
    }
    add(format!("summarizeBy: {}", if table.sum(column) == Sum::Always { "sum" } else { "none" }));
    add(format!("sourceColumn: {}", column.name));
    if let Some(order) = order_of(table, column) {
        add(format!("sortByColumn: {order}"));
    }
    lines.push(String::new());
    lines
}

const fn data_type(ty: Type) -> &'static str {
    match ty {
        Type::Text => "string",
        Type::Integer => "int64",
        Type::Decimal => "decimal",
        Type::Ratio => "double",
        Type::Date => "dateTime",
        Type::Bool => "boolean",
    }
}

fn format_of(column: &Column) -> Option<&'static str> {
    match (column.unit, column.ty) {
        (Unit::Share, _) => Some("0.0%"),
        (Unit::None, Type::Integer) => Some("0"),
        (Unit::None, Type::Ratio) => Some("#,0.00"),
        (_, Type::Date) => Some("yyyy-mm-dd"),
        (Unit::None, _) => None,
        (Unit::Days, _) => Some("#,0.0"),
        (Unit::Money | Unit::Minutes | Unit::Pieces | Unit::Count | Unit::Driver | Unit::Kilograms, _) => Some("#,0"),
    }
}

/// The column that sorts the members of another.
fn order_of(table: &Table, column: &Column) -> Option<&'static str> {
    let order = match (table.name, column.name) {
        ("dim_tier", c::TIER) => c::TIER_ORDER,
        ("dim_customer", c::TIER) => "tier_key",
        ("dim_date", c::MONTH_NAME) => c::MONTH,
        ("dim_date", c::DAY_NAME) => c::DAY_OF_WEEK,
        ("dim_window", c::LABEL) => "window_key",
        ("dim_period", c::LABEL) => "period_key",
        _ => return None,
    };
    table.column(order).map(|column| column.name)
}

/// The steps of the waterfall as a separate table, with the measure that computes the amount of each.
fn steps() -> Vec<String> {
    let numbered = || (1..).zip(WATERFALL);
    let cases: Vec<String> = numbered().map(|(place, (_, dax))| format!("{place}, {dax}, ")).collect();
    let dax = format!("SWITCH(SELECTEDVALUE({STEPS}[step_order]), {}[Net profit])", cases.concat());
    let mut lines = vec![
        "/// The steps from list revenue to net profit, for the waterfall.".to_owned(),
        format!("table {STEPS}"),
        String::new(),
    ];
    let format = ["formatString: #,0".to_owned(), "displayFolder: Waterfall".to_owned()];
    lines.extend(measure_lines(
        "Amount of step",
        "The amount that a step adds to or deducts from list revenue; all steps together give net profit.",
        &dax,
        &format,
        None,
    ));
    for (name, ty, more) in [("step_order", "int64", "isHidden"), ("step", "string", "sortByColumn: step_order")] {
        lines.extend([
            format!("\tcolumn {name}"),
            format!("\t\tdataType: {ty}"),
            format!("\t\t{more}"),
            "\t\tsummarizeBy: none".to_owned(),
            format!("\t\tsourceColumn: {name}"),
            String::new(),
        ]);
    }
    let rows: Vec<String> = numbered().map(|(place, (step, _))| format!("{{{place}, \"{step}\"}}")).collect();
    lines.extend([
        format!("\tpartition {STEPS} = m"),
        "\t\tmode: import".to_owned(),
        "\t\tsource =".to_owned(),
        format!("\t\t\t\t#table(type table [step_order = Int64.Type, step = Text.Type], {{{}}})", rows.join(", ")),
        String::new(),
    ]);
    lines
}

/// A name as TMDL writes it.
fn quoted(name: &str) -> String {
    let plain = name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    if plain { name.to_owned() } else { format!("'{}'", name.replace('\'', "''")) }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
