//! The contract as documents: Markdown for people, DDL for databases, JSON for programs. All derive from the declaration.
//!
//! ```
//! use netto_model::contract::DIM_EMPLOYEE;
//! let ddl = netto_publish::schema::ddl(&[&DIM_EMPLOYEE]);
//! assert!(ddl.contains("\"employee_id\" VARCHAR NOT NULL,"));
//! ```

use netto_model::table::{Role, Table};
use serde_json::{Value, json};

/// A chapter per table, a row per column.
#[must_use]
pub fn markdown(tables: &[&Table]) -> String {
    tables.iter().map(|table| chapter(table)).collect::<Vec<_>>().join("\n")
}

fn chapter(table: &Table) -> String {
    let mut text = format!("## {}\n\n{}\n\nGrain: {}.\n\n", table.name, table.description, table.grain);
    text += "| column | type | unit | key | meaning |\n|---|---|---|---|---|\n";
    for column in table.columns {
        let role = match column.role {
            Role::Key => "key",
            Role::Required => "",
            Role::Optional => "optional",
        };
        let unit = format!("{:?}", column.unit).to_lowercase();
        let unit = if unit == "none" { "" } else { &unit };
        let reference = column.references.map(|table| format!(" → `{table}`")).unwrap_or_default();
        text.extend([format!(
            "| {} | {} | {unit} | {role} | {}{reference} |\n",
            column.name,
            column.ty.sql(),
            column.description
        )]);
    }
    text
}

/// `CREATE TABLE` statements in standard SQL, with the meanings as comments.
#[must_use]
pub fn ddl(tables: &[&Table]) -> String {
    tables.iter().map(|table| create(table)).collect::<Vec<_>>().join("\n")
}

fn create(table: &Table) -> String {
    let mut text = format!("-- {} Grain: {}.\nCREATE TABLE \"{}\" (\n", table.description, table.grain, table.name);
    for column in table.columns {
        let null = if column.role == Role::Optional { "" } else { " NOT NULL" };
        text.extend([format!("    \"{}\" {}{null}, -- {}\n", column.name, column.ty.sql(), column.description)]);
    }
    let keys: Vec<String> = table.keys().map(|key| format!("\"{}\"", key.name)).collect();
    text + &format!("    PRIMARY KEY ({})\n);\n", keys.join(", "))
}

/// The declarations as they are.
#[must_use]
pub fn json(tables: &[&Table]) -> Value {
    let column = |column: &netto_model::Column| {
        json!({
            "name": column.name, "type": column.ty.sql(), "role": format!("{:?}", column.role).to_lowercase(),
            "unit": format!("{:?}", column.unit).to_lowercase(), "references": column.references,
            "values": column.values, "description": column.description,
        })
    };
    let table = |table: &&Table| {
        json!({
            "name": table.name, "stage": format!("{:?}", table.stage).to_lowercase(), "grain": table.grain,
            "description": table.description, "columns": table.columns.iter().map(column).collect::<Vec<_>>(),
        })
    };
    tables.iter().map(table).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::DIM_EMPLOYEE;

    #[test]
    fn a_table_reads_the_same_in_every_form() {
        insta::assert_snapshot!(markdown(&[&DIM_EMPLOYEE]), @r"
        ## dim_employee

        Employees; without their pay.

        Grain: employee.

        | column | type | unit | key | meaning |
        |---|---|---|---|---|
        | employee_id | VARCHAR |  | key | Employee |
        | name | VARCHAR |  |  | Name, or the id where none was supplied |
        | role | VARCHAR |  | optional | field, inside, warehouse, finance, … |
        | pair_id | VARCHAR |  | optional | The pair of field and inside staff |
        ");
        insta::assert_snapshot!(ddl(&[&DIM_EMPLOYEE]), @r#"
        -- Employees; without their pay. Grain: employee.
        CREATE TABLE "dim_employee" (
            "employee_id" VARCHAR NOT NULL, -- Employee
            "name" VARCHAR NOT NULL, -- Name, or the id where none was supplied
            "role" VARCHAR, -- field, inside, warehouse, finance, …
            "pair_id" VARCHAR, -- The pair of field and inside staff
            PRIMARY KEY ("employee_id")
        );
        "#);
        assert_eq!(json(&[&DIM_EMPLOYEE])[0]["columns"][0]["name"], "employee_id");
    }
}
