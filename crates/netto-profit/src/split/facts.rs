//! Facts: a month's rows added up by order, product, supplier, …. Because all are sums of the same rows, they tie.

use netto_model::{Mart, Period, Table, column as c, contract};
use polars::prelude::*;

use super::deliveries;
use super::lines::Lines;
use super::measures::{Measures, columns};
use super::products::OfLines;
use super::rows::Rows;
use super::tie;
use crate::ProfitError;

/// The facts that are kept in memory: few rows, in comparison with the order lines.
pub(super) const SMALL: [&Table; 11] = [
    &contract::FCT_CUSTOMER_PRODUCT_GROUP_MONTH,
    &contract::FCT_PRODUCT_MONTH,
    &contract::FCT_CUSTOMER_PRODUCT_MONTH,
    &contract::FCT_SUPPLIER_MONTH,
    &contract::FCT_SUPPLIER_ACTIVITY_MONTH,
    &contract::FCT_EMPLOYEE_MONTH,
    &contract::FCT_CUSTOMER_CHANNEL_MONTH,
    &contract::FCT_CUSTOMER_KIND_MONTH,
    &contract::FCT_SHIP_TO_MONTH,
    &contract::FCT_WAREHOUSE_MONTH,
    &contract::DELIVERY_MONTH,
];

/// A month whose rows are added up.
pub(super) struct Facts<'a> {
    pub(super) period: Period,
    pub(super) lines: &'a Lines<'a>,
    pub(super) rows: &'a Rows,
    /// What the product of each line was on its day.
    pub(super) products: &'a OfLines<'a>,
    /// The product of each row.
    pub(super) of_product: Codes<'a>,
}

impl Facts<'_> {
    /// Every row.
    pub(super) fn order_lines(&self) -> Result<Mart, ProfitError> {
        let rows = self.rows;
        let orders = rows.counts.iter().map(|counts| i64::from(*counts)).collect();
        let numbers = self.lines.counts(c::LINE_NO)?;
        let numbers: Vec<i64> = rows.line.iter().map(|line| line.map_or(0, |line| numbers[line])).collect();
        let days = self.lines.days(c::ORDER_DATE)?;
        let days: Vec<Option<i32>> = rows.line.iter().map(|line| line.and_then(|line| days[line])).collect();
        let mut data = columns(self.period, orders, &rows.measures)?.collect()?;
        data.with_column(self.customers(&rows.customer))?;
        data.with_column(Column::new(c::LINE_NO.into(), numbers))?;
        data.with_column(Column::new(c::ORDER_DATE.into(), days).cast(&DataType::Date)?)?;
        for name in [c::ORDER_ID, c::PRODUCT_ID].into_iter().chain(TEXTS) {
            let texts = self.lines.text(name)?;
            let of_row = rows.line.iter().map(|line| match line {
                Some(line) => texts.get(*line),
                None => (name == c::ORDER_ID).then_some(""),
            });
            data.with_column(of_row.collect::<StringChunked>().with_name(name.into()).into_column())?;
        }
        Ok(Mart::try_new(&contract::FCT_ORDER_LINE, data.lazy())?)
    }

    /// By order, its returns and credits apart; of texts that differ between lines the first by alphabet, of kinds the last, as the rollup has it.
    pub(super) fn orders(&self) -> Result<Mart, ProfitError> {
        let rows = self.rows;
        let table = &contract::FCT_ORDER;
        let sums = self.summed(table, &rows.order, true, |_| true)?;
        tie::all_customers(table.name, self.period, rows, sums.tied())?;
        let order_lines: Vec<&[Option<usize>]> = sums
            .first_rows
            .iter()
            .zip(&sums.row_counts)
            .map(|(&first, &count)| &rows.line[first..first + count])
            .collect();
        let days = self.lines.days(c::ORDER_DATE)?;
        let first_day = |lines: &&[Option<usize>]| lines.iter().flatten().filter_map(|&line| days[line]).min();
        let days: Vec<Option<i32>> = order_lines.iter().map(first_day).collect();
        let mut data = columns(self.period, sums.orders, &sums.measures)?.collect()?;
        let customers: Vec<u32> = sums.groups.iter().map(|(customer, _)| *customer).collect();
        data.with_column(self.customers(&customers))?;
        data.with_column(Column::new(c::ORDER_DATE.into(), days).cast(&DataType::Date)?)?;
        let spans = |lines: &&[Option<usize>]| lines.iter().flatten().any(|&line| self.lines.spans[line]);
        let spans: BooleanChunked = order_lines.iter().map(spans).collect();
        data.with_column(spans.with_name(c::SPANS_MONTHS.into()).into_column())?;
        for name in [c::ORDER_ID].into_iter().chain(TEXTS) {
            let texts = self.lines.text(name)?;
            let first = |lines: &&[Option<usize>]| match lines {
                [None] => [c::ORDER_ID, c::ORDER_KIND].contains(&name).then_some(""),
                lines if name == c::ORDER_KIND => lines.iter().flatten().filter_map(|&line| texts.get(line)).max(),
                lines => lines.iter().flatten().filter_map(|&line| texts.get(line)).min(),
            };
            let of_order = order_lines.iter().map(first);
            data.with_column(of_order.collect::<StringChunked>().with_name(name.into()).into_column())?;
        }
        Ok(Mart::try_new(table, data.lazy())?)
    }

    /// A small fact. Not checked: one month of several.
    pub(super) fn small(&self, table: &'static Table) -> Result<DataFrame, ProfitError> {
        if table.name == contract::DELIVERY_MONTH.name {
            return deliveries::deliveries(self.period, self.lines);
        }
        if table.name == contract::FCT_CUSTOMER_PRODUCT_MONTH.name {
            return self.customer_products();
        }
        self.by(table)
    }

    /// By customer, product and way of delivery. Cost without an order is of no product, so only revenue and cost of goods are those of the month.
    fn customer_products(&self) -> Result<DataFrame, ProfitError> {
        let ways = self.lines.text(c::DELIVERY)?;
        let ways = Codes::of(self.rows, &ways);
        let codes =
            together(self.rows.line.len(), &[(c::PRODUCT_ID, self.of_product.clone()), (c::DELIVERY, ways.clone())]);
        let sums =
            self.summed(&contract::FCT_CUSTOMER_PRODUCT_MONTH, &codes, true, |row| self.rows.line[row].is_some())?;
        let order_level = col(c::ORDER_COST) + col(c::FREIGHT_COST) - col(c::FREIGHT_CHARGED);
        let kept = [c::PERIOD, c::LINES, c::QUANTITY, c::LIST_REVENUE, c::INVOICE_REVENUE, c::COGS].map(col);
        let plan = columns(self.period, sums.orders, &sums.measures)?;
        let mut data = plan.select([&kept[..], &[order_level.alias(c::ORDER_LEVEL_COST)]].concat()).collect()?;
        let customers: Vec<u32> = sums.groups.iter().map(|(customer, _)| *customer).collect();
        data.with_column(self.customers(&customers))?;
        for (name, codes) in [(c::PRODUCT_ID, &self.of_product), (c::DELIVERY, &ways)] {
            let names: StringChunked = sums.first_rows.iter().map(|&row| codes.name(row)).collect();
            data.with_column(names.with_name(name.into()).into_column())?;
        }
        Ok(data)
    }

    /// By the columns of the table's key, and by customer where the key has one.
    fn by(&self, table: &'static Table) -> Result<DataFrame, ProfitError> {
        let by_customer = table.column(c::CUSTOMER_ID).is_some();
        let columns = table.keys().map(|key| key.name).filter(|name| ![c::CUSTOMER_ID, c::PERIOD].contains(name));
        let keys = columns.map(|name| Ok((name, self.texts(name)?))).collect::<PolarsResult<Vec<_>>>()?;
        let codes: Vec<(&str, Codes<'_>)> =
            keys.iter().map(|(name, texts)| (*name, self.codes(name, texts.as_ref()))).collect();
        let sums = self.summed(table, &together(self.rows.line.len(), &codes), by_customer, |_| true)?;
        if by_customer {
            tie::all_customers(table.name, self.period, self.rows, sums.tied())?;
        } else {
            tie::the_month(table.name, self.period, self.rows, &sums.measures)?;
        }
        let mut data = columns_of(self.period, &sums)?;
        for (name, codes) in &codes {
            let names: StringChunked = sums.first_rows.iter().map(|&row| codes.name(row)).collect();
            data.with_column(names.with_name((*name).into()).into_column())?;
        }
        if by_customer {
            let customers: Vec<u32> = sums.groups.iter().map(|(customer, _)| *customer).collect();
            data.with_column(self.customers(&customers))?;
        }
        Ok(data)
    }

    /// The texts of a column of the lines; those of a product's own columns aren't among them.
    fn texts(&self, column: &str) -> PolarsResult<Option<StringChunked>> {
        (!is_of_product(column)).then(|| self.lines.text(column)).transpose()
    }

    /// What each row is counted under: a text of its line, or what its product stands for; nothing where nothing is known.
    fn codes<'s>(&'s self, column: &str, texts: Option<&'s StringChunked>) -> Codes<'s> {
        match (column, texts) {
            (_, Some(texts)) => Codes::of(self.rows, texts),
            (c::PRODUCT_GROUP, None) => self.products.of_rows(self.rows, |product| &product.group),
            (c::SUPPLIER_ID, None) => self.products.of_rows(self.rows, |product| &product.supplier),
            (c::KIND, None) => self.products.of_rows(self.rows, |product| &product.kind),
            (_, None) => self.of_product.clone(),
        }
    }

    fn customers(&self, places: &[u32]) -> Column {
        let ids = places.iter().map(|&place| self.rows.customers.get(place as usize).map(String::as_str));
        ids.collect::<StringChunked>().with_name(c::CUSTOMER_ID.into()).into_column()
    }

    /// Adds the rows that are wanted up by code, and by customer where `by_customer` says so.
    fn summed(
        &self,
        table: &'static Table,
        codes: &[u32],
        by_customer: bool,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Sums, ProfitError> {
        let rows = self.rows;
        let mut sums = Sums::default();
        let mut places: PlHashMap<(u32, u32), usize> = PlHashMap::new();
        let mut place = 0;
        for (row, &code) in codes.iter().enumerate().filter(|(row, _)| wanted(*row)) {
            let group = (if by_customer { rows.customer[row] } else { 0 }, code);
            // Mostly the row before is of the same group.
            if sums.groups.get(place) != Some(&group) {
                place = *places.entry(group).or_insert_with(|| sums.open(group, row));
            }
            sums.add(place, rows, row).ok_or_else(|| ProfitError::Money {
                place: format!("{} of {}", table.name, self.period),
                source: netto_model::money::MoneyError::Overflow(i128::MAX),
            })?;
        }
        Ok(sums)
    }
}

/// The texts of an order and of a line.
const TEXTS: [&str; 6] = [c::CHANNEL, c::EMPLOYEE_ID, c::SHIP_TO_ID, c::WAREHOUSE, c::ORDER_KIND, c::DELIVERY];

fn is_of_product(column: &str) -> bool {
    matches!(column, c::PRODUCT_ID | c::PRODUCT_GROUP | c::SUPPLIER_ID | c::KIND)
}

/// One number per row for the texts of all columns.
fn together(rows: usize, columns: &[(&str, Codes<'_>)]) -> Vec<u32> {
    columns.iter().fold(vec![0; rows], |mut all, (_, codes)| {
        let names = u32::try_from(codes.names.len()).unwrap_or(u32::MAX);
        all.iter_mut().zip(&codes.of_row).for_each(|(all, code)| *all = *all * names + code);
        all
    })
}

fn columns_of(period: Period, sums: &Sums) -> PolarsResult<DataFrame> {
    columns(period, sums.orders.clone(), &sums.measures)?.collect()
}

/// Groups of rows, in the order of their first rows.
#[derive(Default)]
struct Sums {
    groups: Vec<(u32, u32)>,
    first_rows: Vec<usize>,
    row_counts: Vec<usize>,
    last_orders: Vec<u32>,
    orders: Vec<i64>,
    measures: Vec<Measures>,
}

impl Sums {
    fn open(&mut self, group: (u32, u32), row: usize) -> usize {
        self.groups.push(group);
        self.first_rows.push(row);
        self.row_counts.push(0);
        self.last_orders.push(u32::MAX);
        self.orders.push(0);
        self.measures.push(Measures::default());
        self.groups.len() - 1
    }

    fn add(&mut self, place: usize, rows: &Rows, row: usize) -> Option<()> {
        self.measures[place] = self.measures[place].plus(&rows.measures[row])?;
        self.row_counts[place] += 1;
        // Lines of an order lie together, so an order is new when it isn't the last one.
        if rows.counts[row] && self.last_orders[place] != rows.order[row] {
            self.last_orders[place] = rows.order[row];
            self.orders[place] += 1;
        }
        Some(())
    }

    fn tied(&self) -> impl Iterator<Item = (u32, &Measures)> {
        self.groups.iter().map(|(customer, _)| *customer).zip(&self.measures)
    }
}

/// Numbers in place of texts.
#[derive(Clone)]
pub(super) struct Codes<'a> {
    pub(super) of_row: Vec<u32>,
    pub(super) names: Vec<&'a str>,
}

impl<'a> Codes<'a> {
    /// The texts of the rows' lines; nothing of a row without a line.
    pub(super) fn of(rows: &Rows, texts: &'a StringChunked) -> Self {
        Self::new(rows.line.iter().map(|line| line.and_then(|line| texts.get(line)).unwrap_or_default()))
    }

    pub(super) fn new(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut known: PlHashMap<&str, u32> = PlHashMap::new();
        let (mut names, mut code) = (Vec::new(), 0);
        let of_row = texts.map(|text| {
            // Lines of an order lie together, and mostly have the same texts.
            if names.get(code as usize) != Some(&text) {
                code = *known.entry(text).or_insert_with(|| {
                    names.push(text);
                    u32::try_from(names.len() - 1).unwrap_or(u32::MAX)
                });
            }
            code
        });
        let of_row = of_row.collect();
        Self { of_row, names }
    }

    /// The same of rows, where these are codes of lines; nothing of a row without a line.
    pub(super) fn of_rows(&self, rows: &Rows) -> Self {
        let mut names = self.names.clone();
        let nothing = names.iter().position(|name| name.is_empty()).unwrap_or_else(|| {
            names.push("");
            names.len() - 1
        });
        let nothing = u32::try_from(nothing).unwrap_or(u32::MAX);
        let of_row = rows.line.iter().map(|line| line.map_or(nothing, |line| self.of_row[line])).collect();
        Self { of_row, names }
    }

    /// The text of a row.
    fn name(&self, row: usize) -> Option<&'a str> {
        self.of_row.get(row).and_then(|&code| self.names.get(code as usize).copied())
    }
}
