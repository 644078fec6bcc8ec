//! When visits are made, and what follows them: the Friday-afternoon visit.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::format::Format;
use super::language::{Text, say, several};
use super::marts::{Row, Rows, height, largest, ratio, sum};
use super::page::Page;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// The days of the week, Monday first.
pub(crate) const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A finding needs at least this part, 1/N, of the visits.
const ENOUGH: i64 = 25;

/// Number of customers listed: those whose visits cost most.
const FEW: usize = 20;

/// The results of visits in a part of the week.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timing {
    pub(super) visits: i64,
    pub(super) with_order: i64,
    cost: i64,
    orders: i64,
    /// Orders without a visit, as far as enough customers say so.
    expected: f64,
    /// Visits of which nobody can say what would have been ordered without them.
    unknown: i64,
}

impl Timing {
    fn add(&mut self, row: Row<'_>) {
        self.visits += row.units(c::VISITS);
        self.with_order += row.units(c::VISITS_WITH_ORDER);
        self.cost += row.units(c::VISIT_COST);
        self.orders += row.units(c::ORDERS_AFTER_VISIT);
        match row.share(c::EXPECTED_ORDERS) {
            Some(expected) => self.expected += expected,
            None => self.unknown += row.units(c::VISITS),
        }
    }

    /// Visits with an order, per thousand.
    pub(super) fn per_mille(&self) -> i64 {
        if self.visits > 0 { self.with_order * 1_000 / self.visits } else { 0 }
    }

    pub(super) fn success(&self) -> Option<f64> {
        ratio(self.with_order, self.visits)
    }
}

/// Visits by weekday (from 1) and part of the day.
pub(super) fn by_time<'a>(rows: impl Iterator<Item = Row<'a>>) -> BTreeMap<(i64, &'a str), Timing> {
    let mut found: BTreeMap<_, Timing> = BTreeMap::new();
    for row in rows {
        found.entry((row.units(c::WEEKDAY), row.text(c::PART_OF_DAY))).or_default().add(row);
    }
    found
}

/// Friday afternoon; or Friday, if the time of day isn't known.
pub(super) fn when(format: &Format, weekday: i64, part: &str) -> String {
    let day = usize::try_from(weekday - 1).ok().and_then(|day| DAYS.get(day)).copied().unwrap_or("some day");
    match part {
        "" => format.say(day),
        part => say!(format, "{day} {part}", day = format.say(day), part = format.say(part)),
    }
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_force(contract::model("visit_timing"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let times = by_time(rows.iter());
    let compared = rows.iter().any(|row| row.share(c::EXPECTED_ORDERS).is_some());
    let mut parts = vec![Part::table(heat_map(page, &times))];
    parts.push(Part::details("The figures", figures(page, &times, compared)));
    parts.extend(without_effect(page, &page.of_force(contract::model("visit_habit"))?).map(Part::table));
    Ok(Some(Section {
        id: "visits",
        name: "Visits".into(),
        finding: finding(page, &times),
        reading: "The number of visits, and below it the share of visits after which the customer ordered within the days of the configuration: the deeper the blue, the larger the share.".into(),
        parts,
    }))
}

fn all(times: &BTreeMap<(i64, &str), Timing>) -> Timing {
    times.values().fold(Timing::default(), |sum, time| Timing {
        visits: sum.visits + time.visits,
        with_order: sum.with_order + time.with_order,
        cost: sum.cost + time.cost,
        orders: sum.orders + time.orders,
        expected: sum.expected + time.expected,
        unknown: sum.unknown + time.unknown,
    })
}

/// The part of the week after which customers order least.
fn finding(page: &Page<'_>, times: &BTreeMap<(i64, &str), Timing>) -> String {
    let format = &page.format;
    let all = all(times);
    let start = several!(
        format,
        all.visits,
        "{share} of {n} visit to customers was followed by an order",
        "{share} of {n} visits to customers were followed by an order",
        share = format.percent(all.success())
    );
    let often = times.iter().filter(|(_, time)| time.visits > 0 && time.visits * ENOUGH >= all.visits);
    let least = often.min_by(|a, b| {
        a.1.success().unwrap_or_default().total_cmp(&b.1.success().unwrap_or_default()).then_with(|| a.0.cmp(b.0))
    });
    match least {
        Some(((weekday, part), time)) if time.with_order * all.visits < all.with_order * time.visits => {
            let (when, share) = (when(format, *weekday, part), format.percent(time.success()));
            start + &say!(format, "; of those on {when}, {share}", when = when, share = share)
        }
        _ => start,
    }
}

fn parts_of<'a>(times: &BTreeMap<(i64, &'a str), Timing>) -> Vec<&'a str> {
    let known = |part: &&str| times.keys().find(|(_, name)| name == part).map(|(_, name)| *name);
    contract::PARTS_OF_DAY.iter().filter_map(known).collect()
}

fn heat_map(page: &Page<'_>, times: &BTreeMap<(i64, &str), Timing>) -> Table {
    let format = &page.format;
    let best = times.values().map(Timing::per_mille).max().unwrap_or_default();
    let parts = parts_of(times);
    let days: Vec<i64> = (1..=7).filter(|day| *day <= 5 || times.keys().any(|(weekday, _)| weekday == day)).collect();
    let cell = |day: i64, part: &str| match times.get(&(day, part)) {
        Some(time) if time.visits > 0 => {
            Cell::count(format, time.visits).small(format.percent(time.success())).heat(time.per_mille(), best)
        }
        _ => Cell::none(),
    };
    let line = |part: &&str| {
        let name = if part.is_empty() { say!(format, "time not known") } else { format.say(part) };
        std::iter::once(Cell::new(name)).chain(days.iter().map(|day| cell(*day, part))).collect()
    };
    let heads: Vec<Text> =
        std::iter::once(String::new()).chain(days.iter().map(|day| when(format, *day, ""))).map(Text::from).collect();
    Table::new(
        "Visits by weekday and part of the day, and how many of them were followed by an order.",
        heads,
        parts.iter().map(line).collect(),
    )
    .class("heatmap")
}

/// Customers that are often visited at one time of the week without visibly ordering more afterwards; `None` if no customer is visited often enough to tell.
fn without_effect(page: &Page<'_>, habits: &Rows) -> Option<Table> {
    let format = &page.format;
    let number = |rows: &[Row<'_>]| i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let compared: Vec<Row<'_>> = habits.iter().filter(|row| row.share(c::MORE_ORDERS).is_some()).collect();
    let others = compared.iter().filter(|row| row.text(c::VISIT_FINDING) != MORE).copied();
    let shown = largest(others, |row| row.units(c::VISIT_COST).saturating_add(row.units(c::HABIT_VISITS)));
    if shown.is_empty() {
        return None;
    }
    let cost = sum(shown.iter().copied(), c::VISIT_COST);
    let costs = match cost {
        1.. => say!(format, "; these visits cost {amount}", amount = format.sum(cost)),
        _ => String::new(),
    };
    let line = |row: &Row<'_>| {
        vec![
            page.customer(row.text(c::CUSTOMER_ID)),
            Cell::text(when(format, row.units(c::WEEKDAY), row.text(c::PART_OF_DAY))),
            Cell::count(format, row.units(c::HABIT_VISITS)),
            row.maybe(c::VISIT_COST).map_or_else(Cell::none, |cost| Cell::amount(format, cost)),
            Cell::count(format, row.units(c::ORDERS_AFTER)),
            Cell::new(format.decimals(row.share(c::EXPECTED_ORDERS).unwrap_or_default(), 1)),
            Cell::new(interval(page, *row)).small(format.say(row.text(c::VISIT_FINDING))),
        ]
    };
    let counted = several!(
        format,
        number(&compared),
        "Often visited at the same time of the week, without more orders than otherwise: {few} of {n} customer that is visited often enough to compare{costs}.",
        "Often visited at the same time of the week, without more orders than otherwise: {few} of {n} customers that are visited often enough to compare{costs}.",
        few = number(&shown),
        costs = costs
    );
    let read = say!(
        format,
        "Without a visit: orders of this customer on as many days without a visit before them. More orders: between the two values in nine of ten cases; if zero is between them, no effect can be seen."
    );
    let caption = format!("{counted} {read}");
    let heads = vec!["Customer", "When", "Visits then", "Cost", "Orders after them", "Without a visit", "More orders"];
    Some(Table::new(caption, heads, shown.iter().take(FEW).map(line).collect()))
}

/// The wording of `visit_finding` if orders follow.
const MORE: &str = "more than without a visit";

/// `−3,7 to 2,4`.
fn interval(page: &Page<'_>, row: Row<'_>) -> String {
    let end = |column| page.format.decimals(row.share(column).unwrap_or_default(), 1);
    say!(page.format, "{low} to {high}", low = end(c::MORE_ORDERS_LOW), high = end(c::MORE_ORDERS_HIGH))
}

fn figures(page: &Page<'_>, times: &BTreeMap<(i64, &str), Timing>, compared: bool) -> Table {
    let format = &page.format;
    let line = |((weekday, part), time): &(&(i64, &str), &Timing)| {
        let unknown = if part.is_empty() { say!(format, "time not known") } else { String::new() };
        let mut cells = vec![
            Cell::new(when(format, *weekday, part)).small(unknown),
            Cell::count(format, time.visits),
            Cell::amount(format, time.cost),
            Cell::share(format, time.success()),
            Cell::count(format, time.orders),
        ];
        if compared && time.unknown == 0 {
            cells.push(Cell::new(format.decimals(time.expected, 0)));
            cells.push(Cell::new(format.decimals(height(time.orders) - time.expected, 0)));
        } else if compared {
            cells.extend([Cell::none(), Cell::none()]);
        }
        cells
    };
    let mut heads = vec!["When", "Visits", "Cost", "With an order", "Orders after them"];
    if compared {
        heads.extend(["Without a visit", "More orders"]);
    }
    // As in a week, from the morning to the evening.
    let mut week: Vec<_> = times.iter().collect();
    week.sort_by_key(|((weekday, part), _)| (*weekday, contract::PARTS_OF_DAY.iter().position(|name| name == part)));
    Table::new(
        "Without a visit: orders of as many comparable customers that were not visited.",
        heads,
        week.iter().map(line).collect(),
    )
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, f, finding, m, n, section, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;

    #[test]
    fn the_part_of_the_week_that_orders_follow_least_is_named() {
        let visits = |employee, day, part, visits, with_order, expected| {
            vec![
                (c::EMPLOYEE_ID, t(employee)),
                (c::WEEKDAY, n(day)),
                (c::PART_OF_DAY, t(part)),
                (c::VISITS, n(visits)),
                (c::VISITS_WITH_ORDER, n(with_order)),
                (c::ORDERS_AFTER_VISIT, n(with_order)),
                (c::EXPECTED_ORDERS, expected),
            ]
        };
        let html = with(vec![(
            contract::model("visit_timing"),
            vec![
                visits("E1", 1, "morning", 30, 15, f(10.0)),
                visits("E2", 1, "morning", 10, 5, f(4.0)),
                visits("E1", 5, "afternoon", 20, 2, f(6.0)),
                // One visit without an order is no finding.
                visits("E1", 3, "evening", 1, 0, f(0.2)),
                // Of those on Tuesday some aren't comparable, so nothing is said of all.
                visits("E1", 2, "evening", 4, 3, f(0.2)),
                visits("E2", 2, "evening", 1, 1, AnyValue::Null),
            ],
        )]);
        assert_eq!(
            finding(&html, "visits"),
            "39,4 % of 66 visits to customers were followed by an order; of those on Friday afternoon, 10,0 %"
        );
        assert_eq!(cells(&html, "visits", "morning"), "40 (50,0 %) | – | – | – | –");
        assert_eq!(cells(&html, "visits", "Tuesday evening"), "5 | 0 | 80,0 % | 4 | – | –");
        assert_eq!(cells(&html, "visits", "Friday afternoon"), "20 | 0 | 10,0 % | 2 | 6 | −4");
    }
    #[test]
    fn who_is_often_visited_and_orders_no_more_than_otherwise_is_listed_with_the_cost() {
        let habit = |id, visits, cost, more: AnyValue<'static>, found| {
            vec![
                (c::CUSTOMER_ID, t(id)),
                (c::WEEKDAY, n(5)),
                (c::PART_OF_DAY, t("afternoon")),
                (c::HABIT_VISITS, n(visits)),
                (c::VISIT_COST, cost),
                (c::ORDERS_AFTER, n(2)),
                (c::EXPECTED_ORDERS, more.clone()),
                (c::MORE_ORDERS, more),
                (c::MORE_ORDERS_LOW, f(-3.7)),
                (c::MORE_ORDERS_HIGH, f(2.4)),
                (c::VISIT_FINDING, t(found)),
            ]
        };
        let no_effect = "no effect can be seen";
        let html = with(vec![
            (
                contract::model("visit_timing"),
                vec![vec![
                    (c::EMPLOYEE_ID, t("E1")),
                    (c::WEEKDAY, n(5)),
                    (c::PART_OF_DAY, t("afternoon")),
                    (c::VISITS, n(9)),
                ]],
            ),
            (
                contract::model("visit_habit"),
                vec![
                    habit("A", 9, m(90), f(2.7), no_effect),
                    habit("B", 8, m(99), f(2.6), no_effect),
                    habit("C", 8, m(80), f(0.1), "more than without a visit"),
                    habit("D", 1, m(10), AnyValue::Null, "too few to compare"),
                ],
            ),
        ]);
        let section = section(&html, "visits");
        assert!(
            section
                .contains("2 of 3 customers that are visited often enough to compare; these visits cost EUR\u{a0}189"),
            "{section}"
        );
        assert_eq!(
            cells(&html, "visits", "A"),
            "Friday afternoon | 9 | 90 | 2 | 2,7 | −3,7 to 2,4 (no effect can be seen)"
        );
        assert!(section.find(">B<").unwrap() < section.find(">A<").unwrap());
        assert!(!section.contains(">C<") && !section.contains(">D<"));
    }
}
