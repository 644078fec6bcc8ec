//! Rewrites `case`: each branch is evaluated on its own rows only, and all branches give the same kind.

use sqlparser::ast::{BinaryOperator, CaseWhen, Expr};

use super::{Rewriter, Rewritten, Stop, Typed, refuse};
use crate::read::view::kind::Kind;
use crate::read::view::sql::{and, binary, fails};

/// Conditions with their results, the result of all other rows, and the kind of the results.
type Branches = (Vec<CaseWhen>, Option<Box<Expr>>, Kind);

impl Rewriter<'_> {
    pub(super) fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[CaseWhen],
        otherwise: Option<&Expr>,
    ) -> Result<Branches, Stop> {
        let before = self.condition.clone();
        let (mut conditions, mut results) = (Vec::new(), Vec::new());
        for CaseWhen { condition, result } in branches {
            let condition = match operand {
                Some(operand) => binary(operand.clone(), BinaryOperator::Eq, condition.clone()),
                None => condition.clone(),
            };
            let condition = self.expr(&condition)?.expr;
            results.push(
                self.only_where(&condition, |rewriter| Ok((rewriter.expr(result)?, rewriter.condition.clone())))?,
            );
            let left = fails(condition.clone());
            self.condition =
                Some(self.condition.take().map_or_else(|| left.clone(), |others| and(others, left.clone())));
            conditions.push(condition);
        }
        if let Some(otherwise) = otherwise {
            results.push((self.expr(otherwise)?, self.condition.clone()));
        }
        let kind = Kind::common(results.iter().map(|(result, _)| result.kind));
        let mut brought = Vec::new();
        for (result, wanted) in results {
            self.condition = wanted;
            brought.push(self.brought(result, kind)?.expr);
        }
        self.condition = before;
        let mut brought = brought.into_iter();
        let branches = conditions.into_iter().zip(brought.by_ref());
        let branches = branches.map(|(condition, result)| CaseWhen { condition, result }).collect();
        Ok((branches, brought.next().map(Box::new), kind.unwrap_or(Kind::Other)))
    }

    /// Converts a value to a kind.
    pub(super) fn brought(&self, typed: Typed, kind: Option<Kind>) -> Rewritten {
        match kind {
            _ if typed.kind == Kind::Nothing => Ok(typed),
            Some(Kind::Number) => Ok(self.number(typed)),
            Some(Kind::Date | Kind::Moment) => self.day(typed),
            Some(_) => Ok(typed),
            None => refuse(
                format!("`{}` and the other branches have different types", typed.label),
                "cast them to the same type: cast(… as varchar), cast(… as decimal) or cast(… as date)",
            ),
        }
    }
}
