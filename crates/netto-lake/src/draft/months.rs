//! Handles costs with one column per month, as in budgets: a query turns each column into rows.
//!
//! ```text
//! Cost centre;Jan 2025;Feb 2025        pool       period   amount
//! Warehouse;1.200,00;1.180,00     →    Warehouse  2025-01  1.200,00
//!                                      Warehouse  2025-02  1.180,00
//! ```

use netto_model::column as c;
use netto_model::contract::COST_POOLS;

use super::kinds::Kind;
use super::matches::stem;
use super::sample::Sample;
use super::source::DraftSource;
use super::terms::{fit, plain};
use crate::month_names;
use crate::{plausible, serial};

/// Minimum number of month columns that is no coincidence.
const FEW: usize = 3;

/// The month in a column name, with its year if it has one.
fn month_of(name: &str) -> Option<(Option<u32>, u32)> {
    let name = plain(name);
    let digits = name.find(|sign: char| sign.is_ascii_digit()).unwrap_or(name.len());
    let (word, number) = name.split_at(digits);
    if word.is_empty() {
        let month = |text: &str| text.parse().ok().filter(|month| (1..=12).contains(month));
        let year = |text: &str| text.parse().ok().filter(|year: &u32| plausible::is_year(*year));
        return match number.len() {
            1 | 2 => Some((None, month(number)?)),
            6 => year(number.get(..4)?)
                .zip(month(number.get(4..)?))
                .or_else(|| year(number.get(2..)?).zip(month(number.get(..2)?)))
                .map(|(year, month)| (Some(year), month)),
            // A spreadsheet stores a month as its first day.
            8 if number.ends_with("01") => {
                year(number.get(..4)?).zip(month(number.get(4..6)?)).map(|(year, month)| (Some(year), month))
            }
            _ => None,
        };
    }
    let year = match number.len() {
        0 => None,
        2 => number.parse::<u32>().ok().map(|year| 2000 + year),
        4 => number.parse().ok(),
        _ => return None,
    };
    Some((year, month_names::number(word)?))
}

/// The month columns, each with its month; empty if there are too few.
pub(super) fn fields(sample: &Sample) -> Vec<(usize, Option<u32>, u32)> {
    let of = |field: usize| {
        let is_amount = matches!(sample.kinds[field], Kind::Number | Kind::Empty);
        month_of(&sample.header[field]).filter(|_| is_amount).map(|(year, month)| (field, year, month))
    };
    let found: Vec<_> = sample.fields().filter_map(of).collect();
    let mut months: Vec<_> = found.iter().map(|(_, year, month)| (year, month)).collect();
    months.sort_unstable();
    months.dedup();
    if found.len() >= FEW && months.len() == found.len() { found } else { Vec::new() }
}

/// The advice for a file with a column per month.
pub(super) fn hint(sample: &Sample) -> String {
    let months = fields(sample);
    let names: Vec<&str> = [months.first(), months.last()]
        .into_iter()
        .flatten()
        .map(|(field, ..)| sample.header[*field].as_str())
        .collect();
    format!(
        "it has a column for each month ({}), so its rows are totals; export the lines of orders or invoices",
        names.join(" to ")
    )
}

/// Whether a name is that of a total row.
fn is_total(name: &str) -> bool {
    const WORDS: [&str; 16] = [
        "total",
        "totals",
        "totaal",
        "totalen",
        "subtotal",
        "subtotaal",
        "eindtotaal",
        "summe",
        "gesamt",
        "gesamtsumme",
        "totale",
        "totaux",
        "suma",
        "razem",
        "summa",
        "sum",
    ];
    name.split(|sign: char| !sign.is_alphanumeric()).map(plain).any(|word| WORDS.contains(&word.as_str()))
}

/// Cost pools from a file with a column per month; `last_year` is the year of the order lines, used if the file has none.
pub(super) fn cost_pools(sample: &Sample, files: &[String], last_year: Option<u32>) -> Option<DraftSource> {
    let months = fields(sample);
    let is_text =
        |field: &usize| sample.kinds[*field] == Kind::Text || sample.fit(COST_POOLS.name, c::POOL, *field) > 0;
    let others = sample.fields().filter(|field| months.iter().all(|(month, ..)| month != field));
    let pool = others
        .filter(is_text)
        .max_by_key(|field| (sample.fit(COST_POOLS.name, c::POOL, *field), std::cmp::Reverse(*field)))?;
    let file = files.first()?;
    let sheet = sample.excel.as_ref().and_then(|excel| excel.sheets.first()).map_or("", String::as_str);
    let named = |name: &str| ["cost_pools", "budgets"].iter().any(|source| fit("file", source, name) > 0);
    // Revenue of customers may have a column for each month too.
    if !(sample.fit(COST_POOLS.name, c::POOL, pool) > 0 || named(stem(file)) || named(sheet)) {
        return None;
    }
    if sample.csv.is_none() && sample.excel.is_none() {
        return None;
    }
    let named_year = || serial::year_in_name(sheet).or_else(|| serial::year_in_name(file));
    let guessed = months.iter().any(|(_, year, _)| year.is_none());
    let year = named_year().or(last_year);
    let column = |field: usize| sample.in_sql(field);
    let totals: Vec<String> = sample.values[pool]
        .iter()
        .filter(|name| is_total(name))
        .map(|name| format!("'{}'", name.replace('\'', "''")))
        .collect();
    let without_totals = if totals.is_empty() {
        String::new()
    } else {
        format!(" where {} not in ({})", column(pool), totals.join(", "))
    };
    let select = |(field, own, month): &(usize, Option<u32>, u32)| {
        let year = own.or(year).map_or_else(|| "YEAR".to_owned(), |year| year.to_string());
        format!(
            "select {} as pool, '{year}-{month:02}' as period, {} as amount from costs{without_totals}",
            column(pool),
            column(*field)
        )
    };
    let remark = if guessed && named_year().is_none() { "-- have a look: the file has no year\n" } else { "" };
    let sql: Vec<String> = months.iter().map(select).collect();
    (!sql.is_empty()).then(|| DraftSource {
        source: COST_POOLS.name,
        files: files.to_vec(),
        sql: Some(format!("{remark}{}", sql.join("\nunion all\n"))),
        tables: vec![("costs".to_owned(), files.to_vec())],
        csv: sample.csv.clone(),
        excel: sample.excel.clone(),
        texts: sample.texts.clone(),
        ..DraftSource::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_months_are_known_in_several_languages_with_and_without_a_year() {
        for (name, month) in [
            ("Jan", (None, 1)),
            ("Février", (None, 2)),
            ("Mrt-25", (Some(2025), 3)),
            ("März 2024", (Some(2024), 3)),
            ("2025-04", (Some(2025), 4)),
            ("05/2025", (Some(2025), 5)),
            ("12", (None, 12)),
            ("2025-06-01", (Some(2025), 6)),
            ("Grudzień", (None, 12)),
        ] {
            assert_eq!(month_of(name), Some(month), "{name}");
        }
        for name in ["Total", "13", "2025", "100", ""] {
            assert_eq!(month_of(name), None, "{name}");
        }
        // A word that begins like a month counts as one, so `fields` requires several of them, with amounts.
        assert_eq!(month_of("Mark"), Some((None, 3)));
    }
}
