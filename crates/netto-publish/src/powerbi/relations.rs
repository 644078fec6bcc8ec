//! The relationships between tables: which references of the star Power BI follows by itself.
//!
//! ```text
//! fct_order → dim_customer → dim_market      one way from each table to each dimension
//! fct_order → dim_employee                   who took the order; dim_customer → dim_employee, who keeps the customer, is there and inactive
//! ```
//! A second path would make filters ambiguous, which Power BI refuses. A table's own reference takes precedence over its customer's.

use std::collections::BTreeMap;

use netto_model::star::Dimension;
use netto_model::{Role, Table};

/// A reference of the star.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) to: &'static str,
    pub(crate) key: &'static str,
    /// Whether filters follow it by default.
    pub(crate) active: bool,
}

/// Every reference to a dimension.
pub(crate) fn relations(tables: &[&'static Table]) -> Vec<Relation> {
    let mut relations: Vec<Relation> = Vec::new();
    let (dimensions, others): (Vec<&Table>, Vec<&Table>) =
        tables.iter().copied().partition(|table| Dimension::named(table.name).is_some());
    for table in others.into_iter().chain(dimensions) {
        for column in table.columns {
            let to = column.references.and_then(|to| tables.iter().find(|table| table.name == to));
            let Some((to, key)) = to.filter(|to| to.name != table.name).and_then(|to| Some((to, to.keys().next()?)))
            else {
                continue;
            };
            if Dimension::named(to.name).is_none() || key.role != Role::Key {
                continue;
            }
            let mut relation =
                Relation { table: table.name, column: column.name, to: to.name, key: key.name, active: true };
            relation.active = is_unambiguous(&relations, relation);
            relations.push(relation);
        }
    }
    relations
}

/// Whether there is still at most one path from each table to each dimension.
fn is_unambiguous(before: &[Relation], new: Relation) -> bool {
    let mut ways: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for relation in before.iter().chain([&new]).filter(|relation| relation.active) {
        ways.entry(relation.table).or_default().push(relation.to);
    }
    let starts: Vec<&str> = ways.keys().copied().collect();
    starts.into_iter().all(|start| {
        let (mut seen, mut waiting) = (vec![start], ways.get(start).cloned().unwrap_or_default());
        while let Some(next) = waiting.pop() {
            if seen.contains(&next) {
                return false;
            }
            seen.push(next);
            waiting.extend(ways.get(next).into_iter().flatten());
        }
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::{contract, star};

    #[test]
    fn what_a_table_names_itself_goes_before_what_its_customers_name() {
        let all = relations(&star::tables(contract::marts().chain(contract::FACTS.iter().copied())));
        let active = |table: &str, column: &str| {
            all.iter().find(|relation| relation.table == table && relation.column == column).unwrap().active
        };
        assert!(active("fct_order", "employee_key") && active("fct_customer_month", "customer_key"));
        assert!(active("customer_window", "tier_key") && !active("dim_customer", "account_manager_key"));
        assert!(all.len() > 150 && all.iter().filter(|relation| !relation.active).count() < 30, "{}", all.len());
        for (place, relation) in all.iter().enumerate() {
            assert!(!relation.active || is_unambiguous(&all[..place], *relation), "{relation:?}");
        }
    }
}
