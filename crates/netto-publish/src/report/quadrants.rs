//! Gross margin against cost-to-serve (Kaplan & Narayanan): four kinds of customers.

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, Rows, largest, ratio, sum};
use super::page::Page;
use super::scatter::{Dot, Scatter};
use super::section::As::{Amount, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

/// The advice for each kind, in the order of the table.
const ADVICE: [&str; 4] = [
    "Protect: they pay well and ask little",
    "Negotiate: they pay for the service they ask for",
    "Price: cheap to serve, and they pay less than others like them",
    "Change: price, order size, channel or service",
];

/// Number of customers drawn.
const MOST: usize = 400;

/// A customer's distance from the median of its peers, in tenths of a percentage point of revenue.
#[derive(Clone, Copy)]
pub(super) struct Gap {
    pub(super) cost: i64,
    pub(super) margin: i64,
}

impl Gap {
    /// `None` without revenue to divide margin and cost by.
    pub(super) fn new(row: Row<'_>) -> Option<Self> {
        let gap = |share: &str, median: &str| Some(tenths(row.share(share)? - row.share(median)?));
        let cost = gap(c::COST_SHARE, "median_cost_share")?;
        Some(Self { cost, margin: gap(c::MARGIN_SHARE, "median_margin_share")? })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a place in a picture")]
fn tenths(share: f64) -> i64 {
    (share * 1_000.0).round() as i64
}

const COLUMNS: [Shown; 5] = [
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Margin %", c::MARGIN_SHARE, Share),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("of revenue", c::COST_SHARE, Share),
    ("Net profit", c::NET_PROFIT, Amount),
];

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("quadrant"))?;
    if rows.first().is_none() {
        return Ok(None);
    }
    let format = &page.format;
    let change = rows.of(c::QUADRANT, "low margin, high cost");
    let worst: Vec<Row<'_>> = largest(change.iter().copied(), |row| -row.units(c::NET_PROFIT));
    let worst: Vec<Row<'_>> = worst.into_iter().filter(|row| row.units(c::NET_PROFIT) < 0).take(10).collect();
    let caption = "Low margin and high cost: those who lose most.";
    let table = Table::of(format, caption, "Customer", &worst, |row| page.customer(row.text(c::CUSTOMER_ID)), &COLUMNS);
    Ok(Some(Section {
        id: "quadrants",
        name: "Margin and cost".into(),
        finding: several!(
            format,
            size(&change),
            "{n} customer pays little and asks much: it leaves {amount}",
            "{n} customers pay little and ask much: together they leave {amount}",
            amount = format.sum(sum(change.iter().copied(), c::NET_PROFIT))
        ),
        reading: "High and low against the median of customers of about the same size, margin and cost as parts of revenue: so neither \
                  size nor tier decides in which kind a customer stands."
            .into(),
        parts: [scatter(page, &rows), Part::table(kinds(page, &rows))]
            .into_iter()
            .chain((!worst.is_empty()).then(|| Part::details("The customers of the last line who lose most", table)))
            .collect(),
    }))
}

/// Each customer against its peers; if there are many, those whose net profit is farthest from zero.
fn scatter(page: &Page<'_>, rows: &Rows) -> Part {
    let format = &page.format;
    let placed: Vec<(Row<'_>, Gap)> = rows.iter().filter_map(|row| Some((row, Gap::new(row)?))).collect();
    let of_size = |column| {
        move |(row, _): &(Row<'_>, Gap)| {
            (std::cmp::Reverse(row.units(column).abs()), row.text(c::CUSTOMER_ID).to_owned())
        }
    };
    let mut drawn = placed.clone();
    drawn.sort_by_key(of_size(c::NET_PROFIT));
    drawn.truncate(MOST);
    drawn.sort_by_key(of_size(c::INVOICE_REVENUE));
    let most = drawn.first().map_or(1, |(row, _)| row.units(c::INVOICE_REVENUE));
    let dot = |(row, gap): &(Row<'_>, Gap)| {
        let (id, revenue) = (row.text(c::CUSTOMER_ID), row.units(c::INVOICE_REVENUE));
        let part = |column| format.percent(ratio(row.units(column), revenue));
        Dot {
            across: gap.cost,
            up: gap.margin,
            size: ratio(revenue.max(0), most).unwrap_or_default(),
            losing: row.units(c::NET_PROFIT) < 0,
            text: say!(
                format,
                "{customer}: margin {margin} ({above}), cost-to-serve {cost} ({beyond}), net profit {amount}",
                customer = page.customer_name(id),
                margin = part(c::GROSS_MARGIN),
                above = format.points(gap.margin),
                cost = part(c::COST_TO_SERVE),
                beyond = format.points(gap.cost),
                amount = format.whole(row.units(c::NET_PROFIT))
            ),
            opens: page.opens.contains(id).then(|| id.to_owned()),
        }
    };
    let mut caption = say!(
        format,
        "Each circle is a customer; the larger it is, the more the customer buys, and orange customers lose money. In brackets: points more or less than its peers, which are at zero. Customers far outside are drawn at the edge."
    );
    if placed.len() > MOST {
        let n = format.grouped(i64::try_from(MOST).unwrap_or(i64::MAX));
        caption +=
            &format!(" {}", say!(format, "The chart shows the {n} with the net profit farthest from zero.", n = n));
    }
    let chart = Scatter {
        title: say!(format, "Margin and cost of each customer against its peers"),
        across: say!(format, "Cost-to-serve against peers, points of revenue"),
        up: say!(format, "Gross margin against peers, points of revenue"),
        corners: [0, 1, 2, 3]
            .map(|place| contract::QUADRANTS.get(place).map_or_else(String::new, |name| format.say(name))),
        dots: drawn.iter().map(dot).collect(),
    };
    Part::figure(chart.svg(format), caption)
}

fn size(rows: &[Row<'_>]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

fn kinds(page: &Page<'_>, rows: &Rows) -> Table {
    let format = &page.format;
    let line = |(kind, advice): (&&str, &str)| {
        let of_kind = rows.of(c::QUADRANT, kind);
        let amount = |column| Cell::amount(format, sum(of_kind.iter().copied(), column));
        vec![
            Cell::new(format.say(kind)),
            Cell::count(format, size(&of_kind)),
            amount(c::INVOICE_REVENUE),
            amount(c::GROSS_MARGIN),
            amount(c::COST_TO_SERVE),
            amount(c::NET_PROFIT),
            Cell::text(format.say(advice)),
        ]
    };
    let heads = ["Kind", "Customers", "Revenue", "Margin", "Cost-to-serve", "Net profit", "What to do"];
    Table::new("", heads, contract::QUADRANTS.iter().zip(ADVICE).map(line).collect())
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, finding, m, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn the_four_kinds_are_added_up_and_the_losers_of_the_last_named() {
        let customer =
            |id, kind, profit| vec![(c::CUSTOMER_ID, t(id)), (c::QUADRANT, t(kind)), (c::NET_PROFIT, m(profit))];
        let last = "low margin, high cost";
        let html = with(vec![(
            contract::model("quadrant"),
            vec![customer("A", "high margin, low cost", 50), customer("B", last, -20), customer("C", last, 5)],
        )]);
        assert_eq!(finding(&html, "quadrants"), "2 customers pay little and ask much: together they leave EUR −15");
        assert_eq!(cells(&html, "quadrants", "low margin, low cost").split(" | ").next(), Some("0"));
        assert!(cells(&html, "quadrants", "B").ends_with("| −20") && cells(&html, "quadrants", "C").is_empty());
        assert!(section(&html, "quadrants").contains("customers of about the same size"));
    }
}
