//! The ledger and its sums: the cost of activities, the balance sheet of every pool, and the amounts passed on by support pools.

use std::collections::BTreeSet;

use netto_model::frame::{ActivityMonth, Ledger, PoolBalance, PoolTransfer};
use netto_model::{Frame, Period, Warning, column as c};
use polars::prelude::*;
use rayon::prelude::*;

use crate::assign::{ActivityTotal, Assigned, Cell};
use crate::bookings::PoolKey;
use crate::config::{Method, Step};
use crate::customers::Rank;
use crate::error::ProfitError;
use crate::month::{Month, Months};
use crate::resolved::Resolved;

/// Every amount that was assigned, sorted by customer, month, activity and part.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    cells: Vec<(i32, Cell)>,
}

impl Cells {
    /// Gathers the cells of all months. Each month is sorted by itself, then all are dealt out to their customers: months come
    /// in order, so a customer's months do, too.
    pub(crate) fn gather(months: Months, customers: usize) -> Self {
        let sorted: Vec<(i32, Vec<Cell>)> = months
            .into_par_iter()
            .map(|(period, month)| {
                let mut cells: Vec<Cell> = month.pools.into_values().flat_map(|pool| pool.cells).collect();
                cells.par_sort_unstable_by_key(|cell| cell.key);
                (period.first_day(), cells)
            })
            .collect();
        let mut next = vec![0_usize; customers + 1];
        for cell in sorted.iter().flat_map(|(_, cells)| cells) {
            next[cell.key.0 as usize + 1] += 1;
        }
        for customer in 1..next.len() {
            next[customer] += next[customer - 1];
        }
        let nothing = Cell { key: (0, 0, 0), quantity: 0, amount: 0 };
        let mut cells = vec![(0, nothing); next.last().copied().unwrap_or_default()];
        for (day, month) in sorted {
            for cell in month {
                let place = &mut next[cell.key.0 as usize];
                cells[*place] = (day, cell);
                *place += 1;
            }
        }
        Self { cells }
    }

    /// The ledger: customer × month × activity × part.
    ///
    /// # Errors
    /// When the frame is refused by the contract.
    pub(crate) fn ledger(&self, resolved: &Resolved<'_>) -> Result<Frame<Ledger>, ProfitError> {
        let keys = || self.cells.iter().map(|(_, cell)| cell.key);
        // Names take the longest; the columns are made side by side.
        let (customers, (activities, (parts, numbers))) = rayon::join(
            || resolved.customers.column(keys().map(|key| key.0)),
            || {
                rayon::join(
                    || resolved.activity_column(keys().map(|key| key.1)),
                    || rayon::join(|| resolved.part_column(keys().map(|key| key.2)), || self.numbers()),
                )
            },
        );
        let mut columns = vec![customers?, activities?, parts?];
        columns.extend(numbers);
        let frame = DataFrame::new_infer_height(columns)?;
        Ok(Frame::try_new(with_dates(frame))?)
    }

    fn numbers(&self) -> [Column; 3] {
        let each = |of: fn(&Cell) -> i64| self.cells.iter().map(|(_, cell)| of(cell)).collect::<Vec<_>>();
        [
            Column::new(c::PERIOD.into(), self.cells.iter().map(|(day, _)| *day).collect::<Vec<_>>()),
            Column::new(c::QUANTITY.into(), each(|cell| cell.quantity)),
            Column::new(c::AMOUNT.into(), each(|cell| cell.amount)),
        ]
    }

    /// Customer × month: the cost of each step of the waterfall, the pay of the sales force in it, and the minutes of attention.
    pub(crate) fn cost_by_step(&self, resolved: &Resolved<'_>) -> Result<DataFrame, ProfitError> {
        let activities = resolved.config.activities.values();
        let kinds: Vec<_> = activities.map(|a| (a.step as usize, a.compensation, a.method == Method::Time)).collect();
        let (mut ranks, mut days, mut sums): (Vec<Rank>, Vec<i32>, [Vec<i64>; 5]) = Default::default();
        for month in self.cells.chunk_by(|(day, cell), (next, other)| day == next && cell.key.0 == other.key.0) {
            let Some((day, first)) = month.first() else { continue };
            ranks.push(first.key.0);
            days.push(*day);
            let mut of_month = [0; 5];
            for (_, cell) in month {
                let (step, compensation, timed) = kinds[usize::from(cell.key.1)];
                of_month[step] += cell.amount;
                of_month[3] += if compensation { cell.amount } else { 0 };
                of_month[4] += if timed { cell.quantity } else { 0 };
            }
            for (column, sum) in sums.iter_mut().zip(of_month) {
                column.push(sum);
            }
        }
        let [cost, freight, terms, compensation, minutes] = sums;
        let frame = DataFrame::new_infer_height(vec![
            resolved.customers.column(ranks.into_iter())?,
            Column::new(c::PERIOD.into(), days),
            Column::new(Step::CostToServe.name().into(), cost),
            Column::new(Step::FreightCost.name().into(), freight),
            Column::new(Step::PaymentTerms.name().into(), terms),
            Column::new(c::SALES_COMPENSATION.into(), compensation),
            Column::new(c::MINUTES.into(), minutes),
        ])?;
        Ok(with_dates(frame).collect()?)
    }
}

/// The balance sheet: pool × month, and warehouse of pools that are kept by warehouse.
///
/// # Errors
/// When the frame is refused by the contract.
pub(crate) fn pool_balance(months: &Months) -> Result<Frame<PoolBalance>, ProfitError> {
    let rows: Vec<(Period, &PoolKey, &Assigned)> =
        months.iter().flat_map(|(period, month)| month.pools.iter().map(|(key, a)| (*period, key, a))).collect();
    let each = |of: fn(&Assigned) -> i64| rows.iter().map(|(.., a)| of(a)).collect::<Vec<i64>>();
    let idle = |a: &Assigned| (a.practical_minutes - a.used_minutes).max(0);
    let frame = df!(
        c::POOL => rows.iter().map(|(_, key, _)| key.0.as_str()).collect::<Vec<_>>(),
        c::PERIOD => rows.iter().map(|(period, ..)| period.first_day()).collect::<Vec<_>>(),
        c::WAREHOUSE => rows.iter().map(|(_, key, _)| key.1.as_str()).collect::<Vec<_>>(),
        c::OWN_AMOUNT => each(|a| a.own),
        c::RECEIVED_AMOUNT => each(|a| a.received),
        c::ASSIGNED_AMOUNT => each(Assigned::to_customers),
        c::PASSED_ON_AMOUNT => each(|a| a.passed_on),
        c::IDLE_AMOUNT => each(|a| a.idle),
        c::UNASSIGNED_AMOUNT => each(|a| a.unassigned),
        c::PRACTICAL_MINUTES => each(|a| a.practical_minutes),
        c::USED_MINUTES => each(|a| a.used_minutes),
        c::IDLE_MINUTES => each(idle),
        c::OVER_CAPACITY_MINUTES => each(|a| (a.used_minutes - a.practical_minutes).max(0)),
        c::UTILIZATION => rows.iter().map(|(.., a)| ratio(a.used_minutes, a.practical_minutes)).collect::<Vec<_>>(),
        c::RATE => rows.iter().map(|(.., a)| ratio(a.time_amount - a.idle, a.used_minutes)).collect::<Vec<_>>(),
    )?;
    let difference = col(c::OWN_AMOUNT) + col(c::RECEIVED_AMOUNT)
        - col(c::ASSIGNED_AMOUNT)
        - col(c::PASSED_ON_AMOUNT)
        - col(c::IDLE_AMOUNT)
        - col(c::UNASSIGNED_AMOUNT);
    Ok(Frame::try_new(with_dates(frame).with_column(difference.alias(c::DIFFERENCE)))?)
}

/// What activities cost: activity × month × part.
///
/// # Errors
/// When the frame is refused by the contract.
pub(crate) fn activity_month(months: &Months, resolved: &Resolved<'_>) -> Result<Frame<ActivityMonth>, ProfitError> {
    let rows: Vec<(Period, &str, &ActivityTotal)> = months
        .iter()
        .flat_map(|(period, month)| month.pools.iter().map(move |(key, a)| (period, key, a)))
        .flat_map(|(period, key, a)| a.activities.iter().map(|total| (*period, key.0.as_str(), total)))
        .collect();
    let each = |of: fn(&ActivityTotal) -> i64| rows.iter().map(|(.., total)| of(total)).collect::<Vec<i64>>();
    let frame = df!(
        c::ACTIVITY => rows.iter().map(|(.., total)| resolved.activity(total.activity)).collect::<Vec<_>>(),
        c::PERIOD => rows.iter().map(|(period, ..)| period.first_day()).collect::<Vec<_>>(),
        c::POOL_PART => rows.iter().map(|(.., total)| resolved.part_name(total.part)).collect::<Vec<_>>(),
        c::POOL => rows.iter().map(|(_, pool, _)| *pool).collect::<Vec<_>>(),
        c::POOL_AMOUNT => each(|total| total.pool_amount),
        c::QUANTITY => each(|total| total.quantity),
        c::UNNAMED_QUANTITY => each(|total| total.unnamed),
        c::CAPACITY => each(|total| total.capacity),
        c::RATE => rows.iter().map(|(.., total)| ratio(total.pool_amount, total.capacity)).collect::<Vec<_>>(),
        c::ASSIGNED_AMOUNT => each(|total| total.assigned),
        c::UNASSIGNED_AMOUNT => each(|total| total.unassigned),
    )?;
    Ok(Frame::try_new(with_dates(frame))?)
}

/// What support pools passed on.
///
/// # Errors
/// When the frame is refused by the contract.
pub(crate) fn pool_transfer(months: &Months) -> Result<Frame<PoolTransfer>, ProfitError> {
    let rows: Vec<_> =
        months.iter().flat_map(|(period, month)| month.transfers.iter().map(move |t| (period, month, t))).collect();
    let had = |month: &Month, pool: &str| -> i64 {
        month.pools.iter().filter(|((name, _), _)| name == pool).map(|(_, a)| a.own + a.received).sum()
    };
    let frame = df!(
        c::POOL => rows.iter().map(|(.., t)| t.from.as_str()).collect::<Vec<_>>(),
        c::TO_POOL => rows.iter().map(|(.., t)| t.to.as_str()).collect::<Vec<_>>(),
        c::PERIOD => rows.iter().map(|(period, ..)| period.first_day()).collect::<Vec<_>>(),
        c::AMOUNT => rows.iter().map(|(.., t)| t.amount).collect::<Vec<_>>(),
        c::COST_SHARE => rows.iter().map(|(_, month, t)| ratio(t.amount, had(month, &t.from))).collect::<Vec<_>>(),
    )?;
    Ok(Frame::try_new(with_dates(frame))?)
}

/// For display: money is never computed from it.
#[expect(clippy::cast_precision_loss, reason = "a ratio is shown, not added")]
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}

pub(crate) fn with_dates(frame: DataFrame) -> LazyFrame {
    frame.lazy().with_column(col(c::PERIOD).cast(DataType::Date))
}

/// What a controller should know: pools over capacity, months and warehouses without bookings.
#[must_use]
pub(crate) fn warnings(months: &Months, resolved: &Resolved<'_>) -> Vec<Warning> {
    let config = resolved.config;
    let pools: BTreeSet<&str> =
        months.values().flat_map(|month| month.pools.keys()).map(|(pool, _)| pool.as_str()).collect();
    let months_where = |pool: &str, holds: &dyn Fn(&Assigned) -> bool| -> Vec<String> {
        let in_month = |month: &Month| month.pools.iter().any(|((name, _), a)| name == pool && holds(a));
        months.iter().filter(|(_, month)| in_month(month)).map(|(period, _)| period.to_string()).collect()
    };
    let over_capacity = pools.iter().filter_map(|pool| {
        let found = months_where(pool, &|a| a.practical_minutes > 0 && a.used_minutes > a.practical_minutes);
        (!found.is_empty()).then(|| {
            let said = format!(
                "pool `{pool}` is over capacity (more minutes used than its practical capacity) in {}",
                listed(&found)
            );
            Warning::note("pool_over_capacity", said).at(["pool", pool])
        })
    });
    // A pool that was never booked is said to be so, once.
    let measured =
        config.activities.iter().filter(|(_, a)| a.method != Method::Direct && pools.contains(a.pool.as_str()));
    let unbooked = measured.filter_map(|(name, activity)| {
        let has = |period: &Period| {
            months.get(period).is_some_and(|month| month.pools.keys().any(|(pool, _)| *pool == activity.pool))
        };
        let used = resolved.usage.iter().filter(|(_, month)| month.has(name));
        let missing: Vec<String> =
            used.filter(|(period, _)| !has(period)).map(|(period, _)| period.to_string()).collect();
        (!missing.is_empty()).then(|| {
            let said = format!(
                "activity `{name}` is used, but pool `{}` has no bookings in {}",
                activity.pool,
                listed(&missing)
            );
            Warning::note("months_without_bookings", said).at(["activity", name])
        })
    });
    let elsewhere = config.activities.iter().filter(|(_, a)| resolved.pool(&a.pool).by.is_some());
    let elsewhere = elsewhere.filter_map(|(name, activity)| {
        let missing: BTreeSet<&str> = resolved
            .usage
            .iter()
            .flat_map(|(period, month)| month.warehouses(name).map(move |warehouse| (period, warehouse)))
            .filter(|(period, warehouse)| {
                let key = (activity.pool.clone(), (*warehouse).to_owned());
                months.get(period).is_some_and(|month| !month.pools.contains_key(&key))
            })
            .map(|(_, warehouse)| if warehouse.is_empty() { "no warehouse" } else { warehouse })
            .collect();
        let list = missing.into_iter().collect::<Vec<_>>().join(", ");
        (!list.is_empty()).then(|| {
            let said = format!(
                "activity `{name}` is used in {list}, where pool `{}` has no bookings in some months",
                activity.pool
            );
            Warning::note("warehouse_without_bookings", said).at(["activity", name])
        })
    });
    over_capacity.chain(unbooked).chain(elsewhere).collect()
}

/// `2025-01, 2025-02, 2025-03 and 9 more`
pub(crate) fn listed(months: &[String]) -> String {
    let shown = months.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if months.len() > 3 { format!("{shown} and {} more months", months.len() - 3) } else { shown }
}
