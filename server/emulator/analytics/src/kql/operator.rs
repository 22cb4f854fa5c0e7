//! The operators of a pipeline.

use super::error::{QueryError, list, nearest};
use super::parser::{Parsed, Parser};
use super::syntax::{At, Node, Operator, Order, Syntax};
use super::token::Kind;
use crate::types::{Type, Value};

/// The operators that this reader knows.
const KNOWN: [&str; 21] = [
    "where",
    "filter",
    "project",
    "project-away",
    "project-keep",
    "project-rename",
    "extend",
    "summarize",
    "sort",
    "order",
    "top",
    "take",
    "limit",
    "distinct",
    "count",
    "render",
    "join",
    "union",
    "serialize",
    "as",
    "project-reorder",
];
/// Operators that only the service knows (Kusto, "Tabular operators").
const FOREIGN: [&str; 31] = [
    "mv-expand",
    "mvexpand",
    "mv-apply",
    "make-series",
    "parse",
    "parse-where",
    "parse-kv",
    "search",
    "find",
    "evaluate",
    "lookup",
    "sample",
    "sample-distinct",
    "top-nested",
    "top-hitters",
    "reduce",
    "scan",
    "fork",
    "facet",
    "getschema",
    "invoke",
    "partition",
    "consume",
    "externaldata",
    "make-graph",
    "graph-match",
    "graph-shortest-paths",
    "graph-to-table",
    "macro-expand",
    "assert-schema",
    "execute-and-cache",
];
/// The kinds of `render` (Kusto, "render operator").
const CHARTS: [&str; 17] = [
    "anomalychart",
    "areachart",
    "barchart",
    "card",
    "columnchart",
    "ladderchart",
    "linechart",
    "piechart",
    "pivotchart",
    "plotly",
    "scatterchart",
    "stackedareachart",
    "table",
    "timechart",
    "timepivot",
    "treemap",
    "graph",
];

impl Parser<'_> {
    /// The operator with a name that was read already; its first token is `before`.
    pub(super) fn operator(&mut self, before: usize, name: &str) -> Parsed<Operator> {
        Ok(match name {
            "where" | "filter" => Operator::Where(self.expression()?),
            "project" => Operator::Project(self.named_list()?),
            "extend" => Operator::Extend(self.named_list()?),
            "project-away" => Operator::ProjectAway(self.patterns()?),
            "project-keep" => Operator::ProjectKeep(self.patterns()?),
            "project-rename" => Operator::ProjectRename(self.renames()?),
            "summarize" => self.summarize()?,
            "sort" | "order" => {
                self.word("by")?;
                Operator::Sort(self.orders()?)
            }
            "top" => {
                let count = self.expression()?;
                self.word("by")?;
                Operator::Top { count, by: self.orders()? }
            }
            "take" | "limit" => Operator::Take(self.expression()?),
            "distinct" if self.is_sign("*") => {
                self.next();
                Operator::Distinct(Vec::new())
            }
            "distinct" => Operator::Distinct(self.named_list()?),
            "count" => Operator::Count,
            "render" => self.render()?,
            "join" => self.join()?,
            "union" => Operator::Union(self.union()?),
            "serialize" | "as" | "project-reorder" => self.skip_operator(),
            _ => {
                self.goto(before);
                return Err(self.unknown(name));
            }
        })
    }

    fn unknown(&self, name: &str) -> QueryError {
        if FOREIGN.contains(&name) {
            return self.unsupported_operator(name);
        }
        match nearest(name, KNOWN) {
            Some(near) => self.error(&format!("an operator; did you mean {near}?")),
            None => self.error(&format!("an operator: {}", list(KNOWN))),
        }
    }

    /// Names of columns, perhaps with `*`.
    fn patterns(&mut self) -> Parsed<Vec<(At, String)>> {
        let mut patterns = Vec::new();
        loop {
            let at = self.peek().from;
            let mut pattern = String::new();
            let mut end = at;
            loop {
                let token = self.peek().clone();
                match token.kind {
                    Kind::Name(part) | Kind::Bracketed(part) if token.from == end => {
                        pattern.push_str(&part);
                    }
                    Kind::Sign("*") if token.from == end => pattern.push('*'),
                    _ => break,
                }
                end = token.to;
                self.next();
            }
            if pattern.is_empty() {
                return Err(self.error("the name of a column"));
            }
            patterns.push((at, pattern));
            if !self.take_sign(",") {
                return Ok(patterns);
            }
        }
    }

    fn renames(&mut self) -> Parsed<Vec<(At, String, String)>> {
        let mut renames = Vec::new();
        loop {
            let (_, new) = self.name("a new name")?;
            self.sign("=")?;
            let (at, old) = self.name("the name of a column")?;
            renames.push((at, new, old));
            if !self.take_sign(",") {
                return Ok(renames);
            }
        }
    }

    fn summarize(&mut self) -> Parsed<Operator> {
        let aggregates = if self.is_name("by") { Vec::new() } else { self.named_list()? };
        let by = if self.take_name("by") { self.named_list()? } else { Vec::new() };
        Ok(Operator::Summarize { aggregates, by })
    }

    fn orders(&mut self) -> Parsed<Vec<Order>> {
        let mut orders = Vec::new();
        loop {
            let value = self.expression()?;
            let is_ascending = self.take_name("asc");
            if !is_ascending {
                self.take_name("desc");
            }
            let mut is_nulls_first = is_ascending;
            if self.take_name("nulls") {
                is_nulls_first = self.is_name("first");
                if !self.take_name("first") {
                    self.word("last")?;
                }
            }
            orders.push(Order { value, is_ascending, is_nulls_first });
            if !self.take_sign(",") {
                return Ok(orders);
            }
        }
    }

    fn render(&mut self) -> Parsed<Operator> {
        let before = self.position();
        let (_, kind) = self.name("a kind of chart")?;
        if !CHARTS.contains(&kind.as_str()) {
            self.goto(before);
            return Err(self.error(&format!("a kind of chart: {}", list(CHARTS))));
        }
        let mut properties = Vec::new();
        if self.take_name("with") {
            self.sign("(")?;
            while !self.take_sign(")") {
                let (_, name) = self.name("a property")?;
                self.sign("=")?;
                let (_, mut value) = self.parameter_value()?;
                // `ysplit=axes`, but also lists such as `series=a, b`.
                while self.is_sign(",")
                    && !self.is_sign_after(2, "=")
                    && !self.is_sign_after(1, ")")
                {
                    self.next();
                    value = format!("{value},{}", self.parameter_value()?.1);
                }
                properties.push((name, value));
                if !self.take_sign(",") && !self.is_sign(")") {
                    return Err(self.error(", or )"));
                }
            }
        }
        Ok(Operator::Render { kind, properties })
    }

    fn join(&mut self) -> Parsed<Operator> {
        let mut kind = (self.peek().from, "innerunique".to_owned());
        loop {
            if self.is_parameter() {
                let (_, name) = self.name("a parameter")?;
                self.sign("=")?;
                let value = self.parameter_value()?;
                if name == "kind" {
                    kind = value;
                }
            } else if self.is_name("hint") && self.is_sign_after(1, ".") {
                // `hint.strategy=broadcast` changes how the service works, not what it answers.
                for _ in 0..4 {
                    self.next();
                }
                self.parameter_value()?;
            } else {
                break;
            }
        }
        let right = if self.take_sign("(") {
            let right = self.pipeline()?;
            self.sign(")")?;
            right
        } else {
            let (at, name) = self.name("a table, or a query in parentheses")?;
            super::syntax::Pipeline {
                at,
                source: super::syntax::Source::Table(name),
                steps: Vec::new(),
            }
        };
        self.word("on")?;
        let mut on = vec![self.key()?];
        while self.take_sign(",") {
            on.push(self.key()?);
        }
        Ok(Operator::Join { kind, right: Box::new(right), on })
    }

    /// A key of a join; several may be joined by `and`.
    fn key(&mut self) -> Parsed<Syntax> {
        let at = self.peek().from;
        let key = self.expression()?;
        match key.node {
            Node::Literal(Type::Bool, Value::Bool(_)) => Err(self.error("a column to join on")),
            node => Ok(Syntax::new(at, node)),
        }
    }
}
