//! From text to a syntax tree: statements and pipelines. Tokens are read in [`super::cursor`],
//! expressions in [`super::expression`], operators in [`super::operator`].

use super::error::{Place, QueryError};
use super::syntax::{At, Bound, Let, Pipeline, Query, Source, Step, Syntax, Union};
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
    pub(super) text: &'q str,
    pub(super) tokens: Vec<Token>,
    /// The next token.
    pub(super) at: usize,
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
