//! Evaluates the `where` condition of a source, which selects the rows of an extract.
//!
//! A condition is parsed once and evaluated on every row, before any value is parsed. It has no SQL null logic: an empty value is
//! an empty text, so `Status <> 'Cancelled'` keeps rows without a status.
//!
//! ```text
//! Status <> 'Cancelled' and "Order type" in ('SO', 'RO') and not (Qty = 0 and Text like 'memo%')
//! ```

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use netto_model::expression::parse_whole;
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

use crate::fraction::Fraction;
use crate::ids::{composed, trimmed, without_spreadsheet_marks};
use crate::quarantine::Reason;
use crate::typed::{self, Signs};
use crate::words::{NeverFound, Word};

/// Maximum length of a condition. A longer one is generated, and its nesting could overflow the stack.
const LONGEST: usize = 8_000;

/// A condition over the columns of an extract.
#[derive(Debug)]
pub(crate) struct Filter {
    test: Test,
    /// The columns that it reads, in the order of first use.
    pub(crate) columns: Vec<String>,
}

/// Column by its number in [`Filter::columns`].
type Place = usize;

#[derive(Debug)]
enum Test {
    All(Box<Test>, Box<Test>),
    Any(Box<Test>, Box<Test>),
    Not(Box<Test>),
    Empty(Place),
    OneOf(Place, Vec<Known>),
    Compare(Place, Comparison, Fraction),
    Like(Place, Vec<char>),
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value that a column is compared with.
#[derive(Debug)]
enum Known {
    Text(Word),
    Number(Fraction),
    Bool(bool),
}

impl Filter {
    /// Parses a condition.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("the condition is longer than {LONGEST} characters"));
        }
        let parsed = parse_whole(text).map_err(|reason| format!("`{text}` is not a condition: {reason}"))?;
        let mut columns = Columns::default();
        let condition = columns.test(&parsed)?;
        Ok(Self { test: condition, columns: columns.names })
    }

    /// Whether a row is kept; `indices` are the fields of [`Filter::columns`].
    pub(crate) fn keeps<'s>(
        &self,
        indices: &[usize],
        fields: &[Cow<'_, str>],
        signs: &dyn Fn(usize) -> &'s Signs,
    ) -> Result<bool, Reason> {
        let signs = |place: Place| signs(indices.get(place).copied().unwrap_or_default());
        let value = |place: Place| {
            let field = indices.get(place).and_then(|&index| fields.get(index)).map_or("", |field| trimmed(field));
            let value = without_spreadsheet_marks(composed(Cow::Borrowed(field)), false);
            if signs(place).is_null(&value) { Cow::Borrowed("") } else { value }
        };
        self.test.holds(&value, &signs)
    }

    /// The texts of the condition that no row has.
    pub(crate) fn never_found(&self) -> Vec<NeverFound> {
        let mut found = Vec::new();
        self.test.never_found(&self.columns, &mut found);
        found
    }
}

impl Test {
    fn holds<'v, 's>(
        &self,
        value: &dyn Fn(Place) -> Cow<'v, str>,
        signs: &dyn Fn(Place) -> &'s Signs,
    ) -> Result<bool, Reason> {
        Ok(match self {
            Self::All(a, b) => {
                // Evaluates both sides, so that every text can be marked as found.
                let (a, b) = (a.holds(value, signs)?, b.holds(value, signs)?);
                a && b
            }
            Self::Any(a, b) => {
                let (a, b) = (a.holds(value, signs)?, b.holds(value, signs)?);
                a || b
            }
            Self::Not(test) => !test.holds(value, signs)?,
            Self::Empty(place) => value(*place).is_empty(),
            Self::OneOf(place, literals) => {
                let (value, signs) = (value(*place), signs(*place));
                // No short circuit: a value may be listed twice.
                literals.iter().filter(|literal| literal.is(&value, signs)).count() > 0
            }
            Self::Compare(place, comparison, with) => {
                let number = number(&value(*place), signs(*place))?;
                number.map(|number| number.compared(*with)).transpose()?.is_some_and(|order| comparison.holds(order))
            }
            Self::Like(place, pattern) => like(&value(*place), pattern),
        })
    }

    fn never_found(&self, columns: &[String], found: &mut Vec<NeverFound>) {
        match self {
            Self::All(a, b) | Self::Any(a, b) => {
                a.never_found(columns, found);
                b.never_found(columns, found);
            }
            Self::Not(test) => test.never_found(columns, found),
            Self::OneOf(place, literals) => {
                let column = columns.get(*place).cloned().unwrap_or_default();
                found.extend(literals.iter().filter_map(|literal| literal.never_found(&column)));
            }
            Self::Empty(_) | Self::Compare(..) | Self::Like(..) => {}
        }
    }
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Known {
    fn is(&self, value: &str, signs: &Signs) -> bool {
        match self {
            Self::Text(word) => word.is(value),
            // A text that isn't a number doesn't equal a number.
            Self::Number(wanted) => {
                matches!(number(value, signs), Ok(Some(number)) if number.compared(*wanted) == Ok(Ordering::Equal))
            }
            Self::Bool(wanted) => typed::boolean(value).is_ok_and(|value| value == *wanted),
        }
    }

    fn never_found(&self, column: &str) -> Option<NeverFound> {
        if let Self::Text(word) = self { word.never_found(column) } else { None }
    }
}

#[derive(Default)]
struct Columns {
    names: Vec<String>,
    places: BTreeMap<String, Place>,
}

impl Columns {
    fn test(&mut self, expression: &Expr) -> Result<Test, String> {
        Ok(match expression {
            Expr::Nested(inner) => self.test(inner)?,
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Test::Not(Box::new(self.test(expr)?)),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                Test::All(Box::new(self.test(left)?), Box::new(self.test(right)?))
            }
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
                Test::Any(Box::new(self.test(left)?), Box::new(self.test(right)?))
            }
            Expr::BinaryOp { left, op, right } => self.comparison(left, op, right)?,
            Expr::IsNull(column) => Test::Empty(self.column(column)?),
            Expr::IsNotNull(column) => Test::Not(Box::new(Test::Empty(self.column(column)?))),
            Expr::InList { expr, list, negated } => {
                let column = self.column(expr)?;
                let literals = list.iter().map(literal).collect::<Result<Vec<_>, _>>()?;
                maybe_not(*negated, Test::OneOf(column, literals))
            }
            Expr::Between { expr, negated, low, high } => {
                let column = self.column(expr)?;
                let low = Test::Compare(column, Comparison::GreaterOrEqual, border(low)?);
                let high = Test::Compare(column, Comparison::LessOrEqual, border(high)?);
                maybe_not(*negated, Test::All(Box::new(low), Box::new(high)))
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                let column = self.column(expr)?;
                let Known::Text(pattern) = literal(pattern)? else {
                    return Err("`like` compares with a text".to_owned());
                };
                maybe_not(*negated, Test::Like(column, pattern.text().chars().collect()))
            }
            Expr::Identifier(ident) => {
                return Err(format!("`{ident}` is not a condition by itself; compare it: {ident} = 'Y'"));
            }
            other => return Err(format!("`{other}` is not allowed here")),
        })
    }

    fn comparison(&mut self, left: &Expr, op: &BinaryOperator, right: &Expr) -> Result<Test, String> {
        if let (Expr::Value(_), Expr::Identifier(_)) = (left, right) {
            let mirrored = match op {
                BinaryOperator::Lt => &BinaryOperator::Gt,
                BinaryOperator::LtEq => &BinaryOperator::GtEq,
                BinaryOperator::Gt => &BinaryOperator::Lt,
                BinaryOperator::GtEq => &BinaryOperator::LtEq,
                other => other,
            };
            return self.comparison(right, mirrored, left);
        }
        let column = self.column(left)?;
        let compared = match op {
            BinaryOperator::Eq => return Ok(Test::OneOf(column, vec![literal(right)?])),
            BinaryOperator::NotEq => return Ok(Test::Not(Box::new(Test::OneOf(column, vec![literal(right)?])))),
            BinaryOperator::Lt => Comparison::Less,
            BinaryOperator::LtEq => Comparison::LessOrEqual,
            BinaryOperator::Gt => Comparison::Greater,
            BinaryOperator::GtEq => Comparison::GreaterOrEqual,
            other => return Err(format!("`{other}` is not a comparison")),
        };
        Ok(Test::Compare(column, compared, border(right)?))
    }

    fn column(&mut self, expression: &Expr) -> Result<Place, String> {
        let Expr::Identifier(ident) = expression else {
            return Err(format!("`{expression}` is not a column of the extract"));
        };
        let next = self.names.len();
        let place = *self.places.entry(ident.value.clone()).or_insert(next);
        if place == next {
            self.names.push(ident.value.clone());
        }
        Ok(place)
    }
}

fn maybe_not(negated: bool, test: Test) -> Test {
    if negated { Test::Not(Box::new(test)) } else { test }
}

fn literal(expression: &Expr) -> Result<Known, String> {
    let value = match expression {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(Known::Text(Word::new(&composed(Cow::Borrowed(text))))),
            Value::Number(text, _) => typed::fraction(text, &Signs::plain()).ok().map(Known::Number),
            Value::Boolean(value) => Some(Known::Bool(*value)),
            Value::Null => return Err("nothing equals null; write `is null` or `is not null`".to_owned()),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match literal(expr)? {
            Known::Number(number) => Some(Known::Number(number.negative())),
            _ => None,
        },
        Expr::Identifier(ident) => {
            return Err(format!(
                "{ident} is read as a column, but columns can only be compared with texts and numbers; put texts in single quotes: '{}'",
                ident.value
            ));
        }
        _ => None,
    };
    value.ok_or_else(|| format!("`{expression}` is neither a text in single quotes nor a number"))
}

fn border(expression: &Expr) -> Result<Fraction, String> {
    match literal(expression)? {
        Known::Number(number) => Ok(number),
        _ => Err(format!("`{expression}` is not a number; only numbers can be compared with <, >, <=, >= and between")),
    }
}

fn number(text: &str, signs: &Signs) -> Result<Option<Fraction>, Reason> {
    if text.is_empty() { Ok(None) } else { typed::fraction(text, signs).map(Some) }
}

/// `%` matches any text, `_` one character.
fn like(text: &str, pattern: &[char]) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place, mut back) = (0, 0, None);
    while at < text.len() {
        match pattern.get(place) {
            Some('%') => {
                back = Some((at, place));
                place += 1;
            }
            Some(&sign) if sign == '_' || sign == text[at] => {
                at += 1;
                place += 1;
            }
            _ => match &mut back {
                // Backtracks: the last `%` matches one more character.
                Some((from, percent)) => {
                    *from += 1;
                    (at, place) = (*from, *percent + 1);
                }
                None => return false,
            },
        }
    }
    pattern[place..].iter().all(|&sign| sign == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns Status, Qty and "Order type".
    fn keeps(condition: &str, fields: [&str; 3]) -> Result<bool, Reason> {
        let filter = Filter::parse(condition).unwrap();
        let header = ["Status", "Qty", "Order type"];
        let places: Vec<usize> =
            filter.columns.iter().map(|name| header.iter().position(|known| known == name).unwrap()).collect();
        let signs = Signs { decimal: ',', thousands: Some('.'), ..Signs::plain() };
        filter.keeps(&places, &fields.map(Cow::Borrowed), &|_| &signs)
    }

    #[test]
    fn conditions_are_tried_on_texts_and_numbers_as_the_extract_writes_them() {
        let row = ["Shipped", "1.234,50", " SO "];
        for (condition, kept) in [
            ("Status <> 'Cancelled'", true),
            ("Status = 'shipped'", false),
            ("'Shipped' = Status", true),
            ("Qty = 1234.5", true),
            ("Qty > 1234.5", false),
            ("1000 < Qty", true),
            ("Qty between 1000 and 2000", true),
            ("Qty not between -1 and 1", true),
            ("\"Order type\" in ('SO', 'RO')", true),
            ("\"Order type\" not in ('SO', 'RO')", false),
            ("Status like 'Ship%' and not (Qty < 0 or Status is null)", true),
            ("Status like 'S_ip%d'", true),
            ("Status not like '%x%'", true),
            ("Status is not null", true),
        ] {
            assert_eq!(keeps(condition, row), Ok(kept), "{condition}");
        }
    }

    #[test]
    fn an_empty_value_is_an_empty_text_and_no_number() {
        let row = ["", "", "x"];
        for (condition, kept) in [
            ("Status <> 'Cancelled'", true),
            ("Status is null", true),
            ("Status = ''", true),
            ("Status not in ('a', 'b')", true),
            ("Qty > 0", false),
            ("Qty <> 0", true),
        ] {
            assert_eq!(keeps(condition, row), Ok(kept), "{condition}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_compared_as_one() {
        assert_eq!(keeps("Qty > 0", ["", "1O", ""]), Err(Reason::NotANumber));
        assert_eq!(keeps("Qty <> 0", ["", "n/a", ""]), Ok(true));
    }

    #[test]
    fn only_conditions_over_columns_are_allowed() {
        for (bad, why) in [
            ("Status", "`Status` is not a condition by itself; compare it: Status = 'Y'"),
            ("Status = null", "nothing equals null; write `is null` or `is not null`"),
            (
                "Status = \"Cancelled\"",
                "\"Cancelled\" is read as a column, but columns can only be compared with texts and numbers; put texts in single quotes: 'Cancelled'",
            ),
            (
                "Day > '2025-01-01'",
                "`'2025-01-01'` is not a number; only numbers can be compared with <, >, <=, >= and between",
            ),
            ("lower(Status) = 'x'", "`lower(Status)` is not a column of the extract"),
            ("Qty + 1 = 2", "`Qty + 1` is not a column of the extract"),
            ("1 = 1", "`1` is not a column of the extract"),
            ("exists (select 1)", "`EXISTS (SELECT 1)` is not allowed here"),
        ] {
            assert_eq!(Filter::parse(bad).unwrap_err(), why, "{bad}");
        }
        for bad in ["", "Status <>", "Status = 'x' 'y'", &"a = 1 or ".repeat(2_000)] {
            assert!(Filter::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_text_that_no_row_holds_is_named_with_what_differs_in_capitals() {
        let filter = Filter::parse("Status not in ('cancelled', 'Open', 'Void') and Status <> ''").unwrap();
        let plain = Signs::plain();
        for status in ["Cancelled", "Open", "Shipped"] {
            filter.keeps(&[0], &[Cow::Borrowed(status)], &|_| &plain).unwrap();
        }
        let found: Vec<_> = filter.never_found().into_iter().map(|never| (never.value, never.near)).collect();
        assert_eq!(found, [("cancelled".to_owned(), Some("Cancelled".to_owned())), ("Void".to_owned(), None)]);
    }

    #[test]
    fn patterns_match_as_sql_says() {
        let matches = |text, pattern: &str| like(text, &pattern.chars().collect::<Vec<_>>());
        for (text, pattern, expected) in [
            ("", "", true),
            ("", "%", true),
            ("a", "", false),
            ("aab", "%ab", true),
            ("aba", "%ab", false),
            ("mississippi", "m%iss%ip%", true),
            ("é", "_", true),
            ("ab", "_", false),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text} like {pattern}");
        }
    }
}
