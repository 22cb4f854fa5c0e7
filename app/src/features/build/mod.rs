//! Building an image from a release: what is built, what happens, and the button that starts it.

pub mod api;
mod checked;
mod inputs;
mod jobs;
mod page;
mod start;
mod steps;
#[cfg(test)]
mod tests;
mod what;

pub use page::BuildPage;
