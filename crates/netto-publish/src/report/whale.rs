//! The whale curve: customers by net profit, cumulative.

use netto_model::{column as c, contract};

use super::chart::{Chart, Line, Rule, Tip, thinned};
use super::format::Format;
use super::language::{Written as _, say, several};
use super::marts::{Row, Rows, height};
use super::page::Page;
use super::section::{Part, Section};
use crate::PublishError;

/// Maximum number of points in a chart.
const POINTS: usize = 600;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let summary = page.of_window(contract::model("window_summary"))?;
    let Some(of_window) = summary.first() else { return Ok(None) };
    let curve = page.of_window(contract::model("whale_curve"))?;
    let format = &page.format;
    let total = of_window.units(c::NET_PROFIT);
    Ok(Some(Section {
        id: "whale",
        name: "Whale curve".into(),
        finding: if page.knows_cost {
            finding(page, of_window)
        } else {
            let amount = format.sum(total);
            say!(format, "Customers leave {amount} before the cost to serve them, which is not supplied", amount = amount)
        },
        reading: "Cumulative net profit, the most profitable customers first: it climbs while customers earn, is flat where they break even, and falls where they lose.".into(),
        parts: vec![
            Part::figure(chart(page, of_window, &curve), "Blue line: the peak. Orange line: the total."),
            Part::note(note(page, of_window)),
        ],
    }))
}

/// What earning customers bring; and how much of it the others take, if there are any.
fn finding(page: &Page<'_>, summary: Row<'_>) -> String {
    let format = &page.format;
    let (peak, total) = (summary.units(c::PEAK_PROFIT), summary.units(c::NET_PROFIT));
    let earned = several!(
        format,
        summary.units(c::PEAK_CUSTOMERS),
        "{n} customer earns {amount}",
        "{n} customers earn {amount}",
        amount = format.sum(peak)
    );
    if peak == total {
        return earned + &say!(format, "; no customer reduces it");
    }
    earned + &say!(format, "; the others reduce it by {amount}", amount = format.sum(peak - total))
}

fn chart(page: &Page<'_>, summary: Row<'_>, curve: &Rows) -> String {
    let format = &page.format;
    let rows: Vec<Row<'_>> = curve.iter().collect();
    let points = points(&rows, c::CUMULATIVE_CUSTOMER_SHARE, POINTS);
    let (peak, total) = (summary.units(c::PEAK_PROFIT), summary.units(c::NET_PROFIT));
    let low = points.iter().map(|point| point.1).fold(0.0, f64::min);
    let high = points.iter().map(|point| point.1).fold(height(peak), f64::max);
    let largest = peak.max(total.saturating_abs());
    let far_enough = height(peak - total).abs() > (high - low) * 0.06 && height(total).abs() > (high - low) * 0.06;
    let label = if far_enough { format.on_axis(total, largest) } else { String::new() };
    let rules = vec![
        Rule { y: 0.0, label: "0".into(), class: "zero" },
        Rule { y: height(peak), label: format.on_axis(peak, largest), class: "peak" },
        Rule { y: height(total), label, class: "total" },
    ];
    let tips = tips(format, &rows, c::CUMULATIVE_CUSTOMER_SHARE, |n, amount| {
        say!(format, "First {n} customers: {amount}", n = n, amount = amount)
    });
    let across = say!(format, "Customers by net profit");
    let up = format.axis(say!(format, "Cumulative net profit"), largest);
    let title = say!(format, "Whale curve: cumulative net profit, customers by net profit");
    Chart {
        title,
        percent: format.language.percent_sign(),
        low,
        high,
        rules,
        lines: vec![Line { class: "profit", points }],
        across,
        up,
        tips,
        area: true,
    }
    .svg()
}

/// A curve of cumulative profit over rows sorted best first, with at most `most` points, from zero to the total; `share` is the column with the horizontal
/// position of a row.
pub(super) fn points(rows: &[Row<'_>], share: &str, most: usize) -> Vec<(f64, f64)> {
    std::iter::once((0.0, 0.0)).chain(thinned(rows, most).filter_map(|row| point(*row, share))).collect()
}

/// About ten points of such a curve, each with the `text` for its rank and amount.
pub(super) fn tips(
    format: &Format,
    rows: &[Row<'_>],
    share: &str,
    text: impl Fn(String, String) -> String,
) -> Vec<Tip> {
    let tip = |row: &Row<'_>| {
        let (at, amount) = (point(*row, share)?, row.maybe(c::CUMULATIVE_PROFIT)?);
        Some(Tip { at, text: text(format.grouped(row.units(c::RANK)), format.sum(amount)) })
    };
    thinned(rows, 10).filter_map(tip).collect()
}

fn point(row: Row<'_>, share: &str) -> Option<(f64, f64)> {
    Some((row.share(share)?, height(row.maybe(c::CUMULATIVE_PROFIT)?)))
}

/// The message of the curve, in words.
fn note(page: &Page<'_>, summary: Row<'_>) -> String {
    let format = &page.format;
    let earning = format.grouped(summary.units(c::PEAK_CUSTOMERS));
    let (peak, total) = (format.sum(summary.units(c::PEAK_PROFIT)), format.sum(summary.units(c::NET_PROFIT)));
    let start = say!(
        format,
        "{n} customers earn {peak} together, the peak. All customers leave {total}",
        n = earning,
        peak = peak,
        total = total
    );
    match summary.share(c::PEAK_TO_TOTAL) {
        Some(ratio) => {
            let (share, kept) = (format.percent(Some(ratio)), format.percent(summary.share(c::RETENTION)));
            start
                + &say!(
                    format,
                    ": the peak is {share} of the total, and {kept} of it is kept.",
                    share = share,
                    kept = kept
                )
        }
        None => {
            start
                + &say!(
                    format,
                    ". The total is near or below zero, so only amounts are shown: shares of it would mislead."
                )
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{f, m, n, section, with};
    use netto_model::{column as c, contract};

    #[test]
    fn a_curve_of_many_customers_is_drawn_with_few_points_and_ends_at_the_total() {
        let customer = |rank: i32| {
            let share = f64::from(rank) / 2_000.0;
            vec![
                (c::RANK, n(rank.into())),
                (c::CUMULATIVE_CUSTOMER_SHARE, f(share)),
                (c::CUMULATIVE_PROFIT, m(rank.into())),
            ]
        };
        let html = with(vec![(contract::model("whale_curve"), (1..=2_000).map(customer).collect())]);
        let line = section(&html, "whale").split("points=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(line.split(' ').count(), 1 + 2_000_usize.div_ceil(4));
        assert!(line.ends_with("612.0,16.0"), "{line}");
    }
}
