//! The data plane behind the emulator's scoring URIs: a router, instances that are real processes, and the
//! model that they serve. It does not depend on Azure's control plane, which calls [`DataPlane`].
//!
//! ```text
//! client ──> router ── admit ──> deployment ── choose ──> instance (a child process) ──> model
//!              │                  limit, drain            backend, pooled connections
//!              ├─ try_send ─> queue ──> mirror thread ──> shadow's instance, answer dropped
//!              └─ record ───> recorder (per minute, deployment, lane) ──> traffic()
//! ```
//!
//! * **Rules are a value.** An endpoint's rules and deployments form one view, which is read without locks
//!   and replaced as a whole. The generation that admitted a request answers it. A request that comes too
//!   late for a generation uses the next view. Therefore no change of route, redeployment or drain fails a
//!   request.
//! * **A request runs on one task.** The client's task drives the connection to the instance itself.
//! * **Answers and requests are buffered.** Azure's limits keep them small, and buffering makes retries and
//!   copies simple.
//! * **Instances are supervised.** Each has a supervisor that starts, probes and restarts its process. A
//!   process exits when its standard input is closed, so none outlives the data plane, however that ends.
//! * **An instance can be any program** ([`Program`]), for example that of a container image. The instance program
//!   then supervises it: it leads a process group with the program in it, and ends the group when its own standard
//!   input is closed.
//! * **Names select faults**, see [`Fault`].
//! * **An [`Observer`]** sees requests, console lines and events of containers. It must not wait.
//!
//! `maxQueueWait` has no effect, as on Azure, where it is deprecated for managed online endpoints: a request
//! above the limit of parallel requests is rejected at once, and the request timeout covers all waiting
//! (Microsoft's references of `OnlineRequestSettings`, and of the status codes of online endpoints).
//!
//! Differences from Azure: all instances run on this machine; probes are more frequent while a deployment
//! starts; if a shadow is busy, copies wait in the mirror's queue instead of being rejected.

mod address;
mod answer;
mod clock;
mod connection;
mod deployment;
mod endpoint;
mod failure;
mod fault;
mod forward;
mod headers;
mod health;
mod histogram;
pub mod instance;
mod log;
mod mirror;
pub mod model;
mod observer;
mod plane;
mod process;
mod program;
mod recorder;
mod router;
mod rules;
mod spec;
mod supervised;
mod supervisor;
mod traffic;

pub use answer::ScoreBody;
pub use clock::Clock;
pub use failure::StartFailure;
pub use fault::Fault;
pub use log::{Container, LOG_LINES_MAX};
pub use observer::{ContainerEvent, Observer, SeenEvent, SeenLine, SeenRequest};
pub use plane::{DataPlane, DataPlaneConfig};
pub use router::{BodyError, REQUEST_BYTES_MAX};
pub use rules::{Auth, AuthVerdict, EndpointRules};
pub use spec::{DeploymentSpec, InstanceState, InstanceStatus, Probe, Program, Routes};
pub use traffic::{Latency, MinuteTraffic, PastRequest, StatusCount};
