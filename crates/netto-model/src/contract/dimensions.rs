//! The dimensions of the star.

use super::{super::column as c, *};

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
    maybe_money(c::UNIT_COST, "Cost per piece").never_summed(),
    maybe_money(c::LIST_PRICE, "List price per piece").never_summed(),
    maybe_text(c::KIND, "goods, service or assembly"),
    Column::optional(c::WEIGHT, Decimal, "Weight per piece").in_unit(Unit::Kilograms).never_summed(),
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

table! { DIM_WINDOW = "dim_window", Mart, "window", "Windows of closed months: the last twelve (the main window), the twelve before, calendar years, and the months that a year in progress is compared with.";
    Column::key(c::WINDOW, Text, "Name: main, previous, a calendar year, or its first months, such as 2024 to 06"),
    Column::required(c::LABEL, Text, "Such as 2024-07..2025-06"),
    Column::required(c::FIRST_PERIOD, Date, "First month"),
    Column::required(c::LAST_PERIOD, Date, "Last month"),
    Column::required(c::LAST_DAY, Date, "Last day of the last month"),
    count(c::MONTHS, "How many months").never_summed(),
    maybe_text(c::PREVIOUS_WINDOW, "The window that it is compared with, where the data reach back to its first month").to("dim_window"),
    maybe_text(c::NO_COMPARISON, "Why there is none that it is compared with"),
}

table! { DIM_POOL = "dim_pool", Mart, "pool", "Cost pools of the general ledger.";
    Column::key(c::POOL, Text, "Cost pool"),
    Column::required(c::LABEL, Text, "Name for reports"),
    Column::required(c::IDLE, Text, "What becomes of capacity that nobody used").one_of(&["report", "charge"]),
    Column::required(c::FIXED_SHARE, Ratio, "Part of the amount that pays for capacity; the rest varies with use").in_unit(Unit::Share),
    maybe_share(c::AVOIDABLE_SHARE, "Part of the cost that is really saved when its work goes away, the rest is capacity that is only freed; empty where not configured, then nothing is taken as avoidable"),
    Column::required(c::PASSES_ON, Bool, "Whether it is a support pool"),
    maybe_text(c::EMPLOYEES_WHERE, "Which employees work in it and give it its practical capacity, as a condition; empty where the capacity comes from elsewhere"),
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
    maybe_text(c::ROWS_WHERE, "Only rows of the source for which this condition holds count; empty where all do"),
    maybe_text(c::DESCRIPTION, "The expression that measures it"),
}

table! { PAY_POOL = "pay_pool", Mart, "role × pool", "Which pools hold pay of the sales force, and what says so: what a pair adds is told by them.";
    Column::key(c::ROLE, Text, "Whose pay: that of the field, or of the inside staff").one_of(&["field", "inside"]),
    Column::key(c::POOL, Text, "Cost pool").to("dim_pool"),
    Column::required(c::SAID_BY, Text, "The configuration (`pay_pools`); the employees that it takes its capacity from; its name or label; or, where nothing of these says which pool is the field's, an activity of it that is sales compensation").one_of(&["configuration", "capacity", "name", "compensation"]),
}

table! { VISIT_WORK = "visit_work", Mart, "activity", "Which activities are visits, and what says so: what a visit costs is told by them.";
    Column::key(c::ACTIVITY, Text, "Activity").to("dim_activity"),
    Column::required(c::ONLY_VISITS, Bool, "Whether visits are all that it is measured on"),
    Column::required(c::SAID_BY, Text, "The configuration (`visit_activities`); where it names none, its condition holds for visits alone; where that is so of no activity, it is measured on what is done for customers").one_of(&["configuration", "condition", "source"]),
}

/// A dimension of which nothing is known but the names of its members.
macro_rules! names {
    ($constant:ident = $name:literal, $column:expr, $grain:literal, $description:literal) => {
        table! { $constant = $name, Mart, $grain, $description;
            Column::key($column, Text, "As the sources name it; empty for what they don't name"),
            Column::required(c::NAME, Text, "Name: the same, or (unknown); of a pair, those who are in it"),
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

table! { DIM_RUN = "dim_run", Mart, "run", "The run that all tables are of: one row. The same result is the same run, so no time stands here; `netto history` says when it was computed.";
    Column::key(c::RUN_KEY, Integer, "1: there is one"),
    Column::required(c::RUN_ID, Text, "Name of the run: a hash of what it published"),
    Column::required(c::DATA_THROUGH, Date, "Last day of the last closed month: no figure reaches beyond it"),
    Column::required(c::COMPANY, Text, "Whose figures they are"),
    Column::required(c::CURRENCY, Text, "Currency of every amount"),
    Column::required(c::NETTO_VERSION, Text, "Version of netto that computed it"),
    Column::required(c::LAKE_VERSIONS, Text, "What it was computed from: the version of each source in the lake, such as order_lines 3, customers 0"),
}
