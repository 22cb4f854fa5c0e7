//! Why a log has no lines.

use domain::job::view::Progress;

/// Why there are no lines yet, or none at all. `None`: the job's progress is not known.
#[must_use]
pub fn why_empty(progress: Option<&Progress>, ended: bool) -> &'static str {
    match progress {
        Some(Progress::Waiting) => {
            "The build is queued. Its log appears here when it starts; you do not need to reload the page."
        }
        Some(Progress::Running { .. }) => {
            "The build has not written anything yet. Lines appear here as they are written."
        }
        Some(Progress::Cancelling { .. }) => {
            "The build is being cancelled. It has not written anything."
        }
        Some(Progress::Succeeded) => "This build wrote no log.",
        Some(Progress::Failed { .. }) => {
            "The build failed before it wrote anything. The reason is above."
        }
        Some(Progress::Cancelled { .. }) => "The build was cancelled before it wrote anything.",
        None if ended => "This job wrote no log.",
        None => "Nothing has been written yet.",
    }
}
