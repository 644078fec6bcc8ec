//! The unit of an expression: a number, and minutes if it is a time equation.
//!
//! A number in the text is a coefficient and carries the unit: `0.01*net_amount` is a hundredth of a minute per euro. A bare
//! count or a number of pieces takes a minute each; a bare amount of money has no measured time.
//!
//! ```
//! use netto_model::expression::{Expression, Measure};
//! use netto_model::contract::ORDERS;
//! let fits = |text: &str| Expression::parse(text, &[&ORDERS]).map(|minutes| minutes.check(Measure::Minutes));
//! assert_eq!(fits("3 + 1.5*lines + 0.01*net_amount")?, Ok(()));
//! let error = fits("3 + net_amount")?.unwrap_err();
//! assert_eq!(error.to_string(), "`net_amount` is an amount of money, not minutes");
//! assert_eq!(error.help(), "write the minutes per unit, such as `0.01*net_amount`");
//! # Ok::<(), netto_model::expression::ExpressionError>(())
//! ```

use std::ops::Sub;

use super::node::{Arithmetic, Function, Kind, Node};
use super::print::Reader;
use super::{Expression, shortened};
use crate::table::{Column, Unit};

/// What is measured by an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Minutes of work: units must fit.
    Minutes,
    /// A driver's quantity: any number.
    Quantity,
}

/// Why an expression can't measure what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    /// It yields a text, a date, or true and false.
    #[error("`{part}` is {kind}, not a number")]
    NotANumber {
        /// The part of the expression.
        part: String,
        /// What it is.
        kind: &'static str,
    },
    /// It yields something else than minutes.
    #[error("`{column}` is {kind}, not minutes")]
    NotMinutes {
        /// The column.
        column: &'static str,
        /// What it counts.
        kind: &'static str,
    },
    /// Minutes of minutes.
    #[error("`{0}` multiplies minutes by minutes")]
    SquareMinutes(String),
}

impl MeasureError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NotANumber { part, kind: "true or false" } => {
                format!("write the number that it counts for, such as `case when {part} then 1 else 0 end`")
            }
            Self::NotANumber { .. } => {
                "minutes and quantities are numbers, such as `2` or `case when channel = 'phone' then 2 else 0 end`"
                    .into()
            }
            Self::NotMinutes { column, .. } => format!("write the minutes per unit, such as `0.01*{column}`"),
            Self::SquareMinutes(_) => "multiply minutes by a plain number or a count".into(),
        }
    }
}

impl Expression {
    /// Whether it yields the unit that it should measure.
    ///
    /// # Errors
    /// An expression that is no number or, for minutes, the first part that has another unit.
    pub fn check(&self, measure: Measure) -> Result<(), MeasureError> {
        if let Some(kind) = self.root.kind().filter(|kind| *kind != Kind::Number) {
            return Err(MeasureError::NotANumber {
                part: shortened(&self.root.print(Reader::Person)),
                kind: kind.name(),
            });
        }
        if measure == Measure::Quantity {
            return Ok(());
        }
        let number = number(&self.root)?;
        match number.column {
            Some(column) if number.needs_coefficient() => {
                Err(MeasureError::NotMinutes { column: column.name, kind: kind_of(column.unit) })
            }
            _ => Ok(()),
        }
    }
}

/// A number on its way through the expression.
#[derive(Clone, Copy, Debug, Default)]
struct Number {
    powers: Powers,
    /// Whether a number of the text is a factor of it: then it can be taken for anything.
    adapts: bool,
    /// The first column in it that counts neither minutes nor things.
    column: Option<&'static Column>,
}

/// Powers of the units that don't mix: money × money ÷ kilograms is 2 and −1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Powers {
    minutes: i32,
    days: i32,
    money: i32,
    kilograms: i32,
}

impl Powers {
    const NONE: Self = Self { minutes: 0, days: 0, money: 0, kilograms: 0 };

    const fn of(unit: Unit) -> Self {
        match unit {
            Unit::Minutes => Self { minutes: 1, ..Self::NONE },
            Unit::Days => Self { days: 1, ..Self::NONE },
            Unit::Money => Self { money: 1, ..Self::NONE },
            Unit::Kilograms => Self { kilograms: 1, ..Self::NONE },
            Unit::None | Unit::Pieces | Unit::Count | Unit::Share | Unit::Driver => Self::NONE,
        }
    }
}

impl Sub for Powers {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            minutes: self.minutes - other.minutes,
            days: self.days - other.days,
            money: self.money - other.money,
            kilograms: self.kilograms - other.kilograms,
        }
    }
}

const fn kind_of(unit: Unit) -> &'static str {
    match unit {
        Unit::Money => "an amount of money",
        Unit::Kilograms => "a weight",
        Unit::Days => "a number of days",
        _ => "a number",
    }
}

impl Number {
    /// A number of the text.
    const LITERAL: Self = Self { powers: Powers::NONE, adapts: true, column: None };
    /// So many of something: a minute each.
    const COUNT: Self = Self { powers: Powers::NONE, adapts: false, column: None };

    fn needs_coefficient(self) -> bool {
        let rest = Powers { minutes: 0, ..self.powers };
        !self.adapts && rest != Powers::NONE
    }

    /// What two numbers are that stand for the same: terms of a sum, branches of a case, the greater of two.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (first, second) if first.adapts => second,
            (first, second) if second.adapts => first,
            // The one that can't be minutes is the one that is wrong.
            (first, second) if first.needs_coefficient() || second.powers == Powers::NONE => first,
            (_, second) => second,
        }
    }

    fn times(self, other: Self, sign: i32) -> Self {
        let column = self.column.or(other.column);
        let powers = if sign < 0 { self.powers - other.powers } else { self.powers - (Powers::NONE - other.powers) };
        Self { powers, adapts: self.adapts || other.adapts, column }
    }
}

/// The number that a part yields; its kind was checked before.
fn number(node: &Node) -> Result<Number, MeasureError> {
    match node {
        Node::Column(column) => {
            let number = Number { powers: Powers::of(column.unit), adapts: false, column: None };
            Ok(Number { column: number.needs_coefficient().then_some(*column), ..number })
        }
        Node::Negative(inner) | Node::Round(inner, _) => number(inner),
        Node::Arithmetic(left, operator, right) => arithmetic(node, left, *operator, right),
        Node::Case(branches, otherwise) => {
            any_of(branches.iter().map(|(_, result)| result).chain(otherwise.as_deref()))
        }
        Node::Call(function, arguments) => match function {
            Function::Length => Ok(Number::COUNT),
            Function::Coalesce | Function::Greatest | Function::Least => any_of(arguments),
            // abs, floor and the like: what their first argument is.
            _ => arguments.first().map_or(Ok(Number::COUNT), number),
        },
        _ => Ok(Number::LITERAL),
    }
}

fn arithmetic(whole: &Node, left: &Node, operator: Arithmetic, right: &Node) -> Result<Number, MeasureError> {
    let (left, right) = (number(left)?, number(right)?);
    match operator {
        Arithmetic::Plus | Arithmetic::Minus => Ok(left.or(right)),
        Arithmetic::Times => {
            let product = left.times(right, 1);
            if product.powers.minutes > 1 {
                return Err(MeasureError::SquareMinutes(shortened(&whole.print(Reader::Person))));
            }
            Ok(product)
        }
        Arithmetic::Over => Ok(left.times(right, -1)),
        Arithmetic::Modulo => Ok(left),
    }
}

fn any_of<'e>(alternatives: impl IntoIterator<Item = &'e Node>) -> Result<Number, MeasureError> {
    alternatives.into_iter().try_fold(Number::LITERAL, |found, alternative| Ok(found.or(number(alternative)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{ACTIVITIES, LAKE_ORDER_LINES, ORDERS, PRODUCTS};
    use proptest::prelude::*;

    fn said(text: &str, measure: Measure) -> String {
        let tables = [&ORDERS, &LAKE_ORDER_LINES, &ACTIVITIES, &PRODUCTS];
        match Expression::parse(text, &tables) {
            Ok(expression) => expression.check(measure).map_or_else(|error| error.to_string(), |()| String::new()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn coefficients_counts_pieces_and_minutes_make_minutes() {
        for good in [
            "8",
            "lines",
            "quantity",
            "minutes",
            "minutes + 20",
            "0.01*net_amount",
            "-(0.01 * net_amount)",
            "net_amount / 100",
            "3 + 1.5*lines + case when channel = 'phone' then 10 else 0 end",
            "coalesce(minutes, 15)",
            "coalesce(minutes, 0.5*net_amount)",
            "minutes * lines",
            "0.5 * minutes",
            "minutes / minutes",
            "greatest(5, least(lines, minutes))",
            "case when net_amount > 1000 then 2*lines end",
            "round(abs(quantity), 0)",
            "length(channel)",
            "net_amount / nullif(list_amount, 0)",
            "net_amount * case when channel = 'web' then 0.01 else 0.02 end",
        ] {
            assert_eq!(said(good, Measure::Minutes), "", "{good}");
        }
    }

    #[test]
    fn money_and_weight_without_a_coefficient_are_not_minutes() {
        for (bad, column) in [
            ("net_amount", "`net_amount` is an amount of money"),
            ("Net_Amount", "`net_amount` is an amount of money"),
            ("weight", "`weight` is a weight"),
            ("3 + net_amount", "`net_amount` is an amount of money"),
            ("minutes + net_amount", "`net_amount` is an amount of money"),
            ("0.01*net_amount - cogs_amount", "`cogs_amount` is an amount of money"),
            ("lines + (quantity + cogs_amount)", "`cogs_amount` is an amount of money"),
            ("lines * net_amount", "`net_amount` is an amount of money"),
            ("minutes * net_amount", "`net_amount` is an amount of money"),
            ("net_amount / quantity", "`net_amount` is an amount of money"),
            ("coalesce(net_amount, 0)", "`net_amount` is an amount of money"),
            ("greatest(minutes, abs(weight))", "`weight` is a weight"),
            ("case when lines > 3 then minutes else -net_amount end", "`net_amount` is an amount of money"),
        ] {
            assert_eq!(said(bad, Measure::Minutes), format!("{column}, not minutes"), "{bad}");
            assert_eq!(said(bad, Measure::Quantity), "", "{bad}");
        }
    }

    #[test]
    fn minutes_times_minutes_are_refused() {
        assert_eq!(
            said("2 * minutes * minutes", Measure::Minutes),
            "`2 * minutes * minutes` multiplies minutes by minutes"
        );
        assert_eq!(said("minutes * minutes", Measure::Quantity), "");
    }

    #[test]
    fn a_text_a_date_and_a_comparison_are_no_numbers() {
        let refusals: Vec<String> = [
            "channel",
            "order_date",
            "lines > 3",
            "'5'",
            "3 * upper(channel)",
            "order_date - order_date",
            "channel is null",
            "not true",
            "case when lines > 1 then 2 else channel end",
            "lines in (1, 2) ",
        ]
        .iter()
        .map(|text| said(text, Measure::Quantity))
        .collect();
        insta::assert_snapshot!(refusals.join("\n"), @r"
        `channel` is a text, not a number
        `order_date` is a date, not a number
        `lines > 3` is true or false, not a number
        `'5'` is a text, not a number
        `upper(channel)` is a text, not a number
        `order_date` is a date, not a number
        `channel is null` is true or false, not a number
        `not true` is true or false, not a number
        `channel` is a text, not a number
        `lines in (1, 2)` is true or false, not a number
        ");
        let error = Expression::parse("lines > 3", &[&ORDERS]).unwrap().check(Measure::Minutes).unwrap_err();
        assert_eq!(
            error.help(),
            "write the number that it counts for, such as `case when lines > 3 then 1 else 0 end`"
        );
    }

    proptest! {
        #[test]
        fn a_coefficient_before_the_whole_makes_any_unit_fit(
            columns in prop::collection::vec(prop::sample::select(vec!["net_amount", "lines", "minutes", "weight", "quantity"]), 1..5),
            coefficient in 1_u32..99,
        ) {
            let sum = columns.join(" + ");
            prop_assert_eq!(said(&format!("0.{coefficient}*({sum})"), Measure::Minutes), "");
            let bare = columns.iter().any(|column| ["net_amount", "weight"].contains(column));
            prop_assert_eq!(said(&sum, Measure::Minutes).is_empty(), !bare);
            prop_assert_eq!(said(&format!("2 + {sum}"), Measure::Minutes).is_empty(), !bare);
        }
    }
}
