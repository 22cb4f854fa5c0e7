//! Records the inputs of the last bundle, so that an unchanged bundle is not rebuilt.
//!
//! Compares inputs by length and modification time, as make does: hashing them would cost more than it saves.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use crate::wasm::Profile;
use crate::workspace::{Workspace, files_below};

/// Separates the inputs from the resulting table.
const DIVIDER: &str = "---\n";

/// A description of every input of a bundle.
#[derive(Debug, PartialEq, Eq)]
pub struct Stamp(String);

impl Stamp {
    /// Describes the current inputs, including the bundler itself.
    pub fn of(workspace: &Workspace, module: &Path, profile: Profile) -> Result<Self> {
        let driver = std::env::current_exe().context("cannot find the path of this program")?;
        let mut inputs = vec![module.to_path_buf(), driver];
        inputs.extend(files_below(&workspace.root.join("style"))?);
        inputs.extend(files_below(&workspace.public())?);

        let mut text = format!("{profile:?}\n");
        for input in inputs {
            let about =
                fs::metadata(&input).with_context(|| format!("cannot read {}", input.display()))?;
            let changed_ns = about.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
            writeln!(text, "{} {} {changed_ns}", input.display(), about.len())?;
        }
        Ok(Self(text))
    }

    /// The table of the last bundle, if that bundle has these inputs and still exists.
    pub fn unchanged(&self, workspace: &Workspace) -> Option<String> {
        let stored = fs::read_to_string(workspace.stamp()).ok()?;
        let (inputs, table) = stored.split_once(DIVIDER)?;
        let is_there = workspace.site().join("pkg").join("hash.txt").is_file();
        (inputs == self.0 && is_there).then(|| table.to_owned())
    }

    /// Stores the resulting table of these inputs.
    pub fn store(&self, workspace: &Workspace, table: &str) -> Result<()> {
        let path = workspace.stamp();
        fs::write(&path, format!("{}{DIVIDER}{table}", self.0))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_rebuilt_when_an_input_changes_or_the_site_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        let workspace = Workspace { target: root.join("target"), root };
        let module = workspace.root.join("app.wasm");
        let pkg = workspace.site().join("pkg");
        fs::create_dir_all(&pkg).unwrap();
        fs::create_dir_all(workspace.root.join("style")).unwrap();
        fs::write(&module, "1").unwrap();
        fs::write(pkg.join("hash.txt"), "").unwrap();

        let stamp = Stamp::of(&workspace, &module, Profile::Release).unwrap();
        assert_eq!(stamp.unchanged(&workspace), None);
        stamp.store(&workspace, "the table").unwrap();
        assert_eq!(stamp.unchanged(&workspace).as_deref(), Some("the table"));

        let dev = Stamp::of(&workspace, &module, Profile::Dev).unwrap();
        assert_eq!(dev.unchanged(&workspace), None);
        fs::write(workspace.style(), "a{}").unwrap();
        let styled = Stamp::of(&workspace, &module, Profile::Release).unwrap();
        assert_eq!(styled.unchanged(&workspace), None);

        fs::remove_file(pkg.join("hash.txt")).unwrap();
        assert_eq!(stamp.unchanged(&workspace), None);
    }
}
