//! Near misses: agreements within a tenth of the next bracket, in the calendar year in which the window ends.
//!
//! ```text
//! basis so far   next bracket   needed   rebate would grow by
//! 46,800         50,000         3,200    1,000
//! ```

use std::collections::BTreeMap;

use minijinja::{Value, context};
use netto_model::period::civil_from_days;
use netto_model::{column as c, contract};
use polars::prelude::*;

use super::figures::{Marts, share, text, units};
use super::format::Format;

/// One part of so many of the next threshold may be missing.
const NEAR: i64 = 10;

/// The agreements that nearly reach their next bracket, the nearest first; nothing where there are no agreements.
pub(super) fn near_misses(marts: &Marts<'_>, format: &Format) -> PolarsResult<Value> {
    let (first, last) = marts.window()?;
    if first > last {
        return Ok(Value::from(()));
    }
    let year = civil_from_days(last).0;
    let of_year = marts.all(&contract::REBATE_PROGRESS).lazy().filter(col(c::YEAR).eq(lit(year).cast(DataType::Int64)));
    let agreements = of_year.clone().collect()?.height();
    if agreements == 0 {
        return Ok(Value::from(()));
    }
    let needed = || col(c::NEEDED_AMOUNT);
    let near = (needed() * lit(NEAR).cast(DataType::Int64)).lt_eq(col(c::NEXT_THRESHOLD));
    let keys = [c::NEEDED_AMOUNT, c::CUSTOMER_ID, c::SUPPLIER_ID, c::BASIS];
    let zero = lit(0).cast(DataType::Int64);
    let data = of_year.filter(needed().gt(zero).and(near)).sort(keys, SortMultipleOptions::default()).collect()?;
    let names = names(marts)?;
    let row = |row| -> PolarsResult<Value> {
        let money = |name: &str| units(&data, name, row).map(|amount| format.whole(amount));
        let percent = |name: &str| share(&data, name, row).map(|part| format.percent(part));
        let customer = text(&data, c::CUSTOMER_ID, row)?;
        let supplier = text(&data, c::SUPPLIER_ID, row)?;
        let given = !customer.is_empty();
        Ok(context! {
            given => given,
            id => if given { customer.clone() } else { supplier.clone() },
            name => if given { names.get(&customer).cloned().unwrap_or(customer) } else { supplier },
            basis => text(&data, c::BASIS, row)?.replace('_', " "),
            so_far => money(c::BASIS_AMOUNT)?,
            rate => percent(c::RATE)?,
            threshold => money(c::NEXT_THRESHOLD)?,
            next_rate => percent(c::NEXT_RATE)?,
            needed => money(c::NEEDED_AMOUNT)?,
            extra => money(c::EXTRA_AMOUNT)?,
        })
    };
    let rows = (0..data.height()).map(row).collect::<PolarsResult<Vec<_>>>()?;
    Ok(context! { year => year, rows => rows })
}

fn names(marts: &Marts<'_>) -> PolarsResult<BTreeMap<String, String>> {
    let data = marts.all(&contract::DIM_CUSTOMER);
    (0..data.height()).map(|row| Ok((text(&data, c::CUSTOMER_ID, row)?, text(&data, c::NAME, row)?))).collect()
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{one_customer, rendered, replace, row};
    use netto_model::{column as c, contract};
    use polars::prelude::*;

    #[test]
    fn a_rebate_is_a_near_miss_within_a_tenth_of_the_next_bracket() {
        let agreement = |customer, supplier, year: i64, needed: i64| {
            let cells = [
                (c::CUSTOMER_ID, AnyValue::String(customer)),
                (c::SUPPLIER_ID, AnyValue::String(supplier)),
                (c::BASIS, AnyValue::String("invoice_revenue")),
                (c::YEAR, AnyValue::Int64(year)),
                (c::BASIS_AMOUNT, AnyValue::Int64(500_000_000 - needed)),
                (c::NEXT_THRESHOLD, AnyValue::Int64(500_000_000)),
                (c::NEXT_RATE, AnyValue::Float64(0.02)),
                (c::NEEDED_AMOUNT, AnyValue::Int64(needed)),
                (c::EXTRA_AMOUNT, AnyValue::Int64(10_000_000)),
            ];
            row(&contract::REBATE_PROGRESS, &cells)
        };
        let shown = |rows: &[DataFrame]| {
            let mut marts = one_customer();
            let table = DataFrame::empty_with_schema(&netto_model::frame::schema(&contract::REBATE_PROGRESS));
            let table = rows.iter().fold(table, |table, row| table.vstack(row).unwrap());
            replace(&mut marts, &contract::REBATE_PROGRESS, table);
            rendered(&marts)
        };
        let html = shown(&[
            agreement("B\"1", "", 2025, 50_000_000),
            agreement("far", "", 2025, 50_000_001),
            agreement("before", "", 2024, 10_000),
            agreement("", "S<1", 2025, 32_000_000),
        ]);
        let rows: Vec<&str> = html.split("<tr").filter(|row| row.contains("invoice revenue")).collect();
        assert_eq!(rows.len(), 2, "the nearest first: {rows:?}");
        assert!(
            rows[0].contains("S&lt;1<small>received from the supplier")
                && rows[0].contains("<td>3.200</td><td>1.000</td>")
        );
        assert!(rows[1].contains(r#"data-customer="B&quot;1""#) && rows[1].contains("<td>5.000</td><td>1.000</td>"));
        let none = shown(&[agreement("far", "", 2025, 50_000_001)]);
        assert!(none.contains("No agreement is within 10 % of its next bracket in 2025."));
        assert!(!shown(&[]).contains("id=\"rebates\""));
    }
}
