//! The style sheet: `style/main.scss` joined into one file.
//!
//! Sass is only the bundler here. The partials are plain CSS, and what browsers understand by
//! themselves (layers, `light-dark()`, `oklch()`, container queries) must come out unharmed.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};

/// Compiles a style sheet; partials are looked up beside it.
pub fn compile(main: &Path) -> Result<String> {
    ensure!(main.is_file(), "{} is missing", main.display());
    let folder = main.parent().context("the style sheet lies in no folder")?;
    let options =
        grass::Options::default().style(grass::OutputStyle::Compressed).load_path(folder);
    grass::from_path(main, &options).map_err(|error| anyhow!("{error}"))
}
