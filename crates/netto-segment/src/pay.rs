//! Finds the pools that hold the pay of the sales force: a pair's added profit depends on them, and if none is known, the run says so.
//!
//! ```text
//! pool            label         capacity                        holds pay of        said by
//! order_desk                                                    field, inside       configuration: pay_pools
//! shop_counter                  employees where role = 'inside'  inside              capacity
//! travel          Buitendienst                                  field               name
//! commission      of which an activity that is compensation takes   field           compensation, where nothing else is the field's
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_model::contract::{DIM_ACTIVITY, DIM_POOL, EMPLOYEES, PAY_POOL};
use netto_model::{Mart, Warning, column as c};
use polars::prelude::*;

use crate::columns::rows_where;
use crate::models::Tables;
use crate::{SegmentConfig, SegmentError};

/// The roles of the sales force, and the words in pool names that indicate them.
const WORDS: [(&str, &[&str]); 2] = [
    ("field", &["field", "buitendienst", "aussendienst", "außendienst"]),
    ("inside", &["inside", "binnendienst", "innendienst"]),
];

/// The pools that hold pay, by role.
pub(crate) fn pools(tables: &Tables, config: &SegmentConfig) -> Result<Mart, SegmentError> {
    let known = tables.plan(&DIM_POOL).collect()?;
    let texts = |column: &str| -> PolarsResult<StringChunked> { Ok(known.column(column)?.str()?.clone()) };
    let (names, labels, conditions) = (texts(c::POOL)?, texts(c::LABEL)?, texts(c::EMPLOYEES_WHERE)?);
    let employees = tables.plan(&EMPLOYEES).collect()?;
    let mut found: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for ((name, label), condition) in names.iter().zip(labels.iter()).zip(conditions.iter()) {
        let (name, label) = (name.unwrap_or_default(), label.unwrap_or_default());
        let staff = condition.map(|condition| roles(condition, &employees)).transpose()?.unwrap_or_default();
        let called = |words: &[&str]| words_of(name).chain(words_of(label)).any(|word| words.contains(&word.as_str()));
        for (role, words) in WORDS {
            let said_by = match (staff.contains(role), called(words)) {
                (true, _) => "capacity",
                (false, true) => "name",
                (false, false) => continue,
            };
            found.insert((role, name.to_owned()), said_by);
        }
    }
    if !found.keys().any(|(role, _)| *role == "field") {
        let paid = tables.plan(&DIM_ACTIVITY).filter(col(c::COMPENSATION)).select([col(c::POOL)]).collect()?;
        let paid =
            paid.column(c::POOL)?.str()?.iter().flatten().map(|pool| (("field", pool.to_owned()), "compensation"));
        found.extend(paid);
    }
    let configured = config.sales_force.pay_pools.iter();
    found.extend(configured.flat_map(|pool| WORDS.map(|(role, _)| ((role, pool.clone()), "configuration"))));
    let data = df!(
        c::ROLE => found.keys().map(|(role, _)| *role).collect::<Vec<_>>(),
        c::POOL => found.keys().map(|(_, pool)| pool.as_str()).collect::<Vec<_>>(),
        c::SAID_BY => found.values().copied().collect::<Vec<_>>(),
    )?;
    Ok(Mart::try_new(&PAY_POOL, data.lazy())?)
}

/// The roles of the employees that meet a condition.
fn roles(condition: &str, employees: &DataFrame) -> PolarsResult<BTreeSet<String>> {
    let staff = rows_where(condition, &EMPLOYEES, employees)?;
    Ok(staff.column(c::ROLE)?.str()?.iter().flatten().map(str::to_owned).collect())
}

/// The words of a name, in lower case: `field_sales` and `Field sales` have the same.
fn words_of(name: &str) -> impl Iterator<Item = String> + '_ {
    name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase)
}

/// Warns about employees and pairs of the main window whose pay is known, but not the pool that holds it.
pub(crate) fn unknown(tables: &Tables) -> Result<Option<Warning>, SegmentError> {
    let Some(force) = tables.get("sales_force") else { return Ok(None) };
    let is_unknown = col(c::WINDOW).eq(lit("main")).and(col("pay_found").not()).and(col(c::FULL_COST).is_not_null());
    let found = force.clone().lazy().filter(is_unknown).collect()?.height();
    let message = "no pool is known to hold the pay of field or inside staff: their added value stays empty, because their pay can't be separated from other cost";
    let help = "give such a pool the name or label `field` or `inside`, or list it in `pay_pools` of [segment.sales_force]; the table pay_pool lists the known ones";
    Ok((found > 0).then(|| Warning::note("pay_in_no_pool", message).with_help(help)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pools: &[(&str, &str, Option<&str>)], compensation: &[&str], pay_pools: &[&str]) -> String {
        let known = df!(
            c::POOL => pools.iter().map(|pool| pool.0).collect::<Vec<_>>(),
            c::LABEL => pools.iter().map(|pool| pool.1).collect::<Vec<_>>(),
            c::EMPLOYEES_WHERE => pools.iter().map(|pool| pool.2).collect::<Vec<_>>(),
        )
        .unwrap();
        let activities = df!(c::POOL => compensation, c::COMPENSATION => vec![true; compensation.len()]).unwrap();
        let people = df!(c::EMPLOYEE_ID => ["a", "b", "c"], c::ROLE => ["field", "inside", "warehouse"]).unwrap();
        let mut tables = Tables::default();
        tables.insert(&DIM_POOL, known);
        tables.insert(&DIM_ACTIVITY, activities);
        tables.insert(&EMPLOYEES, people);
        let mut config = SegmentConfig::default();
        config.sales_force.pay_pools = pay_pools.iter().map(|pool| (*pool).to_owned()).collect();
        let made = super::pools(&tables, &config).unwrap().data;
        let text = |column: &str| made.column(column).unwrap().str().unwrap().clone();
        let (roles, pools, said_by) = (text(c::ROLE), text(c::POOL), text(c::SAID_BY));
        let rows = roles.iter().zip(pools.iter()).zip(said_by.iter());
        let said = rows.map(|((role, pool), by)| [role, pool, by].map(Option::unwrap_or_default).join(" "));
        said.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_pool_is_the_fields_by_its_name_and_not_by_a_word_within_a_word() {
        assert_eq!(found(&[("field_sales", "Sales", None)], &[], &[]), "field field_sales name");
        assert_eq!(found(&[("p1", "Binnendienst (Noord)", None)], &[], &[]), "inside p1 name");
        assert_eq!(found(&[("fieldwork", "insider", None)], &[], &[]), "");
    }

    #[test]
    fn a_pool_is_whose_people_give_it_its_capacity_and_not_whom_its_condition_names() {
        assert_eq!(found(&[("p", "p", Some("role = 'inside'"))], &[], &[]), "inside p capacity");
        assert_eq!(found(&[("p", "p", Some("role <> 'field'"))], &[], &[]), "inside p capacity");
        assert_eq!(found(&[("p", "p", Some("employee_id = 'c'"))], &[], &[]), "");
    }

    #[test]
    fn pools_of_compensation_are_the_fields_where_nothing_else_is() {
        assert_eq!(found(&[("p", "p", None)], &["p"], &[]), "field p compensation");
        assert_eq!(found(&[("p", "p", None), ("field", "f", None)], &["p"], &[]), "field field name");
        assert_eq!(
            found(&[("p", "p", None)], &["p"], &["q"]),
            "field p compensation, field q configuration, inside q configuration"
        );
    }
}
