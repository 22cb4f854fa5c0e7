//! Secrets in files or environment variables that the configuration names. Once read, a secret is redacted in pages,
//! logs and the store.

use crate::redact;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Reads a secret from a file, without surrounding white space.
///
/// # Errors
/// If the file cannot be read or is empty. Errors never contain the secret.
pub fn secret(field: &str, file: &Path) -> anyhow::Result<String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("{field}: {shown} cannot be read"))?;
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{field}: {shown} is empty. Write the secret into this file");
    redact::scope::own(text);
    Ok(text.to_owned())
}

/// The source of a secret: a file (`KEY_file`) or an environment variable (`KEY_env`).
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The field's full path, without the suffix `_file` or `_env`.
    pub field: &'a str,
    pub file: Option<&'a PathBuf>,
    pub variable: Option<&'a String>,
}

impl Place<'_> {
    /// Checks that at most one source is configured.
    ///
    /// # Errors
    /// If both are configured.
    pub fn check(&self) -> anyhow::Result<()> {
        let field = self.field;
        anyhow::ensure!(
            self.file.is_none() || self.variable.is_none(),
            "{field}_file and {} are both set. Remove one",
            last(&format!("{field}_env"))
        );
        Ok(())
    }

    /// Whether a source is configured.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.file.is_some() || self.variable.is_some()
    }

    /// Reads the secret; `None` if no source is configured.
    ///
    /// # Errors
    /// As [`secret`].
    #[expect(clippy::disallowed_methods, reason = "only the configuration reads the environment")]
    pub fn read(&self) -> anyhow::Result<Option<String>> {
        let field = self.field;
        match (self.file, self.variable) {
            (Some(file), _) => secret(&format!("{field}_file"), file).map(Some),
            (None, Some(variable)) => {
                let text = std::env::var(variable).ok();
                let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
                let text = text.with_context(|| format!("{field}_env: {variable} is not set"))?;
                redact::scope::own(&text);
                Ok(Some(text))
            }
            (None, None) => Ok(None),
        }
    }
}

/// The last part of a field's path.
fn last(field: &str) -> &str {
    field.rsplit(": ").next().unwrap_or(field)
}
