//! Which file is which source, and which of its columns is which of the contract's.
//!
//! Files with the same header are one source. Where no file has all that order lines need, but one has the lines and another their
//! heads (customer and day by order), a view puts them together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use netto_model::Period;
use netto_model::column as c;
use netto_model::contract::{COST_POOLS, CUSTOMERS, EMPLOYEES, ORDER_LINES, PRODUCTS, PROSPECTS, RECEIVABLES, SOURCES};
use netto_model::table::{Column, Role, Table, Type};

use super::Draft;
use super::keys;
use super::kinds::{CENT, Dialect, Kind, ONE, swapped};
use super::months;
use super::orders::OfOrders;
use super::sample::{InWorkbook, Sample, Written};
use super::signs::{self, SignBeside};
use super::terms::{
    fit, has_tax, includes_tax, is_cancelled, is_in_thousands, is_of_line, is_percentage, kind_of_document,
};
use super::text::with_setting;
use crate::config::{CsvConfig, OneOrMany, RecordsConfig};
use crate::moment;
use crate::month;
use crate::month_names;
use crate::serial;
use crate::typed::Signs;

/// A source as it would be configured.
#[derive(Clone, Debug, Default)]
pub struct DraftSource {
    /// Its name in the contract.
    pub source: &'static str,
    /// The files, relative to the project; of a view the lines first, then the heads.
    pub files: Vec<String>,
    /// The query, where lines, their heads and credit notes lie in several files.
    pub sql: Option<String>,
    /// The tables that the query reads, and the files of each.
    pub tables: Vec<(String, Vec<String>)>,
    /// Columns that stand on the first line of a document only, and how many lines lack them.
    pub fill_down: Option<(Vec<String>, String)>,
    /// Which rows count, where others were seen that are no order lines, and what those are.
    pub filter: Option<(String, String)>,
    /// Whether credit notes and returns are written above zero.
    pub returns_positive: bool,
    /// Whether order lines take their cost from the list of products, as they have none of their own.
    pub cost_from_products: bool,
    /// The columns that were recognised, in the order of the contract.
    pub columns: Vec<DraftColumn>,
    /// Columns of the files that nothing needs.
    pub unused: Vec<String>,
    pub(super) csv: Option<Written>,
    pub(super) excel: Option<InWorkbook>,
    pub(super) records: Option<RecordsConfig>,
    pub(super) dates: Vec<&'static str>,
}

impl DraftSource {
    /// Whether its numbers could be read in two ways.
    #[must_use]
    pub fn has_numbers_in_doubt(&self) -> bool {
        self.csv.as_ref().is_some_and(|csv| csv.dialect.in_doubt.is_some())
    }
}

impl DraftSource {
    /// Settings besides columns that only the owner of the data can be sure of.
    #[must_use]
    pub fn others_to_look_at(&self) -> Vec<&'static str> {
        let is_several = self.excel.as_ref().is_some_and(|excel| excel.sheets.len() > 1);
        let is_doubted = self.filter.as_ref().is_some_and(|(_, remark)| remark.contains("have a look"));
        let without_year = self.dates.contains(&serial::WITHOUT_YEAR);
        let found =
            [(is_several, "sheet"), (is_doubted, "where"), (without_year, "date"), (self.returns_positive, "returns")];
        found.into_iter().filter_map(|(is, name)| is.then_some(name)).collect()
    }
}

/// A column as it would be configured.
#[derive(Clone, Debug)]
pub struct DraftColumn {
    /// Its name in the contract.
    pub column: &'static str,
    /// The right side in netto.toml.
    pub value: String,
    /// How sure it is.
    pub sureness: Sureness,
    /// Why, or a value of it.
    pub remark: String,
}

/// How sure a choice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sureness {
    /// It stands there as a comment: only the owner of the data knows.
    Unknown,
    /// Have a look: it could be something else.
    Look,
    /// The name contains what ERPs call it.
    Likely,
    /// The name is what ERPs call it, and the values are of the right kind.
    Sure,
}

/// A column of the contract and the place of its field.
pub(super) type Match = (&'static Column, usize, u32);
/// What files of one form say, and the files.
type Group = (Sample, Vec<String>);

/// Recognises the sources.
pub(super) fn draft(samples: Vec<Sample>) -> Draft {
    let mut groups = grouped(samples);
    settle_days(&mut groups);
    settle_writing(&mut groups);
    join_alike(&mut groups);
    for (sample, _) in &mut groups {
        sample.orders = OfOrders::of(sample);
    }
    note_keys(&mut groups);
    correct_keys(&mut groups);
    let mut draft = Draft::default();
    let mut used: Vec<(&'static str, Sample)> = Vec::new();
    for source in by_need() {
        let parts = if source.name == ORDER_LINES.name {
            order_lines(&groups)
        } else {
            best(source, &groups, |_| true).map(Part::whole).into_iter().collect()
        };
        match parts.as_slice() {
            [] => continue,
            [Part { lines, heads: None, .. }] => draft.sources.push(from_files(source, &groups[*lines])),
            several => draft.sources.push(view(&groups, several)),
        }
        let taken: BTreeSet<usize> = parts.iter().flat_map(Part::groups).collect();
        let mut place = 0..;
        let out = groups.extract_if(.., |_| place.next().is_some_and(|place| taken.contains(&place)));
        used.extend(out.map(|(sample, _)| (source.name, sample)));
    }
    for (source, column) in zeros_in_front(&used) {
        let columns =
            draft.sources.iter_mut().filter(|found| found.source == source).flat_map(|found| &mut found.columns);
        for chosen in columns.filter(|chosen| chosen.column == column) {
            chosen.value = with_setting(&chosen.value, "strip_zeros = true");
            "written with and without zeros in front".clone_into(&mut chosen.remark);
        }
    }
    if !draft.sources.iter().any(|found| found.source == ORDER_LINES.name)
        && let Some(place) = nearest(&groups)
    {
        let (unfinished, lacks) = unfinished(&groups.remove(place));
        draft.sources.push(unfinished);
        draft.lacks = lacks;
    }
    let has = |source: &DraftSource, name: &str| {
        source.columns.iter().any(|column| column.column == name)
            || source.sql.as_ref().is_some_and(|sql| sql.contains(&format!(" as {name}")))
    };
    let cost = draft.sources.iter().any(|found| found.source == PRODUCTS.name && has(found, c::UNIT_COST));
    for lines in draft.sources.iter_mut().filter(|found| found.source == ORDER_LINES.name) {
        lines.cost_from_products = cost && !has(lines, c::COGS_AMOUNT);
    }
    draft.currency = used.iter().find(|(source, _)| *source == ORDER_LINES.name).and_then(|(_, lines)| currency(lines));
    if !draft.sources.iter().any(|found| found.source == COST_POOLS.name) {
        let year = used.iter().find(|(source, _)| *source == ORDER_LINES.name).and_then(|(_, lines)| last_year(lines));
        let found = groups
            .iter()
            .enumerate()
            .find_map(|(place, (sample, files))| Some((place, months::cost_pools(sample, files, year)?)));
        if let Some((place, pools)) = found {
            draft.sources.push(pools);
            groups.remove(place);
        }
    }
    draft.left_over = groups.iter().flat_map(left_over).collect();
    let place = |name: &str| SOURCES.iter().position(|source| source.name == name);
    draft.sources.sort_by_key(|found| place(found.source));
    draft
}

/// The currency of most lines, and in how many it stands; else that of the sign beside their amounts.
fn currency(lines: &Sample) -> Option<(String, String)> {
    const SIGNS: [(&str, &str); 7] =
        [("€", "EUR"), ("$", "USD"), ("£", "GBP"), ("EUR", "EUR"), ("USD", "USD"), ("GBP", "GBP"), ("CHF", "CHF")];
    let column = matches(&ORDER_LINES, lines).into_iter().find(|(column, ..)| column.name == c::CURRENCY);
    let Some((_, field, _)) = column else {
        let sign = lines.csv.as_ref()?.dialect.currency?;
        let (_, code) = SIGNS.into_iter().find(|(known, _)| *known == sign)?;
        return Some((code.to_owned(), format!("{sign} stands beside amounts")));
    };
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    for code in
        lines.rows.iter().filter_map(|row| row.get(field)).map(|code| code.trim()).filter(|code| !code.is_empty())
    {
        *rows.entry(code).or_default() += 1;
    }
    if rows.values().sum::<usize>() * 2 <= lines.rows.len() {
        return Some(("EUR".to_owned(), "most lines name no currency, and count in this one".to_owned()));
    }
    let is_code = |code: &str| code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_alphabetic());
    let (all, others) = (rows.values().sum::<usize>(), rows.len() - 1.min(rows.len()));
    let (code, many) = rows
        .into_iter()
        .filter(|(code, _)| is_code(code))
        .max_by_key(|(code, many)| (*many, std::cmp::Reverse(*code)))?;
    let rates = if others > 0 { "; rates of the others belong into [source.fx_rates]" } else { "" };
    Some((code.to_ascii_uppercase(), format!("that of {many} of {all} lines{rates}")))
}

/// The year of the last order.
fn last_year(lines: &Sample) -> Option<u32> {
    let (_, field, _) = matches(&ORDER_LINES, lines).into_iter().find(|(column, ..)| column.name == c::ORDER_DATE)?;
    let Kind::Day(format, _) = &lines.kinds[field] else { return None };
    let signs = Signs::of(&CsvConfig { date: OneOrMany::One((*format).to_owned()), ..CsvConfig::default() });
    let days = lines.values[field].iter().filter_map(|text| moment::moment(text, &signs).ok()).map(|moment| moment.day);
    u32::try_from(Period::of_day(days.max()?).year()).ok()
}

/// The sources that ask for most come first: who asks for one column only would take any file.
fn by_need() -> Vec<&'static Table> {
    let mut sources = SOURCES.to_vec();
    sources.sort_by_key(|source| std::cmp::Reverse(needed(source).count()));
    sources
}

fn needed(source: &'static Table) -> impl Iterator<Item = &'static Column> {
    source.columns.iter().filter(|column| column.role != Role::Optional && column.default.is_none())
}

/// Files with the same columns, written alike, as one.
fn grouped(samples: Vec<Sample>) -> Vec<Group> {
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

/// Whether two lists of lines name mostly the same orders, such as quotations and what became of them: together they would count twice.
fn have_the_same_orders(one: &Sample, other: &Sample) -> bool {
    let called = |field: &usize| fit(ORDER_LINES.name, c::ORDER_ID, &one.header[*field]) >= NAMED;
    let ids = |sample: &Sample, field: usize| sample.values.get(field).map(keys::ids).unwrap_or_default();
    (0..one.header.len()).filter(called).any(|field| {
        let (ids, others) = (ids(one, field), ids(other, field));
        ids.intersection(&others).count() * 2 > ids.len().min(others.len())
    })
}

/// Files of one name but for its month or year, with the same columns for what is needed, are one source, whatever the order of the columns and
/// however many others each has.
fn join_alike(groups: &mut Vec<Group>) {
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

/// What a file is called without the month, the quarter or the year of its name.
fn name_without_month(file: &str) -> Vec<String> {
    let words = stem(file).split(|sign: char| !sign.is_alphabetic()).map(str::to_lowercase);
    let is_time = |word: &String| {
        ["", "q", "h", "kw", "w", "wk", "p"].contains(&word.as_str()) || month_names::number(word).is_some()
    };
    words.filter(|word| !is_time(word)).collect()
}

/// The values at these places, and `none` where there is no place.
fn by<T: Clone>(of: &[T], places: &[Option<usize>], none: &T) -> Vec<T> {
    places.iter().map(|place| place.and_then(|place| of.get(place)).unwrap_or(none).clone()).collect()
}

/// The sample with the columns of a header, and the places of those that it lacks.
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
        header: header.to_vec(),
        ..sample
    };
    (arranged, lacking)
}

/// What the second file says of columns of which the first says nothing, or something else.
fn merge(first: &mut Sample, second: Sample) {
    for (kind, other) in first.kinds.iter_mut().zip(second.kinds) {
        if *kind == Kind::Empty {
            *kind = other;
        } else if *kind != other && other != Kind::Empty {
            *kind = match (&*kind, &other) {
                // 03-04-2025 could be read either way, 31-04-2025 settles it.
                (Kind::Day(_, true), Kind::Day(_, false)) => other,
                (Kind::Day(_, false), Kind::Day(_, true)) => continue,
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
        if !csv.dialect.is_clear() {
            csv.dialect = other.dialect;
        }
        if csv.ascii {
            (csv.encoding, csv.ascii) = (other.encoding, other.ascii);
        }
    }
}

/// Where day and month could be either, the columns that are clear decide: a program writes its days in one way.
fn settle_days(groups: &mut [Group]) {
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

/// What a file leaves open is as in the others: its encoding where it has ASCII only, its decimal sign where no number has one.
fn settle_writing(groups: &mut [Group]) {
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

/// Which columns hold the ids of a list, or the orders of another file, where no name says so.
fn note_keys(groups: &mut [Group]) {
    let mut known: Vec<(&'static str, usize, BTreeSet<String>)> = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        let lists = [&CUSTOMERS, &PRODUCTS, &EMPLOYEES].into_iter();
        let list = lists.filter_map(|list| Some((suits(list, group)?, list))).max_by_key(|(score, _)| *score);
        let Some((_, list)) = list else { continue };
        let key = matches(list, &group.0).into_iter().find(|(column, ..)| column.role == Role::Key);
        known.extend(key.map(|(column, field, _)| (column.name, place, keys::ids(&group.0.values[field]))));
    }
    note(groups, &known);
    // With their products known the lines are; then their orders are found in the heads.
    let of_lines = |place: usize| {
        let found = matches(&ORDER_LINES, &groups[place].0);
        let field = |name: &str| found.iter().find(|(column, ..)| column.name == name).map(|(_, field, _)| *field);
        field(c::PRODUCT_ID).and(field(c::QUANTITY))?;
        Some((c::ORDER_ID, place, keys::ids(&groups[place].0.values[field(c::ORDER_ID)?])))
    };
    let orders: Vec<_> = (0..groups.len()).filter_map(of_lines).collect();
    note(groups, &orders);
}

fn note(groups: &mut [Group], known: &[(&'static str, usize, BTreeSet<String>)]) {
    for (place, (sample, _)) in groups.iter_mut().enumerate() {
        let named =
            |name: &str| ORDER_LINES.columns.iter().any(|column| fit(ORDER_LINES.name, column.name, name) >= NAMED);
        let mut open = open(sample, |field| !named(&sample.header[field]) && sample.keys[field].is_none());
        for (column, _, ids) in known.iter().filter(|(_, of, _)| *of != place) {
            if let Some(field) = keys::field(&open, ids) {
                sample.keys[field] = Some((column, BY_VALUES));
                open.retain(|(open, _)| *open != field);
            }
        }
    }
}

/// Days are no ids.
fn may_be_ids(sample: &Sample, field: usize) -> bool {
    !matches!(sample.kinds[field], Kind::Day(..))
}

/// Where the values of two files have nothing in common though their names say so, a column whose values have decides: lines may name their
/// customers by name in one column and by number in the next, or know by its name a customer that the list numbers.
fn correct_keys(groups: &mut [Group]) {
    for list in [&CUSTOMERS, &PRODUCTS, &EMPLOYEES] {
        let Some(of_list) = best(list, groups, |_| true) else { continue };
        let key = matches(list, &groups[of_list].0).into_iter().find(|(column, ..)| column.role == Role::Key);
        let Some((column, key, _)) = key else { continue };
        let ids = keys::ids(&groups[of_list].0.values[key]);
        for place in (0..groups.len()).filter(|place| *place != of_list) {
            let sample = &groups[place].0;
            let found = matches(&ORDER_LINES, sample);
            let Some(field) = found.iter().find(|(known, ..)| known.name == column.name).map(|found| found.1) else {
                continue;
            };
            let given = keys::ids(&sample.values[field]);
            if keys::are_common(&given, &ids) {
                continue;
            }
            let is_other = |field: usize| {
                let others = ORDER_LINES.columns.iter().filter(|other| other.name != column.name);
                others.map(|other| fit(ORDER_LINES.name, other.name, &sample.header[field])).any(|fits| fits >= NAMED)
            };
            let of_lines = open(sample, |other| other != field && !is_other(other));
            if let Some(field) = keys::field(&of_lines, &ids) {
                groups[place].0.keys[field] = Some((column.name, DECIDED));
                continue;
            }
            let list = &groups[of_list].0;
            let rows = list.rows.len();
            let of_list_open = open(list, |other| other != key && list.values[other].len() == rows);
            if let Some(field) = keys::field(&of_list_open, &given) {
                groups[of_list].0.keys[field] = Some((column.name, DECIDED));
            }
        }
    }
}

fn open(sample: &Sample, is_open: impl Fn(usize) -> bool) -> Vec<(usize, BTreeSet<String>)> {
    let fields = (0..sample.header.len()).filter(|field| is_open(*field) && may_be_ids(sample, *field));
    fields.map(|field| (field, keys::ids(&sample.values[field]))).collect()
}

/// A name that contains a term, at least; how well values fit that are the ids of a list; and where they decide against the names.
const NAMED: u32 = 60;
const BY_VALUES: u32 = 50;
const DECIDED: u32 = 110;

/// The ids that are the same in two files only when zeros in front are left out: SAP writes 0000000012, a spreadsheet 12.
fn zeros_in_front(used: &[(&'static str, Sample)]) -> Vec<(&'static str, &'static str)> {
    let lists = [(c::CUSTOMER_ID, CUSTOMERS.name), (c::PRODUCT_ID, PRODUCTS.name), (c::EMPLOYEE_ID, EMPLOYEES.name)];
    let ids = |source: &str, column: &str| -> Option<&BTreeSet<String>> {
        let (name, sample) = used.iter().find(|(name, _)| *name == source)?;
        let table = SOURCES.iter().find(|table| table.name == *name)?;
        let field = matches(table, sample).into_iter().find(|(known, ..)| known.name == column)?.1;
        sample.values.get(field)
    };
    let mut found = Vec::new();
    for (column, list) in lists {
        let (Some(of_lines), Some(of_list)) = (ids(ORDER_LINES.name, column), ids(list, column)) else { continue };
        let stripped: BTreeSet<&str> = of_list.iter().map(|id| keys::without_zeros(id)).collect();
        let known = of_lines.iter().filter(|id| of_list.contains(*id)).count();
        let known_stripped = of_lines.iter().filter(|id| stripped.contains(keys::without_zeros(id))).count();
        if known_stripped > known {
            found.extend(used.iter().filter(|(name, _)| ids(name, column).is_some()).map(|(name, _)| (*name, column)));
        }
    }
    found
}

fn is_list(source: &Table) -> bool {
    [CUSTOMERS.name, PRODUCTS.name, EMPLOYEES.name, PROSPECTS.name].contains(&source.name)
}

/// How well a group of files suits a source; none where something is missing that can't be made.
fn suits(source: &'static Table, (sample, files): &Group) -> Option<u32> {
    let matches = matches(source, sample);
    let found = |column: &Column| matches.iter().any(|(known, ..)| known.name == column.name);
    let made = |column: &Column| {
        source.name == ORDER_LINES.name
            && (column.name == c::LINE_NO
                || column.name == c::NET_AMOUNT && (priced(sample, &matches).is_some() || untaxed(sample).is_some()))
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
    // Status is a column of many lists: a prospect's stage has words of its own, or stands in a file of that name.
    let of_another =
        |(column, field, _): &Match| column.name == c::STAGE && with_words_of_its_own(sample, column, *field).is_some();
    if source.name == PROSPECTS.name && named == 0 && matches.iter().any(of_another) {
        return None;
    }
    let columns: u32 = matches.iter().map(|(.., fit)| fit).sum();
    Some(columns + 3 * named)
}

/// The columns of a source that the file has, each field once, the best fits first.
fn matches(source: &'static Table, sample: &Sample) -> Vec<Match> {
    let mut candidates: Vec<Match> = Vec::new();
    let of_lines = source.name == ORDER_LINES.name;
    let is_needed = |column: &Column| needed(source).any(|needed| needed.name == column.name);
    for column in source.columns {
        for (field, name) in sample.header.iter().enumerate() {
            let by_values = sample.keys[field].filter(|(key, _)| *key == column.name).map_or(0, |(_, fits)| fits);
            let mut fits = fit(source.name, column.name, name).max(by_values);
            if of_lines && sample.orders.numbered == Some(field) && column.name == c::ORDER_ID {
                fits = NAMED;
            }
            if of_lines && sample.orders.before_discount.contains(&field) && column.name == c::LIST_AMOUNT {
                fits = fits.max(NUMBERS_LINES);
            }
            if of_lines && sample.orders.line_no == Some(field) {
                fits = if column.name == c::LINE_NO { NUMBERS_LINES } else { 0 };
            }
            let other = || {
                is_price(source, column, name, fits)
                    || is_no_amount(column, sample, field)
                    || is_needed(column) && sample.kinds[field] == Kind::Empty
                    || column.ty == Type::Integer && has_fractions(sample, field)
                    || is_twice(sample, field)
                    || column.name == c::BOOKING_ID && sample.values[field].len() < sample.rows.len()
                    || of_lines && column.name == c::NET_AMOUNT && sample.orders.before_discount.contains(&field)
                    || of_lines && AMOUNTS.contains(&column.name) && sample.orders.is_of_order(field)
            };
            if fits > 0 && of_kind(column, &sample.kinds[field], fits) && !other() {
                candidates.push((column, field, fits));
            }
        }
    }
    // Stable: of equals that which isn't the same in all rows, then the earlier column of the contract, and the earlier field.
    let varies = |column: &Column, field: usize| IDS.contains(&column.name) && sample.values[field].len() > 1;
    candidates.sort_by_key(|(column, field, fit)| std::cmp::Reverse((*fit, varies(column, *field))));
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

/// How well a column fits that numbers the lines, though it is called as products are.
const NUMBERS_LINES: u32 = 99;
/// What a line has of its own.
const AMOUNTS: [&str; 4] = [c::LIST_AMOUNT, c::DISCOUNT_AMOUNT, c::NET_AMOUNT, c::COGS_AMOUNT];
/// What is hardly the same in all rows.
const IDS: [&str; 3] = [c::ORDER_ID, c::CUSTOMER_ID, c::PRODUCT_ID];

/// Whether another column has the same name: nobody could say which is meant.
fn is_twice(sample: &Sample, field: usize) -> bool {
    sample.header.iter().filter(|name| **name == sample.header[field]).count() > 1
}

/// Whether numbers have decimals other than zeros.
fn has_fractions(sample: &Sample, field: usize) -> bool {
    let dialect = sample.dialect();
    sample.values[field].iter().filter_map(|text| dialect.number(text)).any(|number| number % ONE != 0)
}

fn of_kind(column: &Column, kind: &Kind, fits: u32) -> bool {
    match column.ty {
        // A month has many forms: 202503, 2025-03.
        Type::Date if column.name == c::PERIOD => matches!(kind, Kind::Day(..) | Kind::Empty) || fits == 100,
        Type::Date => matches!(kind, Kind::Day(..) | Kind::Empty),
        Type::Decimal | Type::Integer | Type::Ratio => matches!(kind, Kind::Number | Kind::Empty),
        Type::Text if column.name == c::CURRENCY => matches!(kind, Kind::Text | Kind::Empty),
        Type::Text | Type::Bool => !matches!(kind, Kind::Day(..)),
    }
}

/// A price per piece is no amount of a line.
fn is_price(source: &Table, column: &Column, name: &str, fits: u32) -> bool {
    source.name == ORDER_LINES.name
        && column.ty == Type::Decimal
        && !is_of_line(name)
        && (fit("price", "unit_price", name) >= fits || fit("price", "unit_cost", name) >= fits)
}

/// Percentages are no amounts, nor are taxes, and what is invoiced with them is no revenue.
fn is_no_amount(column: &Column, sample: &Sample, field: usize) -> bool {
    let name = &sample.header[field];
    let is_discount = column.name == c::DISCOUNT_AMOUNT;
    let of_hundred = sample.orders.of_hundred.contains(&field) || sample.shares[field];
    let is_rate = is_discount && of_hundred || is_percentage(name);
    let taxed = || has_tax(name) || column.name == c::LIST_AMOUNT && is_net_and_tax(sample, field);
    matches!(column.ty, Type::Decimal | Type::Integer) && (is_rate || taxed())
}

/// Whether an amount is what another one comes to with the tax that stands beside it: a gross amount is that in one program, and in
/// another the amount before the discount.
fn is_net_and_tax(sample: &Sample, field: usize) -> bool {
    let dialect = sample.dialect();
    let numbers = |is: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let fields = 0..sample.header.len();
        fields
            .filter(|&other| other != field && sample.kinds[other] == Kind::Number && is(&sample.header[other]))
            .collect()
    };
    let nets = numbers(&|name| !has_tax(name) && fit(ORDER_LINES.name, c::NET_AMOUNT, name) > 0);
    let taxes = numbers(&has_tax);
    let value = |row: &[String], field: usize| row.get(field).and_then(|text| dialect.number(text.trim()));
    let is_sum = |net: usize, tax: usize| {
        let adds_up = |row: &Vec<String>| {
            let (gross, net, tax) = (value(row, field)?, value(row, net)?, value(row, tax)?);
            // An amount of tax, or so many of a hundred; cents are rounded.
            let fits = |tax: i64| (gross - net - tax).abs() <= CENT;
            (tax != 0)
                .then(|| fits(tax) || fits(i64::try_from(i128::from(net) * i128::from(tax) / HUNDRED).unwrap_or(0)))
        };
        let seen: Vec<bool> = sample.rows.iter().take(LOOKED_AT).filter_map(adds_up).collect();
        !seen.is_empty() && seen.iter().all(|fits| *fits)
    };
    nets.iter().any(|net| taxes.iter().any(|tax| is_sum(*net, *tax)))
}

/// A hundred, in ten-thousandths.
const HUNDRED: i128 = 1_000_000;
/// Rows in which a gross amount is compared with the net one and its tax.
const LOOKED_AT: usize = 200;

/// The field of a discount that is a rate, and what is left of 1, as an expression.
fn discount_rate(sample: &Sample, written: &dyn Fn(usize) -> String) -> Option<(usize, String)> {
    let of_hundred = |field: &usize| is_percentage(&sample.header[*field]) || sample.orders.of_hundred.contains(field);
    let is_rate = |field: &usize| sample.shares[*field] || of_hundred(field);
    let discount =
        |field: &usize| fit(ORDER_LINES.name, c::DISCOUNT_AMOUNT, &sample.header[*field]) > 0 && is_rate(field);
    let field = (0..sample.header.len()).filter(|field| sample.kinds[*field] == Kind::Number).find(discount)?;
    let by = if of_hundred(&field) { " / 100" } else { "" };
    Some((field, format!("(1 - {}{by})", written(field))))
}

/// The field of a price per piece.
fn price(sample: &Sample, what: &str) -> Option<usize> {
    let priced = |field: usize| {
        sample.kinds[field] == Kind::Number
            && fit("price", what, &sample.header[field]) > 0
            && !is_of_line(&sample.header[field])
    };
    let other = if what == "unit_price" { "unit_cost" } else { "unit_price" };
    let surer = |field: usize| fit("price", what, &sample.header[field]) >= fit("price", other, &sample.header[field]);
    (0..sample.header.len())
        .filter(|&field| priced(field) && surer(field))
        .max_by_key(|&field| (fit("price", what, &sample.header[field]), std::cmp::Reverse(field)))
}

/// Quantity and price per piece, from which an amount follows.
fn priced(sample: &Sample, matches: &[Match]) -> Option<(usize, usize)> {
    let quantity = matches.iter().find(|(column, ..)| column.name == c::QUANTITY)?.1;
    Some((quantity, price(sample, "unit_price")?))
}

/// For how many pieces a price is, where a column says so: 1, 100, 1000.
fn pieces_of_price(sample: &Sample) -> Option<usize> {
    let is_power = |text: &String| {
        let number = text.trim_end_matches(['0', '.', ',']);
        number == "1"
    };
    let called = |field: &usize| fit("price", "pieces", &sample.header[*field]) > 0;
    let fields = (0..sample.header.len()).filter(|field| sample.kinds[*field] == Kind::Number);
    fields.filter(called).find(|field| sample.values[*field].iter().all(is_power) && sample.values[*field].len() > 1)
}

/// An amount with its tax, and the tax as a percentage or as an amount.
fn untaxed(sample: &Sample) -> Option<(usize, usize)> {
    let numbers = || (0..sample.header.len()).filter(|field| sample.kinds[*field] == Kind::Number);
    let gross = numbers().find(|field| includes_tax(&sample.header[*field]) && !sample.orders.is_of_order(*field))?;
    let tax = numbers().find(|field| *field != gross && has_tax(&sample.header[*field]))?;
    Some((gross, tax))
}

fn from_files(source: &'static Table, (sample, files): &Group) -> DraftSource {
    let matches = matches(source, sample);
    let mut made = Vec::new();
    let mut used: Vec<usize> = Vec::new();
    let (mut filter, mut heads) = (None, None);
    if source.name == ORDER_LINES.name {
        let quoted = |field: usize| format!("\"{}\"", sample.header[field].replace('"', "\"\""));
        heads = heads_written_once(sample, &matches);
        let once = heads.as_ref().map_or(&[][..], |heads| &heads.fields);
        filter = no_order_lines(sample, &matches, once, &|_, field| quoted(field))
            .map(|(condition, remark)| (condition, remark.to_owned()));
        let taken = matches.iter().filter(|(column, ..)| column.name != c::ORDER_KIND);
        let taken: Vec<usize> = taken.map(|(_, field, _)| *field).collect();
        for (field, words) in cancelled(sample, &taken) {
            let listed = words.iter().map(|word| format!("{} <> '{}'", quoted(field), word.replace('\'', "''")));
            let condition = listed.collect::<Vec<_>>().join(" and ");
            let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
            let remark = format!("have a look: rows that are {} don't count", words.join(" or "));
            filter = Some(match filter {
                Some((other, why)) => (format!("{other} and {condition}"), format!("{why}; {remark}")),
                None => (condition, remark),
            });
            used.push(field);
        }
        made = made_columns(sample, &matches, &mut used, &quoted);
        for column in &mut made {
            if column.column != c::LINE_NO {
                column.value = format!("{{ sql = '{}' }}", column.value);
            }
        }
    }
    let is_known = |name: &str| {
        columns_of_own_words(sample, &matches, name).is_none_or(|draft| draft.sureness > Sureness::Unknown)
    };
    let returns_positive =
        source.name == ORDER_LINES.name && is_known(c::ORDER_KIND) && are_returns_positive(sample, &matches);
    used.extend(matches.iter().map(|(_, field, _)| *field));
    used.extend(matches.iter().filter_map(|(column, field, _)| year_beside(sample, column, *field)));
    let mut columns: Vec<DraftColumn> = matches.iter().map(|found| plain_column(sample, found)).chain(made).collect();
    for (column, field, _) in matches.iter().filter(|(column, ..)| is_amount(column)) {
        let drafted = columns.iter_mut().filter(|drafted| drafted.column == column.name);
        sample.sides[*field].iter().zip(drafted).for_each(|(sides, drafted)| sides.turn(source, drafted));
    }
    if [COST_POOLS.name, RECEIVABLES.name].contains(&source.name)
        && let Some((debit, credit)) = signs::in_two_columns(sample)
    {
        let [from, less] = [debit, credit].map(|field| sample.header[field].replace('"', "\"\""));
        let chosen = |column: &&mut DraftColumn| {
            let name = [&sample.header[debit], &sample.header[credit]].map(|name| super::text::quoted(name));
            column.column == c::AMOUNT && name.contains(&column.value)
        };
        for column in columns.iter_mut().filter(chosen) {
            column.value = format!("{{ sql = 'coalesce(\"{from}\", 0) - coalesce(\"{less}\", 0)' }}");
            column.sureness = Sureness::Look;
            "the amount stands in two columns".clone_into(&mut column.remark);
            used.extend([debit, credit]);
        }
    }
    if let Some(sign) = SignBeside::of(source, sample, &matches) {
        let amount = |column: &&mut DraftColumn| {
            source.column(column.column).is_some_and(is_amount) && !column.value.contains("sign = {")
        };
        columns.iter_mut().filter(amount).for_each(|column| sign.turn(&sample.header, column));
        used.push(sign.field);
    }
    if source.name == ORDER_LINES.name {
        turn_negative(sample, &matches, returns_positive, &mut columns);
        note_thousands(sample, &matches, &mut columns);
        note_missing_products(sample, &matches, &mut columns);
        note_cents(sample, &matches, &mut columns);
        used.extend(note_companies(sample, &matches, &used, &mut columns));
    }
    let place = |name: &str| source.columns.iter().position(|column| column.name == name);
    columns.sort_by_key(|column| place(column.column));
    DraftSource {
        source: source.name,
        files: files.clone(),
        sql: None,
        tables: Vec::new(),
        fill_down: heads.map(|heads: Heads| heads.in_words(sample)),
        filter,
        returns_positive,
        cost_from_products: false,
        columns,
        unused: unused(sample, &used),
        csv: sample.csv.clone(),
        excel: sample.excel.clone(),
        records: sample.records.clone(),
        dates: dates(&matches, sample),
    }
}

fn is_amount(column: &Column) -> bool {
    column.ty == Type::Decimal
}

fn plain_column(sample: &Sample, &(column, field, fits): &Match) -> DraftColumn {
    let either_way = matches!(sample.kinds[field], Kind::Day(_, true));
    let example = &sample.examples[field];
    if let Some(draft) = with_words_of_its_own(sample, column, field) {
        return draft;
    }
    if let Some(year) = year_beside(sample, column, field) {
        let parts = [year, field].map(|field| super::text::quoted(&sample.header[field])).join(", ");
        let (value, remark) = (format!("{{ join = [{parts}] }}"), "year and month stand in two columns".to_owned());
        return DraftColumn { column: column.name, value, sureness: Sureness::Look, remark };
    }
    let plain = super::text::quoted(&sample.header[field]);
    let with = |setting: &str, remark: String| DraftColumn {
        column: column.name,
        value: with_setting(&plain, setting),
        sureness: Sureness::Look,
        remark,
    };
    if sample.lacking.contains(&field) {
        return with("optional = true", "not all files have it".to_owned());
    }
    if column.name == c::FREIGHT_CHARGED && sample.orders.repeated.contains(&field) {
        let setting = format!("once_per = \"{}\"", c::ORDER_ID);
        return with(&setting, format!("{example} stands on each line of the order, and counts once"));
    }
    if column.ty == Type::Decimal
        && let Some(precise) = sample.values[field].iter().find(|text| is_too_precise(text, sample))
    {
        return with("round = true", format!("{precise} is rounded to four decimals"));
    }
    let is_other_day = |other: &usize| {
        *other != field
            && matches!(sample.kinds[*other], Kind::Day(..))
            && fit(ORDER_LINES.name, c::ORDER_DATE, &sample.header[*other]) == 100
    };
    if column.name == c::ORDER_DATE
        && !either_way
        && let Some(other) = (0..sample.header.len()).find(is_other_day)
    {
        let remark = format!("{example}; revenue counts in the month of this day: or is it {}?", sample.header[other]);
        return DraftColumn { column: column.name, value: plain, sureness: Sureness::Look, remark };
    }
    if IDS.contains(&column.name) && sample.values[field].len() == 1 && sample.rows.len() >= SEVERAL {
        let remark = format!("all rows have {example}: is it the right column?");
        return DraftColumn { column: column.name, value: plain, sureness: Sureness::Look, remark };
    }
    let remark = match (either_way, example.is_empty()) {
        _ if [BY_VALUES, DECIDED].contains(&fits) => {
            format!("its values are those of the other file, such as {example}")
        }
        (true, _) => format!("{example}: day or month first? Both would do"),
        (false, true) => String::new(),
        (false, false) => format!("such as {example}"),
    };
    let sureness = match fits {
        _ if either_way => Sureness::Look,
        100 => Sureness::Sure,
        _ => Sureness::Likely,
    };
    DraftColumn { column: column.name, value: super::text::quoted(&sample.header[field]), sureness, remark }
}

/// Rows of which one alone would have its own value.
const SEVERAL: usize = 10;

/// Whether a number has more decimals than money has.
fn is_too_precise(text: &str, sample: &Sample) -> bool {
    let Some(csv) = &sample.csv else { return false };
    let decimals = text.rsplit_once(csv.dialect.decimal).map_or("", |(_, decimals)| decimals);
    decimals.trim_end_matches('0').len() > 4 && decimals.bytes().all(|digit| digit.is_ascii_digit())
}

/// What is below zero in nearly all rows is revenue as a ledger books it, or pieces that leave the stock.
fn turn_negative(sample: &Sample, matches: &[Match], returns_positive: bool, columns: &mut [DraftColumn]) {
    let dialect = sample.dialect();
    for (column, field, _) in matches.iter().filter(|(column, ..)| NEGATIVE.contains(&column.name)) {
        let numbers = sample.rows.iter().filter_map(|row| dialect.number(row.get(*field)?.trim()));
        let (below, above) = numbers
            .fold((0, 0), |(below, above), number| (below + usize::from(number < 0), above + usize::from(number > 0)));
        let name = super::text::quoted(&sample.header[*field]);
        if below < FEW_BELOW || below < above * 4 || returns_positive {
            continue;
        }
        for drafted in columns.iter_mut().filter(|drafted| drafted.column == column.name && drafted.value == name) {
            drafted.value = with_setting(&name, "negate = true");
            drafted.sureness = Sureness::Look;
            drafted.remark = format!("{below} of {} are below zero: a sale is above it", below + above);
        }
    }
}

/// Amounts that are so many thousands, as the names of their columns say.
fn note_thousands(sample: &Sample, matches: &[Match], columns: &mut [DraftColumn]) {
    for (column, field, _) in
        matches.iter().filter(|(column, field, _)| is_amount(column) && is_in_thousands(&sample.header[*field]))
    {
        let name = &sample.header[*field];
        for drafted in
            columns.iter_mut().filter(|drafted| drafted.column == column.name && drafted.value.contains(name))
        {
            drafted.value = format!("{{ sql = '\"{}\" * 1000' }}", name.replace('"', "\"\""));
            drafted.sureness = Sureness::Look;
            "its name says thousands".clone_into(&mut drafted.remark);
        }
    }
}

/// Fewer rows below zero may be returns.
const FEW_BELOW: usize = 5;

/// Freight, packing and other services stand on lines with an amount and without a product.
fn note_missing_products(sample: &Sample, matches: &[Match], columns: &mut [DraftColumn]) {
    let field = |name: &str| matches.iter().find(|(column, ..)| column.name == name).map(|found| found.1);
    let (Some(product), Some(customer), Some(quantity)) =
        (field(c::PRODUCT_ID), field(c::CUSTOMER_ID), field(c::QUANTITY))
    else {
        return;
    };
    let Some(amount) = field(c::NET_AMOUNT) else { return };
    let is_filled = |row: &Vec<String>, field: usize| row.get(field).is_some_and(|value| !value.trim().is_empty());
    let is_something = |row: &Vec<String>| {
        row.get(amount).is_some_and(|value| value.contains(|sign: char| ('1'..='9').contains(&sign)))
    };
    let is_line = |row: &&Vec<String>| is_filled(row, customer) && is_filled(row, quantity) && is_something(row);
    let lines = || sample.rows.iter().filter(is_line);
    let without = lines().filter(|row| !is_filled(row, product)).count();
    let name = super::text::quoted(&sample.header[product]);
    if without == 0 {
        return;
    }
    for drafted in columns.iter_mut().filter(|drafted| drafted.column == c::PRODUCT_ID && drafted.value == name) {
        drafted.value = with_setting(&name, "default = \"none\"");
        drafted.sureness = Sureness::Look;
        drafted.remark = format!(
            "{without} of {} lines have an amount and no product: freight, or another service?",
            lines().count()
        );
    }
}

/// Columns that say of rows that they are cancelled, or were only offered, and the words for it.
fn cancelled<'s>(sample: &'s Sample, taken: &[usize]) -> Vec<(usize, Vec<&'s String>)> {
    let words = |field: usize| -> Vec<&'s String> {
        let values = &sample.values[field];
        let found: Vec<&String> = values.iter().filter(|word| is_cancelled(word)).collect();
        if values.len() <= WORDS && values.len() > found.len() { found } else { Vec::new() }
    };
    let fields = (0..sample.header.len()).filter(|field| !taken.contains(field));
    fields.map(|field| (field, words(field))).filter(|(_, words)| !words.is_empty()).collect()
}

/// Programs such as JD Edwards write amounts without their decimal sign: whole numbers of which hardly any is a round one.
fn note_cents(sample: &Sample, matches: &[Match], columns: &mut [DraftColumn]) {
    let Some((_, field, _)) = matches.iter().find(|(column, ..)| column.name == c::NET_AMOUNT) else { return };
    let values = &sample.values[*field];
    let whole = |value: &String| value.trim_matches(['-', '+']).bytes().all(|digit| digit.is_ascii_digit());
    let round = values.iter().filter(|value| value.ends_with('0')).count();
    if values.iter().filter(|value| value.len() > 2).count() < CENTS_SEEN
        || !values.iter().all(whole)
        || round * 4 > values.len()
    {
        return;
    }
    for column in columns.iter_mut().filter(|column| column.column == c::NET_AMOUNT && column.value.starts_with('"')) {
        let name = sample.header[*field].replace('"', "\"\"");
        column.sureness = Sureness::Look;
        column.remark = format!(
            "whole numbers only: where they are cents, {{ sql = '\"{name}\" / 100' }} reads them, and other amounts likewise"
        );
    }
}

/// So many different amounts without decimals are no accident.
const CENTS_SEEN: usize = 20;

/// Companies that count their orders from the same number: the lines of an order are told apart by another column only, which then is a part
/// of the id.
fn note_companies(sample: &Sample, matches: &[Match], used: &[usize], columns: &mut [DraftColumn]) -> Option<usize> {
    let field = |name: &str| matches.iter().find(|(column, ..)| column.name == name).map(|found| found.1);
    let (order, line) = (field(c::ORDER_ID)?, field(c::LINE_NO)?);
    let part =
        |row: &'_ [String], field: usize| row.get(field).map(|value| value.trim().to_owned()).unwrap_or_default();
    let rows: Vec<&Vec<String>> = sample.rows.iter().filter(|row| !part(row, order).is_empty()).collect();
    let different = |fields: &[usize]| {
        let keys = rows.iter().map(|row| fields.iter().map(|field| part(row, *field)).collect::<Vec<_>>());
        keys.collect::<BTreeSet<_>>().len()
    };
    if different(&[order, line]) == rows.len() {
        return None;
    }
    let few = |field: &usize| (2..=COMPANIES).contains(&sample.values[*field].len()) && !used.contains(field);
    let company = (0..sample.header.len()).filter(few).find(|field| different(&[*field, order, line]) == rows.len())?;
    for column in columns.iter_mut().filter(|column| column.column == c::ORDER_ID) {
        let [company, order] = [company, order].map(|field| super::text::quoted(&sample.header[field]));
        column.value = format!("{{ join = [{company}, {order}] }}");
        column.sureness = Sureness::Look;
        column.remark = format!("the same number and line stand there several times, but for {company}");
    }
    Some(company)
}

/// More values than these are no companies.
const COMPANIES: usize = 20;

/// Fields that a program writes on the first line of a document only, the outermost first.
struct Heads {
    fields: Vec<usize>,
    /// Lines that lack one of them, of all lines.
    lacking: (usize, usize),
}

impl Heads {
    fn in_words(self, sample: &Sample) -> (Vec<String>, String) {
        let Self { fields, lacking: (lacking, lines) } = self;
        let names = fields.iter().map(|field| sample.header[*field].clone()).collect();
        (names, format!("empty in {lacking} of {lines} lines, which take the value of the line above"))
    }
}

/// What says something of an order as a whole.
const OF_HEADS: [&str; 9] = [
    c::ORDER_ID,
    c::ORDER_DATE,
    c::CUSTOMER_ID,
    c::CHANNEL,
    c::EMPLOYEE_ID,
    c::SHIP_TO_ID,
    c::WAREHOUSE,
    c::ORDER_KIND,
    c::CURRENCY,
];

/// A program may write the head of a document on its first line only: columns that every line needs are empty in many, and others with them.
fn heads_written_once(sample: &Sample, matches: &[Match]) -> Option<Heads> {
    let field = |name: &str| matches.iter().find(|(column, ..)| column.name == name).map(|found| found.1);
    let (order, product, quantity) = (field(c::ORDER_ID)?, field(c::PRODUCT_ID)?, field(c::QUANTITY)?);
    let is_filled = |row: &Vec<String>, field: usize| row.get(field).is_some_and(|value| !value.trim().is_empty());
    // Heads may stand in rows of their own, without a product.
    let is_line = |row: &&Vec<String>| is_filled(row, product) && is_filled(row, quantity);
    let lines: Vec<&Vec<String>> = sample.rows.iter().filter(is_line).collect();
    let lacking = |field: usize| lines.iter().filter(|row| !is_filled(row, field)).count();
    let often = |few: usize, of: usize| few * 10 > of;
    let needed = [c::ORDER_ID, c::ORDER_DATE, c::CUSTOMER_ID].into_iter().filter_map(field);
    let mut fields: Vec<usize> = needed.filter(|field| often(lacking(*field), lines.len())).collect();
    // Columns without any value are no heads, and without an order below it a customer isn't known to hold.
    fields.retain(|field| sample.rows.iter().any(|row| is_filled(row, *field)));
    let most = fields.iter().map(|field| lacking(*field)).max()?;
    // Rows on which an order begins: those where any of its columns stands, or another number than above.
    let mut above = "";
    let mut begins = Vec::new();
    for row in &sample.rows {
        let number = row.get(order).map_or("", |value| value.trim());
        // A total has its label where others have the number.
        let is_label = !is_line(&row)
            && OF_HEADS.into_iter().filter_map(field).all(|other| other == order || !is_filled(row, other));
        if !number.is_empty() && number != above && !is_label {
            begins.push(row);
            above = number;
        }
    }
    let with = |field: usize| begins.iter().filter(|row| is_filled(row, field)).count();
    let others = OF_HEADS.into_iter().filter_map(field).filter(|other| !fields.contains(other) && *other != order);
    // Another column of the head is empty where the head is, and filled where an order begins.
    let others: Vec<usize> = others
        .filter(|other| often(lacking(*other), lines.len()) && !often(begins.len() - with(*other), begins.len()))
        .collect();
    fields.extend(others);
    if !fields.contains(&order) {
        fields.insert(0, order);
    }
    // What many orders begin without stands above several of them: customers with their orders below.
    let (mut outer, inner): (Vec<usize>, Vec<usize>) =
        fields.into_iter().partition(|field| *field != order && often(begins.len() - with(*field), begins.len()));
    outer.sort_by_key(|field| with(*field));
    Some(Heads { fields: [outer, inner].concat(), lacking: (most, lines.len()) })
}

/// The field of the year, where a column for a month has the number of the month alone.
fn year_beside(sample: &Sample, column: &Column, field: usize) -> Option<usize> {
    let signs = Signs::plain();
    let is_number = |text: &String| text.parse().is_ok_and(|number: u32| (1..=16).contains(&number));
    let number_alone = column.name == c::PERIOD
        && !sample.values[field].is_empty()
        && sample.values[field].iter().all(|text| is_number(text) && month::month(text, &signs).is_err());
    let fields = (0..sample.header.len()).filter(|other| *other != field && sample.kinds[*other] == Kind::Number);
    let year = |other: &usize| fit("month", "year", &sample.header[*other]) > 0;
    fields.filter(|_| number_alone).find(year)
}

/// A column that takes a few words only, and a file that has others: which means which only its owner knows.
fn with_words_of_its_own(sample: &Sample, column: &'static Column, field: usize) -> Option<DraftColumn> {
    // What is cancelled or offered is left out.
    let values: BTreeSet<&String> = sample.values[field].iter().filter(|value| !is_cancelled(value)).collect();
    let known = |value: &&String| column.values.contains(&value.as_str());
    if column.values.is_empty() || values.iter().all(known) {
        return None;
    }
    let meaning = |value: &str| kind_of_document(value).filter(|_| column.name == c::ORDER_KIND);
    let is_known = values.len() <= WORDS && values.iter().all(|value| meaning(value).is_some());
    let pair = |value: &&String| format!("{} = \"{}\"", super::text::quoted(value), meaning(value).unwrap_or("…"));
    let pairs: Vec<String> = values.iter().take(WORDS).map(pair).collect();
    let which = column.values.join(", ");
    Some(DraftColumn {
        column: column.name,
        value: format!("{{ from = {}, map = {{ {} }} }}", super::text::quoted(&sample.header[field]), pairs.join(", ")),
        sureness: if is_known { Sureness::Look } else { Sureness::Unknown },
        remark: if is_known { format!("is that which is {which}?") } else { format!("say which is {which}") },
    })
}

fn columns_of_own_words(sample: &Sample, matches: &[Match], name: &str) -> Option<DraftColumn> {
    let (column, field, _) = matches.iter().find(|(column, ..)| column.name == name)?;
    with_words_of_its_own(sample, column, *field)
}

/// Whether all credit notes and returns that were seen stand above zero, as documents are printed.
fn are_returns_positive(sample: &Sample, matches: &[Match]) -> bool {
    let field = |name: &str| matches.iter().find(|(column, ..)| column.name == name).map(|found| found.1);
    let Some((kind, amount)) = field(c::ORDER_KIND).zip(field(c::NET_AMOUNT)) else { return false };
    let dialect = sample.dialect();
    let value = |row: &[String], field: usize| row.get(field).map_or("", |text| text.trim()).to_owned();
    let is_credit = |row: &&Vec<String>| matches!(kind_of_document(&value(row, kind)), Some("credit" | "return"));
    let amounts = sample.rows.iter().filter(is_credit).filter_map(|row| dialect.number(&value(row, amount)));
    let (above, below) = amounts
        .fold((0, 0), |(above, below), amount| (above + usize::from(amount > 0), below + usize::from(amount < 0)));
    above > 0 && below == 0
}

/// More words than these are no kinds.
const WORDS: usize = 12;

/// Columns of order lines that the file lacks and that others make; `written` says how a field stands in an expression.
fn made_columns(
    sample: &Sample,
    matches: &[Match],
    used: &mut Vec<usize>,
    written: &dyn Fn(usize) -> String,
) -> Vec<DraftColumn> {
    let mut made = Vec::new();
    let has = |matches: &[Match], name: &str| matches.iter().any(|(column, ..)| column.name == name);
    let column = |column, value, remark: &str| DraftColumn {
        column,
        value,
        sureness: Sureness::Look,
        remark: remark.to_owned(),
    };
    if !has(matches, c::LINE_NO) {
        let value = format!("{{ count_within = \"{}\" }}", c::ORDER_ID);
        made.push(column(c::LINE_NO, value, "the file has no line numbers: they are counted within the order"));
    }
    if let (false, Some((quantity, price))) = (has(matches, c::NET_AMOUNT), priced(sample, matches)) {
        let mut formula = format!("{} * {}", written(quantity), written(price));
        if let Some(pieces) = pieces_of_price(sample) {
            formula += &format!(" / {}", written(pieces));
            used.push(pieces);
        }
        if let Some((discount, left)) = discount_rate(sample, written) {
            formula += &format!(" * {left}");
            used.push(discount);
        } else if let Some((_, discount, _)) = matches.iter().find(|(column, ..)| column.name == c::DISCOUNT_AMOUNT) {
            let is_empty = |row: &Vec<String>| row.get(*discount).is_none_or(|value| value.trim().is_empty());
            let discount = written(*discount);
            let any_empty = sample.rows.iter().any(is_empty);
            formula += &if any_empty { format!(" - coalesce({discount}, 0)") } else { format!(" - {discount}") };
        }
        used.push(price);
        let is_discount = |field: &usize| {
            sample.kinds[*field] == Kind::Text
                && fit(ORDER_LINES.name, c::DISCOUNT_AMOUNT, &sample.header[*field]) > 0
                && sample.values[*field].iter().any(|value| value.contains(|sign: char| ('1'..='9').contains(&sign)))
        };
        let left_out = (0..sample.header.len()).find(is_discount).map(|field| {
            format!(
                "the discounts in {} are no numbers, such as {}, and are NOT taken off; ",
                written(field),
                sample.examples[field]
            )
        });
        made.push(column(
            c::NET_AMOUNT,
            formula,
            &format!(
                "{}the file has no amount of the line: is the price net, and per piece?",
                left_out.unwrap_or_default()
            ),
        ));
    }
    if let (false, None, Some((gross, tax))) = (has(matches, c::NET_AMOUNT), priced(sample, matches), untaxed(sample)) {
        used.extend([gross, tax]);
        let formula = if is_percentage(&sample.header[tax]) {
            format!("{} / (1 + {} / 100)", written(gross), written(tax))
        } else {
            format!("{} - {}", written(gross), written(tax))
        };
        made.push(column(c::NET_AMOUNT, formula, "the file has the amount with its tax only: it is taken off"));
    }
    let quantity = matches.iter().find(|(column, ..)| column.name == c::QUANTITY).map(|found| found.1);
    let no_list = !has(matches, c::LIST_AMOUNT) && !has(matches, c::DISCOUNT_AMOUNT) && has(matches, c::NET_AMOUNT);
    if let (true, Some((quantity, price)), Some(_)) = (no_list, priced(sample, matches), discount_rate(sample, written))
    {
        used.push(price);
        let per = pieces_of_price(sample).map(|pieces| format!(" / {}", written(pieces))).unwrap_or_default();
        made.push(column(
            c::LIST_AMOUNT,
            format!("{} * {}{per}", written(quantity), written(price)),
            "is the price before the discount, and per piece?",
        ));
    }
    if let (false, Some(quantity), Some(cost)) = (has(matches, c::COGS_AMOUNT), quantity, price(sample, "unit_cost")) {
        used.push(cost);
        made.push(column(
            c::COGS_AMOUNT,
            format!("{} * {}", written(quantity), written(cost)),
            "is the cost per piece?",
        ));
    }
    made
}

/// A condition that leaves out the rows of an export that are no order lines, where some were seen: totals, which have an amount and neither day, customer
/// nor product, and remarks, which have no product and no amount.
fn no_order_lines(
    sample: &Sample,
    matches: &[Match],
    once: &[usize],
    written: &dyn Fn(&'static str, usize) -> String,
) -> Option<(String, &'static str)> {
    let found =
        |name: &str| matches.iter().find(|(column, ..)| column.name == name).map(|found| (found.0.name, found.1));
    let is_empty = |row: &Vec<String>, field: usize| row.get(field).is_none_or(|value| value.trim().is_empty());
    let is_zero = |row: &Vec<String>, field: usize| {
        row.get(field).is_none_or(|value| !value.contains(|sign: char| ('1'..='9').contains(&sign)))
    };
    // What is taken from the row above says nothing of a row.
    let (names, remark) = match once {
        [] => (
            vec![c::ORDER_DATE, c::CUSTOMER_ID, c::PRODUCT_ID],
            "totals are no order lines: they have neither day, customer nor product",
        ),
        _ => (
            vec![c::PRODUCT_ID, c::QUANTITY],
            "heads and totals are no order lines: they have neither product nor quantity",
        ),
    };
    // A total may have the last day of its month.
    let others =
        (vec![c::CUSTOMER_ID, c::PRODUCT_ID], "totals are no order lines: they have neither customer nor product");
    for (names, remark) in [(names, remark)].into_iter().chain(once.is_empty().then_some(others)) {
        let names: Vec<_> = names.into_iter().filter_map(found).collect();
        let is_total = |row: &Vec<String>| names.iter().all(|(_, field)| is_empty(row, *field));
        if names.len() > 1 && sample.rows.iter().any(is_total) {
            let empty = names.iter().map(|(name, field)| format!("{} = ''", written(name, *field)));
            let empty = empty.collect::<Vec<_>>().join(" and ");
            return Some((format!("not ({empty})"), remark));
        }
    }
    let (product, amount) = (found(c::PRODUCT_ID)?, found(c::NET_AMOUNT)?);
    let mut remarks = sample.rows.iter().filter(|row| is_empty(row, product.1) && is_zero(row, amount.1)).peekable();
    let first = *remarks.peek()?;
    let (product, of) = (written(product.0, product.1), written(amount.0, amount.1));
    let zero = if is_empty(first, amount.1) { format!("{of} = ''") } else { format!("{of} = 0") };
    Some((format!("not ({product} = '' and {zero})"), "remarks are no order lines: they have no product and no amount"))
}

fn unused(sample: &Sample, used: &[usize]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, name) in sample.header.iter().enumerate().filter(|(field, _)| !used.contains(field)) {
        // Several may have none.
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn dates(matches: &[Match], sample: &Sample) -> Vec<&'static str> {
    let mut formats: Vec<&'static str> = Vec::new();
    for (_, field, _) in matches {
        if let Kind::Day(format, _) = sample.kinds[*field]
            && !formats.contains(&format)
        {
            formats.push(format);
        }
    }
    formats
}

/// A group of files with order lines, or with a part of them.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    lines: usize,
    /// The group with customer and day, where the lines have only the order.
    heads: Option<usize>,
    /// Credit notes in files of their own.
    credits: bool,
}

impl Part {
    fn whole(lines: usize) -> Self {
        Self { lines, ..Self::default() }
    }

    fn groups(&self) -> impl Iterator<Item = usize> + use<> {
        [self.lines].into_iter().chain(self.heads)
    }
}

/// The group that suits a source best, of equals the first.
fn best(source: &'static Table, groups: &[Group], fits: impl Fn(usize) -> bool) -> Option<usize> {
    // Of lists that are alike the name of the file says which it is.
    let is_another = |group: usize| {
        let named = |list: &Table| fit("file", list.name, groups[group].1.first().map_or("", |file| stem(file)));
        let other = |list: &&'static Table| {
            is_list(list) && named(list) > named(source) && suits(list, &groups[group]).is_some()
        };
        is_list(source) && SOURCES.iter().any(other)
    };
    let suiting = (0..groups.len()).filter(|group| fits(*group) && !is_another(*group));
    let scored = suiting.filter_map(|group| Some((suits(source, &groups[group])?, std::cmp::Reverse(group))));
    scored.max().map(|(_, group)| group.0)
}

/// The parts of order lines: sales first, whole or lines with their heads, then credit notes. Another file with sales isn't added: the same ones may
/// stand in it, as in orders and invoices.
fn order_lines(groups: &[Group]) -> Vec<Part> {
    let is_credit = |group: usize| groups[group].1.iter().all(|file| fit("file", "credits", stem(file)) > 0);
    let whole = best(&ORDER_LINES, groups, |group| !is_credit(group)).map(Part::whole);
    let Some(sales) = whole.or_else(|| lines_and_heads(groups, |group| !is_credit(group))) else {
        return best(&ORDER_LINES, groups, |_| true).map(Part::whole).into_iter().collect();
    };
    let credits = |group: usize| {
        let whole = suits(&ORDER_LINES, &groups[group]).is_some() && is_credit(group);
        (whole && alike(groups, group, sales.lines)).then_some(Part { lines: group, heads: None, credits: true })
    };
    [sales].into_iter().chain((0..groups.len()).filter_map(credits)).collect()
}

pub(super) fn stem(file: &str) -> &str {
    Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

/// Whether a view can read both: it has one dialect, and reads no workbooks.
fn alike(groups: &[Group], one: usize, other: usize) -> bool {
    let written = |group: usize| {
        groups[group].0.csv.as_ref().map(|csv| (csv.delimiter, csv.encoding, csv.skip_lines, csv.header_rows))
    };
    let is_sheet = |group: usize| groups[group].0.excel.is_some() || groups[group].0.records.is_some();
    written(one) == written(other) && !is_sheet(one) && !is_sheet(other)
}

/// The group with lines (order, product, quantity) and that with their heads (order, customer, day).
fn lines_and_heads(groups: &[Group], fits: impl Fn(usize) -> bool) -> Option<Part> {
    let has = |group: usize, names: &[&str]| {
        let matches = matches(&ORDER_LINES, &groups[group].0);
        names.iter().all(|name| matches.iter().any(|(column, ..)| column.name == *name))
    };
    let is_lines = |group: &usize| {
        let sample = &groups[*group].0;
        has(*group, &[c::ORDER_ID, c::PRODUCT_ID, c::QUANTITY])
            && (has(*group, &[c::NET_AMOUNT]) || priced(sample, &matches(&ORDER_LINES, sample)).is_some())
    };
    let lines = (0..groups.len()).filter(|group| fits(*group)).find(is_lines)?;
    let is_heads = |group: &usize| {
        let other = *group != lines && fits(*group) && alike(groups, *group, lines);
        other && has(*group, &[c::ORDER_ID, c::CUSTOMER_ID, c::ORDER_DATE])
    };
    Some(Part { lines, heads: Some((0..groups.len()).find(is_heads)?), credits: false })
}

/// Lines with what their heads know, and credit notes below them.
fn view(groups: &[Group], parts: &[Part]) -> DraftSource {
    let with_credits = parts.iter().any(|part| part.credits);
    let mut source = DraftSource {
        source: ORDER_LINES.name,
        files: parts.iter().flat_map(Part::groups).flat_map(|group| groups[group].1.clone()).collect(),
        sql: None,
        tables: Vec::new(),
        fill_down: None,
        filter: None,
        returns_positive: false,
        cost_from_products: false,
        columns: Vec::new(),
        unused: Vec::new(),
        csv: groups[parts[0].lines].0.csv.clone(),
        excel: None,
        records: None,
        dates: Vec::new(),
    };
    let chosen: Vec<Chosen> = parts.iter().map(|part| chosen(groups, part, &mut source)).collect();
    let is_any = |name: &str| {
        chosen.iter().any(|chosen| chosen.columns.contains_key(name)) || with_credits && name == c::ORDER_KIND
    };
    // Numbers are counted for all lines alike, or for none.
    let counted = chosen.iter().any(|chosen| !chosen.columns.contains_key(c::LINE_NO));
    if !counted {
        source.columns.clear();
    }
    let columns: Vec<&str> = ORDER_LINES.columns.iter().map(|column| column.name).collect();
    let columns = columns.into_iter().filter(|name| is_any(name) && !(counted && *name == c::LINE_NO));
    let columns: Vec<&str> = columns.collect();
    let select = |(part, chosen): (&Part, &Chosen)| {
        let value = |name: &&str| match (chosen.columns.get(*name), *name) {
            (None, c::ORDER_KIND) if with_credits => if part.credits { "'credit'" } else { "'sale'" }.to_owned(),
            (Some(value), name) if chosen.negated && NEGATIVE.contains(&name) => format!("-1 * {value}"),
            (value, _) => value.cloned().unwrap_or_else(|| "''".to_owned()),
        };
        let selected: Vec<String> = columns.iter().map(|name| format!("    {} as {name}", value(name))).collect();
        format!("select\n{}\n{}", selected.join(",\n"), chosen.from)
    };
    source.sql = Some(parts.iter().zip(&chosen).map(select).collect::<Vec<_>>().join("\nunion all\n"));
    source
}

/// What is below zero in a credit note.
const NEGATIVE: [&str; 5] = [c::QUANTITY, c::LIST_AMOUNT, c::DISCOUNT_AMOUNT, c::NET_AMOUNT, c::COGS_AMOUNT];

/// What a part of a view selects.
struct Chosen {
    columns: BTreeMap<&'static str, String>,
    from: String,
    /// Credit notes that are written without a sign.
    negated: bool,
}

/// Chooses the columns of a part, and notes in `source` its tables, what is made, and what nothing needs.
fn chosen(groups: &[Group], part: &Part, source: &mut DraftSource) -> Chosen {
    let name = if part.credits { "credits" } else { "lines" };
    let taken = source.tables.iter().filter(|(table, _)| table.starts_with(name)).count();
    let table = if taken == 0 { name.to_owned() } else { format!("{name}_{}", taken + 1) };
    let field = |table: &str, sample: &Sample, field: usize| {
        format!("{table}.\"{}\"", sample.header[field].replace('"', "\"\""))
    };
    let lines = &groups[part.lines];
    let of_lines = matches(&ORDER_LINES, &lines.0);
    let order =
        |matches: &[Match]| matches.iter().find(|(column, ..)| column.name == c::ORDER_ID).map_or(0, |found| found.1);
    let mut columns: BTreeMap<&'static str, String> = BTreeMap::new();
    let mut from = format!("from {table}");
    let mut see = |sample: &Sample, found: &[Match], mut used: Vec<usize>| {
        used.extend(found.iter().map(|found| found.1));
        source.unused.extend(unused(sample, &used));
        let new: Vec<_> = dates(found, sample).into_iter().filter(|format| !source.dates.contains(format)).collect();
        source.dates.extend(new);
    };
    if let Some(place) = part.heads {
        let heads = &groups[place];
        let mut of_heads = matches(&ORDER_LINES, &heads.0);
        let join = (field(&table, &lines.0, order(&of_lines)), field("heads", &heads.0, order(&of_heads)));
        from += &format!(" left join heads on {} = {}", join.0, join.1);
        of_heads.retain(|(column, field, _)| {
            let is_known = of_lines.iter().any(|(known, ..)| known.name == column.name);
            !is_known && with_words_of_its_own(&heads.0, column, *field).is_none()
        });
        columns.extend(of_heads.iter().map(|(column, place, _)| (column.name, field("heads", &heads.0, *place))));
        see(&heads.0, &of_heads, Vec::new());
    }
    let mut used = Vec::new();
    let made = made_columns(&lines.0, &of_lines, &mut used, &|place| field(&table, &lines.0, place));
    // A query has no place for words that only their owner can translate.
    let of_lines: Vec<Match> = of_lines
        .into_iter()
        .filter(|(column, field, _)| with_words_of_its_own(&lines.0, column, *field).is_none())
        .collect();
    columns.extend(of_lines.iter().map(|(column, place, _)| (column.name, field(&table, &lines.0, *place))));
    let filter = || {
        let found = no_order_lines(&lines.0, &of_lines, &[], &|name, _| name.to_owned());
        found.map(|(condition, remark)| (condition, remark.to_owned()))
    };
    source.filter = source.filter.take().or_else(filter);
    see(&lines.0, &of_lines, used);
    for column in made {
        if column.column != c::LINE_NO {
            columns.insert(column.column, column.value);
        } else if source.columns.is_empty() {
            source.columns.push(column);
        }
    }
    if let Some(heads) = part.heads {
        source.tables.push(("heads".to_owned(), groups[heads].1.clone()));
    }
    source.tables.push((table, lines.1.clone()));
    let signed = |(column, field, _): &Match| {
        column.name == c::NET_AMOUNT && lines.0.values[*field].iter().any(|value| value.contains('-'))
    };
    Chosen { columns, from, negated: part.credits && !of_lines.iter().any(signed) }
}

/// The files that could hold order lines by the kinds of their columns, those first that have most of them by name: a day, two numbers, and columns enough.
fn nearest(groups: &[Group]) -> Option<usize> {
    let found = |group: &Group| {
        let matches = matches(&ORDER_LINES, &group.0);
        needed(&ORDER_LINES).filter(|column| matches.iter().any(|(known, ..)| known.name == column.name)).count()
    };
    let could = |group: &&Group| {
        let sample = &group.0;
        let many = |is: fn(&Kind) -> bool| sample.kinds.iter().filter(|kind| is(kind)).count();
        let (days, numbers) = (many(|kind| matches!(kind, Kind::Day(..))), many(|kind| *kind == Kind::Number));
        // Lines can be counted where they have no number.
        numbers > 1 && sample.header.len() + 1 >= needed(&ORDER_LINES).count() && (days > 0 || found(group) >= NEARLY)
    };
    let able = groups.iter().enumerate().filter(|(_, group)| could(group));
    able.map(|(place, group)| (found(group), std::cmp::Reverse(place))).max().map(|(_, place)| place.0)
}

/// So many columns that order lines need, by their names, tell them where none has days that can be read.
const NEARLY: usize = 4;

/// Order lines for which columns are still to be named, and which those are.
fn unfinished(group: &Group) -> (DraftSource, Vec<&'static str>) {
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
            [(only, _)] if column.ty == Type::Date => (*only, Sureness::Look, "the only column of days".to_owned()),
            several => ("…", Sureness::Unknown, format!("which column is it? {}", with_examples(several))),
        };
        let remark =
            if sureness == Sureness::Unknown { format!("{remark}{}", doubled_names(&group.0)) } else { remark };
        let value = super::text::quoted(value);
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

/// Of heads and lines in one file the heads say who and when, the lines what and how much.
fn is_where_it_belongs(sample: &Sample, column: &Column, name: &String) -> bool {
    let Some(records) = &sample.records else { return true };
    let of_line = records.lines.iter().filter_map(|line| records.fields.get(line)).any(|names| names.contains(name));
    of_line != [c::ORDER_ID, c::ORDER_DATE, c::CUSTOMER_ID].contains(&column.name)
}

/// Columns that can't be named, as others are called the same.
fn doubled_names(sample: &Sample) -> String {
    let doubled =
        (0..sample.header.len()).filter(|field| !sample.header[*field].is_empty() && is_twice(sample, *field));
    let doubled: BTreeSet<&str> = doubled.map(|field| sample.header[field].as_str()).collect();
    match doubled.into_iter().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        names => {
            format!("; several columns are called {}: give each a name of its own in the export", names.join(", "))
        }
    }
}

/// What a column with the right name holds that can't be read, or that there is none.
fn no_such_kind(column: &Column, sample: &Sample) -> String {
    let called = |field: &usize| fit(ORDER_LINES.name, column.name, &sample.header[*field]) >= NAMED;
    let found = (0..sample.header.len()).find(|field| called(field) && sample.kinds[*field] == Kind::Text);
    let what = if column.ty == Type::Date { "a day" } else { "a number" };
    let months = (0..sample.header.len()).find(|field| fit(COST_POOLS.name, c::PERIOD, &sample.header[*field]) == 100);
    let none = match months {
        Some(field) if column.ty == Type::Date => {
            format!(
                "{} is no day, such as {}: export the lines with the day of the order or invoice",
                sample.header[field], sample.examples[field]
            )
        }
        _ if column.ty == Type::Date => {
            "no column has days: export the lines with the day of the order or invoice".to_owned()
        }
        _ => "no column of the file is of this kind".to_owned(),
    };
    found.map_or(none, |field| {
        let (name, example) = (&sample.header[field], &sample.examples[field]);
        format!("{name} holds texts such as {example}, and {what} is wanted: export it as {what} alone")
    })
}

/// Why files fit no source: what the nearest one lacks.
fn left_over((sample, files): &Group) -> Vec<(String, String)> {
    let lacking = |source: &'static Table| {
        let matches = matches(source, sample);
        let lacks: Vec<&str> = needed(source)
            .filter(|column| column.name != c::LINE_NO)
            .filter(|column| !matches.iter().any(|(known, ..)| known.name == column.name))
            .map(|column| column.name)
            .collect();
        (matches.len(), source.name, lacks)
    };
    let nearest = SOURCES
        .iter()
        .map(|source| lacking(source))
        .max_by_key(|(found, _, lacks)| (*found, std::cmp::Reverse(lacks.len())));
    let reason = match nearest {
        Some((found, source, lacks)) if found > 1 && !lacks.is_empty() => {
            format!("looks like {source}, but has no column for {}", lacks.join(", "))
        }
        Some((found, source, _)) if found > 1 => {
            format!("looks like {source}, as another file does: where both hold rows of it, name both in `files`")
        }
        _ if !months::fields(sample).is_empty() => {
            "months stand in its columns, and a row for each is wanted".to_owned()
        }
        _ => "its columns are not those of a source".to_owned(),
    };
    let sheet = sample.excel.as_ref().map_or_else(String::new, |excel| format!(" [{}]", excel.sheets.join(", ")));
    files.iter().map(|file| (format!("{file}{sheet}"), reason.clone())).collect()
}
