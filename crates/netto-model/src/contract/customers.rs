//! Who is who among the customers.

use super::{super::column as c, *};

table! { SENSITIVITY = "sensitivity", Mart, "window × customer", "The band of each customer's net profit when minutes and driver quantities are as uncertain as the configuration says.";
    WINDOW,
    CUSTOMER,
    money(c::NET_PROFIT, "Net profit"),
    money(c::NET_PROFIT_LOW, "Lowest net profit within the ranges").never_summed(),
    money(c::NET_PROFIT_HIGH, "Highest net profit within the ranges").never_summed(),
    Column::required(c::SIGN_CERTAIN, Bool, "Whether it earns, or loses, wherever in the band the truth lies"),
    Column::required(c::TIER, Text, "Tier").one_of(TIERS),
    Column::required(c::TIER_LOW, Text, "Lowest tier within the ranges").one_of(TIERS),
    Column::required(c::TIER_HIGH, Text, "Highest tier within the ranges").one_of(TIERS),
    Column::required(c::TIER_CERTAIN, Bool, "Whether the tier is the same wherever in the bands the truth lies"),
}
