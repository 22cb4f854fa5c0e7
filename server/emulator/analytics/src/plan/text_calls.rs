//! Scalar functions of strings.

use super::Expr;
use super::binder::{Binder, Result};
use crate::functions::Function;
use crate::kql::syntax::At;
use crate::types::{Type, Value};

impl Binder<'_> {
    /// Functions of strings, whose other arguments are strings or whole numbers.
    pub(super) fn text_function(&mut self, at: At, name: &str, values: Vec<Expr>) -> Result<Expr> {
        use Type::{Dynamic, Long, String};
        if let "extract" = name {
            return self.extract(at, &values);
        }
        if let "trim" | "trim_start" | "trim_end" = name {
            return self.trim(at, name, values);
        }
        let (kind, function) = match name {
            "split" => (Dynamic, Function::Split),
            "replace_string" => (String, Function::Replace),
            "substring" => (String, Function::Substring),
            "strlen" => (Long, Function::Length),
            "tolower" => (String, Function::Lower),
            "toupper" => (String, Function::Upper),
            "indexof" => (Long, Function::IndexOf),
            _ => return Err(self.unknown_function(at, name)),
        };
        let number_at = match name {
            "substring" => 1,
            "split" => 2,
            _ => usize::MAX,
        };
        let mut cast = Vec::new();
        for (place, value) in values.into_iter().enumerate() {
            let wanted = if place >= number_at { Long } else { String };
            if !matches!(value.kind, Dynamic)
                && value.kind != wanted
                && !(wanted == Long && value.kind.is_integer())
            {
                let (number, had) = (place + 1, value.kind.name());
                let message = format!(
                    "{name}(): argument #{number} expected to be a {} expression, not {had}.",
                    wanted.name()
                );
                return Err(self.semantic(at, name, Some("SEM0219"), message));
            }
            cast.push(value.cast(wanted));
        }
        Ok(Expr::call(kind, function, cast))
    }

    /// `extract(pattern, group, text[, typeof(type)])`
    fn extract(&mut self, at: At, values: &[Expr]) -> Result<Expr> {
        let [pattern, group, text, rest @ ..] = values else {
            return Err(self.unknown_function(at, "extract"));
        };
        let pattern = self.pattern(at, pattern)?;
        let group =
            group.value().and_then(Value::as_long).and_then(|group| usize::try_from(group).ok());
        let Some(group) = group.filter(|group| *group < pattern.captures_len()) else {
            let message =
                "extract(): argument #2 is the number of a group of the regular expression.";
            return Err(self.semantic(at, "extract", None, message));
        };
        let text = text.clone().cast(Type::String);
        let found = Expr::call(Type::String, Function::Extract { pattern, group }, vec![text]);
        let kind =
            rest.first().and_then(Expr::value).and_then(Value::as_text).and_then(Type::parse);
        Ok(kind.map_or(found.clone(), |kind| found.cast(kind)))
    }

    fn trim(&mut self, at: At, name: &str, values: Vec<Expr>) -> Result<Expr> {
        let [pattern, text] = values.as_slice() else {
            return Err(self.unknown_function(at, name));
        };
        let source = pattern.value().and_then(Value::as_text).unwrap_or_default();
        let anchored = match name {
            "trim_start" => format!("^(?:{source})"),
            "trim_end" => format!("(?:{source})$"),
            _ => source.to_owned(),
        };
        let pattern = match pattern.value() {
            Some(_) => self.pattern(at, &Expr::constant(Type::String, Value::text(anchored)))?,
            None => self.pattern(at, pattern)?,
        };
        Ok(Expr::call(Type::String, Function::Trim(pattern), vec![text.clone().cast(Type::String)]))
    }
}
