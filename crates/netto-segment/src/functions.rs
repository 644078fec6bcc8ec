//! Implements the shorthands of models as Polars functions: `half_even`, `share` and `ratio`, exact and in one step.
//!
//! ```text
//! half_even(5, 2)   2      half_even(7, 2)   4      half_even(1, 0)   empty
//! share(1, 4)    0.25      share(1, -4)  empty      ratio(1, -4)  -0.25
//! ```
//! Other engines read them expanded ([`Query::sql`](netto_model::Query::sql)) and must give the same result: a quotient of whole numbers in 128 bits, and a
//! true division of doubles, where Polars would multiply by the reciprocal of a constant.

use std::sync::Arc;

use netto_model::money::divide_half_even;
use polars::lazy::dsl::{BaseColumnUdf, UserDefinedFunction};
use polars::prelude::*;
use polars::sql::{FunctionOptions, FunctionRegistry, SQLContext};

/// An SQL context with the shorthands registered.
pub(crate) fn context() -> SQLContext {
    SQLContext::new().with_function_registry(Arc::new(Shorthands))
}

struct Shorthands;

impl FunctionRegistry for Shorthands {
    fn register(&mut self, name: &str, _fun: UserDefinedFunction) -> PolarsResult<()> {
        polars_bail!(ComputeError: "`{name}` can't be added: the functions of models are fixed")
    }

    fn get_udf(&self, name: &str) -> PolarsResult<Option<UserDefinedFunction>> {
        Ok(match name {
            "half_even" => Some(function("half_even", DataType::Int64, half_even)),
            "share" => Some(function("share", DataType::Float64, |columns| quotient(columns, |whole| whole > 0.0))),
            "ratio" => Some(function("ratio", DataType::Float64, |columns| quotient(columns, |whole| whole != 0.0))),
            _ => None,
        })
    }

    fn contains(&self, name: &str) -> bool {
        matches!(name, "half_even" | "share" | "ratio")
    }
}

fn function(name: &str, gives: DataType, of: fn(&[Column]) -> PolarsResult<Column>) -> UserDefinedFunction {
    let field = move |_: &Schema, inputs: &[Field]| {
        let name = inputs.first().map(|input| input.name().clone());
        Ok(Field::new(name.unwrap_or_default(), gives.clone()))
    };
    let mut function =
        UserDefinedFunction::new(name.into(), BaseColumnUdf::new(move |columns: &mut [Column]| of(columns), field));
    function.options = FunctionOptions::elementwise();
    function
}

/// Both arguments, converted to one type and broadcast to the same length.
fn arguments(columns: &[Column], as_type: &DataType) -> PolarsResult<(Series, Series)> {
    let [left, right] = columns else {
        polars_bail!(ComputeError: "it takes two arguments, and got {}", columns.len())
    };
    let length = if left.len() == 1 { right.len() } else { left.len() };
    let argument = |column: &Column| {
        let series = column.cast(as_type)?.take_materialized_series();
        match series.len() {
            same if same == length => Ok(series),
            1 => Ok(series.new_from_index(0, length)),
            other => polars_bail!(ShapeMismatch: "arguments of {other} and {length} rows"),
        }
    };
    Ok((argument(left)?, argument(right)?))
}

fn half_even(columns: &[Column]) -> PolarsResult<Column> {
    let (amounts, by) = arguments(columns, &DataType::Int128)?;
    let quotient = |(amount, by): (Option<i128>, Option<i128>)| {
        let (Some(amount), Some(by)) = (amount, by.filter(|by| *by != 0)) else { return Ok(None) };
        let exact = divide_half_even(amount, by);
        let beyond =
            |_| polars_err!(ComputeError: "half_even({amount}, {by}) is {exact}, which doesn't fit into 64 bits");
        i64::try_from(exact).map(Some).map_err(beyond)
    };
    let quotients: Int64Chunked =
        amounts.i128()?.iter().zip(by.i128()?.iter()).map(quotient).collect::<PolarsResult<_>>()?;
    Ok(quotients.with_name(amounts.name().clone()).into_column())
}

fn quotient(columns: &[Column], divides: fn(f64) -> bool) -> PolarsResult<Column> {
    let (parts, wholes) = arguments(columns, &DataType::Float64)?;
    let quotient = |(part, whole): (Option<f64>, Option<f64>)| Some(part? / whole.filter(|whole| divides(*whole))?);
    let quotients: Float64Chunked = parts.f64()?.iter().zip(wholes.f64()?.iter()).map(quotient).collect();
    Ok(quotients.with_name(parts.name().clone()).into_column())
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::model;
    use netto_model::{Mart, Query};
    use proptest::prelude::*;

    /// The first column of a query over amounts and divisors: with the functions, and expanded.
    fn both(expression: &str, amounts: &[Option<i64>], by: &[Option<i64>]) -> [PolarsResult<DataFrame>; 2] {
        let data = df!("gross_margin" => amounts, "invoice_revenue" => by, "place" => (0..amounts.len() as u64).collect::<Vec<_>>()).unwrap();
        let query =
            Query::parse(&format!("select {expression} as found from customer_window"), &[model("customer_window")])
                .unwrap();
        let run = |mut context: SQLContext, text: &str| {
            context.register("customer_window", data.clone().lazy());
            context.execute(text)?.collect()
        };
        let nothing = |_: &str| None;
        [run(context(), &query.steps(&nothing).unwrap()[0].sql), run(SQLContext::new(), &query.sql(&nothing).unwrap())]
    }

    #[test]
    fn halves_go_to_the_even_one_and_nothing_is_divided_by_nothing() {
        let [found, _] = both(
            "half_even(gross_margin, invoice_revenue)",
            &[Some(5), Some(7), Some(-5), Some(1), None],
            &[Some(2), Some(2), Some(2), Some(0), Some(1)],
        );
        let expected = df!("found" => [Some(2_i64), Some(4), Some(-2), None, None]).unwrap();
        assert!(found.unwrap().equals_missing(&expected));
    }

    #[test]
    fn a_constant_is_divided_by_and_no_reciprocal_is_taken() {
        let [found, _] = both("ratio(gross_margin, 1000000)", &[Some(50_000)], &[None]);
        assert_eq!(found.unwrap().column("found").unwrap().f64().unwrap().get(0), Some(0.05));
    }

    #[test]
    fn sums_of_groups_and_windows_are_divided_as_rows_are() {
        let expression = "half_even(sum(gross_margin), count(*))";
        let [found, written_out] = both(expression, &[Some(10), Some(15)], &[Some(1), Some(1)]);
        assert!(found.unwrap().equals(&written_out.unwrap()));
        let [running, written_out] = both(
            "half_even(sum(gross_margin) over (order by invoice_revenue), 2)",
            &[Some(10), Some(15)],
            &[Some(1), Some(2)],
        );
        assert!(running.unwrap().equals(&written_out.unwrap()));
    }

    #[test]
    fn what_leaves_64_bits_is_an_error() {
        let [found, _] =
            both("half_even(cast(gross_margin as hugeint) * 4, invoice_revenue)", &[Some(i64::MAX)], &[Some(1)]);
        assert!(found.unwrap_err().to_string().contains("which doesn't fit into 64 bits"));
    }

    #[test]
    fn every_table_without_rows_stays_without_rows() {
        let empty = Mart::empty(model("customer_window")).data.lazy();
        let mut context = context();
        context.register("customer_window", empty);
        let found =
            context.execute("select half_even(net_profit, 3) as a, share(net_profit, 3) as b from customer_window");
        assert_eq!(found.unwrap().collect().unwrap().height(), 0);
    }

    proptest! {
        #[test]
        fn as_functions_and_written_out_they_come_to_the_same(
            rows in prop::collection::vec((prop::option::of(-1_000_i64..1_000), prop::option::of(-20_i64..20)), 1..20),
        ) {
            let (amounts, by): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            for expression in [
                "half_even(gross_margin, invoice_revenue)",
                "share(gross_margin, invoice_revenue)",
                "ratio(gross_margin, invoice_revenue)",
                "without_idle(gross_margin, invoice_revenue - 2, invoice_revenue)",
            ] {
                let [found, written_out] = both(expression, &amounts, &by);
                prop_assert!(found.unwrap().equals_missing(&written_out.unwrap()), "{}", expression);
            }
        }
    }
}
