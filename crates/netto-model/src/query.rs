//! A query of the configuration over published tables: one `SELECT` that reads tables of the contract and nothing else.
//!
//! ```
//! use netto_model::{Query, contract::model};
//! let tables = [model("customer_window"), model("pyramid")];
//! let query = Query::parse("select count(*) from customer_window where net_profit < 0", &tables)?;
//! assert_eq!(query.tables()[0].name, "customer_window");
//! let error = Query::parse("select count(*) from pyramids", &tables).unwrap_err();
//! assert_eq!(error.to_string(), "`pyramids` is not a table that can be queried; did you mean `pyramid`?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Cte, Expr, Function, FunctionArguments, ObjectName, Query as Parsed, SetExpr, Statement, TableFactor, Value, Visit,
    Visitor, visit_relations,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use crate::expression::{FUNCTIONS, within_limits};
use crate::problem::did_you_mean;
use crate::table::Table;

pub mod joins;
mod lineage;
mod shorthand;

pub use lineage::{Lineage, Origins};
pub(crate) use shorthand::arguments;
pub use shorthand::{FUNCTIONS_OF_POLARS, SHORTHANDS};

/// Stack size in bytes of a thread that plans queries, twice that of the main thread: long queries nest deeply.
pub const STACK: usize = 16 << 20;

/// Functions over many rows that a query may call, besides those of [`FUNCTIONS`].
pub const AGGREGATES: &[&str] = &["avg", "count", "max", "median", "min", "sum"];
/// Functions over a window of rows, `… over (partition by … order by …)`, besides [`AGGREGATES`].
pub const OVER: &[&str] = &["dense_rank", "first_value", "lag", "lead", "rank", "row_number"];

/// Functions over texts that a query may call, besides those of [`FUNCTIONS`].
pub const ON_TEXTS: &[&str] = &["replace"];

/// A checked query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    parsed: Box<Parsed>,
    tables: Vec<&'static Table>,
    settings: Vec<String>,
}

/// Why a query was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Not SQL.
    #[error("this is not SQL: {0}")]
    Syntax(String),
    /// Several statements, or one that isn't a query.
    #[error("it must be exactly one SELECT")]
    NotOneSelect,
    /// A name that no table has.
    #[error("`{name}` is not a table that can be queried{}", suggestion.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownTable {
        /// The name.
        name: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// A function that reaches outside, or that nobody needs here.
    #[error("function `{0}` is not allowed; allowed are {list}", list = [AGGREGATES, OVER, FUNCTIONS, ON_TEXTS, SHORTHANDS].concat().join(", "))]
    Function(String),
    /// A shorthand that was called with something else than it takes.
    #[error("{0}")]
    Shorthand(String),
    /// An amount compared with, or added to, a number that isn't one.
    #[error("`{0}`: amounts are whole ten-thousandths here; write `amount(100)` for 100")]
    BareNumber(String),
    /// Longer or deeper than engines can read.
    #[error("the query is too large: {0}")]
    TooLarge(String),
    /// A construct beyond a plain query.
    #[error("`{0}` is not allowed in a query")]
    Construct(String),
}

impl Query {
    /// Parses and checks a query over `tables`.
    ///
    /// # Errors
    /// Wrong syntax, more than one statement, an unknown table (with the nearest known), a function or construct that is not
    /// allowed.
    pub fn parse(text: &str, tables: &[&'static Table]) -> Result<Self, QueryError> {
        within_limits(text).map_err(QueryError::TooLarge)?;
        let query = Self::parse_known(text, tables)?;
        query.sql(&|_| Some("0".into()))?;
        Ok(query)
    }

    /// The same of a text that is built in: the tests have found that it stays within the limits and that its shorthands can be written out, and
    /// every start of the program would pay for finding it once more.
    pub(crate) fn parse_known(text: &str, tables: &[&'static Table]) -> Result<Self, QueryError> {
        let mut statements =
            Parser::parse_sql(&GenericDialect {}, text).map_err(|error| QueryError::Syntax(error.to_string()))?;
        let (Some(Statement::Query(mut parsed)), true) = (statements.pop(), statements.is_empty()) else {
            return Err(QueryError::NotOneSelect);
        };
        joins::turn(&mut parsed);
        if matches!(*parsed.body, SetExpr::Values(_)) {
            return Err(QueryError::NotOneSelect);
        }
        let mut check = Check { tables, inner: BTreeSet::new(), read: BTreeSet::new(), settings: BTreeSet::new() };
        if let ControlFlow::Break(error) = parsed.visit(&mut check) {
            return Err(error);
        }
        let read = tables.iter().filter(|table| check.read.contains(table.name)).copied().collect();
        let settings = check.settings.into_iter().collect();
        Ok(Self { text: text.to_owned(), parsed, tables: read, settings })
    }

    /// The query with its shorthands and settings as they are.
    #[must_use]
    pub fn as_written(&self) -> String {
        self.parsed.to_string()
    }

    /// The query as any engine reads it: shorthands written out, and settings put in as SQL literals.
    ///
    /// # Errors
    /// A setting that `value_of` doesn't know.
    pub fn sql(&self, value_of: &dyn Fn(&str) -> Option<String>) -> Result<String, QueryError> {
        shorthand::written_out(&self.parsed, value_of, &[])
    }

    /// The query step by step, as Polars is given it: each named query, and then the one that reads them. The functions of
    /// [`FUNCTIONS_OF_POLARS`] stay as they are where Polars looks for functions that it was given: not in the queries inside of a query.
    ///
    /// # Errors
    /// A setting that `value_of` doesn't know.
    pub fn steps(&self, value_of: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Step>, QueryError> {
        let written = |query: &Parsed| {
            let kept = if has_inner_queries(query) { &[] } else { FUNCTIONS_OF_POLARS };
            shorthand::written_out(query, value_of, kept)
        };
        let named = |cte: &Cte| {
            let (name, sql) = (cte.alias.name.value.clone(), written(&cte.query)?);
            // Columns are only named where a query is.
            let sql = if cte.alias.columns.is_empty() {
                sql
            } else {
                format!("WITH {} AS ({sql}) SELECT * FROM {name}", cte.alias)
            };
            Ok(Step { name: Some(name), sql, reads: relations(&cte.query) })
        };
        let ctes = self.parsed.with.iter().flat_map(|with| &with.cte_tables);
        let last = Parsed { with: None, ..(*self.parsed).clone() };
        let last = written(&last).map(|sql| Step { name: None, sql, reads: relations(&last) });
        ctes.map(named).chain([last]).collect()
    }

    /// The settings that it asks for, `$name` in the text.
    #[must_use]
    pub fn settings(&self) -> &[String] {
        &self.settings
    }

    pub(crate) fn body(&self) -> &SetExpr {
        &self.parsed.body
    }

    pub(crate) fn statement(&self) -> &Parsed {
        &self.parsed
    }

    /// The query as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The tables that it reads.
    #[must_use]
    pub fn tables(&self) -> &[&'static Table] {
        &self.tables
    }
}

/// A step of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What later steps call it; nothing for the last one.
    pub name: Option<String>,
    /// Its SELECT.
    pub sql: String,
    /// The tables and steps before it that it reads.
    pub reads: BTreeSet<String>,
}

/// What a query reads, tables and named queries alike.
fn relations(query: &Parsed) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let visited = visit_relations(query, |relation| {
        names.insert(relation.to_string());
        ControlFlow::<Infallible>::Continue(())
    });
    debug_assert!(visited.is_continue());
    names
}

/// Whether a query is made of queries: unions, and what stands in brackets.
fn has_inner_queries(query: &Parsed) -> bool {
    struct Inner {
        queries: usize,
    }
    impl Visitor for Inner {
        type Break = ();
        fn pre_visit_query(&mut self, _query: &Parsed) -> ControlFlow<()> {
            self.queries += 1;
            // The first is the query itself.
            if self.queries > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    !matches!(*query.body, SetExpr::Select(_)) || query.visit(&mut Inner { queries: 0 }).is_break()
}

struct Check<'a> {
    tables: &'a [&'static Table],
    /// Names that the query itself gives (`with name as …`).
    inner: BTreeSet<String>,
    read: BTreeSet<String>,
    settings: BTreeSet<String>,
}

impl Check<'_> {
    fn query(&mut self, query: &Parsed) -> Result<(), QueryError> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.inner.insert(cte.alias.name.value.clone());
        }
        body(&query.body)
    }

    fn table(&mut self, name: &ObjectName) -> Result<(), QueryError> {
        let shown = name.to_string();
        let plain = shown.trim_matches('"').to_owned();
        if self.inner.contains(&plain) {
            return Ok(());
        }
        if self.tables.iter().any(|table| table.name == plain) {
            self.read.insert(plain);
            return Ok(());
        }
        let suggestion = did_you_mean(&plain, self.tables.iter().map(|table| table.name)).map(str::to_owned);
        Err(QueryError::UnknownTable { name: plain, suggestion })
    }
}

fn body(body: &SetExpr) -> Result<(), QueryError> {
    match body {
        SetExpr::Select(select) if select.into.is_none() => Ok(()),
        SetExpr::Query(_) | SetExpr::Values(_) => Ok(()),
        SetExpr::SetOperation { left, right, .. } => self::body(left).and_then(|()| self::body(right)),
        other => Err(QueryError::Construct(other.to_string())),
    }
}

fn factor(factor: &TableFactor) -> Result<(), QueryError> {
    match factor {
        TableFactor::Table { args: None, sample: None, .. }
        | TableFactor::Derived { lateral: false, .. }
        | TableFactor::NestedJoin { .. } => Ok(()),
        other => Err(QueryError::Construct(other.to_string())),
    }
}

fn function(function: &Function) -> Result<(), QueryError> {
    let name = function.name.to_string().to_lowercase();
    let is_in = |list: &[&str]| list.contains(&name.as_str());
    let over_rows = is_in(AGGREGATES) || is_in(OVER);
    let known = over_rows || is_in(FUNCTIONS) || is_in(ON_TEXTS) || is_in(SHORTHANDS);
    let fits = if function.over.is_some() { over_rows } else { !is_in(OVER) };
    let plain = fits && function.filter.is_none() && matches!(function.args, FunctionArguments::List(_));
    match (known, plain) {
        (false, _) => Err(QueryError::Function(name)),
        (true, false) => Err(QueryError::Construct(function.to_string())),
        (true, true) => Ok(()),
    }
}

fn expression(expression: &Expr) -> Result<(), QueryError> {
    match expression {
        Expr::Function(called) => function(called),
        Expr::Value(value) => match &value.value {
            Value::Number(_, false)
            | Value::SingleQuotedString(_)
            | Value::Boolean(_)
            | Value::Null
            | Value::Placeholder(_) => Ok(()),
            _ => Err(QueryError::Construct(value.to_string())),
        },
        other if is_plain(other) => Ok(()),
        other => Err(QueryError::Construct(other.to_string())),
    }
}

/// Whether an expression is one that any query may have, whoever runs it: what it is made of is looked at by itself.
#[must_use]
pub const fn is_plain(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::BinaryOp { .. }
            | Expr::UnaryOp { .. }
            | Expr::Nested(_)
            | Expr::Case { .. }
            | Expr::Cast { .. }
            | Expr::TypedString(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsTrue(_)
            | Expr::IsFalse(_)
            | Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::Between { .. }
            | Expr::Like { any: false, .. }
            | Expr::Floor { .. }
            | Expr::Ceil { .. }
            | Expr::Extract { .. }
            | Expr::Subquery(_)
            | Expr::Exists { .. }
    )
}

/// Goes on, or stops with the reason.
fn flow(checked: Result<(), QueryError>) -> ControlFlow<QueryError> {
    checked.map_or_else(ControlFlow::Break, ControlFlow::Continue)
}

impl Visitor for Check<'_> {
    type Break = QueryError;

    fn pre_visit_query(&mut self, query: &Parsed) -> ControlFlow<QueryError> {
        flow(self.query(query))
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<QueryError> {
        flow(factor(table))
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<QueryError> {
        flow(self.table(name))
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<QueryError> {
        if let Some(name) = shorthand::setting(expr) {
            self.settings.insert(name.to_owned());
        }
        flow(expression(expr))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::model;

    fn refusal(text: &str) -> String {
        Query::parse(text, &[model("customer_window"), model("pyramid")])
            .map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn files_statements_and_table_functions_are_refused() {
        for bad in [
            "select * from read_csv('/etc/passwd')",
            "select count(*) from '/etc/passwd'",
            "select count(*) from \"/etc/passwd\"",
            "select read_csv('/etc/passwd') from pyramid",
            "select getenv('HOME') from pyramid",
            "select 1; drop table pyramid",
            "drop table pyramid",
            "create table x as select 1 from pyramid",
            "select count(*) into x from pyramid",
            "select count(*) from secret.pyramid",
            "values (1)",
            "table pyramid",
            "select row_number() from pyramid",
            "select abs(customers) over () from pyramid",
            "select sum(customers) filter (where customers > 1) from pyramid",
            "select share(customers) from pyramid",
            "select half_even(customers, 1, 2) from pyramid",
            "select amount(customers) from pyramid",
            "select amount(0.00001) from pyramid",
            "select day_number(customers, 1) from pyramid",
            "select (select count(*) from fct_order) from pyramid",
            "select count(*) from pyramid where customers in (select 1 from read_parquet('x'))",
            "",
        ] {
            assert_ne!(refusal(bad), "", "{bad} was let through");
        }
        let long = format!("select 1{} from pyramid", " + 1".repeat(20_000));
        assert!(refusal(&long).contains("too large"), "{}", refusal(&long));
    }

    #[test]
    fn joins_subqueries_and_named_queries_over_known_tables_are_let_through() {
        for good in [
            "select sum(net_profit) from pyramid where \"window\" = '2025'",
            "with losing as (select customer_id from customer_window where net_profit < 0) select count(distinct customer_id) from losing",
            "select count(*) from customer_window as a join customer_window as b on a.customer_id = b.customer_id",
            "select 1.0 * sum(cost_to_serve) / sum(invoice_revenue) from pyramid where tier in (select tier from pyramid)",
            "select share(net_profit, sum(net_profit) over w), row_number() over w from pyramid window w as (partition by tier order by -net_profit)",
            "select half_even(sum(net_profit), count(*)) from pyramid where net_profit > amount($least)",
            "select day_number(first_period) from pyramid",
        ] {
            assert_eq!(refusal(good), "", "{good}");
        }
    }
}
