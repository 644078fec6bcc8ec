//! Drafts a view for order lines in several files, which joins lines with their heads and appends credit notes. The query only
//! combines rows; their columns are then recognised as in a single file.

use std::collections::BTreeMap;

use netto_model::column as c;
use netto_model::contract::ORDER_LINES;

use super::groups::{Group, has_credits};
use super::keys::{are_common, as_ids, common_field, open};
use super::made::{amount_is_made, counted_lines};
use super::matches::{Match, best, field_of, matches, needed, suits};
use super::orders::OfOrders;
use super::remarks::NEGATIVE;
use super::sample::{Sample, in_sql, value};
use super::source::{DraftColumn, DraftSource, Sureness};
use super::sources::from_files;
use super::text::quoted;

/// A group of files with order lines, or with a part of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    pub(super) lines: usize,
    /// The group with customer and day, if the lines have only the order.
    pub(super) heads: Option<Heads>,
    /// Credit notes in files of their own.
    credits: bool,
}

/// Heads of lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heads {
    group: usize,
    /// The columns of lines and heads that hold the same orders.
    by: (usize, usize),
}

impl Part {
    pub(super) fn whole(lines: usize) -> Self {
        Self { lines, ..Self::default() }
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = usize> + use<> {
        [self.lines].into_iter().chain(self.heads.map(|heads| heads.group))
    }
}

/// The parts of order lines: first the sales, in one file or as lines with their heads, then the credit notes. A second file with sales isn't added,
/// as it may have the same sales, like orders and invoices.
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

/// Whether a view can read both, as it has only one dialect and one header row for all sheets.
fn alike(groups: &[Group], one: usize, other: usize) -> bool {
    let [one, other] = [one, other].map(|group| &groups[group].0);
    let of_file =
        |sample: &Sample| sample.csv.as_ref().map(|csv| (csv.delimiter, csv.encoding, csv.skip_lines, csv.header_rows));
    let of_sheet = |sample: &Sample| sample.excel.as_ref().map(|excel| (excel.header_row, excel.header_rows));
    let in_both = one.records.is_none() && other.records.is_none() && one.texts == other.texts;
    in_both && of_file(one) == of_file(other) && of_sheet(one) == of_sheet(other)
}

/// The group with lines (order, product, quantity) and the group with their heads, which has the columns that the lines lack.
fn lines_and_heads(groups: &[Group], fits: impl Fn(usize) -> bool) -> Option<Part> {
    let with = |lines: usize| {
        let sample = &groups[lines].0;
        let found = matches(&ORDER_LINES, sample);
        let has = |name: &str| field_of(&found, name).is_some();
        let is_lines = [c::ORDER_ID, c::PRODUCT_ID, c::QUANTITY].into_iter().all(has)
            && (has(c::NET_AMOUNT) || amount_is_made(sample, &found));
        let heads = |heads: usize| {
            let of_heads = matches(&ORDER_LINES, &groups[heads].0);
            let of_lines = [c::ORDER_ID, c::LINE_NO, c::PRODUCT_ID, c::QUANTITY, c::NET_AMOUNT];
            let mut lacks = needed(&ORDER_LINES).filter(|column| !of_lines.contains(&column.name) && !has(column.name));
            let able = is_lines && heads != lines && fits(heads) && alike(groups, heads, lines);
            let by = joined_by((sample, &found), (&groups[heads].0, &of_heads)).filter(|_| able)?;
            lacks.all(|column| field_of(&of_heads, column.name).is_some()).then_some(Heads { group: heads, by })
        };
        Some(Part { lines, heads: Some((0..groups.len()).find_map(heads)?), credits: false })
    };
    (0..groups.len()).filter(|group| fits(*group)).find_map(with)
}

/// The columns that join lines with their heads: those named as the order in both, or those with the same values.
fn joined_by((lines, of_lines): (&Sample, &[Match]), (heads, of_heads): (&Sample, &[Match])) -> Option<(usize, usize)> {
    let order = field_of(of_lines, c::ORDER_ID)?;
    let orders = as_ids(&lines.values[order]);
    let by_name = field_of(of_heads, c::ORDER_ID);
    let are_same = |field: &usize| are_common(&as_ids(&heads.values[*field]), &orders);
    let by_values = || common_field(&open(heads, |_| true), &orders);
    Some((order, by_name.filter(are_same).or_else(by_values).or(by_name)?))
}

impl Part {
    /// The rows of the part, and the table of each of its columns.
    fn sample(&self, groups: &[Group], lines: &str) -> (Sample, Vec<String>) {
        let sample = &groups[self.lines].0;
        let of_lines = vec![lines.to_owned(); sample.header.len()];
        let Some(Heads { group, by: (order, key) }) = self.heads else { return (sample.clone(), of_lines) };
        let heads = &groups[group].0;
        // Columns that both have are taken from the line.
        let new: Vec<usize> = heads.fields().filter(|field| !sample.header.contains(&heads.header[*field])).collect();
        let rows: BTreeMap<&str, &Vec<String>> = heads.rows.iter().map(|row| (value(row, key), row)).collect();
        let head = |row: &Vec<String>| {
            let head = rows.get(value(row, order));
            new.iter().map(|field| head.map_or("", |head| value(head, *field)).to_owned()).collect::<Vec<_>>()
        };
        // In long files, the matching rows may be outside the sample.
        let is_known = |row: &&Vec<String>| rows.contains_key(value(row, order));
        let any = sample.rows.iter().any(|row| is_known(&row));
        let is_known = |row: &&Vec<String>| !any || is_known(row);
        let joined = sample.rows.iter().filter(is_known).map(|row| [row.clone(), head(row)].concat()).collect();
        let joined = sample.beside(heads, &new, joined);
        let tables = of_lines.into_iter().chain(new.iter().map(|_| HEADS.to_owned())).collect();
        let mut orders = OfOrders::of(&joined);
        // Findings from other files about the lines still apply.
        orders.before_discount.extend(&sample.orders.before_discount);
        (Sample { orders, ..joined }, tables)
    }

    /// Whether its credit notes are written without a sign.
    fn is_unsigned(&self, sample: &Sample, found: &[Match]) -> bool {
        let is_signed = |field: usize| sample.values[field].iter().any(|value| value.contains('-'));
        self.credits && field_of(found, c::NET_AMOUNT).is_none_or(|field| !is_signed(field))
    }
}

const HEADS: &str = "heads";

/// The view of lines joined with their heads, with credit notes appended, and a sample of its rows.
pub(super) fn view(groups: &[Group], parts: &[Part]) -> (DraftSource, Sample) {
    let [first, credits @ ..] = parts else { return (DraftSource::default(), Sample::default()) };
    let (sample, tables) = first.sample(groups, "lines");
    let files = parts.iter().flat_map(Part::groups).flat_map(|group| groups[group].1.clone()).collect();
    let mut source = from_files(&ORDER_LINES, &(sample.clone(), files));
    let found = matches(&ORDER_LINES, &sample);
    let kind = field_of(&found, c::ORDER_KIND).filter(|_| !credits.is_empty());
    let used: Vec<usize> = sample
        .fields()
        .filter(|field| !source.unused.contains(&sample.header[*field]) && Some(*field) != kind)
        .collect();
    let kind = |word: &str| (!credits.is_empty()).then(|| format!("'{word}' as {}", c::ORDER_KIND));
    let selected = used.iter().map(|field| format!("{}.{}", tables[*field], sample.in_sql(*field)));
    let mut from = "from lines".to_owned();
    if let Some(Heads { group, by: (order, key) }) = first.heads {
        let (order, key) = (sample.in_sql(order), groups[group].0.in_sql(key));
        from += &format!(" left join {HEADS} on lines.{order} = {HEADS}.{key}");
        add_table(&mut source, HEADS, &groups[group]);
    }
    add_table(&mut source, "lines", &groups[first.lines]);
    let mut selects = vec![select(selected.chain(kind("sale")), &from)];
    for (number, part) in credits.iter().enumerate() {
        let table = if number == 0 { "credits".to_owned() } else { format!("credits_{}", number + 1) };
        let of_part = &groups[part.lines].0;
        let of_credits = matches(&ORDER_LINES, of_part);
        let unsigned = part.is_unsigned(of_part, &of_credits);
        let same = |field: &usize| {
            let name = &sample.header[*field];
            let column = found.iter().find(|(_, known, _)| known == field).map(|(column, ..)| column.name);
            let by_name = of_part.header.iter().position(|other| other == name);
            let place = by_name.or_else(|| field_of(&of_credits, column?));
            let turned = unsigned && column.is_some_and(|column| NEGATIVE.contains(&column));
            let value = place.map_or("''".to_owned(), |place| format!("{table}.{}", of_part.in_sql(place)));
            format!("{}{value} as {}", if turned { "-1 * " } else { "" }, in_sql(name))
        };
        selects.push(select(used.iter().map(same).chain(kind("credit")), &format!("from {table}")));
        add_table(&mut source, &table, &groups[part.lines]);
    }
    let lacks_numbers = |part: &Part| field_of(&matches(&ORDER_LINES, &groups[part.lines].0), c::LINE_NO).is_none();
    if credits.iter().any(lacks_numbers) {
        // Line numbers are counted for all lines or for none.
        source.columns.retain(|column| column.column != c::LINE_NO);
        source.columns.push(counted_lines());
    }
    if !credits.is_empty() {
        source.returns_positive = false;
        source.columns.retain(|column| column.column != c::ORDER_KIND);
        let (column, value) = (c::ORDER_KIND, quoted(c::ORDER_KIND));
        source.columns.push(DraftColumn { column, value, sureness: Sureness::Sure, remark: String::new() });
    }
    source.sql = Some(selects.join("\nunion all\n"));
    (source, sample)
}

fn add_table(source: &mut DraftSource, table: &str, (sample, files): &Group) {
    source.tables.push((table.to_owned(), files.clone()));
    source.sheets.extend(sample.excel.as_ref().map(|excel| (table.to_owned(), excel.sheets.clone())));
}

fn select(columns: impl Iterator<Item = String>, from: &str) -> String {
    let columns: Vec<String> = columns.map(|column| format!("    {column}")).collect();
    format!("select\n{}\n{from}", columns.join(",\n"))
}
