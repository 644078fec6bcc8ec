//! Detects document heads that a program writes on the first line of a document only.

use netto_model::column as c;
use netto_model::contract::ORDER_LINES;

use super::groups::Group;
use super::keys::DECIDED;
use super::matches::{Match, field_of, matches};
use super::sample::{Sample, is_filled, value};

/// Fields that are filled on the first line of a document only, the outermost first.
pub(super) struct Heads {
    pub(super) fields: Vec<usize>,
    /// Lines that lack one of them, of all lines.
    lacking: (usize, usize),
}

impl Heads {
    pub(super) fn in_words(self, sample: &Sample) -> (Vec<String>, String) {
        let Self { fields, lacking: (lacking, lines) } = self;
        let names = fields.iter().map(|field| sample.header[*field].clone()).collect();
        (names, format!("empty in {lacking} of {lines} lines, which take the value of the line above"))
    }
}

/// Detects an unnamed column with customers or products alone in a row above their lines, as in reports of accounting programs.
pub(super) fn note_names_above(groups: &mut [Group]) {
    for (sample, _) in groups {
        let found = matches(&ORDER_LINES, sample);
        let fields = [c::ORDER_DATE, c::QUANTITY].map(|name| field_of(&found, name));
        let lacking: Vec<&'static str> =
            [c::CUSTOMER_ID, c::PRODUCT_ID].into_iter().filter(|name| field_of(&found, name).is_none()).collect();
        let ([Some(day), Some(quantity)], [lacking]) = (fields, lacking.as_slice()) else { continue };
        let is_line = |row: &[String]| is_filled(row, day) && is_filled(row, quantity);
        let stands_alone = |field: &usize| {
            let with = || sample.rows.iter().filter(|row| is_filled(row, *field));
            is_nameless(&sample.header[*field]) && with().count() > 1 && !with().any(|row| is_line(row))
        };
        if let Some(field) = sample.fields().find(stands_alone) {
            sample.keys[field] = Some((lacking, DECIDED));
        }
    }
}

/// Whether a column has no name, or only a positional one.
pub(super) fn is_nameless(name: &str) -> bool {
    name.is_empty()
        || name.strip_prefix("column ").is_some_and(|letters| letters.bytes().all(|b| b.is_ascii_uppercase()))
}

/// Order-level columns.
const OF_HEADS: [&str; 9] = [
    c::ORDER_ID,
    c::ORDER_DATE,
    c::CUSTOMER_ID,
    c::CHANNEL,
    c::EMPLOYEE_ID,
    c::SHIP_TO_ID,
    c::WAREHOUSE,
    c::ORDER_KIND,
    c::CURRENCY,
];

/// Detects heads written on the first line only: needed columns are empty on many lines, together with others.
pub(super) fn heads_written_once(sample: &Sample, matches: &[Match]) -> Option<Heads> {
    let field = |name: &str| field_of(matches, name);
    let (order, product, quantity) = (field(c::ORDER_ID)?, field(c::PRODUCT_ID)?, field(c::QUANTITY)?);
    // Heads may be in rows of their own, without a product.
    let is_line = |row: &&Vec<String>| is_filled(row, product) && is_filled(row, quantity);
    let lines: Vec<&Vec<String>> = sample.rows.iter().filter(is_line).collect();
    let lacking = |field: usize| lines.iter().filter(|row| !is_filled(row, field)).count();
    let often = |few: usize, of: usize| few * 10 > of;
    let needed = [c::ORDER_ID, c::ORDER_DATE, c::CUSTOMER_ID].into_iter().filter_map(field);
    let mut fields: Vec<usize> = needed.filter(|field| often(lacking(*field), lines.len())).collect();
    // Columns without any value are not heads, and a customer without an order below it need not apply to other rows.
    fields.retain(|field| sample.rows.iter().any(|row| is_filled(row, *field)));
    let most = fields.iter().map(|field| lacking(*field)).max()?;
    // Rows on which an order begins: those with any of its columns, or with another number than above.
    let mut above = "";
    let mut begins = Vec::new();
    for row in &sample.rows {
        let number = value(row, order);
        // A total has its label in the column of the number.
        let is_label = !is_line(&row)
            && OF_HEADS.into_iter().filter_map(field).all(|other| other == order || !is_filled(row, other));
        if !number.is_empty() && number != above && !is_label {
            begins.push(row);
            above = number;
        }
    }
    let with = |field: usize| begins.iter().filter(|row| is_filled(row, field)).count();
    let others = OF_HEADS.into_iter().filter_map(field).filter(|other| !fields.contains(other) && *other != order);
    // Another column of the head is empty where the head is, and filled where an order begins.
    let others: Vec<usize> = others
        .filter(|other| often(lacking(*other), lines.len()) && !often(begins.len() - with(*other), begins.len()))
        .collect();
    fields.extend(others);
    if !fields.contains(&order) {
        fields.insert(0, order);
    }
    // Columns empty at the start of many orders apply to several orders, such as a customer above its orders.
    let (mut outer, inner): (Vec<usize>, Vec<usize>) =
        fields.into_iter().partition(|field| *field != order && often(begins.len() - with(*field), begins.len()));
    outer.sort_by_key(|field| with(*field));
    // An order on every line needs no value from above and resets none.
    let inner = if inner == [order] && lacking(order) == 0 { Vec::new() } else { inner };
    Some(Heads { fields: [outer, inner].concat(), lacking: (most, lines.len()) })
}
