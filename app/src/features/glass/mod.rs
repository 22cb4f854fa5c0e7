//! Breaking glass: what it would do, the banner that stays, and the page on which somebody else acknowledges it.

mod api;
mod banner;
mod broken;
mod form;
mod offer;
mod page;

pub use banner::{BrokenBanner, BrokenNotice};
pub use broken::BrokenGlassPage;
pub use offer::Offer;
pub use page::BreakGlassPage;
