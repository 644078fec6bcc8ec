//! When visits are made, and what follows them: the Friday-afternoon visit.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::marts::{Row, height, ratio};
use super::page::Page;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// The days of the week, Monday first.
pub(super) const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A finding needs one visit in so many.
const ENOUGH: i64 = 25;

/// What visits of a part of the week brought.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timing {
    pub(super) visits: i64,
    pub(super) with_order: i64,
    cost: i64,
    orders: i64,
    expected: f64,
}

impl Timing {
    fn add(&mut self, row: Row<'_>) {
        self.visits += row.units(c::VISITS);
        self.with_order += row.units(c::VISITS_WITH_ORDER);
        self.cost += row.units(c::VISIT_COST);
        self.orders += row.units(c::ORDERS_AFTER_VISIT);
        self.expected += row.share(c::EXPECTED_ORDERS).unwrap_or_default();
    }

    /// Visits with an order of a thousand.
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

/// Friday afternoon; where the time of day isn't known, Friday.
pub(super) fn when(weekday: i64, part: &str) -> String {
    let day = usize::try_from(weekday - 1).ok().and_then(|day| DAYS.get(day)).copied().unwrap_or("some day");
    format!("{day} {part}").trim_end().to_owned()
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.main(&contract::VISIT_TIMING)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let times = by_time(rows.iter());
    let compared = rows.iter().any(|row| row.share(c::EXPECTED_ORDERS).is_some());
    let mut parts = vec![Part::table(heat_map(page, &times))];
    parts.push(Part::details("The figures", figures(page, &times, compared)));
    Ok(Some(Section {
        id: "visits",
        name: "Visits",
        finding: finding(page, &times),
        reading: "The number of visits, and beneath it the part of them after which the customer ordered within the days of the configuration: the deeper the blue, the more of them.".into(),
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
    })
}

/// The part of the week after which customers order least.
fn finding(page: &Page<'_>, times: &BTreeMap<(i64, &str), Timing>) -> String {
    let format = &page.format;
    let all = all(times);
    let start = format!(
        "{} of {} were followed by an order",
        format.percent(all.success()),
        format.several(all.visits, "visit", "visits")
    );
    let often = times.iter().filter(|(_, time)| time.visits > 0 && time.visits * ENOUGH >= all.visits);
    let least = often.min_by(|a, b| {
        a.1.success().unwrap_or_default().total_cmp(&b.1.success().unwrap_or_default()).then_with(|| a.0.cmp(b.0))
    });
    match least {
        Some(((weekday, part), time)) if time.with_order * all.visits < all.with_order * time.visits => {
            format!("{start}; of those on {}, {}", when(*weekday, part), format.percent(time.success()))
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
        let name = if part.is_empty() { "time not known" } else { part };
        std::iter::once(Cell::new(name)).chain(days.iter().map(|day| cell(*day, part))).collect()
    };
    let heads: Vec<String> = std::iter::once(String::new()).chain(days.iter().map(|day| when(*day, ""))).collect();
    Table::new(
        "Visits by weekday and part of the day, and how many of them were followed by an order.",
        heads,
        parts.iter().map(line).collect(),
    )
    .class("heatmap")
}

fn figures(page: &Page<'_>, times: &BTreeMap<(i64, &str), Timing>, compared: bool) -> Table {
    let format = &page.format;
    let line = |((weekday, part), time): (&(i64, &str), &Timing)| {
        let mut cells = vec![
            Cell::new(when(*weekday, part)),
            Cell::count(format, time.visits),
            Cell::amount(format, time.cost),
            Cell::share(format, time.success()),
            Cell::count(format, time.orders),
        ];
        if compared {
            cells.push(Cell::new(format.decimals(time.expected, 0)));
            cells.push(Cell::new(format.decimals(height(time.orders) - time.expected, 0)));
        }
        cells
    };
    let mut heads = vec!["When", "Visits", "Cost", "With an order", "Orders after them"];
    if compared {
        heads.extend(["Without a visit", "More orders"]);
    }
    Table::new(
        "Without a visit: orders of as many comparable customers that were not visited.",
        heads,
        times.iter().map(line).collect(),
    )
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, f, finding, n, t, with};
    use netto_model::{column as c, contract};

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
            &contract::VISIT_TIMING,
            vec![
                visits("E1", 1, "morning", 30, 15, f(10.0)),
                visits("E2", 1, "morning", 10, 5, f(4.0)),
                visits("E1", 5, "afternoon", 20, 2, f(6.0)),
                // One visit without an order is no finding.
                visits("E1", 3, "evening", 1, 0, f(0.2)),
            ],
        )]);
        assert_eq!(
            finding(&html, "visits"),
            "36,1 % of 61 visits were followed by an order; of those on Friday afternoon, 10,0 %"
        );
        assert_eq!(cells(&html, "visits", "morning"), "40 (50,0 %) | – | – | – | –");
        assert_eq!(cells(&html, "visits", "Friday afternoon"), "20 | 0 | 10,0 % | 2 | 6 | −4");
    }
}
