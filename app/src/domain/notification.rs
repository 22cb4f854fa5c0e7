//! Notifications: what webhooks are told of, and how they are doing.

use super::change::State;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that a webhook can be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A change waits for approval; again, when its approvals fell away.
    Waiting,
    /// Enough people approved it.
    Approved,
    /// An approver said no.
    Refused,
    /// The proposer took it back.
    Withdrawn,
    /// It waited too long.
    Expired,
    /// It was done.
    Succeeded,
    /// It stopped and needs attention.
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// It was undone.
    RolledBack,
    /// A run that belongs to no change stopped and needs attention.
    RunFailed,
    /// A run that belongs to no change was rolled back.
    RunRolledBack,
    /// Somebody broke glass. Every webhook is sent this, whatever it is configured to be sent.
    BrokeGlass,
    /// A change has waited for a while.
    Reminder,
    /// A change has waited so long that somebody else is told, too.
    Escalation,
}

impl Occasion {
    /// All of them.
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

    /// Its word in the configuration and in messages.
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

    /// For people: how what it is about stands now.
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

/// The form in which a webhook takes messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Slack's incoming webhooks: Block Kit.
    Slack,
    /// The workflows of Microsoft Teams: an Adaptive Card.
    Teams,
    /// Our own JSON, signed as Standard Webhooks says.
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

/// How a webhook is doing, as far as its newest messages tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Messages that are still to be delivered.
    pub waiting: u32,
    /// Messages that were given up since one was delivered.
    pub given_up: u32,
    /// Why a message was last not delivered, if none has been delivered since.
    pub trouble: Option<String>,
    /// When one was last delivered.
    pub delivered: Option<Timestamp>,
}

/// A webhook, as people may see it: its URL is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its name in the configuration.
    pub name: String,
    /// The form in which it takes messages.
    pub kind: Kind,
    /// What it is told of.
    pub occasions: Vec<Occasion>,
    /// How it is doing.
    pub health: Health,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn occasions_are_read_by_their_words() {
        for occasion in Occasion::ALL {
            let json = format!("\"{}\"", occasion.word());
            assert_eq!(serde_json::from_str::<Occasion>(&json).expect("a word"), occasion);
        }
    }
}
