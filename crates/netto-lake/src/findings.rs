//! Collects what a load noticed but didn't change: differences between configuration and data, contradicting signs, repeated
//! amounts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use netto_model::Money;
use netto_model::column as c;
use netto_model::contract::{COST_POOLS, ORDER_LINES};
use netto_model::money::{count, counted, in_cents};
use netto_model::table::{Column, Table, Type};
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use crate::config::SourceConfig;
use crate::contradictions::{Contradicting, Contradiction, LineSigns};
use crate::currencies::Currencies;
use crate::day_and_month::DaysAndMonths;
use crate::filter::Filter;
use crate::line_amounts::{AmountDoubts, LineAmounts};
use crate::mapping::{Absent, date_of};
use crate::once::Repeated;
use crate::orders::Orders;
use crate::rows::Rows;
use crate::settings::Settings;
use crate::three_digits::InDoubt;
use crate::typed::Signs;
use crate::within_order::{SeveralValues, several_values};
use crate::words::NeverFound;
use crate::{numbering, odd_ids, once};

/// The findings of a load.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default)]
pub struct Findings {
    /// Values that the `map` of a column doesn't list, by column of the contract.
    pub unmapped_values: BTreeMap<String, UnmappedValues>,
    /// Entries of maps that no row has.
    pub map_never_used: Vec<NeverFound>,
    /// Words of a `sign` that no row has.
    pub sign_never_found: Vec<NeverFound>,
    /// Texts that `where` compares with and no row has.
    pub where_never_found: Vec<NeverFound>,
    /// Columns that only some files lack, or `optional` columns that all files lack.
    pub missing_columns: Vec<MissingColumn>,
    /// Signs that contradict each other.
    pub contradictions: BTreeMap<Contradiction, Contradicting>,
    /// Freight that orders repeat on every line.
    pub repeated_freight: Option<RepeatedFreight>,
    /// Columns with `once_per`, and the number of orders whose lines have different amounts there.
    pub different_within_order: BTreeMap<String, u64>,
    /// Order-level columns whose value differs between the lines of some orders.
    pub several_values: BTreeMap<String, SeveralValues>,
    /// Rows that a later row with the same key and different content replaces.
    pub superseded: Option<SupersededRows>,
    /// With `count_within`: identical lines in two files.
    pub lines_in_two_files: u64,
    /// Null words of databases that were read as ids, by column of the contract: each word with its number of rows.
    pub null_words: BTreeMap<String, BTreeMap<String, u64>>,
    /// Invalid ids, by column of the contract: labels of totals, and long numbers as a spreadsheet displays them.
    pub odd_ids: BTreeMap<String, BTreeMap<String, u64>>,
    /// Numbers with three digits behind a possible thousands separator, by column of the extract.
    pub three_digits: BTreeMap<String, InDoubt>,
    /// Findings about currencies.
    pub currencies: Currencies,
    /// A hint that day and month may be swapped.
    pub days: Option<String>,
    /// Inconsistent amounts of order lines.
    pub amounts: AmountDoubts,
    /// Cost pools with a negative total, in words.
    pub pools_below_zero: Vec<String>,
    /// Amounts whose sign a word reverses, and how many of them were already negative, by column of the contract.
    pub turned: BTreeMap<String, (u64, u64)>,
    /// Files whose last line has no line end, although that of other files has.
    pub without_line_end: Vec<String>,
    /// Files whose last line has no line end, if no file has one.
    pub never_with_line_end: Vec<String>,
    /// Rows that took a value from the row above, by column of the extract.
    pub filled_down: BTreeMap<String, u64>,
    /// Sheets with the same columns as the one that was read, if the configuration doesn't select one.
    pub unread_sheets: Vec<(String, Vec<String>)>,
    /// Files without rows beside files with rows, in a load that replaces data.
    pub empty_files: Vec<String>,
}

/// Rows that a later row with the same key replaces.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub struct SupersededRows {
    /// How many.
    pub rows: u64,
    /// Their amount as text, as it may exceed any number type; `None` if the source has no amounts.
    pub amount: Option<String>,
    /// The first of them, with its location.
    pub first: String,
}

/// Values that a `map` doesn't list.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub struct UnmappedValues {
    /// Rows with such a value.
    pub rows: u64,
    /// How many values there are.
    pub distinct: u64,
    /// The most frequent ones with their rows.
    pub values: Vec<(String, u64)>,
}

/// A column that files lack.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct MissingColumn {
    /// Column of the contract.
    pub column: String,
    /// Column of the extract.
    pub wanted: String,
    /// Files that lack it.
    pub files: Vec<String>,
    /// Files read.
    pub of: usize,
    /// The configuration says that it may be missing.
    pub optional: bool,
}

/// Orders of several lines with the same freight on each.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct RepeatedFreight {
    /// How many.
    pub orders: u64,
    /// The number of orders with several lines.
    pub of: u64,
    /// The surplus amount: the sum without one line per order, in ten-thousandths.
    pub amount: i64,
}

/// The findings of some rows, which contain complete orders.
#[derive(Debug, Default)]
pub(crate) struct Noticed {
    /// The count of each value, by column of the contract, for columns with a checked map.
    values: BTreeMap<&'static str, BTreeMap<String, u64>>,
    lines_in_two_files: u64,
    null_words: BTreeMap<String, BTreeMap<String, u64>>,
    odd_ids: BTreeMap<String, BTreeMap<String, u64>>,
    /// By column that is taken once per order, the orders whose lines have different amounts.
    pub(crate) different_within_order: BTreeMap<String, u64>,
    signs: LineSigns,
    several_values: BTreeMap<String, SeveralValues>,
    repeated: Repeated,
    currencies: Currencies,
    days: DaysAndMonths,
    amounts: LineAmounts,
    /// The total of each cost pool.
    pools: BTreeMap<String, i128>,
}

impl Noticed {
    /// Checks rows that will be written; `orders` is given for order lines.
    pub(crate) fn of(
        source: &'static Table,
        config: &SourceConfig,
        settings: &[Arc<Settings>],
        currency: Option<&str>,
        rows: &DataFrame,
        orders: Option<&Orders<'_>>,
    ) -> PolarsResult<Self> {
        let (of_rows, of_lines) = rayon::join(
            || Self::of_rows(source, settings, currency, rows),
            || orders.map(|orders| Self::of_lines(config, rows, orders)).transpose(),
        );
        let mut noticed = of_lines?.unwrap_or_default();
        noticed.add(of_rows?);
        Ok(noticed)
    }

    /// Checks the rows of any source.
    fn of_rows(
        source: &'static Table,
        settings: &[Arc<Settings>],
        currency: Option<&str>,
        rows: &DataFrame,
    ) -> PolarsResult<Self> {
        let mut noticed = Self::default();
        for column in asked(settings) {
            noticed.values.insert(column, counts(rows.column(column)?.str()?));
        }
        if let Some(date) = date_of(source) {
            noticed.days = DaysAndMonths::of(rows.column(date.name)?.date()?);
        }
        if *source == COST_POOLS {
            let (pools, amounts) = (rows.column(c::POOL)?.str()?, rows.column(c::AMOUNT)?.i64()?);
            for (pool, amount) in pools.iter().zip(amounts.iter()) {
                let (Some(pool), Some(amount)) = (pool, amount) else { continue };
                *noticed.pools.entry(pool.to_owned()).or_default() += i128::from(amount);
            }
        }
        if let Some(own) = currency.filter(|_| source.column(c::CURRENCY).is_some()) {
            noticed.currencies = Currencies::of(source, rows, own)?;
        }
        let is_id = |column: &&Column| column.name.ends_with("_id") || column.name == c::POOL;
        for column in source.columns.iter().filter(|column| column.ty == Type::Text).filter(is_id) {
            let ids = rows.column(column.name)?.str()?;
            let found = words(ids, [is_null_word, odd_ids::is_odd]);
            for (noticed, words) in [&mut noticed.null_words, &mut noticed.odd_ids].into_iter().zip(found) {
                if !words.is_empty() {
                    noticed.insert(column.name.to_owned(), words);
                }
            }
        }
        Ok(noticed)
    }

    /// Checks order lines.
    fn of_lines(config: &SourceConfig, rows: &DataFrame, orders: &Orders<'_>) -> PolarsResult<Self> {
        let mut noticed = Self::default();
        if config.counts_lines() {
            noticed.lines_in_two_files = numbering::lines_in_two_files(&ORDER_LINES, rows)?;
        }
        noticed.amounts = LineAmounts::of(rows)?;
        noticed.signs = LineSigns::of(rows)?;
        noticed.several_values = several_values(orders, rows)?;
        noticed.repeated = once::repeated(orders, rows, c::FREIGHT_CHARGED)?;
        Ok(noticed)
    }

    /// Adds the findings of other rows.
    pub(crate) fn add(&mut self, other: Self) {
        for (column, counts) in other.values {
            let all = self.values.entry(column).or_default();
            for (value, rows) in counts {
                *all.entry(value).or_default() += rows;
            }
        }
        self.lines_in_two_files += other.lines_in_two_files;
        for (all, others) in [(&mut self.null_words, other.null_words), (&mut self.odd_ids, other.odd_ids)] {
            for (column, words) in others {
                let all = all.entry(column).or_default();
                for (word, rows) in words {
                    *all.entry(word).or_default() += rows;
                }
            }
        }
        for (column, orders) in other.different_within_order {
            *self.different_within_order.entry(column).or_default() += orders;
        }
        self.signs.add(other.signs);
        for (column, found) in other.several_values {
            match self.several_values.entry(column) {
                Entry::Occupied(mut known) => known.get_mut().add(found),
                Entry::Vacant(place) => drop(place.insert(found)),
            }
        }
        self.repeated.add(other.repeated);
        self.currencies.add(other.currencies);
        self.days.add(other.days);
        self.amounts.add(other.amounts);
        for (pool, amount) in other.pools {
            *self.pools.entry(pool).or_default() += amount;
        }
    }
}

/// The words that databases write for null.
const NULL_WORDS: [&str; 10] = ["NULL", "null", "Null", "(null)", "[NULL]", "<NULL>", "\\N", "NaN", "nan", "undefined"];

fn is_null_word(id: &str) -> bool {
    NULL_WORDS.contains(&id)
}

/// The ids that are words of either kind, each with its number of rows.
fn words(ids: &StringChunked, kinds: [fn(&str) -> bool; 2]) -> [BTreeMap<String, u64>; 2] {
    let mut words: [BTreeMap<String, u64>; 2] = Default::default();
    let (mut last, mut is_plain) = (None, false);
    for id in ids.iter().flatten() {
        // Fast path: invalid ids are rare, and the lines of an order share their ids.
        if last == Some(id) && is_plain {
            continue;
        }
        let of_kind = kinds.map(|is_one| is_one(id));
        (last, is_plain) = (Some(id), of_kind == [false; 2]);
        for (words, _) in words.iter_mut().zip(of_kind).filter(|(_, is_one)| *is_one) {
            *words.entry(id.to_owned()).or_default() += 1;
        }
    }
    words
}

/// How many values or files a sentence names.
const NAMED: usize = 5;
/// How many values are kept.
const KEPT: usize = 20;

impl Findings {
    /// Combines the findings of the parts with those about files and settings.
    pub(crate) fn of(
        noticed: Noticed,
        config: &SourceConfig,
        settings: &[Arc<Settings>],
        filter: Option<&Filter>,
        rows: &Rows,
        files: usize,
    ) -> Self {
        let Noticed {
            values,
            lines_in_two_files,
            null_words,
            odd_ids,
            different_within_order,
            signs,
            several_values,
            repeated,
            currencies,
            days,
            amounts,
            pools,
        } = noticed;
        let written = Signs::of(&config.csv);
        let open = |file: &(String, bool)| (!file.1).then(|| file.0.clone());
        let open: Vec<String> = rows.ends.iter().filter_map(open).collect();
        let (without_line_end, never_with_line_end) =
            if open.len() < rows.ends.len() { (open, Vec::new()) } else { (Vec::new(), open) };
        let doubts = rows
            .three_digits
            .iter()
            .filter_map(|(column, seen)| Some((column.clone(), seen.clone().in_doubt(&written)?)));
        Self {
            unmapped_values: unmapped_values(settings, values),
            map_never_used: settings.iter().flat_map(|settings| settings.map_never_used()).collect(),
            sign_never_found: settings.iter().flat_map(|settings| settings.sign_never_found()).collect(),
            where_never_found: filter.map(Filter::never_found).unwrap_or_default(),
            missing_columns: missing_columns(rows, files),
            contradictions: signs.contradictions(),
            repeated_freight: repeated.as_the_rule(),
            different_within_order,
            several_values,
            superseded: None,
            lines_in_two_files,
            null_words,
            odd_ids,
            three_digits: doubts.collect(),
            currencies,
            days: days.in_doubt(&written),
            amounts: amounts.doubts(),
            pools_below_zero: pools
                .into_iter()
                .filter(|(_, amount)| *amount < 0)
                .map(|(pool, amount)| format!("`{pool}` {}", in_cents(amount)))
                .collect(),
            turned: rows.turned.iter().map(|(column, rows)| ((*column).to_owned(), *rows)).collect(),
            without_line_end,
            never_with_line_end,
            filled_down: rows.filled_down.clone(),
            unread_sheets: rows.unread_sheets.clone(),
            empty_files: Vec::new(),
        }
    }

    /// Findings that change figures or may do so, one sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        [self.disagreements(), self.doubts()].concat()
    }

    /// The findings about differences between configuration and data.
    #[must_use]
    pub fn disagreements(&self) -> Vec<String> {
        let mut warnings: Vec<String> =
            self.unmapped_values.iter().map(|(column, values)| values.sentence(column)).collect();
        let near = self.where_never_found.iter().filter_map(|never| Some((never, never.near.as_ref()?)));
        warnings.extend(near.map(|(NeverFound { column, value, .. }, near)| {
            format!(
                "`where` compares \"{column}\" with '{value}', which no row has; values are case-sensitive, and there is '{near}'"
            )
        }));
        let near = self.sign_never_found.iter().filter_map(|never| Some((never, never.near.as_ref()?)));
        warnings.extend(near.map(|(NeverFound { column, value, .. }, near)| {
            format!("`sign` expects \"{value}\" in \"{column}\", which no row has; values are case-sensitive, and there is \"{near}\"")
        }));
        warnings.extend(self.missing_columns.iter().filter(|missing| !missing.optional).map(MissingColumn::sentence));
        warnings.extend(self.null_words.iter().flat_map(|(column, words)| {
            words.iter().map(move |(word, rows)| {
                format!(
                    "{} `{word}` in `{column}`, which databases write for a missing value: null = [\"{}\"] in [source.….csv] reads it as empty",
                    counted(*rows, "row has", "rows have"),
                    word.escape_default()
                )
            })
        }));
        let odd = self.odd_ids.iter();
        warnings.extend(odd.flat_map(|(column, words)| odd_ids::sentences(column, words)));
        warnings.extend(self.currencies.of_rates());
        if self.lines_in_two_files > 0 {
            warnings.push(format!(
                "{} the same in two files; without their own line numbers they count twice: do the files overlap?",
                counted(self.lines_in_two_files, "line is", "lines are")
            ));
        }
        warnings.extend(self.unread_sheets.iter().map(|(read, others)| {
            format!(
                "{read} is read, but {} with the same columns not: \"{}\"; excel = {{ sheet = \"*\" }} reads all of them, sheet = [\"…\", \"…\"] some of them, and sheet = \"…\" confirms the one that is read",
                counted(others.len() as u64, "sheet", "sheets"),
                others.join("\", \"")
            )
        }));
        if let Some(first) = self.empty_files.first() {
            let more = self.empty_files.len() - 1;
            let more = if more > 0 { format!(" (and {} more)", count(more as u64)) } else { String::new() };
            warnings.push(format!("{first}{more} has a header but no rows: is the extract complete?"));
        }
        warnings
    }

    /// The findings about the data alone.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        let mut warnings: Vec<String> = self.contradictions.iter().map(|(what, found)| what.sentence(*found)).collect();
        warnings.extend(self.repeated_freight.map(RepeatedFreight::sentence));
        warnings.extend(self.three_digits.iter().map(|(column, doubt)| doubt.sentence(column)));
        warnings.extend(self.days.clone());
        warnings.extend(self.amounts.sentences.iter().cloned());
        if !self.pools_below_zero.is_empty() {
            warnings.push(format!(
                "the sum of costs is negative in {}, so they count as income: does the ledger write costs as negative amounts? amount = {{ …, negate = true }} reverses the sign",
                self.pools_below_zero.join(", ")
            ));
        }
        warnings.extend(self.currencies.of_inverted());
        warnings.extend(self.currencies.of_jumps());
        warnings.extend(self.currencies.of_rows());
        warnings.extend(self.turned.iter().filter(|(_, (_, below))| *below > 0).map(|(column, (rows, below))| {
            format!(
                "of {} whose sign a word reverses in `{column}`, {} negative before and became positive: do the amounts have their own signs?",
                counted(*rows, "row", "rows"),
                counted(*below, "was", "were")
            )
        }));
        warnings.extend(self.without_line_end.iter().map(|file| {
            format!("{file} ends without a line end, but other files have one: is its last row complete?")
        }));
        warnings.extend(self.several_values.iter().map(|(column, found)| found.sentence(column)));
        warnings.extend(self.different_within_order.iter().map(|(column, &orders)| {
            format!(
                "{} different amounts of `{column}` on the lines, so it isn't one amount per order: each different amount was counted once",
                counted(orders, "order has", "orders have")
            )
        }));
        warnings
    }

    /// Differences between configuration and data without any effect, for `netto check`.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let unused = self.map_never_used.iter();
        let mut remarks: Vec<String> = unused
            .map(|NeverFound { column, value, .. }| {
                format!("the map of `{column}` lists \"{value}\", which no row has")
            })
            .collect();
        let never = self.sign_never_found.iter().filter(|never| never.near.is_none());
        remarks.extend(never.map(|NeverFound { column, value, .. }| {
            format!("`sign` expects \"{value}\" in \"{column}\", which no row has")
        }));
        let never = self.where_never_found.iter().filter(|never| never.near.is_none());
        remarks.extend(never.map(|NeverFound { column, value, .. }| {
            format!("`where` compares \"{column}\" with '{value}', which no row has")
        }));
        remarks.extend(self.missing_columns.iter().filter(|missing| missing.optional).map(MissingColumn::sentence));
        remarks.extend(
            self.never_with_line_end
                .first()
                .map(|file| format!("{file} ends without a line end, so its last row may be incomplete")),
        );
        remarks.extend(self.filled_down.iter().map(|(column, rows)| match rows {
            0 => format!("`fill_down` names \"{column}\", which is empty in no row"),
            rows => format!("{} \"{column}\" from the row above", counted(*rows, "row takes", "rows take")),
        }));
        remarks
    }
}

/// The columns whose map must list all values: text columns only. In other columns a map is for exceptional values, and the other
/// values have checks of their own.
fn asked(settings: &[Arc<Settings>]) -> impl Iterator<Item = &'static str> {
    let asks = |settings: &&Arc<Settings>| {
        let Settings { column, config, .. } = settings.as_ref();
        column.ty == Type::Text && !config.map.is_empty() && config.others.is_none()
    };
    settings.iter().filter(asks).map(|settings| settings.column.name)
}

/// The count of each text in a column.
pub(crate) fn counts(column: &StringChunked) -> BTreeMap<String, u64> {
    let mut rows: PlHashMap<&str, u64> = PlHashMap::new();
    column.iter().flatten().for_each(|text| *rows.entry(text).or_default() += 1);
    rows.into_iter().map(|(text, rows)| (text.to_owned(), rows)).collect()
}

fn unmapped_values(
    settings: &[Arc<Settings>],
    mut values: BTreeMap<&'static str, BTreeMap<String, u64>>,
) -> BTreeMap<String, UnmappedValues> {
    let mut unmapped = BTreeMap::new();
    for settings in settings {
        let name = settings.column.name;
        let values = values.remove(name).map(|counts| UnmappedValues::of(counts, &settings.results()));
        if let Some(values) = values.filter(|values| values.rows > 0) {
            unmapped.insert(name.to_owned(), values);
        }
    }
    unmapped
}

fn missing_columns(rows: &Rows, of: usize) -> Vec<MissingColumn> {
    let everywhere = rows.absent_everywhere.clone().unwrap_or_default();
    let mut missing: BTreeMap<&'static str, MissingColumn> = BTreeMap::new();
    // A column that no file has and that isn't configured is simply not supplied.
    let said = rows.absent.iter().filter(|(_, absent)| absent.optional || !everywhere.contains(absent.column));
    for (file, Absent { column, wanted, optional, .. }) in said {
        let entry = missing.entry(column).or_insert_with(|| MissingColumn {
            column: (*column).to_owned(),
            wanted: wanted.clone(),
            files: Vec::new(),
            of,
            optional: *optional,
        });
        entry.files.push(file.clone());
    }
    missing.into_values().collect()
}

impl UnmappedValues {
    /// The texts of a column that are not in `known`.
    pub(crate) fn of(rows: BTreeMap<String, u64>, known: &[String]) -> Self {
        let mut values: Vec<(String, u64)> = rows.into_iter().filter(|(text, _)| !known.contains(text)).collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let (rows, distinct) = (values.iter().map(|(_, rows)| rows).sum(), values.len() as u64);
        values.truncate(KEPT);
        Self { rows, distinct, values }
    }

    fn sentence(&self, column: &str) -> String {
        let named: Vec<String> =
            self.values.iter().take(NAMED).map(|(value, rows)| format!("\"{value}\" {}", count(*rows))).collect();
        let more = self.distinct.saturating_sub(named.len() as u64);
        let more = if more > 0 { format!(", and {} more", count(more)) } else { String::new() };
        let rows = counted(self.rows, "row has", "rows have");
        format!(
            "{rows} a value of `{column}` that its map doesn't list ({}{more}): it is kept unchanged; add it to the map, or set others = \"keep\"",
            named.join(", ")
        )
    }
}

impl MissingColumn {
    fn sentence(&self) -> String {
        let Self { column, wanted, files, of, optional } = self;
        let named = files.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = files.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let hint = if *optional { "" } else { "; set optional = true on the column if this is right" };
        format!(
            "{} of {of} files have no column \"{wanted}\", so `{column}` is empty for their rows: {named}{more}{hint}",
            files.len()
        )
    }
}

impl RepeatedFreight {
    fn sentence(self) -> String {
        format!(
            "{} of {} orders with several lines have the same freight on every line: if it is the freight of the order, {} is counted too much; freight_charged = {{ …, once_per = \"order_id\" }} counts it once",
            count(self.orders),
            count(self.of),
            amount(self.amount)
        )
    }
}

impl Contradiction {
    fn sentence(self, found: Contradicting) -> String {
        let Contradicting { lines, amount: units } = found;
        let amount = amount(units);
        let (lines, have) = (counted(lines, "line", "lines"), if lines == 1 { "has" } else { "have" });
        match self {
            Self::ReturnAboveZero => format!(
                "{lines} of kind return or credit {have} positive revenue ({amount} in all): if the extract writes them as positive amounts, returns = \"positive\" reverses their signs"
            ),
            Self::QuantityAgainstAmount => format!(
                "{lines} {have} a quantity and a revenue with different signs (revenue {amount} in all): is one of them written without its sign?"
            ),
            Self::ReturnedQuantityAboveZero => format!(
                "{lines} of kind return {have} a positive quantity (revenue {amount} in all): returned pieces must be negative; quantity = {{ …, sign = {{ from = \"…\", negative = [\"…\"] }} }} reverses the sign"
            ),
            Self::CostNotTurned => format!(
                "{lines} for returned goods or money {have} a positive cost ({amount} in all), so a return would cost its goods twice"
            ),
            Self::CostBelowZero => format!("{lines} of kind sale {have} a negative cost ({amount} in all)"),
            Self::ListAgainstAmount => {
                format!("{lines} {have} a list amount and a revenue with different signs (list amount {amount} in all)")
            }
            Self::DiscountAgainstAmount => format!(
                "{lines} {have} a discount that raises the price ({amount} in all): is it written as a negative amount? negate = true reverses its sign"
            ),
        }
    }
}

fn amount(units: i64) -> String {
    // Sums saturate at the limits of their range.
    if [i64::MIN, i64::MAX].contains(&units) {
        return "more than can be shown".to_owned();
    }
    Money::from_units(units).to_string()
}
