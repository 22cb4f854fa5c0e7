//! Plans a release's endpoint and primary deployment.

use super::deployment::{self, Outcome};
use super::diff;
use super::draft::PlanDraft;
use super::file::Rendered;
use domain::name::DeploymentName;
use domain::plan::Subject;
use domain::provisioning::ProvisioningState;
use domain::route::{Mirror, Route, Split};
use serde_json::Value;

/// Creates the endpoint, or updates it if it differs. Never deletes it, whatever its state.
pub(super) fn endpoint(draft: &mut PlanDraft<'_>, file: &Rendered) {
    let Some(live) = draft.live else { return draft.put_endpoint(&file.body) };
    let now = live.body.as_deref().unwrap_or(&Value::Null);
    let desired = deployment::without_place(now, &file.body);
    if !diff::compare(&Subject::Endpoint, now, &desired).is_empty() {
        draft.put_endpoint(&file.body);
    }
}

/// Deploys the primary. If it already equals the file, gives it all live traffic; a deployment that this plan creates
/// or changes gets none.
pub(super) fn primary(draft: &mut PlanDraft<'_>, name: &DeploymentName, file: &Rendered) {
    if deployment::deploy(draft, name, file, None) == Outcome::Written {
        return;
    }
    let found = draft.live.and_then(|live| live.endpoint.deployment(name));
    let is_ready = found.is_some_and(|found| found.state == ProvisioningState::Succeeded);
    let whole = whole(name, draft.route());
    if is_ready && whole != *draft.route() {
        draft.set_route(&whole);
    }
}

/// The route with all live traffic to one deployment. A mirror to another deployment stays.
pub(super) fn whole(name: &DeploymentName, now: &Route) -> Route {
    let mirror = now.mirror().filter(|mirror| mirror.deployment() != name).cloned();
    with_shares([(name.clone(), 100)], mirror)
}

/// A route of shares that add up to 100, without the mirror if its deployment is live.
pub(super) fn with_shares<const N: usize>(
    shares: [(DeploymentName, u32); N],
    mirror: Option<Mirror>,
) -> Route {
    let split = Split::new(shares).expect("the shares add up to 100");
    let mirror = mirror.filter(|mirror| split.share(mirror.deployment()) == 0);
    Route::new(split, mirror).expect("the mirror is not live")
}
