//! The components of pages, one per file. Independent of the product, its URLs and the router.

pub mod badge;
pub mod chart;
pub mod columns;
pub mod copy;
pub mod empty;
pub mod facts;
pub mod icon;
pub mod message;
pub mod notice;
pub mod outside_link;
pub mod section;
pub mod size;
pub mod spark;
pub mod time;
pub mod typed;
pub mod words;
pub mod written;
