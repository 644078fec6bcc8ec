//! What suppliers give, over a customer's lines: that of a supplier goes to the lines with its products, by the cost of the goods.
//!
//! ```text
//! A · supplier S 60.00      lines of A   p (S) 600.00 · q (T) 600.00
//!                           parts        p      60.00 · q       0.00
//! ```
//! In a month in which the customer bought nothing of the supplier no line is the supplier's: what December adds to the year's rebate,
//! or takes back, then goes by the cost of all goods.

use std::ops::Range;

use netto_model::column as c;
use polars::prelude::*;

use super::lines::text;
use super::rule::{By, split};
use super::suppliers::Suppliers;
use crate::negative::{self, Negative};

/// The suppliers' rebates of a month, in the order of customer and supplier.
pub(super) struct Received<'a> {
    customers: StringChunked,
    rebates: Vec<Rebate>,
    /// Of the first customer that wasn't asked for.
    next: usize,
    of_line: &'a [u32],
}

/// What a supplier gives on what a customer bought.
#[derive(Clone, Copy, Debug)]
struct Rebate {
    /// Its place; `None` if no line of the month is its own.
    supplier: Option<u32>,
    amount: i64,
}

/// A customer's share of them.
#[derive(Clone, Copy)]
pub(super) struct OfCustomer<'a> {
    rebates: &'a [Rebate],
    of_line: &'a [u32],
}

impl<'a> Received<'a> {
    pub(super) fn new(rebates: &DataFrame, suppliers: &'a Suppliers<'_>) -> PolarsResult<Self> {
        let places: PlHashMap<&str, u32> = suppliers.names.iter().copied().zip(0..).collect();
        let names = text(rebates, c::SUPPLIER_ID)?;
        let amounts = rebates.column(c::REBATES_RECEIVED)?.i64()?;
        let rebate = |(name, amount): (Option<&str>, Option<i64>)| Rebate {
            supplier: name.and_then(|name| places.get(name).copied()),
            amount: amount.unwrap_or_default(),
        };
        Ok(Self {
            customers: text(rebates, c::CUSTOMER_ID)?,
            rebates: names.iter().zip(amounts.iter()).map(rebate).collect(),
            next: 0,
            of_line: &suppliers.of_line,
        })
    }

    /// What a customer's lines received; customers are asked for in the order of their ids.
    pub(super) fn of(&mut self, customer: &str) -> OfCustomer<'_> {
        let id = |place: &usize| self.customers.get(*place).unwrap_or_default();
        let mut places = (self.next..self.rebates.len()).peekable();
        while places.next_if(|place| id(place) < customer).is_some() {}
        let first = places.peek().copied().unwrap_or(self.rebates.len());
        while places.next_if(|place| id(place) == customer).is_some() {}
        let end = places.peek().copied().unwrap_or(self.rebates.len());
        self.next = end;
        OfCustomer { rebates: &self.rebates[first..end], of_line: self.of_line }
    }
}

impl OfCustomer<'_> {
    /// A part for each of a customer's lines, which cost this; they sum to the amount. `None` beyond 64 bits.
    pub(super) fn parts(&self, amount: i64, lines: Range<usize>, cogs: &[i64]) -> Option<Vec<i64>> {
        let of_line = self.of_line.get(lines).unwrap_or_default();
        let (mut parts, mut left) = (vec![0_i64; cogs.len()], amount);
        for rebate in self.rebates {
            let is_own = |&place: &usize| of_line.get(place).copied() == rebate.supplier;
            let own: Vec<usize> = (0..cogs.len()).filter(is_own).collect();
            if rebate.supplier.is_none() || own.is_empty() {
                continue;
            }
            let costs: Vec<i64> = own.iter().map(|&place| cogs[place]).collect();
            for (place, part) in own.into_iter().zip(by_cost(rebate.amount, &costs)) {
                parts[place] = parts[place].checked_add(part)?;
            }
            left = left.checked_sub(rebate.amount)?;
        }
        for (part, more) in parts.iter_mut().zip(split(left, &[cogs.len()], By::Lines(cogs))) {
            *part = part.checked_add(more)?;
        }
        Some(parts)
    }
}

/// By the cost of the goods, what came back against what was sold, while no line gets more than it cost. The rest of a year's rebate can be
/// more than the goods of December: then what came back takes nothing, so that sales and returns that nearly cancel out don't blow the
/// parts up.
fn by_cost(amount: i64, costs: &[i64]) -> Vec<i64> {
    let all: i128 = costs.iter().map(|&cost| i128::from(cost)).sum();
    let within = i128::from(amount).abs() <= all.abs();
    let counted = if within { costs.into() } else { negative::of_parts(costs, Negative::Zero) };
    split(amount, &[costs.len()], By::Lines(&counted))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What customers' lines get, of suppliers' rebates by customer, supplier and amount: the lines of S, T, S and nobody.
    fn received(rebates: &[(&str, &str, i64)], of_customers: &[(&str, i64, [i64; 4])]) -> Vec<Vec<i64>> {
        let table = df!(
            "customer_id" => rebates.iter().map(|rebate| rebate.0).collect::<Vec<_>>(),
            "supplier_id" => rebates.iter().map(|rebate| rebate.1).collect::<Vec<_>>(),
            "rebates_received" => rebates.iter().map(|rebate| rebate.2).collect::<Vec<_>>()
        );
        let lines = [0, 1, 0, 2].repeat(of_customers.len());
        let suppliers = Suppliers { names: vec!["S", "T", ""], of_line: lines, nobody: 2 };
        let mut received = Received::new(&table.unwrap(), &suppliers).unwrap();
        let parts = |(number, (customer, amount, cogs)): (usize, &(&str, i64, [i64; 4]))| {
            received.of(customer).parts(*amount, 4 * number..4 * number + 4, cogs).unwrap()
        };
        of_customers.iter().enumerate().map(parts).collect()
    }

    #[test]
    fn what_a_supplier_gives_goes_to_its_own_lines_by_their_cost() {
        assert_eq!(received(&[("A", "S", 90)], &[("A", 90, [600, 600, 300, 100])]), [[60, 0, 30, 0]]);
        assert_eq!(received(&[("A", "S", 90), ("A", "T", 7)], &[("A", 97, [600, 600, 300, 100])]), [[60, 7, 30, 0]]);
        assert_eq!(received(&[("A", "S", 5)], &[("A", 5, [1, 1, 1, 1])]), [[3, 0, 2, 0]], "one unit is left over");
        assert_eq!(
            received(&[("A", "S", 5)], &[("A", 5, [0, 9, 0, 9])]),
            [[3, 0, 2, 0]],
            "without a cost its lines get alike"
        );
    }

    #[test]
    fn what_has_no_line_of_the_supplier_goes_by_all_cost() {
        let rebates = [("A", "S", 90), ("A", "X", -16)];
        assert_eq!(received(&rebates, &[("A", 74, [600, 600, 300, 100])]), [[60 - 6, -6, 30 - 3, -1]]);
        assert_eq!(received(&[], &[("A", 16, [600, 600, 300, 100])]), [[6, 6, 3, 1]]);
    }

    #[test]
    fn customers_get_their_own_whoever_stands_between_them() {
        let rebates = [("A", "S", 2), ("B", "S", 4), ("D", "T", 8)];
        let customers = [("A", 2, [1; 4]), ("C", 0, [1; 4]), ("D", 8, [1; 4]), ("E", 0, [1; 4])];
        assert_eq!(received(&rebates, &customers), [[1, 0, 1, 0], [0; 4], [0, 8, 0, 0], [0; 4]]);
    }

    #[test]
    fn sales_and_returns_that_nearly_cancel_out_do_not_blow_the_parts_up() {
        // A tenth of what remains of 1,000 − 990 is a tenth of each.
        assert_eq!(by_cost(1, &[1_000, -990]), [100, -99]);
        // The rest of a year's rebate isn't.
        assert_eq!(by_cost(500, &[1_000, -990]), [500, 0]);
        assert_eq!(by_cost(-1_020, &[1_000, -990, 1_000]), [-510, 0, -510]);
        assert_eq!(by_cost(-60, &[-400, -200]), [-40, -20]);
    }
}
