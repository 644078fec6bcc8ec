//! Charts as inline SVG, drawn from shares between 0 and 1. Colours come from the style sheet, so they also print.

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
/// Room for the title of the horizontal axis.
const FOOT: f64 = 10.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 28.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 34.0;

/// A line of a chart.
pub(super) struct Line {
    /// Class in the style sheet.
    pub(super) class: &'static str,
    /// Points: both coordinates as shares of their axis.
    pub(super) points: Vec<(f64, f64)>,
}

/// A horizontal rule with its label.
pub(super) struct Rule {
    pub(super) y: f64,
    pub(super) label: String,
    pub(super) class: &'static str,
}

/// A point of a chart with its values.
pub(super) struct Tip {
    pub(super) at: (f64, f64),
    pub(super) text: String,
}

/// About that many of the points, evenly spaced, always with the last one.
pub(super) fn thinned<T>(points: &[T], about: usize) -> impl Iterator<Item = &T> {
    let step = points.len().div_ceil(about).max(1);
    points
        .iter()
        .enumerate()
        .filter(move |(place, _)| (place + 1) % step == 0 || place + 1 == points.len())
        .map(|(_, point)| point)
}

/// A chart over customers, 0 to 100 % from left to right; `low` and `high` bound the other axis.
pub(super) struct Chart {
    pub(super) title: String,
    /// The suffix of a percentage.
    pub(super) percent: &'static str,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) rules: Vec<Rule>,
    pub(super) lines: Vec<Line>,
    /// The titles of the axes.
    pub(super) across: String,
    pub(super) up: String,
    /// Points that show their values on hover or by keyboard.
    pub(super) tips: Vec<Tip>,
    /// Fills between the line and zero.
    pub(super) area: bool,
}

impl Chart {
    pub(super) fn svg(&self) -> String {
        let mut svg = format!(
            r#"<svg viewBox="0 0 {WIDTH} {foot}" role="group" aria-label="{title}"><text class="tick axis" x="{LEFT}" y="11">{up}</text><text class="tick axis" x="{right}" y="{bottom}" text-anchor="end">{across}</text>"#,
            foot = HEIGHT + FOOT,
            title = escape(&self.title),
            up = escape(&self.up),
            across = escape(&self.across),
            right = WIDTH - RIGHT,
            bottom = HEIGHT + 4.0
        );
        for rule in &self.rules {
            let y = self.y(rule.y);
            svg += &format!(
                r#"<line class="rule {class}" x1="{LEFT}" x2="{x2}" y1="{y:.1}" y2="{y:.1}"/><text class="tick {class}" x="{tx}" y="{ty:.1}" text-anchor="end">{label}</text>"#,
                class = rule.class,
                x2 = WIDTH - RIGHT,
                tx = LEFT - 8.0,
                ty = y + 4.0,
                label = escape(&rule.label)
            );
        }
        for percent in [0, 20, 40, 60, 80, 100] {
            let x = x(f64::from(percent) / 100.0);
            svg += &format!(
                r#"<text class="tick" x="{x:.1}" y="{y}" text-anchor="middle">{percent}{}</text>"#,
                self.percent,
                y = HEIGHT - 12.0
            );
        }
        for line in &self.lines {
            if self.area {
                svg += &format!(r#"<path class="area {}" d="{}"/>"#, line.class, self.closed(&line.points));
            }
            svg += &format!(r#"<polyline class="line {}" points="{}"/>"#, line.class, self.path(&line.points));
        }
        for tip in &self.tips {
            svg += &format!(
                r#"<g class="point" tabindex="0" role="img" aria-label="{text}" data-tip="{text}"><rect class="hit" x="{left:.1}" y="{TOP}" width="40" height="{high}"/><circle cx="{x:.1}" cy="{y:.1}" r="4"/></g>"#,
                text = escape(&tip.text),
                x = x(tip.at.0),
                y = self.y(tip.at.1),
                left = x(tip.at.0) - 20.0,
                high = HEIGHT - TOP - BOTTOM
            );
        }
        svg + "</svg>"
    }

    fn path(&self, points: &[(f64, f64)]) -> String {
        let point = |(across, up): &(f64, f64)| format!("{:.1},{:.1}", x(*across), self.y(*up));
        points.iter().map(point).collect::<Vec<_>>().join(" ")
    }

    fn closed(&self, points: &[(f64, f64)]) -> String {
        let zero = self.y(0.0);
        let (first, last) = (points.first().map_or(0.0, |point| point.0), points.last().map_or(0.0, |point| point.0));
        format!("M{:.1},{zero:.1} L{} L{:.1},{zero:.1} Z", x(first), self.path(points), x(last))
    }

    fn y(&self, value: f64) -> f64 {
        let span = if self.high > self.low { self.high - self.low } else { 1.0 };
        TOP + (self.high - value) / span * (HEIGHT - TOP - BOTTOM)
    }
}

fn x(share: f64) -> f64 {
    LEFT + share * (WIDTH - LEFT - RIGHT)
}

/// A layer of the pyramid.
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) losing: bool,
}

/// The pyramid of tiers, Top at the tip: it only pictures the ranking, and the table beside it has the figures.
pub(super) fn pyramid(title: &str, layers: &[Layer]) -> String {
    let (width, layer_height) = (520.0, 42.0);
    // The names are beside the layers: there is no room for them at the tip.
    let (middle, labels) = (150.0, 316.0);
    let height = layer_height * count(layers.len()) + 4.0;
    let mut svg = format!(
        r#"<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}"><title>{title}</title>"#,
        title = escape(title)
    );
    for (index, layer) in layers.iter().enumerate() {
        let (top, bottom) = (count(index), count(index + 1));
        let half = |depth: f64| 8.0 + (middle - 10.0) * depth / count(layers.len());
        let (y1, y2) = (top * layer_height + 2.0, bottom * layer_height - 1.0);
        let class = if layer.losing { "layer losing" } else { "layer" };
        svg += &format!(
            r#"<path class="{class} layer-{index}" d="M{:.1},{y1} L{:.1},{y1} L{:.1},{y2} L{:.1},{y2} Z"/><text x="{labels}" y="{:.1}" class="layer-name">{}</text><text x="{labels}" y="{:.1}" class="layer-label">{}</text>"#,
            middle - half(top),
            middle + half(top),
            middle + half(bottom),
            middle - half(bottom),
            f64::midpoint(y1, y2) - 1.0,
            escape(&layer.name),
            f64::midpoint(y1, y2) + 14.0,
            escape(&layer.label)
        );
    }
    svg + "</svg>"
}

#[expect(clippy::cast_precision_loss, reason = "a handful of layers or months")]
pub(super) const fn count(number: usize) -> f64 {
    number as f64
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_keeps_its_lines_inside_and_its_texts_harmless() {
        let chart = Chart {
            title: "a<b".into(),
            percent: " %",
            low: -0.5,
            high: 1.0,
            rules: vec![Rule { y: 0.0, label: "0".into(), class: "" }],
            lines: vec![Line { class: "profit", points: vec![(0.0, 0.0), (0.5, 1.0), (1.0, -0.5)] }],
            across: "x".into(),
            up: "y".into(),
            tips: vec![Tip { at: (0.5, 1.0), text: "a \"b\"".into() }],
            area: false,
        };
        let svg = chart.svg();
        assert!(
            svg.contains(r#"data-tip="a &quot;b&quot;"#) && svg.contains(r#"<circle cx="346.0" cy="16.0" r="4"/>"#),
            "{svg}"
        );
        assert!(svg.contains("a&lt;b") && svg.contains(r#"points="80.0,182.7 346.0,16.0 612.0,266.0""#), "{svg}");
    }
}
