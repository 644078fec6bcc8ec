//! What to do about customers that lose money, and what that would bring.

use super::{super::column as c, *};

table! { REMEDY = "remedy", Mart, "window × customer × remedy", "Every remedy for every customer with a net profit below zero in the main window: its break-even, its expected effect, and which one is proposed, against doing nothing. Farewell is decided by avoidable cost, never by full cost.";
    WINDOW,
    CUSTOMER,
    Column::key(c::REMEDY, Text, "Remedy").one_of(REMEDIES),
    Column::required(c::APPLICABLE, Bool, "Whether it can be applied; else the reason says why not"),
    Column::required(c::PROPOSED, Bool, "The remedy with the highest expected change above zero; one per customer at most"),
    Column::optional(c::RANK, Integer, "By expected change, 1 is best; empty where not applicable").in_unit(Unit::Count),
    money(c::NET_PROFIT, "Net profit at full cost if nothing is done: the baseline"),
    money(c::CONTRIBUTION, "What the company would lose if the customer left: gross margin before freight and payment terms, less the avoidable cost of all activities; below zero it would save"),
    Column::required(c::MEASURE, Text, "What the break-even and the value are"),
    Column::optional(c::BREAK_EVEN, Decimal, "The value that makes net profit zero; empty where none does").in_unit(Unit::Driver),
    Column::optional(c::CURRENT_VALUE, Decimal, "The value today").in_unit(Unit::Driver),
    Column::optional(c::PROPOSED_VALUE, Decimal, "The value whose effect is shown: the break-even, within the limits of the configuration").in_unit(Unit::Driver),
    Column::required(c::LEAVING_PROBABILITY, Ratio, "Probability that the customer leaves, an assumption of the configuration; 1 for a farewell").in_unit(Unit::Share),
    maybe_money(c::GAIN_IF_STAYS, "Change of the company's result if the customer stays: what it pays more, or cost that is really saved; empty where not applicable, and for a farewell"),
    money(c::LOSS_IF_LEAVES, "Change of the company's result if it leaves: the contribution, the other way round"),
    maybe_money(c::EXPECTED_CHANGE, "(1 − probability) × gain if it stays + probability × change if it leaves; empty where not applicable, as all that follows but the reason"),
    maybe_money(c::VOLUME_LOST, "Invoice revenue × probability of leaving"),
    maybe_share(c::BREAK_EVEN_VOLUME_LOSS, "Gain ÷ (contribution + gain): the part of the customer's volume that may be lost before the remedy brings nothing; empty where losing it costs nothing"),
    maybe_money(c::REVENUE_LOST_ELSEWHERE, "Of the volume lost, that in product groups that earn with this customer; empty where customers aren't known by product group"),
    maybe_money(c::COST_SAVED, "Avoidable cost that is really saved, expected; below zero where more revenue brings more cost"),
    maybe_money(c::CAPACITY_FREED, "Other cost, expected: capacity that is only freed; below zero where more revenue uses capacity that is there"),
    Column::required(c::REASON, Text, "The reason in figures"),
}

table! { SCENARIO_RESULT = "scenario_result", Mart, "scenario × figure", "The scenarios of the project, side by side: each figure of the main window before and after.";
    Column::key(c::SCENARIO, Text, "File of the scenario, without its ending"),
    Column::key(c::FIGURE, Text, "Figure, such as invoice_revenue or result"),
    count(c::FIGURE_ORDER, "Order of the figures"),
    Column::required(c::LABEL, Text, "Name of the scenario"),
    money(c::BEFORE, "Before"),
    money(c::AFTER, "After"),
    money(c::CHANGE, "After less before"),
}
