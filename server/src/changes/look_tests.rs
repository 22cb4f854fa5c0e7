//! Tests of the hash that an approval signs.

use super::subject::subject;
use crate::planner::Planned;
use domain::evidence::Attached;
use domain::evidence::{EvidenceHash, Kind};
use domain::plan::Plan;
use domain::plan::PlanHash;
use domain::route::Route;
use domain::stage::EndpointKey;
use domain::target::Target;

fn with(hash: &str) -> Planned {
    let at = EndpointKey {
        stage: "anet-prod".parse().expect("a stage"),
        endpoint: "anet-ep".parse().expect("an endpoint"),
    };
    let plan = Plan {
        target: Target::Endpoint(at),
        base: Route::default(),
        made_of: std::collections::BTreeMap::new(),
        images: std::collections::BTreeMap::new(),
        steps: Vec::new(),
        differences: Vec::new(),
        verdicts: Vec::new(),
        questions: Vec::new(),
        hash: Some(PlanHash(hash.to_owned())),
    };
    Planned { plan, steps: Vec::new() }
}

fn evidence(hash: &str) -> Attached {
    Attached {
        id: "6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab".parse().expect("an id"),
        kind: Kind::ReplayDiff,
        deployment: "anet-green".parse().expect("a name"),
        hash: EvidenceHash(hash.to_owned()),
    }
}

#[test]
fn an_approval_signs_the_hashes_of_the_plan_and_of_each_evidence() {
    let alone = subject(&with("a"), &[]);
    assert_eq!(alone.0.len(), 64);
    assert_eq!(alone, subject(&with("a"), &[]));
    assert_ne!(alone, subject(&with("b"), &[]));
    let one = subject(&with("a"), &[evidence("x")]);
    assert_ne!(alone, one);
    assert_ne!(one, subject(&with("a"), &[evidence("y")]));
    assert_ne!(one, subject(&with("a"), &[evidence("x"), evidence("y")]));
}
