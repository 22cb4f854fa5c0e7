//! The only code that talks to Azure.
//!
//! * [`cloud`]: the Azure cloud as a value; [`credential`]: the console's identity.
//! * [`arm`]: requests to Azure Resource Manager, with retries; `list`: paged lists.
//! * [`registry`]: the workspace's container registry: builds, their logs, images.
//! * `link`, `hosts`, [`inference`], [`resource_id`], [`region`]: validate what responses name before a token or key is sent there.
//! * [`endpoints`], [`deployments`], [`metrics`], [`scoring`]: the resources that the console manages.
//! * [`workspaces`], [`quota`], [`environments`], [`assets`], [`newest`], [`monitoring`]: further facts for plans.
//! * [`permissions`]: what the console's identity may do; [`role`]: what it needs.
//! * [`operation`]: long-running operations as checkpoints that survive a restart.
//! * `wire`: conversion of Azure's JSON; `refused`: Azure's error bodies.

pub mod arm;
pub mod assets;
pub mod cloud;
pub mod credential;
pub mod deployments;
pub mod endpoints;
pub mod environments;
pub mod error;
mod hosts;
pub mod http;
mod identity_http;
pub mod inference;
mod link;
mod list;
pub mod metrics;
pub mod monitoring;
pub mod newest;
pub mod operation;
pub mod permissions;
pub mod quota;
mod refused;
pub mod region;
pub mod registry;
pub mod resource_id;
pub mod role;
pub mod scoring;
pub mod secret_url;
mod settings;
pub(crate) mod wire;
pub mod workspaces;

pub use error::Error;
