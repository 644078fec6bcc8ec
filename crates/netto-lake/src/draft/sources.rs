//! Which file is which source, and which of its columns is which of the contract's.
//!
//! Files with the same header are one source. Where no file has all that order lines need, but one has the lines and another their
//! heads (customer and day by order), a view puts them together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use netto_model::column as c;
use netto_model::contract::{CUSTOMERS, EMPLOYEES, ORDER_LINES, PRODUCTS, PROSPECTS, SOURCES};
use netto_model::table::{Column, Role, Table, Type};

use super::Draft;
use super::kinds::{Kind, swapped};
use super::sample::{Sample, Written};
use super::terms::fit;

/// A source as it would be configured.
#[derive(Clone, Debug)]
pub struct DraftSource {
    /// Its name in the contract.
    pub source: &'static str,
    /// The files, relative to the project; of a view the lines first, then the heads.
    pub files: Vec<String>,
    /// The query, where lines and heads lie in two files.
    pub sql: Option<String>,
    /// The columns that were recognised, in the order of the contract.
    pub columns: Vec<DraftColumn>,
    /// Columns of the files that nothing needs.
    pub unused: Vec<String>,
    pub(super) csv: Option<Written>,
    pub(super) excel: Option<(String, Option<u64>)>,
    pub(super) dates: Vec<&'static str>,
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
type Match = (&'static Column, usize, u32);

/// Recognises the sources.
pub(super) fn draft(samples: Vec<Sample>) -> Draft {
    let mut groups = grouped(samples);
    settle_days(&mut groups);
    settle_writing(&mut groups);
    let mut draft = Draft::default();
    let mut used: Vec<(&'static str, Sample)> = Vec::new();
    for source in by_need() {
        let best = (0..groups.len())
            .filter_map(|group| Some((suits(source, &groups[group])?, group)))
            .max_by_key(|(score, group)| (*score, std::cmp::Reverse(*group)));
        if let Some((_, group)) = best {
            let group = groups.remove(group);
            draft.sources.push(from_files(source, &group));
            used.push((source.name, group.0));
        }
    }
    for (source, column) in zeros_in_front(&used) {
        let columns =
            draft.sources.iter_mut().filter(|found| found.source == source).flat_map(|found| &mut found.columns);
        for chosen in columns.filter(|chosen| chosen.column == column) {
            chosen.value = format!("{{ from = {}, strip_zeros = true }}", chosen.value);
            "written with and without zeros in front".clone_into(&mut chosen.remark);
        }
    }
    if !draft.sources.iter().any(|found| found.source == ORDER_LINES.name)
        && let Some((lines, heads)) = lines_and_heads(&groups)
    {
        draft.sources.push(view(&groups[lines], &groups[heads]));
        let mut place = 0..;
        groups.retain(|_| !place.next().is_some_and(|place| place == lines || place == heads));
    }
    draft.left_over = groups.iter().flat_map(left_over).collect();
    let place = |name: &str| SOURCES.iter().position(|source| source.name == name);
    draft.sources.sort_by_key(|found| place(found.source));
    draft
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
fn grouped(samples: Vec<Sample>) -> Vec<(Sample, Vec<String>)> {
    let mut groups: Vec<(Sample, Vec<String>)> = Vec::new();
    for sample in samples {
        let same = |group: &(Sample, Vec<String>)| {
            let written = |sample: &Sample| sample.csv.as_ref().map(|csv| (csv.delimiter, csv.skip_lines));
            group.0.header == sample.header && written(&group.0) == written(&sample)
        };
        match groups.iter_mut().find(|group| same(group)) {
            Some((first, files)) => {
                files.push(sample.path.clone());
                merge(first, sample);
            }
            None => groups.push((sample.clone(), vec![sample.path])),
        }
    }
    groups
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
    for (values, others) in first.values.iter_mut().zip(second.values) {
        values.extend(others);
    }
    if let (Some(csv), Some(other)) = (&mut first.csv, second.csv) {
        if csv.dialect.unseen {
            csv.dialect = other.dialect;
        }
        if csv.ascii {
            (csv.encoding, csv.ascii) = (other.encoding, other.ascii);
        }
    }
}

/// Where day and month could be either, the columns that are clear decide: a program writes its days in one way.
fn settle_days(groups: &mut [(Sample, Vec<String>)]) {
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
fn settle_writing(groups: &mut [(Sample, Vec<String>)]) {
    let written: Vec<Written> = groups.iter().filter_map(|(sample, _)| sample.csv.clone()).collect();
    let (encoding, dialect) = (written.iter().find(|csv| !csv.ascii), written.iter().find(|csv| !csv.dialect.unseen));
    for csv in groups.iter_mut().filter_map(|(sample, _)| sample.csv.as_mut()) {
        if let Some(other) = encoding.filter(|_| csv.ascii) {
            csv.encoding = other.encoding;
        }
        if let Some(other) = dialect.filter(|_| csv.dialect.unseen) {
            csv.dialect = other.dialect.clone();
        }
    }
}

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
        let stripped: BTreeSet<&str> = of_list.iter().map(|id| without_zeros(id)).collect();
        let known = of_lines.iter().filter(|id| of_list.contains(*id)).count();
        let known_stripped = of_lines.iter().filter(|id| stripped.contains(without_zeros(id))).count();
        if known_stripped > known {
            found.extend(used.iter().filter(|(name, _)| ids(name, column).is_some()).map(|(name, _)| (*name, column)));
        }
    }
    found
}

fn without_zeros(id: &str) -> &str {
    let stripped = id.trim_start_matches('0');
    if stripped.is_empty() && !id.is_empty() { "0" } else { stripped }
}

/// How well a group of files suits a source; none where something is missing that can't be made.
fn suits(source: &'static Table, (sample, files): &(Sample, Vec<String>)) -> Option<u32> {
    let matches = matches(source, sample);
    let found = |column: &Column| matches.iter().any(|(known, ..)| known.name == column.name);
    let made = |column: &Column| {
        source.name == ORDER_LINES.name
            && (column.name == c::LINE_NO || column.name == c::NET_AMOUNT && priced(sample, &matches).is_some())
    };
    if !needed(source).all(|column| found(column) || made(column)) {
        return None;
    }
    let stem = files.first().and_then(|file| Path::new(file).file_stem()?.to_str()).unwrap_or_default();
    let named = fit("file", source.name, stem);
    // A list of customers starts with the customer, or the file's name says so.
    let lists = [CUSTOMERS.name, PRODUCTS.name, EMPLOYEES.name, PROSPECTS.name];
    let first = matches.iter().any(|(column, field, _)| column.role == Role::Key && *field == 0);
    if lists.contains(&source.name) && named == 0 && !(first && matches.len() > 1) {
        return None;
    }
    let columns: u32 = matches.iter().map(|(.., fit)| fit).sum();
    Some(columns + 3 * named)
}

/// The columns of a source that the file has, each field once, the best fits first.
fn matches(source: &'static Table, sample: &Sample) -> Vec<Match> {
    let mut candidates: Vec<Match> = Vec::new();
    for column in source.columns {
        for (field, name) in sample.header.iter().enumerate() {
            let fits = fit(source.name, column.name, name);
            if fits > 0 && of_kind(column, &sample.kinds[field], fits) && !is_price(source, column, name, fits) {
                candidates.push((column, field, fits));
            }
        }
    }
    // Stable: of equals the earlier column of the contract, and the earlier field.
    candidates.sort_by_key(|(.., fit)| std::cmp::Reverse(*fit));
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

fn of_kind(column: &Column, kind: &Kind, fits: u32) -> bool {
    match column.ty {
        // A month has many forms: 202503, 2025-03.
        Type::Date if column.name == c::PERIOD => matches!(kind, Kind::Day(..) | Kind::Empty) || fits == 100,
        Type::Date => matches!(kind, Kind::Day(..) | Kind::Empty),
        Type::Decimal | Type::Integer | Type::Ratio => matches!(kind, Kind::Number | Kind::Empty),
        Type::Text | Type::Bool => !matches!(kind, Kind::Day(..)),
    }
}

/// A price per piece is no amount of a line.
fn is_price(source: &Table, column: &Column, name: &str, fits: u32) -> bool {
    source.name == ORDER_LINES.name
        && column.ty == Type::Decimal
        && (fit("price", "unit_price", name) >= fits || fit("price", "unit_cost", name) >= fits)
}

/// The field of a price per piece.
fn price(sample: &Sample, what: &str) -> Option<usize> {
    let priced = |field: usize| sample.kinds[field] == Kind::Number && fit("price", what, &sample.header[field]) > 0;
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

fn from_files(source: &'static Table, (sample, files): &(Sample, Vec<String>)) -> DraftSource {
    let mut matches = matches(source, sample);
    let mut made = Vec::new();
    let mut used: Vec<usize> = Vec::new();
    if source.name == ORDER_LINES.name {
        let quoted = |field: usize| format!("\"{}\"", sample.header[field].replace('"', "\"\""));
        made = made_columns(sample, &mut matches, &mut used, &quoted);
        for column in &mut made {
            if column.column != c::LINE_NO {
                column.value = format!("{{ sql = '{}' }}", column.value);
            }
        }
    }
    used.extend(matches.iter().map(|(_, field, _)| *field));
    let mut columns: Vec<DraftColumn> = matches.iter().map(|found| plain_column(sample, found)).chain(made).collect();
    let place = |name: &str| source.columns.iter().position(|column| column.name == name);
    columns.sort_by_key(|column| place(column.column));
    DraftSource {
        source: source.name,
        files: files.clone(),
        sql: None,
        columns,
        unused: unused(sample, &used),
        csv: sample.csv.clone(),
        excel: sample.excel.clone(),
        dates: dates(&matches, sample),
    }
}

fn plain_column(sample: &Sample, &(column, field, fits): &Match) -> DraftColumn {
    let either_way = matches!(sample.kinds[field], Kind::Day(_, true));
    let example = &sample.examples[field];
    if let Some(draft) = with_words_of_its_own(sample, column, field) {
        return draft;
    }
    let remark = match (either_way, example.is_empty()) {
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

/// A column that takes a few words only, and a file that has others: which means which only its owner knows.
fn with_words_of_its_own(sample: &Sample, column: &'static Column, field: usize) -> Option<DraftColumn> {
    let values = &sample.values[field];
    let known = |value: &String| column.values.contains(&value.as_str());
    if column.values.is_empty() || values.iter().all(known) {
        return None;
    }
    let pairs: Vec<String> =
        values.iter().take(WORDS).map(|value| format!("{} = \"…\"", super::text::quoted(value))).collect();
    Some(DraftColumn {
        column: column.name,
        value: format!("{{ from = {}, map = {{ {} }} }}", super::text::quoted(&sample.header[field]), pairs.join(", ")),
        sureness: Sureness::Unknown,
        remark: format!("say which is {}", column.values.join(", ")),
    })
}

/// More words than these are no kinds.
const WORDS: usize = 12;

/// Columns of order lines that the file lacks and that others make; `written` says how a field stands in an expression.
fn made_columns(
    sample: &Sample,
    matches: &mut Vec<Match>,
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
        let discount =
            matches.iter().position(|(column, field, _)| column.name == c::DISCOUNT_AMOUNT && sample.shares[*field]);
        let discount = discount.map(|place| matches.remove(place).1);
        let mut formula = format!("{} * {}", written(quantity), written(price));
        if let Some(discount) = discount {
            formula += &format!(" * (1 - {})", written(discount));
            used.push(discount);
        }
        used.push(price);
        made.push(column(
            c::NET_AMOUNT,
            formula,
            "the file has no amount of the line: is the price net, and per piece?",
        ));
    }
    let quantity = matches.iter().find(|(column, ..)| column.name == c::QUANTITY).map(|found| found.1);
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

fn unused(sample: &Sample, used: &[usize]) -> Vec<String> {
    let fields = sample.header.iter().enumerate().filter(|(field, _)| !used.contains(field));
    fields.map(|(_, name)| name.clone()).collect()
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

/// The group with lines (order, product, quantity) and that with their heads (order, customer, day).
fn lines_and_heads(groups: &[(Sample, Vec<String>)]) -> Option<(usize, usize)> {
    let has = |group: usize, names: &[&str]| {
        let matches = matches(&ORDER_LINES, &groups[group].0);
        names.iter().all(|name| matches.iter().any(|(column, ..)| column.name == *name))
    };
    let is_lines = |group: &usize| {
        let sample = &groups[*group].0;
        has(*group, &[c::ORDER_ID, c::PRODUCT_ID, c::QUANTITY])
            && (has(*group, &[c::NET_AMOUNT]) || priced(sample, &matches(&ORDER_LINES, sample)).is_some())
    };
    let lines = (0..groups.len()).find(is_lines)?;
    let alike = |group: usize| {
        let written =
            |group: usize| groups[group].0.csv.as_ref().map(|csv| (csv.delimiter, csv.encoding, csv.skip_lines));
        written(group) == written(lines)
    };
    let is_heads =
        |&group: &usize| group != lines && alike(group) && has(group, &[c::ORDER_ID, c::CUSTOMER_ID, c::ORDER_DATE]);
    Some((lines, (0..groups.len()).find(is_heads)?))
}

/// Lines with what their heads know.
fn view(lines: &(Sample, Vec<String>), heads: &(Sample, Vec<String>)) -> DraftSource {
    let mut of_lines = matches(&ORDER_LINES, &lines.0);
    let mut of_heads = matches(&ORDER_LINES, &heads.0);
    of_heads.retain(|(column, ..)| {
        !of_lines.iter().any(|(known, ..)| known.name == column.name) || column.name == c::ORDER_ID
    });
    let field = |table: &'static str, sample: &Sample, field: usize| {
        format!("{table}.\"{}\"", sample.header[field].replace('"', "\"\""))
    };
    let mut used = Vec::new();
    let made = made_columns(&lines.0, &mut of_lines, &mut used, &|place| field("lines", &lines.0, place));
    let mut chosen: BTreeMap<&str, String> = BTreeMap::new();
    for (column, place, _) in &of_heads {
        chosen.insert(column.name, field("heads", &heads.0, *place));
    }
    for (column, place, _) in &of_lines {
        chosen.insert(column.name, field("lines", &lines.0, *place));
    }
    for column in made.iter().filter(|column| column.column != c::LINE_NO) {
        chosen.insert(column.column, column.value.clone());
    }
    let key =
        |matches: &[Match]| matches.iter().find(|(column, ..)| column.name == c::ORDER_ID).map_or(0, |found| found.1);
    let selected: Vec<String> = ORDER_LINES
        .columns
        .iter()
        .filter_map(|column| Some(format!("    {} as {}", chosen.get(column.name)?, column.name)))
        .collect();
    let sql = format!(
        "select\n{}\nfrom lines left join heads on {} = {}",
        selected.join(",\n"),
        field("lines", &lines.0, key(&of_lines)),
        field("heads", &heads.0, key(&of_heads))
    );
    let mut dates = dates(&of_lines, &lines.0);
    dates.extend(
        self::dates(&of_heads, &heads.0).into_iter().filter(|format| !dates.contains(format)).collect::<Vec<_>>(),
    );
    used.extend(of_lines.iter().map(|found| found.1));
    let used_heads: Vec<usize> = of_heads.iter().map(|found| found.1).collect();
    DraftSource {
        source: ORDER_LINES.name,
        files: lines.1.iter().chain(&heads.1).cloned().collect(),
        sql: Some(sql),
        columns: made.into_iter().filter(|column| column.column == c::LINE_NO).collect(),
        unused: unused(&lines.0, &used).into_iter().chain(unused(&heads.0, &used_heads)).collect(),
        csv: lines.0.csv.clone(),
        excel: None,
        dates,
    }
}

/// Why files fit no source: what the nearest one lacks.
fn left_over((sample, files): &(Sample, Vec<String>)) -> Vec<(String, String)> {
    let lacking = |source: &'static Table| {
        let matches = matches(source, sample);
        let lacks: Vec<&str> = needed(source)
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
        Some((found, source, _)) if found > 1 => format!("looks like {source}, which another file suits better"),
        _ => "its columns are not those of a source".to_owned(),
    };
    files.iter().map(|file| (file.clone(), reason.clone())).collect()
}
