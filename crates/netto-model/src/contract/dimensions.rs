//! The dimensions of the star.

use super::{super::column as c, *};

table! { DIM_CUSTOMER = "dim_customer", Mart, "customer", "Customers with their attributes and their tier in the main window.";
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    Column::required(c::NAME, Text, "Name, or the id where none was supplied"),
    maybe_text(c::PARENT_ID, "Group or buying association"),
    maybe_text(c::MARKET, "Market or trade"),
    maybe_text(c::REGION, "Region"),
    maybe_text(c::COUNTRY, "Country"),
    maybe_text(c::ACCOUNT_MANAGER, "Field representative").to("dim_employee"),
    maybe_text(c::INSIDE_REP, "Inside representative").to("dim_employee"),
    maybe_date(c::SINCE, "Customer since"),
    maybe_money(c::POTENTIAL, "Purchases that they could make in a year"),
    Column::optional(c::MAINTAINED_PRODUCTS, Integer, "Number of articles kept only for this customer").in_unit(Unit::Count),
    maybe_text(c::PRICE_LIST, "Price list or agreement"),
    maybe_text(c::TIER, "Tier in the main window; empty if the customer never bought anything").one_of(TIERS),
}

table! { DIM_PRODUCT = "dim_product", Mart, "product", "Products, each in its latest version; facts count for the group, supplier and kind of the order date.";
    Column::key(c::PRODUCT_ID, Text, "Product"),
    Column::required(c::NAME, Text, "Name, or the id where none was supplied"),
    maybe_text(c::PRODUCT_GROUP, "Product group"),
    maybe_text(c::SUPPLIER_ID, "Supplier"),
    maybe_money(c::UNIT_COST, "Cost per piece").never_summed(),
    maybe_money(c::LIST_PRICE, "List price per piece").never_summed(),
    maybe_text(c::KIND, "goods, service or assembly"),
    Column::optional(c::WEIGHT, Decimal, "Weight per piece").in_unit(Unit::Kilograms).never_summed(),
}

table! { DIM_EMPLOYEE = "dim_employee", Mart, "employee", "Employees, without their pay.";
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

table! { DIM_WINDOW = "dim_window", Mart, "window", "Windows of closed months: the last twelve (the main window), the twelve before, calendar years, and the months that a year in progress is compared with.";
    Column::key(c::WINDOW, Text, "Name: main, previous, a calendar year, or its first months, such as 2024 to 06"),
    Column::required(c::LABEL, Text, "Such as 2024-07..2025-06"),
    Column::required(c::FIRST_PERIOD, Date, "First month"),
    Column::required(c::LAST_PERIOD, Date, "Last month"),
    Column::required(c::LAST_DAY, Date, "Last day of the last month"),
    count(c::MONTHS, "Number of months").never_summed(),
    maybe_text(c::PREVIOUS_WINDOW, "The window that it is compared with; empty if the data don't reach back to its first month, or have no sale in one of its months").to("dim_window"),
    maybe_text(c::NO_COMPARISON, "Why it is not compared with another window"),
}

table! { DIM_POOL = "dim_pool", Mart, "pool", "Cost pools of the general ledger.";
    Column::key(c::POOL, Text, "Cost pool"),
    Column::required(c::LABEL, Text, "Name for reports"),
    Column::required(c::IDLE, Text, "Treatment of unused capacity").one_of(&["report", "charge"]),
    Column::required(c::FIXED_SHARE, Ratio, "Part of the amount that pays for capacity; the rest varies with use").in_unit(Unit::Share),
    maybe_share(c::AVOIDABLE_SHARE, "Part of the cost that is really saved if its work ends; the rest is only freed capacity. Empty if not configured: then no cost counts as avoidable"),
    Column::required(c::PASSES_ON, Bool, "Whether it is a support pool"),
    maybe_text(c::EMPLOYEES_WHERE, "Condition for the employees who work in it and determine its practical capacity; empty if the capacity has another source"),
    maybe_text(c::DESCRIPTION, "Pools that it passes cost on to, and the source of its practical capacity"),
}

table! { DIM_ACTIVITY = "dim_activity", Mart, "activity", "Activities of cost-to-serve.";
    Column::key(c::ACTIVITY, Text, "Activity"),
    Column::required(c::LABEL, Text, "Name for reports"),
    Column::required(c::POOL, Text, "Pool that its cost comes from").to("dim_pool"),
    Column::required(c::METHOD, Text, "Method of assignment").one_of(METHODS),
    Column::required(c::STEP, Text, "Step of the waterfall that has its cost").one_of(STEPS),
    Column::required(c::COMPENSATION, Bool, "Whether its cost is sales compensation"),
    Column::required(c::STANDING, Bool, "Whether its cost stays the same with more or fewer orders (`standing = true`), such as a subscription: then it is cost of the customer and not of the order"),
    maybe_text(c::SOURCE, "Source of its driver"),
    maybe_text(c::ROWS_WHERE, "Condition for the rows of the source that count; empty if all count"),
    maybe_text(c::DESCRIPTION, "Expression that measures it"),
}

table! { PAY_POOL = "pay_pool", Mart, "role × pool", "Pools that contain pay of the sales force, and how they were found; the added value of pairs is based on them.";
    Column::key(c::ROLE, Text, "Whose pay: field or inside staff").one_of(&["field", "inside"]),
    Column::key(c::POOL, Text, "Cost pool").to("dim_pool"),
    Column::required(c::SAID_BY, Text, "How it was found: by the configuration (`pay_pools`); by the employees that it takes its capacity from; by its name or label; or, if none of these identifies the pool of the field, by an activity of it that is sales compensation").one_of(&["configuration", "capacity", "name", "compensation"]),
}

table! { VISIT_WORK = "visit_work", Mart, "activity", "Activities that are visits, and how they were found; the cost of a visit is based on them.";
    Column::key(c::ACTIVITY, Text, "Activity").to("dim_activity"),
    Column::required(c::ONLY_VISITS, Bool, "Whether it is measured only on visits"),
    Column::required(c::SAID_BY, Text, "How it was found: by the configuration (`visit_activities`); if that is empty, by a condition that holds only for visits; if no activity has one, by a measure on activities for customers").one_of(&["configuration", "condition", "source"]),
}

/// A dimension of which nothing is known but the names of its members.
macro_rules! names {
    ($constant:ident = $name:literal, $column:expr, $grain:literal, $description:literal) => {
        table! { $constant = $name, Mart, $grain, $description;
            Column::key($column, Text, "Id as in the sources; empty if the sources have none"),
            Column::required(c::NAME, Text, "Name: the id, or (unknown); for a pair, the names of its members"),
        }
    };
}

names! { DIM_PRODUCT_GROUP = "dim_product_group", c::PRODUCT_GROUP, "product group", "Product groups." }
names! { DIM_SUPPLIER = "dim_supplier", c::SUPPLIER_ID, "supplier", "Suppliers of the products." }
names! { DIM_PAIR = "dim_pair", c::PAIR_ID, "pair", "Pairs of field and inside staff." }
names! { DIM_CHANNEL = "dim_channel", c::CHANNEL, "channel", "How orders come in: web, edi, phone, …" }
names! { DIM_MARKET = "dim_market", c::MARKET, "market", "Markets or trades of the customers." }
names! { DIM_REGION = "dim_region", c::REGION, "region", "Regions of the customers." }
names! { DIM_WAREHOUSE = "dim_warehouse", c::WAREHOUSE, "warehouse", "Warehouses or branches that deliver." }

table! { DIM_DATE = "dim_date", Mart, "day", "Every day from the first month with data to the last, without a gap.";
    Column::key(c::DATE, Date, "Day"),
    Column::required(c::PERIOD, Date, "First day of its month").to("dim_period"),
    Column::required(c::YEAR, Integer, "Year"),
    Column::required(c::QUARTER, Integer, "Quarter, 1–4"),
    Column::required(c::MONTH, Integer, "Month of the year, 1–12"),
    Column::required(c::MONTH_NAME, Text, "January to December"),
    Column::required(c::DAY_OF_MONTH, Integer, "Day of the month, 1–31"),
    Column::required(c::ISO_WEEK, Text, "Week as ISO 8601 counts them, such as 2025-W01"),
    Column::required(c::DAY_OF_WEEK, Integer, "Day of the week, 1 is Monday"),
    Column::required(c::DAY_NAME, Text, "Monday to Sunday"),
}

table! { DIM_RUN = "dim_run", Mart, "run", "The run of all tables: one row. The same result has the same run id, so there is no time here; `netto history` shows when it was computed.";
    Column::key(c::RUN_KEY, Integer, "Always 1: there is one row"),
    Column::required(c::RUN_ID, Text, "Id of the run: a hash of the published tables"),
    Column::required(c::DATA_THROUGH, Date, "Last day of the last closed month; no figure includes later days"),
    Column::required(c::COMPANY, Text, "Name of the company"),
    Column::required(c::CURRENCY, Text, "Currency of every amount"),
    Column::required(c::NETTO_VERSION, Text, "Version of netto that computed it"),
    Column::required(c::LAKE_VERSIONS, Text, "Version of each source in the lake that it was computed from, such as order_lines 3, customers 0"),
}
