//! Delivery against promise; goods, services and assemblies.

use netto_model::{column as c, contract};

use super::format::Format;
use super::language::say;
use super::marts::{Row, Rows, ratio, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Decimal, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const SPEED: [Shown; 6] = [
    ("Lines", c::LINES, Count),
    ("With a promise", c::LINES_PROMISED, Count),
    ("Late", c::LINES_LATE, Count),
    ("of promised", c::LATE_SHARE, Share),
    ("Days late", c::AVERAGE_DAYS_LATE, Decimal),
    ("Days to deliver", c::AVERAGE_LEAD_DAYS, Decimal),
];

const KINDS: [Shown; 10] = [
    ("Customers", c::CUSTOMERS, Count),
    ("Lines", c::LINES, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Share", c::REVENUE_SHARE, Share),
    ("Margin", c::GROSS_MARGIN, Amount),
    ("Margin %", c::MARGIN_SHARE, Share),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("Before customer cost", c::NET_BEFORE_CUSTOMER_COST, Amount),
    ("Customer cost", c::CUSTOMER_COST, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
];

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let speed = page.of_window(contract::model("delivery_speed"))?;
    let kinds = page.of_window(contract::model("product_kind"))?;
    let known = kinds.iter().any(|row| !row.text(c::KIND).is_empty() || !row.text(c::DELIVERY).is_empty());
    if speed.is_empty() && !known {
        return Ok(None);
    }
    let mut parts = Vec::new();
    for (level, key, caption) in [
        ("tier", "Tier", "Promised against delivered, by tier."),
        ("delivery", "Delivered", "From stock, and direct from the supplier."),
        ("month", "Month", "By month."),
    ] {
        let rows = if level == "tier" { of_tiers(&speed) } else { speed.of(c::LEVEL, level) };
        if !rows.is_empty() {
            let table = Table::of(
                &page.format,
                caption,
                key,
                &rows,
                |row| of_level(&page.format, level, row.text(c::KEY)),
                &SPEED,
            );
            parts.push(if level == "month" { Part::details("Month by month", table) } else { Part::table(table) });
        }
    }
    if known {
        let rows: Vec<Row<'_>> = kinds.iter().collect();
        let caption = "Goods, services and assemblies, from stock and direct from suppliers.";
        parts.push(Part::table(Table::of(&page.format, caption, "Kind", &rows, |row| kind(&page.format, row), &KINDS)));
    }
    Ok(Some(Section {
        id: "service",
        name: "Delivery and services".into(),
        finding: finding(page, &speed, &kinds),
        reading: "Late is a line that was delivered after the promised day; lines without a promised or a delivered day don't count.".into(),
        parts,
    }))
}

/// By tier, Top first.
fn of_tiers(speed: &Rows) -> Vec<Row<'_>> {
    let mut rows = speed.of(c::LEVEL, "tier");
    let place = |row: &Row<'_>| contract::TIERS.iter().position(|tier| *tier == row.text(c::KEY));
    rows.sort_by_key(|row| place(row).unwrap_or(usize::MAX));
    rows
}

/// A kind of product, and how it is delivered.
pub(super) fn kind(format: &Format, row: Row<'_>) -> Cell {
    match row.units(c::LINES) {
        0 => Cell::new(say!(format, "cost without an order")),
        _ => of_level(format, "kind", row.text(c::KIND)).small(format.say(row.text(c::DELIVERY))),
    }
}

/// A tier, a kind of delivery or of product; a month.
pub(super) fn of_level(format: &Format, level: &str, key: &str) -> Cell {
    Cell::new(match (level, key) {
        (_, "") => say!(format, "not known"),
        ("month", month) => format.written_number(month),
        (_, word) => format.say(word),
    })
}

fn finding(page: &Page<'_>, speed: &Rows, kinds: &Rows) -> String {
    let format = &page.format;
    let by_tier = of_tiers(speed);
    let (late, promised) =
        (sum(by_tier.iter().copied(), c::LINES_LATE), sum(by_tier.iter().copied(), c::LINES_PROMISED));
    if promised > 0 {
        let share = |row: &Row<'_>| row.share(c::LATE_SHARE).unwrap_or_default();
        let known = || by_tier.iter().filter(|row| row.units(c::LINES_PROMISED) > 0);
        // If all are equally late, none is the best.
        let best = known()
            .min_by(|a, b| share(a).total_cmp(&share(b)))
            .filter(|best| known().any(|other| share(other) > share(best)));
        let words = best.map_or(String::new(), |row| {
            say!(
                format,
                "; least often for {tier} customers, {share}",
                tier = format.say(row.text(c::KEY)),
                share = format.percent(row.share(c::LATE_SHARE))
            )
        });
        return say!(format, "{share} of the lines came late", share = format.percent(ratio(late, promised))) + &words;
    }
    let services: Vec<Row<'_>> = kinds.of(c::KIND, "service");
    if services.is_empty() {
        let revenue = |rows: &[Row<'_>]| sum(rows.iter().copied(), c::INVOICE_REVENUE);
        let direct = ratio(revenue(&kinds.of(c::DELIVERY, "direct")), revenue(&kinds.iter().collect::<Vec<_>>()));
        return say!(format, "{share} of revenue is delivered direct by suppliers", share = format.percent(direct));
    }
    say!(
        format,
        "Services bring {revenue} of revenue and leave {amount}",
        revenue = format.sum(sum(services.iter().copied(), c::INVOICE_REVENUE)),
        amount = format.sum(sum(services.iter().copied(), c::NET_BEFORE_CUSTOMER_COST))
    )
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{f, finding, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn late_is_of_the_promised_lines_and_cost_without_an_order_is_named() {
        let speed = |level, key, promised: i32, late: i32| {
            vec![
                (c::LEVEL, t(level)),
                (c::KEY, t(key)),
                (c::LINES_PROMISED, n(promised.into())),
                (c::LINES_LATE, n(late.into())),
                (c::LATE_SHARE, f(f64::from(late) / f64::from(promised))),
            ]
        };
        let kind = |kind, delivery, lines| vec![(c::KIND, t(kind)), (c::DELIVERY, t(delivery)), (c::LINES, n(lines))];
        let html = with(vec![
            (
                contract::model("delivery_speed"),
                vec![speed("tier", "Small", 60, 15), speed("tier", "Top", 40, 4), speed("month", "2025-03", 100, 19)],
            ),
            (contract::model("product_kind"), vec![kind("", "", 0), kind("service", "stock", 3)]),
        ]);
        assert_eq!(finding(&html, "service"), "19,0 % of the lines came late; least often for Top customers, 10,0 %");
        let section = section(&html, "service");
        assert!(section.find(">Top<").unwrap() < section.find(">Small<").unwrap());
        assert!(section.contains("cost without an order") && section.contains(">service<small>stock</small>"));
    }
}
