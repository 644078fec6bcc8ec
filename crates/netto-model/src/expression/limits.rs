//! Limits on the length and depth of an SQL text, checked before it is parsed, so that no text overflows a stack or takes a minute. DuckDB reads a thousand terms that depend on each other, others fewer.

use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Parts of an expression: numbers, columns, operators, functions, ….
pub(super) const PARTS: usize = 5_000;
/// Parts that depend on each other: each term of a sum is one, and each level.
pub(super) const HEIGHT: usize = 250;
/// Brackets, functions, signs and cases in each other.
pub(super) const NESTING: usize = 64;
/// Characters of a text.
const LENGTH: usize = 100_000;

/// The tokens of an expression, without white space and comments.
pub(super) fn tokens(text: &str) -> Result<Vec<TokenWithSpan>, String> {
    if text.len() > LENGTH {
        return Err(format!("it is longer than {LENGTH} characters"));
    }
    let tokens =
        Tokenizer::new(&GenericDialect {}, text).tokenize_with_location().map_err(|error| error.to_string())?;
    Ok(tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_) | Token::EOF)).collect())
}

/// Words after which a new part begins that doesn't depend on what stands before it.
const SEPARATORS: [&str; 6] = ["when", "then", "else", "join", "on", "where"];

/// Whether a text is short and flat enough for a recursive parser.
///
/// # Errors
/// Which limit it exceeds.
pub fn within_limits(text: &str) -> Result<(), String> {
    let tokens = tokens(text)?;
    if tokens.len() > PARTS {
        return Err(format!("it has more than {PARTS} words and signs"));
    }
    // By level: how many words and signs stand in a row.
    let mut rows = vec![0_usize];
    for token in tokens {
        let word = match &token.token {
            Token::Word(word) if word.quote_style.is_none() => word.value.to_lowercase(),
            _ => String::new(),
        };
        match (&token.token, word.as_str()) {
            (Token::LParen | Token::LBracket, _) | (_, "case") => rows.push(0),
            (Token::RParen | Token::RBracket, _) | (_, "end") if rows.len() > 1 => rows.truncate(rows.len() - 1),
            _ => {}
        }
        if let Some(row) = rows.last_mut() {
            let begins = token.token == Token::Comma || SEPARATORS.contains(&word.as_str());
            *row = if begins { 0 } else { *row + 1 };
            if *row > 2 * HEIGHT {
                return Err(format!("more than {HEIGHT} terms depend on each other"));
            }
        }
        if rows.len() > NESTING {
            return Err(format!("it is nested more than {NESTING} deep"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_refuses_the_first_text_beyond_it() {
        let said = |text: &str| within_limits(text).err().unwrap_or_default();
        let list = |numbers: usize| format!("f({}1)", "1,".repeat(numbers));
        assert_eq!(said(&list(PARTS / 2 - 10)), "");
        assert_eq!(said(&list(PARTS / 2)), "it has more than 5000 words and signs");
        let sum = |terms: usize| vec!["1"; terms].join("+");
        assert_eq!(said(&sum(HEIGHT)), "");
        assert_eq!(said(&sum(HEIGHT + 1)), "more than 250 terms depend on each other");
        let nested = |levels: usize| format!("{}1{}", "(".repeat(levels), ")".repeat(levels));
        assert_eq!(said(&nested(NESTING - 1)), "");
        assert_eq!(said(&nested(NESTING)), "it is nested more than 64 deep");
        let spaces = |length: usize| format!("1{}", " ".repeat(length - 1));
        assert_eq!(said(&spaces(LENGTH)), "");
        assert_eq!(said(&spaces(LENGTH + 1)), "it is longer than 100000 characters");
    }
}
