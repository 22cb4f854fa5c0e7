//! Runs of ACR Tasks, and how the console finds its own run after the answer to `scheduleRun` was lost.
//!
//! A run does not show the request that scheduled it: neither its source, nor its target, arguments or image names
//! (`RunProperties` in the versions 2019-06-01-preview and 2025-03-01-preview). `logTemplate` would come back as
//! `logArtifact`, but ACR accepts it only for registries with customer-managed keys. `updateTriggerToken` exists only for
//! runs of stored tasks. Unused build arguments are neither shown nor logged before a build's end.
//!
//! So the console pushes one more tag, [`super::marker`], which only this job uses. It distinguishes runs as follows:
//!
//! * A run with this tag in `outputImages` is the job's run. Nobody else pushes this tag.
//! * A run that succeeded without it is another one: ACR lists every pushed tag.
//! * A run that has not ended may be the job's run. The caller waits for its end.
//! * A run that failed has pushed nothing, so it does not matter whose it was. Scheduling the build again is harmless.
//! * Runs of stored tasks and runs from before the request are never the job's run.
//!
//! So a build is never scheduled twice while the first one can still push its image.

use super::Registry;
use crate::azure::arm::Arm;
use crate::azure::error::Error;
use crate::azure::list;
use crate::azure::wire::{moment, said};
use domain::text::shortened;
use domain::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// Longest ID of a run, in bytes. Source: ACR's have two to six characters.
const ID_BYTES_MAX: usize = 64;
/// Longest shown error, name or tag, in characters.
const TEXT_CHARS_MAX: usize = 2_000;
/// How far ACR's clock may be behind the console's, in milliseconds.
const CLOCK_MS: i64 = 120_000;

/// The status of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildStatus {
    Queued,
    Started,
    Running,
    Succeeded,
    Failed,
    Canceled,
    /// ACR could not run the build.
    Error,
    Timeout,
    /// A status that ACR's documentation does not name. It counts as not ended.
    Other(String),
}

impl BuildStatus {
    fn of(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "queued" => Self::Queued,
            "started" => Self::Started,
            "running" => Self::Running,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "canceled" | "cancelled" => Self::Canceled,
            "error" => Self::Error,
            "timeout" => Self::Timeout,
            _ => Self::Other(shortened(&domain::text::visible(text), 60)),
        }
    }

    /// Whether the status is final.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Queued | Self::Started | Self::Running | Self::Other(_))
    }
}

/// An image that a run pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputImage {
    pub registry: String,
    pub repository: String,
    pub tag: Option<String>,
    /// `sha256:…`
    pub digest: Option<String>,
}

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct BuildRun {
    pub id: String,
    pub status: BuildStatus,
    /// Why ACR could not run the build. The log contains why a build failed.
    pub error: Option<String>,
    pub created: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub finished: Option<Timestamp>,
    /// Empty before the run succeeds.
    pub images: Vec<OutputImage>,
    /// The stored task that the run carries out, if any.
    pub task: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    name: Option<String>,
    properties: WireProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireProperties {
    run_id: Option<String>,
    status: Option<String>,
    run_error_message: Option<String>,
    create_time: Option<String>,
    start_time: Option<String>,
    finish_time: Option<String>,
    output_images: Option<Vec<WireImage>>,
    task: Option<String>,
}

#[derive(Deserialize)]
struct WireImage {
    registry: Option<String>,
    repository: Option<String>,
    tag: Option<String>,
    digest: Option<String>,
}

impl BuildRun {
    pub(super) fn read(body: Value) -> Result<Self, Error> {
        let Wire { name, properties } = serde_json::from_value(body)
            .map_err(|error| Error::garbled(format!("a run: {error}")))?;
        let id = properties.run_id.or(name).unwrap_or_default();
        is_run_id(&id)?;
        let text =
            |text: Option<String>| text.and_then(said).map(|text| shortened(&text, TEXT_CHARS_MAX));
        let at = |text: Option<String>| text.as_deref().and_then(moment);
        let plain = |text: Option<String>| {
            text.filter(|text| {
                text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic())
            })
        };
        let image = |image: WireImage| OutputImage {
            registry: plain(image.registry).unwrap_or_default(),
            repository: plain(image.repository).unwrap_or_default(),
            tag: plain(image.tag),
            digest: image.digest.filter(|digest| super::image::is_digest(digest)),
        };
        Ok(Self {
            id,
            status: BuildStatus::of(&properties.status.unwrap_or_default()),
            error: text(properties.run_error_message),
            created: at(properties.create_time),
            started: at(properties.start_time),
            finished: at(properties.finish_time),
            images: properties.output_images.into_iter().flatten().map(image).collect(),
            task: text(properties.task),
        })
    }
}

/// Checks a run's ID before it becomes a path.
pub(super) fn is_run_id(id: &str) -> Result<(), Error> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if (1..=ID_BYTES_MAX).contains(&id.len()) && id.chars().all(is_plain) {
        Ok(())
    } else {
        Err(Error::garbled("a run without a valid ID"))
    }
}

/// One run.
///
/// # Errors
/// [`Error`].
pub async fn run(arm: &Arm, registry: &Registry, id: &str) -> Result<BuildRun, Error> {
    is_run_id(id)?;
    let url = registry.url(arm, &["runs", id], &[])?;
    BuildRun::read(arm.get(url).await?.body)
}

/// The runs that were created after a moment, newest first. Runs that cannot be read are skipped and logged.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] if the list exceeds the limits of lists.
pub async fn runs(
    arm: &Arm,
    registry: &Registry,
    created_after: Timestamp,
) -> Result<Vec<BuildRun>, Error> {
    let filter = format!("createTime ge {}", created_after.iso());
    let url = registry.url(arm, &["runs"], &[("$filter", &filter), ("$top", "100")])?;
    let (mut all, mut left_out) = (Vec::new(), Vec::new());
    for item in arm.list(url).await? {
        match BuildRun::read(item) {
            Ok(run) => all.push(run),
            Err(error) => left_out.push(error),
        }
    }
    list::tell_left_out("runs", &left_out);
    // The service may ignore the filter, which counts in seconds.
    all.retain(|run| run.created.is_none_or(|at| at.0 / 1_000 >= created_after.0 / 1_000));
    all.sort_by_key(|run| std::cmp::Reverse(run.created));
    Ok(all)
}

/// What the registry knows about a job whose request to schedule a run may have been lost.
#[derive(Debug, Clone, PartialEq)]
pub enum Traced {
    /// The job's run.
    Ours(BuildRun),
    /// These runs have not ended, and one of them may be the job's run.
    Open(Vec<BuildRun>),
    /// No run can still push the job's image. These runs failed, and one of them may have been the job's run.
    Absent(Vec<BuildRun>),
}

/// Finds the run of a job by its [`super::marker`]. `asked` is when the console was about to schedule the run; the list
/// must reach back to two minutes earlier, because clocks differ. `others` are the runs of other jobs.
#[must_use]
pub fn trace(runs: &[BuildRun], marker: &str, asked: Timestamp, others: &[String]) -> Traced {
    let is_candidate = |run: &&BuildRun| {
        run.task.is_none()
            && run.created.is_none_or(|at| at.0 >= asked.0.saturating_sub(CLOCK_MS))
            && !others.contains(&run.id)
    };
    let has_tag =
        |run: &&BuildRun| run.images.iter().any(|image| image.tag.as_deref() == Some(marker));
    let candidates: Vec<_> = runs.iter().filter(is_candidate).collect();
    if let Some(ours) = candidates.iter().copied().find(has_tag) {
        return Traced::Ours(ours.clone());
    }
    let (over, open): (Vec<_>, Vec<_>) =
        candidates.into_iter().cloned().partition(|run| run.status.is_over());
    if !open.is_empty() {
        return Traced::Open(open);
    }
    let failed = over.into_iter().filter(|run| run.status != BuildStatus::Succeeded);
    Traced::Absent(failed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(id: &str, status: BuildStatus, created: i64, tag: Option<&str>) -> BuildRun {
        let image = |tag: &str| OutputImage {
            registry: "acr.azurecr.io".into(),
            repository: "app".into(),
            tag: Some(tag.into()),
            digest: None,
        };
        BuildRun {
            id: id.into(),
            status,
            error: None,
            created: Some(Timestamp(created)),
            started: None,
            finished: None,
            images: tag.map(image).into_iter().collect(),
            task: None,
        }
    }

    #[test]
    fn the_run_of_a_lost_answer_is_found_or_waited_for() {
        use BuildStatus::{Failed, Running, Succeeded};
        let asked = Timestamp(1_000_000);
        let ours = ran("a", Succeeded, 1_000_000, Some("job-9"));
        let open = ran("b", Running, 1_000_001, None);
        let other = ran("c", Succeeded, 1_000_002, Some("job-8"));
        let failed = ran("d", Failed, 1_000_003, None);
        let old = ran("e", Running, 0, None);
        let task = BuildRun { task: Some("nightly".into()), ..open.clone() };
        let absent = |runs: &[&BuildRun]| Traced::Absent(runs.iter().copied().cloned().collect());
        for (runs, others, expected) in [
            (vec![&open, &ours, &failed], vec![], Traced::Ours(ours.clone())),
            (vec![&open, &other, &failed], vec![], Traced::Open(vec![open.clone()])),
            (vec![&open, &other], vec!["b".to_owned()], absent(&[])),
            (vec![&other, &failed], vec![], absent(&[&failed])),
            (vec![&old, &task], vec![], absent(&[])),
            (vec![], vec![], absent(&[])),
        ] {
            let runs: Vec<_> = runs.into_iter().cloned().collect();
            assert_eq!(trace(&runs, "job-9", asked, &others), expected, "{runs:?}");
        }
    }
}
