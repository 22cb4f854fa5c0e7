//! Builds: from a commit to an image, an environment version, and a deployment that runs the commit's code.
//! The emulator's builder needs no package index here: the repository gets a small server without packages.

mod approval;
mod cancel;
mod crash;
mod engine;
mod failures;
mod folder;
mod images;
mod log;
mod old_logs;
mod release;
mod rights;
mod secrets;
mod start;
mod transient;
mod warnings;
pub mod workflow;

use crate::releases::releases;
use crate::support::{Browser, DANA, PATIENCE, Page, TestConsole, Wanted};
use domain::job::{Ending, JobId};
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;
use server::store::jobs::Job;
use std::time::Duration;

/// An image that the demo's deployments use.
pub const IMAGE: &str = "ml-azua-litserve-env";
/// The build release of the demo for the production stage.
pub const BUILD_PROD: &str = "/releases/ml-azua/deploy.yml/build-prod/build";

/// The test says why a job does not end, before [`PATIENCE`] is over.
const SOON: Duration = Duration::from_secs(5);

pub const DOCKERFILE: &str = "FROM python:3.12-slim AS base\nWORKDIR /app\nCOPY server.py ./\n\nFROM base AS training\n\
    CMD [\"python\", \"-c\", \"print(1)\"]\n\nFROM base AS litserve\nCMD [\"python\", \"server.py\"]\n";

pub const SERVER: &str = r#"
import http.server, os

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, text):
        self.send_response(200)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        self.answer(b"ready")

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(b"WORDS")

    def log_message(self, *words):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"#;

/// Commits files to `main`, as a push would; returns the commit.
pub async fn push(console: &TestConsole, files: Value) -> String {
    let body = json!({ "branch": "main", "files": files, "message": "Change it" });
    let made = console.ask(Method::POST, "/emulator/github/commit", Some(body)).await;
    // A read at the same time counts as current.
    console.clock.advance(1_000);
    releases(console).await;
    made["sha"].as_str().expect("a commit").to_owned()
}

/// Commits a server that answers with these words.
pub async fn push_server(console: &TestConsole, words: &str) -> String {
    push(console, json!({ "server.py": SERVER.replace("WORDS", words) })).await
}

/// A console whose clock the test moves, with a repository that can be built without packages.
pub async fn started(wanted: Wanted) -> TestConsole {
    let clock = Clock::manual(Clock::system().now());
    let console = TestConsole::with(Wanted { clock, ..wanted }).await;
    console.observed().await;
    let server = SERVER.replace("WORDS", "one");
    push(&console, json!({ "Dockerfile": DOCKERFILE, "server.py": server })).await;
    console
}

/// A console as [`started`], and somebody who may build.
pub async fn with_dana() -> (TestConsole, Browser) {
    let console = started(Wanted::default()).await;
    let dana = console.signed_in_as(DANA).await;
    (console, dana)
}

/// A job that calls the templates' build for the production stage.
pub fn build_job(image: &str) -> String {
    format!(
        "  image:\n    uses: anet/ml-mlops-templates/.github/workflows/build.yml@main\n    with:\n      \
         environment: anet-prod\n      environment_config_file: config-infra-anet-prod.yml\n      \
         ml_env_name: {image}\n      ml_env_description: A test\n      target_layer: litserve\n      \
         tags: \"'team=it' 'why=a test'\"\n      maximise_disk_space: false\n"
    )
}

/// Commits a build release of an image for the production stage; returns the page of its build.
pub async fn with_image(console: &TestConsole, image: &str) -> String {
    let text = format!("on: push\njobs:\n{}", build_job(image));
    push(console, json!({ format!(".github/workflows/{image}.yml"): text })).await;
    format!("/releases/ml-azua/{image}.yml/image/build")
}

/// The commit that the page of a build shows.
pub async fn seen(who: &mut Browser, page: &str) -> String {
    let shown = who.get(page).await.expect(200);
    let commit = shown.attribute("#start input[name=commit]", "value");
    commit.unwrap_or_else(|| panic!("it cannot be built: {}", shown.words()))
}

/// Presses *Build* on the page as it is now.
pub async fn press(who: &mut Browser, page: &str) -> Page {
    let commit = seen(who, page).await;
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let mut fields: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    fields.push(("commit".to_owned(), commit));
    let fields: Vec<_> = fields.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    who.post(path, &fields).await
}

/// The job whose page an answer redirects to.
#[track_caller]
pub fn id_of(page: &Page) -> JobId {
    assert_eq!(page.status, 303, "{}", page.words());
    let path = page.header("location").expect("a page");
    let path = path.split('?').next().unwrap_or_default();
    path.strip_prefix("/jobs/").expect("a job").parse().expect("an id")
}

/// Starts a build.
pub async fn begun(who: &mut Browser, page: &str) -> JobId {
    id_of(&press(who, page).await)
}

pub async fn job(console: &TestConsole, id: &JobId) -> Job {
    console.services.jobs.table.load(id).await.expect("a store").expect("a job")
}

/// Moves both clocks until `probe` finds something.
pub async fn until<T>(
    console: &TestConsole,
    what: &str,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> T {
    let moved = async || {
        console.clock.advance(1_000);
        probe().await
    };
    console.eventually(what, moved).await
}

/// Waits until a job has ended.
pub async fn ended(console: &TestConsole, id: &JobId) -> Ending {
    let ending = async || job(console, id).await.state.ending().cloned();
    let waited =
        tokio::time::timeout(PATIENCE - SOON, until(console, "the job ends", ending)).await;
    match waited {
        Ok(ending) => ending,
        Err(_) => panic!("the job never ends: {:#?}", job(console, id).await.state),
    }
}

/// Builds successfully; returns the number of the registered version.
pub async fn built(console: &TestConsole, who: &mut Browser, page: &str) -> String {
    let id = begun(who, page).await;
    let ending = ended(console, &id).await;
    let view = view(who, &id).await;
    assert_eq!(ending, Ending::Succeeded, "{view:#}");
    view["version"].as_str().expect("a version").to_owned()
}

/// What a job's page shows, as JSON.
pub async fn view(who: &mut Browser, id: &JobId) -> Value {
    let page = who.ask("/api/read-job", &json!({ "id": id }).to_string()).await.expect(200);
    serde_json::from_str(&page.text).expect("JSON")
}

/// Lines of a job's log, with the answer's other fields.
pub async fn window(who: &mut Browser, id: &JobId, first: u64, count: u32) -> Value {
    let asked = json!({ "id": id, "first": first, "count": count }).to_string();
    let page = who.ask("/api/read-job-log", &asked).await.expect(200);
    serde_json::from_str(&page.text).expect("JSON")
}

/// All stored lines of a job's log.
pub async fn lines(console: &TestConsole, id: &JobId) -> Vec<String> {
    console.services.jobs.table.lines(id, 1, 1_000_000).await.expect("a store")
}

/// The workspace of a stage: 0 is the development stage, 1 the production stage.
pub fn workspace(console: &TestConsole, stage: usize) -> String {
    let place = console.services.stages.iter().nth(stage).expect("two stages");
    place.workspace.id()
}

/// The versions of an environment on the production stage.
pub async fn versions(console: &TestConsole, image: &str) -> Vec<Value> {
    versions_on(console, 1, image).await
}

/// The versions of an environment on a stage.
pub async fn versions_on(console: &TestConsole, stage: usize, image: &str) -> Vec<Value> {
    let path = format!(
        "{}/environments/{image}/versions?api-version=2025-12-01&listViewType=All",
        workspace(console, stage)
    );
    let found = console.try_ask(Method::GET, &path).await;
    found.and_then(|found| found["value"].as_array().cloned()).unwrap_or_default()
}

/// The path of the workspace's registry.
async fn registry(console: &TestConsole) -> String {
    let path = format!("{}?api-version=2025-12-01", workspace(console, 1));
    let found = console.ask(Method::GET, &path, None).await;
    found["properties"]["containerRegistry"].as_str().expect("a registry").to_owned()
}

/// The registry's runs.
pub async fn runs(console: &TestConsole) -> Vec<Value> {
    let path = format!("{}/runs?api-version=2019-06-01-preview", registry(console).await);
    console.ask(Method::GET, &path, None).await["value"].as_array().cloned().expect("a list")
}

/// The log of a run of the registry, line by line.
pub async fn registry_log(console: &TestConsole, run: &str) -> Vec<String> {
    let registry = registry(console).await;
    let path = format!("{registry}/runs/{run}/listLogSasUrl?api-version=2019-06-01-preview");
    let link = console.ask(Method::POST, &path, Some(json!({}))).await;
    let answer = console.http.get(link["logLink"].as_str().expect("a link")).send().await;
    let text = answer.expect("an answer").text().await.expect("text");
    text.lines().map(str::to_owned).collect()
}

/// Creates a deployment on a version of an environment, outside the console.
pub async fn deploy(console: &TestConsole, name: &str, image: &str, version: &str) {
    let eedi = console.ask(Method::GET, &console.arm_path("/deployments/anet-eedi"), None).await;
    let mut properties = eedi["properties"].clone();
    properties.as_object_mut().expect("a map").remove("provisioningState");
    properties["environmentId"] =
        json!(format!("{}/environments/{image}/versions/{version}", workspace(console, 1)));
    let body = json!({ "location": eedi["location"], "tags": {},
        "sku": { "name": "Default", "capacity": 1 }, "properties": properties });
    console.ask(Method::PUT, &console.arm_path(&format!("/deployments/{name}")), Some(body)).await;
    console.up(name).await;
}

/// What a deployment answers.
pub async fn answer(console: &TestConsole, name: &str) -> String {
    let keys = console.ask(Method::POST, &console.arm_path("/listKeys"), None).await;
    let endpoint = console.endpoint().await;
    let uri = endpoint["properties"]["scoringUri"].as_str().expect("a URI");
    let key = keys["primaryKey"].as_str().expect("a key");
    let request = console.http.post(uri).bearer_auth(key).header("azureml-model-deployment", name);
    let answer = request.body(domain::scoring::SAMPLE).send().await.expect("an answer");
    answer.text().await.expect("text")
}
