//! Compiles `app` to WebAssembly with cargo, and generates its JavaScript glue with wasm-bindgen.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::workspace::Workspace;
use crate::{OUTPUT_NAME, glue};

const TARGET: &str = "wasm32-unknown-unknown";

/// The cargo profile of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// The profile's name and its output folder.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Dev => ("dev", "debug"),
            Self::Release => ("wasm-release", "wasm-release"),
        }
    }
}

/// A module with its glue, before its files are renamed by content hash.
pub struct Module {
    pub wasm: Vec<u8>,
    /// Loads the module from `{OUTPUT_NAME}_bg.wasm` by default.
    pub glue: String,
    /// Scripts that the glue imports, by path relative to `snippets/`.
    pub snippets: BTreeMap<PathBuf, String>,
}

/// Compiles `app` for the browser and returns the raw module's path.
pub fn compile(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let (name, folder) = profile.names();
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--package", "app", "--lib", "--features", "hydrate"])
        .args(["--target", TARGET, "--profile", name])
        .arg("--target-dir")
        .arg(&workspace.target)
        .current_dir(&workspace.root)
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!(
            "the browser's half does not compile. If the target is what is missing: \
             rustup target add {TARGET}"
        );
    }
    let module = workspace.target.join(TARGET).join(folder).join("app.wasm");
    ensure!(module.is_file(), "cargo did not write {}", module.display());
    Ok(module)
}

/// Runs wasm-bindgen over a raw module.
pub fn bind(module: &Path, profile: Profile) -> Result<Module> {
    let mut output = Bindgen::new()
        .input_path(module)
        .web(true)?
        .out_name(OUTPUT_NAME)
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(profile == Profile::Release)
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen rejected the module")?;

    let mut snippets = BTreeMap::new();
    for (identifier, scripts) in output.snippets() {
        for (index, script) in scripts.iter().enumerate() {
            let path = Path::new(identifier).join(format!("inline{index}.js"));
            snippets.insert(path, glue::strip(script));
        }
    }
    for (path, script) in output.local_modules() {
        snippets.insert(PathBuf::from(path), glue::strip(script));
    }
    let glue = glue::strip(output.js());
    Ok(Module { wasm: output.wasm_mut().emit_wasm(), glue, snippets })
}
