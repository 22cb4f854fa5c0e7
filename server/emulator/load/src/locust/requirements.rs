//! The test's own `requirements.txt`, in an environment on top of Locust's.
//!
//! The overlay is a virtual environment without packages whose path continues with Locust's packages. It is kept for later
//! tests if the file names packages only; otherwise, for example with `-r` or a path, it lasts for one test.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::environment::{is_unreachable, make, pip, run};
use crate::failure::LoadFailure;
use crate::files::Scratch;
use crate::log::{LogSink, Mask};

const NAME: &str = "requirements.txt";
const BYTES_MAX: usize = 1 << 20;

/// Installs the requirements among the copied files, if any, and returns the Python to use.
pub(super) async fn install(
    environments: &Path,
    base: &Path,
    scratch: &Scratch,
    log: LogSink<'_>,
    mask: &Mask,
) -> Result<PathBuf, LoadFailure> {
    let file = scratch.path().join("files").join(NAME);
    let Ok(bytes) = fs::read(&file) else { return Ok(base.to_owned()) };
    if bytes.len() > BYTES_MAX {
        return Err(LoadFailure::refused("requirements.txt is larger than 1 MiB"));
    }
    let text = String::from_utf8_lossy(&bytes);
    if requirements(&text).next().is_none() {
        return Ok(base.to_owned());
    }
    let fill = async |path: &Path| fill(environments, base, path, &file, log, mask).await;
    let python = match requirements(&text).all(|(_, line)| is_package(line)) {
        true => {
            let mut hash = Sha256::new();
            hash.update(base.to_string_lossy().as_bytes());
            hash.update([0]);
            hash.update(&bytes);
            let key = format!("requirements-{}", &hex::encode(hash.finalize())[..32]);
            make(environments, &key, fill).await?
        }
        false => {
            let path = scratch.path().join("overlay");
            fill(&path).await?;
            path
        }
    };
    Ok(python.join("bin/python"))
}

/// The lines that say something, with their numbers.
fn requirements(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let lines = (1..).zip(text.lines().map(str::trim));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// Whether a line names a package of an index, and not an option, a file or a URL.
fn is_package(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_alphanumeric()) && !line.contains(['/', '\\', '@'])
}

async fn fill(
    environments: &Path,
    base: &Path,
    path: &Path,
    file: &Path,
    log: LogSink<'_>,
    mask: &Mask,
) -> Result<(), LoadFailure> {
    log(b"installing requirements.txt\n");
    let mut command = programs::python(base);
    command.args(["-m", "venv", "--without-pip"]).arg(path).env("HOME", environments);
    let (status, lines) = run(&mut command, log, Some(mask)).await?;
    if !status.success() {
        let last = lines.last().map_or("", String::as_str);
        return Err(LoadFailure::Io(format!("cannot make a virtual environment: {last}")));
    }
    let failed = |error| LoadFailure::io("cannot write a virtual environment", &error);
    let below = packages(base.parent().and_then(Path::parent)).ok_or_else(missing)?;
    let own = packages(Some(path)).ok_or_else(missing)?;
    fs::write(own.join("locust.pth"), format!("{}\n", below.display())).map_err(failed)?;
    let mut command = pip(environments, &path.join("bin/python"));
    command.arg("-r").arg(file);
    if let Some(folder) = file.parent() {
        command.current_dir(folder);
    }
    let (status, lines) = run(&mut command, log, Some(mask)).await?;
    match status.success() {
        true => Ok(()),
        false => Err(explain(&fs::read_to_string(file).unwrap_or_default(), &lines)),
    }
}

fn missing() -> LoadFailure {
    LoadFailure::Io("a virtual environment has no site-packages".to_owned())
}

/// `lib/python3.N/site-packages` of an environment.
fn packages(environment: Option<&Path>) -> Option<PathBuf> {
    let folders = fs::read_dir(environment?.join("lib")).ok()?.flatten();
    folders.map(|folder| folder.path().join("site-packages")).find(|path| path.is_dir())
}

/// Finds the line that pip rejects.
fn explain(text: &str, lines: &[String]) -> LoadFailure {
    if is_unreachable(lines) {
        return LoadFailure::NotInstalled(
            "the packages of requirements.txt cannot be installed: PyPI cannot be reached from this machine"
                .to_owned(),
        );
    }
    let errors = || lines.iter().filter_map(|line| line.trim().strip_prefix("ERROR: "));
    let error = errors().next().or(lines.last().map(String::as_str)).unwrap_or_default();
    let squeezed = |text: &str| text.replace(' ', "").to_lowercase();
    let at = requirements(text).find(|(_, line)| {
        let name = line.split(['=', '<', '>', '~', '!', ';', '[', ' ']).next().unwrap_or_default();
        let named = [format!("requirement {line}"), format!("distribution found for {line}")];
        errors().any(|error| {
            let is_named = named.iter().any(|words| squeezed(error).contains(&squeezed(words)));
            // Names in quotes are those of invalid lines.
            is_named
                || error.contains(&format!("'{line}'"))
                || error.contains(&format!("requirement {name} "))
        })
    });
    LoadFailure::Script {
        file: NAME.to_owned(),
        line: at.map(|(number, _)| number),
        quoted: at.map(|(_, line)| line.to_owned()).unwrap_or_default(),
        error: error.to_owned(),
        advice: "Check the name and the version on PyPI".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_name_packages_are_kept() {
        for line in ["numpy", "numpy==1.2", "a[b]>=1; python_version < '4'"] {
            assert!(is_package(line), "{line}");
        }
        for line in ["-r more.txt", "./local", "git+https://x/y", "a @ file:///x", "--pre"] {
            assert!(!is_package(line), "{line}");
        }
    }

    #[test]
    fn the_line_that_pip_rejects_is_quoted() {
        let text = "# tools\nnumpy\n\nno-such-thing == 1.0\n";
        let lines = ["ERROR: Could not find a version that satisfies the requirement no-such-thing==1.0 (from versions: none)",
            "ERROR: No matching distribution found for no-such-thing==1.0"].map(str::to_owned);
        let LoadFailure::Script { line, quoted, error, .. } = explain(text, &lines) else {
            panic!("a script failure")
        };
        assert_eq!((line, quoted.as_str()), (Some(4), "no-such-thing == 1.0"));
        assert!(error.starts_with("Could not find a version"), "{error}");
    }
}
