//! How tests with Locust end.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use load::{Ended, LoadFailure, Plan};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::locust::plan;
use crate::server::{Behaviour, Server};
use crate::surroundings::{Surroundings, is_empty, load_test, too_many_errors};

/// Each engine starts a program that would outlive it, and says so.
const WITH_CHILD: &str = r#"
import subprocess
from locust import FastHttpUser, events, task, constant

class Caller(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def score(self):
        self.client.get("/score")

@events.test_start.add_listener
def start(**_):
    child = subprocess.Popen(["sleep", "3600"])
    print("child", child.pid)
"#;

fn is_running(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A process that ended stays in the table as a zombie (Z) until its parent waits for it.
    !status.is_empty() && !status.contains(") Z ")
}

#[tokio::test]
async fn a_cancelled_test_leaves_no_process_and_no_file() {
    let server = Server::start(Behaviour::Plain).await;
    let Some((_folder, mut plan)) = plan(&[("a.py", WITH_CHILD)]).await else { return };
    plan.host = Some(server.url(""));
    plan.duration = None;
    let around = Surroundings::new(1_000);
    let test = load_test(Plan::Locust(plan), 2);
    let (summary, ()) = tokio::join!(around.run(&test), around.cancel_when_running());
    let summary = summary.unwrap();
    assert_eq!(summary.ended, Ended::Cancelled);
    assert!(summary.total.count > 0);
    let log = around.log();
    let children: Vec<_> = log.lines().filter_map(|line| line.split("child ").nth(1)).collect();
    assert!(children.len() >= 2, "{log}");
    for child in children {
        assert!(!is_running(child), "{child} is still running");
    }
    assert!(is_empty(&around.work_dir()));
}

#[tokio::test]
async fn too_many_errors_stop_locust() {
    let server = Server::start(Behaviour::Failing).await;
    let Some((_folder, mut plan)) = plan(&[("a.py", WITH_CHILD)]).await else { return };
    plan.host = Some(server.url(""));
    plan.duration = Some(Duration::from_secs(60));
    let mut test = load_test(Plan::Locust(plan), 1);
    test.auto_stop = Some(too_many_errors(50.0));
    let (around, began) = (Surroundings::new(1_000), Instant::now());
    let summary = around.run(&test).await.unwrap();
    let window = Duration::from_secs(1);
    assert_eq!(summary.ended, Ended::TooManyErrors { percent: 100.0, window });
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn an_engine_that_dies_ends_the_test_with_what_was_counted() {
    let source = r#"
import os, sys
from locust import User, task, constant

class Caller(User):
    wait_time = constant(0.05)
    calls = 0

    @task
    def call(self):
        Caller.calls += 1
        self.environment.events.request.fire(
            request_type="RPC", name="call", response_time=1.5, response_length=10, exception=None, context={})
        if Caller.calls == 40:
            print("giving up", file=sys.stderr)
            sys.stderr.flush()
            os._exit(3)
"#;
    let Some((_folder, mut plan)) = plan(&[("a.py", source)]).await else { return };
    plan.duration = Some(Duration::from_secs(60));
    let around = Surroundings::new(1_000);
    match around.run(&load_test(Plan::Locust(plan), 2)).await {
        Err(LoadFailure::Broken { reason, summary }) => {
            assert!(reason.contains("ended early (exit status: 3)"), "{reason}");
            let tally = &summary.by_name["call"];
            assert!(tally.count >= 10 && tally.latencies.max_us() == 1_500, "{tally:?}");
        }
        other => panic!("{other:?}\n{}", around.log()),
    }
}

#[tokio::test]
async fn locust_ends_when_nobody_listens_any_more() {
    let Some((folder, plan)) = plan(&[("a.py", WITH_CHILD)]).await else { return };
    let python = load::prepare_locust(&plan.environments, &|_| {}).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    // Tests run in the package's folder. A path from the compiler's time would be wrong where a build is reused.
    let ours = std::path::absolute("src/locust/listener.py").unwrap();
    let ours = format!("{},a.py", ours.display());
    let mut command = Command::new(python);
    command.args(["-m", "locust", "-f", &ours, "--headless", "--host", "http://127.0.0.1:1"]);
    command.env("UNDERSTUDY_LOAD_PORT", port).env("UNDERSTUDY_LOAD_TOKEN", "a");
    command.env("UNDERSTUDY_LOAD_ENGINE", "0").current_dir(folder.path());
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).kill_on_drop(true);
    let mut locust = command.spawn().unwrap();
    let group = Pid::from_raw(i32::try_from(locust.id().unwrap()).unwrap()).unwrap();
    // As if the emulator was killed after the first message.
    let accepted = tokio::time::timeout(Duration::from_secs(30), listener.accept()).await;
    let (mut stream, _) = accepted.expect("Locust must connect").unwrap();
    stream.read_u8().await.unwrap();
    drop((stream, listener));
    let ended = tokio::time::timeout(Duration::from_secs(30), locust.wait()).await;
    // The child of the test.
    let _ = kill_process_group(group, Signal::KILL);
    ended.expect("it must end by itself").unwrap();
}

#[tokio::test]
async fn each_engine_has_its_part_of_a_csv_file() {
    let source = r#"
from locust import User, events, task, constant

names = open("names.csv").read().split()

class Caller(User):
    wait_time = constant(0.05)

    @task
    def call(self):
        for name in names:
            self.environment.events.request.fire(
                request_type="RPC", name=name, response_time=1, response_length=0, exception=None, context={})
"#;
    let files = [("a.py", source), ("names.csv", "one\ntwo\nthree\nfour\n")];
    let Some((_folder, mut plan)) = plan(&files).await else { return };
    plan.duration = Some(Duration::from_secs(1));
    plan.split_csvs = true;
    let around = Surroundings::new(1_000);
    around.run(&load_test(Plan::Locust(plan), 2)).await.unwrap();
    let seen: BTreeSet<_> =
        around.samples().await.into_iter().map(|sample| (sample.engine, sample.name)).collect();
    let parts = [(0, "one"), (0, "two"), (1, "three"), (1, "four")];
    assert_eq!(seen, parts.map(|(engine, name)| (engine, name.to_owned())).into());
}

#[tokio::test]
async fn a_locustfile_may_choose_its_exit_code() {
    let source = r#"
from locust import User, events, task, constant

class Caller(User):
    wait_time = constant(0.1)

    @task
    def call(self):
        self.environment.events.request.fire(
            request_type="RPC", name="call", response_time=1, response_length=0, exception=ValueError("no"), context={})

@events.quitting.add_listener
def decide(environment, **_):
    if environment.stats.total.fail_ratio > 0.5:
        environment.process_exit_code = 7
"#;
    let Some((_folder, mut plan)) = plan(&[("a.py", source)]).await else { return };
    plan.duration = Some(Duration::from_secs(1));
    let around = Surroundings::new(1_000);
    let summary = around.run(&load_test(Plan::Locust(plan), 1)).await.unwrap();
    assert_eq!((summary.ended, summary.exit_code), (Ended::Finished, Some(7)));
    let tally = &summary.by_name["call"];
    assert_eq!(tally.failures["ValueError: no"], tally.count);
}
