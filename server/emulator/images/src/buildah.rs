//! Builds with buildah, which needs no daemon: isolation by `chroot`, and storage in plain folders.

use std::ffi::OsString;
use std::path::Path;

use tokio::process::Command;

use crate::build::{BuildFailure, BuildRequest, LogSink};
use crate::child;
use crate::digest::Digest;
use crate::disk::{Scratch, unique};
use crate::launch::Record;
use crate::layout;
use crate::store::ImageStore;

const PROGRAM: &str = "buildah";
/// Variables of this process that buildah needs besides: for credentials of base images.
const PASSED_ON: [&str; 2] = ["HOME", "REGISTRY_AUTH_FILE"];

/// Whether buildah is installed and can make a container as this user.
pub(crate) async fn is_usable() -> bool {
    // As another user, buildah needs user namespaces, which many machines forbid.
    if !rustix::process::geteuid().is_root() {
        return false;
    }
    let Ok(scratch) = Scratch::new(&std::env::temp_dir(), "understudy-buildah-") else {
        return false;
    };
    let mut command = buildah(scratch.path(), scratch.path());
    command.args(["from", "--name", "probe", "scratch"]);
    child::ask(&mut command).await.is_some()
}

/// The words before buildah's subcommand.
fn leading(root: &Path) -> Vec<OsString> {
    let mut words = vec![OsString::from(PROGRAM), "--root".into()];
    words.extend([root.join("root").into_os_string(), "--runroot".into()]);
    words.extend([root.join("run").into_os_string(), "--storage-driver".into(), "vfs".into()]);
    words
}

/// buildah with its storage in `root` and its temporary files in `temp`.
fn buildah(root: &Path, temp: &Path) -> Command {
    let words = leading(root);
    let mut command = programs::downloading(&words[0], &PASSED_ON);
    command.args(&words[1..]).env("TMPDIR", temp);
    command
}

async fn run(command: &mut Command, what: &str, log: LogSink<'_>) -> Result<(), BuildFailure> {
    let ended = child::run(command, log).await?;
    if ended.status.success() {
        return Ok(());
    }
    // buildah's last line says why.
    let last = ended.tail.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    let reason = last.trim_start_matches("Error: ");
    let code = ended.status.code().unwrap_or(-1);
    let reason = format!("buildah {what} failed with exit code {code}: {reason}");
    Err(BuildFailure::of_program(reason, &ended.tail))
}

/// Builds and stores an image.
pub(crate) async fn build(
    store: &ImageStore,
    request: &BuildRequest,
    log: LogSink<'_>,
) -> Result<Digest, BuildFailure> {
    crate::process::check(request)?;
    let root = store.folder("buildah");
    let name = unique("build-");
    let image = format!("localhost/{name}");
    // Removed with the build, even if buildah was killed before it could tidy up.
    let temp = Scratch::new(&store.folder("scratch"), "tmp-")?;
    let buildah = || buildah(&root, temp.path());
    let mut command = buildah();
    command.args(["bud", "--isolation", "chroot", "--layers=false", "--format", "oci"]);
    // Without dates, the same files give the same digest.
    command.args(["--timestamp", "0", "--tag", &image]);
    command.arg("--file").arg(request.context.join(&request.dockerfile));
    if let Some(target) = &request.target {
        command.arg("--target").arg(target);
    }
    for (name, value) in &request.arguments {
        command.arg("--build-arg").arg(format!("{name}={value}"));
    }
    command.arg("--").arg(&request.context);
    run(&mut command, "bud", log).await?;
    let scratch = Scratch::new(&store.folder("scratch"), "layout-")?;
    let layout = scratch.path().join("layout");
    let mut command = buildah();
    let target = format!("oci:{}:image", layout.display());
    command.args(["push", "--quiet", "--format", "oci", &image, &target]);
    run(&mut command, "push", &|_| {}).await?;
    let mut command = buildah();
    command.args(["from", "--name", &name, &image]);
    run(&mut command, "from", &|_| {}).await?;
    let imported = layout::import(store, &layout)?;
    let (digest, is_new) = {
        let record = record(&root, &name, &imported.config);
        store.publish(&request.images, &imported.manifest, &record)?
    };
    if !is_new {
        let mut command = buildah();
        // What stays only takes space.
        let _ = child::ask(command.args(["rm", &name])).await;
        let mut command = buildah();
        let _ = child::ask(command.args(["rmi", &image])).await;
    }
    Ok(digest)
}

fn record(root: &Path, container: &str, config: &crate::oci::Config) -> Record {
    let mut command = leading(root);
    command.extend(["run", "--isolation", "chroot"].map(OsString::from));
    let flags_at = command.len();
    command.extend([container, "--"].map(OsString::from));
    let mut command: Vec<String> =
        command.into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    command.extend(config.command());
    Record {
        command,
        work_dir: root.to_owned(),
        // buildah sets the image's own variables.
        environment: std::collections::BTreeMap::new(),
        port: config.port(),
        flags_at: Some(flags_at),
        path: Vec::new(),
        needs: vec![root.to_owned()],
    }
}

#[cfg(test)]
#[path = "buildah_tests.rs"]
mod tests;
