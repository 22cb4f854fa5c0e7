//! The tokens of a query.

use super::error::{Place, QueryError};
use super::literal::{literal, quoted};
use crate::ticks;
use crate::types::{Type, Value};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Letters, digits and `_`; also operators such as `!has` and `in~`.
    Name(String),
    /// `['any name']`
    Bracketed(String),
    Literal(Type, Value),
    Sign(&'static str),
    End,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The longer ones first.
const SIGNS: [&str; 33] = [
    "==", "!=", "<>", "=~", "!~", "<=", ">=", "=>", "..", "|", "=", "<", ">", "+", "-", "*", "/",
    "%", "(", ")", "[", "]", "{", "}", ",", ";", ":", ".", "!", "$", "~", "?", "@",
];

#[derive(Debug)]
struct Lexer<'q> {
    text: &'q str,
    at: usize,
}

/// The tokens of a text, and then the end.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, QueryError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens: Vec<Token> = Vec::new();
    // Adjacent strings are one string (Kusto, "The string data type").
    let mut joined: Option<(String, usize, usize)> = None;
    loop {
        lexer.skip_space();
        let from = lexer.at;
        let kind = lexer.next(tokens.last())?;
        let to = lexer.at;
        if let Kind::Literal(Type::String, Value::Text(part)) = &kind {
            let (text, _, end) = joined.get_or_insert_with(|| (String::new(), from, to));
            text.push_str(part);
            *end = to;
            continue;
        }
        if let Some((text, from, to)) = joined.take() {
            tokens.push(Token { kind: Kind::Literal(Type::String, Value::text(text)), from, to });
        }
        let is_end = kind == Kind::End;
        tokens.push(Token { kind, from, to });
        if is_end {
            return Ok(tokens);
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl<'q> Lexer<'q> {
    fn rest(&self) -> &'q str {
        &self.text[self.at..]
    }

    fn error(&self, from: usize, token: &str, expected: &str) -> QueryError {
        QueryError::Syntax {
            place: Place::of(self.text, from),
            token: token.chars().take(80).collect(),
            expected: expected.to_owned(),
        }
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'q str {
        let rest = self.rest();
        let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn next(&mut self, before: Option<&Token>) -> Result<Kind, QueryError> {
        let (from, rest) = (self.at, self.rest());
        let Some(first) = rest.chars().next() else { return Ok(Kind::End) };
        if let Some(text) = self.string()? {
            return Ok(Kind::Literal(Type::String, Value::text(text)));
        }
        if first.is_ascii_digit() {
            return self.number();
        }
        if first.is_ascii_alphabetic() || first == '_' || first == '$' {
            self.at += 1;
            self.take_while(is_name);
            return self.word(from, before);
        }
        // `!has`, but not `!=`.
        if first == '!' && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.at += 1;
            self.take_while(is_name);
            self.take_tilde();
            return Ok(Kind::Name(self.text[from..self.at].to_owned()));
        }
        if (rest.starts_with("['") || rest.starts_with("[\""))
            && let Some(name) = self.bracketed()
        {
            return Ok(Kind::Bracketed(name));
        }
        match SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            Some(sign) => {
                self.at += sign.len();
                Ok(Kind::Sign(sign))
            }
            None => Err(self.error(
                from,
                &first.to_string(),
                "a name, a number, a string or an operator",
            )),
        }
    }

    fn take_tilde(&mut self) {
        if self.rest().starts_with('~') {
            self.at += 1;
        }
    }

    /// A name, or a literal such as `datetime(2026-11-30)`.
    fn word(&mut self, from: usize, before: Option<&Token>) -> Result<Kind, QueryError> {
        let name = &self.text[from..self.at];
        let is_member = before.is_some_and(|token| token.kind == Kind::Sign("."));
        if name == "in" {
            self.take_tilde();
        }
        if matches!(name, "true" | "false") && !is_member {
            return Ok(Kind::Literal(Type::Bool, Value::Bool(name == "true")));
        }
        if let Some(kind) = Type::parse(name)
            && kind != Type::String
            && !is_member
            && self.rest().starts_with('(')
        {
            return self.typed(from, kind);
        }
        Ok(Kind::Name(self.text[from..self.at].to_owned()))
    }

    /// The rest of `type(literal)`.
    fn typed(&mut self, from: usize, kind: Type) -> Result<Kind, QueryError> {
        let start = self.at + 1;
        let (mut depth, mut quote) = (0_usize, None);
        let mut end = None;
        for (at, c) in self.rest().char_indices() {
            match (quote, c) {
                (Some(open), c) if open == c => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') if depth == 1 => {
                    end = Some(self.at + at);
                    break;
                }
                (None, ')') => depth -= 1,
                _ => {}
            }
        }
        let Some(end) = end else { return Err(self.error(from, "<EOF>", "the closing )")) };
        let inner = self.text[start..end].trim();
        self.at = end + 1;
        let whole = &self.text[from..self.at];
        match literal(kind, inner) {
            Some(value) => Ok(Kind::Literal(kind, value)),
            None => {
                let expected =
                    format!("a {} literal; it cannot contain an expression", kind.name());
                Err(self.error(from, whole, &expected))
            }
        }
    }

    /// A number, perhaps with the unit of a time span.
    fn number(&mut self) -> Result<Kind, QueryError> {
        let from = self.at;
        if self.rest().starts_with("0x") || self.rest().starts_with("0X") {
            self.at += 2;
            let digits = self.take_while(is_name);
            return match i64::from_str_radix(digits, 16) {
                Ok(number) => Ok(Kind::Literal(Type::Long, Value::Long(number))),
                Err(_) => Err(self.error(from, &self.text[from..self.at], "a hexadecimal number")),
            };
        }
        self.take_while(|c| c.is_ascii_digit());
        let mut is_real = false;
        // `1..5` is a range.
        if self.rest().starts_with('.')
            && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit())
        {
            is_real = true;
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        let digits = &self.text[from..self.at];
        let suffix = self.take_while(is_name);
        let wrong = |lexer: &Self| {
            lexer.error(from, &lexer.text[from..lexer.at], "a number or a time span")
        };
        if suffix.is_empty() && !is_real {
            let number: i64 = digits.parse().map_err(|_| wrong(self))?;
            return Ok(Kind::Literal(Type::Long, Value::Long(number)));
        }
        if let Some(rest) = suffix.strip_prefix(['e', 'E']) {
            let sign = if rest.is_empty() && self.rest().starts_with(['+', '-']) { 1 } else { 0 };
            self.at += sign;
            self.take_while(|c| c.is_ascii_digit());
        } else if !suffix.is_empty() {
            let ticks = digits.parse().ok().and_then(|number| ticks::span(number, suffix));
            let ticks = ticks.ok_or_else(|| wrong(self))?;
            return Ok(Kind::Literal(Type::TimeSpan, Value::Long(ticks)));
        }
        let number: f64 = self.text[from..self.at].parse().map_err(|_| wrong(self))?;
        Ok(Kind::Literal(Type::Real, Value::Real(number)))
    }

    /// `['name']`; `None` if it is the index of a dynamic value.
    fn bracketed(&mut self) -> Option<String> {
        let from = self.at;
        // After a name, a member or another index it is an index.
        let before = self.text[..from].chars().next_back();
        if before.is_some_and(|c| is_name(c) || c == ']' || c == ')') {
            return None;
        }
        self.at += 1;
        let name = self.string().ok().flatten();
        self.skip_space();
        match name {
            Some(name) if self.rest().starts_with(']') => {
                self.at += 1;
                Some(name)
            }
            _ => {
                self.at = from;
                None
            }
        }
    }

    /// A string, if one begins here: `"…"`, `'…'`, `@"…"`, `h"…"` or between three backticks.
    fn string(&mut self) -> Result<Option<String>, QueryError> {
        let (from, mut rest) = (self.at, self.rest());
        if let Some(inner) = rest.strip_prefix("```") {
            let Some(length) = inner.find("```") else {
                return Err(self.error(from, "<EOF>", "three closing backticks"));
            };
            self.at += length + 6;
            return Ok(Some(inner[..length].to_owned()));
        }
        // `h` hides a string in the service's own traces.
        rest = rest.strip_prefix(['h', 'H']).unwrap_or(rest);
        let is_verbatim = rest.starts_with('@');
        rest = rest.strip_prefix('@').unwrap_or(rest);
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return Ok(None);
        };
        let body = &rest[1..];
        match quoted(body, quote, is_verbatim) {
            Some((text, length)) => {
                self.at = self.text.len() - body.len() + length;
                Ok(Some(text))
            }
            None => {
                let line = self.rest().lines().next().unwrap_or_default();
                Err(self.error(
                    from,
                    line,
                    "a closing quotation mark on the same line, and only \\ escapes that exist",
                ))
            }
        }
    }
}
