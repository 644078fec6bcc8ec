//! Computes a view piece by piece, if each result row depends on one row of its first table only: that table is read in windows, the
//! others completely.
//!
//! ```text
//! select … from lines l left join heads h on h.nr = l.nr where l.kind <> 'T'     windows of `lines`
//! select …, sum(…) from lines group by …  ·  union  ·  distinct  ·  limit        whole
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::vec::IntoIter;

use polars::prelude::*;
use sqlparser::ast::{
    Expr, GroupByExpr, JoinOperator, Query, Select, SetExpr, TableFactor, visit_expressions, visit_relations,
};

use super::View;
use super::query::is_of_many_rows;
use crate::error::LakeError;
use crate::quarantine::Rejected;
use crate::read::csv::Windows;
use crate::read::parquet::TextTable;
use crate::read::{Extract, Input, find, is_parquet, workbook};

/// Approximate bytes of the first table per piece; the other tables are joined again for each piece.
const AT_ONCE: usize = 48 << 20;

/// The pieces of a view; one at least, which may have no rows.
pub(crate) struct ViewPieces {
    view: View,
    /// Its first table.
    name: String,
    /// The other ones.
    others: BTreeMap<String, DataFrame>,
    /// Files of the first that aren't opened yet.
    files: IntoIter<PathBuf>,
    windows: Option<Windows>,
    /// The first file, without its rows: others have the same columns.
    form: Option<(String, DataFrame)>,
    /// Row on which the next piece starts.
    start: u64,
    /// What was noticed of the files so far, and isn't told yet.
    rejected: Vec<Rejected>,
    skipped: BTreeSet<String>,
    known: BTreeSet<String>,
    at_once: usize,
    ended: bool,
}

impl ViewPieces {
    /// Reads all tables except the first; returns the view if it has to be computed as a whole.
    pub(super) fn of(view: View) -> Result<Result<Self, View>, LakeError> {
        Self::in_size(view, AT_ONCE)
    }

    pub(super) fn in_size(view: View, at_once: usize) -> Result<Result<Self, View>, LakeError> {
        let name = first_table(&view.query).filter(|_| view.config.fill_down.is_empty()).map(str::to_owned);
        let Some((name, files)) = name.and_then(|name| Some((name.clone(), view.config.tables.get(&name)?))) else {
            return Ok(Err(view));
        };
        let files = find(files, &view.base)?;
        if files.iter().any(|file| is_parquet(file) || workbook::is_workbook(file)) {
            return Ok(Err(view));
        }
        let (mut tables, mut others) = (view.tables(), BTreeMap::new());
        for (other, files) in view.config.tables.iter().filter(|(other, _)| **other != name) {
            others.insert(other.clone(), tables.read(other, files)?);
        }
        let (rejected, skipped, known) = (tables.rejected, tables.skipped, tables.known);
        let files = files.into_iter();
        Ok(Ok(Self {
            view,
            name,
            others,
            files,
            windows: None,
            form: None,
            start: 1,
            rejected,
            skipped,
            known,
            at_once,
            ended: false,
        }))
    }

    /// The result for the next rows of the first table; `None` if there are no more.
    fn piece(&mut self) -> Result<Option<TextTable>, LakeError> {
        let mut rows = None::<DataFrame>;
        let mut windows = self.windows.take();
        let mut tables = self.view.tables();
        (tables.rejected, tables.skipped) = (std::mem::take(&mut self.rejected), std::mem::take(&mut self.skipped));
        tables.known = std::mem::take(&mut self.known);
        while rows.as_ref().is_none_or(|rows| rows.estimated_size() < self.at_once) {
            let Some(window) = windows.as_mut().and_then(Iterator::next).transpose()? else {
                let Some(path) = self.files.next() else { break };
                windows = Some(Windows::of(Input::open(&path, &self.view.base, tables.csv)?, tables.csv));
                continue;
            };
            let name = window.name.clone();
            let part = tables.texts(&Extract::Csv(window))?;
            let form = self.form.get_or_insert_with(|| (name.clone(), part.clear()));
            let part = tables.below(&[form.clone(), (name, part)])?;
            match &mut rows {
                Some(rows) => {
                    rows.vstack_mut_owned(part)?;
                }
                None => rows = Some(part),
            }
        }
        self.windows = windows;
        let Some(rows) = rows else { return Ok(None) };
        self.known.clone_from(&tables.known);
        let mut frames = self.others.clone();
        frames.insert(self.name.clone(), rows);
        let made = self.view.over(frames, tables, self.start)?;
        self.start += made.rows();
        Ok(Some(made))
    }
}

impl Iterator for ViewPieces {
    type Item = Result<TextTable, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let piece = self.piece().transpose();
        self.ended = !matches!(piece, Some(Ok(_)));
        piece
    }
}

/// The table whose rows determine the view's rows independently of each other, if there is one.
fn first_table(query: &Query) -> Option<&str> {
    let SetExpr::Select(select) = &*query.body else { return None };
    let Select { distinct: None, top: None, having: None, qualify: None, selection, projection, .. } = &**select else {
        return None;
    };
    let groups = matches!(&select.group_by, GroupByExpr::Expressions(keys, more) if keys.is_empty() && more.is_empty());
    if !groups || query.with.is_some() || query.limit_clause.is_some() || query.fetch.is_some() {
        return None;
    }
    let [from] = select.from.as_slice() else { return None };
    let TableFactor::Table { name, .. } = &from.relation else { return None };
    let name = name.0.last()?.as_ident()?.value.as_str();
    let keeps = |join: &JoinOperator| {
        use JoinOperator::{Inner, Join, Left, LeftOuter};
        matches!(join, Join(_) | Inner(_) | Left(_) | LeftOuter(_))
    };
    if !from.joins.iter().all(|join| keeps(&join.join_operator)) || times_read(query, name) != 1 {
        return None;
    }
    let asks_all = |expr: &Expr| match expr {
        Expr::Function(function) if is_of_many_rows(function) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let by_itself =
        visit_expressions(projection, asks_all).is_continue() && visit_expressions(selection, asks_all).is_continue();
    by_itself.then_some(name)
}

/// The number of times that a view reads a table.
fn times_read(query: &Query, name: &str) -> usize {
    let mut times = 0;
    let count = visit_relations(query, |relation| {
        let read = relation.0.last().and_then(|part| part.as_ident());
        times += usize::from(read.is_some_and(|ident| ident.value == name));
        ControlFlow::<()>::Continue(())
    });
    match count {
        ControlFlow::Continue(()) | ControlFlow::Break(()) => times,
    }
}
