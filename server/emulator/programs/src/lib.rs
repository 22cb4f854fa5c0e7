//! Which variables of this process the programs that it starts get. Builds and load tests run code that other people wrote, so
//! a program gets only what it needs, and never a secret that the console was started with.

use std::ffi::OsStr;
use std::path::Path;

use tokio::process::Command;

/// What a program needs that downloads, perhaps from behind a proxy.
const OF_DOWNLOADS: [&str; 9] = [
    "PATH",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];
/// What Python and pip need besides, with an own index.
const OF_PYTHON: [&str; 11] = [
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "LANG",
    "REQUESTS_CA_BUNDLE",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_CERT",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_CONFIG_FILE",
    "PYENV_VERSION",
];

/// A variable of this process, to be passed on to a program.
#[expect(clippy::disallowed_methods, reason = "passed on to a child, not read as configuration")]
#[must_use]
pub fn inherited(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A program that gets these variables of this process, and no others.
pub fn with(program: impl AsRef<OsStr>, names: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command.envs(names.iter().filter_map(|name| Some((*name, inherited(name)?))));
    command
}

/// A program that downloads, perhaps from behind a proxy, and gets these variables besides.
pub fn downloading(program: impl AsRef<OsStr>, names: &[&str]) -> Command {
    with(program, &[&OF_DOWNLOADS, names].concat())
}

/// Python, or a program of one of its environments, that may install packages.
pub fn python(program: impl AsRef<OsStr>) -> Command {
    let mut command = downloading(program, &OF_PYTHON);
    command.env("PYTHONUNBUFFERED", "1");
    command
}

/// `python -m pip`, which asks nothing, draws no progress bar, and keeps its downloads in a folder.
pub fn pip(python_program: impl AsRef<OsStr>, cache: &Path) -> Command {
    let mut command = python(python_program);
    command.args(["-m", "pip"]).env("PIP_CACHE_DIR", cache);
    command.env("PIP_NO_INPUT", "1").env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    command.env("PIP_PROGRESS_BAR", "off").env("PIP_ROOT_USER_ACTION", "ignore");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_gets_only_the_variables_that_are_named() {
        assert!(inherited("CARGO_MANIFEST_DIR").is_some(), "cargo sets it for tests");
        let seen = async |mut command: Command| {
            let output = command.output().await.expect("env of coreutils");
            String::from_utf8(output.stdout).expect("UTF-8")
        };
        let bare = seen(with("/usr/bin/env", &["CARGO_PKG_NAME"])).await;
        assert_eq!(bare, "CARGO_PKG_NAME=programs\n");
        let python = seen(python("/usr/bin/env")).await;
        assert!(python.contains("PATH=") && !python.contains("CARGO_"), "{python}");
    }
}
