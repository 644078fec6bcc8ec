//! An expression as a tree: parsed once, its types known; then printed for an engine or evaluated row by row.

use crate::table::{Column, Type, Unit};

/// What a part of an expression yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    Date,
    Condition,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Date => "a date",
            Self::Condition => "true or false",
        }
    }

    pub(super) const fn of(column: &Column) -> Self {
        match column.ty {
            Type::Integer | Type::Decimal | Type::Ratio => Self::Number,
            Type::Text => Self::Text,
            Type::Date => Self::Date,
            Type::Bool => Self::Condition,
        }
    }
}

/// A part of an expression. Numbers are IEEE doubles, whatever the column's type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// A number, as it was written.
    Number(f64, String),
    Text(String),
    /// A day, counted from 1970-01-01, as it was written.
    Date(i32, String),
    Condition(bool),
    /// Of the kind that stands in its place, where that is known.
    Null(Option<Kind>),
    Column(&'static Column),
    Negative(Box<Node>),
    Not(Box<Node>),
    Arithmetic(Box<Node>, Arithmetic, Box<Node>),
    Concat(Box<Node>, Box<Node>),
    Compare(Box<Node>, Comparison, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    /// `x is null`; `true`: `x is not null`.
    IsNull(Box<Node>, bool),
    /// `x in (…)`; `true`: `x not in (…)`.
    In(Box<Node>, Vec<Node>, bool),
    /// `x between low and high`; `true`: `x not between …`.
    Between(Box<[Node; 3]>, bool),
    /// `x like 'pattern'`; `true`: `x not like …`.
    Like(Box<Node>, String, bool),
    /// Conditions with their results, and the result where none holds.
    Case(Vec<(Node, Node)>, Option<Box<Node>>),
    Call(Function, Vec<Node>),
    /// To so many decimals; below zero to tens, hundreds, ….
    Round(Box<Node>, i32),
}

impl Node {
    /// Whether its number grows with amounts, pieces or weights, and is zero where they are.
    pub(super) fn grows_with_goods(&self) -> bool {
        match self {
            Self::Column(column) => matches!(column.unit, Unit::Money | Unit::Pieces | Unit::Kilograms),
            Self::Negative(inner) | Self::Round(inner, _) => inner.grows_with_goods(),
            Self::Arithmetic(left, Arithmetic::Times, right) => left.grows_with_goods() || right.grows_with_goods(),
            Self::Arithmetic(left, Arithmetic::Over, right) => left.grows_with_goods() && !right.grows_with_goods(),
            Self::Arithmetic(left, sign, right) if sign.is_sum() => left.grows_with_goods() && right.grows_with_goods(),
            Self::Case(cases, otherwise) => {
                let results = || cases.iter().map(|(_, result)| result).chain(otherwise.as_deref());
                results().any(Self::grows_with_goods) && results().all(|one| one.grows_with_goods() || one.is_zero())
            }
            Self::Call(_, given) => given.first().is_some_and(Self::grows_with_goods),
            _ => false,
        }
    }

    fn is_zero(&self) -> bool {
        matches!(self, Self::Null(_)) || matches!(self, Self::Number(number, _) if number.abs() < f64::EPSILON)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Plus,
    Minus,
    Times,
    Over,
    Modulo,
}

impl Arithmetic {
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Over => "/",
            Self::Modulo => "%",
        }
    }

    pub(super) const fn is_sum(self) -> bool {
        matches!(self, Self::Plus | Self::Minus)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// The functions of [`super::FUNCTIONS`], `round` excepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Ceil,
    Coalesce,
    Floor,
    Greatest,
    Least,
    Length,
    Lower,
    Nullif,
    Sqrt,
    Upper,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "abs" => Self::Abs,
            "ceil" => Self::Ceil,
            "coalesce" => Self::Coalesce,
            "floor" => Self::Floor,
            "greatest" => Self::Greatest,
            "least" => Self::Least,
            "length" => Self::Length,
            "lower" => Self::Lower,
            "nullif" => Self::Nullif,
            "sqrt" => Self::Sqrt,
            "upper" => Self::Upper,
            _ => return None,
        })
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Abs => "abs",
            Self::Ceil => "ceil",
            Self::Coalesce => "coalesce",
            Self::Floor => "floor",
            Self::Greatest => "greatest",
            Self::Least => "least",
            Self::Length => "length",
            Self::Lower => "lower",
            Self::Nullif => "nullif",
            Self::Sqrt => "sqrt",
            Self::Upper => "upper",
        }
    }

    /// The fewest and the most arguments.
    pub(super) const fn arguments(self) -> (usize, usize) {
        match self {
            Self::Coalesce => (1, usize::MAX),
            Self::Greatest | Self::Least => (2, usize::MAX),
            Self::Nullif => (2, 2),
            Self::Abs | Self::Ceil | Self::Floor | Self::Length | Self::Lower | Self::Sqrt | Self::Upper => (1, 1),
        }
    }
}

impl Node {
    /// What it yields; nothing for a bare NULL, which fits everywhere.
    pub(super) fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Number(..) | Self::Negative(_) | Self::Arithmetic(..) | Self::Round(..) => Kind::Number,
            Self::Text(_) | Self::Concat(..) => Kind::Text,
            Self::Date(..) => Kind::Date,
            Self::Null(kind) => return *kind,
            Self::Column(column) => Kind::of(column),
            Self::Condition(_)
            | Self::Not(_)
            | Self::Compare(..)
            | Self::And(..)
            | Self::Or(..)
            | Self::IsNull(..)
            | Self::In(..)
            | Self::Between(..)
            | Self::Like(..) => Kind::Condition,
            Self::Case(branches, otherwise) => {
                return branches.iter().map(|(_, result)| result).chain(otherwise.as_deref()).find_map(Self::kind);
            }
            Self::Call(function, arguments) => match function {
                Function::Abs | Function::Ceil | Function::Floor | Function::Length | Function::Sqrt => Kind::Number,
                Function::Lower | Function::Upper => Kind::Text,
                Function::Coalesce | Function::Greatest | Function::Least | Function::Nullif => {
                    return arguments.iter().find_map(Self::kind);
                }
            },
        })
    }
}
