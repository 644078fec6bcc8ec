//! Which columns hold the ids of another file, by the values: whatever an ERP calls its customer number, it is what stands in the list of customers.
//!
//! ```text
//! Kunden.csv   Nr;Name          Umsatz.csv   Beleg;Auftrgeber;…        Auftrgeber → customer_id
//!              10042;Schmidt                 90001;0000010042;…
//! ```
//! Only where no name says it better: the numbers 1 to 77 are products, but also pieces.

use std::collections::BTreeSet;

use super::sample::Sample;

/// So many ids in common, of a hundred of the smaller side, are no accident.
const COMMON_OF_HUNDRED: usize = 60;
/// Fewer values than these tell nothing.
const FEW: usize = 3;

/// The field of a file whose values are these ids, if any: of several that with most of them. Fields that are known already aren't looked at.
pub(super) fn field(sample: &Sample, ids: &BTreeSet<String>, is_known: impl Fn(usize) -> bool) -> Option<usize> {
    let fields = (0..sample.values.len()).filter(|field| !is_known(*field));
    let common = fields.map(|field| (in_common(&sample.values[field], ids), std::cmp::Reverse(field)));
    common.max().filter(|(common, _)| *common > 0).map(|(_, field)| field.0)
}

/// How many ids two columns have in common, zeros in front aside; none where it could be chance.
fn in_common(values: &BTreeSet<String>, ids: &BTreeSet<String>) -> usize {
    let values: BTreeSet<&str> = values.iter().map(|id| without_zeros(id)).collect();
    let common = values.iter().filter(|id| ids.contains(**id)).count();
    let smaller = values.len().min(ids.len());
    if smaller >= FEW && common * 100 >= smaller * COMMON_OF_HUNDRED { common } else { 0 }
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
        assert_eq!(in_common(&set(&["000012", "13", "14", "X"]), &list), 3);
        assert_eq!(in_common(&set(&["12", "X", "Y"]), &list), 0);
        assert_eq!(in_common(&set(&["12", "13"]), &list), 0);
    }
}
