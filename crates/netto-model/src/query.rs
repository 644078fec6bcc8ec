//! A query of the configuration over published tables: one `SELECT` that reads tables of the contract and nothing else.
//!
//! ```
//! use netto_model::{Query, contract::{CUSTOMER_WINDOW, PYRAMID}};
//! let tables = [&CUSTOMER_WINDOW, &PYRAMID];
//! let query = Query::parse("select count(*) from customer_window where net_profit < 0", &tables)?;
//! assert_eq!(query.tables()[0].name, "customer_window");
//! let error = Query::parse("select count(*) from pyramids", &tables).unwrap_err();
//! assert_eq!(error.to_string(), "`pyramids` is no table that can be queried; did you mean `pyramid`?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, FunctionArguments, ObjectName, Query as Parsed, SetExpr, Statement, TableFactor, Value, Visit,
    Visitor,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use crate::expression::FUNCTIONS;
use crate::problem::did_you_mean;
use crate::table::Table;

/// Functions over many rows that a query may call, besides those of [`FUNCTIONS`].
pub const AGGREGATES: &[&str] = &["avg", "count", "max", "median", "min", "sum"];

/// A checked query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    tables: Vec<&'static Table>,
}

/// Why a query was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Not SQL.
    #[error("this is not SQL: {0}")]
    Syntax(String),
    /// Several statements, or one that isn't a query.
    #[error("it must be one SELECT, and nothing else")]
    NotOneSelect,
    /// A name that no table has.
    #[error("`{name}` is no table that can be queried{}", suggestion.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownTable {
        /// The name.
        name: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// A function that reaches outside, or that nobody needs here.
    #[error("function `{0}` is not allowed; allowed are {list}", list = AGGREGATES.iter().chain(FUNCTIONS).copied().collect::<Vec<_>>().join(", "))]
    Function(String),
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
        let mut statements =
            Parser::parse_sql(&GenericDialect {}, text).map_err(|error| QueryError::Syntax(error.to_string()))?;
        let (Some(Statement::Query(query)), true) = (statements.pop(), statements.is_empty()) else {
            return Err(QueryError::NotOneSelect);
        };
        let mut check = Check { tables, inner: BTreeSet::new(), read: BTreeSet::new() };
        if let ControlFlow::Break(error) = query.visit(&mut check) {
            return Err(error);
        }
        let read = tables.iter().filter(|table| check.read.contains(table.name)).copied().collect();
        Ok(Self { text: text.to_owned(), tables: read })
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

struct Check<'a> {
    tables: &'a [&'static Table],
    /// Names that the query itself gives (`with name as …`).
    inner: BTreeSet<String>,
    read: BTreeSet<String>,
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
        SetExpr::Query(_) => Ok(()),
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
    let known = AGGREGATES.contains(&name.as_str()) || FUNCTIONS.contains(&name.as_str());
    let plain = function.over.is_none() && matches!(function.args, FunctionArguments::List(_));
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
            Value::Number(_, false) | Value::SingleQuotedString(_) | Value::Boolean(_) | Value::Null => Ok(()),
            _ => Err(QueryError::Construct(value.to_string())),
        },
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
        | Expr::Exists { .. } => Ok(()),
        other => Err(QueryError::Construct(other.to_string())),
    }
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
        flow(expression(expr))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{CUSTOMER_WINDOW, PYRAMID};

    fn refusal(text: &str) -> String {
        Query::parse(text, &[&CUSTOMER_WINDOW, &PYRAMID]).map_or_else(|error| error.to_string(), |_| String::new())
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
            "select * from (values (1)) as x",
            "table pyramid",
            "select count(*) over () from pyramid",
            "select (select count(*) from fct_order) from pyramid",
            "select count(*) from pyramid where customers in (select 1 from read_parquet('x'))",
            "",
        ] {
            assert_ne!(refusal(bad), "", "{bad} was let through");
        }
    }

    #[test]
    fn joins_subqueries_and_named_queries_over_known_tables_are_let_through() {
        for good in [
            "select sum(net_profit) from pyramid where \"window\" = '2025'",
            "with losing as (select customer_id from customer_window where net_profit < 0) select count(distinct customer_id) from losing",
            "select count(*) from customer_window as a join customer_window as b on a.customer_id = b.customer_id",
            "select 1.0 * sum(cost_to_serve) / sum(invoice_revenue) from pyramid where tier in (select tier from pyramid)",
        ] {
            assert_eq!(refusal(good), "", "{good}");
        }
    }
}
