//! Publishes every table into a PostgreSQL database, with keys, references and meanings: for Metabase, Power BI, Superset, and psql.
//!
//! ```text
//! begin
//!   netto_next        tables ← COPY, then keys and references, which the database proves
//!   netto             → netto_before_3f9c2b71a0de, which readers that are at it go on reading
//!   netto_next        → netto
//! commit              and what was before is dropped as soon as nobody reads it
//! ```
//! Readers never wait, because nothing that they read is locked. A connection that is lost before the commit leaves nothing behind, and the earlier publication
//! stays unchanged. Rows are frozen as they are loaded: a transaction that began earlier sees each table completely, of one run or the other, and never empty.

use std::path::{Path, PathBuf};

use netto_model::{Language, Problem, Table};
use netto_postgres::{Server, Session, Stop};
use polars::prelude::{DataFrame, PolarsResult};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cells::Cells;
use crate::error::PublishError;
use crate::ready::Ready;
use crate::schema;

/// Where tables are published in a PostgreSQL database. Without TLS: a local socket, a private network or a tunnel.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PostgresSinkConfig {
    /// The server, such as `bi.example.com`, or the folder of a local socket, such as `/var/run/postgresql`; default `localhost`.
    pub host: String,
    /// Its port; default 5432.
    pub port: u16,
    /// The database; default: the name of the user.
    pub database: Option<String>,
    /// User of the database: a role that may create schemas, `grant create on database bi to netto`.
    pub user: String,
    /// The schema of the tables; default `netto`. It must be used only by netto: every run replaces it completely.
    pub schema: String,
    /// Roles that may read the tables: `readers = ["metabase"]`. Rights granted by hand are lost with the next run.
    pub readers: Vec<String>,
    /// The environment variable with the password, such as `BI_PASSWORD`; default `PGPASSWORD`. The password itself must not be in `netto.toml`.
    pub password_env: Option<String>,
    /// Or a file that contains only the password, relative to `netto.toml`: `password_file = "/run/secrets/bi"`.
    pub password_file: Option<PathBuf>,
}

impl Default for PostgresSinkConfig {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: 5432,
            database: None,
            user: String::new(),
            schema: "netto".to_owned(),
            readers: Vec::new(),
            password_env: None,
            password_file: None,
        }
    }
}

/// The comment on a schema that netto published starts with this, followed by the run id.
const MARK: &str = "netto run ";
/// The longest schema name: PostgreSQL cuts names at 63 bytes, and the previous schema's name gets a suffix.
const LONGEST: usize = 40;

impl PostgresSinkConfig {
    fn server(&self) -> Server {
        Server {
            host: self.host.clone(),
            port: self.port,
            database: self.database.clone(),
            user: self.user.clone(),
            password_env: self.password_env.clone(),
            password_file: self.password_file.clone(),
        }
    }

    /// The problems with it, each at its key.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = self.server().check("create schemas: grant create on database … to netto");
        let fits = !self.schema.is_empty() && self.schema.len() <= LONGEST && !self.schema.starts_with("pg_");
        if !fits || self.schema.contains(['"', '\0']) {
            let message = format!("`{}` can't be used as a schema name", self.schema);
            problems.push(
                Problem::at(["schema"], message)
                    .with_help("use a short word that doesn't start with pg_: schema = \"netto\""),
            );
        }
        if let Some(place) = self.readers.iter().position(|role| role.is_empty() || role.contains('\0')) {
            problems.push(Problem::at(["readers".to_owned(), place.to_string()], "a role without a name"));
        }
        problems
    }

    /// `PostgreSQL bi.example.com:5432/bi, schema netto`
    fn place(&self) -> String {
        format!("PostgreSQL {}, schema {}", self.server().place(), self.schema)
    }
}

/// Tables that are loaded into the database, but not visible to readers yet.
pub(crate) struct Loaded<'a> {
    config: &'a PostgresSinkConfig,
    session: Session,
}

/// Loads the tables beside those that are published there; `None` if the database already has this run.
///
/// # Errors
/// If the server refuses or goes away: the earlier publication stays unchanged.
pub(crate) fn load<'a>(
    config: &'a PostgresSinkConfig,
    base: &Path,
    run: &str,
    tables: &[Ready],
) -> Result<Option<Loaded<'a>>, PublishError> {
    let failed = |stop: Stop| failed(config, stop);
    let password = config.server().password(base).map_err(|message| PublishError::Database {
        place: config.place(),
        message,
        help: "password_env names an environment variable, password_file a file that contains only the password".into(),
    })?;
    let mut session = Session::writing(&config.server(), password.as_deref()).map_err(failed)?;
    let there = session.run(&what_is_there(&config.schema)).map_err(failed)?;
    match there.first().map(String::as_str) {
        Some(mark) if mark == format!("{MARK}{run}") => return Ok(None),
        Some("others") => {
            return Err(PublishError::Database {
                place: config.place(),
                message:
                    "the schema contains objects that netto didn't publish; publishing would replace the whole schema"
                        .into(),
                help: "use a schema only for netto: schema = \"netto\" in [publish.postgres]".into(),
            });
        }
        _ => {}
    }
    fill(&mut session, config, tables)?;
    session.run(&swap(config, run, there.first().map(String::as_str))).map_err(failed)?;
    Ok(Some(Loaded { config, session }))
}

impl Loaded<'_> {
    /// Makes the tables visible to readers.
    ///
    /// # Errors
    /// If the connection is lost.
    pub(crate) fn commit(&mut self) -> Result<(), PublishError> {
        self.session.run("commit").map(drop).map_err(|stop| failed(self.config, stop))
    }

    /// Drops the tables of earlier runs; returns what prevents it, except readers, who finish sooner or later.
    pub(crate) fn drop_those_before(&mut self) -> Vec<String> {
        let prefix = schema::literal(&before(self.config, ""));
        let found = self
            .session
            .run(&format!("select nspname from pg_namespace where starts_with(nspname, {prefix}) order by 1"));
        let mut notes = Vec::new();
        for old in found.unwrap_or_default() {
            if let Err(stop) = self.drop_schema(&old)
                && stop.code != LOCKED
            {
                notes.push(format!("{}: the run before is kept as {old}: {}", self.config.place(), stop.message));
            }
        }
        notes
    }

    /// Drops without `cascade`, which would silently delete views that others made on the tables.
    fn drop_schema(&mut self, name: &str) -> Result<(), Stop> {
        let of_schema = format!(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = {}",
            schema::literal(name)
        );
        let tables = self.session.run(&of_schema)?;
        let drop_tables = if tables.is_empty() { String::new() } else { format!("drop table {};", tables.join(", ")) };
        self.session.run(&format!("set lock_timeout = '2s'; {drop_tables} drop schema {}", quoted(name))).map(drop)
    }
}

/// The error code for a lock that another session held too long.
const LOCKED: &str = "55P03";

/// The state of the schema: the run that it holds, `others` if it isn't netto's, or `empty`; no row if it doesn't exist.
fn what_is_there(schema: &str) -> String {
    format!(
        "begin; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; \
         select case when obj_description(oid, 'pg_namespace') like '{MARK}%' then obj_description(oid, 'pg_namespace') \
         when exists (select from pg_class where relnamespace = n.oid) then 'others' else 'empty' end \
         from pg_namespace n where nspname = {}",
        schema::literal(schema)
    )
}

/// The schema that tables are loaded into.
fn next(config: &PostgresSinkConfig) -> String {
    format!("{}_next", config.schema)
}

/// The schema that holds the previously published run.
fn before(config: &PostgresSinkConfig, run: &str) -> String {
    format!("{}_before_{run}", config.schema)
}

fn fill(session: &mut Session, config: &PostgresSinkConfig, ready: &[Ready]) -> Result<(), PublishError> {
    let failed = |stop: Stop| failed(config, stop);
    let tables: Vec<&Table> = ready.iter().map(Ready::table).collect();
    let next = quoted(&next(config));
    session.run(&format!("create schema {next}; set local search_path = {next}")).map_err(failed)?;
    let create = |table: &&Table| schema::create_bare(table) + &schema::comments(table, Language::En);
    session.run(&tables.iter().map(create).collect::<String>()).map_err(failed)?;
    for ready in ready {
        let rows = ready.pieces()?.map(|piece| rows(ready.table(), &piece?).map_err(Fault::of));
        let copy = format!("copy {} from stdin (freeze)", quoted(ready.table().name));
        session.fill(&copy, rows).map_err(|fault| match fault {
            Fault::Session(stop) => failed(stop),
            Fault::Rows(error) => error,
        })?;
    }
    let keys = |table: &&Table| format!("alter table {} add {};", quoted(table.name), schema::primary_key(table));
    let references = |table: &&Table| {
        let keys = schema::foreign_keys(table, &tables);
        let add = |key: String| format!("alter table {} add {key};", quoted(table.name));
        keys.into_iter().map(add).collect::<String>()
            + &schema::indexes(table)
            + &format!("analyze {};", quoted(table.name))
    };
    session.run(&tables.iter().map(keys).collect::<String>()).map_err(failed)?;
    session.run(&tables.iter().map(references).collect::<String>()).map(drop).map_err(failed)
}

/// Renames the schemas; their tables stay where they are.
fn swap(config: &PostgresSinkConfig, run: &str, there: Option<&str>) -> String {
    let (schema, next) = (quoted(&config.schema), quoted(&next(config)));
    let mut text = format!("comment on schema {next} is {};", schema::literal(&format!("{MARK}{run}")));
    for role in &config.readers {
        let role = quoted(role);
        text +=
            &format!("grant usage on schema {next} to {role}; grant select on all tables in schema {next} to {role};");
    }
    if let Some(there) = there {
        let old = there.strip_prefix(MARK).unwrap_or(there);
        text += &format!("alter schema {schema} rename to {};", quoted(&before(config, old)));
    }
    text + &format!("alter schema {next} rename to {schema};")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn failed(config: &PostgresSinkConfig, stop: Stop) -> PublishError {
    PublishError::Database { place: config.place(), message: stop.message, help: stop.help }
}

/// Why a table could not be filled.
enum Fault {
    Session(Stop),
    Rows(PublishError),
}

impl Fault {
    fn of(error: impl Into<PublishError>) -> Self {
        Self::Rows(error.into())
    }
}

impl From<Stop> for Fault {
    fn from(stop: Stop) -> Self {
        Self::Session(stop)
    }
}

impl From<PublishError> for Fault {
    fn from(error: PublishError) -> Self {
        Self::Rows(error)
    }
}

/// Rows in `COPY` format: tabs between fields, line feeds between rows, `\N` for null.
fn rows(table: &Table, data: &DataFrame) -> PolarsResult<Vec<u8>> {
    let columns = Cells::of_table(table, data)?;
    let mut text = Vec::new();
    for row in 0..data.height() {
        for (place, column) in columns.iter().enumerate() {
            if place > 0 {
                text.push(b'\t');
            }
            if !column.write(row, &mut text, escaped) {
                text.extend(b"\\N");
            }
        }
        text.push(b'\n');
    }
    Ok(text)
}

/// PostgreSQL can't store a zero byte in a text: the replacement character takes its place.
fn escaped(text: &str, to: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'\\' => to.extend(b"\\\\"),
            b'\t' => to.extend(b"\\t"),
            b'\n' => to.extend(b"\\n"),
            b'\r' => to.extend(b"\\r"),
            0 => to.extend("\u{fffd}".bytes()),
            byte => to.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::DIM_EMPLOYEE;
    use polars::prelude::*;

    #[test]
    fn nothing_an_empty_text_and_signs_of_the_format_are_told_apart() {
        let data = df!("employee_id" => ["a\tb\\", ""], "name" => ["=1\n\r", "\0🚚"], "role" => [None, Some("\\N")],
            "pair_id" => [Some(""), None]);
        let text = String::from_utf8(rows(&DIM_EMPLOYEE, &data.unwrap()).unwrap()).unwrap();
        assert_eq!(text, "a\\tb\\\\\t=1\\n\\r\t\\N\t\n\t\u{fffd}🚚\t\\\\N\t\\N\n");
    }

    #[test]
    fn settings_that_mean_nothing_are_refused() {
        let problems = |config: PostgresSinkConfig| config.check().iter().map(ToString::to_string).collect::<Vec<_>>();
        let good = || PostgresSinkConfig { user: "netto".into(), ..PostgresSinkConfig::default() };
        assert_eq!(problems(good()), [""; 0]);
        assert_eq!(problems(PostgresSinkConfig::default()), ["`user` is not set"]);
        assert_eq!(
            problems(PostgresSinkConfig { schema: "pg_x".into(), ..good() }),
            ["`pg_x` can't be used as a schema name"]
        );
        assert_eq!(problems(PostgresSinkConfig { readers: vec![String::new()], ..good() }), ["a role without a name"]);
        let sinks = |postgres| crate::PublishConfig {
            sinks: vec![crate::SinkName::Postgres],
            postgres,
            ..crate::PublishConfig::default()
        };
        assert_eq!(sinks(None).check()[0].to_string(), "`postgres` is a sink, but there is no [publish.postgres]");
        assert_eq!(sinks(Some(PostgresSinkConfig::default())).check()[0].key, ["postgres", "user"]);
    }

    #[test]
    fn what_was_before_keeps_the_name_of_its_run() {
        let config = PostgresSinkConfig { schema: "b\"i".into(), ..PostgresSinkConfig::default() };
        let text = swap(&config, "0123456789ab", Some("netto run ba9876543210"));
        assert!(text.contains(r#"alter schema "b""i" rename to "b""i_before_ba9876543210";"#), "{text}");
        assert!(text.ends_with(r#"alter schema "b""i_next" rename to "b""i";"#), "{text}");
    }
}
