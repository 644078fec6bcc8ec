//! The supplier of each line, as a number.

use super::facts::{Codes, Products};
use super::lines::Lines;

/// Whose products the lines of a month are.
#[derive(Default)]
pub(super) struct Suppliers<'a> {
    /// The suppliers; the empty one is among them.
    pub(super) names: Vec<&'a str>,
    /// Place of the supplier of each line.
    pub(super) of_line: Vec<u32>,
    /// Place of no supplier: of products without one, and of what has no line.
    pub(super) nobody: u32,
}

impl<'a> Suppliers<'a> {
    pub(super) fn new(lines: &Lines<'_>, products: &'a Products) -> Self {
        // A product is looked up once, however many lines it is on.
        let codes = Codes::new(lines.products.iter().map(Option::unwrap_or_default));
        let supplier = |product: &&str| products.get(*product).map_or("", |product| product.supplier.as_str());
        let suppliers = Codes::new(codes.names.iter().map(supplier).chain([""]));
        let of_line = codes.of_row.iter().map(|&product| suppliers.of_row[product as usize]).collect();
        let nobody = suppliers.of_row.last().copied().unwrap_or_default();
        Self { names: suppliers.names, of_line, nobody }
    }
}
