//! Every table of netto, declared once. Validation, documentation, DDL and semantic models derive from here.
//!
//! ```
//! use netto_model::contract;
//! let ledger = contract::table("fct_customer_activity_month").ok_or("no such table")?;
//! assert_eq!(ledger.grain, "customer × month × activity × part");
//! # Ok::<(), &str>(())
//! ```

use crate::column as c;
use crate::table::{Column, Stage, Table, Type, Unit};
use Type::{Bool, Date, Decimal, Integer, Ratio, Text};

macro_rules! table {
    ($(#[$doc:meta])* $constant:ident = $name:literal, $stage:ident, $grain:literal, $description:literal; $($column:expr,)*) => {
        #[doc = $description]
        pub const $constant: Table = Table::new($name, Stage::$stage, $grain, $description, &[$($column,)*]);
    };
}

const fn money(name: &'static str, description: &'static str) -> Column {
    Column::required(name, Decimal, description).in_unit(Unit::Money)
}
const fn maybe_money(name: &'static str, description: &'static str) -> Column {
    Column::optional(name, Decimal, description).in_unit(Unit::Money)
}
const fn count(name: &'static str, description: &'static str) -> Column {
    Column::required(name, Integer, description).in_unit(Unit::Count)
}
const fn minutes(name: &'static str, description: &'static str) -> Column {
    Column::required(name, Decimal, description).in_unit(Unit::Minutes)
}
const fn maybe_share(name: &'static str, description: &'static str) -> Column {
    Column::optional(name, Ratio, description).in_unit(Unit::Share)
}
const fn maybe_text(name: &'static str, description: &'static str) -> Column {
    Column::optional(name, Text, description)
}
const fn maybe_date(name: &'static str, description: &'static str) -> Column {
    Column::optional(name, Date, description)
}
const PERIOD: Column = Column::key(c::PERIOD, Date, "First day of the calendar month").to("dim_period");
const WINDOW: Column = Column::key(c::WINDOW, Text, "Window of closed months").to("dim_window");
const CUSTOMER: Column = Column::key(c::CUSTOMER_ID, Text, "Customer").to("dim_customer");

const BRANCH: Column =
    Column::key(c::WAREHOUSE, Text, "Warehouse, for pools that are kept by warehouse; else empty").or("");
const PART: Column =
    Column::key(c::POOL_PART, Text, "Part of the pool that it came from: the warehouse of pools kept by warehouse, the group of method share; else empty").or("");

/// A table with the steps of the waterfall: what stands before them, and what after.
macro_rules! waterfall {
    ($constant:ident = $name:literal, $grain:literal, $description:literal; $($before:expr,)*; $($after:expr,)*) => {
        table! { $constant = $name, Mart, $grain, $description;
            $($before,)*
            money(c::LIST_REVENUE, "Revenue at list price"),
            money(c::INVOICE_DISCOUNT, "Discount on the invoice"),
            money(c::INVOICE_REVENUE, "List revenue less invoice discount"),
            money(c::REBATES_GIVEN, "Rebates given to the customer"),
            money(c::PAYMENT_TERMS, "Cost of financing what the customer owes"),
            money(c::FREIGHT_CHARGED, "Freight invoiced on top of the invoice revenue"),
            money(c::FREIGHT_COST, "Cost of freight"),
            money(c::POCKET_REVENUE, "Invoice revenue less rebates given and payment terms, plus freight charged, less freight cost"),
            money(c::COGS, "Cost of goods sold"),
            money(c::REBATES_RECEIVED, "Rebates received from suppliers"),
            money(c::GROSS_MARGIN, "Pocket revenue less cost of goods sold, plus rebates received"),
            money(c::COST_TO_SERVE, "Cost of the activities that customers used"),
            money(c::NET_PROFIT, "Gross margin less cost-to-serve"),
            money(c::SALES_COMPENSATION, "Part of cost-to-serve that is pay of the sales force"),
            money(c::NET_BEFORE_COMPENSATION, "Net profit plus sales compensation (NBC)"),
            $($after,)*
        }
    };
}

/// A fact finer than the ledger: its own keys, and then the waterfall, which ties to `fct_customer_month`.
macro_rules! fact {
    ($constant:ident = $name:literal, $grain:literal, $description:literal; $($column:expr,)*) => {
        waterfall! { $constant = $name, $grain, $description;
            $($column,)*
            count(c::ORDERS, "Orders, or parts of orders that span months, with a line in it"),
            count(c::LINES, "Order lines"),
            Column::required(c::QUANTITY, Decimal, "Pieces").in_unit(Unit::Pieces),
            minutes(c::MINUTES, "Minutes of time-driven activities"),;
        }
    };
}

/// The tiers of the customer pyramid, highest first (Curry, *Customer Marketing Method*).
pub const TIERS: &[&str] = &["Top", "Large", "Medium", "Small", "Inactive", "Prospect", "Suspect"];
/// What an order line can be.
pub const ORDER_KINDS: &[&str] = &["sale", "return", "credit"];
/// How an activity takes from its pool.
pub const METHODS: &[&str] = &["time", "driver", "direct", "share"];
/// What stock turnover is shown by.
pub const STOCK_LEVELS: &[&str] = &["product", "product_group"];
/// The steps of `ledger_bridge`, by number, and where its amounts end.
pub mod bridge {
    /// Account → pool.
    pub const ACCOUNT: i64 = 1;
    /// Support pool → pool.
    pub const SUPPORT: i64 = 2;
    /// Pool → activity.
    pub const ACTIVITY: i64 = 3;
    /// Activity → customers.
    pub const CUSTOMER: i64 = 4;
    /// Practical capacity that nobody used.
    pub const IDLE: &str = "idle capacity";
    /// What no activity took, or no customer.
    pub const UNASSIGNED: &str = "unassigned";
    /// What customers got, line by line in the ledger.
    pub const CUSTOMERS: &str = "customers";
}
/// Where an activity's cost stands in the waterfall.
pub const STEPS: &[&str] = &["cost_to_serve", "freight_cost", "payment_terms"];

// ── Sources ─────────────────────────────────────────────────────────────────────────────────────────────────────

table! { ORDER_LINES = "order_lines", Source, "order line", "What was ordered, invoiced, returned or credited: the only source that is required.";
    Column::key(c::ORDER_ID, Text, "Order"),
    Column::key(c::LINE_NO, Integer, "Line within the order"),
    Column::required(c::ORDER_DATE, Date, "Day of the order; decides the month"),
    Column::required(c::CUSTOMER_ID, Text, "Customer who is invoiced").to("customers"),
    Column::required(c::PRODUCT_ID, Text, "Product").to("products"),
    Column::required(c::QUANTITY, Decimal, "Pieces, negative on returns").in_unit(Unit::Pieces),
    money(c::NET_AMOUNT, "Invoiced amount of the line, without tax"),
    maybe_money(c::LIST_AMOUNT, "The line at list price"),
    maybe_money(c::DISCOUNT_AMOUNT, "Discount on the invoice: list less net"),
    maybe_money(c::COGS_AMOUNT, "Cost of the goods of the line"),
    maybe_text(c::CHANNEL, "How the order came in: web, edi, phone, …"),
    maybe_text(c::EMPLOYEE_ID, "Who took the order").to("employees"),
    maybe_text(c::SHIP_TO_ID, "Address of delivery"),
    maybe_text(c::WAREHOUSE, "Warehouse or branch that delivered"),
    Column::required(c::ORDER_KIND, Text, "sale, return or credit").one_of(ORDER_KINDS).or("sale"),
    maybe_date(c::PROMISED_DATE, "Day promised"),
    maybe_date(c::DELIVERED_DATE, "Day delivered"),
    maybe_text(c::DELIVERY, "From stock or direct from the supplier").one_of(&["stock", "direct"]),
    maybe_money(c::FREIGHT_CHARGED, "Freight invoiced with the line"),
    maybe_text(c::CURRENCY, "Currency of the line's amounts in the extract; empty when it is the company's"),
}

table! { CUSTOMERS = "customers", Source, "customer", "Who buys.";
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    maybe_text(c::NAME, "Name"),
    maybe_text(c::PARENT_ID, "Group or buying association"),
    maybe_text(c::MARKET, "Market or trade"),
    maybe_text(c::REGION, "Region"),
    maybe_text(c::COUNTRY, "Country"),
    maybe_text(c::ACCOUNT_MANAGER, "Field representative").to("employees"),
    maybe_text(c::INSIDE_REP, "Inside representative").to("employees"),
    maybe_date(c::SINCE, "Customer since"),
    maybe_money(c::POTENTIAL, "What they could buy in a year"),
    Column::optional(c::MAINTAINED_PRODUCTS, Integer, "Articles kept up for this customer alone").in_unit(Unit::Count),
    maybe_text(c::PRICE_LIST, "Price list or agreement"),
}

table! { PRODUCTS = "products", Source, "product × first day of validity", "What is sold, with what it costs from a day on.";
    Column::key(c::PRODUCT_ID, Text, "Product"),
    maybe_text(c::NAME, "Name"),
    maybe_text(c::PRODUCT_GROUP, "Product group"),
    maybe_text(c::SUPPLIER_ID, "Supplier"),
    maybe_money(c::UNIT_COST, "Cost per piece, in the company's currency"),
    maybe_money(c::LIST_PRICE, "List price per piece, in the company's currency"),
    maybe_text(c::KIND, "goods, service or assembly").one_of(&["goods", "service", "assembly"]),
    Column::optional(c::WEIGHT, Decimal, "Weight per piece").in_unit(Unit::Kilograms),
    Column::key(c::VALID_FROM, Date, "First day on which this version holds; 1900-01-01 when there is only one").or("1900-01-01"),
}

table! { EMPLOYEES = "employees", Source, "employee", "Who works here, and what that costs.";
    Column::key(c::EMPLOYEE_ID, Text, "Employee"),
    maybe_text(c::NAME, "Name"),
    maybe_text(c::ROLE, "field, inside, warehouse, finance, …"),
    maybe_text(c::PAIR_ID, "The pair of field and inside staff"),
    maybe_money(c::WAGE, "Wage with charges, per month"),
    maybe_money(c::CAR, "Car, per month"),
    maybe_money(c::REPRESENTATION, "Representation, per month"),
    maybe_money(c::BONUS, "Bonus, per month"),
    Column::optional(c::MINUTES_PER_MONTH, Decimal, "Minutes of presence per month").in_unit(Unit::Minutes),
}

table! { ACTIVITIES = "activities", Source, "event", "Visits, calls, quotes, questions, complaints, support.";
    Column::key(c::ACTIVITY_ID, Text, "Event"),
    Column::required(c::OCCURRED_AT, Date, "Day"),
    Column::required(c::KIND, Text, "visit, call, quote, question, complaint, support, …"),
    maybe_text(c::EMPLOYEE_ID, "Who did it").to("employees"),
    maybe_text(c::CUSTOMER_ID, "For which customer").to("customers"),
    maybe_text(c::PROSPECT_ID, "Or for which prospect").to("prospects"),
    Column::optional(c::MINUTES, Decimal, "Minutes spent").in_unit(Unit::Minutes),
    maybe_text(c::ORDER_ID, "Order that it was about"),
    maybe_text(c::OUTCOME, "What came of it"),
}

table! { COST_POOLS = "cost_pools", Source, "pool × month × account × customer × booking × warehouse", "The general ledger's cost, by pool and month.";
    Column::key(c::POOL, Text, "Cost pool"),
    Column::key(c::PERIOD, Date, "Month of the booking"),
    Column::key(c::GL_ACCOUNT, Text, "Account in the general ledger; empty when the extract has none").or(""),
    Column::key(c::CUSTOMER_ID, Text, "Customer whom the booking names (method direct); else empty").or(""),
    Column::key(c::BOOKING_ID, Text, "Booking, where the extract has several per month and account; else empty").or(""),
    Column::key(c::WAREHOUSE, Text, "Warehouse or branch, for pools that are kept by warehouse; else empty").or(""),
    money(c::AMOUNT, "Amount booked"),
    Column::optional(c::PRACTICAL_MINUTES, Decimal, "Practical capacity of the pool in the month").in_unit(Unit::Minutes),
}

table! { STOCK = "stock", Source, "product × snapshot date × warehouse × customer", "Stock on hand.";
    Column::key(c::PRODUCT_ID, Text, "Product").to("products"),
    Column::key(c::SNAPSHOT_DATE, Date, "Day of the count"),
    Column::key(c::WAREHOUSE, Text, "Warehouse; empty when there is one").or(""),
    Column::key(c::CUSTOMER_ID, Text, "Customer for whom it is reserved or consigned; else empty").or(""),
    Column::required(c::QUANTITY, Decimal, "Pieces").in_unit(Unit::Pieces),
    money(c::VALUE, "Value at cost"),
}

table! { RECEIVABLES = "receivables", Source, "invoice", "What was invoiced and when it was paid.";
    Column::key(c::INVOICE_ID, Text, "Invoice"),
    Column::required(c::CUSTOMER_ID, Text, "Customer").to("customers"),
    Column::required(c::INVOICE_DATE, Date, "Day of the invoice"),
    Column::required(c::DUE_DATE, Date, "Day due"),
    money(c::AMOUNT, "Amount"),
    maybe_date(c::PAID_DATE, "Day paid; empty while open"),
}

table! { DEVIATIONS = "deviations", Source, "event", "What went otherwise than agreed, and its after-care.";
    Column::key(c::DEVIATION_ID, Text, "Event"),
    Column::required(c::OCCURRED_AT, Date, "Day"),
    Column::required(c::KIND, Text, "return, credit, late, price, damage, …"),
    maybe_text(c::CUSTOMER_ID, "Customer").to("customers"),
    maybe_text(c::ORDER_ID, "Order"),
    maybe_money(c::AMOUNT, "Amount concerned"),
    Column::optional(c::MINUTES, Decimal, "Minutes of after-care").in_unit(Unit::Minutes),
    maybe_text(c::CAUSE, "Cause"),
}

table! { REBATES = "rebates", Source, "agreement", "Rebates agreed, given to customers or received from suppliers.";
    Column::key(c::CUSTOMER_ID, Text, "Customer who receives; else empty").or(""),
    Column::key(c::SUPPLIER_ID, Text, "Supplier who gives; else empty").or(""),
    Column::key(c::BASIS, Text, "What the rate is taken of").one_of(&["list_revenue", "invoice_revenue", "purchases"]),
    Column::required(c::RATE, Ratio, "Part of the basis, such as 0.05").in_unit(Unit::Share),
    Column::key(c::THRESHOLD, Decimal, "Basis per year from which the rate holds; 0 when at once").in_unit(Unit::Money).or("0"),
    Column::key(c::VALID_FROM, Date, "First day; 1900-01-01 when open").or("1900-01-01"),
    maybe_date(c::VALID_TO, "Last day; empty when open"),
}

table! { PROSPECTS = "prospects", Source, "prospect", "Who might buy.";
    Column::key(c::PROSPECT_ID, Text, "Prospect"),
    Column::required(c::STAGE, Text, "suspect or prospect").one_of(&["suspect", "prospect"]),
    maybe_text(c::NAME, "Name"),
    maybe_text(c::MARKET, "Market or trade"),
    maybe_money(c::POTENTIAL, "What they could buy in a year"),
    maybe_text(c::EMPLOYEE_ID, "Who follows them").to("employees"),
    maybe_date(c::SINCE, "Known since"),
    maybe_text(c::BECAME_CUSTOMER_ID, "The customer they became").to("customers"),
}

table! { GOALS = "goals", Source, "goal", "What was agreed to reach.";
    Column::key(c::GOAL_ID, Text, "Goal"),
    Column::required(c::KIND, Text, "retain_customers, upgrade_customers, net_profit, …"),
    Column::required(c::TARGET, Decimal, "Target").in_unit(Unit::Driver),
    maybe_text(c::SCOPE, "Employee, market or tier"),
    maybe_text(c::PERIOD, "Year, quarter or month: 2025, 2025-Q1, 2025-03"),
}

table! { ACTIONS = "actions", Source, "action", "Actions agreed with customers, for before and after.";
    Column::key(c::CUSTOMER_ID, Text, "Customer").to("customers"),
    Column::key(c::REMEDY, Text, "What was agreed"),
    Column::key(c::STARTED_AT, Date, "From which day"),
    maybe_text(c::NOTE, "Remark"),
}

table! { FX_RATES = "fx_rates", Source, "currency × month", "What one unit of a currency is worth.";
    Column::key(c::CURRENCY, Text, "Currency"),
    Column::key(c::PERIOD, Date, "Month"),
    Column::required(c::RATE, Ratio, "Units of the company's currency per unit of this one; twelve decimals count"),
}

// ── Lake ────────────────────────────────────────────────────────────────────────────────────────────────────────

table! { LAKE_ORDER_LINES = "lake_order_lines", Lake, "order line", "Order lines as the lake stores them: one partition per month, sorted by customer, order and line; keys instead of long ids.";
    Column::required(c::PERIOD, Date, "Month, the partition"),
    Column::required(c::CUSTOMER_KEY, Integer, "Key of the customer in `customer_keys`"),
    Column::key(c::ORDER_KEY, Integer, "Key of the order in `order_keys`"),
    Column::key(c::LINE_NO, Integer, "Line within the order"),
    Column::required(c::ORDER_DATE, Date, "Day of the order"),
    Column::required(c::PRODUCT_KEY, Integer, "Key of the product in `product_keys`"),
    Column::required(c::QUANTITY, Decimal, "Pieces, negative on returns").in_unit(Unit::Pieces),
    money(c::NET_AMOUNT, "Invoiced amount"),
    maybe_money(c::LIST_AMOUNT, "The line at list price"),
    maybe_money(c::DISCOUNT_AMOUNT, "Discount on the invoice"),
    maybe_money(c::COGS_AMOUNT, "Cost of the goods"),
    maybe_text(c::CHANNEL, "How the order came in"),
    maybe_text(c::EMPLOYEE_ID, "Who took the order"),
    maybe_text(c::SHIP_TO_ID, "Address of delivery"),
    maybe_text(c::WAREHOUSE, "Warehouse or branch"),
    Column::required(c::ORDER_KIND, Text, "sale, return or credit"),
    maybe_date(c::PROMISED_DATE, "Day promised"),
    maybe_date(c::DELIVERED_DATE, "Day delivered"),
    maybe_text(c::DELIVERY, "stock or direct"),
    maybe_money(c::FREIGHT_CHARGED, "Freight invoiced"),
    maybe_text(c::CURRENCY, "Currency in which the line was invoiced; its amounts here are in the company's currency"),
}

// ── Rollups ─────────────────────────────────────────────────────────────────────────────────────────────────────

table! { ORDERS = "orders", Rollup, "month × customer × order", "An order, or the part of it that falls into the month: its lines added up.";
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::CUSTOMER_KEY, Integer, "Key of the customer"),
    Column::key(c::ORDER_KEY, Integer, "Key of the order"),
    Column::required(c::ORDER_DATE, Date, "First order date of the lines"),
    count(c::LINES, "Lines"),
    Column::required(c::QUANTITY, Decimal, "Pieces").in_unit(Unit::Pieces),
    money(c::NET_AMOUNT, "Invoiced amount"),
    money(c::LIST_AMOUNT, "At list price; the net amount where no list amount was supplied"),
    money(c::DISCOUNT_AMOUNT, "Discount on the invoice"),
    money(c::COGS_AMOUNT, "Cost of the goods"),
    money(c::FREIGHT_CHARGED, "Freight invoiced"),
    count(c::LINES_BELOW_COST, "Lines with a net amount below their cost"),
    count(c::LINES_WITH_LIST, "Lines with a list amount"),
    count(c::LINES_WITH_COGS, "Lines with a cost"),
    count(c::LINES_WITH_FREIGHT, "Lines with a freight amount"),
    maybe_text(c::CHANNEL, "How the order came in; the first by alphabet where lines differ"),
    maybe_text(c::EMPLOYEE_ID, "Who took the order; the first where lines differ"),
    maybe_text(c::SHIP_TO_ID, "Address of delivery; the first where lines differ"),
    maybe_text(c::WAREHOUSE, "Warehouse; the first where lines differ"),
    Column::required(c::ORDER_KIND, Text, "sale, return or credit; the first by alphabet where lines differ"),
    maybe_text(c::DELIVERY, "stock or direct; direct where lines differ"),
}

table! { CUSTOMER_MONTH = "customer_month", Rollup, "month × customer", "What a customer bought in a month.";
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    count(c::ORDERS, "Orders, and parts of orders that span months"),
    count(c::LINES, "Order lines"),
    Column::required(c::QUANTITY, Decimal, "Pieces").in_unit(Unit::Pieces),
    money(c::NET_AMOUNT, "Invoiced amount"),
    money(c::LIST_AMOUNT, "At list price"),
    money(c::DISCOUNT_AMOUNT, "Discount on the invoice"),
    money(c::COGS_AMOUNT, "Cost of the goods"),
    money(c::FREIGHT_CHARGED, "Freight invoiced"),
    count(c::LINES_BELOW_COST, "Lines with a net amount below their cost"),
    count(c::LINES_WITH_LIST, "Lines with a list amount"),
    count(c::LINES_WITH_COGS, "Lines with a cost"),
    count(c::LINES_WITH_FREIGHT, "Lines with a freight amount"),
}

table! { DRIVER_QUANTITY = "driver_quantity", Rollup, "month × customer × activity × warehouse", "How much of an activity's driver a customer used: minutes, orders, deliveries, ….";
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    Column::key(c::ACTIVITY, Text, "Activity of the configuration"),
    BRANCH,
    Column::required(c::QUANTITY, Decimal, "Quantity: the sum of the activity's expression").in_unit(Unit::Driver),
}

table! { CUSTOMER_SUPPLIER_MONTH = "customer_supplier_month", Rollup, "month × customer × supplier", "What a customer bought of a supplier's products in a month.";
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    Column::key(c::SUPPLIER_ID, Text, "Supplier of the products"),
    money(c::NET_AMOUNT, "Invoiced amount"),
    money(c::LIST_AMOUNT, "At list price"),
    money(c::COGS_AMOUNT, "Cost of the goods"),
}

table! { COST_BAND = "cost_band", Rollup, "month × customer", "How far a customer's cost may be off when quantities are as uncertain as the configuration says.";
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    money(c::LESS_AMOUNT, "By how much the cost may be lower"),
    money(c::MORE_AMOUNT, "By how much the cost may be higher"),
}

// ── Marts: dimensions ───────────────────────────────────────────────────────────────────────────────────────────

table! { DIM_CUSTOMER = "dim_customer", Mart, "customer", "Customers with what is known of them and their tier in the main window.";
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    Column::required(c::NAME, Text, "Name, or the id where none was supplied"),
    maybe_text(c::PARENT_ID, "Group or buying association"),
    maybe_text(c::MARKET, "Market or trade"),
    maybe_text(c::REGION, "Region"),
    maybe_text(c::COUNTRY, "Country"),
    maybe_text(c::ACCOUNT_MANAGER, "Field representative").to("dim_employee"),
    maybe_text(c::INSIDE_REP, "Inside representative").to("dim_employee"),
    maybe_date(c::SINCE, "Customer since"),
    maybe_money(c::POTENTIAL, "What they could buy in a year"),
    Column::optional(c::MAINTAINED_PRODUCTS, Integer, "Articles kept up for this customer alone").in_unit(Unit::Count),
    maybe_text(c::PRICE_LIST, "Price list or agreement"),
    maybe_text(c::TIER, "Tier in the main window; empty when never a buyer").one_of(TIERS),
}

table! { DIM_PRODUCT = "dim_product", Mart, "product", "Products, each as its latest version has it.";
    Column::key(c::PRODUCT_ID, Text, "Product"),
    Column::required(c::NAME, Text, "Name, or the id where none was supplied"),
    maybe_text(c::PRODUCT_GROUP, "Product group"),
    maybe_text(c::SUPPLIER_ID, "Supplier"),
    maybe_money(c::UNIT_COST, "Cost per piece"),
    maybe_money(c::LIST_PRICE, "List price per piece"),
    maybe_text(c::KIND, "goods, service or assembly"),
    Column::optional(c::WEIGHT, Decimal, "Weight per piece").in_unit(Unit::Kilograms),
}

table! { DIM_EMPLOYEE = "dim_employee", Mart, "employee", "Employees; without their pay.";
    Column::key(c::EMPLOYEE_ID, Text, "Employee"),
    Column::required(c::NAME, Text, "Name, or the id where none was supplied"),
    maybe_text(c::ROLE, "field, inside, warehouse, finance, …"),
    maybe_text(c::PAIR_ID, "The pair of field and inside staff"),
}

table! { DIM_PERIOD = "dim_period", Mart, "month", "Calendar months.";
    Column::key(c::PERIOD, Date, "First day of the calendar month"),
    Column::required(c::YEAR, Integer, "Year"),
    Column::required(c::QUARTER, Integer, "Quarter, 1–4"),
    Column::required(c::MONTH, Integer, "Month of the year, 1–12"),
    Column::required(c::LABEL, Text, "Such as 2025-03"),
}

table! { DIM_WINDOW = "dim_window", Mart, "window", "Windows of closed months: the last twelve (the main window), the twelve before, and calendar years.";
    Column::key(c::WINDOW, Text, "Name: main, previous, or a calendar year"),
    Column::required(c::LABEL, Text, "Such as 2024-07..2025-06"),
    Column::required(c::FIRST_PERIOD, Date, "First month"),
    Column::required(c::LAST_PERIOD, Date, "Last month"),
    maybe_text(c::PREVIOUS_WINDOW, "The window that it is compared with, where the data reach back that far").to("dim_window"),
}

table! { DIM_POOL = "dim_pool", Mart, "pool", "Cost pools of the general ledger.";
    Column::key(c::POOL, Text, "Cost pool"),
    Column::required(c::LABEL, Text, "Name for reports"),
    Column::required(c::IDLE, Text, "What becomes of capacity that nobody used").one_of(&["report", "charge"]),
    Column::required(c::FIXED_SHARE, Ratio, "Part of the amount that pays for capacity; the rest varies with use").in_unit(Unit::Share),
    Column::required(c::PASSES_ON, Bool, "Whether it is a support pool"),
    maybe_text(c::DESCRIPTION, "To which pools it passes on, and where its practical capacity comes from"),
}

table! { DIM_ACTIVITY = "dim_activity", Mart, "activity", "Activities of cost-to-serve.";
    Column::key(c::ACTIVITY, Text, "Activity"),
    Column::required(c::LABEL, Text, "Name for reports"),
    Column::required(c::POOL, Text, "Pool from which it takes").to("dim_pool"),
    Column::required(c::METHOD, Text, "How it takes").one_of(METHODS),
    Column::required(c::STEP, Text, "Where its cost stands in the waterfall").one_of(STEPS),
    Column::required(c::COMPENSATION, Bool, "Whether its cost is sales compensation"),
    maybe_text(c::SOURCE, "Source of its driver"),
    maybe_text(c::DESCRIPTION, "The expression that measures it"),
}

// ── Marts: facts ────────────────────────────────────────────────────────────────────────────────────────────────

waterfall! { FCT_CUSTOMER_MONTH = "fct_customer_month", "customer × month", "The waterfall: from list revenue to net profit, every step a column, each sums to the next.";
    CUSTOMER,
    PERIOD,
    count(c::ORDERS, "Orders"),
    count(c::LINES, "Order lines"),
    count(c::LINES_BELOW_COST, "Lines with a net amount below their cost"),
    Column::required(c::QUANTITY, Decimal, "Pieces").in_unit(Unit::Pieces),
    minutes(c::MINUTES, "Minutes of attention: time-driven activities"),;
    Column::required(c::LIST_SUPPLIED, Bool, "List amounts were supplied; else list revenue equals invoice revenue"),
    Column::required(c::REBATES_SUPPLIED, Bool, "Rebate agreements with customers were supplied; else rebates given are zero"),
    Column::required(c::PAYMENT_TERMS_SUPPLIED, Bool, "Receivables and a yearly rate were supplied and the month is closed, or a pool of an activity with this step was booked; else zero"),
    Column::required(c::FREIGHT_CHARGED_SUPPLIED, Bool, "Freight invoiced was supplied on every line; else zero where it is missing"),
    Column::required(c::FREIGHT_COST_SUPPLIED, Bool, "A pool of an activity with this step was booked in the month; else zero"),
    Column::required(c::COGS_SUPPLIED, Bool, "Cost was supplied on every line; else zero where it is missing"),
    Column::required(c::REBATES_RECEIVED_SUPPLIED, Bool, "Rebate agreements with suppliers and the suppliers of products were supplied; else rebates received are zero"),
    Column::required(c::COST_TO_SERVE_SUPPLIED, Bool, "A pool of an activity with this step was booked in the month; else zero"),
}

table! { FCT_CUSTOMER_ACTIVITY_MONTH = "fct_customer_activity_month", Mart, "customer × month × activity × part", "The ledger: every amount that was assigned to a customer. All other tables tie to it.";
    CUSTOMER,
    PERIOD,
    Column::key(c::ACTIVITY, Text, "Activity").to("dim_activity"),
    PART,
    Column::required(c::QUANTITY, Decimal, "Quantity of the driver; minutes for time-driven activities").in_unit(Unit::Driver),
    money(c::AMOUNT, "Amount assigned"),
}

table! { ACTIVITY_MONTH = "activity_month", Mart, "activity × month × part", "What an activity cost, how much of its driver was used, and the rate.";
    Column::key(c::ACTIVITY, Text, "Activity").to("dim_activity"),
    PERIOD,
    PART,
    Column::required(c::POOL, Text, "Pool from which it takes").to("dim_pool"),
    money(c::POOL_AMOUNT, "What is spread over the quantity: for time, the pool without its idle capacity, over the minutes of all its activities; for driver and share, the activity's part of the pool"),
    Column::required(c::QUANTITY, Decimal, "Quantity used by all customers").in_unit(Unit::Driver),
    Column::required(c::CAPACITY, Decimal, "What the amount is divided by: the minutes used of the pool for time, the total quantity for driver").in_unit(Unit::Driver),
    Column::optional(c::RATE, Ratio, "Amount ÷ capacity, for display"),
    money(c::ASSIGNED_AMOUNT, "Assigned to customers"),
    money(c::UNASSIGNED_AMOUNT, "Left over because nobody used the driver"),
}

table! { POOL_BALANCE = "pool_balance", Mart, "pool × month × warehouse", "The balance sheet of a pool: own + received = assigned + passed on + idle + unassigned. The difference is zero on every run.";
    Column::key(c::POOL, Text, "Cost pool").to("dim_pool"),
    PERIOD,
    BRANCH,
    money(c::OWN_AMOUNT, "From the general ledger"),
    money(c::RECEIVED_AMOUNT, "From support pools"),
    money(c::ASSIGNED_AMOUNT, "Assigned to customers"),
    money(c::PASSED_ON_AMOUNT, "Passed on to other pools"),
    money(c::IDLE_AMOUNT, "Practical capacity that nobody used"),
    money(c::UNASSIGNED_AMOUNT, "Neither used nor idle: no activity, or a driver that is zero for everyone"),
    money(c::DIFFERENCE, "Own + received − assigned − passed on − idle − unassigned"),
    minutes(c::PRACTICAL_MINUTES, "Practical capacity; 0 for pools without time-driven activities"),
    minutes(c::USED_MINUTES, "Minutes of the activities"),
    minutes(c::IDLE_MINUTES, "Practical capacity not used"),
    minutes(c::OVERDRIVEN_MINUTES, "Minutes above practical capacity"),
    maybe_share(c::UTILIZATION, "Minutes used ÷ practical capacity; above 1 when overdriven"),
    Column::optional(c::RATE, Ratio, "Amount per minute used, for display"),
}

table! { POOL_TRANSFER = "pool_transfer", Mart, "pool × receiving pool × month", "What support pools passed on, and to which pools.";
    Column::key(c::POOL, Text, "Support pool").to("dim_pool"),
    Column::key(c::TO_POOL, Text, "Pool that received").to("dim_pool"),
    PERIOD,
    money(c::AMOUNT, "Amount passed on"),
    maybe_share(c::COST_SHARE, "Share of the support pool's own and received amount"),
}

table! { LEDGER_BRIDGE = "ledger_bridge", Mart, "month × step × from × to", "The general ledger's way to the customers: account → pool → pool → activity → customers, what came in and what left at each step.";
    PERIOD,
    Column::key(c::STEP_NO, Integer, "1 account → pool, 2 pool → pool, 3 pool → activity, 4 activity → customers"),
    Column::key(c::FROM_NAME, Text, "Account, pool or activity that the amount leaves"),
    Column::key(c::TO_NAME, Text, "Pool or activity that it reaches; customers, idle capacity, unassigned"),
    money(c::AMOUNT, "Amount"),
    Column::optional(c::CUSTOMERS, Integer, "Step 4: how many customers").in_unit(Unit::Count),
    money(c::REMAINDER, "What came into `from_name` in the month and left it by none of the rows of this step; zero on every run"),
}

table! { REBATE_PROGRESS = "rebate_progress", Mart, "customer or supplier × basis × year", "Rebate agreements: what has accrued in the calendar year, and what is still needed for the next bracket.";
    Column::key(c::CUSTOMER_ID, Text, "Customer who receives; empty for agreements with suppliers").or(""),
    Column::key(c::SUPPLIER_ID, Text, "Supplier who gives; empty for agreements with customers").or(""),
    Column::key(c::BASIS, Text, "What the rate is taken of"),
    Column::key(c::YEAR, Integer, "Calendar year"),
    money(c::BASIS_AMOUNT, "Basis so far in the year"),
    maybe_money(c::THRESHOLD, "Threshold of the bracket that holds; empty while none is reached"),
    Column::optional(c::RATE, Ratio, "Rate that holds").in_unit(Unit::Share),
    money(c::ACCRUED_AMOUNT, "Rebate accrued so far in the year"),
    maybe_money(c::NEXT_THRESHOLD, "Threshold of the next bracket; empty in the highest"),
    Column::optional(c::NEXT_RATE, Ratio, "Its rate").in_unit(Unit::Share),
    maybe_money(c::NEEDED_AMOUNT, "Near miss: basis still needed for the next bracket"),
    maybe_money(c::EXTRA_AMOUNT, "What the rebate would grow by if the year's basis just reached it"),
}

// ── Marts: facts finer than the ledger, split from it ───────────────────────────────────────────────────────────

fact! { FCT_ORDER = "fct_order", "month × customer × order", "Orders, or their parts by month, from list revenue to net profit. Cost of a customer month without an order stands under the empty order.";
    PERIOD,
    CUSTOMER,
    Column::key(c::ORDER_ID, Text, "Order; empty for cost without one").or(""),
    maybe_date(c::ORDER_DATE, "First order date of the lines"),
    maybe_text(c::CHANNEL, "How the order came in"),
    maybe_text(c::EMPLOYEE_ID, "Who took the order").to("dim_employee"),
    maybe_text(c::SHIP_TO_ID, "Address of delivery"),
    maybe_text(c::WAREHOUSE, "Warehouse or branch"),
    maybe_text(c::ORDER_KIND, "sale, return or credit"),
    maybe_text(c::DELIVERY, "stock or direct"),
}

fact! { FCT_ORDER_LINE = "fct_order_line", "month × customer × order × line", "Order lines from list revenue to net profit. Cost of a customer month without an order stands under the empty order, line 0.";
    PERIOD,
    CUSTOMER,
    Column::key(c::ORDER_ID, Text, "Order; empty for cost without one").or(""),
    Column::key(c::LINE_NO, Integer, "Line within the order; 0 for cost without an order"),
    maybe_date(c::ORDER_DATE, "Day of the order"),
    maybe_text(c::PRODUCT_ID, "Product").to("dim_product"),
    maybe_text(c::CHANNEL, "How the order came in"),
    maybe_text(c::EMPLOYEE_ID, "Who took the order").to("dim_employee"),
    maybe_text(c::SHIP_TO_ID, "Address of delivery"),
    maybe_text(c::WAREHOUSE, "Warehouse or branch"),
    maybe_text(c::ORDER_KIND, "sale, return or credit"),
    maybe_text(c::DELIVERY, "stock or direct"),
}

fact! { FCT_CUSTOMER_PRODUCT_GROUP_MONTH = "fct_customer_product_group_month", "customer × month × product group", "Customers by product group, from list revenue to net profit.";
    CUSTOMER,
    PERIOD,
    Column::key(c::PRODUCT_GROUP, Text, "Product group; empty where the product has none, and for cost without an order").or(""),
}

fact! { FCT_PRODUCT_MONTH = "fct_product_month", "month × product", "Products, from list revenue to net profit.";
    PERIOD,
    Column::key(c::PRODUCT_ID, Text, "Product; empty for cost without an order").or(""),
}

fact! { FCT_SUPPLIER_MONTH = "fct_supplier_month", "month × supplier", "Suppliers of the products sold, from list revenue to net profit.";
    PERIOD,
    Column::key(c::SUPPLIER_ID, Text, "Supplier; empty where the product has none, and for cost without an order").or(""),
}

fact! { FCT_EMPLOYEE_MONTH = "fct_employee_month", "month × employee", "Who took the orders, from list revenue to net profit.";
    PERIOD,
    Column::key(c::EMPLOYEE_ID, Text, "Who took the order; empty where nobody is named, and for cost without an order").or(""),
}

fact! { FCT_CUSTOMER_CHANNEL_MONTH = "fct_customer_channel_month", "customer × month × channel", "Customers by the channel of their orders, from list revenue to net profit.";
    CUSTOMER,
    PERIOD,
    Column::key(c::CHANNEL, Text, "How the order came in; empty where not known, and for cost without an order").or(""),
}

fact! { FCT_SHIP_TO_MONTH = "fct_ship_to_month", "customer × month × address of delivery", "Customers by address of delivery, from list revenue to net profit.";
    CUSTOMER,
    PERIOD,
    Column::key(c::SHIP_TO_ID, Text, "Address of delivery; empty where not known, and for cost without an order").or(""),
}

fact! { FCT_WAREHOUSE_MONTH = "fct_warehouse_month", "month × warehouse", "Warehouses or branches that delivered, from list revenue to net profit.";
    PERIOD,
    Column::key(c::WAREHOUSE, Text, "Warehouse or branch; empty where not known, and for cost without an order").or(""),
}

// ── Marts: analyses ─────────────────────────────────────────────────────────────────────────────────────────────

table! { CUSTOMER_WINDOW = "customer_window", Mart, "window × customer", "Every customer that bought in or before the window: tier, rank, and the totals of the window.";
    WINDOW,
    CUSTOMER,
    Column::required(c::TIER, Text, "Tier").one_of(TIERS),
    Column::optional(c::RANK, Integer, "Rank by the measure of the pyramid, 1 is highest; empty when inactive").in_unit(Unit::Count),
    count(c::ORDERS, "Orders"),
    count(c::LINES, "Order lines"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::GROSS_MARGIN, "Gross margin"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    money(c::NET_PROFIT, "Net profit"),
    money(c::CUMULATIVE_REVENUE, "Revenue of this customer and all above in rank"),
    maybe_share(c::CUMULATIVE_REVENUE_SHARE, "Cumulative revenue as share of the total"),
    maybe_share(c::MARGIN_SHARE, "Gross margin ÷ invoice revenue"),
    maybe_money(c::AVERAGE_ORDER, "Invoice revenue ÷ orders"),
    maybe_money(c::COST_PER_ORDER, "Cost-to-serve ÷ orders"),
    maybe_money(c::BREAK_EVEN_ORDER, "Order value at which an order just earns its cost: cost per order ÷ margin share"),
}

table! { PYRAMID = "pyramid", Mart, "window × tier", "The customer pyramid (Curry): tiers with their customers, revenue, cost and profit.";
    WINDOW,
    Column::key(c::TIER, Text, "Tier").one_of(TIERS),
    count(c::TIER_ORDER, "Order of the tiers, 1 is Top"),
    count(c::CUSTOMERS, "Customers, prospects or suspects"),
    maybe_share(c::CUSTOMER_SHARE, "Share of the active customers"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    maybe_share(c::REVENUE_SHARE, "Share of invoice revenue"),
    money(c::GROSS_MARGIN, "Gross margin"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    maybe_share(c::COST_SHARE, "Share of cost-to-serve"),
    money(c::NET_PROFIT, "Net profit"),
    maybe_share(c::PROFIT_SHARE, "Share of net profit; empty where the total is not above zero"),
    maybe_money(c::POTENTIAL, "What they could buy in a year"),
    maybe_share(c::SHARE_OF_WALLET, "Invoice revenue ÷ potential, of customers with a potential"),
    minutes(c::MINUTES, "Minutes of attention: time-driven activities"),
    count(c::LOSS_CUSTOMERS, "Customers with a net profit below zero"),
}

table! { CONCENTRATION = "concentration", Mart, "window × percentile", "20/80: what the first 1, 2, … 100 % of the customers, by revenue, hold of revenue, margin, cost and profit.";
    WINDOW,
    Column::key(c::PERCENTILE, Integer, "First so many percent of the active customers, by invoice revenue").in_unit(Unit::Count),
    count(c::CUSTOMERS, "Customers: the ceiling of the percentage"),
    maybe_share(c::REVENUE_SHARE, "Cumulative share of invoice revenue (the Lorenz curve from the top)"),
    maybe_share(c::MARGIN_SHARE, "Cumulative share of gross margin"),
    maybe_share(c::COST_SHARE, "Cumulative share of cost-to-serve"),
    maybe_share(c::PROFIT_SHARE, "Cumulative share of net profit; empty where the total is not above zero"),
}

table! { WHALE_CURVE = "whale_curve", Mart, "window × rank", "Customers by net profit, descending, with the profit cumulated (Kaplan & Narayanan).";
    WINDOW,
    Column::key(c::RANK, Integer, "Rank by net profit, 1 is highest; ties by id").in_unit(Unit::Count),
    Column::required(c::CUSTOMER_ID, Text, "Customer").to("dim_customer"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::NET_PROFIT, "Net profit"),
    money(c::CUMULATIVE_PROFIT, "Net profit of this customer and all before"),
    maybe_share(c::CUMULATIVE_CUSTOMER_SHARE, "Rank ÷ customers"),
    maybe_share(c::CUMULATIVE_PROFIT_SHARE, "Cumulative profit ÷ total; empty where the total is near or below zero"),
    maybe_share(c::CUMULATIVE_PEAK_SHARE, "Cumulative profit ÷ peak; empty where nobody earns"),
}

table! { TIER_MIGRATION = "tier_migration", Mart, "window × previous tier × tier", "Movement in the pyramid: from which tier to which, with counts, revenue and profit.";
    WINDOW,
    Column::key(c::PREVIOUS_TIER, Text, "Tier in the previous window; New when never seen before"),
    Column::key(c::TIER, Text, "Tier in this window"),
    count(c::CUSTOMERS, "Customers that made this move"),
    money(c::PREVIOUS_REVENUE, "Their invoice revenue in the previous window"),
    money(c::INVOICE_REVENUE, "Their invoice revenue in this window"),
    money(c::PREVIOUS_NET_PROFIT, "Their net profit in the previous window"),
    money(c::NET_PROFIT, "Their net profit in this window"),
}

table! { WINDOW_SUMMARY = "window_summary", Mart, "window", "The headline figures of a window, from revenue to the result that ties to the general ledger.";
    WINDOW,
    count(c::CUSTOMERS, "Active customers"),
    count(c::ORDERS, "Orders"),
    count(c::LINES, "Order lines"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::GROSS_MARGIN, "Gross margin"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    money(c::NET_PROFIT, "Net profit of all customers"),
    money(c::IDLE_AMOUNT, "Idle capacity, not charged to customers"),
    money(c::UNASSIGNED_AMOUNT, "Cost that no activity took"),
    money(c::RESULT, "Net profit − idle − unassigned: what the general ledger shows, less the imputed amount"),
    money(c::IMPUTED_AMOUNT, "Payment terms at the yearly rate of the configuration: a cost in net profit that no pool books; 0 where an activity carries it"),
    money(c::LEDGER_AMOUNT, "All cost pools of the window, from the general ledger"),
    maybe_share(c::TOP_REVENUE_SHARE, "Share of revenue of the top 20 % of customers by revenue"),
    maybe_share(c::TOP_MARGIN_SHARE, "Share of gross margin of the top 20 %"),
    maybe_share(c::TOP_COST_SHARE, "Share of cost-to-serve of the top 20 %"),
    maybe_share(c::TOP_PROFIT_SHARE, "Share of net profit of the top 20 %; empty where the total is not above zero"),
    count(c::TAIL_CUSTOMERS, "Customers that bring the last 20 % of revenue"),
    maybe_share(c::TAIL_COST_SHARE, "Share of cost-to-serve that they swallow"),
    money(c::PEAK_PROFIT, "Peak of the whale curve: profit of all customers that earn"),
    count(c::PEAK_CUSTOMERS, "Customers that earn"),
    maybe_share(c::PEAK_TO_TOTAL, "Peak ÷ total; empty where the total is near or below zero"),
    maybe_share(c::RETENTION, "Total ÷ peak: what is left of the profit earned"),
    count(c::LOSS_CUSTOMERS, "Customers with a net profit below zero"),
    money(c::LOSS_AMOUNT, "What they lose together"),
    maybe_share(c::GINI, "Gini coefficient of invoice revenue, 0 equal to 1 all with one; empty where some revenue is negative"),
}

table! { SENSITIVITY = "sensitivity", Mart, "window × customer", "The band of each customer's net profit when minutes and driver quantities are as uncertain as the configuration says.";
    WINDOW,
    CUSTOMER,
    money(c::NET_PROFIT, "Net profit"),
    money(c::NET_PROFIT_LOW, "Lowest net profit within the ranges"),
    money(c::NET_PROFIT_HIGH, "Highest net profit within the ranges"),
    Column::required(c::SIGN_CERTAIN, Bool, "Whether it earns, or loses, wherever in the band the truth lies"),
    Column::required(c::TIER, Text, "Tier").one_of(TIERS),
    Column::required(c::TIER_LOW, Text, "Lowest tier within the ranges").one_of(TIERS),
    Column::required(c::TIER_HIGH, Text, "Highest tier within the ranges").one_of(TIERS),
    Column::required(c::TIER_CERTAIN, Bool, "Whether the tier is the same wherever in the bands the truth lies"),
}

table! { STOCK_TURNOVER = "stock_turnover", Mart, "window × level × key", "What stock earns, by product and by product group: turnover, margin, GMROI and holding cost. Turns, days and GMROI are per year: windows of other lengths are scaled to twelve months. Windows without a stock count are left out.";
    WINDOW,
    Column::key(c::LEVEL, Text, "What the key names").one_of(STOCK_LEVELS),
    Column::key(c::KEY, Text, "Product, or product group; empty for the products without one").or(""),
    count(c::SNAPSHOTS, "Days in the window on which stock was counted"),
    money(c::AVERAGE_STOCK, "Value at cost, averaged over the snapshots; a product that a snapshot doesn't name was not there"),
    money(c::COGS, "Cost of goods sold"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::GROSS_MARGIN, "Product margin: invoice revenue less cost of goods sold, before rebates, terms and freight"),
    Column::optional(c::TURNS, Ratio, "Cost of goods sold ÷ average stock, per year; empty without stock"),
    Column::optional(c::DAYS, Ratio, "365 ÷ turns: how long stock lies").in_unit(Unit::Days),
    maybe_share(c::MARGIN_SHARE, "Product margin ÷ invoice revenue"),
    Column::optional(c::GMROI, Ratio, "Product margin ÷ average stock, per year"),
    Column::optional(c::TURN_EARN, Ratio, "Turns × margin in percent: 4 turns at 30 % are 120"),
    maybe_money(c::HOLDING_COST, "Holding rate × average stock × months ÷ 12; empty where no holding_rate is configured"),
    maybe_money(c::NET_OF_HOLDING, "Product margin less holding cost"),
}

table! { DATA_READINESS = "data_readiness", Mart, "source", "Which sources were supplied and how complete they are.";
    Column::key(c::SOURCE, Text, "Source"),
    Column::required("supplied", Bool, "Whether it was supplied"),
    count(c::ROWS, "Rows in the lake"),
    maybe_date("first_date", "First date in it"),
    maybe_date("last_date", "Last date in it"),
    Column::required("enables", Text, "Which analyses it switches on"),
}

/// Every source, in the order of the design.
pub const SOURCES: &[&Table] = &[
    &ORDER_LINES,
    &CUSTOMERS,
    &PRODUCTS,
    &EMPLOYEES,
    &ACTIVITIES,
    &COST_POOLS,
    &STOCK,
    &RECEIVABLES,
    &DEVIATIONS,
    &REBATES,
    &PROSPECTS,
    &GOALS,
    &ACTIONS,
    &FX_RATES,
];

/// Every rollup.
pub const ROLLUPS: &[&Table] = &[&ORDERS, &CUSTOMER_MONTH, &DRIVER_QUANTITY, &CUSTOMER_SUPPLIER_MONTH, &COST_BAND];

/// Every mart: dimensions, facts, analyses.
pub const MARTS: &[&Table] = &[
    &DIM_CUSTOMER,
    &DIM_PRODUCT,
    &DIM_EMPLOYEE,
    &DIM_PERIOD,
    &DIM_WINDOW,
    &DIM_POOL,
    &DIM_ACTIVITY,
    &FCT_CUSTOMER_MONTH,
    &FCT_CUSTOMER_ACTIVITY_MONTH,
    &ACTIVITY_MONTH,
    &POOL_BALANCE,
    &POOL_TRANSFER,
    &LEDGER_BRIDGE,
    &REBATE_PROGRESS,
    &CUSTOMER_WINDOW,
    &PYRAMID,
    &CONCENTRATION,
    &WHALE_CURVE,
    &TIER_MIGRATION,
    &SENSITIVITY,
    &WINDOW_SUMMARY,
    &STOCK_TURNOVER,
    &DATA_READINESS,
];

/// The facts finer than the ledger: published where the configuration asks for them, and too large to keep in memory.
pub const FACTS: &[&Table] = &[
    &FCT_ORDER,
    &FCT_ORDER_LINE,
    &FCT_CUSTOMER_PRODUCT_GROUP_MONTH,
    &FCT_PRODUCT_MONTH,
    &FCT_SUPPLIER_MONTH,
    &FCT_EMPLOYEE_MONTH,
    &FCT_CUSTOMER_CHANNEL_MONTH,
    &FCT_SHIP_TO_MONTH,
    &FCT_WAREHOUSE_MONTH,
];

/// Every table of the contract, in the order of the flow.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    SOURCES.iter().chain([&&LAKE_ORDER_LINES]).chain(ROLLUPS).chain(MARTS).chain(FACTS).copied()
}

/// The table of that name.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    tables().find(|table| table.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_table_has_a_key() {
        let names: BTreeSet<_> = tables().map(|table| table.name).collect();
        assert_eq!(names.len(), tables().count());
        for table in tables() {
            assert!(table.keys().next().is_some(), "{} has no key", table.name);
            let columns: BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), table.columns.len(), "{} names a column twice", table.name);
        }
    }

    #[test]
    fn references_lead_to_tables_whose_key_they_are() {
        for column in tables().flat_map(|table| table.columns) {
            if let Some(name) = column.references {
                let target = table(name).unwrap_or_else(|| panic!("{} refers to no table {name}", column.name));
                assert_eq!(target.keys().next().map(|key| key.ty), Some(column.ty), "{}", column.name);
            }
        }
    }
}
