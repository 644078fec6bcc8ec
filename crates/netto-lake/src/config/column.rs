//! `[source.<name>.columns]`: how one column of the contract is made from an extract.
//!
//! ```toml
//! order_id = { join = ["Company", "Order"] }                                # 01|1001
//! line_no = { count_within = "order_id" }                                   # the export numbers no lines
//! customer_id = { from = "Debtor", strip_zeros = true }                     # 0000000012 and 00012 are 12
//! net_amount = { from = "Amount", sign = { from = "D/C", negative = ["C"], positive = ["D"] } }
//! freight_charged = { from = "Freight", once_per = "order_id" }             # the order's freight, repeated on each line
//! channel = { from = "Channel", map = { W = "web" }, optional = true }      # older files lack it
//! ```

use std::collections::BTreeMap;
use std::fmt;

use netto_model::Problem;
use netto_model::column as c;
use netto_model::contract::ORDER_LINES;
use netto_model::problem::did_you_mean;
use netto_model::table::{Column, Table, Type};
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::arithmetic::Arithmetic;
use crate::rows;

/// Where a column comes from: the name of an extract's column, or a table of settings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ColumnSource {
    /// Column of the extract.
    Name(String),
    /// Column of the extract with changes, a constant, or an expression.
    Settings(Box<ColumnConfig>),
}

/// How the values of a column are made.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in netto.toml")]
pub struct ColumnConfig {
    /// Column of the extract; default: the column with netto's name.
    pub from: Option<String>,
    /// The same value on every row.
    pub constant: Option<String>,
    /// Exact arithmetic (`+ - * /`, parentheses) over columns of the extract: `sql = "1 / Koers"`. An empty column makes the result empty; `sql =
    /// "coalesce(Debet, 0) - coalesce(Credit, 0)"` reads it as zero. The result is rounded half-even to four decimals; a rate keeps its decimals, and
    /// the result for a whole number must be a whole number.
    pub sql: Option<String>,
    /// An id made of several columns, such as `["Company", "Order"]`: `01|1001`. A `|` or `\` within a part is written `\|`, `\\`, so that two ids
    /// never become one. The id is empty if a part is empty. Also a month or a week from two columns: `period = { join = ["Year", "Period"] }`.
    pub join: Vec<String>,
    /// Only for `line_no`, if the extract has no line numbers: `count_within = "order_id"` numbers the lines of each order in
    /// the order of the files.
    pub count_within: Option<String>,
    /// Value if the extract has none.
    pub default: Option<String>,
    /// Older files may lack the column: they are read with an empty value or the default.
    pub optional: bool,
    /// Value of the extract = value of netto; other values are kept unchanged and reported.
    pub map: BTreeMap<String, String>,
    /// What happens to values that `map` doesn't list: `keep` keeps them unchanged without a warning, `reject` sets their rows apart.
    pub others: Option<Others>,
    /// Removes blanks around the value and the signs that a spreadsheet puts around a text: `="00012"` is 00012, and in ids and
    /// numbers `'-100` is -100. With `false` every character counts.
    pub trim: bool,
    /// Removes leading zeros of an id that has only digits: `0000000012` is 12, `000` is 0, `00A1` is unchanged.
    pub strip_zeros: bool,
    /// Adds leading zeros up to this length.
    pub pad: Option<usize>,
    /// Reverses the sign.
    pub negate: bool,
    /// Reverses the sign depending on another column, or on a word beside the amount itself: `1.234,50 CR`.
    pub sign: Option<SignConfig>,
    /// Only for amounts of `order_lines`: `once_per = "order_id"` counts an amount that the extract repeats on every line of an order only once per
    /// order, on its first line.
    pub once_per: Option<String>,
    /// Rounds numbers with more than four decimals half-even instead of setting them apart.
    pub round: bool,
}

/// Which rows are negative, by another column of the extract: `{ from = "D/C", negative = ["C"], positive = ["D"] }`; without `from`
/// by a word before or behind the amount, as in `1.234,50 CR` or `H 12,00`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignConfig {
    /// Column of the extract; if left out, the word is beside the amount, and a minus sign in addition to it is a contradiction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its values on rows whose sign is reversed.
    pub negative: Vec<String>,
    /// Its values on rows whose sign is kept. With this setting a row with any other value is set apart; without it, every other value keeps the sign.
    #[serde(default)]
    pub positive: Vec<String>,
}

/// What happens to values that a `map` doesn't list.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Others {
    /// They are kept unchanged.
    Keep,
    /// Their rows are set apart.
    Reject,
}

impl Default for ColumnConfig {
    fn default() -> Self {
        Self {
            from: None,
            constant: None,
            sql: None,
            join: Vec::new(),
            count_within: None,
            default: None,
            optional: false,
            map: BTreeMap::new(),
            others: None,
            trim: true,
            strip_zeros: false,
            pad: None,
            negate: false,
            sign: None,
            once_per: None,
            round: false,
        }
    }
}

impl ColumnSource {
    /// The columns of the extract used for a column of the contract.
    pub(crate) fn reads(&self, column: &str) -> Vec<String> {
        let settings = self.settings();
        let computed = settings.sql.as_deref().and_then(|sql| Arithmetic::parse(sql).ok());
        let own = settings.constant.is_none()
            && settings.sql.is_none()
            && settings.join.is_empty()
            && settings.count_within.is_none();
        let from = settings.from.or_else(|| own.then(|| column.to_owned()));
        let columns = from.into_iter().chain(settings.join).chain(settings.sign.and_then(|sign| sign.from));
        columns.chain(computed.iter().flat_map(Arithmetic::columns).cloned()).collect()
    }

    /// The settings, with `from` filled in.
    #[must_use]
    pub fn settings(&self) -> ColumnConfig {
        match self {
            Self::Name(name) => ColumnConfig { from: Some(name.clone()), ..ColumnConfig::default() },
            Self::Settings(settings) => ColumnConfig::clone(settings),
        }
    }
}

/// Custom deserialisation, so that a misspelt setting is reported at its place.
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
                let settings = ColumnConfig::deserialize(MapAccessDeserializer::new(settings))?;
                Ok(ColumnSource::Settings(Box::new(settings)))
            }
        }
        deserializer.deserialize_any(NameOrSettings)
    }
}

/// What is wrong with one column.
pub(super) fn check(source: &'static Table, name: &str, config: &ColumnConfig) -> Vec<Problem> {
    let Some(column) = source.column(name) else {
        let near = did_you_mean(name, source.columns.iter().map(|column| column.name));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return vec![
            Problem::at(["columns", name], format!("`{name}` is not a column of `{}`{near}", source.name))
                .with_help("the left side is a column of netto, the right side a column of the extract"),
        ];
    };
    let check = Check { source, column, config };
    let single = [check.counted(), check.once(), check.map()];
    [
        check.constants(),
        check.mapped(),
        check.origins(),
        check.numbers(),
        check.texts(),
        check.arithmetic(),
        single.into_iter().flatten().collect(),
    ]
    .concat()
}

/// Maximum length of a padded id, so that padding can't fill the memory.
const LONGEST_ID: usize = 100;

struct Check<'a> {
    source: &'static Table,
    column: &'static Column,
    config: &'a ColumnConfig,
}

impl Check<'_> {
    fn problem(&self, key: &str, message: impl Into<String>, help: &str) -> Problem {
        Problem::at(["columns", self.column.name, key], message).with_help(help)
    }

    fn origins(&self) -> Vec<Problem> {
        let config = self.config;
        let origins = [
            ("from", config.from.is_some()),
            ("constant", config.constant.is_some()),
            ("sql", config.sql.is_some()),
            ("join", !config.join.is_empty()),
            ("count_within", config.count_within.is_some()),
        ];
        let set: Vec<&str> = origins.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
        if set.len() > 1 {
            let set: Vec<String> = set.iter().map(|name| format!("`{name}`")).collect();
            let problem =
                Problem::at(["columns", self.column.name], format!("{} can't be combined", set.join(" and ")));
            return vec![problem.with_help("keep one of them: each names where the value comes from")];
        }
        if config.optional && (config.constant.is_some() || config.count_within.is_some()) {
            let help = "it is for columns that older files lack; remove it";
            return vec![self.problem(
                "optional",
                "`optional` has no effect if no column of the extract is read",
                help,
            )];
        }
        if config.optional && self.column.must_be_supplied() && config.default.is_none() {
            let message =
                format!("every row needs a value for `{}`, so the column can't be left out", self.column.name);
            return vec![self.problem(
                "optional",
                message,
                "add default = \"…\" if one value holds for the older files",
            )];
        }
        Vec::new()
    }

    fn constants(&self) -> Vec<Problem> {
        let help = "write it in netto's own format: 1234.5 with a decimal point, 2025-03-31, true";
        let texts = [("constant", &self.config.constant), ("default", &self.config.default)];
        let wrong = texts.into_iter().filter_map(|(key, text)| {
            let text = text.as_ref()?;
            let reason = rows::constant(self.column, text).err()?;
            Some(self.problem(key, reason, help))
        });
        wrong.collect()
    }

    /// Checks the results of the map, as an invalid one would set apart all rows mapped to it.
    fn mapped(&self) -> Vec<Problem> {
        let limited = !self.column.values.is_empty();
        let targets = self.config.map.iter().filter(|(_, to)| limited && !to.is_empty());
        let wrong = targets.filter_map(|(from, to)| {
            let reason = rows::constant(self.column, to).err()?;
            let message = format!("`{from}` is mapped to `{to}`: {reason}");
            Some(self.problem("map", message, &format!("there are {}", self.column.values.join(", "))))
        });
        wrong.collect()
    }

    fn numbers(&self) -> Vec<Problem> {
        let (name, config) = (self.column.name, self.config);
        let mut problems = Vec::new();
        if self.is_number() {
            if let Some(sign) = &config.sign {
                problems.extend(self.sign(sign));
            }
            return problems;
        }
        let help = "it is for amounts, quantities and other numbers";
        if config.round {
            problems.push(self.problem("round", format!("`{name}` is not a number, so it can't be rounded"), help));
        }
        if config.negate {
            problems.push(self.problem(
                "negate",
                format!("`{name}` is not a number, so its sign can't be reversed"),
                help,
            ));
        }
        if config.sign.is_some() {
            problems.push(self.problem("sign", format!("`{name}` is not a number, so it has no sign"), help));
        }
        problems
    }

    fn sign(&self, sign: &SignConfig) -> Option<Problem> {
        let help = "such as sign = { from = \"D/C\", negative = [\"C\"], positive = [\"D\"] }";
        if sign.negative.is_empty() {
            return Some(self.problem("sign", "no value marks the negative rows", help));
        }
        let single = self.config.sql.is_none() && self.config.constant.is_none() && self.config.count_within.is_none();
        if sign.from.is_none() && !single {
            let help = "name the column that gives the sign: sign = { from = \"D/C\", … }; or read the column as it is";
            return Some(self.problem("sign", "there is no amount here that a word could mark as negative", help));
        }
        let digit = |word: &&String| word.contains(|sign: char| sign.is_ascii_digit());
        if let Some(word) = sign.negative.iter().chain(&sign.positive).find(digit).filter(|_| sign.from.is_none()) {
            return Some(self.problem(
                "sign",
                format!("`{word}` can't mark the sign of an amount: it has digits"),
                help,
            ));
        }
        let both = sign.negative.iter().find(|value| sign.positive.contains(value))?;
        Some(self.problem("sign", format!("`{both}` is both negative and positive"), help))
    }

    fn texts(&self) -> Vec<Problem> {
        let (name, config) = (self.column.name, self.config);
        let mut problems = Vec::new();
        let mut only_ids = |key: &str, set: bool, help: &str| {
            if set && self.column.ty != Type::Text {
                problems.push(self.problem(key, format!("`{name}` is not a text, so `{key}` has no effect"), help));
            }
        };
        only_ids("strip_zeros", config.strip_zeros, "numbers have no leading zeros; it is for ids");
        only_ids(
            "join",
            !config.join.is_empty() && self.column.ty != Type::Date,
            "it combines several columns into an id, or a year and a number into a month or week; sql = \"…\" computes with numbers",
        );
        only_ids("pad", config.pad.is_some(), "numbers have no leading zeros; it is for ids");
        if let Some(pad) = config.pad.filter(|pad| *pad > LONGEST_ID) {
            let help = "it is the length that ids are padded to, such as pad = 6";
            problems.push(self.problem(
                "pad",
                format!("ids can't have {pad} characters; the maximum is {LONGEST_ID}"),
                help,
            ));
        }
        if config.join.len() == 1 {
            problems.push(self.problem(
                "join",
                "one column can't be joined",
                "name two or more columns, or write from = \"…\"",
            ));
        }
        if config.pad.is_some() && !config.join.is_empty() {
            let help = "strip_zeros = true makes the parts comparable instead";
            problems.push(self.problem("pad", "a joined id can't be padded: it isn't clear which part is meant", help));
        }
        if config.strip_zeros && !config.trim {
            let help = "take one of them out";
            problems.push(self.problem("strip_zeros", "with trim = false every character counts, also zeros", help));
        }
        problems
    }

    fn arithmetic(&self) -> Vec<Problem> {
        let Some(sql) = &self.config.sql else { return Vec::new() };
        let mut problems = Vec::new();
        let allowed = "allowed are + - * /, parentheses, numbers, columns of the extract and coalesce(…, 0), which reads an empty value as zero";
        if !matches!(self.column.ty, Type::Decimal | Type::Integer | Type::Ratio) {
            let message = format!("`{}` is not a number, and `sql` computes numbers", self.column.name);
            let help =
                "join = [\"…\", \"…\"] makes an id of several columns; a view ([source.….tables]) computes texts";
            problems.push(self.problem("sql", message, help));
        }
        if let Err(message) = Arithmetic::parse(sql) {
            problems.push(self.problem("sql", message, allowed));
        }
        problems
    }

    fn counted(&self) -> Option<Problem> {
        let within = self.config.count_within.as_deref()?;
        let help = "line_no = { count_within = \"order_id\" } of `order_lines` numbers the lines of each order";
        if self.column.name != c::LINE_NO || within != c::ORDER_ID {
            let message = format!("`{}` can't be counted within `{within}`", self.column.name);
            return Some(self.problem("count_within", message, help));
        }
        let config = self.config;
        let changed = config.default.is_some() || !config.map.is_empty() || config.negate || config.sign.is_some();
        changed.then(|| {
            let message = "counted line numbers have no default, map or sign";
            self.problem("count_within", message, help)
        })
    }

    fn once(&self) -> Option<Problem> {
        let per = self.config.once_per.as_deref()?;
        let amount = self.source.name == ORDER_LINES.name && self.column.ty == Type::Decimal;
        (!amount || per != c::ORDER_ID).then(|| {
            let message = format!("`{}` of `{}` can't be taken once per `{per}`", self.column.name, self.source.name);
            let help =
                "only amounts of `order_lines` can: freight_charged = { from = \"Freight\", once_per = \"order_id\" }";
            self.problem("once_per", message, help)
        })
    }

    fn map(&self) -> Option<Problem> {
        (self.config.others.is_some() && self.config.map.is_empty()).then(|| {
            let help = "it sets what happens to values that `map` doesn't list; add map = { … } or remove `others`";
            self.problem("others", "`others` needs a `map`", help)
        })
    }

    fn is_number(&self) -> bool {
        let number = matches!(self.column.ty, Type::Decimal | Type::Integer | Type::Ratio);
        // The time of day is stored as a number but read as a time.
        number && self.column.name != c::OCCURRED_TIME
    }
}

#[cfg(test)]
mod tests {
    use netto_model::contract::RECEIVABLES;

    use super::*;
    use crate::SourceConfig;

    fn problems(source: &'static Table, settings: &str) -> Vec<String> {
        let config = SourceConfig::from_json(&format!(r#"{{"files":"a.csv","columns":{{{settings}}}}}"#)).unwrap();
        let said = |problem: Problem| format!("{}: {}", problem.key.join("."), problem.message);
        assert!(config.check(source).iter().all(|problem| problem.help.is_some()), "{settings}");
        config.check(source).into_iter().map(said).collect()
    }

    #[test]
    fn a_setting_that_can_mean_nothing_is_refused() {
        for (settings, problem) in [
            (
                r#""net_amount":{"from":"a","strip_zeros":true}"#,
                "columns.net_amount.strip_zeros: `net_amount` is not a text, so `strip_zeros` has no effect",
            ),
            (
                r#""net_amount":{"join":["a","b"]}"#,
                "columns.net_amount.join: `net_amount` is not a text, so `join` has no effect",
            ),
            (
                r#""net_amount":{"from":"a","pad":4}"#,
                "columns.net_amount.pad: `net_amount` is not a text, so `pad` has no effect",
            ),
            (r#""order_id":{"join":["a"]}"#, "columns.order_id.join: one column can't be joined"),
            (
                r#""customer_id":{"from":"a","pad":70000}"#,
                "columns.customer_id.pad: ids can't have 70000 characters; the maximum is 100",
            ),
            (
                r#""order_id":{"join":["a","b"],"pad":4}"#,
                "columns.order_id.pad: a joined id can't be padded: it isn't clear which part is meant",
            ),
            (r#""order_id":{"join":["a","b"],"from":"c"}"#, "columns.order_id: `from` and `join` can't be combined"),
            (
                r#""order_id":{"join":["a","b"],"constant":"c"}"#,
                "columns.order_id: `constant` and `join` can't be combined",
            ),
            (
                r#""order_id":{"strip_zeros":true,"trim":false}"#,
                "columns.order_id.strip_zeros: with trim = false every character counts, also zeros",
            ),
            (
                r#""order_id":{"sign":{"from":"dc","negative":["C"]}}"#,
                "columns.order_id.sign: `order_id` is not a number, so it has no sign",
            ),
            (
                r#""order_id":{"negate":true}"#,
                "columns.order_id.negate: `order_id` is not a number, so its sign can't be reversed",
            ),
            (
                r#""net_amount":{"sign":{"from":"dc","negative":[]}}"#,
                "columns.net_amount.sign: no value marks the negative rows",
            ),
            (
                r#""net_amount":{"sign":{"from":"dc","negative":["C"],"positive":["D","C"]}}"#,
                "columns.net_amount.sign: `C` is both negative and positive",
            ),
            (
                r#""quantity":{"count_within":"order_id"}"#,
                "columns.quantity.count_within: `quantity` can't be counted within `order_id`",
            ),
            (
                r#""line_no":{"count_within":"customer_id"}"#,
                "columns.line_no.count_within: `line_no` can't be counted within `customer_id`",
            ),
            (
                r#""line_no":{"count_within":"order_id","default":"1"}"#,
                "columns.line_no.count_within: counted line numbers have no default, map or sign",
            ),
            (
                r#""line_no":{"count_within":"order_id","from":"x"}"#,
                "columns.line_no: `from` and `count_within` can't be combined",
            ),
            (
                r#""freight_charged":{"once_per":"customer_id"}"#,
                "columns.freight_charged.once_per: `freight_charged` of `order_lines` can't be taken once per `customer_id`",
            ),
            (
                r#""channel":{"once_per":"order_id"}"#,
                "columns.channel.once_per: `channel` of `order_lines` can't be taken once per `order_id`",
            ),
            (r#""channel":{"others":"keep"}"#, "columns.channel.others: `others` needs a `map`"),
            (
                r#""channel":{"constant":"web","optional":true}"#,
                "columns.channel.optional: `optional` has no effect if no column of the extract is read",
            ),
            (
                r#""quantity":{"from":"q","optional":true}"#,
                "columns.quantity.optional: every row needs a value for `quantity`, so the column can't be left out",
            ),
        ] {
            assert_eq!(problems(&ORDER_LINES, settings), [problem], "{settings}");
        }
        let once = problems(&RECEIVABLES, r#""amount":{"once_per":"order_id"}"#);
        assert_eq!(once, ["columns.amount.once_per: `amount` of `receivables` can't be taken once per `order_id`"]);
    }

    #[test]
    fn settings_that_mean_something_are_taken() {
        let settings = r#""order_id":{"join":["a","b"],"strip_zeros":true},"line_no":{"count_within":"order_id"},
            "customer_id":{"strip_zeros":true,"pad":6},"quantity":{"optional":true,"default":"1","sign":{"from":"x","negative":["C"]}},
            "freight_charged":{"once_per":"order_id"},"channel":{"map":{"a":"b"},"others":"reject","optional":true}"#;
        assert_eq!(problems(&ORDER_LINES, settings), Vec::<String>::new());
        assert_eq!(
            problems(&RECEIVABLES, r#""amount":{"sign":{"from":"type","negative":["CN"]}}"#),
            Vec::<String>::new()
        );
    }
}
