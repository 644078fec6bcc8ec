//! Gross margin against cost-to-serve (Kaplan & Narayanan): four kinds of customers.

use netto_model::{column as c, contract};

use super::language::several;
use super::marts::{Row, Rows, sum};
use super::page::Page;
use super::section::As::{Amount, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

/// What each kind asks for, in the order of the table.
const ADVICE: [&str; 4] = [
    "Protect: they pay well and ask little",
    "Negotiate: they pay for the service they ask for",
    "Price: cheap to serve, and they pay less than others like them",
    "Change: price, order size, channel or service",
];

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
    let worst: Vec<Row<'_>> = super::marts::largest(change.iter().copied(), |row| -row.units(c::NET_PROFIT));
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
        parts: std::iter::once(Part::table(kinds(page, &rows)))
            .chain((!worst.is_empty()).then(|| Part::details("The customers of the last line who lose most", table)))
            .collect(),
    }))
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
