//! How a table is declared: name, grain, and per column its type, unit and meaning.
//!
//! A declaration is data, so the validation of frames, the documentation, the DDL and the semantic models of
//! BI tools are all derived from it.
//!
//! ```
//! use netto_model::table::{Column, Stage, Table, Type, Unit};
//! const COLUMNS: &[Column] = &[
//!     Column::key("customer_id", Type::Text, "Customer"),
//!     Column::required("net_amount", Type::Decimal, "Invoiced amount").in_unit(Unit::Money),
//! ];
//! const TABLE: Table = Table::new("order", Stage::Rollup, "customer", "What was invoiced", COLUMNS);
//! assert_eq!(TABLE.keys().map(|column| column.name).collect::<Vec<_>>(), ["customer_id"]);
//! ```

use crate::column as c;

/// The step of the flow that owns a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// What the user's extracts are mapped to.
    Source,
    /// What the lake stores where that differs from the source.
    Lake,
    /// Additive measures made from order lines.
    Rollup,
    /// What BI tools read.
    Mart,
}

/// Type of a column. Each has one form in Polars, one in Arrow and Parquet, one in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// UTF-8 text.
    Text,
    /// 64-bit integer.
    Integer,
    /// `DECIMAL(18,4)` in files, `Int64` ten-thousandths in frames: money, quantities, minutes.
    Decimal,
    /// 64-bit float, for shares, ratios and factors; never money.
    Ratio,
    /// Day; a period is the first day of its month.
    Date,
    /// True or false.
    Bool,
}

impl Type {
    /// The type's name in standard SQL.
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Text => "VARCHAR",
            Self::Integer => "BIGINT",
            Self::Decimal => "DECIMAL(18,4)",
            Self::Ratio => "DOUBLE PRECISION",
            Self::Date => "DATE",
            Self::Bool => "BOOLEAN",
        }
    }

    /// The type's name in the schema of a Delta table.
    #[must_use]
    pub const fn delta(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "long",
            Self::Decimal => "decimal(18,4)",
            Self::Ratio => "double",
            Self::Date => "date",
            Self::Bool => "boolean",
        }
    }
}

/// What a number counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Not a measure.
    #[default]
    None,
    /// The company's currency.
    Money,
    /// Minutes of work.
    Minutes,
    /// Days.
    Days,
    /// Pieces, in the product's own unit of sale.
    Pieces,
    /// How many.
    Count,
    /// A part of one.
    Share,
    /// The unit of an activity's driver.
    Driver,
    /// Kilograms.
    Kilograms,
}

impl Unit {
    /// Whether numbers of this unit may be added up, unless a column says otherwise.
    const fn sum(self) -> Sum {
        match self {
            Self::Money | Self::Minutes | Self::Pieces | Self::Count | Self::Kilograms => Sum::Always,
            // Orders and kilometres don't add up: only what one activity takes does.
            Self::Driver => Sum::Within(c::ACTIVITY),
            Self::Days | Self::Share | Self::None => Sum::Never,
        }
    }
}

/// Over which rows of its table a number may be added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// Over any.
    Always,
    /// Over those that have one value in the column of that name: windows overlap, and what is open at the end of a month is open at the
    /// end of the next.
    Within(&'static str),
    /// Over none: ranks, prices, averages, what was cumulated, and what several rows tell of one thing.
    Never,
}

impl Sum {
    /// `always`, `within window_id`, `never`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Always => "always".to_owned(),
            Self::Within(column) => format!("within {column}"),
            Self::Never => "never".to_owned(),
        }
    }
}

/// What a column does in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Part of the grain's key: never null, unique together.
    Key,
    /// Never null.
    Required,
    /// May be null.
    Optional,
}

/// One column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, snake case.
    pub name: &'static str,
    /// Type.
    pub ty: Type,
    /// Key, required or optional.
    pub role: Role,
    /// What it counts.
    pub unit: Unit,
    /// The table whose key it holds.
    pub references: Option<&'static str>,
    /// What ingest fills in where the source has nothing; in text, as an extract would write it.
    pub default: Option<&'static str>,
    /// The only values allowed; empty when any is.
    pub values: &'static [&'static str],
    /// Over which rows it may be added up, where that doesn't follow from what it counts.
    pub sum: Option<Sum>,
    /// Meaning, in one sentence.
    pub description: &'static str,
}

impl Column {
    const fn new(name: &'static str, ty: Type, role: Role, description: &'static str) -> Self {
        Self { name, ty, role, unit: Unit::None, references: None, default: None, values: &[], sum: None, description }
    }

    /// A column of the grain's key.
    #[must_use]
    pub const fn key(name: &'static str, ty: Type, description: &'static str) -> Self {
        Self::new(name, ty, Role::Key, description)
    }

    /// A column that is never null.
    #[must_use]
    pub const fn required(name: &'static str, ty: Type, description: &'static str) -> Self {
        Self::new(name, ty, Role::Required, description)
    }

    /// A column that may be null.
    #[must_use]
    pub const fn optional(name: &'static str, ty: Type, description: &'static str) -> Self {
        Self::new(name, ty, Role::Optional, description)
    }

    /// Says what the column counts.
    #[must_use]
    pub const fn in_unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// Says whose key the column holds.
    #[must_use]
    pub const fn to(mut self, table: &'static str) -> Self {
        self.references = Some(table);
        self
    }

    /// Says what stands in an extract that leaves the column out.
    #[must_use]
    pub const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// Whether an extract must supply the column.
    #[must_use]
    pub const fn must_be_supplied(&self) -> bool {
        !matches!(self.role, Role::Optional) && self.default.is_none()
    }

    /// Says that it may never be added up, though it counts something that usually may.
    #[must_use]
    pub const fn never_summed(mut self) -> Self {
        self.sum = Some(Sum::Never);
        self
    }

    /// Says that it may be added up, though it counts something that usually may not.
    #[must_use]
    pub const fn summed(mut self) -> Self {
        self.sum = Some(Sum::Always);
        self
    }

    /// Says that it may be added up over rows only that have one value in another column.
    #[must_use]
    pub const fn summed_within(mut self, column: &'static str) -> Self {
        self.sum = Some(Sum::Within(column));
        self
    }

    /// Says which values are allowed.
    #[must_use]
    pub const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }
}

/// One table of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Name, singular (marts) or as the source is called, snake case.
    pub name: &'static str,
    /// Who owns it.
    pub stage: Stage,
    /// What one row is.
    pub grain: &'static str,
    /// Meaning, in one or two sentences.
    pub description: &'static str,
    /// The columns in their order.
    pub columns: &'static [Column],
    /// What the rows are of, where `level` and `key` say it: each level is published as a table of its own.
    pub levels: &'static [Level],
}

/// One of the things that rows of a table can be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// What stands in `level`.
    pub name: &'static str,
    /// What `key` is called where the level stands alone.
    pub column: &'static str,
}

impl Table {
    /// A declaration.
    #[must_use]
    pub const fn new(
        name: &'static str,
        stage: Stage,
        grain: &'static str,
        description: &'static str,
        columns: &'static [Column],
    ) -> Self {
        Self { name, stage, grain, description, columns, levels: &[] }
    }

    /// Says which levels the rows are of.
    #[must_use]
    pub const fn by(mut self, levels: &'static [Level]) -> Self {
        self.levels = levels;
        self
    }

    /// The columns of the grain's key.
    pub fn keys(&self) -> impl Iterator<Item = &'static Column> + use<> {
        self.columns.iter().filter(|column| column.role == Role::Key)
    }

    /// Over which rows a column may be added up. Windows overlap, so what they have is summed in one of them.
    #[must_use]
    pub fn sum(&self, column: &Column) -> Sum {
        let is_number = matches!(column.ty, Type::Integer | Type::Decimal | Type::Ratio) && column.references.is_none();
        if !is_number || column.role == Role::Key {
            return Sum::Never;
        }
        match column.sum.unwrap_or(column.unit.sum()) {
            Sum::Within(within) if self.column(within).is_none() => Sum::Never,
            Sum::Always if self.column(c::WINDOW).is_some() => Sum::Within(c::WINDOW),
            sum => sum,
        }
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
