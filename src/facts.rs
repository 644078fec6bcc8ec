//! Computes facts finer than the ledger: it reads the lines of each month again, splits and sums them unless an earlier run did so,
//! and writes the large tables as a stream, with months in parallel but in order.

use std::collections::BTreeMap;
use std::path::PathBuf;

use netto_lake::{KeyKind, Lake};
use netto_model::star::published;
use netto_model::{Mart, Period, Table, contract};
use netto_profit::Profit;
use netto_profit::split::{Inputs, MonthFacts, MonthLines, Splitter};
use netto_publish::{Encoder, Members, Piece, Stream, Streamed};
use netto_rollup::Spanning;
use netto_rollup::detail::{self, Detail};
use netto_segment::{OrderMonths, OrderProducts, OrderTables};
use polars::prelude::{DataFrame, LazyFrame};

use crate::failure::Failure;
use crate::months::{Counted, Months};
use crate::pipeline::drivers;
use crate::project::{Project, clear};
use crate::sources::Sources;

/// The requested facts.
#[derive(Default)]
pub(crate) struct Facts {
    /// The small tables.
    pub(crate) marts: Vec<Mart>,
    /// The large tables, written to files.
    pub(crate) streamed: Vec<Streamed>,
    /// The tables of orders for the analyses; `None` if orders aren't requested.
    pub(crate) orders: Option<OrderTables>,
    /// The products of the orders that events and deviations refer to.
    pub(crate) order_products: Option<Mart>,
    /// Number of months split now, and of months taken from earlier runs.
    pub(crate) months: Counted,
}

impl Facts {
    pub(crate) fn streamed_rows(&self) -> u64 {
        self.streamed.iter().map(|table| table.rows as u64).sum()
    }
}

/// Splits the ledger of every month.
pub(crate) fn facts(
    project: &Project,
    lake: &Lake,
    months: &BTreeMap<Period, Vec<PathBuf>>,
    sources: &Sources,
    profit: &Profit,
    spanning: &Spanning,
    (members, anew): (&Members, bool),
) -> Result<Facts, Failure> {
    let config = &project.config;
    let profit_config = config.profit();
    let inputs = Inputs {
        config: &profit_config,
        ledger: &profit.ledger,
        waterfall: &profit.waterfall,
        supplier_rebates: &profit.supplier_rebates,
        activities: &profit.dim_activity,
        pool_balance: &profit.pool_balance,
        products: &sources.products,
    };
    let splitter = Splitter::new(&inputs, &config.facts)?;
    // A month may have cost but no lines.
    let mut months = months.clone();
    for period in splitter.periods() {
        months.entry(period).or_default();
    }
    let keys = |kind| lake.keys(kind);
    let (customers, orders, products) = (keys(KeyKind::Customer)?, keys(KeyKind::Order)?, keys(KeyKind::Product)?);
    let drivers = drivers(config)?;
    let inputs = detail::Inputs {
        months: &months,
        customers: &customers,
        orders: &orders,
        products: &products,
        drivers: &drivers,
        spanning,
    };
    clear(&project.split())?;
    let (mut streams, encoders) = streams(project)?;
    let mut order_months = OrderMonths::new(sources.activities.as_ref(), sources.deviations.as_ref(), &config.segment)?;
    let named_orders = OrderProducts::new(sources.activities.as_ref(), sources.deviations.as_ref())?;
    let (mut small, mut of_named) = (Vec::new(), Vec::new());
    let kept = Months::of(project, &splitter, &inputs, anew)?;
    let work = |month: &detail::Month<'_>| -> Result<(Split, Option<LazyFrame>), Failure> {
        let place = kept.month(month.period)?;
        let (facts, lines) = if let Some(facts) = place.found() {
            let named = || month.lines_of(|order| named_orders.names(order));
            (facts, if named_orders.is_empty() { DataFrame::empty() } else { named()? })
        } else {
            let detail = month.detail()?;
            let facts = split(&splitter, &detail)?;
            place.keep(&facts, detail.lines.height());
            (facts, detail.lines)
        };
        Ok((encoded(facts, &encoders, members)?, named_orders.of_month(&lines)?))
    };
    let keep = |((facts, orders, pieces), products): (Split, Option<LazyFrame>)| {
        of_named.extend(products);
        if let Some(orders) = orders {
            order_months.take(orders)?;
        }
        for (stream, piece) in streams.iter_mut().zip(pieces) {
            stream.append(piece)?;
        }
        small.push(facts);
        Ok(())
    };
    detail::by_month(&inputs, work, keep)?;
    let streamed = streams.into_iter().map(Stream::finish).collect::<Result<_, _>>()?;
    let orders = config.facts.wants(&contract::FCT_ORDER).then(|| order_months.collected()).transpose()?;
    let order_products = Some(OrderProducts::collected(of_named)?);
    let months = kept.done();
    Ok(Facts { marts: splitter.collected(small)?, streamed, orders, order_products, months })
}

/// Splits a month.
fn split(splitter: &Splitter, detail: &Detail) -> Result<MonthFacts, Failure> {
    let lines = MonthLines {
        period: detail.period,
        lines: &detail.lines,
        line_quantities: &detail.line_quantities,
        order_quantities: &detail.order_quantities,
        order_counts: &detail.order_counts,
        order_spans: &detail.order_spans,
    };
    Ok(splitter.month(&lines)?)
}

/// The result of a month: its facts, its orders, and its encoded large tables.
type Split = (MonthFacts, Option<Mart>, Vec<Piece>);

fn encoded(mut facts: MonthFacts, encoders: &[Encoder], members: &Members) -> Result<Split, Failure> {
    let large = std::mem::take(&mut facts.large);
    let orders = large.iter().find(|mart| mart.table.name == contract::FCT_ORDER.name).cloned();
    let mut pieces = Vec::new();
    for (encoder, mart) in encoders.iter().zip(large) {
        for published in members.published(&mart)? {
            pieces.push(encoder.encode(&published)?);
        }
    }
    Ok((facts, orders, pieces))
}

/// A stream and its encoder for each large table, in the order of the contract.
fn streams(project: &Project) -> Result<(Vec<Stream>, Vec<Encoder>), Failure> {
    let wanted = contract::LARGE.iter().copied().filter(|table| project.config.facts.wants(table));
    let made = wanted
        .flat_map(published_as)
        .map(|table| Stream::create(&project.split(), table, &project.config.publish.sinks))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(made.into_iter().unzip())
}

fn published_as(table: &'static Table) -> impl Iterator<Item = &'static Table> {
    published(table).iter().map(|form| form.table)
}
