//! A goal that an SQL query measures, over the tables of the run.
//!
//! ```toml
//! [goal.G09]
//! sql = "select count(*) from customer_window where \"window\" = 'main' and net_profit < 0"
//! higher_is_better = false
//! adds_up = false
//! ```
//! Amounts are decimals in the query: `sum(net_profit)` is in the company's currency, and exact to the ten-thousandth.

use netto_model::contract::{
    BONUS_RESULT, DATA_QUESTION, DATA_READINESS, DATA_SET_APART, FACTS, FCT_ORDER, FCT_ORDER_LINE, GOAL_PROGRESS, marts,
};
use netto_model::frame::polars_type;
use netto_model::money::SCALE;
use netto_model::table::Type;
use netto_model::{Mart, Query, QueryError, Table};
use polars::prelude::*;
use polars::sql::SQLContext;

use super::measure::Outcome;

/// The tables that a query may read: those that exist in memory when goals are counted.
pub(crate) fn tables() -> Vec<&'static Table> {
    let others =
        [&GOAL_PROGRESS, &BONUS_RESULT, &DATA_READINESS, &DATA_QUESTION, &DATA_SET_APART, &FCT_ORDER, &FCT_ORDER_LINE];
    marts().chain(FACTS.iter().copied()).filter(|table| !others.contains(table)).collect()
}

/// Parses a query and runs it on empty tables, so that its faults show when the configuration is read.
pub(crate) fn check(sql: &str) -> Result<Query, String> {
    let query = Query::parse(sql, &tables()).map_err(|error: QueryError| error.to_string())?;
    let empty = query.tables().iter().map(|table| (*table, Mart::empty(table).data));
    let answer = run(&query, empty).map_err(|error| error.to_string())?;
    let [column] = answer.columns() else {
        return Err(format!("it must return one number, but returns {} columns", answer.width()));
    };
    let kind = column.dtype();
    let number = kind.is_numeric() || kind.is_decimal() || kind.is_null();
    if number { Ok(query) } else { Err(format!("it must return a number, but returns {kind}")) }
}

/// The result of a query.
pub(crate) fn measured(query: &Query, marts: &[Mart]) -> Outcome {
    let mut found = Vec::new();
    for table in query.tables() {
        let Some(mart) = marts.iter().find(|mart| mart.table.name == table.name) else {
            return Outcome::Unknown(format!("the table `{}` doesn't exist in this run", table.name));
        };
        if mart.data.height() == 0 {
            return Outcome::Unknown(format!("the table `{}` has no rows in this run", table.name));
        }
        found.push((*table, mart.data.clone()));
    }
    let answer = match run(query, found.into_iter()) {
        Ok(answer) => answer,
        Err(error) => return Outcome::Unknown(format!("the query failed: {error}")),
    };
    if answer.height() != 1 {
        return Outcome::Unknown(format!("the query returned {} rows instead of one number", answer.height()));
    }
    match answer.columns().first().map(number) {
        Some(Ok(Some(units))) => Outcome::Counted(units, query.text().to_owned()),
        _ => Outcome::Unknown("the query returned no number".to_owned()),
    }
}

fn run(query: &Query, tables: impl Iterator<Item = (&'static Table, DataFrame)>) -> PolarsResult<DataFrame> {
    let mut context = SQLContext::new();
    for (table, data) in tables {
        context.register(table.name, with_decimals(table, data)?.lazy());
    }
    let text = query.sql(&|_| None).map_err(|error| polars_err!(ComputeError: "{error}"))?;
    context.execute(&text)?.collect()
}

/// Converts ten-thousandths to decimals.
fn with_decimals(table: &Table, mut data: DataFrame) -> PolarsResult<DataFrame> {
    for column in table.columns.iter().filter(|column| column.ty == Type::Decimal) {
        debug_assert_eq!(data.column(column.name)?.dtype(), &polars_type(column.ty));
        let units = data.column(column.name)?.cast(&DataType::Int128)?;
        let decimals = units.i128()?.clone().into_decimal(38, 4)?.into_series();
        data.with_column(decimals.into_column())?;
    }
    Ok(data)
}

/// In ten-thousandths, half-even; `None` if it is null or out of range.
fn number(column: &Column) -> PolarsResult<Option<i64>> {
    let value = column.get(0)?;
    Ok(match value {
        AnyValue::Null => None,
        AnyValue::Decimal(units, _, scale) => in_scale(units, scale),
        AnyValue::Float64(_) | AnyValue::Float32(_) => column.cast(&DataType::Float64)?.f64()?.get(0).and_then(rounded),
        _ => {
            let whole = column.cast(&DataType::Int64)?.i64()?.get(0);
            whole.and_then(|whole| whole.checked_mul(SCALE))
        }
    })
}

fn in_scale(units: i128, scale: usize) -> Option<i64> {
    let power = |exponent: usize| u32::try_from(exponent).ok().and_then(|exponent| 10_i128.checked_pow(exponent));
    let units = if scale <= 4 {
        units.checked_mul(power(4 - scale)?)?
    } else {
        netto_model::money::divide_half_even(units, power(scale - 4)?)
    };
    i64::try_from(units).ok()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "checked against the range first")]
fn rounded(number: f64) -> Option<i64> {
    let units = (number * SCALE as f64).round_ties_even();
    (units.is_finite() && units.abs() < i64::MAX as f64).then_some(units as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::model;

    fn pyramid() -> Mart {
        let count = model("pyramid").columns.len();
        let columns: Vec<Column> = model("pyramid")
            .columns
            .iter()
            .map(|column| match (column.name, column.ty) {
                ("tier", _) => Column::new("tier".into(), ["Small", "Top"]),
                ("net_profit", _) => Column::new("net_profit".into(), [-123_456_i64, 1_000_000]),
                ("cost_to_serve", _) => Column::new("cost_to_serve".into(), [300_000_i64, 700_000]),
                ("invoice_revenue", _) => Column::new("invoice_revenue".into(), [1_000_000_i64, 2_000_000]),
                (name, Type::Text) => Column::new(name.into(), ["main", "main"]),
                (name, Type::Ratio) => Column::new(name.into(), [0.5, 0.25]),
                (name, _) => Column::new(name.into(), [1_i64, 2]),
            })
            .collect();
        assert_eq!(columns.len(), count);
        Mart { table: model("pyramid"), data: DataFrame::new_infer_height(columns).unwrap() }
    }

    fn of(sql: &str) -> Outcome {
        measured(&check(sql).unwrap(), &[pyramid()])
    }

    #[test]
    fn amounts_are_in_whole_currency_and_counts_are_counts() {
        let units = |sql: &str| match of(sql) {
            Outcome::Counted(units, _) => units,
            Outcome::Unknown(reason) => panic!("{sql}: {reason}"),
        };
        assert_eq!(units("select sum(net_profit) from pyramid"), 876_544, "-12.3456 + 100");
        assert_eq!(units("select count(*) from pyramid where net_profit < 0"), 10_000);
        assert_eq!(units("select count(*) from pyramid where net_profit > 99.5"), 10_000);
        assert_eq!(units("select sum(customers) from pyramid"), 30_000);
        assert_eq!(units("select max(customer_share) from pyramid"), 5_000);
        assert_eq!(units("select sum(cost_to_serve) / sum(invoice_revenue) from pyramid"), 3_333, "100 ÷ 300");
        assert_eq!(units("select sum(net_profit) / 2 from pyramid"), 438_272);
        assert_eq!(units("select 2 * sum(cost_to_serve) from pyramid"), 2_000_000);
    }

    #[test]
    fn what_gives_no_number_says_why() {
        assert_eq!(
            of("select net_profit from pyramid"),
            Outcome::Unknown("the query returned 2 rows instead of one number".into())
        );
        assert_eq!(
            of("select sum(net_profit) from pyramid where tier = 'None'"),
            Outcome::Unknown("the query returned no number".into())
        );
        assert_eq!(
            measured(&check("select count(*) from customer_window").unwrap(), &[pyramid()]),
            Outcome::Unknown("the table `customer_window` doesn't exist in this run".into())
        );
        let empty = Mart::empty(model("customer_window"));
        assert_eq!(
            measured(&check("select count(*) from customer_window").unwrap(), &[empty]),
            Outcome::Unknown("the table `customer_window` has no rows in this run".into())
        );
    }

    #[test]
    fn a_fault_shows_on_empty_tables_already() {
        let fault = |sql: &str| check(sql).unwrap_err();
        assert!(
            fault("select sum(net_proft) from pyramid").contains("net_proft"),
            "{}",
            fault("select sum(net_proft) from pyramid")
        );
        assert_eq!(
            fault("select tier, count(*) from pyramid group by tier"),
            "it must return one number, but returns 2 columns"
        );
        assert_eq!(fault("select max(tier) from pyramid"), "it must return a number, but returns str");
        assert!(check("select count(*) from fct_order").is_err());
        assert!(check("select count(*) from goal_progress").is_err());
    }
}
