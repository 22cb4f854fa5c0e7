//! Breaking glass: the plan, the banner, and the page on which another person acknowledges the break.

mod api;
mod broken;
mod form;
mod page;

pub use broken::BrokenGlassPage;
pub use page::BreakGlassPage;
