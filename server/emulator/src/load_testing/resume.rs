//! The next start: a resource for each workspace, and the end of runs whose engines are lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, json};
use uuid::Uuid;

use super::conclude::{finish, packed};
use super::plan::error;
use super::validate;
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
        let ended = ended(inner, &guid, run);
        inner.store.write(|state| {
            if let Some(resource) = state.load_testing.get_mut(&key) {
                resource.runs.insert(ended.id.clone(), ended);
            }
        })?;
    }
    validate::resume(inner);
    Ok(())
}

/// A run that lost its engines, with what it had measured.
fn ended(inner: &Inner, guid: &str, mut run: Run) -> Run {
    let now_ms = when::unix_ms(inner.clock.now());
    let folder = inner.load_tests.run(guid, &run.id);
    let began = run.execution_ms.0;
    let series = Series::read(&folder.join("samples.jsonl"), began.unwrap_or(now_ms));
    let (by_name, seconds) = series.totals();
    let totals = Totals::new(by_name, seconds);
    finish(&mut run, Some(&totals).filter(|totals| totals.total.count > 0), now_ms);
    run.verdict = Some(Verdict::NotApplicable);
    (run.has_results, run.has_logs) = packed(&folder);
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
