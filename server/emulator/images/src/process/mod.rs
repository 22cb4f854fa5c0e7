//! The process builder, see the crate's documentation.

mod copy;
mod ignore;
mod image;
mod pip;
mod plan;
mod steps;
mod tree;
mod venv;
mod words;

use std::collections::BTreeMap;
use std::path::{Component, Path};

use crate::build::{BuildFailure, BuildRequest, LogSink};
use crate::digest::Digest;
use crate::disk::Scratch;
use crate::layer;
use crate::oci;
use crate::store::ImageStore;
use copy::Source;
use ignore::Ignore;
use image::State;
use plan::{Plan, start};
use steps::Builder;
use tree::Tree;
use venv::Place;

/// The longest Dockerfile, in bytes.
const DOCKERFILE_BYTES_MAX: u64 = 1 << 20;

/// Builds and stores a process image.
pub(crate) async fn build(
    store: &ImageStore,
    request: &BuildRequest,
    log: LogSink<'_>,
) -> Result<Digest, BuildFailure> {
    let context = request.context.canonicalize()?;
    let text = read(&context, &request.dockerfile)?;
    let dockerfile = parse_dockerfile::parse(&text).map_err(|error| {
        BuildFailure::because(format!("dockerfile parse error on line {}: {error}", error.line()))
    })?;
    let plan = Plan::new(&text, &dockerfile, &request.arguments);
    let target = plan.target(request.target.as_deref())?;
    let needed = plan.needed(target)?;
    let context = Source::new(&context, Ignore::read(&context, &request.dockerfile)?)?;
    let temp = Scratch::new(&store.folder("scratch"), "tmp-")?;
    let place = Place { store, temp: temp.path() };
    let mut builder =
        Builder { place, request, plan: &plan, context: &context, log, finished: BTreeMap::new() };
    let globals: Vec<_> = dockerfile.global_args().map(|arg| arg.arg.span.start).collect();
    let steps = needed.iter().map(|stage| plan.steps(*stage)).sum::<usize>() + globals.len();
    let mut step = 0;
    let mut announce = |start: usize| {
        step += 1;
        let shown = plan.shown(start);
        log(format!("Step {step}/{steps} : {shown}\n").as_bytes());
        shown
    };
    for global in globals {
        announce(global);
    }
    // The trees of other stages are removed at the end.
    let mut scratches = Vec::new();
    for number in needed {
        let scratch = Scratch::new(&store.folder("trees"), "t")?;
        let mut state = State::new(Tree::new(scratch.path())?);
        scratches.push(scratch);
        for member in plan.chain(number) {
            let stage = &plan.stages()[member];
            let shown = announce(stage.from.from.span.start);
            if state.history.is_empty() {
                builder.base(&plan.base(stage.from), &mut state).await?;
            }
            // Arguments end with their stage.
            state.arguments.clear();
            state.history.push((shown, false));
            for instruction in stage.instructions {
                let shown = announce(start(instruction));
                let is_copy = builder.step(member, instruction, &mut state).await?;
                state.history.push((shown, is_copy));
            }
        }
        builder.finished.insert(number, state);
    }
    let (Some(state), Some(scratch)) = (builder.finished.remove(&target), scratches.pop()) else {
        return Err(BuildFailure::because("the target has no stage"));
    };
    finish(place, request, state, scratch, log).await
}

/// Reports a missing Dockerfile or target in the same words for all builders.
pub(crate) fn check(request: &BuildRequest) -> Result<(), BuildFailure> {
    let text = read(&request.context.canonicalize()?, &request.dockerfile)?;
    // Another builder may understand what our parser does not.
    let Ok(dockerfile) = parse_dockerfile::parse(&text) else { return Ok(()) };
    Plan::new(&text, &dockerfile, &request.arguments).target(request.target.as_deref())?;
    Ok(())
}

/// Stores the image of a finished stage.
async fn finish(
    place: Place<'_>,
    request: &BuildRequest,
    mut state: State,
    scratch: Scratch,
    log: LogSink<'_>,
) -> Result<Digest, BuildFailure> {
    if let (None, Some(python), true) = (&state.venv, &state.python, state.starts_python()) {
        // So that `python` is the one that the base image would have.
        state.venv = Some(venv::empty(place, python).await?);
    }
    let store = place.store;
    state.tree.make_dir("/root")?;
    let work = Scratch::new(&store.folder("scratch"), "layer-")?;
    let file = work.path().join("layer.tar.gz");
    let (root, paths) = (state.tree.root().to_owned(), state.copied.clone());
    let target = file.clone();
    let written = tokio::task::spawn_blocking(move || layer::write(&root, &paths, &target)).await;
    let layer = written.map_err(std::io::Error::other)??;
    store.adopt_blob(&file, &layer.digest)?;
    let config = state.config(&layer);
    let port = config.config.port();
    let config = serde_json::to_vec(&config).map_err(std::io::Error::from)?;
    let size = config.len() as u64;
    let config = store.put_blob(&config)?;
    let manifest = oci::manifest((config, size), (layer.digest, layer.size));
    let manifest = serde_json::to_vec(&manifest).map_err(std::io::Error::from)?;
    let (digest, is_new) = store.publish(&request.images, &manifest, &state.record(port))?;
    if is_new {
        scratch.keep();
    } else {
        log(b" ---> The image exists already\n");
    }
    Ok(digest)
}

/// Reads the Dockerfile, which must be in the context.
fn read(context: &Path, name: &str) -> Result<String, BuildFailure> {
    let missing = || BuildFailure::because(format!("Cannot locate specified Dockerfile: {name}"));
    let is_plain = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let path = context.join(name).canonicalize().map_err(|_| missing())?;
    if !is_plain || !path.starts_with(context) || !path.is_file() {
        return Err(missing());
    }
    if path.metadata()?.len() > DOCKERFILE_BYTES_MAX {
        return Err(BuildFailure::because(format!("{name} is longer than 1 MiB")));
    }
    let bytes = std::fs::read(&path)?;
    String::from_utf8(bytes).map_err(|_| BuildFailure::because(format!("{name} is not UTF-8")))
}

/// A shell line without the comments that Docker removes between continued lines.
fn joined(text: &str) -> String {
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let rest = lines.filter(|line| !is_comment(line));
    [first].into_iter().chain(rest).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
