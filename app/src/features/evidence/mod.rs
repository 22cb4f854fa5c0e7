//! Evidence: capturing it, showing it, and whether it meets what a change requires.

pub mod api;
mod capture;
mod findings;
mod list;
mod page;
mod status;

pub use capture::{CaptureReplay, CaptureShadow};
pub use list::EvidenceListPage;
pub use page::EvidencePage;
pub use status::Standings;
