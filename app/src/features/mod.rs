//! The pages and islands, one folder per noun of the product.

pub mod address;
pub mod changes;
pub mod connection;
pub mod deployment;
pub mod diagnosis;
pub mod document;
pub mod endpoint;
pub mod export;
pub mod frame;
mod fresh;
pub mod freshness;
pub mod history;
pub mod load;
pub mod log;
pub mod new_deployment;
pub mod operation;
pub mod overview;
pub mod plan;
pub mod problem;
pub mod releases;
pub mod route;
pub mod run;
pub mod run_book;
pub mod session;
pub mod stage;
pub mod state;
pub mod test;
