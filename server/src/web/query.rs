//! Values in a URL's query. Errors name the parameter, its value, and what is allowed, instead of a library's words.

use app::error::ConsoleError;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::text::shortened;
use std::convert::Infallible;
use std::str::FromStr;

/// Longest value that an error quotes, in characters.
const QUOTED_MAX: usize = 40;

/// The fields of a URL's query, in order. Reading them never fails: invalid UTF-8 is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(pub Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl Query {
    /// The value of a parameter that may be given once; `None` if it is missing.
    ///
    /// # Errors
    /// [`ConsoleError::Invalid`] if it is repeated.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ConsoleError> {
        let mut values = self.0.iter().filter(|(field, _)| field == name);
        let first = values.next().map(|(_, value)| value.as_str());
        match values.count() {
            0 => Ok(first),
            more => Err(invalid(
                name,
                format!("In the address, “{name}” is given {} times. Give it once.", more + 1),
            )),
        }
    }

    /// The value of a parameter as a `T`; `None` if it is missing. `allowed` completes “must be …”.
    ///
    /// # Errors
    /// [`ConsoleError::Invalid`] if the parameter is repeated, not a `T`, or not accepted.
    pub fn read<T: FromStr>(
        &self,
        name: &str,
        allowed: &str,
        is_allowed: impl FnOnce(&T) -> bool,
    ) -> Result<Option<T>, ConsoleError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.parse().ok().filter(is_allowed) {
            Some(value) => Ok(Some(value)),
            None => Err(invalid(
                name,
                format!(
                    "In the address, “{name}” is “{}”, but must be {allowed}.",
                    shortened(text, QUOTED_MAX)
                ),
            )),
        }
    }
}

fn invalid(name: &str, message: String) -> ConsoleError {
    ConsoleError::Invalid { field: Some(name.to_owned()), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Option<u64>, String> {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let read = Query(pairs).read("size", "a whole number from 0 to 9", |size| *size <= 9);
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn a_bad_value_is_named_with_its_parameter_and_what_is_allowed() {
        assert_eq!(read("size=7&else=x"), Ok(Some(7)));
        assert_eq!(read("else=x"), Ok(None));
        for text in ["abc", "-1", "10", "", "1.5"] {
            let said = format!(
                "In the address, “size” is “{text}”, but must be a whole number from 0 to 9."
            );
            assert_eq!(read(&format!("size={text}")), Err(said));
        }
        let long = read(&format!("size={}", "9".repeat(1_000))).expect_err("too long");
        assert!(long.contains("9…”") && long.chars().count() < 150, "{long}");
        let twice = read("size=1&size=2").expect_err("repeated");
        assert_eq!(twice, "In the address, “size” is given 2 times. Give it once.");
    }
}
