//! What permits a run, and which deployments it may give live traffic.
//!
//! A warrant answers two questions. *Who consented* ([`Consent`]): enough people approved the change, a person
//! applied it on a stage that requires no approval, a person broke glass, or nobody consented because the run is a
//! roll-back ([`super::roll_back`]).
//! *To what* ([`Warrant::made_of`]): consent covers a deployment's model, environment, machine size and settings,
//! not its name. The deployment of that name is compared before each PUT that gives it more live traffic, and again
//! when the route is read back ([`unlike`]).
//!
//! The warrant is stored with the run and never changes, so a restart, a retry or another replica compares against
//! the same values.

use crate::endpoint::{Deployment, MadeOf};
use crate::evidence::status::rising;
use crate::glass::{Glass, Rule};
use crate::name::DeploymentName;
use crate::route::Route;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What deployments are made of, by name.
pub type Made = BTreeMap<DeploymentName, MadeOf>;

/// The reason why a run may begin. Keep each `match` exhaustive, so that a new kind must define its permissions
/// everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// As many people approved the change as the stage's policy requires.
    Approved,
    /// The stage requires no approval, and a person applied the change.
    Applied,
    /// A roll-back by the rules of [`super::roll_back`], without approval.
    WayBack,
    /// An authorized person broke glass: only the named rules of the stage's policy were overridden.
    Glass(Glass),
}

impl Consent {
    /// Whether the resulting route becomes the good state once it held. Broken glass is not an approval, so its route
    /// does not.
    #[must_use]
    pub fn makes_good(&self) -> bool {
        match self {
            Self::Approved | Self::Applied => true,
            Self::WayBack | Self::Glass(_) => false,
        }
    }

    /// Whether the run may give a deployment more live traffic while its stage is frozen.
    #[must_use]
    pub fn passes_freeze(&self) -> bool {
        match self {
            Self::Approved | Self::Applied => false,
            Self::WayBack => true,
            Self::Glass(glass) => glass.sets_aside(Rule::Freeze),
        }
    }

    /// How glass was broken, if it was.
    #[must_use]
    pub fn glass(&self) -> Option<&Glass> {
        match self {
            Self::Approved | Self::Applied | Self::WayBack => None,
            Self::Glass(glass) => Some(glass),
        }
    }
}

/// The last route that was consented to and held, and what its live deployments were made of at that time. Without
/// an approval no deployment ever gets more live traffic than in the good state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodState {
    pub route: Route,
    /// What the live deployments were made of; `None` if an earlier version did not record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_of: Option<Made>,
}

/// The consent behind a run, stored with the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warrant {
    pub consent: Consent,
    /// What each deployment that gets more live traffic was made of at the time of consent.
    #[serde(default)]
    pub made_of: Made,
    /// The good state when the run began; `None` if unknown. The route that the first step reads then counts as good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good: Option<GoodState>,
}

impl Warrant {
    /// A warrant without a good state. [`Self::after`] adds the good state when the run is stored.
    #[must_use]
    pub fn new(consent: Consent, made_of: Made) -> Self {
        Self { consent, made_of, good: None }
    }

    /// Adds the good state before the run. `former`: the good state after the newest change of the route.
    /// Without approvals, the good state is the route that the run's first step reads, because the person who applied
    /// the change saw that route. A roll-back already has the good state from before the run that it rolls back.
    /// Broken glass keeps the former good state.
    #[must_use]
    pub fn after(self, former: Option<GoodState>) -> Self {
        let good = match self.consent {
            Consent::Approved | Consent::Glass(_) => former,
            Consent::Applied => None,
            Consent::WayBack => self.good,
        };
        Self { good, ..self }
    }
}

/// The form field that carries the [`mark`] of what the person saw.
pub const SAW: &str = "made_of";

/// A fingerprint of what deployments are made of. Forms carry the mark, so that nobody applies a plan to something
/// other than what they saw. The mark (FNV-1a, 64 bits) proves nothing; approved parts are compared field by field.
#[must_use]
pub fn mark(made: &Made) -> String {
    let text = made.iter().fold(String::new(), |text, (name, made_of)| {
        let MadeOf { model, environment, instance_type, created, settings, secrets } = made_of;
        format!(
            "{text}{name} {model:?} {environment:?} {instance_type:?} {created:?} {settings:?} {secrets:?};"
        )
    });
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The values that a run's deployments must match.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected<'a> {
    /// `None` if an earlier version of the console began the run.
    pub warrant: Option<&'a Warrant>,
    /// What the live deployments were made of when the first step read them.
    pub found: Option<&'a Made>,
}

impl<'a> Expected<'a> {
    /// What a deployment must be made of. A deployment that the warrant does not name must not have changed since the
    /// run began.
    fn of(self, name: &DeploymentName) -> Option<&'a MadeOf> {
        self.warrant?.made_of.get(name).or_else(|| self.found?.get(name))
    }
}

/// Why a deployment must not get more live traffic. `Display` names differing fields, but no values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlike {
    /// The deployment does not exist.
    Gone(DeploymentName),
    /// The deployment has changed.
    Other { name: DeploymentName, fields: Vec<&'static str> },
    /// The warrant does not record what the deployment was made of.
    Unrecorded(DeploymentName),
}

impl fmt::Display for Unlike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(name) => write!(f, "{name} no longer exists."),
            Self::Other { name, fields } => write!(
                f,
                "{name} has changed since this plan was made. Changed fields: {}.",
                fields.join(", ")
            ),
            Self::Unrecorded(name) => write!(
                f,
                "An earlier version of the console began this run and did not record what {name} was made of."
            ),
        }
    }
}

/// The first deployment that does not match what was consented to, if any.
#[must_use]
pub fn unlike<'a>(
    expected: Expected<'_>,
    names: impl IntoIterator<Item = &'a DeploymentName>,
    now: &[Deployment],
) -> Option<Unlike> {
    names.into_iter().find_map(|name| one_unlike(expected.of(name), name, now))
}

/// Compares one deployment with what it must be made of.
#[must_use]
pub fn one_unlike(
    expected: Option<&MadeOf>,
    name: &DeploymentName,
    now: &[Deployment],
) -> Option<Unlike> {
    let Some(expected) = expected else { return Some(Unlike::Unrecorded(name.clone())) };
    let Some(deployment) = now.iter().find(|deployment| deployment.name == *name) else {
        return Some(Unlike::Gone(name.clone()));
    };
    let fields = expected.differing(&MadeOf::from(deployment));
    (!fields.is_empty()).then(|| Unlike::Other { name: name.clone(), fields })
}

/// Whether a freeze blocks a route change: the change gives a deployment more live traffic and is not a roll-back.
/// Runs that an earlier version of the console began are blocked too.
#[must_use]
pub fn held_by_freeze(warrant: Option<&Warrant>, before: &Route, after: &Route) -> bool {
    let passes = warrant.is_some_and(|warrant| warrant.consent.passes_freeze());
    !passes && !rising(before, after).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::fixtures::{endpoint, name, route};

    fn made(model: &str) -> MadeOf {
        MadeOf { model: Some(model.to_owned()), ..MadeOf::default() }
    }

    #[test]
    fn deployments_that_get_more_live_traffic_match_what_was_consented_to() {
        let on = endpoint("blue green", "blue=100");
        let of =
            |text: &str| MadeOf::from(on.deployment(&name(text)).expect("the deployment exists"));
        let warrant = Warrant::new(Consent::Approved, [(name("green"), of("green"))].into());
        let found: Made = [(name("blue"), of("blue"))].into();
        let expected = Expected { warrant: Some(&warrant), found: Some(&found) };
        let look = |expected, names: &[&str]| {
            let names: Vec<_> = names.iter().map(|text| name(text)).collect();
            unlike(expected, &names, &on.deployments).map(|unlike| unlike.to_string())
        };
        assert_eq!(look(expected, &["green", "blue"]), None);
        let other = Warrant::new(Consent::Approved, [(name("green"), made("nbq:77"))].into());
        let said = look(Expected { warrant: Some(&other), found: None }, &["green"]);
        let said = said.expect("it differs");
        assert!(said.starts_with("green has changed since this plan was made."), "{said}");
        assert!(said.contains("model") && !said.contains("nbq"), "{said}");
        let said = look(expected, &["red"]).expect("red is not in the warrant");
        assert!(said.contains("did not record what red"), "{said}");
        let gone = Warrant::new(Consent::Approved, [(name("red"), made("nbq:1"))].into());
        let said = look(Expected { warrant: Some(&gone), found: None }, &["red"]);
        assert_eq!(said.as_deref(), Some("red no longer exists."));
        // A run from an earlier version is never compared with what its first step found.
        assert!(look(Expected { warrant: None, found: Some(&found) }, &["blue"]).is_some());
    }

    #[test]
    fn a_mark_changes_with_every_part() {
        let one: Made = [(name("blue"), made("nbq:1"))].into();
        assert_eq!(mark(&one), mark(&one.clone()));
        for other in [
            [(name("blue"), made("nbq:2"))].into(),
            [(name("green"), made("nbq:1"))].into(),
            Made::new(),
        ] {
            assert_ne!(mark(&one), mark(&other), "{other:?}");
        }
    }

    #[test]
    fn a_freeze_blocks_more_live_traffic_and_allows_roll_backs() {
        let of = |consent: &Consent| Warrant::new(consent.clone(), Made::new());
        let (all, half) = (route("blue=100"), route("blue=50,green=50"));
        let mirrored = route("blue=100;mirror=green:10");
        for (consent, before, after, held) in [
            (Consent::Approved, &all, &half, true),
            (Consent::Applied, &half, &all, true),
            (Consent::WayBack, &half, &all, false),
            (Consent::Approved, &all, &mirrored, false),
            (Consent::Approved, &half, &route(""), false),
        ] {
            assert_eq!(held_by_freeze(Some(&of(&consent)), before, after), held, "{consent:?}");
        }
        assert!(held_by_freeze(None, &all, &half), "begun by an earlier version");
    }
}
