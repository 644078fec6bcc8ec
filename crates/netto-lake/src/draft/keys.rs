//! Finds columns with the ids of another file, by their values: whatever its name, a customer number is in the list of customers.
//!
//! ```text
//! Kunden.csv   Nr;Name          Umsatz.csv   Beleg;Auftrgeber;…        Auftrgeber → customer_id
//!              10042;Schmidt                 90001;0000010042;…
//! ```
//! Column names take precedence, as values can mislead: the numbers 1 to 77 may be products or quantities.

use std::collections::BTreeSet;

use netto_model::column as c;
use netto_model::contract::{CUSTOMERS, EMPLOYEES, ORDER_LINES, PRODUCTS, SOURCES};
use netto_model::table::Role;

use super::column::WORDS;
use super::groups::Group;
use super::kinds::Kind;
use super::matches::{NAMED, best, field_of, matches, suits};
use super::sample::Sample;
use super::terms::kind_of_document;

/// Percentage of common ids, of the smaller side, that is no coincidence.
const COMMON_OF_HUNDRED: usize = 60;
/// Minimum number of values for a conclusion.
const FEW: usize = 3;

/// Finds columns with the ids of a list, or the orders of another file, if their names don't tell.
pub(super) fn note_keys(groups: &mut [Group]) {
    let mut known: Vec<(&'static str, usize, BTreeSet<String>)> = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        let lists = [&CUSTOMERS, &PRODUCTS, &EMPLOYEES].into_iter();
        let list = lists.filter_map(|list| Some((suits(list, group)?, list))).max_by_key(|(score, _)| *score);
        let Some((_, list)) = list else { continue };
        let key = matches(list, &group.0).into_iter().find(|(column, ..)| column.role == Role::Key);
        known.extend(key.map(|(column, field, _)| (column.name, place, as_ids(&group.0.values[field]))));
    }
    note(groups, &known);
    // Known products identify the lines; then their orders are found in the heads.
    let of_lines = |place: usize| {
        let found = matches(&ORDER_LINES, &groups[place].0);
        let field = |name: &str| field_of(&found, name);
        field(c::PRODUCT_ID).and(field(c::QUANTITY))?;
        Some((c::ORDER_ID, place, as_ids(&groups[place].0.values[field(c::ORDER_ID)?])))
    };
    let orders: Vec<_> = (0..groups.len()).filter_map(of_lines).collect();
    note(groups, &orders);
}

fn note(groups: &mut [Group], known: &[(&'static str, usize, BTreeSet<String>)]) {
    for (place, (sample, _)) in groups.iter_mut().enumerate() {
        let named = |field: usize| {
            ORDER_LINES.columns.iter().any(|column| sample.fit(ORDER_LINES.name, column.name, field) >= NAMED)
        };
        let mut open = open(sample, |field| !named(field) && sample.keys[field].is_none());
        for (column, _, ids) in known.iter().filter(|(_, of, _)| *of != place) {
            if let Some(field) = common_field(&open, ids) {
                sample.keys[field] = Some((column, BY_VALUES));
                open.retain(|(open, _)| *open != field);
            }
        }
    }
}

/// Whether a column may hold ids; days are not ids.
fn may_be_ids(sample: &Sample, field: usize) -> bool {
    !matches!(sample.kinds[field], Kind::Day(..))
}

/// If columns match by name but not by values, chooses a column that matches by values: lines may have the customer's name in one
/// column and the number in the next, or the name of a customer that the list knows by number.
pub(super) fn correct_keys(groups: &mut [Group]) {
    for list in [&CUSTOMERS, &PRODUCTS, &EMPLOYEES] {
        let Some(of_list) = best(list, groups, |_| true) else { continue };
        let key = matches(list, &groups[of_list].0).into_iter().find(|(column, ..)| column.role == Role::Key);
        let Some((column, key, _)) = key else { continue };
        let ids = as_ids(&groups[of_list].0.values[key]);
        for place in (0..groups.len()).filter(|place| *place != of_list) {
            let sample = &groups[place].0;
            let found = matches(&ORDER_LINES, sample);
            let Some(field) = field_of(&found, column.name) else { continue };
            let given = as_ids(&sample.values[field]);
            if are_common(&given, &ids) {
                continue;
            }
            let is_other = |field: usize| {
                let others = ORDER_LINES.columns.iter().filter(|other| other.name != column.name);
                others.map(|other| sample.fit(ORDER_LINES.name, other.name, field)).any(|fits| fits >= NAMED)
            };
            let of_lines = open(sample, |other| other != field && !is_other(other));
            if let Some(field) = common_field(&of_lines, &ids) {
                groups[place].0.keys[field] = Some((column.name, DECIDED));
                continue;
            }
            let list = &groups[of_list].0;
            let rows = list.rows.len();
            let of_list_open = open(list, |other| other != key && list.values[other].len() == rows);
            if let Some(field) = common_field(&of_list_open, &given) {
                groups[of_list].0.keys[field] = Some((column.name, DECIDED));
            }
        }
    }
}

/// Finds a column with the words for sales and credit notes, whatever its name.
pub(super) fn note_kinds(groups: &mut [Group]) {
    for (sample, _) in groups {
        let is_named = |field: &usize| sample.fit(ORDER_LINES.name, c::ORDER_KIND, *field) > 0;
        let has_documents = |field: &usize| {
            let kinds: Vec<Option<&str>> = sample.values[*field].iter().map(|word| kind_of_document(word)).collect();
            let any = |wanted: &[&str]| kinds.iter().flatten().any(|kind| wanted.contains(kind));
            let unknown = kinds.iter().filter(|kind| kind.is_none()).count();
            kinds.len() <= WORDS && unknown <= 1 && any(&["sale"]) && any(&["credit", "return"])
        };
        if sample.fields().any(|field| is_named(&field) && sample.values[field].len() > 1) {
            continue;
        }
        if let Some(field) = sample.fields().find(has_documents) {
            sample.keys[field] = Some((c::ORDER_KIND, DECIDED));
        }
    }
}

/// The fields that may hold ids, with their values as they are compared.
pub(super) fn open(sample: &Sample, is_open: impl Fn(usize) -> bool) -> Vec<(usize, BTreeSet<String>)> {
    let fields = sample.fields().filter(|field| is_open(*field) && may_be_ids(sample, *field));
    fields.map(|field| (field, as_ids(&sample.values[field]))).collect()
}

/// The score of a match by values, if names give less.
pub(super) const BY_VALUES: u32 = 50;

/// The score of a match by values that overrules the names.
pub(super) const DECIDED: u32 = 110;

/// The ids that match between two files only without leading zeros: SAP writes 0000000012, a spreadsheet 12.
pub(super) fn zeros_in_front(used: &[(&'static str, Group)]) -> Vec<(&'static str, &'static str)> {
    let lists = [(c::CUSTOMER_ID, CUSTOMERS.name), (c::PRODUCT_ID, PRODUCTS.name), (c::EMPLOYEE_ID, EMPLOYEES.name)];
    let ids = |source: &str, column: &str| -> Option<&BTreeSet<String>> {
        let (name, (sample, _)) = used.iter().find(|(name, _)| *name == source)?;
        let table = SOURCES.iter().find(|table| table.name == *name)?;
        sample.values.get(field_of(&matches(table, sample), column)?)
    };
    let mut found = Vec::new();
    for (column, list) in lists {
        let (Some(of_lines), Some(of_list)) = (ids(ORDER_LINES.name, column), ids(list, column)) else { continue };
        let stripped: BTreeSet<&str> = of_list.iter().map(|id| without_zeros(id)).collect();
        let known = of_lines.iter().filter(|id| of_list.contains(*id)).count();
        let known_stripped = of_lines.iter().filter(|id| stripped.contains(without_zeros(id))).count();
        // Two entries of a list that differ in their zeros alone would become one.
        let stays_apart = as_ids(of_list).len() == of_list.len();
        if known_stripped > known && stays_apart {
            found.extend(used.iter().filter(|(name, _)| ids(name, column).is_some()).map(|(name, _)| (*name, column)));
        }
    }
    found
}

/// The field with most of these ids, if any. Fields and ids are given without leading zeros ([`as_ids`]).
pub(super) fn common_field(fields: &[(usize, BTreeSet<String>)], ids: &BTreeSet<String>) -> Option<usize> {
    let common = fields.iter().map(|(field, values)| (in_common(values, ids), std::cmp::Reverse(*field)));
    common.max().filter(|(common, _)| *common > 0).map(|(_, field)| field.0)
}

/// Whether two columns share so many ids that they come from one list, or have too few ids to tell.
pub(super) fn are_common(values: &BTreeSet<String>, ids: &BTreeSet<String>) -> bool {
    values.len().min(ids.len()) < FEW || in_common(values, ids) > 0
}

/// The number of common ids; zero if it may be a coincidence, which is known once too many ids don't match.
fn in_common(values: &BTreeSet<String>, ids: &BTreeSet<String>) -> usize {
    let (smaller, larger) = if values.len() < ids.len() { (values, ids) } else { (ids, values) };
    let most = smaller.len() * (100 - COMMON_OF_HUNDRED) / 100;
    let (mut common, mut others) = (0, 0);
    for id in smaller {
        if larger.contains(id) {
            common += 1;
        } else {
            others += 1;
        }
        if others > most {
            return 0;
        }
    }
    if smaller.len() >= FEW { common } else { 0 }
}

/// The ids of a column as they are compared.
pub(super) fn as_ids(values: &BTreeSet<String>) -> BTreeSet<String> {
    values.iter().map(|id| without_zeros(id).to_owned()).collect()
}

/// SAP writes 0000000012, a spreadsheet 12.
fn without_zeros(id: &str) -> &str {
    let stripped = id.trim_start_matches('0');
    if stripped.is_empty() && !id.is_empty() { "0" } else { stripped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_common_whatever_zeros_stand_in_front_and_few_tell_nothing() {
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        let list = as_ids(&set(&["0012", "13", "14", "99"]));
        let of = |these: &[&str]| in_common(&as_ids(&set(these)), &list);
        assert_eq!(of(&["000012", "13", "14", "X"]), 3);
        assert_eq!(of(&["12", "X", "Y"]), 0);
        assert_eq!(of(&["12", "13"]), 0);
    }
}
