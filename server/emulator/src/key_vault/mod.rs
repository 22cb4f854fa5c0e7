//! Azure Key Vault: vaults in ARM ([`arm`]) and their secrets ([`secrets`], [`deleted`]). Nothing of keys and certificates.
//!
//! # Data flow
//!
//! ```text
//! /vaults/{vault}/secrets/…          ┐              ┌ secrets  ┐
//! {vault}.vault.azure.net/secrets/…  ┴─ wire ─ call ┴ deleted  ┴─ state (values sealed)
//!                                       │ 401 with a challenge, 403 of a vault that refuses
//! ```
//!
//! A vault can be reached at two places. `vaultUri` in ARM is a path, `{emulator}/vaults/{vault}/`, which needs neither DNS nor
//! TLS. The official clients demand `https`, a host that ends with the challenge's resource, and ids without such a path. For
//! them, a request whose `Host` is `{vault}.vault.…` reaches the same vault; their transport must send it here. Ids in answers
//! begin with the address that the request was sent to.
//!
//! # Differences from Azure
//!
//! * Deleting, recovering and purging take no time. A vault that is deleted is gone.
//! * Everybody with a token may do everything, unless `PUT /emulator/vaults/{vault}` makes the vault refuse. Access policies
//!   and network rules are not played.
//! * A secret keeps its last 500 versions. There are no backups of secrets. `exp` and `nbf` are stored, and do not keep anybody from reading, as in Azure.
//! * Texts of errors follow what the service is known to say, shortened.

pub mod arm;
mod deleted;
mod refused;
mod secrets;
pub mod switch;
mod values;
mod wire;

pub use values::read;
pub use wire::by_host;

use axum::Router;
use axum::routing::any;

use crate::inner::Shared;

/// The vaults, by path.
pub fn routes() -> Router<Shared> {
    Router::new().route("/vaults/{vault}/{*rest}", any(wire::by_path))
}
