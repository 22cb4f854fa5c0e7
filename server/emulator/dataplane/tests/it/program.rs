//! Instances that run a program of their own, here a small Python server.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use dataplane::{Container, DeploymentSpec, InstanceState, Probe, Program, Routes, StartFailure};
use http::StatusCode;
use serde_json::json;

use crate::stage::{ENDPOINT, Stage, eventually, request, signal, spec};

/// Answers on its own routes, tells its variables, and has a child process.
const SERVER: &str = r#"
import http.server, json, os, subprocess, sys, tempfile
child = subprocess.Popen(["sleep", "600"])
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-model-commit", "abc")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def do_GET(self):
        self.answer(200 if self.path in ("/live", "/up") else 404, {})
    def do_POST(self):
        length = int(self.headers["content-length"])
        names = ["GREETING", "WHO", "AZUREML_MODEL_DIR"]
        self.answer(200, {"path": self.path, "child": child.pid, "asked": json.loads(self.rfile.read(length)),
            "variables": {name: os.environ.get(name) for name in names}, "folder": os.getcwd(),
            "argument": sys.argv[1], "temp": tempfile.mkdtemp()})
    def log_message(self, *words):
        print("served", self.path, flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"#;

fn python(script: &str) -> Program {
    let words = ["python3", "-c", script, "an argument"];
    let variables = [("GREETING", "hello"), ("WHO", "the image")];
    Program {
        command: words.map(OsString::from).to_vec(),
        work_dir: PathBuf::from("/"),
        environment: variables.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        flags_at: None,
        routes: Routes {
            liveness: "/live".to_owned(),
            readiness: "/up".to_owned(),
            scoring: "/predict?deep=1".to_owned(),
        },
    }
}

fn running(program: Program) -> DeploymentSpec {
    DeploymentSpec { program: Some(program), ..spec("blue") }
}

/// Whether a process runs; one that only waits for its parent's attention does not.
fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[tokio::test]
async fn a_program_is_started_probed_scored_and_killed_with_its_children() {
    let stage = Stage::new();
    let model = tempfile::tempdir().unwrap();
    std::fs::write(model.path().join("model.json"), "{}").unwrap();
    let own = BTreeMap::from([("WHO".to_owned(), "the deployment".to_owned())]);
    let spec = DeploymentSpec {
        model: Some(model.path().join("model.json")),
        environment_variables: own,
        ..running(python(SERVER))
    };
    stage.plane.start_deployment(ENDPOINT, spec).await.unwrap();
    stage.route(&[("blue", 100)], None);
    let answer = stage.ask(request(r#"{"a":1}"#).body()).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    assert_eq!(answer.header("x-model-commit"), "abc");
    let answer = answer.json();
    assert_eq!((&answer["path"], &answer["asked"]), (&json!("/predict?deep=1"), &json!({"a": 1})));
    assert_eq!(
        answer["variables"],
        json!({ "GREETING": "hello", "WHO": "the deployment", "AZUREML_MODEL_DIR": model.path() })
    );
    assert_eq!((&answer["folder"], &answer["argument"]), (&json!("/"), &json!("an argument")));
    let log = || stage.plane.log(ENDPOINT, "blue", Container::InferenceServer, 1000).unwrap();
    assert!(log().contains("Starting python3 at 127.0.0.1:"), "{}", log());
    eventually("its output is logged", || log().contains("served /predict?deep=1")).await;

    let child = u32::try_from(answer["child"].as_u64().unwrap()).unwrap();
    let program = stage.pid("blue");
    let temp = PathBuf::from(answer["temp"].as_str().unwrap());
    assert!(is_alive(program) && is_alive(child) && temp.is_dir());
    stage.plane.stop_deployment(ENDPOINT, "blue").await;
    assert!(!temp.exists(), "{} is left", temp.display());
    eventually("program and child have ended", || !is_alive(program) && !is_alive(child)).await;
}

#[tokio::test]
async fn a_program_that_dies_is_restarted_with_another_port() {
    let stage = Stage::new();
    stage.plane.start_deployment(ENDPOINT, running(python(SERVER))).await.unwrap();
    stage.route(&[("blue", 100)], None);
    let first = stage.pid("blue");
    signal("-KILL", first);
    let is_back = || {
        let instances = stage.plane.instances(ENDPOINT, "blue");
        instances[0].restarts == 1 && instances[0].pid.is_some_and(|pid| pid != first)
    };
    eventually("it runs again", is_back).await;
    let log = || stage.plane.log(ENDPOINT, "blue", Container::InferenceServer, 1000).unwrap();
    eventually("it is ready again", || log().matches("is ready at").count() == 2).await;
    assert_eq!(stage.ask(request("{}").body()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_program_that_listens_nowhere_fails_its_liveness_probe() {
    let stage = Stage::new();
    let script = "import time; print('loading', flush=True); time.sleep(600)";
    let liveness = Probe {
        initial_delay: Duration::from_millis(500),
        period: Duration::from_millis(250),
        failure_threshold: 2,
        ..Probe::default()
    };
    let spec = DeploymentSpec { liveness, ..running(python(script)) };
    let failure = stage.plane.start_deployment(ENDPOINT, spec).await.unwrap_err();
    let StartFailure::LivenessProbe { failures: 2, log_tail, .. } = &failure else {
        panic!("{failure}")
    };
    assert!(log_tail.contains("loading"), "{log_tail}");
}

#[tokio::test]
async fn a_program_that_ends_at_once_is_a_crash_loop_with_its_last_words() {
    let stage = Stage::new();
    let script = "import sys; print('no model', file=sys.stderr); sys.exit(3)";
    let failure =
        stage.plane.start_deployment(ENDPOINT, running(python(script))).await.unwrap_err();
    let StartFailure::CrashLoop { log_tail, .. } = &failure else { panic!("{failure}") };
    assert!(log_tail.contains("no model"), "{log_tail}");
    assert!(log_tail.contains("exit status: 3"), "{log_tail}");
}

#[tokio::test]
async fn a_fault_by_name_is_played_instead_of_the_program() {
    let stage = Stage::new();
    let spec = DeploymentSpec { program: Some(python(SERVER)), ..spec("fail-crash") };
    let failure = stage.plane.start_deployment(ENDPOINT, spec).await.unwrap_err();
    assert!(failure.log_tail().unwrap().contains("Exception in init()"), "{failure}");
}

#[tokio::test]
async fn a_program_does_not_outlive_a_data_plane_that_was_killed() {
    use std::os::unix::process::CommandExt;

    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dataplane-instance"));
    command.args(["--name", "blue", "--listen", "127.0.0.1:1", "--", "sh", "-c"]);
    // It ignores the polite signal.
    command.arg("trap '' TERM; sleep 600 & echo $$ $! >&2; wait; wait");
    command.process_group(0).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut supervisor = command.spawn().unwrap();
    let mut output = supervisor.stderr.take().unwrap();
    let mut said = String::new();
    while said.lines().count() < 2 {
        let mut bytes = [0; 256];
        let length = output.read(&mut bytes).unwrap();
        assert_ne!(length, 0, "{said}");
        said.push_str(&String::from_utf8_lossy(&bytes[..length]));
    }
    let pids = said.lines().nth(1).unwrap().split(' ').map(|pid| pid.parse().unwrap());
    let pids: Vec<u32> = pids.collect();
    assert!(pids.iter().all(|pid| is_alive(*pid)));
    // What the system does when the data plane is killed.
    drop(supervisor.stdin.take());
    tokio::task::spawn_blocking(move || supervisor.wait().unwrap()).await.unwrap();
    eventually("both have ended", || pids.iter().all(|pid| !is_alive(*pid))).await;
}

#[tokio::test]
async fn a_deployment_serves_when_all_its_instances_are_ready() {
    let stage = Stage::new();
    let folder = tempfile::tempdir().unwrap();
    // Only one instance can make the folder; the other one waits for a file.
    let script = SERVER
        .replace(
            "class Handler",
            "try: os.mkdir(sys.argv[1] + '/first'); is_first = True\n\
             except FileExistsError: is_first = False\nclass Handler",
        )
        .replace(
            "200 if self.path in",
            "503 if self.path == '/up' and not is_first and not os.path.exists(sys.argv[1] + '/go') else 200 if self.path in",
        );
    let mut program = python(&script);
    *program.command.last_mut().unwrap() = folder.path().into();
    let mut start = Box::pin(
        stage.plane.start_deployment(ENDPOINT, DeploymentSpec { instances: 2, ..running(program) }),
    );
    stage.route(&[("blue", 100)], None);
    let states = || stage.plane.instances(ENDPOINT, "blue").into_iter().map(|one| one.state);
    tokio::select! {
        _ = &mut start => panic!("one instance is not ready"),
        () = eventually("one instance is ready", || states().any(|one| one == InstanceState::Ready)) => {}
    }
    assert!(!stage.plane.serves(ENDPOINT, "blue"));
    let ask = || stage.ask(request("{}").body());
    assert_eq!(ask().await.status, StatusCode::SERVICE_UNAVAILABLE);
    std::fs::write(folder.path().join("go"), "").unwrap();
    start.await.unwrap();
    assert!(stage.plane.serves(ENDPOINT, "blue") && stage.plane.serves(ENDPOINT, "BLUE"));
    assert_eq!(ask().await.status, StatusCode::OK);
    stage.plane.stop_deployment(ENDPOINT, "blue").await;
    assert!(!stage.plane.serves(ENDPOINT, "blue"));
}
