//! Plans a release's shadow. The primary stays unchanged.

use super::deployment;
use super::draft::PlanDraft;
use super::file::Rendered;
use super::primary::{whole, with_shares};
use domain::name::DeploymentName;
use domain::release::percent::Percent;
use domain::route::{Mirror, Route};

/// Gives the shadow its live share and the primary the rest. The same PUT clears the mirror to the shadow.
pub(super) fn live(
    draft: &mut PlanDraft<'_>,
    shadow: &DeploymentName,
    primary: &DeploymentName,
    percent: Percent,
) {
    let share = u32::from(percent.get());
    let mirror = draft.route().mirror().cloned();
    let after = if share == 100 {
        whole(shadow, draft.route())
    } else {
        with_shares([(shadow.clone(), share), (primary.clone(), 100 - share)], mirror)
    };
    if after != *draft.route() {
        draft.set_route(&after);
    }
}

/// Creates, updates or recreates the shadow, then mirrors live traffic to it.
pub(super) fn mirrored(
    draft: &mut PlanDraft<'_>,
    shadow: &DeploymentName,
    file: &Rendered,
    percent: Percent,
) {
    deployment::deploy(draft, shadow, file, None);
    mirror(draft, shadow, percent);
}

/// Mirrors live traffic to a deployment. A guard blocks a mirror to a live deployment.
pub(super) fn mirror(draft: &mut PlanDraft<'_>, shadow: &DeploymentName, percent: Percent) {
    let Ok(mirror) = Mirror::new(shadow.clone(), u32::from(percent.get())) else { return };
    match Route::new(draft.route().split().clone(), Some(mirror)) {
        Ok(after) if after != *draft.route() => draft.set_route(&after),
        Ok(_) => {}
        Err(_) => draft.cannot_mirror(shadow),
    }
}
