//! GitHub's expressions, as far as the emulator evaluates them: literals, `github.…`, `inputs.…`, `needs.….result`, the
//! operators `! == != && ||`, and the functions that a condition of a job uses most.

use super::lexer::{Token, tokens};

/// The deepest nesting, so that no text exhausts the stack.
const DEPTH_MAX: usize = 40;

/// A value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
}

impl Value {
    fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(is) => *is,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
        }
    }

    fn number(&self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Bool(is) => f64::from(u8::from(*is)),
            Self::Number(number) => *number,
            Self::Text(text) if text.trim().is_empty() => 0.0,
            Self::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.to_lowercase() == b.to_lowercase(),
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            // GitHub compares different types as numbers.
            (a, b) => a.number() == b.number(),
        }
    }

    /// The value in a text.
    pub fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(is) => is.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// The state of the run, for the functions `success()`, `failure()` and `cancelled()`.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    pub is_success: bool,
    pub is_failure: bool,
    pub is_cancelled: bool,
}

/// Finds the value of a name such as `inputs.environment`; `None` if the emulator does not know it.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// Evaluates the condition of a job.
///
/// # Errors
/// The part that the emulator does not understand.
pub fn condition(text: &str, lookup: Lookup<'_>, standing: Standing) -> Result<bool, String> {
    let text = text.trim();
    let inside = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(text);
    let mut reader = Reader::new(inside, lookup, Some(standing))?;
    let value = reader.whole()?;
    // Without a function that asks for the run's state, GitHub puts `success() &&` in front.
    Ok(value.is_true() && (reader.asks_for_state || standing.is_success))
}

/// Replaces each `${{ … }}` in a text.
///
/// # Errors
/// The part that the emulator does not understand.
pub fn interpolate(text: &str, lookup: Lookup<'_>) -> Result<String, String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${{") {
        let (inside, next) =
            after.split_once("}}").ok_or_else(|| format!("{text}: an expression has no end"))?;
        out.push_str(before);
        out.push_str(&Reader::new(inside, lookup, None)?.whole()?.text());
        rest = next;
    }
    out.push_str(rest);
    Ok(out)
}

struct Reader<'a> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    lookup: Lookup<'a>,
    standing: Option<Standing>,
    asks_for_state: bool,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &str, lookup: Lookup<'a>, standing: Option<Standing>) -> Result<Self, String> {
        let tokens = tokens(text)?.into_iter().peekable();
        Ok(Self { tokens, lookup, standing, asks_for_state: false, depth: 0 })
    }

    fn takes(&mut self, sign: &'static str) -> bool {
        self.tokens.next_if_eq(&Token::Sign(sign)).is_some()
    }

    fn whole(&mut self) -> Result<Value, String> {
        let value = self.or()?;
        match self.tokens.next() {
            None => Ok(value),
            Some(token) => Err(format!("{token} is not expected here")),
        }
    }

    fn or(&mut self) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("an expression is nested too deeply".to_owned());
        }
        let mut value = self.and()?;
        while self.takes("||") {
            let other = self.and()?;
            value = if value.is_true() { value } else { other };
        }
        self.depth -= 1;
        Ok(value)
    }

    fn and(&mut self) -> Result<Value, String> {
        let mut value = self.comparison()?;
        while self.takes("&&") {
            let other = self.comparison()?;
            value = if value.is_true() { other } else { value };
        }
        Ok(value)
    }

    fn comparison(&mut self) -> Result<Value, String> {
        let mut value = self.operand()?;
        loop {
            let is_equal = match () {
                () if self.takes("==") => true,
                () if self.takes("!=") => false,
                () => return Ok(value),
            };
            value = Value::Bool(value.equals(&self.operand()?) == is_equal);
        }
    }

    fn operand(&mut self) -> Result<Value, String> {
        let mut negations = 0_usize;
        while self.takes("!") {
            negations += 1;
        }
        let value = self.primary()?;
        Ok(match negations {
            0 => value,
            times => Value::Bool(value.is_true() == times.is_multiple_of(2)),
        })
    }

    fn primary(&mut self) -> Result<Value, String> {
        match self.tokens.next() {
            Some(Token::Literal(value)) => Ok(value),
            Some(Token::Sign("(")) => {
                let value = self.or()?;
                if self.takes(")") { Ok(value) } else { Err("a ) is missing".to_owned()) }
            }
            Some(Token::Name(name)) if self.takes("(") => self.call(&name),
            Some(Token::Name(name)) => {
                (self.lookup)(&name).ok_or_else(|| format!("{name} is not known"))
            }
            Some(token) => Err(format!("{token} is not expected here")),
            None => Err("an expression is not complete".to_owned()),
        }
    }

    fn call(&mut self, name: &str) -> Result<Value, String> {
        let mut given = Vec::new();
        while !self.takes(")") {
            given.push(self.or()?.text().to_lowercase());
            let _ = self.takes(",");
            if self.tokens.peek().is_none() {
                return Err("a ) is missing".to_owned());
            }
        }
        let value = match (name.to_lowercase().as_str(), given.as_slice(), self.standing) {
            ("contains", [text, part], _) => text.contains(part.as_str()),
            ("startswith", [text, part], _) => text.starts_with(part.as_str()),
            ("endswith", [text, part], _) => text.ends_with(part.as_str()),
            ("always", [], Some(_)) => return Ok(self.state(true)),
            ("success", [], Some(standing)) => return Ok(self.state(standing.is_success)),
            ("failure", [], Some(standing)) => return Ok(self.state(standing.is_failure)),
            ("cancelled", [], Some(standing)) => return Ok(self.state(standing.is_cancelled)),
            _ => return Err(format!("{name}() is not known here")),
        };
        Ok(Value::Bool(value))
    }

    fn state(&mut self, is: bool) -> Value {
        self.asks_for_state = true;
        Value::Bool(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<Value> {
        match name {
            "github.ref" => Some(Value::Text("refs/heads/main".to_owned())),
            "inputs.percentage" => Some(Value::Text("10".to_owned())),
            "inputs.nothing" => Some(Value::Null),
            _ => None,
        }
    }

    #[test]
    fn conditions_are_githubs() {
        let good = Standing { is_success: true, is_failure: false, is_cancelled: false };
        let bad = Standing { is_success: false, is_failure: true, is_cancelled: false };
        for (text, when_good, when_bad) in [
            ("true", true, false),
            ("false", false, false),
            ("always()", true, true),
            ("failure()", false, true),
            ("${{ success() }}", true, false),
            ("!cancelled()", true, true),
            ("github.ref == 'refs/heads/main'", true, false),
            ("always() && github.ref == 'REFS/heads/main'", true, true),
            ("github.ref != 'refs/heads/main' || failure()", false, true),
            ("inputs.percentage == 10", true, false),
            ("inputs.nothing", false, false),
            ("!(startsWith(github.ref, 'refs/tags/') || false)", true, false),
            ("'it''s' == 'it''s'", true, false),
        ] {
            assert_eq!(condition(text, &lookup, good), Ok(when_good), "{text}");
            assert_eq!(condition(text, &lookup, bad), Ok(when_bad), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let standing = Standing { is_success: true, is_failure: false, is_cancelled: false };
        let deep = "(".repeat(5_000);
        for (text, part) in [
            ("secrets.KEY", "secrets.KEY"),
            ("fromJSON('1')", "fromJSON()"),
            ("(true", ") is missing"),
            ("true)", ")"),
            ("'open", "'open"),
            ("always(", "not complete"),
            ("", "not complete"),
            (&deep, "too deeply"),
        ] {
            let refused = condition(text, &lookup, standing).expect_err(text);
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }

    #[test]
    fn texts_may_contain_expressions() {
        let text = "at ${{ inputs.percentage }} % of ${{github.ref}}${{ inputs.nothing }}";
        assert_eq!(interpolate(text, &lookup).as_deref(), Ok("at 10 % of refs/heads/main"));
        assert!(interpolate("${{ open", &lookup).is_err());
        assert!(interpolate("${{ vars.X }}", &lookup).is_err());
    }
}
