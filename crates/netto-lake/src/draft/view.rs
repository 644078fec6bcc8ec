//! Order lines from several files: lines and their heads joined, credit notes below them.

use std::collections::BTreeMap;

use netto_model::column as c;
use netto_model::contract::ORDER_LINES;

use super::column::with_words_of_its_own;
use super::groups::{Group, has_credits};
use super::left_out::NoLines;
use super::made::{made_columns, priced};
use super::matches::{Match, best, field_of, matches, suits};
use super::remarks::NEGATIVE;
use super::sample::Sample;
use super::source::DraftSource;
use super::sources::{dates, unused};

/// A group of files with order lines, or with a part of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    pub(super) lines: usize,
    /// The group with customer and day, where the lines have only the order.
    pub(super) heads: Option<usize>,
    /// Credit notes in files of their own.
    credits: bool,
}

impl Part {
    pub(super) fn whole(lines: usize) -> Self {
        Self { lines, ..Self::default() }
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = usize> + use<> {
        [self.lines].into_iter().chain(self.heads)
    }
}

/// The parts of order lines: sales first, whole or lines with their heads, then credit notes. Another file with sales isn't added: the same ones may
/// stand in it, as in orders and invoices.
pub(super) fn order_lines(groups: &[Group]) -> Vec<Part> {
    let is_credit = |group: usize| groups[group].1.iter().all(|file| has_credits(file));
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
        names.iter().all(|name| field_of(&matches, name).is_some())
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
pub(super) fn view(groups: &[Group], parts: &[Part]) -> DraftSource {
    let with_credits = parts.iter().any(|part| part.credits);
    let mut source = DraftSource {
        source: ORDER_LINES.name,
        files: parts.iter().flat_map(Part::groups).flat_map(|group| groups[group].1.clone()).collect(),
        csv: groups[parts[0].lines].0.csv.clone(),
        ..DraftSource::default()
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
    let field = |table: &str, sample: &Sample, field: usize| format!("{table}.{}", sample.in_sql(field));
    let lines = &groups[part.lines];
    let of_lines = matches(&ORDER_LINES, &lines.0);
    let order = |matches: &[Match]| field_of(matches, c::ORDER_ID).unwrap_or(0);
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
            let is_known = field_of(&of_lines, column.name).is_some();
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
    let filter = || NoLines::of(&lines.0, &of_lines, &[]).map(|found| found.condition(&|name, _| name.to_owned()));
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
