//! `[source.<name>]` of the configuration: where a source comes from and how its columns are mapped.
//!
//! ```
//! use netto_lake::SourceConfig;
//! let config = SourceConfig::from_json(r#"{ "files": "extracts/*.csv", "columns": { "ordr_id": "Nr" } }"#)?;
//! let problems = config.check(&netto_model::contract::ORDER_LINES);
//! assert_eq!(problems[0].to_string(), "`ordr_id` is not a column of `order_lines`; did you mean `order_id`?");
//! # Ok::<(), serde_json::Error>(())
//! ```

mod column;
mod excel;
mod loading;
mod postgres;
mod records;

use std::collections::BTreeMap;
use std::fmt;

use netto_model::Problem;
use netto_model::column::LINE_NO;
use netto_model::contract::ORDER_LINES;
use netto_model::table::Table;
use schemars::JsonSchema;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::dialect::{Quote, Size};
use crate::filter::Filter;
use crate::ids::is_same_name;
use crate::month;
use crate::plausible::DateRange;
use crate::read::encoding::Codec;
use crate::serial;
use crate::titles;
use crate::typed::kind;
pub use column::{ColumnConfig, ColumnSource, Others, SignConfig};
pub use excel::{ExcelConfig, SheetName, Sheets};
pub use postgres::PostgresConfig;
pub use records::RecordsConfig;

pub use loading::{AmountLimit, Duplicates, LoadMode, MaxRejects, UnknownCustomer};

/// One source: its files (or a view over files), how they are written, and which column is which.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SourceConfig {
    /// One glob or a list of globs, relative to `netto.toml`: `.csv`, `.csv.gz`, `.csv.zst`, `.parquet`, `.xlsx`. A wildcard matches neither
    /// lock files of open workbooks (`~$lines.xlsx`), hidden files and folders, nor the folders `.netto` and `out`, in which netto writes.
    pub files: Option<OneOrMany>,
    /// Instead of `files`: one SQL query over the `tables`; its result is mapped like an extract.
    pub sql: Option<String>,
    /// The files that `sql` names: table name = glob or list of globs. Columns of CSV files and workbooks are texts; where the query computes,
    /// compares or casts, they are converted by the settings in `csv`. `+ - * /`, `sum` and `avg` are exact.
    pub tables: BTreeMap<String, TableFiles>,
    /// Instead of `files`: a query over a PostgreSQL database; its result is mapped like an extract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postgres: Option<PostgresConfig>,
    /// How an extract changes the data in the lake: `append`, `replace_period`, `upsert` or `replace`.
    pub load: Option<LoadMode>,
    /// Rows of the extract that count: `where = "Status <> 'Cancelled'"`. Other rows are left out and counted. Use the columns of the extract (in
    /// double quotes if a name isn't a single word), texts in single quotes, and numbers as the extract writes them; `=`, `<>`, `<`, `>`, `in`,
    /// `like`, `is null`, `and`, `or`, `not`. An empty value is an empty text.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// Only for `order_lines`: how lines of the kinds `return` and `credit` are written. With `returns = "positive"` the sign of their quantity and
    /// amounts is reversed.
    pub returns: Option<ReturnsWritten>,
    /// Only for `replace_period`: the file names determine which months are replaced, including months that have become empty. `file name` finds
    /// 2025-03 in `lines_2025-03.csv`; a pattern such as `lines_%m%Y` sets where to look. Default: the months of the rows.
    pub period_from: Option<String>,
    /// A month or table that would lose more than this part of its rows in a load is not loaded, unless `--accept-shrink` allows it. Default 0.5; 1
    /// allows any loss.
    pub shrink: Option<f64>,
    /// Rows of an extract with the same key and different values: `last` loads the later one (last file by name, where 10 follows 9; last line),
    /// `reject` loads the first and sets the others apart. Default: `reject` for `cost_pools`, `stock` and queries, whose rows may all be valid,
    /// otherwise `last`; with the default, superseded rows count for `max_rejects`.
    pub duplicates: Option<Duplicates>,
    /// Columns of the extract whose value is only on the first of several rows and also applies to the empty rows below it, as when a program writes
    /// the head of a document once: `fill_down = ["Order", "Date", "Customer"]`. List the outermost column first: a new value in it ends the values
    /// of the columns after it, so that an order without a customer doesn't take the customer of the order above. With `sql` it applies to the tables
    /// that have all of these columns, before the query reads them.
    pub fill_down: Vec<String>,
    /// Columns of the extract that are not wanted, including columns that have the name of a column of netto.
    pub ignore: Vec<String>,
    /// Maximum number of rows that may be set apart; above it the load fails and nothing is loaded.
    pub max_rejects: Option<u64>,
    /// The same as a share of the rows read; default 0.01 unless `max_rejects` is set.
    pub max_rejects_share: Option<f64>,
    /// Maximum part of the amount that may be set apart (`net_amount`, or `amount` or `value` in other sources); above it the load fails and nothing
    /// is loaded. A row whose amount can't be read counts as the average of the other rows. Default 0.05, if more than one row is set apart; if
    /// `max_rejects` or `max_rejects_share` is set, a larger part only gives a warning.
    pub max_rejects_amount_share: Option<f64>,
    /// What happens to order lines of customers that `customers` does not have: `reject` sets them apart, `keep` loads them for one customer
    /// `(unknown)`, together with lines without a customer, and `separate` loads each for its own customer.
    #[serde(alias = "unknown_customer")]
    pub on_unknown_customer: UnknownCustomer,
    /// Only for `order_lines`: a line without `cogs_amount` costs its quantity times the `unit_cost` of the version of the product
    /// that is valid on the order date. Before the first version it stays without cost.
    pub cost_from_products: bool,
    /// Only for `order_lines`: the same for `list_amount`, from `list_price`.
    pub list_from_products: bool,
    /// The possible range of the date that determines the month of a row, such as `dates = { from = "2015-01-01", to = "2026-12-31" }`; default
    /// 1990-01-01 to the end of next year. A row outside is set apart (`implausible_date`), so that a typing error such as 2052 does not become the
    /// last month of all analyses.
    pub dates: DateRange,
    /// How CSV files are written; also texts in columns of Parquet files and workbooks.
    pub csv: CsvConfig,
    /// Records of several kinds in CSV files without a header, such as heads of orders followed by their lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<RecordsConfig>,
    /// Where the rows are in Excel workbooks: `excel = { sheet = "Omzet", header_row = 3 }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excel: Option<ExcelConfig>,
    /// Column of netto = where it comes from. Columns with the same name don't need a line.
    pub columns: BTreeMap<String, ColumnSource>,
    /// Maximum number of rows of a join in `sql` without equal columns, such as a `cross join`: `max_join_rows = 50_000_000`; default ten million.
    pub max_join_rows: Option<u64>,
}

/// One text or a list of texts.
#[derive(Clone, Debug, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several, tried in their order.
    Many(Vec<String>),
}

/// Files of a table of a view.
pub type TableFiles = OneOrMany;

impl OneOrMany {
    /// The texts in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

/// How an extract writes the lines of returns and credit notes.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ReturnsWritten {
    /// As negative amounts, as netto expects.
    Negative,
    /// As positive amounts, as on printed documents: the kind makes them negative.
    Positive,
}

/// How CSV files are written.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CsvConfig {
    /// Between fields: one character, `\t` for tab.
    pub delimiter: char,
    /// Around fields that contain a delimiter or a line end: one character, or `quote = "none"` if quotes are ordinary characters, such as inch signs.
    pub quote: Quote,
    /// Before a quote within quotes, or a delimiter outside quotes, that is an ordinary character: `escape = "\\"`. A doubled quote within quotes is
    /// always read.
    pub escape: Option<char>,
    /// Maximum number of lines of a record, 1 to 1000: if a quote isn't closed within them, only its line is set apart. Use `max_record_lines = 1` if
    /// no field contains a line end.
    pub max_record_lines: u64,
    /// Title lines before the header: `skip_lines = 3`. A spreadsheet's `sep=;` and blank lines before the header don't need it.
    pub skip_lines: u64,
    /// Lines with column names, group titles first: with `header_rows = 2`, `Sales` above `Amount` and `Pieces` gives `Sales Amount` and `Sales
    /// Pieces`. A title also applies to the empty titles to its right that have a name below them.
    #[serde(skip_serializing_if = "is_one")]
    pub header_rows: u64,
    /// Whether the last line of a file may not be a row, such as a total: if it has too few fields and no line end, it is set apart. Without this
    /// setting such a file counts as incomplete, and nothing of it is loaded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub footer: bool,
    /// Any encoding of the WHATWG standard, such as `windows-1252` or `utf-16le`, or a DOS code page such as `cp850`; a byte-order mark has priority.
    pub encoding: String,
    /// A `.gz` or `.zst` file that decompresses to more than this is refused: `max_unpacked = "4 GiB"`. Default 64 MiB, or 200 times its compressed
    /// size if that is more.
    pub max_unpacked: Option<Size>,
    /// Decimal sign of numbers: one character.
    pub decimal: char,
    /// Grouping sign of numbers, if any: one character, such as `.`, `,`, `'` or a blank. Each kind of blank includes all of them (no-break space,
    /// narrow no-break space, thin space), and `'` includes `’`.
    pub thousands: Option<char>,
    /// Text beside the digits of amounts that is ignored, on either side: `currency_sign = "€"`, `"EUR"`.
    pub currency_sign: Option<String>,
    /// Format of dates, such as `%d-%m-%Y`; a list is tried in its order. A time may follow the date, after a blank or a `T`, and doesn't need to be
    /// in the format: `07-03-2025 15:30`. `excel` reads the serial numbers of spreadsheets (45719 is 2025-03-03, its decimals are the time),
    /// `excel-1904` those of old Mac files, `cyyddd` the dates of JD Edwards (125032 is 2025-02-01), `cyymmdd` those of AS/400 (1250201 is the same).
    /// `ddmm 2025` reads dates without a year, as DATEV writes them (0503 is 2025-03-05); `ddmm 2024-07` in the twelve months from July 2024 on, and
    /// `ddmm file name` in the year in the file name. For lines without a date, `week` reads a week as its Thursday (2024-W07, 202407, 7/2024), so in
    /// the month with most of its days, and `month` reads a month as its first day. Years have four digits; `%y` reads two: 70 to 99 are 1970 to
    /// 1999, 00 to 69 are 2000 to 2069. Columns for a month also take `2025-03`, `202503`, `03-2025` and `2025/03`.
    pub date: OneOrMany,
    /// There is no header: all lines are records.
    #[serde(skip)]
    pub(crate) headless: bool,
    /// Words that mean an empty value, such as `["NULL", "n/a"]`. An empty field is always an empty value.
    pub null: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_one(rows: &u64) -> bool {
    *rows == 1
}

impl Default for CsvConfig {
    fn default() -> Self {
        Self {
            delimiter: ',',
            quote: Quote::Sign('"'),
            escape: None,
            max_record_lines: 8,
            skip_lines: 0,
            header_rows: 1,
            footer: false,
            encoding: "utf-8".to_owned(),
            max_unpacked: None,
            decimal: '.',
            thousands: None,
            currency_sign: None,
            date: OneOrMany::One("%Y-%m-%d".to_owned()),
            headless: false,
            null: Vec::new(),
        }
    }
}

impl SourceConfig {
    /// A configuration from JSON, for tests and examples.
    ///
    /// # Errors
    /// When the text is no JSON of this form.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The most rows that a join without equal columns may make.
    pub(crate) fn max_join_rows(&self) -> u64 {
        self.max_join_rows.unwrap_or(10_000_000)
    }

    /// How a column of the contract is made, if a line says so.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<ColumnConfig> {
        self.columns.get(name).map(ColumnSource::settings)
    }

    /// Whether lines are numbered as they are read.
    pub(crate) fn counts_lines(&self) -> bool {
        self.column(LINE_NO).is_some_and(|column| column.count_within.is_some())
    }

    /// What is wrong with this part of the configuration; keys are relative to `[source.<name>]`.
    #[must_use]
    pub fn check(&self, source: &'static Table) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(self.check_origin());
        problems.extend(self.csv.check());
        problems.extend(self.check_year_of_file());
        problems.extend(self.check_excel());
        problems.extend(self.check_postgres());
        problems.extend(self.check_records());
        problems.extend(self.dates.check(source));
        problems.extend(self.check_loading(source));
        problems.extend(self.check_valuation(source));
        problems.extend(self.check_filter());
        problems.extend(self.check_ignored(source));
        problems.extend(self.check_fill_down());
        problems.extend(self.check_returns(source));
        for (name, column) in &self.columns {
            problems.extend(column::check(source, name, &column.settings()));
        }
        problems
    }

    /// Whether the rows come from a query, so that they have no order and no file.
    pub(crate) fn is_query(&self) -> bool {
        self.sql.is_some() || self.postgres.is_some()
    }

    fn check_year_of_file(&self) -> Option<Problem> {
        (self.is_query() && self.csv.has_year_of_file()).then(|| {
            Problem::at(
                ["csv", "date"],
                format!("the rows of a query have no file name to take the year of `{}` from", serial::YEAR_OF_FILE),
            )
            .with_help("write the year, such as \"ddmm 2025\"")
        })
    }

    fn check_origin(&self) -> Vec<Problem> {
        if self.postgres.is_some() {
            let others = [("files", self.files.is_some()), ("sql", self.sql.is_some())];
            let other = others.into_iter().find(|(_, set)| *set);
            let problem = other.map(|(key, _)| Problem::at([key], format!("`{key}` and `postgres` are both set")));
            return problem
                .map(|problem| problem.with_help("keep one: each names where the rows come from"))
                .into_iter()
                .collect();
        }
        match (&self.files, &self.sql) {
            (None, None) => vec![
                Problem::at(["files"], "neither `files` nor `sql` is set")
                    .with_help("name the extract: files = \"extracts/orders_*.csv\""),
            ],
            (Some(_), Some(_)) => vec![
                Problem::at(["sql"], "`files` and `sql` are both set")
                    .with_help("a view reads its files from [source.….tables]; remove `files`"),
            ],
            (Some(_), None) if self.max_join_rows.is_some() => vec![
                Problem::at(["max_join_rows"], "`max_join_rows` is for views, and this source has no `sql`")
                    .with_help("remove it"),
            ],
            (None, Some(_)) if self.tables.is_empty() => vec![
                Problem::at(["tables"], "`sql` has no tables to read")
                    .with_help("name them: [source.….tables] orders = \"data/orders.parquet\""),
            ],
            (None, Some(sql)) => {
                let tables = self.tables.keys().map(String::as_str);
                let refusal = crate::read::view::parse(sql, tables).err();
                refusal
                    .map(|refusal| Problem::at(["sql"], refusal.message).with_help(refusal.help))
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a column of the extract is known and not wanted.
    pub(crate) fn ignores(&self, name: &str) -> bool {
        self.ignore.iter().any(|ignored| is_same_name(ignored, name))
    }

    /// What is ignored can't be needed.
    fn check_ignored(&self, source: &'static Table) -> Vec<Problem> {
        let reads = |name: &str| {
            let column = self
                .columns
                .iter()
                .find(|(column, from)| from.reads(column).iter().any(|read| is_same_name(read, name)));
            column.map(|(column, _)| column.as_str())
        };
        let problem = |(place, name): (usize, &String)| {
            let at = |message: String, help: &str| {
                Some(Problem::at(["ignore".to_owned(), place.to_string()], message).with_help(help))
            };
            if self.ignore.iter().take(place).any(|other| is_same_name(other, name)) {
                return at(format!("\"{name}\" is in `ignore` twice"), "remove one of them");
            }
            if let Some(column) = reads(name) {
                return at(
                    format!("\"{name}\" is in `ignore`, but `{column}` is made from it"),
                    "remove it from `ignore`; or remove the column from [source.….columns] if it isn't wanted",
                );
            }
            let needed = source
                .column(name)
                .filter(|column| column.must_be_supplied() && !self.columns.contains_key(column.name));
            needed.and_then(|_| {
                at(
                    format!("every row needs a value for `{name}`, so it can't be ignored"),
                    "remove it from `ignore`, or map another column to it",
                )
            })
        };
        self.ignore.iter().enumerate().filter_map(problem).collect()
    }

    fn check_fill_down(&self) -> Vec<Problem> {
        if self.postgres.is_some() && !self.fill_down.is_empty() {
            let problem = Problem::at(["fill_down"], "the rows of a query have no order, so no row is above another");
            return vec![problem.with_help("let the query join the header to each row")];
        }
        let twice = |(place, name): (usize, &String)| {
            let is_known = self.fill_down.iter().take(place).any(|other| is_same_name(other, name));
            let problem =
                || Problem::at(["fill_down".to_owned(), place.to_string()], format!("\"{name}\" is named twice"));
            is_known.then(|| problem().with_help("remove one of them"))
        };
        self.fill_down.iter().enumerate().filter_map(twice).collect()
    }

    fn check_filter(&self) -> Option<Problem> {
        let message = Filter::parse(self.filter.as_ref()?).err()?;
        Some(Problem::at(["where"], message).with_help(
            "a condition over the columns of the extract: where = \"Status <> 'Cancelled' and \\\"Order type\\\" in ('SO', 'RO')\"",
        ))
    }

    fn check_returns(&self, source: &Table) -> Option<Problem> {
        (self.returns.is_some() && source.name != ORDER_LINES.name).then(|| {
            Problem::at(["returns"], format!("`returns` can't be used in `{}`", source.name)).with_help(
                "only order lines have a kind; elsewhere a column gives the sign: amount = { from = \"Amount\", sign = { from = \"Type\", negative = [\"CN\"] } }",
            )
        })
    }

    fn check_valuation(&self, source: &Table) -> Vec<Problem> {
        let keys = [
            ("cost_from_products", self.cost_from_products, "cost"),
            ("list_from_products", self.list_from_products, "list price"),
        ];
        let misplaced = keys.into_iter().filter(|(_, set, _)| *set && source.name != ORDER_LINES.name);
        misplaced
            .map(|(key, _, what)| {
                Problem::at([key], format!("`{key}` can't be used in `{}`", source.name)).with_help(format!(
                    "it gives order lines the {what} of their product on the order date: did you mean [source.order_lines] {key} = true?"
                ))
            })
            .collect()
    }
}

/// Read by hand: the derived reading tries both forms, and can only say that neither fits.
impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, texts: A) -> Result<OneOrMany, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(texts)).map(OneOrMany::Many)
            }
        }
        deserializer.deserialize_any(Texts)
    }
}

impl CsvConfig {
    fn check(&self) -> Vec<Problem> {
        let mut problems = self.check_records();
        problems.extend(self.check_signs());
        problems.extend(self.check_dates());
        if Codec::named(&self.encoding).is_none() {
            problems.push(
                Problem::at(["csv", "encoding"], format!("`{}` is not a known encoding", self.encoding))
                    .with_help("common ones are utf-8, windows-1252, iso-8859-15, utf-16le, cp850"),
            );
        }
        problems
    }

    /// What cuts a file into records and fields.
    fn check_records(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let signs = [("delimiter", Some(self.delimiter)), ("quote", self.quote.sign()), ("escape", self.escape)];
        for (place, (key, sign)) in signs.into_iter().enumerate() {
            let Some(sign) = sign else { continue };
            if !sign.is_ascii() || sign.is_ascii_alphanumeric() || matches!(sign, '\n' | '\r' | '\0') {
                problems.push(
                    Problem::at(["csv", key], format!("`{}` cannot be the {key}", sign.escape_default()))
                        .with_help("use one ASCII character that is neither a letter nor a digit"),
                );
            }
            if let Some((other, _)) = signs[..place].iter().find(|(_, other)| *other == Some(sign)) {
                problems.push(
                    Problem::at(["csv", key], format!("{other} and {key} are the same character"))
                        .with_help("a doubled quote within quotes needs no setting"),
                );
            }
        }
        if !(1..=1000).contains(&self.max_record_lines) {
            problems.push(
                Problem::at(
                    ["csv", "max_record_lines"],
                    format!("a record can't have {} lines", self.max_record_lines),
                )
                .with_help("use 1 if no field contains a line break, at most 1000; the default is 8"),
            );
        }
        if !(1..=titles::MOST).contains(&self.header_rows) {
            let problem =
                Problem::at(["csv", "header_rows"], format!("the column names can't be in {} lines", self.header_rows));
            problems
                .push(problem.with_help("use 1 if each column has one name, 2 if group titles are above the names"));
        }
        if self.max_unpacked.is_some_and(|size| size.bytes == 0) {
            problems.push(
                Problem::at(["csv", "max_unpacked"], "this limit would not allow any data")
                    .with_help("write a size such as max_unpacked = \"4 GiB\""),
            );
        }
        problems
    }
}

impl CsvConfig {
    /// Whether the year of days stands in the names of files.
    pub(crate) fn has_year_of_file(&self) -> bool {
        self.date.as_slice().iter().any(|format| format == serial::YEAR_OF_FILE)
    }

    /// Formats that no date could be written in.
    fn check_dates(&self) -> Vec<Problem> {
        let unknown = |format: &&String| !serial::is(format) && !month::is_format(format);
        let problem = |format: &String| {
            Problem::at(["csv", "date"], format!("`{format}` is not a date format")).with_help(
                "write %Y for the year, %m for the month and %d for the day, such as \"%d-%m-%Y\"; or \"excel\", \"cyyddd\", \"cyymmdd\", or \"ddmm 2025\" for days without a year; \"week\" or \"month\" if there are no days",
            )
        };
        let unknown: Vec<Problem> = self.date.as_slice().iter().filter(unknown).map(problem).collect();
        if unknown.is_empty() { self.check_dates_that_differ().into_iter().collect() } else { unknown }
    }

    /// Formats that read one text as two days: nobody could say which is meant.
    fn check_dates_that_differ(&self) -> Option<Problem> {
        let formats: Vec<&String> = self.date.as_slice().iter().filter(|format| !serial::is(format)).collect();
        let (one, other, text) = formats.iter().enumerate().find_map(|(place, one)| {
            let others = formats.iter().skip(place + 1);
            others.into_iter().find_map(|other| Some((*one, *other, month::read_as_two_days(one, other)?)))
        })?;
        let message = format!("`{one}` and `{other}` read `{text}` as two different days");
        Some(Problem::at(["csv", "date"], message).with_help("keep the one that the extract uses"))
    }

    /// Signs that could be read as another part of a number.
    fn check_signs(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let other = |sign: char| sign.is_alphanumeric() || sign.is_control() || "+-\u{2212}()\"".contains(sign);
        if other(self.decimal) || self.decimal.is_whitespace() {
            problems.push(
                Problem::at(
                    ["csv", "decimal"],
                    format!("`{}` cannot be the decimal sign", self.decimal.escape_default()),
                )
                .with_help("use \".\" or \",\""),
            );
        }
        if let Some(sign) = self.thousands.filter(|&sign| other(sign) || sign.is_whitespace() && kind(sign) != ' ') {
            problems.push(
                Problem::at(["csv", "thousands"], format!("`{}` cannot be the grouping sign", sign.escape_default()))
                    .with_help("use \".\", \",\", \"'\" or a blank"),
            );
        }
        if self.thousands.map(kind) == Some(kind(self.decimal)) {
            problems.push(
                Problem::at(["csv", "thousands"], format!("`{}` is also the decimal sign", self.decimal))
                    .with_help("decimal = \",\" goes with thousands = \".\""),
            );
        }
        let is_sign = |text: &str| {
            !text.trim().is_empty() && !text.contains(|sign: char| sign.is_ascii_digit() || "+-.,()".contains(sign))
        };
        if let Some(sign) = self.currency_sign.as_deref().filter(|sign| !is_sign(sign)) {
            problems.push(
                Problem::at(["csv", "currency_sign"], format!("`{sign}` cannot be a currency sign"))
                    .with_help("write the sign that the extract puts before or after amounts: \"€\" or \"EUR\""),
            );
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_no_known_form_says_which_forms_there_are() {
        let fault = |json: &str| SourceConfig::from_json(json).unwrap_err().to_string();
        insta::assert_snapshot!(fault(r#"{"files": 3}"#), @"invalid type: integer `3`, expected a text or a list of texts at line 1 column 11");
        insta::assert_snapshot!(fault(r#"{"columns": {"net_amount": 3}}"#), @r#"invalid type: integer `3`, expected the name of a column, or settings such as { from = "Netto", negate = true } at line 1 column 28"#);
        insta::assert_snapshot!(fault(r#"{"columns": {"net_amount": {"form": "x"}}}"#), @"unknown field `form`, expected one of `from`, `constant`, `sql`, `join`, `count_within`, `default`, `optional`, `map`, `others`, `trim`, `strip_zeros`, `pad`, `negate`, `sign`, `once_per`, `round` at line 1 column 34");
    }

    #[test]
    fn only_order_lines_take_their_cost_from_products() {
        let config = SourceConfig::from_json(r#"{"files":"a.csv","cost_from_products":true}"#).unwrap();
        assert_eq!(config.check(&ORDER_LINES), []);
        let problems = config.check(&netto_model::contract::STOCK);
        insta::assert_snapshot!(problems[0], @"`cost_from_products` can't be used in `stock`");
        insta::assert_snapshot!(problems[0].help.as_deref().unwrap(), @"it gives order lines the cost of their product on the order date: did you mean [source.order_lines] cost_from_products = true?");
    }

    #[test]
    fn signs_that_a_number_needs_otherwise_are_refused() {
        let problems = |json: &str| -> Vec<String> {
            let config = SourceConfig::from_json(json).unwrap();
            config.check(&ORDER_LINES).iter().map(ToString::to_string).collect()
        };
        let csv = |csv: &str| problems(&format!(r#"{{"files":"a.csv","csv":{csv}}}"#));
        for fine in [r#"{"decimal":",","thousands":"\u00a0"}"#, r#"{"decimal":"\u066b","thousands":"'"}"#] {
            assert_eq!(csv(fine), [""; 0], "{fine}");
        }
        assert_eq!(csv(r#"{"decimal":" "}"#), ["` ` cannot be the decimal sign"]);
        assert_eq!(csv(r#"{"decimal":"E"}"#), ["`E` cannot be the decimal sign"]);
        for thousands in ["0", "-", "(", "k", "−", "٣"] {
            let found = csv(&format!(r#"{{"thousands":"{thousands}"}}"#));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains("cannot be the grouping sign"), "{found:?}");
        }
        assert_eq!(csv(r#"{"currency_sign":"-"}"#), ["`-` cannot be a currency sign"]);
        assert_eq!(csv(r#"{"currency_sign":"€"}"#), [""; 0]);
        assert_eq!(csv(r#"{"thousands":"\t"}"#), ["`\\t` cannot be the grouping sign"]);
        assert_eq!(csv(r#"{"decimal":"'","thousands":"’"}"#), ["`'` is also the decimal sign"]);
        insta::assert_snapshot!(SourceConfig::from_json(r#"{"csv":{"thousands":"  "}}"#).unwrap_err().to_string(), @r#"invalid value: string "  ", expected a character at line 1 column 24"#);
    }

    #[test]
    fn a_constant_that_is_no_value_of_its_column_is_refused() {
        let problems = |column: &str| -> Vec<String> {
            let json = format!(r#"{{"files":"a.csv","columns":{column}}}"#);
            SourceConfig::from_json(&json).unwrap().check(&ORDER_LINES).iter().map(ToString::to_string).collect()
        };
        assert_eq!(problems(r#"{"quantity":{"constant":"1.5"},"cogs_amount":{"default":"0"}}"#), [""; 0]);
        assert_eq!(problems(r#"{"order_date":{"constant":"2025-03-01"},"channel":{"default":"web"}}"#), [""; 0]);
        assert_eq!(problems(r#"{"quantity":{"constant":"1,5"}}"#), ["`1,5` is not a number"]);
        assert_eq!(problems(r#"{"promised_date":{"default":"01-03-2025"}}"#), ["`01-03-2025` is not a date"]);
        assert_eq!(problems(r#"{"line_no":{"default":"1.5"}}"#), ["`1.5` is not a whole number"]);
        assert_eq!(problems(r#"{"order_kind":{"default":"sales"}}"#), ["`sales` is not one of sale, return, credit"]);
    }

    #[test]
    fn a_condition_and_the_way_returns_are_written_are_checked() {
        let problem = |source, json: &str| SourceConfig::from_json(json).unwrap().check(source).remove(0).to_string();
        let filter = r#"{"files":"a.csv","where":"Status = \"Open\""}"#;
        insta::assert_snapshot!(problem(&ORDER_LINES, filter), @r#""Open" is read as a column, but columns can only be compared with texts and numbers; put texts in single quotes: 'Open'"#);
        let returns = r#"{"files":"a.csv","returns":"positive"}"#;
        insta::assert_snapshot!(problem(&netto_model::contract::RECEIVABLES, returns), @"`returns` can't be used in `receivables`");
        assert_eq!(SourceConfig::from_json(returns).unwrap().check(&ORDER_LINES), []);
    }

    #[test]
    fn both_forms_are_read_and_written_back_as_they_were() {
        let json = r#"{"files":["a.csv","b.csv"],"columns":{"name":"Naam","region":{"from":"Regio","trim":false}}}"#;
        let config = SourceConfig::from_json(json).unwrap();
        assert_eq!(config.files, Some(OneOrMany::Many(vec!["a.csv".into(), "b.csv".into()])));
        assert_eq!(config.column("name").unwrap().from.as_deref(), Some("Naam"));
        assert!(!config.column("region").unwrap().trim);
        let written = serde_json::to_string(&config).unwrap();
        let again = serde_json::to_string(&SourceConfig::from_json(&written).unwrap()).unwrap();
        assert_eq!(written, again);
    }
}
