//! Infers the meaning of a column from the lines of each order, whatever its name.
//!
//! ```text
//! Invoice  Item  Material  Total   Price  Qty  Discount  Net
//! 90001    10    P1        147.50  10.00  10   5         95.00     Item is the line number, not a product
//! 90001    20    P2        147.50  52.50   1   0         52.50     Total belongs to the order; Discount is a percentage
//! ```

use std::collections::{BTreeMap, BTreeSet};

use netto_model::column as c;
use netto_model::contract::ORDER_LINES;

use super::kinds::{CENT, Kind, ONE};
use super::sample::{Sample, is_something, value};
use super::terms::has_tax;

/// The findings about columns of order lines, by their rows.
#[derive(Clone, Debug, Default)]
pub(super) struct OfOrders {
    /// The field that numbers the lines of an order, although it has a name for products.
    pub(super) line_no: Option<usize>,
    /// Fields with the same value on each line of an order.
    pub(super) repeated: BTreeSet<usize>,
    /// Fields with a value on the first line of an order only.
    pub(super) first_only: BTreeSet<usize>,
    /// The order field, recognised by its values if no name tells: `#1001`.
    pub(super) numbered: Option<usize>,
    /// Fields of amounts before discount, which give another amount after it.
    pub(super) before_discount: BTreeSet<usize>,
    /// Fields of discounts in percent.
    pub(super) of_hundred: BTreeSet<usize>,
}

impl OfOrders {
    /// Evaluates the sampled rows.
    pub(super) fn of(sample: &Sample) -> Self {
        let mut found = Self {
            of_hundred: of_hundred(sample),
            before_discount: before_discount(sample),
            repeated: of_heads(sample),
            ..Self::default()
        };
        let named = best(sample, c::ORDER_ID);
        if named.is_none() {
            found.numbered = (0..sample.header.len()).find(|field| is_numbered(&sample.values[*field]));
        }
        let Some(order) = named.or(found.numbered) else { return found };
        let mut orders: BTreeMap<&str, Vec<&[String]>> = BTreeMap::new();
        for row in sample.rows.iter().filter(|row| !value(row, order).is_empty()) {
            orders.entry(value(row, order)).or_default().push(row);
        }
        let orders: Vec<Vec<&[String]>> = orders.into_values().collect();
        found.line_no = number_of_lines(sample, &orders);
        let several: Vec<&Vec<&[String]>> = orders.iter().filter(|rows| rows.len() > 1).collect();
        for field in sample.numbers().filter(|_| several.len() >= FEW) {
            let firsts: BTreeSet<&str> = several.iter().map(|rows| value(rows[0], field)).collect();
            let differ = firsts.iter().filter(|text| is_something(text)).count() > 1;
            let all_rest = |fits: &dyn Fn(&str, &str) -> bool| {
                several.iter().all(|rows| rows[1..].iter().all(|row| fits(value(rows[0], field), value(row, field))))
            };
            if differ && all_rest(&|first, next| first == next) {
                found.repeated.insert(field);
            } else if !firsts.contains("") && all_rest(&|_, next| next.is_empty()) {
                found.first_only.insert(field);
            }
        }
        found
    }

    /// Whether the field's amount belongs to the order instead of the line.
    pub(super) fn is_of_order(&self, field: usize) -> bool {
        self.repeated.contains(&field) || self.first_only.contains(&field)
    }
}

/// Minimum number of orders, or of lines with a discount, for a conclusion.
const FEW: usize = 3;

/// `#1001`, `#1002`.
fn is_numbered(values: &BTreeSet<String>) -> bool {
    let is_one = |text: &String| text.strip_prefix('#').is_some_and(|number| number.parse::<u64>().is_ok());
    values.len() >= FEW && values.iter().all(is_one)
}

/// The fields from separate head records.
fn of_heads(sample: &Sample) -> BTreeSet<usize> {
    let Some(records) = &sample.records else { return BTreeSet::new() };
    let is_head = |field: &usize| {
        let of_head =
            |head: &String| records.fields.get(head).is_some_and(|names| names.contains(&sample.header[*field]));
        records.heads.iter().any(of_head)
    };
    (0..sample.header.len()).filter(is_head).collect()
}

/// Amounts that minus the discount of their row equal another amount.
fn before_discount(sample: &Sample) -> BTreeSet<usize> {
    let called = |column: &str| -> Vec<usize> {
        sample.numbers().filter(|field| sample.fit(ORDER_LINES.name, column, *field) > 0).collect()
    };
    let (amounts, discounts) = (called(c::NET_AMOUNT), called(c::DISCOUNT_AMOUNT));
    let dialect = sample.dialect();
    let number = |row: &[String], field: usize| dialect.number(value(row, field)).map(i128::from);
    let comes_to = |before: usize, discounts: &[usize], net: usize| {
        let fits = |row: &Vec<String>| {
            let all = discounts.iter().map(|discount| number(row, *discount).unwrap_or(0)).sum();
            let discount = Some(all).filter(|discount: &i128| *discount != 0)?;
            let (before, net) = (number(row, before)?, number(row, net)?);
            let of_hundred = before - before * discount / (100 * i128::from(ONE));
            // Discounts may be negative; the remaining amount is smaller in both cases.
            let left = if before.signum() == discount.signum() { before - discount } else { before + discount };
            Some([left, of_hundred].iter().any(|less| (less - net).abs() <= i128::from(CENT)))
        };
        let seen: Vec<bool> = sample.rows.iter().filter_map(fits).take(LOOKED_AT).collect();
        seen.len() >= FEW && seen.iter().all(|fits| *fits)
    };
    let is_before = |before: &usize| {
        let others = || amounts.iter().filter(|net| *net != before && !discounts.contains(net));
        let discounts: Vec<usize> = discounts.iter().copied().filter(|discount| discount != before).collect();
        let mut sets = discounts.chunks(1).chain([discounts.as_slice()]);
        sets.any(|set| others().any(|net| comes_to(*before, set, *net)))
    };
    amounts.iter().copied().filter(is_before).collect()
}

/// The field that matches the name best; among equals the first.
fn best(sample: &Sample, column: &str) -> Option<usize> {
    let fits = |field: usize| sample.fit(ORDER_LINES.name, column, field);
    let fields = sample.fields().filter(|field| fits(*field) > 0 && sample.kinds[*field] != Kind::Empty);
    fields.max_by_key(|field| (fits(*field), std::cmp::Reverse(*field)))
}

/// Of two columns with names for products, the one that numbers lines: integers that differ within each order and restart in the next.
fn number_of_lines(sample: &Sample, orders: &[Vec<&[String]>]) -> Option<usize> {
    let called = |field: &usize| sample.fit(ORDER_LINES.name, c::PRODUCT_ID, *field) > 0;
    let products: Vec<usize> =
        sample.fields().filter(|field| called(field) && sample.kinds[*field] != Kind::Empty).collect();
    let numbers = |field: &usize| {
        let number = |row: &&[String]| value(row, *field).parse::<u32>().ok();
        let differ = |rows: &Vec<&[String]>| {
            let numbers: Option<BTreeSet<u32>> = rows.iter().map(number).collect();
            numbers.filter(|numbers| numbers.len() == rows.len())?.first().copied()
        };
        let firsts: Option<Vec<u32>> = orders.iter().map(differ).collect();
        firsts.is_some_and(|firsts| {
            let first = firsts.iter().min();
            let begin_so = firsts.iter().filter(|number| Some(*number) == first).count();
            begin_so * 2 > firsts.len() && orders.iter().any(|rows| rows.len() > 1)
        })
    };
    (products.len() > 1).then(|| products.into_iter().find(numbers)).flatten()
}

/// Discount columns that give the net amount as a percentage, not as an amount.
fn of_hundred(sample: &Sample) -> BTreeSet<usize> {
    let called = |source: &str, column: &str| -> Vec<usize> {
        sample.numbers().filter(|field| sample.fit(source, column, *field) > 0).collect()
    };
    let (quantities, prices) = (called(ORDER_LINES.name, c::QUANTITY), called("price", "unit_price"));
    let mut nets = called(ORDER_LINES.name, c::NET_AMOUNT);
    nets.retain(|field| !has_tax(&sample.header[*field]));
    let dialect = sample.dialect();
    let number = |row: &[String], field: usize| dialect.number(value(row, field)).map(i128::from);
    let is_of_hundred = |field: usize, quantity: usize, price: usize, net: usize| {
        let seen = sample.rows.iter().filter_map(|row| {
            let discount = number(row, field).filter(|discount| *discount != 0)?;
            let whole = number(row, quantity)? * number(row, price)? / i128::from(ONE);
            let net = number(row, net)?;
            let fits = |net_of: i128| (net_of - net).abs() <= i128::from(CENT);
            Some((fits(whole - whole * discount / (100 * i128::from(ONE))), fits(whole - discount)))
        });
        let (of_hundred, amount): (Vec<bool>, Vec<bool>) = seen.take(LOOKED_AT).unzip();
        of_hundred.len() >= FEW && of_hundred.iter().all(|fits| *fits) && !amount.iter().all(|fits| *fits)
    };
    let discounts = called(ORDER_LINES.name, c::DISCOUNT_AMOUNT);
    let fits = |field: &usize| {
        quantities.iter().any(|quantity| {
            prices.iter().any(|price| nets.iter().any(|net| is_of_hundred(*field, *quantity, *price, *net)))
        })
    };
    discounts.into_iter().filter(fits).collect()
}

/// Maximum number of rows to compare.
const LOOKED_AT: usize = 200;
