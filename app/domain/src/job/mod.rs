//! Jobs: durable long work that changes no route, such as builds.

pub mod explain;
