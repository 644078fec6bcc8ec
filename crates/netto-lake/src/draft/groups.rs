//! Groups files of the same form: with the same header, or with the same needed columns and a file name that differs only in its
//! month. A property that is ambiguous in one file may be clear in another.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::column as c;
use netto_model::contract::{ORDER_LINES, SOURCES};
use netto_model::table::Table;

use super::keys;
use super::kinds::{Dialect, Kind, swapped};
use super::matches::{NAMED, matches, needed, stem, suits};
use super::sample::{Sample, Written};
use super::terms::fit;
use crate::month_names;

/// The merged sample of files of one form, and the files.
pub(super) type Group = (Sample, Vec<String>);

/// Groups files with the same columns and format.
pub(super) fn grouped(samples: Vec<Sample>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for sample in samples {
        let same = |group: &Group| {
            let written =
                |sample: &Sample| sample.csv.as_ref().map(|csv| (csv.delimiter, csv.skip_lines, csv.header_rows));
            let placed = |sample: &Sample| sample.excel.as_ref().map(|excel| (excel.header_row, excel.header_rows));
            group.0.header == sample.header
                && written(&group.0) == written(&sample)
                && placed(&group.0) == placed(&sample)
                && group.0.records == sample.records
                && !(sample.excel.is_some() && have_the_same_orders(&group.0, &sample))
                && may_be_one(&group.0, &sample)
        };
        if let Some((first, files)) = groups.iter_mut().find(|group| same(group)) {
            let is_new = !files.contains(&sample.path);
            if let (Some(excel), Some(other)) = (&mut first.excel, &sample.excel) {
                excel.seen.0 += 1;
                excel.seen.1 += if is_new { other.seen.1 } else { 0 };
                let new: Vec<String> =
                    other.sheets.iter().filter(|name| !excel.sheets.contains(name)).cloned().collect();
                excel.sheets.extend(new);
            }
            files.extend(is_new.then(|| sample.path.clone()));
            merge(first, sample);
        } else {
            let files = vec![sample.path.clone()];
            groups.push((sample, files));
        }
    }
    groups
}

/// Whether the file name indicates credit notes, which may have positive amounts but are not sales.
pub(super) fn has_credits(file: &str) -> bool {
    fit("file", "credits", stem(file)) > 0
}

/// Whether two files may be of one source by what their names say they are, and by their decimal signs, where both show them.
fn may_be_one(one: &Sample, other: &Sample) -> bool {
    let clear =
        |sample: &Sample| sample.csv.as_ref().filter(|csv| csv.dialect.is_clear()).map(|csv| csv.dialect.decimal);
    has_credits(&one.path) == has_credits(&other.path)
        && is_no_sale(&one.path) == is_no_sale(&other.path)
        && clear(one).zip(clear(other)).is_none_or(|(one, other)| one == other)
}

/// Whether the file name says that its lines are not sales, or not yet: quotations, back orders, packing slips, purchases.
pub(super) fn is_no_sale(file: &str) -> bool {
    fit("file", "not_sales", stem(file)) > 0
}

/// Whether two lists of lines have mostly the same orders, such as quotations and invoices, which would count twice.
fn have_the_same_orders(one: &Sample, other: &Sample) -> bool {
    let called = |field: &usize| one.fit(ORDER_LINES.name, c::ORDER_ID, *field) >= NAMED;
    let ids = |sample: &Sample, field: usize| sample.values.get(field).map(keys::as_ids).unwrap_or_default();
    (0..one.header.len()).filter(called).any(|field| {
        let (ids, others) = (ids(one, field), ids(other, field));
        ids.intersection(&others).count() * 2 > ids.len().min(others.len())
    })
}

/// Joins files whose names differ only in month or year and that share the needed columns to one source, whatever their column order
/// and other columns.
pub(super) fn join_alike(groups: &mut Vec<Group>) {
    let named = |source: &'static Table, sample: &Sample| -> BTreeMap<&str, String> {
        let matches = matches(source, sample);
        let needed = matches.iter().filter(|(column, ..)| needed(source).any(|needed| needed.name == column.name));
        needed.map(|(column, field, _)| (column.name, sample.header[*field].clone())).collect()
    };
    let is_same = |one: &Group, other: &Group| {
        let written = |sample: &Sample| sample.csv.as_ref().map(|csv| (csv.delimiter, csv.skip_lines, csv.header_rows));
        let file_name = |group: &Group| group.1.first().map(|file| name_without_month(file));
        let is_plain = |group: &Group| group.0.excel.is_none() && group.0.records.is_none();
        let files = is_plain(one) && is_plain(other) && written(&one.0) == written(&other.0);
        files
            && file_name(one) == file_name(other)
            && may_be_one(&one.0, &other.0)
            && SOURCES.iter().any(|source| {
                suits(source, one).is_some()
                    && suits(source, other).is_some()
                    && named(source, &one.0) == named(source, &other.0)
            })
    };
    let mut place = 0;
    while place < groups.len() {
        if let Some(other) = (place + 1..groups.len()).find(|other| is_same(&groups[place], &groups[*other])) {
            let (mut sample, files) = groups.remove(other);
            let (first, of_first) = &mut groups[place];
            if sample.header.len() > first.header.len() {
                std::mem::swap(first, &mut sample);
            }
            let (sample, lacking) = arranged(sample, &first.header);
            first.lacking.extend(lacking);
            merge(first, sample);
            of_first.extend(files);
            of_first.sort();
        } else {
            place += 1;
        }
    }
}

/// The file name without month, quarter and year.
fn name_without_month(file: &str) -> Vec<String> {
    let words = stem(file).split(|sign: char| !sign.is_alphabetic()).map(str::to_lowercase);
    let is_time = |word: &String| {
        ["", "q", "h", "kw", "w", "wk", "p"].contains(&word.as_str()) || month_names::number(word).is_some()
    };
    words.filter(|word| !is_time(word)).collect()
}

/// The sample rearranged to the columns of a header, and the indices of those that it lacks.
fn arranged(sample: Sample, header: &[String]) -> (Sample, BTreeSet<usize>) {
    let places: Vec<Option<usize>> =
        header.iter().map(|name| sample.header.iter().position(|own| own == name)).collect();
    let lacking = (0..places.len()).filter(|place| places[*place].is_none()).collect();
    let none = String::new();
    let arranged = Sample {
        kinds: by(&sample.kinds, &places, &Kind::Empty),
        rows: sample.rows.iter().map(|row| by(row, &places, &none)).collect(),
        examples: by(&sample.examples, &places, &none),
        values: by(&sample.values, &places, &BTreeSet::new()),
        keys: by(&sample.keys, &places, &None),
        sides: by(&sample.sides, &places, &None),
        shares: by(&sample.shares, &places, &false),
        short: by(&sample.short, &places, &none),
        header: header.to_vec(),
        ..sample
    };
    (arranged, lacking)
}

/// The values at these indices, with `none` for missing ones.
fn by<T: Clone>(of: &[T], places: &[Option<usize>], none: &T) -> Vec<T> {
    places.iter().map(|place| place.and_then(|place| of.get(place)).unwrap_or(none).clone()).collect()
}

/// Merges the second file's findings about columns into those of the first.
fn merge(first: &mut Sample, second: Sample) {
    for (kind, other) in first.kinds.iter_mut().zip(second.kinds) {
        if *kind == Kind::Empty {
            *kind = other;
        } else if *kind != other && other != Kind::Empty {
            *kind = match (&*kind, &other) {
                // 03-04-2025 is ambiguous, 31-04-2025 is not.
                (Kind::Day(_, true), Kind::Day(_, false)) => other,
                (Kind::Day(_, false), Kind::Day(_, true)) => continue,
                (Kind::Day(one, false), Kind::Day(another, false)) if swapped(one) != *another => {
                    first.other_days.insert(another);
                    continue;
                }
                _ => Kind::Text,
            };
        }
    }
    for (sides, others) in first.sides.iter_mut().zip(second.sides) {
        match (sides.as_mut(), others) {
            (Some(sides), Some(others)) => sides.add(others),
            (None, others) => *sides = others,
            (Some(_), None) => {}
        }
    }
    first.rows.extend(second.rows);
    for (values, others) in first.values.iter_mut().zip(second.values) {
        values.extend(others);
    }
    if let (Some(csv), Some(other)) = (&mut first.csv, second.csv) {
        csv.several_years |= other.several_years || csv.year != other.year;
        csv.year_in_name &= other.year_in_name;
        if !csv.dialect.is_clear() {
            csv.dialect = other.dialect;
        }
        if csv.ascii {
            (csv.encoding, csv.ascii) = (other.encoding, other.ascii);
        }
    }
}

/// Resolves ambiguous day and month order by the columns that are clear, as a program writes its days in one way.
pub(super) fn settle_days(groups: &mut [Group]) {
    let clear = |kind: &Kind| if let Kind::Day(format, false) = kind { Some(*format) } else { None };
    let formats: Vec<&'static str> = groups.iter().flat_map(|(sample, _)| &sample.kinds).filter_map(clear).collect();
    for kind in groups.iter_mut().flat_map(|(sample, _)| &mut sample.kinds) {
        let Kind::Day(format, true) = kind else { continue };
        let swapped = swapped(format);
        if let Some(settled) = formats.iter().find(|known| *known == format || **known == swapped) {
            *kind = Kind::Day(settled, false);
        }
    }
}

/// Takes ambiguous properties from the other files: the encoding of an ASCII file, the decimal sign of a file without decimals.
pub(super) fn settle_writing(groups: &mut [Group]) {
    let written: Vec<Written> = groups.iter().filter_map(|(sample, _)| sample.csv.clone()).collect();
    let (encoding, dialect) =
        (written.iter().find(|csv| !csv.ascii), written.iter().find(|csv| csv.dialect.is_clear()));
    for csv in groups.iter_mut().filter_map(|(sample, _)| sample.csv.as_mut()) {
        if let Some(other) = encoding.filter(|_| csv.ascii) {
            csv.encoding = other.encoding;
        }
        if let Some(other) = dialect.filter(|_| !csv.dialect.is_clear()) {
            csv.dialect = Dialect { currency: csv.dialect.currency, ..other.dialect.clone() };
        }
    }
}
