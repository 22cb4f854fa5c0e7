//! Images: environments with their versions, and the deployments that use them.

pub mod api;
mod archive;
mod image;
mod list;
#[cfg(test)]
mod tests;
mod version;

pub use image::ImagePage;
pub use list::ImagesPage;
