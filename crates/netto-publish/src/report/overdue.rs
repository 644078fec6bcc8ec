//! Open and overdue amounts at the end of the window, and how fast customers pay.

use netto_model::{column as c, contract};

use super::language::{say, several};
use super::marts::{Row, largest, ratio};
use super::page::Page;
use super::section::As::{Amount, Decimal, Share};
use super::section::{LISTED, Part, Section, Shown, Table};
use crate::PublishError;

const COLUMNS: [Shown; 6] = [
    ("Still to pay", "open_amount", Amount),
    ("Overdue", c::OVERDUE_AMOUNT, Amount),
    ("of what is open", "overdue_share", Share),
    ("Days sales outstanding", "days_outstanding", Decimal),
    ("Days to pay", "days_to_pay", Decimal),
    ("Days late", c::DAYS_LATE, Decimal),
];

/// Number of customers listed: those with most overdue.
const FEW: usize = 20;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("days_sales_outstanding"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let (open, overdue) = (rows.sum("open_amount"), rows.sum(c::OVERDUE_AMOUNT));
    let late: Vec<Row<'_>> = rows.iter().filter(|row| row.units(c::OVERDUE_AMOUNT) > 0).collect();
    let number = i64::try_from(late.len()).unwrap_or(i64::MAX);
    let shown: Vec<Row<'_>> = match late.as_slice() {
        [] => largest(rows.iter(), |row| row.units("open_amount")),
        late => largest(late.iter().copied(), |row| row.units(c::OVERDUE_AMOUNT)),
    };
    let shown: Vec<Row<'_>> = shown.into_iter().take(LISTED).collect();
    let name = |row: Row<'_>| page.customer(row.text(c::CUSTOMER_ID));
    Ok(Some(Section {
        id: "overdue",
        name: "Payment".into(),
        finding: if number == 0 {
            say!(format, "Nothing is overdue; {amount} is still to be paid", amount = format.sum(open))
        } else {
            several!(
                format,
                number,
                "{n} customer is late with {amount}, {share} of what is still to be paid",
                "{n} customers are late with {amount}, {share} of what is still to be paid",
                amount = format.sum(overdue),
                share = format.percent(ratio(overdue, open))
            )
        },
        reading: "At the end of the window. Overdue: due before its last day. Days sales outstanding: amount still to be paid ÷ amount invoiced × days of the window. Days to pay and days late are averages of the paid invoices, weighted by amount; a negative number means early."
            .into(),
        parts: vec![Part::table(Table::of(format, "Most overdue first.", "Customer", &shown, name, &COLUMNS).first(FEW))],
    }))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, f, finding, m, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn who_is_late_is_counted_and_nothing_overdue_is_said() {
        let customer = |id, open, overdue| {
            vec![
                (c::CUSTOMER_ID, t(id)),
                ("open_amount", m(open)),
                (c::OVERDUE_AMOUNT, m(overdue)),
                ("overdue_share", f(0.25)),
                ("days_outstanding", f(156.4)),
            ]
        };
        let table = contract::model("days_sales_outstanding");
        let html = with(vec![(table, vec![customer("A", 750, 250), customer("B\"1", 250, 0), customer("C", 100, 30)])]);
        assert_eq!(finding(&html, "overdue"), "2 customers are late with EUR 280, 25,5 % of what is still to be paid");
        assert_eq!(cells(&html, "overdue", "A"), "750 | 250 | 25,0 % | 156,4");
        assert!(!section(&html, "overdue").contains("B&quot;1"), "it isn't late");
        let html = with(vec![(table, vec![customer("A", 750, 0)])]);
        assert_eq!(finding(&html, "overdue"), "Nothing is overdue; EUR 750 is still to be paid");
    }
}
