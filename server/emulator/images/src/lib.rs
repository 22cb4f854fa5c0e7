//! Builds container images, stores them, and says how to start them.
//!
//! [`ImageStore`] keeps manifests and blobs by digest and tags by repository, as a registry does. [`build`] builds a
//! Dockerfile's target with buildah, with docker, or as a *process image* where neither is installed.
//!
//! # The process image
//!
//! The process builder needs no container runtime. It copies the files of the target's stages into a folder (the
//! *tree*), installs Python packages into a virtual environment, and starts the command of the image as a plain
//! process. The result is a valid OCI image: one layer with the copied files, and a configuration.
//!
//! What it does not do:
//!
//! * **No isolation.** The image's code, and the code that packages run while they are installed, have the rights of
//!   the emulator. Build only what you would run.
//! * **No base image.** `FROM python:3.12-slim` only says which Python to use: `python3.12` if this machine has it,
//!   otherwise `python3`. Nothing is pulled, and the layer contains no base files and no packages.
//! * **`RUN`** carries out only `pip install` (also as `python -m pip`). Every other command is skipped, and the log
//!   says so. A `pip install` with pipes, redirections or `$(…)` fails the build. `--target`, `--prefix`, `--root` and
//!   `--python` are refused; `--mount` and other flags of `RUN` have no effect. An image that installs nothing has no
//!   pip.
//! * **`COPY` and `ADD`** copy files of the context or of another stage. They do not download, unpack archives, copy
//!   from other images, or write here-documents. `--chown`, `--chmod` and `--link` have no effect. Links that are
//!   absolute or leave the context are refused.
//! * **Absolute paths** are those of the tree: `WORKDIR`, arguments of the command and values of `ENV` are rewritten
//!   where they name something in the tree. A path that the program itself contains is not.
//! * **All instances of an image share its tree.** What one writes there, the others see.
//! * **`USER`, `VOLUME`, `HEALTHCHECK`, `STOPSIGNAL`, `SHELL` and `ONBUILD`** have no effect on the process.
//! * **The process listens on the port in `PORT`**, because instances share the machine's ports. `EXPOSE` is recorded.

mod build;
mod buildah;
mod builder;
mod child;
mod digest;
mod disk;
mod docker;
mod launch;
mod layer;
mod layout;
mod names;
mod oci;
mod process;
mod push;
mod store;

pub use build::{BuildFailure, BuildRequest, Cancel, LogSink, build};
pub use builder::{Builder, BuilderChoice, BuilderChoiceError};
pub use digest::{Digest, DigestError};
pub use launch::Launch;
pub use names::{is_repository, is_tag};
pub use store::{ImageStore, StoredManifest};
