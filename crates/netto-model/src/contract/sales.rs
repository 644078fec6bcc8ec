//! The sales force: what each rep costs and adds, and where the visits go.

use super::{super::column as c, *};

table! { SALES_FORCE = "sales_force", Mart, "window × level × key", "What each employee of the sales force, and each pair of field and inside staff, costs and adds. Customers are those whose account manager or inside representative the employee is; a pair has the customers of both, once.";
    WINDOW,
    Column::key(c::LEVEL, Text, "What the key names").one_of(SALES_LEVELS),
    Column::key(c::KEY, Text, "Employee, or pair"),
    maybe_text(c::NAME, "Name; of a pair, its members"),
    maybe_text(c::ROLE, "field or inside; empty for pairs"),
    count(c::CUSTOMERS, "Active customers of the portfolio"),
    maybe_money(c::WAGE, "Wage with charges in the window; empty where not supplied"),
    maybe_money(c::CAR, "Car in the window"),
    maybe_money(c::REPRESENTATION, "Representation in the window"),
    maybe_money(c::BONUS, "Bonus in the window"),
    maybe_money(c::FULL_COST, "Wage, car, representation and bonus"),
    Column::optional(c::VISITS, Integer, "Visits, to customers and prospects; empty where activities were not supplied").in_unit(Unit::Count),
    Column::optional(c::CALLS, Integer, "Calls").in_unit(Unit::Count),
    Column::optional(c::VISIT_MINUTES, Decimal, "Minutes of visits").in_unit(Unit::Minutes),
    Column::optional(c::EVENT_MINUTES, Decimal, "Minutes of all events").in_unit(Unit::Minutes),
    Column::optional(c::PRESENCE_MINUTES, Decimal, "Minutes of presence in the window").in_unit(Unit::Minutes),
    maybe_money(c::COST_PER_VISIT, "Full cost × visit minutes ÷ presence ÷ visits; of all minutes of events where presence was not supplied"),
    Column::optional(c::VISITED_CUSTOMERS, Integer, "Customers of the portfolio that were visited").in_unit(Unit::Count),
    Column::optional(c::ORDERS_AFTER_VISIT, Integer, "Orders of visited customers within the days of the configuration after a visit").in_unit(Unit::Count),
    maybe_money(c::REVENUE_AFTER_VISIT, "Their invoice revenue"),
    maybe_share(c::VISITED_CHANGE, "Change of invoice revenue of visited customers against the window before"),
    maybe_share(c::UNVISITED_CHANGE, "The same of comparable customers that were not visited: same tier before, weighted as the visited are"),
    maybe_money(c::VISIT_UPLIFT, "(Visited − unvisited change) × the visited customers' revenue of the window before"),
    count(c::ORDERS_TAKEN, "Orders that the employee took"),
    maybe_money(c::REVENUE_TAKEN, "Their invoice revenue"),
    Column::optional(c::SMALL_ORDER_MINUTES, Decimal, "Minutes of activities on small orders of the portfolio: below the size of the configuration").in_unit(Unit::Minutes),
    Column::optional(c::LARGE_ORDER_MINUTES, Decimal, "Minutes on the other orders").in_unit(Unit::Minutes),
    money(c::INVOICE_REVENUE, "Invoice revenue of the portfolio"),
    money(c::GROSS_MARGIN, "Gross margin"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    money(c::SALES_COMPENSATION, "Part of cost-to-serve that is pay of the sales force"),
    money(c::NET_BEFORE_COMPENSATION, "Net profit plus sales compensation (NBC)"),
    money(c::NET_PROFIT, "Net profit"),
    maybe_money(c::ADDED_VALUE, "Net before compensation less full cost: what the employee adds"),
}

table! { SALES_FORCE_TIER = "sales_force_tier", Mart, "window × level × key × tier", "The sales force by tier of the customers: where the portfolio is, and where the visits go.";
    WINDOW,
    Column::key(c::LEVEL, Text, "What the key names").one_of(SALES_LEVELS),
    Column::key(c::KEY, Text, "Employee, or pair"),
    Column::key(c::TIER, Text, "Tier; Prospect and Suspect by the prospects that were visited").one_of(TIERS),
    count(c::CUSTOMERS, "Customers of the portfolio in the tier"),
    Column::optional(c::VISITS, Integer, "Visits to them").in_unit(Unit::Count),
    maybe_share(c::VISIT_SHARE, "Share of the employee's visits"),
    Column::optional(c::VISIT_MINUTES, Decimal, "Minutes of visits").in_unit(Unit::Minutes),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    maybe_share(c::REVENUE_SHARE, "Share of the employee's invoice revenue"),
    money(c::NET_PROFIT, "Net profit"),
}

table! { VISIT_TIMING = "visit_timing", Mart, "window × employee × weekday × part of day", "Visits by weekday and part of day, and the orders that followed: the Friday-afternoon visit. Compared with customers of the same tier that were not visited.";
    WINDOW,
    Column::key(c::EMPLOYEE_ID, Text, "Employee; empty where the event names none").or("").to("dim_employee"),
    Column::key(c::WEEKDAY, Integer, "1 Monday to 7 Sunday"),
    Column::key(c::PART_OF_DAY, Text, "morning, afternoon, evening; empty where the extract has no time").one_of(PARTS_OF_DAY).or(""),
    count(c::VISITS, "Visits to customers"),
    minutes(c::VISIT_MINUTES, "Their minutes"),
    maybe_money(c::VISIT_COST, "Visits × cost per visit of the employee"),
    count(c::VISITS_WITH_ORDER, "Visits after which the customer ordered within the days of the configuration"),
    count(c::ORDERS_AFTER_VISIT, "Orders within those days"),
    money(c::REVENUE_AFTER_VISIT, "Their invoice revenue"),
    Column::optional(c::EXPECTED_ORDERS, Ratio, "Orders that as many comparable customers without a visit placed in as many days"),
}

table! { SALES_FORCE_CUSTOMER = "sales_force_customer", Mart, "window × employee × side × rank", "The five customers of each employee that bring most net profit, and the five that bring least, in the main window.";
    WINDOW,
    Column::key(c::EMPLOYEE_ID, Text, "Employee").to("dim_employee"),
    Column::key(c::SIDE, Text, "top or bottom").one_of(&["top", "bottom"]),
    Column::key(c::RANK, Integer, "1 is the highest at the top, the lowest at the bottom").in_unit(Unit::Count),
    Column::required(c::CUSTOMER_ID, Text, "Customer").to("dim_customer"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::NET_PROFIT, "Net profit"),
    Column::optional(c::VISITS, Integer, "Visits to the customer").in_unit(Unit::Count),
}
