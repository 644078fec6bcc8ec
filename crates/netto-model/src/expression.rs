//! SQL expressions of the configuration: parsed, checked against known columns and an allow-list of functions, and
//! printed so that every engine computes the same number.
//!
//! A time equation or driver is summed as integer ten-thousandths. Polars, DuckDB and Spark differ in how they type
//! decimals, but not in IEEE doubles: every number in an expression is made a double, so all three agree to the bit.
//!
//! ```
//! use netto_model::{Dialect, Expression, contract::ORDERS};
//! let minutes = Expression::parse("3 + 1.5*lines + case when channel = 'phone' then 10 else 0 end", &[&ORDERS])?;
//! assert_eq!(
//!     minutes.ten_thousandths(Dialect::Standard),
//!     "cast(floor((cast(3 as double) + cast(1.5 as double) * cast(\"lines\" as double) + \
//!      CASE WHEN \"channel\" = 'phone' THEN cast(10 as double) ELSE cast(0 as double) END) * 10000 + 0.5) as bigint)"
//! );
//! let error = Expression::parse("2 * lnes", &[&ORDERS]).unwrap_err();
//! assert_eq!(error.to_string(), "`lnes` is no column of `orders`; did you mean `lines`?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod unit;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, UnaryOperator, Value, Visit, VisitMut, Visitor,
    VisitorMut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use crate::problem::did_you_mean;
use crate::table::{Column, Table, Type};
pub use unit::{Measure, MeasureError};

/// Functions that an expression may call, in the subset that Polars SQL, DuckDB and Spark SQL share.
pub const FUNCTIONS: &[&str] =
    &["abs", "ceil", "coalesce", "floor", "greatest", "least", "length", "lower", "nullif", "round", "sqrt", "upper"];

/// Which engine reads the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// DuckDB and Spark: decimals in files are decimals.
    Standard,
    /// Polars frames: decimals are integers of ten-thousandths.
    Polars,
}

/// A checked expression over the columns of some tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    text: String,
    parsed: Expr,
    columns: Vec<&'static Column>,
}

/// Why an expression was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Not an SQL expression.
    #[error("`{text}` is not an SQL expression: {reason}")]
    Syntax {
        /// The expression.
        text: String,
        /// What the parser said.
        reason: String,
    },
    /// A name that no table has.
    #[error("`{name}` is no column of {tables}{}", suggestion.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownColumn {
        /// The name.
        name: String,
        /// The tables that were looked in.
        tables: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// A function that engines do not share, or that reaches outside.
    #[error("function `{0}` is not allowed; allowed are {list}", list = FUNCTIONS.join(", "))]
    Function(String),
    /// A subquery, a cast, a window or another construct beyond a plain expression.
    #[error("`{0}` is not allowed in an expression")]
    Construct(String),
}

impl Expression {
    /// Parses and checks an expression over the columns of `tables`.
    ///
    /// # Errors
    /// Wrong syntax, an unknown column (with the nearest known), a function or construct that is not allowed.
    pub fn parse(text: &str, tables: &[&'static Table]) -> Result<Self, ExpressionError> {
        let parsed = parse_whole(text).map_err(|reason| ExpressionError::Syntax { text: text.to_owned(), reason })?;
        let mut check = Check { tables, columns: BTreeSet::new() };
        if let ControlFlow::Break(error) = parsed.visit(&mut check) {
            return Err(error);
        }
        let columns = check.columns.iter().filter_map(|name| find(tables, name)).collect();
        Ok(Self { text: text.to_owned(), parsed, columns })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that it reads, by name.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> + '_ {
        self.columns.iter().copied()
    }

    /// The expression in SQL, every number a double.
    #[must_use]
    pub fn sql(&self, dialect: Dialect) -> String {
        let mut parsed = self.parsed.clone();
        match VisitMut::visit(&mut parsed, &mut Doubles { dialect, columns: &self.columns }) {
            ControlFlow::Continue(()) | ControlFlow::Break(()) => parsed.to_string(),
        }
    }

    /// The expression in SQL as an integer number of ten-thousandths, halves rounded up: what rollups sum.
    #[must_use]
    pub fn ten_thousandths(&self, dialect: Dialect) -> String {
        ten_thousandths(&self.sql(dialect))
    }

    /// The same, and zero where a condition doesn't hold: there the expression may have no number, as a division by zero.
    #[must_use]
    pub fn ten_thousandths_where(&self, condition: &str, dialect: Dialect) -> String {
        ten_thousandths(&format!("case when ({condition}) then {} else cast(0 as double) end", self.sql(dialect)))
    }
}

fn ten_thousandths(number: &str) -> String {
    format!("cast(floor(({number}) * 10000 + 0.5) as bigint)")
}

/// The text as one SQL expression, with nothing left over; else what the parser said.
///
/// # Errors
/// The reason, in words.
pub fn parse_whole(text: &str) -> Result<Expr, String> {
    let mut parser = Parser::new(&GenericDialect {}).try_with_sql(text).map_err(|error| error.to_string())?;
    let parsed = parser.parse_expr().map_err(|error| error.to_string())?;
    let rest = parser.peek_token();
    if rest.token == sqlparser::tokenizer::Token::EOF { Ok(parsed) } else { Err(format!("`{rest}` is left over")) }
}

fn find(tables: &[&'static Table], name: &str) -> Option<&'static Column> {
    tables.iter().find_map(|table| table.column(name))
}

struct Check<'a> {
    tables: &'a [&'static Table],
    columns: BTreeSet<String>,
}

impl Check<'_> {
    fn column(&mut self, ident: &Ident) -> Result<(), ExpressionError> {
        let name = ident.value.to_lowercase();
        if find(self.tables, &name).is_some() {
            self.columns.insert(name);
            return Ok(());
        }
        let known = self.tables.iter().flat_map(|table| table.columns).map(|column| column.name);
        let names: Vec<String> = self.tables.iter().map(|table| format!("`{}`", table.name)).collect();
        Err(ExpressionError::UnknownColumn {
            name: ident.value.clone(),
            tables: names.join(", "),
            suggestion: did_you_mean(&ident.value, known).map(str::to_owned),
        })
    }

    fn expression(&mut self, expression: &Expr) -> Result<(), ExpressionError> {
        match expression {
            Expr::Identifier(ident) => self.column(ident),
            Expr::Function(function) => {
                let name = function.name.to_string().to_lowercase();
                let plain = function.over.is_none() && function.filter.is_none() && function.within_group.is_empty();
                let arguments = match &function.args {
                    FunctionArguments::List(list) => {
                        list.clauses.is_empty()
                            && list.duplicate_treatment.is_none()
                            && list.args.iter().all(|arg| matches!(arg, FunctionArg::Unnamed(FunctionArgExpr::Expr(_))))
                    }
                    _ => false,
                };
                if !FUNCTIONS.contains(&name.as_str()) {
                    Err(ExpressionError::Function(name))
                } else if plain && arguments {
                    Ok(())
                } else {
                    Err(ExpressionError::Construct(function.to_string()))
                }
            }
            Expr::Value(value) => match &value.value {
                Value::Number(_, false) | Value::SingleQuotedString(_) | Value::Boolean(_) | Value::Null => Ok(()),
                _ => Err(ExpressionError::Construct(value.to_string())),
            },
            Expr::BinaryOp { .. }
            | Expr::UnaryOp { op: UnaryOperator::Plus | UnaryOperator::Minus | UnaryOperator::Not, .. }
            | Expr::Nested(_)
            | Expr::Case { .. }
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::InList { .. }
            | Expr::Between { .. }
            | Expr::Like { any: false, escape_char: None, .. }
            | Expr::Floor {
                field: sqlparser::ast::CeilFloorKind::DateTimeField(sqlparser::ast::DateTimeField::NoDateTime),
                ..
            }
            | Expr::Ceil {
                field: sqlparser::ast::CeilFloorKind::DateTimeField(sqlparser::ast::DateTimeField::NoDateTime),
                ..
            } => Ok(()),
            other => Err(ExpressionError::Construct(other.to_string())),
        }
    }
}

impl Visitor for Check<'_> {
    type Break = ExpressionError;

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<ExpressionError> {
        match self.expression(expression) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }
}

/// Quotes columns and makes every number a double. Works after the children, so that it never meets its own output.
struct Doubles<'a> {
    dialect: Dialect,
    columns: &'a [&'static Column],
}

impl Doubles<'_> {
    fn column(&self, ident: &Ident) -> Expr {
        let name = ident.value.to_lowercase();
        let ty = self.columns.iter().find(|column| column.name == name).map(|column| column.ty);
        let quoted = format!("\"{name}\"");
        verbatim(match (ty, self.dialect) {
            (Some(Type::Decimal), Dialect::Polars) => format!("(cast({quoted} as double) / 10000)"),
            (Some(Type::Decimal | Type::Integer | Type::Ratio), _) => format!("cast({quoted} as double)"),
            _ => quoted,
        })
    }
}

/// An expression that prints as `text`: an identifier without quotes prints as it is.
fn verbatim(text: String) -> Expr {
    Expr::Identifier(Ident::new(text))
}

impl VisitorMut for Doubles<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        let replacement = match expression {
            Expr::Identifier(ident) => Some(self.column(ident)),
            Expr::Value(value) => match &value.value {
                Value::Number(number, _) => Some(verbatim(format!("cast({number} as double)"))),
                _ => None,
            },
            _ => None,
        };
        if let Some(replacement) = replacement {
            *expression = replacement;
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ORDERS;

    fn refusal(text: &str) -> String {
        Expression::parse(text, &[&ORDERS]).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn statements_files_and_subqueries_are_refused() {
        for bad in [
            "(select 1)",
            "lines in (select order_key from orders)",
            "exists (select 1)",
            "read_csv('/etc/passwd')",
            "getenv('HOME')",
            "sum(lines) over ()",
            "count(*)",
            "lines; drop table orders",
            "lines -- comment\n; select 1",
            "lines::varchar",
            "orders.lines",
            "$1",
            "",
        ] {
            assert_ne!(refusal(bad), "", "{bad} was let through");
        }
    }

    #[test]
    fn money_is_read_in_its_unit_on_both_sides() -> Result<(), ExpressionError> {
        let freight = Expression::parse("0.02 * Net_Amount", &[&ORDERS])?;
        assert_eq!(freight.sql(Dialect::Standard), "cast(0.02 as double) * cast(\"net_amount\" as double)");
        assert_eq!(freight.sql(Dialect::Polars), "cast(0.02 as double) * (cast(\"net_amount\" as double) / 10000)");
        assert_eq!(freight.columns().map(|column| column.name).collect::<Vec<_>>(), ["net_amount"]);
        Ok(())
    }

    #[test]
    fn refusals_say_what_is_known() {
        insta::assert_snapshot!(
            [refusal("quantty * 2"), refusal("random()"), refusal("2 +"), refusal("lines lines"), refusal("extract(year from order_date)")].join("\n"),
            @r"
        `quantty` is no column of `orders`; did you mean `quantity`?
        function `random` is not allowed; allowed are abs, ceil, coalesce, floor, greatest, least, length, lower, nullif, round, sqrt, upper
        `2 +` is not an SQL expression: sql parser error: Expected: an expression, found: EOF
        `lines lines` is not an SQL expression: `lines` is left over
        `EXTRACT(YEAR FROM order_date)` is not allowed in an expression
        "
        );
    }
}
