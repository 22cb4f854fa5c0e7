//! The workspace's folders, from `cargo metadata`, which follows `CARGO_TARGET_DIR` and `build.target-dir`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The folders that the bundler reads and writes.
pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
}

impl Workspace {
    /// Runs `cargo metadata` in the current folder, which may be any folder of the workspace.
    pub fn locate() -> Result<Self> {
        let output = Command::new("cargo")
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .output()
            .context("cannot start cargo")?;
        ensure!(
            output.status.success(),
            "cargo metadata failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Self::parse(&output.stdout)
    }

    fn parse(metadata: &[u8]) -> Result<Self> {
        let metadata: serde_json::Value =
            serde_json::from_slice(metadata).context("cargo metadata is not JSON")?;
        let folder = |key: &str| {
            let folder = metadata[key].as_str().map(PathBuf::from);
            folder.with_context(|| format!("cargo metadata does not name its {key}"))
        };
        Ok(Self { root: folder("workspace_root")?, target: folder("target_directory")? })
    }

    /// The root style sheet.
    pub fn style(&self) -> PathBuf {
        self.root.join("style").join("main.scss")
    }

    /// The folder of files that are served unchanged.
    pub fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    /// The folder that the server serves.
    pub fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The file that records the last bundle.
    pub fn stamp(&self) -> PathBuf {
        self.target.join("site.stamp")
    }
}

/// Every file below a folder, sorted, without dotfiles; empty if the folder does not exist.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        if !folder.is_dir() {
            continue;
        }
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read the folder {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_from_cargo_metadata() {
        let json = br#"{"workspace_root": "/w", "target_directory": "/t"}"#;
        let workspace = Workspace::parse(json).unwrap();
        assert_eq!(workspace.style(), Path::new("/w/style/main.scss"));
        assert_eq!(workspace.site(), Path::new("/t/site"));
        assert!(Workspace::parse(b"{}").is_err());
    }

    #[test]
    fn files_are_found_at_any_depth_and_dotfiles_are_not() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("b/c")).unwrap();
        for name in ["z", "b/c/a", ".hidden"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = files_below(folder.path()).unwrap();
        assert_eq!(found, [folder.path().join("b/c/a"), folder.path().join("z")]);
        assert!(files_below(&folder.path().join("absent")).unwrap().is_empty());
    }
}
