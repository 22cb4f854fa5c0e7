//! Remembers what the last bundle was made of, so that an unchanged one is not made again.
//!
//! Inputs are told apart by length and time of change, as make does: hashing them would cost more
//! than it saves.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use crate::wasm::Profile;
use crate::workspace::{Workspace, files_below};

/// Separates the inputs from the table they led to.
const DIVIDER: &str = "---\n";

/// A description of every input of a bundle.
#[derive(Debug, PartialEq, Eq)]
pub struct Stamp(String);

impl Stamp {
    /// Describes the inputs as they are now; the driver itself is one of them.
    pub fn of(workspace: &Workspace, module: &Path, profile: Profile) -> Result<Self> {
        let driver = std::env::current_exe().context("cannot tell which program this is")?;
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

    /// The table of the last bundle, if it was made of these inputs and is still there.
    pub fn unchanged(&self, workspace: &Workspace) -> Option<String> {
        let stored = fs::read_to_string(workspace.stamp()).ok()?;
        let (inputs, table) = stored.split_once(DIVIDER)?;
        let is_there = workspace.site().join("pkg").join("hash.txt").is_file();
        (inputs == self.0 && is_there).then(|| table.to_owned())
    }

    /// Remembers what these inputs led to.
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
    fn a_bundle_is_made_again_when_an_input_changes_or_the_site_is_gone() {
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
