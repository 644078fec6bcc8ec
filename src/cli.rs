//! The arguments as typed. What they resolve to is in `project.rs`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use netto_model::Language;

/// From gross to net: what a distributor really earns on each customer, after everything it costs to serve them.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 110, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Format of the result on standard output
    #[arg(long, global = true, value_enum, default_value_t = Format::Table, hide_possible_values = true, long_help = FORMATS)]
    pub(crate) format: Format,
    /// Format of the messages on standard error
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log: LogFormat,
    /// Maximum number of threads; the result doesn't depend on it
    #[arg(long, global = true, value_name = "N", value_parser = crate::threads::number)]
    pub(crate) threads: Option<usize>,
}

/// Whether the arguments ask for JSON, even if they can't be parsed.
pub(crate) fn ask_for_json() -> bool {
    let words: Vec<String> = std::env::args().collect();
    let after = words.windows(2).any(|pair| pair == ["--format", "json"]);
    after || words.iter().any(|word| word == "--format=json")
}

const FORMATS: &str = "Format of the result on standard output: `table` for people, `json` for programs, `csv` for spreadsheets (tables only, \
with an empty line between several tables). With `json` an error is one line of JSON on standard error";

const EXIT_CODES: &str = "Exit codes:\n  \
0  done\n  \
1  failed\n  \
2  wrong usage or configuration, or `netto plan` found work to do\n  \
3  the data break a limit: too many bad rows, a month that lost too many rows,\n     \
an incomplete file, a missing exchange rate, a negative driver, an empty main\n     \
window; with --strict also a warning that configuration and data don't agree\n  \
4  another run holds the lock\n\
Progress goes to standard error, the result to standard output.";

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write a first netto.toml from your extracts, with a comment on every choice
    Init(InitArgs),
    /// Run everything, from the extracts to the published tables and the report
    #[command(
        after_help = "Examples:\n  netto run\n  netto run --strict /srv/netto/shop      (scheduled)\n  netto run --format json > run.json"
    )]
    Run(RunArgs),
    /// Only load the extracts into the lake
    #[command(after_help = "Examples:\n  netto ingest")]
    Ingest(IngestArgs),
    /// Read and check the extracts and the configuration; change nothing
    #[command(
        after_help = "Examples:\n  netto check\n  netto check --strict --format json > check.json\n  netto check --marts"
    )]
    Check(CheckArgs),
    /// Show what a run would do now, per stage and month, and why; exits with 2 if there is work to do
    #[command(after_help = "Examples:\n  netto plan || netto run\n  netto plan --format json")]
    Plan(ProjectArgs),
    /// Show how the last run went, which result is published, and which data are not in it
    #[command(after_help = "Examples:\n  netto status\n  netto status --format json /srv/netto/shop")]
    Status(ProjectArgs),
    /// List the runs: when they started, how they ended, how far their data go, and the key figures of each
    #[command(after_help = "Examples:\n  netto history\n  netto history --last 7 --format csv")]
    History(HistoryArgs),
    /// Compare two runs: which customers changed tier or turned from profit to loss or back, and how data, prices, costs and rules changed net profit
    Diff(DiffArgs),
    /// Remove what no kept result needs: old tables, lake files, records, and rows that were set apart and have been loaded since
    #[command(
        after_help = "Examples:\n  netto vacuum --dry-run\n  netto vacuum\n\n[keep] in netto.toml sets what is kept, for example runs = 10, days = 90"
    )]
    Vacuum(VacuumArgs),
    /// Prove the figures of a customer, a pool or an order, from the last run
    #[command(
        after_help = "Examples:\n  netto explain customer 001012\n  netto explain pool warehouse\n  netto explain order 2024001234"
    )]
    Explain(ExplainArgs),
    /// Show the effect of remedies, or of changes in price, volume or cost, based on the figures of the last run
    Simulate(SimulateArgs),
    /// Publish the last run again without computing it, to a database or in other file formats
    Publish(PublishArgs),
    /// Copy what is new in the lake, and the current result, to the object storage that netto.toml names; each run does this at its end
    #[command(after_help = "Examples:\n  netto push\n  netto push --format json /srv/netto/shop")]
    Push(ProjectArgs),
    /// Fetch the lake and the current result from object storage, to continue on another machine
    #[command(
        after_help = "Examples:\n  netto pull && netto run\n  netto pull && netto run --as-of current      (without the extracts)"
    )]
    Pull(ProjectArgs),
    /// Write the report of the last run as one HTML file
    Report(ReportArgs),
    /// Show the tables and columns with their meaning, or the JSON Schema of the configuration or of a scenario
    Schema(SchemaArgs),
    /// Query the tables of the last run and the loaded sources in SQL, or show the SQL that computes them
    Sql(SqlArgs),
    /// Create a model of your own, with a template of all its parts
    #[command(after_help = "Examples:\n  netto new model sleeping_customer")]
    New(NewArgs),
    /// Write the extracts of the demo (a technical wholesaler) or of a made-up distributor of any size
    Generate(GenerateArgs),
    /// Write the completion script for a shell: commands, flags and files
    Completions(CompletionsArgs),
    /// Write the manual page; read it with `netto man | man -l -`
    Man,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto completions bash > ~/.local/share/bash-completion/completions/netto\n  \
netto completions zsh > ~/.zfunc/_netto\n  netto completions powershell >> $PROFILE")]
pub(crate) struct CompletionsArgs {
    /// Shell to write completions for
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    #[command(subcommand)]
    pub(crate) subject: NewSubject,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NewSubject {
    /// Create an analysis as one SQL file, models/NAME.sql
    #[command(after_help = "Examples:\n  netto new model sleeping_customer && netto check")]
    Model(NewModelArgs),
}

#[derive(Debug, Args)]
pub(crate) struct NewModelArgs {
    /// Name of its table: lower-case letters, digits and _
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
    /// Extracts, or folders with extracts: CSV (also compressed as .gz or .zst), Parquet or Excel (.xlsx)
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// Folder to write netto.toml to
    #[arg(long, default_value = ".")]
    pub(crate) project: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// Publish nothing and exit with 3 if configuration and data don't agree or figures would be incomplete; for scheduled runs
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) accept: AcceptArgs,
    /// Compute the result of an earlier run again, from its data and configuration: give its id, #number, or a time as in `netto history`
    #[arg(long, value_name = "RUN", conflicts_with = "accept_shrink")]
    pub(crate) as_of: Option<String>,
    /// Compute everything, even if nothing changed and the tables of an earlier run could be used
    #[arg(long)]
    pub(crate) recompute: bool,
    /// Engine that adds up the order lines; the result is the same
    #[arg(long, value_enum, default_value_t = Engine::Netto)]
    pub(crate) engine: Engine,
}

#[derive(Debug, Args)]
pub(crate) struct VacuumArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// Only show what would be removed
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
    /// Load extracts this once even if a month loses more rows than `shrink` allows or an extract has no rows
    #[arg(long)]
    pub(crate) accept_shrink: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// Exit with 3 if configuration and data don't agree or figures would be incomplete
    #[arg(long)]
    pub(crate) strict: bool,
    /// Check the published tables instead: keys, references, and that tables tie to each other
    #[arg(long)]
    pub(crate) marts: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// Number of runs to show, counted from the last one
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
    /// Explain a customer: the waterfall, and each activity with pool amount, capacity, rate and quantity
    Customer(ExplainCustomerArgs),
    /// Explain a cost pool: where its cost comes from, where it goes, and which customers use most of it
    Pool(ExplainPoolArgs),
    /// Explain an order: its part of the figures of its customer and month
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
    /// Window: main, previous, or a calendar year
    #[arg(long, default_value = "main")]
    pub(crate) window: String,
    /// Show the calculation of each month in full
    #[arg(long)]
    pub(crate) months: bool,
    /// Write an SQL script that computes the figures independently in DuckDB: `duckdb -box < proof.sql`
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
    /// Window: main, previous, or a calendar year
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
    /// Scenarios as TOML files; several are compared. The last word may be the folder with a netto.toml (default: the current folder)
    #[arg(value_name = "SCENARIO.toml … [PROJECT]", required = true, num_args = 1..)]
    pub(crate) files: Vec<PathBuf>,
    /// Window: main, previous, or a calendar year
    #[arg(long, default_value = "main")]
    pub(crate) window: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto publish\n  netto publish --sink csv")]
pub(crate) struct PublishArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// csv, sqlite, xlsx, delta, postgres, powerbi or metabase; repeat the flag for several (default: the sinks of the configuration)
    #[arg(long, value_name = "NAME")]
    pub(crate) sink: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto report\n  \
netto report --output june.html")]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// File to write
    #[arg(long, short, value_name = "FILE", default_value = "report.html")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  netto schema customer_window\n  \
netto schema config > netto.schema.json\n  \
netto schema --ddl | psql controlling\n  \
netto schema --language nl --format csv > woordenlijst.csv")]
pub(crate) struct SchemaArgs {
    /// Name of a table, `config` or `scenario` (default: all tables)
    pub(crate) subject: Option<String>,
    /// Write SQL: CREATE TABLE statements
    #[arg(long)]
    pub(crate) ddl: bool,
    /// Language of the labels: en, nl or de; meanings are in English
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    pub(crate) language: Language,
    /// Folder with a netto.toml, to include the tables of its own models
    #[arg(long, value_name = "FOLDER")]
    pub(crate) project: Option<PathBuf>,
    /// Write the reference as Markdown pages: settings, data dictionary, codes, command line
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["subject", "ddl"])]
    pub(crate) pages: Option<PathBuf>,
}

/// The language of a tag.
fn language(tag: &str) -> Result<Language, String> {
    Language::tagged(tag).ok_or_else(|| format!("`{tag}` is not a language that netto supports; choose en, nl or de"))
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  netto sql \"select name, net_profit from dim_customer join customer_window using (customer_key) where window_id = 'main' order by net_profit limit 10\"\n  \
netto sql \"select pool, sum(amount) as amount from cost_pools group by pool\"\n  \
netto sql                       (lists the tables)\n  \
netto sql --print --dialect spark"
)]
pub(crate) struct SqlArgs {
    /// One SELECT statement, and the folder with a netto.toml (default: the current folder). Without a query, the tables are listed
    #[arg(value_name = "QUERY] [PROJECT", num_args = 0..=2)]
    pub(crate) words: Vec<String>,
    /// Print the SQL of the rollups and models, and the files that they read, as JSON
    #[arg(long)]
    pub(crate) print: bool,
    /// SQL dialect to print
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
    /// Seed of the random numbers; the same seed gives the same files
    #[arg(long, default_value_t = netto_sample::WHOLESALER_SEED)]
    pub(crate) seed: u64,
    /// Add effects of a known size that the analyses should find
    #[arg(long)]
    pub(crate) causes: bool,
    /// Write a distributor with about N order lines instead of the demo's 60,000: extracts in several files and a netto.toml, in a new folder
    #[arg(long, value_name = "N", conflicts_with = "causes")]
    pub(crate) lines: Option<u64>,
}

/// Format of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}

/// Format of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// For programs: one JSON object per line
    Json,
}

/// The engine that computes the rollups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// netto itself
    Netto,
    /// The cluster in `[spark]` of netto.toml
    Spark,
}

/// The SQL dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SqlDialect {
    /// Names in double quotes
    Duckdb,
    /// Names in backticks
    Spark,
}
