//! Values as what they are wanted for: exact numbers, days, texts; and the arithmetic of them.

use sqlparser::ast::{DataType, ExactNumberInfo, Expr, UnaryOperator, Value};

use super::{Rewriter, Rewritten, Typed, refuse};
use crate::read::view::kind::Kind;
use crate::read::view::sql::{call, cast, number, string};
use crate::read::view::words;

impl Rewriter<'_> {
    /// The value as an exact number.
    pub(super) fn number(&self, typed: Typed) -> Typed {
        if typed.kind == Kind::Number {
            return typed;
        }
        let constant = match &typed.expr {
            Expr::Value(value) => match &value.value {
                Value::Number(text, _) => Some(text.clone()),
                _ => None,
            },
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } if matches!(**expr, Expr::Value(_)) => {
                Some(typed.expr.to_string())
            }
            _ => None,
        };
        let expr = match constant {
            Some(text) => number(&text),
            None if typed.kind == Kind::Whole => call(self.functions.name("number", &typed.label), [typed.expr]),
            None => self.reads(self.functions.name("number", &typed.label), [typed.expr]),
        };
        Typed { expr, kind: Kind::Number, label: typed.label, literal: None }
    }

    /// The value as a whole number.
    pub(super) fn whole(&self, typed: Typed) -> Typed {
        if matches!(typed.kind, Kind::Whole | Kind::Nothing) {
            return typed;
        }
        let exact = self.number(typed);
        let expr = call(self.functions.name("whole", &exact.label), [exact.expr]);
        Typed { expr, kind: Kind::Whole, ..exact }
    }

    /// The value as a day, or a moment where it is one.
    pub(super) fn day(&self, typed: Typed) -> Rewritten {
        if typed.kind.is_day() || typed.kind == Kind::Nothing {
            return Ok(typed);
        }
        if typed.kind.is_number() || typed.kind == Kind::Bool {
            return refuse(
                format!("`{}` is not a date, but it is used as one", typed.label),
                "cast(cast(… as varchar) as date) reads a number such as 20250301 by the source's date format",
            );
        }
        if let Some(text) = &typed.literal {
            let moment = words::iso(text).or_else(|| self.functions.words().microseconds(text).ok());
            let Some(moment) = moment else {
                return refuse(format!("'{text}' is not a date"), "write a date as '2025-03-01'");
            };
            let day = chrono::DateTime::from_timestamp_micros(moment).map(|moment| moment.date_naive().to_string());
            let expr = cast(string(&day.unwrap_or_default()), DataType::Date);
            return Ok(Typed { expr, kind: Kind::Date, label: typed.label, literal: None });
        }
        let expr = self.reads(self.functions.name("date", &typed.label), [typed.expr]);
        Ok(Typed { expr, kind: Kind::Date, label: typed.label, literal: None })
    }

    pub(super) fn day_of(&mut self, expr: &Expr) -> Rewritten {
        let typed = self.expr(expr)?;
        self.day(typed)
    }

    /// The value as a moment, so that a time of day can be asked for.
    pub(super) fn moment_of(&mut self, expr: &Expr) -> Rewritten {
        let typed = self.expr(expr)?;
        if typed.kind != Kind::Text {
            return self.day(typed);
        }
        let expr = self.reads(self.functions.name("moment", &typed.label), [typed.expr]);
        Ok(Typed { expr, kind: Kind::Moment, label: typed.label, literal: None })
    }

    /// The value as text.
    pub(super) fn text(&self, typed: Typed) -> Typed {
        let expr = match typed.kind {
            Kind::Text | Kind::Nothing => typed.expr,
            _ => call(self.functions.name("text", &typed.label), [typed.expr]),
        };
        Typed { expr, kind: Kind::Text, ..typed }
    }

    pub(super) fn text_of(&mut self, expr: &Expr) -> Rewritten {
        let typed = self.expr(expr)?;
        Ok(self.text(typed))
    }

    pub(super) fn arithmetic(&mut self, label: &str, left: &Expr, function: &str, right: &Expr) -> Rewritten {
        let (left, right) = (self.expr(left)?, self.expr(right)?);
        if let Some(day) = [&left, &right].into_iter().find(|typed| typed.kind.is_day()) {
            return refuse(
                format!("`{label}` computes with `{}`, which is a date", day.label),
                "add or subtract an interval: … + interval '1 month'",
            );
        }
        let whole = left.kind == Kind::Whole && right.kind == Kind::Whole && function != "over";
        let (left, right) = (self.number(left), self.number(right));
        let name = self.functions.name(function, label);
        let may_fail = matches!(function, "over" | "rest");
        let arguments = [left.expr, right.expr];
        let expr = if may_fail { self.reads(name, arguments) } else { call(name, arguments) };
        let (expr, kind) =
            if whole { (call(self.functions.name("whole", label), [expr]), Kind::Whole) } else { (expr, Kind::Number) };
        Ok(Typed { expr, kind, label: label.to_owned(), literal: None })
    }

    pub(super) fn cast(&mut self, inner: &Expr, ty: &DataType) -> Rewritten {
        let typed = self.expr(inner)?;
        let label = typed.label.clone();
        let done = |expr, kind| Ok(Typed { expr, kind, label: label.clone(), literal: None });
        match ty {
            DataType::Decimal(info) | DataType::Numeric(info) | DataType::Dec(info) => {
                let exact = self.number(typed);
                match info {
                    ExactNumberInfo::None => Ok(exact),
                    _ => done(cast(exact.expr, ty.clone()), Kind::Decimal),
                }
            }
            DataType::Float(_)
            | DataType::Real
            | DataType::Float4
            | DataType::Float8
            | DataType::Double(_)
            | DataType::DoublePrecision => Ok(self.number(typed)),
            DataType::TinyInt(_)
            | DataType::SmallInt(_)
            | DataType::Int2(_)
            | DataType::Int4(_)
            | DataType::Int8(_)
            | DataType::Int(_)
            | DataType::Integer(_)
            | DataType::BigInt(_) => Ok(self.whole(typed)),
            DataType::Date if typed.kind == Kind::Moment => done(cast(typed.expr, DataType::Date), Kind::Date),
            DataType::Date => self.day(typed),
            DataType::Datetime(_) | DataType::Timestamp(_, _) => {
                let kind = typed.kind;
                if kind == Kind::Text {
                    return done(self.reads(self.functions.name("moment", &typed.label), [typed.expr]), Kind::Moment);
                }
                done(cast(self.day(typed)?.expr, ty.clone()), Kind::Moment)
            }
            DataType::Varchar(_)
            | DataType::CharVarying(_)
            | DataType::Char(_)
            | DataType::Character(_)
            | DataType::CharacterVarying(_)
            | DataType::Text
            | DataType::String(_) => Ok(self.text(typed)),
            DataType::Boolean | DataType::Bool if typed.kind == Kind::Bool => Ok(typed),
            _ => refuse(
                format!("`{label}` cannot be cast to {ty} in a view"),
                "allowed are decimal, decimal(p, s), integer, bigint, date, timestamp and varchar",
            ),
        }
    }
}
