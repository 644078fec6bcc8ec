//! `[source.<name>]` of the configuration: where a source comes from and how its columns are mapped.
//!
//! ```
//! use netto_lake::SourceConfig;
//! let config = SourceConfig::from_json(r#"{ "files": "extracts/*.csv", "columns": { "ordr_id": "Nr" } }"#)?;
//! let problems = config.check(&netto_model::contract::ORDER_LINES);
//! assert_eq!(problems[0].to_string(), "`ordr_id` is no column of `order_lines`; did you mean `order_id`?");
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::collections::BTreeMap;
use std::fmt;

use netto_model::Problem;
use netto_model::contract::ORDER_LINES;
use netto_model::problem::did_you_mean;
use netto_model::table::{Table, Type};
use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::arithmetic::Arithmetic;
use crate::mapping;
use crate::month;
use crate::plausible::DateRange;
use crate::rows;
use crate::serial;
use crate::typed::kind;

/// One source: its files (or a view over files), how they are written, and which column is which.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SourceConfig {
    /// One glob or a list of globs, relative to `netto.toml`: `.csv`, `.csv.gz`, `.csv.zst`, `.parquet`.
    pub files: Option<OneOrMany>,
    /// Instead of `files`: one SQL query over the `tables`; its result is mapped like an extract.
    pub sql: Option<String>,
    /// The files that `sql` names: table name = glob or list of globs.
    pub tables: BTreeMap<String, TableFiles>,
    /// How an extract meets what is already in the lake: `append`, `replace_period` or `replace`.
    pub load: Option<LoadMode>,
    /// Columns of the extract that are known and not wanted.
    pub ignore: Vec<String>,
    /// Most rows that may be rejected; above it the load fails and nothing lands.
    pub max_rejects: Option<u64>,
    /// The same as a share of the rows read; 0.01 unless `max_rejects` is set.
    pub max_rejects_share: Option<f64>,
    /// What happens to order lines of customers that `customers` does not have: `reject` or `keep`.
    pub on_unknown_customer: UnknownCustomer,
    /// Only for `order_lines`: a line without `cogs_amount` costs its quantity times the `unit_cost` of the version of the product
    /// that is valid on the order date. Before the first version it stays without cost.
    pub cost_from_products: bool,
    /// Only for `order_lines`: the same for `list_amount`, from `list_price`.
    pub list_from_products: bool,
    /// The days that can be right in the date that decides the month of a row, such as
    /// `dates = { from = "2015-01-01", to = "2026-12-31" }`; 1990-01-01 to the end of next year when left out. A row outside is set
    /// apart (`implausible_date`), so that a typing error such as 2052 does not become the last month of all analyses.
    pub dates: DateRange,
    /// How CSV files are written.
    pub csv: CsvConfig,
    /// Column of the contract = where it comes from. Columns of the same name need no line.
    pub columns: BTreeMap<String, ColumnSource>,
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

/// How an extract meets what is already in the lake.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum LoadMode {
    /// Rows are added; a key that is already there is rejected. Added amounts stay as they were: a rate or cost that changes later
    /// does not reach them.
    Append,
    /// The months that the extract holds are replaced whole; others stay.
    ReplacePeriod,
    /// The extract is the whole table.
    Replace,
}

/// What happens to rows of a customer that the customer list lacks.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCustomer {
    /// To the quarantine.
    #[default]
    Reject,
    /// Loaded all the same.
    Keep,
}

/// How CSV files are written.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CsvConfig {
    /// Between fields: one character, `\t` for tab.
    pub delimiter: char,
    /// Around fields that hold a delimiter or a line end.
    pub quote: char,
    /// Any encoding of the WHATWG standard, such as `windows-1252` or `utf-16le`; a byte-order mark wins.
    pub encoding: String,
    /// Decimal sign of numbers: one character.
    pub decimal: char,
    /// Grouping sign of numbers, if any: one character, such as `.`, `,`, `'` or a blank. Each kind of blank stands for all of them
    /// (no-break space, narrow no-break space, thin space), and `'` for `’`.
    pub thousands: Option<char>,
    /// Format of dates, such as `%d-%m-%Y`; a list is tried in its order. A time may stand behind the day, after a blank or a
    /// `T`, and need not be in the format: `07-03-2025 15:30`. `excel` reads the serial numbers of spreadsheets (45719 is
    /// 2025-03-03, its decimals are the time), `excel-1904` those of old files of a Mac. Years have four digits; `%y` reads two: 70 to
    /// 99 are 1970 to 1999, 00 to 69 are 2000 to 2069. Columns for a month also take `2025-03`, `202503`, `03-2025` and `2025/03`.
    pub date: OneOrMany,
    /// Words that stand for an empty value, such as `["NULL", "n/a"]`. An empty field always is one.
    pub null: Vec<String>,
}

impl Default for CsvConfig {
    fn default() -> Self {
        Self {
            delimiter: ',',
            quote: '"',
            encoding: "utf-8".to_owned(),
            decimal: '.',
            thousands: None,
            date: OneOrMany::One("%Y-%m-%d".to_owned()),
            null: Vec::new(),
        }
    }
}

/// Where a column comes from: the name of an extract's column, or a table of settings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ColumnSource {
    /// Column of the extract.
    Name(String),
    /// Column of the extract with changes, a constant, or an expression.
    Settings(ColumnConfig),
}

/// How a column is made.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnConfig {
    /// Column of the extract; the contract's name when left out.
    pub from: Option<String>,
    /// The same value on every row.
    pub constant: Option<String>,
    /// Exact arithmetic (`+ - * /`, parentheses) over columns of the extract: `sql = "1 / Koers"`. The result is rounded half-even to
    /// four decimals; a rate keeps its decimals, and a whole number must come out as one.
    pub sql: Option<String>,
    /// Value where the extract has none.
    pub default: Option<String>,
    /// Value of the extract = value of the contract; others stay as they are.
    pub map: BTreeMap<String, String>,
    /// Blanks around the value are taken off.
    pub trim: bool,
    /// Zeros are put before the value up to this many characters.
    pub pad: Option<usize>,
    /// The sign is turned.
    pub negate: bool,
    /// More than four decimals are rounded half-even instead of rejected.
    pub round: bool,
}

impl Default for ColumnConfig {
    fn default() -> Self {
        Self {
            from: None,
            constant: None,
            sql: None,
            default: None,
            map: BTreeMap::new(),
            trim: true,
            pad: None,
            negate: false,
            round: false,
        }
    }
}

/// How many rejected rows are too many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxRejects {
    /// So many rows.
    Rows(u64),
    /// So great a part of the rows read, one row at least.
    Share(f64),
}

impl SourceConfig {
    /// A configuration from JSON, for tests and examples.
    ///
    /// # Errors
    /// When the text is no JSON of this form.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The load mode: as set, else by what the source is.
    #[must_use]
    pub fn load_mode(&self, source: &Table) -> LoadMode {
        let events = ["order_lines", "activities", "cost_pools", "stock", "receivables", "deviations"];
        self.load.unwrap_or(if events.contains(&source.name) { LoadMode::ReplacePeriod } else { LoadMode::Replace })
    }

    /// The limit of rejected rows.
    #[must_use]
    pub fn reject_limit(&self) -> MaxRejects {
        self.max_rejects.map_or(MaxRejects::Share(self.max_rejects_share.unwrap_or(0.01)), MaxRejects::Rows)
    }

    /// How a column of the contract is made, if a line says so.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<ColumnConfig> {
        self.columns.get(name).map(ColumnSource::settings)
    }

    /// What is wrong with this part of the configuration; keys are relative to `[source.<name>]`.
    #[must_use]
    pub fn check(&self, source: &'static Table) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(self.check_origin());
        problems.extend(self.check_limits());
        problems.extend(self.csv.check());
        problems.extend(self.dates.check(source));
        problems.extend(self.check_mode(source));
        problems.extend(self.check_valuation(source));
        for (name, column) in &self.columns {
            problems.extend(check_column(source, name, &column.settings()));
        }
        problems
    }

    fn check_origin(&self) -> Vec<Problem> {
        match (&self.files, &self.sql) {
            (None, None) => vec![
                Problem::at(["files"], "neither `files` nor `sql` is set")
                    .with_help("name the extract: files = \"extracts/orders_*.csv\""),
            ],
            (Some(_), Some(_)) => vec![
                Problem::at(["sql"], "`files` and `sql` are both set")
                    .with_help("a view reads its files from [source.….tables]; take `files` out"),
            ],
            (None, Some(_)) if self.tables.is_empty() => vec![
                Problem::at(["tables"], "`sql` has no tables to read")
                    .with_help("name them: [source.….tables] orders = \"data/orders.parquet\""),
            ],
            _ => Vec::new(),
        }
    }

    fn check_limits(&self) -> Option<Problem> {
        if self.max_rejects.is_some() && self.max_rejects_share.is_some() {
            return Some(
                Problem::at(["max_rejects_share"], "`max_rejects` and `max_rejects_share` are both set")
                    .with_help("keep one of them"),
            );
        }
        let share = self.max_rejects_share?;
        (!(0.0..=1.0).contains(&share)).then(|| {
            Problem::at(["max_rejects_share"], format!("{share} is no share"))
                .with_help("a share lies between 0 and 1: 0.01 is one row in a hundred")
        })
    }

    fn check_mode(&self, source: &Table) -> Option<Problem> {
        let dated = mapping::date_of(source).is_some();
        (self.load == Some(LoadMode::ReplacePeriod) && !dated).then(|| {
            Problem::at(["load"], format!("`{}` has no date whose month could be replaced", source.name))
                .with_help("load = \"replace\" takes the extract as the whole table")
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
                Problem::at([key], format!("`{key}` has no place in `{}`", source.name)).with_help(format!(
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

/// Read by hand, so that a misspelt setting is named at its place.
impl<'de> Deserialize<'de> for ColumnSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrSettings;
        impl<'de> Visitor<'de> for NameOrSettings {
            type Value = ColumnSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, or settings such as { from = \"Netto\", negate = true }")
            }

            fn visit_str<E>(self, name: &str) -> Result<ColumnSource, E> {
                Ok(ColumnSource::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, settings: A) -> Result<ColumnSource, A::Error> {
                ColumnConfig::deserialize(MapAccessDeserializer::new(settings)).map(ColumnSource::Settings)
            }
        }
        deserializer.deserialize_any(NameOrSettings)
    }
}

impl ColumnSource {
    /// The settings, with `from` filled in.
    #[must_use]
    pub fn settings(&self) -> ColumnConfig {
        match self {
            Self::Name(name) => ColumnConfig { from: Some(name.clone()), ..ColumnConfig::default() },
            Self::Settings(settings) => settings.clone(),
        }
    }
}

impl CsvConfig {
    fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (key, sign) in [("delimiter", self.delimiter), ("quote", self.quote)] {
            if !sign.is_ascii() || sign == '\n' || sign == '\r' {
                problems.push(
                    Problem::at(["csv", key], format!("`{sign}` cannot be the {key}"))
                        .with_help("it is one ASCII character"),
                );
            }
        }
        if self.delimiter == self.quote {
            problems.push(Problem::at(["csv", "quote"], "delimiter and quote are the same character"));
        }
        problems.extend(self.check_signs());
        problems.extend(self.check_dates());
        if encoding_rs::Encoding::for_label(self.encoding.as_bytes()).is_none() {
            problems.push(
                Problem::at(["csv", "encoding"], format!("`{}` is no known encoding", self.encoding))
                    .with_help("common ones are utf-8, windows-1252, iso-8859-15, utf-16le"),
            );
        }
        problems
    }
}

impl CsvConfig {
    /// Formats that no date could be written in.
    fn check_dates(&self) -> Vec<Problem> {
        let unknown = |format: &&String| !serial::is(format) && !month::is_format(format);
        let problem = |format: &String| {
            Problem::at(["csv", "date"], format!("`{format}` is no format of dates")).with_help(
                "write %Y for the year, %m for the month and %d for the day, such as \"%d-%m-%Y\"; or \"excel\"",
            )
        };
        self.date.as_slice().iter().filter(unknown).map(problem).collect()
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
                .with_help("it is one character that numbers have for nothing else: \".\" or \",\""),
            );
        }
        if let Some(sign) = self.thousands.filter(|&sign| other(sign) || sign.is_whitespace() && kind(sign) != ' ') {
            problems.push(
                Problem::at(["csv", "thousands"], format!("`{}` cannot be the grouping sign", sign.escape_default()))
                    .with_help(
                        "it is one character that numbers have for nothing else: \".\", \",\", \"'\" or a blank",
                    ),
            );
        }
        if self.thousands.map(kind) == Some(kind(self.decimal)) {
            problems.push(
                Problem::at(["csv", "thousands"], format!("`{}` is the decimal sign as well", self.decimal))
                    .with_help("decimal = \",\" goes with thousands = \".\""),
            );
        }
        problems
    }
}

fn check_column(source: &'static Table, name: &str, config: &ColumnConfig) -> Vec<Problem> {
    let at = |key: &[&str]| ["columns", name].iter().chain(key).map(|&part| part.to_owned()).collect::<Vec<_>>();
    let Some(column) = source.column(name) else {
        let near = did_you_mean(name, source.columns.iter().map(|column| column.name));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return vec![
            Problem::at(at(&[]), format!("`{name}` is no column of `{}`{near}", source.name))
                .with_help("the left side names a column of the contract, the right side one of the extract"),
        ];
    };
    let mut problems = Vec::new();
    let origins = [config.from.is_some(), config.constant.is_some(), config.sql.is_some()];
    if origins.iter().filter(|&&set| set).count() > 1 {
        problems.push(
            Problem::at(at(&[]), "`from`, `constant` and `sql` exclude each other").with_help("keep one of them"),
        );
    }
    let number = matches!(column.ty, Type::Decimal | Type::Integer | Type::Ratio);
    if config.negate && !number {
        problems.push(Problem::at(at(&["negate"]), format!("`{name}` is no number, so its sign cannot be turned")));
    }
    for (key, text) in [("constant", &config.constant), ("default", &config.default)] {
        if let Some(text) = text
            && let Err(reason) = rows::constant(column, text)
        {
            problems.push(
                Problem::at(at(&[key]), rows::say(reason, text))
                    .with_help("it is written as the contract writes: 1234.5 with a decimal point, 2025-03-31, true"),
            );
        }
    }
    if let Some(sql) = &config.sql {
        if !number {
            problems.push(Problem::at(at(&["sql"]), format!("`{name}` is no number, and `sql` computes numbers")));
        }
        if let Err(message) = Arithmetic::parse(sql) {
            problems.push(
                Problem::at(at(&["sql"]), message)
                    .with_help("allowed are + - * /, parentheses, numbers and columns of the extract"),
            );
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_no_known_form_says_which_forms_there_are() {
        let fault = |json: &str| SourceConfig::from_json(json).unwrap_err().to_string();
        insta::assert_snapshot!(fault(r#"{"files": 3}"#), @"invalid type: integer `3`, expected a text or a list of texts at line 1 column 11");
        insta::assert_snapshot!(fault(r#"{"columns": {"net_amount": 3}}"#), @r#"invalid type: integer `3`, expected the name of a column, or settings such as { from = "Netto", negate = true } at line 1 column 28"#);
        insta::assert_snapshot!(fault(r#"{"columns": {"net_amount": {"form": "x"}}}"#), @"unknown field `form`, expected one of `from`, `constant`, `sql`, `default`, `map`, `trim`, `pad`, `negate`, `round` at line 1 column 34");
    }

    #[test]
    fn only_order_lines_take_their_cost_from_products() {
        let config = SourceConfig::from_json(r#"{"files":"a.csv","cost_from_products":true}"#).unwrap();
        assert_eq!(config.check(&ORDER_LINES), []);
        let problems = config.check(&netto_model::contract::STOCK);
        insta::assert_snapshot!(problems[0], @"`cost_from_products` has no place in `stock`");
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
        assert_eq!(csv(r#"{"thousands":"\t"}"#), ["`\\t` cannot be the grouping sign"]);
        assert_eq!(csv(r#"{"decimal":"'","thousands":"’"}"#), ["`'` is the decimal sign as well"]);
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
        assert_eq!(problems(r#"{"order_kind":{"default":"sales"}}"#), ["`sales` is not one of the values allowed"]);
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
