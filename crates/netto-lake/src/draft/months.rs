//! Handles costs with one column per month, as in budgets: a query turns each column into rows.
//!
//! ```text
//! Cost centre;Jan 2025;Feb 2025        pool       period   amount
//! Warehouse;1.200,00;1.180,00     →    Warehouse  2025-01  1.200,00
//!                                      Warehouse  2025-02  1.180,00
//! ```

use std::collections::BTreeSet;

use netto_model::column as c;
use netto_model::contract::COST_POOLS;

use super::kinds::Kind;
use super::matches::{NAMED, stem};
use super::sample::{Sample, is_filled};
use super::source::DraftSource;
use super::terms::{fit, plain};
use crate::{month_names, odd_ids, plausible, serial};

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

/// Whether a name is that of a total row, such as `Total costs` and `Gesamtkosten`.
fn is_total(name: &str) -> bool {
    let begins =
        |word: &str| ["gesamt", "zwischensumm", "subtot", "tussentot"].iter().any(|begin| word.starts_with(begin));
    let mut words = name.split(|sign: char| !sign.is_alphanumeric()).map(plain);
    words.any(|word| odd_ids::is_word_for_total(&word) || word == "sum" || begins(&word))
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
    let guessed = months.iter().any(|(_, year, _)| year.is_none());
    let parts = if guessed { Part::by_year(sample, files) } else { vec![Part::whole(sample, files)] };
    let named = parts.iter().all(|part| part.year.is_some());
    let condition = not_totals(sample, pool, &months);
    let others: String = [c::GL_ACCOUNT, c::WAREHOUSE]
        .into_iter()
        .filter_map(|name| {
            let is_it = |field: &usize| *field != pool && sample.fit(COST_POOLS.name, name, *field) >= NAMED;
            let field =
                sample.fields().find(|field| is_it(field) && months.iter().all(|(month, ..)| month != field))?;
            Some(format!("{} as {name}, ", sample.in_sql(field)))
        })
        .collect();
    let select = |part: &Part, (field, own, month): &(usize, Option<u32>, u32)| {
        let year = own.or(part.year).or(last_year).map_or_else(|| "YEAR".to_owned(), |year| year.to_string());
        let (pool, amount, table) = (sample.in_sql(pool), sample.in_sql(*field), &part.table);
        format!(
            "select {pool} as pool, '{year}-{month:02}' as period, {others}{amount} as amount from {table}{condition}"
        )
    };
    let remark = if guessed && !named { "-- have a look: the file has no year\n" } else { "" };
    let sql: Vec<String> = parts.iter().flat_map(|part| months.iter().map(|month| select(part, month))).collect();
    let of_sheets = parts.iter().filter(|part| !part.sheets.is_empty() && parts.len() > 1);
    (!sql.is_empty()).then(|| DraftSource {
        source: COST_POOLS.name,
        files: files.to_vec(),
        sql: Some(format!("{remark}{}", sql.join("\nunion all\n"))),
        tables: parts.iter().map(|part| (part.table.clone(), part.files.clone())).collect(),
        sheets: of_sheets.map(|part| (part.table.clone(), part.sheets.clone())).collect(),
        csv: sample.csv.clone(),
        excel: sample.excel.clone(),
        texts: sample.texts.clone(),
        ..DraftSource::default()
    })
}

/// Files or sheets of one year.
struct Part {
    /// Its name in the query.
    table: String,
    files: Vec<String>,
    sheets: Vec<String>,
    /// The year in the name of the file or the sheet.
    year: Option<u32>,
}

impl Part {
    fn whole(sample: &Sample, files: &[String]) -> Self {
        let sheets = sample.excel.as_ref().map(|excel| excel.sheets.clone()).unwrap_or_default();
        let year = [sheets.first(), files.first()].into_iter().flatten().find_map(|name| serial::year_in_name(name));
        Self { table: "costs".to_owned(), files: files.to_vec(), sheets, year }
    }

    /// A part for each year that files or sheets name; one part if not all name another.
    fn by_year(sample: &Sample, files: &[String]) -> Vec<Self> {
        let whole = Self::whole(sample, files);
        let is_sheets = whole.sheets.len() > 1;
        let names = if is_sheets { &whole.sheets } else { &whole.files };
        let years: Vec<u32> = names.iter().filter_map(|name| serial::year_in_name(name)).collect();
        if names.len() < 2 || years.len() < names.len() || years.iter().collect::<BTreeSet<_>>().len() < years.len() {
            return vec![whole];
        }
        let part = |(name, year): (&String, u32)| {
            let (files, sheets) = if is_sheets {
                (whole.files.clone(), vec![name.clone()])
            } else {
                (vec![name.clone()], whole.sheets.clone())
            };
            Self { table: format!("costs_{year}"), files, sheets, year: Some(year) }
        };
        names.iter().zip(years).map(part).collect()
    }
}

/// The condition that leaves out rows of totals, whose word may be in any column of texts, and rows without a pool.
fn not_totals(sample: &Sample, pool: usize, months: &[(usize, Option<u32>, u32)]) -> String {
    let is_label = |field: &usize| {
        sample.kinds[*field] == Kind::Text && months.iter().all(|(month, ..)| month != field) || *field == pool
    };
    let mut conditions: Vec<String> = Vec::new();
    for field in sample.fields().filter(is_label) {
        let totals = sample.values[field].iter().filter(|name| is_total(name));
        let totals: Vec<String> = totals.map(|name| format!("'{}'", name.replace('\'', "''"))).collect();
        if !totals.is_empty() {
            conditions.push(format!("{} not in ({})", sample.in_sql(field), totals.join(", ")));
        }
    }
    if sample.rows.iter().any(|row| !is_filled(row, pool)) {
        conditions.push(format!("{} <> ''", sample.in_sql(pool)));
    }
    if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(" and ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_totals_are_told_by_words_and_parts_of_words() {
        for name in ["Total", "Totaal kosten", "Gesamtkosten", "Zwischensumme Logistik", "Sum of costs", "Belegsumme"] {
            assert!(is_total(name), "{name}");
        }
        for name in ["Warehouse", "Sales", "Lager", "Totaliser", "Summit office"] {
            assert!(!is_total(name), "{name}");
        }
    }

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
