//! The contract as documents: Markdown for people, DDL for databases, JSON for programs. All derive from the declaration.
//!
//! ```
//! use netto_model::contract::DIM_EMPLOYEE;
//! let ddl = netto_publish::schema::ddl(&[&DIM_EMPLOYEE], netto_model::Language::En);
//! assert!(ddl.contains("\"employee_id\" VARCHAR NOT NULL,") && ddl.contains("PRIMARY KEY (\"employee_id\")"));
//! ```

use netto_model::label::{of_column, of_table};
use netto_model::star::Dimension;
use netto_model::table::{Column, Role, Sum, Table, Type};
use netto_model::{Language, Unit};
use serde_json::{Value, json};

/// A chapter per table, a row per column.
#[must_use]
pub fn markdown(tables: &[&Table], language: Language) -> String {
    tables.iter().map(|table| chapter(table, language)).collect::<Vec<_>>().join("\n")
}

/// A column in cells: table, name, label, type, unit, which rows may be summed, key or optional, where it refers to, meaning.
#[must_use]
pub fn cells(table: &Table, column: &Column, language: Language) -> Vec<String> {
    let reference = column.references.unwrap_or_default();
    let (label, sum) = (of_column(column.name, language), sum(table, column));
    let cells = [
        table.name,
        column.name,
        &label,
        column.ty.sql(),
        &unit(column),
        &sum,
        role(column),
        reference,
        column.description,
    ];
    cells.map(str::to_owned).to_vec()
}

/// Over which rows a number may be added up: `always`, `within window_id`, `never`; empty for a column that is no number.
#[must_use]
pub fn sum(table: &Table, column: &Column) -> String {
    let counts = column.unit != Unit::None || column.ty == Type::Ratio;
    if counts && column.role != Role::Key { table.sum(column).name() } else { String::new() }
}

/// The role of a column in its table, in a word; empty for an ordinary column that is never null.
const fn role(column: &Column) -> &'static str {
    match column.role {
        Role::Key => "key",
        Role::Required => "",
        Role::Optional => "optional",
    }
}

fn chapter(table: &Table, language: Language) -> String {
    let mut text = format!("## {}\n\n{}\n\nGrain: {}.\n\n", table.name, table.description, table.grain);
    text += "| column | label | type | unit | sum | key | meaning |\n|---|---|---|---|---|---|---|\n";
    for column in table.columns {
        let (label, role, unit, sum) =
            (of_column(column.name, language), role(column), unit(column), sum(table, column));
        let reference = column.references.map(|table| format!(" → `{table}`")).unwrap_or_default();
        text.extend([format!(
            "| {} | {label} | {} | {unit} | {sum} | {role} | {}{reference} |\n",
            column.name,
            column.ty.sql(),
            column.description
        )]);
    }
    text
}

/// The unit of a measure, in a word; empty for other columns.
#[must_use]
pub fn unit(column: &Column) -> String {
    let unit = format!("{:?}", column.unit).to_lowercase();
    if unit == "none" { String::new() } else { unit }
}

/// `CREATE TABLE` statements in standard SQL, with keys, references and meanings: PostgreSQL and DuckDB run them unchanged.
#[must_use]
pub fn ddl(tables: &[&Table], language: Language) -> String {
    tables.iter().map(|table| create(table, tables, language)).collect::<Vec<_>>().join("\n")
}

/// The statement that creates a table, with its keys and references.
pub(crate) fn create_table(table: &Table, tables: &[&Table]) -> String {
    create_with(table, keyed(table, tables), "")
}

/// The same for SQLite, stored in the order of the primary key: rows arrive in that order, and a separate index would be a second copy of the keys.
pub(crate) fn create_by_key(table: &Table, tables: &[&Table]) -> String {
    create_with(table, keyed(table, tables), " WITHOUT ROWID")
}

fn keyed(table: &Table, tables: &[&Table]) -> impl Iterator<Item = String> {
    columns(table).chain([primary_key(table)]).chain(foreign_keys(table, tables))
}

/// The statement that creates a table without keys and references, which are quicker to check after loading.
pub(crate) fn create_bare(table: &Table) -> String {
    create_with(table, columns(table), "")
}

fn create_with(table: &Table, lines: impl Iterator<Item = String>, how: &str) -> String {
    format!("CREATE TABLE \"{}\" (\n    {}\n){how};\n", table.name, lines.collect::<Vec<_>>().join(",\n    "))
}

fn columns(table: &Table) -> impl Iterator<Item = String> {
    table.columns.iter().map(|column| {
        let null = if column.role == Role::Optional { "" } else { " NOT NULL" };
        format!("\"{}\" {}{null}", column.name, column.ty.sql())
    })
}

/// `PRIMARY KEY ("customer_key")`
pub(crate) fn primary_key(table: &Table) -> String {
    let keys: Vec<String> = table.keys().map(|key| format!("\"{}\"", key.name)).collect();
    format!("PRIMARY KEY ({})", keys.join(", "))
}

/// `FOREIGN KEY ("market_key") REFERENCES "dim_market" ("market_key")`, for each reference.
pub(crate) fn foreign_keys(table: &Table, tables: &[&Table]) -> Vec<String> {
    // Only dimensions have the single key that a reference needs; sources may lack members of others.
    let dimension = |to: &str| tables.iter().find(|table| table.name == to && Dimension::named(to).is_some());
    let reference = |column: &Column| {
        let to = column.references.and_then(dimension)?;
        let key = to.keys().next()?;
        Some(format!("FOREIGN KEY (\"{}\") REFERENCES \"{}\" (\"{}\")", column.name, to.name, key.name))
    };
    table.columns.iter().filter_map(reference).collect()
}

/// An index for each reference by which tables are filtered most, unless the primary key starts with it.
pub(crate) fn indexes(table: &Table) -> String {
    const FILTERED: [&str; 3] = ["dim_customer", "dim_product", "dim_employee"];
    let first = table.keys().next().map(|key| key.name);
    let filtered =
        |column: &&Column| column.references.is_some_and(|to| FILTERED.contains(&to)) && Some(column.name) != first;
    let index = |column: &Column| {
        let (name, column) = (table.name, column.name);
        format!("CREATE INDEX \"{name}_{column}\" ON \"{name}\" (\"{column}\");\n")
    };
    table.columns.iter().filter(filtered).map(index).collect()
}

fn create(table: &Table, tables: &[&Table], language: Language) -> String {
    create_table(table, tables) + &comments(table, language)
}

/// The comments on the table and its columns.
pub(crate) fn comments(table: &Table, language: Language) -> String {
    let meaning = format!("{} Grain: {}.", table.description, table.grain);
    let mut text = format!("COMMENT ON TABLE \"{}\" IS {};\n", table.name, literal(&meaning));
    for column in table.columns {
        let (name, meaning) = (column.name, literal(&meaning_of(table, column, language)));
        text.extend([format!("COMMENT ON COLUMN \"{}\".\"{name}\" IS {meaning};\n", table.name)]);
    }
    text
}

/// The label and meaning of a column, and how to sum it if not over all rows: `Gross margin: …. Sum it within one window_id`
pub(crate) fn meaning_of(table: &Table, column: &Column, language: Language) -> String {
    let (label, description) = (of_column(column.name, language), column.description);
    let says_it = description.to_lowercase().starts_with(&label.to_lowercase()) || column.name.ends_with("_key");
    let meaning = if says_it { description.to_owned() } else { format!("{label}: {description}") };
    meaning + &warning(table, column)
}

/// How to sum a column correctly.
pub(crate) fn warning(table: &Table, column: &Column) -> String {
    let counts = !sum(table, column).is_empty() && !matches!(column.unit, Unit::Share);
    match table.sum(column) {
        Sum::Within(within) if counts => format!(". Sum it within one {within}"),
        Sum::Never if counts => ". Never summed".to_owned(),
        _ => String::new(),
    }
}

pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A label in every language: `{"en": "Net profit", "nl": "Nettowinst", "de": "Nettogewinn"}`
pub(crate) fn labels(of: fn(&str, Language) -> String, name: &str) -> Value {
    Language::ALL.into_iter().map(|language| (language.tag(), of(name, language))).collect()
}

/// The declarations unchanged.
#[must_use]
pub fn json(tables: &[&Table]) -> Value {
    let column = |table: &Table, column: &Column| {
        json!({
            "name": column.name, "labels": labels(of_column, column.name), "sum": sum(table, column), "type": column.ty.sql(), "role": format!("{:?}", column.role).to_lowercase(),
            "unit": format!("{:?}", column.unit).to_lowercase(), "references": column.references,
            "values": column.values, "description": column.description,
        })
    };
    let table = |table: &&Table| {
        json!({
            "name": table.name, "labels": labels(of_table, table.name), "stage": format!("{:?}", table.stage).to_lowercase(), "grain": table.grain,
            "description": table.description, "columns": table.columns.iter().map(|one| column(table, one)).collect::<Vec<_>>(),
        })
    };
    tables.iter().map(table).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::DIM_EMPLOYEE;
    use netto_model::star;

    #[test]
    fn a_table_reads_the_same_in_every_form() {
        insta::assert_snapshot!(markdown(&[&DIM_EMPLOYEE], Language::En), @r"
        ## dim_employee

        Employees, without their pay.

        Grain: employee.

        | column | label | type | unit | sum | key | meaning |
        |---|---|---|---|---|---|---|
        | employee_id | Employee number | VARCHAR |  |  | key | Employee |
        | name | Name | VARCHAR |  |  |  | Name, or the id where none was supplied |
        | role | Role | VARCHAR |  |  | optional | field, inside, warehouse, finance, … |
        | pair_id | Pair number | VARCHAR |  |  | optional | The pair of field and inside staff |
        ");
        let star = star::tables([&DIM_EMPLOYEE]);
        let star: Vec<&Table> =
            star.into_iter().filter(|table| ["dim_pair", "dim_employee"].contains(&table.name)).collect();
        insta::assert_snapshot!(ddl(&star, Language::En), @r#"
    CREATE TABLE "dim_pair" (
        "pair_key" BIGINT NOT NULL,
        "pair_id" VARCHAR NOT NULL,
        "name" VARCHAR NOT NULL,
        PRIMARY KEY ("pair_key")
    );
    COMMENT ON TABLE "dim_pair" IS 'Pairs of field and inside staff. Grain: pair.';
    COMMENT ON COLUMN "dim_pair"."pair_key" IS 'Number of the pair in this run, in the order of ids; 0 is (unknown)';
    COMMENT ON COLUMN "dim_pair"."pair_id" IS 'Pair number: Id as in the sources; empty if the sources have none';
    COMMENT ON COLUMN "dim_pair"."name" IS 'Name: the id, or (unknown); for a pair, the names of its members';

    CREATE TABLE "dim_employee" (
        "employee_key" BIGINT NOT NULL,
        "employee_id" VARCHAR NOT NULL,
        "name" VARCHAR NOT NULL,
        "role" VARCHAR,
        "pair_key" BIGINT NOT NULL,
        "pair_id" VARCHAR,
        PRIMARY KEY ("employee_key"),
        FOREIGN KEY ("pair_key") REFERENCES "dim_pair" ("pair_key")
    );
    COMMENT ON TABLE "dim_employee" IS 'Employees, without their pay. Grain: employee.';
    COMMENT ON COLUMN "dim_employee"."employee_key" IS 'Number of the employee in this run, in the order of ids; 0 is (unknown)';
    COMMENT ON COLUMN "dim_employee"."employee_id" IS 'Employee number: Employee';
    COMMENT ON COLUMN "dim_employee"."name" IS 'Name, or the id where none was supplied';
    COMMENT ON COLUMN "dim_employee"."role" IS 'Role: field, inside, warehouse, finance, …';
    COMMENT ON COLUMN "dim_employee"."pair_key" IS 'Number of the pair';
    COMMENT ON COLUMN "dim_employee"."pair_id" IS 'Pair number: The pair of field and inside staff';
        "#);
        assert_eq!(json(&[&DIM_EMPLOYEE])[0]["columns"][0]["name"], "employee_id");
        let market =
            star::tables(netto_model::contract::marts()).into_iter().find(|table| table.name == "market").unwrap();
        let said = |name: &str| meaning_of(market, market.column(name).unwrap(), Language::De);
        assert_eq!(said("net_profit"), "Nettogewinn: Net profit. Sum it within one window_id");
        assert!(said("customers").ends_with(". Never summed"), "{}", said("customers"));
    }
}
