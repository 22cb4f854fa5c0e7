//! Why a context cannot be packed.

use super::ignore::IgnoreError;

/// Why a context cannot be packed. Each error says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// The download broke off.
    #[error("the repository's files could not be downloaded: {0}")]
    Download(String),
    /// Not a tar.gz, or a damaged one.
    #[error("the repository's tarball is damaged: {0}")]
    Damaged(String),
    #[error("{path} has a name that cannot be packed: {reason}. Rename it")]
    Name { path: String, reason: &'static str },
    #[error("the context has more than {bytes_max} bytes. Exclude files with .dockerignore")]
    TooLarge { bytes_max: u64 },
    #[error("the context has more than {max} files. Exclude files with .dockerignore")]
    TooMany { max: u64 },
    #[error("the repository is larger than the console unpacks ({bytes_max} bytes or {max} files)")]
    Repository { bytes_max: u64, max: u64 },
    #[error(
        "the link {path} leads out of the context, to {target}. Replace it with the file, or exclude it with \
         .dockerignore"
    )]
    Link { path: String, target: String },
    #[error("{path} is {kind}, which cannot be part of a context. Remove it from the repository")]
    Special { path: String, kind: &'static str },
    #[error("the repository has no folder {path} at this commit. Correct the path of the context")]
    NoFolder { path: String },
    #[error(".dockerignore: {0}")]
    Ignore(#[from] IgnoreError),
    /// A folder has no commits, so its earlier state is gone.
    #[error("the folder's files have changed since the build was started. Start the build again")]
    Changed,
    /// The console's own disk.
    #[error("the context could not be written on the console's machine: {0}. Check the free space")]
    Disk(std::io::ErrorKind),
}
