//! The part of a job's page that its stream renders again.

use super::board::{JobBoard, JobBoardProps};
use super::head::said;
use crate::components::live_part::rendered;
use crate::port::{JobView, RenderedPart};

/// The page of a job above its log, as HTML.
#[must_use]
pub fn part(view: JobView) -> RenderedPart {
    let (now, said) = (view.now, said(&view.job.progress));
    rendered(now, said, || JobBoard(JobBoardProps { view }))
}
