//! Turns internal tables into the published star: each id gets a key before it, levels become tables, and every key has its member.
//!
//! ```text
//! whale_curve   window_id  rank  customer_id          window_key  window_id  rank  customer_key  customer_id
//!               main       1     K2             →     3           main       1     2             K2
//!
//! dim_customer  customer_id  name                     customer_key  customer_id  name
//!               K1           Bakker             →     0                          (unknown)
//!               K2           K2                       1             K1           Bakker
//!                                                     2             K2           K2
//! ```
//! Keys are assigned once per run, in the order of the ids ([`netto_model::star`]). A name without a member is an error, so no reference dangles.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::period::civil_from_days;
use netto_model::star::{
    DIMENSIONS, Dimension, KeyColumn, Keys, MADE, Published, UNKNOWN_KEY, is_dimension, published,
};
use netto_model::{Mart, Period, Role, Table, column as c, contract};
use polars::prelude::*;

use crate::error::PublishError;
use crate::report::DAYS;

/// The name of a member without an id.
const UNKNOWN: &str = contract::UNKNOWN;

/// The keys of the members of every dimension.
#[derive(Clone, Debug, Default)]
pub struct Members(BTreeMap<&'static str, Keyed>);

/// The keys of a dimension's members.
#[derive(Clone, Debug, Default)]
struct Keyed {
    keys: BTreeMap<String, i64>,
    /// The same as a table, for joins.
    table: DataFrame,
}

impl Members {
    /// Assigns keys to ids, in their order; ids that have a key keep it, and new ones follow.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn extend(&mut self, dimension: &Dimension, ids: impl IntoIterator<Item = String>) -> PolarsResult<()> {
        let members = self.0.entry(dimension.name).or_default();
        let fresh: BTreeSet<String> =
            ids.into_iter().filter(|id| !is_unknown(id) && !members.keys.contains_key(id)).collect();
        if fresh.is_empty() && members.table.height() > 0 {
            return Ok(());
        }
        let mut last = members.keys.values().copied().max().unwrap_or(UNKNOWN_KEY);
        for id in fresh {
            last += 1;
            members.keys.insert(id, last);
        }
        let mut known: Vec<(&str, i64)> = members.keys.iter().map(|(id, key)| (id.as_str(), *key)).collect();
        if dimension.has_unknown {
            known.extend([("", UNKNOWN_KEY), (UNKNOWN, UNKNOWN_KEY)]);
        }
        let (ids, keys): (Vec<&str>, Vec<i64>) = known.into_iter().unzip();
        members.table = df!(ID => ids, KEY => keys)?;
        Ok(())
    }

    /// Assigns keys to the members of a dimension, in the dimension's own order if it has one, else in the order of their ids.
    fn ordered(&mut self, dimension: &Dimension, own: &Mart) -> PolarsResult<()> {
        if own.table.column(c::TIER_ORDER).is_none() {
            return self.extend(dimension, texts(&own.data, dimension.id)?);
        }
        let sorted = own.data.sort([c::TIER_ORDER], SortMultipleOptions::default())?;
        for id in sorted.column(dimension.id)?.str()?.iter().flatten() {
            self.extend(dimension, [id.to_owned()])?;
        }
        Ok(())
    }

    /// The ids that have a key.
    fn ids(&self, dimension: &Dimension) -> impl Iterator<Item = &str> {
        self.0.get(dimension.name).into_iter().flat_map(|members| members.keys.keys()).map(String::as_str)
    }

    /// Ids and keys of a dimension, under the column names that a plan joins by.
    fn table(&self, key: &KeyColumn) -> PolarsResult<LazyFrame> {
        let known = match self.0.get(key.dimension.name) {
            Some(members) => members.table.clone(),
            None => df!(ID => [""; 0], KEY => [0_i64; 0])?,
        };
        Ok(known.lazy().select([col(ID).alias(member_of(key)), col(KEY).alias(key.name)]))
    }

    /// The rows of a published form, with their keys.
    ///
    /// # Errors
    /// If a name has no member.
    pub fn keyed(&self, form: &Published, data: &DataFrame) -> Result<DataFrame, PublishError> {
        let mut data = of_level(form, data)?;
        let (looked_up, numbered): (Vec<&KeyColumn>, Vec<&KeyColumn>) =
            form.keys.iter().partition(|key| key.dimension.keys == Keys::Members);
        for key in numbered {
            let number = if key.dimension.keys == Keys::Day { day_number } else { month_number };
            let numbers = numbers(data.column(key.id)?, key.name, number)?;
            data.with_column(numbers.into_column())?;
        }
        let mut plan = data.lazy();
        for key in looked_up {
            let id = if key.dimension.has_unknown { col(key.id).fill_null(lit("")) } else { col(key.id) };
            let member = || [col(member_of(key))];
            plan = plan.with_column(id.alias(member_of(key))).join(self.table(key)?, member(), member(), in_order());
        }
        let names: Vec<Expr> = form.table.columns.iter().map(|column| col(column.name)).collect();
        let data = plan.select(names).collect()?;
        for key in form.keys {
            let required = form.table.column(key.name).is_some_and(|column| column.role != Role::Optional);
            let keys = data.column(key.name)?;
            if required && keys.null_count() > 0 {
                let name = data.column(key.id)?.filter(&keys.is_null())?.get(0)?.to_string();
                let (table, column, dimension) = (form.table.name, key.id, key.dimension.name);
                return Err(PublishError::NoMember { table, column, name, dimension });
            }
        }
        Ok(data)
    }

    /// A table in its published form: itself, or one table for each of its levels.
    ///
    /// # Errors
    /// If a name has no member.
    pub fn published(&self, mart: &Mart) -> Result<Vec<Mart>, PublishError> {
        let forms = published(mart.table).iter();
        forms.map(|form| Ok(Mart { table: form.table, data: self.keyed(form, &mart.data)? })).collect()
    }
}

/// A left join that keeps the order of rows.
fn in_order() -> JoinArgs {
    JoinArgs { maintain_order: MaintainOrderJoin::Left, ..JoinArgs::new(JoinType::Left) }
}

/// Columns of the members' tables.
const ID: &str = "id";
const KEY: &str = "key";

/// The column by which a key's members are looked up: no table has a column of that name.
fn member_of(key: &KeyColumn) -> String {
    format!("member of {}", key.name)
}

/// Whether an id means "unknown".
fn is_unknown(id: &str) -> bool {
    id.is_empty() || id == UNKNOWN
}

/// Adds a row for each missing member that any table names to the dimensions that sources may leave incomplete, so that a join loses nothing; `written` has the
/// members that tables already in files name, by dimension.
///
/// # Errors
/// When the engine fails.
pub fn complete(marts: &mut [Mart], written: &BTreeMap<&str, BTreeSet<String>>) -> PolarsResult<()> {
    // An added row refers to no other dimension, so the order of dimensions doesn't matter.
    for dimension in DIMENSIONS.iter().filter(|dimension| dimension.has_unknown && !dimension.made) {
        let mut ids = named(marts, dimension)?;
        ids.extend(written.get(dimension.name).into_iter().flatten().cloned());
        ids.retain(|id| !is_unknown(id));
        if let Some(mart) = marts.iter_mut().find(|mart| mart.table.name == dimension.name) {
            mart.data = with_members(&mart.data, dimension, &ids)?;
        }
    }
    Ok(())
}

/// The star of all tables that were made and completed: dimensions first, with a member for the unknown.
///
/// # Errors
/// If a name has no member.
pub fn star(marts: &[Mart], members: &Members) -> Result<Vec<Mart>, PublishError> {
    let mut members = members.clone();
    for dimension in DIMENSIONS.iter().filter(|dimension| dimension.keys == Keys::Members) {
        match marts.iter().find(|mart| mart.table.name == dimension.name) {
            Some(own) => members.ordered(dimension, own)?,
            None => members.extend(dimension, named(marts, dimension)?)?,
        }
    }
    let (dimensions, others): (Vec<&Mart>, Vec<&Mart>) = marts.iter().partition(|mart| is_dimension(mart.table));
    let mut star = Vec::new();
    for mart in dimensions {
        let mut published = members.published(&with_unknown(mart)?)?;
        for mart in &mut published {
            let keys: Vec<&str> = mart.table.keys().map(|key| key.name).collect();
            mart.data = mart.data.sort(keys, SortMultipleOptions::default())?;
        }
        star.extend(published);
    }
    for table in MADE {
        star.extend(members.published(&made(table, &members, marts)?)?);
    }
    for mart in others {
        star.extend(members.published(mart)?);
    }
    Ok(star)
}

/// The rows of a published form, before they have keys: those of its level, and `key` under its name.
fn of_level(form: &Published, data: &DataFrame) -> PolarsResult<DataFrame> {
    let Some(level) = form.level else { return Ok(data.clone()) };
    let of_level = data.clone().lazy().filter(col(c::LEVEL).eq(lit(level.name)));
    of_level.with_column(col(c::KEY).alias(level.column)).collect()
}

/// The ids of a dimension that tables refer to, other than the dimension itself.
fn named(marts: &[Mart], dimension: &Dimension) -> PolarsResult<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    for mart in marts.iter().filter(|mart| mart.table.name != dimension.name) {
        for form in published(mart.table) {
            let mut keys = form.keys.iter().filter(|key| key.dimension == dimension).peekable();
            if keys.peek().is_some() {
                let data = of_level(form, &mart.data)?;
                for key in keys {
                    ids.extend(texts(&data, key.id)?);
                }
            }
        }
    }
    Ok(ids)
}

fn texts(data: &DataFrame, column: &str) -> PolarsResult<BTreeSet<String>> {
    Ok(data.column(column)?.str()?.unique()?.iter().flatten().map(str::to_owned).collect())
}

/// The name shown for a member without one.
fn shown(id: &str) -> &str {
    if id.is_empty() { UNKNOWN } else { id }
}

/// A dimension with a row for `(unknown)`, if tables can refer to it and it has none.
fn with_unknown(mart: &Mart) -> PolarsResult<Mart> {
    let dimension = Dimension::named(mart.table.name).filter(|dimension| dimension.has_unknown);
    let Some(dimension) = dimension else { return Ok(mart.clone()) };
    if texts(&mart.data, dimension.id)?.iter().any(|id| is_unknown(id)) {
        return Ok(mart.clone());
    }
    let data = with_members(&mart.data, dimension, &BTreeSet::from([String::new()]))?;
    Ok(Mart { table: mart.table, data })
}

/// The dimension with a row for each missing member, in the order of the ids: the id is the name, and all else is empty.
fn with_members(data: &DataFrame, dimension: &Dimension, ids: &BTreeSet<String>) -> PolarsResult<DataFrame> {
    let known = texts(data, dimension.id)?;
    let lacking: Vec<&str> = ids.difference(&known).map(String::as_str).collect();
    if lacking.is_empty() {
        return Ok(data.clone());
    }
    let columns = data.columns().iter().map(|column| match column.name().as_str() {
        name if name == dimension.id => Column::new(name.into(), &lacking),
        c::NAME => Column::new(c::NAME.into(), lacking.iter().map(|id| shown(id)).collect::<Vec<_>>()),
        name => Column::full_null(name.into(), lacking.len(), column.dtype()),
    });
    let placeholders = DataFrame::new_infer_height(columns.collect())?;
    let mut whole = data.vstack(&placeholders)?.sort([dimension.id], SortMultipleOptions::default())?;
    whole.rechunk_mut();
    Ok(whole)
}

/// A dimension for which only the names of its members are known, or the days of the existing months.
fn made(table: &'static Table, members: &Members, marts: &[Mart]) -> PolarsResult<Mart> {
    let Some(dimension) = Dimension::named(table.name) else { return Ok(Mart::empty(table)) };
    if dimension.keys == Keys::Day {
        let periods = marts.iter().find(|mart| mart.table.name == contract::DIM_PERIOD.name);
        let months = periods.map(|mart| Ok::<_, PolarsError>(mart.data.column(c::PERIOD)?.date()?.physical().clone()));
        let months: Vec<i32> = months.transpose()?.map(|days| days.iter().flatten().collect()).unwrap_or_default();
        return Ok(Mart { table, data: days(&months)? });
    }
    let ids: Vec<&str> = [""].into_iter().chain(members.ids(dimension)).collect();
    let names: Vec<&str> = ids.iter().map(|id| shown(id)).collect();
    let mut data = df!(dimension.id => &ids, c::NAME => names)?;
    let employees = marts.iter().find(|mart| mart.table.name == contract::DIM_EMPLOYEE.name);
    if let Some(employees) = employees.filter(|_| dimension.id == c::PAIR_ID) {
        data = with_names_of_pairs(data, &employees.data)?;
    }
    Ok(Mart { table, data })
}

/// A pair is named after its members.
fn with_names_of_pairs(pairs: DataFrame, employees: &DataFrame) -> PolarsResult<DataFrame> {
    const BOTH: &str = "names of both";
    let both = employees.clone().lazy().sort([c::EMPLOYEE_ID], SortMultipleOptions::default());
    let both = both.group_by([col(c::PAIR_ID)]).agg([col(c::NAME).str().join(" & ", true).alias(BOTH)]);
    pairs
        .lazy()
        .join(both, [col(c::PAIR_ID)], [col(c::PAIR_ID)], in_order())
        .select([col(c::PAIR_ID), coalesce(&[col(BOTH), col(c::NAME)]).alias(c::NAME)])
        .collect()
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Every day of the months, which are given by their first days.
fn days(months: &[i32]) -> PolarsResult<DataFrame> {
    let (Some(first), Some(last)) = (months.iter().min(), months.iter().max()) else {
        return Ok(Mart::empty(&contract::DIM_DATE).data);
    };
    let days: Vec<i32> = (*first..Period::of_day(*last).plus(1).first_day()).collect();
    let each = |of: fn(i32) -> i64| days.iter().map(|day| of(*day)).collect::<Vec<i64>>();
    let texts = |of: fn(i32) -> String| days.iter().map(|day| of(*day)).collect::<Vec<String>>();
    let frame = df!(
        c::DATE => &days,
        c::PERIOD => days.iter().map(|day| Period::of_day(*day).first_day()).collect::<Vec<i32>>(),
        c::YEAR => each(|day| Period::of_day(day).year().into()),
        c::QUARTER => each(|day| Period::of_day(day).quarter().into()),
        c::MONTH => each(|day| Period::of_day(day).month().into()),
        c::MONTH_NAME => texts(|day| named_by(&MONTHS, Period::of_day(day).month())),
        c::DAY_OF_MONTH => each(|day| civil_from_days(day).2.into()),
        c::ISO_WEEK => texts(iso_week),
        c::DAY_OF_WEEK => each(|day| day_of_week(day).into()),
        c::DAY_NAME => texts(|day| named_by(&DAYS, day_of_week(day))),
    )?;
    frame.lazy().with_columns([col(c::DATE).cast(DataType::Date), col(c::PERIOD).cast(DataType::Date)]).collect()
}

fn named_by(names: &[&str], number: i32) -> String {
    let place = usize::try_from(number - 1).unwrap_or_default();
    names.get(place).copied().unwrap_or_default().to_owned()
}

/// 1 is Monday: 1970-01-01 was a Thursday.
const fn day_of_week(day: i32) -> i32 {
    (day + 3).rem_euclid(7) + 1
}

/// A week belongs to the year that its Thursday is in (ISO 8601).
fn iso_week(day: i32) -> String {
    let thursday = day - day_of_week(day) + 4;
    let (year, ..) = civil_from_days(thursday);
    let week = (thursday - Period::new(year, 1).first_day()) / 7 + 1;
    format!("{year}-W{week:02}")
}

/// `20250331`
fn day_number(day: i32) -> i64 {
    let (year, month, day) = civil_from_days(day);
    i64::from(year) * 10_000 + i64::from(month) * 100 + i64::from(day)
}

/// `202503`
fn month_number(day: i32) -> i64 {
    let month = Period::of_day(day);
    i64::from(month.year()) * 100 + i64::from(month.month())
}

fn numbers(days: &Column, name: &str, of: fn(i32) -> i64) -> PolarsResult<Series> {
    let numbers = days.date()?.physical().iter().map(|day| day.map(of));
    Ok(Int64Chunked::from_iter_options(name.into(), numbers).into_series())
}

/// A published table in its internal form: without keys, and with the levels in one table again.
///
/// # Errors
/// When a table can't be read, or isn't what was published.
pub(crate) fn unkeyed(
    table: &'static Table,
    read: impl Fn(&'static Table) -> Result<DataFrame, PublishError>,
) -> Result<DataFrame, PublishError> {
    let mut whole = Mart::empty(table).data;
    let names: Vec<Expr> = table.columns.iter().map(|column| col(column.name)).collect();
    for form in published(table) {
        let mut data = read(form.table)?.lazy();
        if let Some(own) = form.member().filter(|own| own.dimension.has_unknown) {
            // The row for the unknown exists only in the star, unless a member has that very name.
            data = data.filter(col(own.name).neq(lit(UNKNOWN_KEY)).or(col(own.id).eq(lit(UNKNOWN))));
        }
        if let Some(level) = form.level {
            data = data.with_columns([lit(level.name).alias(c::LEVEL), col(level.column).alias(c::KEY)]);
        }
        whole.vstack_mut(&data.select(names.clone()).collect()?)?;
    }
    if table.levels.is_empty() {
        whole.rechunk_mut();
        return Ok(whole);
    }
    let keys: Vec<PlSmallStr> = table.keys().map(|key| key.name.into()).collect();
    Ok(whole.sort(keys, SortMultipleOptions::default())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::contract::{DIM_CUSTOMER, DIM_EMPLOYEE, DIM_PERIOD};

    fn mart(table: &'static Table, data: PolarsResult<DataFrame>) -> Mart {
        let data = data.unwrap();
        let columns = table.columns.iter().map(|column| match data.column(column.name) {
            Ok(found) => found.cast(&netto_model::frame::polars_type(column.ty)).unwrap(),
            Err(_) => Column::full_null(column.name.into(), data.height(), &netto_model::frame::polars_type(column.ty)),
        });
        Mart { table, data: DataFrame::new_infer_height(columns.collect()).unwrap() }
    }

    fn lines(mart: &Mart, columns: &[&str]) -> Vec<String> {
        let cells = |row| {
            columns
                .iter()
                .map(|name| mart.data.column(name).unwrap().get(row).unwrap().str_value().into_owned())
                .collect::<Vec<_>>()
        };
        (0..mart.data.height()).map(|row| cells(row).join("|")).collect()
    }

    fn tables() -> Vec<Mart> {
        vec![
            mart(
                &DIM_CUSTOMER,
                df!(c::CUSTOMER_ID => ["K1", "K2"], c::NAME => ["Bakker", "K2"], c::MARKET => [Some("Bouw"), None],
                c::ACCOUNT_MANAGER => [None, Some("M9")]),
            ),
            mart(&DIM_EMPLOYEE, df!(c::EMPLOYEE_ID => ["M1"], c::NAME => ["Jan"], c::PAIR_ID => ["P1"])),
            mart(&DIM_PERIOD, df!(c::PERIOD => [20_148], c::LABEL => ["2025-03"])),
        ]
    }

    #[test]
    fn keys_stand_before_names_and_each_has_its_member() {
        let mut tables = tables();
        complete(&mut tables, &BTreeMap::new()).unwrap();
        let star = star(&tables, &Members::default()).unwrap();
        let of = |name: &str| star.iter().find(|mart| mart.table.name == name).unwrap();
        let customers =
            lines(of("dim_customer"), &["customer_key", "customer_id", "name", "market_key", "account_manager_key"]);
        assert_eq!(customers, ["0||(unknown)|0|0", "1|K1|Bakker|1|0", "2|K2|K2|0|2"]);
        assert_eq!(
            lines(of("dim_employee"), &["employee_key", "employee_id", "name", "pair_key"]),
            ["0||(unknown)|0", "1|M1|Jan|1", "2|M9|M9|0"]
        );
        assert_eq!(lines(of("dim_pair"), &["pair_key", "pair_id", "name"]), ["0||(unknown)", "1|P1|Jan"]);
        assert_eq!(lines(of("dim_market"), &["market_key", "market", "name"]), ["0||(unknown)", "1|Bouw|Bouw"]);
        assert_eq!(lines(of("dim_period"), &["period_key", "label"]), ["202503|2025-03"]);
        let days = of("dim_date");
        assert_eq!(
            (
                days.data.height(),
                lines(days, &["date_key", "period_key", "iso_week", "day_name", "month_name"]).pop().unwrap()
            ),
            (31, "20250331|202503|2025-W14|Monday|March".to_owned())
        );
    }

    #[test]
    fn a_name_without_a_member_is_an_error() {
        let whale = contract::model("whale_curve");
        let curve = mart(whale, df!(c::WINDOW => ["main"], c::RANK => [1_i64], c::CUSTOMER_ID => ["K1"]));
        let refused = Members::default().published(&curve).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "table `whale_curve`: its window_id refers to \"main\", which is not in `dim_window`"
        );
    }

    #[test]
    fn members_keep_their_keys_and_new_ones_come_behind() {
        let dimension = Dimension::named("dim_channel").unwrap();
        let mut members = Members::default();
        members.extend(dimension, ["web", "edi", ""].map(str::to_owned)).unwrap();
        members.extend(dimension, ["phone", "web"].map(str::to_owned)).unwrap();
        assert_eq!(
            members.0["dim_channel"].keys,
            BTreeMap::from([("edi".to_owned(), 1), ("web".to_owned(), 2), ("phone".to_owned(), 3)])
        );
    }

    #[test]
    fn weeks_and_days_are_those_of_iso_8601() {
        let day = |year, month, day| netto_model::period::days_from_civil(year, month, day);
        for (of, week, weekday) in
            [(day(2024, 12, 30), "2025-W01", 1), (day(2027, 1, 3), "2026-W53", 7), (day(2025, 3, 6), "2025-W10", 4)]
        {
            assert_eq!((iso_week(of).as_str(), day_of_week(of)), (week, weekday));
        }
    }

    #[test]
    fn who_is_named_and_not_known_gets_a_row() {
        let table = Dimension::named("dim_employee").unwrap();
        let data = df!(c::EMPLOYEE_ID => ["M01"], c::NAME => ["Jan"], c::ROLE => [Some("field")], c::PAIR_ID => [None::<&str>]).unwrap();
        let named = BTreeSet::from(["M01", "M99"].map(str::to_owned));
        let whole = with_members(&data, table, &named).unwrap();
        let texts = |name: &str| {
            whole
                .column(name)
                .unwrap()
                .str()
                .unwrap()
                .iter()
                .map(|text| text.unwrap_or("–").to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(c::EMPLOYEE_ID), ["M01", "M99"]);
        assert_eq!(texts(c::NAME), ["Jan", "M99"]);
        assert_eq!(texts(c::ROLE), ["field", "–"]);
    }
}
