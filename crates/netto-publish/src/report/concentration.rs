//! The 20/80 rule: which customers bring how much of revenue, margin and cost.

use netto_model::{column as c, contract};

use super::chart::{Chart, Line, Rule, Tip};
use super::language::{Written as _, say};
use super::marts::{Row, Rows, height};
use super::page::Page;
use super::section::As::{Count, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const COLUMNS: [Shown; 5] = [
    ("Number", c::CUSTOMERS, Count),
    ("Revenue", c::REVENUE_SHARE, Share),
    ("Gross margin", c::MARGIN_SHARE, Share),
    ("Cost-to-serve", c::COST_SHARE, Share),
    ("Net profit", c::PROFIT_SHARE, Share),
];

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("concentration"))?;
    let summary = page.of_window(contract::model("window_summary"))?;
    let Some(of_window) = summary.first() else { return Ok(None) };
    let format = &page.format;
    let gini = of_window.share(c::GINI).map_or_else(|| "–".into(), |gini| format.decimals(gini, 2));
    let mut caption = vec![say!(format, "Solid: revenue.")];
    if page.knows_margin {
        caption.push(say!(format, "Dashed: gross margin."));
    }
    if page.knows_cost {
        caption.push(say!(format, "Dotted: cost-to-serve."));
    }
    caption.push(say!(format, "Gini of revenue {n}: 0 is equal, 1 is all with one.", n = gini));
    let shown: Vec<Row<'_>> =
        rows.iter().filter(|row| [1, 5, 10, 20, 50, 80, 100].contains(&row.units(c::PERCENTILE))).collect();
    let name = |row: Row<'_>| {
        Cell::new(say!(format, "First {percent}", percent = format.whole_percent(row.units(c::PERCENTILE))))
    };
    let table = Table::of(
        format,
        "The combined shares of the largest customers by revenue.",
        "Customers",
        &shown,
        name,
        &COLUMNS,
    );
    Ok(Some(Section {
        id: "concentration",
        name: "20/80".into(),
        finding: finding(page, of_window),
        reading: "Customers are ordered by revenue from left to right, the largest first. Where a line is steeper than the revenue line, those customers have a larger share of it than of revenue.".into(),
        parts: vec![Part::figure(chart(page, &rows), caption.join(" ")), Part::details("The figures", table)],
    }))
}

fn finding(page: &Page<'_>, of_window: Row<'_>) -> String {
    let format = &page.format;
    let share = format.percent(of_window.share(c::TOP_REVENUE_SHARE));
    let bring = say!(format, "20 % of the customers bring {share} of revenue", share = share);
    if !page.knows_cost {
        return bring;
    }
    let tail = format.percent(of_window.share(c::TAIL_COST_SHARE));
    bring + &say!(format, "; the last 20 % of revenue takes {share} of the cost to serve", share = tail)
}

fn chart(page: &Page<'_>, rows: &Rows) -> String {
    let curve = |class: &'static str, name: &str| {
        let point = |row: Row<'_>| {
            let percent = u32::try_from(row.units(c::PERCENTILE)).ok()?;
            Some((f64::from(percent) / 100.0, row.share(name)?))
        };
        Line { class, points: std::iter::once((0.0, 0.0)).chain(rows.iter().filter_map(point)).collect() }
    };
    let known = [
        (true, "revenue", c::REVENUE_SHARE),
        (page.knows_margin, "margin", c::MARGIN_SHARE),
        (page.knows_cost, "cost", c::COST_SHARE),
    ];
    let lines: Vec<Line> =
        known.into_iter().filter(|(is_known, ..)| *is_known).map(|(_, class, column)| curve(class, column)).collect();
    let values = || lines.iter().flat_map(|line| line.points.iter().map(|point| point.1));
    let (low, high) = (values().fold(0.0, f64::min), values().fold(1.0, f64::max));
    let rule = |percent: i32| Rule {
        y: f64::from(percent) / 100.0,
        label: page.format.whole_percent(percent),
        class: if percent == 0 { "zero" } else { "" },
    };
    let rules = [0, 20, 40, 60, 80, 100].map(rule);
    let format = &page.format;
    let tip = |row: Row<'_>| {
        let percent = row.units(c::PERCENTILE);
        let names = [
            ("Revenue", c::REVENUE_SHARE, true),
            ("Gross margin", c::MARGIN_SHARE, page.knows_margin),
            ("Cost-to-serve", c::COST_SHARE, page.knows_cost),
        ];
        let known = names.iter().filter(|(.., known)| *known);
        let values =
            known.map(|(name, column, _)| format!("{} {}", format.say(name), format.percent(row.share(column))));
        let first = say!(format, "First {percent}", percent = format.whole_percent(percent));
        let at = (height(percent) / 100.0, row.share(c::REVENUE_SHARE)?);
        Some(Tip { at, text: format!("{first}: {}", values.collect::<Vec<_>>().join(" · ")) })
    };
    let is_shown = |row: &Row<'_>| [1, 5].contains(&row.units(c::PERCENTILE)) || row.units(c::PERCENTILE) % 10 == 0;
    let tips = rows.iter().filter(is_shown).filter_map(tip).collect();
    let (across, up) = (say!(format, "Customers by revenue"), say!(format, "Share of the total"));
    let title = say!(page.format, "Cumulative share of revenue, gross margin and cost-to-serve, customers by revenue");
    Chart {
        title,
        percent: page.format.language.percent_sign(),
        low,
        high,
        rules: rules.into(),
        lines,
        across,
        up,
        tips,
        area: false,
    }
    .svg()
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, f, line, n, with};
    use netto_model::{column as c, contract};

    #[test]
    fn the_first_to_bring_four_fifths_are_the_answer() {
        let first = |percent, revenue, cost| {
            vec![
                (c::PERCENTILE, n(percent)),
                (c::CUSTOMERS, n(percent * 7)),
                (c::REVENUE_SHARE, f(revenue)),
                (c::COST_SHARE, f(cost)),
            ]
        };
        let html = with(vec![
            (contract::model("window_summary"), vec![vec![(c::CUSTOMERS, n(700)), (c::TAIL_COST_SHARE, f(0.48))]]),
            (
                contract::model("concentration"),
                vec![first(16, 0.79, 0.5), first(17, 0.81, 0.53), first(20, 0.84, 0.58)],
            ),
        ]);
        assert!(line(&html, "do the others cost?").contains(
            "17 % of the customers, 119, bring 81,0 % of revenue; the last 20 % of revenue takes 48,0 % of the cost to serve."
        ));
        assert_eq!(cells(&html, "concentration", "First 20\u{a0}%"), "140 | 84,0 % | 58,0 %");
        let of_two = with(vec![
            (contract::model("window_summary"), vec![vec![(c::CUSTOMERS, n(2)), (c::TAIL_COST_SHARE, f(0.2))]]),
            (
                contract::model("concentration"),
                vec![vec![(c::PERCENTILE, n(1)), (c::CUSTOMERS, n(1)), (c::REVENUE_SHARE, f(0.9))]],
            ),
        ]);
        assert!(line(&of_two, "do the others cost?").contains("50 % of the customers, 1, bring 90,0 % of revenue"));
    }
}
