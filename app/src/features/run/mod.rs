//! A run: its steps, and the decisions on the run.

mod api;
mod board;
mod decisions;
mod measured;
mod page;
mod phases;
mod roll_back;
mod step;

pub use page::RunPage;
pub use step::Step;
