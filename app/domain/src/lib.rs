//! The vocabulary and the rules of the product: pure code without I/O, shared by the browser and the server.
//!
//! Types validate when they parse: an invalid value cannot be built, so a server function that takes such a type
//! validates its argument by decoding it. This crate does not depend on leptos, HTTP or Azure's wire format, and has
//! no conditional compilation. The exceptions are values that people edit as Azure has them: autoscale settings
//! ([`autoscale::setting`]) and the fail criteria of load tests ([`load::service`]).

pub mod alert;
pub mod asset;
pub mod autoscale;
pub mod change;
mod checked_text;
pub mod concern;
pub mod decimal;
pub mod diagnosis;
pub mod document;
pub mod endpoint;
pub mod evidence;
pub mod find;
pub mod glass;
pub mod guard;
pub mod history;
pub mod history_filter;
pub mod ids;
pub mod images;
pub mod infra;
pub mod intent;
pub mod iso_duration;
pub mod job;
pub mod job_log;
pub mod load;
pub mod log;
pub mod name;
pub mod notification;
pub mod plan;
pub mod policy;
pub mod price;
pub mod provisioning;
pub mod release;
pub mod release_drift;
pub mod repository;
pub mod route;
pub mod route_draft;
pub mod route_form;
pub mod run;
pub mod run_book;
pub mod scoring;
pub mod session;
pub mod spec;
pub mod stage;
pub mod target;
pub mod text;
pub mod timestamp;
pub mod traffic;
pub mod user;
mod uuid;
mod vocabulary;

#[cfg(test)]
mod route_tests;
