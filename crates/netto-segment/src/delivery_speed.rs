//! Promised against delivered, over the lines of sales with both days: by tier, by stock or direct, by month.
//!
//! ```text
//! lines  promised  late  days late  lead days     late     days late, on average   lead days, on average
//! 10     8         2     7          24            25 %     3.5                     3.0
//! ```
//! A line belongs to the month of its order. What comes back was delivered to nobody.

use std::collections::BTreeMap;

use netto_model::contract::DELIVERY_LEVELS;
use netto_model::frame::{DeliveryMonth, DeliverySpeed};
use netto_model::{Frame, Mart, Period, Window, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::book::{Book, absent};
use crate::columns::{days, share, texts, units};
use crate::customer_window::Customer;
use crate::tie::must_tie;

/// What adds up of lines of sales.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Delivered {
    lines: i64,
    promised: i64,
    late: i64,
    days_late: i64,
    lead_days: i64,
}

/// By level and key.
type Levels<'a> = BTreeMap<(&'static str, String), Delivered>;

impl std::ops::AddAssign<&Self> for Delivered {
    fn add_assign(&mut self, more: &Self) {
        self.lines += more.lines;
        self.promised += more.promised;
        self.late += more.late;
        self.days_late += more.days_late;
        self.lead_days += more.lead_days;
    }
}

/// The lines of a customer and month, delivered in one way.
struct Row {
    customer: String,
    period: Period,
    way: String,
    delivered: Delivered,
}

/// The table of all windows; empty where no line has both a promised and a delivered day.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(months) = book.inputs.delivery_month else { return absent::<DeliverySpeed>() };
    let rows = rows(months)?;
    if rows.iter().all(|row| row.delivered.promised == 0) {
        return absent::<DeliverySpeed>();
    }
    book.table::<DeliverySpeed>(|named, customers| {
        let levels = levels(&rows, named.window, customers);
        must_add_up(&named.name, &levels)?;
        Ok(of_window(&named.name, &levels)?)
    })
}

fn rows(months: &Frame<DeliveryMonth>) -> PolarsResult<Vec<Row>> {
    let data = months.data();
    let (customers, ways, periods) = (texts(data, c::CUSTOMER_ID)?, texts(data, c::DELIVERY)?, days(data, c::PERIOD)?);
    let (lines, promised, late) =
        (units(data, c::LINES)?, units(data, c::LINES_PROMISED)?, units(data, c::LINES_LATE)?);
    let (days_late, lead_days) = (units(data, c::DAYS_LATE)?, units(data, c::LEAD_DAYS)?);
    let keys = customers.into_iter().zip(ways).zip(periods).enumerate();
    let row = |(row, ((customer, way), period)): (usize, ((String, String), Option<i32>))| Row {
        customer,
        period: Period::of_day(period.unwrap_or_default()),
        way,
        delivered: Delivered {
            lines: lines[row],
            promised: promised[row],
            late: late[row],
            days_late: days_late[row],
            lead_days: lead_days[row],
        },
    };
    Ok(keys.map(row).collect())
}

fn levels(rows: &[Row], window: Window, customers: &[Customer]) -> Levels<'static> {
    let tiers: BTreeMap<&str, &str> = customers.iter().map(|row| (row.id.as_str(), row.tier)).collect();
    let mut levels = Levels::new();
    for row in rows.iter().filter(|row| window.contains(row.period)) {
        let tier = tiers.get(row.customer.as_str()).copied().unwrap_or_default();
        let keys = [tier.to_owned(), row.way.clone(), row.period.to_string()];
        for (&level, key) in DELIVERY_LEVELS.iter().zip(keys) {
            *levels.entry((level, key)).or_default() += &row.delivered;
        }
    }
    levels
}

/// Every level is the same lines.
fn must_add_up(window: &str, levels: &Levels<'_>) -> Result<(), SegmentError> {
    let of = |name: &'static str, part: fn(&Delivered) -> i64| {
        levels.iter().filter(move |((level, _), _)| *level == name).map(move |(_, delivered)| part(delivered))
    };
    for pair in DELIVERY_LEVELS.windows(2) {
        let [one, other] = pair else { continue };
        must_tie::<DeliverySpeed>(window, c::LINES, of(one, |row| row.lines), of(other, |row| row.lines))?;
        must_tie::<DeliverySpeed>(window, c::LINES_LATE, of(one, |row| row.late), of(other, |row| row.late))?;
    }
    Ok(())
}

fn of_window(window: &str, levels: &Levels<'_>) -> PolarsResult<DataFrame> {
    let each = |of: fn(&Delivered) -> i64| levels.values().map(of).collect::<Vec<_>>();
    let ratios = |of: fn(&Delivered) -> Option<f64>| levels.values().map(of).collect::<Vec<_>>();
    df!(
        c::WINDOW => vec![window; levels.len()],
        c::LEVEL => levels.keys().map(|(level, _)| *level).collect::<Vec<_>>(),
        c::KEY => levels.keys().map(|(_, key)| key.as_str()).collect::<Vec<_>>(),
        c::LINES => each(|row| row.lines),
        c::LINES_PROMISED => each(|row| row.promised),
        c::LINES_LATE => each(|row| row.late),
        c::LATE_SHARE => ratios(|row| share(row.late, row.promised)),
        c::AVERAGE_DAYS_LATE => ratios(|row| share(row.days_late, row.late)),
        c::AVERAGE_LEAD_DAYS => ratios(|row| share(row.lead_days, row.promised)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;

    const MAY: Period = Period::new(2025, 5);

    fn row(customer: &str, period: Period, way: &str, [lines, promised, late, days_late, lead_days]: [i64; 5]) -> Row {
        let delivered = Delivered { lines, promised, late, days_late, lead_days };
        Row { customer: customer.into(), period, way: way.into(), delivered }
    }

    fn delivered() -> Vec<Row> {
        vec![
            row("A", MAY, "stock", [10, 8, 2, 7, 24]),
            row("B", MAY, "direct", [4, 4, 0, 0, 40]),
            row("B", MAY.plus(1), "stock", [3, 0, 0, 0, 0]),
            row("A", MAY.plus(2), "stock", [99, 99, 99, 99, 99]),
        ]
    }

    #[test]
    fn every_level_is_the_same_lines_and_averages_are_of_promised_and_of_late_ones() {
        let customers = [Customer { tier: "Top", ..customer("A", 1, 1, 1) }, customer("B", 2, 1, 1)];
        let levels = levels(&delivered(), Window::ending(MAY.plus(1), 2), &customers);
        must_add_up("main", &levels).unwrap();
        let keys: Vec<_> = levels.iter().map(|((level, key), row)| format!("{level} {key} {}", row.lines)).collect();
        let expected = [
            "delivery direct 4",
            "delivery stock 13",
            "month 2025-05 14",
            "month 2025-06 3",
            "tier Small 7",
            "tier Top 10",
        ];
        assert_eq!(keys, expected);
        let data = of_window("main", &levels).unwrap();
        let ratios = |name: &str| data.column(name).unwrap().f64().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(ratios(c::LATE_SHARE), [Some(0.0), Some(0.25), Some(2.0 / 12.0), None, Some(0.0), Some(0.25)]);
        assert_eq!(ratios(c::AVERAGE_DAYS_LATE), [None, Some(3.5), Some(3.5), None, None, Some(3.5)]);
        assert_eq!(
            ratios(c::AVERAGE_LEAD_DAYS),
            [Some(10.0), Some(3.0), Some(64.0 / 12.0), None, Some(10.0), Some(3.0)]
        );
    }

    #[test]
    fn levels_of_different_lines_are_refused() {
        let mut levels = levels(&delivered(), Window::ending(MAY, 1), &[]);
        *levels.entry(("month", "2025-05".into())).or_default() += &Delivered { lines: 1, ..Delivered::default() };
        let refused = must_add_up("main", &levels).unwrap_err().to_string();
        assert!(
            refused.starts_with("`delivery_speed` of window `main` doesn't tie: lines is 14 instead of 15"),
            "{refused}"
        );
    }
}
