//! What benches are fed with: a made-up distributor of any size, as the rollup would hand it on.

use netto_model::frame::{Contract, CostPools, CustomerMonth};
use netto_model::{DriverCell, DriverQuantities, Frame, Period, column as c};
use netto_profit::{ActivityConfig, PoolConfig, ProfitConfig};
use polars::prelude::*;

/// Two activities per pool: the first half of the pools by the clock, the others by drivers.
pub(crate) fn config(activities: &[String], practical_minutes: u32) -> ProfitConfig {
    let mut config = ProfitConfig::default();
    for (place, name) in activities.iter().enumerate() {
        let pool = format!("p{}", place / 2);
        let how = if place < activities.len() / 2 {
            "method = \"time\"\nminutes = \"1\""
        } else {
            "method = \"driver\"\nquantity = \"1\"\nshare = 0.5"
        };
        let activity: ActivityConfig = toml::from_str(&format!("pool = \"{pool}\"\n{how}")).unwrap();
        config.activities.insert(name.clone(), activity);
        let minutes = PoolConfig { practical_minutes: Some(practical_minutes), ..PoolConfig::default() };
        config.pools.insert(pool, minutes);
    }
    config
}

/// What customers bought, by month.
pub(crate) fn bought(keys: &[(Period, u32)]) -> Frame<CustomerMonth> {
    let amount = |factor: i64| keys.iter().map(|(_, who)| (i64::from(*who) % 997 + 1) * factor).collect::<Vec<_>>();
    frame(
        keys.iter().map(|(month, _)| *month),
        df!(c::CUSTOMER_ID => keys.iter().map(|(_, who)| id(*who)).collect::<Vec<_>>(),
            c::ORDERS => amount(1), c::LINES => amount(3), c::QUANTITY => amount(50_000), c::NET_AMOUNT => amount(900_000),
            c::LIST_AMOUNT => amount(1_000_000), c::DISCOUNT_AMOUNT => amount(100_000), c::COGS_AMOUNT => amount(700_000),
            c::FREIGHT_CHARGED => amount(10_000), c::LINES_BELOW_COST => amount(0), c::LINES_WITH_LIST => amount(3),
            c::LINES_WITH_COGS => amount(3), c::LINES_WITH_FREIGHT => amount(3)),
    )
}

/// What customers used of those activities that `uses` says, by its place.
pub(crate) fn used(
    keys: &[(Period, u32)],
    activities: &[String],
    uses: impl Fn(u32, usize) -> bool + Copy,
) -> DriverQuantities {
    let of_key = |&(month, who): &(Period, u32)| {
        (0..activities.len()).filter(move |&place| uses(who, place)).map(move |place| (month, who, place))
    };
    let cells = keys.iter().flat_map(of_key).map(|(month, who, place)| DriverCell {
        period: month.first_day(),
        customer: who,
        activity: u32::try_from(place).unwrap(),
        warehouse: 0,
        quantity: 10_000 + i64::from(who) * 7_919 % 500_000,
    });
    let customers = (0..=keys.iter().map(|(_, who)| *who).max().unwrap_or_default()).map(id).collect();
    DriverQuantities::try_new(customers, activities.to_vec(), vec![String::new()], cells.collect()).unwrap()
}

/// The same amount on every pool, each month.
pub(crate) fn booked(months: &[Period], pools: usize, amount: i64) -> Frame<CostPools> {
    let keys: Vec<(Period, usize)> =
        months.iter().flat_map(|month| (0..pools).map(move |pool| (*month, pool))).collect();
    let nothing = || vec![""; keys.len()];
    frame(
        keys.iter().map(|(month, _)| *month),
        df!(c::POOL => keys.iter().map(|(_, pool)| format!("p{pool}")).collect::<Vec<_>>(),
            c::GL_ACCOUNT => nothing(), c::CUSTOMER_ID => nothing(), c::BOOKING_ID => nothing(), c::WAREHOUSE => nothing(),
            c::AMOUNT => vec![amount; keys.len()], c::PRACTICAL_MINUTES => vec![None::<i64>; keys.len()],
            c::CURRENCY => vec![None::<&str>; keys.len()]),
    )
}

fn id(who: u32) -> String {
    format!("{who:06}")
}

/// The columns with the month before them, as the contract wants them.
fn frame<T: Contract>(months: impl Iterator<Item = Period>, columns: PolarsResult<DataFrame>) -> Frame<T> {
    let days = Series::new(c::PERIOD.into(), months.map(Period::first_day).collect::<Vec<_>>());
    let mut data = columns.unwrap();
    data.with_column(days.cast(&DataType::Date).unwrap().into_column()).unwrap();
    Frame::try_new(data.lazy()).unwrap()
}
