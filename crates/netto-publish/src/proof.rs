//! Checks a published folder on its files: keys are unique, references lead to a member, and tables reconcile with each other.
//!
//! ```text
//! keys         no two rows of fct_customer_month are of one customer and month
//! references   each customer_key is one of dim_customer
//! ties         the months of fct_order add up to those of fct_customer_month, every pool balances, windows are the sum of their customers
//! ```
//! A run checks the same while it computes; this is for files that were copied, restored or changed since.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use netto_model::star::Dimension;
use netto_model::{Column as Declared, Money, Role, Table, Type, column as c};
use polars::prelude::*;

use crate::error::PublishError;
use crate::ready::{Ready, lying_in};

/// What was checked, and which faults were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Number of tables checked.
    pub tables: usize,
    /// Number of references followed.
    pub references: usize,
    /// Number of sums compared.
    pub ties: usize,
    /// The faults, one sentence each; empty if everything holds.
    pub faults: Vec<String>,
}

/// The steps of the waterfall by which finer tables reconcile with the ledger.
const TIED: [&str; 4] = [c::INVOICE_REVENUE, c::GROSS_MARGIN, c::COST_TO_SERVE, c::NET_PROFIT];
/// The table that all others reconcile with.
const LEDGER: &str = "fct_customer_month";

/// Sums of the tied columns, by period or window.
type Sums = BTreeMap<String, [i128; TIED.len()]>;

/// Checks the folder of a run.
///
/// # Errors
/// If a file can't be read, or isn't the table that its name says.
pub fn proof(run: &Path, tables: &[&'static Table]) -> Result<Proof, PublishError> {
    let published = lying_in(run, tables);
    if published.is_empty() {
        return Err(PublishError::NothingPublished { path: run.to_owned() });
    }
    let mut proof = Proof { tables: published.len(), ..Proof::default() };
    let mut members: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for ready in published.iter().filter(|ready| Dimension::named(ready.table().name).is_some()) {
        let Some(key) = ready.table().keys().next() else { continue };
        let mut keys = BTreeSet::new();
        for piece in ready.pieces()? {
            keys.extend(piece?.column(key.name)?.i64()?.iter().flatten());
        }
        members.insert(ready.table().name, keys);
    }
    let mut sums: BTreeMap<&str, Sums> = BTreeMap::new();
    for ready in &published {
        of_table(ready, &members, &mut proof)?;
        if let Some(found) = summed(ready)? {
            sums.insert(ready.table().name, found);
        }
    }
    ties(&sums, &mut proof);
    Ok(proof)
}

/// Checks keys, required values, and references of a table.
fn of_table(ready: &Ready, members: &BTreeMap<&str, BTreeSet<i64>>, proof: &mut Proof) -> Result<(), PublishError> {
    let table = ready.table();
    let keys: Vec<&str> = table.keys().map(|key| key.name).collect();
    let references: Vec<(&Declared, &BTreeSet<i64>)> = table
        .columns
        .iter()
        .filter_map(|column| Some((column, column.references.and_then(|to| members.get(to))?)))
        .filter(|(column, _)| column.ty == Type::Integer)
        .collect();
    proof.references += references.len();
    let (mut whole, mut rows) = (None::<DataFrame>, 0);
    let (mut empty, mut astray): (BTreeMap<&str, usize>, BTreeMap<&str, i64>) = (BTreeMap::new(), BTreeMap::new());
    for piece in ready.pieces()? {
        let piece = piece?;
        rows += piece.height();
        for column in table.columns.iter().filter(|column| column.role != Role::Optional) {
            *empty.entry(column.name).or_default() += piece.column(column.name)?.null_count();
        }
        for (column, known) in &references {
            let named = piece.column(column.name)?.i64()?.unique()?;
            astray.extend(named.iter().flatten().find(|key| !known.contains(key)).map(|key| (column.name, key)));
        }
        let piece = piece.select(keys.iter().copied())?;
        whole = Some(match whole {
            Some(before) => before.vstack(&piece)?,
            None => piece,
        });
    }
    let name = table.name;
    proof.faults.extend(
        empty
            .into_iter()
            .filter(|(_, rows)| *rows > 0)
            .map(|(column, rows)| format!("{name}.{column} is empty in {rows} rows, but must not be")),
    );
    proof.faults.extend(astray.into_iter().map(|(column, key)| {
        let to = table.column(column).and_then(|column| column.references).unwrap_or_default();
        format!("{name}.{column} refers to {key}, which is not in {to}")
    }));
    let all: Vec<Expr> = keys.iter().map(|key| col(*key)).collect();
    let apart = whole.map(|whole| whole.lazy().group_by(all).agg([]).collect()).transpose()?;
    let apart = apart.map_or(0, |apart| apart.height());
    if apart != rows {
        proof.faults.push(format!("{name} has {rows} rows, but only {apart} keys ({})", keys.join(", ")));
    }
    Ok(())
}

/// The sums of a table by month or by window; `None` if it has no steps of the waterfall or has neither column.
fn summed(ready: &Ready) -> Result<Option<Sums>, PublishError> {
    let table = ready.table();
    let by = if table.name.starts_with("fct_") { c::PERIOD } else { c::WINDOW };
    let is_whole = ["customer_window", "window_summary"].contains(&table.name) || by == c::PERIOD;
    if !is_whole || [by].iter().chain(&TIED).any(|column| table.column(column).is_none()) {
        return Ok(None);
    }
    let mut sums = Sums::new();
    for piece in ready.pieces()? {
        let piece = piece?;
        let groups = piece.column(by)?.cast(&DataType::String)?;
        let amounts = TIED.iter().map(|column| piece.column(column)?.i64()).collect::<PolarsResult<Vec<_>>>()?;
        for (row, group) in groups.str()?.iter().enumerate() {
            let of_group = sums.entry(group.unwrap_or_default().to_owned()).or_default();
            for (sum, column) in of_group.iter_mut().zip(&amounts) {
                *sum += i128::from(column.get(row).unwrap_or_default());
            }
        }
    }
    Ok(Some(sums))
}

/// Checks that every finer table adds up to the ledger, month by month, and customers to their windows.
fn ties(sums: &BTreeMap<&str, Sums>, proof: &mut Proof) {
    for (name, finer) in sums {
        let to = match *name {
            LEDGER | "window_summary" => continue,
            "customer_window" => "window_summary",
            _ => LEDGER,
        };
        let Some(whole) = sums.get(to) else { continue };
        for group in whole.keys().chain(finer.keys()).collect::<BTreeSet<_>>() {
            let of = |sums: &Sums| sums.get(group).copied().unwrap_or_default();
            for ((column, part), whole) in TIED.iter().zip(of(finer)).zip(of(whole)) {
                proof.ties += 1;
                if part != whole {
                    let shown = |units: i128| {
                        i64::try_from(units)
                            .map_or_else(|_| units.to_string(), |units| Money::from_units(units).to_string())
                    };
                    let (part, whole) = (shown(part), shown(whole));
                    proof.faults.push(format!("{column} in {group} is {part} in {name} but {whole} in {to}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_that_differ_by_a_ten_thousandth_or_a_month_are_named() {
        let month = |period: &str, profit: i128| (period.to_owned(), [0, 0, 0, profit]);
        let sums = BTreeMap::from([
            (LEDGER, Sums::from([month("2025-01-01", 10), month("2025-02-01", 20)])),
            ("fct_order", Sums::from([month("2025-01-01", 10), month("2025-02-01", 21)])),
        ]);
        let mut proof = Proof::default();
        ties(&sums, &mut proof);
        assert_eq!(proof.ties, 8);
        assert_eq!(proof.faults, ["net_profit in 2025-02-01 is 0.0021 in fct_order but 0.0020 in fct_customer_month"]);
    }
}
