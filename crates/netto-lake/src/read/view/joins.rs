//! Rejects joins whose result would fill the memory, before they run.

use polars::prelude::*;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr as Sql, Join, JoinConstraint, JoinOperator, Select, TableFactor, TableWithJoins,
    visit_expressions,
};

use netto_model::query::joins::condition;

use super::plan::conjuncts;
use super::query::Refusal;
use super::rewrite::Stop;
use super::sql::{and, constraint};

/// The maximum rows of a join of smaller tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit(pub(super) u64);

/// A table of a FROM clause.
pub(super) struct Relation {
    /// Its name in the view.
    pub(super) name: String,
    pub(super) schema: SchemaRef,
    pub(super) frame: LazyFrame,
    /// Whether it is a configured table, which is already read.
    pub(super) is_table: bool,
}

/// Makes one road of all joins: tables behind a comma are cross-joined, and what WHERE asks to be equal in two tables is moved into the
/// condition of their join.
///
/// ```text
/// from a, b where a.id = b.id and b.kind = 'x'     from a join b on a.id = b.id where b.kind = 'x'
/// ```
/// Outer joins keep their conditions: rows without a partner are kept by the join, and dropped by WHERE.
pub(super) fn ask_in_joins(select: &mut Select, relations: &[Relation]) {
    let plain = |join: &Join| !loses_left(&join.join_operator) && !by_name(&join.join_operator);
    if !select.from.iter().skip(1).all(|from| from.joins.iter().all(plain)) {
        return;
    }
    let mut others = std::mem::take(&mut select.from).into_iter();
    let Some(mut from) = others.next() else { return };
    for TableWithJoins { relation, joins } in others {
        from.joins.push(Join { relation, global: false, join_operator: JoinOperator::CrossJoin(JoinConstraint::None) });
        from.joins.extend(joins);
    }
    let mut asked = Vec::new();
    if from.joins.is_empty() {
        select.from = vec![from];
        return;
    }
    if let Some(selection) = select.selection.take() {
        conjuncts(&selection, &mut asked);
    }
    let first_movable = from.joins.iter().rposition(|join| loses_left(&join.join_operator)).map_or(0, |last| last + 1);
    let mut at = tables(&from.relation);
    for (number, join) in from.joins.iter_mut().enumerate() {
        let place = at;
        at += tables(&join.relation);
        let on = match &join.join_operator {
            JoinOperator::Join(JoinConstraint::On(on)) | JoinOperator::Inner(JoinConstraint::On(on)) => {
                Some(on.clone())
            }
            JoinOperator::Join(JoinConstraint::None) | JoinOperator::CrossJoin(JoinConstraint::None) => None,
            _ => continue,
        };
        if number < first_movable {
            continue;
        }
        let (equal, others): (Vec<Sql>, Vec<Sql>) =
            std::mem::take(&mut asked).into_iter().partition(|part| compares(part, relations, place));
        asked = others;
        if !equal.is_empty()
            && let Some(on) = on.into_iter().chain(equal).reduce(and)
        {
            join.join_operator = JoinOperator::Inner(JoinConstraint::On(on));
        }
    }
    select.selection = asked.into_iter().reduce(and);
    select.from = vec![from];
}

/// Whether a join names its columns only, as `using` does.
fn by_name(join: &JoinOperator) -> bool {
    matches!(constraint(join), Some(JoinConstraint::Using(_) | JoinConstraint::Natural))
}

/// Reduces join conditions to equal columns. Other conditions of an inner join are moved to WHERE; for an outer join that would
/// drop the rows that it must keep, so they are rejected.
///
/// ```text
/// join b on a.id = b.id and b.kind = 'x'          join b on a.id = b.id where b.kind = 'x'
/// left join b on a.id = b.id and b.kind = 'x'     refused: left join (select * from b where kind = 'x') b on a.id = b.id
/// ```
pub(super) fn ask_in_where(select: &mut Select, relations: &[Relation]) -> Result<(), Stop> {
    let mut asked = Vec::new();
    let mut at = 0;
    for from in &mut select.from {
        nested(&from.relation)?;
        at += tables(&from.relation);
        let all_inner = from.joins.iter().all(|join| !loses_left(&join.join_operator));
        for join in &mut from.joins {
            nested(&join.relation)?;
            let place = at;
            at += tables(&join.relation);
            let inner = matches!(join.join_operator, JoinOperator::Join(_) | JoinOperator::Inner(_));
            let Some(on) = condition(&mut join.join_operator) else { continue };
            let mut parts = Vec::new();
            conjuncts(on, &mut parts);
            let (equal, others): (Vec<Sql>, Vec<Sql>) =
                parts.into_iter().partition(|part| compares(part, relations, place));
            match others.first() {
                None => continue,
                Some(other) if !inner || !all_inner => return Err(Stop::Refused(asks_more(other))),
                Some(_) => asked.extend(others),
            }
            match equal.into_iter().reduce(and) {
                Some(equal) => *on = equal,
                None => join.join_operator = JoinOperator::CrossJoin(JoinConstraint::None),
            }
        }
    }
    select.selection = asked.into_iter().chain(select.selection.take()).reduce(and);
    Ok(())
}

fn asks_more(condition: &Sql) -> Refusal {
    Refusal::new(
        format!("`{condition}` is in the condition of an outer join, which may only compare columns with ="),
        "move it into the table: left join (select * from b where …) b on a.id = b.id; or into `case when … then … end`",
    )
}

/// Whether a join may drop rows of the tables before it, or add rows without them.
fn loses_left(join: &JoinOperator) -> bool {
    matches!(join, JoinOperator::Right(_) | JoinOperator::RightOuter(_) | JoinOperator::FullOuter(_))
}

/// Checks that joins in parentheses, which are not rewritten, compare columns only.
fn nested(factor: &TableFactor) -> Result<(), Stop> {
    let TableFactor::NestedJoin { table_with_joins, .. } = factor else { return Ok(()) };
    nested(&table_with_joins.relation)?;
    for join in &table_with_joins.joins {
        nested(&join.relation)?;
        let Some(JoinConstraint::On(on)) = constraint(&join.join_operator) else { continue };
        let mut parts = Vec::new();
        conjuncts(on, &mut parts);
        let column = |expr: &Sql| matches!(expr, Sql::Identifier(_) | Sql::CompoundIdentifier(_));
        let equal = |part: &&Sql| matches!(part, Sql::BinaryOp { left, op: BinaryOperator::Eq, right } if column(left) && column(right));
        if let Some(other) = parts.iter().find(|part| !equal(part)) {
            return Err(Stop::Refused(asks_more(other)));
        }
    }
    Ok(())
}

/// Whether a condition equates an expression of the table at `place` with one of tables before it.
fn compares(condition: &Sql, relations: &[Relation], place: usize) -> bool {
    let Sql::BinaryOp { left, op: BinaryOperator::Eq, right } = condition else { return false };
    let (one, two) = (read_by(left, relations), read_by(right, relations));
    let own = BTreeSet::from([place]);
    let before = |tables: &BTreeSet<usize>| !tables.is_empty() && tables.iter().all(|table| *table < place);
    one == own && before(&two) || two == own && before(&one)
}

/// The tables whose columns an expression reads.
fn read_by(expr: &Sql, relations: &[Relation]) -> BTreeSet<usize> {
    let mut tables = BTreeSet::new();
    let read = |part: &Sql| {
        tables.extend(owner(part, relations).map(|(table, _)| table));
        ControlFlow::<()>::Continue(())
    };
    match visit_expressions(expr, read) {
        ControlFlow::Continue(()) | ControlFlow::Break(()) => tables,
    }
}

/// The index of a column's table, and the column.
pub(super) fn owner<'s>(expr: &'s Sql, relations: &[Relation]) -> Option<(usize, &'s str)> {
    match expr {
        Sql::CompoundIdentifier(parts) => {
            let (table, column) = (parts.first()?, parts.last()?);
            Some((relations.iter().position(|known| known.name == table.value)?, column.value.as_str()))
        }
        Sql::Identifier(name) => {
            Some((relations.iter().position(|known| known.schema.contains(&name.value))?, name.value.as_str()))
        }
        _ => None,
    }
}

/// Stops at cross joins beyond the limit.
pub(super) fn check(select: &Select, relations: &[Relation], limit: Limit) -> Result<(), Stop> {
    for place in 1..relations.len() {
        repeats(select, relations, place, limit)?;
    }
    let crossed = crossed(select, relations);
    if !crossed.contains(&true) {
        return Ok(());
    }
    // A join by equal columns is estimated to have as many rows as the larger table.
    let mut rows = 1_u64;
    for (place, (known, crossed)) in relations.iter().zip(crossed).enumerate() {
        let height = height(&known.frame)?.max(1);
        if !crossed {
            rows = rows.max(height);
            continue;
        }
        rows = rows.saturating_mul(height);
        if rows > limit.0 {
            return Err(Stop::Refused(explosion(relations, place, rows, limit)));
        }
    }
    Ok(())
}

/// Which tables of a FROM clause are cross-joined with those before them.
fn crossed(select: &Select, relations: &[Relation]) -> Vec<bool> {
    let mut conditions = Vec::new();
    if let Some(selection) = &select.selection {
        conjuncts(selection, &mut conditions);
    }
    let mut crossed = vec![false; relations.len()];
    let mut at = 0;
    let mut mark = |place: usize, meets: bool| {
        if let Some(crossed) = crossed.get_mut(place) {
            *crossed = meets;
        }
    };
    for (place, from) in select.from.iter().enumerate() {
        mark(at, place > 0 && !joined(&conditions, relations, at));
        at += tables(&from.relation);
        for join in &from.joins {
            let mut own = conditions.clone();
            let meets = match constraint(&join.join_operator) {
                Some(JoinConstraint::Using(_) | JoinConstraint::Natural) => false,
                Some(JoinConstraint::On(on)) => {
                    conjuncts(on, &mut own);
                    !joined(&own, relations, at)
                }
                // The engine builds every pair of a cross join before it evaluates conditions.
                _ => true,
            };
            mark(at, meets);
            at += tables(&join.relation);
        }
    }
    crossed
}

fn tables(factor: &TableFactor) -> usize {
    match factor {
        TableFactor::NestedJoin { table_with_joins, .. } => {
            let TableWithJoins { relation, joins } = &**table_with_joins;
            tables(relation) + joins.iter().map(|join| tables(&join.relation)).sum::<usize>()
        }
        _ => 1,
    }
}

/// Whether a condition equates a column of the table at `place` with a column of a table before it.
fn joined(conditions: &[Sql], relations: &[Relation], place: usize) -> bool {
    conditions.iter().filter_map(|condition| equal(condition, relations)).any(|pair| pair.later.0 == place)
}

/// Two columns that a condition equates, each with the index of its table.
struct Pair<'s> {
    earlier: (usize, &'s str),
    later: (usize, &'s str),
}

fn equal<'s>(condition: &'s Sql, relations: &[Relation]) -> Option<Pair<'s>> {
    let Sql::BinaryOp { left, op: BinaryOperator::Eq, right } = condition else { return None };
    let (one, two) = (owner(left, relations)?, owner(right, relations)?);
    let (earlier, later) = if one.0 < two.0 { (one, two) } else { (two, one) };
    (earlier.0 != later.0).then_some(Pair { earlier, later })
}

/// Stops if the join columns have so many duplicates in both tables that the result exceeds the limit and ten times the rows of
/// the larger table.
fn repeats(select: &Select, relations: &[Relation], place: usize, limit: Limit) -> Result<(), Stop> {
    let mut conditions = Vec::new();
    if let Some(selection) = &select.selection {
        conjuncts(selection, &mut conditions);
    }
    for join in select.from.iter().flat_map(|from| &from.joins) {
        if let Some(JoinConstraint::On(on)) = constraint(&join.join_operator) {
            conjuncts(on, &mut conditions);
        }
    }
    let pairs: Vec<Pair<'_>> = conditions
        .iter()
        .filter_map(|condition| equal(condition, relations))
        .filter(|pair| pair.later.0 == place)
        .collect();
    let Some(before) = pairs.first().map(|pair| pair.earlier.0) else { return Ok(()) };
    let (Some(one), Some(two)) = (relations.get(before), relations.get(place)) else { return Ok(()) };
    // Intermediate results of the view are not counted, as that would require computing them.
    if !one.is_table || !two.is_table {
        return Ok(());
    }
    let pairs = pairs.iter().filter(|pair| pair.earlier.0 == before);
    let (ones, twos): (Vec<&str>, Vec<&str>) = pairs.map(|pair| (pair.earlier.1, pair.later.1)).unzip();
    let (larger, most) = (height(&one.frame)?.max(height(&two.frame)?), limit.0);
    let smaller = height(&one.frame)?.min(height(&two.frame)?);
    if larger.saturating_mul(smaller) <= most {
        return Ok(());
    }
    // For columns that can't be compared, the engine reports the error.
    let rows = joined_rows(&one.frame, &ones, &two.frame, &twos).unwrap_or(0);
    if rows <= most || rows <= larger.saturating_mul(10) {
        return Ok(());
    }
    let names: Vec<String> = ones.iter().zip(&twos).map(|(one, two)| format!("`{one}` = `{two}`")).collect();
    Err(Stop::Refused(Refusal::new(
        format!(
            "`{}` and `{}` are joined by {}, which is repeated in both: {} rows",
            one.name,
            two.name,
            names.join(" and "),
            netto_model::money::grouped(rows.into(), ',')
        ),
        format!("is a key column missing in the condition? The limit is max_join_rows = {most}"),
    )))
}

/// The number of rows of a join by equal columns: for each key, the product of its row counts.
fn joined_rows(one: &LazyFrame, ones: &[&str], two: &LazyFrame, twos: &[&str]) -> PolarsResult<u64> {
    let columns = |names: &[&str]| names.iter().map(|name| col(*name)).collect::<Vec<_>>();
    let keys = |frame: &LazyFrame, names: &[&str], rows: &str| {
        frame.clone().group_by(columns(names)).agg([len().cast(DataType::Float64).alias(rows)])
    };
    let (here, there) = ("netto rows here", "netto rows there");
    let joined = keys(one, ones, here).join(
        keys(two, twos, there),
        columns(ones),
        columns(twos),
        JoinArgs::new(JoinType::Inner),
    );
    let rows = joined.select([(col(here) * col(there)).sum().cast(DataType::UInt64)]).collect()?;
    Ok(rows.columns().first().and_then(|rows| rows.u64().ok().and_then(|rows| rows.get(0))).unwrap_or(0))
}

fn explosion(relations: &[Relation], place: usize, rows: u64, limit: Limit) -> Refusal {
    let name = |known: &Relation| format!("`{}`", known.name);
    let before: Vec<String> = relations.iter().take(place).map(name).collect();
    Refusal::new(
        format!(
            "every row of {} would be joined to every row of {}: {} rows",
            relations.get(place).map(name).unwrap_or_default(),
            before.join(", "),
            netto_model::money::grouped(rows.into(), ',')
        ),
        format!(
            "join them on equal columns: on a.id = b.id; without them a join may give at most max_join_rows = {} rows",
            limit.0
        ),
    )
}

fn height(frame: &LazyFrame) -> PolarsResult<u64> {
    let counted = frame.clone().select([len()]).collect()?;
    let rows = counted.columns().first().map(|column| column.cast(&DataType::UInt64)).transpose()?;
    Ok(rows.and_then(|rows| rows.u64().ok().and_then(|rows| rows.get(0))).unwrap_or(0))
}
