//! Which columns hold the ids of another file, by the values: whatever an ERP calls its customer number, it is what stands in the list of customers.
//!
//! ```text
//! Kunden.csv   Nr;Name          Umsatz.csv   Beleg;Auftrgeber;…        Auftrgeber → customer_id
//!              10042;Schmidt                 90001;0000010042;…
//! ```
//! Only where no name says it better: the numbers 1 to 77 are products, but also pieces.

use std::collections::BTreeSet;

/// So many ids in common, of a hundred of the smaller side, are no accident.
const COMMON_OF_HUNDRED: usize = 60;
/// Fewer values than these tell nothing.
const FEW: usize = 3;

/// The field whose values are these ids, if any: of several that with most of them. Fields and ids come without zeros in front ([`ids`]).
pub(super) fn field(fields: &[(usize, BTreeSet<String>)], ids: &BTreeSet<String>) -> Option<usize> {
    let common = fields.iter().map(|(field, values)| (in_common(values, ids), std::cmp::Reverse(*field)));
    common.max().filter(|(common, _)| *common > 0).map(|(_, field)| field.0)
}

/// Whether two columns have so many ids in common that they are of one list; or so few ids that nobody can tell.
pub(super) fn are_common(values: &BTreeSet<String>, ids: &BTreeSet<String>) -> bool {
    values.len().min(ids.len()) < FEW || in_common(values, ids) > 0
}

/// How many ids two columns have in common; none where it could be chance, which is known as soon as too many are not.
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
pub(super) fn ids(values: &BTreeSet<String>) -> BTreeSet<String> {
    values.iter().map(|id| without_zeros(id).to_owned()).collect()
}

/// SAP writes 0000000012, a spreadsheet 12.
pub(super) fn without_zeros(id: &str) -> &str {
    let stripped = id.trim_start_matches('0');
    if stripped.is_empty() && !id.is_empty() { "0" } else { stripped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_common_whatever_zeros_stand_in_front_and_few_tell_nothing() {
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        let list = ids(&set(&["0012", "13", "14", "99"]));
        let of = |these: &[&str]| in_common(&ids(&set(these)), &list);
        assert_eq!(of(&["000012", "13", "14", "X"]), 3);
        assert_eq!(of(&["12", "X", "Y"]), 0);
        assert_eq!(of(&["12", "13"]), 0);
    }
}
