//! Assigns files to sources: the sources with the most requirements choose first; a remaining file may be a budget, or is reported.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::Period;
use netto_model::column as c;
use netto_model::contract::{ACTIVITIES, COST_POOLS, FX_RATES, ORDER_LINES, PRODUCTS, RECEIVABLES, SOURCES};
use netto_model::table::{Role, Table, Type};

use super::Draft;
use super::column::{WORDS, columns_of_own_words, plain_column, year_beside};
use super::companies::{note_companies, note_shared_numbers};
use super::groups::{Group, grouped, join_alike, settle_days, settle_writing};
use super::heads::{Heads, heads_written_once, note_names_above};
use super::keys::{correct_keys, note_keys, note_kinds, zeros_in_front};
use super::kinds::{CURRENCIES, Kind, no_days, signs_of};
use super::left_out::{NoLines, order_lines_only};
use super::list_prices::note_list_prices;
use super::made::{deductions, made_columns};
use super::matches::{Match, best, field_of, is_amount, matches, needed, stem};
use super::months;
use super::orders::OfOrders;
use super::questions::{left_over, nearest, unfinished};
use super::remarks::{
    are_returns_positive, ask_for_signs, note_cents, note_deductions, note_missing_products, note_thousands,
    turn_negative, turn_rates,
};
use super::sample::{Sample, value};
use super::signs::{self, SignBeside};
use super::source::{DraftColumn, DraftSource, Sureness};
use super::spans::take_for_days;
use super::terms::kind_of_activity;
use super::text::{quoted, with_setting};
use super::view::{Part, order_lines, view};
use crate::moment;

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
    note_kinds(&mut groups);
    note_list_prices(&mut groups);
    note_names_above(&mut groups);
    take_for_days(&mut groups);
    let mut draft = Draft::default();
    let mut used = taken(&mut groups, &mut draft.sources);
    strip_zeros(&used, &mut draft.sources);
    let is_there = |draft: &Draft, source: &Table| draft.sources.iter().any(|found| found.source == source.name);
    if !is_there(&draft, &ORDER_LINES)
        && let Some((list, group)) = nearest_of(&mut groups, &mut used)
    {
        draft.sources.retain(|source| list != Some(source.source));
        let (unfinished, lacks) = unfinished(&group);
        draft.sources.push(unfinished);
        draft.lacks = lacks;
    }
    take_costs_from_products(&mut draft.sources);
    let lines = used.iter().find(|(source, _)| *source == ORDER_LINES.name).map(|(_, (lines, _))| lines);
    draft.currency = lines.and_then(currency);
    let own = draft.currency.as_ref().map_or("EUR", |(code, _)| code);
    for (_, (sample, _)) in used.iter().filter(|(source, _)| *source == FX_RATES.name) {
        let rates = draft.sources.iter_mut().filter(|source| source.source == FX_RATES.name);
        rates.for_each(|rates| turn_rates(sample, own, &mut rates.columns));
    }
    if !is_there(&draft, &COST_POOLS) {
        let year = lines.and_then(last_year);
        let pools = |(place, (sample, files)): (usize, &Group)| Some((place, months::cost_pools(sample, files, year)?));
        if let Some((place, pools)) = groups.iter().enumerate().find_map(pools) {
            draft.sources.push(pools);
            groups.remove(place);
        }
    }
    draft.left_over = groups.iter().flat_map(left_over).collect();
    if !is_there(&draft, &ORDER_LINES) {
        // Without order lines, a list with a column per month is reported as such, rather than used as a list of customers.
        let crosstab = |source: &DraftSource| {
            let sample = used.iter().find(|(name, _)| *name == source.source).map(|(_, (sample, _))| sample);
            sample
                .filter(|sample| !months::fields(sample).is_empty())
                .map(|sample| (sample.path.clone(), months::hint(sample)))
        };
        draft.left_over.extend(draft.sources.iter().filter_map(crosstab));
        draft.sources.retain(|source| crosstab(source).is_none());
    }
    let place = |name: &str| SOURCES.iter().position(|source| source.name == name);
    draft.sources.sort_by_key(|found| place(found.source));
    draft
}

/// Removes the groups that suit a source from `groups`; returns them with their source.
fn taken(groups: &mut Vec<Group>, sources: &mut Vec<DraftSource>) -> Vec<(&'static str, Group)> {
    let mut used: Vec<(&'static str, Group)> = Vec::new();
    for source in by_need() {
        let parts = if source.name == ORDER_LINES.name {
            order_lines(groups)
        } else {
            best(source, groups, |_| true).map(Part::whole).into_iter().collect()
        };
        let (drafted, sample) = match parts.as_slice() {
            [] => continue,
            [Part { lines, heads: None, .. }] => (from_files(source, &groups[*lines]), groups[*lines].0.clone()),
            several => view(groups, several),
        };
        used.push((source.name, (sample, drafted.files.clone())));
        sources.push(drafted);
        let taken: BTreeSet<usize> = parts.iter().flat_map(Part::groups).collect();
        let mut place = 0..;
        groups.retain(|_| place.next().is_none_or(|place| !taken.contains(&place)));
    }
    used
}

/// The files that are nearest to order lines. If no unused file is, one that was used as a list is returned.
fn nearest_of(groups: &mut Vec<Group>, used: &mut Vec<(&'static str, Group)>) -> Option<(Option<&'static str>, Group)> {
    if let Some(place) = nearest(groups) {
        return Some((None, groups.remove(place)));
    }
    let lists: Vec<Group> = used.iter().map(|(_, group)| group.clone()).collect();
    nearest(&lists).map(|place| used.remove(place)).map(|(list, group)| (Some(list), group))
}

fn strip_zeros(used: &[(&'static str, Group)], sources: &mut [DraftSource]) {
    for (source, column) in zeros_in_front(used) {
        let columns = sources.iter_mut().filter(|found| found.source == source).flat_map(|found| &mut found.columns);
        for chosen in columns.filter(|chosen| chosen.column == column) {
            chosen.value = with_setting(&chosen.value, "strip_zeros = true");
            "written with and without leading zeros".clone_into(&mut chosen.remark);
        }
    }
}

fn take_costs_from_products(sources: &mut [DraftSource]) {
    let has = |source: &DraftSource, name: &str| source.columns.iter().any(|column| column.column == name);
    let cost = sources.iter().any(|found| found.source == PRODUCTS.name && has(found, c::UNIT_COST));
    for lines in sources.iter_mut().filter(|found| found.source == ORDER_LINES.name) {
        lines.cost_from_products = cost && !has(lines, c::COGS_AMOUNT);
    }
}

/// The currency of most lines, with the number of these lines, or else that of the sign beside their amounts.
fn currency(lines: &Sample) -> Option<(String, String)> {
    let found = matches(&ORDER_LINES, lines);
    let Some(field) = field_of(&found, c::CURRENCY) else {
        if let Some(sign) = lines.csv.as_ref().and_then(|csv| csv.dialect.currency) {
            let code = code_of(sign);
            let which = if sign == "kr" { ": those of Sweden, Norway or Denmark?" } else { "" };
            return Some((code.to_owned(), format!("{sign} is beside amounts{which}")));
        }
        let amount = &lines.header[field_of(&found, c::NET_AMOUNT)?];
        let mut words = amount.split(|sign: char| !sign.is_alphabetic());
        let code = words.find(|word| CURRENCIES.contains(word) && code_of(word) == *word && word.len() == 3)?;
        return Some((code.to_owned(), format!("as in {amount}")));
    };
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    for code in lines.rows.iter().map(|row| value(row, field)).filter(|code| !code.is_empty()) {
        *rows.entry(code).or_default() += 1;
    }
    if rows.values().sum::<usize>() * 2 <= lines.rows.len() {
        return Some(("EUR".to_owned(), "most lines have no currency and are read in this one".to_owned()));
    }
    let is_code = |code: &str| code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_alphabetic());
    let (all, others) = (rows.values().sum::<usize>(), rows.len() - 1.min(rows.len()));
    let (code, many) = rows
        .into_iter()
        .filter(|(code, _)| is_code(code))
        .max_by_key(|(code, many)| (*many, std::cmp::Reverse(*code)))?;
    let rates = if others > 0 { "; rates of the others belong in [source.fx_rates]" } else { "" };
    Some((code.to_ascii_uppercase(), format!("the currency of {many} of {all} lines{rates}")))
}

/// The code of a currency sign.
fn code_of(sign: &str) -> &str {
    match sign {
        "€" => "EUR",
        "$" => "USD",
        "£" => "GBP",
        "R$" => "BRL",
        "₺" => "TRY",
        "kr" => "SEK",
        "zł" => "PLN",
        "Kč" => "CZK",
        code => code,
    }
}

/// The year of the last order.
fn last_year(lines: &Sample) -> Option<u32> {
    let field = field_of(&matches(&ORDER_LINES, lines), c::ORDER_DATE)?;
    let Kind::Day(format, _) = &lines.kinds[field] else { return None };
    let signs = signs_of(format);
    let days = lines.values[field].iter().filter_map(|text| moment::moment(text, &signs).ok()).map(|moment| moment.day);
    u32::try_from(Period::of_day(days.max()?).year()).ok()
}

/// The sources with the most needed columns first, as a source that needs one column only would match any file.
fn by_need() -> Vec<&'static Table> {
    let mut sources = SOURCES.to_vec();
    sources.sort_by_key(|source| std::cmp::Reverse(needed(source).count()));
    sources
}

pub(super) fn from_files(source: &'static Table, (sample, files): &Group) -> DraftSource {
    let matches = matches(source, sample);
    let without_others;
    let mut sample = sample;
    let mut made = Vec::new();
    let mut used: Vec<usize> = Vec::new();
    let (mut filter, mut heads) = (None, None);
    if source.name == ORDER_LINES.name {
        heads = heads_written_once(sample, &matches);
        let once = heads.as_ref().map_or(&[][..], |heads| &heads.fields);
        let no_lines = NoLines::of(sample, &matches, once);
        if let Some(no_lines) = &no_lines {
            // The words of totals don't belong to lines.
            without_others = sample.with_rows(|row| !no_lines.has(row));
            sample = &without_others;
        }
        filter = order_lines_only(sample, &matches, no_lines.as_ref(), &mut used);
        made = made_columns(sample, &matches, &mut used, &|field| sample.in_sql(field));
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
    if source.name == ACTIVITIES.name
        && field_of(&matches, c::KIND).is_none()
        && let Some(kind) = files.first().and_then(|file| kind_of_activity(stem(file)))
    {
        let value = format!("{{ constant = {} }}", quoted(kind));
        made.push(DraftColumn::look(c::KIND, value, "from the name of the file"));
    }
    used.extend(matches.iter().map(|(_, field, _)| *field));
    used.extend(matches.iter().filter_map(|(column, field, _)| year_beside(sample, column, *field)));
    let mut columns: Vec<DraftColumn> = matches.iter().map(|found| plain_column(sample, found)).chain(made).collect();
    if source.name == ORDER_LINES.name {
        ask_for_signs(sample, &matches, &mut columns);
    }
    if source.name == ORDER_LINES.name && deductions(sample).len() > 1 {
        // With several deductions, none alone is the discount; it follows from list and net amount.
        columns.retain(|column| column.column != c::DISCOUNT_AMOUNT);
    }
    for (column, field, _) in matches.iter().filter(|(column, ..)| is_amount(column)) {
        let drafted = columns.iter_mut().filter(|drafted| drafted.column == column.name);
        sample.sides[*field].iter().zip(drafted).for_each(|(sides, drafted)| sides.turn(source, drafted));
    }
    if [COST_POOLS.name, RECEIVABLES.name].contains(&source.name) {
        signs::take_from_two_columns(sample, &mut columns, &mut used);
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
        note_deductions(sample, &matches, &mut columns);
        used.extend(note_companies(sample, &matches, &used, &mut columns));
        used.extend(note_shared_numbers(sample, &matches, &mut columns));
    }
    let place = |name: &str| source.columns.iter().position(|column| column.name == name);
    columns.sort_by_key(|column| place(column.column));
    DraftSource {
        source: source.name,
        files: files.clone(),
        fill_down: heads.map(|heads: Heads| heads.in_words(sample)),
        filter,
        returns_positive,
        columns,
        unused: unused(sample, &used),
        csv: sample.csv.clone(),
        excel: sample.excel.clone(),
        texts: sample.texts.clone(),
        records: sample.records.clone(),
        dates: dates(&matches, sample),
        null: words_for_none(sample, &matches),
        ..DraftSource::default()
    }
}

pub(super) fn unused(sample: &Sample, used: &[usize]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, name) in sample.header.iter().enumerate().filter(|(field, _)| !used.contains(field)) {
        // Several columns may have an empty name.
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// Words in optional dates that mean none, such as `-` and `open`.
fn words_for_none(sample: &Sample, matches: &[Match]) -> Vec<String> {
    let optional = matches.iter().filter(|(column, ..)| column.ty == Type::Date && column.role == Role::Optional);
    let mut words = BTreeSet::new();
    for (_, field, _) in optional {
        let Kind::Day(format, _) = sample.kinds[*field] else { continue };
        let others = no_days(format, sample.values[*field].iter().map(String::as_str));
        let is_word = |text: &&str| !text.contains(|sign: char| sign.is_ascii_digit());
        words.extend(others.into_iter().filter(is_word).map(str::to_owned));
    }
    if words.len() <= WORDS { words.into_iter().collect() } else { Vec::new() }
}

pub(super) fn dates(matches: &[Match], sample: &Sample) -> Vec<&'static str> {
    let mut formats: Vec<&'static str> = Vec::new();
    for (_, field, _) in matches {
        if let Kind::Day(format, _) = sample.kinds[*field]
            && !formats.contains(&format)
        {
            formats.push(format);
        }
    }
    formats.extend(sample.other_days.iter().filter(|format| !formats.contains(format)).copied().collect::<Vec<_>>());
    formats
}
