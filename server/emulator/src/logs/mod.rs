//! Log Analytics: records what the data plane shows, and answers queries. The tables are in the crate [`analytics`]; which
//! log goes where is decided by the diagnostic settings ([`route`]).
//!
//! A thread writes the rows. Who shows something adds it to a bounded [`backlog`] and never waits, so that no scoring
//! request does. A row becomes visible after the ingestion delay, by the emulator's clock.

pub mod ask;
mod backlog;
mod entry;
pub mod recorded;
mod recorded_day;
pub mod route;
mod workspace;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use analytics::{StoreError, ticks};
use dataplane::{Observer, SeenEvent, SeenLine, SeenRequest};
use parking_lot::{Mutex, RwLock};
use time::OffsetDateTime;
use tokio::sync::Semaphore;

use backlog::Backlog;
use entry::{Entry, Request, What};
use route::{Routes, Table, Tables};
use workspace::Workspace;

pub use workspace::RETENTION_DAYS;

/// How long rows take to become visible, at normal speed. Azure takes 20 seconds to 3 minutes (Azure Monitor, log data
/// ingestion time); people who watch a demonstration do not wait that long.
pub const DELAY_S: f64 = 10.0;
/// Queries that run at the same time (Azure Monitor, service limits: 5 for each user).
const ASKING_MAX: usize = 5;
/// Queries of alert rules that run at the same time.
const WATCHING_MAX: usize = 2;

/// How rows are recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    pub delay: Duration,
    /// Tables whose rows get lost.
    pub missing: Tables,
}

/// The log workspaces, and what is on its way to them.
pub struct Logs {
    shared: Arc<Shared>,
    folder: PathBuf,
    thread: Mutex<Option<JoinHandle<()>>>,
    asking: Arc<Semaphore>,
    /// Turns of alert rules.
    watching: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Whether the demo's day is being recorded.
    pub is_recording: AtomicBool,
}

#[derive(Default)]
struct Shared {
    routes: RwLock<Arc<Routes>>,
    workspaces: RwLock<BTreeMap<String, Arc<Workspace>>>,
    settings: RwLock<Settings>,
    backlog: Backlog,
    lost: AtomicU64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { delay: Duration::from_secs_f64(DELAY_S), missing: Tables::default() }
    }
}

impl std::fmt::Debug for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logs({})", self.folder.display())
    }
}

impl Logs {
    /// Logs without workspaces, below a folder.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn new(folder: &Path, delay: Duration) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        shared.settings.write().delay = delay;
        let writer = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("logs".to_owned());
        let thread = thread.spawn(move || write_all(&writer))?;
        Ok(Self {
            shared,
            folder: folder.to_owned(),
            thread: Mutex::new(Some(thread)),
            asking: Arc::new(Semaphore::new(ASKING_MAX)),
            watching: Arc::new(Semaphore::new(WATCHING_MAX)),
            waiting: AtomicUsize::new(0),
            is_recording: AtomicBool::new(false),
        })
    }

    /// Opens a workspace, or creates it.
    ///
    /// # Errors
    /// If its files are in use or cannot be read.
    pub fn open(
        &self,
        name: &str,
        customer_id: &str,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let folder = self.folder.join(name);
        let workspace = Workspace::open(&folder, customer_id, now)?;
        self.shared.workspaces.write().insert(name.to_owned(), Arc::new(workspace));
        Ok(())
    }

    /// What the data plane shows its work to.
    pub fn observer(&self) -> Arc<dyn Observer> {
        self.shared.clone()
    }

    /// Replaces the routes.
    pub fn set_routes(&self, routes: Routes) {
        *self.shared.routes.write() = Arc::new(routes);
    }

    pub fn settings(&self) -> Settings {
        *self.shared.settings.read()
    }

    pub fn set(&self, settings: Settings) {
        *self.shared.settings.write() = settings;
    }

    /// How many rows did not fit into memory, and how many got lost on purpose.
    pub fn counts(&self) -> (u64, u64) {
        (self.shared.backlog.dropped(), self.shared.lost.load(Ordering::Relaxed))
    }

    /// The workspace with a customer id: its name.
    pub fn by_customer_id(&self, id: &str) -> Option<String> {
        let workspaces = self.shared.workspaces.read();
        let found = workspaces.iter().find(|(_, one)| one.customer_id.eq_ignore_ascii_case(id));
        found.map(|(name, _)| name.clone())
    }

    /// The workspaces that get rows of a resource or of what is below it, by its ARM id in lower case.
    pub fn of_resource(&self, resource: &str) -> Vec<String> {
        let routes = Arc::clone(&self.shared.routes.read());
        let below = format!("{resource}/");
        let within = routes
            .values()
            .filter(|route| route.resource == resource || route.resource.starts_with(&below));
        let mut names: Vec<String> = within
            .flat_map(|route| Table::ALL.map(|table| route.sinks(table).to_vec()).concat())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// The customer id of a workspace, by its name in lower case.
    pub fn customer_id(&self, name: &str) -> Option<String> {
        self.workspace(name).map(|workspace| workspace.customer_id.clone())
    }

    /// One of the workspaces.
    pub fn any(&self) -> Option<String> {
        self.shared.workspaces.read().keys().next().cloned()
    }

    fn workspace(&self, name: &str) -> Option<Arc<Workspace>> {
        self.shared.workspaces.read().get(name).cloned()
    }

    /// Writes what is on its way, and gives the files free.
    pub fn close(&self) {
        self.shared.backlog.close();
        if let Some(thread) = self.thread.lock().take() {
            // It has ended with a panic, which was logged then.
            let _ = thread.join();
        }
        self.shared.workspaces.write().clear();
    }
}

impl Shared {
    /// Adds what `make` makes, if a setting sends the table anywhere.
    fn note(&self, endpoint: &str, at: OffsetDateTime, table: Table, make: impl FnOnce() -> What) {
        let routes = Arc::clone(&self.routes.read());
        let Some(route) = routes.get(endpoint).filter(|route| !route.sinks(table).is_empty())
        else {
            return;
        };
        let settings = *self.settings.read();
        if settings.missing.has(table) {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        // Tenths of a second, so that rows that come together are written together.
        let visible = ticks::from_time(at + settings.delay);
        let visible = visible - visible.rem_euclid(ticks::SECOND / 10);
        self.backlog.add(Entry::live(Arc::clone(route), at, visible, make()));
    }
}

impl Observer for Shared {
    fn request(&self, seen: &SeenRequest<'_>) {
        self.note(seen.endpoint, seen.at, Table::Traffic, || What::Request(Request::of(seen)));
    }

    fn line(&self, seen: &SeenLine<'_>) {
        self.note(seen.endpoint, seen.at, Table::Console, || What::line(seen));
    }

    fn event(&self, seen: &SeenEvent<'_>) {
        self.note(seen.endpoint, seen.at, Table::Event, || What::event(seen));
    }
}

/// The recorder's thread.
fn write_all(shared: &Shared) {
    while let Some(entries) = shared.backlog.take() {
        let mut groups: BTreeMap<(&str, Table), Vec<&Entry>> = BTreeMap::new();
        for entry in &entries {
            let table = entry.table();
            for sink in entry.route.sinks(table) {
                groups.entry((sink, table)).or_default().push(entry);
            }
        }
        let workspaces = shared.workspaces.read().clone();
        for ((name, table), group) in groups {
            let Some(workspace) = workspaces.get(name) else { continue };
            if let Err(error) = workspace.write(table, &group) {
                // The next rows may fit again.
                tracing::error!(workspace = name, table = table.name(), %error, "cannot write logs; they are lost");
            }
        }
        shared.backlog.wrote(entries.len());
    }
}
