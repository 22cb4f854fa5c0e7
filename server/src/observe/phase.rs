//! The phase of a deployment that is being made, told from which containers have written a log: ARM
//! itself reports none.

use crate::azure::deployments;
use crate::stages::Place;
use app::domain::endpoint::Deployment;
use app::domain::log::Container;
use app::domain::provisioning::Phase;
use app::domain::stage::EndpointKey;

/// Observes the phase. A phase never goes back, and a log that cannot be read changes nothing.
pub(super) async fn observe(
    place: &Place,
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
