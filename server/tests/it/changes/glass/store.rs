//! Broken glass in the store: written together with its run, entry and messages or not at all, and only
//! once.

use crate::support::store::{NOW, on_both, on_prod, principal, tried};
use domain::glass::{Glass, GlassId, Rule, SetAside};
use domain::intent::Intent;
use domain::run::operation::Moved;
use domain::run::warrant::{Consent, Made, Warrant};
use domain::run::{Ending, Event};
use server::planner::step::Step;
use server::store::Database;
use server::store::freezes::Freezes;
use server::store::glass::Glasses;
use server::store::ledger::Ledger;
use server::store::runs::{AppendError, Order, Run, Runs};

async fn begin(runs: &Runs, id: &str, rules: &[Rule]) -> Result<Run, AppendError> {
    let at = on_prod("anet-ep");
    let (before, after) = ("blue=100".parse(), "green=100".parse());
    let (before, after) = (before.expect("a route"), after.expect("a route"));
    let one = |rule: &Rule| SetAside { rule: *rule, says: "No.".to_owned() };
    let set_aside = rules.iter().map(one).collect();
    let glass =
        Glass { id: GlassId(id.to_owned()), reason: "Errors".to_owned(), set_aside, change: None };
    let by = principal("leo");
    let steps = vec![Step::set_route(&at.endpoint, &before, &after)];
    let order = Order {
        target: &at.clone().into(),
        intent: Intent::SetRoute { at: at.clone(), route: after.clone() },
        moved: Some(Moved { before, after }),
        steps,
        hash: None,
        warrant: Warrant::new(Consent::Glass(glass), Made::new()),
        by: &by,
    };
    runs.begin(order, NOW).await
}

async fn entries(database: &Database) -> u64 {
    Ledger::new(database.clone()).size().await.expect("a store")
}

#[tokio::test]
async fn a_run_and_its_broken_glass_are_stored_atomically() {
    on_both(async |database| {
        let (runs, glasses) = (Runs::new(database.clone()), Glasses::new(database.clone()));
        let freezes = Freezes::new(database.clone());
        freezes
            .freeze(&"anet-prod".parse().expect("a stage"), "Exams", &principal("amir"), NOW)
            .await
            .expect("a store");
        let before = entries(&database).await;
        // A freeze that was not overridden by name still applies.
        let held = begin(&runs, "one", &[Rule::Approval]).await;
        assert!(matches!(held, Err(AppendError::Frozen(_))), "{held:?}");
        assert!(glasses.open().await.expect("a store").is_empty());
        assert_eq!(entries(&database).await, before);

        let mut run =
            begin(&runs, "one", &[Rule::Approval, Rule::Freeze]).await.expect("it begins");
        let broken =
            glasses.of_run(&run.operation.id).await.expect("a store").expect("it is there");
        assert_eq!(
            entries(&database).await,
            before + 2,
            "one entry for the glass, one for the run"
        );
        assert_eq!((broken.by.name.as_str(), broken.reason.as_str()), ("leo", "Errors"));
        assert_eq!(broken.entry, before);
        let loaded = runs.load(&run.operation.id).await.expect("a store").expect("a run");
        assert_eq!(loaded.warrant, run.warrant);
        let busy = begin(&runs, "two", &[Rule::Freeze]).await;
        assert!(matches!(busy, Err(AppendError::AnotherIsOpen)), "{busy:?}");
        assert_eq!(glasses.open().await.expect("a store"), std::slice::from_ref(&broken));

        // After the end of the run, the same form begins nothing.
        let stop = Event::CancelRequested { by: "leo".to_owned() };
        runs.decide(&mut run, stop, "Stop", &principal("leo"), NOW).await.expect("it stops");
        let end = Event::Finished { ending: Ending::Cancelled { by: "leo".to_owned() } };
        runs.decide(&mut run, end, "Stop", &principal("leo"), NOW).await.expect("it is over");
        let size = entries(&database).await;
        let again = begin(&runs, "one", &[Rule::Freeze]).await;
        assert!(matches!(again, Err(AppendError::AnotherIsOpen)), "{again:?}");
        assert_eq!(entries(&database).await, size);
        assert!(runs.open().await.expect("a store").is_empty());

        let done = glasses.acknowledge(&broken, Some("Seen"), &principal("ada"), NOW).await;
        assert!(done.expect("a store"));
        let twice = glasses.acknowledge(&broken, None, &principal("amir"), NOW).await;
        assert!(!twice.expect("a store"), "once");
        assert_eq!(entries(&database).await, size + 1);
        assert!(glasses.open().await.expect("a store").is_empty());
        let broken = glasses.get(&broken.id).await.expect("a store").expect("it is there");
        let acknowledged = broken.acknowledged.expect("it is acknowledged");
        assert_eq!((acknowledged.by.name.as_str(), acknowledged.entry), ("ada", size));
        for sql in [
            "UPDATE glass SET title = ''",
            "DELETE FROM glass",
            "UPDATE glass_acknowledged SET person = ''",
            "DELETE FROM glass_acknowledged",
        ] {
            tried(&database, sql).await.expect_err(sql);
        }
    })
    .await;
}
