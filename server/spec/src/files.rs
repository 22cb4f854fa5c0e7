//! The files that a file names: environments, conda files, folders to upload.

use std::io;
use std::path::{Component, Path, PathBuf};

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder with at least one file somewhere in it.
    Folder,
    /// A folder without any file: nothing could be uploaded.
    EmptyFolder,
}

/// Where the files beside a YAML file are.
pub trait Files {
    /// What is at a path, if anything is.
    fn kind(&self, path: &Path) -> Option<Kind>;

    /// The first `most` bytes of a file.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    fn read(&self, path: &Path, most: usize) -> io::Result<Vec<u8>>;

    /// What a path means against the folder of the file that names it. Where there are no links, `..` is
    /// simply one name less.
    fn resolve(&self, base: &Path, path: &str) -> PathBuf {
        resolve(base, path)
    }
}

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

    /// As Python's `Path.resolve`, which the SDK asks: links are followed, so that `link/..` is the
    /// parent of the link's target. A path from the root stays as it is written.
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
                    // What is not there leads nowhere else.
                    real = std::fs::canonicalize(&real).unwrap_or(real);
                }
            }
        }
        real
    }
}

/// Links to parents would lead around in circles.
const FOLDER_DEPTH_MAX: usize = 32;

fn has_file(folder: &Path, depth: usize) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    let paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.iter().any(|path| path.is_file())
        || depth > 0 && paths.iter().any(|path| path.is_dir() && has_file(path, depth - 1))
}

/// A text that came alone, like one pasted into a form: nothing is beside it.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl Files for Nothing {
    fn kind(&self, _: &Path) -> Option<Kind> {
        None
    }

    fn read(&self, _: &Path, _: usize) -> io::Result<Vec<u8>> {
        Err(io::Error::new(io::ErrorKind::NotFound, "only this text was given, no files beside it"))
    }
}

/// A path against the folder of the file that names it, without `.` and `..`.
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
    fn paths_are_against_the_files_folder() {
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
