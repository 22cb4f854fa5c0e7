//! Unpacks uploaded source code (`.tar.gz`). The archive is a stranger's: nothing is written outside the folder, no
//! link leads out of it, and its size is limited.
//!
//! Why links are safe. An entry is written only below real folders, never through a link, so the place of a link
//! is where its path says. Its target may begin with `..`, but not above the folder, and has no `..` later, which
//! could otherwise go up from wherever another link leads. So every step of a target stays inside, whichever links
//! it crosses.

use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};

/// The largest unpacked archive, in bytes. Repositories with models in them reach this size.
pub const BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// The highest number of files and folders.
const ENTRIES_MAX: usize = 200_000;

/// Why an archive was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is no gzip or no tar, or it ends too early.
    #[error("the upload is not a complete .tar.gz archive: {0}")]
    Damaged(io::Error),
    #[error("the archive has more than {BYTES_MAX} bytes when unpacked")]
    TooLarge,
    #[error("the archive has more than {ENTRIES_MAX} files")]
    TooMany,
    /// A path is absolute, has `..`, or leads through a link or a file.
    #[error("the archive has the path [{0}], which leads out of the source code or through a link")]
    Outside(String),
    #[error("the source code cannot be written: {0}")]
    Disk(io::Error),
}

/// What was left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    pub files: usize,
    /// Links that lead out, and devices.
    pub skipped: Vec<String>,
}

/// Stops a decompression bomb. Headers count, too.
struct Limited<R> {
    inner: R,
    left: u64,
    is_over: bool,
}

impl<R: Read> Read for &mut Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                self.is_over = true;
                return Err(io::Error::other("too large"));
            }
        }
        Ok(read)
    }
}

/// Unpacks an archive into a new folder. It blocks, so do not call it on the runtime.
///
/// # Errors
/// See [`Unusable`]; the folder then has a part of the archive.
pub fn unpack(archive: &Path, folder: &Path) -> Result<Unpacked, Unusable> {
    unpack_up_to(archive, folder, BYTES_MAX)
}

fn unpack_up_to(archive: &Path, folder: &Path, bytes_max: u64) -> Result<Unpacked, Unusable> {
    fs::create_dir_all(folder).map_err(Unusable::Disk)?;
    let file = fs::File::open(archive).map_err(Unusable::Disk)?;
    let inner = MultiGzDecoder::new(io::BufReader::new(file));
    let mut limited = Limited { inner, left: bytes_max, is_over: false };
    let mut done = Unpacked::default();
    let outcome = all(&mut limited, folder, &mut done);
    match outcome {
        Err(Unusable::Damaged(_)) if limited.is_over => Err(Unusable::TooLarge),
        outcome => outcome.map(|()| done),
    }
}

fn all<R: Read>(
    limited: &mut Limited<R>,
    folder: &Path,
    done: &mut Unpacked,
) -> Result<(), Unusable> {
    let mut archive = Archive::new(&mut *limited);
    for (count, entry) in archive.entries().map_err(Unusable::Damaged)?.enumerate() {
        if count >= ENTRIES_MAX {
            return Err(Unusable::TooMany);
        }
        one(entry.map_err(Unusable::Damaged)?, folder, done)?;
    }
    // The rest, whose checksum is at the end: an upload that was cut there is damaged, too.
    io::copy(&mut &mut *limited, &mut io::sink()).map(drop).map_err(Unusable::Damaged)
}

fn one<R: Read>(
    mut entry: Entry<'_, R>,
    folder: &Path,
    done: &mut Unpacked,
) -> Result<(), Unusable> {
    let kind = entry.header().entry_type();
    if kind == EntryType::XGlobalHeader {
        return Ok(());
    }
    let name = entry.path().map_err(Unusable::Damaged)?.into_owned();
    let shown = name.display().to_string();
    let Some(inside) = inside(&name) else { return Err(Unusable::Outside(shown)) };
    if inside.as_os_str().is_empty() {
        return Ok(());
    }
    let path = folder.join(&inside);
    if kind == EntryType::Directory {
        return folders(folder, &inside, &shown);
    }
    folders(folder, inside.parent().unwrap_or(Path::new("")), &shown)?;
    clear(&path, &shown)?;
    let target = entry.link_name().map_err(Unusable::Damaged)?.map(std::borrow::Cow::into_owned);
    match (kind, target) {
        (EntryType::Symlink, Some(target)) if is_contained(&inside, &target) => {
            std::os::unix::fs::symlink(target, &path).map_err(Unusable::Disk)?;
        }
        (EntryType::Link, Some(target)) => link(folder, &target, &path, &shown)?,
        (EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse, _) => {
            write(&mut entry, &path)?;
        }
        _ => {
            done.skipped.push(shown);
            return Ok(());
        }
    }
    done.files += 1;
    Ok(())
}

/// The path of an entry, or the target of a hard link, without `.`; `None` if it is absolute or has `..`.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut inside = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => inside.push(part),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(inside)
}

/// Whether a symbolic link at `at` stays inside.
fn is_contained(at: &Path, target: &Path) -> bool {
    let mut left = at.components().count().saturating_sub(1);
    let mut is_down = false;
    target.components().all(|component| match component {
        Component::ParentDir if is_down || left == 0 => false,
        Component::ParentDir => {
            left -= 1;
            true
        }
        Component::Normal(_) => {
            is_down = true;
            true
        }
        Component::CurDir => true,
        Component::RootDir | Component::Prefix(_) => false,
    })
}

/// Creates the folders of a path. All of them are real folders.
fn folders(folder: &Path, inside: &Path, shown: &str) -> Result<(), Unusable> {
    let mut path = folder.to_owned();
    for part in inside.components() {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(Unusable::Outside(shown.to_owned())),
            Err(_) => fs::create_dir(&path).map_err(Unusable::Disk)?,
        }
    }
    Ok(())
}

/// Removes an earlier file or link with the same name. A folder stays, because links may point into it.
fn clear(path: &Path, shown: &str) -> Result<(), Unusable> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Err(Unusable::Outside(shown.to_owned())),
        Ok(_) => fs::remove_file(path).map_err(Unusable::Disk),
        Err(_) => Ok(()),
    }
}

/// A hard link to an earlier file of the archive.
fn link(folder: &Path, target: &Path, path: &Path, shown: &str) -> Result<(), Unusable> {
    let outside = || Unusable::Outside(shown.to_owned());
    let inside = inside(target).ok_or_else(outside)?;
    folders(folder, inside.parent().unwrap_or(Path::new("")), shown)?;
    let target = folder.join(inside);
    if !fs::symlink_metadata(&target).is_ok_and(|found| found.is_file()) {
        return Err(outside());
    }
    fs::hard_link(target, path).map_err(Unusable::Disk)
}

fn write<R: Read>(entry: &mut Entry<'_, R>, path: &Path) -> Result<(), Unusable> {
    use std::os::unix::fs::OpenOptionsExt;
    let is_program = entry.header().mode().is_ok_and(|mode| mode & 0o111 != 0);
    let mut options = fs::File::options();
    let mut out = options
        .write(true)
        .create_new(true)
        .mode(if is_program { 0o755 } else { 0o644 })
        .open(path)
        .map_err(Unusable::Disk)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = entry.read(&mut buffer).map_err(Unusable::Damaged)?;
        if read == 0 {
            return Ok(());
        }
        io::Write::write_all(&mut out, &buffer[..read]).map_err(Unusable::Disk)?;
    }
}

#[cfg(test)]
#[path = "unpack_tests.rs"]
mod tests;
