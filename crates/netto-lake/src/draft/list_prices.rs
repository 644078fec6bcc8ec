//! Detects amounts before discount by the list of products: they equal quantity times list price even on lines with a discount.
//!
//! ```text
//! parts.csv   part  price       lines.csv   part  quantity  extended  discount
//!             P1    10.00                   P1    5         50.00     0.04      50.00 is 5 × 10.00, so the 4 % are still to be deducted
//! ```

use std::collections::BTreeMap;

use netto_model::column as c;
use netto_model::contract::{ORDER_LINES, PRODUCTS};

use super::groups::Group;
use super::kinds::{CENT, ONE};
use super::made::rate_of_discount;
use super::matches::{best, field_of, matches};
use super::sample::value;

/// Minimum number of lines with a discount for a conclusion.
const FEW: usize = 3;

/// Notes the amounts before a discount.
pub(super) fn note_list_prices(groups: &mut [Group]) {
    let Some(place) = best(&PRODUCTS, groups, |_| true) else { return };
    let products = &groups[place].0;
    let found = matches(&PRODUCTS, products);
    let fields = [c::PRODUCT_ID, c::LIST_PRICE].map(|name| field_of(&found, name));
    let [Some(product), Some(price)] = fields else { return };
    let dialect = products.dialect();
    let price = |row: &Vec<String>| Some((value(row, product).to_owned(), dialect.number(value(row, price))?));
    let prices: BTreeMap<String, i64> = products.rows.iter().filter_map(price).collect();
    for (sample, _) in groups {
        let found = matches(&ORDER_LINES, sample);
        let fields = [c::PRODUCT_ID, c::QUANTITY, c::NET_AMOUNT].map(|name| field_of(&found, name));
        let ([Some(product), Some(quantity), Some(net)], Some(rate)) = (fields, rate_of_discount(sample)) else {
            continue;
        };
        let dialect = sample.dialect();
        let number = |row: &[String], field: usize| dialect.number(value(row, field)).map(i128::from);
        let is_before = |row: &Vec<String>| {
            number(row, rate).filter(|rate| *rate != 0)?;
            let list = number(row, quantity)? * i128::from(*prices.get(value(row, product))?) / i128::from(ONE);
            Some((list - number(row, net)?).abs() <= i128::from(CENT))
        };
        let (before, other): (Vec<bool>, Vec<bool>) = sample.rows.iter().filter_map(is_before).partition(|is| *is);
        // Prices change, so not all lines have to match; an amount after discount hardly ever equals the list price.
        if before.len() >= FEW && before.len() > other.len() {
            sample.orders.before_discount.insert(net);
        }
    }
}
