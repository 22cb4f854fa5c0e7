//! The next start: a resource for each workspace, and the end of runs whose engines are lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, json};
use uuid::Uuid;

use super::conclude::{finish, packed};
use super::plan::error;
use super::validate;
use super::wire::run_key;
use crate::inner::Inner;
use crate::loads::kept::{Resource, Run, Stamp, Status, Verdict};
use crate::loads::series::Series;
use crate::loads::statistics::Totals;
use crate::naming;
use crate::store::Unkept;
use crate::when;

/// Creates missing resources, ends lost runs, and continues validations.
///
/// # Errors
/// The state cannot be written.
pub fn resume(inner: &Arc<Inner>) -> Result<(), Unkept> {
    seed(inner)?;
    let open: Vec<(String, String, Run)> = inner.store.read(|state| {
        let all = state.load_testing.iter();
        let runs = all.flat_map(|(key, resource)| {
            let open = resource.runs.values().filter(|run| !run.status.is_over());
            open.map(move |run| (key.clone(), resource.guid.clone(), run.clone()))
        });
        runs.collect()
    });
    for (key, guid, run) in open {
        let run = lost(inner, run);
        inner.store.write(|state| {
            if let Some(resource) = state.load_testing.get_mut(&key) {
                resource.runs.insert(run.id.clone(), run.clone());
            }
        })?;
        recover(inner, key, guid, run);
    }
    validate::resume(inner);
    Ok(())
}

/// A run that lost its engines.
fn lost(inner: &Inner, mut run: Run) -> Run {
    let now_ms = when::unix_ms(inner.clock.now());
    finish(&mut run, None, now_ms);
    if run.status == Status::Cancelling {
        run.status = Status::Cancelled;
    } else {
        let text = "The emulator ended while the test was running, so its engines were lost. What they had measured is \
            kept. Run the test again.";
        run.errors = vec![error("TestEngineLost", text)];
        run.status = Status::Failed;
    }
    run.stamp.modified_ms = now_ms;
    run
}

/// Adds what a run had measured. Results may be large, so nobody waits for them.
fn recover(inner: &Arc<Inner>, key: String, guid: String, run: Run) {
    let name = run_key(&guid, &run.id);
    inner.agenda.enter(&name);
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        let folder = inner.load_tests.run(&guid, &run.id);
        let began = run.execution_ms.0.unwrap_or(run.stamp.created_ms);
        let work = tokio::task::spawn_blocking(move || {
            let (by_name, seconds) = Series::read(&folder.join("samples.jsonl"), began).totals();
            (Totals::new(by_name, seconds), packed(&folder))
        });
        if let Ok((totals, (has_results, has_logs))) = inner.agenda.elsewhere(&name, work).await {
            let written = inner.store.write(|state| {
                let runs = state.load_testing.get_mut(&key).map(|resource| &mut resource.runs);
                let Some(kept) = runs.and_then(|runs| runs.get_mut(&run.id)) else { return };
                let totals = Some(&totals).filter(|totals| totals.total.count > 0);
                finish(kept, totals, run.ended_ms.unwrap_or(began));
                kept.verdict = Some(Verdict::NotApplicable);
                (kept.has_results, kept.has_logs) = (has_results, has_logs);
            });
            if let Err(unkept) = written {
                tracing::warn!(%unkept, "what a lost test run had measured was not saved");
            }
        }
        inner.agenda.leave(&name);
    });
}

fn seed(inner: &Inner) -> Result<(), Unkept> {
    let now_ms = when::unix_ms(inner.clock.now());
    inner.store.write(|state| {
        for workspace in state.workspaces.values() {
            let name = naming::load_testing(&workspace.name);
            state.load_testing.entry(name.to_lowercase()).or_insert_with(|| Resource {
                name,
                location: workspace.location.clone(),
                guid: Uuid::new_v4().to_string(),
                tags: Map::new(),
                identity: Map::from_iter([("type".to_owned(), json!("SystemAssigned"))]),
                properties: Map::new(),
                stamp: Stamp::new(now_ms, "emulator"),
                tests: BTreeMap::new(),
                runs: BTreeMap::new(),
            });
        }
    })
}
