//! Azure Container Registry: its ARM resources with quick builds ([`arm`], [`order`], [`runs`], [`drive`]), the OCI
//! distribution API ([`oci`], [`push`]) with its tokens ([`tokens`]), and ACR's own API ([`acr`]).
//!
//! # Differences from Azure
//!
//! * There is one registry. It is never created, changed or deleted, and a workspace names it from the start. Its
//!   login server is the emulator's own host and port, because nothing else resolves.
//! * Only quick builds (`DockerBuildRequest`) run: no multi-step tasks, no stored tasks, no triggers, no agent pools,
//!   Linux on amd64 only, and source code from an upload only. Any other request is refused with a text that says so.
//!   The service's texts for invalid requests are not documented; here they are 400 `BadRequest`.
//! * Images are pushed to this registry only. Credentials of other registries are accepted and not used.
//! * `scheduleRun` and `cancel` answer 200 at once, as ARM was seen to do; the specification also allows 202. A run
//!   that has ended cannot be cancelled (409), which is a guess.
//! * Runs do not wait for each other. The time-out of a build follows the machine's clock, because a real build takes
//!   real time; that of a stuck run follows the emulator's.
//! * A run that was `Started` or `Running` when the emulator was killed becomes `Error` at the next start, as if its
//!   agent were lost. A run that was `Queued` has no agent yet, and runs.
//! * Tokens are checked, but everybody gets the rights that they ask for. A blob can be read through any repository,
//!   and manifests and blobs that nothing names are not collected.
//! * Archived runs, artifact logs (`logTemplate`), `noCache` and `cpu` are stored and returned without an effect.

mod acr;
pub mod arm;
mod building;
pub mod drive;
mod filter;
mod job;
mod misfortune;
mod oci;
mod order;
mod pages;
mod push;
mod refusal;
mod runs;
pub mod shapes;
mod steps;
mod tokens;
mod writing;

pub use shapes::registry_id;

use axum::Router;
use axum::routing::{any, get, post};

use crate::inner::Shared;

/// Routes of the registry's own host, whose paths have no subscription.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/v2", any(oci::handle))
        .route("/v2/", any(oci::handle))
        .route("/v2/{*rest}", any(oci::handle))
        .route("/oauth2/exchange", post(tokens::exchange))
        .route("/oauth2/token", get(tokens::by_password).post(tokens::by_form))
        .route("/acr/v1/{*rest}", any(acr::handle))
}
