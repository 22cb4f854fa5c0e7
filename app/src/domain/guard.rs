//! Guards: one rule each over a change, with a sentence that says why and what to do.

use super::endpoint::{DEPLOYMENTS_MAX, Endpoint};
use super::name::DeploymentName;
use super::provisioning::ProvisioningState;
use super::route::{Part, Route};
use serde::{Deserialize, Serialize};

/// What a guard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The rule holds.
    Passes,
    /// It can be done, and someone should know.
    Warns,
    /// It must not be done.
    Blocks,
}

/// One guard's verdict over one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The rule, in a few words.
    pub rule: String,
    /// What it says.
    pub level: Level,
    /// Why, and what to do.
    pub reason: String,
}

fn verdict(rule: &str, level: Level, reason: impl Into<String>) -> Verdict {
    Verdict { rule: rule.to_owned(), level, reason: reason.into() }
}

/// Whether any verdict forbids the change; the sentences of those that do.
#[must_use]
pub fn blocks(verdicts: &[Verdict]) -> Option<String> {
    let reasons: Vec<_> = verdicts
        .iter()
        .filter(|verdict| verdict.level == Level::Blocks)
        .map(|verdict| verdict.reason.as_str())
        .collect();
    (!reasons.is_empty()).then(|| reasons.join(" "))
}

/// Nothing else is in flight on the endpoint: Azure answers 409 to overlapping changes.
fn endpoint_is_still(endpoint: &Endpoint) -> Verdict {
    const RULE: &str = "One change at a time";
    let name = &endpoint.key.endpoint;
    if let Some(problem) = &endpoint.route_problem {
        return verdict(
            RULE,
            Level::Blocks,
            format!("{problem} Set the route with the tool that made it first."),
        );
    }
    if endpoint.state.is_busy() {
        let state = endpoint.state;
        return verdict(
            RULE,
            Level::Blocks,
            format!(
                "{name} is {state}: Azure is carrying out another change. Wait until it has Succeeded."
            ),
        );
    }
    verdict(RULE, Level::Passes, format!("Nothing else is changing on {name}."))
}

/// The guards over a new route, in the order they are shown.
#[must_use]
pub fn over_route(endpoint: &Endpoint, after: &Route) -> Vec<Verdict> {
    vec![
        changes_something(endpoint, after),
        endpoint_is_still(endpoint),
        named_are_ready(endpoint, after),
        mirror_is_possible(endpoint, after),
        not_switched_off(endpoint, after),
        shadow_goes_live(endpoint, after),
    ]
}

fn changes_something(endpoint: &Endpoint, after: &Route) -> Verdict {
    const RULE: &str = "Something changes";
    if endpoint.route == *after {
        verdict(RULE, Level::Blocks, "The route is already like this. Move a slider first.")
    } else {
        verdict(RULE, Level::Passes, "The route differs from the one in force.")
    }
}

fn named_are_ready(endpoint: &Endpoint, after: &Route) -> Verdict {
    const RULE: &str = "Named deployments exist and have succeeded";
    let mut reasons = Vec::new();
    for name in after.named() {
        match endpoint.deployment(name) {
            None => reasons.push(format!("There is no deployment {name} on this endpoint.")),
            Some(deployment) => {
                let grows = share(after.part(name)) > share(endpoint.part(name));
                if let (Some(reason), true) = (deployment.closed(), grows) {
                    reasons.push(format!("{name} cannot take more traffic: {reason}."));
                }
            }
        }
    }
    if reasons.is_empty() {
        verdict(RULE, Level::Passes, "Every deployment that the route names is ready.")
    } else {
        verdict(RULE, Level::Blocks, reasons.join(" "))
    }
}

fn share(part: Part) -> u8 {
    match part {
        Part::Live(percent) | Part::Shadow(percent) => percent,
        Part::Idle => 0,
    }
}

fn mirror_is_possible(endpoint: &Endpoint, after: &Route) -> Verdict {
    const RULE: &str = "Mirroring is possible";
    match after.mirror() {
        Some(_) if endpoint.kubernetes => verdict(
            RULE,
            Level::Blocks,
            "Azure does not mirror on Kubernetes endpoints. Clear the mirror.",
        ),
        Some(_) if after.split().is_off() => verdict(
            RULE,
            Level::Blocks,
            "There is no live traffic to mirror. Give a deployment live traffic or clear the mirror.",
        ),
        Some(mirror) => verdict(
            RULE,
            Level::Passes,
            format!(
                "{} % of live requests are copied to {}; its answers are never returned. Copies count \
                 against the endpoint's bandwidth.",
                mirror.percent(),
                mirror.deployment()
            ),
        ),
        None => verdict(RULE, Level::Passes, "Nothing is mirrored."),
    }
}

fn not_switched_off(endpoint: &Endpoint, after: &Route) -> Verdict {
    const RULE: &str = "Somebody answers clients";
    if after.split().is_off() && !endpoint.route.split().is_off() {
        verdict(RULE, Level::Warns, "All live traffic is switched off: every client will get 404.")
    } else if after.split().is_off() {
        verdict(RULE, Level::Passes, "Live traffic stays off.")
    } else {
        verdict(RULE, Level::Passes, "Live traffic adds up to 100 %.")
    }
}

fn shadow_goes_live(endpoint: &Endpoint, after: &Route) -> Verdict {
    const RULE: &str = "Mirrored before live";
    let fresh: Vec<_> = after
        .split()
        .iter()
        .filter(|(name, _)| endpoint.part(name) == Part::Idle)
        .map(|(name, _)| name.to_string())
        .collect();
    if fresh.is_empty() || endpoint.route.split().is_off() {
        verdict(RULE, Level::Passes, "Nobody goes live who is not live or mirrored now.")
    } else {
        let who = fresh.join(", ");
        verdict(
            RULE,
            Level::Warns,
            format!(
                "{who} would take live traffic without being mirrored now. Mirror traffic to it first if it has not been compared."
            ),
        )
    }
}

/// The guards over creating a deployment, in the order they are shown.
#[must_use]
pub fn over_create(endpoint: &Endpoint, name: &DeploymentName) -> Vec<Verdict> {
    let count = endpoint.deployments.len();
    let room = if count >= DEPLOYMENTS_MAX {
        verdict(
            "Room for one more",
            Level::Blocks,
            format!(
                "The endpoint has {count} deployments; Azure allows {DEPLOYMENTS_MAX}. Delete one first."
            ),
        )
    } else {
        verdict(
            "Room for one more",
            Level::Passes,
            format!("{count} of {DEPLOYMENTS_MAX} deployments are in use."),
        )
    };
    let named = if name.says_shadow() {
        verdict(
            "A name to keep",
            Level::Blocks,
            format!(
                "“{name}” ends in “shadow”, and would keep that name as the primary once it is promoted. Choose a name that suits a primary."
            ),
        )
    } else {
        verdict(
            "A name to keep",
            Level::Passes,
            format!("“{name}” can stay when it becomes the primary."),
        )
    };
    let fresh = match endpoint.deployment(name) {
        Some(_) if matches!(endpoint.part(name), Part::Live(_)) => verdict(
            "New, not replaced",
            Level::Blocks,
            format!(
                "{name} exists and takes live traffic; updating it in place causes an outage. Choose another name, mirror, then move the traffic."
            ),
        ),
        Some(_) => verdict(
            "New, not replaced",
            Level::Blocks,
            format!("{name} exists already. Choose another name, or delete it first."),
        ),
        None => verdict("New, not replaced", Level::Passes, format!("There is no {name} yet.")),
    };
    let still = if endpoint.state == ProvisioningState::Failed {
        verdict(
            "One change at a time",
            Level::Blocks,
            format!("{} has failed. Mend the endpoint first.", endpoint.key.endpoint),
        )
    } else {
        endpoint_is_still(endpoint)
    };
    let traffic = verdict(
        "No live traffic",
        Level::Passes,
        "It is created with no live and no mirrored traffic; the route stays as it is.",
    );
    vec![still, room, named, fresh, traffic]
}

/// The guards over deleting a deployment, in the order they are shown.
#[must_use]
pub fn over_delete(endpoint: &Endpoint, name: &DeploymentName) -> Vec<Verdict> {
    let known = endpoint.deployment(name);
    let part = match endpoint.part(name) {
        Part::Live(percent) => verdict(
            "Not live",
            Level::Blocks,
            format!(
                "{name} takes {percent} % of live traffic. Move its traffic to another deployment first."
            ),
        ),
        Part::Shadow(percent) => verdict(
            "Not mirrored",
            Level::Blocks,
            format!("{percent} % of live traffic is mirrored to {name}. Clear the mirror first."),
        ),
        Part::Idle => verdict(
            "Not live, not mirrored",
            Level::Passes,
            format!("No traffic is routed to {name}."),
        ),
    };
    let there = match known {
        None => verdict(
            "It exists",
            Level::Blocks,
            format!("There is no deployment {name} on this endpoint any more."),
        ),
        Some(deployment) if deployment.state == ProvisioningState::Deleting => {
            verdict("It exists", Level::Blocks, format!("{name} is being deleted already."))
        }
        Some(_) => verdict("It exists", Level::Passes, format!("{name} is there.")),
    };
    let last = if endpoint.deployments.len() == 1 && known.is_some() {
        verdict("Others remain", Level::Warns, format!("{name} is the endpoint's only deployment."))
    } else {
        verdict("Others remain", Level::Passes, "Other deployments stay as they are.")
    };
    vec![endpoint_is_still(endpoint), there, part, last]
}
