//! One load: from a request to rows in the lake.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use blake3::{Hash, Hasher};
use netto_model::Period;
use netto_model::column::{ORDER_DATE, ORDER_ID};
use netto_model::contract::ORDER_LINES;
use netto_model::table::Table;
use polars::prelude::*;
use rayon::prelude::*;

use crate::config::{CsvConfig, LoadMode, MaxRejects, SourceConfig, UnknownCustomer};
use crate::error::LakeError;
use crate::filter::Filter;
use crate::findings::Findings;
use crate::landing::{self, Landing};
use crate::plausible::{self, Placeholders, Plausible};
use crate::quarantine::{self, Reason, Reject, Rejected};
use crate::rates::Rates;
use crate::read::csv::CsvFile;
use crate::read::parquet::TextTable;
use crate::read::{self, Extract, Lines};
use crate::rows::{FILE, LINE, Rows, Rules, Unrated, say};
use crate::store::Store;
use crate::valuation::Valuation;
use crate::versions::ProductVersions;
use crate::{check, mapping, numbering};

/// What is to be loaded.
#[derive(Clone, Copy, Debug)]
pub struct LoadRequest<'a> {
    /// The source, one of [`netto_model::contract::SOURCES`].
    pub source: &'static Table,
    /// Its configuration.
    pub config: &'a SourceConfig,
    /// Folder of `netto.toml`.
    pub base: &'a Path,
    /// Folder of the quarantine.
    pub quarantine: &'a Path,
    /// The customers that are known, where lines of others are to be rejected.
    pub known_customers: Option<&'a HashSet<String>>,
    /// The company's currency: amounts of order lines in another one are converted.
    pub currency: Option<&'a str>,
    /// The rates at which they are, where `fx_rates` was supplied.
    pub rates: Option<&'a Rates>,
    /// What products cost when, where `products` was supplied.
    pub products: Option<&'a ProductVersions>,
}

/// What a load did.
#[derive(Clone, Debug, Default)]
pub struct LoadReport {
    /// The source.
    pub source: &'static str,
    /// Files read.
    pub files: usize,
    /// Rows read.
    pub rows_read: u64,
    /// Rows now in the lake.
    pub rows_loaded: u64,
    /// Rows in the quarantine.
    pub rows_quarantined: u64,
    /// Rows that `where` leaves out.
    pub rows_left_out: u64,
    /// Lines of the CSV files, and what they are.
    pub lines: Lines,
    /// Rows that a later row of the same extract replaced; always zero in the load modes there are.
    pub rows_superseded: u64,
    /// The same extract, configuration and contract as last time: nothing was done.
    pub unchanged: bool,
    /// Version of the Delta table.
    pub version: i64,
    /// Rejected rows by reason.
    pub rejects: BTreeMap<String, u64>,
    /// The first rejected row.
    pub first_reject: Option<Reject>,
    /// Where the rejected rows are.
    pub quarantine_file: Option<PathBuf>,
    /// Columns of the extract that the mapping does not name.
    pub unmapped_columns: Vec<String>,
    /// Months that the extract holds.
    pub periods: Vec<Period>,
    /// Orders with lines in two months: each month counts a part order.
    pub split_orders: u64,
    /// With `cost_from_products`: lines that stay without cost, by why no version of a product gave one.
    pub without_cost: BTreeMap<&'static str, u64>,
    /// The same for list amounts, with `list_from_products`.
    pub without_list: BTreeMap<&'static str, u64>,
    /// Optional dates that were read as empty, as no such day can be right, by column of the extract.
    pub placeholders: BTreeMap<String, Placeholders>,
    /// What was noticed and not changed.
    pub findings: Findings,
}

/// Name under which a table remembers what it was last loaded from.
const FINGERPRINT: &str = "netto.fingerprint";

/// One load at work.
pub(crate) struct Load<'a> {
    pub(crate) root: &'a Path,
    pub(crate) request: &'a LoadRequest<'a>,
}

/// Where rows come from, and the fingerprint of that.
struct Origin {
    path: Option<PathBuf>,
    hash: Hash,
}

impl Load<'_> {
    /// Reads, checks and writes.
    pub(crate) fn run(&self) -> Result<LoadReport, LakeError> {
        self.check_config()?;
        let source = self.request.source;
        let mut store = Store::open(&self.root.join(source.name))?;
        let mut origins = self.origins()?;
        let fingerprint = fingerprint(origins.iter().map(|origin| origin.hash));
        let mode = self.request.config.load_mode(source);
        let mut report = LoadReport { source: source.name, files: origins.len(), ..LoadReport::default() };
        origins = fresh(&store, mode, origins, fingerprint);
        if origins.is_empty() {
            return Ok(LoadReport { unchanged: true, version: store.version().unwrap_or(-1), ..report });
        }
        let filter = self.filter()?;
        let mut rows = self.read(&origins, filter.as_ref())?;
        self.reject_duplicates(&mut rows, &origins, &store, mode)?;
        report.findings = Findings::of(source, self.request.config, filter.as_ref(), &mut rows, origins.len())?;
        self.fill(&mut report, &mut rows, &fingerprint)?;
        report.split_orders = split_orders(source, &rows.frame)?;
        if let Some(valuation) = self.valuation() {
            [report.without_cost, report.without_list] = valuation.gaps(&rows.frame)?;
        }
        let remember = remember(mode, &origins, fingerprint);
        report.version = Landing { root: self.root, source, mode, remember }.land(&mut store, rows.frame)?;
        Ok(report)
    }

    fn check_config(&self) -> Result<(), LakeError> {
        match self.request.config.check(self.request.source).into_iter().next() {
            Some(problem) => Err(LakeError::Config {
                table: self.request.source.name.to_owned(),
                message: problem.message,
                help: problem.help,
            }),
            None => Ok(()),
        }
    }

    fn filter(&self) -> Result<Option<Filter>, LakeError> {
        let filter = self.request.config.filter.as_deref().map(Filter::parse).transpose();
        let table = self.request.source.name.to_owned();
        filter.map_err(|message| LakeError::Config { table, message: format!("where: {message}"), help: None })
    }

    fn known_customers(&self) -> Option<&HashSet<String>> {
        let reject = self.request.config.on_unknown_customer == UnknownCustomer::Reject;
        self.request.known_customers.filter(|_| reject && self.request.source.name == ORDER_LINES.name)
    }

    fn plausible(&self) -> Plausible {
        self.request.config.dates.of(self.request.source, plausible::today())
    }

    fn valuation(&self) -> Option<Valuation<'_>> {
        let LoadRequest { source, config, currency, rates, products, .. } = *self.request;
        (source.name == ORDER_LINES.name).then(|| Valuation::new(config, currency, rates, products))
    }

    /// Every file with its fingerprint: content, configuration, contract, known customers, rates and costs.
    fn origins(&self) -> Result<Vec<Origin>, LakeError> {
        let config = self.request.config;
        let mut hasher = Hasher::new();
        hasher.update(format!("{:?}", self.request.source).as_bytes());
        hasher.update(serde_json::to_string(config).unwrap_or_default().as_bytes());
        if let Some(valuation) = self.valuation() {
            valuation.fingerprint(config.load_mode(self.request.source), &mut hasher);
        }
        if config.load_mode(self.request.source) != LoadMode::Append {
            // With the new year more days can be right, and rows that were set apart come in.
            hasher.update(&self.plausible().to.to_le_bytes());
        }
        if let Some(known) = self.known_customers() {
            let mut known: Vec<&String> = known.iter().collect();
            known.sort();
            for id in known {
                hasher.update(id.as_bytes()).update(b"\n");
            }
        }
        if let Some(files) = &config.files {
            let files = read::find(files, self.request.base)?;
            return files
                .into_par_iter()
                .map(|path| Ok(Origin { hash: file_hash(hasher.clone(), &path)?, path: Some(path) }))
                .collect();
        }
        for files in config.tables.values() {
            for path in read::find(files, self.request.base)? {
                hasher.update(file_hash(Hasher::new(), &path)?.as_bytes());
            }
        }
        Ok(vec![Origin { path: None, hash: hasher.finalize() }])
    }

    fn open(&self, origin: &Origin) -> Result<Extract, LakeError> {
        let (config, base) = (self.request.config, self.request.base);
        match &origin.path {
            Some(path) if read::is_parquet(path) => Ok(Extract::Table(TextTable::open(path, base)?)),
            Some(path) => Ok(Extract::Csv(CsvFile::open(read::content(path, base, &config.csv)?, &config.csv)?)),
            None => {
                let sql = config.sql.as_deref().unwrap_or_default();
                read::view::run(self.request.source.name, sql, config.tables.iter(), &config.csv, base)
            }
        }
    }

    fn read(&self, origins: &[Origin], filter: Option<&Filter>) -> Result<Rows, LakeError> {
        let rules = Rules {
            source: self.request.source,
            config: self.request.config,
            filter,
            known_customers: self.known_customers(),
            valuation: self.valuation(),
            plausible: self.plausible(),
        };
        let mut rows = Rows::none(self.request.source);
        for (origin, number) in origins.iter().zip(0..) {
            rows.read(rules, number, &self.open(origin)?)?;
        }
        rows.every_column_is_in_some_file()?;
        self.every_currency_has_its_rate(&rows.unrated, origins)?;
        rows.frame.rechunk_mut_par();
        if self.request.config.counts_lines() {
            numbering::number_lines(&mut rows.frame)?;
        }
        Ok(rows)
    }

    /// A line that can't be converted is no bad row: its rate is missing, and then nothing lands.
    fn every_currency_has_its_rate(&self, unrated: &Unrated, origins: &[Origin]) -> Result<(), LakeError> {
        let Some(((currency, month), &(number, line))) = unrated.iter().min_by_key(|(_, place)| **place) else {
            return Ok(());
        };
        let path = origins.get(number as usize).and_then(|origin| origin.path.as_deref());
        let view = || format!("{} (view)", self.request.source.name);
        Err(LakeError::MissingRate {
            currency: currency.clone(),
            month: *month,
            company: self.request.currency.unwrap_or_default().to_owned(),
            file: path.map_or_else(view, |path| read::shown(path, self.request.base)),
            line,
            missing: unrated.keys().cloned().collect(),
            rates_supplied: self.request.rates.is_some(),
        })
    }

    fn reject_duplicates(
        &self,
        rows: &mut Rows,
        origins: &[Origin],
        store: &Store,
        mode: LoadMode,
    ) -> Result<(), LakeError> {
        let source = self.request.source;
        let mut losers = check::duplicates(source, &rows.frame)?;
        if mode == LoadMode::Append && store.exists() {
            let keys = existing_keys(self.root, source, store)?;
            losers.extend(check::known(source, &rows.frame, &keys)?);
            losers.sort_unstable();
            losers.dedup();
        }
        if losers.is_empty() {
            return Ok(());
        }
        rows.rejected.extend(self.as_rejects(&rows.frame, &losers, origins)?);
        let mut keep = vec![true; rows.frame.height()];
        losers.iter().filter_map(|&row| usize::try_from(row).ok()).for_each(|row| keep[row] = false);
        rows.frame = rows.frame.filter(&BooleanChunked::from_slice("keep".into(), &keep))?;
        Ok(())
    }

    /// The rows as rejects; their files are opened once more for the records as they stand there.
    fn as_rejects(
        &self,
        frame: &DataFrame,
        losers: &[IdxSize],
        origins: &[Origin],
    ) -> Result<Vec<Rejected>, LakeError> {
        let mut wanted: BTreeMap<u32, BTreeMap<u64, String>> = BTreeMap::new();
        let (files, lines) = (frame.column(FILE)?.clone(), frame.column(LINE)?.clone());
        for &row in losers {
            let at = usize::try_from(row).unwrap_or(usize::MAX);
            let key = check::key(self.request.source, frame, row)?;
            if let (Some(file), Some(line)) = (files.u32()?.get(at), lines.i64()?.get(at)) {
                wanted.entry(file).or_default().insert(u64::try_from(line).unwrap_or(0), key);
            }
        }
        let mut rejects = Vec::new();
        for (file, lines) in wanted {
            let Some(origin) = usize::try_from(file).ok().and_then(|file| origins.get(file)) else { continue };
            let extract = self.open(origin)?;
            for block in 0..extract.blocks() {
                extract.each_row(block, &mut |row| {
                    if let Some(key) = lines.get(&row.line) {
                        rejects.push(duplicate(extract.name(), row.line, key, row.raw()));
                    }
                });
            }
        }
        Ok(rejects)
    }

    /// Counts, writes the quarantine, and stops when too much was rejected.
    fn fill(&self, report: &mut LoadReport, rows: &mut Rows, fingerprint: &Hash) -> Result<(), LakeError> {
        let table = self.request.source.name;
        rows.rejected.sort_by(|a, b| (&a.reject.file, a.reject.line).cmp(&(&b.reject.file, b.reject.line)));
        report.rows_read = rows.records;
        report.lines = rows.lines;
        report.rows_loaded = rows.frame.height() as u64;
        report.rows_quarantined = rows.rejected.len() as u64;
        report.rows_left_out = rows.left_out;
        for rejected in &rows.rejected {
            *report.rejects.entry(rejected.reject.reason.code().to_owned()).or_insert(0) += 1;
        }
        report.first_reject = rows.rejected.first().map(|rejected| rejected.reject.clone());
        report.placeholders.clone_from(&rows.placeholders);
        report.unmapped_columns = rows.unmapped.iter().cloned().collect();
        report.periods = periods(self.request.source, &rows.frame)?;
        if !rows.rejected.is_empty() {
            let path = quarantine::write(self.request.quarantine, table, &fingerprint.to_hex(), &rows.rejected)?;
            report.quarantine_file = Some(path);
        }
        let found = report.rows_loaded + report.rows_quarantined + report.rows_superseded + report.rows_left_out;
        if report.rows_read != found {
            return Err(LakeError::Unbalanced {
                table,
                rows_read: report.rows_read,
                rows_loaded: report.rows_loaded,
                rows_quarantined: report.rows_quarantined,
                rows_superseded: report.rows_superseded,
                rows_left_out: report.rows_left_out,
            });
        }
        self.within_limit(report)
    }

    fn within_limit(&self, report: &LoadReport) -> Result<(), LakeError> {
        let limit = match self.request.config.reject_limit() {
            MaxRejects::Rows(rows) => rows,
            MaxRejects::Share(share) => share_of(report.rows_read, share).max(1),
        };
        if report.rows_quarantined <= limit {
            return Ok(());
        }
        let mut reasons: Vec<(String, u64)> = report.rejects.clone().into_iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Err(LakeError::TooManyRejects {
            table: report.source,
            rows_read: report.rows_read,
            rows_rejected: report.rows_quarantined,
            limit,
            first: report.first_reject.clone().map(Box::new),
            help: reason_to_mend(&reasons)
                .map_or_else(String::new, |reason| reject_help(reason, &self.request.config.csv)),
            reasons,
            quarantine: report
                .quarantine_file
                .as_ref()
                .map(|path| path.strip_prefix(self.request.base).unwrap_or(path).to_owned()),
        })
    }
}

/// The whole number of rows in a share of them.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a limit of rows: a share lies between 0 and 1, and no extract has 2^52 rows"
)]
fn share_of(rows: u64, share: f64) -> u64 {
    (rows as f64 * share).floor() as u64
}

fn duplicate(file: &str, line: u64, key: &str, raw: String) -> Rejected {
    let reject = Reject {
        file: file.to_owned(),
        line,
        column: String::new(),
        value: key.to_owned(),
        reason: Reason::DuplicateKey,
        detail: say(Reason::DuplicateKey, key),
    };
    Rejected { reject, raw }
}

/// The most frequent reason; a record that is taken apart at a quote leaves lines that have too few fields.
fn reason_to_mend(reasons: &[(String, u64)]) -> Option<&str> {
    let (first, _) = reasons.first()?;
    let quote = reasons.iter().find(|(reason, _)| first == "wrong_field_count" && reason == "unclosed_quote");
    Some(quote.map_or(first, |(reason, _)| reason))
}

/// What to look at, by a reason.
fn reject_help(reason: &str, csv: &CsvConfig) -> String {
    match reason {
        "not_a_number" | "not_an_integer" => format!(
            "decimal = \"{}\" is set{}; `netto check` shows what was read",
            csv.decimal,
            csv.thousands.map(|sign| format!(" and thousands = \"{sign}\"")).unwrap_or_default()
        ),
        "not_a_date" => {
            format!("date = \"{}\" is set; write it as the extract does", csv.date.as_slice().join("\", \""))
        }
        "implausible_date" => "dates = { from = \"…\", to = \"…\" } on the source says which days can be right".into(),
        "not_a_time" => "a time is written as 15:30, 15:30:00 or 3:30 PM; of its own, or behind the day".into(),
        "too_precise" => "round = true on the column rounds half-even to four decimals".into(),
        "unknown_customer" => "load the customers first, or set on_unknown_customer = \"keep\"".into(),
        "not_a_rate" => "a rate says how many units of the company's currency one unit of the other was worth".into(),
        "wrong_field_count" => {
            format!("delimiter = \"{}\" and quote = '{}' are set", csv.delimiter.escape_default(), csv.quote)
        }
        "unclosed_quote" => format!(
            "quote = '{}' and max_record_lines = {} are set; quote = \"none\" where quotes are characters like others, such as inch signs",
            csv.quote, csv.max_record_lines
        ),
        "encoding" => format!("encoding = \"{}\" is set; a Windows export is often windows-1252", csv.encoding),
        "missing_value" => "default = \"…\" on the column fills what is empty".into(),
        "unmapped_value" => {
            "add the value to the map of the column; others = \"keep\" leaves such values as they are".into()
        }
        "unknown_sign" => "name the value in `negative` or `positive` of the column's `sign`".into(),
        "not_allowed" => "map = { … } on the column turns the extract's words into the contract's".into(),
        "duplicate_key" => {
            "the key of the table must be unique; is a column of it mapped wrongly, or a file there twice?".into()
        }
        _ => "look at the quarantine file, then mend the extract or the mapping, or raise max_rejects".into(),
    }
}

fn file_hash(mut hasher: Hasher, path: &Path) -> Result<Hash, LakeError> {
    let file = std::fs::File::open(path).map_err(LakeError::io(path))?;
    hasher.update_reader(file).map_err(LakeError::io(path))?;
    Ok(hasher.finalize())
}

fn fingerprint(parts: impl Iterator<Item = Hash>) -> Hash {
    let mut hasher = Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
    }
    hasher.finalize()
}

/// The first 63 bits: what a table can remember.
fn number(hash: Hash) -> i64 {
    let bytes = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(bytes) & i64::MAX
}

fn appended(origin: &Origin) -> String {
    format!("netto.file.{}", origin.hash.to_hex())
}

/// What is still to be loaded: appended files are remembered one by one, else the extract as a whole.
fn fresh(store: &Store, mode: LoadMode, origins: Vec<Origin>, fingerprint: Hash) -> Vec<Origin> {
    if mode == LoadMode::Append {
        return origins.into_iter().filter(|origin| store.remembered(&appended(origin)).is_none()).collect();
    }
    let same = store.remembered(FINGERPRINT) == Some(number(fingerprint));
    if same { Vec::new() } else { origins }
}

fn remember(mode: LoadMode, origins: &[Origin], fingerprint: Hash) -> BTreeMap<String, i64> {
    let mut remember = BTreeMap::from([(FINGERPRINT.to_owned(), number(fingerprint))]);
    if mode == LoadMode::Append {
        remember.extend(origins.iter().map(|origin| (appended(origin), 1)));
    }
    remember
}

fn existing_keys(root: &Path, source: &'static Table, store: &Store) -> Result<HashSet<String>, LakeError> {
    let frame = if source.name == ORDER_LINES.name {
        landing::order_line_keys(root, store)?
    } else {
        landing::read(source, store)?
    };
    let rows = IdxSize::try_from(frame.height()).unwrap_or(IdxSize::MAX);
    Ok((0..rows).map(|row| check::key(source, &frame, row)).collect::<PolarsResult<_>>()?)
}

fn periods(source: &Table, frame: &DataFrame) -> Result<Vec<Period>, LakeError> {
    let Some(date) = mapping::date_of(source) else { return Ok(Vec::new()) };
    let days: BTreeSet<Period> =
        frame.column(date.name)?.date()?.physical().iter().flatten().map(Period::of_day).collect();
    Ok(days.into_iter().collect())
}

/// Orders with lines in more than one month.
fn split_orders(source: &Table, frame: &DataFrame) -> Result<u64, LakeError> {
    if source.name != ORDER_LINES.name {
        return Ok(0);
    }
    let (orders, days) = (frame.column(ORDER_ID)?, frame.column(ORDER_DATE)?);
    let mut months: PlHashMap<&str, Option<Period>> = PlHashMap::new();
    let mut split = 0;
    let mut last = None;
    for (order, day) in orders.str()?.iter().zip(days.date()?.physical().iter()) {
        let (Some(order), Some(month)) = (order, day.map(Period::of_day)) else { continue };
        if last == Some((order, month)) {
            continue;
        }
        last = Some((order, month));
        let first = months.entry(order).or_insert(Some(month));
        if first.is_some_and(|first| first != month) {
            *first = None;
            split += 1;
        }
    }
    Ok(split)
}
