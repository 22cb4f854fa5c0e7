//! An Azure with GitHub, a console, and both witnesses: Azure's own lists, and the console's store.

mod deaths;

use super::way::Way;
use super::{Death, Who};
use crate::builds::{DOCKERFILE, SERVER, build_job};
use crate::kill::SPEED;
use crate::kill::witness::expect_intact;
use crate::support::fleet::{Azure, Besides, Replica, within};
use crate::support::{Browser, DANA, PATIENCE};
use domain::job::{Ending, Event, JobId, Recorded};
use reqwest::Method;
use serde_json::{Value, json};
use server::store::Database;
use server::store::jobs::{Job, Jobs};
use sqlx::SqlitePool;
use std::time::{Duration, Instant};

/// The name of the environment and of its image.
const IMAGE: &str = "app";
/// The pause between two reads of the store. Other processes send no notification to this test.
const LOOK: Duration = Duration::from_millis(1);

/// A console that builds, on an Azure that it shares with nobody.
pub struct Site {
    azure: Azure,
    console: Replica,
    dana: Browser,
    store: SqlitePool,
    jobs: Jobs,
    way: Way,
    rounds: usize,
    pub kills: usize,
}

/// The state before a build was requested.
#[derive(Debug, Clone, Copy)]
struct Before {
    jobs: i64,
    events: i64,
    runs: usize,
    /// Runs whose machine was lost.
    lost: usize,
    versions: usize,
}

/// What became of a build.
#[derive(Debug)]
pub struct Round {
    pub has_succeeded: bool,
    /// The number of the job's events at the last kill, before the build failed if it did.
    pub last_kill: i64,
}

impl Site {
    pub async fn start(way: Way) -> Self {
        let azure = Azure::without_endpoints(SPEED);
        let job = build_job(IMAGE).replace("environment: anet-prod", "environment: kills");
        let workflow = format!("on: workflow_dispatch\njobs:\n{job}");
        let server = SERVER.replace("WORDS", "one");
        let files = json!({ "Dockerfile": DOCKERFILE, "server.py": server,
            ".github/workflows/kills.yml": workflow });
        commit(&azure, "main", files).await;
        let whole = way.configuration(&azure);
        let besides = Besides { whole, ..Besides::default() };
        let mut console = Replica::with(&azure, "console", None, &besides);
        console.start().await;
        let dana = console.signed_in(DANA).await;
        let database = Database::in_directory(console.data()).await.expect("it opens");
        let Database::Sqlite(store, _) = &database else { panic!("it is SQLite") };
        let (store, jobs) = (store.clone(), Jobs::new(database));
        let site = Self { azure, console, dana, store, jobs, way, rounds: 0, kills: 0 };
        site.can_hold().await;
        site
    }

    async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.store).await.expect("a number")
    }

    async fn events(&self) -> i64 {
        self.count("SELECT count(*) FROM job_journal").await
    }

    async fn requested(&self) -> i64 {
        self.count("SELECT count(*) FROM jobs").await
    }

    async fn is_at_rest(&self) -> bool {
        self.count("SELECT count(*) FROM jobs WHERE ended IS NULL").await == 0
    }

    async fn versions(&self) -> usize {
        let path = format!("environments/{IMAGE}/versions");
        let found = self.azure.get(&path).await;
        found.map_or(0, |found| found["value"].as_array().map_or(0, Vec::len))
    }

    async fn before(&self) -> Before {
        let all = self.way.runs(&self.azure).await;
        let (runs, lost) = (all.len(), all.iter().filter(|run| self.way.was_lost(run)).count());
        let (jobs, events) = (self.requested().await, self.events().await);
        Before { jobs, events, runs, lost, versions: self.versions().await }
    }

    /// The next build writes some thousand lines. The emulator forgets this when it is killed.
    async fn chatter(&self) {
        let chatter = json!({ "lines": 3_000, "seconds": 20 });
        self.azure.ask(Method::POST, "/emulator/builds/chatter", Some(&chatter)).await;
    }

    /// `kill -9`, and new processes start on the same data.
    async fn kill(&mut self, who: Who) {
        if who.has_console() {
            self.console.kill();
        }
        if who.has_emulator() {
            self.azure.kill();
            self.azure.start_again().await;
            self.chatter().await;
        }
        if who.has_console() {
            self.console.start().await;
        }
        self.kills += 1;
    }

    /// Requests a build of a new commit, kills somebody during it, and checks what became of it.
    pub async fn round(&mut self, who: Who, death: Death) -> Round {
        self.rounds += 1;
        let before = self.before().await;
        self.chatter().await;
        // The console reads each new branch at once, and each commit has one run.
        let branch = format!("round-{}", self.rounds);
        commit(&self.azure, &branch, json!({ "notes.md": branch })).await;
        let form = self.form(&branch).await;
        let kills = self.dies(who, death, before, &form).await;
        let has_succeeded = self.check(who, before).await;
        let journal = self.jobs.journal(&self.job().await.id).await.expect("a journal");
        let failed = |one: &Recorded| matches!(one.event, Event::StepFailed { .. });
        let end = journal.iter().position(failed).unwrap_or(journal.len());
        let end = i64::try_from(end).expect("small");
        let last_kill = kills.into_iter().filter(|events| *events <= end).max().unwrap_or(-1);
        Round { has_succeeded, last_kill }
    }

    /// The form that starts the build.
    async fn form(&self, branch: &str) -> reqwest::RequestBuilder {
        let path = self.way.page();
        let commit = within("the build can be started", async || {
            let page = self.dana.clone().get(&format!("{path}?ref={branch}")).await;
            page.attribute("#start input[name=commit]", "value")
        });
        let commit = commit.await;
        self.dana.own(&path).form(&[("ref", branch), ("commit", &commit)])
    }

    /// Waits until the journals have this many events in total, or until the job ended with fewer. Returns whether they
    /// have them.
    ///
    /// The console is another process, which tells nobody what it writes, so its database is read again and again.
    async fn written(&self, before: Before, events: i64) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while self.events().await < events {
            if self.requested().await > before.jobs && self.is_at_rest().await {
                return self.events().await >= events;
            }
            if Instant::now() >= deadline {
                panic!("event {events} never came: {}", self.described().await);
            }
            tokio::time::sleep(LOOK).await;
        }
        true
    }

    /// The newest job.
    async fn job(&self) -> Job {
        let sql = "SELECT id FROM jobs ORDER BY started DESC LIMIT 1";
        let id: String = sqlx::query_scalar(sql).fetch_one(&self.store).await.expect("a job");
        self.jobs.load(&JobId(id)).await.expect("a store").expect("a job")
    }

    /// The newest job with its journal and the console's log, for error messages.
    async fn described(&self) -> String {
        let job = self.job().await;
        let journal = self.jobs.journal(&job.id).await.expect("a journal");
        format!("{journal:#?}\n{}", self.console.log())
    }

    /// Checks that everything happened once. Returns whether the build succeeded. Reads the database again and again, as
    /// [`Self::written`] does.
    async fn check(&self, who: Who, before: Before) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while !self.is_at_rest().await {
            if Instant::now() >= deadline {
                panic!("the job never ends: {who:?} {}", self.described().await);
            }
            tokio::time::sleep(LOOK).await;
        }
        let job = self.job().await;
        let said = async || format!("{who:?} {} {}", self.rounds, self.described().await);
        assert_eq!(self.requested().await, before.jobs + 1, "{}", said().await);
        for kind in ["intended", "settled"] {
            let sql = format!(
                "SELECT count(*) FROM ledger WHERE kind = '{kind}' AND line LIKE '%{}%'",
                job.id
            );
            assert_eq!(self.count(&sql).await, 1, "{kind}: {}", said().await);
        }
        let runs = self.way.runs(&self.azure).await;
        let new = runs.len() - before.runs;
        // A run that failed before the console found it cannot be recognised (builds.md).
        let lost = runs.iter().filter(|run| self.way.was_lost(run)).count() - before.lost;
        let is_once = if who.has_emulator() { (1..=lost + 1).contains(&new) } else { new == 1 };
        assert!(is_once, "{runs:#?} {}", said().await);
        let versions = self.versions().await - before.versions;
        let run = job.state.run().expect("a run").to_owned();
        let ended = runs.iter().map(|run| self.way.ended(run));
        let ended: Vec<_> = ended.filter(|(id, _)| *id == run).collect();
        let [(_, Some(outcome))] = &ended[..] else { panic!("{runs:#?} {}", said().await) };
        match job.state.ending().expect("it has ended") {
            Ending::Succeeded => assert_eq!(versions, 1, "{}", said().await),
            Ending::Failed { message } => {
                assert!(who.has_emulator(), "{}", said().await);
                assert!(self.way.explains(message), "{message} {}", said().await);
                // A workflow may have registered the version just before its machine was lost.
                let most = usize::from(self.way == Way::Workflow);
                assert!(versions <= most, "{outcome}: {}", said().await);
            }
            Ending::Cancelled { .. } => panic!("nobody cancels: {}", said().await),
        }
        let stored = self.jobs.lines(&job.id, 1, 1_000_000).await.expect("a store");
        self.way.check_log(&self.azure, &run, &stored).await;
        job.state.ending() == Some(&Ending::Succeeded)
    }

    /// Checks that the ledger is intact.
    pub async fn expect_intact(self) {
        expect_intact(self.dana).await;
    }
}

/// Commits files to a branch, which is created if necessary.
async fn commit(azure: &Azure, branch: &str, files: Value) {
    let body = json!({ "branch": branch, "files": files, "message": "Change it" });
    azure.ask(Method::POST, "/emulator/github/commit", Some(&body)).await;
}
