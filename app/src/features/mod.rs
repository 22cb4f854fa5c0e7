//! The pages and islands, one folder per noun of the product. What several of them share is in
//! [`components`](crate::components).

pub mod activity;
pub mod build;
pub mod changes;
pub mod deployment;
pub mod document;
pub mod endpoint;
pub mod evidence;
pub mod export;
pub mod frame;
pub mod glass;
pub mod history;
pub mod images;
pub mod job;
pub mod job_log;
pub mod log;
pub mod new_deployment;
pub mod overview;
pub mod releases;
pub mod route;
pub mod run;
pub mod run_book;
#[cfg(test)]
mod samples;
pub mod session;
pub mod stage;
pub mod test;
