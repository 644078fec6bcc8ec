//! What customers bought of product groups in a window: read off in one pass, for the rows of a customer lie together.
//!
//! ```text
//! fct_customer_product_group_month   A Jan Pumps 10 · A Jan Pipes 5 · A Feb Pumps 7 · B Jan Pipes 2
//! of the window                      A Pipes 5 · A Pumps 17 · B Pipes 2
//! ```

use netto_model::frame::FctCustomerProductGroupMonth;
use netto_model::{Frame, Window, column as c};
use polars::prelude::*;

use crate::columns::units;
use crate::windows::inside;

/// What a customer bought of a product group, and cost there; amounts in ten-thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sales {
    pub(crate) lines: i64,
    pub(crate) revenue: i64,
    pub(crate) cogs: i64,
    pub(crate) margin: i64,
    pub(crate) cost: i64,
    pub(crate) profit: i64,
}

impl Sales {
    /// Whether the customer buys there: what it returned is taken off.
    pub(crate) const fn buys(&self) -> bool {
        self.revenue > 0
    }
}

impl std::ops::AddAssign<&Self> for Sales {
    fn add_assign(&mut self, more: &Self) {
        self.lines += more.lines;
        self.revenue += more.revenue;
        self.cogs += more.cogs;
        self.margin += more.margin;
        self.cost += more.cost;
        self.profit += more.profit;
    }
}

/// A customer's sales of a product group, both by their places among the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bought {
    pub(crate) customer: usize,
    pub(crate) group: usize,
    pub(crate) sales: Sales,
}

/// Which rows count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// All of them: they tie to the waterfall.
    All,
    /// Without cost of a month in which the customer ordered nothing: it has no product.
    Ordered,
}

/// The fact, customers and product groups numbered in the order of their names.
pub(crate) struct GroupSales {
    pub(crate) customers: Vec<String>,
    pub(crate) groups: Vec<String>,
    rows: DataFrame,
}

/// Place of the customer.
const CUSTOMER: &str = "customer";
/// Place of the product group.
const GROUP: &str = "group";

impl GroupSales {
    pub(crate) fn new(sold: &Frame<FctCustomerProductGroupMonth>) -> PolarsResult<Self> {
        let names = sold.data().column(c::PRODUCT_GROUP)?.str()?;
        let mut places: PlHashMap<&str, i64> = names.iter().flatten().map(|name| (name, 0)).collect();
        let mut groups: Vec<&str> = places.keys().copied().collect();
        groups.sort_unstable();
        places.extend(groups.iter().copied().zip(0..));
        let of_row: Vec<i64> = names.iter().map(|name| name.map_or(0, |name| places[name])).collect();
        let (customers, of_customer) = runs(sold.data().column(c::CUSTOMER_ID)?.str()?);
        let mut rows = sold.data().select([c::PERIOD].into_iter().chain(AMOUNTS))?;
        rows.with_column(Column::new(CUSTOMER.into(), of_customer))?;
        rows.with_column(Column::new(GROUP.into(), of_row))?;
        Ok(Self { customers, groups: groups.into_iter().map(str::to_owned).collect(), rows })
    }

    /// What was bought in a window, by customer and product group.
    pub(crate) fn of(&self, window: Window, counted: Rows) -> PolarsResult<Vec<Bought>> {
        let ordered = || if counted == Rows::Ordered { col(c::LINES).neq(lit(0)) } else { lit(true) };
        let rows = self.rows.clone().lazy().filter(inside(window).and(ordered())).collect()?;
        let [lines, revenue, cogs, margin, cost, profit] = AMOUNTS.map(|name| units(&rows, name));
        let (lines, revenue, cogs, margin, cost, profit) = (lines?, revenue?, cogs?, margin?, cost?, profit?);
        let place = |place: i64| usize::try_from(place).unwrap_or_default();
        let mut bought = Vec::new();
        let mut of_customer = OfCustomer { customer: 0, sums: vec![None; self.groups.len()], touched: Vec::new() };
        let places = units(&rows, CUSTOMER)?.into_iter().zip(units(&rows, GROUP)?);
        for (row, (customer, group)) in places.enumerate() {
            if place(customer) != of_customer.customer {
                of_customer.close(&mut bought);
                of_customer.customer = place(customer);
            }
            let (lines, revenue, cogs) = (lines[row], revenue[row], cogs[row]);
            let (margin, cost, profit) = (margin[row], cost[row], profit[row]);
            of_customer.add(place(group), &Sales { lines, revenue, cogs, margin, cost, profit });
        }
        of_customer.close(&mut bought);
        Ok(bought)
    }
}

/// The names, and the place of each row's: equal ones lie together.
fn runs(names: &StringChunked) -> (Vec<String>, Vec<i64>) {
    let (mut known, mut places): (Vec<String>, Vec<i64>) = (Vec::new(), Vec::with_capacity(names.len()));
    let mut last = -1;
    for name in names.iter().map(Option::unwrap_or_default) {
        if known.last().is_none_or(|known| known != name) {
            known.push(name.to_owned());
            last += 1;
        }
        places.push(last);
    }
    (known, places)
}

/// In the order of the fields of [`Sales`].
const AMOUNTS: [&str; 6] = [c::LINES, c::INVOICE_REVENUE, c::COGS, c::GROSS_MARGIN, c::COST_TO_SERVE, c::NET_PROFIT];

/// The sums of one customer, by place of the product group.
struct OfCustomer {
    customer: usize,
    sums: Vec<Option<Sales>>,
    touched: Vec<usize>,
}

impl OfCustomer {
    fn add(&mut self, group: usize, sales: &Sales) {
        let touched = &mut self.touched;
        let sum = self.sums[group].get_or_insert_with(|| {
            touched.push(group);
            Sales::default()
        });
        *sum += sales;
    }

    fn close(&mut self, bought: &mut Vec<Bought>) {
        self.touched.sort_unstable();
        for group in self.touched.drain(..) {
            let sales = self.sums[group].take().unwrap_or_default();
            bought.push(Bought { customer: self.customer, group, sales });
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::stock_turnover::tests::{day, frame};

    /// Customer, product group, month of 2025, lines, revenue, COGS, margin, cost.
    pub(crate) type Row<'a> = (&'a str, &'a str, i32, i64, i64, i64, i64, i64);

    pub(crate) fn sold(rows: &[Row<'_>]) -> Frame<FctCustomerProductGroupMonth> {
        let numbers = |of: fn(&Row<'_>) -> i64| rows.iter().map(of).collect::<Vec<_>>();
        let data = df!(
            c::CUSTOMER_ID => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            c::PRODUCT_GROUP => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            c::PERIOD => rows.iter().map(|row| day(2025, row.2)).collect::<Vec<_>>(),
            c::LINES => numbers(|row| row.3),
            c::INVOICE_REVENUE => numbers(|row| row.4),
            c::COGS => numbers(|row| row.5),
            c::GROSS_MARGIN => numbers(|row| row.6),
            c::COST_TO_SERVE => numbers(|row| row.7),
            c::NET_PROFIT => numbers(|row| row.6 - row.7),
        );
        frame(c::PERIOD, data.unwrap())
    }

    #[test]
    fn a_window_is_added_up_by_customer_and_product_group() {
        let rows = [
            ("A", "Pumps", 1, 1, 10, 6, 4, 1),
            ("A", "Pipes", 1, 1, 5, 3, 2, 0),
            ("A", "Pumps", 2, 2, 7, 5, 2, 1),
            ("A", "", 3, 0, 0, 0, 0, 9),
            ("A", "Pumps", 4, 1, 100, 0, 0, 0),
            ("B", "Pipes", 1, 1, -2, -1, -1, 0),
        ];
        let sales = GroupSales::new(&sold(&rows)).unwrap();
        assert_eq!(sales.groups, ["", "Pipes", "Pumps"]);
        let quarter = Window::ending(netto_model::Period::new(2025, 3), 3);
        let told = |rows| {
            let bought = sales.of(quarter, rows).unwrap();
            bought
                .into_iter()
                .map(|b| {
                    format!(
                        "{} {} {} {}",
                        sales.customers[b.customer], sales.groups[b.group], b.sales.revenue, b.sales.profit
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(told(Rows::All), ["A  0 -9", "A Pipes 5 2", "A Pumps 17 4", "B Pipes -2 -1"]);
        assert_eq!(told(Rows::Ordered), ["A Pipes 5 2", "A Pumps 17 4", "B Pipes -2 -1"]);
        assert!(!Sales { revenue: -2, ..Sales::default() }.buys());
    }
}
