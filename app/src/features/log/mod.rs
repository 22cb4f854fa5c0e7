//! The log of a deployment's containers.

pub mod api;
