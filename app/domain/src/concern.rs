//! What a request is about, for the record of a refusal.

use crate::glass::GlassId;
use crate::ids::{ChangeId, JobId, RunId};
use crate::name::{DeploymentName, EndpointName, StageName};
use crate::stage::EndpointKey;
use crate::target::Target;

/// What a request is about, as far as it says. The objects need not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concern {
    pub stage: Option<StageName>,
    /// An endpoint of the stage.
    pub endpoint: Option<EndpointName>,
    pub deployment: Option<DeploymentName>,
    pub change: Option<ChangeId>,
    pub run: Option<RunId>,
    pub job: Option<JobId>,
    pub glass: Option<GlassId>,
}

impl Concern {
    /// Reads the parameters of a URL's path, such as `stage`. Invalid ones count as missing.
    #[must_use]
    pub fn of_path<'a>(param: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self {
            stage: param("stage").and_then(|text| text.parse().ok()),
            endpoint: param("endpoint").and_then(|text| text.parse().ok()),
            deployment: param("deployment").and_then(|text| text.parse().ok()),
            change: param("change").and_then(|text| text.parse().ok()),
            run: param("run").and_then(|text| text.parse().ok()),
            job: param("job_id").and_then(|text| text.parse().ok()),
            glass: param("glass").and_then(|text| text.parse().ok()),
        }
    }

    /// The endpoint with its stage.
    #[must_use]
    pub fn at(&self) -> Option<EndpointKey> {
        Some(EndpointKey { stage: self.stage.clone()?, endpoint: self.endpoint.clone()? })
    }

    /// The same on a target.
    #[must_use]
    pub fn on(self, target: &Target) -> Self {
        let endpoint = target.endpoint().map(|at| at.endpoint.clone());
        Self { stage: Some(target.stage().clone()), endpoint, ..self }
    }

    /// The same about a deployment, if there is one.
    #[must_use]
    pub fn deployment(self, deployment: Option<&DeploymentName>) -> Self {
        Self { deployment: deployment.cloned(), ..self }
    }

    /// The same about a change, if there is one.
    #[must_use]
    pub fn change(self, change: Option<&ChangeId>) -> Self {
        Self { change: change.cloned(), ..self }
    }

    /// The same about a run.
    #[must_use]
    pub fn run(self, run: &RunId) -> Self {
        Self { run: Some(run.clone()), ..self }
    }

    /// The same about a job.
    #[must_use]
    pub fn job(self, job: &JobId) -> Self {
        Self { job: Some(job.clone()), ..self }
    }
}

impl From<&EndpointKey> for Concern {
    fn from(EndpointKey { stage, endpoint }: &EndpointKey) -> Self {
        Self { stage: Some(stage.clone()), endpoint: Some(endpoint.clone()), ..Self::default() }
    }
}

impl From<&Target> for Concern {
    fn from(target: &Target) -> Self {
        Self::default().on(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_what_a_request_is_about() {
        let of = |params: &[(&str, &'static str)]| {
            Concern::of_path(|wanted| {
                params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value)
            })
        };
        let deletion =
            of(&[("stage", "anet-prod"), ("endpoint", "ep-one"), ("deployment", "blue")]);
        assert_eq!(deletion.at().map(|at| at.endpoint.to_string()).as_deref(), Some("ep-one"));
        assert_eq!(deletion.deployment.as_ref().map(DeploymentName::as_str), Some("blue"));
        assert_eq!(of(&[("change", "../1"), ("stage", "a/b")]), Concern::default());
        let id = "6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab";
        assert_eq!(of(&[("change", id)]).change.map(|change| change.0).as_deref(), Some(id));
    }
}
