//! A grouped SELECT with window functions becomes two, as SQL means it: one groups, the other looks at the groups.
//!
//! ```text
//! select a, sum(b) / sum(sum(b)) over () as share from t group by a
//!
//! select a as "a", sum(b) as "sum(b)" from t group by a                          the groups
//! select "a" as a, "sum(b)" / sum("sum(b)") over () as share from the groups     over them
//! ```

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, GroupByExpr, Ident, NamedWindowDefinition, NamedWindowExpr, OrderBy, OrderByKind, Query, Select,
    SelectItem, Visit, VisitMut, Visitor, VisitorMut, WindowSpec, WindowType, visit_expressions,
};

use super::joins::{Relation, owner};
use super::query::{Refusal, is_aggregate};
use super::rewrite::Stop;
use super::sql::nested;

/// The two SELECTs.
pub(super) struct Split {
    pub(super) groups: Select,
    /// Reads the groups; its FROM clause is empty.
    pub(super) over: Select,
}

/// Splits a SELECT that groups and has window functions.
pub(super) fn split(
    select: &Select,
    order_by: &mut Option<OrderBy>,
    relations: &[Relation],
) -> Result<Option<Split>, Stop> {
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty())
        || has(&select.projection, is_of_groups)
        || has(&select.having, is_of_groups)
        || has(&select.qualify, is_of_groups)
        || has(order_by, is_of_groups);
    if !grouped || !(has_window(&select.projection) || has_window(&select.qualify) || has_window(order_by)) {
        return Ok(None);
    }
    let aliases = Aliases::of(select, relations);
    let (mut groups, mut over) = (select.clone(), select.clone());
    let keys = keys(select, &aliases)?;
    let mut names = Names { known: Vec::new(), relations };
    for key in &keys {
        names.name(key);
    }
    for item in &mut over.projection {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
            return Err(Stop::Refused(Refusal::new(
                format!("`{item}` is in a SELECT with GROUP BY"),
                "name the columns that are grouped by",
            )));
        };
        let own = column_name(expr);
        names.put_in(expr);
        if let (SelectItem::UnnamedExpr(expr), Some(alias)) = (&*item, own) {
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
        }
    }
    if let Some(qualify) = &mut over.qualify {
        names.put_in(qualify);
    }
    if let Some(OrderBy { kind: OrderByKind::Expressions(orders), .. }) = order_by {
        for order in orders {
            aliases.put_in(&mut order.expr);
            names.put_in(&mut order.expr);
        }
    }
    if let Some(having) = &mut groups.having {
        aliases.put_in(having);
    }
    let modifiers = match &select.group_by {
        GroupByExpr::Expressions(_, modifiers) | GroupByExpr::All(modifiers) => modifiers.clone(),
    };
    groups.group_by = GroupByExpr::Expressions(keys, modifiers);
    groups.projection =
        names.known.into_iter().map(|(expr, alias)| SelectItem::ExprWithAlias { expr, alias }).collect();
    (groups.distinct, groups.qualify) = (None, None);
    (over.from, over.selection, over.having) = (Vec::new(), None, None);
    over.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
    Ok(Some(Split { groups, over }))
}

/// What a column is that the groups don't have.
pub(super) fn not_grouped(stop: Stop, relations: &[Relation]) -> Stop {
    let Stop::Unknown(name, _) = stop else { return stop };
    let plain = name.rsplit('.').next().unwrap_or(&name).trim_matches('"');
    if relations.iter().any(|known| known.schema.contains(plain)) {
        return Stop::Refused(Refusal::new(
            format!("`{name}` is neither grouped by nor in an aggregate"),
            format!("add it to GROUP BY, or write min({name}) or max({name})"),
        ));
    }
    let known = relations.iter().flat_map(|known| known.schema.iter_names().map(ToString::to_string)).collect();
    Stop::Unknown(name, known)
}

/// Whether window functions are called.
pub(super) fn has_window(part: &impl Visit) -> bool {
    has(part, |function| function.over.is_some())
}

fn is_of_groups(function: &Function) -> bool {
    function.over.is_none() && is_aggregate(function)
}

/// A subquery that is a value.
pub(super) fn subquery(part: &impl Visit) -> Option<String> {
    let found = visit_expressions(part, |expr| match expr {
        Expr::Subquery(_) => ControlFlow::Break(expr.to_string()),
        _ => ControlFlow::Continue(()),
    });
    found.break_value()
}

/// Whether a function is called, outside of subqueries.
fn has(part: &impl Visit, wanted: fn(&Function) -> bool) -> bool {
    part.visit(&mut Has { wanted, depth: 0 }).is_break()
}

struct Has {
    wanted: fn(&Function) -> bool,
    /// How many subqueries are around.
    depth: usize,
}

impl Visitor for Has {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Function(function) if self.depth == 0 && (self.wanted)(function) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn keys(select: &Select, aliases: &Aliases<'_>) -> Result<Vec<Expr>, Stop> {
    let item = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr.clone()),
        _ => None,
    };
    let GroupByExpr::Expressions(keys, _) = &select.group_by else {
        let items = select.projection.iter().filter_map(item);
        return Ok(items
            .filter(|expr| !has(expr, |function| function.over.is_some() || is_aggregate(function)))
            .collect());
    };
    let key = |key: &Expr| {
        if let Expr::Value(place) = key {
            let at = place.to_string().parse::<usize>().ok().and_then(|place| place.checked_sub(1));
            return at.and_then(|at| select.projection.get(at)).and_then(item).ok_or_else(|| {
                Stop::Refused(Refusal::new(
                    format!("`group by {key}`: the SELECT list has no such column"),
                    "write the column",
                ))
            });
        }
        let mut key = key.clone();
        aliases.put_in(&mut key);
        Ok(key)
    };
    keys.iter().map(key).collect()
}

/// The name of a column.
fn column_name(expr: &Expr) -> Option<Ident> {
    match expr {
        Expr::Identifier(name) => Some(name.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().cloned(),
        _ => None,
    }
}

/// Keys and aggregates by the names of their columns among the groups.
struct Names<'r> {
    known: Vec<(Expr, Ident)>,
    relations: &'r [Relation],
}

impl Names<'_> {
    fn name(&mut self, expr: &Expr) -> Ident {
        if let Some(known) = self.find(expr) {
            return known;
        }
        let name = Ident::with_quote('"', expr.to_string());
        self.known.push((expr.clone(), name.clone()));
        name
    }

    fn find(&self, expr: &Expr) -> Option<Ident> {
        let own = owner(expr, self.relations);
        let same = |known: &Expr| known == expr || own.is_some() && owner(known, self.relations) == own;
        self.known.iter().find(|(known, _)| same(known)).map(|(_, name)| name.clone())
    }

    fn put_in(&mut self, expr: &mut Expr) {
        match VisitMut::visit(expr, self) {
            ControlFlow::Continue(()) | ControlFlow::Break(()) => {}
        }
    }
}

impl VisitorMut for Names<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let name = match expr {
            Expr::Function(function) if is_of_groups(function) => Some(self.name(expr)),
            _ => self.find(expr),
        };
        if let Some(name) = name {
            *expr = Expr::Identifier(name);
        }
        ControlFlow::Continue(())
    }
}

/// Names of the SELECT list that aren't columns of a table, with what they stand for.
struct Aliases<'s>(BTreeMap<&'s str, &'s Expr>);

impl<'s> Aliases<'s> {
    fn of(select: &'s Select, relations: &[Relation]) -> Self {
        let is_column = |name: &str| relations.iter().any(|known| known.schema.contains(name));
        let alias = |item: &'s SelectItem| match item {
            SelectItem::ExprWithAlias { expr, alias } if !is_column(&alias.value) => Some((alias.value.as_str(), expr)),
            _ => None,
        };
        Self(select.projection.iter().filter_map(alias).collect())
    }

    /// Puts what they stand for in their place.
    fn put_in(&self, expr: &mut Expr) {
        let mut put = Put(self);
        match VisitMut::visit(expr, &mut put) {
            ControlFlow::Continue(()) | ControlFlow::Break(()) => {}
        }
    }
}

struct Put<'p, 's>(&'p Aliases<'s>);

impl VisitorMut for Put<'_, '_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Identifier(name) = expr
            && let Some(meant) = self.0.0.get(name.value.as_str())
        {
            *expr = nested((*meant).clone());
        }
        ControlFlow::Continue(())
    }
}

/// Puts what names of the SELECT list stand for where window functions and QUALIFY read them.
pub(super) fn inline_aliases(select: &mut Select, relations: &[Relation]) {
    let named = select.clone();
    let aliases = Aliases::of(&named, relations);
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item
            && has_window(expr)
        {
            aliases.put_in(expr);
        }
    }
    if let Some(qualify) = &mut select.qualify {
        aliases.put_in(qualify);
    }
}

/// Puts named windows where they are used.
pub(super) fn inline_windows(select: &mut Select, order_by: &mut Option<OrderBy>) -> Result<(), Stop> {
    let mut inline = Inline(std::mem::take(&mut select.named_window));
    let parts = [
        VisitMut::visit(&mut select.projection, &mut inline),
        VisitMut::visit(&mut select.qualify, &mut inline),
        VisitMut::visit(order_by, &mut inline),
    ];
    for flow in parts {
        if let ControlFlow::Break(name) = flow {
            return Err(Stop::Refused(Refusal::new(
                format!("there is no window `{name}`"),
                "define it: select … from … window w as (partition by … order by …)",
            )));
        }
    }
    Ok(())
}

struct Inline(Vec<NamedWindowDefinition>);

impl Inline {
    fn named(&self, name: &Ident) -> Result<WindowSpec, String> {
        // A window may only refer to those before it.
        let at = self.0.iter().position(|known| known.0.value == name.value).ok_or_else(|| name.value.clone())?;
        let before = Self(self.0.iter().take(at).cloned().collect());
        match &self.0[at].1 {
            NamedWindowExpr::NamedWindow(other) => before.named(other),
            NamedWindowExpr::WindowSpec(spec) => before.whole(spec),
        }
    }

    /// A window with what it takes from a named one.
    fn whole(&self, spec: &WindowSpec) -> Result<WindowSpec, String> {
        let Some(name) = &spec.window_name else { return Ok(spec.clone()) };
        let named = self.named(name)?;
        Ok(WindowSpec {
            window_name: None,
            partition_by: if spec.partition_by.is_empty() { named.partition_by } else { spec.partition_by.clone() },
            order_by: if spec.order_by.is_empty() { named.order_by } else { spec.order_by.clone() },
            window_frame: spec.window_frame.clone().or(named.window_frame),
        })
    }
}

impl VisitorMut for Inline {
    type Break = String;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<String> {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        let whole = match &function.over {
            Some(WindowType::NamedWindow(name)) => self.named(name),
            Some(WindowType::WindowSpec(spec)) => self.whole(spec),
            None => return ControlFlow::Continue(()),
        };
        match whole {
            Ok(whole) => {
                function.over = Some(WindowType::WindowSpec(whole));
                ControlFlow::Continue(())
            }
            Err(name) => ControlFlow::Break(name),
        }
    }
}
