//! Evidence and people's roles in the store, on both databases.

use super::store::at;
use crate::support::store::{on_both, principal};
use domain::decimal::Decimal;
use domain::endpoint::MadeOf;
use domain::evidence::shadow::{Comparison, Side};
use domain::evidence::{Content, Evidence, Sealed};
use domain::timestamp::Timestamp;
use domain::user::Person;
use domain::user::Role;
use server::entries;
use server::store::Database;
use server::store::evidence::{Evidences, new_id};
use server::store::ledger::Ledger;
use server::store::people::People;
use server::store::sessions::{Sessions, StoredSession};

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn evidence(deployment: &str, requests: u64) -> Evidence {
    let side = || Side {
        requests,
        errors: 0,
        minute_p50_ms: Some(Decimal::parts(12_300)),
        minute_p99_ms: Some(Decimal::whole(10)),
    };
    let comparison = Comparison {
        from: Some(NOW),
        to: Some(Timestamp(NOW.0 + 60_000)),
        minutes: 1,
        live: side(),
        shadow: side(),
        own: None,
    };
    let made_of = MadeOf {
        model: Some("nbq:2".to_owned()),
        environment: None,
        instance_type: None,
        created: None,
        settings: None,
        secrets: None,
    };
    Evidence {
        id: new_id(),
        at: at(),
        deployment: deployment.parse().expect("a name"),
        made_of,
        live: vec!["anet-eedi".parse().expect("a name")],
        captured: NOW,
        by: Person::from(&principal("dana").user),
        content: Content::ShadowComparison(comparison),
        findings: Vec::new(),
    }
}

async fn run(database: &Database, sql: &str) -> sqlx::Result<()> {
    match database {
        Database::Sqlite(pool, _) => sqlx::query(sql).execute(pool).await.map(|_| ()),
        Database::Postgres(pool, _) => sqlx::query(sql).execute(pool).await.map(|_| ()),
    }
}

fn requests(sealed: &Sealed) -> u64 {
    match &sealed.evidence.content {
        Content::ShadowComparison(comparison) => comparison.live.requests,
        Content::ReplayDiff(_) => 0,
    }
}

#[tokio::test]
async fn evidence_is_stored_with_its_ledger_entry_and_immutable() {
    on_both(async |database| {
        let table = Evidences::new(database.clone());
        let mut kept = Vec::new();
        for (name, requests) in [("anet-green", 1), ("anet-red", 2), ("Anet-Green", 3)] {
            let one = table.keep(evidence(name, requests), &principal("dana")).await;
            kept.push(one.expect("it is kept"));
        }
        let first = kept[0].evidence.id.clone();
        assert_eq!(table.load(&first).await.expect("a store").as_ref(), kept.first());
        assert_eq!(table.load(&new_id()).await.expect("a store"), None);
        // The newest evidence of a kind counts for a deployment, regardless of the case of its name.
        let mut newest: Vec<_> =
            table.newest(&at()).await.expect("a store").iter().map(requests).collect();
        newest.sort_unstable();
        assert_eq!(newest, [2, 3]);
        let recent: Vec<_> =
            table.recent(&at()).await.expect("a store").iter().map(requests).collect();
        assert_eq!(recent, [3, 2, 1]);
        let mut elsewhere = at();
        elsewhere.endpoint = "anet-ep-2".parse().expect("an endpoint");
        assert!(table.newest(&elsewhere).await.expect("a store").is_empty());
        assert_eq!(Ledger::new(database.clone()).size().await.expect("a store"), 3);

        let columns = "number, id, stage, endpoint, deployment, kind, body, hash";
        let again = "SELECT 3, id, stage, endpoint, deployment, kind, '{}', hash FROM evidence";
        for sql in [
            "UPDATE evidence SET body = '{}'".to_owned(),
            "DELETE FROM evidence".to_owned(),
            format!("INSERT INTO evidence ({columns}) {again} WHERE id = '{first}'"),
        ] {
            run(&database, &sql).await.expect_err(&sql);
        }
        if matches!(database, Database::Sqlite(..)) {
            let replace =
                format!("INSERT OR REPLACE INTO evidence ({columns}) {again} WHERE id = '{first}'");
            run(&database, &replace).await.expect_err(&replace);
        }
        assert_eq!(table.load(&first).await.expect("a store").as_ref(), kept.first());
    })
    .await;
}

#[tokio::test]
async fn evidence_that_does_not_match_its_hash_is_ignored() {
    on_both(async |database| {
        let table = Evidences::new(database.clone());
        let sealed =
            table.keep(evidence("anet-green", 5), &principal("dana")).await.expect("it is kept");
        // An administrator of the database removes the triggers.
        let without = match database {
            Database::Sqlite(..) => "DROP TRIGGER evidence_no_update",
            Database::Postgres(..) => "DROP TRIGGER evidence_append_only ON evidence",
        };
        run(&database, without).await.expect("it is dropped");
        let forged =
            "UPDATE evidence SET body = replace(body, '\"requests\":5', '\"requests\":500')";
        run(&database, forged).await.expect("it is forged");
        table.load(&sealed.evidence.id).await.expect_err("it is refused");
        table.newest(&at()).await.expect_err("it is refused");
    })
    .await;
}

#[tokio::test]
async fn the_roles_of_the_latest_sign_in_are_stored() {
    on_both(async |database| {
        let people = People::new(database.clone());
        let sessions = Sessions::new(database.clone());
        let mut leo = principal("leo");
        let both = ["t/leo", "t/nobody"].map(str::to_owned);
        let known = || people.roles(&both);
        assert!(known().await.expect("a store").is_empty());
        for roles in [vec![Role::Lead, Role::Viewer], vec![Role::Viewer]] {
            leo.user.roles = roles.iter().copied().collect();
            let entry = |others| entries::signed_in(&leo, others, NOW);
            let kept = StoredSession {
                handle: format!("{}", roles.len()),
                user: leo.user.clone(),
                signed_in: NOW,
                seen: NOW,
                address: "192.0.2.1".to_owned(),
                agent: String::new(),
            };
            let key = format!("a key {}", roles.len());
            sessions.begin(&key, &kept, &leo, entry).await.expect("it is written");
            let known = known().await.expect("a store");
            assert_eq!(known.get("t/leo"), Some(&leo.user.roles));
            assert_eq!(known.len(), 1);
            let rows = sessions.of("t/leo").await.expect("a store");
            assert!(rows.iter().all(|kept| kept.user.roles == leo.user.roles), "{rows:?}");
        }
        let (found, count) = sessions.search("LE", 1).await.expect("a store");
        assert_eq!((found.len(), count), (1, 2));
        assert_eq!(sessions.search("%", 9).await.expect("a store").1, 0);
        sessions.touch("a key 1", Timestamp(NOW.0 + 5)).await.expect("a store");
        sessions.touch("nobody's", Timestamp(NOW.0 + 5)).await.expect("a store");
        assert_eq!(sessions.count().await.expect("a store"), 2);
        let late = Timestamp(NOW.0 + 1);
        assert_eq!(sessions.sweep(late, NOW).await.expect("a store"), (1, false));
        assert!(sessions.find("a key 2").await.expect("a store").is_none());
        assert!(sessions.end("a key 1").await.expect("a store"));
        assert!(!sessions.end("a key 1").await.expect("a store"), "it has ended");
        assert_eq!(Ledger::new(database).size().await.expect("a store"), 2);
    })
    .await;
}
