//! What people see of Understudy, and the rules behind it; compiled for the server (`ssr`) and for the
//! browser (`hydrate`).
//!
//! * [`domain`]: the words and the rules. Pure.
//! * [`port`]: the table of contents of the product, implemented by the server.
//! * [`error`]: the one error that reaches a person.
//! * [`paths`]: every URL.
//! * [`submission`]: a form that was sent and not simply carried out.
//!
//! Pages are rendered on the server and work without scripts; islands take over where something moves.

pub mod domain;
pub mod error;
pub mod paths;
pub mod port;
pub mod submission;
