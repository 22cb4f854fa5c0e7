//! The files of a test: copied, so that the test changes no file of the caller, and removed at its end.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::failure::LoadFailure;

/// Azure accepts 1,000 files for a test.
const FILES_MAX: usize = 1_000;
/// All files together.
const BYTES_MAX: u64 = 2 << 30;
const DEPTH_MAX: usize = 16;

/// A name that nobody else uses.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}{:016x}", rand::random::<u64>())
}

/// A folder that is removed when dropped.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(parent: &Path, prefix: &str) -> Result<Self, LoadFailure> {
        let path = parent.join(unique(prefix));
        fs::create_dir_all(&path)
            .map_err(|error| LoadFailure::io("cannot make a folder", &error))?;
        // Programs get absolute paths, because they run in other folders.
        let path =
            path.canonicalize().map_err(|error| LoadFailure::io("cannot make a folder", &error))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes a folder inside.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf, LoadFailure> {
        let path = self.path().join(name);
        fs::create_dir_all(&path)
            .map_err(|error| LoadFailure::io("cannot make a folder", &error))?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A program that is being killed may still write.
        for _ in 0..3 {
            if fs::remove_dir_all(&self.0).is_ok() || !self.0.exists() {
                break;
            }
        }
    }
}

/// Copies a test's files.
///
/// # Errors
/// The folder has links, special files, or too much of anything; or the disk fails.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), LoadFailure> {
    let mut left = (FILES_MAX, BYTES_MAX);
    copy_folder(from, to, &mut left, 0)
}

fn copy_folder(
    from: &Path,
    to: &Path,
    left: &mut (usize, u64),
    depth: usize,
) -> Result<(), LoadFailure> {
    let fail = |error: io::Error| LoadFailure::io("cannot copy the files of the test", &error);
    if depth > DEPTH_MAX {
        return Err(LoadFailure::refused("the folders of the test are nested too deeply"));
    }
    fs::create_dir_all(to).map_err(fail)?;
    for entry in fs::read_dir(from).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let (kind, target) = (entry.file_type().map_err(fail)?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy_folder(&entry.path(), &target, left, depth + 1)?;
            continue;
        }
        if !kind.is_file() {
            return Err(LoadFailure::Refused(format!(
                "{:?} is no plain file; a test has no links and no special files",
                entry.file_name()
            )));
        }
        let length = entry.metadata().map_err(fail)?.len();
        if left.0 == 0 || length > left.1 {
            return Err(LoadFailure::Refused(format!(
                "the test has more than {FILES_MAX} files or more than 2 GiB"
            )));
        }
        *left = (left.0 - 1, left.1 - length);
        fs::copy(entry.path(), target).map_err(fail)?;
    }
    Ok(())
}

/// Shortens every CSV file of an engine's copy to the engine's part: as many lines for each engine, in order. A header is
/// a line like any other, so only the first engine has it.
pub(crate) fn split_csvs(folder: &Path, engine: u32, engines: u32) -> Result<(), LoadFailure> {
    let fail = |error: io::Error| LoadFailure::io("cannot split a CSV file", &error);
    for entry in fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_dir() {
            split_csvs(&path, engine, engines)?;
        } else if path.extension().is_some_and(|is| is.eq_ignore_ascii_case("csv")) {
            let bytes = fs::read(&path).map_err(fail)?;
            let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            let begin = |engine: u32| lines.len() * engine as usize / engines as usize;
            fs::write(&path, lines[begin(engine)..begin(engine + 1)].concat()).map_err(fail)?;
        }
    }
    Ok(())
}

/// The path of a test's main file in the folder, if it has the extension and is there.
///
/// # Errors
/// The name leaves the folder or has another extension, or no such file is there.
pub(crate) fn main_file(
    folder: &Path,
    name: &str,
    extension: &str,
) -> Result<PathBuf, LoadFailure> {
    let path = Path::new(name);
    let is_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    let is_kind = path.extension().is_some_and(|is| is == extension);
    // Locust splits its option at commas.
    if !is_inside || !is_kind || name.contains(',') || name.contains(char::is_control) {
        return Err(LoadFailure::Refused(format!(
            "{name:?} cannot be the test script: write the path of a .{extension} file in the test's folder, without a comma"
        )));
    }
    let path = folder.join(path);
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_file() => Ok(path),
        _ => Err(LoadFailure::Refused(format!("the test script {name} is not among the files"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_refused_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        fs::create_dir_all(from.join("deep")).unwrap();
        fs::write(from.join("deep/a.py"), "a").unwrap();
        {
            let scratch = Scratch::new(&folder.path().join("work"), "run-").unwrap();
            let to = scratch.path().join("files");
            copy(&from, &to).unwrap();
            assert_eq!(fs::read_to_string(to.join("deep/a.py")).unwrap(), "a");
            std::os::unix::fs::symlink("/etc/hostname", from.join("link")).unwrap();
            let refused = copy(&from, &to).unwrap_err().to_string();
            assert!(refused.contains("\"link\"") && refused.contains("links"), "{refused}");
        }
        assert_eq!(fs::read_dir(folder.path().join("work")).unwrap().count(), 0);
    }

    #[test]
    fn csv_files_are_split_evenly_and_no_line_is_lost() {
        let text = "name\n1\n2\n3\n4\n5\n6";
        let parts: Vec<String> = (0..3)
            .map(|engine| {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("data/a.CSV");
                fs::create_dir(folder.path().join("data")).unwrap();
                fs::write(&path, text).unwrap();
                fs::write(folder.path().join("a.py"), text).unwrap();
                split_csvs(folder.path(), engine, 3).unwrap();
                assert_eq!(fs::read_to_string(folder.path().join("a.py")).unwrap(), text);
                fs::read_to_string(path).unwrap()
            })
            .collect();
        assert_eq!(parts, ["name\n1\n", "2\n3\n", "4\n5\n6"]);
    }

    #[test]
    fn the_main_file_is_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.py"), "").unwrap();
        assert!(main_file(folder.path(), "a.py", "py").is_ok());
        for name in ["b.py", "../a.py", "/etc/a.py", "a.txt", "", "a.py,b.py", "./a.py", "a\n.py"] {
            assert!(main_file(folder.path(), name, "py").is_err(), "{name}");
        }
    }
}
