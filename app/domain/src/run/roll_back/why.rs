//! The reasons why a run cannot be rolled back.

use crate::name::DeploymentName;
use crate::route::Route;
use crate::run::RunId;
use crate::run::warrant::Unlike;
use std::fmt;

/// Why a run cannot be rolled back without an approval. `Display` is one or more full sentences; [`Self::remedy`]
/// continues them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoWayBack {
    Running,
    ChangedNothing,
    IsRollBack,
    /// The run did not read the route.
    Unread,
    /// The route is the same as before the run.
    AsBefore(Route),
    Already {
        by: RunId,
    },
    NotNewest {
        newest: RunId,
    },
    /// The route has since been changed outside the console.
    Elsewhere(Route),
    /// A deployment would get more live traffic than in the good state.
    GetsMore {
        name: DeploymentName,
        /// The new share, in percent.
        share: u8,
        /// The share in the good state, in percent.
        good: u8,
    },
    /// A deployment got its live traffic without an approval, so nothing says what it must be made of.
    NeverApproved(DeploymentName),
    /// A deployment has changed.
    Unlike(Unlike),
}

impl NoWayBack {
    /// What the person can do, in full sentences. `None` if `Display` says it already, or if nothing is to be done.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Running | Self::ChangedNothing | Self::IsRollBack | Self::Unread => None,
            Self::AsBefore(_) => Some("There is nothing to roll back."),
            Self::Already { .. } => Some("To change the route again, make a new change."),
            Self::NotNewest { .. } | Self::Elsewhere(_) => Some(
                "To set the route from before this run anyway, make a new change. It needs an approval if the stage \
                 requires one.",
            ),
            Self::GetsMore { .. }
            | Self::NeverApproved(_)
            | Self::Unlike(Unlike::Other { .. } | Unlike::Unrecorded(_)) => Some(
                "The run cannot be rolled back without an approval. Propose the route from before this run instead.",
            ),
            Self::Unlike(Unlike::Gone(_)) => Some(
                "The route from before this run cannot be set until this deployment exists again. Make a new \
                 change.",
            ),
        }
    }
}

impl fmt::Display for NoWayBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("The run is still in progress. Stop it first."),
            Self::ChangedNothing => f.write_str(
                "This run did not change the route, so there is nothing to roll back.",
            ),
            Self::IsRollBack => f.write_str(
                "This run is a roll-back. To undo it, make a new change, because live traffic would return to \
                 deployments that were rolled back.",
            ),
            Self::Unread => f.write_str(
                "This run stopped before it read the route, so there is nothing to roll back.",
            ),
            Self::AsBefore(route) => {
                write!(f, "The route is the same as before this run: {route}.")
            }
            Self::Already { .. } => f.write_str("This run has already been rolled back."),
            Self::NotNewest { .. } => f.write_str(
                "A later run set the route. Only the newest change can be rolled back.",
            ),
            Self::Elsewhere(now) => write!(
                f,
                "The route was changed outside the console after this run. The route is now {now}, and a roll-back \
                 would undo that change too."
            ),
            Self::GetsMore { name, share, good } => write!(
                f,
                "{name} would get {share} % of the live traffic. In the last route that was approved and held it \
                 had {good} %."
            ),
            Self::NeverApproved(name) => write!(
                f,
                "{name} got its live traffic outside an approved change, so no approval says what it must be made of."
            ),
            Self::Unlike(Unlike::Gone(name)) => write!(f, "{name} no longer exists."),
            Self::Unlike(Unlike::Other { name, fields }) => write!(
                f,
                "{name} has changed since the last route that was approved and held. Changed fields: {}.",
                fields.join(", ")
            ),
            Self::Unlike(Unlike::Unrecorded(name)) => write!(
                f,
                "The console did not record what {name} was made of in the last route that was approved and held. \
                 An earlier version of the console set that route."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> DeploymentName {
        "green".parse().expect("a name")
    }

    #[test]
    fn an_approval_is_named_only_where_it_helps() {
        let asks = |why: &NoWayBack| {
            why.remedy().is_some_and(|remedy| remedy.contains("without an approval"))
        };
        for why in [
            NoWayBack::GetsMore { name: name(), share: 50, good: 0 },
            NoWayBack::Unlike(Unlike::Unrecorded(name())),
        ] {
            assert!(asks(&why), "{why}");
        }
        for why in [
            NoWayBack::Running,
            NoWayBack::IsRollBack,
            NoWayBack::Already { by: RunId("other".to_owned()) },
            NoWayBack::AsBefore(Route::default()),
            NoWayBack::Unlike(Unlike::Gone(name())),
        ] {
            assert!(!asks(&why), "{why}");
        }
    }
}
