//! What the registry keeps in the emulator's state: its runs, and when images were pushed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The number of finished runs that are kept.
const RUNS_MAX: usize = 2_000;

/// The registry's part of the state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistryState {
    /// Its name; empty before the first start.
    pub name: String,
    pub location: String,
    /// The host and port at the last start, which images name.
    pub login_server: String,
    pub created_at: String,
    /// The two passwords of the admin user.
    pub passwords: [String; 2],
    /// Whether the workspaces name no registry, as before their first image build.
    pub is_detached: bool,
    /// The number of runs ever scheduled, which numbers the next one.
    pub scheduled: u64,
    pub runs: BTreeMap<u64, Run>,
    /// When tags and manifests were pushed: by repository, then by tag or digest.
    pub pushed: BTreeMap<String, BTreeMap<String, Times>>,
}

/// When a tag or a manifest was pushed first, and last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Times {
    pub created_at: String,
    pub updated_at: String,
}

/// `properties.status` of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunStatus {
    Queued,
    Started,
    Running,
    Succeeded,
    Failed,
    Canceled,
    /// The service failed, for example because the agent was lost.
    Error,
    Timeout,
}

impl RunStatus {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Started => "Started",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Error => "Error",
            Self::Timeout => "Timeout",
        }
    }

    /// Whether the run has ended.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Started | Self::Running)
    }

    /// The value of the metadata `complete` of the run's log, for which azure-cli waits
    /// (`acr/_stream_utils.py`).
    pub fn log_word(self) -> &'static str {
        match self {
            Self::Succeeded => "successful",
            Self::Canceled => "canceled",
            Self::Timeout => "timedout",
            Self::Error => "internalerror",
            Self::Failed | Self::Queued | Self::Started | Self::Running => "failed",
        }
    }
}

/// A build argument.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Argument {
    pub name: String,
    pub value: String,
    /// Whether logs must not show the value.
    pub is_secret: bool,
}

/// A `DockerBuildRequest` as accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Names with `{{.Run.ID}}` and its like.
    pub image_names: Vec<String>,
    pub is_push_enabled: bool,
    pub dockerfile: String,
    pub target: Option<String>,
    /// Forgotten when the run ends, because some are secrets.
    pub arguments: Vec<Argument>,
    pub timeout_s: u64,
    pub architecture: String,
    pub cpu: i64,
    /// The path that `listBuildSourceUploadUrl` returned.
    pub source: String,
    pub is_archive_enabled: bool,
    pub custom_registries: Vec<String>,
}

/// An image to push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    pub repository: String,
    pub tag: String,
}

/// A run of the registry's tasks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    pub number: u64,
    pub status: RunStatus,
    pub order: Order,
    /// The rendered image names.
    pub images: Vec<Image>,
    /// The registry's host and port, as the caller reaches it.
    pub login_server: String,
    pub created_by: String,
    pub created_at: String,
    pub started_at: Option<String>,
    pub ended_at: Option<String>,
    pub updated_at: String,
    /// The digest of the pushed manifest.
    pub digest: Option<String>,
    /// `runErrorMessage`
    pub error: Option<String>,
    /// Whether somebody cancelled it.
    pub is_cancelled: bool,
}

impl Run {
    /// `runId`
    pub fn id(&self) -> String {
        run_id(self.number)
    }
}

/// The id of a run. In Azure, too, the first letters are the registry's.
pub fn run_id(number: u64) -> String {
    format!("cb{number}")
}

/// The number in a run's id.
pub fn run_number(id: &str) -> Option<u64> {
    id.to_lowercase().strip_prefix("cb")?.parse().ok()
}

impl RegistryState {
    /// Adds a run, and forgets the oldest finished one if there are too many.
    pub fn add(&mut self, run: Run) {
        if self.runs.len() >= RUNS_MAX {
            let oldest = self.runs.values().find(|run| run.status.is_over()).map(|run| run.number);
            if let Some(number) = oldest {
                self.runs.remove(&number);
            }
        }
        self.runs.insert(run.number, run);
    }

    /// Notes that a tag, if any, and its manifest were pushed.
    pub fn note_push(&mut self, repository: &str, tag: Option<&str>, digest: &str, now: &str) {
        let known = self.pushed.entry(repository.to_owned()).or_default();
        for reference in tag.into_iter().chain([digest]) {
            let times = known.entry(reference.to_owned()).or_insert_with(|| Times {
                created_at: now.to_owned(),
                updated_at: now.to_owned(),
            });
            now.clone_into(&mut times.updated_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_are_read_in_any_case() {
        assert_eq!(run_number(&run_id(12)), Some(12));
        assert_eq!(run_number("CB3"), Some(3));
        for wrong in ["", "cb", "cb-1", "1", "cbx", "cb99999999999999999999"] {
            assert_eq!(run_number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_tag_keeps_the_time_of_its_first_push() {
        let mut state = RegistryState::default();
        state.note_push("app", Some("latest"), "sha256:1", "one");
        state.note_push("app", Some("latest"), "sha256:2", "two");
        let times = &state.pushed["app"];
        assert_eq!((&*times["latest"].created_at, &*times["latest"].updated_at), ("one", "two"));
        assert_eq!(times["sha256:1"].updated_at, "one");
    }
}
