//! From text to a syntax tree: statements and pipelines. Expressions are in [`super::expression`], operators in
//! [`super::operator`].

use super::error::{Place, QueryError};
use super::syntax::{
    At, Bound, Let, Named, Operator, Pipeline, Query, Source, Step, Syntax, Union,
};
use super::token::{Kind, Token, tokens};
use crate::types::Type;

/// The longest query. The service's own limit is 2 MB of UTF-16, as Kusto's (Kusto, "Query limits").
const QUERY_BYTES_MAX: usize = 1 << 20;
/// The deepest nesting of parentheses, calls and pipelines.
const NESTING_MAX: usize = 100;
/// The deepest expression, so that evaluating it never exhausts the stack.
const DEPTH_MAX: usize = 250;
/// The most operators of a pipeline, for the same reason.
const STEPS_MAX: usize = 200;
/// The most `let` statements.
const LETS_MAX: usize = 500;

/// Reads tokens from the front.
#[derive(Debug)]
pub(super) struct Parser<'q> {
    text: &'q str,
    tokens: Vec<Token>,
    at: usize,
    nesting: usize,
}

pub(super) type Parsed<T> = Result<T, QueryError>;

/// The syntax tree of a query.
pub(crate) fn parse(text: &str) -> Parsed<Query> {
    if text.len() > QUERY_BYTES_MAX {
        let (bytes, most) = (text.len(), QUERY_BYTES_MAX);
        return Err(QueryError::TooLarge(format!(
            "The query has {bytes} bytes. The most are {most}."
        )));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, nesting: 0 };
    parser.query()
}

impl Parser<'_> {
    fn query(&mut self) -> Parsed<Query> {
        let mut lets = Vec::new();
        loop {
            while self.take_sign(";") {}
            if !self.is_name("let") {
                break;
            }
            lets.push(self.binding()?);
            if lets.len() > LETS_MAX {
                return Err(QueryError::TooLarge(format!(
                    "The query has more than {LETS_MAX} let statements."
                )));
            }
            self.sign(";")?;
        }
        if self.is_name("set")
            || self.is_name("declare")
            || self.is_name("restrict")
            || self.is_name("alias")
        {
            return Err(self.unsupported("statement"));
        }
        let body = self.pipeline()?;
        while self.take_sign(";") {}
        match self.peek().kind {
            Kind::End => Ok(Query { lets, body }),
            _ => Err(self.error("| or the end of the query")),
        }
    }

    fn binding(&mut self) -> Parsed<Let> {
        self.at += 1;
        let (at, name) = self.name("a name")?;
        self.sign("=")?;
        if self.is_sign("(") && self.is_function() {
            return Err(self.unsupported("functions of a query:"));
        }
        let (start, nesting) = (self.at, self.nesting);
        let table = self.pipeline();
        let is_whole = table.is_ok() && (self.is_sign(";") || self.peek().kind == Kind::End);
        if let (Ok(table), true) = (&table, is_whole) {
            return Ok(Let { at, name, value: Bound::Table(table.clone()) });
        }
        let reached = self.at;
        (self.at, self.nesting) = (start, nesting);
        let scalar = self.expression();
        // The error of the reading that got further is the one that helps.
        match (scalar, table) {
            (Ok(value), _) if self.is_sign(";") => {
                Ok(Let { at, name, value: Bound::Scalar(value) })
            }
            (_, Err(error)) if reached > self.at => Err(error),
            (Err(error), _) => Err(error),
            _ => Err(self.error("; after the let statement")),
        }
    }

    /// Whether `(a: long) { … }` begins here.
    fn is_function(&self) -> bool {
        let kind = |ahead: usize| self.tokens.get(self.at + ahead).map(|token| &token.kind);
        matches!((kind(1), kind(2)), (Some(Kind::Sign(")")), Some(Kind::Sign("{"))))
            || matches!((kind(1), kind(2)), (Some(Kind::Name(_)), Some(Kind::Sign(":"))))
    }

    pub(super) fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.enter()?;
        let at = self.peek().from;
        let source = self.source()?;
        let mut steps = Vec::new();
        while self.take_sign("|") {
            steps.push(self.step()?);
            if steps.len() > STEPS_MAX {
                return Err(QueryError::TooLarge(format!(
                    "The query has more than {STEPS_MAX} operators."
                )));
            }
        }
        self.leave();
        Ok(Pipeline { at, source, steps })
    }

    fn source(&mut self) -> Parsed<Source> {
        if self.take_sign("(") {
            let nested = self.pipeline()?;
            self.sign(")")?;
            return Ok(Source::Nested(Box::new(nested)));
        }
        let before = self.at;
        let (_, name) = self.name("the name of a table")?;
        match name.as_str() {
            "union" => Ok(Source::Union(self.union()?)),
            "print" => Ok(Source::Print(self.named_list()?)),
            "range" => self.range(),
            "datatable" => self.datatable(),
            "materialize" if self.is_sign("(") => self.source(),
            "search" | "find" | "externaldata" | "evaluate" | "workspace" | "app" | "cluster"
            | "database" | "table" => {
                self.at = before;
                Err(self.unsupported("operator"))
            }
            _ if self.is_sign("(") => {
                self.at = before;
                Err(self.error("the name of a table"))
            }
            _ => Ok(Source::Table(name)),
        }
    }

    fn range(&mut self) -> Parsed<Source> {
        let (_, name) = self.name("a name for the column")?;
        self.word("from")?;
        let from = self.expression()?;
        self.word("to")?;
        let to = self.expression()?;
        self.word("step")?;
        let step = self.expression()?;
        Ok(Source::Range { name, from, to, step })
    }

    fn datatable(&mut self) -> Parsed<Source> {
        self.sign("(")?;
        let mut columns = Vec::new();
        loop {
            let (_, name) = self.name("the name of a column")?;
            self.sign(":")?;
            columns.push((name, self.type_name()?));
            if !self.take_sign(",") {
                break;
            }
        }
        self.sign(")")?;
        self.sign("[")?;
        let mut values = Vec::new();
        while !self.take_sign("]") {
            values.push(self.expression()?);
            if !self.take_sign(",") && !self.is_sign("]") {
                return Err(self.error(", or ]"));
            }
        }
        Ok(Source::Rows { columns, values })
    }

    pub(super) fn type_name(&mut self) -> Parsed<Type> {
        let before = self.at;
        let (_, name) = self.name("a type")?;
        Type::parse(&name).ok_or_else(|| {
            self.at = before;
            match name.as_str() {
                "guid" | "uuid" | "decimal" => self.unsupported("type"),
                _ => self
                    .error("a type: bool, datetime, dynamic, int, long, real, string or timespan"),
            }
        })
    }

    /// The rest of `union a, b`.
    pub(super) fn union(&mut self) -> Parsed<Union> {
        let mut union =
            Union { sources: Vec::new(), with_source: None, is_inner: false, is_fuzzy: false };
        while self.is_parameter() {
            let (_, name) = self.name("a parameter")?;
            self.sign("=")?;
            let (_, value) = self.parameter_value()?;
            match (name.as_str(), value.as_str()) {
                ("kind", value) => union.is_inner = value == "inner",
                ("withsource" | "with_source", value) => union.with_source = Some(value.to_owned()),
                ("isfuzzy", value) => union.is_fuzzy = value == "true",
                _ => {}
            }
        }
        loop {
            let at = self.peek().from;
            let source = if self.is_sign("*") {
                self.at += 1;
                Source::Table("*".to_owned())
            } else {
                self.source()?
            };
            union.sources.push(Pipeline { at, source, steps: Vec::new() });
            if !self.take_sign(",") {
                return Ok(union);
            }
        }
    }

    /// Whether `name = value` begins here, where a source would be.
    pub(super) fn is_parameter(&self) -> bool {
        let kind = |ahead: usize| self.tokens.get(self.at + ahead).map(|token| &token.kind);
        matches!((kind(0), kind(1)), (Some(Kind::Name(_)), Some(Kind::Sign("="))))
    }

    /// A name, a number, `true` or a string.
    pub(super) fn parameter_value(&mut self) -> Parsed<(At, String)> {
        let token = self.peek().clone();
        self.at += 1;
        match token.kind {
            Kind::Name(name) | Kind::Bracketed(name) => Ok((token.from, name)),
            Kind::Literal(Type::String, value) => {
                Ok((token.from, value.as_text().unwrap_or_default().to_owned()))
            }
            Kind::Literal(..) => Ok((token.from, self.text[token.from..token.to].to_owned())),
            _ => {
                self.at -= 1;
                Err(self.error("a value"))
            }
        }
    }

    fn step(&mut self) -> Parsed<Step> {
        let before = self.at;
        let (at, mut name) = self.name("an operator, such as where or summarize")?;
        // `project-away` is three tokens.
        while self.is_sign("-") && self.tokens[self.at - 1].to == self.peek().from {
            self.at += 1;
            let (_, rest) = self.name("the rest of an operator's name")?;
            name = format!("{name}-{rest}");
        }
        let operator = self.operator(before, &name)?;
        Ok(Step { at, name, operator })
    }

    pub(super) fn enter(&mut self) -> Parsed<()> {
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return Err(self.too_deep());
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.nesting -= 1;
    }

    fn too_deep(&self) -> QueryError {
        let place = Place::of(self.text, self.peek().from);
        QueryError::TooLarge(format!(
            "The query is nested too deeply on line {}, column {}. Bind parts of it with let.",
            place.line, place.column
        ))
    }

    /// The expression, unless it is too deep.
    pub(super) fn checked(&self, syntax: Syntax) -> Parsed<Syntax> {
        if syntax.depth > DEPTH_MAX { Err(self.too_deep()) } else { Ok(syntax) }
    }

    pub(super) fn goto(&mut self, at: usize) {
        self.at = at;
    }
}

/// Tokens.
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
            Kind::Name(name) if !name.starts_with('!') => {
                self.at += 1;
                Ok((token.from, name))
            }
            Kind::Bracketed(name) => {
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
