//! Hides secrets in releases before people see them.

use crate::redact;
use app::error::ConsoleError;
use app::port::{ReleaseView, Result};
use domain::text::visible;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Hides the secrets in a release's files and texts. Plans, requests and the store use another copy.
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

/// Hides known secrets in one value.
pub(super) fn shown<T: Serialize + DeserializeOwned>(value: &mut T) -> Result<()> {
    redact::shown(value).map_err(|_| {
        ConsoleError::Refused(
            "A name in this repository contains a secret, so the console cannot show the release. Remove the secret \
             from the file, and have its issuer revoke it."
                .to_owned(),
        )
    })
}
