//! A stage's probe in the configuration file.

use crate::stages::Probing;
use anyhow::Context as _;
use serde::Deserialize;
use std::path::PathBuf;

/// The requests that probe a stage's endpoints.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The body of a request, as JSON.
    body: Option<String>,
    body_file: Option<PathBuf>,
    /// Probes per second.
    #[serde(default = "per_second")]
    per_second: u32,
}

fn per_second() -> u32 {
    10
}

impl Probe {
    /// Reads the body.
    ///
    /// # Errors
    /// With the invalid key.
    pub fn read(&self) -> anyhow::Result<Probing> {
        let body = match (&self.body, &self.body_file) {
            (Some(body), None) => body.clone(),
            (None, Some(file)) => std::fs::read_to_string(file)
                .with_context(|| format!("probe: body_file: {} cannot be read", file.display()))?,
            (None, None) => anyhow::bail!("probe: name a body or a body_file"),
            (Some(_), Some(_)) => anyhow::bail!("probe: name either a body or a body_file"),
        };
        Probing::new(body, self.per_second).map_err(anyhow::Error::msg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> anyhow::Result<Probing> {
        serde_yaml::from_str::<Probe>(yaml)?.read()
    }

    #[test]
    fn a_body_is_given_inline_or_in_a_file() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "{\"student\": {}}").expect("written");
        let named = read(&format!("body_file: {}", file.path().display())).expect("it is good");
        let given = read("{ body: '{\"student\": {}}', per_second: 10 }").expect("it is good");
        assert_eq!(named, given);
        assert_eq!(given.interval().as_millis(), 100);
        let told = given.to_string();
        assert!(told.starts_with("10 a second, body of 15 bytes, SHA-256 "), "{told}");
        assert!(!told.contains("student"), "{told}");
    }

    #[test]
    fn errors_name_the_key_and_never_quote_the_body() {
        for (yaml, part) in [
            ("{}", "name a body or a body_file"),
            ("{ body: '{}', body_file: x.json }", "either a body or a body_file"),
            ("{ body_file: /nowhere/x.json }", "body_file: /nowhere/x.json cannot be read"),
            ("{ body: '{}', per_second: 0 }", "per_second: 0 is not between 1 and 50"),
            ("{ body: '{}', per_second: 51 }", "per_second: 51 is not between"),
            ("{ body: '{}', per_second: 300 }", "per_second: 300 is not between"),
            ("{ body: 'secret' }", "the body is not JSON, at line 1"),
            ("{ body: '{}', rate: 1 }", "unknown field `rate`"),
        ] {
            let error = format!("{:#}", read(yaml).expect_err(yaml));
            assert!(error.contains(part) && !error.contains("secret"), "{yaml}: {error}");
        }
        let long = format!("body: '\"{}\"'", "x".repeat(300_000));
        assert!(read(&long).expect_err("too long").to_string().contains("larger than"));
    }
}
