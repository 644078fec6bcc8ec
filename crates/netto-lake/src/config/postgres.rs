//! `[source.<name>.postgres]`: a query over a database instead of files.
//!
//! ```toml
//! [source.order_lines.postgres]
//! host = "erp.example.com"
//! database = "erp"
//! user = "netto"
//! query = "select order_no as order_id, line_no, order_date, customer_id, product_id, quantity, net_amount from invoice_lines"
//! ```

use std::path::{Path, PathBuf};

use netto_model::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SourceConfig;

/// A query over a PostgreSQL database. The session is read-only, and without TLS: a local socket, a private network or a tunnel.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct PostgresConfig {
    /// The server, such as `erp.example.com`, or the folder of a local socket, such as `/var/run/postgresql`; `localhost` when left out.
    pub host: String,
    /// Its port; 5432 when left out.
    pub port: u16,
    /// The database; the one that is called as the user when left out.
    pub database: Option<String>,
    /// Who asks.
    pub user: String,
    /// One SELECT; its columns are mapped like those of an extract, those of the same name need no line.
    pub query: String,
    /// The variable of the environment that holds the password, such as `ERP_PASSWORD`; `PGPASSWORD` when left out. The password itself
    /// never stands in `netto.toml`.
    pub password_env: Option<String>,
    /// Or a file that holds the password and nothing else, relative to `netto.toml`: `password_file = "/run/secrets/erp"`.
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
    /// `erp.example.com:5432/erp`
    pub(crate) fn place(&self) -> String {
        format!("{}:{}/{}", self.host, self.port, self.database())
    }

    pub(crate) fn database(&self) -> &str {
        self.database.as_deref().unwrap_or(&self.user)
    }

    /// The password, where one is kept for it; what is wrong with its place.
    pub(crate) fn password(&self, base: &Path) -> Result<Option<String>, String> {
        if let Some(file) = &self.password_file {
            let path = base.join(file);
            let read = std::fs::read_to_string(&path);
            let text = read.map_err(|error| format!("the password file {} can't be read: {error}", path.display()))?;
            return Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        let name = self.password_env.as_deref().unwrap_or("PGPASSWORD");
        match std::env::var(name) {
            Ok(password) => Ok(Some(password)),
            Err(_) if self.password_env.is_none() => Ok(None),
            Err(_) => Err(format!("the variable `{name}` of the environment, which holds the password, is not set")),
        }
    }
}

impl SourceConfig {
    /// Settings of a database that mean nothing.
    pub(super) fn check_postgres(&self) -> Vec<Problem> {
        let Some(postgres) = &self.postgres else { return Vec::new() };
        let at = |key: &str, message: &str, help: &str| Problem::at(["postgres", key], message).with_help(help);
        let mut problems = Vec::new();
        if postgres.user.trim().is_empty() {
            problems.push(at(
                "user",
                "`user` is not set",
                "user = \"netto\": a role that may read the tables and nothing else",
            ));
        }
        if postgres.query.trim().is_empty() {
            problems.push(at("query", "`query` is not set", "one SELECT: query = \"select … from invoice_lines\""));
        }
        if postgres.host.is_empty() || postgres.host.contains("://") || postgres.host.contains('=') {
            let help =
                "user, database and port have keys of their own, and the password stands in the environment or a file";
            problems.push(at("host", "`host` is the name of the server, and nothing else", help));
        }
        if postgres.password_env.is_some() && postgres.password_file.is_some() {
            problems.push(at("password_file", "`password_env` and `password_file` are both set", "keep one of them"));
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
        assert_eq!(url, ["`host` is the name of the server, and nothing else"]);
        let both = problems(r#"{"user":"u","query":"q","password_env":"A","password_file":"b"}"#, "");
        assert_eq!(both, ["`password_env` and `password_file` are both set"]);
        let files = problems(r#"{"user":"u","query":"q"}"#, r#","files":"a.csv""#);
        assert_eq!(files, ["`files` and `postgres` are both set"]);
        let password = SourceConfig::from_json(r#"{"postgres":{"password":"x"}}"#).unwrap_err().to_string();
        assert!(password.contains("unknown field `password`"), "{password}");
    }

    #[test]
    fn a_password_is_read_from_a_file_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "pass word \r\n").unwrap();
        let of_file = |file: &str| PostgresConfig { password_file: Some(file.into()), ..PostgresConfig::default() };
        assert_eq!(of_file("secret").password(folder.path()), Ok(Some("pass word ".to_owned())));
        assert!(of_file("none").password(folder.path()).unwrap_err().contains("can't be read"));
        let unset = PostgresConfig { password_env: Some("NETTO_TEST_UNSET".into()), ..PostgresConfig::default() };
        assert!(unset.password(folder.path()).unwrap_err().contains("`NETTO_TEST_UNSET`"));
    }
}
