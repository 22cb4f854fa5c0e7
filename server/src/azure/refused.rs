//! Azure's error bodies. Its services use different shapes:
//!
//! | service | shape |
//! |---|---|
//! | ARM, Azure ML, alert rules | `{"error":{"code","message","details","innererror"}}` |
//! | diagnostic settings, action groups, metrics | `{"code","message"}` |
//! | OData | `{"odata.error":{"code","message":{"lang","value"}}}` |
//! | Entra, gateways | `{"error":"code","error_description"}`, `{"Message"}` |
//!
//! One reader handles all of them and ignores the case of names. If `details` or `innererror` contains a more specific
//! reason, the result contains both texts.

use super::error::Error;
use crate::redact;
use domain::text::{shortened, visible};
use reqwest::StatusCode;
use serde_json::Value;
use std::time::Duration;

/// Deepest nesting that is read.
const DEPTH_MAX: usize = 5;
/// Longest message within one of the console's sentences, in characters.
const SENTENCE_CHARS_MAX: usize = 600;
/// Longest message of a failed operation, in characters. Such messages contain logs.
const MESSAGE_CHARS_MAX: usize = 2_000;

/// Azure's code and message; each may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Refused {
    /// The code, such as `BadRequest`.
    pub(super) code: String,
    pub(super) message: String,
}

impl Refused {
    /// Reads an error body.
    pub(super) fn read(body: &Value) -> Self {
        let (code, message) = said(body, 0);
        // Azure repeats request data. Redacted before anything is cut, because half a secret is not recognised.
        let (code, message) = (visible(&redact::text(&code)), visible(&redact::text(&message)));
        Self { code: line(&code), message: shortened(&message, MESSAGE_CHARS_MAX) }
    }

    /// The message for use within a sentence: on one line, without a full stop.
    pub(super) fn sentence(&self) -> String {
        shortened(&line(&self.message), SENTENCE_CHARS_MAX)
    }
}

/// Maps an unsuccessful response to an error.
pub(super) fn error(
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Option<&Value>,
) -> Error {
    let refused = body.map(Refused::read).unwrap_or_default();
    let (message, code) = (refused.sentence(), refused.code);
    let http = format!("HTTP {}", status.as_u16());
    let message = match (message.as_str(), code.as_str()) {
        ("", "") => format!("{http}, without a reason"),
        ("", code) => format!("{http}, {code}, without a reason"),
        _ => message,
    };
    match status.as_u16() {
        401 | 403 => Error::Denied(message),
        404 => Error::NotFound(message),
        409 => Error::Conflict(message),
        429 => Error::Throttled { retry_after },
        408 | 500.. => Error::Unavailable(message),
        _ if code.is_empty() => Error::Rejected { code: http, message },
        _ => Error::Rejected { code, message },
    }
}

/// A field by its name, ignoring case: `message` or `Message`.
fn field<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    let fields = body.as_object()?;
    fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The text of a string, a number, or OData's `{"lang","value"}`.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Object(_)) => text(value.and_then(|value| field(value, "value"))),
        _ => String::new(),
    }
}

fn said(body: &Value, depth: usize) -> (String, String) {
    if depth > DEPTH_MAX {
        return Default::default();
    }
    for name in ["error", "odata.error"] {
        match field(body, name) {
            Some(inside @ Value::Object(_)) => return said(inside, depth + 1),
            Some(Value::String(code)) => {
                return (code.clone(), text(field(body, "error_description")));
            }
            _ => {}
        }
    }
    let (code, message) = (text(field(body, "code")), text(field(body, "message")));
    // Some providers forward another provider's error as JSON text.
    if message.starts_with('{')
        && let Ok(inside @ Value::Object(_)) = serde_json::from_str(&message)
        && let (inner, message) = said(&inside, depth + 1)
        && !message.is_empty()
    {
        return (if code.is_empty() { inner } else { code }, message);
    }
    let (inner, reason) = deeper(body, depth);
    let code = if code.is_empty() { inner } else { code };
    match (message.is_empty(), reason.is_empty() || message.contains(&reason)) {
        (true, _) => (code, reason),
        (false, true) => (code, message),
        (false, false) => (code, format!("{}: {reason}", message.trim_end_matches(['.', ':']))),
    }
}

/// The first message of `details`, or else that of `innererror`.
fn deeper(body: &Value, depth: usize) -> (String, String) {
    let details = field(body, "details").and_then(Value::as_array);
    let all = details.into_iter().flatten().chain(field(body, "innererror"));
    all.map(|one| said(one, depth + 1)).find(|(_, message)| !message.is_empty()).unwrap_or_default()
}

/// Reduces a text to one line without control characters, for logs and pages.
fn line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_is_read_in_every_shape_of_azure() {
        let nested = json!({"error": {"code": "BadRequest", "message": "No such size."}});
        let as_text = json!({"code": "Failed", "message": nested.to_string()});
        for (body, code, message) in [
            (nested.clone(), "BadRequest", "No such size"),
            (json!({"code": "BadRequest", "message": "No sink."}), "BadRequest", "No sink"),
            (json!({"Code": "Conflict", "Message": "Busy"}), "Conflict", "Busy"),
            (
                json!({"Message": "The API does not support GET."}),
                "",
                "The API does not support GET",
            ),
            (
                json!({"odata.error": {"code": "X", "message": {"lang": "en", "value": "No."}}}),
                "X",
                "No",
            ),
            (json!({"error": {"code": "X", "message": {"value": "No."}}}), "X", "No"),
            (
                json!({"error": "invalid_token", "error_description": "It has expired."}),
                "invalid_token",
                "It has expired",
            ),
            (
                json!({"error": {"code": "BadArgumentError", "message": "Bad query.",
                    "innererror": {"code": "SyntaxError", "message": "'whre' at 1:3."}}}),
                "BadArgumentError",
                "Bad query: 'whre' at 1:3",
            ),
            (
                json!({"error": {"code": "Invalid", "message": "",
                    "details": [{"code": "Quota", "message": "No cores left."}]}}),
                "Invalid",
                "No cores left",
            ),
            (
                json!({"error": {"code": "Invalid", "message": "No cores left.",
                    "details": [{"message": "No cores left."}]}}),
                "Invalid",
                "No cores left",
            ),
            (json!({"error": {"innererror": {"code": "Y", "message": "Z"}}}), "Y", "Z"),
            (as_text, "Failed", "No such size"),
            (
                json!({"code": 40001, "message": "two\r\nlines\u{1b}[31m"}),
                "40001",
                "two lines [31m",
            ),
            (json!({"code": "OnlyCode"}), "OnlyCode", ""),
            (json!({"error": null, "code": "A", "message": "B"}), "A", "B"),
            (json!({}), "", ""),
            (json!("text"), "", ""),
            (json!([1]), "", ""),
        ] {
            let refused = Refused::read(&body);
            let said = (refused.code.as_str(), refused.sentence());
            assert_eq!(said, (code, message.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_hostile_refusal_is_cut_and_marked_as_cut() {
        let mut deep = json!({"message": "the bottom"});
        for _ in 0..100 {
            deep = json!({ "innererror": deep });
        }
        assert_eq!(Refused::read(&deep), Refused::default());
        let long = json!({"message": "x".repeat(10_000)});
        let refused = Refused::read(&long);
        for (said, most) in
            [(refused.sentence(), SENTENCE_CHARS_MAX), (refused.message, MESSAGE_CHARS_MAX)]
        {
            assert!(said.ends_with('…') && said.chars().count() == most, "{said}");
        }
    }
}
