//! Which texts an expression compares its columns with, so that one that never occurs can be named: `channel = 'phone'` holds for
//! no row where the data have `PHONE`.
//!
//! ```
//! use netto_model::compared::compared_texts;
//! let found = compared_texts("case when channel in ('web', 'edi') then 4 when kind <> 'visit' then lines else 1 end");
//! let found: Vec<(&str, &str)> = found.iter().map(|(column, text)| (column.as_str(), text.as_str())).collect();
//! assert_eq!(found, [("channel", "edi"), ("channel", "web"), ("kind", "visit")]);
//! ```

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, Value, Visit, Visitor};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

/// Columns with the texts that they are compared with as they stand, by `=`, `<>`, `in` or `case x when`; nothing of a text that
/// is no expression.
#[must_use]
pub fn compared_texts(text: &str) -> BTreeSet<(String, String)> {
    let mut found = Compared(BTreeSet::new());
    let parsed = Parser::new(&GenericDialect {}).try_with_sql(text).and_then(|mut parser| parser.parse_expr());
    if let Ok(expression) = parsed {
        let (ControlFlow::Continue(()) | ControlFlow::Break(())) = expression.visit(&mut found);
    }
    found.0
}

struct Compared(BTreeSet<(String, String)>);

impl Compared {
    fn add(&mut self, column: &Expr, text: &Expr) {
        if let (Expr::Identifier(name), Expr::Value(value)) = (plain(column), plain(text))
            && let Value::SingleQuotedString(text) = &value.value
        {
            self.0.insert((name.value.to_lowercase(), text.clone()));
        }
    }
}

fn plain(mut expression: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expression {
        expression = inner;
    }
    expression
}

impl Visitor for Compared {
    type Break = ();

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::BinaryOp { left, op: BinaryOperator::Eq | BinaryOperator::NotEq, right } => {
                self.add(left, right);
                self.add(right, left);
            }
            Expr::InList { expr, list, .. } => list.iter().for_each(|text| self.add(expr, text)),
            Expr::Case { operand: Some(operand), conditions, .. } => {
                for when in conditions {
                    self.add(operand, &when.condition);
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> String {
        let pairs: Vec<String> = compared_texts(text).iter().map(|(column, text)| format!("{column} {text}")).collect();
        pairs.join(", ")
    }

    #[test]
    fn every_form_of_comparison_is_found_wherever_it_stands() {
        assert_eq!(
            found("2 + case when 'x' = Channel and not (kind in ('a', ('b'))) then 1 else 0 end"),
            "channel x, kind a, kind b"
        );
        assert_eq!(
            found("case warehouse when 'north' then 1 when 'south' then 2 end"),
            "warehouse north, warehouse south"
        );
    }

    #[test]
    fn what_is_changed_first_or_is_no_text_is_left_alone() {
        assert_eq!(found("lower(channel) = 'web' or lines > 3 or channel like 'W%' or channel is null"), "");
        assert_eq!(found("channel = "), "");
    }
}
