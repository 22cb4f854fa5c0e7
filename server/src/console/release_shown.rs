//! Releases as people see them, without the secrets that their files may hold.

use crate::redact;
use app::domain::text::visible;
use app::error::ConsoleError;
use app::port::{ReleaseView, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A release as people see it: a file may hold secrets, and so may what is said of it. What is planned, sent and kept
/// is another copy.
pub(super) fn without_secrets(mut view: ReleaseView) -> Result<ReleaseView> {
    for file in &view.defined.files {
        let text = file.text.as_deref().unwrap_or_default();
        redact::learn(&redact::yaml::secrets(text.as_bytes()));
    }
    for file in &mut view.defined.files {
        file.text = file.text.take().map(|text| visible(&redact::text(&text)));
    }
    shown(&mut view.defined.release)?;
    shown(&mut view.defined.problems)?;
    shown(&mut view.defined.notes)?;
    shown(&mut view.repository)?;
    Ok(view)
}

/// Hides what is known to be secret in a part of it.
pub(super) fn shown<T: Serialize + DeserializeOwned>(value: &mut T) -> Result<()> {
    redact::shown(value).map_err(|_| {
        ConsoleError::Refused(
            "A secret stands in this repository where a name belongs, so that it cannot be shown. Take it out of the \
             file, and have whoever issued it revoke it."
                .to_owned(),
        )
    })
}
