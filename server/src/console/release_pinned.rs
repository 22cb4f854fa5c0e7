//! Releases in changes and runs: what is pinned of a release, and what a change's page shows of it.

use super::SignedIn;
use super::runs::{REFUSED_BY_GITHUB, target};
use crate::planner::Planned;
use crate::planner::pinned::{Pinned, PinnedRelease};
use crate::store::changes::StoredChange;
use app::error::ConsoleError;
use app::port::{ReleaseOfChange, Result};
use domain::intent::Intent;
use domain::release::Release;
use domain::release::answers::Answered;
use domain::release::input::Given;
use domain::repository::{Reference, ReleaseId};
use domain::stage::EndpointKey;

/// Number of characters in a short commit hash.
const COMMIT_CHARS: usize = 8;

impl SignedIn {
    /// A release's endpoint, the release with everything that planning it again needs, and its plan. `outcome` completes
    /// the messages of errors.
    pub(super) async fn pinned_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
        outcome: &str,
    ) -> Result<(EndpointKey, Pinned, Planned)> {
        let refused = |why: &str| Err(ConsoleError::Refused(format!("{why} {outcome}")));
        let (found, planned) = Box::pin(self.planned_release(id, reference, answers)).await?;
        let defined = &found.view.defined;
        if !defined.problems.is_empty() {
            return refused(
                "The release has problems. Fix the problems that its page lists first.",
            );
        }
        if defined.is_refused() {
            return refused(REFUSED_BY_GITHUB);
        }
        let at = planned.as_ref().and_then(|planned| target(&planned.plan));
        let (Some(planned), Some(at)) = (planned, at) else {
            return refused("This release has no plan of an endpoint, so it cannot be applied.");
        };
        let file = self.understand(id, reference, &[]).await?.view.defined.release;
        let release = PinnedRelease {
            reference: reference.cloned(),
            answers: answered(&file, &defined.release),
            ..found.pinned(self.place(&at)?)
        };
        Ok((at, Intent::Release { release: Box::new(release) }, planned))
    }

    /// The release of a change, for its page; `None` for other changes.
    pub(super) async fn release_of(&self, kept: &StoredChange) -> Option<ReleaseOfChange> {
        let Intent::Release { release } = &kept.intent else { return None };
        let PinnedRelease { id, reference, commit, answers, .. } = release.as_ref();
        let short = |commit: &str| commit.chars().take(COMMIT_CHARS).collect::<String>();
        let moved = match kept.change.state.is_waiting() {
            true => self.moved_since(release).await,
            false => None,
        };
        Some(ReleaseOfChange {
            id: id.clone(),
            reference: reference.clone(),
            commit: commit.as_deref().map(short),
            at_commit: commit.as_deref().and_then(|commit| commit.parse().ok()),
            answers: answers.clone(),
            moved,
        })
    }

    /// Says that the branch has moved since the proposal, or that the console cannot find out.
    async fn moved_since(&self, release: &PinnedRelease) -> Option<String> {
        let commit = release.commit.as_deref()?;
        let name = release.reference.as_ref().map_or("the repository", Reference::as_str);
        let unknown = || {
            format!(
                "The console cannot find out now whether {name} has moved since the proposal. This change does not \
                 depend on it."
            )
        };
        let Ok(reader) = self.reader(&release.id.repository) else { return Some(unknown()) };
        let reading = reader.read(release.reference.as_ref(), &self.services.clock, false).await;
        if reading.error.is_some() {
            return Some(unknown());
        }
        let now_is = reading.snapshot?.head.revision.commit.clone()?;
        let short = |commit: &str| commit.chars().take(COMMIT_CHARS).collect::<String>();
        (now_is != commit).then(|| {
            format!(
                "{name} has moved since the proposal: it is now at {}. This change stays at {}. To use the newer \
                 commit, propose the release again.",
                short(&now_is),
                short(commit)
            )
        })
    }
}

/// The inputs that a person changed or added.
fn answered(file: &Release, with: &Release) -> Vec<Answered> {
    let differs = with.inputs.iter().filter_map(|(key, input)| {
        let before = file.inputs.get(key).map(|input| &input.given);
        (before != Some(&input.given)).then(|| Answered {
            key: key.to_owned(),
            file: before.map(text),
            answer: text(&input.given),
        })
    });
    differs.collect()
}

fn text(given: &Given) -> String {
    match given {
        Given::Text(text) | Given::Float(text) | Given::Other(text) => text.clone(),
        Given::Bool(flag) => flag.to_string(),
        Given::Integer(number) => number.to_string(),
        Given::Null => String::new(),
        Given::Expression(expression) => expression.0.clone(),
    }
}
