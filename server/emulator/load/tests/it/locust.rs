//! Locust plans, with the real Locust. They are skipped only if PyPI cannot be reached.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use load::{Ended, LoadFailure, LocustPlan, Plan};
use tempfile::TempDir;
use tokio::sync::{OnceCell, watch};

use crate::server::{Behaviour, Server};
use crate::surroundings::{SECRET, Surroundings, is_empty, load_test, mask};

/// Virtual environments, which last as long as the machine's build folder, or where this variable says.
const CACHE: &str = "UNDERSTUDY_LOCUST_CACHE";

#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub async fn environments() -> Option<PathBuf> {
    static READY: OnceCell<Option<PathBuf>> = OnceCell::const_new();
    let prepare = || async {
        let cache = std::env::var_os(CACHE).map(PathBuf::from);
        let cache =
            cache.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("locust"));
        match load::prepare_locust(&cache, &|_| {}).await {
            Ok(_) => Some(cache),
            Err(failure) if failure.to_string().contains("PyPI cannot be reached") => {
                eprintln!("skipped: {failure}");
                None
            }
            Err(failure) => panic!("{failure}"),
        }
    };
    READY.get_or_init(prepare).await.clone()
}

/// A plan with these files, the first of which is the locustfile.
pub async fn plan(files: &[(&str, &str)]) -> Option<(TempDir, LocustPlan)> {
    let environments = environments().await?;
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let plan = LocustPlan {
        folder: folder.path().to_owned(),
        main: files[0].0.to_owned(),
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        users: Some(4),
        spawn_rate: Some(100.0),
        duration: Some(Duration::from_secs(3)),
        split_csvs: false,
        host: None,
        environments,
    };
    Some((folder, plan))
}

/// Checks a plan whose script is wrong, and returns the explanation.
async fn explained(files: &[(&str, &str)]) -> Option<String> {
    let (_folder, plan) = plan(files).await?;
    let around = Surroundings::new(1);
    let (_cancel, cancelled) = watch::channel(false);
    let checked = load::check_locust(&plan, &around.work_dir(), &|_| {}, mask(), cancelled).await;
    assert!(is_empty(&around.work_dir()));
    match checked {
        Err(failure @ LoadFailure::Script { .. }) => Some(failure.to_string()),
        other => panic!("{other:?}"),
    }
}

const TWO_NAMES: &str = r#"
import os
from locust import FastHttpUser, task, constant_throughput

print("the key is", os.environ["API_KEY"], os.environ["STAGE"])

class Caller(FastHttpUser):
    wait_time = constant_throughput(10)

    @task
    def score(self):
        self.client.post("/score", json={}, headers={"authorization": "Bearer " + os.environ["API_KEY"]})

    @task
    def bad(self):
        self.client.get("/bad?key=" + os.environ["API_KEY"])
"#;

#[tokio::test]
async fn a_plan_with_two_engines_reports_what_locust_counts() {
    let server = Server::start(Behaviour::Plain).await;
    let Some((_folder, mut plan)) = plan(&[("locustfile.py", TWO_NAMES)]).await else { return };
    plan.host = Some(server.url(""));
    plan.environment = [("STAGE", "dev"), ("LOCUST_PROCESSES", "7"), ("LOCUST_CSV", "x")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    plan.secrets = [("API_KEY".to_owned(), SECRET.to_owned())].into();
    let around = Surroundings::new(1_000);
    let summary = around.run(&load_test(Plan::Locust(plan), 2)).await.unwrap();
    let log = around.log();

    // Requests in flight at the end reach the server without being counted.
    let (counted, served) = (summary.total.count, server.requests());
    assert!(
        counted <= served && served - counted <= 4 && counted > 10,
        "{counted} of {served}\n{log}"
    );
    let names: Vec<_> = summary.by_name.keys().map(String::as_str).collect();
    assert_eq!(names, ["/bad?key=***", "/score"]);
    let bad = &summary.by_name["/bad?key=***"];
    assert_eq!((bad.failures["HTTP 503"], bad.count), (bad.count, bad.failed()));
    assert_eq!(summary.by_name["/score"].failed(), 0);
    assert_eq!((summary.ended, summary.users_max, summary.exit_code), (Ended::Finished, 4, None));

    let samples = around.samples().await;
    assert_eq!(samples.iter().map(|sample| sample.tally.count).sum::<u64>(), counted);
    for engine in [0, 1] {
        let of_engine =
            samples.iter().filter(|sample| sample.engine == engine && sample.users == 2);
        assert!(of_engine.count() >= 1, "engine {engine}: {samples:?}");
    }
    let rows: u64 = summary.results.iter().map(|file| file.rows).sum();
    assert_eq!(rows, counted);
    assert!(log.contains("the key is *** dev") && !log.contains(SECRET), "{log}");
    for file in &summary.results {
        let text = std::fs::read_to_string(&file.path).unwrap();
        assert!(!text.contains(SECRET) && text.contains(",503,Service Unavailable,"), "{text}");
    }
    assert!(is_empty(&around.work_dir()));
}

#[tokio::test]
async fn a_locustfile_that_does_not_parse_is_explained() {
    let source = "from locust import HttpUser\n\nclass A(HttpUser:\n    pass\n";
    let Some(text) = explained(&[("a.py", source)]).await else { return };
    assert!(text.starts_with("a.py, line 3: SyntaxError"), "{text}");
    assert!(text.contains("The line is `class A(HttpUser:`"), "{text}");
}

#[tokio::test]
async fn an_import_of_what_is_not_there_is_explained() {
    let files =
        [("a.py", "import locust\nimport own\n"), ("own.py", "\n\nimport not_there_at_all\n")];
    let Some(text) = explained(&files).await else { return };
    assert!(text.starts_with("own.py, line 3: ModuleNotFoundError"), "{text}");
    assert!(
        text.contains("`import not_there_at_all`. Add the package of not_there_at_all"),
        "{text}"
    );
}

#[tokio::test]
async fn a_locustfile_without_users_is_explained() {
    let Some(text) = explained(&[("a.py", "import locust\n")]).await else { return };
    assert!(text.contains("it has no User class"), "{text}");
}

#[tokio::test]
async fn requirements_are_installed_on_top() {
    let source = "import six, locust\nassert six.__version__ == '1.16.0'\n\nclass A(locust.User):\n    pass\n";
    let files = [("a.py", source), ("requirements.txt", "# old\nsix==1.16.0\n")];
    let Some((_folder, plan)) = plan(&files).await else { return };
    let around = Surroundings::new(1);
    let (_cancel, cancelled) = watch::channel(false);
    let checked = load::check_locust(&plan, &around.work_dir(), &|_| {}, mask(), cancelled).await;
    assert_eq!(checked.unwrap(), ["A"]);

    let files = [("a.py", source), ("requirements.txt", "# old\nsix==0.0.0.1\n")];
    let Some(text) = explained(&files).await else { return };
    assert!(
        text.starts_with("requirements.txt, line 2: ") && text.contains("`six==0.0.0.1`"),
        "{text}"
    );
}
