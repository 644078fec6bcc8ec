//! Rows and amounts that were set apart and are in no figure of the report.

use netto_model::{column as c, contract};
use polars::prelude::PolarsResult;

use super::language::{say, several};
use super::marts::Row;
use super::page::Page;
use super::section::{Cell, Table};

/// Whether the figures contain every row of the ledger.
pub(super) fn ledger_is_whole(page: &Page<'_>) -> PolarsResult<bool> {
    Ok(page.marts.rows(&contract::DATA_SET_APART)?.of(c::SOURCE, contract::COST_POOLS.name).is_empty())
}

/// A sentence for each source with rows set apart.
pub(super) fn sentences(page: &Page<'_>) -> PolarsResult<Vec<String>> {
    let rows = page.marts.rows(&contract::DATA_SET_APART)?;
    let sources: Vec<&str> = contract::SOURCES.iter().map(|source| source.name).collect();
    let format = &page.format;
    let sentence = |source: &&str| {
        let of = rows.of(c::SOURCE, source);
        if of.is_empty() {
            return None;
        }
        let sum = |column: &str| of.iter().map(|row| row.units(column)).sum::<i64>();
        let shares: Vec<f64> = of.iter().filter_map(|row| row.share(c::AMOUNT_SHARE)).collect();
        let unknown = match sum(c::UNKNOWN_AMOUNTS) {
            0 => String::new(),
            unknown => say!(format, ", the amount of {n} can't be read", n = format.grouped(unknown)),
        };
        let worth = if shares.is_empty() {
            String::new()
        } else {
            let (amount, share) = (format.cents(sum(c::AMOUNT)), format.part(shares.iter().sum()));
            say!(format, ", {amount} or {share} of the amount", amount = amount, share = share) + &unknown
        };
        Some(several!(
            format,
            sum(c::ROWS),
            "Set apart and not in these figures: {n} row of {source}{worth}.",
            "Set apart and not in these figures: {n} rows of {source}{worth}.",
            source = format.say(source).replace('_', " "),
            worth = worth
        ))
    };
    Ok(sources.iter().filter_map(sentence).collect())
}

/// Rows by source and reason; none if nothing is set apart.
pub(super) fn table(page: &Page<'_>) -> PolarsResult<Option<Table>> {
    let rows = page.marts.rows(&contract::DATA_SET_APART)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let line = |row: Row<'_>| {
        let amount = row.maybe(c::AMOUNT).map_or_else(Cell::none, |amount| Cell::new(format.cents(amount)));
        vec![
            Cell::new(format.say(row.text(c::SOURCE)).replace('_', " ")),
            Cell::text(format.say(row.text(c::REASON)).replace('_', " ")).class("left reason"),
            Cell::count(format, row.units(c::ROWS)),
            amount,
            row.maybe(c::UNKNOWN_AMOUNTS).map_or_else(Cell::none, |unknown| Cell::count(format, unknown)),
            row.share(c::AMOUNT_SHARE).map_or_else(Cell::none, |share| Cell::new(format.part(share))),
        ]
    };
    let heads = ["Set apart of", "Why", "Rows", "Amount", "Amount unknown", "Part of the amount"];
    let caption = "These rows were set apart by this load or an earlier one. They are in no figure until they are loaded, and are kept in .netto/quarantine.";
    Ok(Some(Table::new(caption, heads, rows.iter().map(line).collect()).class("reasons")))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{Cells, cells, line, m, n, section, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn what_is_set_apart_stands_in_the_headline_and_a_ledger_with_gaps_ties_to_nothing() {
        let rows = |source, amount, unknown| {
            let share = AnyValue::Float64(0.125);
            let amounts = [(c::AMOUNT, amount), (c::UNKNOWN_AMOUNTS, unknown), (c::AMOUNT_SHARE, share)];
            [(c::SOURCE, t(source)), (c::REASON, t("not_a_number")), (c::ROWS, n(2))]
                .into_iter()
                .chain(amounts)
                .collect()
        };
        let html = with(vec![(&contract::DATA_SET_APART, vec![rows("order_lines", m(-1_234), n(1))])]);
        assert!(line(&html, "not in these figures").contains(
            "Set apart and not in these figures: 2 rows of order lines, −1.234,00 or 12,5 % of the amount, the amount of 1 can&#x27;t be read."
        ), "{}", line(&html, "not in these figures"));
        assert!(html.contains("Result, ties to the ledger"));
        assert_eq!(cells(&html, "readiness", "order lines"), "not a number | 2 | −1.234,00 | 1 | 12,5 %");
        let mut little: Cells = rows("order_lines", m(1), n(0));
        little.last_mut().unwrap().1 = AnyValue::Float64(0.000_2);
        let html = with(vec![(&contract::DATA_SET_APART, vec![little])]);
        assert!(line(&html, "not in these figures").contains("1,00 or less than 0,1 % of the amount."));
        let html = with(vec![(&contract::DATA_SET_APART, vec![rows("cost_pools", m(900_000), n(0))])]);
        assert!(
            !html.contains("ties to the ledger")
                && !html.contains("ties to the general ledger")
                && html.contains("Result, without the part of the ledger that is set apart")
        );
        assert!(section(&html, "readiness").contains("900.000,00"));
        assert!(
            section(&html, "pools").contains("the total isn&#x27;t the total of the ledger"),
            "{}",
            section(&html, "pools")
        );
    }
}
