//! Actions agreed with customers, before against after, and against peers without an action.
//!
//! ```text
//! agreed on 2025-03-10, closed through 2025-06: before 2024-12..2025-02, after 2025-04..2025-06; March is part of both
//! agreed on 2025-03-01                          before 2024-11..2025-02, after 2025-03..2025-06
//!
//! net profit per month  −40 → 10   change 50
//! peers, median                    change 12     customers of the same tier, without an action in those months
//! effect                           38            what the action brought, as far as peers tell
//! ```
//! The difference in differences: what would have happened anyway, happened to the peers as well.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::frame::{ActionEffect, Actions};
use netto_model::{Frame, Mart, Period, Window, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::book::{Book, absent};
use crate::columns::{days, median_amount, quotient, texts};
use crate::customer_window::Customer;
use crate::window_customers::WindowCustomers;
use crate::windows::inside;

/// At most so many months on either side.
const MOST: i32 = 12;

/// What was agreed.
struct Action {
    customer: String,
    remedy: String,
    day: i32,
    note: Option<String>,
}

/// Before, after, and the peers; amounts per month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effect {
    months: i64,
    revenue: Option<(i64, i64)>,
    cost: Option<(i64, i64)>,
    profit: Option<(i64, i64)>,
    peers: Option<i64>,
    peer_change: Option<i64>,
}

impl Effect {
    fn change(&self) -> Option<i64> {
        self.profit.and_then(|(before, after)| after.checked_sub(before))
    }
}

/// The table; empty without actions.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(actions) = book.inputs.actions else { return absent::<ActionEffect>() };
    let actions = agreed(actions)?;
    let customers = WindowCustomers::new(book.inputs, book.config)?;
    let effects = actions
        .iter()
        .map(|action| match sides(action.day, customers.first_month, book.inputs.last_month) {
            None => Ok(Effect::default()),
            Some(sides) => effect(book, action, sides, &busy(&actions, sides), &customers),
        })
        .collect::<Result<Vec<_>, SegmentError>>()?;
    mart(&actions, &effects)
}

fn agreed(actions: &Frame<Actions>) -> PolarsResult<Vec<Action>> {
    let data = actions.data();
    let (customers, remedies, notes) = (texts(data, c::CUSTOMER_ID)?, texts(data, c::REMEDY)?, texts(data, c::NOTE)?);
    let rows = customers.into_iter().zip(remedies).zip(days(data, c::STARTED_AT)?.into_iter().zip(notes));
    let action = |((customer, remedy), (day, note)): ((String, String), (Option<i32>, String))| Action {
        customer,
        remedy,
        day: day.unwrap_or_default(),
        note: (!note.is_empty()).then_some(note),
    };
    Ok(rows.map(action).collect())
}

/// Months before and after a day, as many on either side; the month of the day is after it only from its first day on.
/// Nothing while no month has closed since, or where the data don't reach back.
fn sides(day: i32, first: Period, last: Period) -> Option<(Window, Window)> {
    let month = Period::of_day(day);
    let start = if month.first_day() == day { month } else { month.plus(1) };
    let before = Window { first, last: month.plus(-1) }.months();
    let after = Window { first: start, last }.months();
    let count = before.min(after).min(MOST);
    (count > 0).then(|| (Window::ending(month.plus(-1), count), Window::ending(start.plus(count - 1), count)))
}

/// Who had an action of any kind in the months.
fn busy(actions: &[Action], (before, after): (Window, Window)) -> BTreeSet<&str> {
    let span = Window { first: before.first, last: after.last };
    let within = actions.iter().filter(|action| span.contains(Period::of_day(action.day)));
    within.map(|action| action.customer.as_str()).collect()
}

fn effect(
    book: &Book<'_>,
    action: &Action,
    (before, after): (Window, Window),
    busy: &BTreeSet<&str>,
    customers: &WindowCustomers<'_>,
) -> Result<Effect, SegmentError> {
    let (was, is) = (customers.of(before)?, customers.of(after)?);
    let count = i64::from(before.months());
    let mut effect = Effect { months: count, ..Effect::default() };
    // Who never bought nor was served has no figures; who only came later had none before, and that is a fact.
    let Some(now) = is.get(&action.customer) else { return Ok(effect) };
    let earlier = was.get(&action.customer);
    let sides = |of: fn(&Customer) -> i64| {
        let per_month = |amount: i64| quotient(amount.into(), count.into());
        Some((per_month(earlier.map_or(0, of))?, per_month(of(now))?))
    };
    effect.revenue = sides(|customer| customer.revenue);
    effect.profit = sides(|customer| customer.profit);
    if cost_is_known(book, before)? && cost_is_known(book, after)? {
        effect.cost = sides(|customer| customer.cost);
    }
    let Some(earlier) = earlier else { return Ok(effect) };
    let changes = peer_changes(earlier, &was, &is, busy, count);
    effect.peers = i64::try_from(changes.len()).ok();
    effect.peer_change = median_amount(changes);
    Ok(effect)
}

/// The change of net profit per month of everyone in the same tier who had no action.
fn peer_changes(
    customer: &Customer,
    was: &BTreeMap<String, Customer>,
    is: &BTreeMap<String, Customer>,
    busy: &BTreeSet<&str>,
    months: i64,
) -> Vec<i64> {
    let peer = |row: &&Customer| row.tier == customer.tier && row.id != customer.id && !busy.contains(row.id.as_str());
    let change = |row: &Customer| {
        let per_month = |profit: i64| quotient(profit.into(), months.into());
        per_month(is.get(&row.id).map_or(0, |row| row.profit))?.checked_sub(per_month(row.profit)?)
    };
    was.values().filter(peer).filter_map(change).collect()
}

/// Whether cost-to-serve was booked in any of the months.
fn cost_is_known(book: &Book<'_>, months: Window) -> PolarsResult<bool> {
    let rows =
        book.inputs.waterfall.lazy().filter(inside(months)).select([col(c::COST_TO_SERVE_SUPPLIED)]).collect()?;
    Ok(rows.column(c::COST_TO_SERVE_SUPPLIED)?.bool()?.iter().flatten().any(|supplied| supplied))
}

fn mart(actions: &[Action], effects: &[Effect]) -> Result<Mart, SegmentError> {
    let each = |of: fn(&Effect) -> Option<i64>| effects.iter().map(of).collect::<Vec<_>>();
    let frame = df!(
        c::CUSTOMER_ID => actions.iter().map(|action| action.customer.as_str()).collect::<Vec<_>>(),
        c::REMEDY => actions.iter().map(|action| action.remedy.as_str()).collect::<Vec<_>>(),
        c::STARTED_AT => actions.iter().map(|action| action.day).collect::<Vec<_>>(),
        c::NOTE => actions.iter().map(|action| action.note.as_deref()).collect::<Vec<_>>(),
        c::MONTHS => each(|effect| Some(effect.months)),
        c::REVENUE_BEFORE => each(|effect| effect.revenue.map(|(before, _)| before)),
        c::REVENUE_AFTER => each(|effect| effect.revenue.map(|(_, after)| after)),
        c::COST_BEFORE => each(|effect| effect.cost.map(|(before, _)| before)),
        c::COST_AFTER => each(|effect| effect.cost.map(|(_, after)| after)),
        c::PROFIT_BEFORE => each(|effect| effect.profit.map(|(before, _)| before)),
        c::PROFIT_AFTER => each(|effect| effect.profit.map(|(_, after)| after)),
        c::CHANGE => each(Effect::change),
        c::PEERS => each(|effect| effect.peers),
        c::PEER_CHANGE => each(|effect| effect.peer_change),
        c::EFFECT => each(|effect| effect.change()?.checked_sub(effect.peer_change?)),
    )?;
    let started = col(c::STARTED_AT).cast(DataType::Date);
    Ok(Frame::<ActionEffect>::try_new(frame.lazy().with_column(started))?.mart())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;
    use netto_model::period::days_from_civil;

    fn of(day: (i32, i32, i32), first: (i32, i32), last: (i32, i32)) -> String {
        let day = days_from_civil(day.0, day.1, day.2);
        sides(day, Period::new(first.0, first.1), Period::new(last.0, last.1))
            .map_or_else(|| "none".into(), |(before, after)| format!("{before} {after}"))
    }

    #[test]
    fn the_month_of_the_start_is_after_it_only_from_its_first_day_on() {
        let (data, closed) = ((2023, 1), (2025, 6));
        assert_eq!(of((2025, 3, 10), data, closed), "2024-12..2025-02 2025-04..2025-06");
        assert_eq!(of((2025, 3, 1), data, closed), "2024-11..2025-02 2025-03..2025-06");
    }

    #[test]
    fn both_sides_have_as_many_months_twelve_at_most() {
        assert_eq!(of((2024, 3, 1), (2022, 1), (2025, 6)), "2023-03..2024-02 2024-03..2025-02");
        assert_eq!(of((2024, 3, 1), (2024, 1), (2025, 6)), "2024-01..2024-02 2024-03..2024-04");
        assert_eq!(of((2025, 6, 2), (2022, 1), (2025, 6)), "none", "no month has closed since");
        assert_eq!(of((2022, 1, 1), (2022, 1), (2025, 6)), "none", "no month before");
        assert_eq!(of((2025, 6, 1), (2022, 1), (2025, 6)), "2025-05..2025-05 2025-06..2025-06");
    }

    #[test]
    fn peers_stand_in_the_same_tier_and_had_no_action() {
        let row = |id: &str, profit| (id.to_owned(), customer(id, 1, 100, profit));
        let was: BTreeMap<_, _> = [row("A", 10), row("B", 20), row("C", 30), row("D", 7)].into();
        let mut is: BTreeMap<_, _> = [row("A", 90), row("B", 26), row("C", 99)].into();
        is.insert("D".into(), customer("D", 1, 0, 0));
        let large = Customer { tier: "Large", ..customer("E", 1, 1, 1) };
        let mut with_large = was.clone();
        with_large.insert("E".into(), large);
        let changes = peer_changes(&was["A"], &with_large, &is, &BTreeSet::from(["A", "C"]), 2);
        assert_eq!(changes, [3, -4], "B: 13 − 10; D: 0 − 4 (3.5, half-even)");
    }

    #[test]
    fn an_action_within_the_months_makes_no_peer() {
        let action = |customer: &str, (year, month, day)| Action {
            customer: customer.into(),
            remedy: "farewell".into(),
            day: days_from_civil(year, month, day),
            note: None,
        };
        let actions = [
            action("A", (2025, 3, 10)),
            action("B", (2025, 3, 20)),
            action("C", (2024, 11, 30)),
            action("D", (2025, 6, 30)),
        ];
        let window = |text: &str, count| Window::ending(text.parse().unwrap(), count);
        let busy = busy(&actions, (window("2025-02", 3), window("2025-06", 3)));
        assert_eq!(busy, BTreeSet::from(["A", "B", "D"]));
    }
}
