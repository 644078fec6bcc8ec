//! Goals, their bonus, and actions that are tracked.

use super::{super::column as c, *};

table! { GOAL_PROGRESS = "goal_progress", Mart, "goal", "Goals, their progress, and their forecast at this pace. A goal whose sources are missing is not measurable, and its row says why.";
    Column::key(c::GOAL_ID, Text, "Goal"),
    Column::required(c::KIND, Text, "Kind of goal"),
    maybe_text(c::SCOPE, "Employee, pair, market, tier or customer, or several joined by &, such as M01 & Top; empty for the company"),
    Column::required(c::LABEL, Text, "The goal in words"),
    Column::required(c::PERIOD_LABEL, Text, "Year, quarter or month of the goal"),
    maybe_date(c::FIRST_PERIOD, "Its first month"),
    maybe_date(c::LAST_PERIOD, "Its last month"),
    Column::required(c::TARGET, Decimal, "Target").in_unit(Unit::Driver),
    Column::optional(c::ACTUAL, Decimal, "Value reached in the closed months of the period").in_unit(Unit::Driver),
    Column::optional(c::EXPECTED, Decimal, "Value expected by now: for sums, target × closed months ÷ months; for shares, the target").in_unit(Unit::Driver),
    Column::optional(c::GAP, Decimal, "Actual less expected (for cost-to-serve expected less actual); negative means behind").in_unit(Unit::Driver),
    Column::optional(c::FORECAST, Decimal, "Value at the end of the period at this pace").in_unit(Unit::Driver),
    maybe_share(c::ELAPSED_SHARE, "Closed months ÷ months of the period"),
    maybe_share(c::ATTAINMENT, "Actual ÷ target; target ÷ actual for cost-to-serve"),
    Column::required(c::GOAL_STATUS, Text, "reached, on track, behind, missed, not started, or not measurable").one_of(GOAL_STATUSES),
    maybe_text(c::REASON, "Why it can't be measured, or what was counted"),
}

table! { BONUS_RESULT = "bonus", Mart, "employee × goal × rule", "The bonus of each employee by the rules of the configuration; each row explains its amount.";
    Column::key(c::EMPLOYEE_ID, Text, "Employee").to("dim_employee"),
    Column::key(c::GOAL_ID, Text, "Goal").to("goal_progress"),
    Column::key(c::RULE, Text, "Rule of the configuration"),
    maybe_share(c::ATTAINMENT, "Attainment of the goal"),
    Column::optional(c::FROM_ATTAINMENT, Ratio, "Attainment from which the bracket applies; empty while none is reached").in_unit(Unit::Share),
    money(c::BRACKET_AMOUNT, "Amount of the bracket; 0 while none is reached"),
    money(c::EXTRA_AMOUNT, "Units above the target × amount per unit, half-even to whole cents"),
    money(c::BONUS, "Bracket amount plus extra, up to the rule's ceiling"),
    Column::required(c::FINAL, Bool, "Whether the goal's period is closed"),
    Column::required(c::EXPLANATION, Text, "The calculation of the bonus in words and figures"),
}

table! { BONUS_BOOKED = "bonus_booked", Mart, "employee × year", "The bonus of each employee by the rules, compared with the bonus that is booked every month. A goal belongs to the year in which its period ends.";
    Column::key(c::EMPLOYEE_ID, Text, "Employee").to("dim_employee"),
    Column::key(c::YEAR, Integer, "Calendar year"),
    money(c::BONUS, "Bonus by the rules, over all goals of the year"),
    Column::required(c::FINAL, Bool, "Whether the periods of all these goals are closed"),
    count(c::MONTHS, "Closed months of the year that the data reach").never_summed(),
    maybe_money(c::BOOKED_AMOUNT, "Monthly bonus of the employee × these months; empty if none was supplied"),
    maybe_money(c::BONUS_TO_PAY, "Bonus by the rules less the booked bonus; negative if too much was booked; empty until the year and all these periods are closed, and for who has no rule"),
}
