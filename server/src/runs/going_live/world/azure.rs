//! The console's reads of this Azure, and the plans that it makes from them.

use super::*;
use domain::endpoint::{AuthMode, Deployment, Endpoint};

impl World {
    pub(super) fn ids(&self) -> Ids {
        self.ids.iter().map(|(name, id)| ((*name).to_owned(), *id)).collect()
    }

    /// The endpoint as the console reads it.
    pub(super) fn endpoint(&self) -> Endpoint {
        let deployment = |(name, (version, created)): (&&str, &Id)| Deployment {
            name: name.parse().expect("a name"),
            state: ProvisioningState::Succeeded,
            phase: None,
            instance_type: Some("Standard_DS3_v2".to_owned()),
            instance_count: Some(1),
            model: Some("nbq:1".to_owned()),
            environment: Some("env:1".to_owned()),
            description: None,
            request_timeout_ms: Some(5_000),
            max_concurrent_requests: None,
            created: Some(Timestamp(*created)),
            failure: None,
            settings: Some(version.to_string()),
            secrets: None,
        };
        Endpoint {
            key: at(),
            state: ProvisioningState::Succeeded,
            route: self.route.clone(),
            route_problem: None,
            auth: AuthMode::Key,
            scoring_uri: None,
            description: None,
            kubernetes: false,
            deployments: self.ids.iter().map(deployment).collect(),
        }
    }

    pub(super) fn plan(&self, to: &Route) -> Planned {
        let facts = GuardInputs { promotion: self.promotion.clone(), ..GuardInputs::default() };
        self.plan_by(to, &facts)
    }

    pub(super) fn plan_by(&self, to: &Route, facts: &GuardInputs) -> Planned {
        let observed = Observed::of(Live::of(Arc::new(self.endpoint())));
        let intent = Pinned::SetRoute { at: at(), route: to.clone() };
        plan(&intent, &observed, facts).expect("a plan")
    }
}
