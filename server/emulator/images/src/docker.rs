//! Builds with docker, if its daemon answers. Not tested: no machine of this project has a daemon. Reading the result
//! needs Docker 25 or later, whose `docker save` writes an OCI image layout.

use tokio::process::Command;

use crate::build::{BuildFailure, BuildRequest, LogSink};
use crate::child;
use crate::digest::Digest;
use crate::disk::{Scratch, unique};
use crate::launch::Record;
use crate::layout;
use crate::store::ImageStore;

const PASSED_ON: [&str; 4] = ["PATH", "HOME", "DOCKER_HOST", "DOCKER_CONFIG"];

fn docker() -> Command {
    programs::with("docker", &PASSED_ON)
}

/// Whether the daemon answers.
pub(crate) async fn is_usable() -> bool {
    child::ask(docker().args(["version", "--format", "{{.Server.Version}}"])).await.is_some()
}

async fn run(command: &mut Command, what: &str, log: LogSink<'_>) -> Result<(), BuildFailure> {
    let ended = child::run(command, log).await?;
    if ended.status.success() {
        return Ok(());
    }
    let code = ended.status.code().unwrap_or(-1);
    let reason = format!("{what} failed with exit code {code}");
    Err(BuildFailure::of_program(reason, &ended.tail))
}

/// Builds and stores an image.
pub(crate) async fn build(
    store: &ImageStore,
    request: &BuildRequest,
    log: LogSink<'_>,
) -> Result<Digest, BuildFailure> {
    crate::process::check(request)?;
    let image = format!("understudy/{}", unique("build-"));
    let mut command = docker();
    command.args(["build", "--progress", "plain", "--tag", &image]);
    command.arg("--file").arg(request.context.join(&request.dockerfile));
    if let Some(target) = &request.target {
        command.arg("--target").arg(target);
    }
    for (name, value) in &request.arguments {
        command.arg("--build-arg").arg(format!("{name}={value}"));
    }
    command.arg("--").arg(&request.context);
    run(&mut command, "docker build", log).await?;
    let scratch = Scratch::new(&store.folder("scratch"), "layout-")?;
    let archive = scratch.path().join("image.tar");
    run(docker().arg("save").arg("--output").arg(&archive).arg(&image), "docker save", log).await?;
    let layout = scratch.path().join("layout");
    let target = layout.clone();
    let unpacked = tokio::task::spawn_blocking(move || {
        tar::Archive::new(std::fs::File::open(archive)?).unpack(target)
    });
    unpacked.await.map_err(std::io::Error::other)??;
    let imported = layout::import(store, &layout)?;
    let mut command: Vec<String> =
        ["docker", "run", "--rm", "--init", "--network", "host"].map(str::to_owned).to_vec();
    let flags_at = command.len();
    // The command is part of the image.
    command.push(image);
    let record = Record {
        command,
        work_dir: store.folder(""),
        environment: std::collections::BTreeMap::new(),
        port: imported.config.port(),
        flags_at: Some(flags_at),
        path: Vec::new(),
        needs: Vec::new(),
    };
    let (digest, _) = store.publish(&request.images, &imported.manifest, &record)?;
    Ok(digest)
}
