//! Secrets never appear in plain text: not in the store, pages, exports, messages or the log. A canary
//! value stands for all secrets.

mod canary;
mod marks;

use crate::support::store::{NOW, on_both, on_prod, principal};
use domain::change::event::Event;
use domain::intent::Intent;
use domain::notification::{Kind, Occasion};
use domain::plan::Plan;
use domain::run::warrant::{Consent, Made, Warrant};
use domain::target::Target;
use domain::timestamp::Timestamp;
use domain::user::Person;
use serde_json::{Value, json};
use server::changes::subject::subject;
use server::messages::address::Address;
use server::messages::setup::{Addressees, Setup, Target as Webhook};
use server::outside::address::Reach;
use server::planner::Planned;
use server::planner::pinned::PinnedDeployment;
use server::planner::step::Step;
use server::redact::HIDDEN;
use server::secrets::Keyring;
use server::secrets::file::{KeyFile, make, replace};
use server::store::Database;
use server::store::changes::{Changes, New, StoredChange};
use server::store::prune::KEPT_MS;
use server::store::runs::{Order, Run, Runs};
use server::store::vault::{INTENT, MESSAGE, PLANNED, STEPS, Vault};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// Must not appear anywhere.
const CANARY: &str = "kanarie/9-\"x\" & vogel";

fn body() -> Value {
    json!({"properties": {"environmentVariables": {"API_KEY": CANARY, "MODE": "fast-mode"}}})
}

fn steps(endpoint: &str) -> Vec<Step> {
    let (endpoint, name) = (on_prod(endpoint).endpoint, "green".parse().expect("a name"));
    vec![Step::PutDeployment { endpoint, name, body: body() }]
}

async fn begin(runs: &Runs, endpoint: &str) -> Run {
    let (at, by) = (on_prod(endpoint), principal("dana"));
    let deployment = "green".parse().expect("a name");
    let intent = Intent::CreateDeployment { at: at.clone(), deployment };
    let warrant = Warrant::new(Consent::Applied, Made::new());
    let order = Order {
        target: &at.clone().into(),
        intent,
        moved: None,
        steps: steps(endpoint),
        hash: None,
        warrant,
        by: &by,
    };
    runs.begin(order, NOW).await.expect("it begins")
}

async fn propose(changes: &Changes, endpoint: &str) -> StoredChange {
    let (at, by) = (on_prod(endpoint), principal("dana"));
    let plan = Plan {
        target: Target::Endpoint(at.clone()),
        base: "blue=100".parse().expect("a route"),
        made_of: Made::new(),
        images: std::collections::BTreeMap::new(),
        steps: Vec::new(),
        differences: Vec::new(),
        verdicts: Vec::new(),
        questions: Vec::new(),
        hash: None,
    };
    let planned = Planned { plan, steps: steps(endpoint) };
    let event = Event::Proposed {
        by: Person::from(&by.user),
        reason: format!("with hf_{}", "a1B2".repeat(9)),
        subject: subject(&planned, &[]),
        approvals: 1,
        expires: Timestamp(NOW.0 + 1_000),
        start: None,
        evidence: Vec::new(),
        job: None,
    };
    let deployment = PinnedDeployment { name: "green".parse().expect("a name"), body: body() };
    let intent = Intent::CreateDeployment { at: at.clone(), deployment };
    let new = New { target: at.into(), title: "Create green".to_owned(), intent, planned, event };
    changes.propose(new, &by, NOW).await.expect("it is written")
}

/// A webhook that receives every event; nothing is delivered.
fn addressees() -> Addressees {
    let target = Webhook {
        name: "team".to_owned(),
        kind: Kind::Plain,
        address: Address::parse("http://127.0.0.1:9/x", Reach::OWN).expect("a URL"),
        key: None,
        occasions: Occasion::ALL.into(),
        stages: BTreeSet::new(),
    };
    Addressees::new(Arc::new(Setup { targets: vec![target], ..Setup::default() }))
}

/// Tables with a run, a change and a message.
async fn filled(database: &Database) -> (Runs, Run, Changes, StoredChange) {
    let runs = Runs::new(database.clone()).telling(addressees());
    let changes = Changes::new(database.clone()).telling(addressees());
    let (run, kept) = (begin(&runs, "anet-ep").await, propose(&changes, "anet-ep").await);
    (runs, run, changes, kept)
}

/// The same database, opened without its keys.
fn locked(database: &Database) -> Database {
    match database {
        Database::Sqlite(pool, _) => Database::Sqlite(pool.clone(), Vault::default()),
        Database::Postgres(pool, _) => Database::Postgres(pool.clone(), Vault::default()),
    }
}

async fn ask(database: &Database, sql: &str) -> Vec<String> {
    match database {
        Database::Sqlite(pool, _) => sqlx::query_scalar(sql).fetch_all(pool).await.expect(sql),
        Database::Postgres(pool, _) => sqlx::query_scalar(sql).fetch_all(pool).await.expect(sql),
    }
}

async fn tell(database: &Database, sql: &str, bound: [&str; 2]) {
    let [one, other] = bound;
    match database {
        Database::Sqlite(pool, _) => {
            sqlx::query(sql).bind(one).bind(other).execute(pool).await.map(|_| ())
        }
        Database::Postgres(pool, _) => {
            sqlx::query(sql).bind(one).bind(other).execute(pool).await.map(|_| ())
        }
    }
    .expect(sql);
}

/// All text in a database.
async fn all_texts(database: &Database) -> String {
    let columns = match database {
        Database::Sqlite(..) => {
            "SELECT 'SELECT coalesce(CAST(\"' || c.name || '\" AS TEXT), '''') FROM \"' || t.name || '\"'
             FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND c.type <> 'BLOB'"
        }
        Database::Postgres(..) => {
            "SELECT 'SELECT coalesce(\"' || column_name || '\"::text, '''') FROM \"' || table_name || '\"'
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let mut all = String::new();
    for sql in ask(database, columns).await {
        all.push_str(&ask(database, &sql).await.join("\n"));
    }
    all
}

/// Restores every `every`-th row to the form of an earlier version.
async fn as_before(database: &Database, every: usize) {
    for (column, others) in [(STEPS, None), (INTENT, Some(PLANNED)), (MESSAGE, None)] {
        let table = column.table;
        let ids = ask(database, &format!("SELECT id FROM {table} ORDER BY id")).await;
        for id in ids.iter().step_by(every) {
            for column in [Some(column), others].into_iter().flatten() {
                let name = column.column;
                let sql = format!("SELECT {name} FROM {table} WHERE id = '{id}'");
                let sealed = ask(database, &sql).await;
                let clear = database.vault().unseal(column.of(id), &sealed[0]);
                let sql = format!("UPDATE {table} SET {name} = $1, sealed_by = '' WHERE id = $2");
                tell(database, &sql, [&clear.expect("it opens"), id]).await;
            }
        }
    }
}

/// A key file with the given keys.
fn keys(of: &[&Keyring]) -> (TempDir, KeyFile, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys");
    let text: String = of.iter().map(|ring| ring.text()).collect();
    make(&path, &Keyring::parse(&text).expect("keys")).expect("it is made");
    (folder, KeyFile::at(path.clone()), path)
}

#[tokio::test]
async fn no_text_in_the_store_contains_a_secret() {
    on_both(async |database| {
        let (runs, run, changes, kept) = filled(&database).await;
        let all = all_texts(&database).await;
        assert!(all.contains("anet-ep") && all.contains("Create green"), "{all}");
        for part in ["kanarie", "vogel", "fast-mode", "hf_a1B2"] {
            assert!(!all.contains(part), "{part}");
        }
        let run = runs.load(&run.operation.id).await.expect("a store").expect("it is there");
        assert_eq!(run.steps, steps("anet-ep"));
        let loaded = changes.load(&kept.id).await.expect("a store").expect("it is there");
        assert_eq!((loaded.intent, loaded.planned), (kept.intent, kept.planned));
        assert_eq!(loaded.change.reason, format!("with {HIDDEN}"));
        // Without keys, nothing can be decrypted and nothing is written.
        let closed = Runs::new(locked(&database));
        let error = closed.load(&run.operation.id).await.expect_err("it is closed");
        assert!(error.to_string().contains("the key file was not read"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn the_start_encrypts_rows_of_an_earlier_version() {
    on_both(async |database| {
        let (runs, run, changes, kept) = filled(&database).await;
        // More rows than one transaction handles.
        for number in 0..120 {
            begin(&runs, &format!("anet-{number}")).await;
        }
        let ring = database.vault().open().expect("keys").ring().clone();
        let (_folder, file, _) = keys(&[&ring]);
        // First all rows, then every third, as after an interrupted start.
        for every in [1, 3] {
            as_before(&database, every).await;
            assert!(all_texts(&database).await.contains("kanarie"));
            if every == 1 {
                let error = runs.load(&run.operation.id).await.expect_err("it is in clear");
                assert!(error.to_string().contains("the text is not sealed"), "{error}");
            }
            locked(&database).unlock(&file).await.expect("it is sealed");
            let all = all_texts(&database).await;
            assert!(!all.contains("kanarie") && !all.contains("fast-mode"));
            let sql = "SELECT DISTINCT sealed_by FROM runs UNION SELECT sealed_by FROM changes \
                       UNION SELECT sealed_by FROM outbox";
            assert_eq!(ask(&database, sql).await, [ring.sealing()]);
            let run = runs.load(&run.operation.id).await.expect("a store").expect("it is there");
            assert_eq!(run.steps, steps("anet-ep"));
            let loaded = changes.load(&kept.id).await.expect("a store").expect("it is there");
            assert_eq!((&loaded.intent, &loaded.planned), (&kept.intent, &kept.planned));
        }
    })
    .await;
}

#[tokio::test]
async fn keys_can_be_rotated_and_foreign_keys_are_rejected() {
    on_both(async |database| {
        let (_, run, ..) = filled(&database).await;
        let old = database.vault().open().expect("keys").ring().clone();
        let marks = database.vault().open().expect("keys").marks().clone();
        let new = Keyring::random();
        let before = all_texts(&database).await;
        let (_strange, file, path) = keys(&[&new]);
        let refused = locked(&database).unlock(&file).await.expect_err("it does not open");
        let refused = format!("{refused:#}");
        for part in ["does not belong to this database", old.sealing(), "Nothing was changed"] {
            assert!(refused.contains(part), "{refused}");
        }
        std::fs::remove_file(&path).expect("removed");
        let refused = locked(&database).unlock(&file).await.expect_err("the file is missing");
        assert!(format!("{refused:#}").contains("is missing"), "{refused:#}");
        assert_eq!(all_texts(&database).await, before, "nothing was changed");
        // First the key can only decrypt, then it encrypts, then the old one is removed.
        for (rings, sealing) in
            [(vec![&old, &new], &old), (vec![&new, &old], &new), (vec![&new], &new)]
        {
            let (_folder, file, _) = keys(&rings);
            let again = locked(&database);
            again.unlock(&file).await.expect("it opens");
            let runs = Runs::new(again.clone());
            let loaded = runs.load(&run.operation.id).await.expect("a store").expect("it is there");
            assert_eq!(loaded.steps, run.steps);
            assert_eq!(
                ask(&again, "SELECT DISTINCT sealed_by FROM runs").await,
                [sealing.sealing()]
            );
            assert_eq!(*again.vault().open().expect("keys").marks(), marks, "marks stay");
        }
        let (_folder, file, _) = keys(&[&old]);
        locked(&database).unlock(&file).await.expect_err("the old one opens nothing any more");
        // A row with a removed key is detected at the start, and not on somebody's page.
        tell(
            &database,
            "UPDATE runs SET sealed_by = $1 WHERE id = $2",
            ["abcd0123", &run.operation.id.0],
        )
        .await;
        let (_folder, file, path) = keys(&[&new]);
        let refused = format!("{:#}", locked(&database).unlock(&file).await.expect_err("refused"));
        assert!(refused.contains("abcd0123"), "{refused}");
        replace(&path, &new).expect("written");
    })
    .await;
}

#[tokio::test]
async fn secret_values_of_old_runs_are_removed() {
    on_both(async |database| {
        let (runs, run, changes, kept) = filled(&database).await;
        let open = begin(&runs, "another-ep").await;
        let id = &run.operation.id.0;
        let over = format!("UPDATE runs SET standing = $1, ended = {} WHERE id = $2", NOW.0);
        tell(&database, &over, ["finished", id]).await;
        tell(
            &database,
            "UPDATE changes SET state = $1, open = 0 WHERE id = $2",
            ["expired", &kept.id.0],
        )
        .await;
        let later = |ms: i64| Timestamp(NOW.0 + KEPT_MS + ms);
        assert_eq!(database.prune(later(0)).await.expect("a store"), 0, "not yet");
        assert_eq!(database.prune(later(1)).await.expect("a store"), 2);
        assert_eq!(database.prune(later(2)).await.expect("a store"), 0, "once");
        let loaded = runs.load(&run.operation.id).await.expect("a store").expect("it is there");
        let [Step::PutDeployment { body, .. }] = &loaded.steps[..] else {
            panic!("its step stays")
        };
        let variables = &body["properties"]["environmentVariables"];
        assert_eq!(*variables, json!({"API_KEY": HIDDEN, "MODE": "fast-mode"}));
        let change = changes.load(&kept.id).await.expect("a store").expect("it is there");
        assert!(!format!("{change:?}").contains("kanarie"));
        assert_eq!(change.planned.plan, kept.planned.plan, "what was approved stays");
        let loaded = runs.load(&open.operation.id).await.expect("a store").expect("it is there");
        assert_eq!(loaded.steps, open.steps, "runs in flight keep their secrets");
    })
    .await;
}
