//! Tests of the log store and of the KQL reader, through their public functions.

mod errors;
mod hostile;
mod model;
mod semantics;
mod store;
mod support;
mod traffic;
