//! The only code that talks to Azure: typed, through one door for HTTP.
//!
//! * [`cloud`]: which Azure, as a value; [`credential`]: who we are to it.
//! * [`arm`]: one request to Azure Resource Manager, with its retries and its errors; `list`: page after page;
//!   `timely`: writes that must not leave late.
//! * `link`, [`inference`], [`resource_id`], [`region`]: what answers name is looked at before a token or a key goes
//!   there.
//! * [`endpoints`], [`deployments`], [`metrics`], [`scoring`]: what the product asks for.
//! * [`workspaces`], [`quota`], [`environments`], [`assets`], [`newest`], [`monitoring`]: what plans are judged by beside
//!   that.
//! * [`operation`]: long-running operations as checkpoints that survive a restart.
//! * `wire`: Azure's JSON, to and from the domain; `refused`: its refusals, in all their shapes.

pub mod arm;
pub mod assets;
pub mod cloud;
pub mod credential;
pub mod deployments;
pub mod endpoints;
pub mod environments;
pub mod error;
pub mod http;
mod identity_http;
pub mod inference;
mod link;
mod list;
pub mod metrics;
pub mod monitoring;
pub mod newest;
pub mod operation;
pub mod quota;
mod refused;
pub mod region;
pub mod resource_id;
pub mod scoring;
mod settings;
mod timely;
pub(crate) mod wire;
pub mod workspaces;

pub use error::Error;
