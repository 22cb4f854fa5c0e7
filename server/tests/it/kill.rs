//! Real processes, really killed and paused: whatever happens to the console, each change happens exactly
//! once. Azure runs in a process of its own, and its log of accepted writes is the witness.
//!
//! The short forms run with all tests; `make soak` runs the long ones and prints how much was survived.

mod partitions;

use crate::support::fleet::{Azure, ENDPOINT, Replica, within};
use crate::support::{Browser, DANA, Postgres};
use rand::Rng as _;
use serde_json::{Value, json};
use server::store::Database;
use sqlx::{PgPool, SqlitePool};
use std::time::Duration;

const PROD: &str = "/stages/anet-prod/endpoints/anet-ep-prod";
/// How many times as fast as a demonstration Azure works here.
const SPEED: u32 = 40;
/// More events than a run of these has.
const EVENTS_MAX: i64 = 12;
/// Longest that a random kill waits, in milliseconds: about as long as a run takes.
const RANDOM_MS_MAX: u64 = 700;

/// What is asked for, round after round.
#[derive(Debug, Clone, Copy)]
enum Change {
    Halves,
    Whole,
    Create,
    Delete,
}

impl Change {
    fn of(round: usize) -> Self {
        [Self::Halves, Self::Whole, Self::Create, Self::Delete][round % 4]
    }

    /// The form that asks for it.
    fn form(self, dana: &Browser) -> reqwest::RequestBuilder {
        let route = |fields: [(&str, &str); 3]| dana.own(&format!("{PROD}/route")).form(&fields);
        let yaml = b"name: anet-red\nenvironment: azureml:env:1\n\
                     instance_type: Standard_DS3_v2\ninstance_count: 1\n";
        match self {
            Self::Halves => route([
                ("live.anet-eedi", "50"),
                ("live.anet-green", "50"),
                ("base", "anet-eedi=100"),
            ]),
            Self::Whole => route([
                ("live.anet-eedi", "100"),
                ("live.anet-green", "0"),
                ("base", "anet-eedi=50,anet-green=50"),
            ]),
            Self::Create => dana.parts(&format!("{PROD}/new-deployment"), &[("yaml", None, yaml)]),
            Self::Delete => {
                dana.own(&format!("{PROD}/deployments/anet-red/delete")).form(&[("x", "")])
            }
        }
    }

    /// The one write that it takes.
    fn write(self) -> (&'static str, &'static str) {
        match self {
            Self::Halves | Self::Whole => ("PUT", ENDPOINT),
            Self::Create => ("PUT", "deployments/anet-red"),
            Self::Delete => ("DELETE", "deployments/anet-red"),
        }
    }

    /// Azure is as asked.
    async fn check(self, azure: &Azure) {
        let endpoint = azure.get(ENDPOINT).await.expect("it is there");
        let red = azure.get(&format!("{ENDPOINT}/deployments/anet-red")).await;
        match self {
            Self::Halves => {
                let halves = json!({ "anet-eedi": 50, "anet-green": 50 });
                assert_eq!(endpoint["properties"]["traffic"], halves);
            }
            Self::Whole => {
                assert_eq!(endpoint["properties"]["traffic"], json!({ "anet-eedi": 100 }));
            }
            Self::Create => {
                let red = red.expect("it is there");
                assert_eq!(red["properties"]["provisioningState"], "Succeeded");
            }
            Self::Delete => assert!(red.is_none()),
        }
    }
}

/// Looks into the consoles' database beside them.
enum Beside {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Beside {
    async fn count(&self, sql: &str) -> i64 {
        let counted = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        };
        counted.expect("a number")
    }

    async fn events(&self) -> i64 {
        self.count("SELECT count(*) FROM journal").await
    }

    async fn runs(&self) -> i64 {
        self.count("SELECT count(*) FROM runs").await
    }

    /// Waits until so many events are written, or a new run ended with fewer.
    async fn written(&self, events: i64, runs: i64) {
        let open = "SELECT count(*) FROM runs WHERE standing = 'running'";
        while self.events().await < events {
            if self.runs().await > runs && self.count(open).await == 0 {
                return;
            }
        }
    }

    /// Waits until nothing is in flight, and tells how the newest run ended.
    async fn rested(&self) -> String {
        within("nothing is in flight", async || {
            let open = self.count("SELECT count(*) FROM runs WHERE standing = 'running'").await;
            (open == 0).then_some(())
        })
        .await;
        let newest = "SELECT progress FROM runs ORDER BY started DESC, id LIMIT 1";
        let progress: Result<String, _> = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(newest).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(newest).fetch_one(pool).await,
        };
        progress.expect("a run")
    }
}

/// Whatever happened in between: it was done once, and it is as asked.
async fn check(azure: &Azure, beside: &Beside, change: Change, before: usize, said: &str) {
    let progress = beside.rested().await;
    assert_eq!(progress, "\"succeeded\"", "{change:?} {said}");
    change.check(azure).await;
    let log = azure.accepted().await;
    let writes: Vec<_> =
        log[before..].iter().map(|write: &Value| (&write["method"], &write["path"])).collect();
    let (method, end) = change.write();
    let [(sent, path)] = &writes[..] else {
        panic!("one write, not {writes:?}: {change:?} {said}")
    };
    assert!(*sent == method && path.as_str().is_some_and(|path| path.ends_with(end)), "{writes:?}");
}

/// One console that is killed.
struct Victim {
    azure: Azure,
    console: Replica,
    dana: Browser,
    beside: Beside,
    kills: usize,
}

impl Victim {
    async fn new() -> Self {
        let azure = Azure::start(SPEED).await;
        let mut console = Replica::new(&azure, "console", None);
        console.start().await;
        let mut dana = console.browser();
        let page = dana.sign_in(DANA, "/account").await;
        assert_eq!(page.url.path(), "/account", "{}", page.text);
        let Ok(Database::Sqlite(pool)) = Database::in_directory(console.data()).await else {
            panic!("it is SQLite");
        };
        Self { azure, console, dana, beside: Beside::Sqlite(pool), kills: 0 }
    }

    /// Asks for a change, kills the console `when` that many events of it are written (or, without a number,
    /// at a random time, and again while it recovers), and looks what became of it.
    async fn round(&mut self, change: Change, when: Option<i64>) {
        let before = self.azure.accepted().await.len();
        let (events, runs) = (self.beside.events().await, self.beside.runs().await);
        let asked = tokio::spawn(change.form(&self.dana).send());
        match when {
            Some(when) => self.beside.written(events + when, runs).await,
            None => at_random().await,
        }
        self.kill().await;
        if when.is_none() {
            at_random().await;
            self.kill().await;
        }
        // It was answered or not; what counts is what was written down.
        let _ = asked.await;
        if self.beside.runs().await == runs {
            let again = change.form(&self.dana).send().await.expect("it answers");
            let status = again.status();
            assert_eq!(status, 303, "{}", again.text().await.unwrap_or_default());
        }
        let said = format!("killed at {when:?}\n{}", self.console.log());
        check(&self.azure, &self.beside, change, before, &said).await;
    }

    async fn kill(&mut self) {
        self.console.kill();
        self.kills += 1;
        self.console.start().await;
    }
}

/// Waits for no event on purpose: a kill at any moment is what is tried.
async fn at_random() {
    let random = rand::rng().random_range(0..RANDOM_MS_MAX);
    tokio::time::sleep(Duration::from_millis(random)).await;
}

/// So many rounds, each with its moment of death. Returns how many kills there were.
async fn survives(rounds: usize, when: impl Fn(usize) -> Option<i64>) -> usize {
    let mut victim = Victim::new().await;
    for round in 0..rounds {
        victim.round(Change::of(round), when(round)).await;
    }
    victim.kills
}

/// Three replicas, each with its way to the database.
async fn three(azure: &Azure, databases: [&str; 3]) -> Vec<Replica> {
    let mut replicas = Vec::new();
    for (name, database) in ["one", "two", "three"].into_iter().zip(databases) {
        let mut replica = Replica::new(azure, name, Some(database));
        replica.start().await;
        replicas.push(replica);
    }
    replicas
}

/// The event of a round after which something happens: each in its turn, and never before the first.
fn moment(round: usize) -> i64 {
    1 + i64::try_from(round).expect("small") % (EVENTS_MAX - 3)
}

/// Pauses two of three replicas at a time, round after round: the third goes on, and those that wake up do
/// nothing more. Returns how many pauses there were.
async fn pauses(rounds: usize) -> usize {
    let azure = Azure::start(SPEED).await;
    let server = Postgres::start().await;
    let url = server.url();
    let replicas = three(&azure, [&url, &url, &url]).await;
    let beside = Beside::Postgres(PgPool::connect(&url).await.expect("it answers"));
    let mut dana = replicas[0].browser();
    dana.sign_in(DANA, "/account").await;
    let first = azure.accepted().await.len();
    for round in 0..rounds {
        let change = Change::of(round);
        let before = azure.accepted().await.len();
        let (events, runs) = (beside.events().await, beside.runs().await);
        let awake = rand::rng().random_range(0..replicas.len());
        let asked = rand::rng().random_range(0..replicas.len());
        let form = change.form(&dana.at(replicas[asked].url()));
        let sent = tokio::spawn(form.send());
        beside.written(events + moment(round), runs).await;
        let paused = || replicas.iter().enumerate().filter(|(index, _)| *index != awake);
        paused().for_each(|(_, replica)| replica.pause());
        let logs: String = replicas.iter().map(Replica::log).collect();
        check(&azure, &beside, change, before, &logs).await;
        paused().for_each(|(_, replica)| replica.wake());
        let status = sent.await.expect("no panic").expect("it answers once it is awake").status();
        assert_eq!(status, 303);
    }
    // Those that were woken have had their time by now: nothing was done twice.
    assert_eq!(azure.accepted().await.len() - first, rounds);
    2 * rounds
}

#[tokio::test]
async fn a_killed_console_goes_on_where_it_was() {
    let exact = |round: usize| i64::try_from(round).ok();
    survives(usize::try_from(EVENTS_MAX).expect("small"), exact).await;
    survives(4, |_| None).await;
}

#[tokio::test]
async fn of_three_replicas_one_acts_whoever_is_paused() {
    pauses(3).await;
}

/// How long a soak is: `SOAK_ROUNDS`, or what takes about half an hour.
#[expect(clippy::disallowed_methods, reason = "a soak's length is the person's who starts it")]
fn soak_rounds(usually: usize) -> usize {
    std::env::var("SOAK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usually)
}

#[tokio::test]
#[ignore = "takes half an hour: make soak"]
async fn soak_kills() {
    let rounds = soak_rounds(400);
    // Each event of each change first, then whenever it comes.
    let when = |round: usize| {
        let event = i64::try_from(round / 4).unwrap_or(i64::MAX);
        (event < EVENTS_MAX).then_some(event)
    };
    let lanes =
        tokio::join!(survives(rounds, when), survives(rounds, when), survives(rounds, |_| None));
    eprintln!("{} kills survived", lanes.0 + lanes.1 + lanes.2);
}

#[tokio::test]
#[ignore = "takes a quarter of an hour: make soak"]
async fn soak_pauses() {
    let pauses = pauses(soak_rounds(100)).await;
    eprintln!("{pauses} pauses of replicas survived");
}
