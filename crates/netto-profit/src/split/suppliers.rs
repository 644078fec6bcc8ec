//! The supplier of each line, as a number.

use super::facts::Codes;
use super::products::OfLines;

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
    pub(super) fn new(products: &OfLines<'a>) -> Self {
        let (Codes { of_row: of_line, names }, nobody) = products.of_lines(|product| &product.supplier);
        Self { names, of_line, nobody }
    }
}
