//! Orders: their size, their channel, what was delivered and what went wrong.

use super::{super::column as c, *};

table! { ORDER_SIZE = "order_size", Mart, "window × channel × band", "Orders by size: what small and large ones bring and cost. Orders that are spread over months count once a month; returns and credits stand in the band below zero.";
    WINDOW,
    Column::key(c::CHANNEL, Text, "How the order came in; empty where not known").or(""),
    Column::key(c::BAND, Integer, "Number of the band, 1 is lowest").in_unit(Unit::Count),
    Column::required(c::LABEL, Text, "Such as 100–250"),
    maybe_money(c::BAND_FROM, "Order value from which the band reaches; empty for the lowest"),
    maybe_money(c::BAND_TO, "Order value below which it reaches; empty for the highest"),
    count(c::ORDERS, "Orders"),
    count(c::LINES, "Order lines"),
    minutes(c::MINUTES, "Minutes of time-driven activities"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::GROSS_MARGIN, "Gross margin"),
    money(c::ORDER_COST, "Part of cost-to-serve that is measured on orders and their lines"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    money(c::NET_PROFIT, "Net profit"),
    count(c::LOSS_ORDERS, "Orders with a net profit below zero"),
    maybe_share(c::LOSS_ORDER_SHARE, "Share of the orders that lose money"),
    money(c::LOSS_AMOUNT, "What they lose together"),
}

table! { CUSTOMER_ORDER_SIZE = "customer_order_size", Mart, "window × customer × band", "A customer's orders by size, in the main window.";
    WINDOW,
    CUSTOMER,
    Column::key(c::BAND, Integer, "Number of the band, 1 is lowest").in_unit(Unit::Count),
    Column::required(c::LABEL, Text, "Such as 100–250"),
    count(c::ORDERS, "Orders"),
    count(c::LINES, "Order lines"),
    minutes(c::MINUTES, "Minutes of time-driven activities"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::GROSS_MARGIN, "Gross margin"),
    money(c::ORDER_COST, "Part of cost-to-serve that is measured on orders and their lines"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    money(c::NET_PROFIT, "Net profit"),
    count(c::LOSS_ORDERS, "Orders with a net profit below zero"),
}

table! { CHANNEL_SUMMARY = "channel", Mart, "window × channel", "How orders come in: what an order of a channel costs, and from which size it earns. What is said of an order is said of those without returns and credits.";
    WINDOW,
    Column::key(c::CHANNEL, Text, "Channel; empty where not known").or(""),
    Column::required(c::ELECTRONIC, Bool, "Whether the configuration calls it electronic"),
    count(c::CUSTOMERS, "Customers that used it"),
    count(c::ORDERS, "Orders: returns and credits are none"),
    count(c::LINES, "Order lines"),
    minutes(c::MINUTES, "Minutes of time-driven activities"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::GROSS_MARGIN, "Gross margin"),
    money(c::ORDER_COST, "Part of cost-to-serve that is measured on orders and their lines"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    money(c::NET_PROFIT, "Net profit"),
    count(c::SALE_ORDERS, "Orders without returns and credits; all that follows is of these"),
    maybe_share(c::ORDER_SHARE, "Share of the orders of all channels"),
    money(c::SALE_REVENUE, "Invoice revenue"),
    money(c::SALE_MARGIN, "Gross margin before freight: plus freight cost, less freight charged"),
    money(c::ORDER_LEVEL_COST, "Order cost, plus freight cost less freight charged"),
    maybe_money(c::COST_IF_ELECTRONIC, "What as many orders of the same sizes cost through electronic channels: band by band, its orders × cost per electronic order; of the nearest band where there are none; empty for electronic channels"),
    maybe_money(c::AVERAGE_ORDER, "Invoice revenue ÷ orders"),
    maybe_money(c::COST_PER_ORDER, "Order-level cost ÷ orders"),
    maybe_share(c::MARGIN_SHARE, "Margin before freight ÷ invoice revenue"),
    maybe_money(c::BREAK_EVEN_ORDER, "Order size at which an order just earns its order-level cost: cost per order ÷ margin share; empty without a margin above zero"),
    count(c::LOSS_ORDERS, "Orders with a net profit below zero"),
    maybe_share(c::LOSS_ORDER_SHARE, "Share of the orders that lose money"),
}

table! { CHANNEL_TIER = "channel_tier", Mart, "window × tier", "The electronic share by tier, and what moving the other orders to electronic channels would save. Returns and credits are no orders here.";
    WINDOW,
    Column::key(c::TIER, Text, "Tier").one_of(TIERS),
    count(c::CUSTOMERS, "Customers that ordered"),
    count(c::ORDERS, "Orders without returns and credits"),
    count(c::ELECTRONIC_ORDERS, "Of which through electronic channels"),
    maybe_share(c::ELECTRONIC_SHARE, "Electronic orders ÷ orders"),
    count(c::LINES, "Lines of these orders"),
    count(c::ELECTRONIC_LINES, "Of which through electronic channels"),
    maybe_share(c::ELECTRONIC_LINE_SHARE, "Electronic lines ÷ lines"),
    maybe_money(c::CHANNEL_SAVING, "Saving of its customers if their other orders came in electronically; empty without electronic orders to compare with"),
}

table! { CUSTOMER_CHANNEL = "customer_channel", Mart, "window × customer", "The electronic share of each customer of the main window, and what moving its other orders would save. Returns and credits are no orders here.";
    WINDOW,
    CUSTOMER,
    count(c::ORDERS, "Orders without returns and credits"),
    count(c::ELECTRONIC_ORDERS, "Of which through electronic channels"),
    maybe_share(c::ELECTRONIC_SHARE, "Electronic orders ÷ orders"),
    count(c::LINES, "Lines of these orders"),
    count(c::ELECTRONIC_LINES, "Of which through electronic channels"),
    maybe_share(c::ELECTRONIC_LINE_SHARE, "Electronic lines ÷ lines"),
    maybe_money(c::CHANNEL_SAVING, "Per channel that is known and not electronic: its orders × what an order of the channel costs more than an electronic one of the same size (`channel`: order_level_cost − cost_if_electronic, ÷ sale_orders), where that is above zero; empty without electronic orders to compare with"),
}

table! { DELIVERY_SPEED = "delivery_speed", Mart, "window × level × key", "Promised against delivered, over the lines of sales with both days.";
    WINDOW,
    Column::key(c::LEVEL, Text, "What the key names").one_of(DELIVERY_LEVELS),
    Column::key(c::KEY, Text, "Tier, stock or direct, or month as 2025-03"),
    count(c::LINES, "Lines of sales"),
    count(c::LINES_PROMISED, "Of which with a promised and a delivered day"),
    count(c::LINES_LATE, "Delivered after the promised day"),
    maybe_share(c::LATE_SHARE, "Late ÷ promised"),
    Column::optional(c::AVERAGE_DAYS_LATE, Ratio, "Days late of the late lines, on average").in_unit(Unit::Days),
    Column::optional(c::AVERAGE_LEAD_DAYS, Ratio, "Days from order to delivery, on average").in_unit(Unit::Days),
}

table! { PRODUCT_KIND = "product_kind", Mart, "window × kind × delivery", "Goods, services and assemblies, from stock and direct from suppliers: what each brings. Cost without an order stands under the empty kind.";
    WINDOW,
    Column::key(c::KIND, Text, "goods, service or assembly; empty where not known").or(""),
    Column::key(c::DELIVERY, Text, "stock or direct; empty where not known").or(""),
    count(c::CUSTOMERS, "Customers that bought it"),
    count(c::LINES, "Order lines"),
    minutes(c::MINUTES, "Minutes of time-driven activities"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    maybe_share(c::REVENUE_SHARE, "Share of invoice revenue"),
    money(c::GROSS_MARGIN, "Gross margin"),
    maybe_share(c::MARGIN_SHARE, "Gross margin ÷ invoice revenue"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    money(c::NET_PROFIT, "Net profit"),
}

table! { DEVIATION_COST = "deviation_cost", Mart, "window × level × key", "What went otherwise than agreed, and the after-care: by kind, cause, customer and employee. Each level adds up to the same totals.";
    WINDOW,
    Column::key(c::LEVEL, Text, "What the key names").one_of(DEVIATION_LEVELS),
    Column::key(c::KEY, Text, "Kind, cause, customer, or who took the order; empty where not known").or(""),
    count(c::DEVIATIONS, "Deviations"),
    maybe_share(c::DEVIATION_SHARE, "Share of all deviations"),
    maybe_money(c::AMOUNT, "Amount concerned; empty where amounts were not supplied"),
    Column::optional(c::MINUTES, Decimal, "Minutes of after-care as supplied; empty where they were not").in_unit(Unit::Minutes),
    maybe_money(c::AFTER_CARE_COST, "Cost of the activities that are measured on deviations, from the ledger, over the customer month's deviations by their minutes, by number without them; empty where no activity is"),
    count(c::CUSTOMERS, "Customers concerned"),
    Column::optional(c::ORDERS, Integer, "Orders of this customer, or taken by this employee; of all customers by kind and cause; empty where not known").in_unit(Unit::Count),
    Column::optional(c::PER_100_ORDERS, Ratio, "Deviations per hundred orders"),
}
