//! Rewrites window functions. Those with an order become functions over all rows, see `windows.rs`; the engine computes the
//! others.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, OrderByExpr, UnaryOperator, Value, WindowFrame,
    WindowFrameBound, WindowFrameUnits, WindowSpec,
};

use super::calls::{arguments, is_distinct};
use super::{Rewriter, Stop, Typed, refuse};
use crate::read::view::kind::Kind;
use crate::read::view::sql::call;
use crate::read::view::windows::{Direction, Frame, Given, Window};

/// The values of a window function: what it gives, its arguments, and their kind.
type Values = (Given, Vec<Expr>, Kind);

impl Rewriter<'_> {
    /// A window function, if it has an order; the others are left to the engine.
    pub(super) fn ordered(
        &mut self,
        name: &str,
        label: &str,
        function: &Function,
        spec: &WindowSpec,
    ) -> Result<Option<Typed>, Stop> {
        if let Some(filter) = &function.filter {
            return refuse(
                format!("`filter (where {filter})` is not allowed in a view"),
                "write sum(case when … then … end)",
            );
        }
        if function.null_treatment.is_some() || !plain_list(function) {
            return refuse(
                format!("`{label}`: ignore nulls, respect nulls and order by within the parentheses are not allowed"),
                "select the rows that have a value first: from (select * from … where … is not null) t",
            );
        }
        // A constant puts nothing in order.
        let orders: Vec<&OrderByExpr> =
            spec.order_by.iter().filter(|order| !matches!(&order.expr, Expr::Value(_))).collect();
        if orders.is_empty() {
            let needs_order = matches!(name, "rank" | "dense_rank" | "lag" | "lead" | "last" | "last_value");
            if needs_order || frame(label, spec.window_frame.as_ref())? == Frame::Row {
                return refuse(
                    format!("`{label}` depends on the order of the rows, which is not given"),
                    "write over (… order by …)",
                );
            }
            return Ok(None);
        }
        let frame = frame(label, spec.window_frame.as_ref())?;
        if is_distinct(function) {
            return refuse(
                format!("`{label}`: distinct is not allowed in a window with an order"),
                "leave `order by` out, or select the distinct rows first: from (select distinct …) t",
            );
        }
        let (given, values, kind) = self.everywhere(|rewriter| rewriter.values(name, label, function))?;
        let (partitions, orders) = self.everywhere(|rewriter| {
            let partitions = spec.partition_by.iter().map(|key| rewriter.partition(key));
            let partitions = partitions.collect::<Result<Vec<Expr>, _>>()?;
            let orders = orders.iter().map(|order| rewriter.place(order)).collect::<Result<Vec<_>, _>>()?;
            Ok((partitions, orders))
        })?;
        let (places, orders): (Vec<Expr>, Vec<Direction>) = orders.into_iter().unzip();
        let window = Window { given, frame, values: values.len(), partitions: partitions.len(), orders };
        let arguments = values.into_iter().chain(partitions).chain(places);
        let expr = call(self.functions.window(window, label), arguments);
        Ok(Some(Typed { expr, kind, label: label.to_owned(), literal: None }))
    }

    fn partition(&mut self, key: &Expr) -> Result<Expr, Stop> {
        let typed = self.expr(key)?;
        Ok(self.key(typed).expr)
    }

    /// A column of ORDER BY. Nulls are last unless the view says otherwise, as in DuckDB.
    fn place(&mut self, order: &OrderByExpr) -> Result<(Expr, Direction), Stop> {
        let typed = self.expr(&order.expr)?;
        let expr = match typed.kind {
            Kind::Text => call(self.functions.name("place", &typed.label), [typed.expr]),
            _ => typed.expr,
        };
        let descending = order.options.asc == Some(false);
        Ok((expr, Direction { descending, nulls_last: order.options.nulls_first != Some(true) }))
    }

    fn values(&mut self, name: &str, label: &str, function: &Function) -> Result<Values, Stop> {
        let arguments = arguments(function);
        let mut typed = arguments.iter().map(|argument| self.expr(argument)).collect::<Result<Vec<_>, _>>()?;
        if matches!(name, "lag" | "lead") {
            return self.lag(name, label, &arguments, typed);
        }
        let wanted = usize::from(!matches!(name, "row_number" | "rank" | "dense_rank"));
        if typed.len() > wanted || typed.len() < wanted && name != "count" {
            return refuse(
                format!("`{label}`: {name} takes {}", if wanted == 0 { "no value" } else { "one value" }),
                "see how the function is used",
            );
        }
        let Some(value) = typed.pop() else {
            let given = match name {
                "row_number" => Given::RowNumber,
                "rank" => Given::Rank,
                "dense_rank" => Given::DenseRank,
                _ => Given::Rows,
            };
            return Ok((given, Vec::new(), Kind::Whole));
        };
        let kind = value.kind;
        Ok(match name {
            "count" => (Given::Values, vec![value.expr], Kind::Whole),
            "sum" => (Given::Sum, vec![self.number(value).expr], Kind::Number),
            "avg" => (Given::Mean, vec![self.number(value).expr], Kind::Number),
            "min" | "max" => {
                let place = match kind {
                    Kind::Text => call(self.functions.name("place", &value.label), [value.expr.clone()]),
                    _ => value.expr.clone(),
                };
                (if name == "min" { Given::Least } else { Given::Greatest }, vec![value.expr, place], kind)
            }
            "first" | "first_value" => (Given::First, vec![value.expr], kind),
            "last" | "last_value" => (Given::Last, vec![value.expr], kind),
            _ => return refuse(format!("`{label}` is not a window function"), "leave out over (…)"),
        })
    }

    /// `lag(value, rows, default)`
    fn lag(&mut self, name: &str, label: &str, arguments: &[Expr], typed: Vec<Typed>) -> Result<Values, Stop> {
        let rows = arguments.get(1).map_or(Some(1), whole);
        let (Some(rows), 1..=3) = (rows, typed.len()) else {
            return refuse(
                format!("`{label}`: {name} takes a value, a whole number of rows and a value for where there is none"),
                format!("write {name}(…, 1, 0)"),
            );
        };
        let rows = if name == "lag" { rows } else { -rows };
        let mut values: Vec<Typed> = typed;
        if values.len() > 1 {
            values.remove(1);
        }
        let kind = Kind::common(values.iter().map(|value| value.kind));
        let brought = values.into_iter().map(|value| Ok(self.brought(value, kind)?.expr));
        Ok((Given::Before(rows), brought.collect::<Result<_, Stop>>()?, kind.unwrap_or(Kind::Other)))
    }
}

/// The rows that a window counts.
fn frame(label: &str, frame: Option<&WindowFrame>) -> Result<Frame, Stop> {
    use WindowFrameBound::{CurrentRow, Following, Preceding};
    let Some(frame) = frame else { return Ok(Frame::Equal) };
    match (frame.units, &frame.start_bound, &frame.end_bound) {
        (WindowFrameUnits::Rows, Preceding(None), None | Some(CurrentRow)) => Ok(Frame::Row),
        (_, Preceding(None), None | Some(CurrentRow)) => Ok(Frame::Equal),
        (_, Preceding(None), Some(Following(None))) => Ok(Frame::All),
        _ => refuse(
            format!("`{label}`: a view doesn't know this frame"),
            "write rows between unbounded preceding and current row, or … and unbounded following; for others join the table to itself",
        ),
    }
}

fn whole(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => text.parse().ok(),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => whole(expr).map(|whole| -whole),
        _ => None,
    }
}

/// Whether the arguments are values only.
fn plain_list(function: &Function) -> bool {
    let plain = |argument: &FunctionArg| {
        matches!(argument, FunctionArg::Unnamed(FunctionArgExpr::Expr(_) | FunctionArgExpr::Wildcard))
    };
    match &function.args {
        FunctionArguments::List(list) => list.clauses.is_empty() && list.args.iter().all(plain),
        _ => true,
    }
}
