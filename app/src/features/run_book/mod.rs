//! The run book of a shadow, from the choice of an endpoint to the cleaned-up workflow.

mod api;
mod checked;
mod decide;
mod next_run;
mod page;
mod step;

pub use page::RunBookPage;
