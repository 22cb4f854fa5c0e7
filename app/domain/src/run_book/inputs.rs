//! The inputs of the team's workflow for the next run of the run book.

use super::ShadowDraft;
use crate::name::DeploymentName;
use crate::release::input::{Given, Inputs};

/// The prefix of the shadow's inputs in all spellings.
const SHADOW: &str = "shadow_";

/// One run of the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Creates the shadow and mirrors to it.
    Deploy,
    /// Moves live traffic to it.
    Promote,
}

impl ShadowDraft {
    /// The next run, if the draft has everything for it.
    #[must_use]
    pub fn run(&self) -> Option<Run> {
        self.at.as_ref().and(self.name.as_ref())?;
        if self.traffic.is_some() {
            return Some(Run::Promote);
        }
        self.config.as_ref().and(self.mirror).map(|_| Run::Deploy)
    }

    /// The inputs of a run: those of `now`, with this shadow in place of any other. `primary`: the deployment with
    /// live traffic.
    #[must_use]
    pub fn inputs(&self, run: Run, now: &Inputs, primary: Option<&DeploymentName>) -> Inputs {
        let kept = now.iter().filter(|(key, _)| !key.starts_with(SHADOW));
        let mut inputs = Inputs::new();
        for (key, input) in kept {
            inputs.insert(key, input.given.clone(), None);
        }
        let mut put = |key: &str, given: Option<Given>| {
            if let Some(given) = given {
                inputs.insert(key, given, None);
            }
        };
        put("deploy", Some(Given::Bool(true)));
        // Load tests belong on dev.
        put("run_load_test", Some(Given::Bool(false)));
        put("deployment_name", primary.map(|name| Given::text(name.as_str())));
        let name = self.name.as_ref().map(|name| Given::text(name.as_str()));
        put("shadow_deployment_name", name);
        let number = |percent: u8| Given::Integer(i64::from(percent));
        match run {
            Run::Deploy => {
                let path = self.config.as_ref().map(|path| Given::text(format!("./{path}")));
                put("shadow_deployment_config", path);
                let mirror = self.mirror.map(|percent| number(percent.get()));
                put("shadow_deployment_mirror_percentage", mirror);
            }
            Run::Promote => {
                let traffic = self.traffic.map(|percent| number(percent.get()));
                put("shadow_deployment_traffic_percentage", traffic);
            }
        }
        inputs
    }
}
