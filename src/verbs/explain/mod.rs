//! `netto explain`: shows how figures of the last run were calculated, for a customer, a pool or an order.

mod customer;
mod order;
mod pool;

use netto_model::frame::{
    ActivityMonth, Contract, DimActivity, DimCustomer, DimPool, DimWindow, Ledger, LedgerBridge, PoolBalance,
    PoolTransfer, Waterfall,
};
use netto_model::{Frame, Mart, Money, Table, Window};
use netto_profit::explain::{Fine, Inputs};
use polars::prelude::*;
use serde_json::{Map, Value};

use crate::cli::{ExplainArgs, Format, Subject};
use crate::failure::Failure;
use crate::output::{self, amount};
use crate::project::Project;
use crate::scenarios;

pub(crate) fn run(args: &ExplainArgs, format: Format) -> Result<(), Failure> {
    match &args.subject {
        Subject::Customer(args) => customer::run(args, format),
        Subject::Pool(args) => pool::run(args, format),
        Subject::Order(args) => order::run(args, format),
    }
}

/// The published tables used in a proof.
struct Tables {
    waterfall: Frame<Waterfall>,
    ledger: Frame<Ledger>,
    activity_month: Frame<ActivityMonth>,
    pool_balance: Frame<PoolBalance>,
    pool_transfer: Frame<PoolTransfer>,
    ledger_bridge: Frame<LedgerBridge>,
    pools: Frame<DimPool>,
    activities: Frame<DimActivity>,
    customers: Frame<DimCustomer>,
}

impl Tables {
    fn read(project: &Project) -> Result<Self, Failure> {
        Ok(Self {
            waterfall: published(project)?,
            ledger: published(project)?,
            activity_month: published(project)?,
            pool_balance: published(project)?,
            pool_transfer: published(project)?,
            ledger_bridge: published(project)?,
            pools: published(project)?,
            activities: published(project)?,
            customers: published(project)?,
        })
    }

    const fn inputs(&self) -> Inputs<'_> {
        Inputs {
            waterfall: &self.waterfall,
            ledger: &self.ledger,
            activity_month: &self.activity_month,
            pool_balance: &self.pool_balance,
            pool_transfer: &self.pool_transfer,
            ledger_bridge: &self.ledger_bridge,
            pools: &self.pools,
            activities: &self.activities,
            customers: &self.customers,
        }
    }
}

/// A table of the last run.
pub(crate) fn published<T: Contract>(project: &Project) -> Result<Frame<T>, Failure> {
    Ok(Frame::try_new(netto_publish::read(project.current(), T::TABLE)?.lazy())?)
}

/// A table of the last run, by its declaration.
pub(crate) fn published_table(project: &Project, table: &'static Table) -> Result<DataFrame, Failure> {
    Ok(Mart::try_new(table, netto_publish::read(project.current(), table)?.lazy())?.data)
}

/// A window of the last run, by name.
pub(crate) fn window(project: &Project, name: &str) -> Result<Window, Failure> {
    scenarios::window(&published::<DimWindow>(project)?, name)
}

/// The sign of a step: it is added or subtracted; sums have none.
const fn sign(step: &str) -> &'static str {
    match step.as_bytes() {
        b"list_revenue" => " ",
        b"invoice_discount" | b"rebates_given" | b"payment_terms" | b"freight_cost" | b"cogs" | b"cost_to_serve" => "−",
        b"freight_charged" | b"rebates_received" | b"sales_compensation" => "+",
        _ => "=",
    }
}

/// A line of a calculation: sign, label, number and remark, with aligned decimal points.
fn line(sign: &str, what: &str, number: &str, remark: &str) {
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let number = format!("{number}{}", " ".repeat(8_usize.saturating_sub(decimals)));
    output::text(format!("  {sign:1} {what:40} {number:>18}  {remark}").trim_end());
}

/// `12.3 %`, for display.
fn percent(part: Money, whole: Money) -> Option<String> {
    let tenths = Money::from_units(1_000).scaled(part.units(), whole.units()).ok()?.units();
    let sign = if tenths < 0 { "-" } else { "" };
    Some(format!("{sign}{}.{} %", tenths.abs() / 10, tenths.abs() % 10))
}

/// A number with eight decimals and grouped thousands.
fn fine(number: Fine) -> String {
    let text = number.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if whole.starts_with('-') { "-" } else { "" };
    let size: i128 = whole.trim_start_matches('-').parse().unwrap_or_default();
    format!("{sign}{}.{decimals}", output::count(size))
}

/// Amounts by name.
fn by_name<'a>(amounts: impl IntoIterator<Item = (&'a String, &'a Money)>) -> Value {
    let amounts: Map<String, Value> =
        amounts.into_iter().map(|(name, amount)| (name.clone(), amount.to_string().into())).collect();
    amounts.into()
}

/// `picking (north)`
fn with_part(activity: &str, part: &str) -> String {
    if part.is_empty() { activity.to_owned() } else { format!("{activity} ({part})") }
}

/// A label, if it differs from the key.
fn labelled(key: &str, label: Option<&str>) -> String {
    label.filter(|label| *label != key).map_or_else(|| key.to_owned(), |label| format!("{key} · {label}"))
}

/// `1,234.5 of 5,000`
fn part_of(part: Money, whole: Money) -> String {
    format!("{} of {}", quantity(part), quantity(whole))
}

/// A quantity without trailing zeros: `1,234.5`.
fn quantity(quantity: Money) -> String {
    amount(quantity).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `1 order`, `2,000 orders`
fn counted(number: i64, what: &str) -> String {
    format!("{} {what}{}", output::count(number), if number == 1 { "" } else { "s" })
}

/// Wraps words over several lines, indented except the first.
fn wrapped(words: &str) -> String {
    const WIDTH: usize = 96;
    let mut lines = vec![String::new()];
    for word in words.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                *line += if line.is_empty() { "" } else { " " };
                *line += word;
            }
            _ => lines.push(format!("    {word}")),
        }
    }
    lines.join("\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_to_a_tenth_of_a_percent() {
        let money = Money::from_units;
        let shown = [(1, 3), (-1, 8), (5, 4), (0, 7)].map(|(part, whole)| percent(money(part), money(whole)).unwrap());
        assert_eq!(shown, ["33.3 %", "-12.5 %", "125.0 %", "0.0 %"]);
        assert_eq!(percent(money(1), Money::ZERO), None);
    }

    #[test]
    fn quantities_drop_the_decimals_that_they_do_not_need() {
        let shown = [0, 100_000, 12_345_000, -5_000].map(|units| quantity(Money::from_units(units)));
        assert_eq!(shown, ["0", "10", "1,234.5", "-0.5"]);
    }

    #[test]
    fn long_expressions_are_wrapped_between_words() {
        let text = wrapped(&format!("{} {}", "a".repeat(90), "b".repeat(10)));
        assert_eq!(text, format!("{}\n      {}", "a".repeat(90), "b".repeat(10)));
        assert_eq!(wrapped("short text"), "short text");
    }
}
