//! What an approval signs.

use super::look::subject;
use crate::operations::plan::Planned;
use app::domain::evidence::Attached;
use app::domain::evidence::{EvidenceHash, Kind};
use app::domain::plan::Plan;
use app::domain::plan::{PlanHash, Target};
use app::domain::route::Route;
use app::domain::stage::EndpointKey;

fn with(hash: &str) -> Planned {
    let at = EndpointKey {
        stage: "anet-prod".parse().expect("a stage"),
        endpoint: "anet-ep".parse().expect("an endpoint"),
    };
    let plan = Plan {
        target: Target::Endpoint(at),
        base: Route::default(),
        made_of: std::collections::BTreeMap::new(),
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
fn what_is_signed_is_the_plans_hash_and_that_of_each_evidence() {
    let alone = subject(&with("a"), &[]);
    assert_eq!(alone.0.len(), 64);
    assert_eq!(alone, subject(&with("a"), &[]));
    assert_ne!(alone, subject(&with("b"), &[]));
    let one = subject(&with("a"), &[evidence("x")]);
    assert_ne!(alone, one);
    assert_ne!(one, subject(&with("a"), &[evidence("y")]));
    assert_ne!(one, subject(&with("a"), &[evidence("x"), evidence("y")]));
}
