//! Amounts are whole ten-thousandths inside a model: whoever compares one with `100` means 0.01, and doesn't know it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, SelectItem, UnaryOperator, Value, Visit, Visitor};

use super::ModelError;
use crate::query::{Query, QueryError};
use crate::table::{Column, Type};

/// Refuses a comparison, sum or difference of an amount and a bare number other than zero.
pub(super) fn amounts_are_compared_with_amounts(query: &Query, columns: &[Column]) -> Result<(), ModelError> {
    let declared = columns.iter().filter(|column| column.ty == Type::Decimal).map(|column| column.name.to_owned());
    let read = query.tables().iter().flat_map(|table| table.columns).filter(|column| column.ty == Type::Decimal);
    let mut amounts = Amounts { names: declared.chain(read.map(|column| column.name.to_owned())).collect() };
    match query.statement().visit(&mut amounts) {
        ControlFlow::Break(shown) => Err(QueryError::BareNumber(shown).into()),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Amounts {
    /// Columns that hold amounts: of tables, and as the text names them.
    names: BTreeSet<String>,
}

impl Amounts {
    fn is_amount(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Identifier(name) => self.names.contains(&name.value),
            Expr::CompoundIdentifier(parts) => parts.last().is_some_and(|name| self.names.contains(&name.value)),
            Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => self.is_amount(inner),
            Expr::BinaryOp { left, op: BinaryOperator::Plus | BinaryOperator::Minus, right } => {
                self.is_amount(left) || self.is_amount(right)
            }
            Expr::Function(called) => {
                let keeps = ["sum", "min", "max", "abs", "coalesce", "greatest", "least", "half_even", "lag", "lead"];
                let first = crate::query::arguments(called).into_iter().next();
                keeps.contains(&called.name.to_string().to_lowercase().as_str())
                    && first.is_some_and(|first| self.is_amount(first))
            }
            _ => false,
        }
    }
}

fn is_bare_number(expression: &Expr) -> bool {
    match expression {
        Expr::Value(value) => matches!(&value.value, Value::Number(number, _) if number.parse() != Ok(0.0)),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => is_bare_number(expr),
        Expr::Nested(inner) => is_bare_number(inner),
        _ => false,
    }
}

impl Visitor for Amounts {
    type Break = String;

    fn pre_visit_select(&mut self, select: &sqlparser::ast::Select) -> ControlFlow<String> {
        for item in &select.projection {
            if let SelectItem::ExprWithAlias { expr, alias } = item
                && self.is_amount(expr)
            {
                self.names.insert(alias.value.clone());
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<String> {
        let mixed = |left: &Expr, right: &Expr| self.is_amount(left) && is_bare_number(right);
        let wrong = match expression {
            Expr::BinaryOp { left, op, right } => {
                let same_unit = !matches!(
                    op,
                    BinaryOperator::Multiply
                        | BinaryOperator::Divide
                        | BinaryOperator::DuckIntegerDivide
                        | BinaryOperator::Modulo
                );
                same_unit && (mixed(left, right) || mixed(right, left))
            }
            Expr::Between { expr, low, high, .. } => mixed(expr, low) || mixed(expr, high),
            _ => false,
        };
        if wrong { ControlFlow::Break(expression.to_string()) } else { ControlFlow::Continue(()) }
    }
}
