//! Movement in the pyramid: the matrix, the totals, and the value of a step up.

use std::collections::BTreeMap;

use netto_model::{column as c, contract};

use super::language::{Text, say};
use super::marts::{Row, Rows, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Word};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const UPGRADE: [Shown; 7] = [
    ("To", c::NEXT_TIER, Word),
    ("Customers", c::CUSTOMERS, Count),
    ("Net profit each", c::AVERAGE_NET_PROFIT, Amount),
    ("One step up brings", c::UPGRADE_VALUE, Amount),
    ("in revenue", c::UPGRADE_REVENUE, Amount),
    ("From", c::THRESHOLD, Amount),
    ("Nearly there", c::NEAR_CUSTOMERS, Count),
];

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let moves = page.of_window(contract::model("tier_migration"))?;
    if moves.is_empty() {
        return Ok(None);
    }
    let mut parts = vec![Part::table(matrix(page, &moves)), Part::table(movements(page, &moves))];
    let upgrade = page.of_window(contract::model("tier_upgrade"))?;
    if !upgrade.is_empty() {
        let rows: Vec<Row<'_>> = contract::TIERS.iter().flat_map(|tier| upgrade.of(c::TIER, tier)).collect();
        let caption = "The value of a step up is the average of the tier above less the average of this one. Nearly there: less than a tenth is missing.";
        parts.push(Part::table(Table::of(
            &page.format,
            caption,
            "From tier",
            &rows,
            |row| Cell::new(page.format.say(row.text(c::TIER))),
            &UPGRADE,
        )));
    }
    Ok(Some(Section {
        id: "migration",
        name: "Movement".into(),
        finding: finding(page, &moves),
        reading:
            "Rows: tier in the window before. Columns: tier in this window. Green cells moved up, orange cells moved down."
                .into(),
        parts,
    }))
}

fn finding(page: &Page<'_>, moves: &Rows) -> String {
    let count = |movement: &str| page.format.grouped(sum(moves.of(c::MOVEMENT, movement), c::CUSTOMERS));
    say!(
        page.format,
        "{up} customers moved up and {down} down; {new} are new, {back} won back, {lost} lost",
        up = count("up"),
        down = count("down"),
        new = count("new"),
        back = count("won back"),
        lost = count("lost")
    )
}

/// The matrix: previous tiers in rows, current tiers in columns; beneath each count the revenue gained or lost.
fn matrix(page: &Page<'_>, moves: &Rows) -> Table {
    let place = |name: &str| contract::TIERS.iter().position(|tier| *tier == name).unwrap_or(usize::MAX);
    let in_order = |column: &'static str| {
        let mut names: Vec<&str> = moves.iter().map(|row| row.text(column)).collect();
        names.sort_by_key(|name| (place(name), *name));
        names.dedup();
        names
    };
    let (from, to) = (in_order(c::PREVIOUS_TIER), in_order(c::TIER));
    let found: BTreeMap<_, _> =
        moves.iter().map(|row| ((row.text(c::PREVIOUS_TIER), row.text(c::TIER)), row)).collect();
    let cell = |before: &str, after: &str| match found.get(&(before, after)) {
        None => Cell::default(),
        Some(row) => Cell::count(&page.format, row.units(c::CUSTOMERS))
            .small(page.format.whole(row.units(c::INVOICE_REVENUE) - row.units(c::PREVIOUS_REVENUE)))
            .class(class(row.text(c::MOVEMENT))),
    };
    let line = |before: &&str| {
        std::iter::once(Cell::new(page.format.say(before))).chain(to.iter().map(|after| cell(before, after))).collect()
    };
    let tiers = to.iter().map(|tier| page.format.say(tier).into());
    let heads: Vec<Text> = std::iter::once("From tier".into()).chain(tiers).collect();
    Table::new("Customers, and below them the revenue gained or lost.", heads, from.iter().map(line).collect())
        .class("matrix")
}

fn class(movement: &str) -> &'static str {
    match movement {
        "up" | "new" | "won back" => "up",
        "down" | "lost" => "down",
        _ => "same",
    }
}

/// A line per movement: its customers, and the change of their figures.
fn movements(page: &Page<'_>, moves: &Rows) -> Table {
    let line = |movement: &&str| {
        let rows = moves.of(c::MOVEMENT, movement);
        let total = |column| sum(rows.iter().copied(), column);
        let amount = |amount| Cell::amount(&page.format, amount);
        (!rows.is_empty()).then(|| {
            vec![
                Cell::new(page.format.say(movement)),
                Cell::count(&page.format, total(c::CUSTOMERS)),
                amount(total(c::INVOICE_REVENUE) - total(c::PREVIOUS_REVENUE)),
                amount(total(c::NET_PROFIT) - total(c::PREVIOUS_NET_PROFIT)),
                amount(total(c::NET_PROFIT)),
            ]
        })
    };
    let heads = ["Movement", "Customers", "Change of revenue", "Change of net profit", "Net profit now"];
    Table::new("All movements in total.", heads, contract::MOVEMENTS.iter().filter_map(line).collect())
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, finding, m, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn a_move_has_the_colour_of_its_movement() {
        let moved = |from, to, movement, customers, before, after| {
            vec![
                (c::PREVIOUS_TIER, t(from)),
                (c::TIER, t(to)),
                (c::MOVEMENT, t(movement)),
                (c::CUSTOMERS, n(customers)),
                (c::PREVIOUS_REVENUE, m(before)),
                (c::INVOICE_REVENUE, m(after)),
            ]
        };
        let step = |from, to, value| vec![(c::TIER, t(from)), (c::NEXT_TIER, t(to)), (c::UPGRADE_VALUE, m(value))];
        let html = with(vec![
            (
                contract::model("tier_migration"),
                vec![
                    moved("Small", "Top", "up", 2, 10, 90),
                    moved("Top", "Inactive", "lost", 1, 70, 0),
                    moved("New", "Small", "new", 4, 0, 8),
                    moved("Inactive", "Small", "won back", 3, 0, 5),
                ],
            ),
            (contract::model("tier_upgrade"), vec![step("Small", "Medium", 5), step("Large", "Top", 9)]),
        ]);
        assert_eq!(finding(&html, "migration"), "2 customers moved up and 0 down; 4 are new, 3 won back, 1 lost");
        let section = section(&html, "migration");
        assert!(
            section.contains("<td class=\"up\">2<small>80</small>")
                && section.contains("<td class=\"down\">1<small>−70</small>")
        );
        assert!(section.find(">Large<").unwrap() < section.rfind(">Small<").unwrap(), "the highest step first");
        assert_eq!(cells(&html, "migration", "won back"), "3 | 5 | 0 | 0");
    }
}
