//! Finds a release in its repository.

use super::SignedIn;
use super::releases::{inputs, shortened, unread};
use crate::releases::read::{Snapshot, Understood};
use crate::releases::{Reader, Reading};
use app::error::ConsoleError;
use app::port::Result;
use domain::repository::{Reference, ReleaseId};
use std::sync::Arc;

/// A release in its repository.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) reader: &'a Arc<Reader>,
    pub(super) reading: Reading,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) understood: Understood,
}

impl SignedIn {
    /// A release as its repository defines it, with answers.
    pub(super) async fn find_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<Found<'_>> {
        let reader = self.reader(&id.repository)?;
        if reference.is_some() || !answers.is_empty() {
            self.may_read()?;
        }
        let reading = reader.read(reference, &self.services.clock, false).await;
        let Some(snapshot) = reading.snapshot.clone() else { return Err(unread(reading.error)) };
        let found = snapshot.releases.iter().find(|one| one.defined.id == *id);
        let Some(found) = found else {
            let at = reference.map(|at| format!(" at {at}")).unwrap_or_default();
            return Err(ConsoleError::NotFound(format!(
                "There is no release {} in {}{at}. The Releases page lists all releases.",
                shortened(&id.job),
                shortened(&id.workflow),
            )));
        };
        let answers = inputs(&found.defined.release, answers)?;
        let understood = if answers.is_empty() {
            found.clone()
        } else {
            let again = reader.with_answers(&snapshot, found, &answers).await;
            again.map_err(|error| ConsoleError::Unavailable(error.to_string()))?
        };
        Ok(Found { reader, reading, snapshot, understood })
    }
}
