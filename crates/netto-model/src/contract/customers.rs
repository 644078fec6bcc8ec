//! Analyses of customers.

use super::{super::column as c, *};

table! { SENSITIVITY = "sensitivity", Mart, "window × customer", "The range of each customer's net profit, given the uncertainty of minutes and driver quantities in the configuration.";
    WINDOW,
    CUSTOMER,
    money(c::NET_PROFIT, "Net profit"),
    money(c::NET_PROFIT_LOW, "Lowest net profit within the ranges").never_summed(),
    money(c::NET_PROFIT_HIGH, "Highest net profit within the ranges").never_summed(),
    Column::required(c::SIGN_CERTAIN, Bool, "Whether the customer is profitable, or loses money, at every value in the range"),
    Column::required(c::TIER, Text, "Tier").one_of(TIERS),
    Column::required(c::TIER_LOW, Text, "Lowest tier within the ranges").one_of(TIERS),
    Column::required(c::TIER_HIGH, Text, "Highest tier within the ranges").one_of(TIERS),
    Column::required(c::TIER_CERTAIN, Bool, "Whether the tier is the same at every value in the ranges"),
}
