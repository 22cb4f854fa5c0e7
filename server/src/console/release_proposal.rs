//! Releases in changes: what is kept of one that is proposed, and what a change's page says of it.

use super::SignedIn;
use super::release_plan::on_stage;
use super::runs::target;
use crate::changes::stored::{Stored, StoredRelease};
use crate::store::changes::Kept;
use app::domain::plan::PlanHash;
use app::domain::release::Release;
use app::domain::release::answers::Answered;
use app::domain::release::input::Given;
use app::domain::repository::{Reference, ReleaseId};
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use app::port::{ReleaseOfChange, Result};

/// Characters of a commit that people know it by.
const COMMIT_CHARS: usize = 8;

impl SignedIn {
    /// A release's endpoint and all that planning it again needs; where a plan was seen, if it is still the one.
    pub(super) async fn release_wish(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
        seen: Option<&PlanHash>,
    ) -> Result<(EndpointKey, Stored)> {
        let refused =
            |why: &str| Err(ConsoleError::Refused(format!("{why} Nothing was proposed.")));
        let (found, planned) = Box::pin(self.planned_release(id, reference, answers)).await?;
        let defined = found.view.defined;
        if !defined.problems.is_empty() {
            return refused("The release has problems, which its page lists. Mend them first.");
        }
        let at = planned.as_ref().and_then(|planned| target(&planned.plan));
        let (Some(planned), Some(at)) = (planned, at) else {
            return refused("There is no plan of an endpoint that could be proposed.");
        };
        if seen.is_some_and(|seen| planned.plan.hash.as_ref() != Some(seen)) {
            return Err(ConsoleError::Conflict(
                "The plan changed while you were deciding. Nothing was proposed. Look at the new plan, and \
                 propose it if it is still right."
                    .to_owned(),
            ));
        }
        let file = self.understand(id, reference, &[]).await?.view.defined.release;
        let revision = found.view.repository.revision;
        let release = StoredRelease {
            id: id.clone(),
            reference: reference.cloned(),
            commit: revision.and_then(|revision| revision.commit),
            answers: answered(&file, &defined.release),
            release: on_stage(self.place(&at)?, &defined.release),
            files: found.files,
            infra: defined.infra,
            built: found.built,
            unknown: Vec::new(),
        };
        Ok((at, Stored::Release(Box::new(release))))
    }

    /// What a change's page says of its release; `None` when it is about none.
    pub(super) async fn release_of(&self, kept: &Kept) -> Option<ReleaseOfChange> {
        let Stored::Release(release) = &kept.wish else { return None };
        let StoredRelease { id, reference, commit, answers, .. } = release.as_ref();
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

    /// That the branch has moved since a release was proposed, or that nobody can tell.
    async fn moved_since(&self, release: &StoredRelease) -> Option<String> {
        let commit = release.commit.as_deref()?;
        let name = release.reference.as_ref().map_or("the repository", Reference::as_str);
        let unknown = || {
            format!(
                "Whether {name} has moved since cannot be told just now; this change does not depend on it."
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
                "{name} has moved since: it is at {} now. This change keeps {}, as it was proposed; propose the \
                 release anew to take what is newer.",
                short(&now_is),
                short(commit)
            )
        })
    }
}

/// The inputs in which a release with a person's answers differs from the file.
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
