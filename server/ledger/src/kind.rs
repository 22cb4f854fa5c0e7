//! Kinds of facts.

use serde::{Deserialize, Serialize};

/// What kind of fact an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The console started with another configuration than before.
    Configured,
    /// Somebody decided about what is being done: stop, retry, roll back, leave.
    Decided,
    /// Somebody tried what they may not do.
    Denied,
    /// The console is about to ask Azure for something; nothing has been sent yet.
    Intended,
    /// Another key signs the checkpoints from here on.
    KeyChanged,
    /// Azure has something that the console did not ask for, or that it sees for the first time.
    Observed,
    /// What was intended has ended, one way or the other.
    Settled,
    /// Somebody was not let in.
    SignInRefused,
    /// Somebody signed in.
    SignedIn,
    /// Somebody signed out.
    SignedOut,
    /// Somebody proposed a change.
    Proposed,
    /// Somebody approved a proposed change.
    Approved,
    /// Somebody refused a proposed change.
    Refused,
    /// Somebody took their proposal back.
    Withdrawn,
    /// Somebody said something about a change.
    Commented,
    /// What was proposed would do something else now: approvals of it fell away.
    Replanned,
    /// A proposed change waited too long.
    Expired,
    /// A change was started, by somebody or because its time had come.
    Started,
    /// Somebody froze a stage: it takes no changes.
    Frozen,
    /// Somebody thawed a frozen stage.
    Thawed,
    /// Somebody captured evidence.
    Captured,
    /// An approval counts no more: whoever gave it may not approve any more.
    Lapsed,
    /// Somebody who keeps the console let it go on with a ledger that does not continue the one before.
    BegunAgain,
    /// Somebody broke glass: rules of a stage's policy were set aside for a run.
    BrokeGlass,
    /// Somebody else acknowledged that glass was broken.
    GlassAcknowledged,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 25] = [
        Self::Configured,
        Self::Decided,
        Self::Denied,
        Self::Intended,
        Self::KeyChanged,
        Self::Observed,
        Self::Settled,
        Self::SignInRefused,
        Self::SignedIn,
        Self::SignedOut,
        Self::Proposed,
        Self::Approved,
        Self::Refused,
        Self::Withdrawn,
        Self::Commented,
        Self::Replanned,
        Self::Expired,
        Self::Started,
        Self::Frozen,
        Self::Thawed,
        Self::Captured,
        Self::Lapsed,
        Self::BegunAgain,
        Self::BrokeGlass,
        Self::GlassAcknowledged,
    ];

    /// Its word in exports, URLs and the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Decided => "decided",
            Self::Denied => "denied",
            Self::Intended => "intended",
            Self::KeyChanged => "key_changed",
            Self::Observed => "observed",
            Self::Settled => "settled",
            Self::SignInRefused => "sign_in_refused",
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Commented => "commented",
            Self::Replanned => "replanned",
            Self::Expired => "expired",
            Self::Started => "started",
            Self::Frozen => "frozen",
            Self::Thawed => "thawed",
            Self::Captured => "captured",
            Self::Lapsed => "lapsed",
            Self::BegunAgain => "begun_again",
            Self::BrokeGlass => "broke_glass",
            Self::GlassAcknowledged => "glass_acknowledged",
        }
    }
}
