//! A waterfall chart from one sum to another: each column starts where the previous one ended.

use super::chart::{count, escape};
use super::format::Format;
use super::marts::height as size;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 240.0;
/// Room for the title of the axis.
const HEAD: f64 = 16.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 28.0;

/// A column: a sum that starts at zero, or a change of it.
pub(super) struct Step {
    name: String,
    amount: i64,
    sum: bool,
}

impl Step {
    pub(super) fn sum(name: impl Into<String>, amount: i64) -> Self {
        Self { name: name.into(), amount, sum: true }
    }

    pub(super) fn change(name: impl Into<String>, amount: i64) -> Self {
        Self { name: name.into(), amount, sum: false }
    }
}

/// The chart, each column with its amount; `up` is the title of the vertical axis, above the columns.
pub(super) fn steps(title: &str, up: String, steps: &[Step], format: &Format) -> String {
    let largest = steps.iter().map(|step| step.amount.saturating_abs()).max().unwrap_or_default();
    let mut svg = format!(
        r#"<svg class="steps" viewBox="0 -{HEAD} {WIDTH} {}" role="group" aria-label="{}"><text class="tick axis" x="0" y="-5">{}</text>"#,
        HEIGHT + HEAD,
        escape(title),
        escape(&format.axis(up, largest)),
    );
    let ends = ends(steps);
    let values = || ends.iter().flat_map(|(from, to)| [*from, *to]);
    let (low, high) = (values().min().unwrap_or(0).min(0), values().max().unwrap_or(0).max(0));
    let span = size(high - low).max(1.0);
    let y = |value: i64| TOP + size(high - value) / span * (HEIGHT - TOP - BOTTOM);
    let step = WIDTH / count(steps.len().max(1));
    // Long names take two lines and alternate in height, so that neighbours don't overlap.
    let crowded = steps.iter().any(|step| step.name.chars().count() > 13);
    let baseline = |index: usize| match (crowded, index % 2) {
        (false, _) => HEIGHT - 8.0,
        (true, 0) => HEIGHT - 16.0,
        (true, _) => HEIGHT - 4.0,
    };
    for (index, (shown, (from, to))) in steps.iter().zip(&ends).enumerate() {
        let (x, width) = (count(index) * step + step * 0.14, step * 0.72);
        let (top, bottom) = (y(*from.max(to)), y(*from.min(to)));
        let class = match (shown.sum, shown.amount < 0) {
            (true, false) => "layer",
            (true, true) => "layer losing",
            (false, false) => "rise",
            (false, true) => "fall",
        };
        let sign = if !shown.sum && shown.amount > 0 { "+" } else { "" };
        // On a phone, where letters are large, every other name stands lower.
        let low = if index % 2 == 1 { " low" } else { "" };
        svg += &format!(
            r#"<g class="point" tabindex="0" role="img" aria-label="{said}" data-tip="{said}"><rect class="hit" x="{left:.1}" y="0.0" width="{step:.1}" height="{HEIGHT:.1}"/><rect class="{class}" x="{x:.1}" y="{top:.1}" width="{width:.1}" height="{:.1}"/><text class="step-amount" x="{middle:.1}" y="{:.1}" text-anchor="middle">{sign}{}</text><text class="tick{low}" x="{middle:.1}" y="{:.1}" text-anchor="middle">{}</text></g>"#,
            (bottom - top).max(1.0),
            top - 6.0,
            format.on_axis(shown.amount, largest),
            baseline(index),
            escape(&shown.name),
            said = escape(&format!("{}: {sign}{}", shown.name, format.whole(shown.amount))),
            left = count(index) * step,
            middle = x + width / 2.0,
        );
    }
    svg + &format!(r#"<line class="rule zero" x1="0" x2="{WIDTH}" y1="{0:.1}" y2="{0:.1}"/></svg>"#, y(0))
}

/// Where each column begins and ends.
fn ends(steps: &[Step]) -> Vec<(i64, i64)> {
    let mut level = 0;
    let end = |step: &Step| {
        let from = if step.sum { 0 } else { level };
        level = from + step.amount;
        (from, level)
    };
    steps.iter().map(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ReportConfig;

    #[test]
    fn changes_hang_where_the_column_before_ended() {
        let [before, price, cost, now] = [100, 40, -60, 80].map(|amount| amount * 10_000);
        let shown = [
            Step::sum("Before", before),
            Step::change("Price", price),
            Step::change("Cost", cost),
            Step::sum("Now", now),
        ];
        let to_unit = ends(&shown).into_iter().map(|(from, to)| (from / 10_000, to / 10_000));
        assert_eq!(to_unit.collect::<Vec<_>>(), [(0, 100), (100, 140), (140, 80), (0, 80)]);
        let svg = steps("a<b", "Profit".into(), &shown, &Format::new(&ReportConfig::default(), "EUR"));
        // 140 is at the top, 24; zero at the floor, 212.
        assert!(svg.contains(r#"<rect class="fall" x="342.4" y="24.0" width="115.2" height="80.6"/>"#), "{svg}");
        assert!(svg.contains("a&lt;b") && !svg.contains("a<b"));
        assert!(svg.contains(">Profit<") && svg.contains(r#"data-tip="Price: +40""#), "{svg}");
    }

    #[test]
    fn long_names_stand_in_two_lines_by_turns() {
        let format = Format::new(&ReportConfig::default(), "EUR");
        let names = |long| steps("", String::new(), &[Step::change("Inkoopwaarde", 1), Step::change(long, 1)], &format);
        let lines = |svg: String| [r#"y="224.0""#, r#"y="232.0""#, r#"y="236.0""#].map(|y| svg.matches(y).count());
        assert_eq!(lines(names("Bedieningskosten")), [1, 0, 1]);
        assert_eq!(lines(names("Cost-to-serve")), [0, 2, 0]);
    }
}
