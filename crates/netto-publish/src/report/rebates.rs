//! Near misses: agreements within a tenth of the next bracket, in the calendar year in which the window ends.
//!
//! ```text
//! basis so far   next bracket   needed   rebate would grow by
//! 46,800         50,000         3,200    1,000
//! ```

use netto_model::period::civil_from_days;
use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, sum};
use super::page::Page;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// The basis may lack this part, 1/N, of the next threshold.
const NEAR: i64 = 10;

/// The agreements that nearly reach their next bracket, the nearest first; left out if there are no agreements.
pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let (first, last) = page.marts.window()?;
    let year = if first > last { 0 } else { civil_from_days(last).0 };
    let rows = page.marts.rows(&contract::REBATE_PROGRESS)?;
    let of_year: Vec<Row<'_>> = rows.iter().filter(|row| row.units(c::YEAR) == i64::from(year)).collect();
    if of_year.is_empty() {
        return Ok(None);
    }
    let nearly = |row: &Row<'_>| {
        let needed = row.units(c::NEEDED_AMOUNT);
        needed > 0 && needed.saturating_mul(NEAR) <= row.units(c::NEXT_THRESHOLD)
    };
    // There is a next bracket, and nobody knows what it needs.
    let is_unknown = |row: &Row<'_>| row.maybe(c::NEXT_THRESHOLD).is_some() && row.maybe(c::NEEDED_AMOUNT).is_none();
    let in_part = of_year.iter().any(is_unknown);
    let mut near: Vec<Row<'_>> = of_year.into_iter().filter(nearly).collect();
    near.sort_by_key(|row| {
        (row.units(c::NEEDED_AMOUNT), row.text(c::CUSTOMER_ID), row.text(c::SUPPLIER_ID), row.text(c::BASIS))
    });
    let finding = if near.is_empty() && in_part {
        say!(
            page.format,
            "How far agreements are from their next bracket in {year} isn't known: the data begin within that year",
            year = year
        )
    } else if near.is_empty() {
        say!(page.format, "No agreement is within 10 % of its next bracket in {year}", year = year)
    } else {
        let given = |row: &Row<'_>| !row.text(c::CUSTOMER_ID).is_empty();
        let extra =
            |given_ones: bool| sum(near.iter().copied().filter(|row| given(row) == given_ones), c::EXTRA_AMOUNT);
        several!(
            page.format,
            i64::try_from(near.len()).unwrap_or(i64::MAX),
            "{n} agreement nearly reaches its next bracket: {pay} more to pay, {receive} more to receive",
            "{n} agreements nearly reach their next bracket: {pay} more to pay, {receive} more to receive",
            pay = page.format.sum(extra(true)),
            receive = page.format.sum(extra(false))
        )
    };
    let reading = say!(
        page.format,
        "Within 10 % of the next bracket in {year}: the amount still needed, and the increase of the rebate.",
        year = year
    );
    Ok(Some(Section {
        id: "rebates",
        name: "Rebates".into(),
        finding,
        reading: if near.is_empty() { String::new() } else { reading }.into(),
        parts: if near.is_empty() { Vec::new() } else { vec![Part::table(table(page, &near))] },
    }))
}

fn table(page: &Page<'_>, near: &[Row<'_>]) -> Table {
    let format = &page.format;
    let line = |row: &Row<'_>| {
        let money = |name: &str| Cell::new(format.whole(row.units(name)));
        let rate = |name: &str| Cell::share(format, row.share(name));
        let customer = row.text(c::CUSTOMER_ID);
        let partner = if customer.is_empty() {
            Cell::new(row.text(c::SUPPLIER_ID)).small(say!(format, "received from the supplier"))
        } else {
            page.customer(customer).small(say!(format, "given to {customer}", customer = customer))
        };
        vec![
            partner,
            money(c::NEEDED_AMOUNT),
            money(c::EXTRA_AMOUNT),
            money(c::BASIS_AMOUNT),
            rate(c::RATE),
            money(c::NEXT_THRESHOLD),
            rate(c::NEXT_RATE),
            Cell::text(format.say(row.text(c::BASIS)).replace('_', " ")),
        ]
    };
    let heads = ["Agreement with", "Needed", "Extra", "So far", "Rate", "Next bracket", "Rate", "Basis"];
    Table::new("", heads, near.iter().map(line).collect()).class("rebates")
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
        assert!(none.contains("No agreement is within 10\u{a0}% of its next bracket in 2025<"));
        assert!(!shown(&[]).contains("id=\"rebates\""));
        // Of a year that the data begin in nobody knows what it needs.
        let mut unknown = agreement("C", "", 2025, 50_000_000);
        for name in [c::NEEDED_AMOUNT, c::EXTRA_AMOUNT] {
            unknown.with_column(Column::new(name.into(), [None::<i64>])).unwrap();
        }
        let unknown = shown(&[unknown]);
        assert!(unknown.contains("from their next bracket in 2025 isn&#x27;t known: the data begin within that year<"));
        assert!(!unknown.contains("No agreement is within"));
    }
}
