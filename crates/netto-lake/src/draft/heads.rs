//! Heads of documents that a program writes on their first line only.

use netto_model::column as c;

use super::matches::{Match, field_of};
use super::sample::{Sample, is_filled, value};

/// Fields that a program writes on the first line of a document only, the outermost first.
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

/// What says something of an order as a whole.
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

/// A program may write the head of a document on its first line only: columns that every line needs are empty in many, and others with them.
pub(super) fn heads_written_once(sample: &Sample, matches: &[Match]) -> Option<Heads> {
    let field = |name: &str| field_of(matches, name);
    let (order, product, quantity) = (field(c::ORDER_ID)?, field(c::PRODUCT_ID)?, field(c::QUANTITY)?);
    // Heads may stand in rows of their own, without a product.
    let is_line = |row: &&Vec<String>| is_filled(row, product) && is_filled(row, quantity);
    let lines: Vec<&Vec<String>> = sample.rows.iter().filter(is_line).collect();
    let lacking = |field: usize| lines.iter().filter(|row| !is_filled(row, field)).count();
    let often = |few: usize, of: usize| few * 10 > of;
    let needed = [c::ORDER_ID, c::ORDER_DATE, c::CUSTOMER_ID].into_iter().filter_map(field);
    let mut fields: Vec<usize> = needed.filter(|field| often(lacking(*field), lines.len())).collect();
    // Columns without any value are no heads, and without an order below it a customer isn't known to hold.
    fields.retain(|field| sample.rows.iter().any(|row| is_filled(row, *field)));
    let most = fields.iter().map(|field| lacking(*field)).max()?;
    // Rows on which an order begins: those where any of its columns stands, or another number than above.
    let mut above = "";
    let mut begins = Vec::new();
    for row in &sample.rows {
        let number = value(row, order);
        // A total has its label where others have the number.
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
    // What many orders begin without stands above several of them: customers with their orders below.
    let (mut outer, inner): (Vec<usize>, Vec<usize>) =
        fields.into_iter().partition(|field| *field != order && often(begins.len() - with(*field), begins.len()));
    outer.sort_by_key(|field| with(*field));
    Some(Heads { fields: [outer, inner].concat(), lacking: (most, lines.len()) })
}
