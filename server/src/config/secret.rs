//! Secrets that the configuration names but does not hold. Whatever is read here is hidden from then on wherever it
//! would be shown, logged or written down.

use crate::redact;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// What stands in a file that the configuration names, without the line's end.
///
/// # Errors
/// When it cannot be read, or nothing stands there. What stands there is never part of an error.
pub fn secret(field: &str, file: &Path) -> anyhow::Result<String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("{field}: {shown} cannot be read"))?;
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{field}: {shown} is empty. Put the secret into it");
    redact::scope::own(text);
    Ok(text.to_owned())
}

/// Where a secret is: in a file or in a variable of the environment, as `KEY_file` or `KEY_env`.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The field's name without its end, with all that leads to it.
    pub field: &'a str,
    /// The file.
    pub file: Option<&'a PathBuf>,
    /// The variable.
    pub variable: Option<&'a String>,
}

impl Place<'_> {
    /// Refuses to be told of two places.
    ///
    /// # Errors
    /// With both fields.
    pub fn check(&self) -> anyhow::Result<()> {
        let field = self.field;
        anyhow::ensure!(
            self.file.is_none() || self.variable.is_none(),
            "{field}_file and {} are both given. Keep one",
            last(&format!("{field}_env"))
        );
        Ok(())
    }

    /// Whether it is told at all.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.file.is_some() || self.variable.is_some()
    }

    /// Reads it; `None` when no place is told.
    ///
    /// # Errors
    /// As [`secret`].
    #[expect(
        clippy::disallowed_methods,
        reason = "the configuration is the door to the environment"
    )]
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

/// A field without what leads to it.
fn last(field: &str) -> &str {
    field.rsplit(": ").next().unwrap_or(field)
}
