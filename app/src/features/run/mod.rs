//! A run: its steps as they come about, and what can be decided about it.

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
