//! Matches the columns of a file to those of the contract, by name, kind and values, and finds the source that suits a file best.

use std::path::Path;

use netto_model::column as c;
use netto_model::contract::{ACTIVITIES, CUSTOMERS, EMPLOYEES, ORDER_LINES, PRODUCTS, PROSPECTS, SOURCES};
use netto_model::table::{Column, Role, Table, Type};

use super::column::{WORDS, with_words_of_its_own};
use super::groups::{Group, is_no_sale};
use super::keys::DECIDED;
use super::kinds::{CENT, Kind, ONE};
use super::made::amount_is_made;
use super::sample::{Sample, value};
use super::terms::{
    fit, has_tax, is_delivered, is_gross, is_of_line, is_other_line, is_percentage, kind_of_activity, plain,
};

/// A column of the contract and the place of its field.
pub(super) type Match = (&'static Column, usize, u32);

/// The minimum score of a name that contains a term.
pub(super) const NAMED: u32 = 60;

/// The score of a column that numbers the lines, although it has a name for products.
const NUMBERS_LINES: u32 = 99;

/// Columns that are rarely the same in all rows.
pub(super) const IDS: [&str; 3] = [c::ORDER_ID, c::CUSTOMER_ID, c::PRODUCT_ID];

/// Amounts of a line.
const AMOUNTS: [&str; 4] = [c::LIST_AMOUNT, c::DISCOUNT_AMOUNT, c::NET_AMOUNT, c::COGS_AMOUNT];

pub(super) fn needed(source: &'static Table) -> impl Iterator<Item = &'static Column> {
    source.columns.iter().filter(|column| column.role != Role::Optional && column.default.is_none())
}

/// The group that suits a source best; among equals the first.
pub(super) fn best(source: &'static Table, groups: &[Group], fits: impl Fn(usize) -> bool) -> Option<usize> {
    // Among similar lists, the file name decides.
    let is_another = |group: usize| {
        let named = |list: &Table| fit("file", list.name, groups[group].1.first().map_or("", |file| stem(file)));
        let other = |list: &&'static Table| {
            is_list(list) && named(list) > named(source) && suits(list, &groups[group]).is_some()
        };
        is_list(source) && SOURCES.iter().any(other)
    };
    let suiting = (0..groups.len()).filter(|group| fits(*group) && !is_another(*group));
    // Of months that are written in several ways, most.
    let scored = suiting.filter_map(|group| {
        let rows = groups[group].0.rows.len();
        Some((suits(source, &groups[group])?, rows, std::cmp::Reverse(group)))
    });
    scored.max().map(|(.., group)| group.0)
}

/// The score of a group of files for a source; `None` if a needed column is missing and can't be derived.
pub(super) fn suits(source: &'static Table, (sample, files): &Group) -> Option<u32> {
    let matches = matches(source, sample);
    let found = |column: &Column| field_of(&matches, column.name).is_some();
    let made = |column: &Column| {
        source.name == ORDER_LINES.name
            && (column.name == c::LINE_NO || column.name == c::NET_AMOUNT && amount_is_made(sample, &matches))
            || source.name == ACTIVITIES.name
                && column.name == c::KIND
                && files.first().is_some_and(|file| kind_of_activity(stem(file)).is_some())
    };
    if !needed(source).all(|column| found(column) || made(column)) {
        return None;
    }
    let named = fit("file", source.name, files.first().map_or("", |file| stem(file)));
    // A list of customers starts with the customer, or the file's name says so.
    let first =
        matches.iter().any(|(column, field, fits)| column.role == Role::Key && (*field == 0 || *fits == DECIDED));
    if is_list(source) && named == 0 && !(first && matches.len() > 1) {
        return None;
    }
    // Many lists have a status: a prospect's stage needs specific words or a matching file name.
    let of_another =
        |(column, field, _): &Match| column.name == c::STAGE && with_words_of_its_own(sample, column, *field).is_some();
    if source.name == PROSPECTS.name && named == 0 && matches.iter().any(of_another) {
        return None;
    }
    let columns: u32 = matches.iter().map(|(.., fit)| fit).sum();
    let no_sales = source.name == ORDER_LINES.name && files.first().is_some_and(|file| is_no_sale(file));
    Some(if no_sales { 1 } else { columns + 3 * named })
}

fn is_list(source: &Table) -> bool {
    [CUSTOMERS.name, PRODUCTS.name, EMPLOYEES.name, PROSPECTS.name].contains(&source.name)
}

pub(super) fn stem(file: &str) -> &str {
    Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

/// The columns of a source that the file has, with each field used once, best scores first.
pub(super) fn matches(source: &'static Table, sample: &Sample) -> Vec<Match> {
    let mut candidates: Vec<Match> = Vec::new();
    let of_lines = source.name == ORDER_LINES.name;
    let is_needed = |column: &Column| needed(source).any(|needed| needed.name == column.name);
    for column in source.columns {
        for field in sample.fields() {
            let by_values = sample.keys[field].filter(|(key, _)| *key == column.name).map_or(0, |(_, fits)| fits);
            let mut fits = sample.fit(source.name, column.name, field).max(by_values);
            if of_lines && sample.orders.numbered == Some(field) && column.name == c::ORDER_ID {
                fits = NAMED;
            }
            if of_lines && sample.orders.before_discount.contains(&field) && column.name == c::LIST_AMOUNT {
                fits = fits.max(NUMBERS_LINES);
            }
            if of_lines && is_number_of_product(sample, field) {
                fits = if column.name == c::PRODUCT_ID { NUMBERS_LINES } else { 0 };
            }
            if of_lines && sample.orders.line_no == Some(field) {
                fits = if column.name == c::LINE_NO { NUMBERS_LINES } else { 0 };
            }
            let other = || {
                is_price(source, column, sample, field, fits)
                    || is_no_amount(column, sample, field)
                    || is_needed(column) && sample.kinds[field] == Kind::Empty
                    || column.ty == Type::Integer && has_fractions(sample, field)
                    || is_twice(sample, field)
                    || has_words_of_another(column, sample, field)
                    || column.name == c::BOOKING_ID && sample.values[field].len() < sample.rows.len()
                    || of_lines && column.name == c::NET_AMOUNT && !is_net(sample, field, fits)
                    || of_lines && AMOUNTS.contains(&column.name) && sample.orders.is_of_order(field)
            };
            if fits > 0 && of_kind(column, &sample.kinds[field], fits) && !other() {
                candidates.push((column, field, fits));
            }
        }
    }
    // Stable sort: among equals, the field that varies, what was delivered before what was ordered, then the earlier column of the contract, then the
    // earlier field.
    let varies = |column: &Column, field: usize| IDS.contains(&column.name) && sample.values[field].len() > 1;
    let delivered = |column: &Column, field: usize| is_amount(column) && is_delivered(&sample.header[field]);
    candidates.sort_by_key(|(column, field, fit)| {
        std::cmp::Reverse((*fit, varies(column, *field), delivered(column, *field)))
    });
    let mut matches: Vec<Match> = Vec::new();
    for candidate in candidates {
        let taken = |(column, field, _): &Match| column.name == candidate.0.name || *field == candidate.1;
        if !matches.iter().any(taken) {
            matches.push(candidate);
        }
    }
    let place = |column: &Column| source.columns.iter().position(|known| known.name == column.name);
    matches.sort_by_key(|(column, ..)| place(column));
    matches
}

/// The field that was found for a column.
pub(super) fn field_of(matches: &[Match], name: &str) -> Option<usize> {
    matches.iter().find(|(column, ..)| column.name == name).map(|(_, field, _)| *field)
}

/// Whether another column has the same name, which is ambiguous.
pub(super) fn is_twice(sample: &Sample, field: usize) -> bool {
    sample.header.iter().filter(|name| **name == sample.header[field]).count() > 1
}

/// Whether a column of few allowed words has too many values; documents may have many kinds, but lines of accounts and work are no kind of document.
fn has_words_of_another(column: &Column, sample: &Sample, field: usize) -> bool {
    if column.name == c::ORDER_KIND {
        return sample.values[field].iter().any(|word| is_other_line(word));
    }
    !column.values.is_empty() && sample.values[field].len() > WORDS
}

/// Whether a column with the name of any list's number is that of the products: the document and the line have numbers of their own, as in Navision and
/// Business Central (`Document No.`, `Line No.`, `No.`).
fn is_number_of_product(sample: &Sample, field: usize) -> bool {
    let is_called = |names: &[&str], field: usize| names.contains(&plain(&sample.header[field]).as_str());
    let other = |column: &str| {
        sample.fields().any(|other| other != field && sample.fit(ORDER_LINES.name, column, other) >= NAMED)
    };
    let has_product =
        || sample.fields().any(|other| other != field && sample.fit(ORDER_LINES.name, c::PRODUCT_ID, other) == 100);
    is_called(&["no", "nr"], field) && other(c::ORDER_ID) && other(c::LINE_NO) && !has_product()
}

/// Whether numbers have decimals other than zeros.
fn has_fractions(sample: &Sample, field: usize) -> bool {
    let dialect = sample.dialect();
    sample.values[field].iter().filter_map(|text| dialect.number(text)).any(|number| number % ONE != 0)
}

pub(super) fn of_kind(column: &Column, kind: &Kind, fits: u32) -> bool {
    match column.ty {
        // A month has many notations: 202503, 2025-03.
        Type::Date if column.name == c::PERIOD => matches!(kind, Kind::Day(..) | Kind::Empty) || fits == 100,
        Type::Date => matches!(kind, Kind::Day(..) | Kind::Empty),
        Type::Decimal | Type::Integer | Type::Ratio => matches!(kind, Kind::Number | Kind::Empty),
        Type::Text if column.name == c::CURRENCY => matches!(kind, Kind::Text | Kind::Empty),
        Type::Text | Type::Bool => !matches!(kind, Kind::Day(..)),
    }
}

pub(super) fn is_amount(column: &Column) -> bool {
    column.ty == Type::Decimal
}

/// Whether an amount can be net: not before discount, and not named gross or discount.
fn is_net(sample: &Sample, field: usize, fits: u32) -> bool {
    let name = &sample.header[field];
    !sample.orders.before_discount.contains(&field)
        && !is_gross(name)
        && sample.fit(ORDER_LINES.name, c::DISCOUNT_AMOUNT, field) <= fits
}

/// Whether a column is a price per piece, which is not a line amount.
fn is_price(source: &Table, column: &Column, sample: &Sample, field: usize, fits: u32) -> bool {
    source.name == ORDER_LINES.name
        && column.ty == Type::Decimal
        && !is_of_line(&sample.header[field])
        && ["unit_price", "unit_cost"].iter().any(|price| sample.fit("price", price, field) >= fits)
}

/// Whether a column is a percentage, a tax or an amount with tax, which is not revenue.
fn is_no_amount(column: &Column, sample: &Sample, field: usize) -> bool {
    let name = &sample.header[field];
    let is_discount = column.name == c::DISCOUNT_AMOUNT;
    let of_hundred = sample.orders.of_hundred.contains(&field) || sample.shares[field];
    let is_rate = is_discount && of_hundred || is_percentage(name);
    let taxed = || has_tax(name) || column.name == c::LIST_AMOUNT && is_net_and_tax(sample, field);
    matches!(column.ty, Type::Decimal | Type::Integer) && (is_rate || taxed())
}

/// Whether an amount equals another one plus the tax beside it: programs use gross for an amount with tax or for one before
/// discount.
fn is_net_and_tax(sample: &Sample, field: usize) -> bool {
    let dialect = sample.dialect();
    let is_tax = |other: usize| has_tax(&sample.header[other]);
    let (taxes, others): (Vec<usize>, Vec<usize>) =
        sample.numbers().filter(|other| *other != field).partition(|other| is_tax(*other));
    let nets = others.into_iter().filter(|other| sample.fit(ORDER_LINES.name, c::NET_AMOUNT, *other) > 0);
    let number = |row: &[String], field: usize| dialect.number(value(row, field));
    let is_sum = |net: usize, tax: usize| {
        let adds_up = |row: &Vec<String>| {
            let (gross, net, tax) = (number(row, field)?, number(row, net)?, number(row, tax)?);
            // The tax is an amount or a percentage; cents are rounded.
            let fits = |tax: i64| (gross - net - tax).abs() <= CENT;
            (tax != 0)
                .then(|| fits(tax) || fits(i64::try_from(i128::from(net) * i128::from(tax) / HUNDRED).unwrap_or(0)))
        };
        let seen: Vec<bool> = sample.rows.iter().take(LOOKED_AT).filter_map(adds_up).collect();
        !seen.is_empty() && seen.iter().all(|fits| *fits)
    };
    nets.into_iter().any(|net| taxes.iter().any(|tax| is_sum(net, *tax)))
}

/// A hundred, in ten-thousandths.
const HUNDRED: i128 = 1_000_000;

/// Number of rows for comparing a gross amount with the net one and its tax.
const LOOKED_AT: usize = 200;
