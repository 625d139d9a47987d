//! The words and signs of an expression.

use super::invalid;
use crate::refusal::Refusal;

/// A word or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword, the name of a function or of an attribute.
    Word(String),
    /// `#name`.
    Name(String),
    /// `:value`.
    Value(String),
    /// A place in a list.
    Index(usize),
    Sign(&'static str),
}

/// The most bytes of an expression.
const LONGEST: usize = 4096;
/// The longer ones first.
const SIGNS: [&str; 14] = ["<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", "+", "-", "[", "]"];

pub(super) fn tokens(expression: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = expression.trim_start();
    if rest.is_empty() {
        return Err(invalid("it is empty"));
    }
    if expression.len() > LONGEST {
        return Err(invalid("it is too long"));
    }
    while let Some(first) = rest.chars().next() {
        let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        let length = if let Some(sign) = sign {
            tokens.push(Token::Sign(sign));
            sign.len()
        } else {
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let marked = usize::from(matches!(first, '#' | ':'));
            let length = marked + rest[marked..].find(|letter| !is_part(letter)).unwrap_or(rest.len() - marked);
            let text = rest[..length].to_owned();
            tokens.push(match first {
                _ if length == marked => return Err(invalid(&format!("a syntax error near {rest}"))),
                '#' => Token::Name(text),
                ':' => Token::Value(text),
                '0'..='9' => Token::Index(text.parse().map_err(|_| invalid("a place in a list expected"))?),
                _ => Token::Word(text),
            });
            length
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}
