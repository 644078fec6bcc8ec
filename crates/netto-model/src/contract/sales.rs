//! The sales force: what each rep costs and adds, and where the visits go.

use super::{super::column as c, *};

table! { SALES_FORCE = "sales_force", Mart, "window × level × key", "What each employee of the sales force, and each pair of field and inside staff, costs and adds. Customers are those whose account manager or inside representative the employee is; a pair has the customers of both, once.";
    WINDOW,
    Column::key(c::LEVEL, Text, "What the key names").one_of(SALES_LEVELS),
    Column::key(c::KEY, Text, "Employee, or pair"),
    maybe_text(c::NAME, "Name; of a pair, its members"),
    maybe_text(c::ROLE, "field or inside; empty for pairs"),
    count(c::CUSTOMERS, "Active customers of the portfolio"),
    maybe_money(c::WAGE, "Wage with charges, for the months of the window that the data reach; empty where not supplied, of a pair where one isn't"),
    maybe_money(c::CAR, "Car in these months"),
    maybe_money(c::REPRESENTATION, "Representation in these months"),
    maybe_money(c::BONUS, "Bonus in these months"),
    maybe_money(c::FULL_COST, "Wage, car, representation and bonus; empty without the wage"),
    Column::optional(c::VISITS, Integer, "Visits, to customers and prospects; empty where activities were not supplied").in_unit(Unit::Count),
    Column::optional(c::CALLS, Integer, "Calls").in_unit(Unit::Count),
    Column::optional(c::VISIT_MINUTES, Decimal, "Minutes of visits").in_unit(Unit::Minutes),
    Column::optional(c::EVENT_MINUTES, Decimal, "Minutes of all events").in_unit(Unit::Minutes),
    Column::optional(c::PRESENCE_MINUTES, Decimal, "Minutes of presence in these months").in_unit(Unit::Minutes),
    maybe_money(c::COST_PER_VISIT, "Full cost × visit minutes ÷ presence ÷ visits; of all minutes of events where presence was not supplied; of a pair, of those who did the visits"),
    Column::optional(c::VISITED_CUSTOMERS, Integer, "Customers of the portfolio that the employee, or one of the pair, visited").in_unit(Unit::Count),
    Column::optional(c::ORDERS_AFTER_VISIT, Integer, "Sales on the day of a visit of the employee and within the days of the configuration after it; each after the last visit before it").in_unit(Unit::Count),
    maybe_money(c::REVENUE_AFTER_VISIT, "Their invoice revenue"),
    maybe_share(c::VISITED_CHANGE, "Change of invoice revenue of visited customers against the window before: of those that ordered in both, in tiers that have an unvisited customer, too; of all where no tier has"),
    maybe_share(c::UNVISITED_CHANGE, "The same of comparable customers that nobody visited: ordered in both windows, same tier before, the tiers weighted by the visited customers' revenue before"),
    maybe_money(c::VISIT_UPLIFT, "(Visited − unvisited change) × these visited customers' revenue of the window before"),
    Column::optional(c::ORDERS_TAKEN, Integer, "Orders that the employee took; empty where no order says who").in_unit(Unit::Count),
    maybe_money(c::REVENUE_TAKEN, "Their invoice revenue"),
    Column::optional(c::SMALL_ORDER_MINUTES, Decimal, "Minutes of time-driven activities on small orders of the portfolio: below the size of the configuration, returns and credits among them").in_unit(Unit::Minutes),
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
    Column::key(c::TIER, Text, "Tier; Prospect and Suspect by the prospects that were visited; Rest of market for who never bought, and for visits that name nobody").one_of(TIERS),
    count(c::CUSTOMERS, "Customers of the portfolio in the tier; prospects that were visited"),
    Column::optional(c::VISITS, Integer, "The employee's visits to customers of the tier, of the portfolio or not").in_unit(Unit::Count),
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
    Column::optional(c::VISIT_MINUTES, Decimal, "Their minutes; empty where the source has none").in_unit(Unit::Minutes),
    maybe_money(c::VISIT_COST, "Visits × cost per visit of the employee"),
    Column::optional(c::VISITS_WITH_ORDER, Integer, "Visits after which the customer ordered, that day or within the days of the configuration; empty where orders aren't made").in_unit(Unit::Count),
    Column::optional(c::ORDERS_AFTER_VISIT, Integer, "Sales within those days; each after the last visit before it").in_unit(Unit::Count),
    maybe_money(c::REVENUE_AFTER_VISIT, "Their invoice revenue"),
    Column::optional(c::EXPECTED_ORDERS, Ratio, "Sales that as many customers of the same tier, visited by nobody in the window, placed in as many days; of all the tier's customers where each was visited"),
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
