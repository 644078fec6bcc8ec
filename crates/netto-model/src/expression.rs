//! SQL expressions of the configuration: parsed, checked against known columns and an allow-list of functions, evaluated, and
//! printed so that every engine computes the same number.
//!
//! A time equation or driver is summed as integer ten-thousandths. Engines differ in how they type decimals, but not in IEEE
//! doubles: every number in an expression is a double, each operation is rounded once, and netto evaluates expressions
//! itself. (Polars divides by a constant through its reciprocal, and rounds halves its own way.)
//!
//! ```
//! use netto_model::{Dialect, Expression, contract::ORDERS};
//! use polars::prelude::*;
//! let minutes = Expression::parse("3 + 1.5*lines + case when channel = 'phone' then 10 else 0 end", &[&ORDERS])?;
//! assert_eq!(
//!     minutes.ten_thousandths(Dialect::Standard),
//!     "cast(floor((cast(3 as double) + cast(1.5 as double) * cast(\"lines\" as double) + \
//!      case when \"channel\" = 'phone' then cast(10 as double) else cast(0 as double) end) * 10000 + 0.5) as bigint)"
//! );
//! let orders = df!("lines" => [2_i64, 1], "channel" => ["web", "phone"])?;
//! let units = minutes.ten_thousandths_of(&orders, None)?;
//! assert_eq!(units.iter().flatten().collect::<Vec<_>>(), [60_000, 145_000]);
//! let error = Expression::parse("2 * lnes", &[&ORDERS]).unwrap_err();
//! assert_eq!(error.to_string(), "`lnes` is not a column of `orders`; did you mean `lines`?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod evaluate;
mod limits;
mod node;
mod parse;
mod print;
mod summands;
mod unit;

use sqlparser::ast::Expr;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use crate::table::{Column, Table};
pub use evaluate::{Fault, NoValue};
pub use limits::within_limits;
use node::{Kind, Node};
use print::Reader;
pub use unit::{Measure, MeasureError};

/// Functions that an expression may call: those that mean the same in DuckDB, in Spark and here.
pub const FUNCTIONS: &[&str] =
    &["abs", "ceil", "coalesce", "floor", "greatest", "least", "length", "lower", "nullif", "round", "sqrt", "upper"];

/// The engine that reads the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// DuckDB: names in double quotes.
    Standard,
    /// Spark: names in backticks.
    Spark,
}

impl Dialect {
    /// A name as the engine reads it.
    #[must_use]
    pub fn quoted(self, name: &str) -> String {
        match self {
            Self::Standard => format!("\"{}\"", name.replace('"', "\"\"")),
            Self::Spark => format!("`{}`", name.replace('`', "``")),
        }
    }

    const fn reader(self) -> Reader {
        match self {
            Self::Standard => Reader::DuckDb,
            Self::Spark => Reader::Spark,
        }
    }
}

/// A checked expression over the columns of some tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    text: String,
    root: Node,
    columns: Vec<&'static Column>,
}

/// Why an expression was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Not an SQL expression.
    #[error("`{text}` is not an SQL expression: {reason}")]
    Syntax {
        /// The expression, or how it begins.
        text: String,
        /// What is wrong, and at which character.
        reason: String,
    },
    /// Longer or deeper than every engine can read.
    #[error("the expression `{text}` is too large: {reason}")]
    TooLarge {
        /// How it begins.
        text: String,
        /// The limit.
        reason: String,
    },
    /// A name that no table has.
    #[error("`{name}` is not a column of {tables}{}", suggestion.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
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
    /// A function that is called with more or fewer arguments than it has.
    #[error("`{function}` takes {wants}, not {found}")]
    Arguments {
        /// Its name.
        function: String,
        /// How many it takes, in words.
        wants: String,
        /// How many there are.
        found: usize,
    },
    /// A text where a number is needed, and the like.
    #[error("`{part}` is {found}, not {wanted}")]
    Kind {
        /// The part of the expression.
        part: String,
        /// What it is.
        found: &'static str,
        /// What stands there otherwise.
        wanted: &'static str,
    },
    /// A date is compared with a text that is none.
    #[error("`{0}` is not a date; write it as '2025-03-31'")]
    NotADate(String),
    /// A subquery, a cast, a window or another construct beyond a plain expression.
    #[error("`{0}` is not allowed in an expression")]
    Construct(String),
}

impl ExpressionError {
    fn syntax(text: &str, reason: String) -> Self {
        Self::Syntax { text: shortened(text), reason }
    }
}

impl Expression {
    /// Parses and checks an expression over the columns of `tables`.
    ///
    /// # Errors
    /// Wrong syntax, an unknown column (with the nearest known), a function or construct that is not allowed, parts whose
    /// types don't fit, more than every engine can read.
    pub fn parse(text: &str, tables: &[&'static Table]) -> Result<Self, ExpressionError> {
        let (root, mut columns) = parse::parse(text, tables)?;
        columns.sort_by_key(|column| column.name);
        Ok(Self { text: text.to_owned(), root, columns })
    }

    /// Parses and checks a condition: an expression that is true or false.
    ///
    /// # Errors
    /// As [`Expression::parse`]; and a number, text or date.
    pub fn condition(text: &str, tables: &[&'static Table]) -> Result<Self, ExpressionError> {
        let condition = Self::parse(text, tables)?;
        match condition.root.kind() {
            None | Some(Kind::Condition) => Ok(condition),
            Some(kind) => Err(ExpressionError::Kind {
                part: shortened(&condition.root.print(Reader::Person)),
                found: kind.name(),
                wanted: "a condition that is true or false",
            }),
        }
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

    /// Whether all of it grows with the goods: with amounts, pieces or weights, such as `0.02*net_amount`. Then twice the goods cost
    /// twice as much, and an order without goods costs nothing; of `9 + 0.02*net_amount` that can't be said.
    #[must_use]
    pub fn grows_with_goods(&self) -> bool {
        self.root.grows_with_goods()
    }

    /// The expression in SQL, every number a double.
    #[must_use]
    pub fn sql(&self, dialect: Dialect) -> String {
        self.root.print(dialect.reader())
    }

    /// The expression in SQL as an integer number of ten-thousandths, halves rounded up: what rollups sum.
    #[must_use]
    pub fn ten_thousandths(&self, dialect: Dialect) -> String {
        ten_thousandths(&self.sql(dialect))
    }

    /// The same, and zero where a condition doesn't hold: there the expression may have no number, as a division by zero.
    #[must_use]
    pub fn ten_thousandths_where(&self, condition: &Self, dialect: Dialect) -> String {
        let (condition, number) = (condition.sql(dialect), self.sql(dialect));
        ten_thousandths(&format!("case when ({condition}) then {number} else cast(0 as double) end"))
    }
}

fn ten_thousandths(number: &str) -> String {
    format!("cast(floor(({number}) * 10000 + 0.5) as bigint)")
}

/// A text for a message: its first words where it is long.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The text as one SQL expression with nothing left over, or the message of the parser.
///
/// # Errors
/// The reason, in words.
pub fn parse_whole(text: &str) -> Result<Expr, String> {
    within_limits(text)?;
    let mut parser = Parser::new(&GenericDialect {}).try_with_sql(text).map_err(|error| error.to_string())?;
    let parsed = parser.parse_expr().map_err(|error| error.to_string())?;
    let rest = parser.peek_token();
    if rest.token == sqlparser::tokenizer::Token::EOF { Ok(parsed) } else { Err(format!("`{rest}` is left over")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{LAKE_ORDER_LINES, ORDERS};
    use polars::prelude::*;
    use proptest::prelude::*;

    fn refusal(text: &str) -> String {
        Expression::parse(text, &[&ORDERS]).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn what_is_measured_by_amounts_or_pieces_alone_grows_with_the_goods() {
        let grows = |text: &str| Expression::parse(text, &[&ORDERS]).unwrap().grows_with_goods();
        let with_goods = [
            "net_amount",
            "-0.02*net_amount",
            "quantity / 10",
            "case when lines > 3 then cogs_amount else 0 end",
            "greatest(net_amount, 0)",
        ];
        assert_eq!(with_goods.map(grows), [true; 5]);
        let with_orders =
            ["1", "9 + 0.02*net_amount", "lines", "case when net_amount > 100 then 2 else 1 end", "1 / net_amount"];
        assert_eq!(with_orders.map(grows), [false; 5]);
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
    fn money_is_read_in_its_unit_on_both_sides() -> Result<(), Box<dyn std::error::Error>> {
        let freight = Expression::parse("0.02 * Net_Amount", &[&ORDERS])?;
        assert_eq!(freight.sql(Dialect::Standard), "cast(0.02 as double) * cast(\"net_amount\" as double)");
        assert_eq!(freight.sql(Dialect::Spark), "cast(0.02 as double) * cast(`net_amount` as double)");
        let orders = df!("net_amount" => [1_250_000_i64])?;
        assert_eq!(freight.ten_thousandths_of(&orders, None)?.get(0), Some(25_000));
        assert_eq!(freight.columns().map(|column| column.name).collect::<Vec<_>>(), ["net_amount"]);
        Ok(())
    }

    #[test]
    fn refusals_say_what_is_known() {
        let refusals = [
            "quantty * 2",
            "random()",
            "2 +",
            "lines lines",
            "extract(year from order_date)",
            "(select 1)",
            "greatest()",
            "least(lines)",
            "abs(lines, 2)",
            "round(lines, quantity)",
            "lines + channel",
            "case when lines then 1 end",
            "case when lines > 1 then 2 else channel end",
            "channel > 5",
            "order_date >= '1-2-2025'",
            "channel like warehouse",
            "lines = 1e999",
            "3 + lines = 5 or channel",
            "(lines > 3) < (lines > 4)",
        ];
        insta::assert_snapshot!(refusals.map(refusal).join("\n"), @r"
        `quantty` is not a column of `orders`; did you mean `quantity`?
        function `random` is not allowed; allowed are abs, ceil, coalesce, floor, greatest, least, length, lower, nullif, round, sqrt, upper
        `2 +` is not an SQL expression: a number, a column or a function was expected, but it ends
        `lines lines` is not an SQL expression: `lines` is left over (character 7)
        function `extract` is not allowed; allowed are abs, ceil, coalesce, floor, greatest, least, length, lower, nullif, round, sqrt, upper
        `select` is not allowed in an expression
        `greatest` takes at least two arguments, not 0
        `least` takes at least two arguments, not 1
        `abs` takes one argument, not 2
        `round(…, n) unless n is a whole number from -12 to 12` is not allowed in an expression
        `channel` is a text, not a number
        `lines` is a number, not true or false
        `channel` is a text, not a number
        `5` is a number, not a text
        `1-2-2025` is not a date; write it as '2025-03-31'
        `channel like warehouse` is not an SQL expression: a pattern such as 'web%' was expected, but there is `warehouse` (character 14)
        `lines = 1e999` is not an SQL expression: `1e999` is not a number (character 9)
        `channel` is a text, not true or false
        `lines > 3` is true or false, not a number, a text or a date
        ");
    }

    #[test]
    fn a_condition_is_true_or_false() {
        let said =
            |text| Expression::condition(text, &[&ORDERS]).map_or_else(|error| error.to_string(), |_| String::new());
        assert_eq!(said("lines"), "`lines` is a number, not a condition that is true or false");
        assert_eq!(said("upper(channel)"), "`upper(channel)` is a text, not a condition that is true or false");
        assert_eq!(said("lines > 3 and channel is not null"), "");
    }

    #[test]
    fn what_no_engine_reads_is_refused_at_once() {
        let many = |what: &str, count| what.repeat(count);
        for (text, reason) in [
            (format!("1{}", many(" + 1", 20_000)), "terms or levels"),
            (format!("1{}", many(" + 1", 300)), "terms or levels"),
            (format!("{}1{}", many("(", 5_000), many(")", 5_000)), "nested"),
            (many("(", 20_000), "nested"),
            (format!("{}1", many("- ", 5_000)), "nested"),
            (format!("{}true", many("not ", 5_000)), "nested"),
            (many("case when ", 5_000), "nested"),
            (many("abs(", 5_000), "nested"),
            (format!("lines in ({}1)", many("1, ", 6_000)), "parts"),
            (many("1", 200_000), "longer"),
        ] {
            let error = refusal(&text);
            assert!(error.contains(reason) && error.len() < 250, "{error}");
        }
        let case = |cases: String, n: i32| cases + &format!(" when lines = {n} then {n}");
        let cases = (0..1_000).fold(String::new(), case);
        let before = seconds_at_work();
        let expression = Expression::parse(&format!("case{cases} else -1 end"), &[&ORDERS]).unwrap();
        let orders = df!("lines" => (0..20_000_i64).map(|n| n % 2_000).collect::<Vec<_>>()).unwrap();
        let values = expression.ten_thousandths_of(&orders, None).unwrap();
        assert_eq!((values.get(999), values.get(1_000)), (Some(9_990_000), Some(-10_000)));
        let taken = seconds_at_work() - before;
        assert!(taken < 20.0, "a case of a thousand branches takes {taken} s");
    }

    /// What this thread has computed so far, where Linux says so: on a busy machine the clock would say how long others took.
    fn seconds_at_work() -> f64 {
        let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        said.split_whitespace().next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or_default() / 1e9
    }

    /// The values of an expression over three orders: 5, 49 and -5 lines; 0.7, 2.5 and -2.5 pieces; channels phone, web and none.
    fn values(text: &str) -> Vec<Option<i64>> {
        let orders = df!("lines" => [5_i64, 49, -5], "quantity" => [7_000_i64, 25_000, -25_000],
            "channel" => [Some("phone"), Some("Straße"), None], "order_date" => [20_148, 20_149, 20_150]);
        let orders = orders.unwrap().lazy().with_column(col("order_date").cast(DataType::Date)).collect().unwrap();
        let expression = Expression::parse(text, &[&ORDERS]).unwrap();
        expression
            .ten_thousandths_of(&orders, None)
            .unwrap()
            .iter()
            .map(|units| units.map(|units| units / 100))
            .collect()
    }

    #[test]
    fn constants_divide_and_halves_round_as_they_should() {
        let each = |values: [i64; 3]| values.map(Some).to_vec();
        assert_eq!(values("case when quantity <= 0.7 then 1 else 0 end"), each([100, 0, 100]));
        assert_eq!(values("floor(lines / 49)"), each([0, 100, -100]));
        assert_eq!(values("round(lines / 2)"), each([300, 2_500, -300]));
        assert_eq!(values("round(quantity)"), each([100, 300, -300]));
        assert_eq!(values("round(lines / 3, 1)"), each([170, 1_630, -170]));
        assert_eq!(values("round(lines, -1)"), each([1_000, 5_000, -1_000]));
        assert_eq!(values("lines % 4"), each([100, 100, -100]));
        assert_eq!(values("1e-2 * lines"), each([5, 49, -5]));
    }

    #[test]
    fn null_is_neither_true_nor_false() {
        let each = |values: [i64; 3]| values.map(|value| Some(value * 100)).to_vec();
        assert_eq!(
            values("case when channel = 'phone' then 1 when not channel = 'phone' then 2 else 3 end"),
            each([1, 2, 3])
        );
        assert_eq!(values("case when channel <> 'x' or true then 1 else 0 end"), each([1, 1, 1]));
        assert_eq!(values("case when channel <> 'x' and false then 1 else 0 end"), each([0, 0, 0]));
        assert_eq!(
            values("case when channel in ('x', null) then 1 when channel not in ('x') then 2 else 3 end"),
            each([3 - 1, 2, 3])
        );
        assert_eq!(values("greatest(null, nullif(lines, 5), 2)"), each([2, 49, 2]));
        assert_eq!(values("coalesce(nullif(lines, 5), 7)"), each([7, 49, -5]));
        assert_eq!(values("lines + null"), [None, None, None]);
        let printed = |text: &str| Expression::parse(text, &[&ORDERS]).unwrap().sql(Dialect::Standard);
        assert_eq!(printed("+ null"), printed("null"));
        assert_eq!(values("length(channel)"), [Some(500), Some(600), None]);
        assert_eq!(values("case when upper(channel) = 'STRASSE' then 1 else 0 end"), each([0, 1, 0]));
        assert_eq!(values("case when channel like 'Str_ß%' then 1 else 0 end"), each([0, 1, 0]));
        assert_eq!(values("case when order_date > '2025-03-01' then 1 else 0 end"), each([0, 1, 1]));
    }

    #[test]
    fn what_has_no_value_names_its_row_and_only_where_it_is_needed() {
        let orders = df!("lines" => [1_i64, 0], "quantity" => [10_000_i64, -10_000]).unwrap();
        let of = |text: &str| match Expression::parse(text, &[&ORDERS]).unwrap().ten_thousandths_of(&orders, None) {
            Ok(values) => format!("{:?}", values.iter().flatten().collect::<Vec<_>>()),
            Err(NoValue::Row { row, reason }) => format!("row {row}: {reason}"),
            Err(other) => other.to_string(),
        };
        insta::assert_snapshot!(
            ["10 / lines", "10 % lines", "sqrt(quantity)", "1e300 * (1e300 * quantity)", "floor(1e30 * quantity)", "1e14 * lines",
             "case when lines > 0 then 10 / lines else 0 end", "coalesce(quantity, 1 / lines)",
             "case when lines > 0 and 10 / lines > 2 then 1 else 0 end", "10 / nullif(lines, 0)"].map(of).join("\n"), @r"
            row 1: `10 / lines` divides by zero
            row 1: `10 % lines` divides by zero
            row 1: `sqrt(quantity)` takes the root of a negative number
            row 0: the number `1e300 * (1e300 * quantity)` is too large
            row 0: the number `floor(1e30 * quantity)` is too large
            row 0: its result is 100000000000000, but a quantity must be below 100,000,000,000,000
            [100000, 0]
            [10000, -10000]
            [10000, 0]
            [100000]
            ");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_text_panics(words in prop::collection::vec(prop::sample::select(vec![
            "lines", "channel", "order_date", "quantity", "1", "0.7", "1e-5", "1e400", "'a'", "'%_'", "'2025-01-31'", "null", "true",
            "case", "when", "then", "else", "end", "and", "or", "not", "is", "in", "between", "like", "(", ")", ",", "+", "-", "*", "/",
            "%", "=", "<>", "<=", "||", "round", "greatest", "coalesce", "nullif", "abs", "length", "upper", "date", "select", "::",
            ".", ";", "$1", "--", "/*", "\"", "`", "é", "$$", "[", "{", "@", "~", "E'", "x'", "\\"]), 0..40)) {
            let rows = df!("lines" => [1_i64, 0], "channel" => [Some("a"), None], "quantity" => [Some(7_000_i64), None],
                "order_date" => [1, 2], "line_no" => [1_i64, 2]).unwrap().lazy().with_column(col("order_date").cast(DataType::Date));
            let rows = rows.collect().unwrap();
            for text in [words.join(" "), words.concat()] {
                if let Ok(expression) = Expression::parse(&text, &[&ORDERS, &LAKE_ORDER_LINES]) {
                    let again = Expression::parse(&expression.root.print(Reader::Person), &[&ORDERS, &LAKE_ORDER_LINES]);
                    prop_assert_eq!(&again.map(|again| again.sql(Dialect::Standard)), &Ok(expression.sql(Dialect::Standard)));
                    let values = expression.ten_thousandths_of(&rows, None);
                    prop_assert!(values.is_err() || expression.check(Measure::Quantity).is_err() || values.unwrap().len() == 2);
                }
                let whole = parse_whole(&text);
                prop_assert!(whole.is_ok() || whole.is_err());
            }
        }
    }
}
