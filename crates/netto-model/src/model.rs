//! A model: an analysis as one SQL text, which is its own contract. From the text alone come the plan, the check of the result,
//! the documentation, the DDL and what a BI tool is told.
//!
//! ```text
//! -- loss_by_tier: What customers that lose money lose, by tier.
//! -- grain: window × tier
//! -- key: window_id, tier
//! -- source: Kaplan & Narayanan, Measuring and Managing Customer Profitability (2001)
//! --
//! -- A customer with 100 of margin and 130 of cost-to-serve loses 30.
//! select
//!     window_id,                                     -- text → dim_window: Window of closed months
//!     tier,                                         -- text: Tier
//!     count(*) as customers,                        -- count: Customers with a net profit below zero
//!     sum(net_profit) as loss,                      -- money: Their net profit
//!     share(sum(cost_to_serve), sum(gross_margin)) as cost_share   -- share?: Cost-to-serve ÷ gross margin; empty without margin
//! from customer_window where net_profit < 0 group by window_id, tier
//! ```
//!
//! The head's first line is the name and what the table tells. `grain`, `key` (its columns, in their order) and `needs` (tables that must have been
//! supplied, or the model has no rows), `source` (in the literature), `published: no` (what only other models read) and `kept: no` (what only models
//! that are made month by month read, as it has as many rows as there are orders) follow, `row by row: window_number` where what comes of a row of
//! that table doesn't depend on its other rows and takes much memory, so that one window after the other is worked on, and `by level: employee →
//! employee_id, pair → pair_id` where rows of several levels stand together, told apart by `level` and `key`: each is published as a table of its
//! own. Then come notes for the reader. Behind each column of the last SELECT stands its type: `text`, `date`, `bool`, `integer`, `count`, `money`,
//! `minutes`, `pieces`, `kilograms`, `driver`, `share`, `ratio`, `days`, `whole days`; `?` where it may be empty; `, never summed` or `, summed
//! within period` where rows may not be added up by what could be; `→ table` where it refers to one; `(a | b)` where only some texts occur; and its
//! meaning. Amounts are whole ten-thousandths, compared with `amount(100)` and never with `100`; what is in `$name` comes from the configuration. A
//! line `-- audit: What must hold.` begins a query for rows that break it: one row, and the run fails.

mod column;
mod head;
mod literal;

use crate::column as c;
use crate::contract::LARGE;
use crate::problem::did_you_mean;
use crate::query::{Query, QueryError};
use crate::table::{Column, Level, Role, Stage, Table};

/// A model that was read.
#[derive(Clone, Debug)]
pub struct Model {
    /// Name, grain, key and columns, as the text declares them.
    pub table: &'static Table,
    /// Tables that must have been supplied: else the model has no rows.
    pub needs: Vec<String>,
    /// Where its definition comes from.
    pub source: Option<String>,
    /// Whether its table is only read by other models, and not published.
    pub internal: bool,
    /// Whether its table passes by month by month, and is gone when the next months are worked on: as large as what it reads.
    pub passing: bool,
    /// Whether it is made month by month: it reads a fact that is too large to keep in memory, or a model that passes by.
    pub monthly: bool,
    /// The table that it reads of which one row at a time is worked on: what comes of each is put together.
    pub row_by_row: Option<&'static str>,
    /// What a reader should know besides.
    pub notes: String,
    /// The checked SELECT.
    pub query: Query,
    /// What must hold of the result.
    pub audits: Vec<Audit>,
}

/// A query for rows that must not be: where it finds one, the model's table is wrong, and the run fails.
#[derive(Clone, Debug)]
pub struct Audit {
    /// What must hold, in a sentence.
    pub rule: String,
    /// The rows that break it.
    pub query: Query,
}

/// How the queries of a text are read.
pub(crate) type Parse = fn(&str, &[&'static Table]) -> Result<Query, QueryError>;

/// Why a text is no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The head lacks something, or has too much.
    #[error("line {line}: {reason}")]
    Head {
        /// Line of the text, from 1.
        line: usize,
        /// What is missing, and how it is written.
        reason: String,
    },
    /// A column of the last SELECT isn't described.
    #[error("line {line}: column `{column}`: {reason}")]
    Column {
        /// Line of the text, from 1.
        line: usize,
        /// Its name.
        column: String,
        /// What is wrong with its comment.
        reason: String,
    },
    /// Not one SELECT over known tables.
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl Model {
    /// Reads a text; `tables` are those that it may read.
    ///
    /// The declaration is kept for as long as the program runs, so read a text once.
    ///
    /// # Errors
    /// What is missing of the head or behind a column, and what may not stand in the SELECT.
    pub fn parse(text: &str, tables: &[&'static Table]) -> Result<Self, ModelError> {
        Self::parse_by(Query::parse, text, tables)
    }

    /// The same, with its queries read by `parse`.
    pub(crate) fn parse_by(parse: Parse, text: &str, tables: &[&'static Table]) -> Result<Self, ModelError> {
        let mut parts = text.split("\n-- audit:");
        let text = parts.next().unwrap_or_default();
        let head = head::read(text)?;
        let query = parse(text, tables)?;
        let mut columns = column::read(text, &query)?;
        for key in &head.keys {
            let Some(column) = columns.iter_mut().find(|column| column.name == key) else {
                let near = did_you_mean(key, columns.iter().map(|column| column.name));
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let reason = format!("the key has `{key}`, which is not a column of the last SELECT{near}");
                return Err(ModelError::Head { line: 1, reason });
            };
            if column.role == Role::Optional {
                let reason = format!("`{key}` is part of the key but may be empty (`?`): give it a value, such as ''");
                return Err(ModelError::Head { line: 1, reason });
            }
            column.role = Role::Key;
        }
        // Rows stand in the order of the key, so its columns come first, in the order in which the head names them.
        let place = |column: &Column| head.keys.iter().position(|key| key == column.name).unwrap_or(head.keys.len());
        columns.sort_by_key(place);
        literal::amounts_are_compared_with_amounts(&query, &columns)?;
        let levels = levels(&head, &columns)?;
        let table = Table::new(kept(head.name), Stage::Mart, kept(head.grain), kept(head.description), columns.leak());
        let table = table.by(levels);
        let table: &'static Table = Box::leak(Box::new(table));
        let with_itself: Vec<&'static Table> = tables.iter().copied().chain([table]).collect();
        let audits = parts.map(|part| audit(parse, part, &with_itself)).collect::<Result<_, _>>()?;
        let monthly = query.tables().iter().any(|table| LARGE.iter().any(|large| large.name == table.name));
        let row_by_row = head.row_by_row.map(|(name, line)| {
            let read = query.tables().iter().map(|table| table.name).find(|table| *table == name);
            let reason = || format!("`row by row: {name}`: the model reads no table of that name");
            read.ok_or_else(|| ModelError::Head { line, reason: reason() })
        });
        let row_by_row = row_by_row.transpose()?;
        let head::Head { needs, source, internal, passing, notes, .. } = head;
        Ok(Self { table, needs, source, internal, passing, monthly, row_by_row, notes, query, audits })
    }
}

/// The levels of the head, where they are those of the column `level`.
fn levels(head: &head::Head, columns: &[Column]) -> Result<&'static [Level], ModelError> {
    let refused = |reason: String| Err(ModelError::Head { line: 1, reason });
    let of_column = |name: &str| columns.iter().find(|column| column.name == name && column.role == Role::Key);
    let (level, key) = (of_column(c::LEVEL), of_column(c::KEY));
    let named: Vec<&str> = head.levels.iter().map(|(level, _)| level.as_str()).collect();
    match (level, key) {
        (Some(level), Some(_)) if head.internal || level.values == named => {}
        (Some(level), Some(_)) => {
            let values = level.values.join(", ");
            return refused(format!(
                "each level is published as a separate table: `-- by level:` gives the name of `key` for each of {values}"
            ));
        }
        _ if named.is_empty() => {}
        _ => return refused("`by level` needs the columns `level` and `key` in the key".to_owned()),
    }
    let level = |(level, column): &(String, String)| Level { name: kept(level.clone()), column: kept(column.clone()) };
    Ok(head.levels.iter().map(level).collect::<Vec<_>>().leak())
}

fn audit(parse: Parse, text: &str, tables: &[&'static Table]) -> Result<Audit, ModelError> {
    let (rule, query) = text.split_once('\n').unwrap_or((text, ""));
    Ok(Audit { rule: rule.trim().to_owned(), query: parse(query, tables)? })
}

/// A text for as long as the program runs.
fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::model;

    const TEXT: &str = r"-- loss_by_tier: What customers that lose money lose,
-- by tier.
-- grain: window × tier
-- key: window_id, tier
-- needs: cost_pools
-- source: Kaplan & Narayanan (2001)
--
-- A customer with 100 of margin and 130 of cost loses 30.
with losing as (select * from customer_window where net_profit < amount(-0.5)) -- not a column
select
    sum(net_profit) as loss, -- money: Their net profit,
                             -- below zero
    window_id, -- text → dim_window: Window
    tier, -- text (Top | Small): Tier
    share(count(*), $all) as part -- share?: Customers ÷ all
from losing group by window_id, tier -- no column either
";

    fn refusal(from: &str, to: &str) -> String {
        assert!(TEXT.contains(from), "{from}");
        Model::parse(&TEXT.replace(from, to), &[model("customer_window")]).unwrap_err().to_string()
    }

    #[test]
    fn a_text_declares_its_table() {
        let model = Model::parse(TEXT, &[model("customer_window")]).unwrap();
        insta::assert_debug_snapshot!(model.table);
        assert_eq!((model.needs, model.source), (vec!["cost_pools".into()], Some("Kaplan & Narayanan (2001)".into())));
        assert_eq!(model.notes, "A customer with 100 of margin and 130 of cost loses 30.");
        assert_eq!(model.query.settings(), ["all"]);
    }

    #[test]
    fn what_is_missing_is_named_with_its_line() {
        insta::assert_snapshot!(
            [
                refusal("-- grain: window × tier\n", ""),
                refusal("-- key: window_id, tier", "-- key: window_id, teir"),
                refusal("-- key: window_id, tier", "-- key: window_id, tier\n-- by level: a → b"),
                refusal("-- key: window_id, tier", "-- key: window_id, tier\n-- by level: a, b"),
                refusal("-- key: window_id, tier", "-- key: window_id, tier\n-- row by row: window_number"),
                refusal("-- loss_by_tier: What", "-- Loss by tier. What"),
                refusal(", -- text (Top | Small): Tier", ","),
                refusal("text (Top | Small): Tier", "txt: Tier"),
                refusal("money: Their net profit", "money, twice: Their net profit"),
                refusal("share?: Customers ÷ all", "share?"),
                refusal("tier, -- text (", "tier, -- text? ("),
                refusal("amount(-0.5)", "-0.5"),
                refusal("amount(-0.5)", "amount(0.00001)"),
                refusal("from customer_window", "from '/etc/passwd'"),
                refusal("sum(net_profit) as loss,", "sum(net_profit),"),
            ]
            .join("\n")
        );
    }
}
