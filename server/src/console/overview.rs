//! The overview, computed from the observers' state. Live pages with the same search share one computation.

use super::Services;
use crate::error::OrInternal as _;
use crate::stages::Observation;
use app::port::{Overview, Result, StageView};
use domain::endpoint::{Endpoint, Trouble};
use domain::find::{Find, SHOWN_MAX};
use domain::run::operation::Operation;
use domain::stage::Freshness;
use domain::timestamp::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Maximum number of searches whose overviews are cached.
const KEPT_MAX: usize = 256;

/// All stages, and the endpoints that a search finds.
///
/// # Errors
/// When the store fails.
pub(super) async fn read(services: &Services, find: &Find) -> Result<Overview> {
    let now = services.clock.now();
    let places = services.stages.iter().filter(|place| find.is_on(&place.stage.name));
    let stages = places.map(|place| {
        let seen = place.observer.now();
        let mut found: Vec<_> =
            seen.endpoints.values().filter(|e| find.finds(&e.key.endpoint)).collect();
        // The sort is stable: endpoints with equal trouble stay in alphabetical order.
        found.sort_by_key(|endpoint| Reverse(endpoint.trouble()));
        let troubled = |endpoint: &&Arc<Endpoint>| endpoint.trouble() != Trouble::None;
        let before = find.before().min(found.len());
        let shown = found.iter().skip(before).take(SHOWN_MAX);
        StageView {
            stage: place.stage.clone(),
            freshness: seen.freshness.clone(),
            gate: place.rules.gate(now),
            endpoints: shown.map(|e| Endpoint::clone(e)).collect(),
            before,
            found: found.len(),
            troubled: seen.endpoints.values().filter(troubled).count(),
            total: seen.endpoints.len(),
        }
    });
    let stages = stages.collect();
    let open =
        services.operations.table.open().await.or_internal("open operations cannot be read")?;
    let mut running: Vec<Operation> = open.into_iter().map(|open| open.operation).collect();
    running.sort_by_key(|operation| Reverse(operation.started));
    let broken = services.changes.broken().as_ref().clone();
    Ok(Overview { find: find.clone(), now, stages, running, broken })
}

/// A serialized overview.
#[derive(Debug)]
pub struct LiveOverview {
    pub json: Arc<str>,
    /// The overview without its times. Live pages are updated only if this has changed.
    pub news: Arc<str>,
}

/// The inputs of an overview.
#[derive(Debug)]
struct Source {
    observations: Vec<Arc<Observation>>,
    operations: u64,
}

impl Source {
    fn of(services: &Services) -> Self {
        Self {
            observations: services.stages.iter().map(|place| place.observer.now()).collect(),
            operations: services.operations.version(),
        }
    }

    fn is(&self, other: &Self) -> bool {
        let same = |(one, two): (&Arc<_>, &Arc<_>)| Arc::ptr_eq(one, two);
        self.operations == other.operations
            && self.observations.iter().zip(&other.observations).all(same)
    }
}

/// Overviews from one source, by search.
type Made = BTreeMap<Find, Arc<LiveOverview>>;

/// Caches the latest overviews, so that a thousand browsers cost one computation.
#[derive(Debug, Default)]
pub struct LiveOverviews(Mutex<Option<(Source, Made)>>);

impl LiveOverviews {
    /// The current overview.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn now(&self, services: &Services, find: &Find) -> Result<Arc<LiveOverview>> {
        // Held while reading, so that concurrent requests wait for this read instead of reading, too.
        let mut latest = self.0.lock().await;
        let source = Source::of(services);
        if !latest.as_ref().is_some_and(|(known, made)| known.is(&source) && made.len() < KEPT_MAX)
        {
            *latest = None;
        }
        let (_, made) = latest.get_or_insert_with(|| (source, Made::new()));
        if let Some(known) = made.get(find) {
            return Ok(Arc::clone(known));
        }
        let overview = read(services, find).await?;
        let live =
            Arc::new(LiveOverview { json: json(&overview)?, news: json(&timeless(overview))? });
        made.insert(find.clone(), Arc::clone(&live));
        Ok(live)
    }
}

fn timeless(mut overview: Overview) -> Overview {
    overview.now = Timestamp(0);
    for view in &mut overview.stages {
        if let Freshness::Fresh { at } = &mut view.freshness {
            *at = Timestamp(0);
        }
    }
    overview
}

fn json(overview: &Overview) -> Result<Arc<str>> {
    let text = serde_json::to_string(overview);
    text.map(Arc::from).or_internal("an overview cannot be written")
}
