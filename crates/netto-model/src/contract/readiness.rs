//! The supplied sources, and the questions that they answer.

use super::{super::column as c, *};

table! { DATA_READINESS = "data_readiness", Mart, "source", "Which sources were supplied, how complete and fresh they are, and which questions of the method they answer.";
    Column::key(c::SOURCE, Text, "Source"),
    Column::required("supplied", Bool, "Whether it was supplied"),
    count(c::ROWS, "Rows in the lake"),
    maybe_date("first_date", "First date in it"),
    maybe_date("last_date", "Last date in it"),
    Column::required("enables", Text, "Analyses that it adds"),
    maybe_share(c::COMPLETENESS, "Share of the cells of optional columns that are filled; empty if not supplied"),
    maybe_text(c::EMPTY_COLUMNS, "Optional columns without any value"),
    Column::optional(c::DAYS_BEHIND, Integer, "Days from the last date to the end of the last closed month; empty without dates of events, 0 if the data reach it").in_unit(Unit::Days),
    Column::optional(c::ORPHANS, Integer, "Rows with a customer, product, employee or prospect that isn't in its source").in_unit(Unit::Count),
    maybe_text(c::ORPHAN_EXAMPLES, "Up to three of these ids for each source that doesn't have them"),
}

table! { DATA_SET_APART = "data_set_apart", Mart, "source × reason", "Rows that this load or an earlier one set apart; they are in no figure until they are loaded.";
    Column::key(c::SOURCE, Text, "Source"),
    Column::key(c::REASON, Text, "Reason: the code in the quarantine file"),
    count(c::ROWS, "Rows"),
    maybe_money(c::AMOUNT, "Sum of their amounts, as far as they can be read: net_amount of order lines, amount of cost pools, receivables and deviations, value of stock; empty for other sources"),
    Column::optional(c::UNKNOWN_AMOUNTS, Integer, "Rows whose amount can't be read; empty for other sources").in_unit(Unit::Count),
    maybe_share(c::AMOUNT_SHARE, "Share of the amount of the source, both without their signs; empty for other sources"),
}

table! { DATA_QUESTION = "data_question", Mart, "question", "The questions of the method: which ones the data answer, what is missing for the others, and the consequence.";
    Column::key(c::QUESTION_NO, Integer, "Number").in_unit(Unit::Count),
    Column::required(c::QUESTION, Text, "Question"),
    Column::required(c::ANSWERED, Text, "yes, partly or no").one_of(&["yes", "partly", "no"]),
    Column::required(c::TABLES, Text, "Tables with the answer"),
    maybe_text(c::MISSING, "Sources and columns that are missing for it"),
    maybe_text(c::CONSEQUENCE, "Consequence of the missing data"),
}
