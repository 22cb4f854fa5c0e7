//! `COPY` and `ADD`: files of the context, or of another stage, into a stage's tree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::ignore::{Ignore, glob};
use super::tree::Tree;
use crate::build::BuildFailure;

/// How deep folders may be nested.
const DEPTH_MAX: usize = 100;

/// Where files come from.
#[derive(Debug)]
pub(super) struct Source {
    root: PathBuf,
    ignore: Ignore,
}

/// One `COPY` in progress.
struct Copying<'a> {
    source: &'a Source,
    tree: &'a Tree,
    /// What was written, relative to the tree.
    written: &'a mut BTreeSet<PathBuf>,
}

impl Source {
    pub(super) fn new(root: &Path, ignore: Ignore) -> std::io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, ignore })
    }

    /// Copies what the patterns name to `dest` (an absolute image path; `is_folder` if it was written with a `/`), and
    /// adds the paths to `written`.
    pub(super) fn copy(
        &self,
        patterns: &[String],
        (dest, is_folder): (&str, bool),
        tree: &Tree,
        written: &mut BTreeSet<PathBuf>,
    ) -> Result<(), BuildFailure> {
        let mut found = Vec::new();
        for pattern in patterns {
            found.extend(self.find(pattern)?);
        }
        let is_dir = |path: &PathBuf| self.root.join(path).is_dir();
        if found.len() > 1 && !is_folder && !found.iter().all(is_dir) {
            return Err(BuildFailure::because(
                "When using COPY with more than one source file, the destination must be a directory and end with a /",
            ));
        }
        let mut copying = Copying { source: self, tree, written };
        for path in found {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let is_into = is_folder || tree.existing(dest).is_some_and(|dest| dest.is_dir());
            match name {
                Some(name) if !is_dir(&path) && is_into => {
                    copying.named(&path, &format!("{}/{name}", dest.trim_end_matches('/')))?;
                }
                _ => copying.named(&path, dest)?,
            }
        }
        Ok(())
    }

    /// The paths, relative to the root, that a pattern names.
    fn find(&self, pattern: &str) -> Result<Vec<PathBuf>, BuildFailure> {
        let mut parts = Vec::new();
        for part in pattern.split('/').filter(|part| !part.is_empty() && *part != ".") {
            if part == ".." && parts.pop().is_none() {
                return Err(outside(pattern));
            }
            if part != ".." {
                parts.push(part);
            }
        }
        let plain = parts.join("/");
        let mut found = Vec::new();
        if plain.contains(['*', '?', '[']) {
            self.matching(Path::new(""), &glob(&plain)?, 0, &mut found)?;
        } else {
            let path = self.root.join(&plain);
            if fs::symlink_metadata(&path).is_ok() {
                found.push(PathBuf::from(&plain));
            }
        }
        // A hidden folder can contain files that an exception shows.
        found.retain(|path| self.root.join(path).is_dir() || !self.ignore.hides(path));
        if found.is_empty() {
            return Err(BuildFailure::because(format!(
                "COPY failed: file not found in build context or excluded by .dockerignore: stat {plain}: file does not exist"
            )));
        }
        Ok(found)
    }

    fn matching(
        &self,
        folder: &Path,
        glob: &globset::GlobMatcher,
        depth: usize,
        found: &mut Vec<PathBuf>,
    ) -> Result<(), BuildFailure> {
        for path in entries(&self.root, folder, depth)? {
            if glob.is_match(&path) {
                found.push(path);
            } else if fs::symlink_metadata(self.root.join(&path))?.is_dir() {
                self.matching(&path, glob, depth + 1, found)?;
            }
        }
        Ok(())
    }
}

impl Copying<'_> {
    /// Copies a path that the instruction names; a link is followed.
    fn named(&mut self, path: &Path, dest: &str) -> Result<(), BuildFailure> {
        let real = self.source.root.join(path).canonicalize()?;
        let Ok(path) = real.strip_prefix(&self.source.root) else {
            return Err(outside(&path.to_string_lossy()));
        };
        self.any(path, Path::new(dest.trim_start_matches('/')), 0)
    }

    fn any(&mut self, path: &Path, dest: &Path, depth: usize) -> Result<(), BuildFailure> {
        let from = self.source.root.join(path);
        let kind = fs::symlink_metadata(&from)?.file_type();
        if kind.is_dir() {
            for child in entries(&self.source.root, path, depth)? {
                let name = child.file_name().unwrap_or_default();
                self.any(&child, &dest.join(name), depth + 1)?;
            }
            if path.as_os_str().is_empty() || !self.source.ignore.hides(path) {
                self.folder(dest)?;
            }
            return Ok(());
        }
        if self.source.ignore.hides(path) {
            return Ok(());
        }
        let folder = self.folder(dest.parent().unwrap_or(Path::new("")))?;
        let to = folder.join(dest.file_name().unwrap_or_default());
        // Writing through a link could change a file outside.
        if fs::symlink_metadata(&to).is_ok_and(|found| !found.is_dir()) {
            fs::remove_file(&to)?;
        }
        if kind.is_symlink() {
            let place = to.strip_prefix(self.tree.root()).unwrap_or(dest);
            std::os::unix::fs::symlink(inside(&from, path, place)?, &to)?;
        } else if kind.is_file() {
            fs::copy(&from, &to)?;
        } else {
            let shown = path.display();
            return Err(BuildFailure::because(format!(
                "COPY failed: {shown} is not a regular file"
            )));
        }
        self.note(&to);
        Ok(())
    }

    fn folder(&mut self, dest: &Path) -> Result<PathBuf, BuildFailure> {
        let made = self.tree.make_dir(&dest.to_string_lossy())?;
        for folder in made.ancestors().take_while(|folder| *folder != self.tree.root()) {
            self.note(folder);
        }
        Ok(made)
    }

    fn note(&mut self, path: &Path) {
        if let Ok(path) = path.strip_prefix(self.tree.root()) {
            self.written.insert(path.to_owned());
        }
    }
}

/// The paths in a folder, sorted.
fn entries(root: &Path, folder: &Path, depth: usize) -> Result<Vec<PathBuf>, BuildFailure> {
    if depth > DEPTH_MAX {
        return Err(BuildFailure::because("COPY failed: the folders are nested too deeply"));
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(root.join(folder))? {
        let name = entry?.file_name();
        if name.to_str().is_none() {
            return Err(BuildFailure::because(format!(
                "COPY failed: the name {name:?} is not UTF-8"
            )));
        }
        paths.push(folder.join(name));
    }
    paths.sort();
    Ok(paths)
}

/// The target of a link that leads out neither of the context nor of the tree.
fn inside(link: &Path, path: &Path, dest: &Path) -> Result<PathBuf, BuildFailure> {
    let target = fs::read_link(link)?;
    let leading = target.components().take_while(|part| *part == Component::ParentDir).count();
    // Another `..` could be relative to a link.
    let is_plain = target.components().skip(leading).all(|part| {
        matches!(part, Component::Normal(_)) || (leading == 0 && part == Component::CurDir)
    });
    let depth = |path: &Path| path.components().count().saturating_sub(1);
    if is_plain && leading <= depth(path) && leading <= depth(dest) {
        return Ok(target);
    }
    Err(BuildFailure::because(format!(
        "COPY failed: the link {} leads out of the build context: {}",
        path.display(),
        target.display()
    )))
}

fn outside(path: &str) -> BuildFailure {
    BuildFailure::because(format!("COPY failed: forbidden path outside the build context: {path}"))
}

#[cfg(test)]
#[path = "copy_tests.rs"]
mod tests;
