//! Turns a view into one lazy plan. Each SELECT is planned separately, so that its columns and their types are known when its
//! expressions are rewritten.
//!
//! ```text
//! with a as (S1) select … from a join (S2) b …   S1 → a, S2 → b, then: select … from a join b …
//! S1 union all S2                                S1, S2 brought to the same types, then one below the other
//! ```

use std::collections::BTreeMap;

use netto_model::query::joins::{condition, turn_select};
use polars::prelude::{DataFrame, DslPlan, IntoLazy, LazyFrame, PolarsError, SchemaRef, col, cols};
use polars::sql::SQLContext;
use sqlparser::ast::{
    Expr, GroupByExpr, Ident, JoinConstraint, JoinOperator, OrderBy, OrderByKind, Query, Select, SelectItem, SetExpr,
    SetOperator, SetQuantifier, TableAlias, TableFactor, TableWithJoins,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::functions::Functions;
use super::groups::{self, Split};
use super::joins::{self, Limit};
use super::kind::Kind;
use super::query::Refusal;
use super::rewrite::{Rewriter, Stop, Subqueries};
use super::sql::constraint;

/// Frames by their name in a part of the view.
type Scope = BTreeMap<String, LazyFrame>;

/// Plans a view over these tables.
pub(super) fn plan(
    query: &Query,
    tables: BTreeMap<String, DataFrame>,
    functions: &Functions,
    limit: Limit,
) -> Result<LazyFrame, Stop> {
    let scope = tables.into_iter().map(|(name, frame)| (name, frame.lazy())).collect();
    Planner { functions, limit, number: 0 }.query(query, &scope)
}

/// `select * from name`.
pub(super) fn all_of(name: &str) -> Result<Query, Stop> {
    let text = format!("select * from \"{name}\"");
    let parsed = Parser::new(&GenericDialect {}).try_with_sql(&text).and_then(|mut parser| parser.parse_query());
    let parsed =
        parsed.map_err(|error| Stop::Refused(Refusal::new(error.to_string(), "give the table another name")))?;
    Ok(*parsed)
}

/// The FROM clause of `select * from name`.
fn from(name: &str) -> Result<Vec<TableWithJoins>, Stop> {
    match *all_of(name)?.body {
        SetExpr::Select(select) => Ok(select.from),
        _ => Ok(Vec::new()),
    }
}

/// The column with the condition of QUALIFY.
const QUALIFIES: &str = "netto qualifies";

/// The clauses after the SELECTs of a query.
#[derive(Clone)]
struct Tail {
    whole: Query,
}

impl Tail {
    fn is_empty(&self) -> bool {
        self.whole.order_by.is_none() && self.whole.limit_clause.is_none() && self.whole.fetch.is_none()
    }

    fn limits(&self) -> bool {
        self.whole.limit_clause.is_some() || self.whole.fetch.is_some()
    }

    /// The same behind another body.
    fn behind(&self, body: SetExpr) -> Query {
        Query { with: None, body: Box::new(body), ..self.whole.clone() }
    }
}

struct Planner<'a> {
    functions: &'a Functions,
    limit: Limit,
    number: usize,
}

impl Planner<'_> {
    fn query(&mut self, query: &Query, scope: &Scope) -> Result<LazyFrame, Stop> {
        let mut scope = scope.clone();
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let frame = self.query(&cte.query, &scope)?;
            let frame = renamed(frame, &cte.alias)?;
            scope.insert(cte.alias.name.value.clone(), frame);
        }
        self.body(&query.body, &Tail { whole: query.clone() }, &scope)
    }

    fn body(&mut self, body: &SetExpr, tail: &Tail, scope: &Scope) -> Result<LazyFrame, Stop> {
        match body {
            SetExpr::Select(select) => self.select(select, tail, scope),
            SetExpr::Query(inner) => {
                let frame = self.query(inner, scope)?;
                if tail.is_empty() {
                    return Ok(frame);
                }
                let name = self.name();
                let all = all_of(&name)?;
                self.body(&all.body, tail, &Scope::from([(name, frame)]))
            }
            SetExpr::SetOperation { op, set_quantifier, left, right } => {
                self.set(*op, *set_quantifier, [left, right], tail, scope)
            }
            other => Err(Stop::Refused(Refusal::new(format!("`{other}` is not allowed in a view"), "write a SELECT"))),
        }
    }

    fn name(&mut self) -> String {
        self.number += 1;
        format!("netto_rows_{}", self.number)
    }

    /// A UNION, EXCEPT or INTERSECT, with both sides converted to the same types.
    fn set(
        &mut self,
        op: SetOperator,
        set_quantifier: SetQuantifier,
        sides: [&SetExpr; 2],
        tail: &Tail,
        scope: &Scope,
    ) -> Result<LazyFrame, Stop> {
        let nothing = Tail { whole: all_of("x")? };
        let [left, right] = sides;
        let (left, right) = (self.body(left, &nothing, scope)?, self.body(right, &nothing, scope)?);
        let by_name =
            matches!(set_quantifier, SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName);
        let (left, right) = self.of_same_types(left, right, by_name)?;
        let names = [self.name(), self.name()];
        let side = |name: &String| all_of(name).map(|query| query.body);
        let body = SetExpr::SetOperation { op, set_quantifier, left: side(&names[0])?, right: side(&names[1])? };
        let mut query = tail.behind(body);
        let relations = [(String::new(), left.clone().collect_schema()?)];
        let tables = names.into_iter().zip([left, right]).collect();
        let mut context = self.context(&tables);
        let mut none = NoSubqueries;
        let mut rewriter = Rewriter::new(self.functions, &relations, &mut none);
        order_by(&mut rewriter, &mut query)?;
        Ok(context.execute(&query.to_string())?)
    }

    fn of_same_types(
        &mut self,
        left: LazyFrame,
        right: LazyFrame,
        by_name: bool,
    ) -> Result<(LazyFrame, LazyFrame), Stop> {
        let (mut left, mut right) = (left, right);
        let (one, two) = (left.collect_schema()?, right.collect_schema()?);
        let (mut lefts, mut rights) = (Vec::new(), Vec::new());
        for (at, (name, ty)) in one.iter().enumerate() {
            let other =
                if by_name { two.get_full(name) } else { two.get_at_index(at).map(|(name, ty)| (at, name, ty)) };
            let Some((_, other_name, other_ty)) = other else { continue };
            if ty == other_ty {
                continue;
            }
            let kinds = [Kind::of(ty), Kind::of(other_ty)];
            let common = match Kind::common(kinds.into_iter()) {
                // A number or day combined with texts is written in the source's notation, so that it parses to the same value.
                Some(_) if kinds.contains(&Kind::Text) => Kind::Text,
                Some(kind) => kind,
                None => {
                    return Err(Stop::Refused(Refusal::new(
                        format!("a union has \"{name}\" ({ty}) above \"{other_name}\" ({other_ty})"),
                        "cast both to the same type: cast(… as varchar), cast(… as decimal) or cast(… as date)",
                    )));
                }
            };
            let function = match common {
                Kind::Number => "number",
                Kind::Text => "written",
                Kind::Moment => "moment",
                _ => continue,
            };
            lefts.push(self.converted(function, name)?);
            rights.push(self.converted(function, other_name)?);
        }
        Ok((left.with_columns(lefts), right.with_columns(rights)))
    }

    fn converted(&self, function: &str, column: &str) -> Result<polars::prelude::Expr, Stop> {
        use polars::sql::FunctionRegistry;
        let name = self.functions.name(function, column);
        let known = self.functions.get_udf(&name)?;
        let known = known.ok_or_else(|| PolarsError::ComputeError(format!("no function {name}").into()))?;
        Ok(known.call(vec![col(column)]).alias(column))
    }

    fn context(&self, tables: &Scope) -> SQLContext {
        let context = SQLContext::new().with_function_registry(std::sync::Arc::new(self.functions.clone()));
        for (name, frame) in tables {
            context.register(name, frame.clone());
        }
        context
    }

    fn select(&mut self, select: &Select, tail: &Tail, scope: &Scope) -> Result<LazyFrame, Stop> {
        let (mut select, mut tail) = (select.clone(), tail.clone());
        if !tail.limits() {
            // The order of the rows of a view has no meaning.
            tail.whole.order_by = None;
        }
        let mut tables = scope.clone();
        let mut relations = Vec::new();
        for from in &mut select.from {
            self.tables_of(from, scope, &mut tables, &mut relations)?;
        }
        groups::inline_windows(&mut select, &mut tail.whole.order_by)?;
        groups::inline_aliases(&mut select, &relations);
        if let Some(Split { groups, mut over }) = groups::split(&select, &mut tail.whole.order_by, &relations)? {
            let frame = self.select(&groups, &Tail { whole: all_of("x")? }, &tables)?;
            let name = self.name();
            over.from = from(&name)?;
            tables.insert(name, frame);
            return self.select(&over, &tail, &tables).map_err(|stop| groups::not_grouped(stop, &relations));
        }
        if select.qualify.is_some() {
            return self.qualified(select, &tail, &tables);
        }
        self.plain(select, &tail, tables, relations)
    }

    /// A SELECT with QUALIFY: its condition is a column that all rows have, and is taken away with the rows for which it doesn't hold.
    fn qualified(&mut self, mut select: Select, tail: &Tail, tables: &Scope) -> Result<LazyFrame, Stop> {
        let Some(condition) = select.qualify.take() else { return self.select(&select, tail, tables) };
        if !groups::has_window(&condition) {
            return Err(Stop::Refused(Refusal::new(
                format!("`qualify {condition}` has no window function"),
                "write the condition in `where`, or in `having` after `group by`",
            )));
        }
        let distinct = select.distinct.take();
        select.projection.push(SelectItem::ExprWithAlias { expr: condition, alias: Ident::with_quote('"', QUALIFIES) });
        let frame = self.select(&select, &Tail { whole: all_of("x")? }, tables)?;
        let frame = frame.filter(col(QUALIFIES)).drop(cols([QUALIFIES]));
        if distinct.is_none() && !tail.limits() {
            return Ok(frame);
        }
        let name = self.name();
        let mut all = all_of(&name)?;
        if let SetExpr::Select(select) = &mut *all.body {
            select.distinct = distinct;
        }
        self.body(&all.body, tail, &Scope::from([(name, frame)]))
    }

    /// A SELECT without QUALIFY, whose window functions don't look at groups.
    fn plain(
        &mut self,
        mut select: Select,
        tail: &Tail,
        mut tables: Scope,
        relations: Vec<joins::Relation>,
    ) -> Result<LazyFrame, Stop> {
        joins::ask_in_joins(&mut select, &relations);
        joins::ask_in_where(&mut select, &relations)?;
        joins::check(&select, &relations, self.limit)?;
        turn_select(&mut select);
        let relations: Vec<(String, SchemaRef)> =
            relations.into_iter().map(|known| (known.name, known.schema)).collect();
        let functions = self.functions;
        let scope = tables.clone();
        let mut subqueries = Planned { planner: &mut *self, scope: &scope, tables: &mut tables };
        let mut rewriter = Rewriter::new(functions, &relations, &mut subqueries);
        rewrite(&mut rewriter, &mut select)?;
        let mut query = tail.behind(SetExpr::Select(Box::new(select)));
        order_by(&mut rewriter, &mut query)?;
        Ok(self.context(&tables).execute(&query.to_string())?)
    }

    /// Registers the tables of a FROM clause, each under a name of its own.
    fn tables_of(
        &mut self,
        from: &mut TableWithJoins,
        scope: &Scope,
        tables: &mut Scope,
        relations: &mut Vec<joins::Relation>,
    ) -> Result<(), Stop> {
        self.table(&mut from.relation, scope, tables, relations)?;
        for join in &mut from.joins {
            self.table(&mut join.relation, scope, tables, relations)?;
        }
        Ok(())
    }

    fn table(
        &mut self,
        factor: &mut TableFactor,
        scope: &Scope,
        tables: &mut Scope,
        relations: &mut Vec<joins::Relation>,
    ) -> Result<(), Stop> {
        let (frame, alias) = match factor {
            TableFactor::NestedJoin { table_with_joins, .. } => {
                return self.tables_of(table_with_joins, scope, tables, relations);
            }
            TableFactor::Table { name, alias, .. } => {
                let plain = name
                    .0
                    .last()
                    .and_then(|part| part.as_ident())
                    .map_or_else(String::new, |ident| ident.value.clone());
                let Some(frame) = scope.get(&plain) else {
                    return Err(Stop::Refused(Refusal::new(
                        format!("the view reads a table `{plain}` that doesn't exist"),
                        "name its files in [source.….tables]",
                    )));
                };
                let own = alias.clone().unwrap_or_else(|| alias_of(&plain));
                (frame.clone(), own)
            }
            TableFactor::Derived { subquery, alias, .. } => {
                let frame = self.query(subquery, scope)?;
                let own = alias.clone().unwrap_or_else(|| alias_of(&self.name()));
                (frame, own)
            }
            other => {
                return Err(Stop::Refused(Refusal::new(format!("`{other}` is not allowed in a view"), "name a table")));
            }
        };
        let is_table = matches!(frame.logical_plan, DslPlan::DataFrameScan { .. });
        let mut frame = renamed(frame, &alias)?;
        let schema = frame.collect_schema()?;
        let name = self.name();
        relations.push(joins::Relation { name: alias.name.value.clone(), schema, frame: frame.clone(), is_table });
        tables.insert(name.clone(), frame);
        if let Some(TableWithJoins { relation: TableFactor::Table { name, .. }, .. }) = from(&name)?.first() {
            *factor = TableFactor::Table {
                name: name.clone(),
                alias: Some(TableAlias { columns: Vec::new(), ..alias }),
                args: None,
                with_hints: Vec::new(),
                version: None,
                with_ordinality: false,
                partitions: Vec::new(),
                json_path: None,
                sample: None,
                index_hints: Vec::new(),
            };
        }
        Ok(())
    }
}

/// Subqueries of the expressions of one SELECT.
struct Planned<'p, 'a> {
    planner: &'p mut Planner<'a>,
    scope: &'p Scope,
    tables: &'p mut Scope,
}

impl Subqueries for Planned<'_, '_> {
    fn plan(&mut self, query: &Query) -> Result<(String, LazyFrame), Stop> {
        let frame = self.planner.query(query, self.scope)?;
        let name = self.planner.name();
        self.tables.insert(name.clone(), frame.clone());
        Ok((name, frame))
    }
}

struct NoSubqueries;

impl Subqueries for NoSubqueries {
    fn plan(&mut self, query: &Query) -> Result<(String, LazyFrame), Stop> {
        Err(Stop::Refused(Refusal::new(format!("`{query}` is not allowed here"), "move it into the SELECT")))
    }
}

fn alias_of(name: &str) -> TableAlias {
    let mut ident = Ident::new(name);
    ident.quote_style = Some('"');
    TableAlias { explicit: true, name: ident, columns: Vec::new(), at: None }
}

/// The columns by the names that an alias gives them: `(…) as t(a, b)`.
fn renamed(frame: LazyFrame, alias: &TableAlias) -> Result<LazyFrame, PolarsError> {
    if alias.columns.is_empty() {
        return Ok(frame);
    }
    let mut frame = frame;
    let schema = frame.collect_schema()?;
    let old: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
    let new: Vec<String> = alias.columns.iter().map(|column| column.name.value.clone()).collect();
    Ok(frame.rename(old.iter().take(new.len()), &new, true))
}

fn rewrite(rewriter: &mut Rewriter<'_>, select: &mut Select) -> Result<(), Stop> {
    for from in &mut select.from {
        for join in &mut from.joins {
            on(rewriter, &mut join.join_operator)?;
        }
    }
    if let Some(selection) = &mut select.selection {
        if groups::has_window(selection) {
            return Err(Stop::Refused(Refusal::new(
                format!("`where {selection}` has a window function, which is computed after `where`"),
                "write qualify instead of where",
            )));
        }
        *selection = rewriter.expr(selection)?.expr;
    }
    if let Some(subquery) = groups::subquery(&select.projection) {
        return Err(Stop::Refused(Refusal::new(
            format!("`{subquery}` is a value of the SELECT list"),
            "join it: from … cross join (select max(x) as most from …) t; or on equal columns, grouped by them",
        )));
    }
    let (mut kinds, mut items) = (Vec::new(), Vec::new());
    for item in &mut select.projection {
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let typed = rewriter.expr(expr)?;
                expr.clone_from(&typed.expr);
                items.push(Some(typed));
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                let typed = rewriter.expr(expr)?;
                kinds.push((alias.value.clone(), typed.kind));
                expr.clone_from(&typed.expr);
                items.push(Some(typed));
            }
            _ => items.push(None),
        }
    }
    rewriter.aliases.extend(kinds);
    if let GroupByExpr::Expressions(keys, _) = &mut select.group_by {
        let mut typed = Vec::new();
        for key in &mut *keys {
            if let Expr::Value(place) = key {
                // The engine can't group by a single number with decimals, only by several keys.
                let at = place.to_string().parse::<usize>().ok().and_then(|place| place.checked_sub(1));
                typed.push(at.and_then(|at| items.get(at).cloned().flatten()));
            } else {
                let made = rewriter.expr(key)?;
                key.clone_from(&made.expr);
                typed.push(Some(made));
            }
        }
        if let [Some(single)] = typed.as_slice()
            && single.kind.has_decimals()
        {
            // A text prefix gives the key another name than the column.
            let key = rewriter.key(single.clone()).expr;
            keys.push(super::sql::binary(super::sql::string(""), sqlparser::ast::BinaryOperator::StringConcat, key));
        }
    }
    if let GroupByExpr::All(_) = &select.group_by {
        let mut keys = items.iter().flatten().filter(|item| !item.of_many_rows());
        if let (Some(key), None) = (keys.next(), keys.next())
            && key.kind.has_decimals()
        {
            return Err(Stop::Refused(Refusal::new(
                "`group by all` groups by a number with decimals alone",
                "name the column: group by …",
            )));
        }
    }
    if let Some(having) = &mut select.having {
        *having = rewriter.expr(having)?.expr;
    }
    Ok(())
}

/// Rewrites a join condition: equal texts are unchanged, numbers with decimals are joined by their texts.
fn on(rewriter: &mut Rewriter<'_>, join: &mut JoinOperator) -> Result<(), Stop> {
    if let Some(JoinConstraint::Using(columns)) = constraint(join) {
        for column in columns {
            rewriter.joins_by(column)?;
        }
    }
    let Some(on) = condition(join) else { return Ok(()) };
    let mut parts = Vec::new();
    conjuncts(on, &mut parts);
    let parts = parts.iter().map(|part| rewriter.joined(part)).collect::<Result<Vec<_>, _>>()?;
    // The engine takes a list of comparisons, without parentheses around them.
    if let Some(whole) =
        parts.into_iter().reduce(|left, right| super::sql::binary(left, sqlparser::ast::BinaryOperator::And, right))
    {
        *on = whole;
    }
    Ok(())
}

/// The parts of `a and b and c`.
pub(super) fn conjuncts(expr: &Expr, parts: &mut Vec<Expr>) {
    match expr {
        Expr::Nested(inner) => conjuncts(inner, parts),
        Expr::BinaryOp { left, op: sqlparser::ast::BinaryOperator::And, right } => {
            conjuncts(left, parts);
            conjuncts(right, parts);
        }
        other => parts.push(other.clone()),
    }
}

fn order_by(rewriter: &mut Rewriter<'_>, query: &mut Query) -> Result<(), Stop> {
    if let Some(OrderBy { kind: OrderByKind::Expressions(orders), .. }) = &mut query.order_by {
        for order in orders {
            rewriter.order(order)?;
        }
    }
    Ok(())
}
