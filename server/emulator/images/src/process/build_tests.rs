//! Builds of process images, from a Dockerfile to a launch.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::sync::watch;

use super::*;
use crate::builder::Builder as Chosen;

const DOCKERFILE: &str = r#"ARG GREETING=hello
FROM scratch AS base
WORKDIR /app
ENV WHO=world PLACE=/app/data:/elsewhere
COPY data/ data/

FROM base AS serve
ARG GREETING
LABEL greeting="$GREETING $WHO"
COPY --chown=1:1 serve.sh ./
RUN apt-get update && \
    # not here
    apt-get install -y curl
EXPOSE 5001
ENTRYPOINT ["/app/serve.sh"]
CMD ["--data=/app/data", "/score"]

FROM base AS shell
CMD exec /app/serve.sh "/app/data/x.txt"
"#;

struct Stage {
    folder: TempDir,
    store: ImageStore,
    log: Mutex<Vec<u8>>,
}

impl Stage {
    fn new(dockerfile: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = ImageStore::open(&folder.path().join("store")).unwrap();
        let stage = Self { folder, store, log: Mutex::default() };
        stage.put("Dockerfile", dockerfile);
        stage.put("data/x.txt", "x");
        stage.put("serve.sh", "#!/bin/sh\necho serving\n");
        stage
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.folder.path().join("context").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn request(&self, target: &str) -> BuildRequest {
        BuildRequest {
            context: self.folder.path().join("context"),
            dockerfile: "Dockerfile".to_owned(),
            target: Some(target.to_owned()),
            arguments: Vec::new(),
            images: vec!["app:1".to_owned(), "app:latest".to_owned()],
            timeout: Duration::from_secs(300),
        }
    }

    async fn build(&self, request: BuildRequest) -> Result<Digest, BuildFailure> {
        let (_sender, cancel) = watch::channel(false);
        let sink = |bytes: &[u8]| self.log.lock().extend_from_slice(bytes);
        crate::build(&self.store, Chosen::Process, request, &sink, cancel).await
    }

    fn log(&self) -> String {
        String::from_utf8(self.log.lock().clone()).unwrap()
    }
}

#[tokio::test]
async fn a_target_becomes_an_image_and_a_launch() {
    let stage = Stage::new(DOCKERFILE);
    let digest = stage.build(stage.request("serve")).await.unwrap();
    let log = stage.log();
    for line in [
        "Step 1/13 : ARG GREETING=hello\n",
        "Step 2/13 : FROM scratch AS base\n",
        "Step 10/13 : RUN apt-get update &&     apt-get install -y curl\n",
        " ---> Process image: skipped: apt-get update\n",
        "Successfully tagged app:latest\n",
    ] {
        assert!(log.contains(line), "{line} is not in\n{log}");
    }
    let manifest = stage.store.manifest("app", "latest").unwrap();
    assert_eq!(manifest.digest, digest);
    let manifest: oci::Manifest = serde_json::from_slice(&manifest.bytes).unwrap();
    let config = fs::read(stage.store.blob(&manifest.config.digest).unwrap()).unwrap();
    let config: oci::Image = serde_json::from_slice(&config).unwrap();
    assert_eq!(config.config.labels.unwrap()["greeting"], "hello world");
    assert_eq!(config.config.env.unwrap(), ["WHO=world", "PLACE=/app/data:/elsewhere"]);
    assert_eq!(config.config.entrypoint.unwrap(), ["/app/serve.sh"]);
    let layer = fs::File::open(stage.store.blob(&manifest.layers[0].digest).unwrap()).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(layer));
    let paths: Vec<String> = archive
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(paths, ["app", "app/data", "app/data/x.txt", "app/serve.sh"]);

    let launch = stage.store.launch(&digest).unwrap();
    let app = launch.work_dir.to_string_lossy().into_owned();
    let words: Vec<_> = launch.command.iter().map(|word| word.to_string_lossy()).collect();
    assert_eq!(
        words,
        [format!("{app}/serve.sh"), format!("--data={app}/data"), "/score".to_owned()]
    );
    assert_eq!(launch.environment["PLACE"], format!("{app}/data:/elsewhere"));
    assert_eq!(launch.port, Some(5001));
    let shell = stage.build(stage.request("shell")).await.unwrap();
    let launch = stage.store.launch(&shell).unwrap();
    let app = launch.work_dir.to_string_lossy().into_owned();
    assert_eq!(launch.command[2], *format!("exec /app/serve.sh \"{app}/data/x.txt\""));
}

#[tokio::test]
async fn the_same_files_give_the_same_digest() {
    let (one, two) = (Stage::new(DOCKERFILE), Stage::new(DOCKERFILE));
    let first = one.build(one.request("serve")).await.unwrap();
    assert_eq!(first, two.build(two.request("serve")).await.unwrap());
    let launch = one.store.launch(&first);
    assert_eq!(first, one.build(one.request("serve")).await.unwrap());
    assert_eq!(one.store.launch(&first), launch, "the image is started as before");
    two.put("data/x.txt", "y");
    assert_ne!(first, two.build(two.request("serve")).await.unwrap());
    let mut other = one.request("serve");
    other.arguments.push(("GREETING".to_owned(), "good day".to_owned()));
    assert_ne!(first, one.build(other).await.unwrap());
}

#[tokio::test]
async fn failures_are_named_and_tag_nothing() {
    for (dockerfile, target, reason) in [
        (DOCKERFILE, "none", "failed to reach build target none in Dockerfile"),
        (
            "FROM scratch AS a\nCOPY ../x /x\n",
            "a",
            "forbidden path outside the build context: ../x",
        ),
        ("FROM scratch AS a\nCOPY missing /x\n", "a", "excluded by .dockerignore: stat missing"),
        ("FROM scratch AS a\nCOPY --from=other:1 /x /x\n", "a", "COPY --from=other:1"),
        ("FROM scratch AS a\nADD https://x/y /x\n", "a", "does not support ADD of a URL"),
        ("FROM scratch AS a\nNONSENSE\n", "a", "dockerfile parse error on line 2"),
        ("FROM scratch AS a\nRUN pip install x | tee log\n", "a", "together with |"),
    ] {
        let stage = Stage::new(dockerfile);
        let failure = stage.build(stage.request(target)).await.unwrap_err().to_string();
        assert!(failure.contains(reason), "{failure}");
        assert!(stage.log().ends_with(&format!("{failure}\n")), "{}", stage.log());
        assert!(stage.store.repositories().is_empty());
        let left = crate::disk::names(&stage.store.folder("trees"));
        assert!(left.is_empty(), "{left:?}");
    }
    let stage = Stage::new(DOCKERFILE);
    for name in ["../Dockerfile", "/etc/passwd", "none"] {
        let mut request = stage.request("serve");
        name.clone_into(&mut request.dockerfile);
        let failure = stage.build(request).await.unwrap_err().to_string();
        assert_eq!(failure, format!("Cannot locate specified Dockerfile: {name}"));
    }
}

#[tokio::test]
async fn a_conflict_of_pip_is_in_the_log_and_a_good_environment_is_shared() {
    let stage = Stage::new(
        "FROM scratch AS a\nWORKDIR /app\nCOPY two/ ./\nRUN pip install --no-index ./one ./two\n",
    );
    stage.put("two/two/pyproject.toml", &project("two", "\"one==2\""));
    stage.put("two/one/pyproject.toml", &project("one", ""));
    for name in ["one", "two"] {
        let needs = if name == "two" { "Requires-Dist: one==2\\n" } else { "" };
        stage.put(
            &format!("two/{name}/b.py"),
            &BACKEND.replace("NAME", name).replace("NEEDS", needs),
        );
    }
    let failure = stage.build(stage.request("a")).await.unwrap_err().to_string();
    assert!(failure.contains("returned a non-zero code: 1"), "{failure}\n{}", stage.log());
    assert!(stage.log().contains("ResolutionImpossible"), "{}", stage.log());
    let left = crate::disk::names(&stage.store.folder("venvs"));
    assert!(left.len() == 2, "only the environment with pip and its name: {left:?}");

    stage.put("Dockerfile", "FROM scratch AS a\nCOPY two/ ./\nRUN pip install --no-index ./one\nCMD [\"python\", \"-c\", \"import one\"]\n");
    let digest = stage.build(stage.request("a")).await.unwrap();
    stage.put("data/x.txt", "y");
    stage.build(stage.request("a")).await.unwrap();
    assert!(stage.log().contains(" ---> Using cache"), "{}", stage.log());
    let launch = stage.store.launch(&digest).unwrap();
    let mut command = tokio::process::Command::new(&launch.command[0]);
    command.args(&launch.command[1..]).envs(&launch.environment).current_dir(&launch.work_dir);
    assert!(command.status().await.unwrap().success(), "the package is in the environment");
}

fn project(name: &str, needs: &str) -> String {
    format!(
        "[build-system]\nrequires = []\nbuild-backend = \"b\"\nbackend-path = [\".\"]\n\
         [project]\nname = \"{name}\"\nversion = \"1\"\ndependencies = [{needs}]\n"
    )
}

/// The smallest build backend, so that the test needs no index.
const BACKEND: &str = r#"import os, zipfile
def build_wheel(folder, config=None, metadata=None):
    name = "NAME-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("NAME.py", "")
        wheel.writestr("NAME-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: NAME\nVersion: 1\nNEEDS")
        wheel.writestr("NAME-1.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: b\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("NAME-1.dist-info/RECORD", "")
    return name
"#;

/// A build backend that never ends. It leaves a temporary folder behind.
const SLOW: &str = "import os, tempfile, time
def say(name, text):
    open(os.path.join(os.environ['HOME'], name), 'w').write(text)
say('temp', tempfile.mkdtemp())
say('pid', str(os.getpid()))
time.sleep(600)
";

#[tokio::test]
async fn only_an_image_with_packages_has_pip() {
    let stage = Stage::new(
        "FROM python:3 AS none\nCMD [\"python\", \"-c\", \"import json\"]\n\
         FROM none AS some\nCOPY one/ ./\nRUN pip install --no-index ./\n",
    );
    stage.put("one/pyproject.toml", &project("one", ""));
    stage.put("one/b.py", &BACKEND.replace("NAME", "one").replace("NEEDS", ""));
    for (target, has_pip) in [("none", false), ("some", true)] {
        let digest = stage.build(stage.request(target)).await.unwrap();
        let launch = stage.store.launch(&digest).unwrap();
        let python = |arguments: &[&str]| {
            let mut command = tokio::process::Command::new(&launch.command[0]);
            command.args(arguments).envs(&launch.environment).output()
        };
        let version = python(&["-m", "pip", "--version"]).await.unwrap();
        assert_eq!(version.status.success(), has_pip, "{target}: {version:?}");
        let runs = python(&["-c", "import json"]).await.unwrap();
        assert!(runs.status.success(), "{target}: {runs:?}");
    }
}

#[tokio::test]
async fn a_build_can_be_cancelled_and_has_a_time_limit() {
    let stage = Stage::new("FROM scratch AS a\nCOPY slow/ ./\nRUN pip install --no-index ./\n");
    stage.put(
        "slow/pyproject.toml",
        "[build-system]\nrequires = []\nbuild-backend = \"b\"\nbackend-path = [\".\"]\n",
    );
    stage.put("slow/b.py", SLOW);
    let scratch = stage.store.folder("scratch");
    let (pid, temp) = (scratch.join("pid"), scratch.join("temp"));
    let (cancel, cancelled) = watch::channel(false);
    let running = async {
        while fs::read_to_string(&pid).unwrap_or_default().is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.send_replace(true);
    };
    let build = crate::build(&stage.store, Chosen::Process, stage.request("a"), &|_| {}, cancelled);
    let (result, ()) = tokio::join!(build, running);
    assert_eq!(result, Err(BuildFailure::Cancelled));
    let gone = format!("/proc/{}", fs::read_to_string(pid).unwrap());
    let ended = async {
        while fs::read_to_string(format!("{gone}/cmdline")).is_ok_and(|line| !line.is_empty()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("it was killed");
    let temp = PathBuf::from(fs::read_to_string(temp).unwrap());
    assert!(temp.starts_with(&scratch) && !temp.exists(), "{} is left", temp.display());
    let mut hasty = stage.request("a");
    hasty.timeout = Duration::from_millis(1);
    assert_eq!(stage.build(hasty).await, Err(BuildFailure::TimedOut(Duration::from_millis(1))));
}
