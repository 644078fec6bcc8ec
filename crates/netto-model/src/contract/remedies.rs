//! The effect of scenarios.

use super::{super::column as c, *};

table! { SCENARIO_RESULT = "scenario_result", Mart, "scenario × figure", "The scenarios of the project, side by side: each figure of the main window before and after.";
    Column::key(c::SCENARIO, Text, "File of the scenario, without its ending"),
    Column::key(c::FIGURE, Text, "Figure, such as invoice_revenue or result"),
    count(c::FIGURE_ORDER, "Order of the figures").never_summed(),
    Column::required(c::LABEL, Text, "Name of the scenario"),
    money(c::BEFORE, "Before").never_summed(),
    money(c::AFTER, "After").never_summed(),
    money(c::CHANGE, "After less before").never_summed(),
}
