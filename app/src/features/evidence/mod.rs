//! Evidence: what was captured of a deployment, where it is captured, and how it stands for a change.

pub mod api;
mod capture;
mod findings;
mod list;
mod page;
mod standing;

pub use capture::{CaptureReplay, CaptureShadow};
pub use list::EvidenceListPage;
pub use page::EvidencePage;
pub use standing::Standings;
