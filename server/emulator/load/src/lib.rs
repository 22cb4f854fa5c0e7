//! Carries out load tests and reports what happened. It knows nothing of Azure.
//!
//! # Data flow
//!
//! ```text
//!                 LoadTest ── run() ── Summary
//!                               │
//!          ┌────────────────────┼─────────────────────┐
//!       url plan            locust plan            jmeter plan
//!   a thread per engine   a process per engine   a process per engine
//!          │                    │ loopback TCP        │ results file
//!          └──────────► Recorder per engine ◄─────────┘
//!                         │            │
//!        once per second, │            │ rows, in chunks
//!          never waiting  ▼            ▼
//!                     collector     writer thread ── engineN_results.csv
//!                      │     │
//!                      │     └─ auto-stop and cancellation end the engines
//!                      ▼
//!              the caller's channel of Samples
//! ```
//!
//! * A [`LoadTest`] says what to do, and a [`Run`] where: folders, the channel for [`Sample`]s, the log, the mask and the
//!   cancellation flag. [`run`] returns a [`Summary`] or a [`LoadFailure`].
//! * An *engine* is what Azure calls a test engine instance. Each has a recorder, which counts by request name. It
//!   sends one [`Sample`] per name and second, and one row per request to the engine's results file.
//! * Neither channel makes a generator wait. If the collector is late, the recorder adds the next second to the unsent one. If
//!   the disk is late, rows are dropped and counted. If the caller is late, samples are dropped and counted. The
//!   summary is always complete.
//! * The caller says at what time the test starts ([`Run::started_at_ms`]), because the emulator has its own clock.
//!   This crate measures durations only.
//!
//! # URL plans
//!
//! The generator is our own. The library of `oha` 1.16 (MIT) takes command-line options, prints a report and sets the
//! process's allocator; `rlt` 0.5 (MIT or Apache-2.0) does not say when an iteration was due; `goose` 0.19 (Apache-2.0) and
//! `drill` 0.9 (GPL-3.0) are closed loops on reqwest. None of them gives rows, live samples and cancellation together, and what
//! remains without these is the loop in `url/`, on hyper's HTTP/1 connections.
//!
//! Requests of an open model are scheduled by the clock. A request's latency counts from its *intended* start, so that a
//! server's stall counts against every request that should have started meanwhile. `url/schedule.rs` has the
//! arithmetic, `url/open.rs` the loop.
//!
//! What it does not do: HTTP/2, redirects (a 3xx is a success), cookies, request variables, CSV data, think time.
//!
//! # Locust plans
//!
//! The real `locust` of [`LOCUST_VERSION`] in a virtual environment. A listener of our own is passed as an additional locustfile
//! and reports every request by the documented event hooks; our statistics come from these rows and not from Locust's rounded
//! ones. One engine is one process; more are one master and as many workers on a free port of 127.0.0.1.
//!
//! **Nothing is isolated.** The locustfile's code has the rights of the emulator.
//!
//! # JMeter plans
//!
//! The installed `jmeter`, one process per engine, whose results file is read while it grows. Without it the plan is
//! refused.
//!
//! # Secrets
//!
//! Secrets are variables of the processes. Output, failures, names and URLs pass through the caller's [`Mask`] line by
//! line before they reach the log, a sample, the summary or a file.

mod auto_stop;
mod child;
mod context;
mod failure;
mod files;
mod jmeter;
mod latencies;
mod locust;
mod log;
mod plan;
mod recorder;
mod rows;
mod run;
mod sample;
mod url;

pub use context::{Cancel, Results, Run};
pub use failure::LoadFailure;
pub use latencies::Latencies;
pub use locust::{LOCUST_VERSION, check_locust, prepare_locust};
pub use log::{LogSink, Mask};
pub use plan::{AutoStop, JmeterPlan, LoadTest, LocustPlan, Plan, UrlLoad, UrlPlan, UrlRequest};
pub use rows::ResultsFile;
pub use run::run;
pub use sample::{Ended, Sample, Summary, Tally};
