//! What a query says in a word, and every engine reads at length.
//!
//! ```text
//! share(part, whole)     part ÷ whole as a ratio; empty where the whole is not above zero
//! ratio(part, whole)     the same of a whole below zero too; empty where it is zero
//! half_even(a, b)        a ÷ b in whole units, halves to the even one; empty where b is zero. Exact: in 128 bits
//! amount(12.5)           125000: an amount in ten-thousandths
//! day_number(date)       days since 1970-01-01, a Thursday
//! without_idle(cost, idle, practical)   what is left of cost without the part that is idle ÷ practical; all of it where that is empty
//! size_of(revenue)       1 to 8: below 1,000, below 4,000, below 16,000, …: customers of one size buy at most four times as much as another
//! $name                  a setting of the configuration
//! ```

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Query, Value, visit_expressions_mut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::QueryError;
use crate::money::Money;

/// The functions that stand for longer texts.
pub const SHORTHANDS: &[&str] = &["amount", "day_number", "half_even", "ratio", "share", "size_of", "without_idle"];
/// The sizes of customers end where revenue is four times as high again: eight of them.
const SIZES: u32 = 8;
/// Those that are functions where Polars runs a query.
pub const FUNCTIONS_OF_POLARS: &[&str] = &["half_even", "ratio", "share"];

/// The query with every shorthand written out but those that are `kept`.
pub(super) fn written_out(
    query: &Query,
    value_of: &dyn Fn(&str) -> Option<String>,
    kept: &[&str],
) -> Result<String, QueryError> {
    let mut query = query.clone();
    // Inner expressions come first, so what an outer one takes is written out already.
    let flow = visit_expressions_mut(&mut query, |expression| match meant(expression, value_of, kept) {
        Ok(None) => ControlFlow::Continue(()),
        Ok(Some(text)) => {
            match Parser::new(&GenericDialect {}).try_with_sql(&text).and_then(|mut parser| parser.parse_expr()) {
                Ok(parsed) => {
                    *expression = Expr::Nested(Box::new(parsed));
                    ControlFlow::Continue(())
                }
                Err(error) => ControlFlow::Break(QueryError::Syntax(error.to_string())),
            }
        }
        Err(error) => ControlFlow::Break(error),
    });
    match flow {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(query.to_string()),
    }
}

/// The name of a setting, where an expression is one.
pub(super) fn setting(expression: &Expr) -> Option<&str> {
    let Expr::Value(value) = expression else { return None };
    let Value::Placeholder(name) = &value.value else { return None };
    name.strip_prefix('$')
}

/// What an expression stands for, where it is a shorthand or a setting.
fn meant(
    expression: &Expr,
    value_of: &dyn Fn(&str) -> Option<String>,
    kept: &[&str],
) -> Result<Option<String>, QueryError> {
    if let Some(name) = setting(expression) {
        let unknown = || QueryError::Shorthand(format!("`${name}` is not a setting of the configuration"));
        return value_of(name).ok_or_else(unknown).map(Some);
    }
    let Expr::Function(called) = expression else { return Ok(None) };
    let name = called.name.to_string().to_lowercase();
    let given: Vec<String> = arguments(called).into_iter().map(ToString::to_string).collect();
    Ok(Some(match (name.as_str(), given.as_slice()) {
        (name, [_, _]) if kept.contains(&name) => return Ok(None),
        ("share", [part, whole]) => {
            format!("case when {whole} > 0 then cast({part} as double) / cast({whole} as double) end")
        }
        ("ratio", [part, whole]) => {
            format!("case when {whole} <> 0 then cast({part} as double) / cast({whole} as double) end")
        }
        ("half_even", [amount, by]) => half_even(amount, by),
        ("amount", [number]) => units(number)?,
        ("day_number", [date]) => format!("cast(extract(epoch from cast({date} as timestamp)) as bigint) // 86400"),
        ("size_of", [revenue]) => {
            let ends =
                (1..SIZES).map(|size| format!("when {revenue} < {} then {size}", 10_000_000_i64 * 4_i64.pow(size - 1)));
            format!("case {} else {SIZES} end", ends.collect::<Vec<_>>().join(" "))
        }
        ("without_idle", [cost, idle, practical]) => {
            let (part, whole) = (format!("cast({cost} as hugeint) * {idle}"), practical);
            let of_idle = if kept.contains(&"half_even") {
                format!("half_even({part}, {whole})")
            } else {
                half_even(&part, whole)
            };
            format!("case when {practical} > 0 then {cost} - {of_idle} else {cost} end")
        }
        (name, _) if SHORTHANDS.contains(&name) => {
            let form = match name {
                "amount" => "amount(12.5)".to_owned(),
                "day_number" => "day_number(date)".to_owned(),
                "size_of" => "size_of(revenue)".to_owned(),
                "without_idle" => "without_idle(cost, idle, practical)".to_owned(),
                _ => format!("{name}(a, b)"),
            };
            return Err(QueryError::Shorthand(format!("`{called}` doesn't have the form `{form}`")));
        }
        _ => return Ok(None),
    }))
}

/// The arguments of a function that are expressions.
pub(crate) fn arguments(called: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &called.args else { return Vec::new() };
    let plain = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expression)) => Some(expression),
        _ => None,
    };
    list.args.iter().filter_map(plain).collect()
}

/// The quotient by the remainder r, which is never below zero: (a − r) ÷ b, and one more where 2r is above b, or is b and the
/// quotient odd. Engines differ in the sign of `%` and in which way `//` rounds; of what divides evenly both give the same.
fn half_even(amount: &str, by: &str) -> String {
    // A constant has no sign to find out, and Polars can't share what it would be computed by between columns.
    if by.parse::<u32>().is_ok_and(|by| by > 0) {
        let amount = format!("cast({amount} as hugeint)");
        let rest = format!("((({amount} % {by}) + {by}) % {by})");
        let quotient = format!("(({amount} - {rest}) // {by})");
        return format!(
            "cast({quotient} + case when 2 * {rest} > {by} or (2 * {rest} = {by} and {quotient} % 2 <> 0) then 1 else 0 end as bigint)"
        );
    }
    let sign = format!("case when {by} < 0 then -1 else 1 end");
    let amount = format!("(cast({amount} as hugeint) * {sign})");
    let by = format!("abs(cast({by} as hugeint))");
    let rest = format!("((({amount} % {by}) + {by}) % {by})");
    let quotient = format!("(({amount} - {rest}) // {by})");
    format!(
        "case when {by} <> 0 then cast({quotient} + case when 2 * {rest} > {by} or (2 * {rest} = {by} and {quotient} % 2 <> 0) \
         then 1 else 0 end as bigint) end"
    )
}

/// A number as an amount: `12.5` is 125000. What a setting gave stands in brackets.
fn units(number: &str) -> Result<String, QueryError> {
    let plain = number.trim_matches(['(', ')']);
    let parsed: Result<Money, _> = plain.parse();
    let reason =
        |_| QueryError::Shorthand(format!("`amount({plain})`: {plain} is not a number with at most four decimals"));
    parsed.map(|money| money.units().to_string()).map_err(reason)
}
