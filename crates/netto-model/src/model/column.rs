//! What stands behind a column of the last SELECT: `-- money?: Gross margin ÷ orders; empty without an order`.

use sqlparser::ast::{Expr, SelectItem, SetExpr};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Whitespace};

use super::{ModelError, kept};
use crate::query::{Query, QueryError};
use crate::table::{Column, Role, Sum, Type, Unit};

/// The words for a type and its unit.
const KINDS: [(&str, Type, Unit); 14] = [
    ("text", Type::Text, Unit::None),
    ("date", Type::Date, Unit::None),
    ("bool", Type::Bool, Unit::None),
    ("integer", Type::Integer, Unit::None),
    ("count", Type::Integer, Unit::Count),
    ("whole days", Type::Integer, Unit::Days),
    ("money", Type::Decimal, Unit::Money),
    ("minutes", Type::Decimal, Unit::Minutes),
    ("pieces", Type::Decimal, Unit::Pieces),
    ("kilograms", Type::Decimal, Unit::Kilograms),
    ("driver", Type::Decimal, Unit::Driver),
    ("share", Type::Ratio, Unit::Share),
    ("ratio", Type::Ratio, Unit::None),
    ("days", Type::Ratio, Unit::Days),
];

/// The columns of the last SELECT with their descriptions.
pub(super) fn read(text: &str, query: &Query) -> Result<Vec<Column>, ModelError> {
    let SetExpr::Select(select) = query.body() else {
        return Err(QueryError::Construct("union as the last SELECT".into()).into());
    };
    let comments = comments(text)?;
    let names = select.projection.iter().map(name).collect::<Result<Vec<_>, _>>()?;
    if names.len() != comments.len() {
        let reason = "the columns of the last SELECT can't be separated".to_owned();
        return Err(ModelError::Head { line: 1, reason });
    }
    names.into_iter().zip(comments).map(|(name, (line, comment))| column(&name, line, &comment)).collect()
}

fn name(item: &SelectItem) -> Result<String, QueryError> {
    Ok(match item {
        SelectItem::ExprWithAlias { alias, .. } => alias.value.clone(),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => name.value.clone(),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => {
            parts.last().map(|part| part.value.clone()).unwrap_or_default()
        }
        other => return Err(QueryError::Construct(format!("{other}` without `as name"))),
    })
}

/// The line and the comment of each column of the last SELECT: what is said behind it, up to where the next begins.
fn comments(text: &str) -> Result<Vec<(usize, String)>, ModelError> {
    let tokens = Tokenizer::new(&GenericDialect {}, text).tokenize_with_location();
    let tokens = tokens.map_err(|error| QueryError::Syntax(error.to_string()))?;
    let (mut depth, mut inside, mut begun) = (0_usize, false, false);
    let mut found: Vec<(usize, String)> = Vec::new();
    for TokenWithSpan { token, span } in tokens {
        match &token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        match &token {
            Token::Word(word) if depth == 0 && word.keyword == Keyword::SELECT => {
                (inside, begun) = (true, false);
                found.clear();
            }
            Token::Word(word) if depth == 0 && word.keyword == Keyword::FROM => inside = false,
            Token::Whitespace(Whitespace::SingleLineComment { comment, .. }) if inside => {
                if let Some((_, said)) = found.last_mut() {
                    *said += if said.is_empty() { "" } else { " " };
                    *said += comment.trim();
                }
            }
            Token::Comma if inside && depth == 0 => begun = false,
            Token::Whitespace(_) => {}
            _ if inside && !begun => {
                begun = true;
                found.push((usize::try_from(span.start.line).unwrap_or_default(), String::new()));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// `never summed`, or `summed within period`.
fn sum(said: &str) -> Option<Sum> {
    match said.strip_prefix("summed within ") {
        Some(column) => Some(Sum::Within(kept(column.trim().to_owned()))),
        None => (said == "never summed").then_some(Sum::Never),
    }
}

fn not_a_sum(said: &str) -> String {
    format!("`{}` is not a rule for sums: write `never summed` or `summed within period`", said.trim())
}

fn column(name: &str, line: usize, comment: &str) -> Result<Column, ModelError> {
    let refused = |reason: String| ModelError::Column { line, column: name.to_owned(), reason };
    let form = "`-- money: What it means`";
    let Some((declared, description)) = comment.split_once(": ") else {
        return Err(refused(format!("write its type and meaning after it, such as {form}")));
    };
    let (declared, values) = match declared.split_once('(') {
        Some((declared, values)) => (declared, values.trim().trim_end_matches(')').split('|').collect()),
        None => (declared, Vec::new()),
    };
    let (declared, target) = match declared.split_once('→') {
        Some((declared, target)) => (declared, Some(target.trim().to_owned())),
        None => (declared, None),
    };
    let (declared, sum) = match declared.split_once(',') {
        Some((declared, said)) => (declared, Some(sum(said.trim()).ok_or_else(|| refused(not_a_sum(said)))?)),
        None => (declared, None),
    };
    let word = declared.trim();
    let (word, role) = word.strip_suffix('?').map_or((word, Role::Required), |word| (word, Role::Optional));
    let Some((_, ty, unit)) = KINDS.iter().find(|(kind, ..)| *kind == word) else {
        let kinds = KINDS.map(|(kind, ..)| kind).join(", ");
        return Err(refused(format!("`{word}` is not a type; the types are {kinds}")));
    };
    let values: Vec<&'static str> = values.into_iter().map(|value| kept(value.trim().to_owned())).collect();
    Ok(Column {
        name: kept(name.to_owned()),
        ty: *ty,
        role,
        unit: *unit,
        references: target.map(kept),
        default: None,
        values: values.leak(),
        sum,
        description: kept(description.trim().to_owned()),
    })
}
