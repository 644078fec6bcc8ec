//! Text → tree: operators by precedence, every part with its kind. Text that an engine can't read, that engines read differently, or that is too long or too deep for one of them is refused here, before anything runs.

use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use super::limits::{HEIGHT, NESTING, PARTS, tokens};
use super::node::{Arithmetic, Comparison, Function, Kind, Node};
use super::print::Reader;
use super::{ExpressionError, FUNCTIONS};
use crate::period::Period;
use crate::problem::did_you_mean;
use crate::table::{Column, Table};

/// The tree of a text, and the columns that it reads.
pub(super) fn parse(text: &str, tables: &[&'static Table]) -> Result<(Node, Vec<&'static Column>), ExpressionError> {
    let tokens = tokens(text).map_err(|reason| ExpressionError::syntax(text, reason))?;
    let mut parser = Parser { text, tables, tokens, next: 0, parts: 0, nesting: 0, columns: Vec::new() };
    let whole = parser.expression(0)?;
    match parser.peek() {
        Token::EOF => Ok((whole.node, parser.columns)),
        rest => Err(parser.syntax(format!("`{rest}` is left over"))),
    }
}

struct Parser<'a> {
    text: &'a str,
    tables: &'a [&'static Table],
    tokens: Vec<TokenWithSpan>,
    next: usize,
    parts: usize,
    nesting: usize,
    columns: Vec<&'static Column>,
}

/// A part with what its engine-side tree will look like.
struct Part {
    node: Node,
    height: usize,
}

/// What stands between or behind two parts.
#[derive(Clone, Copy)]
enum Operator {
    Or,
    And,
    Is,
    Compare(Comparison),
    In,
    Between,
    Like,
    Concat,
    Arithmetic(Arithmetic),
}

impl Operator {
    const fn strength(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Is => NOT + 1,
            Self::Compare(_) | Self::In | Self::Between | Self::Like => COMPARED,
            Self::Concat => COMPARED + 1,
            Self::Arithmetic(operator) if operator.is_sum() => COMPARED + 2,
            Self::Arithmetic(_) => COMPARED + 3,
        }
    }
}

const NOT: u8 = 3;
const COMPARED: u8 = 5;
const SIGN: u8 = 9;

type Parsed<T = Part> = Result<T, ExpressionError>;

impl Parser<'_> {
    // ── Tokens ────────────────────────────────────────────────────────────────────────────────────────────────────

    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::EOF, |token| &token.token)
    }

    fn after_next(&self) -> &Token {
        self.tokens.get(self.next + 1).map_or(&Token::EOF, |token| &token.token)
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == token;
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = is_word(self.peek(), word);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token) -> Parsed<()> {
        if self.take(token) { Ok(()) } else { Err(self.expected(&format!("`{token}`"))) }
    }

    fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    fn expected(&self, what: &str) -> ExpressionError {
        let found = match self.peek() {
            Token::EOF => "it ends".to_owned(),
            token => format!("there is `{token}`"),
        };
        self.syntax(format!("{what} was expected, but {found}"))
    }

    /// The fault with its place, where the text goes on for more than a few words.
    fn syntax(&self, reason: String) -> ExpressionError {
        let place = self.tokens.get(self.next).map(|token| token.span.start);
        let place = place.map(|at| match at.line {
            1 => format!(" (character {})", at.column),
            line => format!(" (line {line}, character {})", at.column),
        });
        ExpressionError::syntax(self.text, reason + &place.unwrap_or_default())
    }

    // ── Trees ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// A part made of others.
    fn part(&mut self, node: Node, heights: impl IntoIterator<Item = usize>) -> Parsed {
        self.parts += 1;
        let height = 1 + heights.into_iter().max().unwrap_or_default();
        if self.parts > PARTS {
            return Err(self.too_large(format!("it has more than {PARTS} parts")));
        }
        if height > HEIGHT {
            return Err(self.too_large(format!("more than {HEIGHT} terms or levels depend on each other")));
        }
        Ok(Part { node, height })
    }

    fn too_large(&self, reason: String) -> ExpressionError {
        ExpressionError::TooLarge { text: super::shortened(self.text), reason }
    }

    /// One level deeper.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting == NESTING {
            return Err(self.too_large(format!("it is nested more than {NESTING} deep")));
        }
        self.nesting += 1;
        let parsed = inner(self);
        self.nesting -= 1;
        parsed
    }

    fn expression(&mut self, weakest: u8) -> Parsed {
        let mut left = self.operand()?;
        while let Some((operator, negated)) = self.operator() {
            if operator.strength() <= weakest {
                break;
            }
            self.next += 1 + usize::from(negated);
            left = self.joined(left, operator, negated)?;
        }
        Ok(left)
    }

    /// The operator that comes next, and whether `not` stands before it.
    fn operator(&self) -> Option<(Operator, bool)> {
        let negated = is_word(self.peek(), "not");
        let token = if negated { self.after_next() } else { self.peek() };
        let word = |word: &str| is_word(token, word);
        let operator = match token {
            _ if word("in") => Operator::In,
            _ if word("between") => Operator::Between,
            _ if word("like") => Operator::Like,
            _ if negated => return None,
            _ if word("or") => Operator::Or,
            _ if word("and") => Operator::And,
            _ if word("is") => Operator::Is,
            Token::Eq | Token::DoubleEq => Operator::Compare(Comparison::Equal),
            Token::Neq => Operator::Compare(Comparison::NotEqual),
            Token::Lt => Operator::Compare(Comparison::Less),
            Token::LtEq => Operator::Compare(Comparison::LessOrEqual),
            Token::Gt => Operator::Compare(Comparison::Greater),
            Token::GtEq => Operator::Compare(Comparison::GreaterOrEqual),
            Token::StringConcat => Operator::Concat,
            Token::Plus => Operator::Arithmetic(Arithmetic::Plus),
            Token::Minus => Operator::Arithmetic(Arithmetic::Minus),
            Token::Mul => Operator::Arithmetic(Arithmetic::Times),
            Token::Div => Operator::Arithmetic(Arithmetic::Over),
            Token::Mod => Operator::Arithmetic(Arithmetic::Modulo),
            _ => return None,
        };
        Some((operator, negated))
    }

    fn joined(&mut self, left: Part, operator: Operator, negated: bool) -> Parsed {
        match operator {
            Operator::Or | Operator::And => {
                let right = self.expression(operator.strength())?;
                let heights = [left.height, right.height];
                let (left, right) = (boxed(left, Kind::Condition)?, boxed(right, Kind::Condition)?);
                let both = matches!(operator, Operator::And);
                self.part(if both { Node::And(left, right) } else { Node::Or(left, right) }, heights)
            }
            Operator::Is => {
                let negated = self.take_word("not");
                self.expect_word("null")?;
                let height = left.height;
                self.part(Node::IsNull(Box::new(left.node), negated), [height])
            }
            Operator::Compare(comparison) => {
                let right = self.expression(COMPARED)?;
                self.compared(left, comparison, right)
            }
            Operator::In => self.in_list(left, negated),
            Operator::Between => {
                let low = self.expression(COMPARED)?;
                self.expect_word("and")?;
                let high = self.expression(COMPARED)?;
                let (nodes, height) = alike(vec![left, low, high])?;
                let [value, low, high] = three(nodes);
                no_conditions(&value, &low)?;
                self.part(Node::Between(Box::new([value, low, high]), negated), [height])
            }
            Operator::Like => self.like(left, negated),
            Operator::Concat => {
                let right = self.expression(operator.strength())?;
                let heights = [left.height, right.height];
                let (left, right) = (boxed(left, Kind::Text)?, boxed(right, Kind::Text)?);
                self.part(Node::Concat(left, right), heights)
            }
            Operator::Arithmetic(arithmetic) => {
                let right = self.expression(operator.strength())?;
                let heights = [left.height, right.height];
                let (left, right) = (boxed(left, Kind::Number)?, boxed(right, Kind::Number)?);
                self.part(Node::Arithmetic(left, arithmetic, right), heights)
            }
        }
    }

    fn compared(&mut self, left: Part, comparison: Comparison, right: Part) -> Parsed {
        let (nodes, height) = alike(vec![left, right])?;
        let [left, right, _] = three(nodes);
        if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            no_conditions(&left, &right)?;
        }
        self.part(Node::Compare(Box::new(left), comparison, Box::new(right)), [height])
    }

    fn in_list(&mut self, value: Part, negated: bool) -> Parsed {
        self.expect(&Token::LParen)?;
        let mut parts = vec![value];
        parts.extend(self.nested(Self::list)?);
        let (mut nodes, height) = alike(parts)?;
        let list = nodes.split_off(1);
        let [value, ..] = three(nodes);
        self.part(Node::In(Box::new(value), list, negated), [height])
    }

    fn like(&mut self, value: Part, negated: bool) -> Parsed {
        let Token::SingleQuotedString(pattern) = self.peek().clone() else {
            return Err(self.expected("a pattern such as 'web%'"));
        };
        if pattern.contains('\\') {
            return Err(self.syntax("engines read a backslash in a pattern differently".into()));
        }
        self.next += 1;
        if is_word(self.peek(), "escape") {
            return Err(self.syntax("`escape` is not allowed".into()));
        }
        let height = value.height;
        let value = boxed(value, Kind::Text)?;
        self.part(Node::Like(value, pattern, negated), [height])
    }

    /// What stands between brackets, the first of which is read already.
    fn list(&mut self) -> Parsed<Vec<Part>> {
        let mut parts = vec![self.expression(0)?];
        while self.take(&Token::Comma) {
            parts.push(self.expression(0)?);
        }
        self.expect(&Token::RParen)?;
        Ok(parts)
    }

    fn operand(&mut self) -> Parsed {
        match self.peek().clone() {
            Token::Number(text, false) => self.number(text),
            Token::SingleQuotedString(text) => {
                self.next += 1;
                self.part(Node::Text(text), [])
            }
            Token::LParen => {
                self.next += 1;
                let inner = self.nested(|parser| parser.expression(0))?;
                self.expect(&Token::RParen)?;
                Ok(inner)
            }
            Token::Minus => {
                self.next += 1;
                let inner = self.nested(|parser| parser.expression(SIGN))?;
                let height = inner.height;
                let inner = boxed(inner, Kind::Number)?;
                self.part(Node::Negative(inner), [height])
            }
            Token::Plus => {
                self.next += 1;
                let inner = self.nested(|parser| parser.expression(SIGN))?;
                // A sign that does nothing leaves no trace: neither does it make a number of `null`.
                if inner.node.kind().is_none() {
                    return Ok(inner);
                }
                Ok(Part { height: inner.height, node: expected(inner.node, Kind::Number)? })
            }
            Token::Word(word) => self.word(&word),
            Token::EOF => Err(self.expected("a number, a column or a function")),
            other => Err(self.syntax(format!("`{other}` is not allowed"))),
        }
    }

    fn number(&mut self, text: String) -> Parsed {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => {
                self.next += 1;
                self.part(Node::Number(value, text), [])
            }
            _ => Err(self.syntax(format!("`{text}` is not a number"))),
        }
    }

    fn word(&mut self, word: &Word) -> Parsed {
        let name = word.value.to_lowercase();
        let plain = word.quote_style.is_none();
        match (name.as_str(), self.after_next()) {
            ("case", _) if plain => {
                self.next += 1;
                self.nested(Self::case)
            }
            ("not", _) if plain => {
                self.next += 1;
                let inner = self.nested(|parser| parser.expression(NOT))?;
                let height = inner.height;
                let inner = boxed(inner, Kind::Condition)?;
                self.part(Node::Not(inner), [height])
            }
            ("null", _) if plain => self.constant(Node::Null(None)),
            ("true", _) if plain => self.constant(Node::Condition(true)),
            ("false", _) if plain => self.constant(Node::Condition(false)),
            ("select" | "with", _) if plain => Err(ExpressionError::Construct(name)),
            ("date", Token::SingleQuotedString(day)) if plain => {
                let node = date(day)?;
                self.next += 1;
                self.constant(node)
            }
            (_, Token::LParen) if plain => {
                self.next += 2;
                self.nested(|parser| parser.function(name))
            }
            _ => self.column(&name, &word.value),
        }
    }

    fn constant(&mut self, node: Node) -> Parsed {
        self.next += 1;
        self.part(node, [])
    }

    fn column(&mut self, name: &str, written: &str) -> Parsed {
        let Some(column) = self.tables.iter().find_map(|table| table.column(name)) else {
            let known = self.tables.iter().flat_map(|table| table.columns).map(|column| column.name);
            let names: Vec<String> = self.tables.iter().map(|table| format!("`{}`", table.name)).collect();
            return Err(ExpressionError::UnknownColumn {
                name: written.to_owned(),
                tables: names.join(", "),
                suggestion: did_you_mean(written, known).map(str::to_owned),
            });
        };
        if !self.columns.contains(&column) {
            self.columns.push(column);
        }
        self.constant(Node::Column(column))
    }

    fn case(&mut self) -> Parsed {
        let operand = if is_word(self.peek(), "when") { None } else { Some(self.expression(0)?) };
        let (mut conditions, mut results) = (Vec::new(), Vec::new());
        while self.take_word("when") {
            let condition = self.expression(0)?;
            self.expect_word("then")?;
            conditions.push(match &operand {
                // `case channel when 'web' …` means `case when channel = 'web' …`.
                Some(Part { node, height }) => {
                    let operand = Part { node: node.clone(), height: *height };
                    self.compared(operand, Comparison::Equal, condition)?
                }
                None => Part { height: condition.height, node: expected(condition.node, Kind::Condition)? },
            });
            results.push(self.expression(0)?);
        }
        if conditions.is_empty() {
            return Err(self.expected("`when`"));
        }
        let otherwise = self.take_word("else");
        if otherwise {
            results.push(self.expression(0)?);
        }
        self.expect_word("end")?;
        let conditions_height = conditions.iter().map(|part| part.height).max().unwrap_or_default();
        let (mut results, height) = alike(results)?;
        let otherwise = if otherwise { results.pop().map(Box::new) } else { None };
        let branches = conditions.into_iter().map(|part| part.node).zip(results).collect();
        self.part(Node::Case(branches, otherwise), [conditions_height, height])
    }

    fn function(&mut self, name: String) -> Parsed {
        let known = FUNCTIONS.contains(&name.as_str());
        if !known {
            return Err(ExpressionError::Function(name));
        }
        let arguments = if self.take(&Token::RParen) { Vec::new() } else { self.list()? };
        let Some(function) = Function::named(&name) else { return self.round(arguments) };
        let (fewest, most) = function.arguments();
        if !(fewest..=most).contains(&arguments.len()) {
            return Err(ExpressionError::Arguments {
                function: name,
                wants: counted(fewest, most),
                found: arguments.len(),
            });
        }
        let height = arguments.iter().map(|part| part.height).max().unwrap_or_default();
        let nodes = match function {
            Function::Abs | Function::Ceil | Function::Floor | Function::Sqrt => each(arguments, Kind::Number)?,
            Function::Length | Function::Lower | Function::Upper => each(arguments, Kind::Text)?,
            Function::Coalesce | Function::Nullif => alike(arguments)?.0,
            Function::Greatest | Function::Least => {
                let (nodes, _) = alike(arguments)?;
                nodes.iter().try_for_each(|node| no_conditions(node, node))?;
                nodes
            }
        };
        self.part(Node::Call(function, nodes), [height])
    }

    /// `round(x)`, or to a number of decimals that stands in the text.
    fn round(&mut self, arguments: Vec<Part>) -> Parsed {
        let found = arguments.len();
        let mut arguments = arguments.into_iter();
        let (Some(value), places, None) = (arguments.next(), arguments.next(), arguments.next()) else {
            return Err(ExpressionError::Arguments { function: "round".into(), wants: counted(1, 2), found });
        };
        let places = match places.map(|part| part.node) {
            None => Some(0),
            Some(Node::Number(_, text)) => text.parse().ok(),
            Some(Node::Negative(inner)) => match *inner {
                Node::Number(_, text) => text.parse::<i32>().ok().map(|places| -places),
                _ => None,
            },
            Some(_) => None,
        };
        let Some(places) = places.filter(|places| (-12..=12).contains(places)) else {
            return Err(ExpressionError::Construct("round(…, n) unless n is a whole number from -12 to 12".into()));
        };
        let height = value.height;
        let value = boxed(value, Kind::Number)?;
        self.part(Node::Round(value, places), [height])
    }
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
}

fn counted(fewest: usize, most: usize) -> String {
    match (fewest, most) {
        (1, 1) => "one argument".into(),
        (2, 2) => "two arguments".into(),
        (1, 2) => "one or two arguments".into(),
        (1, _) => "at least one argument".into(),
        _ => "at least two arguments".into(),
    }
}

/// The part as one of that kind.
fn expected(node: Node, kind: Kind) -> Parsed<Node> {
    match node.kind() {
        None => Ok(with_kind(node, kind)),
        Some(found) if found == kind => Ok(node),
        Some(found) => Err(ExpressionError::Kind {
            part: super::shortened(&node.print(Reader::Person)),
            found: found.name(),
            wanted: kind.name(),
        }),
    }
}

fn boxed(part: Part, kind: Kind) -> Parsed<Box<Node>> {
    expected(part.node, kind).map(Box::new)
}

fn each(parts: Vec<Part>, kind: Kind) -> Parsed<Vec<Node>> {
    parts.into_iter().map(|part| expected(part.node, kind)).collect()
}

/// Parts that are compared, or stand for the same: all of one kind. A text next to a date is a date.
fn alike(parts: Vec<Part>) -> Parsed<(Vec<Node>, usize)> {
    let height = parts.iter().map(|part| part.height).max().unwrap_or_default();
    let any_date = parts.iter().any(|part| part.node.kind() == Some(Kind::Date));
    let first = parts.iter().find_map(|part| part.node.kind());
    let wanted = if any_date { Some(Kind::Date) } else { first };
    let Some(wanted) = wanted else { return Ok((parts.into_iter().map(|part| part.node).collect(), height)) };
    let node = |part: Part| match part.node {
        Node::Text(day) if wanted == Kind::Date => date(&day),
        node => expected(node, wanted),
    };
    Ok((parts.into_iter().map(node).collect::<Parsed<_>>()?, height))
}

/// NULLs of the kind that stands in their place.
fn with_kind(node: Node, kind: Kind) -> Node {
    match node {
        Node::Null(None) => Node::Null(Some(kind)),
        Node::Case(branches, otherwise) => Node::Case(
            branches.into_iter().map(|(condition, result)| (condition, with_kind(result, kind))).collect(),
            otherwise.map(|node| Box::new(with_kind(*node, kind))),
        ),
        Node::Call(function, arguments) => {
            Node::Call(function, arguments.into_iter().map(|node| with_kind(node, kind)).collect())
        }
        node => node,
    }
}

/// True and false have no order.
fn no_conditions(left: &Node, right: &Node) -> Parsed<()> {
    let condition = |node: &&Node| node.kind() == Some(Kind::Condition);
    [left, right].into_iter().find(condition).map_or(Ok(()), |node| {
        let part = super::shortened(&node.print(Reader::Person));
        Err(ExpressionError::Kind { part, found: Kind::Condition.name(), wanted: "a number, a text or a date" })
    })
}

/// The first three.
fn three(nodes: Vec<Node>) -> [Node; 3] {
    let mut nodes = nodes.into_iter();
    [(); 3].map(|()| nodes.next().unwrap_or(Node::Null(None)))
}

/// A day as it is written in SQL.
fn date(text: &str) -> Parsed<Node> {
    let day = || {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        let written = digits(year, 4) && digits(month, 2) && digits(day, 2);
        let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse::<i32>().ok()?);
        if !written || year == 0 || !(1..=12).contains(&month) {
            return None;
        }
        let first = Period::new(year, month).first_day();
        let length = Period::new(year, month).plus(1).first_day() - first;
        (1..=length).contains(&day).then(|| first + day - 1)
    };
    day().map(|day| Node::Date(day, text.to_owned())).ok_or_else(|| ExpressionError::NotADate(text.to_owned()))
}
