//! A folder on this machine. Nothing outside the folder is ever read: the type of a path rules out `..`, and links
//! are resolved before a file is opened.

use super::{Error, Found, Head, Source};
use crate::hash::sha256;
use crate::source::{self, Context, Limits, PackError, Packed};
use async_trait::async_trait;
use bytes::Bytes;
use domain::release::path::RepoPath;
use domain::repository::{Reference, Revision};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use tokio::io::AsyncReadExt as _;

/// Maximum number of files that the fingerprint covers.
const FILES_MAX: usize = 10_000;
/// The top folder in an archive of the folder.
const TOP: &str = "folder";
/// Size of a piece of a file, in bytes.
const PIECE_BYTES: usize = 64 * 1024;
/// Large folders that contain nothing a release names.
const SKIPPED: [&str; 5] = [".git", "node_modules", "target", ".venv", "__pycache__"];

/// A folder on this machine.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Reads from `root`.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Runs blocking file work on a thread for it.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let root = self.root.clone();
        let shown = root.display().to_string();
        let unreadable = |error: &dyn std::fmt::Display| {
            Error::Unreadable(format!("The folder {shown} cannot be read: {error}."))
        };
        let done = tokio::task::spawn_blocking(move || work(&root)).await;
        done.map_err(|error| unreadable(&error))?.map_err(|error| unreadable(&error))
    }
}

#[async_trait]
impl Source for Folder {
    fn place(&self) -> String {
        self.root.display().to_string()
    }

    async fn head(&self, reference: Option<&Reference>) -> Result<Head, Error> {
        if let Some(reference) = reference {
            return Err(Error::NoSuch(format!(
                "{} is a folder without branches, so {reference} cannot be read. Remove the branch.",
                self.place()
            )));
        }
        let key = self.work(fingerprint).await?;
        // No time: the files' times say when they were copied here, not when they were committed.
        let revision = Revision {
            reference: None,
            commit: None,
            title: String::new(),
            author: String::new(),
            at: None,
        };
        Ok(Head { key, revision, moved_to: None })
    }

    async fn list(&self, _: &Head, folder: &RepoPath) -> Result<Vec<String>, Error> {
        let folder = folder.clone();
        self.work(move |root| match inside(root, &folder)? {
            Some(path) if path.is_dir() => {
                let mut names = Vec::new();
                for entry in std::fs::read_dir(path)?.take(FILES_MAX) {
                    let entry = entry?;
                    if !entry.file_type()?.is_dir() {
                        names.push(entry.file_name().to_string_lossy().into_owned());
                    }
                }
                names.sort();
                Ok(names)
            }
            _ => Ok(Vec::new()),
        })
        .await
    }

    async fn pack(
        &self,
        commit: &str,
        context: &Context,
        to: &Path,
    ) -> Result<Result<Packed, PackError>, Error> {
        let raw = to.with_extension("folder");
        let (key, out) = (commit.to_owned(), raw.clone());
        let packing = self.work(move |root| {
            let is_same = fingerprint(root)? == key;
            if is_same {
                archive(root, &out)?;
            }
            Ok(is_same)
        });
        if !packing.await? {
            return Ok(Err(PackError::Changed));
        }
        let packed = match tokio::fs::File::open(&raw).await {
            Ok(file) => source::pack(Box::pin(pieces(file)), context, to, Limits::default()).await,
            Err(error) => Err(PackError::Disk(error.kind())),
        };
        // A file that could not be removed is overwritten by the next try.
        let _ = tokio::fs::remove_file(&raw).await;
        Ok(packed)
    }

    async fn read(&self, _: &Head, path: &RepoPath, bytes_max: usize) -> Result<Found, Error> {
        let path = path.clone();
        self.work(move |root| read(root, &path, bytes_max)).await
    }
}

/// Archives a folder as GitHub does: below one top folder.
fn archive(root: &Path, out: &Path) -> std::io::Result<()> {
    if let Some(parent) = out.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let out = std::io::BufWriter::new(std::fs::File::create(out)?);
    let mut archive = tar::Builder::new(GzEncoder::new(out, Compression::fast()));
    // A link stays a link, so that nothing outside the folder is read.
    archive.follow_symlinks(false);
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder)? {
            let (path, kind) = {
                let entry = entry?;
                (entry.path(), entry.file_type()?)
            };
            let name = path.strip_prefix(root).map_err(std::io::Error::other)?;
            let is_skipped = path.file_name().is_some_and(|name| *name == *SKIPPED[0]);
            if kind.is_dir() {
                if !is_skipped {
                    archive.append_dir(Path::new(TOP).join(name), &path)?;
                    open.push(path);
                }
            } else {
                archive.append_path_with_name(&path, Path::new(TOP).join(name))?;
            }
        }
    }
    archive.into_inner()?.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    Ok(())
}

/// The bytes of a file, in pieces.
fn pieces(file: tokio::fs::File) -> impl futures::Stream<Item = std::io::Result<Bytes>> {
    futures::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE_BYTES];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok((read > 0).then(|| (Bytes::from(piece), file)))
    })
}

fn read(root: &Path, path: &RepoPath, bytes_max: usize) -> std::io::Result<Found> {
    let Some(real) = inside(root, path)? else {
        let is_link = root.join(path.as_str()).symlink_metadata().is_ok();
        return Ok(if is_link { Found::Other } else { Found::Nothing });
    };
    // A pipe would never end.
    if !real.metadata()?.is_file() {
        return Ok(Found::Other);
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    std::fs::File::open(real)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(if bytes.len() > bytes_max { Found::TooLarge } else { Found::File(bytes.into()) })
}

/// The resolved path, if it is inside the folder.
fn inside(root: &Path, path: &RepoPath) -> std::io::Result<Option<PathBuf>> {
    let root = root.canonicalize()?;
    match root.join(path.as_str()).canonicalize() {
        Ok(real) if real.starts_with(&root) => Ok(Some(real)),
        Ok(_) => Ok(None),
        Err(error) => match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Ok(None),
            // ELOOP: a link to itself.
            _ if error.raw_os_error() == Some(40) => Ok(None),
            _ => Err(error),
        },
    }
}

/// A hash of the paths, sizes and times of all files.
fn fingerprint(root: &Path) -> std::io::Result<String> {
    let mut open = vec![root.canonicalize()?];
    let mut seen = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if seen.len() == FILES_MAX {
                let message = format!(
                    "the folder has more than {FILES_MAX} files. Name the repository's own folder"
                );
                return Err(std::io::Error::other(message));
            }
            let name = entry.file_name();
            let kind = entry.file_type()?;
            if kind.is_dir() && !SKIPPED.contains(&&*name.to_string_lossy()) {
                open.push(entry.path());
            } else if kind.is_file() {
                let about = entry.metadata()?;
                let changed =
                    about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
                let changed = changed.unwrap_or_default().as_nanos();
                seen.push(format!("{} {} {changed}", entry.path().display(), about.len()));
            }
        }
    }
    seen.sort();
    Ok(sha256(seen.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn path(text: &str) -> RepoPath {
        text.parse().expect("a path")
    }

    #[tokio::test]
    async fn nothing_outside_the_folder_is_read() {
        let outer = tempfile::tempdir().expect("a folder");
        let root = outer.path().join("repo");
        std::fs::create_dir_all(root.join("a")).expect("a folder");
        std::fs::write(outer.path().join("secret"), "secret").expect("a file");
        std::fs::write(root.join("a/file"), "text").expect("a file");
        symlink("../../secret", root.join("a/out")).expect("a link");
        symlink("/etc", root.join("etc")).expect("a link");
        symlink("file", root.join("a/near")).expect("a link");
        symlink("round", root.join("round")).expect("a link");
        let folder = Folder::new(root);
        let head = folder.head(None).await.expect("a state");
        let text = || Found::File((*b"text").into());
        for (at, expected) in [
            ("a/file", text()),
            ("a/near", text()),
            ("./a//x/../file", text()),
            ("a/out", Found::Other),
            ("etc/passwd", Found::Other),
            ("round", Found::Other),
            ("a", Found::Other),
            ("a/none", Found::Nothing),
            ("a/file/below", Found::Nothing),
        ] {
            let found = folder.read(&head, &path(at), 4).await.expect("an answer");
            assert_eq!(found, expected, "{at}");
        }
        assert_eq!(folder.read(&head, &path("a/file"), 3).await, Ok(Found::TooLarge));
        assert_eq!(folder.list(&head, &path("etc")).await, Ok(vec![]));
        assert!("../secret".parse::<RepoPath>().is_err());
    }

    #[tokio::test]
    async fn a_changed_file_changes_the_key() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(root.path().to_owned());
        let before = folder.head(None).await.expect("a state");
        assert_eq!(folder.head(None).await, Ok(before.clone()));
        std::fs::write(root.path().join("new"), "x").expect("a file");
        assert_ne!(folder.head(None).await.expect("a state").key, before.key);
        let gone = Folder::new(root.path().join("gone"));
        assert!(matches!(gone.head(None).await, Err(Error::Unreadable(_))));
    }
}
