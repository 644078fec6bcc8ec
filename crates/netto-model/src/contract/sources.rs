//! The tables that the user's extracts are mapped to.

use super::{super::column as c, *};

table! { ORDER_LINES = "order_lines", Source, "order line", "Lines that were ordered, invoiced, returned or credited; the only source that is required.";
    Column::key(c::ORDER_ID, Text, "Order"),
    Column::key(c::LINE_NO, Integer, "Line within the order"),
    Column::required(c::ORDER_DATE, Date, "Date of the order; determines the month"),
    Column::required(c::CUSTOMER_ID, Text, "Customer who is invoiced").to("customers"),
    Column::required(c::PRODUCT_ID, Text, "Product").to("products"),
    Column::required(c::QUANTITY, Decimal, "Pieces, negative on returns").in_unit(Unit::Pieces),
    money(c::NET_AMOUNT, "Invoiced amount of the line, without tax"),
    maybe_money(c::LIST_AMOUNT, "The line at list price"),
    maybe_money(c::DISCOUNT_AMOUNT, "Discount on the invoice: list less net"),
    maybe_money(c::COGS_AMOUNT, "Cost of the goods of the line"),
    maybe_text(c::CHANNEL, "How the order came in: web, edi, phone, …"),
    maybe_text(c::EMPLOYEE_ID, "Employee who took the order").to("employees"),
    maybe_text(c::SHIP_TO_ID, "Address of delivery"),
    maybe_text(c::WAREHOUSE, "Warehouse or branch that delivered"),
    Column::required(c::ORDER_KIND, Text, "sale, return or credit").one_of(ORDER_KINDS).or("sale"),
    maybe_date(c::PROMISED_DATE, "Day promised"),
    maybe_date(c::DELIVERED_DATE, "Day delivered"),
    maybe_text(c::DELIVERY, "From stock or direct from the supplier").one_of(&["stock", "direct"]),
    maybe_money(c::FREIGHT_CHARGED, "Freight invoiced with the line"),
    maybe_text(c::CURRENCY, "Currency of the line's amounts in the extract; empty for the company's currency"),
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
    maybe_money(c::POTENTIAL, "Purchases that they could make in a year"),
    Column::optional(c::MAINTAINED_PRODUCTS, Integer, "Number of articles kept only for this customer").in_unit(Unit::Count),
    maybe_text(c::PRICE_LIST, "Price list or agreement"),
}

table! { PRODUCTS = "products", Source, "product × first day of validity", "Products with their group, supplier, cost and prices, each valid from a date on.";
    Column::key(c::PRODUCT_ID, Text, "Product"),
    maybe_text(c::NAME, "Name"),
    maybe_text(c::PRODUCT_GROUP, "Product group"),
    maybe_text(c::SUPPLIER_ID, "Supplier"),
    maybe_money(c::UNIT_COST, "Cost per piece, in the company's currency").never_summed(),
    maybe_money(c::LIST_PRICE, "List price per piece, in the company's currency").never_summed(),
    maybe_text(c::KIND, "goods, service or assembly").one_of(&["goods", "service", "assembly"]),
    Column::optional(c::WEIGHT, Decimal, "Weight per piece").in_unit(Unit::Kilograms).never_summed(),
    Column::key(c::VALID_FROM, Date, "First day on which this version is valid; 1900-01-01 if there is only one").or("1900-01-01"),
}

table! { EMPLOYEES = "employees", Source, "employee", "Employees and their cost.";
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
    Column::required(c::OCCURRED_AT, Date, "Date; a time after it becomes the time of day"),
    Column::optional(c::OCCURRED_TIME, Integer, "Time of day, read from 15:30 or from the time after the date, as minute of the day: 930; empty if the extract has none"),
    Column::required(c::KIND, Text, "visit, call, quote, question, complaint, support, …"),
    maybe_text(c::EMPLOYEE_ID, "Employee who did it").to("employees"),
    maybe_text(c::CUSTOMER_ID, "Customer that it was for").to("customers"),
    maybe_text(c::PROSPECT_ID, "Prospect that it was for").to("prospects"),
    Column::optional(c::MINUTES, Decimal, "Minutes spent").in_unit(Unit::Minutes),
    maybe_text(c::ORDER_ID, "Order that it was about"),
    maybe_text(c::OUTCOME, "Outcome"),
    maybe_text(c::PRODUCT_ID, "Product that it was about").to("products"),
}

table! { COST_POOLS = "cost_pools", Source, "pool × month × account × customer × booking × warehouse", "Cost in the general ledger, by pool and month.";
    Column::key(c::POOL, Text, "Cost pool"),
    Column::key(c::PERIOD, Date, "Month of the booking"),
    Column::key(c::GL_ACCOUNT, Text, "Account in the general ledger; empty if the extract has none").or(""),
    Column::key(c::CUSTOMER_ID, Text, "Customer of the booking (method direct); otherwise empty").or("").to("customers"),
    Column::key(c::BOOKING_ID, Text, "Booking id, if the extract has several bookings per month and account; otherwise empty").or(""),
    Column::key(c::WAREHOUSE, Text, "Warehouse or branch, for pools that are kept by warehouse; otherwise empty").or(""),
    money(c::AMOUNT, "Amount booked"),
    Column::optional(c::PRACTICAL_MINUTES, Decimal, "Practical capacity of the pool in the month").in_unit(Unit::Minutes),
    maybe_text(c::CURRENCY, "Currency of the amount in the extract; empty for the company's currency"),
}

table! { STOCK = "stock", Source, "product × snapshot date × warehouse × customer", "Stock on hand.";
    Column::key(c::PRODUCT_ID, Text, "Product").to("products"),
    Column::key(c::SNAPSHOT_DATE, Date, "Date of the count"),
    Column::key(c::WAREHOUSE, Text, "Warehouse; empty if there is only one").or(""),
    Column::key(c::CUSTOMER_ID, Text, "Customer for whom it is reserved or consigned; otherwise empty").or("").to("customers"),
    Column::required(c::QUANTITY, Decimal, "Pieces").in_unit(Unit::Pieces).summed_within(c::SNAPSHOT_DATE),
    money(c::VALUE, "Value at cost").summed_within(c::SNAPSHOT_DATE),
    maybe_text(c::CURRENCY, "Currency of the value in the extract; empty for the company's currency"),
}

table! { RECEIVABLES = "receivables", Source, "invoice", "Invoices and their payments.";
    Column::key(c::INVOICE_ID, Text, "Invoice"),
    Column::required(c::CUSTOMER_ID, Text, "Customer").to("customers"),
    Column::required(c::INVOICE_DATE, Date, "Date of the invoice"),
    Column::required(c::DUE_DATE, Date, "Day due"),
    money(c::AMOUNT, "Amount"),
    maybe_date(c::PAID_DATE, "Date of payment; empty while open"),
    maybe_text(c::CURRENCY, "Currency of the amount in the extract; empty for the company's currency"),
}

table! { DEVIATIONS = "deviations", Source, "event", "Events that didn't go as agreed, and their after-care.";
    Column::key(c::DEVIATION_ID, Text, "Event"),
    Column::required(c::OCCURRED_AT, Date, "Day"),
    Column::required(c::KIND, Text, "return, credit, late, price, damage, …"),
    maybe_text(c::CUSTOMER_ID, "Customer").to("customers"),
    maybe_text(c::ORDER_ID, "Order"),
    maybe_money(c::AMOUNT, "Amount concerned"),
    Column::optional(c::MINUTES, Decimal, "Minutes of after-care").in_unit(Unit::Minutes),
    maybe_text(c::CAUSE, "Cause"),
    maybe_text(c::SUPPLIER_ID, "Supplier that caused it, such as by a late delivery"),
    maybe_text(c::PRODUCT_ID, "Product that it was about").to("products"),
    maybe_text(c::CURRENCY, "Currency of the amount in the extract; empty for the company's currency"),
}

table! { REBATES = "rebates", Source, "agreement", "Rebate agreements: given to customers or received from suppliers.";
    Column::key(c::CUSTOMER_ID, Text, "Customer who receives the rebate; otherwise empty").or("").to("customers"),
    Column::key(c::SUPPLIER_ID, Text, "Supplier who gives the rebate; otherwise empty").or(""),
    Column::key(c::BASIS, Text, "Basis that the rate applies to").one_of(&["list_revenue", "invoice_revenue", "purchases"]),
    Column::required(c::RATE, Ratio, "Part of the basis, such as 0.05").in_unit(Unit::Share),
    Column::key(c::THRESHOLD, Decimal, "Basis per year from which the rate applies; 0 if from the start").in_unit(Unit::Money).or("0"),
    Column::key(c::VALID_FROM, Date, "First day; 1900-01-01 if open").or("1900-01-01"),
    maybe_date(c::VALID_TO, "Last day; empty if open"),
}

table! { PROSPECTS = "prospects", Source, "prospect", "Suspects and prospects: companies that might buy.";
    Column::key(c::PROSPECT_ID, Text, "Prospect"),
    Column::required(c::STAGE, Text, "suspect or prospect").one_of(&["suspect", "prospect"]),
    maybe_text(c::NAME, "Name"),
    maybe_text(c::MARKET, "Market or trade"),
    maybe_money(c::POTENTIAL, "Purchases that they could make in a year"),
    maybe_text(c::EMPLOYEE_ID, "Employee who follows them").to("employees"),
    maybe_date(c::SINCE, "Known since"),
    maybe_text(c::BECAME_CUSTOMER_ID, "The customer they became").to("customers"),
}

table! { GOALS = "goals", Source, "goal", "Goals that were agreed.";
    Column::key(c::GOAL_ID, Text, "Goal"),
    Column::required(c::KIND, Text, "retain_customers, upgrade_customers, net_profit, …"),
    Column::required(c::TARGET, Decimal, "Target").in_unit(Unit::Driver),
    maybe_text(c::SCOPE, "Employee, pair, market, tier or customer, or several joined by &, such as M01 & Top"),
    maybe_text(c::PERIOD, "Year, quarter or month: 2025, 2025-Q1, 2025-03"),
}

table! { BUDGETS = "budgets", Source, "version × month × measure × scope", "Budgets by version: for the company, or for one customer, market, tier, employee, product group or pool.";
    Column::key(c::VERSION, Text, "Version, such as original or revised").or("budget"),
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::MEASURE, Text, "Measure that is budgeted").one_of(BUDGET_MEASURES),
    Column::key(c::CUSTOMER_ID, Text, "Customer, if the budget is for one; at most one of this and the following columns is filled").or("").to("customers"),
    Column::key(c::MARKET, Text, "Market").or(""),
    Column::key(c::TIER, Text, "Tier: customers that were in it in the calendar year before").or(""),
    Column::key(c::EMPLOYEE_ID, Text, "Employee, for the customers of that employee").or("").to("employees"),
    Column::key(c::PRODUCT_GROUP, Text, "Product group").or(""),
    Column::key(c::POOL, Text, "Cost pool, for pool_cost").or(""),
    Column::required(c::AMOUNT, Decimal, "Budget of the month in the company's currency, or the number of orders").in_unit(Unit::Driver),
}

table! { ACTIONS = "actions", Source, "action", "Actions agreed with customers, to compare results before and after.";
    Column::key(c::CUSTOMER_ID, Text, "Customer").to("customers"),
    Column::key(c::REMEDY, Text, "Kind of action"),
    Column::key(c::STARTED_AT, Date, "Start date"),
    maybe_text(c::NOTE, "Remark"),
}

table! { FX_RATES = "fx_rates", Source, "currency × month", "Exchange rates by month.";
    Column::key(c::CURRENCY, Text, "Currency"),
    Column::key(c::PERIOD, Date, "Month"),
    Column::required(c::RATE, Ratio, "Units of the company's currency per unit of this currency; up to twelve decimals"),
}
