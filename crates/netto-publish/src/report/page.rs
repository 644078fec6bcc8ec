//! The context that every section reads: the marts, number formats, names, and which customers have a page.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, Error};
use netto_model::{Language, Table, column as c, contract};
use polars::prelude::{BooleanChunked, DataFrame, PolarsResult, SortMultipleOptions, col, lit};

use super::ReportConfig;
use super::format::Format;
use super::labels::Labels;
use super::language::{Written as _, filled, say};
use super::marts::{Marts, Row, Rows, in_one_piece};
use super::section::Cell;
use crate::PublishError;

/// The templates, escaped by default: name and text.
const TEMPLATES: [(&str, &str); 8] = [
    ("page", include_str!("templates/page.html")),
    ("panels", include_str!("templates/panels.html")),
    ("section", include_str!("templates/section.html")),
    ("headline", include_str!("templates/headline.html")),
    ("pools", include_str!("templates/pools.html")),
    ("capacity", include_str!("templates/capacity.html")),
    ("best", concat!(include_str!("templates/customer_list.html"), include_str!("templates/best.html"))),
    ("customers", concat!(include_str!("templates/customer_list.html"), include_str!("templates/customers.html"))),
];

/// The context that every section reads.
pub(super) struct Page<'a> {
    pub(super) marts: Marts<'a>,
    pub(super) format: Format,
    pub(super) activities: Labels,
    pub(super) pools: Labels,
    /// Customers with a page, and how many there are in all.
    pub(super) opens: BTreeSet<String>,
    pub(super) customers: usize,
    /// Whether any cost to serve was supplied; without it the net profit column holds the gross margin.
    pub(super) knows_cost: bool,
    /// Whether any cost of goods was supplied.
    pub(super) knows_margin: bool,
    /// Whether pay of named employees is shown.
    pub(super) shows_pay: bool,
    customer_names: BTreeMap<String, String>,
    /// Tier, market and account manager by customer.
    places: BTreeMap<String, [String; 3]>,
    /// The product groups that customers bought from, and by customer the indexes of its own.
    pub(super) groups: Vec<String>,
    bought: BTreeMap<String, String>,
    employee_names: BTreeMap<String, String>,
    /// The rep whose sections of the sales force are rendered, by its employees and their pairs; `None` for all reps.
    only: Option<BTreeSet<String>>,
    /// Employees with a page: the sales force.
    sales_force: BTreeSet<String>,
    environment: Environment<'static>,
}

impl<'a> Page<'a> {
    pub(super) fn new(marts: Marts<'a>, format: Format, config: &ReportConfig) -> Result<Self, PublishError> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        let language = format.language;
        environment.add_function("say", move |message: &str, values: Kwargs| said(language, message, &values));
        for (name, text) in TEMPLATES {
            environment.add_template(name, text)?;
        }
        let (opens, customers) = farthest_from_zero(&marts, config.customers)?;
        let force = marts.rows_of_window(contract::model("sales_force"))?;
        let (groups, bought) = groups_bought(&marts)?;
        Ok(Self {
            groups,
            bought,
            only: None,
            activities: Labels::activities(&marts)?,
            pools: Labels::pools(&marts)?,
            places: places(&marts)?,
            customer_names: names(&marts, &contract::DIM_CUSTOMER, c::CUSTOMER_ID)?,
            employee_names: names(&marts, &contract::DIM_EMPLOYEE, c::EMPLOYEE_ID)?,
            sales_force: force.of(c::LEVEL, "employee").iter().map(|row| row.text(c::KEY).to_owned()).collect(),
            opens,
            customers,
            shows_pay: config.pay,
            knows_cost: supplied(&marts, c::COST_TO_SERVE_SUPPLIED)?,
            knows_margin: supplied(&marts, c::COGS_SUPPLIED)?,
            marts,
            format,
            environment,
        })
    }

    /// The rows of a table in the window.
    pub(super) fn of_window(&self, table: &Table) -> PolarsResult<Rows> {
        self.marts.rows_of_window(table)
    }

    /// The rows of a sales force table in the window: of all reps, or of one rep, its pairs and its customers.
    pub(super) fn of_force(&self, table: &Table) -> PolarsResult<Rows> {
        let data = self.marts.of_window(table)?;
        let Some(only) = &self.only else { return Rows::new(data, table) };
        let rows = Rows::new(data.clone(), table)?;
        let known = |column| table.column(column).is_some();
        let key = [c::EMPLOYEE_ID, c::PAIR_ID, c::KEY].into_iter().find(|column| known(column));
        let rep = |row: Row<'_>| match key {
            Some(key) => only.contains(row.text(key)),
            None => self.places.get(row.text(c::CUSTOMER_ID)).is_some_and(|[.., rep]| only.contains(rep)),
        };
        let kept: BooleanChunked = rows.iter().map(rep).map(Some).collect();
        Rows::new(data.filter(&kept)?, table)
    }

    /// Whether the sections of the sales force are rendered for one rep.
    pub(super) const fn is_of_rep(&self) -> bool {
        self.only.is_some()
    }

    /// Restricts the sections of the sales force to the rep with this name, or to all again.
    pub(super) fn only(&mut self, name: Option<&str>) -> PolarsResult<()> {
        let employees = self.marts.rows(&contract::DIM_EMPLOYEE)?;
        let of_name = |name: &str| {
            let named = employees.iter().filter(|row| self.employee_name(row.text(c::EMPLOYEE_ID)) == name);
            let ids =
                named.flat_map(|row| [row.text(c::EMPLOYEE_ID), row.text(c::PAIR_ID)]).filter(|id| !id.is_empty());
            ids.map(str::to_owned).collect()
        };
        self.only = name.map(of_name);
        Ok(())
    }

    /// The rows whose customer has a page.
    pub(super) fn with_page(&self, data: &DataFrame) -> PolarsResult<DataFrame> {
        let ids = data.column(c::CUSTOMER_ID)?.str()?;
        // The rows of a customer are mostly adjacent.
        let (mut last, mut opens) = (None, false);
        let of_row = |id: Option<_>| {
            if id != last {
                (last, opens) = (id, id.is_some_and(|id: &str| self.opens.contains(id)));
            }
            opens
        };
        let kept: BooleanChunked = ids.iter().map(of_row).collect();
        data.filter(&kept).map(in_one_piece)
    }

    pub(super) fn render(&self, template: &str, context: Value) -> Result<Value, PublishError> {
        Ok(Value::from_safe_string(self.environment.get_template(template)?.render(context)?))
    }

    pub(super) fn customer_name<'b>(&'b self, id: &'b str) -> &'b str {
        self.customer_names.get(id).map_or(id, String::as_str)
    }

    pub(super) fn employee_name<'b>(&'b self, id: &'b str) -> &'b str {
        self.employee_names.get(id).map_or(id, String::as_str)
    }

    /// The name of a customer, which opens its page if it has one.
    pub(super) fn customer(&self, id: &str) -> Cell {
        let cell = self.named(self.customer_name(id), id);
        let cell = cell.of_place(id, self.place(id));
        if self.opens.contains(id) { cell.of_customer(id) } else { cell }
    }

    /// Tier, market and rep as shown, and the product groups.
    fn place(&self, id: &str) -> Option<[String; 4]> {
        let [tier, market, rep] = self.places.get(id)?;
        let rep = self.employee_name(rep).to_owned();
        Some([self.format.say(tier), market.clone(), rep, self.bought_by(id).to_owned()])
    }

    /// The indexes of the product groups that a customer bought from, such as `0 3 7`.
    pub(super) fn bought_by(&self, id: &str) -> &str {
        self.bought.get(id).map_or("", String::as_str)
    }

    fn named(&self, name: &str, id: &str) -> Cell {
        if id.is_empty() {
            return Cell::new(say!(self.format, "not known"));
        }
        if name == id { Cell::new(name) } else { Cell::new(name).small(id) }
    }

    /// The name of an employee, which opens the employee's page if they are in the sales force.
    pub(super) fn employee(&self, id: &str) -> Cell {
        let cell = self.named(self.employee_name(id), id);
        if self.sales_force.contains(id) { cell.of_employee(id) } else { cell }
    }
}

/// Whether the flagged input was supplied for any customer month of the window.
fn supplied(marts: &Marts<'_>, flag: &str) -> PolarsResult<bool> {
    let months = marts.in_window(&contract::FCT_CUSTOMER_MONTH)?.select([col(flag)]).collect()?;
    Ok(months.column(flag)?.bool()?.iter().flatten().any(|supplied| supplied))
}

/// A message of a template with its values.
fn said(language: Language, message: &str, values: &Kwargs) -> Result<String, Error> {
    let names = values.args().collect::<Vec<_>>();
    let mut filled_in = Vec::new();
    for name in names {
        filled_in.push((name, values.get::<Value>(name)?.to_string()));
    }
    Ok(filled(language.say(message), &filled_in))
}

fn names(marts: &Marts<'_>, table: &Table, key: &str) -> PolarsResult<BTreeMap<String, String>> {
    let rows = marts.rows(table)?;
    Ok(rows.iter().map(|row| (row.text(key).to_owned(), row.text(c::NAME).to_owned())).collect())
}

/// Tier in the window, market and account manager of each customer.
fn places(marts: &Marts<'_>) -> PolarsResult<BTreeMap<String, [String; 3]>> {
    let rows = marts.rows(&contract::DIM_CUSTOMER)?;
    let mut places: BTreeMap<String, [String; 3]> = rows
        .iter()
        .map(|row| {
            (
                row.text(c::CUSTOMER_ID).to_owned(),
                [c::TIER, c::MARKET, c::ACCOUNT_MANAGER].map(|column| row.text(column).to_owned()),
            )
        })
        .collect();
    for row in marts.rows_of_window(contract::model("customer_window"))?.iter() {
        if let Some([tier, ..]) = places.get_mut(row.text(c::CUSTOMER_ID)) {
            row.text(c::TIER).clone_into(tier);
        }
    }
    Ok(places)
}

/// The product groups that were bought from in the window, in their order, and by customer the indexes of its own.
fn groups_bought(marts: &Marts<'_>) -> PolarsResult<(Vec<String>, BTreeMap<String, String>)> {
    let bought = marts
        .in_window(&contract::FCT_CUSTOMER_PRODUCT_GROUP_MONTH)?
        .filter(col(c::INVOICE_REVENUE).gt(lit(0)).and(col(c::PRODUCT_GROUP).neq(lit(""))))
        .group_by([col(c::CUSTOMER_ID), col(c::PRODUCT_GROUP)])
        .agg([])
        .sort([c::PRODUCT_GROUP, c::CUSTOMER_ID], SortMultipleOptions::default())
        .collect()?;
    let (mut groups, mut by_customer) = (Vec::<String>::new(), BTreeMap::<String, String>::new());
    let (customers, names) = (bought.column(c::CUSTOMER_ID)?.str()?, bought.column(c::PRODUCT_GROUP)?.str()?);
    for (customer, group) in customers.iter().flatten().zip(names.iter().flatten()) {
        if groups.last().is_none_or(|last| last != group) {
            groups.push(group.to_owned());
        }
        let places = by_customer.entry(customer.to_owned()).or_default();
        *places += if places.is_empty() { "" } else { " " };
        *places += &(groups.len() - 1).to_string();
    }
    Ok((groups, by_customer))
}

/// The customers of the window whose net profit is farthest from zero, positive or negative; and the number of all customers.
fn farthest_from_zero(marts: &Marts<'_>, most: usize) -> PolarsResult<(BTreeSet<String>, usize)> {
    let rows = marts.rows_of_window(contract::model("customer_window"))?;
    let mut sizes: Vec<_> = rows
        .iter()
        .map(|row| (std::cmp::Reverse(row.units(c::NET_PROFIT).unsigned_abs()), row.text(c::CUSTOMER_ID)))
        .collect();
    sizes.sort_unstable();
    Ok((sizes.iter().take(most).map(|(_, id)| (*id).to_owned()).collect(), sizes.len()))
}
