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

table! { DATA_QUESTION = "data_question", Mart, "question", "The questions of the method: which the data answer, what is missing for the others, and what that costs in certainty.";
    Column::key(c::QUESTION_NO, Integer, "Number").in_unit(Unit::Count),
    Column::required(c::QUESTION, Text, "Question"),
    Column::required(c::ANSWERED, Text, "yes, partly or no").one_of(&["yes", "partly", "no"]),
    Column::required(c::TABLES, Text, "Tables that hold the answer"),
    maybe_text(c::MISSING, "Sources and columns that are missing for it"),
    maybe_text(c::CONSEQUENCE, "What that costs in certainty"),
}
