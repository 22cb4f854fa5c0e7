//! The values of literals.

use crate::ticks;
use crate::types::{Type, Value};

/// The text up to a closing quotation mark, and the bytes that it took.
pub(super) fn quoted(body: &str, quote: char, is_verbatim: bool) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' | '\r' => return None,
            c if c == quote => {
                // A verbatim string doubles its quotation mark.
                if !is_verbatim || !body[at + 1..].starts_with(quote) {
                    return Some((text, at + 1));
                }
                chars.next();
                text.push(quote);
            }
            '\\' if !is_verbatim => text.push(match chars.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                'u' => {
                    let digits = body.get(at + 2..at + 6)?;
                    chars.nth(3)?;
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
                }
                c @ ('\\' | '"' | '\'' | '/') => c,
                _ => return None,
            }),
            c => text.push(c),
        }
    }
    None
}

/// The value of `type(inner)`.
pub(super) fn literal(kind: Type, inner: &str) -> Option<Value> {
    if inner == "null" {
        return Some(Value::Null);
    }
    let bare = inner.trim_matches(['"', '\'']);
    match kind {
        Type::DateTime => ticks::parse_time(bare).map(Value::Long),
        Type::TimeSpan => ticks::parse_span(bare).map(Value::Long),
        Type::Bool => match inner {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Int => inner.parse::<i32>().ok().map(|number| Value::Long(number.into())),
        Type::Long => inner.parse::<i64>().ok().map(Value::Long).filter(|value| kind.holds(value)),
        Type::Real => match inner {
            "nan" => Some(Value::Real(f64::NAN)),
            "+inf" | "inf" => Some(Value::Real(f64::INFINITY)),
            "-inf" => Some(Value::Real(f64::NEG_INFINITY)),
            _ => inner.parse().ok().filter(|n: &f64| n.is_finite()).map(Value::Real),
        },
        Type::Dynamic => serde_json::from_str(inner).ok().map(Value::dynamic).or_else(|| {
            // A string in single quotation marks.
            let text = inner.strip_prefix('\'')?.strip_suffix('\'')?;
            Some(Value::dynamic(serde_json::Value::String(text.to_owned())))
        }),
        Type::String => None,
    }
}
