//! What the guards judge a plan by: the facts that were read, and what the plan itself knows.

use super::draft::PlanDraft;
use domain::guard::inputs::{GuardInputs, Image};

impl PlanDraft<'_> {
    /// The facts with what the plan itself knows.
    pub(super) fn judged_by(&mut self, facts: &GuardInputs) -> GuardInputs {
        let is_built = facts.image.as_ref().is_some_and(Image::is_of_the_commit);
        let build = self.builds_first.take().filter(|_| !is_built);
        let left = build.into_iter().chain(std::mem::take(&mut self.left_to_workflow));
        let mut assets = facts.assets.clone();
        if let Some(assets) = &mut assets {
            assets.extend(self.observed.listed());
        }
        GuardInputs {
            mirror_to_live: self.mirror_to_live.take(),
            left_undone: self.left_undone.take(),
            left_to_workflow: left.collect(),
            assets,
            ..facts.clone()
        }
    }
}
