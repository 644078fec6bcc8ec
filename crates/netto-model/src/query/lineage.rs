//! Where the columns of a query come from: the columns of tables that each value is computed from.
//!
//! ```
//! use netto_model::{Query, contract::model};
//! let query = Query::parse("with t as (select tier, gross_margin - cost_to_serve as net from customer_window) select sum(net) as n from t", &[model("customer_window")])?;
//! let of_n: Vec<_> = query.lineage().into_iter().flat_map(|(_, from)| from).collect();
//! assert_eq!(of_n, [("customer_window", "cost_to_serve"), ("customer_window", "gross_margin")]);
//! # Ok::<(), netto_model::QueryError>(())
//! ```
//! Columns that only choose rows, in `where`, `join … on` and `group by`, aren't among them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Ident, ObjectName, Query as Parsed, Select, SelectItem, SetExpr, TableFactor, TableWithJoins, Visit, Visitor,
};

use super::Query;
use crate::table::Table;

/// Columns of tables.
pub type Origins = BTreeSet<(&'static str, &'static str)>;
/// The columns of a result, each with what it is computed from.
pub type Lineage = Vec<(String, Origins)>;

impl Query {
    /// What each column of the result is computed from.
    #[must_use]
    pub fn lineage(&self) -> Lineage {
        of_query(&self.parsed, &Known { tables: &self.tables, named: BTreeMap::new() })
    }
}

/// What a FROM can name.
#[derive(Clone)]
struct Known<'a> {
    tables: &'a [&'static Table],
    named: BTreeMap<String, Lineage>,
}

impl Known<'_> {
    fn relation(&self, name: &ObjectName) -> Lineage {
        let name = name.to_string().trim_matches('"').to_owned();
        if let Some(named) = self.named.get(&name) {
            return named.clone();
        }
        let table = self.tables.iter().find(|table| table.name == name);
        let columns = table.into_iter().flat_map(|table| table.columns.iter().map(|column| (table.name, column.name)));
        columns.map(|(table, column)| (column.to_owned(), BTreeSet::from([(table, column)]))).collect()
    }
}

fn of_query(query: &Parsed, known: &Known<'_>) -> Lineage {
    let mut known = known.clone();
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        let columns = renamed(of_query(&cte.query, &known), cte.alias.columns.iter().map(|column| &column.name));
        known.named.insert(cte.alias.name.value.clone(), columns);
    }
    of_body(&query.body, &known)
}

fn of_body(body: &SetExpr, known: &Known<'_>) -> Lineage {
    match body {
        SetExpr::Select(select) => of_select(select, known),
        SetExpr::Query(query) => of_query(query, known),
        // Columns are matched by their place, and are called as on the left.
        SetExpr::SetOperation { left, right, .. } => {
            let mut columns = of_body(left, known);
            for ((_, origins), (_, more)) in columns.iter_mut().zip(of_body(right, known)) {
                origins.extend(more);
            }
            columns
        }
        SetExpr::Values(values) => {
            let width = values.rows.first().map_or(0, |row| row.len());
            vec![(String::new(), Origins::new()); width]
        }
        _ => Lineage::new(),
    }
}

/// The relations of a FROM, each with the name that columns are written behind.
type Sources = Vec<(String, Lineage)>;

fn of_select(select: &Select, known: &Known<'_>) -> Lineage {
    let mut sources = Sources::new();
    for TableWithJoins { relation, joins } in &select.from {
        sources.extend(source(relation, known));
        sources.extend(joins.iter().filter_map(|join| source(&join.relation, known)));
    }
    let mut columns = Lineage::new();
    for item in &select.projection {
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let name = match expr {
                    Expr::Identifier(name) => name.value.clone(),
                    Expr::CompoundIdentifier(parts) => parts.last().map(|name| name.value.clone()).unwrap_or_default(),
                    _ => String::new(),
                };
                columns.push((name, origins(expr, &sources, select)));
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                columns.push((alias.value.clone(), origins(expr, &sources, select)));
            }
            SelectItem::QualifiedWildcard(kind, _) => {
                let name = kind.to_string().trim_end_matches(".*").to_owned();
                columns.extend(sources.iter().filter(|(alias, _)| *alias == name).flat_map(|(_, all)| all.clone()));
            }
            _ => columns.extend(sources.iter().flat_map(|(_, all)| all.clone())),
        }
    }
    columns
}

fn source(factor: &TableFactor, known: &Known<'_>) -> Option<(String, Lineage)> {
    let (alias, columns) = match factor {
        TableFactor::Table { name, alias, .. } => (alias, known.relation(name)),
        TableFactor::Derived { subquery, alias, .. } => (alias, of_query(subquery, known)),
        _ => return None,
    };
    let name = match (alias, factor) {
        (Some(alias), _) => alias.name.value.clone(),
        (None, TableFactor::Table { name, .. }) => name.to_string(),
        _ => String::new(),
    };
    let columns = renamed(columns, alias.iter().flat_map(|alias| &alias.columns).map(|column| &column.name));
    Some((name, columns))
}

/// Columns by other names, where some are given.
fn renamed<'a>(columns: Lineage, names: impl Iterator<Item = &'a Ident>) -> Lineage {
    let mut names = names.map(|name| name.value.clone());
    columns.into_iter().map(|(name, origins)| (names.next().unwrap_or(name), origins)).collect()
}

/// The columns that an expression names, also those of the windows that it names.
fn origins(expr: &Expr, sources: &Sources, select: &Select) -> Origins {
    let mut names = Names { sources, found: Origins::new(), windows: Vec::new() };
    names.look_at(expr);
    for window in std::mem::take(&mut names.windows) {
        if let Some(definition) = select.named_window.iter().find(|definition| definition.0.value == window) {
            names.look_at(&definition.1);
        }
    }
    names.found
}

struct Names<'a> {
    sources: &'a Sources,
    found: Origins,
    windows: Vec<String>,
}

impl Names<'_> {
    fn look_at(&mut self, part: &impl Visit) {
        // It never breaks off.
        match part.visit(self) {
            ControlFlow::Continue(()) | ControlFlow::Break(()) => {}
        }
    }
}

impl Visitor for Names<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        let (relation, column) = match expr {
            Expr::Identifier(column) => (None, column),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [relation, column] => (Some(&relation.value), column),
                _ => return ControlFlow::Continue(()),
            },
            Expr::Function(called) => {
                if let Some(sqlparser::ast::WindowType::NamedWindow(name)) = &called.over {
                    self.windows.push(name.value.clone());
                }
                return ControlFlow::Continue(());
            }
            _ => return ControlFlow::Continue(()),
        };
        let named = self.sources.iter().filter(|(alias, _)| relation.is_none_or(|relation| relation == alias));
        let mut columns = named.flat_map(|(_, columns)| columns);
        if let Some((_, origins)) = columns.find(|(name, _)| *name == column.value) {
            self.found.extend(origins);
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{DIM_CUSTOMER, model};

    fn lineage(text: &str) -> Vec<String> {
        let query = Query::parse(text, &[model("customer_window"), &DIM_CUSTOMER]).unwrap();
        let shown = |(name, origins): (String, Origins)| {
            let origins: Vec<String> = origins.into_iter().map(|(table, column)| format!("{table}.{column}")).collect();
            format!("{name} ← {}", origins.join(", "))
        };
        query.lineage().into_iter().map(shown).collect()
    }

    #[test]
    fn columns_are_followed_through_named_queries_joins_unions_and_windows() {
        let text = "with a (who, earned) as (select customer_id, net_profit from customer_window where tier = 'Top'), \
            b as (select c.name, a.* from a join dim_customer c on c.customer_id = a.who union all select market, tier, orders from customer_window join dim_customer using (customer_id)) \
            select who, sum(earned) as earned, row_number() over best as place, 1 as one from b window best as (order by name)";
        assert_eq!(
            lineage(text),
            [
                "who ← customer_window.customer_id, customer_window.tier",
                "earned ← customer_window.net_profit, customer_window.orders",
                "place ← dim_customer.market, dim_customer.name",
                "one ← ",
            ]
        );
    }

    #[test]
    fn every_column_of_every_built_in_model_is_found_by_its_name() {
        for model in crate::models::models() {
            let lineage = model.query.lineage();
            let missing: Vec<&str> = model
                .table
                .columns
                .iter()
                .map(|column| column.name)
                .filter(|name| !lineage.iter().any(|(found, _)| found == name))
                .collect();
            assert!(missing.is_empty(), "{}: {missing:?}", model.table.name);
        }
    }
}
