//! Joins column names that span several rows, with group titles above column titles: `header_rows = 2`.
//!
//! ```text
//! Order  Date  Sales          Purchase
//!              Amount  Qty    Amount  Qty
//! Order  Date  Sales Amount  Sales Qty  Purchase Amount  Purchase Qty
//! ```
//! A title applies to the columns on its right up to the next title, but only if it has a title below it: `Date` above does not give
//! `Date Amount`.

use crate::ids;

/// Maximum number of header rows.
pub(crate) const MOST: u64 = 5;

/// The column names from the header rows.
pub(crate) fn joined(rows: &[Vec<String>]) -> Vec<String> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let own =
        |row: usize, column: usize| rows.get(row).and_then(|row| row.get(column)).map_or("", |name| ids::trimmed(name));
    let has_below = |row: usize, column: usize| (row + 1..rows.len()).any(|below| !own(below, column).is_empty());
    // The current title of each row, from the columns on the left.
    let mut held: Vec<&str> = vec![""; rows.len()];
    let mut names = Vec::with_capacity(width);
    for column in 0..width {
        let mut is_new = false;
        for (row, held) in held.iter_mut().enumerate() {
            let title = own(row, column);
            if is_new || !title.is_empty() {
                *held = title;
            }
            // A new title resets the titles below it.
            is_new |= !title.is_empty();
        }
        let last = rows.len().saturating_sub(1);
        let parts: Vec<&str> = (0..rows.len())
            .map(|row| if row == last || !has_below(row, column) { own(row, column) } else { held[row] })
            .filter(|part| !part.is_empty())
            .collect();
        for (row, held) in held.iter_mut().enumerate() {
            if !has_below(row, column) {
                *held = "";
            }
        }
        names.push(parts.join(" "));
    }
    names
}

/// The first header row and the number of header rows, given the row that looks like the header: group titles may be above it, or
/// names below it.
pub(crate) fn found<'r>(row: impl Fn(usize) -> Option<&'r [String]>, header: usize) -> (usize, usize) {
    let all = |rows: [&[String]; 2]| joined(&rows.map(<[String]>::to_vec));
    let are_unique = |names: &[String]| {
        let mut filled: Vec<&str> = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
        let many = filled.len();
        filled.sort_unstable();
        filled.dedup();
        filled.len() == many
    };
    let Some(names) = row(header) else { return (header, 1) };
    let above = header.checked_sub(1).and_then(&row);
    if let Some(above) = above.filter(|above| !are_unique(names) && are_unique(&all([above, names]))) {
        // A single title is that of the whole table, not of a group.
        if above.iter().filter(|title| !title.trim().is_empty()).count() > 1 {
            return (header - 1, 2);
        }
    }
    let is_filled = |names: &[String], column: usize| names.get(column).is_some_and(|name| !name.trim().is_empty());
    let are_names = |below: &&[String]| {
        let width = names.len().max(below.len());
        let fills = (0..width).any(|column| !is_filled(names, column) && is_filled(below, column));
        let words = below.iter().all(|name| !name.contains(|sign: char| sign.is_ascii_digit()));
        let all_named = (0..width).all(|column| is_filled(names, column) || is_filled(below, column));
        let values_follow = row(header + 2)
            .is_some_and(|row| row.iter().any(|value| value.contains(|sign: char| sign.is_ascii_digit())));
        // A single text is the title of a group of rows.
        let several = below.iter().filter(|name| !name.trim().is_empty()).count() > 1;
        fills && several && words && all_named && values_follow && are_unique(&all([names, below]))
    };
    if row(header + 1).is_some_and(|below| are_names(&below)) { (header, 2) } else { (header, 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&str]) -> String {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.split('|').map(str::to_owned).collect()).collect();
        joined(&rows).join("|")
    }

    #[test]
    fn a_title_holds_to_the_right_where_something_stands_below_it() {
        assert_eq!(
            of(&["Order|Date|Sales||Purchase|", "||Amount|Qty|Amount|Qty"]),
            "Order|Date|Sales Amount|Sales Qty|Purchase Amount|Purchase Qty"
        );
        assert_eq!(of(&["Order|Sales||", "No|Amount|Qty|"]), "Order No|Sales Amount|Sales Qty|");
        assert_eq!(of(&["|Sales|", "Order|Amount|Qty|Remark"]), "Order|Sales Amount|Sales Qty|Sales Remark");
        assert_eq!(
            of(&["2024||||2025", "Sales||Cost||Sales", "A|B|A|B|A"]),
            "2024 Sales A|2024 Sales B|2024 Cost A|2024 Cost B|2025 Sales A"
        );
        assert_eq!(of(&["Date|", "|Amount"]), "Date|Amount");
        assert_eq!(of(&["a|b"]), "a|b");
    }

    #[test]
    fn titles_of_groups_are_told_from_titles_and_from_rows() {
        let of = |rows: &[&str], header| {
            let rows: Vec<Vec<String>> = rows.iter().map(|row| row.split('|').map(str::to_owned).collect()).collect();
            found(|row| rows.get(row).map(Vec::as_slice), header)
        };
        assert_eq!(of(&["||Sales||Cost|", "No|Day|Amount|Qty|Amount|Qty", "1|2|3|4|5|6"], 1), (0, 2));
        assert_eq!(of(&["No|Day|Sales||Cost|", "||Amount|Qty|Amount|Qty", "1|2|3|4|5|6"], 0), (0, 2));
        assert_eq!(of(&["Revenue|||", "No|Day|Amount|Amount", "1|2|3|4"], 1), (1, 1));
        assert_eq!(of(&["No|Day|", "1|2|x", "1|2|3"], 0), (0, 1));
        assert_eq!(of(&["No|Day|Amount", "1|2|3"], 0), (0, 1));
    }
}
