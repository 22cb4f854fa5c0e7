//! What the page of a shadow's run book shows.

use crate::domain::document::Document;
use crate::domain::plan::Plan;
use crate::domain::repository::FileProblem;
use crate::domain::run_book::Seen;
use crate::domain::stage::EndpointKey;
use serde::{Deserialize, Serialize};

/// The run book of a shadow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunBookView {
    /// The endpoints that can be chosen.
    pub endpoints: Vec<EndpointKey>,
    /// What was observed.
    pub seen: Seen,
    /// What is wrong with the files that the next run names, or keeps it from being planned.
    pub problems: Vec<FileProblem>,
    /// What the next run would do; `None` while something for it is missing.
    pub plan: Option<Plan>,
    /// What to put into the repository, and the plan to be copied.
    pub documents: Vec<Document>,
}
