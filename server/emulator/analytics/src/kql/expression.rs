//! Expressions, by precedence.

use super::parser::{Parsed, Parser};
use super::syntax::{Named, Node, Syntax};
use super::token::Kind;
use crate::types::{Type, Value};

/// Operators on two strings, without the `!` of their negations.
const STRING_OPERATORS: [&str; 12] = [
    "has",
    "has_cs",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "contains",
    "contains_cs",
    "startswith",
    "startswith_cs",
    "endswith",
    "endswith_cs",
];
const COMPARISONS: [&str; 9] = ["==", "!=", "<>", "=~", "!~", "<", "<=", ">", ">="];

impl Parser<'_> {
    /// `name = expression`, or only an expression.
    pub(super) fn named(&mut self) -> Parsed<Named> {
        let is_named = matches!(self.peek().kind, Kind::Name(_) | Kind::Bracketed(_))
            && self.is_sign_after(1, "=");
        if self.is_sign("(") && self.is_tuple() {
            return Err(self.unsupported("assignment to several columns"));
        }
        let name = if is_named {
            let (_, name) = self.name("a name")?;
            self.sign("=")?;
            Some(name)
        } else {
            None
        };
        Ok(Named { name, value: self.expression()? })
    }

    /// Whether `(a, b) =` begins here.
    fn is_tuple(&self) -> bool {
        let mut ahead = 1;
        while self.is_sign_after(ahead + 1, ",") {
            ahead += 2;
        }
        self.is_sign_after(ahead + 1, ")") && self.is_sign_after(ahead + 2, "=")
    }

    pub(super) fn expression(&mut self) -> Parsed<Syntax> {
        self.enter()?;
        let at = self.peek().from;
        let mut all = vec![self.conjunction()?];
        while self.take_name("or") {
            all.push(self.conjunction()?);
        }
        self.leave();
        self.joined(at, all, Node::Any)
    }

    fn conjunction(&mut self) -> Parsed<Syntax> {
        let at = self.peek().from;
        let mut all = vec![self.comparison()?];
        while self.take_name("and") {
            all.push(self.comparison()?);
        }
        self.joined(at, all, Node::All)
    }

    fn joined(
        &self,
        at: usize,
        mut all: Vec<Syntax>,
        join: impl Fn(Vec<Syntax>) -> Node,
    ) -> Parsed<Syntax> {
        match (all.pop(), all.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(last), false) => {
                all.push(last);
                self.checked(Syntax::new(at, join(all)))
            }
            (None, _) => Err(self.error("an expression")),
        }
    }

    fn comparison(&mut self) -> Parsed<Syntax> {
        let mut left = self.sum()?;
        loop {
            let at = self.peek().from;
            let operator = match &self.peek().kind {
                Kind::Sign(sign) if COMPARISONS.contains(sign) => (*sign).to_owned(),
                Kind::Name(name) => name.clone(),
                _ => return Ok(left),
            };
            let bare = operator.strip_prefix('!').unwrap_or(&operator);
            let value = Box::new(left);
            let node = match bare {
                "in" | "in~" | "has_any" | "has_all" => {
                    self.next();
                    Node::List { operator, value, items: self.list()? }
                }
                "between" => {
                    self.next();
                    self.between(operator.starts_with('!'), value)?
                }
                "matches" if operator == "matches" => {
                    self.next();
                    self.word("regex")?;
                    Node::Binary { operator, left: value, right: Box::new(self.sum()?) }
                }
                "like" | "like_cs" | "notlike" | "notlike_cs" => {
                    return Err(self.unsupported("operator"));
                }
                _ if STRING_OPERATORS.contains(&bare)
                    || COMPARISONS.contains(&operator.as_str()) =>
                {
                    self.next();
                    Node::Binary { operator, left: value, right: Box::new(self.sum()?) }
                }
                _ => return Ok(*value),
            };
            left = self.checked(Syntax::new(at, node))?;
        }
    }

    /// `(a, b, c)`
    fn list(&mut self) -> Parsed<Vec<Syntax>> {
        self.sign("(")?;
        let mut items = Vec::new();
        while !self.take_sign(")") {
            items.push(self.expression()?);
            if !self.take_sign(",") && !self.is_sign(")") {
                return Err(self.error(", or )"));
            }
        }
        Ok(items)
    }

    /// `(a .. b)`
    fn between(&mut self, is_negated: bool, value: Box<Syntax>) -> Parsed<Node> {
        self.sign("(")?;
        let from = Box::new(self.expression()?);
        self.sign("..")?;
        let to = Box::new(self.expression()?);
        self.sign(")")?;
        Ok(Node::Between { is_negated, value, from, to })
    }

    fn sum(&mut self) -> Parsed<Syntax> {
        let mut left = self.product()?;
        while self.is_sign("+") || self.is_sign("-") {
            left = self.arithmetic(left, Self::product)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed<Syntax> {
        let mut left = self.unary()?;
        while self.is_sign("*") || self.is_sign("/") || self.is_sign("%") {
            left = self.arithmetic(left, Self::unary)?;
        }
        Ok(left)
    }

    fn arithmetic(
        &mut self,
        left: Syntax,
        operand: impl Fn(&mut Self) -> Parsed<Syntax>,
    ) -> Parsed<Syntax> {
        let token = self.next();
        let Kind::Sign(sign) = token.kind else { return Err(self.error("an operator")) };
        let right = Box::new(operand(self)?);
        let node = Node::Binary { operator: sign.to_owned(), left: Box::new(left), right };
        self.checked(Syntax::new(token.from, node))
    }

    fn unary(&mut self) -> Parsed<Syntax> {
        let at = self.peek().from;
        let mut negations = 0;
        while self.is_sign("-") || self.is_sign("+") {
            negations += usize::from(self.is_sign("-"));
            self.next();
        }
        let value = self.postfix()?;
        if negations % 2 == 0 {
            return Ok(value);
        }
        self.checked(Syntax::new(at, Node::Negate(Box::new(value))))
    }

    fn postfix(&mut self) -> Parsed<Syntax> {
        let mut value = self.primary()?;
        loop {
            let (at, of) = (value.at, Box::new(value));
            let node = if self.take_sign(".") {
                let (_, name) = self.name("the name of a member")?;
                Node::Member { of, name }
            } else if self.take_sign("[") {
                let index = Box::new(self.expression()?);
                self.sign("]")?;
                Node::Index { of, index }
            } else {
                return Ok(*of);
            };
            value = self.checked(Syntax::new(at, node))?;
        }
    }

    fn primary(&mut self) -> Parsed<Syntax> {
        let token = self.peek().clone();
        let node = match token.kind {
            Kind::Literal(kind, value) => {
                self.next();
                Node::Literal(kind, value)
            }
            Kind::Sign("(") => {
                self.next();
                let value = self.expression()?;
                self.sign(")")?;
                return Ok(value);
            }
            Kind::Sign("*") => {
                self.next();
                Node::Star
            }
            Kind::Bracketed(name) => {
                self.next();
                Node::Name(name)
            }
            Kind::Name(name) if !name.starts_with('!') => {
                self.next();
                if self.is_sign("(") { self.call(name)? } else { Node::Name(name) }
            }
            _ => return Err(self.error("an expression")),
        };
        Ok(Syntax::new(token.from, node))
    }

    fn call(&mut self, name: String) -> Parsed<Node> {
        if name == "typeof" {
            self.sign("(")?;
            let kind = self.type_name()?;
            self.sign(")")?;
            return Ok(Node::TypeOf(kind));
        }
        if matches!(name.as_str(), "toscalar" | "guid" | "decimal" | "uuid") {
            let at = self.position();
            self.goto(at - 1);
            return Err(self.unsupported("function"));
        }
        let arguments = self.list()?;
        // `datetime(…)` with spaces before the parenthesis, or `string("…")`.
        if let (Some(Type::String), [Syntax { node: Node::Literal(Type::String, _), .. }]) =
            (Type::parse(&name), arguments.as_slice())
        {
            return Ok(arguments
                .into_iter()
                .next()
                .map_or(Node::Literal(Type::String, Value::text("")), |it| it.node));
        }
        Ok(Node::Call { name, arguments })
    }
}
