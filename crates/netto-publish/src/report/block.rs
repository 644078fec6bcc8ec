//! Tables of a customer's or an employee's page, as JSON for the script: headings are stored once, lines per page.
//!
//! ```text
//! {"key": "sizes", "title": "Orders by size", "heads": ["Order value", "Orders"], "plan": 0}
//! [["0–50", "12"], {"t": "50–100", "s": "EUR"}]
//! ```

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::format::Format;
use super::language::Text;
use super::marts::Row;
use super::page::Page;
use super::section::{Cell, Shown};

/// A table of a page.
pub(super) struct Block {
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    /// How to read it; empty if that is obvious.
    pub(super) reading: &'static str,
    pub(super) heads: Vec<Text>,
    /// Number of its lines on the account plan.
    pub(super) plan: usize,
    /// The title and the columns, each under its own heading, that a customer may see; `None` if it may see none.
    outward: Option<(&'static str, Vec<(usize, &'static str)>)>,
    /// Lines by page.
    lines: BTreeMap<String, Vec<Value>>,
    /// The note above the lines of a page.
    notes: BTreeMap<String, String>,
}

impl Block {
    pub(super) fn new<T: Into<Text>>(
        key: &'static str,
        title: &'static str,
        reading: &'static str,
        heads: impl IntoIterator<Item = T>,
    ) -> Self {
        let heads = heads.into_iter().map(Into::into).collect();
        Self { key, title, reading, heads, plan: 0, outward: None, lines: BTreeMap::new(), notes: BTreeMap::new() }
    }

    pub(super) const fn on_plan(mut self, lines: usize) -> Self {
        self.plan = lines;
        self
    }

    pub(super) fn for_customer(mut self, title: &'static str, columns: &[(usize, &'static str)]) -> Self {
        self.outward = Some((title, columns.to_vec()));
        self
    }

    /// Drops the columns whose heading needs a figure that isn't known.
    pub(super) fn of_known(mut self, is_known: impl Fn(&str) -> bool) -> Self {
        let kept: Vec<usize> =
            self.heads.iter().enumerate().filter(|(_, head)| is_known(head.as_str())).map(|(place, _)| place).collect();
        if kept.len() == self.heads.len() {
            return self;
        }
        self.heads = kept.iter().filter_map(|place| self.heads.get(*place).cloned()).collect();
        for line in self.lines.values_mut().flatten() {
            *line = kept.iter().filter_map(|place| line.get(*place).cloned()).collect::<Vec<Value>>().into();
        }
        if let Some((_, columns)) = &mut self.outward {
            let moved =
                |(place, head): &(usize, &'static str)| Some((kept.iter().position(|known| known == place)?, *head));
            *columns = columns.iter().filter_map(moved).collect();
        }
        self
    }

    pub(super) fn push(&mut self, id: &str, cells: &[Cell]) {
        self.lines.entry(id.to_owned()).or_default().push(cells.iter().map(Cell::json).collect());
    }

    pub(super) fn note(&mut self, id: &str, text: String) {
        self.notes.insert(id.to_owned(), text);
    }

    /// The columns of a mart, for each row whose subject has a page, up to a limit per page.
    pub(super) fn fill<'a>(
        &mut self,
        page: &Page<'_>,
        rows: impl IntoIterator<Item = Row<'a>>,
        key: &str,
        columns: &[Shown],
        most: usize,
    ) {
        for row in rows {
            let id = row.text(key);
            if page.opens.contains(id) && self.lines.get(id).is_none_or(|lines| lines.len() < most) {
                let cells: Vec<Cell> = columns
                    .iter()
                    .map(|(_, column, how)| how.cell(&page.format, row, column).unwrap_or_else(Cell::none))
                    .collect();
                self.push(id, &cells);
            }
        }
    }

    /// The part that all pages share.
    pub(super) fn head(&self, format: &Format) -> Value {
        let columns = |columns: &[(usize, &str)]| -> Vec<(usize, String)> {
            columns.iter().map(|(place, head)| (*place, format.say(head))).collect()
        };
        let outward = self
            .outward
            .as_ref()
            .map(|(title, shown)| json!({ "title": format.say(title), "columns": columns(shown) }));
        let heads = self.heads.iter().cloned().map(|mut head| {
            head.in_language(format.language);
            head
        });
        json!({
            "key": self.key, "title": format.say(self.title), "reading": format.say(self.reading), "heads": heads.collect::<Vec<_>>(),
            "plan": self.plan, "outward": outward,
        })
    }

    /// The lines of a page, with its note; `None` if there are none.
    pub(super) fn of(&mut self, id: &str) -> Option<Value> {
        let lines = self.lines.remove(id)?;
        Some(self.notes.remove(id).map_or_else(|| json!([lines]), |note| json!([lines, note])))
    }
}

/// The tables of a page by key.
pub(super) fn tables(blocks: &mut [Block], id: &str) -> serde_json::Map<String, Value> {
    blocks.iter_mut().filter_map(|block| Some((block.key.to_owned(), block.of(id)?))).collect()
}
