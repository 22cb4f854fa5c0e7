//! Server functions for images.

use crate::error::ConsoleError;
use crate::port::{ImageView, ImagesView};
use crate::wire::Json;
use domain::name::StageName;
use leptos::prelude::*;

/// All environments of all stages.
#[server(endpoint = "read-images", input = Json, output = Json)]
pub async fn read_images() -> Result<ImagesView, ConsoleError> {
    crate::port::console()?.images().await
}

/// One environment.
#[server(endpoint = "read-image", input = Json, output = Json)]
pub async fn read_image(stage: StageName, name: String) -> Result<ImageView, ConsoleError> {
    crate::port::console()?.image(&stage, &name).await
}
