//! `[source.<name>.records]`: records of several kinds in one CSV file, heads followed by their lines.
//!
//! ```text
//! H;1001;2025-03-03;K1            [source.order_lines.records]
//! L;1;P1;10;100.00                heads = ["H"]
//! L;2;P2;5;50.00                  lines = ["L"]
//! T;2;150.00                      ignore = ["T"]
//!                                 [source.order_lines.records.fields]
//!                                 H = ["", "Order", "Date", "Customer"]
//!                                 L = ["", "Line", "Article", "Pieces", "Amount"]
//! ```

use std::collections::BTreeMap;

use netto_model::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SourceConfig;

/// Records of several kinds in one CSV file without a header: each line becomes a row, with the fields of the heads above it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct RecordsConfig {
    /// The field with the kind of a record; the first field is 1, which is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind_field: Option<usize>,
    /// Kinds of heads, the outermost first: `heads = ["H"]`. Each applies to the lines below it until the next head of its kind or of a kind before
    /// it in the list.
    pub heads: Vec<String>,
    /// Kinds of lines: each of them becomes a row.
    pub lines: Vec<String>,
    /// Kinds that are not wanted, such as totals. A record of any other kind is set apart.
    pub ignore: Vec<String>,
    /// The names of the fields of each kind, from the first field on; an empty name for a field that isn't wanted: `H = ["", "Order", "Date",
    /// "Customer"]`.
    pub fields: BTreeMap<String, Vec<String>>,
}

impl RecordsConfig {
    /// The column names: those of the heads, then those of the lines, without duplicates.
    pub(crate) fn header(&self) -> Vec<String> {
        let mut header: Vec<String> = Vec::new();
        let kinds = self.heads.iter().chain(&self.lines).filter_map(|kind| self.fields.get(kind));
        for name in kinds.flatten().filter(|name| !name.is_empty()) {
            if !header.contains(name) {
                header.push(name.clone());
            }
        }
        header
    }
}

impl SourceConfig {
    /// Invalid record settings.
    pub(super) fn check_records(&self) -> Vec<Problem> {
        let Some(records) = &self.records else { return Vec::new() };
        let at = |key: &str, message: String, help: &str| vec![Problem::at(["records", key], message).with_help(help)];
        let named = |key: &str| Problem::at(["records"], format!("`records` can't be combined with `{key}`"));
        if self.is_query() {
            let key = if self.sql.is_some() { "sql" } else { "postgres" };
            return vec![named(key).with_help("it is for CSV files without a header, named in `files`")];
        }
        if self.csv.header_rows != 1 {
            return vec![named("header_rows").with_help(
                "files with several record kinds have no header; skip_lines skips lines above the records",
            )];
        }
        if records.kind_field == Some(0) {
            return at("kind_field", "there is no field 0".into(), "the first field is 1");
        }
        if records.lines.is_empty() {
            return at(
                "lines",
                "no record kind is a line".into(),
                "set for example lines = [\"L\"]: each such record becomes a row",
            );
        }
        let kinds: Vec<&String> = records.heads.iter().chain(&records.lines).chain(&records.ignore).collect();
        let twice = kinds.iter().enumerate().find(|(place, kind)| kinds[..*place].contains(kind));
        if let Some((_, kind)) = twice {
            return at(
                "lines",
                format!("`{kind}` is named twice"),
                "a kind is either in `heads`, in `lines` or in `ignore`",
            );
        }
        let unnamed = records.heads.iter().chain(&records.lines).find(|kind| !records.fields.contains_key(*kind));
        if let Some(kind) = unnamed {
            let help = "name them in [source.….records.fields]: H = [\"\", \"Order\", \"Date\", \"Customer\"]";
            return at("fields", format!("the fields of `{kind}` have no names"), help);
        }
        let unknown = records.fields.keys().find(|kind| !records.heads.contains(kind) && !records.lines.contains(kind));
        if let Some(kind) = unknown {
            return at(
                "fields",
                format!("`{kind}` is neither in `heads` nor in `lines`"),
                "add it to `heads` or `lines`, or remove it",
            );
        }
        let doubled = |names: &Vec<String>| {
            let at = |(place, name): (usize, &String)| {
                (!name.is_empty() && names[..place].contains(name)).then(|| name.clone())
            };
            names.iter().enumerate().find_map(at)
        };
        if let Some((kind, name)) = records.fields.iter().find_map(|(kind, names)| Some((kind, doubled(names)?))) {
            return at("fields", format!("`{kind}` has two fields called \"{name}\""), "rename one of them");
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use netto_model::contract::ORDER_LINES;

    use super::*;

    #[test]
    fn kinds_without_a_meaning_are_refused_and_names_stand_in_the_order_of_the_kinds() {
        let problems = |records: &str| -> Vec<String> {
            let config = SourceConfig::from_json(&format!(r#"{{"files":"a.csv","records":{records}}}"#)).unwrap();
            config.check(&ORDER_LINES).iter().map(ToString::to_string).collect()
        };
        let fine = r#"{"heads":["C","H"],"lines":["L"],"ignore":["T"],"fields":{"C":["","Customer"],"H":["","Order"],"L":["","Order","Amount"]}}"#;
        assert_eq!(problems(fine), [""; 0]);
        assert_eq!(serde_json::from_str::<RecordsConfig>(fine).unwrap().header(), ["Customer", "Order", "Amount"]);
        for (records, problem) in [
            (r#"{"heads":["H"]}"#, "no record kind is a line"),
            (r#"{"heads":["H"],"lines":["H"],"fields":{"H":["a"]}}"#, "`H` is named twice"),
            (r#"{"lines":["L"]}"#, "the fields of `L` have no names"),
            (r#"{"lines":["L"],"fields":{"L":["a"],"T":["b"]}}"#, "`T` is neither in `heads` nor in `lines`"),
            (r#"{"lines":["L"],"fields":{"L":["a","a"]}}"#, "`L` has two fields called \"a\""),
            (r#"{"lines":["L"],"kind_field":0,"fields":{"L":["a"]}}"#, "there is no field 0"),
        ] {
            assert_eq!(problems(records), [problem], "{records}");
        }
    }
}
