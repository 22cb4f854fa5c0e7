//! Why a log has no lines.

use domain::job::view::Progress;

/// Why there are no lines yet, or none at all.
#[must_use]
pub fn why_empty(progress: &Progress) -> &'static str {
    match progress {
        Progress::Waiting => {
            "The build is queued. Its log appears here when it starts; you do not need to reload the page."
        }
        Progress::Running { .. } => {
            "The build has not written anything yet. Lines appear here as they are written."
        }
        Progress::Cancelling { .. } => "The build is being cancelled. It has not written anything.",
        Progress::Succeeded => "This build wrote no log.",
        Progress::Failed { .. } => {
            "The build failed before it wrote anything. The reason is above."
        }
        Progress::Cancelled { .. } => "The build was cancelled before it wrote anything.",
    }
}
