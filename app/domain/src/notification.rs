//! Notifications: the events that webhooks receive, and the health of webhooks.

use super::change::State;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An event that a webhook can receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A change needs approval; sent again if its approvals were revoked.
    Waiting,
    /// Enough people approved the change.
    Approved,
    /// An approver rejected the change.
    Refused,
    /// The proposer withdrew the change.
    Withdrawn,
    /// The change was pending for too long.
    Expired,
    Succeeded,
    /// The change's run stopped and needs attention.
    Failed,
    /// A person stopped the change's run.
    Cancelled,
    RolledBack,
    /// A run without a change stopped and needs attention.
    RunFailed,
    /// A run without a change was rolled back.
    RunRolledBack,
    /// Somebody broke glass. Every webhook receives this event, whatever its configuration.
    BrokeGlass,
    /// A change has been pending for a while.
    Reminder,
    /// A change has been pending for so long that other people are notified too.
    Escalation,
}

impl Occasion {
    /// All events.
    pub const ALL: [Self; 14] = [
        Self::Waiting,
        Self::Approved,
        Self::Refused,
        Self::Withdrawn,
        Self::Expired,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::RolledBack,
        Self::RunFailed,
        Self::RunRolledBack,
        Self::BrokeGlass,
        Self::Reminder,
        Self::Escalation,
    ];

    /// The event's word in the configuration and in messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::RolledBack => "rolled_back",
            Self::RunFailed => "run_failed",
            Self::RunRolledBack => "run_rolled_back",
            Self::BrokeGlass => "broke_glass",
            Self::Reminder => "reminder",
            Self::Escalation => "escalation",
        }
    }

    /// The event's text in messages and on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => State::Proposed.label(),
            Self::Approved => State::Approved.label(),
            Self::Refused => State::Refused.label(),
            Self::Withdrawn => State::Withdrawn.label(),
            Self::Expired => State::Expired.label(),
            Self::Succeeded => State::Succeeded.label(),
            Self::Failed | Self::RunFailed => State::Failed.label(),
            Self::Cancelled => State::Cancelled.label(),
            Self::RolledBack | Self::RunRolledBack => State::RolledBack.label(),
            Self::BrokeGlass => "glass was broken",
            Self::Reminder => "still waits for approval",
            Self::Escalation => "waits, and nobody has decided yet",
        }
    }
}

/// The format of a webhook's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Slack's incoming webhooks: Block Kit.
    Slack,
    /// The workflows of Microsoft Teams: an Adaptive Card.
    Teams,
    /// Our own JSON, signed according to Standard Webhooks.
    Plain,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Slack => "Slack",
            Self::Teams => "Teams",
            Self::Plain => "plain JSON",
        })
    }
}

/// The health of a webhook, from its latest messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The number of undelivered messages.
    pub waiting: u32,
    /// The number of abandoned messages since the last delivery.
    pub given_up: u32,
    /// The error of the last attempt, if no message has been delivered since.
    pub trouble: Option<String>,
    /// The time of the last delivery.
    pub delivered: Option<Timestamp>,
}

/// A webhook without its URL, which is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// The name in the configuration.
    pub name: String,
    pub kind: Kind,
    /// The events that the webhook receives.
    pub occasions: Vec<Occasion>,
    pub health: Health,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn occasions_are_deserialized_from_their_words() {
        for occasion in Occasion::ALL {
            let json = format!("\"{}\"", occasion.word());
            assert_eq!(serde_json::from_str::<Occasion>(&json).expect("a word"), occasion);
        }
    }
}
