//! A small column chart of capacity: available, used and exceeded, month by month.

use super::chart::{count, escape};

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 132.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 20.0;

/// A month, in minutes or any other unit.
pub(super) struct Column {
    /// The text shown on hover.
    pub(super) title: String,
    pub(super) practical: f64,
    /// Used within the capacity.
    pub(super) used: f64,
    /// Used above it: drawn on top, with a marker.
    pub(super) over: f64,
}

/// The chart, with labels for its highest value and its first and last column.
pub(super) fn columns(title: &str, top: &str, first: &str, last: &str, columns: &[Column]) -> String {
    let title = escape(title);
    let mut svg = format!(
        r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="{title}"><text class="tick" x="0" y="10">{}</text>"#,
        escape(top)
    );
    let highest = columns.iter().map(|month| month.practical.max(month.used) + month.over).fold(0.0, f64::max);
    let scale = if highest > 0.0 { (HEIGHT - TOP - BOTTOM) / highest } else { 0.0 };
    let step = WIDTH / count(columns.len().max(1));
    let floor = HEIGHT - BOTTOM;
    for (index, month) in columns.iter().enumerate() {
        let (x, width) = (count(index) * step + step * 0.1, step * 0.8);
        let bar = |class: &str, from: f64, size: f64| {
            let (y, height) = (floor - (from + size) * scale, size * scale);
            format!(r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#)
        };
        let top = month.practical.max(month.used);
        let said = escape(&month.title);
        svg += &format!(r#"<g class="point" tabindex="0" role="img" aria-label="{said}" data-tip="{said}">"#);
        svg += &bar("capacity", 0.0, month.practical);
        svg += &bar("used", 0.0, month.used);
        if month.over > 0.0 {
            let (middle, above) = (x + width / 2.0, floor - (top + month.over) * scale - 4.0);
            svg += &bar("over", top, month.over);
            svg += &format!(r#"<text class="sign" x="{middle:.1}" y="{above:.1}" text-anchor="middle">▲</text>"#);
        }
        svg += "</g>";
    }
    let y = HEIGHT - 5.0;
    svg += &format!(r#"<text class="tick" x="0" y="{y}">{}</text>"#, escape(first));
    if columns.len() > 1 {
        svg += &format!(r#"<text class="tick" x="{WIDTH}" y="{y}" text-anchor="end">{}</text>"#, escape(last));
    }
    svg + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_above_capacity_stand_on_top_of_it_under_a_sign() {
        let month = |used, over| Column { title: "a<b".into(), practical: 80.0, used, over };
        let svg = columns("c", "2 h", "1", "2", &[month(40.0, 0.0), month(80.0, 14.0)]);
        // 94 minutes are 94 units high: from the floor at 112 up to 18.
        assert_eq!(svg.matches("class=\"over\"").count(), 1);
        assert!(svg.contains(r#"<rect class="over" x="176.0" y="18.0" width="128.0" height="14.0"/>"#), "{svg}");
        assert!(svg.contains(r#"<text class="sign" x="240.0" y="14.0" text-anchor="middle">▲</text>"#), "{svg}");
        assert!(svg.contains("a&lt;b") && !svg.contains("a<b"), "{svg}");
    }
}
