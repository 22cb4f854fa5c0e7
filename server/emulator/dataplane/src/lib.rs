//! What stands behind the emulator's scoring URIs: a router, instances that are real processes, and the model they
//! serve. It knows nothing of Azure's control plane; whoever does calls [`DataPlane`].
//!
//! ```text
//! client ──> router ── admit ──> deployment ── choose ──> instance (a child process) ──> model
//!              │                  limit, drain            backend, pooled connections
//!              ├─ try_send ─> queue ──> mirror thread ──> shadow's instance, answer thrown away
//!              └─ record ───> recorder (per minute, deployment, lane) ──> traffic()
//! ```
//!
//! * **Rules are a value.** An endpoint's rules and deployments form one view that is read without waiting and replaced
//!   as a whole. A request that was let into a generation is answered by it; a request that comes too late for a
//!   generation looks at the next view. That is why no change of route, redeployment or drain fails a request.
//! * **A request runs on one task.** The client's task drives the connection to the instance itself.
//! * **Answers and requests are held in full.** They are small by Azure's limits; it makes retries and copies simple.
//! * **Instances are attended.** Each has a supervisor that starts, probes and restarts its process. A process ends when
//!   its standard input is closed, so none outlives the data plane, however that ends.
//! * **Faults are asked for by name**, see [`Fault`].
//!
//! Differences from Azure: all instances run on this machine; `maxQueueWait` is not modelled; probes come more often
//! while a deployment starts; copies wait in a queue of the mirror rather than be refused by a busy shadow.

mod address;
mod answer;
mod clock;
mod connection;
mod deployment;
mod endpoint;
mod failure;
mod fault;
mod forward;
mod health;
mod histogram;
pub mod instance;
mod log;
mod mirror;
pub mod model;
mod plane;
mod process;
mod recorder;
mod router;
mod rules;
mod spec;
mod supervised;
mod supervisor;
mod traffic;

pub use clock::Clock;
pub use failure::StartFailure;
pub use fault::Fault;
pub use log::{Container, LOG_LINES_MAX};
pub use plane::{BodyError, DataPlane, DataPlaneConfig, ScoreBody};
pub use router::REQUEST_BYTES_MAX;
pub use rules::{Auth, AuthVerdict, EndpointRules};
pub use spec::{DeploymentSpec, InstanceState, InstanceStatus, Probe};
pub use traffic::{Latency, MinuteTraffic, StatusCount};
