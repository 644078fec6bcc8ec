//! `[source.<name>.postgres]`: a query over a database instead of files.
//!
//! ```toml
//! [source.order_lines.postgres]
//! host = "erp.example.com"
//! database = "erp"
//! user = "netto"
//! query = "select order_no as order_id, line_no, order_date, customer_id, product_id, quantity, net_amount from invoice_lines"
//! ```

use std::path::PathBuf;

use netto_model::Problem;
use netto_postgres::Server;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SourceConfig;

/// A query over a PostgreSQL database. The session is read-only, and without TLS: a local socket, a private network or a tunnel.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct PostgresConfig {
    /// The server, such as `erp.example.com`, or the folder of a local socket, such as `/var/run/postgresql`; default `localhost`.
    pub host: String,
    /// Its port; default 5432.
    pub port: u16,
    /// The database; default: the name of the user.
    pub database: Option<String>,
    /// User of the database.
    pub user: String,
    /// One SELECT; its columns are mapped like columns of an extract; columns with the same name don't need a line.
    pub query: String,
    /// The environment variable with the password, such as `ERP_PASSWORD`; default `PGPASSWORD`. The password itself must not be in `netto.toml`.
    pub password_env: Option<String>,
    /// Or a file that contains only the password, relative to `netto.toml`: `password_file = "/run/secrets/erp"`.
    pub password_file: Option<PathBuf>,
}

impl Default for PostgresConfig {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: 5432,
            database: None,
            user: String::new(),
            query: String::new(),
            password_env: None,
            password_file: None,
        }
    }
}

impl PostgresConfig {
    pub(crate) fn server(&self) -> Server {
        Server {
            host: self.host.clone(),
            port: self.port,
            database: self.database.clone(),
            user: self.user.clone(),
            password_env: self.password_env.clone(),
            password_file: self.password_file.clone(),
        }
    }
}

impl SourceConfig {
    /// Invalid database settings.
    pub(super) fn check_postgres(&self) -> Vec<Problem> {
        let Some(postgres) = &self.postgres else { return Vec::new() };
        let mut problems = postgres.server().check("read the tables and nothing else");
        if postgres.query.trim().is_empty() {
            let help = "write one SELECT: query = \"select … from invoice_lines\"";
            problems.push(Problem::at(["query"], "`query` is not set").with_help(help));
        }
        for problem in &mut problems {
            problem.key.insert(0, "postgres".to_owned());
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use netto_model::contract::CUSTOMERS;

    use super::*;

    fn problems(postgres: &str, rest: &str) -> Vec<String> {
        let json = format!(r#"{{"postgres":{postgres}{rest}}}"#);
        SourceConfig::from_json(&json).unwrap().check(&CUSTOMERS).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_database_needs_is_asked_for() {
        assert_eq!(problems(r#"{"user":"netto","query":"select 1"}"#, ""), [""; 0]);
        assert_eq!(problems("{}", ""), ["`user` is not set", "`query` is not set"]);
        let url = problems(r#"{"user":"u","query":"q","host":"postgres://u:p@h/d"}"#, "");
        assert_eq!(url, ["`host` must be only the name of the server"]);
        let both = problems(r#"{"user":"u","query":"q","password_env":"A","password_file":"b"}"#, "");
        assert_eq!(both, ["`password_env` and `password_file` are both set"]);
        let files = problems(r#"{"user":"u","query":"q"}"#, r#","files":"a.csv""#);
        assert_eq!(files, ["`files` and `postgres` are both set"]);
        let password = SourceConfig::from_json(r#"{"postgres":{"password":"x"}}"#).unwrap_err().to_string();
        assert!(password.contains("unknown field `password`"), "{password}");
    }
}
