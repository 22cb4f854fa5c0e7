//! Counts what happened in sequences, to show that the property covers the cases that matter.

/// How often each case happened.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::runs::going_live) struct Met {
    /// Shares set by approved runs.
    pub(in crate::runs::going_live) forward: u32,
    /// Roll-backs that people requested.
    pub(in crate::runs::going_live) back: u32,
    /// Roll-backs of failed bakes.
    pub(in crate::runs::going_live) by_itself: u32,
    /// Roll-backs that were refused.
    pub(in crate::runs::going_live) refused: u32,
    /// Steps that stopped because a deployment was not the approved one.
    pub(in crate::runs::going_live) stopped: u32,
    /// PUTs that a freeze held back.
    pub(in crate::runs::going_live) held: u32,
    /// Runs for which glass was broken.
    pub(in crate::runs::going_live) glass: u32,
}

impl Met {
    pub(in crate::runs::going_live) fn add(&mut self, other: &Self) {
        self.forward += other.forward;
        self.back += other.back;
        self.by_itself += other.by_itself;
        self.refused += other.refused;
        self.stopped += other.stopped;
        self.held += other.held;
        self.glass += other.glass;
    }
}
