//! What pages are made of, one file each. Knows nothing of the product, of its URLs or of the router.

pub mod badge;
pub mod chart;
pub mod copy;
pub mod empty;
pub mod facts;
pub mod icon;
pub mod message;
pub mod notice;
pub mod section;
pub mod spark;
pub mod time;
pub mod typed;
pub mod words;
pub mod written;
