//! Exact arithmetic over columns of an extract: `cogs_amount = { sql = "Aantal * (Prijs - \"Korting per stuk\")" }`.
//!
//! Columns are parsed with the extract's number format. An empty column makes the result empty, except within `coalesce(Debet, 0)`.
//! Intermediate results are not rounded: `1 / 3 * 3` is 1.

use netto_model::expression::parse_whole;
use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator, Value,
};

use crate::fraction::Fraction;
use crate::quarantine::Reason;
use crate::typed::{self, Signs};

/// An expression and its columns.
#[derive(Clone, Debug)]
pub(crate) struct Arithmetic {
    term: Term,
    columns: Vec<String>,
}

#[derive(Clone, Debug)]
enum Term {
    Constant(Fraction),
    /// Index into the columns.
    Column(usize),
    Negative(Box<Term>),
    /// The first term that isn't empty.
    First(Vec<Term>),
    Pair(Box<Term>, Operator, Box<Term>),
}

#[derive(Clone, Copy, Debug)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// Value of a column by index; `None` if it is empty.
type Values<'a> = dyn Fn(usize) -> Result<Option<Fraction>, Reason> + 'a;

impl Arithmetic {
    /// Parses `Aantal * (Prijs - "Korting per stuk")`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let parsed = parse_whole(text).map_err(|reason| format!("`{text}` is not an expression: {reason}"))?;
        let mut columns = Vec::new();
        let term = term(&parsed, &mut columns)?;
        Ok(Self { term, columns })
    }

    /// The columns, in the order of first use.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The result; none when a column is empty.
    pub(crate) fn value(&self, columns: &Values<'_>) -> Result<Option<Fraction>, Reason> {
        self.term.value(columns)
    }
}

fn term(parsed: &Expr, columns: &mut Vec<String>) -> Result<Term, String> {
    let not_allowed = || format!("`{parsed}` is not allowed here");
    Ok(match parsed {
        Expr::Identifier(ident) => {
            let known = columns.iter().position(|known| *known == ident.value);
            Term::Column(known.unwrap_or_else(|| {
                columns.push(ident.value.clone());
                columns.len() - 1
            }))
        }
        Expr::Value(value) => match &value.value {
            Value::Number(text, false) => {
                Term::Constant(typed::fraction(text, &Signs::plain()).map_err(|_| not_allowed())?)
            }
            _ => return Err(not_allowed()),
        },
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Plus, expr: inner } => term(inner, columns)?,
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => Term::Negative(Box::new(term(expr, columns)?)),
        Expr::Function(function) => Term::First(
            coalesced(function)
                .ok_or_else(not_allowed)?
                .into_iter()
                .map(|inner| term(inner, columns))
                .collect::<Result<_, _>>()?,
        ),
        Expr::BinaryOp { left, op, right } => {
            let operator = match op {
                BinaryOperator::Plus => Operator::Plus,
                BinaryOperator::Minus => Operator::Minus,
                BinaryOperator::Multiply => Operator::Times,
                BinaryOperator::Divide => Operator::Over,
                _ => return Err(not_allowed()),
            };
            Term::Pair(Box::new(term(left, columns)?), operator, Box::new(term(right, columns)?))
        }
        _ => return Err(not_allowed()),
    })
}

/// The arguments of a `coalesce(…)`; `None` for another function.
fn coalesced(function: &Function) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = &function.args else { return None };
    let plain = function.over.is_none() && function.filter.is_none() && list.clauses.is_empty();
    if !plain || !function.name.to_string().eq_ignore_ascii_case("coalesce") || list.args.is_empty() {
        return None;
    }
    let inner = list.args.iter().map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(inner)) => Some(inner),
        _ => None,
    });
    inner.collect()
}

impl Term {
    fn value(&self, columns: &Values<'_>) -> Result<Option<Fraction>, Reason> {
        match self {
            Self::Constant(number) => Ok(Some(*number)),
            Self::Column(place) => columns(*place),
            Self::First(terms) => {
                // Evaluates all terms, so that a bad value is found even behind a present one.
                let values = terms.iter().map(|term| term.value(columns)).collect::<Result<Vec<_>, _>>()?;
                Ok(values.into_iter().flatten().next())
            }
            Self::Negative(term) => Ok(term.value(columns)?.map(Fraction::negative)),
            Self::Pair(left, operator, right) => {
                // Evaluates both sides, so that a bad value is found even beside an empty one.
                let (left, right) = (left.value(columns)?, right.value(columns)?);
                let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
                operator.apply(left, right).map(Some)
            }
        }
    }
}

impl Operator {
    fn apply(self, left: Fraction, right: Fraction) -> Result<Fraction, Reason> {
        match self {
            Self::Plus => left.plus(right),
            Self::Minus => left.plus(right.negative()),
            Self::Times => left.times(right),
            Self::Over => left.over(right),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use num_integer::Integer;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    fn exact(sql: &str, columns: &[(&str, &str)]) -> Result<Option<Fraction>, Reason> {
        let arithmetic = Arithmetic::parse(sql).unwrap();
        arithmetic.value(&|place| {
            let (_, text) = columns.iter().find(|(name, _)| *name == arithmetic.columns()[place]).unwrap();
            if text.is_empty() { Ok(None) } else { typed::fraction(text, &Signs::plain()).map(Some) }
        })
    }

    fn money(sql: &str) -> Result<Option<String>, Reason> {
        let columns = [("Aantal", "3"), ("Prijs per stuk", "1.0005"), ("Nul", "0"), ("Leeg", "")];
        exact(sql, &columns)?.map(|number| number.text(false)).transpose()
    }

    #[test]
    fn arithmetic_is_exact_and_rounds_half_even_at_its_end() {
        let is = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(money("Aantal * \"Prijs per stuk\""), is("3.0015"));
        assert_eq!(money("\"Prijs per stuk\" / 2 "), is("0.5002"));
        assert_eq!(money("-(Aantal - 5) * 0.1"), is("0.2000"));
        assert_eq!(money("1 / Aantal * 0.00045"), is("0.0002"), "0.00015 exactly, not a little less");
        assert_eq!(money("Aantal + Leeg"), Ok(None));
        assert_eq!(money("coalesce(Aantal, 0) - coalesce(Leeg, 0)"), is("3.0000"));
        assert_eq!(money("coalesce(Leeg, Leeg)"), Ok(None));
        assert_eq!(money("Aantal / Nul"), Err(Reason::DivisionByZero));
        assert_eq!(money("Leeg / Nul"), Ok(None));
    }

    #[test]
    fn what_128_bits_cannot_hold_is_refused_not_approximated() {
        let columns = [("a", "12345678901234567.8901"), ("b", "1.23456789")];
        assert_eq!(exact("a * b", &columns).unwrap().unwrap().text(false).unwrap(), "15241578751714678.8751");
        assert_eq!(exact("a * b * b * b", &columns), Err(Reason::TooManyDigits));
        assert_eq!(exact("a * b / b / a", &columns).unwrap().unwrap().text(false).unwrap(), "1.0000");
    }

    #[test]
    fn only_arithmetic_is_allowed() {
        for bad in ["abs(x)", "(select 1)", "x || y", "x > 1", "'text'", "x; y", "", "a.b", "1e3 +", "- 'x'", "not x"] {
            assert!(Arithmetic::parse(bad).is_err(), "{bad}");
        }
    }

    /// A number of many digits, as a fraction and as text.
    #[derive(Clone, Debug)]
    struct Big {
        numerator: BigInt,
        denominator: BigInt,
        text: String,
    }

    fn numbers() -> impl Strategy<Value = Big> {
        (-1_000_000_000_i64..1_000_000_000, 0_usize..6).prop_map(|(digits, decimals)| {
            let size = format!("{:0>width$}", digits.unsigned_abs(), width = decimals + 1);
            let (whole, fraction) = size.split_at(size.len() - decimals);
            Big {
                numerator: digits.into(),
                denominator: BigInt::from(10).pow(u32::try_from(decimals).unwrap()),
                text: format!("{}{whole}.{fraction}", if digits < 0 { "-" } else { "" }),
            }
        })
    }

    /// Reference rounding: four decimals, half-even, with big integers.
    fn rounded(numerator: &BigInt, denominator: &BigInt) -> String {
        let (scaled, square): (BigInt, BigInt) = (numerator * 10_000_u32 * denominator, denominator * denominator);
        let (floor, rest) = scaled.div_mod_floor(&square);
        let odd = if floor.is_odd() { Ordering::Greater } else { Ordering::Less };
        let up = (rest * 2_u32).cmp(&square).then(odd);
        let units = if up.is_gt() { floor + 1_u32 } else { floor };
        netto_model::money::decimal(i128::try_from(units).unwrap())
    }

    proptest! {
        #[test]
        fn results_are_those_of_integers_of_any_size(a in numbers(), b in numbers(), c in numbers()) {
            let columns = [("a", a.text.as_str()), ("b", &b.text), ("c", &c.text)];
            let ours = |sql: &str| exact(sql, &columns).unwrap().unwrap().text(false).unwrap();
            let product = (&a.numerator * &b.numerator, &a.denominator * &b.denominator);
            let difference = (&product.0 * &c.denominator - &c.numerator * &product.1, &product.1 * &c.denominator);
            prop_assert_eq!(ours("a * b - c"), rounded(&difference.0, &difference.1));
            let quotient = |n: BigInt, d: BigInt| rounded(&n, &d);
            if c.numerator != BigInt::ZERO {
                let expected = quotient(&product.0 * &c.denominator, &product.1 * &c.numerator);
                prop_assert_eq!(ours("a * b / c"), expected.clone());
                prop_assert_eq!(ours("a / c * b"), expected);
            }
        }
    }
}
