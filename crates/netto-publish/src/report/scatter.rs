//! Inline SVG: customers as circles around the median of their peers, which is at zero of both axes.

use super::chart::{count, escape};
use super::format::Format;
use super::marts::height;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 42.0;
/// The axes end at a multiple of five points.
const STEP: i64 = 50;

/// A circle; positions in tenths of a percentage point.
pub(super) struct Dot {
    pub(super) across: i64,
    pub(super) up: i64,
    /// Its area relative to the largest one.
    pub(super) size: f64,
    pub(super) losing: bool,
    pub(super) text: String,
    /// The customer whose page it opens.
    pub(super) opens: Option<String>,
}

/// The titles of the axes, and the labels of the corners: top left, top right, bottom left, bottom right.
pub(super) struct Scatter {
    pub(super) title: String,
    pub(super) across: String,
    pub(super) up: String,
    pub(super) corners: [String; 4],
    pub(super) dots: Vec<Dot>,
}

impl Scatter {
    pub(super) fn svg(&self, format: &Format) -> String {
        let (wide, high) = (limit(self.dots.iter().map(|dot| dot.across)), limit(self.dots.iter().map(|dot| dot.up)));
        let (width, tall) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        let x = |across: i64| LEFT + height(across.clamp(-wide, wide) + wide) / height(2 * wide) * width;
        let y = |up: i64| TOP + height(high - up.clamp(-high, high)) / height(2 * high) * tall;
        let mut svg = format!(
            r#"<svg class="scatter" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="{title}"><text class="tick axis" x="{LEFT}" y="12">{up}</text><text class="tick axis" x="{right}" y="{foot}" text-anchor="end">{across}</text><line class="rule zero" x1="{LEFT}" x2="{right}" y1="{middle:.1}" y2="{middle:.1}"/><line class="rule zero" x1="{centre:.1}" x2="{centre:.1}" y1="{TOP}" y2="{floor}"/>"#,
            title = escape(&self.title),
            up = escape(&self.up),
            across = escape(&self.across),
            right = WIDTH - RIGHT,
            foot = HEIGHT - 4.0,
            middle = y(0),
            centre = x(0),
            floor = HEIGHT - BOTTOM,
        );
        // The first and last labels are inside the axis, clear of those beside it.
        for (value, anchor) in [(-wide, "start"), (0, "middle"), (wide, "end")] {
            let (at, text) = (x(value), format.signed(value / 10 * 10_000));
            let label =
                format!(r#"<text class="tick" x="{at:.1}" y="{}" text-anchor="{anchor}">{text}</text>"#, HEIGHT - 26.0);
            svg += &label;
        }
        for value in [-high, 0, high] {
            let (at, text) = (y(value) + 4.0, format.signed(value / 10 * 10_000));
            svg += &format!(r#"<text class="tick" x="{}" y="{at:.1}" text-anchor="end">{text}</text>"#, LEFT - 8.0);
        }
        for (place, dot) in self.dots.iter().enumerate() {
            svg += &format!(
                r#"<g class="dot{losing}" tabindex="{tab}" role="{role}" aria-label="{text}" data-tip="{text}"{opens}><circle cx="{cx:.1}" cy="{cy:.1}" r="{r:.1}"/></g>"#,
                losing = if dot.losing { " losing" } else { "" },
                tab = if place == 0 { 0 } else { -1 },
                role = if dot.opens.is_some() { "button" } else { "img" },
                text = escape(&dot.text),
                opens = dot.opens.as_ref().map_or_else(String::new, |id| format!(r#" data-open="{}""#, escape(id))),
                cx = x(dot.across),
                cy = y(dot.up),
                r = 3.0 + 9.0 * dot.size.sqrt(),
            );
        }
        // Above the circles, to be readable where there are many.
        for (place, corner) in self.corners.iter().enumerate() {
            let (at, anchor) = if place % 2 == 0 { (LEFT + 6.0, "start") } else { (WIDTH - RIGHT - 6.0, "end") };
            // The text has two lines, so that neighbours don't overlap where letters are large.
            let lines: Vec<&str> = corner.split_inclusive(", ").collect();
            let first = if place < 2 {
                TOP + 14.0
            } else {
                HEIGHT - BOTTOM - 8.0 - 17.0 * count(lines.len().saturating_sub(1))
            };
            for (number, line) in lines.iter().enumerate() {
                let (down, line) = (first + 17.0 * count(number), escape(line.trim_end()));
                svg += &format!(r#"<text class="corner" x="{at}" y="{down}" text-anchor="{anchor}">{line}</text>"#);
            }
        }
        svg + "</svg>"
    }
}

/// The end of an axis: nine in ten customers are within it, the others are drawn at the edge.
fn limit(values: impl Iterator<Item = i64>) -> i64 {
    let mut sizes: Vec<i64> = values.map(i64::abs).collect();
    sizes.sort_unstable();
    let place = (sizes.len() * 9).div_ceil(10).saturating_sub(1);
    let size = sizes.get(place).copied().unwrap_or_default();
    ((size + STEP - 1) / STEP).max(1) * STEP
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ReportConfig;

    #[test]
    fn who_lies_far_out_stands_at_the_edge_and_moves_nobody_else() {
        let dot = |across, up| Dot { across, up, size: 1.0, losing: up < 0, text: "A \"b\"".into(), opens: None };
        let mut dots: Vec<Dot> = (1..=9).map(|place| dot(place * 10, -place * 5)).collect();
        dots.push(dot(9_000, 40));
        assert_eq!((limit(dots.iter().map(|dot| dot.across)), limit(dots.iter().map(|dot| dot.up))), (100, 50));
        let corners = ["a<b", "", "", ""].map(str::to_owned);
        let chart = Scatter { title: String::new(), across: "x".into(), up: "y".into(), corners, dots };
        let svg = chart.svg(&Format::new(&ReportConfig::default(), "EUR"));
        assert!(svg.contains(r#"<circle cx="624.0" cy="55.6" r="12.0"/>"#), "at the edge: {svg}");
        assert!(svg.contains(r#"<circle cx="363.9" cy="206.8" r="12.0"/>"#), "{svg}");
        assert!(svg.contains(">+10<") && svg.contains("A &quot;b&quot;") && svg.contains("a&lt;b"), "{svg}");
        assert_eq!((svg.matches("tabindex=\"0\"").count(), svg.matches("dot losing").count()), (1, 9));
    }
}
