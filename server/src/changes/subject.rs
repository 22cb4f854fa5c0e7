//! What an approval signs: a plan and its evidence.

use crate::hash::{canonical, sha256};
use crate::planner::Planned;
use domain::change::event::SubjectHash;
use domain::evidence::Attached;
use domain::plan::PlanHash;
use serde::Serialize;

/// What an approval signs. The names of the fields are part of the hash.
#[derive(Serialize)]
struct Signed<'a> {
    version: u32,
    plan: &'a str,
    /// The hashes of the required evidence, ordered like the endpoint's deployments.
    evidence: Vec<&'a str>,
}

/// The hash that an approval signs: SHA-256 over canonical JSON (RFC 8785).
#[must_use]
pub fn subject(planned: &Planned, evidence: &[Attached]) -> SubjectHash {
    signed(planned.plan.hash.as_ref(), evidence)
}

pub(super) fn signed(plan: Option<&PlanHash>, evidence: &[Attached]) -> SubjectHash {
    let plan = plan.map_or("", |hash| hash.0.as_str());
    let evidence = evidence.iter().map(|one| one.hash.0.as_str()).collect();
    SubjectHash(sha256(canonical(&Signed { version: 1, plan, evidence })))
}
