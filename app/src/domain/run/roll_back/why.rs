//! Why there is no way back, in sentences.

use crate::domain::name::DeploymentName;
use crate::domain::route::Route;
use crate::domain::run::RunId;
use crate::domain::run::warrant::Unlike;
use std::fmt;

/// Why a run cannot be rolled back without an approval. `Display` is the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoWayBack {
    /// It has not come to rest.
    Running,
    /// It did not change the route.
    ChangedNothing,
    /// It is a roll-back itself.
    IsRollBack,
    /// It did not get so far as to read the route.
    Unread,
    /// The route is as it was before it.
    AsBefore(Route),
    /// It was rolled back.
    Already {
        /// By this run.
        by: RunId,
    },
    /// A later run changed the route.
    NotNewest {
        /// The newest of them.
        newest: RunId,
    },
    /// The route was changed outside the console since.
    Elsewhere(Route),
    /// A deployment would get more live traffic than in the good state.
    GetsMore {
        /// Which.
        name: DeploymentName,
        /// How much, in per cent.
        share: u8,
        /// What it had, in per cent.
        good: u8,
    },
    /// A deployment is not what it was.
    Unlike(Unlike),
}

impl fmt::Display for NoWayBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("The run has not come to rest. Stop it first."),
            Self::ChangedNothing => f.write_str(
                "This run did not change the route, so there is nothing to roll back.",
            ),
            Self::IsRollBack => f.write_str(
                "This run is a roll-back. To undo it is a new change, because it would give live traffic back to \
                 what was rolled back.",
            ),
            Self::Unread => f.write_str(
                "This run did not get so far as to read the route, so there is nothing to roll back.",
            ),
            Self::AsBefore(route) => {
                write!(f, "The route is as it was before this run: {route}.")
            }
            Self::Already { .. } => f.write_str("This run was rolled back already."),
            Self::NotNewest { .. } => f.write_str(
                "A later run changed the route. Only the newest change can be rolled back.",
            ),
            Self::Elsewhere(now) => write!(
                f,
                "The route was changed outside the console after this run. It is {now} now, and a roll-back would \
                 undo that too."
            ),
            Self::GetsMore { name, share, good } => write!(
                f,
                "{name} would get {share} % of the live traffic. In the last route that was approved and held it \
                 had {good} %."
            ),
            Self::Unlike(Unlike::Gone(name)) => write!(f, "{name} does not exist any more."),
            Self::Unlike(Unlike::Other { name, fields }) => write!(
                f,
                "{name} is not what it was in the last route that was approved and held. What differs: {}.",
                fields.join(", ")
            ),
            Self::Unlike(Unlike::Unrecorded(name)) => write!(
                f,
                "What {name} was made of in the last route that was approved and held was not recorded, because an \
                 earlier version of the console set that route."
            ),
        }
    }
}
