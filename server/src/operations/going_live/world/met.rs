//! What came about in a sequence, so that a property can be seen to meet what it is about.

/// What came about.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::operations::going_live) struct Met {
    /// Shares that were set by approved runs.
    pub(in crate::operations::going_live) forward: u32,
    /// Roll-backs that people asked for.
    pub(in crate::operations::going_live) back: u32,
    /// Roll-backs of failed bakes.
    pub(in crate::operations::going_live) by_itself: u32,
    /// Roll-backs that were refused.
    pub(in crate::operations::going_live) refused: u32,
    /// Steps that stopped because something was not what was approved.
    pub(in crate::operations::going_live) stopped: u32,
    /// PUTs that a freeze held back.
    pub(in crate::operations::going_live) held: u32,
    /// Runs for which glass was broken.
    pub(in crate::operations::going_live) glass: u32,
}

impl Met {
    pub(in crate::operations::going_live) fn add(&mut self, other: &Self) {
        self.forward += other.forward;
        self.back += other.back;
        self.by_itself += other.by_itself;
        self.refused += other.refused;
        self.stopped += other.stopped;
        self.held += other.held;
        self.glass += other.glass;
    }
}
