//! Who is who among the customers.

use super::{super::column as c, *};

table! { CUSTOMER_WINDOW = "customer_window", Mart, "window × customer", "Every customer that bought in or before the window: tier, rank, and the totals of the window.";
    WINDOW,
    CUSTOMER,
    Column::required(c::TIER, Text, "Tier").one_of(TIERS),
    Column::required(c::CUT_TIER, Text, "Tier by rank alone; differs from the tier only where hysteresis holds a customer in its tier of the window before").one_of(TIERS),
    Column::optional(c::RANK, Integer, "Rank by the measure of the pyramid, 1 is highest; empty when inactive").in_unit(Unit::Count),
    count(c::ORDERS, "Orders"),
    count(c::LINES, "Order lines"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::GROSS_MARGIN, "Gross margin"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    money(c::NET_PROFIT, "Net profit"),
    minutes(c::MINUTES, "Minutes of time-driven activities"),
    money(c::CUMULATIVE_REVENUE, "Revenue of this customer and all above in rank"),
    maybe_share(c::CUMULATIVE_REVENUE_SHARE, "Cumulative revenue as share of the total"),
    maybe_share(c::MARGIN_SHARE, "Gross margin ÷ invoice revenue"),
}

table! { GRADE = "grade", Mart, "window × customer", "Grades A to F in the main window: columns of the configuration, each as rank among the active customers (1 is best), weighted. Empty where no weights are configured.";
    WINDOW,
    CUSTOMER,
    Column::required(c::SCORE, Ratio, "Weighted mean of the ranks, 0 lowest to 1 best").in_unit(Unit::Share),
    Column::required(c::GRADE, Text, "A is best").one_of(GRADES),
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
