//! Counts order lines whose signs contradict each other, with their amounts; it changes nothing.
//!
//! ```text
//! kind    quantity    net   cost
//! credit         4    400           revenue above zero on a credit note
//! sale          −1     10           goods come back and revenue goes up
//! return         1    −10           revenue goes back and goods go out
//! return        −1    −10     7     cost isn't turned with the return
//! sale           1    −10           fine for an article that is a discount; not for one that is sold as well
//! credit         0    −10           fine: money only        sale  1  0  7   fine: free goods
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

use netto_model::column as c;
use polars::prelude::*;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A kind of contradiction.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Contradiction {
    /// A return or credit with revenue above zero.
    ReturnAboveZero,
    /// Quantity and revenue with different signs.
    QuantityAgainstAmount,
    /// A return with a positive quantity but no positive revenue.
    ReturnedQuantityAboveZero,
    /// Positive cost although goods or money go back.
    CostNotTurned,
    /// Negative cost on a sale.
    CostBelowZero,
    /// List amount and revenue with different signs.
    ListAgainstAmount,
    /// A negative discount, which raises the price.
    DiscountAgainstAmount,
}

/// Lines of one contradiction.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub struct Contradicting {
    /// How many.
    pub lines: u64,
    /// The sum of the amounts concerned, in ten-thousandths; saturates at the limits of the type.
    pub amount: i64,
}

/// The signed values of one line; amounts in ten-thousandths, zero if missing, except the list amount.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    is_return: bool,
    is_credit: bool,
    quantity: i64,
    net: i64,
    cogs: i64,
    list: Option<i64>,
    discount: i64,
}

/// The lines found, by kind of contradiction.
pub(crate) type Found = BTreeMap<Contradiction, Contradicting>;

/// Rows per thread.
const PART: usize = 1 << 16;

/// The findings of some lines.
#[derive(Debug, Default)]
pub(crate) struct LineSigns {
    found: Found,
    /// Sale lines below zero, by article.
    below_zero: BTreeMap<String, Contradicting>,
    /// Articles with a positive sale.
    sold: PlHashSet<String>,
}

impl LineSigns {
    /// Checks lines.
    pub(crate) fn of(lines: &DataFrame) -> PolarsResult<Self> {
        let (columns, height) = (Columns::of(lines)?, lines.height());
        let starts: Vec<usize> = (0..height).step_by(PART).collect();
        let rows = |start: usize| start..(start + PART).min(height);
        let parts: Vec<(Found, Vec<usize>)> = starts.par_iter().map(|&start| columns.look_at(rows(start))).collect();
        let mut signs = Self::default();
        for (part, rows) in parts {
            for (what, part) in part {
                add(&mut signs.found, what, part);
            }
            for row in rows {
                let article = columns.product.get(row).unwrap_or_default().to_owned();
                signs.below_zero.entry(article).or_default().add(Contradicting::line(columns.line(row).net));
            }
        }
        for (article, net) in columns.product.iter().zip(columns.net.iter()) {
            if let Some(article) = article.filter(|article| net > Some(0) && !signs.sold.contains(*article)) {
                signs.sold.insert(article.to_owned());
            }
        }
        Ok(signs)
    }

    /// Adds the findings of other lines.
    pub(crate) fn add(&mut self, other: Self) {
        for (what, part) in other.found {
            add(&mut self.found, what, part);
        }
        for (article, part) in other.below_zero {
            self.below_zero.entry(article).or_default().add(part);
        }
        self.sold.extend(other.sold);
    }

    /// The contradictions found. An article that only ever lowers an invoice is a discount; one that is also sold is not.
    pub(crate) fn contradictions(self) -> Found {
        let Self { mut found, below_zero, sold } = self;
        for (_, part) in below_zero.into_iter().filter(|(article, _)| sold.contains(article)) {
            add(&mut found, Contradiction::QuantityAgainstAmount, part);
        }
        found
    }
}

fn add(found: &mut Found, what: Contradiction, part: Contradicting) {
    found.entry(what).or_default().add(part);
}

impl Contradicting {
    fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.amount = self.amount.saturating_add(other.amount);
    }

    fn line(amount: i64) -> Self {
        Self { lines: 1, amount }
    }
}

impl Line {
    fn contradiction(self) -> Option<(Contradiction, i64)> {
        let back = self.is_return || self.is_credit;
        if back && self.net > 0 {
            return Some((Contradiction::ReturnAboveZero, self.net));
        }
        if self.quantity < 0 && self.net > 0 || !back && self.quantity > 0 && self.net < 0 && self.cogs > 0 {
            return Some((Contradiction::QuantityAgainstAmount, self.net));
        }
        if self.is_return && self.quantity > 0 {
            return Some((Contradiction::ReturnedQuantityAboveZero, self.net));
        }
        if self.cogs > 0 && (self.quantity < 0 || back && self.net < 0) {
            return Some((Contradiction::CostNotTurned, self.cogs));
        }
        (self.cogs < 0 && !back && self.quantity > 0 && self.net > 0)
            .then_some((Contradiction::CostBelowZero, self.cogs))
    }

    /// A sale of pieces that lowers the invoice: a discount, or a return without a negative quantity.
    fn sells_below_zero(self) -> bool {
        !self.is_return && !self.is_credit && self.quantity > 0 && self.net < 0
    }

    fn price_contradiction(self) -> Option<(Contradiction, i64)> {
        let list = self.list.unwrap_or_default();
        if list.signum() * self.net.signum() < 0 {
            return Some((Contradiction::ListAgainstAmount, list));
        }
        let raises = if self.list.is_some() {
            self.discount != 0 && list.checked_add(self.discount) == Some(self.net)
        } else {
            // A credit may consist of a discount only, with a list amount of zero.
            let pieces = self.quantity.signum() * self.net.signum() > 0;
            pieces && self.discount.signum() * self.net.signum() < 0 && self.discount != -self.net
        };
        raises.then_some((Contradiction::DiscountAgainstAmount, self.discount))
    }
}

struct Columns<'f> {
    product: &'f StringChunked,
    kind: &'f StringChunked,
    quantity: &'f Int64Chunked,
    net: &'f Int64Chunked,
    cogs: &'f Int64Chunked,
    list: &'f Int64Chunked,
    discount: &'f Int64Chunked,
}

impl<'f> Columns<'f> {
    fn of(lines: &'f DataFrame) -> PolarsResult<Self> {
        let number = |name: &str| lines.column(name)?.i64();
        Ok(Self {
            product: lines.column(c::PRODUCT_ID)?.str()?,
            kind: lines.column(c::ORDER_KIND)?.str()?,
            quantity: number(c::QUANTITY)?,
            net: number(c::NET_AMOUNT)?,
            cogs: number(c::COGS_AMOUNT)?,
            list: number(c::LIST_AMOUNT)?,
            discount: number(c::DISCOUNT_AMOUNT)?,
        })
    }

    /// The contradictions of some rows, and the rows that sell below zero.
    fn look_at(&self, rows: Range<usize>) -> (Found, Vec<usize>) {
        let (mut found, mut below_zero) = (Found::new(), Vec::new());
        for row in rows {
            let line = self.line(row);
            match line.contradiction() {
                Some((what, amount)) => add(&mut found, what, Contradicting::line(amount)),
                None if line.sells_below_zero() => below_zero.push(row),
                None => {}
            }
            if let Some((what, amount)) = line.price_contradiction() {
                add(&mut found, what, Contradicting::line(amount));
            }
        }
        (found, below_zero)
    }

    fn line(&self, row: usize) -> Line {
        let units = |column: &Int64Chunked| column.get(row).unwrap_or_default();
        let kind = self.kind.get(row);
        Line {
            is_return: kind == Some("return"),
            is_credit: kind == Some("credit"),
            quantity: units(self.quantity),
            net: units(self.net),
            cogs: units(self.cogs),
            list: self.list.get(row),
            discount: units(self.discount),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind, article, quantity, net, cost, list, discount; no list amount where it is `NONE`.
    type Row = (&'static str, &'static str, i64, i64, i64, i64, i64);
    const NONE: i64 = i64::MIN;

    fn found(rows: &[Row]) -> Vec<(Contradiction, u64, i64)> {
        let column = |value: fn(&Row) -> i64| rows.iter().map(value).collect::<Vec<_>>();
        let lines = df!(
            c::ORDER_KIND => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            c::PRODUCT_ID => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            c::QUANTITY => column(|row| row.2),
            c::NET_AMOUNT => column(|row| row.3),
            c::COGS_AMOUNT => column(|row| row.4),
            c::LIST_AMOUNT => rows.iter().map(|row| Some(row.5).filter(|&list| list != NONE)).collect::<Vec<_>>(),
            c::DISCOUNT_AMOUNT => column(|row| row.6),
        )
        .unwrap();
        LineSigns::of(&lines)
            .unwrap()
            .contradictions()
            .into_iter()
            .map(|(what, found)| (what, found.lines, found.amount))
            .collect()
    }

    #[test]
    fn each_contradiction_is_counted_with_its_amount() {
        use Contradiction::*;
        for (row, contradiction, amount) in [
            (("credit", "p", 4, 400, 300, 500, 100), ReturnAboveZero, 400),
            (("return", "p", -1, 100, -70, 100, 0), ReturnAboveZero, 100),
            (("sale", "p", -1, 100, 0, 0, 0), QuantityAgainstAmount, 100),
            (("sale", "p", 1, -100, 70, 0, 0), QuantityAgainstAmount, -100),
            (("return", "p", 1, -100, -70, 0, 0), ReturnedQuantityAboveZero, -100),
            (("return", "p", -1, -100, 70, 0, 0), CostNotTurned, 70),
            (("sale", "p", -1, -100, 70, 0, 0), CostNotTurned, 70),
            (("sale", "p", 1, 100, -70, 0, 0), CostBelowZero, -70),
            (("return", "p", -1, -100, -70, 120, 0), ListAgainstAmount, 120),
            (("sale", "p", 1, 100, 70, 120, -20), DiscountAgainstAmount, -20),
            (("sale", "p", 1, 100, 70, NONE, -20), DiscountAgainstAmount, -20),
            (("return", "p", -1, -100, -70, -120, 20), DiscountAgainstAmount, 20),
            (("return", "p", -1, -100, -70, NONE, 20), DiscountAgainstAmount, 20),
        ] {
            assert_eq!(found(&[row]), [(contradiction, 1, amount)], "{row:?}");
        }
    }

    #[test]
    fn what_is_normal_is_no_contradiction() {
        let normal = [
            ("sale", "p", 10, 1_000, 700, 1_200, 200),
            ("return", "p", -4, -400, -280, -480, -80),
            ("sale", "p", -1, -100, -70, 0, 0),    // a return that has no kind
            ("credit", "p", 0, -50, 0, 0, 0),      // money only
            ("credit", "p", 1, -50, 0, 0, 0),      // the same, with a piece that isn't one
            ("sale", "discount", 1, -25, 0, 0, 0), // an article that is a discount
            ("sale", "p", 1, 0, 70, 100, 100),     // free goods
            ("return", "p", -1, 0, -70, 0, 0),     // and back
            ("credit", "p", 0, -50, 0, 0, 50),     // nothing at list, so much less
            ("credit", "p", 0, -50, 0, NONE, 50),
            ("sale", "freight", 0, 10, 0, 0, 0),
            ("sale", "p", 1, 110, 70, 100, 0), // above list
        ];
        assert_eq!(found(&normal), []);
    }

    #[test]
    fn an_article_that_is_sold_as_well_does_not_lower_invoices() {
        let rows = [("sale", "p", 1, 100, 0, 0, 0), ("sale", "p", 1, -100, 0, 0, 0), ("sale", "d", 1, -5, 0, 0, 0)];
        assert_eq!(found(&rows), [(Contradiction::QuantityAgainstAmount, 1, -100)]);
    }
}
