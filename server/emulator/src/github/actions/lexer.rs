//! The tokens of an expression.

use std::fmt;

use super::expression::Value;

/// The longest expression (docs.github.com names 21,000 characters).
const BYTES_MAX: usize = 21_000;
const SIGNS: [&str; 8] = ["==", "!=", "&&", "||", "!", "(", ")", ","];

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Literal(Value),
    Name(String),
    Sign(&'static str),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => f.write_str(&value.text()),
            Self::Name(name) => f.write_str(name),
            Self::Sign(sign) => f.write_str(sign),
        }
    }
}

/// Splits an expression into tokens.
///
/// # Errors
/// The text that is not a token.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    if text.len() > BYTES_MAX {
        return Err("an expression is too long".to_owned());
    }
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = if first == '\'' {
            quoted(rest)?
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            (Token::Sign(sign), &rest[sign.len()..])
        } else {
            word(rest)?
        };
        all.push(token);
        rest = after.trim_start();
    }
    Ok(all)
}

/// A text between quotes, in which two quotes are one.
fn quoted(rest: &str) -> Result<(Token, &str), String> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '\'' {
            text.push(letter);
        } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok((Token::Literal(Value::Text(text)), &rest[at + 1..]));
        }
    }
    Err(format!("{rest}: a quote is missing"))
}

fn word(rest: &str) -> Result<(Token, &str), String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    let token = match word {
        "" => return Err(format!("{rest} is not understood")),
        "true" => Token::Literal(Value::Bool(true)),
        "false" => Token::Literal(Value::Bool(false)),
        "null" => Token::Literal(Value::Null),
        _ => match word.parse() {
            Ok(number) if !word.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                Token::Literal(Value::Number(number))
            }
            _ => Token::Name(word.to_owned()),
        },
    };
    Ok((token, after))
}
