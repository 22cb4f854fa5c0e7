//! Stages and endpoints at a glance.

pub mod api;
mod board;
mod card;
mod page;

pub use page::OverviewPage;
