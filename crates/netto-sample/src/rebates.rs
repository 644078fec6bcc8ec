//! `bonussen.csv`: yearly rebates, given to some large customers and received from some suppliers.
//!
//! ```text
//! Debiteur;Leverancier;Grondslag;Percentage;Vanaf bedrag;Van;Tot
//! 001219;;netto;0,023;160.000,00;01-01-2022;
//! 001684;;netto;0,021;70.000,00;01-01-2022;
//! ;L25;inkoop;0,027;0,00;01-01-2022;
//! ```

use crate::branch::Branch;
use crate::customers::Customer;
use crate::draw::{Draw, Stream};
use crate::extract::{Extract, grouped_amount};
use crate::products::{SUPPLIERS, supplier_code};

/// The rebates of a branch's customers; the first branch also has those of the suppliers.
pub(crate) fn extract(seed: u64, branch: Branch, customers: &[Customer]) -> Extract {
    let mut draw = Draw::new(seed, Stream::Rebates);
    let header = "Debiteur;Leverancier;Grondslag;Percentage;Vanaf bedrag;Van;Tot";
    let mut extract = Extract::new("bonussen.csv", header);
    for customer in customers.iter().filter(|customer| customer.yearly > 6_000_000) {
        if customer.demanding || draw.chance(550) {
            let threshold = customer.yearly * 7 / 10 / 1_000_000 * 1_000_000;
            let rate = if customer.demanding { draw.between(20, 30) } else { draw.between(8, 20) };
            extract.row(agreement(customer.padded(), String::new(), "netto", rate, threshold));
        }
    }
    for supplier in (0..SUPPLIERS).filter(|_| branch.index == 0) {
        if draw.chance(480) {
            extract.row(agreement(String::new(), supplier_code(supplier), "inkoop", draw.between(10, 30), 0));
        }
    }
    extract
}

/// A rate in thousandths, written as a share: `0,015`.
fn agreement(customer: String, supplier: String, basis: &str, rate: i64, threshold: i64) -> [String; 7] {
    let rate = format!("0,{rate:03}");
    [customer, supplier, basis.to_owned(), rate, grouped_amount(threshold), "01-01-2022".to_owned(), String::new()]
}
