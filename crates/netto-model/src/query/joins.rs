//! Writes the conditions of joins so that every engine reads them alike: of two columns that are compared, the joined table's stands on the right.
//!
//! ```text
//! from a join b on b.x = a.x left join c on c.x = b.y     →     from a join b on a.x = b.x left join c on b.y = c.x
//! ```
//! With three or more tables, Polars takes the left one of two columns that several tables have for a column of the tables before, without a word: `c.x = b.y`
//! would compare the x of a with the y of c. Views of sources are read by the same engine, and are written the same way.

use std::convert::Infallible;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, Join, JoinConstraint, JoinOperator, Query, Select, TableFactor, VisitMut, VisitorMut,
};

/// Turns the comparisons of all joins round whose left side is of the joined table.
pub(super) fn turn(query: &mut Query) {
    struct Selects;
    impl VisitorMut for Selects {
        type Break = Infallible;
        fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Infallible> {
            turn_select(select);
            ControlFlow::Continue(())
        }
    }
    let flow = query.visit(&mut Selects);
    debug_assert!(flow.is_continue());
}

/// The same of one SELECT, without the queries inside of it.
pub fn turn_select(select: &mut Select) {
    select.from.iter_mut().flat_map(|from| &mut from.joins).for_each(turn_one);
}

fn turn_one(join: &mut Join) {
    let Some(joined) = name(&join.relation).cloned() else { return };
    if let Some(condition) = condition(&mut join.join_operator) {
        turn_condition(condition, &joined);
    }
}

/// What the columns of a joined table begin with.
fn name(relation: &TableFactor) -> Option<&Ident> {
    match relation {
        TableFactor::Table { name, alias, .. } => {
            alias.as_ref().map(|alias| &alias.name).or_else(|| name.0.last().and_then(|part| part.as_ident()))
        }
        TableFactor::Derived { alias, .. } => alias.as_ref().map(|alias| &alias.name),
        _ => None,
    }
}

/// The condition of a join, to be changed.
pub fn condition(join: &mut JoinOperator) -> Option<&mut Expr> {
    match join {
        JoinOperator::Join(JoinConstraint::On(on))
        | JoinOperator::Inner(JoinConstraint::On(on))
        | JoinOperator::Left(JoinConstraint::On(on))
        | JoinOperator::LeftOuter(JoinConstraint::On(on))
        | JoinOperator::Right(JoinConstraint::On(on))
        | JoinOperator::RightOuter(JoinConstraint::On(on))
        | JoinOperator::FullOuter(JoinConstraint::On(on))
        | JoinOperator::Semi(JoinConstraint::On(on))
        | JoinOperator::LeftSemi(JoinConstraint::On(on))
        | JoinOperator::RightSemi(JoinConstraint::On(on))
        | JoinOperator::Anti(JoinConstraint::On(on))
        | JoinOperator::LeftAnti(JoinConstraint::On(on))
        | JoinOperator::RightAnti(JoinConstraint::On(on)) => Some(on),
        _ => None,
    }
}

fn turn_condition(condition: &mut Expr, joined: &Ident) {
    match condition {
        Expr::Nested(inner) => turn_condition(inner, joined),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            turn_condition(left, joined);
            turn_condition(right, joined);
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } if is_of(left, joined) && !is_of(right, joined) => {
            std::mem::swap(left, right);
        }
        _ => {}
    }
}

/// Whether an expression is a column of the table.
fn is_of(expression: &Expr, table: &Ident) -> bool {
    matches!(expression, Expr::CompoundIdentifier(parts) if parts.first().is_some_and(|first| first.value == table.value))
}

#[cfg(test)]
mod tests {
    use polars::df;
    use polars::prelude::*;
    use polars::sql::SQLContext;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    use super::*;

    fn turned(text: &str) -> String {
        let mut query = Parser::new(&GenericDialect {}).try_with_sql(text).unwrap().parse_query().unwrap();
        turn(&mut query);
        query.to_string()
    }

    #[test]
    fn the_joined_table_stands_on_the_right_wherever_the_join_is() {
        assert_eq!(
            turned(
                "SELECT 1 FROM a JOIN b ON b.x = a.x AND (b.y = a.y) LEFT JOIN c AS d ON d.x = b.z WHERE EXISTS (SELECT 1 FROM e JOIN f ON f.x = e.x)"
            ),
            "SELECT 1 FROM a JOIN b ON a.x = b.x AND (a.y = b.y) LEFT JOIN c AS d ON b.z = d.x WHERE EXISTS (SELECT 1 FROM e JOIN f ON e.x = f.x)"
        );
        let as_it_is = "SELECT 1 FROM a JOIN b ON a.x = b.x AND b.y = b.z AND b.w > a.w OR b.v = a.v";
        assert_eq!(turned(as_it_is), as_it_is);
    }

    #[test]
    fn polars_finds_the_group_of_a_group() {
        let groups = df!("customer_id" => ["A", "B", "C"], "parent_id" => [Some("B"), Some("C"), None]).unwrap();
        let mut context = SQLContext::new();
        context.register("m", df!("customer_id" => ["A", "B", "C"]).unwrap().lazy());
        context.register("k", groups.lazy());
        let text = "SELECT m.customer_id AS id, p.customer_id AS parent FROM m JOIN k ON k.customer_id = m.customer_id \
                    LEFT JOIN k AS p ON p.customer_id = k.parent_id ORDER BY id";
        let found = context.execute(&turned(text)).unwrap().collect().unwrap();
        let expected = df!("id" => ["A", "B", "C"], "parent" => [Some("B"), Some("C"), None]).unwrap();
        assert!(found.equals_missing(&expected), "{found}");
    }
}
