//! What the user's extracts are mapped to.

use super::{super::column as c, *};

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
    maybe_money(c::UNIT_COST, "Cost per piece, in the company's currency").never_summed(),
    maybe_money(c::LIST_PRICE, "List price per piece, in the company's currency").never_summed(),
    maybe_text(c::KIND, "goods, service or assembly").one_of(&["goods", "service", "assembly"]),
    Column::optional(c::WEIGHT, Decimal, "Weight per piece").in_unit(Unit::Kilograms).never_summed(),
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
    Column::required(c::OCCURRED_AT, Date, "Day; a time behind it goes to the time of day"),
    Column::optional(c::OCCURRED_TIME, Integer, "Time of day, read from 15:30 or from what stands behind the day, as minute of the day: 930; empty where the extract has none"),
    Column::required(c::KIND, Text, "visit, call, quote, question, complaint, support, …"),
    maybe_text(c::EMPLOYEE_ID, "Who did it").to("employees"),
    maybe_text(c::CUSTOMER_ID, "For which customer").to("customers"),
    maybe_text(c::PROSPECT_ID, "Or for which prospect").to("prospects"),
    Column::optional(c::MINUTES, Decimal, "Minutes spent").in_unit(Unit::Minutes),
    maybe_text(c::ORDER_ID, "Order that it was about"),
    maybe_text(c::OUTCOME, "What came of it"),
    maybe_text(c::PRODUCT_ID, "Product that it was about").to("products"),
}

table! { COST_POOLS = "cost_pools", Source, "pool × month × account × customer × booking × warehouse", "The general ledger's cost, by pool and month.";
    Column::key(c::POOL, Text, "Cost pool"),
    Column::key(c::PERIOD, Date, "Month of the booking"),
    Column::key(c::GL_ACCOUNT, Text, "Account in the general ledger; empty when the extract has none").or(""),
    Column::key(c::CUSTOMER_ID, Text, "Customer whom the booking names (method direct); else empty").or("").to("customers"),
    Column::key(c::BOOKING_ID, Text, "Booking, where the extract has several per month and account; else empty").or(""),
    Column::key(c::WAREHOUSE, Text, "Warehouse or branch, for pools that are kept by warehouse; else empty").or(""),
    money(c::AMOUNT, "Amount booked"),
    Column::optional(c::PRACTICAL_MINUTES, Decimal, "Practical capacity of the pool in the month").in_unit(Unit::Minutes),
    maybe_text(c::CURRENCY, "Currency of the amount in the extract; empty when it is the company's"),
}

table! { STOCK = "stock", Source, "product × snapshot date × warehouse × customer", "Stock on hand.";
    Column::key(c::PRODUCT_ID, Text, "Product").to("products"),
    Column::key(c::SNAPSHOT_DATE, Date, "Day of the count"),
    Column::key(c::WAREHOUSE, Text, "Warehouse; empty when there is one").or(""),
    Column::key(c::CUSTOMER_ID, Text, "Customer for whom it is reserved or consigned; else empty").or("").to("customers"),
    Column::required(c::QUANTITY, Decimal, "Pieces").in_unit(Unit::Pieces).summed_within(c::SNAPSHOT_DATE),
    money(c::VALUE, "Value at cost").summed_within(c::SNAPSHOT_DATE),
    maybe_text(c::CURRENCY, "Currency of the value in the extract; empty when it is the company's"),
}

table! { RECEIVABLES = "receivables", Source, "invoice", "What was invoiced and when it was paid.";
    Column::key(c::INVOICE_ID, Text, "Invoice"),
    Column::required(c::CUSTOMER_ID, Text, "Customer").to("customers"),
    Column::required(c::INVOICE_DATE, Date, "Day of the invoice"),
    Column::required(c::DUE_DATE, Date, "Day due"),
    money(c::AMOUNT, "Amount"),
    maybe_date(c::PAID_DATE, "Day paid; empty while open"),
    maybe_text(c::CURRENCY, "Currency of the amount in the extract; empty when it is the company's"),
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
    maybe_text(c::SUPPLIER_ID, "Supplier on whose side it was, such as a late delivery from it"),
    maybe_text(c::PRODUCT_ID, "Product that it was about").to("products"),
    maybe_text(c::CURRENCY, "Currency of the amount in the extract; empty when it is the company's"),
}

table! { REBATES = "rebates", Source, "agreement", "Rebates agreed, given to customers or received from suppliers.";
    Column::key(c::CUSTOMER_ID, Text, "Customer who receives; else empty").or("").to("customers"),
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
    maybe_text(c::SCOPE, "Employee, pair, market, tier or customer, or several joined by &, such as M01 & Top"),
    maybe_text(c::PERIOD, "Year, quarter or month: 2025, 2025-Q1, 2025-03"),
}

table! { BUDGETS = "budgets", Source, "version × month × measure × scope", "What was budgeted, by version: for the company, or for one customer, market, tier, employee, product group or pool.";
    Column::key(c::VERSION, Text, "Version, such as original or revised").or("budget"),
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::MEASURE, Text, "What is budgeted").one_of(BUDGET_MEASURES),
    Column::key(c::CUSTOMER_ID, Text, "Customer, where the budget is for one; at most one of this and the following is filled").or("").to("customers"),
    Column::key(c::MARKET, Text, "Market").or(""),
    Column::key(c::TIER, Text, "Tier: customers that were in it in the calendar year before").or(""),
    Column::key(c::EMPLOYEE_ID, Text, "Employee, for the customers of that employee").or("").to("employees"),
    Column::key(c::PRODUCT_GROUP, Text, "Product group").or(""),
    Column::key(c::POOL, Text, "Cost pool, for pool_cost").or(""),
    Column::required(c::AMOUNT, Decimal, "Budget of the month in the company's currency, or the number of orders").in_unit(Unit::Driver),
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
