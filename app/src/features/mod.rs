//! The pages and islands, one folder per noun of the product.

pub mod address;
pub mod deployment;
pub mod endpoint;
pub mod frame;
pub mod load;
pub mod log;
pub mod new_deployment;
pub mod overview;
pub mod problem;
pub mod route;
pub mod session;
pub mod test;
