//! A release's shadow. The primary is not touched.

use super::deployment;
use super::draft::Draft;
use super::file::Rendered;
use super::primary::{whole, with_shares};
use app::domain::name::DeploymentName;
use app::domain::release::percent::Percent;
use app::domain::route::{Mirror, Route};

/// Gives the shadow live traffic, the rest to the primary. In the same PUT the mirror to it is cleared.
pub(super) fn live(
    draft: &mut Draft<'_>,
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
    draft: &mut Draft<'_>,
    shadow: &DeploymentName,
    file: &Rendered,
    percent: Percent,
) {
    deployment::deploy(draft, shadow, file, None);
    mirror(draft, shadow, percent);
}

/// Mirrors live traffic to a deployment. One that is live cannot be both, which a guard then says.
pub(super) fn mirror(draft: &mut Draft<'_>, shadow: &DeploymentName, percent: Percent) {
    let Ok(mirror) = Mirror::new(shadow.clone(), u32::from(percent.get())) else { return };
    match Route::new(draft.route().split().clone(), Some(mirror)) {
        Ok(after) if after != *draft.route() => draft.set_route(&after),
        Ok(_) => {}
        Err(_) => draft.cannot_mirror(shadow),
    }
}
