//! How to start a container of an image.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

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
    /// Where a container runtime in `command` takes its flags. The starter inserts `--env NAME=VALUE` for every
    /// variable there, and `--volume HOST:CONTAINER:ro` for the model. `None` for a plain process, which gets its
    /// variables as its environment.
    pub flags_at: Option<usize>,
}

/// A launch as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) command: Vec<String>,
    pub(crate) work_dir: PathBuf,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) port: Option<u16>,
    pub(crate) flags_at: Option<usize>,
    /// Folders that come before this machine's `PATH`.
    pub(crate) path: Vec<PathBuf>,
    /// The folder in the store without which the launch is impossible.
    pub(crate) needs: Vec<PathBuf>,
}

impl Record {
    /// Whether the files that it starts are still there.
    pub(crate) fn is_complete(&self) -> bool {
        self.needs.iter().all(|path| path.is_dir())
    }

    pub(crate) fn into_launch(self) -> Launch {
        let mut environment = self.environment;
        if self.flags_at.is_none() {
            environment.insert("PATH".to_owned(), search_path(&self.path));
        }
        Launch {
            command: self.command.into_iter().map(OsString::from).collect(),
            work_dir: self.work_dir,
            environment,
            port: self.port,
            flags_at: self.flags_at,
        }
    }
}

/// `PATH` with these folders first.
pub(crate) fn search_path(first: &[PathBuf]) -> String {
    let inherited = programs::inherited("PATH").unwrap_or_default();
    let own = first.iter().map(|path| path.to_string_lossy().into_owned());
    own.chain([inherited]).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(":")
}
