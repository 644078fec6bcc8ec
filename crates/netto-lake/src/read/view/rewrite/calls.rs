//! Rewrites calls of scalar and aggregate functions.

use sqlparser::ast::{
    CaseWhen, CeilFloorKind, DataType, DateTimeField, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, ObjectName, OrderByExpr, Value, WindowType,
};

use super::{Rewriter, Rewritten, Stop, Typed, refuse};
use crate::read::view::kind::Kind;
use crate::read::view::query::{is_aggregate, is_window};
use crate::read::view::sql::{call, case, cast};
use crate::read::view::texts::Text;

impl Rewriter<'_> {
    pub(super) fn rounding(&mut self, name: &str, inner: &Expr, field: &CeilFloorKind) -> Rewritten {
        if !matches!(field, CeilFloorKind::DateTimeField(DateTimeField::NoDateTime)) {
            return refuse(format!("{name} takes one number"), "round(…, places) rounds to decimal places");
        }
        let typed = self.expr(inner)?;
        Ok(self.single(name, typed))
    }

    /// A function of one number.
    pub(super) fn single(&self, name: &str, typed: Typed) -> Typed {
        if typed.kind == Kind::Whole && name != "sign" && name != "abs" {
            return typed;
        }
        let whole = typed.kind == Kind::Whole;
        let exact = self.number(typed);
        let expr = call(self.functions.name(name, &exact.label), [exact.expr]);
        let (expr, kind) = if whole {
            (call(self.functions.name("whole", &exact.label), [expr]), Kind::Whole)
        } else {
            (expr, Kind::Number)
        };
        Typed { expr, kind, label: exact.label, literal: None }
    }

    pub(super) fn function(&mut self, function: &Function) -> Rewritten {
        let name = function.name.to_string().to_lowercase();
        let label = function.to_string();
        if let Some(WindowType::WindowSpec(spec)) = &function.over
            && let Some(typed) = self.ordered(&name, &label, function, spec)?
        {
            return Ok(typed);
        }
        let arguments = arguments(function);
        if let Some(text) = Text::named(&name).filter(|_| function.over.is_none()) {
            return self.of_texts(text, &label, &arguments);
        }
        if let ("if", [condition, result, rest @ ..]) = (name.as_str(), arguments.as_slice())
            && rest.len() < 2
        {
            // As `case` it reads each value only where it is wanted.
            let branch = CaseWhen { condition: condition.clone(), result: result.clone() };
            let (conditions, else_result, kind) = self.case(None, &[branch], rest.first())?;
            return Ok(Typed { expr: case(conditions, else_result), kind, label, literal: None });
        }
        if function.over.is_none() && is_window(&name) {
            return refuse(format!("`{label}` is a window function"), format!("write {name}(…) over (… order by …)"));
        }
        let of_rows = function.over.is_some() || is_aggregate(function);
        let rewritten: Vec<Typed> = if of_rows {
            self.everywhere(|rewriter| arguments.iter().map(|argument| rewriter.expr(argument)).collect())?
        } else {
            arguments.iter().map(|argument| self.expr(argument)).collect::<Result<_, _>>()?
        };
        let function = &self.everywhere(|rewriter| rewriter.with_window(function))?;
        let with = |arguments: Vec<Expr>| with_arguments(function, arguments);
        let done = |expr, kind| Ok(Typed { expr, kind, label: label.clone(), literal: None });
        let all = |typed: Vec<Typed>| typed.into_iter().map(|typed| typed.expr).collect::<Vec<_>>();
        let first = rewritten.first().cloned();
        match (name.as_str(), first) {
            ("count", _) => {
                let counted =
                    rewritten.into_iter().map(|typed| if is_distinct(function) { self.key(typed) } else { typed });
                done(with_star(function, all(counted.collect())), Kind::Whole)
            }
            ("sum" | "avg", Some(typed)) => self.sum(&name, &label, function, typed),
            ("min" | "max", Some(typed)) if typed.kind == Kind::Text => Ok(self.extreme(&name, function, typed)),
            ("min" | "max" | "first" | "last" | "first_value" | "last_value" | "lag" | "lead", Some(typed)) => {
                let kind = typed.kind;
                let rest = arguments.iter().skip(1).cloned();
                done(with([typed.expr].into_iter().chain(rest).collect()), kind)
            }
            ("row_number" | "rank" | "dense_rank", _) => done(with(Vec::new()), Kind::Whole),
            ("round" | "trunc" | "truncate", Some(typed)) => {
                let places = match arguments.get(1) {
                    None => 0,
                    Some(Expr::Value(value)) => match &value.value {
                        Value::Number(text, _) => text.parse::<u32>().unwrap_or(u32::MAX),
                        _ => u32::MAX,
                    },
                    Some(_) => u32::MAX,
                };
                if places > 18 {
                    return refuse(format!("`{label}`: the places must be a number from 0 to 18"), "write round(…, 2)");
                }
                let function = if name == "round" { "round" } else { "trunc" };
                Ok(self.single(&format!("{function}p{places}"), typed))
            }
            ("ceil" | "ceiling", Some(typed)) => Ok(self.single("ceil", typed)),
            ("floor" | "abs" | "sign", Some(typed)) => Ok(self.single(&name, typed)),
            ("mod", Some(_)) => match arguments.as_slice() {
                [left, right] => self.arithmetic(&label, left, "rest", right),
                _ => refuse(format!("`{label}`: mod takes two numbers"), "write mod(a, b)"),
            },
            ("coalesce" | "ifnull" | "greatest" | "least" | "nullif", Some(_)) => {
                self.of_one_kind(&name, &label, &rewritten, with)
            }
            ("date", Some(typed)) if arguments.len() == 1 => self.day(typed),
            ("date_part", Some(part)) => match arguments.get(1) {
                Some(day) => {
                    let day = self.moment_of(day)?;
                    done(with(vec![part.expr, day.expr]), Kind::Whole)
                }
                None => refuse(format!("`{label}`: date_part takes a part and a date"), "write date_part('year', …)"),
            },
            ("strftime", Some(_)) => {
                let Some(day) = arguments.first() else { return refuse(label, "write strftime(…, '%Y-%m')") };
                let day = self.moment_of(day)?;
                let rest = arguments.iter().skip(1).cloned();
                done(with([day.expr].into_iter().chain(rest).collect()), Kind::Text)
            }
            ("strptime" | "date", Some(typed)) => {
                let kind = if name == "date" { Kind::Date } else { Kind::Moment };
                let typed = self.text(typed);
                let rest = arguments.iter().skip(1).cloned();
                done(with([typed.expr].into_iter().chain(rest).collect()), kind)
            }
            ("concat_ws", Some(separator)) if separator.literal.is_none() => {
                refuse(format!("`{label}`: the separator must be a text in quotes"), "write concat(…, separator, …)")
            }
            ("concat" | "concat_ws", Some(_)) => {
                done(with(rewritten.into_iter().map(|typed| self.text(typed).expr).collect()), Kind::Text)
            }
            (_, Some(_)) => refuse(format!("`{label}` is not a window function"), "leave out over (…)"),
            (_, None) => refuse(format!("`{label}` has no arguments"), "see how the function is used"),
        }
    }

    /// A function of texts; each argument is brought to what the function takes.
    pub(super) fn of_texts(&mut self, text: &'static Text, label: &str, arguments: &[Expr]) -> Rewritten {
        let Some(numbers) = text.numbers(arguments.len()) else {
            return refuse(format!("`{label}` has too few or too many arguments"), format!("write {}", text.usage()));
        };
        let mut values = Vec::new();
        for (argument, number) in arguments.iter().zip(numbers) {
            let typed = self.expr(argument)?;
            values.push(if number { self.whole(typed) } else { self.text(typed) }.expr);
        }
        let expr = call(self.functions.name(text.name, label), values);
        Ok(Typed { expr, kind: text.kind, label: label.to_owned(), literal: None })
    }

    /// A sum or an average: exact, and checked for overflow against the same computation in floats.
    pub(super) fn sum(&mut self, name: &str, label: &str, function: &Function, typed: Typed) -> Rewritten {
        let exact = self.everywhere(|rewriter| Ok(rewriter.number(typed)))?;
        let nearly = cast(exact.expr.clone(), DataType::DoublePrecision);
        let sum = called(function, "sum");
        let sums = [vec![exact.expr.clone()], vec![nearly]].map(|arguments| with_arguments(&sum, arguments));
        let total = call(self.functions.name("total", &exact.label), sums);
        let expr = if name == "sum" {
            total
        } else {
            let count = with_arguments(&called(function, "count"), vec![exact.expr]);
            let count = call(self.functions.name("number", "count"), [count]);
            call(self.functions.name("mean", label), [total, count])
        };
        Ok(Typed { expr, kind: Kind::Number, label: label.to_owned(), literal: None })
    }

    /// The least or the greatest of texts, as numbers, as days, or as texts.
    pub(super) fn extreme(&self, name: &str, function: &Function, typed: Typed) -> Typed {
        let key = call(self.functions.name("key", &typed.label), [typed.expr]);
        let other = called(function, if name == "min" { "max" } else { "min" });
        let keys = [with_arguments(function, vec![key.clone()]), with_arguments(&other, vec![key])];
        let expr = call(self.functions.name("one", &typed.label), keys);
        Typed { expr, kind: Kind::Text, label: typed.label, literal: None }
    }

    /// A function that returns one of its arguments.
    pub(super) fn of_one_kind(
        &mut self,
        name: &str,
        label: &str,
        arguments: &[Typed],
        with: impl Fn(Vec<Expr>) -> Expr,
    ) -> Rewritten {
        let kind = Kind::common(arguments.iter().map(|typed| typed.kind));
        if kind == Some(Kind::Text) && matches!(name, "greatest" | "least") {
            return refuse(format!("`{label}` sorts texts"), "give them a type: cast(… as decimal) or cast(… as date)");
        }
        let mut brought = Vec::new();
        for typed in arguments {
            brought.push(self.brought(typed.clone(), kind)?.expr);
        }
        Ok(Typed { expr: with(brought), kind: kind.unwrap_or(Kind::Other), label: label.to_owned(), literal: None })
    }

    /// A function with its window, which has no order.
    fn with_window(&mut self, function: &Function) -> Result<Function, Stop> {
        let mut function = function.clone();
        if let Some(WindowType::WindowSpec(spec)) = &mut function.over {
            (spec.order_by, spec.window_frame) = (Vec::new(), None);
            for partition in &mut spec.partition_by {
                let typed = self.expr(partition)?;
                *partition = self.key(typed).expr;
            }
        }
        if let Some(filter) = &function.filter {
            return refuse(
                format!("`filter (where {filter})` is not allowed in a view"),
                "write sum(case when … then … end)",
            );
        }
        Ok(function)
    }

    /// Rewrites an ORDER BY expression. Nulls are last unless the view says otherwise, as in DuckDB.
    pub(in crate::read::view) fn order(&mut self, order: &mut OrderByExpr) -> Result<(), Stop> {
        order.options.nulls_first.get_or_insert(false);
        if matches!(&order.expr, Expr::Value(_)) {
            return Ok(());
        }
        let typed = self.expr(&order.expr)?;
        order.expr = match typed.kind {
            Kind::Text => call(self.functions.name("sorted", &typed.label), [typed.expr]),
            _ => typed.expr,
        };
        Ok(())
    }
}

pub(super) fn arguments(function: &Function) -> Vec<Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let plain = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    };
    list.args.iter().filter_map(plain).collect()
}

pub(super) fn is_distinct(function: &Function) -> bool {
    matches!(&function.args, FunctionArguments::List(list) if list.duplicate_treatment == Some(DuplicateTreatment::Distinct))
}

/// The same call of another function.
fn called(function: &Function, name: &str) -> Function {
    Function { name: ObjectName::from(Ident::new(name)), ..function.clone() }
}

/// The same call with other arguments.
fn with_arguments(function: &Function, arguments: Vec<Expr>) -> Expr {
    let mut function = function.clone();
    if let FunctionArguments::List(list) = &mut function.args {
        list.args = arguments.into_iter().map(|expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))).collect();
        if list.duplicate_treatment == Some(DuplicateTreatment::All) {
            list.duplicate_treatment = None;
        }
    }
    Expr::Function(function)
}

/// The same call with other arguments, except that `count(*)` is unchanged.
fn with_star(function: &Function, arguments: Vec<Expr>) -> Expr {
    if arguments.is_empty() { Expr::Function(function.clone()) } else { with_arguments(function, arguments) }
}
