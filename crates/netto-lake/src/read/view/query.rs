//! Parses the text of a view, which must be one SELECT over the configured tables.
//!
//! ```text
//! select o.nr as order_id, l.amount * 0.9 as net_amount from orders o join lines l on l.nr = o.nr   read
//! delete from orders · drop table orders · select 1; select 2                                       refused
//! select * from read_csv('/etc/passwd') · select * from elsewhere                                   refused
//! ```

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use netto_model::problem::did_you_mean;
use netto_model::query::is_plain;
use sqlparser::ast::{
    CastKind, DataType, Distinct, Expr, Function, FunctionArguments, Ident, JoinConstraint, ObjectName, Query,
    SelectItem, SetExpr, Statement, TableFactor, Visit, Visitor,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserOptions};

use super::sql::constraint;

/// Functions that a view may call. Each one is exact, or works on text.
pub(super) const FUNCTIONS: &[&str] = &[
    "abs",
    "avg",
    "ceil",
    "ceiling",
    "char_length",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "date",
    "date_part",
    "dense_rank",
    "ends_with",
    "first",
    "first_value",
    "floor",
    "greatest",
    "if",
    "ifnull",
    "instr",
    "lag",
    "last",
    "last_value",
    "lead",
    "least",
    "left",
    "length",
    "lower",
    "lpad",
    "ltrim",
    "max",
    "min",
    "mod",
    "nullif",
    "rank",
    "replace",
    "reverse",
    "right",
    "round",
    "row_number",
    "rpad",
    "rtrim",
    "sign",
    "split_part",
    "starts_with",
    "strftime",
    "strpos",
    "strptime",
    "substr",
    "sum",
    "trim",
    "trunc",
    "truncate",
    "upper",
];

/// The aggregate functions among them.
const AGGREGATES: [&str; 7] = ["avg", "count", "first", "last", "max", "min", "sum"];

/// Window functions, which read other rows; some also without an OVER clause.
const OF_OTHER_ROWS: [&str; 7] = ["dense_rank", "first_value", "lag", "last_value", "lead", "rank", "row_number"];

/// Whether a function needs an OVER clause.
pub(super) fn is_window(name: &str) -> bool {
    OF_OTHER_ROWS.contains(&name)
}

/// Whether the value of a function depends on more than one row.
pub(super) fn is_of_many_rows(function: &Function) -> bool {
    let is_named = || OF_OTHER_ROWS.contains(&function.name.to_string().to_lowercase().as_str());
    function.over.is_some() || is_aggregate(function) || is_named()
}

/// Whether a function is an aggregate without an OVER clause.
pub(super) fn is_aggregate(function: &Function) -> bool {
    AGGREGATES.contains(&function.name.to_string().to_lowercase().as_str())
}

/// Why a text is not a valid view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Refusal {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// Parses a view, and checks that it is one SELECT over these tables.
pub(crate) fn parse<'a>(sql: &str, tables: impl Iterator<Item = &'a str>) -> Result<Query, Refusal> {
    let options = ParserOptions { trailing_commas: true, ..ParserOptions::default() };
    let mut statements = Parser::new(&GenericDialect {})
        .with_options(options)
        .try_with_sql(sql)
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| {
            Refusal::new(
                format!("this is not SQL: {error}"),
                "a view is one SELECT over the tables of [source.….tables]",
            )
        })?;
    let (Some(Statement::Query(query)), true) = (statements.pop(), statements.is_empty()) else {
        return Err(Refusal::new(
            "a view must be exactly one SELECT",
            "a view can only read: it can't delete, create or change anything, and a second statement would never run",
        ));
    };
    let mut check = Check { tables: tables.collect(), inner: BTreeSet::new() };
    match query.visit(&mut check) {
        ControlFlow::Break(refusal) => Err(refusal),
        ControlFlow::Continue(()) => Ok(*query),
    }
}

/// The names of columns that a view may read; `None` if it reads all (`*`).
pub(super) fn names(query: &Query) -> Option<BTreeSet<String>> {
    let mut names = Names { all: false, found: BTreeSet::new() };
    match query.visit(&mut names) {
        ControlFlow::Break(()) | ControlFlow::Continue(()) => (!names.all).then_some(names.found),
    }
}

struct Check<'a> {
    tables: Vec<&'a str>,
    /// Names defined by the view itself (`with name as …`).
    inner: BTreeSet<String>,
}

impl Check<'_> {
    fn query(&mut self, query: &Query) -> Result<(), Refusal> {
        if let Some(with) = &query.with {
            if with.recursive {
                return Err(Refusal::new("`with recursive` is not allowed in a view", "write the steps one by one"));
            }
            self.inner.extend(with.cte_tables.iter().map(|cte| cte.alias.name.value.clone()));
        }
        body(&query.body)
    }

    fn table(&self, name: &ObjectName) -> Result<(), Refusal> {
        let plain = match name.0.as_slice() {
            [part] => part.as_ident().map_or_else(|| name.to_string(), |ident| ident.value.clone()),
            _ => name.to_string(),
        };
        if self.inner.contains(&plain) || self.tables.contains(&plain.as_str()) {
            return Ok(());
        }
        let near = did_you_mean(&plain, self.tables.iter().copied());
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(Refusal::new(
            format!("the view reads a table `{plain}` that is not configured{near}"),
            format!("name its files: [source.….tables] {plain} = \"extracts/….csv\""),
        ))
    }
}

fn not_allowed(what: &str) -> Refusal {
    Refusal::new(
        format!("`{what}` is not allowed in a view"),
        "a view is a plain SELECT over the tables of [source.….tables]",
    )
}

fn body(body: &SetExpr) -> Result<(), Refusal> {
    match body {
        SetExpr::Select(select) if matches!(select.distinct, Some(Distinct::On(_))) => Err(Refusal::new(
            "`distinct on` is not allowed in a view",
            "choose a row explicitly: … qualify row_number() over (partition by … order by …) = 1",
        )),
        SetExpr::Select(select) if select.into.is_none() => select.projection.iter().try_for_each(|item| match item {
            SelectItem::ExprWithAliases { .. } => Err(not_allowed(&item.to_string())),
            _ => Ok(()),
        }),
        SetExpr::Query(_) => Ok(()),
        SetExpr::SetOperation { left, right, .. } => self::body(left).and_then(|()| self::body(right)),
        other => Err(not_allowed(&other.to_string())),
    }
}

fn factor(factor: &TableFactor) -> Result<(), Refusal> {
    match factor {
        TableFactor::Table { args: Some(_), name, .. } => Err(Refusal::new(
            format!("a view can't read files itself: `{name}(…)` is not allowed"),
            "name the files in [source.….tables], and use the table name in the view",
        )),
        TableFactor::Table { sample: None, .. }
        | TableFactor::Derived { lateral: false, .. }
        | TableFactor::NestedJoin { .. } => Ok(()),
        other => Err(not_allowed(&other.to_string())),
    }
}

fn function(function: &Function) -> Result<(), Refusal> {
    let name = function.name.to_string().to_lowercase();
    if !FUNCTIONS.contains(&name.as_str()) {
        let near = did_you_mean(&name, FUNCTIONS.iter().copied());
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(Refusal::new(
            format!("the function `{name}` is not allowed in a view{near}"),
            format!("allowed functions are {}", FUNCTIONS.join(", ")),
        ));
    }
    let plain = matches!(function.args, FunctionArguments::List(_) | FunctionArguments::None)
        && matches!(function.parameters, FunctionArguments::None)
        && function.within_group.is_empty();
    if plain { Ok(()) } else { Err(not_allowed(&function.to_string())) }
}

fn expression(expression: &Expr) -> Result<(), Refusal> {
    match expression {
        Expr::Function(called) => function(called),
        Expr::Cast { kind: CastKind::TryCast | CastKind::SafeCast, .. } => Err(Refusal::new(
            format!("`{expression}` would silently read invalid values as null"),
            "write cast(… as …): an invalid value then stops the load with an error",
        )),
        Expr::Cast { data_type: DataType::Time(..), .. } | Expr::Cast { format: Some(_), .. } => {
            Err(not_allowed(&expression.to_string()))
        }
        Expr::Value(_)
        | Expr::Interval(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::ILike { any: false, .. }
        | Expr::Position { .. }
        | Expr::Substring { .. }
        | Expr::Trim { .. }
        | Expr::Wildcard(_) => Ok(()),
        other if is_plain(other) => Ok(()),
        other => Err(not_allowed(&other.to_string())),
    }
}

/// Goes on, or stops with the reason.
fn flow(checked: Result<(), Refusal>) -> ControlFlow<Refusal> {
    checked.map_or_else(ControlFlow::Break, ControlFlow::Continue)
}

impl Visitor for Check<'_> {
    type Break = Refusal;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Refusal> {
        flow(self.query(query))
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<Refusal> {
        flow(factor(table))
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<Refusal> {
        flow(self.table(name))
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Refusal> {
        flow(expression(expr))
    }
}

struct Names {
    all: bool,
    found: BTreeSet<String>,
}

impl Names {
    fn add(&mut self, ident: &Ident) {
        self.found.insert(ident.value.clone());
    }
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.body(&query.body);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(ident) => self.add(ident),
            Expr::CompoundIdentifier(parts) => parts.iter().for_each(|part| self.add(part)),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Names {
    fn body(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Select(select) => {
                let wild =
                    |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
                self.all |= select.projection.iter().any(wild) || select.projection.is_empty();
                // `using (nr)` and natural joins refer to columns outside expressions.
                let joins = select.from.iter().flat_map(|from| &from.joins);
                let by_name = |by: &JoinConstraint| matches!(by, JoinConstraint::Using(_) | JoinConstraint::Natural);
                self.all |= joins.filter_map(|join| constraint(&join.join_operator)).any(by_name);
            }
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left);
                self.body(right);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(sql: &str) -> Option<String> {
        parse(sql, ["orders", "lines"].into_iter()).err().map(|refusal| refusal.message)
    }

    #[test]
    fn statements_files_and_unknown_tables_are_refused() {
        for bad in [
            "delete from orders",
            "truncate table orders",
            "drop table orders",
            "create table x as select * from orders",
            "insert into orders select * from lines",
            "update orders set a = 1",
            "explain select * from orders",
            "show tables",
            "select 1 from orders; drop table orders",
            "select 1 from orders; select 2 from orders",
            "select * into x from orders",
            "select * from read_csv('/etc/passwd')",
            "select * from orders where a in (select 1 from read_parquet('x'))",
            "with x as (select * from read_csv('/etc/passwd')) select * from x",
            "select * from \"/etc/passwd\"",
            "select * from '/etc/passwd'",
            "select * from elsewhere",
            "select * from secret.orders",
            "select read_csv('/etc/passwd') from orders",
            "select try_cast(a as decimal) from orders",
            "with recursive x as (select 1 union all select * from x) select * from x",
            "table orders",
            "values (1)",
            "",
        ] {
            assert!(refusal(bad).is_some(), "{bad} was let through");
        }
        insta::assert_snapshot!(refusal("select * from order").unwrap(), @"the view reads a table `order` that is not configured; did you mean `orders`?");
        insta::assert_snapshot!(refusal("delete from orders").unwrap(), @"a view must be exactly one SELECT");
        insta::assert_snapshot!(refusal("select sqrt(a) from orders").unwrap(), @"the function `sqrt` is not allowed in a view");
    }

    #[test]
    fn plain_queries_are_let_through() {
        for good in [
            "select * from orders",
            "select o.a as x, sum(l.b) as y from orders o join lines l on o.a = l.a group by o.a having count(*) > 1;",
            "with x as (select a from orders union all select a from lines) select x.a from x where x.a in (select a from lines)",
            "select case when a = 1 then 'x' else 'y' end as k, row_number() over (partition by a order by b) as n from orders",
            "select cast(a as date) as d, a::decimal(10,2) as e, extract(year from d) as y, date '2025-01-01' as z from orders",
            "select strftime(d, '%Y-%m') as m, concat(a, '-', b) as t from (select * from orders) q order by m limit 10",
        ] {
            assert_eq!(refusal(good), None, "{good}");
        }
    }
}
