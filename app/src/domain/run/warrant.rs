//! What lets a run begin, and to what it may give live traffic.
//!
//! Two questions are kept apart. *Who consented* ([`Consent`]): enough people approved a change, somebody applied
//! it on a stage that asks for no approval, somebody broke glass, or nobody did, because the run only goes back
//! ([`super::roll_back`]).
//! *To what* ([`Warrant::made_of`]): consent is given to a deployment as it is then, with its model, environment,
//! machine size and settings, and not to its name. Whatever stands under that name later is compared before each
//! PUT that gives it more live traffic, and again when the route is read back ([`unlike`]).
//!
//! The warrant is written down with the run and never changes, so that a restart, a retry or another replica
//! compares with the same.

use crate::domain::endpoint::{Deployment, MadeOf};
use crate::domain::evidence::standing::rising;
use crate::domain::glass::{Glass, Rule};
use crate::domain::name::DeploymentName;
use crate::domain::route::Route;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What deployments are made of, by name.
pub type Made = BTreeMap<DeploymentName, MadeOf>;

/// What lets a run begin. Each `match` on it is exhaustive, so that a further kind has to say at every place what
/// it may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// As many people approved it as the stage's policy asks for.
    Approved,
    /// The stage asks for no approval: the word of the person who applied it was enough.
    Applied,
    /// Nobody approved it. It goes back, by the rules of [`super::roll_back`].
    WayBack,
    /// Somebody who may broke glass: the named rules of the stage's policy were set aside, and no others.
    Glass(Glass),
}

impl Consent {
    /// Whether a route that it led to is one to go back to, once it held. Broken glass is no approval, so what it led
    /// to is not.
    #[must_use]
    pub fn makes_good(&self) -> bool {
        match self {
            Self::Approved | Self::Applied => true,
            Self::WayBack | Self::Glass(_) => false,
        }
    }

    /// Whether it may give a deployment more live traffic while its stage is frozen.
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

/// The last route that somebody consented to and that held, with what its live deployments were made of then.
/// Without an approval no deployment ever gets more live traffic than it had in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodState {
    /// The route.
    pub route: Route,
    /// What its live deployments were made of; `None` where an earlier version did not record it, and the run
    /// that began next did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_of: Option<Made>,
}

/// On what a run rests, written down with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warrant {
    /// What let it begin.
    pub consent: Consent,
    /// What each deployment was made of that gets more live traffic by it, when that was consented to.
    #[serde(default)]
    pub made_of: Made,
    /// The good state when it began; `None` where none was known: then it is what the run's first step reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good: Option<GoodState>,
}

impl Warrant {
    /// A warrant; the good state is added when the run is written down.
    #[must_use]
    pub fn new(consent: Consent, made_of: Made) -> Self {
        Self { consent, made_of, good: None }
    }

    /// The same with what is good before the run; `former` is what is good after the newest change of the route.
    /// Where nobody approves anything, good is what the person saw who applied it: what the run's first step reads.
    /// A way back brings along what was good before the run that it takes back. Broken glass leaves good what was.
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

/// The field of a form with the [`mark`] of what the person saw.
pub const SAW: &str = "made_of";

/// A mark of what deployments are made of: a form carries it, so that nobody applies a plan to something else than
/// they saw. It is no proof of anything (FNV-1a, 64 bits); what is approved is compared field by field.
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

/// What a run's deployments are compared with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected<'a> {
    /// The run's warrant; `None` when an earlier version began it.
    pub warrant: Option<&'a Warrant>,
    /// What its first step found the live deployments to be made of.
    pub found: Option<&'a Made>,
}

impl<'a> Expected<'a> {
    /// What a deployment is to be made of. One that the warrant does not name gets no more than it had when the
    /// run began, and is what it was then.
    fn of(self, name: &DeploymentName) -> Option<&'a MadeOf> {
        self.warrant?.made_of.get(name).or_else(|| self.found?.get(name))
    }
}

/// Why a deployment must not get more live traffic. `Display` is the sentence; it names fields and no values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlike {
    /// It is not there.
    Gone(DeploymentName),
    /// It is made of something else.
    Other {
        /// Which.
        name: DeploymentName,
        /// The fields in which it differs.
        fields: Vec<&'static str>,
    },
    /// What was consented to is not known.
    Unrecorded(DeploymentName),
}

impl fmt::Display for Unlike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(name) => write!(f, "{name} does not exist any more."),
            Self::Other { name, fields } => write!(
                f,
                "{name} is not what it was when this was planned. What differs: {}.",
                fields.join(", ")
            ),
            Self::Unrecorded(name) => write!(
                f,
                "An earlier version of the console began this and did not record what {name} was made of."
            ),
        }
    }
}

/// The first of these deployments that is not what was consented to; `None` when all are.
#[must_use]
pub fn unlike<'a>(
    expected: Expected<'_>,
    names: impl IntoIterator<Item = &'a DeploymentName>,
    now: &[Deployment],
) -> Option<Unlike> {
    names.into_iter().find_map(|name| one_unlike(expected.of(name), name, now))
}

/// How one deployment is not what it is to be.
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

/// Whether a frozen stage holds a change of the route back: it gives somebody more live traffic, and is no way
/// back. A run that an earlier version began is held as well.
#[must_use]
pub fn held_by_freeze(warrant: Option<&Warrant>, before: &Route, after: &Route) -> bool {
    let passes = warrant.is_some_and(|warrant| warrant.consent.passes_freeze());
    !passes && !rising(before, after).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::trial::{endpoint, name, route};

    fn made(model: &str) -> MadeOf {
        MadeOf { model: Some(model.to_owned()), ..MadeOf::default() }
    }

    #[test]
    fn what_gets_more_live_traffic_is_made_of_what_was_consented_to() {
        let on = endpoint("blue green", "blue=100");
        let of = |text: &str| MadeOf::from(on.deployment(&name(text)).expect("it is there"));
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
        assert!(said.starts_with("green is not what it was when this was planned."), "{said}");
        assert!(said.contains("model") && !said.contains("nbq"), "{said}");
        let said = look(expected, &["red"]).expect("nobody consented to it");
        assert!(said.contains("did not record what red"), "{said}");
        let gone = Warrant::new(Consent::Approved, [(name("red"), made("nbq:1"))].into());
        let said = look(Expected { warrant: Some(&gone), found: None }, &["red"]);
        assert_eq!(said.as_deref(), Some("red does not exist any more."));
        // What an earlier version began is not taken for what it found.
        assert!(look(Expected { warrant: None, found: Some(&found) }, &["blue"]).is_some());
    }

    #[test]
    fn a_mark_differs_when_what_was_seen_does() {
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
    fn a_frozen_stage_holds_what_gives_more_and_lets_go_back() {
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
