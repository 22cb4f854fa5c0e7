//! Derives the progress of each step from observed facts.

use super::step::{Progress, Step, Which};
use super::window::Window;
use super::{Seen, ShadowDraft};
use crate::endpoint::Endpoint;
use crate::name::DeploymentName;
use crate::provisioning::ProvisioningState;
use crate::route::Part;
use crate::traffic::{Series, WINDOW_MINUTES};

/// The next step; `None` if all are done.
#[must_use]
pub fn next(steps: &[Step]) -> Option<Which> {
    let is_next =
        |step: &&Step| matches!(step.progress, Progress::Busy | Progress::Open | Progress::Stuck);
    steps.iter().find(is_next).map(|step| step.which)
}

/// All steps.
#[must_use]
pub fn steps(draft: &ShadowDraft, seen: &Seen) -> Vec<Step> {
    let name = draft.name.as_ref();
    let part = name.and_then(|name| seen.part(name));
    let on = On { draft, seen, name, part };
    let all: [(Which, (Progress, String)); 9] = [
        (Which::Endpoint, endpoint(draft, seen)),
        (Which::Image, on.image()),
        (Which::Dev, on.dev()),
        (Which::Create, on.create()),
        (Which::Mirror, on.mirror()),
        (Which::Compare, on.compare()),
        (Which::Promote, on.promote()),
        (Which::Retire, on.retire()),
        (Which::CleanUp, on.clean_up()),
    ];
    all.into_iter().map(|(which, (progress, says))| Step { which, progress, says }).collect()
}

type Found = (Progress, String);

fn early(first: &str) -> Found {
    (Progress::Early, first.to_owned())
}

fn endpoint(draft: &ShadowDraft, seen: &Seen) -> Found {
    let Some(at) = &draft.at else {
        return (Progress::Open, "Choose the endpoint for the shadow.".to_owned());
    };
    let Some(endpoint) = &seen.endpoint else {
        let says = format!("There is no endpoint {} in {}. Choose another.", at.endpoint, at.stage);
        return (Progress::Stuck, says);
    };
    if endpoint.kubernetes {
        let says = "The endpoint runs on Kubernetes, where Azure does not mirror. Choose another.";
        return (Progress::Stuck, says.to_owned());
    }
    if let Some(problem) = &endpoint.route_problem {
        return (Progress::Stuck, problem.clone());
    }
    match endpoint.route.primary() {
        Some(primary) => (Progress::Done, format!("{primary} is live on {}.", at.endpoint)),
        None => {
            let says = "No deployment is live, so there is no traffic to mirror. Make a deployment live first.";
            (Progress::Stuck, says.to_owned())
        }
    }
}

/// The endpoint and the new deployment.
struct On<'a> {
    draft: &'a ShadowDraft,
    seen: &'a Seen,
    name: Option<&'a DeploymentName>,
    part: Option<Part>,
}

impl On<'_> {
    fn endpoint(&self) -> Option<&Endpoint> {
        self.seen.endpoint.as_ref()
    }

    fn state(&self) -> Option<ProvisioningState> {
        let deployment = self.endpoint()?.deployment(self.name?)?;
        Some(deployment.state)
    }

    fn is_ready(&self) -> bool {
        self.state() == Some(ProvisioningState::Succeeded)
    }

    fn image(&self) -> Found {
        if self.is_ready() {
            return (
                Progress::Done,
                "Azure has pulled the image for the new deployment.".to_owned(),
            );
        }
        match self.seen.basis.as_ref().and_then(|basis| basis.build.as_ref()) {
            Some(build) => (
                Progress::Optional,
                format!(
                    "If this version needs a new image, build it with the job {} of {}.",
                    build.job, build.workflow
                ),
            ),
            None => {
                let says = "No release builds an image for this stage. If this version needs a new image, build and register the environment with your workflow.";
                (Progress::Elsewhere, says.to_owned())
            }
        }
    }

    fn dev(&self) -> Found {
        if let (Some(name), Some(at)) = (self.name, self.seen.elsewhere.first()) {
            return (
                Progress::Done,
                format!(
                    "{name} has succeeded on {} in {}. The console does not read load tests yet: check the result in Azure Load Testing.",
                    at.endpoint, at.stage
                ),
            );
        }
        let says = "Deploy on dev with your workflow and run_load_test: true, and check the result in Azure Load Testing. The console does not run load tests yet; it ticks this step when a deployment of that name has succeeded in another stage.";
        (Progress::Elsewhere, says.to_owned())
    }

    fn create(&self) -> Found {
        if self.endpoint().is_none() {
            return early("Choose the endpoint first.");
        }
        let Some(name) = self.name else {
            return (Progress::Open, "Name the deployment and enter its model.".to_owned());
        };
        match self.state() {
            Some(ProvisioningState::Succeeded) => {
                (Progress::Done, format!("{name} has succeeded."))
            }
            Some(state) if state.is_busy() => (Progress::Busy, format!("{name} is {state}. Wait.")),
            Some(state) => {
                let says = format!(
                    "{name} is {state}. Read its log, delete the deployment, and create it again."
                );
                (Progress::Stuck, says)
            }
            None => (Progress::Open, format!("{name} does not exist yet. {}", self.missing())),
        }
    }

    /// The input that a run still needs.
    fn missing(&self) -> &'static str {
        match (self.draft.config.is_some(), self.draft.mirror.is_some()) {
            (true, true) => "The inputs for the workflow are below.",
            (true, false) => "Enter the percentage to mirror.",
            (false, true) => "Enter the present or future path of the YAML.",
            (false, false) => {
                "Enter the present or future path of the YAML, and the percentage to mirror."
            }
        }
    }

    fn mirror(&self) -> Found {
        match self.part {
            Some(Part::Shadow(percent)) => {
                (Progress::Done, format!("{percent} % of live traffic is mirrored."))
            }
            Some(Part::Live(_)) => {
                (Progress::Done, "The deployment takes live traffic.".to_owned())
            }
            Some(Part::Idle) if !self.is_ready() => {
                early("Wait until the deployment has succeeded.")
            }
            Some(Part::Idle) => {
                let other = self.endpoint().and_then(|endpoint| endpoint.route.mirror());
                let says = match other {
                    Some(other) => format!(
                        "Traffic is mirrored to {}. An endpoint has only one mirror, which would move to this deployment.",
                        other.deployment()
                    ),
                    None => "No traffic is mirrored yet.".to_owned(),
                };
                (Progress::Open, says)
            }
            None => {
                early("Create the deployment first. The workflow creates and mirrors in one run.")
            }
        }
    }

    fn series(&self, name: Option<&DeploymentName>) -> Option<&Series> {
        self.seen.traffic.as_ref()?.of(name?)
    }

    fn compare(&self) -> Found {
        let own = Window::of(self.series(self.name));
        let old = Window::of(self.series(self.seen.primary(self.name)));
        match self.part {
            Some(Part::Live(_)) => {
                (Progress::Done, "The deployment takes live traffic.".to_owned())
            }
            Some(Part::Shadow(_)) if own.requests < 1.0 => {
                let says =
                    "No mirrored request has arrived yet. Azure Monitor is some minutes behind.";
                (Progress::Busy, says.to_owned())
            }
            Some(Part::Shadow(_)) => {
                let says = format!(
                    "In the last {WINDOW_MINUTES} minutes: shadow {own}; primary {old}. Decide whether these results are good enough."
                );
                (Progress::Open, says)
            }
            _ => early("Mirror live traffic first."),
        }
    }

    fn promote(&self) -> Found {
        match self.part {
            Some(Part::Live(100)) => {
                (Progress::Done, "The deployment takes all live traffic.".to_owned())
            }
            Some(Part::Live(share)) => {
                (Progress::Open, format!("The deployment takes {share} % so far."))
            }
            Some(Part::Shadow(_)) if Window::of(self.series(self.name)).requests < 1.0 => {
                early("Wait until mirrored requests have arrived.")
            }
            Some(Part::Shadow(_)) => {
                let says = "The deployment can take its first live traffic. The same PUT clears the mirror.";
                (Progress::Open, says.to_owned())
            }
            _ => early("Mirror live traffic and compare first."),
        }
    }

    /// Deployments with neither live nor mirrored traffic.
    fn idle(&self) -> Vec<&DeploymentName> {
        let Some(endpoint) = self.endpoint() else { return Vec::new() };
        let all = endpoint.deployments.iter().map(|deployment| &deployment.name);
        all.filter(|name| endpoint.part(name) == Part::Idle).collect()
    }

    fn retire(&self) -> Found {
        if self.part != Some(Part::Live(100)) {
            return early("Move all live traffic off the old primary first.");
        }
        let idle: Vec<_> = self.idle().into_iter().map(ToString::to_string).collect();
        match idle.as_slice() {
            [] => (Progress::Done, "No deployment is without traffic.".to_owned()),
            idle => (
                Progress::Open,
                format!(
                    "Without traffic: {}. You can keep it for a quick roll-back.",
                    idle.join(", ")
                ),
            ),
        }
    }

    fn clean_up(&self) -> Found {
        if self.part != Some(Part::Live(100)) {
            return early(
                "Move all live traffic first. Until then the workflow must name the old primary.",
            );
        }
        match &self.seen.basis {
            None => {
                let says = "None of the configured repositories has a release for this endpoint.";
                (Progress::Elsewhere, says.to_owned())
            }
            Some(basis) if basis.primary.as_ref() == self.name && !basis.has_shadow => {
                (Progress::Done, format!("{} names the new primary.", basis.id.job))
            }
            Some(basis) => (
                Progress::Open,
                format!(
                    "{} still names the old primary or a shadow. The console does not open pull requests yet: put the block below into {}.",
                    basis.id.job, basis.id.workflow
                ),
            ),
        }
    }
}
