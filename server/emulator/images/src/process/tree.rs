//! The files of a stage: image paths below a folder of this machine, which no path leaves.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::build::BuildFailure;

/// A folder that holds an image's files.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    root: PathBuf,
}

/// The image path that `path` means in the folder `work`: absolute, without `.` and `..`.
pub(super) fn absolute(work: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let whole = if path.starts_with('/') { String::new() } else { format!("{work}/") };
    let whole = whole + path;
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

impl Tree {
    /// A tree in an existing folder.
    pub(super) fn new(root: &Path) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()? })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The place of an absolute image path.
    pub(super) fn host(&self, image: &str) -> PathBuf {
        self.root.join(image.trim_start_matches('/'))
    }

    /// The place of an image path that exists, with links followed; `None` if there is nothing, or if a link leads out.
    pub(super) fn existing(&self, image: &str) -> Option<PathBuf> {
        let path = self.host(image).canonicalize().ok()?;
        path.starts_with(&self.root).then_some(path)
    }

    /// Creates a folder with its parents, and returns its place with links followed.
    pub(super) fn make_dir(&self, image: &str) -> Result<PathBuf, BuildFailure> {
        let mut path = self.root.clone();
        for part in Path::new(image).components() {
            let Component::Normal(part) = part else { continue };
            path.push(part);
            if fs::symlink_metadata(&path).is_err() {
                fs::create_dir(&path)?;
            }
            path = path.canonicalize()?;
            if !path.starts_with(&self.root) || !path.is_dir() {
                return Err(BuildFailure::because(format!(
                    "cannot create {image}: not a directory"
                )));
            }
        }
        Ok(path)
    }

    /// A text with the place of the image path that it names, if that exists in the tree.
    pub(super) fn place(&self, text: &str) -> String {
        if !text.starts_with('/') || text.trim_matches('/').is_empty() {
            return text.to_owned();
        }
        match self.existing(text) {
            Some(path) => path.to_string_lossy().into_owned(),
            None => text.to_owned(),
        }
    }

    /// The same for every part between separators.
    pub(super) fn place_all(&self, text: &str, is_separator: fn(char) -> bool) -> String {
        let parts = text.split_inclusive(is_separator).map(|part| {
            let path = part.trim_end_matches(is_separator);
            self.place(path) + &part[path.len()..]
        });
        parts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_paths_stay_in_the_tree() {
        assert_eq!(absolute("/app", "src/../x/./y/"), "/app/x/y");
        assert_eq!(absolute("/app", "/etc"), "/etc");
        assert_eq!(absolute("/app", "../../../.."), "/");
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::new(folder.path()).unwrap();
        std::os::unix::fs::symlink("/etc", folder.path().join("out")).unwrap();
        assert_eq!(tree.existing("/out/passwd"), None);
        assert!(tree.make_dir("/out/new").is_err());
        let made = tree.make_dir("/app/src").unwrap();
        assert_eq!(tree.existing("/app/src"), Some(made.clone()));
        let shown = made.to_string_lossy();
        assert_eq!(tree.place("/app/src"), shown);
        assert_eq!((tree.place("/"), tree.place("/score")), ("/".to_owned(), "/score".to_owned()));
        let list = tree.place_all("/app/src:/usr/lib:x", |c| c == ':');
        assert_eq!(list, format!("{shown}:/usr/lib:x"));
    }
}
