//! Helpers to build SQL for the rewriting of a view.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType, ExactNumberInfo, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, Ident, JoinConstraint, JoinOperator, ObjectName, UnaryOperator, Value,
};

/// A call of a function.
pub(super) fn call(name: impl Into<String>, arguments: impl IntoIterator<Item = Expr>) -> Expr {
    let arguments = arguments.into_iter().map(|argument| FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)));
    Expr::Function(Function {
        name: ObjectName::from(Ident::new(name)),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments.collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// An exact number.
pub(super) fn number(text: &str) -> Expr {
    cast(string(text), DataType::Decimal(ExactNumberInfo::PrecisionAndScale(38, 19)))
}

pub(super) fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

/// `case when … then … else … end`
pub(super) fn case(conditions: Vec<CaseWhen>, else_result: Option<Box<Expr>>) -> Expr {
    let [case_token, end_token] = [AttachedToken::empty(), AttachedToken::empty()];
    Expr::Case { case_token, end_token, operand: None, conditions, else_result }
}

pub(super) fn string(text: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(text.to_owned()).into())
}

pub(super) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

pub(super) fn and(left: Expr, right: Expr) -> Expr {
    binary(nested(left), BinaryOperator::And, nested(right))
}

/// Whether a condition is false or unknown.
pub(super) fn fails(condition: Expr) -> Expr {
    let known = call("coalesce", [condition, Expr::Value(Value::Boolean(false).into())]);
    not(known)
}

pub(super) fn not(condition: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(nested(condition)) }
}

pub(super) fn nested(expr: Expr) -> Expr {
    match expr {
        Expr::BinaryOp { .. } | Expr::UnaryOp { .. } | Expr::Between { .. } | Expr::Case { .. } => {
            Expr::Nested(Box::new(expr))
        }
        other => other,
    }
}

/// The constraint of a join; `None` if the join takes no condition.
pub(super) fn constraint(join: &JoinOperator) -> Option<&JoinConstraint> {
    match join {
        JoinOperator::Join(by)
        | JoinOperator::Inner(by)
        | JoinOperator::Left(by)
        | JoinOperator::LeftOuter(by)
        | JoinOperator::Right(by)
        | JoinOperator::RightOuter(by)
        | JoinOperator::FullOuter(by)
        | JoinOperator::CrossJoin(by)
        | JoinOperator::Semi(by)
        | JoinOperator::LeftSemi(by)
        | JoinOperator::RightSemi(by)
        | JoinOperator::Anti(by)
        | JoinOperator::LeftAnti(by)
        | JoinOperator::RightAnti(by) => Some(by),
        _ => None,
    }
}
