//! A job survives a crash at any point: the test stops the engine after each event of the journal, and loses or carries
//! out the request that it was about to send. Another engine continues on the same store. The registry's and GitHub's own
//! lists prove that each effect happens once, and their logs that the stored one is whole.

use super::engine::{build_of, carried, engine, sql, started as begun};
use super::workflow::{by_workflow, is_whole, job_logs, workflow_runs};
use super::{build_job, push, registry_log, runs, started, versions_on};
use crate::support::{TestConsole, Wanted};
use domain::job::build::{Build, Method};
use domain::job::{Ending, Event, JobId};
use serde_json::json;
use server::jobs::Jobs;
use server::store::Database;

/// Where the engine stops.
#[derive(Debug, Clone, Copy)]
enum Stop {
    Never,
    /// After this many events.
    After(usize),
    /// While this request is on its way: the first or second one that must happen once.
    Sending(usize, Sent),
}

/// What happens to the request that the stopped engine was sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// It is lost.
    Lost,
    /// The other side carries it out.
    Arrived,
}

impl Stop {
    /// When the store refuses the next event.
    fn condition(self) -> Option<String> {
        let of = "FROM job_journal";
        let sending = "event LIKE '%\"step_sending\"%'";
        match self {
            Self::Never => None,
            Self::After(events) => Some(format!("(SELECT count(*) {of}) >= {events}")),
            Self::Sending(request, _) => Some(format!(
                "(SELECT count(*) {of} WHERE {sending}) = {request} AND \
                 (SELECT {sending} {of} ORDER BY number DESC LIMIT 1)"
            )),
        }
    }
}

/// A build by one of the methods, and what it must have done in the end.
struct Case {
    console: TestConsole,
    is_workflow: bool,
}

impl Case {
    async fn start(is_workflow: bool) -> Self {
        let wanted = if is_workflow { by_workflow() } else { Wanted::default() };
        let console = started(wanted).await;
        let job = build_job("app").replace("anet-prod", "anet-dev");
        let text = format!("on: workflow_dispatch\njobs:\n{job}");
        push(&console, json!({ ".github/workflows/crash.yml": text })).await;
        Self { console, is_workflow }
    }

    /// A build of a new commit, so that GitHub's runs are distinct, as in life.
    async fn build(&self) -> Build {
        let commits = uuid::Uuid::new_v4().to_string();
        push(&self.console, json!({ "notes.md": commits })).await;
        let reader = &self.console.services.repositories[0];
        build_of(&self.console, reader, "crash.yml", "image").await
    }

    async fn count(&self) -> (usize, usize) {
        let runs = match self.is_workflow {
            true => workflow_runs(&self.console).await.len(),
            false => runs(&self.console).await.len(),
        };
        (runs, versions_on(&self.console, 0, "app").await.len())
    }

    /// The path of a request that must happen once.
    fn path(&self, request: usize) -> (&'static str, &'static str) {
        match (self.is_workflow, request) {
            (true, _) => ("POST", "/dispatches"),
            (false, 1) => ("POST", "/scheduleRun"),
            (false, _) => ("PUT", "/environments/app/versions/"),
        }
    }

    async fn check_log(&self, jobs: &Jobs, id: &JobId, run: &str) {
        let stored = jobs.table.lines(id, 1, 1_000_000).await.expect("a store");
        if self.is_workflow {
            is_whole(&stored, &job_logs(&self.console, run).await);
        } else {
            assert_eq!(stored, registry_log(&self.console, run).await);
        }
    }

    async fn stopped(&self, (jobs, database): (&Jobs, &Database), id: &JobId, stop: Stop) {
        let Some(condition) = stop.condition() else { return };
        if let Stop::Sending(request, Sent::Lost) = stop {
            let (method, path) = self.path(request);
            let matches = json!({ "method": method, "path_contains": path });
            self.console.fault(json!({ "match": matches, "respond": "drop" })).await;
        }
        let full = format!(
            "CREATE TRIGGER job_full BEFORE INSERT ON job_journal WHEN {condition} \
             BEGIN SELECT RAISE(ABORT, 'full'); END"
        );
        sql(database, &full).await;
        // A step whose end could not be written runs again, repeatedly.
        for _ in 0..3 {
            carried(&self.console, jobs, id).await;
            if matches!(stop, Stop::Sending(_, Sent::Lost)) {
                break;
            }
        }
        sql(database, "DROP TRIGGER job_full").await;
    }

    /// Stops the engine, and continues with another one. Returns the journal.
    async fn survives(&self, stop: Stop) -> Vec<Event> {
        let build = self.build().await;
        let folder = tempfile::tempdir().expect("a folder");
        let repositories = &self.console.services.repositories;
        let (runs, versions) = self.count().await;
        let (jobs, database) = engine(&self.console, folder.path(), repositories).await;
        let id = begun(&jobs, build.clone()).await;
        self.stopped((&jobs, &database), &id, stop).await;
        drop(jobs);
        database.close().await;

        let (jobs, database) = engine(&self.console, folder.path(), repositories).await;
        assert!(carried(&self.console, &jobs, &id).await, "{stop:?}");
        let job = jobs.table.load(&id).await.expect("a store").expect("a job");
        assert_eq!(job.state.ending(), Some(&Ending::Succeeded), "{stop:?}: {:#?}", job.state);
        assert_eq!(self.count().await, (runs + 1, versions + 1), "{stop:?}: {:#?}", job.state);
        self.check_log(&jobs, &id, job.state.run().expect("a run")).await;
        let recent = jobs.table.recent(&build.target(), 10).await.expect("a store");
        assert_eq!(recent.len(), 1);
        let journal = jobs.table.journal(&id).await.expect("a journal");
        database.close().await;
        journal.into_iter().map(|recorded| recorded.event).collect()
    }

    async fn survives_all(&self) {
        let undisturbed = self.survives(Stop::Never).await;
        let is_sending = |event: &&Event| matches!(event, Event::StepSending { .. });
        for request in 1..=undisturbed.iter().filter(is_sending).count() {
            for sent in [Sent::Lost, Sent::Arrived] {
                self.survives(Stop::Sending(request, sent)).await;
            }
        }
        for events in 1..=undisturbed.len() {
            self.survives(Stop::After(events)).await;
        }
    }
}

#[tokio::test]
async fn a_registry_builds_once_wherever_the_engine_stops() {
    let case = Case::start(false).await;
    assert!(matches!(case.build().await.method, Method::Registry { .. }));
    case.survives_all().await;
}

#[tokio::test]
async fn a_workflow_runs_once_wherever_the_engine_stops() {
    let case = Case::start(true).await;
    assert!(matches!(case.build().await.method, Method::Workflow { .. }));
    case.survives_all().await;
}
