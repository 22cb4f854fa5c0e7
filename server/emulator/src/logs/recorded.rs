//! Puts the recorded day into a log workspace and into the metrics, so that both agree. Its rows have the `SourceSystem`
//! that the service gives to imported rows, and the workspace has tags with the times (see `monitor::linked`).

use std::sync::Arc;
use std::time::Duration;

use analytics::{Options, QueryError, StoreError, Value, ticks};
use dataplane::{Container, ContainerEvent, DataPlane, PastRequest};
use time::OffsetDateTime;

use super::Logs;
use super::entry::{Entry, Request, What};
use super::recorded_day::{Past, Profile, day, incident_end, is_in_incident};
use super::route::{Route, Table};
use super::workspace::Workspace;

/// `SourceSystem` of rows that came through the service's ingestion API and not from a resource.
pub const SOURCE: &str = "RestAPI";
/// Production, and the endpoint for trying things.
const PROD: Profile = Profile { night: 30.0, day: 180.0, has_incident: true };
const DEV: Profile = Profile { night: 0.2, day: 5.0, has_incident: false };
/// Rows that are written together.
const WRITE_ROWS: usize = 4_000;
/// Of the failed requests of the incident, every so many wrote a line.
const LINE_EACH: usize = 4;

/// What a day is recorded for.
#[derive(Clone, Debug)]
pub struct Subject {
    pub route: Arc<Route>,
    pub deployment: Arc<str>,
    /// The name of the log workspace.
    pub log_workspace: String,
}

/// Why the day could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum Unrecorded {
    #[error("the log store cannot be written")]
    Store(#[from] StoreError),
    #[error("the log store cannot be read")]
    Query(#[from] QueryError),
    #[error("the log workspace is closed")]
    Closed,
}

impl Subject {
    fn profile(&self) -> Profile {
        if self.route.endpoint.ends_with("prod") { PROD } else { DEV }
    }

    fn day(&self, until: OffsetDateTime) -> impl Iterator<Item = Past> + use<> {
        day(&self.route.endpoint, self.profile(), until)
    }

    fn entry(&self, at: OffsetDateTime, what: What) -> Entry {
        // Rows of one minute become visible together.
        let minute = at.replace_second(0).and_then(|at| at.replace_nanosecond(0)).unwrap_or(at);
        let visible = ticks::from_time(minute + Duration::from_secs(60));
        Entry { route: Arc::clone(&self.route), at, visible, source: SOURCE, what }
    }

    fn request(&self, past: &Past) -> Entry {
        let is_chosen = past.has_deployment();
        let request = Request {
            deployment: is_chosen.then(|| Arc::clone(&self.deployment)),
            method: "POST",
            path: "/score",
            protocol: "HTTP/1.1",
            status: past.status,
            model_status: past.model_status,
            bytes_in: past.bytes_in,
            bytes_out: past.bytes_out,
            total_ms: past.total_ms,
            read_ms: 0,
            ran_ms: past.model_status.map(|_| past.total_ms),
            user_agent: "anet-app/2.3".to_owned(),
            request_id: id(past),
            client_request_id: String::new(),
        };
        self.entry(past.at, What::Request(request))
    }

    fn instance(&self) -> String {
        format!("{}-recorded-0", self.deployment)
    }

    /// What the containers wrote in the incident.
    fn lines(&self, until: OffsetDateTime) -> impl Iterator<Item = Entry> + '_ {
        let failed = self.day(until).filter(move |past| {
            self.profile().has_incident
                && past.model_status == Some(500)
                && is_in_incident(past.at, until)
        });
        failed.step_by(LINE_EACH).map(|past| {
            let text = format!(
                "ERROR: request {} failed: OSError: [Errno 28] No space left on device: '/tmp/items.npy'",
                id(&past)
            );
            let line = What::Line {
                deployment: self.deployment.to_string(),
                container: Container::InferenceServer,
                instance: self.instance(),
                text,
            };
            self.entry(past.at, line)
        })
    }

    /// What happened to the containers at the end of the incident.
    fn events(&self, until: OffsetDateTime) -> Vec<Entry> {
        if !self.profile().has_incident {
            return Vec::new();
        }
        let end = incident_end(until);
        let events = [
            (40, ContainerEvent::LivenessProbeFailed, "Liveness probe failed 30 times"),
            (30, ContainerEvent::Killing, "Stopping container inference-server"),
            (20, ContainerEvent::Created, "Created container inference-server"),
            (19, ContainerEvent::Started, "Started container inference-server"),
        ];
        let entry = |(before, event, message): (u64, ContainerEvent, &str)| {
            let what = What::Event {
                deployment: self.deployment.to_string(),
                instance: self.instance(),
                name: event.name(),
                message: message.to_owned(),
            };
            self.entry(end - Duration::from_secs(before), what)
        };
        events.map(entry).into()
    }
}

fn id(past: &Past) -> String {
    uuid::Builder::from_random_bytes(past.id.to_be_bytes()).into_uuid().to_string()
}

impl Logs {
    /// Writes the rows that are not there yet. It blocks for a second or two.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub fn record_day(&self, subject: &Subject, until: OffsetDateTime) -> Result<(), Unrecorded> {
        let workspace = self.workspace(&subject.log_workspace).ok_or(Unrecorded::Closed)?;
        let requests = subject.day(until).map(|past| subject.request(&past));
        write(&workspace, (Table::Traffic, subject, until), requests)?;
        write(&workspace, (Table::Console, subject, until), subject.lines(until))?;
        write(&workspace, (Table::Event, subject, until), subject.events(until).into_iter())
    }
}

/// Counts the requests of the recorded day in the metrics.
pub fn count_day(plane: &DataPlane, subject: &Subject, until: OffsetDateTime) {
    for is_chosen in [true, false] {
        let requests = subject.day(until).filter(|past| past.has_deployment() == is_chosen);
        let requests = requests.map(|past| PastRequest {
            at: past.at,
            status: past.status,
            model_status: past.model_status,
            latency: Duration::from_millis(past.total_ms.into()),
            bytes_in: past.bytes_in,
            bytes_out: past.bytes_out,
        });
        let deployment = is_chosen.then_some(&*subject.deployment);
        plane.import_traffic(&subject.route.endpoint, deployment, requests);
    }
}

/// Appends what an earlier start has not written. The rows and their order are always the same.
fn write(
    workspace: &Workspace,
    (table, subject, until): (Table, &Subject, OffsetDateTime),
    entries: impl Iterator<Item = Entry>,
) -> Result<(), Unrecorded> {
    let written = written(workspace, table, &subject.route.resource, until)?;
    let mut entries = entries.skip(written);
    loop {
        let some: Vec<Entry> = entries.by_ref().take(WRITE_ROWS).collect();
        if some.is_empty() {
            return Ok(());
        }
        workspace.write(table, &some.iter().collect::<Vec<_>>())?;
    }
}

fn written(
    workspace: &Workspace,
    table: Table,
    resource: &str,
    until: OffsetDateTime,
) -> Result<usize, QueryError> {
    let text = format!("{} | where SourceSystem == '{SOURCE}' | count", table.name());
    let options = Options::at(ticks::from_time(until + time::Duration::DAY));
    let answer = analytics::query_of(&workspace.store, Some(resource), &text, &options)?;
    let count = answer.rows().next().and_then(|row| row.first().and_then(Value::as_long));
    Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(0))
}
