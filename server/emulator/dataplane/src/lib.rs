//! What stands behind the emulator's scoring URIs.

mod address;
mod clock;
mod failure;
mod fault;
mod histogram;
pub mod instance;
mod log;
pub mod model;
mod plane;
mod rules;
mod spec;
mod traffic;

pub use clock::Clock;
pub use failure::StartFailure;
pub use fault::Fault;
pub use log::{Container, LOG_LINES_MAX};
pub use plane::{BodyError, DataPlane, DataPlaneConfig, ScoreBody};
pub use rules::{Auth, AuthVerdict, EndpointRules};
pub use spec::{DeploymentSpec, InstanceState, InstanceStatus, Probe};
pub use traffic::{Latency, MinuteTraffic, StatusCount};
