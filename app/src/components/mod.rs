//! Parts of pages that know the product and serve several features. They import no feature.
//!
//! Here and in the features, properties mean the same as the fields of views in [`port`](crate::port). `said` is the
//! reason and the schedule from an earlier submission of a form.

pub mod address;
pub mod ages;
pub mod auto_reload;
pub mod break_glass;
pub mod broken_glass;
pub mod connection;
pub mod crumbs;
pub mod diagnosis;
pub mod hindrance;
pub mod image_uses;
pub mod job;
pub mod live_part;
pub mod load;
pub mod operation;
pub mod page_head;
pub mod plan;
pub mod problem;
pub mod propose;
pub mod route_bar;
pub mod staleness;
pub mod state;
pub mod webhook_health;
