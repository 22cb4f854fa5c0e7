//! Reads tokens, and makes the errors that say what was found in their place.

use super::error::{Place, QueryError};
use super::parser::{Parsed, Parser};
use super::syntax::{At, Named, Operator};
use super::token::{Kind, Token};

impl Parser<'_> {
    pub(super) fn peek(&self) -> &Token {
        // The last token is the end, which nothing takes.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        if token.kind != Kind::End {
            self.at += 1;
        }
        token
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek().kind, Kind::Sign(one) if one == sign)
    }

    pub(super) fn is_sign_after(&self, ahead: usize, sign: &str) -> bool {
        let token = self.tokens.get(self.at + ahead);
        token.is_some_and(|token| matches!(token.kind, Kind::Sign(one) if one == sign))
    }

    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let is = self.is_sign(sign);
        self.at += usize::from(is);
        is
    }

    pub(super) fn sign(&mut self, sign: &str) -> Parsed<()> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.error(sign)) }
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(&self.peek().kind, Kind::Name(one) if one == name)
    }

    pub(super) fn take_name(&mut self, name: &str) -> bool {
        let is = self.is_name(name);
        self.at += usize::from(is);
        is
    }

    pub(super) fn word(&mut self, name: &str) -> Parsed<()> {
        if self.take_name(name) { Ok(()) } else { Err(self.error(name)) }
    }

    pub(super) fn name(&mut self, expected: &str) -> Parsed<(At, String)> {
        let token = self.peek().clone();
        match token.kind {
            // Names with $ are the reader's own, such as `$left`.
            Kind::Name(name) if !name.starts_with(['!', '$']) => {
                self.at += 1;
                Ok((token.from, name))
            }
            Kind::Bracketed(name) if !name.starts_with('$') => {
                self.at += 1;
                Ok((token.from, name))
            }
            _ => Err(self.error(expected)),
        }
    }

    fn found(&self) -> (Place, String) {
        let token = self.peek();
        let text = match token.kind {
            Kind::End => "<EOF>".to_owned(),
            _ => self.text[token.from..token.to].chars().take(80).collect(),
        };
        (Place::of(self.text, token.from), text)
    }

    /// The next token is not what is expected.
    pub(super) fn error(&self, expected: &str) -> QueryError {
        let (place, token) = self.found();
        QueryError::Syntax { place, token, expected: expected.to_owned() }
    }

    /// The next token begins something that the service knows and this reader does not.
    pub(super) fn unsupported(&self, what: &str) -> QueryError {
        let (place, token) = self.found();
        let message = format!("The emulator does not know the {what} `{token}`.");
        QueryError::Unsupported { place, token, message }
    }

    /// As [`Self::unsupported`], for an operator whose name has several tokens.
    pub(super) fn unsupported_operator(&self, name: &str) -> QueryError {
        let (place, _) = self.found();
        let message = format!("The emulator does not know the operator `{name}`.");
        QueryError::Unsupported { place, token: name.to_owned(), message }
    }

    /// Expressions with names, separated by commas.
    pub(super) fn named_list(&mut self) -> Parsed<Vec<Named>> {
        let mut list = vec![self.named()?];
        while self.take_sign(",") {
            list.push(self.named()?);
        }
        Ok(list)
    }

    /// Whether an operator reads nothing.
    pub(super) fn is_at_end(&self) -> bool {
        self.peek().kind == Kind::End || self.is_sign("|") || self.is_sign(")") || self.is_sign(";")
    }

    /// An operator without effect: what it reads is skipped.
    pub(super) fn skip_operator(&mut self) -> Operator {
        while !self.is_at_end() {
            self.at += 1;
        }
        Operator::Nothing
    }
}
