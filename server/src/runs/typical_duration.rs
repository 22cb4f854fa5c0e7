//! The usual duration of steps in a stage, from the journals of its newest runs. Read for a run's page, and cached for
//! all viewers.

use super::Runs;
use crate::planner::step::{Step, Until};
use crate::stages::ttl_cache::TtlCache;
use crate::store::runs::Run;
use domain::name::{DeploymentName, StageName};
use domain::plan::step::StepKind;
use domain::run::state::StepStatus;
use domain::run::typical_duration::{Pace, Paces};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Maximum number of runs to evaluate. Enough for a median; older runs had different conditions.
const RUNS_MAX: i64 = 40;
/// Lifetime of the cache.
const AGE_MAX: Duration = Duration::from_secs(60);

/// The cached durations by stage.
#[derive(Debug)]
pub struct Known(TtlCache<StageName, Arc<Paces>>);

impl Default for Known {
    fn default() -> Self {
        Self(TtlCache::new("usual durations", AGE_MAX))
    }
}

impl Runs {
    /// The durations of steps in a stage. Empty if the store cannot be read, because a run's page must not fail for
    /// that.
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
            if state.standing != StepStatus::Succeeded {
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

/// The group of steps whose durations are comparable; `None` for a step that is too short to measure, or whose duration
/// is configured. Pure.
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
