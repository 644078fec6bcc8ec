//! Expressions as SQL text: for DuckDB, for Spark, and as a person would write them.

use super::node::{Arithmetic, Function, Kind, Node};
use crate::table::{Column, Type};

/// Who reads a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    DuckDb,
    Spark,
    /// Of a message: names and numbers as they were written.
    Person,
}

/// How strongly the parts of a text hold together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    Or,
    And,
    Not,
    Compare,
    Concat,
    Sum,
    Product,
    Sign,
    Whole,
}

impl Node {
    pub(super) fn print(&self, reader: Reader) -> String {
        Printer { reader }.text(self)
    }
}

struct Printer {
    reader: Reader,
}

impl Printer {
    fn text(&self, node: &Node) -> String {
        match node {
            Node::Number(value, text) => self.number(*value, text),
            Node::Text(text) => self.literal(text),
            Node::Date(_, text) => format!("date '{text}'"),
            Node::Condition(value) => value.to_string(),
            Node::Null(kind) => self.null(*kind),
            Node::Column(column) => self.column(column),
            Node::Negative(inner) => format!("-{}", self.inside(inner, Bond::Sign)),
            Node::Not(inner) => format!("not {}", self.inside(inner, Bond::Not)),
            Node::Arithmetic(left, operator, right) => self.arithmetic(node, left, *operator, right),
            Node::Concat(left, right) => {
                format!("{} || {}", self.inside(left, Bond::Concat), self.inside(right, Bond::Concat))
            }
            Node::Compare(left, operator, right) => {
                format!("{} {} {}", self.compared(left), operator.sign(), self.compared(right))
            }
            Node::And(left, right) => {
                format!("{} and {}", self.at_least(left, Bond::And), self.inside(right, Bond::And))
            }
            Node::Or(left, right) => format!("{} or {}", self.at_least(left, Bond::Or), self.inside(right, Bond::Or)),
            Node::IsNull(inner, negated) => {
                format!("{} is {}null", self.compared(inner), if *negated { "not " } else { "" })
            }
            Node::In(value, list, negated) => {
                format!("{} {}in ({})", self.compared(value), not(*negated), self.list(list))
            }
            Node::Between(parts, negated) => {
                let [value, low, high] = parts.as_ref();
                let [value, low, high] = [value, low, high].map(|part| self.compared(part));
                format!("{value} {}between {low} and {high}", not(*negated))
            }
            Node::Like(value, pattern, negated) => {
                format!("{} {}like {}", self.compared(value), not(*negated), self.literal(pattern))
            }
            Node::Case(branches, otherwise) => self.case(branches, otherwise.as_deref()),
            Node::Call(function, arguments) => self.call(*function, arguments),
            Node::Round(inner, places) => self.round(inner, *places),
        }
    }

    /// In brackets unless it holds together more strongly.
    fn inside(&self, node: &Node, bond: Bond) -> String {
        if bond_of(node) > bond { self.text(node) } else { format!("({})", self.text(node)) }
    }

    fn at_least(&self, node: &Node, bond: Bond) -> String {
        if bond_of(node) >= bond { self.text(node) } else { format!("({})", self.text(node)) }
    }

    fn compared(&self, node: &Node) -> String {
        self.inside(node, Bond::Compare)
    }

    fn arithmetic(&self, whole: &Node, left: &Node, operator: Arithmetic, right: &Node) -> String {
        let bond = bond_of(whole);
        // `%` stands where `*` does in some engines only.
        let mixed = matches!(left, Node::Arithmetic(_, other, _)
            if !other.is_sum() && (*other == Arithmetic::Modulo) != (operator == Arithmetic::Modulo));
        let left = if mixed { format!("({})", self.text(left)) } else { self.at_least(left, bond) };
        format!("{left} {} {}", operator.sign(), self.inside(right, bond))
    }

    fn case(&self, branches: &[(Node, Node)], otherwise: Option<&Node>) -> String {
        let mut text = "case".to_owned();
        for (condition, result) in branches {
            text += &format!(" when {} then {}", self.text(condition), self.text(result));
        }
        if let Some(otherwise) = otherwise {
            text += &format!(" else {}", self.text(otherwise));
        }
        text + " end"
    }

    fn call(&self, function: Function, arguments: &[Node]) -> String {
        let list = self.list(arguments);
        let called = format!("{}({list})", function.name());
        match (function, self.reader) {
            // Spark's are whole numbers.
            (Function::Floor | Function::Ceil, Reader::Spark) | (Function::Length, Reader::Spark | Reader::DuckDb) => {
                format!("cast({called} as double)")
            }
            // DuckDB makes one letter of one letter.
            (Function::Upper, Reader::DuckDb) => format!("upper(replace({list}, 'ß', 'ss'))"),
            _ => called,
        }
    }

    /// By steps that every engine takes alike: `round(x, 2)` itself is another number in Spark than in DuckDB.
    fn round(&self, inner: &Node, places: i32) -> String {
        let size = 10_i64.pow(places.unsigned_abs());
        match (self.reader, places) {
            (_, 0) => format!("round({})", self.text(inner)),
            (Reader::Person, _) => format!("round({}, {places})", self.text(inner)),
            (_, 1..) => format!("(round({} * {size}) / {size})", self.inside(inner, Bond::Product)),
            _ => format!("(round({} / {size}) * {size})", self.inside(inner, Bond::Product)),
        }
    }

    fn list(&self, nodes: &[Node]) -> String {
        nodes.iter().map(|node| self.text(node)).collect::<Vec<_>>().join(", ")
    }

    /// A short number is the same double after a detour through a decimal, and easier to read.
    fn number(&self, value: f64, text: &str) -> String {
        let short = text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match self.reader {
            Reader::Person => text.to_owned(),
            _ if short => format!("cast({text} as double)"),
            Reader::DuckDb => format!("{value:e}"),
            Reader::Spark => format!("{value:e}D"),
        }
    }

    fn literal(&self, text: &str) -> String {
        match self.reader {
            Reader::Spark => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            Reader::DuckDb | Reader::Person => format!("'{}'", text.replace('\'', "''")),
        }
    }

    fn null(&self, kind: Option<Kind>) -> String {
        let ty = match kind {
            Some(Kind::Number) => "double",
            Some(Kind::Text) if self.reader == Reader::Spark => "string",
            Some(Kind::Text) => "varchar",
            Some(Kind::Date) => "date",
            Some(Kind::Condition) => "boolean",
            None => return "null".into(),
        };
        if self.reader == Reader::Person { "null".into() } else { format!("cast(null as {ty})") }
    }

    fn column(&self, column: &Column) -> String {
        let quoted = match self.reader {
            Reader::DuckDb => format!("\"{}\"", column.name),
            Reader::Spark => format!("`{}`", column.name),
            Reader::Person => return column.name.to_owned(),
        };
        match column.ty {
            Type::Decimal | Type::Integer | Type::Ratio => format!("cast({quoted} as double)"),
            Type::Text | Type::Date | Type::Bool => quoted,
        }
    }
}

const fn not(negated: bool) -> &'static str {
    if negated { "not " } else { "" }
}

const fn bond_of(node: &Node) -> Bond {
    match node {
        Node::Or(..) => Bond::Or,
        Node::And(..) => Bond::And,
        Node::Not(_) => Bond::Not,
        Node::Compare(..) | Node::IsNull(..) | Node::In(..) | Node::Between(..) | Node::Like(..) => Bond::Compare,
        Node::Concat(..) => Bond::Concat,
        Node::Arithmetic(_, operator, _) if operator.is_sum() => Bond::Sum,
        Node::Arithmetic(..) => Bond::Product,
        Node::Negative(_) => Bond::Sign,
        _ => Bond::Whole,
    }
}
