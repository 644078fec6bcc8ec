//! One load, from a request to rows in the lake.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use blake3::{Hash, Hasher};
use netto_model::Period;
use netto_model::contract::{COST_POOLS, FX_RATES, ORDER_LINES};
use netto_model::money::in_cents;
use netto_model::table::Table;
use polars::prelude::*;
use rayon::prelude::*;

use crate::config::{CsvConfig, LoadMode, MaxRejects, SheetName, Sheets, SourceConfig, UnknownCustomer};
use crate::error::LakeError;
use crate::file_month::FileMonth;
use crate::filter::Filter;
use crate::findings::{Findings, SupersededRows};
use crate::landing::Landing;
use crate::mapping;
use crate::origins::{self, Origin, Stood};
use crate::overview::Overview;
use crate::part::{Landable, Look, NotLoaded, Sums};
use crate::parts::Parts;
use crate::plausible::{self, Placeholders, Plausible};
use crate::quarantine::{self, Reason, Reject, Rejected};
use crate::rates::{Rates, RatesUsed};
use crate::read::csv::Windows;
use crate::read::found::Found;
use crate::read::parquet::TextBatches;
use crate::read::postgres::Fetched;
use crate::read::records::RecordPieces;
use crate::read::workbook::{self, Opened};
use crate::read::{self, Extract, Input, Lines, Pieces};
use crate::rows::{Rows, Rules, Unrated, say};
use crate::serial;
use crate::set_apart::{self, Loaded, Memory, Missing, Others, SetApart, Sum, amount_column};
use crate::settings::{self, Settings};
use crate::shrunk::{Shrunk, share_of};
use crate::sorted::SortedLines;
use crate::spill;
use crate::store::Store;
use crate::valuation::Valuation;
use crate::versions::ProductVersions;

/// A request to load one source.
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
    /// The known customers, if lines of other customers are rejected.
    pub known_customers: Option<&'a HashSet<String>>,
    /// The company's currency; amounts of order lines in other currencies are converted to it.
    pub currency: Option<&'a str>,
    /// The exchange rates, if `fx_rates` was supplied.
    pub rates: Option<&'a Rates>,
    /// The product costs over time, if `products` was supplied.
    pub products: Option<&'a ProductVersions>,
    /// Months may shrink by more than `shrink` allows, and an extract may have no rows.
    pub accept_shrink: bool,
}

/// The result of a load.
#[derive(Clone, Debug, Default)]
pub struct LoadReport {
    /// The source.
    pub source: &'static str,
    /// Files read.
    pub files: usize,
    /// The content hash of each file, by file name.
    pub contents: BTreeMap<String, String>,
    /// Lock files and hidden files that a wildcard matches and that aren't read.
    pub left_out: Vec<String>,
    /// Rows read.
    pub rows_read: u64,
    /// Rows now in the lake.
    pub rows_loaded: u64,
    /// Rows in the quarantine.
    pub rows_quarantined: u64,
    /// Rows that `where` excludes.
    pub rows_left_out: u64,
    /// Line counts of the CSV files, by kind of line.
    pub lines: Lines,
    /// Rows that another row with the same key replaces; `superseded` says how.
    pub rows_superseded: u64,
    /// Rows that another row with the same key replaces, by whether both have the same content.
    pub superseded: Superseded,
    /// The rows that this load set apart, with their amount.
    pub set_apart: SetApart,
    /// Rows that are not in the lake after this load, from this load and earlier ones.
    pub missing: SetApart,
    /// Rows that moved from another month of the lake; their old copies were removed.
    pub rows_moved: u64,
    /// With `period_from`: rows in months that their file name doesn't give.
    pub rows_outside: u64,
    /// Months that lost more of their rows than `shrink` allows.
    pub shrunk: Shrunk,
    /// With `append`: the current settings would read values differently, but appended rows stay unchanged.
    pub settings_changed: bool,
    /// With `append`: exchange rates that were changed since rows were converted by them, such as `USD 2025-03 from 0.8 to 0.9`.
    pub rates_changed: Vec<String>,
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
    /// Columns of the extract that the mapping does not use.
    pub unmapped_columns: Vec<String>,
    /// The months in the extract.
    pub periods: Vec<Period>,
    /// Orders with lines in two months; such an order counts in the month of its first line.
    pub split_orders: u64,
    /// With `cost_from_products`: lines without cost, by the reason why no product version gave one.
    pub without_cost: BTreeMap<&'static str, u64>,
    /// The same for list amounts, with `list_from_products`.
    pub without_list: BTreeMap<&'static str, u64>,
    /// Optional dates that were read as empty because the day is implausible, by column of the extract.
    pub placeholders: BTreeMap<String, Placeholders>,
    /// How values were read and what each month contains; empty if nothing was read.
    pub overview: Overview,
    /// Anomalies that were reported but not changed.
    pub findings: Findings,
}

/// The work that a load would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// The content hash of each file, by file name.
    pub contents: BTreeMap<String, String>,
    /// The files that would be read; empty if there is nothing to do.
    pub fresh: Vec<String>,
    /// With `period_from`: the months in the names of those files.
    pub months: Option<BTreeSet<Period>>,
    /// Whether the source is in the lake.
    pub loaded: bool,
}

/// Rows that another row with the same key replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Superseded {
    /// Rows with the same content as the row that is loaded or already in the lake.
    pub same: u64,
    /// Rows that differ from the later row that is loaded, with their amount.
    pub other: Sum,
    /// The first of those.
    pub first: Option<Reject>,
}

impl Superseded {
    fn in_words(&self, source: &Table) -> Option<SupersededRows> {
        let Self { other, first, .. } = self;
        let first = first.as_ref()?.to_string();
        let amount = amount_column(source).map(|_| in_cents(other.amount));
        Some(SupersededRows { rows: other.rows, amount, first })
    }
}

/// A load in progress.
pub(crate) struct Load<'a> {
    pub(crate) root: &'a Path,
    pub(crate) request: &'a LoadRequest<'a>,
    /// Memory limit in bytes.
    pub(crate) memory: u64,
    opened: Opened,
}

/// The configured row and column settings, for all files of a load.
struct Columns {
    settings: Vec<Arc<Settings>>,
    filter: Option<Filter>,
}

impl<'a> Load<'a> {
    pub(crate) fn new(root: &'a Path, request: &'a LoadRequest<'a>, memory: u64) -> Self {
        Self { root, request, memory, opened: Opened::default() }
    }

    /// Reads, checks and writes.
    pub(crate) fn run(&self) -> Result<LoadReport, LakeError> {
        self.check_config()?;
        let LoadRequest { source, config, .. } = *self.request;
        let mut store = Store::open(&self.root.join(source.name))?;
        let ((all, left_out), mode) = (self.origins()?, config.load_mode(source));
        let files = all.iter().map(|origin| origin.path.as_deref()).collect::<BTreeSet<_>>().len();
        let fingerprint = origins::fingerprint(&all);
        let contents = origins::contents(&all);
        let mut report = LoadReport { source: source.name, files, contents, left_out, ..LoadReport::default() };
        report.settings_changed = origins::settings_changed(&store, config, mode);
        let memory = Memory::read(&store.folder, store.version())?;
        if mode == LoadMode::Append {
            report.rates_changed = self.request.rates.map(|rates| rates.changed(&memory.rates)).unwrap_or_default();
        }
        let origins = origins::fresh(&store, mode, all);
        if origins.is_empty() {
            report.missing = memory.summary(source, &store)?;
            report.findings = memory.findings;
            return Ok(LoadReport { unchanged: true, version: store.version().unwrap_or(-1), ..report });
        }
        let named = self.named_months(&origins)?;
        let columns = Columns { settings: settings::of_columns(source, config), filter: self.filter()? };
        spill::tidy(self.root);
        let read = self.read(&origins, &columns);
        // A file that is being written to gives unreliable rows and errors, so this check comes first.
        origins.iter().try_for_each(Origin::is_at_rest)?;
        let mut rows = read?;
        whole(&rows.rejected)?;
        let (mut sums, lands) = self.look(&mut rows, &origins, &columns, &store, &memory)?;
        let (rejected, superseded) = (std::mem::take(&mut sums.rejected), std::mem::take(&mut sums.superseded));
        rows.rejected.extend(self.as_rejects(rejected, Reason::DuplicateKey, &origins, &columns)?);
        let superseded = self.as_rejects(superseded, Reason::Superseded, &origins, &columns)?;
        let Columns { settings, filter } = &columns;
        report.findings =
            Findings::of(std::mem::take(&mut sums.noticed), config, settings, filter.as_ref(), &rows, origins.len());
        report.overview = Overview { samples: std::mem::take(&mut rows.samples), ..std::mem::take(&mut sums.overview) };
        self.fill(&mut report, &mut rows, &superseded, &sums, &fingerprint)?;
        report.findings.superseded = report.superseded.in_words(source);
        // Only loads that replace data report empty files: with `append` and `upsert`, a day without rows is normal.
        if rows.records > 0 && matches!(mode, LoadMode::ReplacePeriod | LoadMode::Replace) {
            report.findings.empty_files = std::mem::take(&mut rows.empty_files);
        }
        report.split_orders = sums.split_orders;
        (report.without_cost, report.without_list) = (sums.without_cost, sums.without_list);
        let in_months: BTreeMap<Period, u64> =
            report.overview.months.iter().map(|(month, (rows, _))| (*month, *rows)).collect();
        if let Some(named) = &named {
            let outside = in_months.iter().filter(|(month, _)| !named.contains(month));
            report.rows_outside = outside.map(|(_, rows)| rows).sum();
        }
        let replaced = named.clone().unwrap_or_else(|| report.periods.iter().copied().collect());
        let incomplete = rows.rejected.iter().map(|rejected| rejected.reject.file.as_str()).collect();
        let remember = origins::remember(config, mode, &origins, fingerprint, &incomplete);
        let landing = Landing { root: self.root, source, mode, months: named, remember, memory: self.memory };
        report.shrunk = Shrunk::of(source, landing.replaces(&store, sums.rows, &in_months)?, config.shrink());
        if !self.request.accept_shrink && !report.shrunk.is_empty() {
            return Err(LakeError::Shrunk(report.shrunk));
        }
        let files = origins.iter().map(|origin| (origin.name.clone(), origins::number(origin.content))).collect();
        let load = Loaded { mode, files: &files, replaced: &replaced, came: &sums.came };
        let rates = self.rates_used(&memory, &sums.converted, mode);
        let memory = remember_set_apart(memory, rates, &report.findings, &rows, &origins, &load, &store)?;
        let landed = landing.land(&mut store, lands)?;
        set_apart::tidy(&store.folder, landed.version);
        report.missing = memory.summary(source, &store)?;
        (report.rows_moved, report.version) = (landed.moved, landed.version);
        Ok(report)
    }

    /// With `append`: the rates by which rows in the lake were converted, as they keep their value.
    fn rates_used(&self, memory: &Memory, converted: &BTreeSet<(String, Period)>, mode: LoadMode) -> RatesUsed {
        if mode != LoadMode::Append {
            return RatesUsed::new();
        }
        let mut used = memory.rates.clone();
        if let Some(rates) = self.request.rates {
            rates.remember(converted, &mut used);
        }
        used
    }

    /// Returns what [`Self::run`] would do, without doing it.
    pub(crate) fn pending(&self) -> Result<Pending, LakeError> {
        self.check_config()?;
        let LoadRequest { source, config, .. } = *self.request;
        let store = Store::open(&self.root.join(source.name))?;
        let (all, _) = self.origins()?;
        let contents = origins::contents(&all);
        let origins = origins::fresh(&store, config.load_mode(source), all);
        let months = self.named_months(&origins)?;
        let fresh = origins.into_iter().map(|origin| origin.name).collect();
        Ok(Pending { contents, fresh, months, loaded: store.exists() })
    }

    /// Checks all rows, one part at a time.
    fn look(
        &self,
        rows: &mut Rows,
        origins: &[Origin],
        columns: &Columns,
        store: &Store,
        memory: &Memory,
    ) -> Result<(Sums, Landable), LakeError> {
        let LoadRequest { source, config, .. } = *self.request;
        let awaited = memory.rows.iter().map(|row| &row.key).chain(rows.rejected.iter().map(|row| &row.salvage.key));
        let look = Look {
            root: self.root,
            source,
            config,
            settings: &columns.settings,
            valuation: self.valuation(),
            currency: self.request.currency,
            origins,
            store,
            missing: memory.places(),
            awaited: awaited.flatten().cloned().collect(),
        };
        let mut sums = Sums::default();
        let mut lands = if *source == ORDER_LINES {
            Landable::Lines(Box::new(SortedLines::none(self.root)))
        } else {
            Landable::Small(DataFrame::empty())
        };
        let parts = std::mem::replace(&mut rows.parts, Parts::none(source, &Schema::default(), self.root, 0));
        let several = parts.are_several();
        parts.each(|part| look.at(part), |part| sums.add(part, &mut lands, several))?;
        Ok((sums, lands))
    }

    /// With `period_from`: the months in the file names.
    fn named_months(&self, origins: &[Origin]) -> Result<Option<BTreeSet<Period>>, LakeError> {
        let Some(pattern) = &self.request.config.period_from else { return Ok(None) };
        let config = |message: String| {
            LakeError::Config {
            table: self.request.source.name.to_owned(),
            message,
            help: Some("a pattern such as period_from = \"lines_%Y-%m\" sets where the month is in the name; without it the months are taken from the rows".into()),
        }
        };
        let pattern = FileMonth::parse(pattern).map_err(config)?;
        let month = |origin: &Origin| {
            let name = origin.path.as_deref().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            pattern
                .of(&name)
                .ok_or_else(|| config(format!("the name of {} has no month, or more than one", origin.name)))
        };
        origins.iter().map(month).collect::<Result<_, _>>().map(Some)
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
        let asks = self.request.config.on_unknown_customer != UnknownCustomer::Separate;
        self.request.known_customers.filter(|_| asks && self.request.source.name == ORDER_LINES.name)
    }

    fn plausible(&self) -> Plausible {
        self.request.config.dates.of(self.request.source, plausible::today())
    }

    fn valuation(&self) -> Option<Valuation<'_>> {
        let LoadRequest { source, config, currency, rates, products, .. } = *self.request;
        Valuation::new(source, config, currency, rates, products)
    }

    /// Every file with its fingerprint: content, configuration, contract, known customers, rates and costs; and the files left out.
    fn origins(&self) -> Result<(Vec<Origin>, Vec<String>), LakeError> {
        let config = self.request.config;
        let base = self.request.base;
        let shown = |paths: Vec<PathBuf>| -> Vec<String> {
            let names: BTreeSet<String> = paths.iter().map(|path| read::shown(path, base)).collect();
            names.into_iter().collect()
        };
        let mut hasher = Hasher::new();
        hasher.update(format!("{:?}", self.request.source).as_bytes());
        hasher.update(serde_json::to_string(config).unwrap_or_default().as_bytes());
        if let Some(valuation) = self.valuation() {
            valuation.fingerprint(config.load_mode(self.request.source), &mut hasher);
        }
        // A new year extends the plausible range, so rows that were set apart may now be accepted.
        hasher.update(&self.plausible().to.to_le_bytes());
        if let Some(known) = self.known_customers() {
            let mut known: Vec<&String> = known.iter().collect();
            known.sort();
            for id in known {
                hasher.update(id.as_bytes()).update(b"\n");
            }
        }
        if let Some(files) = &config.files {
            let origin = |path: PathBuf| {
                let stood = Stood::of(&path, base)?;
                let (name, content) = (read::shown(&path, base), origins::file_hash(&path)?);
                let mut hasher = hasher.clone();
                if config.period_from.is_some() || config.csv.has_year_of_file() {
                    // The file name is an input too: it may determine the month or the year.
                    hasher.update(name.as_bytes());
                }
                Ok(Origin { stood: vec![stood], ..Origin::new(Some(path), name, content, &hasher) })
            };
            let Found { files, left_out } = Found::of(files, base)?;
            let origins: Result<_, LakeError> = files.into_par_iter().map(origin).collect();
            return Ok((self.by_sheet(origins?, &hasher)?, shown(left_out)));
        }
        if let Some(postgres) = &config.postgres {
            let Fetched { table, content } = read::postgres::fetch(self.request.source.name, postgres, base)?;
            let origin = Origin::new(None, table.name.clone(), content, &hasher);
            return Ok((vec![Origin { fetched: Some(table), ..origin }], Vec::new()));
        }
        let (mut content, mut stood, mut all_left_out) = (Hasher::new(), Vec::new(), Vec::new());
        for (name, files) in &config.tables {
            content.update(name.as_bytes()).update(b"\n");
            let Found { files, left_out } = Found::of(files, base)?;
            all_left_out.extend(left_out);
            for path in files {
                stood.push(Stood::of(&path, base)?);
                content.update(origins::file_hash(&path)?.as_bytes());
            }
        }
        let name = format!("{} (view)", self.request.source.name);
        let origin = Origin { stood, ..Origin::new(None, name, content.finalize(), &hasher) };
        Ok((vec![origin], shown(all_left_out)))
    }

    /// Splits a workbook with several selected sheets into one origin per sheet.
    fn by_sheet(&self, origins: Vec<Origin>, hasher: &Hasher) -> Result<Vec<Origin>, LakeError> {
        let Some(excel) =
            self.request.config.excel.as_ref().filter(|excel| excel.sheet.as_ref().is_some_and(Sheets::are_several))
        else {
            return Ok(origins);
        };
        let mut by_sheet = Vec::new();
        for origin in origins {
            let Some(path) = origin.path.clone().filter(|path| workbook::is_workbook(path)) else {
                by_sheet.push(origin);
                continue;
            };
            for sheet in self.opened.open(&path, self.request.base, excel)?.sheets(excel)? {
                let mut content = Hasher::new();
                content.update(origin.content.as_bytes()).update(sheet.as_bytes());
                let stood = vec![Stood::of(&path, self.request.base)?];
                let name = format!("{} [{sheet}]", origin.name);
                let of_sheet = Origin::new(Some(path.clone()), name, content.finalize(), hasher);
                by_sheet.push(Origin { stood, sheet: Some(sheet), ..of_sheet });
            }
        }
        Ok(by_sheet)
    }

    fn open<'o>(&self, origin: &'o Origin, columns: &Columns) -> Result<Pieces<'o>, LakeError> {
        let LoadRequest { source, config, base, .. } = *self.request;
        let whole = |extract| Ok(Pieces::Whole(Some(Box::new(extract))));
        if let Some(table) = &origin.fetched {
            return whole(Extract::Table(Arc::clone(table)));
        }
        match &origin.path {
            Some(path) if read::is_parquet(path) => {
                let Columns { settings, filter } = columns;
                let wanted = |name: &str, header: &[String]| {
                    let mapping = mapping::Mapping::resolve(source, settings, config, filter.as_ref(), name, header)?;
                    Ok(header.iter().map(|column| mapping.used.contains(column)).collect())
                };
                Ok(Pieces::Parquet(Box::new(TextBatches::open(path, base, wanted)?)))
            }
            Some(path) if workbook::is_workbook(path) => {
                let mut excel = config.excel.clone().unwrap_or_default();
                if let Some(sheet) = &origin.sheet {
                    excel.sheet = Some(Sheets::One(SheetName::Name(sheet.clone())));
                }
                whole(Extract::Sheet(self.opened.open(path, base, &excel)?.sheet(&excel, &config.csv)?))
            }
            Some(path) => {
                let input = Input::open(path, base, &config.csv)?;
                if let Some(records) = &config.records {
                    let csv = CsvConfig { headless: true, ..config.csv.clone() };
                    return Ok(Pieces::Records(Box::new(RecordPieces::of(Windows::of(input, &csv), records))));
                }
                Ok(Pieces::Csv(Box::new(Windows::of(input, &config.csv))))
            }
            None => read::view::open(source.name, config, base),
        }
    }

    fn read(&self, origins: &[Origin], columns: &Columns) -> Result<Rows, LakeError> {
        let config = self.request.config;
        let rules = Rules {
            source: self.request.source,
            config,
            settings: &columns.settings,
            filter: columns.filter.as_ref(),
            known_customers: self.known_customers(),
            unknown: config.on_unknown_customer,
            valuation: self.valuation(),
            plausible: self.plausible(),
        };
        let mut rows = Rows::none(self.request.source, self.root, self.memory);
        for (origin, number) in origins.iter().zip(0..) {
            rows.read(rules, number, self.open(origin, columns)?)?;
            if rows.hopeless {
                break;
            }
        }
        rows.every_column_is_in_some_file(self.request.source.name)?;
        self.every_currency_has_its_rate(&rows.unrated, origins)?;
        Ok(rows)
    }

    /// A line without a rate is not a bad row: the rate is missing, so the whole load fails.
    fn every_currency_has_its_rate(&self, unrated: &Unrated, origins: &[Origin]) -> Result<(), LakeError> {
        let Some(((currency, month), &(number, line))) = unrated.iter().min_by_key(|(_, place)| **place) else {
            return Ok(());
        };
        let origin = usize::try_from(number).ok().and_then(|number| origins.get(number));
        Err(LakeError::MissingRate {
            table: self.request.source.name,
            currency: currency.clone(),
            month: *month,
            company: self.request.currency.unwrap_or_default().to_owned(),
            file: origin.map(|origin| origin.name.clone()).unwrap_or_default(),
            line,
            missing: unrated.keys().cloned().collect(),
            rates_supplied: self.request.rates.is_some(),
        })
    }

    /// Turns rows into rejects; reopens their files to quote the original records.
    fn as_rejects(
        &self,
        rows: Vec<NotLoaded>,
        reason: Reason,
        origins: &[Origin],
        columns: &Columns,
    ) -> Result<Vec<Rejected>, LakeError> {
        let mut wanted: BTreeMap<u32, BTreeMap<u64, NotLoaded>> = BTreeMap::new();
        for row in rows {
            wanted.entry(row.file).or_default().insert(row.line, row);
        }
        let mut rejects = Vec::new();
        for (file, mut lines) in wanted {
            let Some(origin) = usize::try_from(file).ok().and_then(|file| origins.get(file)) else { continue };
            for extract in self.open(origin, columns)? {
                let extract = extract?;
                for block in 0..extract.blocks() {
                    extract.each_row(block, &mut |row| {
                        if let Some(not_loaded) = lines.remove(&row.line) {
                            rejects.push(repeated(extract.name(), reason, not_loaded, row.raw()));
                        }
                    });
                }
                if lines.is_empty() {
                    break;
                }
            }
        }
        Ok(rejects)
    }

    /// Counts rejects, writes the quarantine, and fails if too much was rejected.
    fn fill(
        &self,
        report: &mut LoadReport,
        rows: &mut Rows,
        superseded: &[Rejected],
        sums: &Sums,
        fingerprint: &Hash,
    ) -> Result<(), LakeError> {
        let table = self.request.source.name;
        rows.rejected.sort_by(|a, b| (&a.reject.file, a.reject.line).cmp(&(&b.reject.file, b.reject.line)));
        report.rows_read = rows.records;
        report.lines = rows.lines;
        report.rows_loaded = sums.rows;
        report.rows_quarantined = rows.rejected.len() as u64;
        report.rows_left_out = rows.left_out;
        report.superseded.same = sums.same;
        for row in superseded {
            report.superseded.other.add(row.salvage.amount);
        }
        report.superseded.first = superseded.first().map(|row| row.reject.clone());
        report.rows_superseded = sums.same + report.superseded.other.rows;
        let missing: Vec<Missing> =
            rows.rejected.iter().map(|rejected| Missing::of(rejected, &BTreeMap::new())).collect();
        let others = Others {
            rows: sums.rows + report.rows_superseded,
            size: sums.size + sums.same_size + report.superseded.other.size,
        };
        report.set_apart = SetApart::of(&missing, self.request.source, others);
        for rejected in &rows.rejected {
            *report.rejects.entry(rejected.reject.reason.code().to_owned()).or_insert(0) += 1;
        }
        report.first_reject = rows.rejected.first().map(|rejected| rejected.reject.clone());
        report.placeholders.clone_from(&rows.placeholders);
        report.unmapped_columns = rows.unmapped.iter().cloned().collect();
        report.periods = report.overview.months.keys().copied().collect();
        if !rows.rejected.is_empty() || !superseded.is_empty() {
            let left_out: Vec<&Rejected> = rows.rejected.iter().chain(superseded).collect();
            let path = quarantine::write(self.request.quarantine, table, &fingerprint.to_hex(), &left_out)?;
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
        self.within_limit(report, &rows.rejected)?;
        self.within_amount(report)
    }

    fn within_amount(&self, report: &LoadReport) -> Result<(), LakeError> {
        let (limit, sum) = (self.request.config.amount_limit(), report.set_apart.sum());
        let is_set = self.request.config.max_rejects_amount_share.is_some();
        // A single bad row is always accepted, unless the configuration limits its amount.
        let share = report.set_apart.estimated_share();
        let share = share.filter(|share| *share > limit.share && limit.fails && (is_set || sum.rows > 1));
        let Some(share) = share else { return Ok(()) };
        Err(LakeError::TooMuchSetApart {
            table: report.source,
            worth: report.set_apart.in_words("the loaded rows"),
            share,
            is_estimated: sum.unknown > 0,
            limit: limit.share,
            first: report.first_reject.clone().map(Box::new),
            quarantine: self.shown_quarantine(report),
        })
    }

    fn shown_quarantine(&self, report: &LoadReport) -> Option<PathBuf> {
        let path = report.quarantine_file.as_ref()?;
        Some(path.strip_prefix(self.request.base).unwrap_or(path).to_owned())
    }

    fn within_limit(&self, report: &LoadReport, rejected: &[Rejected]) -> Result<(), LakeError> {
        // One bad row is accepted in a small extract, unless the table would then be empty.
        let (config, table) = (self.request.config, self.request.source);
        let is_all = report.rows_loaded == 0 && config.load_mode(self.request.source) == LoadMode::Replace;
        let limit = match config.reject_limit() {
            MaxRejects::Rows(rows) => rows,
            MaxRejects::Share(share) => share_of(report.rows_read, share).max(u64::from(!is_all)),
        };
        // With `duplicates` set, corrections are expected; otherwise duplicates may come from a wrongly mapped key.
        let expected = self.request.config.duplicates.is_some();
        let superseded = if expected { 0 } else { report.superseded.other.rows };
        if report.rows_quarantined + superseded <= limit {
            return Ok(());
        }
        let mut reasons: Vec<(String, u64)> = report.rejects.clone().into_iter().collect();
        reasons.extend((superseded > 0).then(|| (Reason::Superseded.code().to_owned(), superseded)));
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let rejects = rejected.iter().map(|rejected| &rejected.reject);
        let first_of =
            |(reason, _): &(String, u64)| rejects.clone().find(|reject| reject.reason.code() == reason).cloned();
        let of_first = report.first_reject.as_ref().map(|first| first.reason);
        let others = reasons.iter().filter_map(first_of).filter(|other| Some(other.reason) != of_first).collect();
        Err(LakeError::TooManyRejects {
            table: report.source,
            rows_read: report.rows_read,
            rows_rejected: report.rows_quarantined + superseded,
            limit,
            first: report.first_reject.clone().or_else(|| report.superseded.first.clone()).map(Box::new),
            help: reason_to_mend(&reasons)
                .map_or_else(String::new, |reason| reject_help(reason, table, &self.request.config.csv)),
            reasons,
            others,
            quarantine: self.shown_quarantine(report),
        })
    }
}

/// A truncated last record means that the file is incomplete.
fn whole(rejected: &[Rejected]) -> Result<(), LakeError> {
    let cut = rejected.iter().find(|rejected| rejected.reject.reason == Reason::CutOff);
    cut.map_or(Ok(()), |Rejected { reject, .. }| {
        let file = format!("{}:{}", reject.file, reject.line);
        Err(LakeError::Unfinished { file, message: reject.detail.clone(), by_record: true })
    })
}

/// Written before the rows are committed; it takes effect once their version exists.
fn remember_set_apart(
    memory: Memory,
    rates: RatesUsed,
    findings: &Findings,
    rows: &Rows,
    origins: &[Origin],
    load: &Loaded<'_>,
    store: &Store,
) -> Result<Memory, LakeError> {
    let mut missing = memory.after(load);
    let set_apart: Vec<Missing> = rows.rejected.iter().map(|rejected| Missing::of(rejected, load.files)).collect();
    let names: Vec<&str> = origins.iter().map(|origin| origin.name.as_str()).collect();
    missing.extend(load.without_corrected(set_apart, &names));
    let memory = Memory { findings: findings.clone(), rates, rows: missing };
    memory.write(&store.folder, store.version().unwrap_or(-1) + 1)?;
    Ok(memory)
}

fn repeated(file: &str, reason: Reason, row: NotLoaded, raw: String) -> Rejected {
    let NotLoaded { line, salvage, is_same, .. } = row;
    let key = shown_key(salvage.key.as_deref().unwrap_or_default());
    let detail = if is_same { format!("another row is the same, with the key {key}") } else { say(reason, &key) };
    let reject = Reject { file: file.to_owned(), line, column: String::new(), detail, value: key, reason };
    Rejected { reject, raw, salvage }
}

/// A key without its empty parts: `wh, 2025-03-01, , ` is `wh, 2025-03-01`.
fn shown_key(key: &str) -> String {
    key.split(", ").filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The most frequent reason. If it is lines with too few fields, an unclosed quote counts as their cause.
fn reason_to_mend(reasons: &[(String, u64)]) -> Option<&str> {
    let (first, _) = reasons.first()?;
    let quote = reasons.iter().find(|(reason, _)| first == "wrong_field_count" && reason == "unclosed_quote");
    Some(quote.map_or(first, |(reason, _)| reason))
}

/// The advice for a reason.
fn reject_help(reason: &str, table: &Table, csv: &CsvConfig) -> String {
    match reason {
        "not_a_number" | "not_an_integer" => format!(
            "decimal = \"{}\" is set{}; `netto check` shows what was read",
            csv.decimal,
            csv.thousands.map(|sign| format!(" and thousands = \"{sign}\"")).unwrap_or_default()
        ),
        "not_a_date" if csv.has_year_of_file() => {
            format!("date = \"{}\" is set: has the name of the file a year of four digits?", serial::YEAR_OF_FILE)
        }
        "not_a_date" => {
            format!("date = \"{}\" is set; write it as the extract does", csv.date.as_slice().join("\", \""))
        }
        "implausible_date" => "dates = { from = \"…\", to = \"…\" } on the source sets which dates are possible".into(),
        "not_a_time" => "a time is written as 15:30, 15:30:00 or 3:30 PM, alone or after the date".into(),
        "too_precise" => "round = true on the column rounds half-even to four decimals".into(),
        "unknown_customer" => "load the customers first, or set on_unknown_customer = \"keep\"".into(),
        "not_a_rate" => "a rate is the value of one unit of the other currency in the company's currency".into(),
        "wrong_field_count" => {
            format!("delimiter = \"{}\" and quote = '{}' are set; if the last lines are a footer, max_rejects = N on the source allows N rows to be set apart", csv.delimiter.escape_default(), csv.quote)
        }
        "unknown_record" => "add the kind of the record to heads, lines or ignore of [source.….records]".into(),
        "unclosed_quote" => format!(
            "quote = '{}' and max_record_lines = {} are set; use quote = \"none\" if quotes are ordinary characters, such as inch signs",
            csv.quote, csv.max_record_lines
        ),
        "encoding" => format!("encoding = \"{}\" is set; a Windows export is often windows-1252", csv.encoding),
        "spreadsheet_error" => "a formula of the spreadsheet failed there; correct it, or read its error as empty: null = [\"#N/A\"]".into(),
        "missing_value" => "where = \"…\" leaves out lines that aren't rows, such as totals; default = \"…\" on the column fills empty values; sql = \"coalesce(…, 0) - coalesce(…, 0)\" reads an empty part as zero; on_unknown_customer = \"keep\" loads order lines without a customer. If the head of a document is only on its first line, export it with the head on every line".into(),
        "unmapped_value" => {
            "add the value to the map of the column; others = \"keep\" leaves such values as they are".into()
        }
        "unknown_sign" => "add the value to `negative` or `positive` of the column's `sign`".into(),
        "sign_twice" => "correct the amounts in the extract: a minus beside a word that gives the side is ambiguous".into(),
        "not_allowed" => "map = { … } on the column translates the extract's values to those that netto expects".into(),
        "duplicate_key" if *table == COST_POOLS => {
            "map booking_id, and gl_account, customer_id or warehouse, if a pool has several bookings in a month; two bookings that are the same may both be meant, so the second isn't dropped".into()
        }
        "duplicate_key" => {
            "the key of the table must be unique; is one of its columns mapped wrongly? load = \"upsert\" accepts corrections of rows that were loaded before".into()
        }
        "superseded" if *table == FX_RATES => {
            "a currency has one rate per month: supply the average of the month, or set duplicates = \"last\" to take the last rate of each month".into()
        }
        "superseded" if *table != ORDER_LINES => {
            "rows with the same key have different values; is a column of the key mapped wrongly? Set duplicates = \"last\" if the later rows are corrections".into()
        }
        "superseded" => {
            "rows with the same key have different values; is a column of the key mapped wrongly? Set line_no = { count_within = \"order_id\" } if the lines of an order have no number; set duplicates = \"last\" if the later rows are corrections".into()
        }
        _ => "look at the quarantine file, then correct the extract or the mapping, or raise max_rejects".into(),
    }
}
