//! Rewrites the expressions of a view, so that texts are parsed in the source's dialect and numbers are computed exactly.
//!
//! ```text
//! quantity * 1.21                    netto_times(netto_number(quantity), 1.21 as an exact number)
//! sum(amount)                        netto_total(sum(netto_number(amount)), …)
//! ordered >= date '2025-03-01'       netto_date(ordered) >= date '2025-03-01'        where `ordered` is text
//! a.id = b.id                        as it stands: ids are texts
//! ```
//! A branch of `case`, or the right side of `and` and `or`, is evaluated only on the rows that reach it.

mod branches;
mod calls;
mod compare;
mod values;
mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use netto_model::problem::did_you_mean;
use polars::prelude::{LazyFrame, SchemaRef};
use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Ident, Query, TrimWhereField, TypedString, UnaryOperator, Value, ValueWithSpan,
    visit_expressions,
};

use super::exact;
use super::functions::Functions;
use super::kind::Kind;
use super::plan::all_of;
use super::query::{Refusal, is_aggregate};
use super::sql::{and, binary, call, case, fails, nested, not, number};
use super::texts::Text;
use super::words::Words;
use crate::typed::Signs;

/// A rewritten expression, and the kind of its values.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) kind: Kind,
    /// Its name in messages.
    label: String,
    /// A constant text.
    literal: Option<String>,
}

impl Typed {
    /// Whether it is an aggregate.
    pub(super) fn of_many_rows(&self) -> bool {
        let many = |expr: &Expr| match expr {
            Expr::Function(function) => function.over.is_none() && is_aggregate(function),
            _ => false,
        };
        let found =
            visit_expressions(
                &self.expr,
                |expr| if many(expr) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) },
            );
        found.is_break()
    }
}

/// Why an expression can't be rewritten.
#[derive(Debug)]
pub(super) enum Stop {
    /// An error that the user has to fix.
    Refused(Refusal),
    /// A column that no table of the FROM clause has.
    Unknown(String, Vec<String>),
    /// An error of the engine while planning a part of the view.
    Engine(polars::prelude::PolarsError),
}

impl From<polars::prelude::PolarsError> for Stop {
    fn from(error: polars::prelude::PolarsError) -> Self {
        Self::Engine(error)
    }
}

pub(super) type Rewritten = Result<Typed, Stop>;

/// Plans a subquery within an expression, and returns the name of its rows.
pub(super) trait Subqueries {
    fn plan(&mut self, query: &Query) -> Result<(String, LazyFrame), Stop>;
}

/// Rewrites the expressions of one SELECT.
pub(super) struct Rewriter<'a> {
    pub(super) functions: &'a Functions,
    /// Tables of the FROM clause, by their names in the view.
    pub(super) relations: &'a [(String, SchemaRef)],
    /// Names defined by the SELECT list.
    pub(super) aliases: BTreeMap<String, Kind>,
    pub(super) subqueries: &'a mut dyn Subqueries,
    /// The condition of the rows whose values are needed.
    condition: Option<Expr>,
}

fn refuse<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Refused(Refusal::new(message, help)))
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(
        functions: &'a Functions,
        relations: &'a [(String, SchemaRef)],
        subqueries: &'a mut dyn Subqueries,
    ) -> Self {
        Self { functions, relations, aliases: BTreeMap::new(), subqueries, condition: None }
    }

    /// An expression of the SELECT list, a condition, or a part of one.
    pub(super) fn expr(&mut self, expr: &Expr) -> Rewritten {
        let typed = |expr: Expr, kind| Ok(Typed { label: expr.to_string(), expr, kind, literal: None });
        match expr {
            Expr::Identifier(ident) => self.column(expr, None, ident),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, column] => self.column(expr, Some(table), column),
                _ => refuse(format!("`{expr}` is not a column"), "write a column as table.column"),
            },
            Expr::Value(constant) => value(expr, &constant.value),
            Expr::Nested(inner) => {
                let inner = self.expr(inner)?;
                Ok(Typed { expr: nested(inner.expr), ..inner })
            }
            Expr::UnaryOp { op, expr: inner } => self.unary(expr, *op, inner),
            Expr::BinaryOp { left, op, right } => self.binary(expr, left, op, right),
            Expr::Between { expr: inner, negated, low, high } => {
                let low = binary((**inner).clone(), BinaryOperator::GtEq, (**low).clone());
                let high = binary((**inner).clone(), BinaryOperator::LtEq, (**high).clone());
                let both = self.expr(&and(low, high))?;
                typed(if *negated { not(both.expr) } else { nested(both.expr) }, Kind::Bool)
            }
            Expr::InList { expr: inner, list, negated } => self.in_list(inner, list, *negated),
            Expr::InSubquery { expr: inner, subquery, negated } => self.in_subquery(expr, inner, subquery, *negated),
            Expr::Exists { subquery, negated } => match self.subqueries.plan(subquery) {
                Ok((name, _)) => {
                    let subquery = Box::new(all_of(&name)?);
                    typed(Expr::Exists { subquery, negated: *negated }, Kind::Bool)
                }
                Err(Stop::Unknown(..)) => typed(self.plainly(expr, subquery)?, Kind::Bool),
                Err(stop) => Err(stop),
            },
            Expr::Subquery(subquery) => match self.subqueries.plan(subquery) {
                Ok((name, mut frame)) => {
                    let kind = frame.collect_schema()?.iter_values().next().map_or(Kind::Other, Kind::of);
                    typed(Expr::Subquery(Box::new(all_of(&name)?)), kind)
                }
                Err(Stop::Unknown(..)) => typed(self.plainly(expr, subquery)?, Kind::Other),
                Err(stop) => Err(stop),
            },
            Expr::Case { operand, conditions, else_result, .. } => {
                let (conditions, else_result, kind) =
                    self.case(operand.as_deref(), conditions, else_result.as_deref())?;
                typed(case(conditions, else_result), kind)
            }
            Expr::Cast { expr: inner, data_type, .. } => self.cast(inner, data_type),
            Expr::TypedString(TypedString { data_type, .. }) => {
                typed(expr.clone(), if matches!(data_type, DataType::Date) { Kind::Date } else { Kind::Moment })
            }
            Expr::Interval(_) => typed(expr.clone(), Kind::Other),
            Expr::Function(function) => self.function(function),
            other => self.part(other),
        }
    }

    /// Rewrites tests, and functions with their own SQL syntax.
    fn part(&mut self, expr: &Expr) -> Rewritten {
        let typed = |expr: Expr, kind| Ok(Typed { label: expr.to_string(), expr, kind, literal: None });
        match expr {
            Expr::IsNull(inner) | Expr::IsUnknown(inner) => {
                typed(Expr::IsNull(Box::new(self.expr(inner)?.expr)), Kind::Bool)
            }
            Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) => {
                typed(Expr::IsNotNull(Box::new(self.expr(inner)?.expr)), Kind::Bool)
            }
            Expr::IsTrue(inner) => typed(self.known(inner, false)?, Kind::Bool),
            Expr::IsNotTrue(inner) => typed(not(self.known(inner, false)?), Kind::Bool),
            Expr::IsFalse(inner) => typed(not(self.known(inner, true)?), Kind::Bool),
            Expr::IsNotFalse(inner) => typed(self.known(inner, true)?, Kind::Bool),
            Expr::IsDistinctFrom(left, right) => typed(not(self.same(expr, left, right)?), Kind::Bool),
            Expr::IsNotDistinctFrom(left, right) => typed(self.same(expr, left, right)?, Kind::Bool),
            Expr::Like { negated, any: false, expr: inner, pattern, escape_char } => {
                self.like("like", expr, *negated, [inner, pattern], escape_char.as_ref())
            }
            Expr::ILike { negated, any: false, expr: inner, pattern, escape_char } => {
                self.like("ilike", expr, *negated, [inner, pattern], escape_char.as_ref())
            }
            Expr::Extract { field, syntax, expr: inner } => {
                let inner = self.moment_of(inner)?;
                typed(
                    Expr::Extract { field: field.clone(), syntax: syntax.clone(), expr: Box::new(inner.expr) },
                    Kind::Whole,
                )
            }
            Expr::Floor { expr: inner, field } => self.rounding("floor", inner, field),
            Expr::Ceil { expr: inner, field } => self.rounding("ceil", inner, field),
            Expr::Position { expr: inner, r#in } => {
                self.call_of_texts("strpos", expr, &[(**r#in).clone(), (**inner).clone()])
            }
            Expr::Substring { expr: inner, substring_from, substring_for, .. } => {
                let first = Expr::Value(Value::Number("1".into(), false).into());
                let from = substring_from.as_deref().cloned().unwrap_or(first);
                let arguments: Vec<Expr> =
                    [(**inner).clone(), from].into_iter().chain(substring_for.as_deref().cloned()).collect();
                self.call_of_texts("substr", expr, &arguments)
            }
            Expr::Trim { expr: inner, trim_where, trim_what, trim_characters } => {
                let name = match trim_where {
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                    Some(TrimWhereField::Both) | None => "trim",
                };
                let characters = trim_what.as_deref().into_iter().chain(trim_characters.iter().flatten());
                let arguments: Vec<Expr> = std::iter::once(&**inner).chain(characters).cloned().collect();
                self.call_of_texts(name, expr, &arguments)
            }
            other => typed(other.clone(), Kind::Other),
        }
    }

    /// A function of texts that has its own syntax.
    fn call_of_texts(&mut self, name: &str, whole: &Expr, arguments: &[Expr]) -> Rewritten {
        match Text::named(name) {
            Some(text) => self.of_texts(text, &whole.to_string(), arguments),
            None => refuse(format!("`{whole}` is not allowed in a view"), "write it another way"),
        }
    }

    fn like(
        &mut self,
        name: &str,
        whole: &Expr,
        negated: bool,
        [inner, pattern]: [&Expr; 2],
        escape: Option<&ValueWithSpan>,
    ) -> Rewritten {
        let arguments = [inner.clone(), pattern.clone()].into_iter();
        let arguments: Vec<Expr> = arguments.chain(escape.cloned().map(Expr::Value)).collect();
        let like = self.call_of_texts(name, whole, &arguments)?;
        Ok(if negated { Typed { expr: not(like.expr), ..like } } else { like })
    }

    fn column(&self, expr: &Expr, table: Option<&Ident>, column: &Ident) -> Rewritten {
        let of_table = |name: &str| table.is_none_or(|table| table.value == name);
        let found = self.relations.iter().filter(|(name, _)| of_table(name));
        let ty = found.clone().find_map(|(_, schema)| schema.get(&column.value));
        let alias = || self.aliases.get(&column.value).copied().filter(|_| table.is_none());
        let Some(kind) = ty.map(Kind::of).or_else(alias) else {
            let known = found.flat_map(|(_, schema)| schema.iter_names().map(ToString::to_string)).collect();
            return Err(Stop::Unknown(expr.to_string(), known));
        };
        Ok(Typed { expr: expr.clone(), kind, label: column.value.clone(), literal: None })
    }

    fn unary(&mut self, whole: &Expr, op: UnaryOperator, inner: &Expr) -> Rewritten {
        let label = whole.to_string();
        match op {
            UnaryOperator::Not => {
                let inner = self.expr(inner)?;
                Ok(Typed { expr: not(inner.expr), kind: Kind::Bool, label, literal: None })
            }
            UnaryOperator::Plus => {
                let inner = self.expr(inner)?;
                Ok(self.number(inner))
            }
            UnaryOperator::Minus => match inner {
                Expr::Value(value) if matches!(&value.value, Value::Number(text, _) if text.parse::<i64>().is_ok()) => {
                    Ok(Typed { expr: whole.clone(), kind: Kind::Whole, label, literal: None })
                }
                _ => {
                    let zero = Expr::Value(Value::Number("0".into(), false).into());
                    self.arithmetic(&label, &zero, "minus", inner)
                }
            },
            _ => refuse(format!("`{whole}` is not allowed in a view"), "allowed are + - and not"),
        }
    }

    fn binary(&mut self, whole: &Expr, left: &Expr, op: &BinaryOperator, right: &Expr) -> Rewritten {
        let label = whole.to_string();
        let boolean = |expr| Ok(Typed { expr, kind: Kind::Bool, label: label.clone(), literal: None });
        match op {
            BinaryOperator::And | BinaryOperator::Or => {
                let left = self.expr(left)?;
                let holds = if *op == BinaryOperator::And { left.expr.clone() } else { fails(left.expr.clone()) };
                let right = self.only_where(&holds, |rewriter| rewriter.expr(right))?;
                boolean(binary(nested(left.expr), op.clone(), nested(right.expr)))
            }
            BinaryOperator::Plus | BinaryOperator::Minus if matches!(right, Expr::Interval(_)) => {
                let day = self.day_of(left)?;
                let kind = day.kind;
                Ok(Typed { expr: binary(day.expr, op.clone(), right.clone()), kind, label, literal: None })
            }
            BinaryOperator::Plus => self.arithmetic(&label, left, "plus", right),
            BinaryOperator::Minus => self.arithmetic(&label, left, "minus", right),
            BinaryOperator::Multiply => self.arithmetic(&label, left, "times", right),
            BinaryOperator::Divide => self.arithmetic(&label, left, "over", right),
            BinaryOperator::Modulo => self.arithmetic(&label, left, "rest", right),
            BinaryOperator::StringConcat => {
                let (left, right) = (self.text_of(left)?, self.text_of(right)?);
                let expr = binary(left.expr, op.clone(), right.expr);
                Ok(Typed { expr, kind: Kind::Text, label, literal: None })
            }
            BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                self.comparison(&label, left, op, right)
            }
            _ => refuse(
                format!("`{op}` is not allowed in a view"),
                "allowed are + - * / %, comparisons, and, or, not, like, in, between and ||",
            ),
        }
    }

    /// Rewrites a part that is needed only for some rows.
    fn only_where<T>(&mut self, holds: &Expr, part: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        let before = self.condition.take();
        self.condition = Some(before.clone().map_or_else(|| holds.clone(), |before| and(before, holds.clone())));
        let result = part(self);
        self.condition = before;
        result
    }

    /// Rewrites a part that is needed for every row, such as the argument of a sum.
    fn everywhere<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        let before = self.condition.take();
        let result = part(self);
        self.condition = before;
        result
    }

    /// A call that is evaluated only on the needed rows.
    fn reads(&self, name: String, arguments: impl IntoIterator<Item = Expr>) -> Expr {
        call(name, arguments.into_iter().chain(self.condition.clone()))
    }
}

/// A constant.
fn value(expr: &Expr, value: &Value) -> Rewritten {
    let (expr, kind, literal) = match value {
        Value::Number(text, _) if text.parse::<i64>().is_ok() => (expr.clone(), Kind::Whole, None),
        Value::Number(text, _) => {
            // Constants are written as SQL writes them, whatever the source does.
            match Words::new(Signs::plain()).number(text) {
                Ok(units) => (number(&exact::text(units, '.')), Kind::Number, None),
                Err(wanted) => return refuse(format!("`{text}` is not {wanted}"), "write it with fewer digits"),
            }
        }
        Value::SingleQuotedString(text) => (expr.clone(), Kind::Text, Some(text.clone())),
        Value::Boolean(_) => (expr.clone(), Kind::Bool, None),
        Value::Null => (expr.clone(), Kind::Nothing, None),
        _ => {
            return refuse(format!("`{value}` is not allowed in a view"), "write a number or a text in single quotes");
        }
    };
    Ok(Typed { label: value.to_string(), expr, kind, literal })
}

impl Stop {
    /// As the user reads it.
    pub(super) fn refusal(self, of_files: &BTreeSet<String>) -> Result<Refusal, polars::prelude::PolarsError> {
        match self {
            Self::Refused(refusal) => Ok(refusal),
            Self::Engine(error) => Err(error),
            Self::Unknown(name, mut known) => {
                // Columns that the view doesn't name are not read: they are known all the same.
                known.extend(of_files.iter().filter(|name| !known.contains(name)).cloned().collect::<Vec<_>>());
                let plain = name.rsplit('.').next().unwrap_or(&name).trim_matches('"');
                let near = did_you_mean(plain, known.iter().map(String::as_str));
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let known: Vec<String> = known.iter().map(|name| format!("\"{name}\"")).collect();
                Ok(Refusal::new(
                    format!("there is no column `{name}`{near}"),
                    format!("the tables have {}; put names with capitals or blanks in double quotes", known.join(", ")),
                ))
            }
        }
    }
}
