//! How an extract changes the data in the lake, and how much of it may be set apart.

use netto_model::Problem;
use netto_model::table::Table;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SourceConfig;
use crate::file_month::FileMonth;
use crate::mapping;

/// How an extract changes the data in the lake.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum LoadMode {
    /// Rows are added. A row that already exists is skipped, and a row with an existing key and different values is set apart. A file is recognised
    /// by its content: it is never added twice, and rows that were added are not changed.
    Append,
    /// The months in the extract are replaced completely; other months are kept, except for rows that the extract has in another month. `period_from`
    /// takes the months from the file names.
    ReplacePeriod,
    /// Each row replaces the row with its key, whatever its month; other rows are kept.
    Upsert,
    /// The extract is the whole table.
    Replace,
}

/// Which row is loaded if several rows of an extract have the same key and different values.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// The last one: of the last file in the order of their names (`lines_10` behind `lines_9`), on the last line.
    Last,
    /// The first one; the others are set apart.
    Reject,
}

/// What happens to rows of a customer that is not in the customer list.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCustomer {
    /// They are set apart.
    #[default]
    Reject,
    /// They are loaded for one customer `(unknown)`, together with lines without a customer: it is in every total, and has no tier and no rank.
    Keep,
    /// They are loaded for their customer, as if the list had it.
    Separate,
}

/// The limit of rows that are set apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxRejects {
    /// A number of rows.
    Rows(u64),
    /// A share of the rows read, at least one row.
    Share(f64),
}

/// The limit of the amount that is set apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AmountLimit {
    /// Part of the amount read.
    pub share: f64,
    /// Whether the load fails above it; otherwise it gives a warning.
    pub fails: bool,
}

/// The default share of rows that a month may lose; a larger loss is rejected.
const SHRINK: f64 = 0.5;
/// The default share of the amount that may be set apart.
const AMOUNT_SHARE: f64 = 0.05;
/// Sources of dated events, delivered by month.
const EVENTS: [&str; 6] = ["order_lines", "activities", "cost_pools", "stock", "receivables", "deviations"];
/// Sources whose key is everything in a row except its amount, not a document number: two rows with one key may both be intended.
const WITHOUT_NUMBER: [&str; 2] = ["cost_pools", "stock"];

impl SourceConfig {
    /// The load mode: as configured, else the default of the source.
    #[must_use]
    pub fn load_mode(&self, source: &Table) -> LoadMode {
        let event = EVENTS.contains(&source.name);
        self.load.unwrap_or(if event { LoadMode::ReplacePeriod } else { LoadMode::Replace })
    }

    /// Which of several rows with one key is loaded: as configured, else the default of the source.
    #[must_use]
    pub fn duplicates(&self, source: &Table) -> Duplicates {
        let set_apart = WITHOUT_NUMBER.contains(&source.name) || self.is_query();
        self.duplicates.unwrap_or(if set_apart { Duplicates::Reject } else { Duplicates::Last })
    }

    /// The limit of rejected rows.
    #[must_use]
    pub fn reject_limit(&self) -> MaxRejects {
        self.max_rejects.map_or(MaxRejects::Share(self.max_rejects_share.unwrap_or(0.01)), MaxRejects::Rows)
    }

    /// The limit of the amount that is set apart. If more rows than the default are allowed without a limit of their amount, exceeding
    /// the default gives a warning.
    #[must_use]
    pub fn amount_limit(&self) -> AmountLimit {
        let rows_are_set = self.max_rejects.is_some() || self.max_rejects_share.is_some();
        match self.max_rejects_amount_share {
            Some(share) => AmountLimit { share, fails: true },
            None => AmountLimit { share: AMOUNT_SHARE, fails: !rows_are_set },
        }
    }

    /// The share of rows that a month may lose; a larger loss is rejected.
    #[must_use]
    pub fn shrink(&self) -> f64 {
        self.shrink.unwrap_or(SHRINK)
    }

    /// Checks the settings of this module.
    pub(super) fn check_loading(&self, source: &Table) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(self.check_limits());
        problems.extend(self.check_shares());
        problems.extend(self.check_mode(source));
        problems.extend(self.check_period_from(source));
        problems.extend(self.check_duplicates());
        problems
    }

    fn check_limits(&self) -> Option<Problem> {
        (self.max_rejects.is_some() && self.max_rejects_share.is_some()).then(|| {
            Problem::at(["max_rejects_share"], "`max_rejects` and `max_rejects_share` are both set")
                .with_help("keep one of them")
        })
    }

    fn check_shares(&self) -> Vec<Problem> {
        let shares = [
            ("max_rejects_share", self.max_rejects_share, "0.01 is one row in a hundred"),
            ("max_rejects_amount_share", self.max_rejects_amount_share, "0.05 is five euros in a hundred"),
            ("shrink", self.shrink, "0.5 refuses a month that would lose more than half of its rows"),
        ];
        let wrong = shares.into_iter().filter_map(|(key, share, example)| Some((key, share?, example)));
        wrong
            .filter(|(_, share, _)| !(0.0..=1.0).contains(share))
            .map(|(key, share, example)| {
                Problem::at([key], format!("{share} is not a share"))
                    .with_help(format!("a share is between 0 and 1: {example}"))
            })
            .collect()
    }

    fn check_mode(&self, source: &Table) -> Vec<Problem> {
        let (mode, dated) = (self.load_mode(source), mapping::date_of(source).is_some());
        let mut problems = Vec::new();
        if mode == LoadMode::ReplacePeriod && !dated {
            problems.push(
                Problem::at(["load"], format!("`{}` has no date column, so no month can be replaced", source.name))
                    .with_help("load = \"replace\" replaces the whole table with the extract"),
            );
        }
        if self.shrink.is_some() && matches!(mode, LoadMode::Append | LoadMode::Upsert) {
            problems.push(
                Problem::at(["shrink"], "`shrink` has no effect if no month is replaced")
                    .with_help("it belongs to load = \"replace_period\" and load = \"replace\""),
            );
        }
        problems
    }

    fn check_period_from(&self, source: &Table) -> Option<Problem> {
        let pattern = self.period_from.as_ref()?;
        let at = |message: &str, help: &str| Some(Problem::at(["period_from"], message).with_help(help));
        if self.load_mode(source) != LoadMode::ReplacePeriod {
            return at(
                "`period_from` has no effect if no month is replaced",
                "it belongs to load = \"replace_period\"",
            );
        }
        if self.is_query() {
            return at(
                "the result of a query has no file name",
                "the months are taken from its rows; remove `period_from`",
            );
        }
        FileMonth::parse(pattern).err().and_then(|message| {
            at(
                &message,
                "period_from = \"file name\" finds 2025-03 in lines_2025-03.csv; a pattern such as \"lines_%m_%Y\" sets where to look",
            )
        })
    }

    fn check_duplicates(&self) -> Option<Problem> {
        (self.is_query() && self.duplicates == Some(Duplicates::Last)).then(|| {
            Problem::at(["duplicates"], "the rows of a query have no order, so no row is the last")
                .with_help("choose a row in the query, or remove `duplicates`: contradicting rows are then set apart")
        })
    }
}
