//! What was supplied, and which questions that answers.

use super::{super::column as c, *};

table! { DATA_READINESS = "data_readiness", Mart, "source", "Which sources were supplied, how complete and fresh they are, and which questions of the method they answer.";
    Column::key(c::SOURCE, Text, "Source"),
    Column::required("supplied", Bool, "Whether it was supplied"),
    count(c::ROWS, "Rows in the lake"),
    maybe_date("first_date", "First date in it"),
    maybe_date("last_date", "Last date in it"),
    Column::required("enables", Text, "Which analyses it switches on"),
    maybe_share(c::COMPLETENESS, "Part of the cells of optional columns that are filled; empty when not supplied"),
    maybe_text(c::EMPTY_COLUMNS, "Optional columns without any value"),
    Column::optional(c::DAYS_BEHIND, Integer, "Days from the last date to the end of the last closed month; empty without dates of events, 0 when it reaches it").in_unit(Unit::Days),
    Column::optional(c::ORPHANS, Integer, "Rows that name a customer, product, employee or prospect who isn't in its source").in_unit(Unit::Count),
    maybe_text(c::ORPHAN_EXAMPLES, "Up to three of the names, by the source that lacks them"),
}

table! { DATA_SET_APART = "data_set_apart", Mart, "source × reason", "Rows that were set apart, by this load or an earlier one, and are in no figure until they are loaded.";
    Column::key(c::SOURCE, Text, "Source"),
    Column::key(c::REASON, Text, "Why: the code that the quarantine file has"),
    count(c::ROWS, "Rows"),
    maybe_money(c::AMOUNT, "What they amount to, as far as it can be read: net_amount of order lines, amount of cost pools, receivables and deviations, value of stock; empty in other sources"),
    Column::optional(c::UNKNOWN_AMOUNTS, Integer, "Rows of them whose amount can't be read; empty in other sources").in_unit(Unit::Count),
    maybe_share(c::AMOUNT_SHARE, "Part of the amount that was read, both without their signs; empty in other sources"),
}

table! { DATA_QUESTION = "data_question", Mart, "question", "The questions of the method: which the data answer, what is missing for the others, and what that costs in certainty.";
    Column::key(c::QUESTION_NO, Integer, "Number").in_unit(Unit::Count),
    Column::required(c::QUESTION, Text, "Question"),
    Column::required(c::ANSWERED, Text, "yes, partly or no").one_of(&["yes", "partly", "no"]),
    Column::required(c::TABLES, Text, "Tables that hold the answer"),
    maybe_text(c::MISSING, "Sources and columns that are missing for it"),
    maybe_text(c::CONSEQUENCE, "What that costs in certainty"),
}
