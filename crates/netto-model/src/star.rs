//! The star schema in which marts are published: whole numbers tell members of dimensions apart, and a table has one grain.
//!
//! ```text
//! inside                                        published
//! whale_curve(window_id, rank, customer_id, …)  whale_curve(window_key, window_id, rank, customer_key, customer_id, …)
//! sales_force(window_id, level, key, …)         sales_force_employee(window_key, …, employee_key, employee_id, …)
//!                                               sales_force_pair(window_key, …, pair_key, pair_id, …)
//!                                               dim_customer(customer_key, customer_id, name, …), 0 is (unknown)
//! ```
//! The form that a table is published in follows from its declaration alone: a column that names a member of a dimension gets the member's
//! key before it, and where a table holds several levels each becomes a table of its own.

use std::sync::{Mutex, PoisonError};

use crate::column as c;
use crate::contract::{
    DIM_ACTIVITY, DIM_CHANNEL, DIM_CUSTOMER, DIM_DATE, DIM_EMPLOYEE, DIM_MARKET, DIM_PAIR, DIM_PERIOD, DIM_POOL,
    DIM_PRODUCT, DIM_PRODUCT_GROUP, DIM_REGION, DIM_RUN, DIM_SUPPLIER, DIM_WAREHOUSE, DIM_WINDOW, UNKNOWN,
};
use crate::table::{Column, Level, Role, Stage, Table, Type};

/// The key of the member that stands for what isn't known.
pub const UNKNOWN_KEY: i64 = 0;

/// How the members of a dimension get their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// One after another, in the order of their ids; what has no id is `(unknown)`, with the key 0.
    Members,
    /// A day as a number: 20250331. No day, no key.
    Day,
    /// A month as a number: 202503.
    Month,
}

impl Keys {
    /// Whether a column of that type can name a member.
    fn are_for(self, ty: Type) -> bool {
        ty == if self == Self::Members { Type::Text } else { Type::Date }
    }
}

/// A dimension of the star.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// Its name.
    pub name: &'static str,
    /// The column that tells its members apart.
    pub id: &'static str,
    /// Other columns that name one of its members, wherever they stand.
    pub also: &'static [&'static str],
    /// How they get their keys.
    pub keys: Keys,
    /// Whether it is made of what the other tables name, as nothing is known of its members but their name.
    pub made: bool,
    /// Whether a table may name none of its members, so that it has one that is `(unknown)`.
    pub has_unknown: bool,
}

const fn dimension(table: &Table, id: &'static str) -> Dimension {
    Dimension { name: table.name, id, also: &[], keys: Keys::Members, made: false, has_unknown: true }
}

const fn closed(table: &Table, id: &'static str, keys: Keys) -> Dimension {
    Dimension { name: table.name, id, also: &[], keys, made: false, has_unknown: false }
}

const fn made(table: &Table, id: &'static str) -> Dimension {
    Dimension { name: table.name, id, also: &[], keys: Keys::Members, made: true, has_unknown: true }
}

/// Every dimension.
pub const DIMENSIONS: &[Dimension] = &[
    dimension(&DIM_CUSTOMER, c::CUSTOMER_ID),
    dimension(&DIM_PRODUCT, c::PRODUCT_ID),
    dimension(&DIM_EMPLOYEE, c::EMPLOYEE_ID),
    made(&DIM_PRODUCT_GROUP, c::PRODUCT_GROUP),
    made(&DIM_SUPPLIER, c::SUPPLIER_ID),
    made(&DIM_PAIR, c::PAIR_ID),
    made(&DIM_CHANNEL, c::CHANNEL),
    made(&DIM_MARKET, c::MARKET),
    made(&DIM_REGION, c::REGION),
    made(&DIM_WAREHOUSE, c::WAREHOUSE),
    Dimension { name: "dim_tier", id: c::TIER, also: &[], keys: Keys::Members, made: false, has_unknown: true },
    closed(&DIM_POOL, c::POOL, Keys::Members),
    closed(&DIM_ACTIVITY, c::ACTIVITY, Keys::Members),
    closed(&DIM_WINDOW, c::WINDOW, Keys::Members),
    closed(&DIM_PERIOD, c::PERIOD, Keys::Month),
    Dimension { also: &[c::ORDER_DATE], ..closed(&DIM_DATE, c::DATE, Keys::Day) },
];

/// Dimensions that only stand in the star: their tables, in the order in which they are published.
pub const MADE: &[&Table] =
    &[&DIM_PRODUCT_GROUP, &DIM_SUPPLIER, &DIM_PAIR, &DIM_CHANNEL, &DIM_MARKET, &DIM_REGION, &DIM_WAREHOUSE, &DIM_DATE];

/// Whether a published table is a dimension: one that others refer to, or `dim_run`, which tells of all of them.
#[must_use]
pub fn is_dimension(table: &Table) -> bool {
    Dimension::named(table.name).is_some() || table.name == DIM_RUN.name
}

impl Dimension {
    /// The dimension that a column names a member of: as it is declared, or by its name.
    #[must_use]
    pub fn of(column: &Column) -> Option<&'static Self> {
        let source = |name: &str| match name {
            "customers" => "dim_customer",
            "products" => "dim_product",
            "employees" => "dim_employee",
            _ => "",
        };
        let declared =
            |to: &str| DIMENSIONS.iter().find(|dimension| dimension.name == to || dimension.name == source(to));
        column.references.and_then(declared).or_else(|| {
            let is_id = |dimension: &&Self| dimension.id == column.name || dimension.also.contains(&column.name);
            DIMENSIONS.iter().filter(|_| column.references.is_none()).find(is_id)
        })
    }

    /// The dimension of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        DIMENSIONS.iter().find(|dimension| dimension.name == name)
    }

    /// What a member is, in a word or two: `product group`.
    fn member(&self) -> String {
        self.name.trim_start_matches("dim_").replace('_', " ")
    }
}

/// The column with the key of the member that a column names: `customer_key` for `customer_id`, `market_key` for `market`.
#[must_use]
pub fn key_of(column: &str) -> String {
    format!("{}_key", column.strip_suffix("_id").unwrap_or(column))
}

/// A table as it is published.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// As it is made.
    pub inside: &'static Table,
    /// The rows of it that it has; all where there are no levels.
    pub level: Option<&'static Level>,
    /// Its declaration.
    pub table: &'static Table,
    /// Its keys: each stands before the column that names the member.
    pub keys: &'static [KeyColumn],
}

/// A key of a published table.
#[derive(Clone, Copy, Debug)]
pub struct KeyColumn {
    /// Its name, such as `customer_key`.
    pub name: &'static str,
    /// The column that names the member, such as `customer_id`.
    pub id: &'static str,
    /// Where the member is.
    pub dimension: &'static Dimension,
}

/// The forms that a table is published in: itself, or one for each of its levels. Sources and rollups aren't published.
#[must_use]
pub fn published(inside: &'static Table) -> &'static [Published] {
    static KNOWN: Mutex<Vec<&[Published]>> = Mutex::new(Vec::new());
    if inside.stage != Stage::Mart {
        return &[];
    }
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let of_inside = |forms: &&&'static [Published]| forms.first().is_some_and(|form| form.inside == inside);
    if let Some(forms) = known.iter().find(of_inside) {
        return forms;
    }
    let forms = forms(inside);
    known.push(forms);
    forms
}

/// The tables that are published of those that are made, the dimensions that only stand in the star, and `dim_run`: each after those that it
/// refers to.
#[must_use]
pub fn tables(inside: impl IntoIterator<Item = &'static Table>) -> Vec<&'static Table> {
    let made = MADE.iter().copied().chain([&DIM_RUN]);
    let mut waiting: Vec<&'static Table> =
        inside.into_iter().chain(made).flat_map(|table| published(table).iter().map(|form| form.table)).collect();
    let mut ordered: Vec<&'static Table> = Vec::new();
    while !waiting.is_empty() {
        let waits_for = |table: &Table, other: &Table| {
            let refers = |column: &Column| column.references == Some(other.name);
            table.name != other.name && table.columns.iter().any(refers)
        };
        let (ready, rest): (Vec<_>, Vec<_>) =
            waiting.iter().copied().partition(|table| !waiting.iter().any(|other| waits_for(table, other)));
        // Two tables that refer to each other stand as they were given.
        if ready.is_empty() {
            ordered.extend(rest);
            break;
        }
        ordered.extend(ready);
        waiting = rest;
    }
    let (dimensions, others): (Vec<_>, Vec<_>) = ordered.into_iter().partition(|table| is_dimension(table));
    dimensions.into_iter().chain(others).collect()
}

/// A query over the published tables that gives a table as it was made: without keys, and with its levels together.
#[must_use]
pub fn as_made(inside: &'static Table) -> String {
    let query = |form: &Published| {
        let column = |column: &Column| match (column.name, form.level) {
            (c::LEVEL, Some(level)) => format!("'{}' as \"level\"", level.name),
            (c::KEY, Some(level)) => format!("\"{}\" as \"key\"", level.column),
            (name, _) => format!("\"{name}\""),
        };
        let columns: Vec<String> = inside.columns.iter().map(column).collect();
        let known = form.member().filter(|key| key.dimension.has_unknown);
        // What isn't known has its member in the star alone, unless somebody is called so.
        let known = known.map(|key| format!(" where {} <> {UNKNOWN_KEY} or {} = '{UNKNOWN}'", key.name, key.id));
        format!("select {} from \"{}\"{}", columns.join(", "), form.table.name, known.unwrap_or_default())
    };
    published(inside).iter().map(query).collect::<Vec<_>>().join(" union all ")
}

impl Published {
    /// Of a dimension: the key of its own members.
    #[must_use]
    pub fn member(&self) -> Option<&'static KeyColumn> {
        self.keys.iter().find(|key| key.dimension.name == self.inside.name && key.dimension.id == key.id)
    }
}

fn forms(inside: &'static Table) -> &'static [Published] {
    if inside.levels.is_empty() {
        return vec![form(inside, None)].leak();
    }
    inside.levels.iter().map(|level| form(inside, Some(level))).collect::<Vec<_>>().leak()
}

fn form(inside: &'static Table, level: Option<&'static Level>) -> Published {
    let own = Dimension::named(inside.name);
    let (mut columns, mut keys) = (Vec::new(), Vec::new());
    for column in inside.columns {
        let column = match level {
            Some(_) if column.name == c::LEVEL => continue,
            Some(level) if column.name == c::KEY => {
                let words = level.name.replace('_', " ");
                let (first, rest) = words.split_at(1);
                let description = leaked(format!("{}{rest}; empty if unknown", first.to_uppercase()));
                Column { name: level.column, description, ..*column }
            }
            _ => *column,
        };
        let Some(dimension) = Dimension::of(&column).filter(|dimension| dimension.keys.are_for(column.ty)) else {
            columns.push(column);
            continue;
        };
        let is_member = own == Some(dimension) && column.role == Role::Key;
        let text = match dimension.keys {
            Keys::Day => "The day as a number, such as 20250331".to_owned(),
            Keys::Month => "The month as a number, such as 202503".to_owned(),
            Keys::Members if is_member && dimension.has_unknown => {
                format!("Number of the {} in this run, in the order of ids; 0 is (unknown)", dimension.member())
            }
            Keys::Members if is_member => {
                format!("Number of the {} in this run, in the order of ids", dimension.member())
            }
            Keys::Members => format!("Number of the {}", dimension.member()),
        };
        let role = match column.role {
            Role::Key => Role::Key,
            // What has no day, and a window without one before it, has no key: neither has a member that stands for nothing.
            Role::Optional if !dimension.has_unknown => Role::Optional,
            _ => Role::Required,
        };
        let key = Column {
            name: leaked(key_of(column.name)),
            ty: Type::Integer,
            role,
            unit: crate::Unit::None,
            references: (!is_member).then_some(dimension.name),
            default: None,
            values: &[],
            sum: None,
            description: leaked(text),
        };
        keys.push(KeyColumn { name: key.name, id: column.name, dimension });
        let role = if column.role == Role::Key { Role::Required } else { column.role };
        columns.extend([key, Column { role, references: None, ..column }]);
    }
    let (name, description) = match level {
        Some(level) => (
            leaked(format!("{}_{}", inside.name, level.name)),
            leaked(format!(
                "{} Models read it as `{}`, with the level `{}`.",
                inside.description, inside.name, level.name
            )),
        ),
        None => (inside.name, inside.description),
    };
    let grain =
        level.map_or(inside.grain, |level| leaked(inside.grain.replace("level × key", &level.name.replace('_', " "))));
    let table = Table::new(name, inside.stage, grain, description, columns.leak());
    Published { inside, level, table: Box::leak(Box::new(table)), keys: keys.leak() }
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;
    use std::collections::BTreeSet;

    fn all() -> Vec<&'static Table> {
        tables(contract::marts().chain(contract::FACTS.iter().copied()))
    }

    #[test]
    fn every_reference_leads_to_the_key_of_a_dimension() {
        for table in all() {
            for column in table.columns {
                let Some(to) = column.references.filter(|to| to.starts_with("dim_")) else { continue };
                let target = all().into_iter().find(|table| table.name == to);
                let key = target.and_then(|target| target.keys().next()).map(|key| key.ty);
                assert_eq!(key, Some(Type::Integer), "{}.{} leads to {to}", table.name, column.name);
                assert_eq!(column.ty, Type::Integer, "{}.{}", table.name, column.name);
            }
        }
    }

    #[test]
    fn tables_have_one_grain_and_no_column_is_a_word_of_sql() {
        // What PostgreSQL, SQLite and DuckDB reserve, as far as anybody would call a column so.
        let reserved: BTreeSet<&str> = [
            "window", "order", "group", "user", "table", "column", "check", "limit", "end", "from", "to", "case",
            "when", "all", "any", "desc", "index",
        ]
        .into();
        let mut names = BTreeSet::new();
        for table in all() {
            assert!(names.insert(table.name), "{} is there twice", table.name);
            assert!(table.column(c::LEVEL).is_none() && table.column(c::KEY).is_none(), "{} has levels", table.name);
            for column in table.columns {
                assert!(!reserved.contains(column.name), "{}.{}", table.name, column.name);
            }
            let columns: BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), table.columns.len(), "{} names a column twice", table.name);
        }
    }

    #[test]
    fn a_table_with_levels_is_published_as_one_for_each() {
        let names: Vec<&str> = published(contract::model("sales_force")).iter().map(|form| form.table.name).collect();
        assert_eq!(names, ["sales_force_employee", "sales_force_pair"]);
        let pair = published(contract::model("sales_force")).last().map(|form| form.table).unwrap();
        let keys: Vec<&str> = pair.keys().map(|key| key.name).collect();
        assert_eq!((keys, pair.grain), (vec!["window_key", "pair_key"], "window × pair"));
        let text = as_made(contract::model("sales_force"));
        assert!(
            text.starts_with("select \"window_id\", 'employee' as \"level\", \"employee_id\" as \"key\", "),
            "{text}"
        );
        assert!(text.contains(" from \"sales_force_employee\" union all select "), "{text}");
        assert!(as_made(&DIM_MARKET).ends_with(" from \"dim_market\" where market_key <> 0 or market = '(unknown)'"));
    }
}
