//! Capacity over the months of the main window, for every pool that has a capacity.
//!
//! ```text
//! Warehouse   90.0 % of 720 hours used · idle EUR 1,440      ▲ 2025-03: 25 hours over
//! ```
//! A pool that is kept by warehouse shows the sum of its warehouses: one may be over capacity while another is idle.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Value, context};
use netto_model::{column as c, contract};
use polars::prelude::*;

use super::columns::{Column, columns};
use super::format::Format;
use super::language::{say, several};
use super::marts::{Marts, height, ratio, text, units};
use super::page::Page;
use super::section::{Part, Section};
use crate::PublishError;

/// A pool in one month or in all of them: minutes, and the amount of the idle part.
#[derive(Clone, Debug, Default)]
struct Usage {
    practical: i64,
    used: i64,
    over: i64,
    idle_minutes: i64,
    idle_amount: i64,
    /// Warehouses over capacity.
    places: Vec<String>,
}

impl Usage {
    fn add(&mut self, other: &Self) {
        self.practical += other.practical;
        self.used += other.used;
        self.over += other.over;
        self.idle_minutes += other.idle_minutes;
        self.idle_amount += other.idle_amount;
        self.places.extend(other.places.iter().cloned());
    }

    fn utilization(&self) -> Option<f64> {
        ratio(self.used, self.practical)
    }
}

/// The pools with practical capacity, by label.
pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let format = &page.format;
    let charged = charged(&page.marts)?;
    let mut pools: Vec<(String, String, BTreeMap<i32, Usage>)> =
        usage(&page.marts)?.into_iter().map(|(pool, months)| (page.pools.get(&pool), pool, months)).collect();
    pools.retain(|(.., months)| months.values().any(|month| month.practical > 0));
    pools.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    if pools.is_empty() {
        return Ok(None);
    }
    let shown = pools.iter().map(|(label, pool, months)| shown(label, charged.contains(pool), months, format));
    let capacity: Vec<Value> = shown.collect();
    Ok(Some(Section {
        id: "capacity",
        name: "Capacity".into(),
        finding: finding(&pools, format),
        reading: "Each column is a month: blue was used, grey was idle, and orange with ▲ is above practical capacity."
            .into(),
        parts: vec![Part::Html { html: page.render("capacity", context! { capacity })? }],
    }))
}

/// The share of all hours that was used, and the pools that had too few.
fn finding(pools: &[(String, String, BTreeMap<i32, Usage>)], format: &Format) -> String {
    let mut total = Usage::default();
    for month in pools.iter().flat_map(|(.., months)| months.values()) {
        total.add(month);
    }
    let over: Vec<&str> = pools
        .iter()
        .filter(|(.., months)| months.values().any(|month| month.over > 0))
        .map(|(label, ..)| label.as_str())
        .collect();
    let months = pools.iter().flat_map(|(.., months)| months);
    let short: BTreeSet<&i32> = months.filter(|(_, usage)| usage.over > 0).map(|(month, _)| month).collect();
    let words = match over.as_slice() {
        [] => String::new(),
        few => several!(
            format,
            i64::try_from(short.len()).unwrap_or(i64::MAX),
            "; {pools} had too few in {n} month",
            "; {pools} had too few in {n} months",
            pools = few.join(", ")
        ),
    };
    let (share, amount) = (format.percent(total.utilization()), format.sum(total.idle_amount));
    say!(format, "{share} of the hours were used, idle ones cost {amount}", share = share, amount = amount) + &words
}

/// Minutes by pool and month, summed over warehouses.
fn usage(marts: &Marts<'_>) -> PolarsResult<BTreeMap<String, BTreeMap<i32, Usage>>> {
    let keys = [c::POOL, c::PERIOD, c::WAREHOUSE];
    let data = marts.in_window(&contract::POOL_BALANCE)?.sort(keys, SortMultipleOptions::default()).collect()?;
    let days = data.column(c::PERIOD)?.date()?.physical().clone();
    let mut pools: BTreeMap<String, BTreeMap<i32, Usage>> = BTreeMap::new();
    for row in 0..data.height() {
        let minutes = |name| units(&data, name, row);
        let (over, place) = (minutes(c::OVER_CAPACITY_MINUTES)?, text(&data, c::WAREHOUSE, row)?);
        let usage = Usage {
            practical: minutes(c::PRACTICAL_MINUTES)?,
            used: minutes(c::USED_MINUTES)?,
            over,
            idle_minutes: minutes(c::IDLE_MINUTES)?,
            idle_amount: minutes(c::IDLE_AMOUNT)?,
            places: if over > 0 && !place.is_empty() { vec![place] } else { Vec::new() },
        };
        let months = pools.entry(text(&data, c::POOL, row)?).or_default();
        months.entry(days.get(row).unwrap_or_default()).or_default().add(&usage);
    }
    Ok(pools)
}

/// The pools whose idle capacity is charged to their users.
fn charged(marts: &Marts<'_>) -> PolarsResult<Vec<String>> {
    let data = marts.all(&contract::DIM_POOL).lazy().filter(col(c::IDLE).eq(lit("charge"))).collect()?;
    (0..data.height()).map(|row| text(&data, c::POOL, row)).collect()
}

fn shown(label: &str, charged: bool, months: &BTreeMap<i32, Usage>, format: &Format) -> Value {
    let mut total = Usage::default();
    for month in months.values() {
        total.add(month);
    }
    let over_capacity: Vec<Value> = months
        .iter()
        .filter(|(_, month)| month.over > 0)
        .map(|(day, month)| {
            let places = month.places.join(", ");
            context! { month => format.month(*day), hours => format.hours(month.over), places => places }
        })
        .collect();
    context! {
        label => label,
        used => format.percent(total.utilization()),
        hours => format.hours(total.practical),
        idle => format.sum(total.idle_amount),
        charged => charged,
        chart => Value::from_safe_string(chart(label, months, format)),
        over_capacity => over_capacity,
        months => months.iter().map(|(day, month)| row(*day, month, format)).collect::<Vec<_>>(),
    }
}

/// A month of the table beneath the charts.
fn row(day: i32, month: &Usage, format: &Format) -> Value {
    context! {
        month => format.month(day),
        practical => format.tenths_of_hours(month.practical),
        used => format.tenths_of_hours(month.used),
        idle => format.tenths_of_hours(month.idle_minutes),
        over => (month.over > 0).then(|| format.tenths_of_hours(month.over)),
        utilization => format.percent(month.utilization()),
        amount => format.whole(month.idle_amount),
    }
}

fn chart(label: &str, months: &BTreeMap<i32, Usage>, format: &Format) -> String {
    let column = |(day, month): (&i32, &Usage)| Column {
        title: say!(
            format,
            "{month}: {share} used",
            month = format.month(*day),
            share = format.percent(month.utilization())
        ),
        practical: height(month.practical),
        used: height(month.used - month.over),
        over: height(month.over),
    };
    let name = |day: Option<&i32>| day.map(|day| format.month(*day)).unwrap_or_default();
    let (first, last) = (name(months.keys().next()), name(months.keys().next_back()));
    let title = say!(format, "{pool}: capacity by month", pool = label);
    let highest = months.values().map(|month| month.practical.max(month.used)).max().unwrap_or_default();
    let top = say!(format, "{n} h", n = format.hours(highest));
    columns(&title, &top, &first, &last, &months.iter().map(column).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{finding, line, one_customer, rendered, replace, row};
    use netto_model::{column as c, contract};

    /// A pool in the month of `one_customer`, by warehouse: practical and used minutes.
    fn balance(warehouse: &'static str, practical: i64, used: i64) -> DataFrame {
        let minutes = |minutes: i64| AnyValue::Int64(minutes * 10_000);
        let cells = [
            (c::POOL, AnyValue::String("stores")),
            (c::PERIOD, AnyValue::Date(20_148)),
            (c::WAREHOUSE, AnyValue::String(warehouse)),
            (c::PRACTICAL_MINUTES, minutes(practical)),
            (c::USED_MINUTES, minutes(used)),
            (c::IDLE_MINUTES, minutes((practical - used).max(0))),
            (c::OVER_CAPACITY_MINUTES, minutes((used - practical).max(0))),
            (c::IDLE_AMOUNT, minutes((practical - used).max(0))),
        ];
        row(&contract::POOL_BALANCE, &cells)
    }

    #[test]
    fn a_warehouse_over_capacity_is_named_though_the_pool_as_a_whole_has_time_left() {
        let mut marts = one_customer();
        let rows = balance("North", 6_000, 6_600).vstack(&balance("South", 6_000, 3_000)).unwrap();
        replace(&mut marts, &contract::POOL_BALANCE, rows);
        let label = [(c::POOL, AnyValue::String("stores")), (c::LABEL, AnyValue::String("Stores & yard"))];
        replace(&mut marts, &contract::DIM_POOL, row(&contract::DIM_POOL, &label));
        let html = rendered(&marts);
        insta::assert_snapshot!(line(&html, "hours used"), @r#"<p class="note">80,0 % of 200 hours used · idle EUR 3.000</p>"#);
        insta::assert_snapshot!(line(&html, "class=\"over-capacity\""), @r#"<figcaption class="over-capacity">▲ Over capacity 03-2025 North by 10 h</figcaption>"#);
        assert!(html.contains("<h3>Stores &amp; yard</h3>"));
        assert!(finding(&html, "capacity").ends_with("; Stores &amp; yard had too few in 1 month"));
    }
}
