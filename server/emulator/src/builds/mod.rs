//! The parts of a registry's builds that need no request: what the registry keeps, names of images, logs, and the
//! unpacking of source code; and the output that tests order. [`crate::registry`] has the requests and the course of a run.

pub mod chatter;
pub mod kept;
pub mod log;
pub mod names;
pub mod running;
pub mod unpack;
