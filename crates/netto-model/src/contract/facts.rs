//! The waterfall, the ledger, its pools, and the facts that are split from it.

use super::{super::column as c, *};

waterfall! { FCT_CUSTOMER_MONTH = "fct_customer_month", "customer × month", "The waterfall from list revenue to net profit; each step is a column.";
    CUSTOMER,
    PERIOD,
    count(c::ORDERS, "Orders"),
    count(c::LINES, "Order lines"),
    count(c::LINES_BELOW_COST, "Lines with a net amount below their cost"),
    Column::required(c::QUANTITY, Decimal, "Pieces").in_unit(Unit::Pieces),
    minutes(c::MINUTES, "Minutes of attention: time-driven activities"),;
    Column::required(c::LIST_SUPPLIED, Bool, "Whether list amounts were supplied; otherwise list revenue equals invoice revenue"),
    Column::required(c::REBATES_SUPPLIED, Bool, "Whether rebate agreements with customers were supplied; otherwise rebates given are zero"),
    Column::required(c::PAYMENT_TERMS_SUPPLIED, Bool, "Whether receivables and a yearly rate were supplied and the month is closed, or a pool of an activity with this step was booked; otherwise the step is zero"),
    Column::required(c::FREIGHT_CHARGED_SUPPLIED, Bool, "Whether invoiced freight was supplied on every line; missing freight counts as zero"),
    Column::required(c::FREIGHT_COST_SUPPLIED, Bool, "Whether a pool of an activity with this step was booked in the month; otherwise the step is zero"),
    Column::required(c::COGS_SUPPLIED, Bool, "Whether cost was supplied on every line; missing cost counts as zero"),
    Column::required(c::REBATES_RECEIVED_SUPPLIED, Bool, "Whether rebate agreements with suppliers and the suppliers of products were supplied; otherwise rebates received are zero"),
    Column::required(c::COST_TO_SERVE_SUPPLIED, Bool, "Whether a pool of an activity with this step was booked in the month; otherwise the step is zero"),
}

table! { FCT_CUSTOMER_ACTIVITY_MONTH = "fct_customer_activity_month", Mart, "customer × month × activity × part", "The ledger: every amount that was assigned to a customer. All other tables tie to it.";
    CUSTOMER,
    PERIOD,
    Column::key(c::ACTIVITY, Text, "Activity").to("dim_activity"),
    PART,
    Column::required(c::QUANTITY, Decimal, "Quantity of the driver; minutes for time-driven activities").in_unit(Unit::Driver),
    money(c::AMOUNT, "Amount assigned"),
}

table! { ACTIVITY_MONTH = "activity_month", Mart, "activity × month × part", "Cost, driver quantity and rate of each activity.";
    Column::key(c::ACTIVITY, Text, "Activity").to("dim_activity"),
    PERIOD,
    PART,
    Column::required(c::POOL, Text, "Pool that its cost comes from").to("dim_pool"),
    money(c::POOL_AMOUNT, "Amount that is divided over the quantity: for time, the pool without its idle capacity, over the minutes of all its activities; for driver and share, the activity's part of the pool").never_summed(),
    Column::required(c::QUANTITY, Decimal, "Quantity used by all customers").in_unit(Unit::Driver),
    Column::required(c::UNNAMED_QUANTITY, Decimal, "Quantity of deviations without a customer, such as a supplier's late delivery; its part of the amount stays unassigned").in_unit(Unit::Driver),
    Column::required(c::CAPACITY, Decimal, "Divisor of the amount: the minutes used of the pool for time, the total quantity for driver, including quantities without a customer").in_unit(Unit::Driver).never_summed(),
    Column::optional(c::RATE, Ratio, "Amount ÷ capacity, for display"),
    money(c::ASSIGNED_AMOUNT, "Assigned to customers"),
    money(c::UNASSIGNED_AMOUNT, "Amount left because no customer used the driver, or because it was used without a customer"),
}

table! { POOL_BALANCE = "pool_balance", Mart, "pool × month × warehouse", "The balance sheet of a pool: own + received = assigned + passed on + idle + unassigned. The difference is zero on every run.";
    Column::key(c::POOL, Text, "Cost pool").to("dim_pool"),
    PERIOD,
    BRANCH,
    money(c::OWN_AMOUNT, "From the general ledger"),
    money(c::RECEIVED_AMOUNT, "From support pools"),
    money(c::ASSIGNED_AMOUNT, "Assigned to customers"),
    money(c::PASSED_ON_AMOUNT, "Passed on to other pools"),
    money(c::IDLE_AMOUNT, "Cost of practical capacity that was not used"),
    money(c::UNASSIGNED_AMOUNT, "Neither idle nor assigned to a customer: no activity, a driver that is zero for all customers, or after-care without a customer"),
    money(c::DIFFERENCE, "Own + received − assigned − passed on − idle − unassigned"),
    minutes(c::PRACTICAL_MINUTES, "Practical capacity; 0 for pools without time-driven activities"),
    minutes(c::USED_MINUTES, "Minutes of the activities"),
    minutes(c::IDLE_MINUTES, "Practical capacity not used"),
    minutes(c::OVER_CAPACITY_MINUTES, "Minutes above practical capacity"),
    maybe_share(c::UTILIZATION, "Minutes used ÷ practical capacity; above 1 when over capacity"),
    Column::optional(c::RATE, Ratio, "Amount per minute used, for display"),
}

table! { POOL_TRANSFER = "pool_transfer", Mart, "pool × receiving pool × month", "What support pools passed on, and to which pools.";
    Column::key(c::POOL, Text, "Support pool").to("dim_pool"),
    Column::key(c::TO_POOL, Text, "Receiving pool").to("dim_pool"),
    PERIOD,
    money(c::AMOUNT, "Amount passed on"),
    maybe_share(c::COST_SHARE, "Share of the support pool's own and received amount"),
}

table! { LEDGER_BRIDGE = "ledger_bridge", Mart, "month × step × from × to", "The path of cost from the general ledger to the customers: account → pool → pool → activity → customers, with the amounts that entered and left at each step.";
    PERIOD,
    Column::key(c::STEP_NO, Integer, "1 account → pool, 2 pool → pool, 3 pool → activity, 4 activity → customers"),
    Column::key(c::FROM_NAME, Text, "Account, pool or activity that the amount leaves"),
    Column::key(c::TO_NAME, Text, "Pool or activity that it reaches; customers, idle capacity, unassigned"),
    money(c::AMOUNT, "Amount").summed_within(c::STEP_NO),
    Column::optional(c::CUSTOMERS, Integer, "Step 4: number of customers").in_unit(Unit::Count).never_summed(),
    money(c::REMAINDER, "Amount that entered `from_name` in the month and left it in none of the rows of this step; zero in every run").never_summed(),
}

table! { REBATE_PROGRESS = "rebate_progress", Mart, "customer or supplier × basis × year", "Rebate agreements: the rebate accrued in the calendar year, and the basis still needed for the next bracket.";
    Column::key(c::CUSTOMER_ID, Text, "Customer who receives the rebate; empty for agreements with suppliers").or("").to("dim_customer"),
    Column::key(c::SUPPLIER_ID, Text, "Supplier who gives the rebate; empty for agreements with customers").or(""),
    Column::key(c::BASIS, Text, "Basis that the rate applies to"),
    Column::key(c::YEAR, Integer, "Calendar year"),
    money(c::BASIS_AMOUNT, "Basis so far in the year, as far as the data go back"),
    maybe_money(c::THRESHOLD, "Threshold of the bracket that the basis so far has reached; empty while none is reached").never_summed(),
    Column::optional(c::RATE, Ratio, "Its rate").in_unit(Unit::Share),
    money(c::EXPECTED_AMOUNT, "Expected basis of the whole year: the basis so far, extrapolated by the season of the agreement's year before or by twelfths; where the data begin within the year also to the months before them"),
    Column::optional(c::EXPECTED_RATE, Ratio, "Rate at that basis, at which the last closed month accrued; empty if no bracket is expected").in_unit(Unit::Share),
    money(c::ACCRUED_AMOUNT, "Rebate accrued so far in the year: each month at the rate expected at its end; December also has the rest of the rebate of the year, or of the year that is expected if its first months are not in the data"),
    maybe_money(c::NEXT_THRESHOLD, "Threshold of the next bracket; empty in the highest").never_summed(),
    Column::optional(c::NEXT_RATE, Ratio, "Its rate").in_unit(Unit::Share),
    maybe_money(c::NEEDED_AMOUNT, "Basis still needed for the next bracket; empty in the highest, and if the year's first months are not in the data, because nobody knows then"),
    maybe_money(c::EXTRA_AMOUNT, "Increase of the rebate on the basis so far if the basis of the year just reached the next bracket; empty where the basis still needed is"),
}

fact! { FCT_ORDER = "fct_order", "month × customer × order × kind", "Orders, or their parts by month, from list revenue to net profit: what was sold, and in rows of their own the returns and credits with the number of an order. Cost of a customer month without an order has the empty order id.", orders: Sum::Always;
    PERIOD,
    CUSTOMER,
    Column::key(c::ORDER_ID, Text, "Order; empty for cost without one").or(""),
    Column::key(c::ORDER_KIND, Text, "sale, return or credit; empty for cost without an order").or(""),
    maybe_date(c::ORDER_DATE, "First order date of the lines"),
    maybe_text(c::CHANNEL, "How the order came in"),
    maybe_text(c::EMPLOYEE_ID, "Employee who took the order").to("dim_employee"),
    maybe_text(c::SHIP_TO_ID, "Address of delivery"),
    maybe_text(c::WAREHOUSE, "Warehouse or branch"),
    maybe_text(c::DELIVERY, "stock or direct"),
    Column::required(c::SPANS_MONTHS, Bool, "Whether the order also has lines in other months: then this row is a part of it, and the tables of orders by size have the whole order"),
    money(c::VALUE_COST, "Part of order cost that grows with the goods: from activities that are measured only by amounts, pieces or weights"),
    money(c::FREIGHT_VALUE_COST, "Part of freight cost that grows with the goods"),
    money(c::AVOIDABLE_ORDER_COST, "Part of order cost that is really saved with an order less: what doesn't stand, times the avoidable part of its pool"),
    money(c::STANDING_COST, "Part of order cost that doesn't depend on the number of orders and their channel: from pools without avoidable cost (`avoidable = 0`), cost that grows with the goods through any channel, and charged idle capacity (`idle = \"charge\"`)"),
}

fact! { FCT_ORDER_LINE = "fct_order_line", "month × customer × order × line", "Order lines from list revenue to net profit. Cost of a customer month without an order has the empty order id and line 0.";
    PERIOD,
    CUSTOMER,
    Column::key(c::ORDER_ID, Text, "Order; empty for cost without one").or(""),
    Column::key(c::LINE_NO, Integer, "Line within the order; 0 for cost without an order"),
    maybe_date(c::ORDER_DATE, "Day of the order"),
    maybe_text(c::PRODUCT_ID, "Product").to("dim_product"),
    maybe_text(c::CHANNEL, "How the order came in"),
    maybe_text(c::EMPLOYEE_ID, "Employee who took the order").to("dim_employee"),
    maybe_text(c::SHIP_TO_ID, "Address of delivery"),
    maybe_text(c::WAREHOUSE, "Warehouse or branch"),
    maybe_text(c::ORDER_KIND, "sale, return or credit"),
    maybe_text(c::DELIVERY, "stock or direct"),
}

fact! { FCT_CUSTOMER_PRODUCT_GROUP_MONTH = "fct_customer_product_group_month", "customer × month × product group", "Customers by product group, from list revenue to net profit.";
    CUSTOMER,
    PERIOD,
    Column::key(c::PRODUCT_GROUP, Text, "Product group on the date of the order; empty if the product has none, and for cost without an order").or(""),
}

fact! { FCT_PRODUCT_MONTH = "fct_product_month", "month × product", "Products, from list revenue to net profit.";
    PERIOD,
    Column::key(c::PRODUCT_ID, Text, "Product; empty for cost without an order").or("").to("dim_product"),
}

table! { FCT_CUSTOMER_PRODUCT_MONTH = "fct_customer_product_month", Mart, "month × customer × product × delivery", "Purchases of each product by customer, from stock and directly from the supplier; the basis of the analyses of prices, stock and margin changes.";
    PERIOD,
    CUSTOMER,
    Column::key(c::PRODUCT_ID, Text, "Product").to("dim_product"),
    Column::key(c::DELIVERY, Text, "stock, or direct if the supplier delivered; empty if unknown").or(""),
    count(c::LINES, "Order lines"),
    Column::required(c::QUANTITY, Decimal, "Pieces").in_unit(Unit::Pieces),
    money(c::LIST_REVENUE, "Revenue at list price"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::COGS, "Cost of goods sold"),
    money(c::ORDER_LEVEL_COST, "Their part of order cost, and of freight cost less freight charged"),
}

fact! { FCT_SUPPLIER_MONTH = "fct_supplier_month", "month × supplier", "Suppliers of the products sold, from list revenue to net profit.";
    PERIOD,
    Column::key(c::SUPPLIER_ID, Text, "Supplier on the date of the order; empty if the product has none, and for cost without an order").or(""),
}

table! { FCT_SUPPLIER_ACTIVITY_MONTH = "fct_supplier_activity_month", Mart, "month × supplier × activity", "Cost of each activity for the products of each supplier: the ledger, split over order lines and added up again.";
    PERIOD,
    Column::key(c::SUPPLIER_ID, Text, "Supplier on the date of the order; empty if the product has none, and for cost without an order").or(""),
    Column::key(c::ACTIVITY, Text, "Activity").to("dim_activity"),
    minutes(c::MINUTES, "Minutes; 0 for activities that are not time-driven"),
    money(c::AMOUNT, "Amount assigned"),
}

fact! { FCT_EMPLOYEE_MONTH = "fct_employee_month", "month × employee", "Employees who took the orders, from list revenue to net profit.";
    PERIOD,
    Column::key(c::EMPLOYEE_ID, Text, "Employee who took the order; empty if there is none, and for cost without an order").or("").to("dim_employee"),
}

fact! { FCT_CUSTOMER_CHANNEL_MONTH = "fct_customer_channel_month", "customer × month × channel", "Customers by the channel of their orders, from list revenue to net profit.";
    CUSTOMER,
    PERIOD,
    Column::key(c::CHANNEL, Text, "How the order came in; empty if unknown, and for cost without an order").or(""),
}

fact! { FCT_CUSTOMER_KIND_MONTH = "fct_customer_kind_month", "customer × month × product kind × delivery", "Customers by kind of product and way of delivery, from list revenue to net profit.";
    CUSTOMER,
    PERIOD,
    Column::key(c::KIND, Text, "goods, service or assembly; empty if the product has none, and for cost without an order").or(""),
    Column::key(c::DELIVERY, Text, "stock or direct; empty if unknown, and for cost without an order").or(""),
}

fact! { FCT_SHIP_TO_MONTH = "fct_ship_to_month", "customer × month × address of delivery", "Customers by address of delivery, from list revenue to net profit.";
    CUSTOMER,
    PERIOD,
    Column::key(c::SHIP_TO_ID, Text, "Address of delivery; empty if unknown, and for cost without an order").or(""),
}

fact! { FCT_WAREHOUSE_MONTH = "fct_warehouse_month", "month × warehouse", "Warehouses or branches that delivered, from list revenue to net profit.";
    PERIOD,
    Column::key(c::WAREHOUSE, Text, "Warehouse or branch; empty if unknown, and for cost without an order").or(""),
}

table! { DELIVERY_MONTH = "delivery_month", Mart, "customer × month × delivery", "Promised and actual delivery dates: sales lines by the month of their order.";
    CUSTOMER,
    PERIOD,
    Column::key(c::DELIVERY, Text, "stock or direct; empty if unknown").or(""),
    count(c::LINES, "Lines of sales"),
    count(c::LINES_PROMISED, "Of which with a promised and an actual delivery date"),
    count(c::LINES_LATE, "Of which delivered after the promised date"),
    Column::required(c::DAYS_LATE, Integer, "Sum of the days late of late lines").in_unit(Unit::Days).summed(),
    Column::required(c::LEAD_DAYS, Integer, "Sum of the days from order to delivery of promised lines").in_unit(Unit::Days).summed(),
}
