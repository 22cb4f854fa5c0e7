//! How far a run book is: each step ticked from observed facts, and what would be out of order.

use super::step::{Progress, Step, Which};
use super::window::Window;
use super::{Draft, Seen};
use crate::domain::endpoint::Endpoint;
use crate::domain::name::DeploymentName;
use crate::domain::provisioning::ProvisioningState;
use crate::domain::route::Part;
use crate::domain::traffic::{Series, WINDOW_MINUTES};

/// The step that comes next; none when all is done.
#[must_use]
pub fn next(steps: &[Step]) -> Option<Which> {
    let is_next =
        |step: &&Step| matches!(step.progress, Progress::Busy | Progress::Open | Progress::Stuck);
    steps.iter().find(is_next).map(|step| step.which)
}

/// All steps.
#[must_use]
pub fn steps(draft: &Draft, seen: &Seen) -> Vec<Step> {
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

fn endpoint(draft: &Draft, seen: &Seen) -> Found {
    let Some(at) = &draft.at else {
        return (Progress::Open, "Choose where the shadow will stand.".to_owned());
    };
    let Some(endpoint) = &seen.endpoint else {
        let says = format!("There is no endpoint {} in {}. Choose another.", at.endpoint, at.stage);
        return (Progress::Stuck, says);
    };
    if endpoint.kubernetes {
        let says = "It runs on Kubernetes, where Azure does not mirror. Choose another.";
        return (Progress::Stuck, says.to_owned());
    }
    if let Some(problem) = &endpoint.route_problem {
        return (Progress::Stuck, problem.clone());
    }
    match endpoint.route.primary() {
        Some(primary) => (Progress::Done, format!("{primary} is live on {}.", at.endpoint)),
        None => {
            let says = "Nobody is live on it: there is no traffic to mirror. Make a deployment live first.";
            (Progress::Stuck, says.to_owned())
        }
    }
}

/// The endpoint and the new deployment.
struct On<'a> {
    draft: &'a Draft,
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
            return (Progress::Done, "Azure has pulled it for the new deployment.".to_owned());
        }
        let says = match self.seen.basis.as_ref().and_then(|basis| basis.build.as_ref()) {
            Some(build) => format!(
                "The console builds no images yet. Run the job {} of {} on GitHub if this version needs a new one.",
                build.job, build.workflow
            ),
            None => "The console builds no images yet. Build and register the environment with your workflow if this version needs a new one.".to_owned(),
        };
        (Progress::Elsewhere, says)
    }

    fn dev(&self) -> Found {
        if let (Some(name), Some(at)) = (self.name, self.seen.elsewhere.first()) {
            return (
                Progress::Done,
                format!(
                    "{name} has succeeded on {} in {}. Load tests are not read from here yet: look at the run's result in Azure Load Testing.",
                    at.endpoint, at.stage
                ),
            );
        }
        let says = "Deploy it on dev with your workflow, with run_load_test: true, and look at the result in Azure Load Testing. The console runs no load tests yet; it ticks this when a deployment of that name has succeeded in another stage.";
        (Progress::Elsewhere, says.to_owned())
    }

    fn create(&self) -> Found {
        if self.endpoint().is_none() {
            return early("Choose the endpoint first.");
        }
        let Some(name) = self.name else {
            return (Progress::Open, "Name it and say what it runs.".to_owned());
        };
        match self.state() {
            Some(ProvisioningState::Succeeded) => {
                (Progress::Done, format!("{name} has succeeded."))
            }
            Some(state) if state.is_busy() => (Progress::Busy, format!("{name} is {state}. Wait.")),
            Some(state) => {
                let says =
                    format!("{name} is {state}. Read its log, delete it, and create it again.");
                (Progress::Stuck, says)
            }
            None => (Progress::Open, format!("{name} is not there yet. {}", self.missing())),
        }
    }

    /// What a run still needs.
    fn missing(&self) -> &'static str {
        match (self.draft.config.is_some(), self.draft.mirror.is_some()) {
            (true, true) => "What the workflow needs for it stands below.",
            (true, false) => "Say how much is mirrored to it.",
            (false, true) => "Say where its YAML is, or will be.",
            (false, false) => "Say where its YAML is, or will be, and how much is mirrored to it.",
        }
    }

    fn mirror(&self) -> Found {
        match self.part {
            Some(Part::Shadow(percent)) => {
                (Progress::Done, format!("{percent} % is mirrored to it."))
            }
            Some(Part::Live(_)) => (Progress::Done, "It takes live traffic.".to_owned()),
            Some(Part::Idle) if !self.is_ready() => early("Not before it has succeeded."),
            Some(Part::Idle) => {
                let other = self.endpoint().and_then(|endpoint| endpoint.route.mirror());
                let says = match other {
                    Some(other) => format!(
                        "Traffic is mirrored to {}; an endpoint has one mirror, which would move here.",
                        other.deployment()
                    ),
                    None => "Nothing is mirrored to it yet.".to_owned(),
                };
                (Progress::Open, says)
            }
            None => early("Not before it has succeeded; the workflow does both in one run."),
        }
    }

    fn series(&self, name: Option<&DeploymentName>) -> Option<&Series> {
        self.seen.traffic.as_ref()?.of(name?)
    }

    fn compare(&self) -> Found {
        let own = Window::of(self.series(self.name));
        let old = Window::of(self.series(self.seen.primary(self.name)));
        match self.part {
            Some(Part::Live(_)) => (Progress::Done, "It takes live traffic.".to_owned()),
            Some(Part::Shadow(_)) if own.requests < 1.0 => {
                let says =
                    "No mirrored request has arrived yet. Azure Monitor is some minutes behind.";
                (Progress::Busy, says.to_owned())
            }
            Some(Part::Shadow(_)) => {
                let says = format!(
                    "In the last {WINDOW_MINUTES} minutes: shadow {own}; primary {old}. Whether that is good enough is yours to judge."
                );
                (Progress::Open, says)
            }
            _ => early("Not before traffic is mirrored to it."),
        }
    }

    fn promote(&self) -> Found {
        match self.part {
            Some(Part::Live(100)) => (Progress::Done, "It takes all live traffic.".to_owned()),
            Some(Part::Live(share)) => (Progress::Open, format!("It takes {share} % so far.")),
            Some(Part::Shadow(_)) if Window::of(self.series(self.name)).requests < 1.0 => {
                early("Not before mirrored requests have arrived.")
            }
            Some(Part::Shadow(_)) => {
                let says =
                    "It can take its first live traffic; the mirror is cleared in the same PUT.";
                (Progress::Open, says.to_owned())
            }
            _ => early("Not before it was mirrored to and compared."),
        }
    }

    /// Deployments that neither are live nor get mirrored traffic.
    fn idle(&self) -> Vec<&DeploymentName> {
        let Some(endpoint) = self.endpoint() else { return Vec::new() };
        let all = endpoint.deployments.iter().map(|deployment| &deployment.name);
        all.filter(|name| endpoint.part(name) == Part::Idle).collect()
    }

    fn retire(&self) -> Found {
        if self.part != Some(Part::Live(100)) {
            return early("Not while the old primary takes live traffic.");
        }
        let idle: Vec<_> = self.idle().into_iter().map(ToString::to_string).collect();
        match idle.as_slice() {
            [] => (Progress::Done, "Nothing is left without traffic.".to_owned()),
            idle => (
                Progress::Open,
                format!(
                    "Without traffic: {}. Keep it as a warm way back as long as you want.",
                    idle.join(", ")
                ),
            ),
        }
    }

    fn clean_up(&self) -> Found {
        if self.part != Some(Part::Live(100)) {
            return early(
                "Not before all live traffic is on it: until then the workflow must name the old primary.",
            );
        }
        match &self.seen.basis {
            None => {
                let says = "No repository that the console reads has a release for this endpoint.";
                (Progress::Elsewhere, says.to_owned())
            }
            Some(basis) if basis.primary.as_ref() == self.name && !basis.has_shadow => {
                (Progress::Done, format!("{} names the new primary.", basis.id.job))
            }
            Some(basis) => (
                Progress::Open,
                format!(
                    "{} still names the old primary or a shadow. The console opens no pull requests yet: put the block below into {}.",
                    basis.id.job, basis.id.workflow
                ),
            ),
        }
    }
}
