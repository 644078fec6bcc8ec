//! Collects the questions for the owner of the data: columns without a recognisable name, and files that match no source.

use std::collections::BTreeSet;

use netto_model::column as c;
use netto_model::contract::{COST_POOLS, ORDER_LINES, SOURCES};
use netto_model::table::{Column, Table, Type};

use super::column::WORDS;
use super::groups::{Group, is_no_sale};
use super::kinds::Kind;
use super::matches::{NAMED, field_of, is_twice, matches, needed, of_kind};
use super::months;
use super::sample::Sample;
use super::source::{DraftColumn, DraftSource, Sureness};
use super::sources::from_files;
use super::text::quoted;

/// The group that comes nearest to order lines: it has a column of days, two of numbers and enough columns in all, and the most columns with a known
/// name.
pub(super) fn nearest(groups: &[Group]) -> Option<usize> {
    let found = |group: &Group| {
        let matches = matches(&ORDER_LINES, &group.0);
        needed(&ORDER_LINES).filter(|column| field_of(&matches, column.name).is_some()).count()
    };
    let could = |group: &&Group| {
        let sample = &group.0;
        let many = |is: fn(&Kind) -> bool| sample.kinds.iter().filter(|kind| is(kind)).count();
        let (days, numbers) = (many(|kind| matches!(kind, Kind::Day(..))), many(|kind| *kind == Kind::Number));
        // One column fewer is enough, as lines without numbers can be counted.
        numbers > 1 && sample.header.len() + 1 >= needed(&ORDER_LINES).count() && (days > 0 || found(group) >= NEARLY)
    };
    let able = groups.iter().enumerate().filter(|(_, group)| could(group));
    able.map(|(place, group)| (found(group), std::cmp::Reverse(place))).max().map(|(_, place)| place.0)
}

/// Number of needed columns with a known name that is enough if no column has readable days.
const NEARLY: usize = 4;

/// Order lines with columns that the user has to name, and the names of these columns.
pub(super) fn unfinished(group: &Group) -> (DraftSource, Vec<&'static str>) {
    let mut source = from_files(&ORDER_LINES, group);
    let mut lacks = Vec::new();
    for column in needed(&ORDER_LINES) {
        if source.columns.iter().any(|chosen| chosen.column == column.name) {
            continue;
        }
        let kinds = group.0.header.iter().zip(&group.0.kinds);
        let may_be = kinds.zip(&group.0.examples).filter(|((name, kind), _)| {
            let is_alone = group.0.header.iter().filter(|other| other == name).count() == 1;
            let is_placed = is_where_it_belongs(&group.0, column, name);
            source.unused.contains(name)
                && !name.is_empty()
                && is_alone
                && is_placed
                && **kind != Kind::Empty
                && of_kind(column, kind, NAMED)
        });
        let names: Vec<(&str, &str)> =
            may_be.map(|((name, _), example)| (name.as_str(), example.as_str())).take(WORDS).collect();
        let with_examples = |names: &[(&str, &str)]| {
            let of = |(name, example): &(&str, &str)| match example.chars().take(EXAMPLE).collect::<String>() {
                none if none.is_empty() => (*name).to_owned(),
                example => format!("{name} ({example})"),
            };
            names.iter().map(of).collect::<Vec<_>>().join(", ")
        };
        let (value, sureness, remark) = match names.as_slice() {
            [] => ("…", Sureness::Unknown, no_such_kind(column, &group.0)),
            [(only, _)] if column.ty == Type::Date => (*only, Sureness::Look, "the only column with dates".to_owned()),
            several => ("…", Sureness::Unknown, format!("which column is it? {}", with_examples(several))),
        };
        let remark =
            if sureness == Sureness::Unknown { format!("{remark}{}", doubled_names(&group.0)) } else { remark };
        let value = quoted(value);
        lacks.extend((sureness == Sureness::Unknown).then_some(column.name));
        source.columns.push(DraftColumn { column: column.name, value, sureness, remark });
    }
    let days =
        group.0.kinds.iter().filter_map(|kind| if let Kind::Day(format, _) = kind { Some(*format) } else { None });
    source.dates = days.collect::<BTreeSet<_>>().into_iter().collect();
    source.unused.clear();
    let place = |name: &str| ORDER_LINES.columns.iter().position(|column| column.name == name);
    source.columns.sort_by_key(|column| place(column.column));
    (source, lacks)
}

/// Characters of an example in a question.
const EXAMPLE: usize = 16;

/// With heads and lines in one file, the heads have the customer and the day, the lines the product and the amounts.
fn is_where_it_belongs(sample: &Sample, column: &Column, name: &String) -> bool {
    let Some(records) = &sample.records else { return true };
    let of_line = records.lines.iter().filter_map(|line| records.fields.get(line)).any(|names| names.contains(name));
    of_line != [c::ORDER_ID, c::ORDER_DATE, c::CUSTOMER_ID].contains(&column.name)
}

/// The remark on columns that can't be used because several have the same name.
fn doubled_names(sample: &Sample) -> String {
    let doubled = sample.fields().filter(|field| !sample.header[*field].is_empty() && is_twice(sample, *field));
    let doubled: BTreeSet<&str> = doubled.map(|field| sample.header[field].as_str()).collect();
    match doubled.into_iter().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        names => {
            format!("; several columns are called {}: give each its own name in the export", names.join(", "))
        }
    }
}

/// The remark on a column that has the right name but values of the wrong kind, or that doesn't exist.
fn no_such_kind(column: &Column, sample: &Sample) -> String {
    let called = |field: &usize| sample.fit(ORDER_LINES.name, column.name, *field) >= NAMED;
    let found = sample.fields().find(|field| called(field) && sample.kinds[*field] == Kind::Text);
    let what = if column.ty == Type::Date { "a day" } else { "a number" };
    let months = sample.fields().find(|field| sample.fit(COST_POOLS.name, c::PERIOD, *field) == 100);
    let none = match months {
        Some(field) if column.ty == Type::Date => {
            format!(
                "{} is not a date, such as {}: export the lines with the date of the order or invoice",
                sample.header[field], sample.examples[field]
            )
        }
        _ if column.ty == Type::Date => {
            "no column has dates: export the lines with the date of the order or invoice".to_owned()
        }
        _ => "no column of the file has this kind of values".to_owned(),
    };
    found.map_or(none, |field| {
        let (name, example) = (&sample.header[field], &sample.examples[field]);
        format!("{name} contains texts such as {example}, but {what} is required: export only {what}")
    })
}

/// The reasons why files match no source: the columns that they lack for the nearest one.
pub(super) fn left_over((sample, files): &Group) -> Vec<(String, String)> {
    let lacking = |source: &'static Table| {
        let matches = matches(source, sample);
        let lacks: Vec<&str> = needed(source)
            .filter(|column| column.name != c::LINE_NO)
            .filter(|column| field_of(&matches, column.name).is_none())
            .map(|column| column.name)
            .collect();
        (matches.len(), source.name, lacks)
    };
    let nearest = SOURCES
        .iter()
        .map(|source| lacking(source))
        .max_by_key(|(found, _, lacks)| (*found, std::cmp::Reverse(lacks.len())));
    let reason = match nearest {
        _ if !months::fields(sample).is_empty() => months::hint(sample),
        Some((found, source, lacks)) if found > 1 && !lacks.is_empty() => {
            format!("looks like {source}, but has no column for {}", lacks.join(", "))
        }
        Some((found, source, _)) if found > 1 && source == ORDER_LINES.name && is_no_sale(&sample.path) => {
            "its name says that these are no sales, or none yet; if they are, list the file in `files` of order_lines"
                .to_owned()
        }
        Some((found, source, _)) if found > 1 => {
            format!("looks like {source}, as does another file: if both have rows of it, list both in `files`")
        }
        _ => "its columns don't match any source".to_owned(),
    };
    let sheet = sample.excel.as_ref().map_or_else(String::new, |excel| format!(" [{}]", excel.sheets.join(", ")));
    files.iter().map(|file| (format!("{file}{sheet}"), reason.clone())).collect()
}
