//! Virtual environments: made once for what is installed in them, and shared by all images that need the same.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use super::pip::Install;
use super::tree::Tree;
use crate::build::{BuildFailure, LogSink};
use crate::child;
use crate::disk::{self, Scratch};
use crate::launch::search_path;
use crate::store::ImageStore;

/// The Python that environments are made with.
#[derive(Clone, Debug)]
pub(super) struct Python {
    program: String,
    pub(super) version: String,
}

/// Where one build makes environments.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) store: &'a ImageStore,
    /// The folder for temporary files. It is removed with the build, even if a program was killed before it could tidy up.
    pub(super) temp: &'a Path,
}

impl Place<'_> {
    /// Gives a program that makes or changes an environment its folders.
    fn confine(self, mut command: Command) -> Command {
        command.env("TMPDIR", self.temp).env("HOME", self.store.folder("scratch"));
        command
    }
}

/// An environment that is never changed again.
#[derive(Clone, Debug)]
pub(super) struct Venv {
    pub(super) path: PathBuf,
    /// The digest of all that is installed, in order. It is the same on all machines with the same Python.
    pub(super) content: String,
    /// The same, but different for every build if the environment refers to a tree.
    key: String,
}

impl Python {
    /// The Python that the base image names (`python:3.12-slim`) if this machine has it, otherwise `python3`.
    pub(super) async fn find(image: &str) -> Result<Self, BuildFailure> {
        let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
        let numbers = tag.split(['-', '@']).next().unwrap_or_default().split('.');
        let numbers: Vec<&str> =
            numbers.take(2).filter(|part| part.bytes().all(|b| b.is_ascii_digit())).collect();
        let named = (numbers.len() == 2 && image.contains("python"))
            .then(|| format!("python{}", numbers.join(".")));
        for program in named.into_iter().chain(["python3".to_owned()]) {
            let mut command = programs::python(&program);
            command.args(["-c", "import sys; print('.'.join(map(str, sys.version_info[:3])))"]);
            if let Some(version) = child::ask(&mut command).await {
                return Ok(Self { program, version });
            }
        }
        Err(BuildFailure::because(
            "the process builder needs python3 with its module venv on this machine, or install buildah",
        ))
    }
}

/// Makes an environment without packages and without pip, which nothing needs that installs no packages: making pip
/// takes most of the time of a small build.
pub(super) async fn empty(place: Place<'_>, python: &Python) -> Result<Venv, BuildFailure> {
    let content = digest(&["empty", &python.version]);
    make(place.store, (&content, &content), &|_| {}, async |path| {
        create(place, python, path, &["--without-pip"], &|_| {}).await
    })
    .await
}

/// Makes an environment with pip, on top of which packages are installed.
pub(super) async fn with_pip(place: Place<'_>, python: &Python) -> Result<Venv, BuildFailure> {
    let content = digest(&["pip", &python.version]);
    make(place.store, (&content, &content), &|_| {}, async |path| {
        create(place, python, path, &[], &|_| {}).await
    })
    .await
}

/// Installs packages on top of an environment with pip.
pub(super) async fn install(
    place: Place<'_>,
    before: &Venv,
    python: &Python,
    (install, tree, work): (&Install, &Tree, &Path),
    log: LogSink<'_>,
) -> Result<Venv, BuildFailure> {
    let content = digest(&[&before.content, &install.content]);
    let key = match install.is_editable {
        true => digest(&[&before.key, &install.content, &tree.root().to_string_lossy()]),
        false => digest(&[&before.key, &install.content]),
    };
    make(place.store, (&content, &key), log, async |path| {
        // The packages that are copied include pip.
        create(place, python, path, &["--without-pip"], log).await?;
        copy_packages(&before.path, path).await?;
        let mut command = pip(place, path);
        command.arg("install").args(&install.arguments).current_dir(work);
        let ended = child::run(&mut command, log).await?;
        if ended.status.success() {
            return Ok(());
        }
        let code = ended.status.code().unwrap_or(-1);
        let shown = install.arguments.join(" ");
        let shown = shown.replace(&*tree.root().to_string_lossy(), "");
        let reason = format!(
            "The command '/bin/sh -c pip install {shown}' returned a non-zero code: {code}"
        );
        Err(BuildFailure::of_program(reason, &ended.tail))
    })
    .await
}

/// Finds an environment by its key, or makes it.
async fn make(
    store: &ImageStore,
    (content, key): (&str, &str),
    log: LogSink<'_>,
    fill: impl AsyncFnOnce(&Path) -> Result<(), BuildFailure>,
) -> Result<Venv, BuildFailure> {
    let _installing = store.installing.lock().await;
    let venvs = store.folder("venvs");
    let marker = venvs.join(format!("{key}.name"));
    let found = fs::read_to_string(&marker).ok().map(|name| venvs.join(name));
    let path = match found.filter(|path| path.is_dir()) {
        Some(path) => {
            log(b" ---> Using cache\n");
            path
        }
        None => {
            let scratch = Scratch::new(&venvs, &key[..16])?;
            fill(scratch.path()).await?;
            let path = scratch.keep();
            // Nobody else can use an environment that refers to a tree.
            if key == content {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                disk::write(&store.folder("scratch"), &marker, name.as_bytes())?;
            }
            path
        }
    };
    Ok(Venv { path, content: content.to_owned(), key: key.to_owned() })
}

async fn create(
    place: Place<'_>,
    python: &Python,
    path: &Path,
    flags: &[&str],
    log: LogSink<'_>,
) -> Result<(), BuildFailure> {
    let mut command = place.confine(programs::python(&python.program));
    command.args(["-m", "venv"]).args(flags).arg(path);
    let ended = child::run(&mut command, log).await?;
    if ended.status.success() {
        return Ok(());
    }
    Err(BuildFailure::of_program(
        "the virtual environment could not be created: install python3-venv".to_owned(),
        &ended.tail,
    ))
}

/// Copies the packages and programs of an environment. Programs name the environment in their first line.
async fn copy_packages(from: &Path, to: &Path) -> Result<(), BuildFailure> {
    let mut command = programs::with("cp", &["PATH"]);
    command.arg("-a").arg(from.join("lib")).arg(to);
    let ended = child::run(&mut command, &|_| {}).await?;
    if !ended.status.success() {
        let reason = format!("the virtual environment could not be copied: {}", ended.tail);
        return Err(BuildFailure::of_program(reason, &ended.tail));
    }
    let (old, new) = (from.to_string_lossy(), to.to_string_lossy());
    for name in disk::names(&from.join("bin")) {
        let (source, target) = (from.join("bin").join(&name), to.join("bin").join(&name));
        if fs::symlink_metadata(&target).is_ok() || !source.is_file() {
            continue;
        }
        fs::copy(&source, &target)?;
        if let Ok(text) = fs::read_to_string(&source)
            && text.starts_with("#!")
        {
            fs::write(&target, text.replace(&*old, &new))?;
        }
    }
    Ok(())
}

fn pip(place: Place<'_>, venv: &Path) -> Command {
    let python = venv.join("bin").join("python");
    let mut command = programs::pip(python, &place.store.folder("pip-cache"));
    command.env("VIRTUAL_ENV", venv).env("PATH", search_path(&[venv.join("bin")]));
    place.confine(command)
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}
