//! Finds disagreements between configuration and data before anything is computed: a missing month, a source without rows, a value
//! that never occurs. The profit stage finds those that only the figures show.
//!
//! ```text
//! where = "channel = 'phone'"      order_lines have EDI, PHONE, WEB
//! → netto.toml:31: activity `calls` compares `channel` with `phone`, which never occurs; did you mean `PHONE`?
//! ```

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use netto_lake::Lake;
use netto_model::compared::compared_texts;
use netto_model::problem::did_you_mean;
use netto_model::table::Type;
use netto_model::{DriverSource, Period, Table, Warning, Window, column as c, contract};

use crate::failure::Failure;
use crate::output::count;
use crate::project::Project;
use crate::sources;

/// If the last closed month is more months behind the data, it was probably forgotten.
const MONTHS_BEHIND: usize = 3;

/// The last closed month, if the main window that ends there has order lines.
///
/// # Errors
/// When it has none, as a run would replace good tables by empty ones.
pub(crate) fn last_month(project: &Project, months: &BTreeSet<Period>) -> Result<Period, Failure> {
    let (Some(first), Some(last)) = (months.first(), months.last()) else {
        return Err(Failure::no_data(
            "there are no order lines: no row of the extracts of `order_lines` was loaded",
            "run `netto check`: it shows the files, the rows that were read, and why rows are set apart",
        ));
    };
    let closed = project.config.closed_through().unwrap_or(*last);
    let window = Window::ending(closed, project.config.segment.window_months.into());
    if months.range(window.first..=window.last).next().is_some() {
        return Ok(closed);
    }
    let what = format!(
        "the main window, {} to {}, has no order lines: closed_through is {closed}, but the order lines are from {first} to {last}",
        window.first, window.last
    );
    Err(Failure::empty_window(
        what,
        "set `closed_through` in [company] to a month with order lines, or supply newer extracts; nothing was published",
    ))
}

/// Everything in the configuration that the lake doesn't have.
///
/// # Errors
/// When a table can't be read.
pub(crate) fn warnings(project: &Project, lake: &Lake) -> Result<Vec<Warning>, Failure> {
    let months = lake.periods()?;
    let mut warnings: Vec<Warning> = closed_through(project, &months).into_iter().collect();
    warnings.extend(months_without_lines(&months));
    warnings.extend(sources_without_rows(project, lake)?);
    let mut values = Values { lake, known: BTreeMap::new() };
    warnings.extend(activities(project, &mut values)?);
    warnings.extend(pools(project, &mut values)?);
    warnings.extend(channels(project, &mut values)?);
    warnings.extend(markets(project, &mut values)?);
    warnings.extend(currencies(project, &mut values)?);
    let (goals, employees) = (sources::source(lake)?, sources::source(lake)?);
    let rules = project.config.goal_rules();
    warnings.extend(netto_segment::rules_without_data(&rules, goals.as_ref(), employees.as_ref())?);
    Ok(warnings)
}

fn closed_through(project: &Project, months: &BTreeSet<Period>) -> Option<Warning> {
    let Some(closed) = project.config.closed_through() else { return stands_alone(months) };
    let last = months.last()?;
    let later = months.iter().filter(|month| **month > closed).count();
    let said = if closed > *last {
        format!(
            "closed_through is {closed}, but order lines end in {last}: the months after that count as closed but are empty"
        )
    } else if later > MONTHS_BEHIND {
        format!(
            "closed_through is {closed}, but {} later months have order lines: no window includes them",
            count(later as u64)
        )
    } else {
        return None;
    };
    Some(Warning::disagreement("closed_through", said).at(["company", "closed_through"]))
}

/// Warns if the last month with order lines is far from the others, as a typing error in a date would move all analyses there.
fn stands_alone(months: &BTreeSet<Period>) -> Option<Warning> {
    let mut last_first = months.iter().rev();
    let (last, before) = (last_first.next()?, last_first.next()?);
    // With only two months, neither is an outlier.
    (months.len() > 2 && before.plus(FAR) < *last).then(|| {
        let said = format!(
            "order_lines: the last month, {last}, follows a gap: the month with order lines before it is {before}. Analyses end with {last}"
        );
        let help = format!(
            "if its date is a typing error, correct it, or set `closed_through = \"{before}\"` in [company], or limit the dates: `dates = {{ to = \"…\" }}` in [source.order_lines]"
        );
        Warning::disagreement("last_month_stands_alone", said).at(["source", "order_lines"]).with_help(help)
    })
}

/// Warns of months without order lines between others that have some, if they are few: an extract may be missing. The last month may stand alone, which is
/// another warning.
fn months_without_lines(months: &BTreeSet<Period>) -> Option<Warning> {
    let (first, last) = (months.first()?, months.last()?);
    let missing: Vec<String> =
        first.to(*last).filter(|month| !months.contains(month)).map(|month| month.to_string()).collect();
    let few = !missing.is_empty() && missing.len() * 4 <= months.len();
    (few && stands_alone(months).is_none()).then(|| {
        let said = format!("order_lines: there are no lines in {}, but before and after", missing.join(", "));
        let help = "if an extract is missing, supply it: a month without lines counts as one in which nobody bought";
        Warning::note("months_without_lines", said).at(["source", "order_lines"]).with_help(help)
    })
}

/// Months without order lines that make the last one stand alone.
const FAR: i32 = 3;

fn sources_without_rows(project: &Project, lake: &Lake) -> Result<Vec<Warning>, Failure> {
    let mut warnings = Vec::new();
    for source in contract::SOURCES.iter().filter(|source| project.config.source.contains_key(source.name)) {
        if lake.rows(source)? == Some(0) {
            let said = format!("[source.{}] has no rows", source.name);
            warnings.push(Warning::disagreement("source_without_rows", said).at(["source", source.name]));
        }
    }
    Ok(warnings)
}

/// The texts of columns, read once per column.
struct Values<'a> {
    lake: &'a Lake,
    known: BTreeMap<(&'static str, String), BTreeSet<String>>,
}

impl Values<'_> {
    fn of(&mut self, source: &'static Table, column: &str) -> Result<&BTreeSet<String>, Failure> {
        Ok(match self.known.entry((source.name, column.to_owned())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(self.lake.values(source, column)?),
        })
    }

    /// Comparisons in an expression that hold for no row.
    fn never(&mut self, expression: &str, columns: &Table, source: &'static Table) -> Result<Vec<Never>, Failure> {
        let mut never = Vec::new();
        for (name, text) in compared_texts(expression).into_iter().filter(|(_, text)| !text.is_empty()) {
            let column = columns.column(&name).filter(|column| column.ty == Type::Text);
            let Some(column) = column else { continue };
            // A value that the contract allows may simply not occur yet.
            let allowed = source.column(&name).map_or(column.values, |column| column.values);
            if allowed.contains(&text.as_str()) {
                continue;
            }
            let occur = if allowed.is_empty() {
                self.of(source, &name)?.clone()
            } else {
                allowed.iter().map(|value| (*value).to_owned()).collect()
            };
            if !occur.contains(&text) {
                never.push(Never { column: name, text, occur });
            }
        }
        Ok(never)
    }
}

/// A comparison that holds for no row.
struct Never {
    column: String,
    text: String,
    occur: BTreeSet<String>,
}

impl Never {
    fn warning(&self, who: &str, source: &str) -> Warning {
        let Self { column, text, occur } = self;
        if occur.is_empty() {
            let said = format!("{who} compares `{column}` with `{text}`, but no row of `{source}` has a value there");
            return Warning::disagreement("value_never_occurs", said);
        }
        let said = format!("{who} compares `{column}` with `{text}`, which never occurs in `{source}`");
        Warning::disagreement("value_never_occurs", said).with_help(instead(text, occur))
    }
}

/// `did you mean `PHONE`?`, or some of the existing values.
fn instead(text: &str, occur: &BTreeSet<String>) -> String {
    const SHOWN: usize = 6;
    if let Some(near) = did_you_mean(text, occur.iter().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    let shown: Vec<&str> = occur.iter().take(SHOWN).map(String::as_str).collect();
    let more = if occur.len() > SHOWN { ", …" } else { "" };
    format!("the values are {}{more}", shown.join(", "))
}

fn activities(project: &Project, values: &mut Values<'_>) -> Result<Vec<Warning>, Failure> {
    let mut warnings = Vec::new();
    for (name, activity) in &project.config.activity {
        let (columns, source) = (activity.source.table(), supplied_by(activity.source));
        let measure = if activity.minutes.is_some() { "minutes" } else { "quantity" };
        let texts = [("where", activity.condition.as_deref()), (measure, activity.measure())];
        for (key, text) in texts.into_iter().filter_map(|(key, text)| Some((key, text?))) {
            let never = values.never(text, columns, source)?;
            let who = format!("activity `{name}`");
            warnings.extend(never.iter().map(|never| never.warning(&who, source.name).at(["activity", name, key])));
        }
    }
    Ok(warnings)
}

/// The source of the driver's rows; orders are made of order lines.
const fn supplied_by(source: DriverSource) -> &'static Table {
    match source {
        DriverSource::Orders | DriverSource::OrderLines => &contract::ORDER_LINES,
        other => other.table(),
    }
}

fn pools(project: &Project, values: &mut Values<'_>) -> Result<Vec<Warning>, Failure> {
    let mut warnings = Vec::new();
    for (name, pool) in &project.config.pool {
        let Some(condition) = &pool.employees else { continue };
        let never = values.never(condition, &contract::EMPLOYEES, &contract::EMPLOYEES)?;
        let who = format!("pool `{name}`");
        warnings.extend(never.iter().map(|never| never.warning(&who, "employees").at(["pool", name, "employees"])));
    }
    Ok(warnings)
}

/// Checks the channels that the configuration calls electronic.
fn channels(project: &Project, values: &mut Values<'_>) -> Result<Vec<Warning>, Failure> {
    let key = ["segment", "channel", "electronic"];
    if !project.document.has(&key) {
        return Ok(Vec::new());
    }
    let occur = values.of(&contract::ORDER_LINES, c::CHANNEL)?;
    let electronic = &project.config.segment.channel.electronic;
    let never = electronic.iter().filter(|channel| !occur.contains(*channel));
    let said = |channel: &String| {
        Warning::disagreement(
            "value_never_occurs",
            format!("`electronic` names the channel `{channel}`, which never occurs"),
        )
        .at(key)
        .with_help(instead(channel, occur))
    };
    Ok(never.map(said).collect())
}

/// Markets with a configured size but without customers or prospects.
fn markets(project: &Project, values: &mut Values<'_>) -> Result<Vec<Warning>, Failure> {
    let mut occur = values.of(&contract::CUSTOMERS, c::MARKET)?.clone();
    occur.extend(values.of(&contract::PROSPECTS, c::MARKET)?.iter().cloned());
    let sizes = project.config.segment.market_size.keys();
    let said = |market: &String| {
        let said = format!("[segment.market_size] `{market}`: no customer or prospect has that market");
        Warning::disagreement("group_never_occurs", said)
            .at(["segment", "market_size", market])
            .with_help(instead(market, &occur))
    };
    Ok(sizes.filter(|market| !occur.contains(*market)).map(said).collect())
}

/// Invoices without a currency, if order lines have foreign currencies.
fn currencies(project: &Project, values: &mut Values<'_>) -> Result<Option<Warning>, Failure> {
    let invoices = project.config.source.contains_key(contract::RECEIVABLES.name);
    if !invoices || !values.of(&contract::RECEIVABLES, c::CURRENCY)?.is_empty() {
        return Ok(None);
    }
    let own = &project.config.company.currency;
    let foreign: Vec<String> =
        values.of(&contract::ORDER_LINES, c::CURRENCY)?.iter().filter(|currency| *currency != own).cloned().collect();
    if foreign.is_empty() {
        return Ok(None);
    }
    let said = format!(
        "some order lines are in {}, but receivables have no currency: their amounts are read as {own}",
        foreign.join(", ")
    );
    let warning =
        Warning::disagreement("receivables_without_currency", said).at(["source", contract::RECEIVABLES.name]);
    Ok(Some(warning.with_help("map `currency` of the receivables")))
}
