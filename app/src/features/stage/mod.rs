//! One stage: its policy, freezing it, its open changes and its webhooks.

pub mod api;
mod freeze;
mod page;
mod webhooks;

pub use page::StagePage;
