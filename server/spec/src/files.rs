//! Access to the files that a YAML file names: environments, conda files, folders to upload.

use std::io;
use std::path::{Component, Path, PathBuf};

/// The kind of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    /// A folder with at least one file at any depth.
    Folder,
    /// A folder without files, from which nothing could be uploaded.
    EmptyFolder,
}

/// Access to the files beside a YAML file.
pub trait Files {
    /// The kind of a path; `None` when it does not exist.
    fn kind(&self, path: &Path) -> Option<Kind>;

    /// Why the text has no files beside it; `None` when it may have some.
    fn nothing_beside(&self) -> Option<&'static str> {
        None
    }

    /// The first `most` bytes of a file.
    ///
    /// # Errors
    /// When the file does not exist or cannot be read.
    fn read(&self, path: &Path, most: usize) -> io::Result<Vec<u8>>;

    /// Resolves a path against the folder of the file that names it. By default there are no links, so `..`
    /// removes one name.
    fn resolve(&self, base: &Path, path: &str) -> PathBuf {
        resolve(base, path)
    }
}

/// Why a text without a file has no files beside it.
const NOTHING: &str = "only this text was given, without files";

/// The local disk.
#[derive(Debug, Clone, Copy)]
pub struct Disk;

impl Files for Disk {
    fn kind(&self, path: &Path) -> Option<Kind> {
        let found = std::fs::metadata(path).ok()?;
        if !found.is_dir() {
            return Some(Kind::File);
        }
        Some(if has_file(path, FOLDER_DEPTH_MAX) { Kind::Folder } else { Kind::EmptyFolder })
    }

    fn read(&self, path: &Path, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        io::Read::read_to_end(&mut io::Read::take(std::fs::File::open(path)?, most), &mut bytes)?;
        Ok(bytes)
    }

    /// Like Python's `Path.resolve`, which the SDK uses: links are followed, so `link/..` is the parent of the
    /// link's target. An absolute path is not resolved.
    fn resolve(&self, base: &Path, path: &str) -> PathBuf {
        let joined = base.join(path);
        if Path::new(path).is_absolute() {
            return joined.components().collect();
        }
        let mut real = PathBuf::new();
        for part in std::path::absolute(&joined).unwrap_or(joined).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    real.pop();
                }
                other => {
                    real.push(other);
                    // A path that does not exist is not a link.
                    real = std::fs::canonicalize(&real).unwrap_or(real);
                }
            }
        }
        real
    }
}

/// Limits the depth, because links to parent folders form cycles.
const FOLDER_DEPTH_MAX: usize = 32;

fn has_file(folder: &Path, depth: usize) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    let paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.iter().any(|path| path.is_file())
        || depth > 0 && paths.iter().any(|path| path.is_dir() && has_file(path, depth - 1))
}

/// No files, for a text that was pasted into a form.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl Files for Nothing {
    fn nothing_beside(&self) -> Option<&'static str> {
        Some(NOTHING)
    }

    fn kind(&self, _: &Path) -> Option<Kind> {
        None
    }

    fn read(&self, _: &Path, _: usize) -> io::Result<Vec<u8>> {
        Err(io::Error::new(io::ErrorKind::NotFound, NOTHING))
    }
}

/// Resolves a path against the folder of the file that names it, without `.` and `..`.
#[must_use]
pub fn resolve(base: &Path, path: &str) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(clean.components().next_back(), Some(Component::Normal(_))) =>
            {
                clean.pop();
            }
            Component::ParentDir if clean.has_root() => {}
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn the_disk_follows_links_as_the_sdk_does() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path().canonicalize().expect("it is there");
        std::fs::create_dir_all(root.join("real/deep")).expect("folders");
        std::fs::create_dir(root.join("team")).expect("a folder");
        std::fs::write(root.join("real/m.pkl"), "x").expect("a file");
        std::os::unix::fs::symlink(root.join("real/deep"), root.join("team/link")).expect("a link");
        std::os::unix::fs::symlink("../real/m.pkl", root.join("team/m")).expect("a link");
        let base = root.join("team");
        for (path, found) in [
            ("link", "real/deep"),
            ("link/..", "real"),
            ("link/../m.pkl", "real/m.pkl"),
            ("m", "real/m.pkl"),
            ("./gone/../x", "team/x"),
            ("gone/x", "team/gone/x"),
        ] {
            assert_eq!(Disk.resolve(&base, path), root.join(found), "{path}");
        }
        let whole = base.join("link");
        assert_eq!(Disk.resolve(&base, &whole.display().to_string()), whole);
    }

    #[test]
    fn paths_are_relative_to_the_files_folder() {
        for (base, path, found) in [
            ("/a/b", "c", "/a/b/c"),
            ("/a/b", "./c/", "/a/b/c"),
            ("/a/b", "../../../c", "/c"),
            ("/a/b", "/c/./d", "/c/d"),
            ("/a/b", "", "/a/b"),
            ("a", "../../b", "../b"),
        ] {
            assert_eq!(resolve(Path::new(base), path), Path::new(found), "{base} {path}");
        }
    }
}
