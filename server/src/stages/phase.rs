//! The phase of a deployment that is being created. ARM does not report one, so it is derived from which containers
//! have written a log.

use crate::azure::deployments;
use crate::stages::StageContext;
use domain::endpoint::Deployment;
use domain::log::Container;
use domain::provisioning::Phase;
use domain::stage::EndpointKey;

/// Observes the phase. The phase never goes back, and an unreadable log does not change it.
pub(super) async fn observe(
    place: &StageContext,
    key: &EndpointKey,
    deployment: &Deployment,
    known: Option<&Deployment>,
) -> Option<Phase> {
    let before = known.and_then(|known| known.phase);
    let wrote = async |container| {
        let lines = deployments::log(
            &place.arm,
            &place.workspace,
            &key.endpoint,
            &deployment.name,
            container,
            1,
        );
        lines.await.is_ok_and(|lines| !lines.is_empty())
    };
    let server = before == Some(Phase::Starting) || wrote(Container::InferenceServer).await;
    let storage =
        server || before >= Some(Phase::Downloading) || wrote(Container::StorageInitializer).await;
    Some(Phase::observed(deployment.state, storage, server)).max(before)
}
