//! How long steps usually take in a stage, from the journals of its newest runs. Read when a run is looked
//! at, once for all who look, and kept for a while.

use super::Runs;
use super::plan::step::{Step, Until};
use crate::observe::kept::Kept;
use crate::store::runs::Run;
use app::domain::name::{DeploymentName, StageName};
use app::domain::plan::step::StepKind;
use app::domain::run::state::Standing;
use app::domain::run::usual::{Pace, Paces};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Runs that are looked through: enough for a median, and what is older was made under other conditions.
const RUNS_MAX: i64 = 40;
/// How long it is kept.
const AGE_MAX: Duration = Duration::from_secs(60);

/// What is known.
#[derive(Debug)]
pub struct Known(Kept<StageName, Arc<Paces>>);

impl Default for Known {
    fn default() -> Self {
        Self(Kept::new("usual durations", AGE_MAX))
    }
}

impl Runs {
    /// How long steps took in a stage; nothing when the store cannot be read, which is no reason not to show
    /// a run.
    pub async fn paces(&self, stage: &StageName) -> Arc<Paces> {
        let read = async {
            let runs = self.table.ended(stage, RUNS_MAX).await?;
            Ok::<_, sqlx::Error>(Arc::new(measured(&runs)))
        };
        self.usual.0.get(stage, self.clock.now(), read).await.unwrap_or_default()
    }
}

fn measured(runs: &[Run]) -> Paces {
    let mut paces = Paces::default();
    for run in runs {
        for (index, state) in run.state.steps.iter().enumerate() {
            let Some(pace) = pace(&run.steps, index) else { continue };
            if state.standing != Standing::Succeeded {
                continue;
            }
            if let Some(ms) = state.took_ms() {
                paces.add(pace.clone(), ms);
            }
            for (phase, ms) in state.phases_took() {
                if let Some(ms) = ms {
                    paces.add(Pace { phase: Some(phase), ..pace.clone() }, ms);
                }
            }
        }
    }
    paces
}

/// What a step's duration can be compared with; `None` when it takes no time worth telling, or one that was
/// set. Pure.
#[must_use]
pub fn pace(steps: &[Step], index: usize) -> Option<Pace> {
    let Step::Wait { until } = steps.get(index)? else { return None };
    let before = steps.get(..index)?;
    let (kind, instance_type) = match until {
        Until::EndpointSucceeded { .. } => match before.last() {
            Some(Step::PutEndpoint { .. }) => (StepKind::PutEndpoint, None),
            _ => (StepKind::SetRoute, None),
        },
        Until::DeploymentSucceeded { name } => {
            (StepKind::PutDeployment, instance_type(before, name))
        }
        Until::DeploymentGone { .. } => (StepKind::DeleteDeployment, None),
    };
    Some(Pace { kind, instance_type, phase: None })
}

fn instance_type(before: &[Step], name: &DeploymentName) -> Option<String> {
    let body = before.iter().rev().find_map(|step| match step {
        Step::PutDeployment { name: put, body, .. } if put == name => Some(body),
        _ => None,
    })?;
    body.pointer("/properties/instanceType").and_then(Value::as_str).map(str::to_owned)
}
