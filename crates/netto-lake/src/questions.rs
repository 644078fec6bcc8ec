//! Lists the questions of the method, the data that each needs, and what a gap costs in certainty.
//!
//! The answer is `no` if required data are missing, `partly` if data are missing that would improve the answer, and otherwise
//! `yes`.

use std::collections::BTreeMap;

use netto_model::frame::DataQuestion;
use netto_model::{Frame, column as c};
use polars::prelude::*;

use crate::error::LakeError;
use crate::readiness::State;

/// A question of the method.
struct Question {
    text: &'static str,
    /// Tables with the answer.
    tables: &'static str,
    /// Required data: without any one of these there is no answer.
    needs: &'static [Need],
    /// Helpful data: without any one of these the answer is less certain.
    better_with: &'static [Need],
}

/// A needed source or column, with its alternatives.
struct Need {
    any_of: &'static [(&'static str, &'static str)],
    /// What its absence costs.
    without: &'static str,
}

/// A whole source.
macro_rules! source {
    ($source:literal, $without:literal) => {
        Need { any_of: &[($source, "")], without: $without }
    };
}
/// A column, or an alternative.
macro_rules! column {
    ($($source:literal . $column:literal)|+, $without:literal) => {
        Need { any_of: &[$(($source, $column)),+], without: $without }
    };
}

const COGS: Need = column!("order_lines"."cogs_amount", "margin equals revenue, so the profit isn't known");
const POOLS: Need = source!("cost_pools", "profit stops at gross margin: cost-to-serve is not included");

const QUESTIONS: &[Question] = &[
    Question {
        text: "Who are my customers, and in which tier is each of them?",
        tables: "customer_window, pyramid, pyramid_group",
        needs: &[],
        better_with: &[
            column!("customers"."name", "customers stay numbers"),
            column!("customers"."market", "the pyramid can't be shown by market"),
            source!("prospects", "the pyramid ends at the inactive customers"),
        ],
    },
    Question {
        text: "How much of revenue, margin and profit depends on a few customers?",
        tables: "concentration, whale_curve",
        needs: &[],
        better_with: &[COGS, POOLS],
    },
    Question {
        text: "What does each customer really earn, after everything it costs to serve it?",
        tables: "fct_customer_month, customer_window",
        needs: &[POOLS],
        better_with: &[
            COGS,
            source!(
                "activities",
                "visits, calls and questions are assigned by other measures than by who asked for them"
            ),
            source!("rebates", "rebates after the invoice are missing"),
            source!("receivables", "the cost of waiting for payment is missing or spread over all customers"),
        ],
    },
    Question {
        text: "Which customers lose money, and what should be done about each?",
        tables: "remedy, quadrant, attention",
        needs: &[POOLS],
        better_with: &[
            COGS,
            column!("order_lines"."channel", "a move to cheaper channels can't be proposed"),
            column!("order_lines"."list_amount", "a change of discount is only measured on the invoice"),
            source!("activities", "fewer visits can't be proposed"),
        ],
    },
    Question {
        text: "Who moved up or down, who is new, lost or won back, and what is an upgrade worth?",
        tables: "tier_migration, tier_upgrade",
        needs: &[],
        better_with: &[POOLS],
    },
    Question {
        text: "Why did a customer's profit change against the year before?",
        tables: "delta",
        needs: &[COGS],
        better_with: &[
            column!("products"."product_group", "what customers buy instead can't be separated from price"),
            POOLS,
        ],
    },
    Question {
        text: "Where is the list price lost on the way to pocket revenue?",
        tables: "fct_customer_month, peer",
        needs: &[column!("order_lines"."list_amount", "without list amounts no discount is known")],
        better_with: &[
            source!("rebates", "rebates after the invoice are not included"),
            source!("receivables", "the cost of payment terms is not included"),
            column!("order_lines"."freight_charged", "invoiced freight is not included"),
        ],
    },
    Question {
        text: "What does a visit, a call, an order cost?",
        tables: "activity_month, sales_force, channel",
        needs: &[POOLS],
        better_with: &[
            source!("activities", "visits and calls aren't counted"),
            column!("activities"."minutes", "every visit costs the same"),
            column!("employees"."wage", "the full cost of the people isn't known"),
        ],
    },
    Question {
        text: "How much does each representative add?",
        tables: "sales_force, sales_force_customer, rep_month",
        needs: &[
            column!("customers"."account_manager" | "customers"."inside_rep", "the account manager of customers isn't known"),
        ],
        better_with: &[
            POOLS,
            column!("employees"."wage", "the cost of the representative isn't known"),
            source!("activities", "visits and calls aren't counted"),
        ],
    },
    Question {
        text: "Do visits bring orders, and when are they made?",
        tables: "visit_timing, visit_habit, sales_force",
        needs: &[column!("activities"."customer_id", "no visits to customers are known")],
        better_with: &[
            column!("activities"."employee_id", "visits can't be separated by representative"),
            column!("activities"."occurred_time", "the time of day isn't known, so Friday afternoons can't be shown"),
        ],
    },
    Question {
        text: "Does attention go to the customers that deserve it?",
        tables: "attention, sales_force_tier",
        needs: &[POOLS],
        better_with: &[
            source!("activities", "attention is only what orders take"),
            column!("customers"."potential", "attention is compared only with revenue, not with what they could buy"),
        ],
    },
    Question {
        text: "How much do customers buy elsewhere, and what could they buy here as well?",
        tables: "pyramid, attention, cross_sell",
        needs: &[
            column!("customers"."potential" | "products"."product_group", "neither potential nor product groups are known"),
        ],
        better_with: &[
            column!("customers"."potential", "the share of wallet isn't known"),
            column!("products"."product_group", "products that peers buy and a customer doesn't aren't known"),
            column!("customers"."market", "all customers of a tier count as peers"),
        ],
    },
    Question {
        text: "Which orders lose money, and from which size is an order profitable?",
        tables: "order_size, customer_order_size, channel",
        needs: &[POOLS, COGS],
        better_with: &[column!("order_lines"."channel", "the break-even order is the same for all channels")],
    },
    Question {
        text: "What would electronic ordering save?",
        tables: "channel, channel_tier, customer_channel",
        needs: &[column!("order_lines"."channel", "the channel of orders isn't known")],
        better_with: &[POOLS],
    },
    Question {
        text: "Do we deliver as promised?",
        tables: "delivery_speed",
        needs: &[
            column!("order_lines"."promised_date", "the promised date isn't known"),
            column!("order_lines"."delivered_date", "the delivery date isn't known"),
        ],
        better_with: &[column!("order_lines"."delivery", "stock and direct deliveries can't be separated")],
    },
    Question {
        text: "What do mistakes cost, and where do they come from?",
        tables: "deviation_cost, supplier_deviation",
        needs: &[source!("deviations", "mistakes aren't recorded")],
        better_with: &[
            column!("deviations"."minutes", "the work of correcting mistakes isn't known"),
            column!("deviations"."cause", "the cause isn't known"),
            column!("deviations"."order_id", "the employee who took the order isn't known"),
            POOLS,
        ],
    },
    Question {
        text: "Which stock pays for itself, and for which customers is it kept?",
        tables: "stock_turnover, stock_customer_group",
        needs: &[source!("stock", "the quantity in stock isn't known")],
        better_with: &[
            column!("order_lines"."cogs_amount", "turnover can't be measured"),
            column!("products"."product_group", "stock is shown by product only"),
        ],
    },
    Question {
        text: "Which markets and product groups are profitable, and where do we sell nothing?",
        tables: "market, product_kind, fct_customer_product_group_month",
        needs: &[
            column!("customers"."market", "markets aren't known"),
            column!("products"."product_group", "product groups aren't known"),
        ],
        better_with: &[COGS, POOLS],
    },
    Question {
        text: "Which suppliers are profitable, and which work do we do for them unpaid?",
        tables: "supplier",
        needs: &[column!("products"."supplier_id", "the supplier of products isn't known")],
        better_with: &[
            COGS,
            POOLS,
            source!("rebates", "rebates received are not included"),
            source!("stock", "the cost of their stock is not included"),
        ],
    },
    Question {
        text: "Where is capacity idle, and where is it overloaded?",
        tables: "pool_balance",
        needs: &[POOLS],
        better_with: &[column!("cost_pools"."practical_minutes" | "employees"."minutes_per_month",
            "capacity is only known where the configuration gives it")],
    },
    Question {
        text: "Is every euro of the general ledger accounted for?",
        tables: "ledger_bridge, pool_balance, pool_transfer",
        needs: &[POOLS],
        better_with: &[],
    },
    Question {
        text: "What does it cost to wait for the customers' money?",
        tables: "fct_customer_month",
        needs: &[source!("receivables", "invoices aren't known")],
        better_with: &[column!("receivables"."paid_date", "every invoice counts as open")],
    },
    Question {
        text: "Are we reaching our goals, and who has earned a bonus?",
        tables: "goal_progress, bonus, bonus_booked",
        needs: &[source!("goals", "no goals were agreed")],
        better_with: &[
            source!("prospects", "goals on suspects and prospects can't be measured"),
            source!("employees", "a bonus can't be given to a role"),
        ],
    },
    Question {
        text: "Did what we agreed with customers work?",
        tables: "action_effect",
        needs: &[source!("actions", "agreements aren't recorded")],
        better_with: &[POOLS],
    },
    Question {
        text: "Who might become a customer, and who follows them?",
        tables: "pyramid, sales_force_tier",
        needs: &[source!("prospects", "they aren't recorded")],
        better_with: &[
            column!("prospects"."potential", "large and small ones can't be distinguished"),
            column!("prospects"."employee_id", "the employee who follows them isn't known"),
        ],
    },
];

/// The table.
pub(crate) fn table(states: &BTreeMap<&str, &State>) -> Result<Frame<DataQuestion>, LakeError> {
    let missing = |needs: &'static [Need]| needs.iter().filter(|need| !need.is_met(states)).collect::<Vec<_>>();
    let answers: Vec<(&'static str, Vec<&Need>)> = QUESTIONS
        .iter()
        .map(|question| (missing(question.needs), missing(question.better_with)))
        .map(|(needed, wished)| {
            let answered = match (needed.is_empty(), wished.is_empty()) {
                (false, _) => "no",
                (true, false) => "partly",
                (true, true) => "yes",
            };
            // If there is no answer, only the required data are listed.
            (answered, if needed.is_empty() { wished } else { needed })
        })
        .collect();
    let joined = |of: fn(&Need) -> String| {
        let texts =
            answers.iter().map(|(_, missing)| missing.iter().map(|need| of(need)).collect::<Vec<_>>().join("; "));
        texts.map(|text| (!text.is_empty()).then_some(text)).collect::<Vec<_>>()
    };
    let frame = df!(
        c::QUESTION_NO => (1..).take(QUESTIONS.len()).collect::<Vec<i64>>(),
        c::QUESTION => QUESTIONS.iter().map(|question| question.text).collect::<Vec<_>>(),
        c::ANSWERED => answers.iter().map(|(answered, _)| *answered).collect::<Vec<_>>(),
        c::TABLES => QUESTIONS.iter().map(|question| question.tables).collect::<Vec<_>>(),
        c::MISSING => joined(Need::name),
        c::CONSEQUENCE => joined(|need| need.without.to_owned()),
    )?;
    Ok(Frame::try_new(frame.lazy())?)
}

impl Need {
    fn is_met(&self, states: &BTreeMap<&str, &State>) -> bool {
        self.any_of.iter().any(|(source, column)| states.get(source).is_some_and(|state| state.has(column)))
    }

    /// `customers.account_manager or customers.inside_rep`
    fn name(&self) -> String {
        let one = |(source, column): &(&str, &str)| match *column {
            "" => (*source).to_owned(),
            column => format!("{source}.{column}"),
        };
        self.any_of.iter().map(one).collect::<Vec<_>>().join(" or ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract;

    #[test]
    fn questions_ask_for_sources_and_columns_and_name_tables_of_the_contract() {
        for question in QUESTIONS {
            for (source, column) in question.needs.iter().chain(question.better_with).flat_map(|need| need.any_of) {
                let source = contract::SOURCES.iter().find(|table| table.name == *source).unwrap();
                assert!(column.is_empty() || source.column(column).is_some(), "{}.{column}", source.name);
            }
            for table in question.tables.split(", ") {
                assert!(contract::table(table).is_some(), "{table}");
            }
        }
    }

    #[test]
    fn with_order_lines_alone_the_questions_on_revenue_are_answered_in_part() {
        let table = table(&BTreeMap::new()).unwrap();
        let column = |name: &str| {
            let texts = table.data().column(name).unwrap().str().unwrap().clone();
            texts.iter().map(|text| text.unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(column(c::ANSWERED)[..4], ["partly", "partly", "no", "no"]);
        assert_eq!(column(c::MISSING)[0], "customers.name; customers.market; prospects");
        assert_eq!(column(c::MISSING)[8], "customers.account_manager or customers.inside_rep");
        assert_eq!(column(c::CONSEQUENCE)[3], "profit stops at gross margin: cost-to-serve is not included");
    }
}
