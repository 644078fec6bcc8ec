//! `netto.toml`: one explicit struct per crate, checked completely before anything runs; an error is shown with its line.
//!
//! ```toml
//! [company]
//! name = "Van Dijk Techniek"
//! [source.order_lines]
//! files = "extracts/orders_*.csv"
//! ```

#[cfg(test)]
mod fuzz;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use netto_lake::{CsvConfig, Size, SourceConfig};
use netto_model::problem::{holds_secret, leaves_project, one_of_these};
use netto_model::{Period, Problem, contract};
use netto_profit::{
    ActivityConfig, FactsConfig, PaymentTermsConfig, PoolConfig, ProfitConfig, SensitivityConfig, Step, SupportConfig,
};
use netto_publish::{PublishConfig, ReportConfig};
use netto_rollup::spark::SparkConfig;
use netto_segment::{BonusRule, GoalConfig, GoalRules, SegmentConfig};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::Document;
use crate::expect::ExpectConfig;
use crate::failure::Failure;
use crate::retention::KeepConfig;
use crate::storage::StorageConfig;

/// A distributor's project.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The company.
    pub(crate) company: CompanyConfig,
    /// `[source.NAME]`: where each source comes from; only `order_lines` is required.
    #[serde(default)]
    pub(crate) source: BTreeMap<String, SourceConfig>,
    /// Defaults for all sources.
    #[serde(default)]
    pub(crate) defaults: DefaultsConfig,
    /// How extracts are read into the lake.
    #[serde(default)]
    pub(crate) lake: LakeConfig,
    /// The Spark cluster that computes the rollups with `netto run --engine spark`.
    #[serde(default)]
    pub(crate) spark: SparkConfig,
    /// `[pool.NAME]`: the cost pools of the general ledger.
    #[serde(default)]
    pub(crate) pool: BTreeMap<String, PoolConfig>,
    /// `[activity.NAME]`: how customers use the pools.
    #[serde(default)]
    pub(crate) activity: BTreeMap<String, ActivityConfig>,
    /// How support pools (pools with `passes_to`) pass on their cost.
    #[serde(default)]
    pub(crate) support: SupportConfig,
    /// The cost of financing receivables, if no activity has that cost.
    pub(crate) payment_terms: Option<PaymentTermsConfig>,
    /// How certain minutes and driver quantities are.
    #[serde(default)]
    pub(crate) sensitivity: SensitivityConfig,
    /// Tiers and windows.
    #[serde(default)]
    pub(crate) segment: SegmentConfig,
    /// `[goal.ID]`: how a goal of kind `custom` is measured.
    #[serde(default)]
    pub(crate) goal: BTreeMap<String, GoalConfig>,
    /// `[[bonus]]`: rules by which employees earn a bonus on goals.
    #[serde(default)]
    pub(crate) bonus: Vec<BonusRule>,
    /// Detailed facts: orders, products, suppliers.
    #[serde(default)]
    pub(crate) facts: FactsConfig,
    /// Expectations that are checked before a run is published.
    #[serde(default)]
    pub(crate) expect: ExpectConfig,
    /// How long results are kept; if it is set, each run removes at its end what no kept result needs.
    pub(crate) keep: Option<KeepConfig>,
    /// The object storage to which each run copies lake and result at its end.
    pub(crate) storage: Option<StorageConfig>,
    /// Formats and places of published tables.
    #[serde(default)]
    pub(crate) publish: PublishConfig,
    /// Formats of the report.
    #[serde(default)]
    pub(crate) report: ReportConfig,
    /// Scenarios that every run computes and compares.
    #[serde(default)]
    pub(crate) scenarios: ScenariosConfig,
    /// Analyses of your own.
    #[serde(default)]
    pub(crate) models: ModelsConfig,
}

/// Analyses of your own: SQL files that are checked, run and published like netto's own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ModelsConfig {
    /// The files, relative to `netto.toml`; `netto new model NAME` writes a template. Default: no files.
    pub(crate) files: String,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self { files: "models/*.sql".to_owned() }
    }
}

/// Defaults for all sources.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DefaultsConfig {
    /// `[defaults.csv]`: how the extracts of one program are written, once for all sources: `delimiter = ";"`, `decimal = ","`,
    /// `date = "%d-%m-%Y"`. The `csv` settings of a source override them key by key.
    pub(crate) csv: CsvConfig,
}

/// How extracts are read into the lake.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LakeConfig {
    /// Approximate memory for reading order lines: `memory = "512 MiB"`; default 1 GiB, at least 64 MiB. Lines beyond an eighth of it are stored on
    /// disk in `.netto`. The result doesn't depend on it.
    pub(crate) memory: Option<Size>,
}

/// The minimum memory of a load.
const LEAST_MEMORY: u64 = 64 << 20;

impl LakeConfig {
    fn check(&self) -> Option<Problem> {
        self.memory.filter(|memory| memory.bytes < LEAST_MEMORY).map(|memory| {
            let problem = Problem::at(["lake", "memory"], format!("{memory} is too little to read an extract"));
            problem.with_help("write a size such as memory = \"512 MiB\"; the minimum is 64 MiB, the default 1 GiB")
        })
    }
}

/// Scenarios that every run computes and compares.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScenariosConfig {
    /// The files, relative to `netto.toml`; `netto schema scenario` shows their settings. Default: no files.
    pub(crate) files: String,
}

impl Default for ScenariosConfig {
    fn default() -> Self {
        Self { files: "scenarios/*.toml".to_owned() }
    }
}

/// The company.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompanyConfig {
    /// Name in the report.
    pub(crate) name: String,
    /// Currency of the results, such as EUR; order lines in other currencies are converted by `fx_rates`.
    #[serde(default = "euro")]
    pub(crate) currency: String,
    /// Last closed month, such as 2025-06; default: the last month with order lines.
    pub(crate) closed_through: Option<String>,
}

fn euro() -> String {
    "EUR".to_owned()
}

impl Config {
    /// Reads and checks a configuration; its text is kept.
    ///
    /// # Errors
    /// All errors, each with its line.
    pub(crate) fn read(path: &Path) -> Result<(Self, Document), Failure> {
        let document = Document::read(path, "name a folder that contains a netto.toml: `netto run data/wholesaler`")?;
        let config = Self::of(&document)?;
        Ok((config, document))
    }

    fn of(document: &Document) -> Result<Self, Failure> {
        let mut config: Self = document.parse("config")?;
        if let Some(help) = config.secret() {
            // The line has the secret, so it isn't shown.
            return Err(Failure::usage("a token or key doesn't belong in a configuration", help));
        }
        config.take_defaults(document);
        document.refuse(config.problems_of(document))?;
        Ok(config)
    }

    /// Advice if an address contains a secret.
    fn secret(&self) -> Option<&'static str> {
        let of_spark = "remove `remote` from [spark], and put the whole address into the variable SPARK_REMOTE";
        let of_storage =
            "write only the location in [storage] at; put keys into the environment or the library's own files";
        let (spark, storage) = (self.spark.remote.as_ref(), self.storage.as_ref().map(|storage| &storage.at));
        let addresses = [(spark, of_spark), (storage, of_storage)];
        addresses.into_iter().find_map(|(address, help)| address.is_some_and(|it| holds_secret(it)).then_some(help))
    }

    /// Gives each source the settings of `[defaults.csv]` that it doesn't have itself.
    fn take_defaults(&mut self, document: &Document) {
        let Some(defaults) = document.table(&["defaults", "csv"]) else { return };
        for (name, source) in &mut self.source {
            let Some(own) = document.table(&["source", name.as_str(), "csv"]) else {
                source.csv = self.defaults.csv.clone();
                continue;
            };
            let all: toml::Table = defaults.clone().into_iter().chain(own).collect();
            // Each parsed on its own, so the merged settings parse too.
            source.csv = all.try_into().unwrap_or_else(|_| source.csv.clone());
        }
    }

    /// The problems, each at its place in the file; one in a default is reported once, however many sources use it.
    fn problems_of(&self, document: &Document) -> Vec<Problem> {
        let mut problems: Vec<Problem> = Vec::new();
        for mut problem in self.problems() {
            if let [source, _, csv, setting] = problem.key.as_slice()
                && (source.as_str(), csv.as_str()) == ("source", "csv")
                && !document.has(&problem.key.iter().map(String::as_str).collect::<Vec<_>>())
                && document.has(&["defaults", "csv", setting.as_str()])
            {
                problem.key = ["defaults", "csv", setting.as_str()].map(str::to_owned).to_vec();
            }
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        problems
    }

    /// The part for the profit stage.
    pub(crate) fn profit(&self) -> ProfitConfig {
        ProfitConfig {
            pools: self.pool.clone(),
            activities: self.activity.clone(),
            support: self.support.clone(),
            sensitivity: self.sensitivity,
            payment_terms: self.payment_terms,
        }
    }

    /// Goals that a query measures, and bonuses.
    pub(crate) fn goal_rules(&self) -> GoalRules {
        GoalRules { goals: self.goal.clone(), bonuses: self.bonus.clone() }
    }

    /// The last closed month, if configured.
    pub(crate) fn closed_through(&self) -> Option<Period> {
        self.company.closed_through.as_ref().and_then(|month| month.parse().ok())
    }

    /// Every path in the configuration, with its key.
    fn paths(&self) -> impl Iterator<Item = (Vec<String>, &str)> {
        let key = |parts: &[&str]| parts.iter().map(|&part| part.to_owned()).collect::<Vec<_>>();
        let globs = [("models", &self.models.files), ("scenarios", &self.scenarios.files)];
        let globs = globs.into_iter().map(move |(part, glob)| (key(&[part, "files"]), glob.as_str()));
        let secret = self.publish.postgres.iter().filter_map(|server| server.password_file.as_ref()?.to_str());
        let secret = secret.map(move |path| (key(&["publish", "postgres", "password_file"]), path));
        let of_spark = [("python", Some(&self.spark.python)), ("folder", self.spark.folder.as_ref())].into_iter();
        let of_spark = of_spark.filter_map(move |(name, path)| Some((key(&["spark", name]), path?.to_str()?)));
        let of_storage = self
            .storage
            .iter()
            .filter_map(move |storage| Some((key(&["storage", "python"]), storage.python.to_str()?)));
        let sources = self.source.iter().flat_map(move |(name, source)| {
            let files = source.files.iter().flat_map(netto_lake::OneOrMany::as_slice);
            let files = files.map(move |path| (key(&["source", name, "files"]), path.as_str()));
            let tables =
                source.tables.iter().flat_map(|(table, files)| files.as_slice().iter().map(move |path| (table, path)));
            let tables = tables.map(move |(table, path)| (key(&["source", name, "tables", table]), path.as_str()));
            let secret = source.postgres.iter().filter_map(|server| server.password_file.as_ref()?.to_str());
            let secret = secret.map(move |path| (key(&["source", name, "postgres", "password_file"]), path));
            files.chain(tables).chain(secret)
        });
        globs.chain(secret).chain(of_spark).chain(of_storage).chain(sources)
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(Err(error)) = self.company.closed_through.as_ref().map(|month| month.parse::<Period>()) {
            problems.push(Problem::at(["company", "closed_through"], error.to_string()));
        }
        let last = netto_lake::last_plausible_month();
        if let Some(month) = self.closed_through().filter(|month| *month > last) {
            let problem = Problem::at(
                ["company", "closed_through"],
                format!("`{month}` is later than {last}, the end of next year"),
            );
            problems.push(problem.with_help("set it to the last month whose books are closed, such as 2025-06"));
        }
        let code = &self.company.currency;
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            let problem = Problem::at(["company", "currency"], format!("`{code}` is not a currency code"));
            problems.push(problem.with_help("a currency code has three letters, such as EUR, GBP or USD"));
        }
        if !self.source.contains_key(contract::ORDER_LINES.name) {
            let problem = Problem::at(["source"], "there is no [source.order_lines], the only source that is required");
            problems.push(problem.with_help("add [source.order_lines] with `files` and the columns"));
        }
        problems.extend(self.source.iter().flat_map(|(name, source)| source_problems(name, source)));
        problems.extend(self.paths().filter_map(|(key, path)| {
            let (message, help) = leaves_project(path)?;
            Some(Problem::at(key, message).with_help(help))
        }));
        problems.extend(self.lake.check());
        problems.extend(self.spark.check().into_iter().map(|problem| at_key(&["spark"], problem)));
        let of_storage = self.storage.iter().flat_map(StorageConfig::check);
        problems.extend(of_storage.map(|problem| at_key(&["storage"], problem)));
        problems.extend(self.products_of_order_lines());
        problems.extend(self.profit().check());
        problems.extend(self.activity.iter().filter_map(|(name, activity)| self.source_of_activity(name, activity)));
        problems.extend(self.taken_over());
        problems.extend(self.named_in_segment());
        problems.extend(self.segment.check().into_iter().map(|problem| at_key(&["segment"], problem)));
        problems.extend(self.goal_rules().check());
        problems.extend(self.expect.check());
        problems.extend(self.keep.and_then(KeepConfig::check));
        problems.extend(self.publish.check().into_iter().map(|problem| at_key(&["publish"], problem)));
        problems
    }

    /// A problem if order lines take their cost from products that aren't supplied.
    fn products_of_order_lines(&self) -> Option<Problem> {
        let lines = self.source.get(contract::ORDER_LINES.name)?;
        let keys = [("cost_from_products", lines.cost_from_products), ("list_from_products", lines.list_from_products)];
        let (key, _) = keys.into_iter().find(|(_, set)| *set)?;
        (!self.source.contains_key(contract::PRODUCTS.name)).then(|| {
            let message = format!("`{key}` is set, but there is no [source.products]");
            Problem::at(["source", contract::ORDER_LINES.name, key], message).with_help("add [source.products]")
        })
    }

    /// Problems with costs that suppliers take over: only cost-to-serve activities, as other steps are already in the gross margin.
    fn taken_over(&self) -> Vec<Problem> {
        let known: Vec<&str> = self.activity.keys().map(String::as_str).collect();
        let mut problems = Vec::new();
        for (list, names) in self.segment.takeover.lists() {
            for (place, name) in names.iter().enumerate() {
                let (message, help) = match self.activity.get(name) {
                    None => (format!("`{name}` is not an activity"), one_of_these(name, "activities", &known)),
                    Some(activity) if activity.step != Step::CostToServe => (
                        format!("`{name}` is {} in the waterfall, not cost-to-serve", activity.step.name()),
                        "remove it: its cost is deducted before the gross margin, from which a supplier is paid"
                            .to_owned(),
                    ),
                    Some(_) => continue,
                };
                let key = ["segment", "takeover", list].map(str::to_owned).into_iter().chain([place.to_string()]);
                problems.push(Problem::at(key, message).with_help(help));
            }
        }
        problems
    }

    /// Problems with names in the segment settings: an unknown activity or pool would be silently ignored.
    fn named_in_segment(&self) -> Vec<Problem> {
        let activities: Vec<&str> = self.activity.keys().map(String::as_str).collect();
        let of_activities = self.activity.values().map(|activity| activity.pool.as_str());
        let pools: BTreeSet<&str> = self.pool.keys().map(String::as_str).chain(of_activities).collect();
        let pools: Vec<&str> = pools.into_iter().collect();
        let visits = (["segment", "remedy", "visit_activities"], &self.segment.remedy.visit_activities, &activities);
        let pay = (["segment", "sales_force", "pay_pools"], &self.segment.sales_force.pay_pools, &pools);
        let unknown = |(key, names, known): ([&str; 3], &Vec<String>, &Vec<&str>), one: &str, many: &str| {
            let unknown = names.iter().enumerate().filter(|(_, name)| !known.contains(&name.as_str()));
            let problem = |(place, name): (usize, &String)| {
                let key = key.map(str::to_owned).into_iter().chain([place.to_string()]);
                Problem::at(key, format!("there is no {one} `{name}`")).with_help(one_of_these(name, many, known))
            };
            unknown.map(problem).collect::<Vec<_>>()
        };
        let mut problems = unknown(visits, "activity", "activities");
        problems.extend(unknown(pay, "pool", "pools"));
        problems
    }

    /// A problem if an activity is measured on a source that isn't supplied.
    fn source_of_activity(&self, name: &str, activity: &ActivityConfig) -> Option<Problem> {
        let source = activity.source.name();
        let derived =
            matches!(activity.source, netto_model::DriverSource::Orders | netto_model::DriverSource::OrderLines);
        (!derived && activity.measure().is_some() && !self.source.contains_key(source)).then(|| {
            let message = format!("`{name}` reads `{source}`, but there is no [source.{source}]");
            Problem::at(["activity", name, "source"], message).with_help(format!("add [source.{source}]"))
        })
    }
}

fn source_problems(name: &str, config: &SourceConfig) -> Vec<Problem> {
    let known: Vec<&str> = contract::SOURCES.iter().map(|table| table.name).collect();
    let Some(table) = contract::SOURCES.iter().find(|table| table.name == name) else {
        let help = one_of_these(name, "sources", &known);
        return vec![Problem::at(["source", name], format!("`{name}` is not a source")).with_help(help)];
    };
    config.check(table).into_iter().map(|problem| at_key(&["source", name], problem)).collect()
}

/// Prefixes a problem's key, as crates use keys relative to their own part.
fn at_key(prefix: &[&str], problem: Problem) -> Problem {
    let key = prefix.iter().map(|&part| part.to_owned()).chain(problem.key).collect();
    Problem { key, ..problem }
}
