//! From a repository's tarball to the context of a build.

use super::archive::{self, Item, Kind};
use super::error::PackError;
use super::ignore::{self, Ignore};
use super::spool::Spool;
use super::write;
use bytes::Bytes;
use domain::release::path::{PATH_BYTES_MAX, RepoPath};
use futures::Stream;
use std::fmt::{self, Display};
use std::io::Read;
use std::path::Path;

/// Longest `.gitmodules` that is read, in bytes.
const MODULES_BYTES_MAX: usize = 256 * 1024;

/// Which part of a repository is the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The context's folder; `None` for the repository's root.
    pub folder: Option<RepoPath>,
    /// From the context's folder.
    pub dockerfile: RepoPath,
}

impl Context {
    /// The path of something in the context, from the repository's root.
    pub(super) fn at(&self, path: &str) -> String {
        match &self.folder {
            Some(folder) => format!("{}/{path}", folder.as_str()),
            None => path.to_owned(),
        }
    }

    /// A path of the repository, from the context; `None` outside of it.
    pub(super) fn inside<'a>(&self, path: &'a str) -> Option<&'a str> {
        match &self.folder {
            Some(folder) => path.strip_prefix(folder.as_str())?.strip_prefix('/'),
            None => Some(path),
        }
    }

    /// Whether a build needs a file whatever `.dockerignore` says.
    pub(super) fn needs(&self, inside: &str) -> bool {
        inside == self.dockerfile.as_str() || inside == ".dockerignore"
    }
}

/// Limits of a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The compressed tarball.
    pub tarball_bytes: u64,
    /// The unpacked repository.
    pub archive_bytes: u64,
    /// Its files, folders and links.
    pub archive_files: u64,
    /// The unpacked context, after `.dockerignore`.
    pub unpacked_bytes: u64,
    /// Its files, folders and links.
    pub files: u64,
    /// A path.
    pub path_bytes: usize,
}

impl Default for Limits {
    /// Sources: GitHub recommends repositories below 1 GB. The context must be sent, unpacked and read by a builder with
    /// 8 GB of disk; Linux's largest public repositories have 100,000 files.
    fn default() -> Self {
        Self {
            tarball_bytes: crate::outside::caps::TARBALL_BYTES_MAX,
            archive_bytes: 4 * 1024 * 1024 * 1024,
            archive_files: 1_000_000,
            unpacked_bytes: 1024 * 1024 * 1024,
            files: 200_000,
            path_bytes: PATH_BYTES_MAX,
        }
    }
}

impl Limits {
    pub(super) fn repository(&self) -> PackError {
        PackError::Repository { bytes_max: self.archive_bytes, max: self.archive_files }
    }
}

/// What a person should know about a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The folder is empty, because GitHub's tarballs do not contain submodules.
    Submodule(String),
    /// The file is a pointer, because GitHub's tarballs do not contain files in LFS.
    LfsPointer(String),
    /// The number of further warnings.
    More(u64),
}

impl Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Submodule(path) => write!(
                f,
                "{path} is a submodule. GitHub's archive does not contain its files, so the build does not see them."
            ),
            Self::LfsPointer(path) => write!(
                f,
                "{path} is in Git LFS. GitHub's archive contains only a pointer to it, so the build sees the pointer."
            ),
            Self::More(count) => write!(f, "There are {count} more such warnings."),
        }
    }
}

/// A packed context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Size of the tar.gz.
    pub bytes: u64,
    /// Files, folders and links.
    pub files: u64,
    pub warnings: Vec<Warning>,
}

/// What the first reading finds.
#[derive(Debug, Default)]
struct Survey {
    has_folder: bool,
    ignore: Vec<u8>,
    modules: Vec<u8>,
}

/// Packs the context of a build into the file `out`, from GitHub's tarball of a commit. Memory stays constant: the tarball
/// is kept beside `out` while it is read, and removed afterwards.
///
/// # Errors
/// [`PackError`]. Then `out` does not exist.
pub async fn pack<E: Display>(
    tarball: impl Stream<Item = Result<Bytes, E>> + Unpin,
    context: &Context,
    out: &Path,
    limits: Limits,
) -> Result<Packed, PackError> {
    let mut beside = out.as_os_str().to_owned();
    beside.push(".tarball");
    let spool = Spool::download(tarball, Path::new(&beside), &limits).await?;
    let (context, out) = (context.clone(), out.to_owned());
    // Unpacking occupies a core. The task owns the files, so they are removed even if nobody waits for it.
    let packed = tokio::task::spawn_blocking(move || {
        let result = Spool::of(out.clone());
        let packed = pack_file(&spool, &context, &out, &limits)?;
        result.keep();
        Ok(packed)
    });
    packed.await.unwrap_or_else(|_| Err(PackError::Damaged("it could not be read".to_owned())))
}

fn pack_file(
    spool: &Spool,
    context: &Context,
    out: &Path,
    limits: &Limits,
) -> Result<Packed, PackError> {
    let survey = survey(spool, context, limits)?;
    if let (Some(folder), false) = (&context.folder, survey.has_folder) {
        return Err(PackError::NoFolder { path: folder.as_str().to_owned() });
    }
    let ignore = Ignore::parse(&survey.ignore)?;
    let modules = write::submodules(&survey.modules);
    let written = write::context(spool, context, &ignore, &modules, out, limits)?;
    Ok(Packed { bytes: written.bytes, files: written.files, warnings: written.warnings })
}

fn survey(spool: &Spool, context: &Context, limits: &Limits) -> Result<Survey, PackError> {
    let ignore = context.at(".dockerignore");
    let folder = context.folder.as_ref().map(RepoPath::as_str);
    let mut found = Survey::default();
    archive::walk(spool.open()?, limits, |item| {
        found.has_folder |= folder.is_some_and(|folder| {
            context.inside(&item.path).is_some()
                || (item.path == folder && item.kind == Kind::Folder)
        });
        if item.kind != Kind::File {
            return Ok(());
        }
        if item.path == ignore {
            // One byte more than allowed, so that the parser refuses a larger file.
            found.ignore = beginning(item, ignore::FILE_BYTES_MAX + 1, limits)?;
        } else if item.path == ".gitmodules" {
            found.modules = beginning(item, MODULES_BYTES_MAX, limits)?;
        }
        Ok(())
    })?;
    Ok(found)
}

fn beginning<R: Read>(
    item: Item<'_, '_, R>,
    bytes_max: usize,
    limits: &Limits,
) -> Result<Vec<u8>, PackError> {
    let mut bytes = Vec::new();
    let mut content = item.content.take(bytes_max as u64);
    content.read_to_end(&mut bytes).map_err(|error| archive::damaged(&error, limits))?;
    Ok(bytes)
}
