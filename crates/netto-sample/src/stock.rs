//! `voorraad.csv`: the stock in the warehouse at the end of each quarter.
//!
//! ```text
//! Artikel;Teldatum;Magazijn;Aantal;Waarde
//! 100101;30-09-2022;AMF;1272;1500,96
//! 100108;30-09-2022;AMF;62;1001,92
//! 100115;30-09-2022;AMF;22;387,86
//! ```

use std::collections::BTreeMap;

use netto_model::Period;

use crate::calendar::{dutch, months};
use crate::causes;
use crate::draw::{Draw, Stream};
use crate::extract::{Extract, amount};
use crate::orders::{Kind, Order};
use crate::products::Product;

/// Pieces sold from stock, by last month of the quarter and product.
pub(crate) type Sold = BTreeMap<(Period, usize), i64>;

pub(crate) fn extract(seed: u64, sold: &Sold, products: &[Product], with_causes: bool) -> Extract {
    let mut draw = Draw::new(seed, Stream::Stock);
    let mut extract = Extract::new("voorraad.csv", "Artikel;Teldatum;Magazijn;Aantal;Waarde");
    for period in months().filter(|period| period.month() % 3 == 0) {
        let last_day = period.plus(1).first_day() - 1;
        for (index, product) in products.iter().enumerate().filter(|(_, product)| product.stocked()) {
            let quarter = sold.get(&(period, index)).copied().unwrap_or_default();
            // Fast movers have half a quarter of stock; the rest is there because it was once bought.
            let quantity = quarter * draw.between(35, 80) / 100 + draw.between(0, 6);
            let quantity = if with_causes { quantity * causes::stock_of(product.supplier) } else { quantity };
            if quantity > 0 {
                extract.row([
                    product.code.clone(),
                    dutch(last_day),
                    "AMF".to_owned(),
                    quantity.to_string(),
                    amount(quantity * product.cost(period)),
                ]);
            }
        }
        if with_causes {
            causes::dead_stock(&mut extract, last_day);
        }
    }
    extract
}

/// The pieces that these orders took from stock.
pub(crate) fn sold_by_quarter(orders: &[Order]) -> Sold {
    let mut sold = Sold::new();
    for order in orders.iter().filter(|order| order.kind == Kind::Sale && !order.direct) {
        let period = Period::of_day(order.date);
        let quarter_end = period.plus((12 - period.month()) % 3);
        for line in &order.lines {
            *sold.entry((quarter_end, line.product)).or_default() += line.quantity;
        }
    }
    sold
}
