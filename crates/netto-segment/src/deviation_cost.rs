//! What went otherwise than agreed, and its after-care: by kind, cause, customer, and employee who took the order.
//!
//! After-care cost is what the ledger charges customers for the activities that are measured on deviations. Within a customer
//! month it goes to the deviations by their minutes, by largest remainder; without minutes to each alike. The cost of poor
//! quality is mostly labour that no account names (Crosby, *Quality Is Free*).
//!
//! ```text
//! customer A, March: after-care of 60.00 in the ledger
//! late     carrier   30 minutes    36.00
//! price    typing    20 minutes    24.00
//! ```
//! A deviation without a customer costs nobody anything: its minutes are idle or unassigned in the pool.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::contract::DEVIATION_LEVELS;
use netto_model::frame::{DeviationCost, Deviations};
use netto_model::{DriverSource, Frame, Mart, Period, apportion, column as c};
use polars::prelude::*;

use crate::book::{Book, absent};
use crate::columns::{days, maybe_units, share, sums, texts, units};
use crate::tie::must_tie;
use crate::windows::{Named, inside};
use crate::{Inputs, SegmentError};

/// A deviation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Deviation {
    period: Option<Period>,
    kind: String,
    cause: String,
    customer: String,
    /// Who took the order.
    employee: String,
    amount: Option<i64>,
    minutes: Option<i64>,
    cost: i64,
}

/// What is known of all deviations.
struct Deviant {
    rows: Vec<Deviation>,
    has_amounts: bool,
    has_minutes: bool,
    /// Whether an activity is measured on them.
    has_cost: bool,
}

/// Deviations added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sum<'a> {
    deviations: i64,
    amount: i64,
    minutes: i64,
    cost: i64,
    customers: BTreeSet<&'a str>,
}

/// One of the sums.
type Part = fn(&Sum<'_>) -> i64;

/// By level and key.
type Levels<'a> = BTreeMap<(&'static str, &'a str), Sum<'a>>;

/// The table of all windows; empty without deviations.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    let Some(deviations) = book.inputs.deviations else { return absent::<DeviationCost>() };
    let mut rows = rows(deviations, book.inputs)?;
    let activities = of_deviations(book.inputs)?;
    let cost = after_care(book.inputs, &activities)?;
    charge(&mut rows, &cost);
    let deviant = Deviant {
        has_amounts: rows.iter().any(|row| row.amount.is_some()),
        has_minutes: rows.iter().any(|row| row.minutes.is_some()),
        has_cost: !activities.is_empty(),
        rows,
    };
    book.table::<DeviationCost>(|named, customers| {
        let levels = levels(&deviant.rows, named);
        must_add_up(named, &levels, &cost)?;
        let of_customers = customers.iter().map(|row| (row.id.as_str(), row.orders)).collect();
        let orders = Orders { of_customers, of_employees: taken(book.inputs, named)? };
        Ok(of_window(&named.name, &levels, &deviant, &orders)?)
    })
}

fn rows(deviations: &Frame<Deviations>, inputs: &Inputs<'_>) -> PolarsResult<Vec<Deviation>> {
    let data = deviations.data();
    let [kinds, causes, customers, orders] =
        [c::KIND, c::CAUSE, c::CUSTOMER_ID, c::ORDER_ID].map(|name| texts(data, name));
    let (kinds, causes, customers, orders) = (kinds?, causes?, customers?, orders?);
    let (amounts, minutes) = (maybe_units(data, c::AMOUNT)?, maybe_units(data, c::MINUTES)?);
    let taken_by = |order: &String| inputs.orders.and_then(|orders| orders.taken_by.get(order)).cloned();
    let row = |(row, day): (usize, Option<i32>)| Deviation {
        period: day.map(Period::of_day),
        kind: kinds[row].clone(),
        cause: causes[row].clone(),
        customer: customers[row].clone(),
        employee: taken_by(&orders[row]).unwrap_or_default(),
        amount: amounts[row],
        minutes: minutes[row],
        cost: 0,
    };
    Ok(days(data, c::OCCURRED_AT)?.into_iter().enumerate().map(row).collect())
}

/// The activities that are measured on deviations.
fn of_deviations(inputs: &Inputs<'_>) -> PolarsResult<Vec<String>> {
    let data = inputs.activities.data();
    let measured = texts(data, c::ACTIVITY)?.into_iter().zip(texts(data, c::SOURCE)?);
    Ok(measured.filter(|(_, source)| source == DriverSource::Deviations.name()).map(|(name, _)| name).collect())
}

/// What they cost, by month and customer.
type Cost = BTreeMap<(Period, String), i64>;

fn after_care(inputs: &Inputs<'_>, activities: &[String]) -> PolarsResult<Cost> {
    let is_one = activities.iter().map(|activity| col(c::ACTIVITY).eq(lit(activity.as_str())));
    let is_one = is_one.reduce(Expr::or).unwrap_or_else(|| lit(false));
    let amounts = inputs
        .ledger
        .lazy()
        .filter(is_one)
        .group_by([col(c::PERIOD), col(c::CUSTOMER_ID)])
        .agg([col(c::AMOUNT).sum()])
        .collect()?;
    let keys = days(&amounts, c::PERIOD)?.into_iter().zip(texts(&amounts, c::CUSTOMER_ID)?);
    let keys = keys.map(|(day, customer)| (Period::of_day(day.unwrap_or_default()), customer));
    Ok(keys.zip(units(&amounts, c::AMOUNT)?).collect())
}

/// Spreads the cost of each customer month over its deviations.
fn charge(rows: &mut [Deviation], cost: &Cost) {
    let mut places: BTreeMap<(Period, &str), Vec<usize>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| !row.customer.is_empty()) {
        if let Some(period) = row.period {
            places.entry((period, &row.customer)).or_default().push(place);
        }
    }
    let mut charged: Vec<(usize, i64)> = Vec::new();
    for ((period, customer), places) in places {
        let amount = cost.get(&(period, customer.to_owned())).copied().unwrap_or_default();
        let minutes: Vec<i64> = places.iter().map(|&place| rows[place].minutes.unwrap_or_default()).collect();
        charged.extend(places.into_iter().zip(parts(amount, &minutes)));
    }
    for (place, part) in charged {
        rows[place].cost = part;
    }
}

/// By minutes; alike where there are none. Deviations stand in the order of their ids, so ties go to the first.
fn parts(amount: i64, minutes: &[i64]) -> Vec<i64> {
    let alike = || apportion(amount, &vec![1; minutes.len()]);
    apportion(amount, minutes).or_else(alike).unwrap_or_default()
}

fn levels<'a>(rows: &'a [Deviation], named: &Named) -> Levels<'a> {
    let mut levels = Levels::new();
    for row in rows.iter().filter(|row| row.period.is_some_and(|period| named.window.contains(period))) {
        let keys = [&row.kind, &row.cause, &row.customer, &row.employee];
        for (&level, key) in DEVIATION_LEVELS.iter().zip(keys) {
            let sum = levels.entry((level, key.as_str())).or_default();
            sum.deviations += 1;
            sum.amount += row.amount.unwrap_or_default();
            sum.minutes += row.minutes.unwrap_or_default();
            sum.cost += row.cost;
            sum.customers.extend((!row.customer.is_empty()).then_some(row.customer.as_str()));
        }
    }
    levels
}

/// Every level is the same deviations, and carries all that the ledger says they cost.
fn must_add_up(named: &Named, levels: &Levels<'_>, cost: &Cost) -> Result<(), SegmentError> {
    let of = |name: &'static str, part: Part| {
        levels.iter().filter(move |((level, _), _)| *level == name).map(move |(_, sum)| part(sum))
    };
    let [first, others @ ..] = DEVIATION_LEVELS else { return Ok(()) };
    let columns: [(&'static str, Part); 3] =
        [(c::DEVIATIONS, |sum| sum.deviations), (c::AMOUNT, |sum| sum.amount), (c::MINUTES, |sum| sum.minutes)];
    for level in others {
        for (column, part) in columns {
            must_tie::<DeviationCost>(&named.name, column, of(level, part), of(first, part))?;
        }
    }
    let whole = || cost.iter().filter(|((period, _), _)| named.window.contains(*period)).map(|(_, amount)| *amount);
    let mut levels = DEVIATION_LEVELS.iter();
    levels.try_for_each(|level| {
        must_tie::<DeviationCost>(&named.name, c::AFTER_CARE_COST, of(level, |sum| sum.cost), whole())
    })
}

/// What deviations are counted against.
struct Orders<'a> {
    of_customers: BTreeMap<&'a str, i64>,
    /// Nothing where who took orders isn't known.
    of_employees: Option<BTreeMap<String, i64>>,
}

impl Orders<'_> {
    /// Orders of a customer, of an employee, or of all; nothing where the key names nobody.
    fn of(&self, level: &str, key: &str) -> Option<i64> {
        match level {
            "customer" => self.of_customers.get(key).copied(),
            "employee" => self.of_employees.as_ref().filter(|_| !key.is_empty())?.get(key).copied(),
            _ => Some(self.of_customers.values().sum()),
        }
    }
}

fn taken(inputs: &Inputs<'_>, named: &Named) -> PolarsResult<Option<BTreeMap<String, i64>>> {
    let Some(months) = inputs.employee_month else { return Ok(None) };
    let orders = sums(months.lazy().filter(inside(named.window)), [c::EMPLOYEE_ID], [c::ORDERS])?;
    Ok(Some(orders.into_iter().map(|([employee], [orders])| (employee, orders)).collect()))
}

fn of_window(window: &str, levels: &Levels<'_>, deviant: &Deviant, orders: &Orders<'_>) -> PolarsResult<DataFrame> {
    let total: i64 =
        levels.iter().filter(|((level, _), _)| *level == DEVIATION_LEVELS[0]).map(|(_, sum)| sum.deviations).sum();
    let known = |is_known: bool, of: Part| levels.values().map(|sum| is_known.then(|| of(sum))).collect::<Vec<_>>();
    let customers = |sum: &Sum<'_>| i64::try_from(sum.customers.len()).ok();
    let against: Vec<Option<i64>> = levels.keys().map(|(level, key)| orders.of(level, key)).collect();
    let per_100 = levels
        .values()
        .zip(&against)
        .map(|(sum, orders)| orders.and_then(|orders| share(100 * sum.deviations, orders)));
    df!(
        c::WINDOW => vec![window; levels.len()],
        c::LEVEL => levels.keys().map(|(level, _)| *level).collect::<Vec<_>>(),
        c::KEY => levels.keys().map(|(_, key)| *key).collect::<Vec<_>>(),
        c::DEVIATIONS => levels.values().map(|sum| sum.deviations).collect::<Vec<_>>(),
        c::DEVIATION_SHARE => levels.values().map(|sum| share(sum.deviations, total)).collect::<Vec<_>>(),
        c::AMOUNT => known(deviant.has_amounts, |sum| sum.amount),
        c::MINUTES => known(deviant.has_minutes, |sum| sum.minutes),
        c::AFTER_CARE_COST => known(deviant.has_cost, |sum| sum.cost),
        c::CUSTOMERS => levels.values().map(customers).collect::<Vec<_>>(),
        c::PER_100_ORDERS => per_100.collect::<Vec<_>>(),
        c::ORDERS => against,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::Window;

    const MARCH: Period = Period::new(2025, 3);

    fn deviation(kind: &str, customer: &str, employee: &str, minutes: Option<i64>) -> Deviation {
        let text = str::to_owned;
        let (kind, customer, employee) = (text(kind), text(customer), text(employee));
        Deviation { period: Some(MARCH), kind, customer, employee, amount: Some(10), minutes, ..Deviation::default() }
    }

    fn main() -> Named {
        Named { name: "main".into(), window: Window::ending(MARCH, 1), previous: None }
    }

    fn cost(of: &[(&str, i64)]) -> Cost {
        of.iter().map(|(customer, amount)| ((MARCH, (*customer).to_owned()), *amount)).collect()
    }

    #[test]
    fn after_care_follows_minutes_and_without_them_each_deviation_alike() {
        assert_eq!(parts(60, &[30, 20, 0]), [36, 24, 0]);
        assert_eq!(parts(100, &[0, 0, 0]), [34, 33, 33]);
        assert_eq!(parts(7, &[]), [0_i64; 0]);
        let mut rows = vec![
            deviation("late", "A", "", Some(30)),
            deviation("price", "A", "", Some(20)),
            deviation("late", "B", "", None),
            deviation("late", "B", "", None),
            deviation("late", "", "", Some(99)),
            Deviation { period: Some(MARCH.plus(1)), ..deviation("late", "A", "", Some(30)) },
        ];
        charge(&mut rows, &cost(&[("A", 60), ("B", 7)]));
        assert_eq!(rows.iter().map(|row| row.cost).collect::<Vec<_>>(), [36, 24, 4, 3, 0, 0]);
    }

    #[test]
    fn every_level_is_the_same_deviations_and_all_that_they_cost() {
        let mut rows = vec![
            deviation("late", "A", "E1", Some(30)),
            deviation("price", "A", "", Some(20)),
            deviation("late", "", "E1", Some(5)),
            Deviation { period: Some(MARCH.plus(1)), ..deviation("late", "A", "", Some(30)) },
        ];
        let ledger = cost(&[("A", 60)]);
        charge(&mut rows, &ledger);
        let levels = levels(&rows, &main());
        must_add_up(&main(), &levels, &ledger).unwrap();
        let found: Vec<_> = levels
            .iter()
            .map(|((level, key), sum)| (*level, *key, sum.deviations, sum.cost, sum.customers.len()))
            .collect();
        let expected = [
            ("cause", "", 3, 60, 1),
            ("customer", "", 1, 0, 0),
            ("customer", "A", 2, 60, 1),
            ("employee", "", 1, 24, 1),
            ("employee", "E1", 2, 36, 1),
            ("kind", "late", 2, 36, 1),
            ("kind", "price", 1, 24, 1),
        ];
        assert_eq!(found, expected);
        let refused = must_add_up(&main(), &levels, &cost(&[("A", 60), ("C", 1)])).unwrap_err().to_string();
        assert!(
            refused.starts_with(
                "`deviation_cost` of window `main` doesn't tie: after_care_cost is 0.0060 instead of 0.0061"
            ),
            "{refused}"
        );
    }

    #[test]
    fn deviations_are_counted_against_the_orders_of_whom_they_concern() {
        let of_employees = Some(BTreeMap::from([(String::new(), 9), ("E1".to_owned(), 8)]));
        let orders = Orders { of_customers: [("A", 2), ("B", 2)].into(), of_employees };
        let of = |level, key| orders.of(level, key);
        assert_eq!(
            [of("kind", "late"), of("cause", ""), of("customer", "A"), of("customer", "")],
            [Some(4), Some(4), Some(2), None]
        );
        assert_eq!([of("employee", "E1"), of("employee", ""), of("employee", "E2")], [Some(8), None, None]);
        let rows = vec![deviation("late", "A", "E1", None)];
        let levels = levels(&rows, &main());
        let deviant = Deviant { rows: rows.clone(), has_amounts: true, has_minutes: false, has_cost: false };
        let data = of_window("main", &levels, &deviant, &orders).unwrap();
        let per_100: Vec<_> = data.column(c::PER_100_ORDERS).unwrap().f64().unwrap().iter().collect();
        assert_eq!(per_100, [Some(25.0), Some(50.0), Some(12.5), Some(25.0)]);
        let empty = |name: &str| data.column(name).unwrap().null_count();
        assert_eq!((empty(c::AMOUNT), empty(c::MINUTES), empty(c::AFTER_CARE_COST)), (0, 4, 4));
    }
}
