//! The shadow run book: from choosing an endpoint to cleaning up the workflow.

mod api;
mod checked;
mod decide;
mod next_run;
mod page;
mod step;

pub use page::RunBookPage;
