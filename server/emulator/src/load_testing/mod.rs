//! Azure Load Testing: its resources in ARM ([`arm`]), and its data plane, which really carries out tests with the
//! [`load`] crate.
//!
//! # Data flow
//!
//! ```text
//! /load-testing/{guid}/… ─ wire ─┬ tests ─ files ─ validate (Locust's own check, a parser of URL tests)
//!                                ├ runs ─ drive ──┬ plan (secrets of vaults, variables, files)
//!                                │                ├ execute ─ load::run ─ samples ─► series ─┐
//!                                │                └ conclude (verdict, statistics, zips)     │
//!                                └ measured (definitions, dimensions, metrics) ◄─────────────┘
//! /load-artifacts/{path}?se&sig ─ artifacts: files, results and logs, without a token
//! ```
//!
//! The state has tests and runs ([`crate::loads::kept`]). Files are beside it: those of tests, a copy for each
//! run, what a run measured, its results and its log. A run that was not over when the emulator ended fails at the next start,
//! and keeps what it had measured.
//!
//! # Differences from Azure
//!
//! * **Address.** `dataPlaneURI` is `{host}:{port}/load-testing/{guid}`, as always without a scheme. It speaks plain HTTP.
//! * **Speed.** Provisioning and what else Azure's engines need takes about nine seconds, divided by `--speed`. A validation
//!   takes a second or as long as Locust needs. Tests run in real time.
//! * **Kinds.** Locust and URL tests run; JMX tests only where JMeter is installed. A URL test's file knows what
//!   [`crate::loads::url_config`] says: no cURL commands, no CSV data, no variables taken from responses. `${name}`
//!   in it is an environment variable or a secret. A quick test has `virtualUsers` for each engine, or `requestsPerSecond` of
//!   all engines together, which is an open model.
//! * **Criteria** count failed requests too, and `latency` is the response time. `action: stop` is judged every second
//!   after the first ten. A run that stops itself is `FAILED`; what it had measured is there and is judged. Metrics of Azure
//!   resources are stored and never judged.
//! * **Metrics** have one namespace with four metrics. There is no `EngineHealthMetrics`. Response times include those of
//!   failed requests.
//! * **Results** are `csv.zip` with one file per engine, and `logs.zip` with one log. There is no HTML report, no
//!   `artifactsContainerInfo`, no `config.yaml` and no `inputartifacts.zip`. Their URLs end after an hour (ten minutes
//!   for a file of a test), and with the emulator.
//! * **Limits** are 45 engines of one run, and for each resource 100 engines and 25 runs at the same time, 10,000 tests, 5,000
//!   runs of a test, 1,000 files of 50 MB. Codes of refusals are guesses: 400 `QuotaExceeded`.
//! * **Deleting** a test deletes its runs. A run that is not over, and its test, cannot be deleted (409). A run
//!   keeps the files with which it started, whatever happens to those of the test.
//! * Test profiles, triggers, notification rules, insights and recommendations are not played. Regions, subnets, identities and
//!   certificates are stored and have no effect.
//! * Lines of secrets with fewer than three characters are not hidden in logs.
//! * Everybody with a token may do everything.

pub mod arm;
mod artifacts;
mod attached;
mod conclude;
mod create;
mod definition;
mod drive;
mod execute;
mod files;
mod listing;
mod measured;
pub mod misfortune;
mod plan;
mod refused;
mod resume;
mod runs;
mod shapes;
mod validate;
mod wire;

pub use resume::resume;

use axum::Router;
use axum::routing::{any, get};

use crate::inner::Shared;

/// The data plane, and the files that need no token.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/load-testing/{guid}/{*rest}", any(wire::handle))
        .route("/load-artifacts/{*path}", get(artifacts::handle))
}
