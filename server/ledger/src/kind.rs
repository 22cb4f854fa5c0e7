//! Kinds of entries.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$about:meta])* $kind:ident = $word:literal,)+) => {
        /// The kind of an entry.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$about])* $kind,)+
        }

        impl Kind {
            /// All kinds.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$kind),+];

            /// The word in exports, URLs and the store.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)+
                }
            }
        }
    };
}

kinds! {
    /// The console started with a new configuration.
    Configured = "configured",
    /// Somebody decided about a run: stop, retry, roll back, close.
    Decided = "decided",
    /// Somebody attempted something that they may not do.
    Denied = "denied",
    /// The console is about to send something to Azure.
    Intended = "intended",
    /// A new key signs the checkpoints from this entry on.
    KeyChanged = "key_changed",
    /// Azure has something that the console did not request, or that it sees for the first time.
    Observed = "observed",
    /// An intended operation has ended, successfully or not, or one of its steps has set the route.
    Settled = "settled",
    SignInRefused = "sign_in_refused",
    SignedIn = "signed_in",
    SignedOut = "signed_out",
    /// Somebody proposed a change.
    Proposed = "proposed",
    /// Somebody approved a proposed change.
    Approved = "approved",
    /// Somebody rejected a proposed change.
    Refused = "refused",
    /// The proposer withdrew a change.
    Withdrawn = "withdrawn",
    /// Somebody commented on a change.
    Commented = "commented",
    /// The plan of a proposed change has changed, which revoked its approvals.
    Replanned = "replanned",
    /// A proposed change was not approved in time.
    Expired = "expired",
    /// A change was started, by a person or on schedule.
    Started = "started",
    /// Somebody froze a stage, which then accepts no changes.
    Frozen = "frozen",
    /// Somebody unfroze a stage.
    Thawed = "thawed",
    /// Somebody captured evidence.
    Captured = "captured",
    /// An approval was revoked, because the approver may no longer approve.
    Lapsed = "lapsed",
    /// An operator began again with a ledger that does not continue the previous one.
    BegunAgain = "begun_again",
    /// Somebody broke glass, which set rules of the stage's policy aside for a run.
    BrokeGlass = "broke_glass",
    /// Another person acknowledged broken glass.
    GlassAcknowledged = "glass_acknowledged",
    /// A run that broken glass began applied a pending change, which is closed.
    Superseded = "superseded",
}
