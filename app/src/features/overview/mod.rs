//! Stages and endpoints at a glance.

pub mod api;
mod page;

pub use page::OverviewPage;
