//! The words and the rules of the product: pure, without I/O, shared by the browser's sliders and by
//! the server before every PUT.
//!
//! Types here parse: a wrong value cannot be built, and a server function that takes such a type has
//! validated its argument by decoding it. Nothing in this folder knows leptos, HTTP or Azure's wire
//! format, and nothing is compiled conditionally.

pub mod asset;
pub mod change;
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
pub mod infra;
pub mod log;
pub mod name;
pub mod notification;
pub mod operation;
pub mod plan;
pub mod policy;
pub mod provisioning;
pub mod release;
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
pub mod standing;
pub mod text;
pub mod timestamp;
pub mod traffic;
pub mod user;
mod uuid;

#[cfg(test)]
mod route_tests;
