//! How to start a container of an image.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// The command that starts one instance of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Program and arguments.
    pub command: Vec<OsString>,
    pub work_dir: PathBuf,
    /// The image's own variables, which a deployment's variables override.
    pub environment: BTreeMap<String, String>,
    /// The first port of `EXPOSE`, if any. An instance also gets its own port as the variable `PORT`.
    pub port: Option<u16>,
}
