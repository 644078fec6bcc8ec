//! `[source.<name>.excel]`: which sheet of a workbook, and where its rows start.
//!
//! ```toml
//! [source.cost_pools]
//! files = "Kosten 2025.xlsx"
//! excel = { sheet = "Boekingen", header_row = 3 }
//! ```

use std::collections::BTreeMap;
use std::fmt;

use netto_model::Problem;
use schemars::JsonSchema;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{OneOrMany, SourceConfig};
use crate::dialect::Size;
use crate::titles;

/// Where the rows are in Excel workbooks (`.xlsx`).
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct ExcelConfig {
    /// The sheet by its name, or by its number counted from 1: `sheet = "Omzet"`, `sheet = 2`. Several sheets are read one after the other: `sheet =
    /// ["January", "February"]`, or `sheet = "*"` for all sheets that aren't hidden or empty; `sheet = "Omzet *"` for those whose names begin like
    /// this. Default: the first sheet that isn't hidden.
    pub sheet: Option<Sheets>,
    /// The sheets of the tables of a view, if they are in one workbook: `sheets = { heads = "Orders", lines = "Order lines" }`. Other tables use `sheet`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sheets: BTreeMap<String, Sheets>,
    /// The row with the column names: `header_row = 3`. Default: the first row that isn't empty.
    pub header_row: Option<u64>,
    /// Rows with column names, group titles first: `header_rows = 2`. A title also applies to the empty cells to its right that have a name below them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_rows: Option<u64>,
    /// A workbook whose parts decompress to more than this in total is refused: `max_unpacked = "4 GiB"`. Default 64 MiB, or 200 times its compressed
    /// size if that is more, and at most 1 GiB.
    pub max_unpacked: Option<Size>,
}

impl ExcelConfig {
    /// The settings of a table of a view.
    pub(crate) fn of_table(&self, table: &str) -> Self {
        let sheet = self.sheets.get(table).or(self.sheet.as_ref()).cloned();
        Self { sheet, ..self.clone() }
    }
}

/// One sheet or several.
#[derive(Clone, Debug, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(untagged)]
pub enum Sheets {
    /// One, or those of a pattern.
    One(SheetName),
    /// Each of them.
    Several(Vec<SheetName>),
}

impl Sheets {
    /// Those that are named, one by one.
    pub(crate) fn as_slice(&self) -> &[SheetName] {
        match self {
            Self::One(sheet) => std::slice::from_ref(sheet),
            Self::Several(sheets) => sheets,
        }
    }

    /// Whether it may select several sheets.
    pub(crate) fn are_several(&self) -> bool {
        match self {
            Self::One(SheetName::Name(name)) => name.contains('*'),
            Self::One(SheetName::Number(_)) => false,
            Self::Several(_) => true,
        }
    }
}

/// A sheet, by its name or its number.
#[derive(Clone, Debug, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(untagged)]
pub enum SheetName {
    /// As its tab shows it; `*` stands for any signs.
    Name(String),
    /// The first is 1; hidden ones count.
    Number(usize),
}

/// Custom deserialisation, as the derived one could only report that no form matches.
impl<'de> Deserialize<'de> for Sheets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;
        impl<'v> Visitor<'v> for Forms {
            type Value = Sheets;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a sheet, its number counted from 1, or a list of them")
            }

            fn visit_str<E>(self, name: &str) -> Result<Sheets, E> {
                Ok(Sheets::One(SheetName::Name(name.to_owned())))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Sheets, E> {
                let number = usize::try_from(number).map_err(|_| E::custom("sheets are counted from 1 on"))?;
                Ok(Sheets::One(SheetName::Number(number)))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Sheets, E> {
                Ok(Sheets::One(SheetName::Number(usize::try_from(number).map_err(E::custom)?)))
            }

            fn visit_seq<A: SeqAccess<'v>>(self, mut list: A) -> Result<Sheets, A::Error> {
                let mut names = Vec::new();
                while let Some(sheets) = list.next_element::<Sheets>()? {
                    names.extend(sheets.as_slice().iter().cloned());
                }
                Ok(Sheets::Several(names))
            }
        }
        deserializer.deserialize_any(Forms)
    }
}

/// File endings that are not workbooks.
const OTHERS: [&str; 6] = [".csv", ".txt", ".tsv", ".gz", ".zst", ".parquet"];

impl SourceConfig {
    /// Invalid workbook settings.
    pub(super) fn check_excel(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let Some(excel) = &self.excel else { return problems };
        let patterns: Vec<&String> =
            self.files.iter().chain(self.tables.values()).flat_map(OneOrMany::as_slice).collect();
        let other = |pattern: &&String| OTHERS.iter().any(|end| pattern.to_lowercase().ends_with(end));
        if !patterns.is_empty() && patterns.iter().all(other) {
            let problem = Problem::at(["excel"], "`excel` has no effect because no file is a workbook");
            problems
                .push(problem.with_help("remove it; workbooks are recognised by their names: files = \"Omzet.xlsx\""));
        }
        for table in excel.sheets.keys().filter(|table| !self.tables.contains_key(*table)) {
            let problem = Problem::at(["excel", "sheets", table], format!("the view has no table `{table}`"));
            problems.push(problem.with_help("sheets = { table = \"its sheet\" } names tables of [source.….tables]"));
        }
        let sheets = excel.sheet.as_ref().map_or(&[][..], Sheets::as_slice);
        if excel.sheet.is_some() && sheets.is_empty() {
            let problem = Problem::at(["excel", "sheet"], "no sheet is named");
            problems.push(problem.with_help("sheet = \"*\" reads all of them; without `sheet` the first one is read"));
        }
        let zeros = [("sheet", sheets.contains(&SheetName::Number(0))), ("header_row", excel.header_row == Some(0))];
        if let Some(rows) = excel.header_rows.filter(|rows| !(1..=titles::MOST).contains(rows)) {
            let problem = Problem::at(["excel", "header_rows"], format!("the column names can't be in {rows} rows"));
            problems
                .push(problem.with_help("use 1 if each column has one name, 2 if group titles are above the names"));
        }
        for (key, _) in zeros.into_iter().filter(|(_, zero)| *zero) {
            let problem = Problem::at(["excel", key], format!("there is no {} 0", key.replace('_', " ")));
            problems.push(problem.with_help("the first one is 1"));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use netto_model::contract::CUSTOMERS;

    use super::*;

    fn problems(json: &str) -> Vec<String> {
        SourceConfig::from_json(json).unwrap().check(&CUSTOMERS).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn settings_of_workbooks_are_refused_where_they_mean_nothing() {
        let fine = [
            r#"{"files":"a.xlsx","excel":{"sheet":2,"header_row":3}}"#,
            r#"{"files":"a*","excel":{"sheet":["Omzet",2]}}"#,
        ];
        for fine in fine {
            assert_eq!(problems(fine), [""; 0], "{fine}");
        }
        let misplaced = problems(r#"{"files":"a.csv","excel":{"sheet":2}}"#);
        assert_eq!(misplaced, ["`excel` has no effect because no file is a workbook"]);
        let zero = problems(r#"{"files":"a.xlsx","excel":{"sheet":0,"header_row":0}}"#);
        assert_eq!(zero, ["there is no sheet 0", "there is no header row 0"]);
        assert_eq!(problems(r#"{"files":"a.xlsx","excel":{"sheet":["a",0]}}"#), ["there is no sheet 0"]);
        assert_eq!(problems(r#"{"files":"a.xlsx","excel":{"sheet":[]}}"#), ["no sheet is named"]);
        let view = r#"{"sql":"select a as customer_id from t","tables":{"t":"a.xlsx"},"excel":{"sheet":2}}"#;
        assert_eq!(problems(view), [""; 0]);
        let view = r#"{"sql":"select a as customer_id from t","tables":{"t":"a.xlsx"},"excel":{"sheets":{"u":"b"}}}"#;
        assert_eq!(problems(view), ["the view has no table `u`"]);
        let view = problems(r#"{"sql":"select a as customer_id from t","tables":{"t":"a.csv"},"excel":{"sheet":2}}"#);
        assert_eq!(view, ["`excel` has no effect because no file is a workbook"]);
        let fault = SourceConfig::from_json(r#"{"excel":{"sheet":true}}"#).unwrap_err().to_string();
        assert!(
            fault.contains("expected the name of a sheet, its number counted from 1, or a list of them"),
            "{fault}"
        );
    }
}
