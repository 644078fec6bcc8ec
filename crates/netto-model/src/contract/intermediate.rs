//! Tables that only stages read: the lake's order lines, and the rollups.

use super::{super::column as c, *};

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
    count(c::ORDERS, "Orders: sales, each in the month of its first line"),
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

table! { DRIVER_QUANTITY = "driver_quantity", Rollup, "month × customer × activity × warehouse", "How much of an activity's driver a customer used: minutes, orders, deliveries, …; under the empty customer what deviations took that name none.";
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    Column::key(c::ACTIVITY, Text, "Activity of the configuration"),
    BRANCH,
    Column::required(c::QUANTITY, Decimal, "Quantity: the sum of the activity's expression").in_unit(Unit::Driver),
}

table! { EVENT_QUANTITY = "event_quantity", Rollup, "source × event × activity", "How much of an activity's driver an activity or a deviation took.";
    Column::key(c::SOURCE, Text, "activities or deviations"),
    Column::key(c::EVENT_ID, Text, "Event: activity_id or deviation_id"),
    Column::key(c::ACTIVITY, Text, "Activity of the configuration"),
    Column::required(c::QUANTITY, Decimal, "Quantity: the activity's expression").in_unit(Unit::Driver),
}

table! { CUSTOMER_SUPPLIER_MONTH = "customer_supplier_month", Rollup, "month × customer × supplier", "What a customer bought of a supplier's products in a month.";
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    Column::key(c::SUPPLIER_ID, Text, "Supplier of the products"),
    money(c::NET_AMOUNT, "Invoiced amount"),
    money(c::LIST_AMOUNT, "At list price"),
    money(c::COGS_AMOUNT, "Cost of the goods"),
}

table! { SUPPLIER_REBATE = "supplier_rebate", Rollup, "month × customer × supplier", "Rebate that a supplier gives in a month on what a customer bought of its products: the waterfall's rebates received, by supplier.";
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    Column::key(c::SUPPLIER_ID, Text, "Supplier who gives the rebate"),
    money(c::REBATES_RECEIVED, "Rebate"),
}

table! { COST_BAND = "cost_band", Rollup, "month × customer", "How far a customer's cost may be off when quantities are as uncertain as the configuration says.";
    Column::key(c::PERIOD, Date, "Month"),
    Column::key(c::CUSTOMER_ID, Text, "Customer"),
    money(c::LESS_AMOUNT, "By how much the cost may be lower"),
    money(c::MORE_AMOUNT, "By how much the cost may be higher"),
}

table! { ORDER_PRODUCT = "order_product", Rollup, "order × product", "Orders that events and deviations name: which products, and when they were ordered and delivered.";
    Column::key(c::ORDER_ID, Text, "Order"),
    Column::key(c::PRODUCT_ID, Text, "Product of some of its lines"),
    Column::required(c::ORDER_DATE, Date, "First day on which it was ordered"),
    maybe_date(c::DELIVERED_DATE, "Last day on which lines of a sale were delivered, or promised where no delivery is known"),
    count(c::OPEN_LINES, "Lines of a sale with neither day"),
}

table! { ORDER_BAND = "order_band", Source, "band", "`[segment.order_size]` of the configuration: bands of order values, lowest first.";
    Column::key(c::BAND, Integer, "Number of the band, 1 is lowest").in_unit(Unit::Count),
    Column::required(c::LABEL, Text, "Such as 100–250"),
    maybe_money(c::BAND_FROM, "Order value from which the band reaches; empty for the lowest"),
    maybe_money(c::BAND_TO, "Order value below which it reaches; empty for the highest"),
}

table! { HELD_TIER = "held_tier", Source, "window × customer", "Customers that hysteresis holds in the tier of the window before.";
    WINDOW,
    CUSTOMER,
    Column::required(c::TIER, Text, "Tier in which it is held").one_of(TIERS),
}

table! { GRADE_WEIGHT = "grade_weight", Source, "column", "`weights` of `[segment.grades]`: what grades are made of.";
    Column::key(c::MEASURE, Text, "Column of `customer_window`, or `cost_share`"),
    Column::required("weight_millionths", Integer, "Its weight; below zero if lower is better"),
}

table! { GRADE_BOUND = "grade_bound", Source, "grade", "`bounds` of `[segment.grades]`: the scores from which grades are given.";
    Column::key(c::GRADE, Text, "A is best; F has no bound").one_of(GRADES),
    Column::required("bound_millionths", Integer, "Score from which it is given"),
}

table! { ELECTRONIC_CHANNEL = "electronic_channel", Source, "channel", "`[segment.channel]` of the configuration: channels in which the customer enters the order.";
    Column::key(c::CHANNEL, Text, "Channel"),
}

table! { MARKET_SIZE = "market_size", Source, "market", "`[segment.market_size]` of the configuration: how large each market is.";
    Column::key(c::MARKET, Text, "Market"),
    count(c::COMPANIES, "Companies in it, customers and others"),
    maybe_money(c::POTENTIAL, "Purchases that they could make in a year"),
}

table! { QUOTE_OUTCOME = "quote_outcome", Source, "outcome", "`[segment.sales_force]` of the configuration: the outcomes of quotes that are won or lost; others aren't decided.";
    Column::key(c::OUTCOME, Text, "What came of it, as `outcome` of the activities has it"),
    Column::required(c::RESULT, Text, "won or lost"),
}

table! { TAKEOVER_TASK = "takeover_task", Source, "activity", "`[segment.takeover]` of the configuration: the activities that a supplier could take over, and the task of each.";
    Column::key(c::ACTIVITY, Text, "Activity").to("dim_activity"),
    Column::required(c::TASK, Text, "stock_and_order, questions or support"),
}

table! { REMEDY_LEAVING = "remedy_leaving", Source, "remedy", "`leaving` of `[segment.remedy]`: how many parts of its customers leave over a remedy for each part that it asks.";
    Column::key(c::REMEDY, Text, "Remedy").one_of(REMEDIES),
    count("place", "Order in which remedies are shown"),
    Column::required(c::MEASURE, Text, "What its values are"),
    count("parts_millionths", "Parts that leave for each part asked, in millionths"),
    count("low_millionths", "The same at the low end of the range"),
    count("high_millionths", "And at the high end"),
}
