//! The view of the shadow run book.

use domain::document::Document;
use domain::plan::Plan;
use domain::repository::FileProblem;
use domain::run_book::Seen;
use domain::stage::EndpointKey;
use serde::{Deserialize, Serialize};

/// The run book of a shadow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunBookView {
    pub endpoints: Vec<EndpointKey>,
    pub seen: Seen,
    /// Problems in the files of the next run, or other reasons that prevent its plan.
    pub problems: Vec<FileProblem>,
    /// The plan of the next run; `None` while information is missing.
    pub plan: Option<Plan>,
    /// The files to commit, and the plan's commands.
    pub documents: Vec<Document>,
}
