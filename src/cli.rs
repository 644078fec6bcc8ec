//! The arguments as typed. What they resolve to is in `project.rs`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use netto_model::Language;

/// From gross to net: what every customer of a distributor really earns, after everything it costs to serve them.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 110, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Form of the result on standard output
    #[arg(long, global = true, value_enum, default_value_t = Format::Table, hide_possible_values = true, long_help = FORMATS)]
    pub(crate) format: Format,
    /// Form of messages on standard error
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log: LogFormat,
    /// At most so many threads; the result is the same for any number
    #[arg(long, global = true, value_name = "N", value_parser = crate::threads::number)]
    pub(crate) threads: Option<usize>,
}

/// Whether the arguments ask for JSON, also where they can't be parsed.
pub(crate) fn ask_for_json() -> bool {
    let words: Vec<String> = std::env::args().collect();
    let after = words.windows(2).any(|pair| pair == ["--format", "json"]);
    after || words.iter().any(|word| word == "--format=json")
}

const FORMATS: &str = "Form of the result on standard output: `table` for people, `json` for programs, `csv` for spreadsheets (tables only, \
several with an empty line between them). With `json` an error is one line of JSON on standard error";

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 usage or configuration, or work\n\
pending in `netto plan`, 3 data beyond what is allowed\n\
(too many bad rows, a month that shrinks, a file that isn't whole, a rate of exchange that is missing, a driver below zero, an empty main window, or with --strict\n\
a warning that configuration and data don't agree), 4 another run holds the lock.\n\
Progress goes to standard error, the result to standard output.";

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write a first netto.toml from your extracts, with a comment on every choice
    Init(InitArgs),
    /// Everything: extracts to published tables and the report
    #[command(
        after_help = "Examples:\n  netto run\n  netto run --strict /srv/netto/shop      (scheduled)\n  netto run --format json > run.json"
    )]
    Run(RunArgs),
    /// Only read the extracts into the lake
    #[command(after_help = "Examples:\n  netto ingest")]
    Ingest(IngestArgs),
    /// Read and check the extracts and the configuration; change nothing
    #[command(
        after_help = "Examples:\n  netto check\n  netto check --strict --format json > check.json\n  netto check --marts"
    )]
    Check(CheckArgs),
    /// What a run would do now, per stage and month, and why; exits with 2 when there is work
    #[command(after_help = "Examples:\n  netto plan || netto run\n  netto plan --format json")]
    Plan(ProjectArgs),
    /// How the last run went, what readers see, and what isn't in it
    #[command(after_help = "Examples:\n  netto status\n  netto status --format json /srv/netto/shop")]
    Status(ProjectArgs),
    /// The runs: when, how they ended, how far the data went, and the headline of each
    #[command(after_help = "Examples:\n  netto history\n  netto history --last 7 --format csv")]
    History(HistoryArgs),
    /// Who changed tier or sign between two runs, and how far data, prices, costs and rules changed net profit
    Diff(DiffArgs),
    /// Remove what no kept result needs: old tables, files of the lake, records, rows that were set apart and came since
    #[command(
        after_help = "Examples:\n  netto vacuum --dry-run\n  netto vacuum\n\n[keep] in netto.toml says what is kept: runs = 10, days = 90"
    )]
    Vacuum(VacuumArgs),
    /// Prove the figures of a customer, a pool or an order, from the last run
    #[command(
        after_help = "Examples:\n  netto explain customer 001012\n  netto explain pool warehouse\n  netto explain order 2024001234"
    )]
    Explain(ExplainArgs),
    /// What remedies, and levers on price, volume and cost would bring, on the figures of the last run
    Simulate(SimulateArgs),
    /// Publish the last run once more, without computing it: into a database, or as other files
    Publish(PublishArgs),
    /// Send what is new in the lake, and the current result, to object storage, where the configuration names one; each run does it at its end
    #[command(after_help = "Examples:\n  netto push\n  netto push --format json /srv/netto/shop")]
    Push(ProjectArgs),
    /// Fetch the lake and the current result from there, to go on with them on another machine
    #[command(
        after_help = "Examples:\n  netto pull && netto run\n  netto pull && netto run --as-of current      (without the extracts)"
    )]
    Pull(ProjectArgs),
    /// Write the report of the last run as one HTML file
    Report(ReportArgs),
    /// Show the tables, their columns and what they mean; or the JSON Schema of the configuration or of a scenario
    Schema(SchemaArgs),
    /// Ask the tables of the last run, and the sources as they were loaded, in SQL; or show the SQL that computes them
    Sql(SqlArgs),
    /// Write a first model of your own, with every part in its place
    #[command(after_help = "Examples:\n  netto new model sleeping_customer")]
    New(NewArgs),
    /// Write the extracts of the demo, a technical wholesaler, or of a distributor of any size
    Generate(GenerateArgs),
    /// Write what a shell needs to complete verbs, flags and files by the Tab key
    Completions(CompletionsArgs),
    /// Write the manual page: `netto man | man -l -`
    Man,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto completions bash > ~/.local/share/bash-completion/completions/netto\n  \
netto completions zsh > ~/.zfunc/_netto\n  netto completions powershell >> $PROFILE")]
pub(crate) struct CompletionsArgs {
    /// Whose shell it is
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    #[command(subcommand)]
    pub(crate) subject: NewSubject,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NewSubject {
    /// An analysis as one SQL text: models/NAME.sql
    #[command(after_help = "Examples:\n  netto new model sleeping_customer && netto check")]
    Model(NewModelArgs),
}

#[derive(Debug, Args)]
pub(crate) struct NewModelArgs {
    /// Name of its table: small letters, digits and _
    pub(crate) name: String,
    /// Folder with a netto.toml
    #[arg(default_value = ".")]
    pub(crate) project: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    /// Folder with a netto.toml
    #[arg(default_value = ".")]
    pub(crate) project: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  netto init exports/ && netto check && netto run\n  netto init --project shop exports/orders.csv exports/customers.csv"
)]
pub(crate) struct InitArgs {
    /// Extracts, or folders of them: CSV, also packed as .gz or .zst, Parquet and Excel (.xlsx)
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// Folder in which netto.toml is written
    #[arg(long, default_value = ".")]
    pub(crate) project: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// Exit with 3, and publish nothing, where the configuration names what the data don't have: for scheduled runs
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) accept: AcceptArgs,
    /// The answer of an earlier run again, by its data and its configuration: its id, #number, or a time as in `netto history`
    #[arg(long, value_name = "RUN", conflicts_with = "accept_shrink")]
    pub(crate) as_of: Option<String>,
    /// Compute even where nothing changed since an earlier run, whose tables would do
    #[arg(long)]
    pub(crate) recompute: bool,
    /// Who adds order lines up; the result is the same
    #[arg(long, value_enum, default_value_t = Engine::Netto)]
    pub(crate) engine: Engine,
}

#[derive(Debug, Args)]
pub(crate) struct VacuumArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// Only say what would be removed
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct IngestArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    #[command(flatten)]
    pub(crate) accept: AcceptArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// Load an extract although months lose much of their rows, or it has none, this once: `shrink` of the source says how much
    #[arg(long)]
    pub(crate) accept_shrink: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// Exit with 3 where the configuration names what the data don't have
    #[arg(long)]
    pub(crate) strict: bool,
    /// Prove what was published instead: keys, references, and that tables tie to each other
    #[arg(long)]
    pub(crate) marts: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// At most so many, the last ones
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) last: usize,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: netto diff previous current")]
pub(crate) struct DiffArgs {
    /// The earlier run: its id, #number, a time, current or previous
    pub(crate) before: String,
    /// The later run
    pub(crate) after: String,
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(subcommand)]
    pub(crate) subject: Subject,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Subject {
    /// A customer: the waterfall, and every activity with pool amount, capacity, rate and quantity
    Customer(ExplainCustomerArgs),
    /// A cost pool: where its cost comes from, where it goes, who takes most of it
    Pool(ExplainPoolArgs),
    /// An order: the part of its customer month that it is
    Order(ExplainOrderArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto explain customer 001012\n  \
netto explain customer 001012 --months --window 2024\n  \
netto explain customer 001012 --sql > proof.sql")]
pub(crate) struct ExplainCustomerArgs {
    /// The customer's id, as in the extracts
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// main, previous, or a calendar year
    #[arg(long, default_value = "main")]
    pub(crate) window: String,
    /// Each month's calculation in full
    #[arg(long)]
    pub(crate) months: bool,
    /// An SQL script for DuckDB that computes the figures anew, to be run anywhere: `duckdb -box < proof.sql`
    #[arg(long, conflicts_with = "months")]
    pub(crate) sql: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto explain pool warehouse")]
pub(crate) struct ExplainPoolArgs {
    /// The pool's name, as in [pool.NAME]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// main, previous, or a calendar year
    #[arg(long, default_value = "main")]
    pub(crate) window: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto explain order 2024001234")]
pub(crate) struct ExplainOrderArgs {
    /// The order's number, as in the extracts
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto simulate scenarios/price.toml\n  \
netto simulate scenarios/price.toml scenarios/remedies.toml")]
pub(crate) struct SimulateArgs {
    /// Scenarios as TOML files, several to be compared; and at last the folder with a netto.toml, the current one when left out
    #[arg(value_name = "SCENARIO.toml … [PROJECT]", required = true, num_args = 1..)]
    pub(crate) files: Vec<PathBuf>,
    /// main, previous, or a calendar year
    #[arg(long, default_value = "main")]
    pub(crate) window: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto publish\n  netto publish --sink csv")]
pub(crate) struct PublishArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// csv, sqlite, xlsx, delta, postgres, powerbi or metabase, several of them one by one; the sinks of the configuration when left out
    #[arg(long, value_name = "NAME")]
    pub(crate) sink: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto report\n  \
netto report --output june.html")]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// Where to write it
    #[arg(long, short, value_name = "FILE", default_value = "report.html")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto schema customer_window\n  \
netto schema config > netto.schema.json\n  \
netto schema --ddl | psql controlling\n  \
netto schema --language nl --format csv > woordenlijst.csv")]
pub(crate) struct SchemaArgs {
    /// A table of the contract, `config` or `scenario`; all tables when left out
    pub(crate) subject: Option<String>,
    /// As SQL: CREATE TABLE statements
    #[arg(long)]
    pub(crate) ddl: bool,
    /// Language of the labels: en, nl or de; meanings are in English
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    pub(crate) language: Language,
    /// Folder with a netto.toml: the tables of its own models as well
    #[arg(long, value_name = "FOLDER")]
    pub(crate) project: Option<PathBuf>,
    /// Write the reference as Markdown pages: settings, data dictionary, codes, command line
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["subject", "ddl"])]
    pub(crate) pages: Option<PathBuf>,
}

/// The language of a tag.
fn language(tag: &str) -> Result<Language, String> {
    Language::tagged(tag).ok_or_else(|| format!("`{tag}` is no language that netto speaks: en, nl or de"))
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  netto sql \"select name, net_profit from dim_customer join customer_window using (customer_key) where window_id = 'main' order by net_profit limit 10\"\n  \
netto sql \"select pool, sum(amount) as amount from cost_pools group by pool\"\n  \
netto sql                       (the tables that can be asked)\n  \
netto sql --print --dialect spark"
)]
pub(crate) struct SqlArgs {
    /// One SELECT; and the folder with a netto.toml, the current one when left out. Without a query: the tables that can be asked
    #[arg(value_name = "QUERY] [PROJECT", num_args = 0..=2)]
    pub(crate) words: Vec<String>,
    /// Print the texts of rollups and models, and the files that they read, as JSON
    #[arg(long)]
    pub(crate) print: bool,
    /// Which engine reads the texts
    #[arg(long, value_enum, default_value_t = SqlDialect::Duckdb, requires = "print")]
    pub(crate) dialect: SqlDialect,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  netto generate demo/extracts\n  netto generate --lines 3000000 big && netto run big"
)]
pub(crate) struct GenerateArgs {
    /// Folder for the extracts
    pub(crate) folder: PathBuf,
    /// The same seed gives the same bytes
    #[arg(long, default_value_t = netto_sample::WHOLESALER_SEED)]
    pub(crate) seed: u64,
    /// Put causes of a known size in, for analyses to find
    #[arg(long)]
    pub(crate) causes: bool,
    /// A distributor with about so many order lines instead of the demo's 60,000: extracts in parts and a netto.toml, in a new folder
    #[arg(long, value_name = "N", conflicts_with = "causes")]
    pub(crate) lines: Option<u64>,
}

/// Form of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}

/// Form of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// For programs: an object a line
    Json,
}

/// Who computes the rollups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// netto itself
    Netto,
    /// The cluster that `[spark]` in netto.toml names
    Spark,
}

/// Engine of an SQL text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SqlDialect {
    /// Names in double quotes
    Duckdb,
    /// Names in backticks
    Spark,
}
