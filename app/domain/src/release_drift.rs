//! The result of comparing a release with Azure. The server compares (`plan::drift`).

use super::name::DeploymentName;
use super::plan::Difference;
use super::release::deploy::{Target, Work};
use super::release::input::Asked;
use super::release::{Definition, Release};
use super::route::Route;
use serde::{Deserialize, Serialize};

/// The result of comparing a release with Azure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseDrift {
    /// The release has problems, so it cannot be planned.
    Broken,
    /// The release could not be compared, for this reason.
    NotCompared(String),
    /// The endpoint does not exist.
    NoEndpoint,
    /// Some of the release's deployments do not exist.
    Absent(Vec<DeploymentName>),
    /// All deployments exist, and something differs.
    Differs {
        /// How the release would change live traffic and the mirror, in words; `None` if it would not.
        route: Option<String>,
        /// The differing fields, including the route: `before` is Azure's value, `after` the release's.
        fields: Vec<Difference>,
    },
    /// All fields match.
    AsDefined,
}

/// The deployments that a release names, in its order.
#[must_use]
pub fn targets(release: &Release) -> Vec<DeploymentName> {
    let Some(Definition::Deploy(deploy)) = &release.definition else { return Vec::new() };
    let known = |target: &Target| target.name.known().cloned();
    let named = |name: &Option<Asked<DeploymentName>>| name.as_ref()?.known().cloned();
    match &deploy.work {
        Work::PrimaryAndShadow(work) => {
            let shadow = work.shadow.as_ref().and_then(|shadow| shadow.name.known().cloned());
            known(&work.primary).into_iter().chain(shadow).collect()
        }
        Work::BlueGreen(colours) => {
            let both = [named(&colours.blue.name), named(&colours.green.name)];
            both.into_iter().flatten().collect()
        }
    }
}

/// Describes the change between two routes: `move 100 % of live traffic back to anet-eedi`. The text says “back” if the
/// deployment `is_older` than the one that loses most.
#[must_use]
pub fn moved(
    before: &Route,
    after: &Route,
    is_older: impl Fn(&DeploymentName, &DeploymentName) -> bool,
) -> Vec<String> {
    let mut words = Vec::new();
    let change = |name: &DeploymentName| {
        i16::from(after.split().share(name)) - i16::from(before.split().share(name))
    };
    let loser = before.split().iter().map(|(name, _)| name).min_by_key(|name| change(name));
    for (name, _) in after.split().iter() {
        let gains = change(name);
        if gains > 0 {
            let is_back = loser.is_some_and(|loser| is_older(name, loser));
            let back = if is_back { "back " } else { "" };
            words.push(format!("move {gains} % of live traffic {back}to {name}"));
        }
    }
    if after.split().is_off() && !before.split().is_off() {
        words.push("switch live traffic off".to_owned());
    }
    match (before.mirror(), after.mirror()) {
        (before, after) if before == after => {}
        (_, Some(to)) => words.push(format!("mirror {} % to {}", to.percent(), to.deployment())),
        (Some(from), None) => words.push(format!("stop mirroring to {}", from.deployment())),
        (None, None) => {}
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_change_is_described_in_words() {
        let names = |old: &str, new: &str| {
            let pair = (old.to_owned(), new.to_owned());
            move |a: &DeploymentName, b: &DeploymentName| {
                (a.as_str(), b.as_str()) == (&pair.0, &pair.1)
            }
        };
        for (before, after, words) in [
            ("green=100", "blue=100", "move 100 % of live traffic back to blue"),
            ("blue=100", "green=100", "move 100 % of live traffic to green"),
            ("green=90,blue=10", "blue=100", "move 90 % of live traffic back to blue"),
            ("blue=100", "blue=100;mirror=green:20", "mirror 20 % to green"),
            ("blue=100;mirror=green:20", "blue=100", "stop mirroring to green"),
            (
                "blue=100;mirror=green:20",
                "blue=70,green=30",
                "move 30 % of live traffic to green, stop mirroring to green",
            ),
            ("blue=100", "", "switch live traffic off"),
            ("", "blue=100", "move 100 % of live traffic to blue"),
            ("blue=100", "blue=100", ""),
        ] {
            let (before, after) =
                (before.parse().expect("a route"), after.parse::<Route>().expect("a route"));
            let said = moved(&before, &after, names("blue", "green")).join(", ");
            assert_eq!(said, words, "{before} to {after}");
        }
    }
}
