//! The log of a deployment's containers.

pub mod api;
mod follower;
mod view;

pub use view::LogView;
