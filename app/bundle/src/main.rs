//! `cargo bundle [--release]` builds the files for the browser into `<target>/site`.
//!
//! Replaces the client half of `cargo leptos build` without an extra tool to install: wasm-bindgen is a library here,
//! so `Cargo.lock` keeps its version equal to the one that `app` links.

mod compress;
mod css;
mod glue;
mod manifest;
mod site;
mod stamp;
mod style;
mod wasm;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::compress::Effort;
use crate::manifest::Table;
use crate::stamp::Stamp;
use crate::wasm::Profile;
use crate::workspace::Workspace;

/// The stem of every generated file. Must equal `LEPTOS_OUTPUT_NAME` in `.cargo/config.toml`.
const OUTPUT_NAME: &str = "understudy";

const USAGE: &str = "usage: cargo bundle [--release]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bundle: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let profile = profile(std::env::args().skip(1))?;
    let workspace = Workspace::locate()?;
    let module = wasm::compile(&workspace, profile)?;

    let stamp = Stamp::of(&workspace, &module, profile)?;
    let table = match stamp.unchanged(&workspace) {
        Some(table) => table,
        None => {
            let table = bundle(&workspace, &module, profile)?;
            stamp.store(&workspace, &table)?;
            table
        }
    };
    println!("{table}\nsite: {}", workspace.site().display());
    Ok(())
}

fn bundle(workspace: &Workspace, module: &std::path::Path, profile: Profile) -> Result<String> {
    let parts = site::Parts {
        module: wasm::bind(module, profile)?,
        style: style::compile(&workspace.style())?,
        public: workspace.public(),
    };
    let effort = match profile {
        Profile::Dev => Effort::Quick,
        Profile::Release => Effort::Best,
    };
    let files = site::assemble(&workspace.site(), &parts, effort)?;
    Ok(Table(&files).to_string())
}

fn profile(arguments: impl Iterator<Item = String>) -> Result<Profile> {
    let mut profile = Profile::Dev;
    for argument in arguments {
        match argument.as_str() {
            "--release" => profile = Profile::Release,
            other => bail!("unknown argument {other}\n{USAGE}"),
        }
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Profile> {
        profile(arguments.iter().map(ToString::to_string))
    }

    #[test]
    fn the_default_profile_is_dev() {
        assert_eq!(parse(&[]).unwrap(), Profile::Dev);
        assert_eq!(parse(&["--release"]).unwrap(), Profile::Release);
    }

    #[test]
    fn an_unknown_argument_is_rejected_with_the_usage() {
        let error = parse(&["--watch"]).unwrap_err().to_string();
        assert!(error.contains("--watch") && error.contains(USAGE), "{error}");
    }
}
