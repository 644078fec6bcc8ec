//! Rewrites comparisons: numbers with numbers, days with days, and texts literally, never mixed.

use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, DataType, Expr, ObjectName, Query, TimezoneInfo, Value, visit_expressions};

use super::{Rewriter, Rewritten, Stop, Typed, refuse};
use crate::read::view::kind::Kind;
use crate::read::view::plan::all_of;
use crate::read::view::sql::{and, binary, call, cast, nested, not};
use crate::read::view::words;

impl Rewriter<'_> {
    pub(super) fn comparison(&mut self, label: &str, left: Typed, op: &BinaryOperator, right: Typed) -> Rewritten {
        let done = |expr| Ok(Typed { expr, kind: Kind::Bool, label: label.to_owned(), literal: None });
        let (one, two) = (left.kind, right.kind);
        if one == Kind::Whole && two == Kind::Whole {
            return done(binary(left.expr, op.clone(), right.expr));
        }
        if (one.is_number() || two.is_number()) && !one.is_day() && !two.is_day() {
            let (left, right) = (self.number(left), self.number(right));
            if !reads(&left.expr) || !reads(&right.expr) {
                return done(binary(left.expr, op.clone(), right.expr));
            }
            // The engine makes joins of comparisons wherever it can, which it can't by numbers with decimals.
            let function = match op {
                BinaryOperator::Eq => "eq",
                BinaryOperator::NotEq => "ne",
                BinaryOperator::Lt => "lt",
                BinaryOperator::LtEq => "le",
                BinaryOperator::Gt => "gt",
                _ => "ge",
            };
            return done(call(self.functions.name(function, label), [left.expr, right.expr]));
        }
        if one.is_day() || two.is_day() {
            let (left, right) = (self.day(left)?, self.day(right)?);
            return done(binary(left.expr, op.clone(), right.expr));
        }
        if one != Kind::Text || two != Kind::Text {
            return done(binary(nested(left.expr), op.clone(), nested(right.expr)));
        }
        let equality = matches!(op, BinaryOperator::Eq | BinaryOperator::NotEq);
        let day = |typed: &Typed| typed.literal.as_deref().is_some_and(|text| words::iso(text).is_some());
        if equality {
            if !day(&left) && !day(&right) {
                return done(binary(left.expr, op.clone(), right.expr));
            }
            let (text, day) = if day(&left) { (right, left) } else { (left, right) };
            let same = call(self.functions.name("same", &text.label), [text.expr, day.expr]);
            return done(if *op == BinaryOperator::Eq { same } else { not(same) });
        }
        if day(&left) || day(&right) {
            let (left, right) = (self.day(left)?, self.day(right)?);
            return done(binary(left.expr, op.clone(), right.expr));
        }
        let what = if left.literal.is_some() { &right.label } else { &left.label };
        let (function, negated) = match op {
            BinaryOperator::Lt => ("less", false),
            BinaryOperator::GtEq => ("less", true),
            BinaryOperator::Gt => ("more", false),
            _ => ("more", true),
        };
        let compared = self.reads(self.functions.name(function, what), [left.expr, right.expr]);
        done(if negated { not(compared) } else { compared })
    }

    /// A condition that is never null: what it is for null says `if_null`.
    pub(super) fn known(&mut self, condition: &Expr, if_null: bool) -> Result<Expr, Stop> {
        let typed = self.expr(condition)?;
        if !matches!(typed.kind, Kind::Bool | Kind::Nothing | Kind::Other) {
            return refuse(
                format!("`{condition}` is neither true nor false, but it is used as such"),
                "compare it with a value: … = 'J'",
            );
        }
        Ok(call("coalesce", [nested(typed.expr), Expr::Value(Value::Boolean(if_null).into())]))
    }

    /// Whether two values are equal, or both null.
    pub(super) fn same(&mut self, whole: &Expr, left: &Expr, right: &Expr) -> Result<Expr, Stop> {
        let (left, right) = (self.expr(left)?, self.expr(right)?);
        let is_null = |typed: &Typed| Expr::IsNull(Box::new(nested(typed.expr.clone())));
        let both = and(is_null(&left), is_null(&right));
        if left.kind == Kind::Nothing || right.kind == Kind::Nothing {
            return Ok(nested(both));
        }
        let equal = self.comparison(&whole.to_string(), left, &BinaryOperator::Eq, right)?;
        Ok(call("coalesce", [nested(equal.expr), both]))
    }

    /// A value as a key for joins, groups or counts: numbers with decimals become their canonical text.
    pub(in crate::read::view) fn key(&self, typed: Typed) -> Typed {
        if typed.kind.has_decimals() { self.text(self.number(typed)) } else { typed }
    }

    /// Two columns of a join that are equal.
    pub(in crate::read::view) fn joined(&mut self, condition: &Expr) -> Result<Expr, Stop> {
        if let Expr::BinaryOp { left, op: BinaryOperator::Eq, right } = condition {
            let (left, right) = (self.expr(left)?, self.expr(right)?);
            let decimals = left.kind.has_decimals() || right.kind.has_decimals();
            let mixed = left.kind != right.kind && (left.kind.is_number() || right.kind.is_number());
            if (decimals || mixed) && !left.kind.is_day() && !right.kind.is_day() {
                let (left, right) = (self.text(self.number(left)), self.text(self.number(right)));
                return Ok(binary(left.expr, BinaryOperator::Eq, right.expr));
            }
            if left.kind.is_day() || right.kind.is_day() {
                let (left, right) = (self.day(left)?, self.day(right)?);
                let moments = left.kind == Kind::Moment || right.kind == Kind::Moment;
                let moment = |typed: Typed| match typed.kind {
                    Kind::Date if moments => cast(typed.expr, DataType::Timestamp(None, TimezoneInfo::None)),
                    _ => typed.expr,
                };
                return Ok(binary(moment(left), BinaryOperator::Eq, moment(right)));
            }
        }
        Ok(self.expr(condition)?.expr)
    }

    /// Checks a column of a join by name.
    pub(in crate::read::view) fn joins_by(&self, column: &ObjectName) -> Result<(), Stop> {
        let name = column.0.last().and_then(|part| part.as_ident()).map_or("", |ident| ident.value.as_str());
        let kinds = self.relations.iter().filter_map(|(_, schema)| schema.get(name)).map(Kind::of);
        if kinds.into_iter().any(Kind::has_decimals) {
            return refuse(
                format!("`using ({name})` joins by numbers with decimals"),
                format!("write the columns that are equal: on a.{name} = b.{name}"),
            );
        }
        Ok(())
    }

    /// A correlated subquery: it is not rewritten, so it may only compare columns without decimals.
    pub(super) fn plainly(&self, whole: &Expr, subquery: &Query) -> Result<Expr, Stop> {
        let decimals = visit_expressions(subquery, |expr| match self.expr_kind(expr) {
            Some(kind) if kind.has_decimals() => ControlFlow::Break(expr.to_string()),
            _ => ControlFlow::Continue(()),
        });
        match decimals {
            ControlFlow::Continue(()) => plainly(whole, subquery),
            ControlFlow::Break(column) => refuse(
                format!("`{column}` is a number with decimals in a subquery that uses columns of the outer query"),
                "write it as a join",
            ),
        }
    }

    /// The kind of a column of the outer query; `None` for any other expression.
    fn expr_kind(&self, expr: &Expr) -> Option<Kind> {
        let (table, column) = match expr {
            Expr::Identifier(column) => (None, column),
            Expr::CompoundIdentifier(parts) => (parts.first(), parts.last()?),
            _ => return None,
        };
        self.column(expr, table, column).ok().map(|typed| typed.kind)
    }

    pub(super) fn in_list(&mut self, inner: &Expr, list: &[Expr], negated: bool) -> Rewritten {
        let typed = self.expr(inner)?;
        let mut any: Option<Expr> = None;
        let mut plain = true;
        for value in list {
            let value = self.expr(value)?;
            let same = self.comparison(&typed.label, typed.clone(), &BinaryOperator::Eq, value.clone())?;
            plain &= same.expr == binary(typed.expr.clone(), BinaryOperator::Eq, value.expr);
            any = Some(match any {
                Some(any) => binary(any, BinaryOperator::Or, same.expr),
                None => same.expr,
            });
        }
        let whole = Expr::InList { expr: Box::new(typed.expr), list: list.to_vec(), negated };
        let label = whole.to_string();
        let any = any.filter(|_| !plain).map(|any| if negated { not(any) } else { nested(any) });
        Ok(Typed { expr: any.unwrap_or(whole), kind: Kind::Bool, label, literal: None })
    }

    pub(super) fn in_subquery(&mut self, whole: &Expr, inner: &Expr, subquery: &Query, negated: bool) -> Rewritten {
        let typed = self.expr(inner)?;
        let label = whole.to_string();
        let expr = match self.subqueries.plan(subquery) {
            Ok((name, mut frame)) => {
                let other = frame.collect_schema()?.iter_values().next().map_or(Kind::Other, Kind::of);
                if (typed.kind == Kind::Text) != (other == Kind::Text) {
                    return refuse(
                        format!("`{label}` compares texts with values that aren't texts"),
                        "cast both to the same type: cast(… as varchar), cast(… as decimal) or cast(… as date)",
                    );
                }
                if typed.kind.has_decimals() || other.has_decimals() {
                    return refuse(
                        format!("`{label}` looks up a number with decimals"),
                        "look up its text: cast(x as varchar) in (select cast(y as varchar) from …)",
                    );
                }
                let subquery = Box::new(all_of(&name)?);
                Expr::InSubquery { expr: Box::new(typed.expr), subquery, negated }
            }
            Err(Stop::Unknown(..)) => self.plainly(whole, subquery)?,
            Err(stop) => return Err(stop),
        };
        Ok(Typed { expr, kind: Kind::Bool, label, literal: None })
    }
}

/// Whether an expression reads a column.
fn reads(expr: &Expr) -> bool {
    let column = |expr: &Expr| match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    visit_expressions(expr, column).is_break()
}

/// An unchanged subquery, if it only compares columns.
fn plainly(whole: &Expr, subquery: &Query) -> Result<Expr, Stop> {
    let checked = visit_expressions(subquery, |expr| match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Nested(_) | Expr::Value(_) | Expr::Wildcard(_) => {
            ControlFlow::Continue(())
        }
        Expr::BinaryOp { op: BinaryOperator::Eq | BinaryOperator::And, .. } => ControlFlow::Continue(()),
        other => ControlFlow::Break(other.to_string()),
    });
    match checked {
        ControlFlow::Continue(()) => Ok(whole.clone()),
        ControlFlow::Break(part) => refuse(
            format!("`{part}` is in a subquery that uses columns of the outer query"),
            "such a subquery may only compare columns; write it as a join",
        ),
    }
}
