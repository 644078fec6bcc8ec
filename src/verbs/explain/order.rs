//! `netto explain order ID`: compares an order with its customer month, step by step.

use netto_model::Frame;
use netto_model::frame::{Contract, FctOrder, Waterfall};
use netto_profit::explain::{OrderPart, OrderProof, OrderStep, order};
use netto_publish::PublishError;
use polars::prelude::IntoLazy;
use serde_json::{Value, json};

use super::{counted, part_of, percent, published, sign};
use crate::cli::{ExplainOrderArgs, Format};
use crate::failure::Failure;
use crate::output::{self, amount};
use crate::project::Project;

pub(super) fn run(args: &ExplainOrderArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let waterfall = published::<Waterfall>(&project)?;
    let proof = order(&args.id, &orders(&project)?, &waterfall)?;
    match format {
        Format::Json => output::json(&as_json(&proof)),
        Format::Table | Format::Csv => print(&proof),
    }
    Ok(())
}

/// The order fact, which a project may not publish.
fn orders(project: &Project) -> Result<Frame<FctOrder>, Failure> {
    match netto_publish::read(project.current(), FctOrder::TABLE) {
        Ok(data) => Ok(Frame::try_new(data.lazy())?),
        Err(PublishError::NothingPublished { .. }) => Err(Failure::usage(
            "the last run has no table of orders",
            "set `enabled` and `order` to true in [facts] to get `fct_order`, then run `netto run` again",
        )),
        Err(error) => Err(error.into()),
    }
}

fn print(proof: &OrderProof) {
    for (place, part) in proof.parts.iter().enumerate() {
        if place > 0 {
            output::text("");
        }
        print_part(&proof.order, part);
    }
}

fn print_part(order: &str, part: &OrderPart) {
    let how = if part.channel.is_empty() { String::new() } else { format!(", {}", part.channel) };
    let lines = counted(part.lines, "line");
    output::text(&format!("Order {order} · {} · customer {} · {lines}{how}\n", part.period, part.customer));
    let row = |step: &OrderStep| {
        let share = percent(step.order, step.customer).unwrap_or_default();
        let name = step.name.replace('_', " ");
        vec![sign(step.name).into(), name, amount(step.order), amount(step.customer), share]
    };
    let rows: Vec<Vec<String>> = part.steps.iter().map(row).collect();
    output::table(&["", "Waterfall", "This order", "Customer month", "Share"], &rows, 2);
    let (minutes, orders) = (part_of(part.minutes, part.customer_minutes), counted(part.customer_orders, "order"));
    output::text(&format!(
        "\nThe order took {minutes} minutes of its customer's month, which has {orders}. The amount of each activity is"
    ));
    output::text("split over these orders by their use of its driver.");
}

fn as_json(proof: &OrderProof) -> Value {
    let part = |part: &OrderPart| {
        let steps: serde_json::Map<String, Value> = part
            .steps
            .iter()
            .map(|step| {
                let amounts = json!({ "order": step.order.to_string(), "customer_month": step.customer.to_string() });
                (step.name.to_owned(), amounts)
            })
            .collect();
        json!({
            "period": part.period.to_string(), "customer": part.customer, "channel": part.channel, "lines": part.lines,
            "minutes": part.minutes.to_string(), "customer_minutes": part.customer_minutes.to_string(),
            "customer_orders": part.customer_orders, "waterfall": steps,
        })
    };
    json!({ "order": proof.order, "parts": proof.parts.iter().map(part).collect::<Vec<_>>() })
}
