//! What the recorder has seen, and the rows that it makes of it (Azure Monitor, table reference: AmlOnlineEndpointTrafficLog,
//! AmlOnlineEndpointConsoleLog, AmlOnlineEndpointEventLog).

use std::sync::Arc;

use analytics::{Schema, SchemaError, Value, ticks};
use dataplane::{Container, SeenEvent, SeenLine, SeenRequest};
use http::{HeaderValue, StatusCode, Version};
use time::OffsetDateTime;

use super::route::{Route, Table};

/// The longest `UserAgent` in the log (table reference).
const USER_AGENT_CHARS_MAX: usize = 70;
/// About the bytes of an entry without its texts.
const ENTRY_BYTES: usize = 240;
/// Rows that the service itself wrote, and rows that were imported.
const LIVE: &str = "Azure";

/// Something that becomes a row.
#[derive(Debug)]
pub struct Entry {
    pub route: Arc<Route>,
    pub at: OffsetDateTime,
    /// From when on queries see it, in ticks.
    pub visible: i64,
    pub source: &'static str,
    pub what: What,
}

/// The part that tables have for themselves.
#[derive(Debug)]
pub enum What {
    Request(Request),
    Line { deployment: String, container: Container, instance: String, text: String },
    Event { deployment: String, instance: String, name: &'static str, message: String },
}

/// An answered request. Durations are in milliseconds, and count from its arrival.
#[derive(Debug)]
pub struct Request {
    pub deployment: Option<Arc<str>>,
    pub method: &'static str,
    pub path: &'static str,
    pub protocol: &'static str,
    pub status: u16,
    pub model_status: Option<u16>,
    pub bytes_in: usize,
    pub bytes_out: usize,
    pub total_ms: u32,
    pub read_ms: u32,
    pub ran_ms: Option<u32>,
    pub user_agent: String,
    pub request_id: String,
    pub client_request_id: String,
}

fn text(value: Option<&HeaderValue>) -> String {
    value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

fn ms(duration: std::time::Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

impl Request {
    /// What the router has seen.
    pub fn of(seen: &SeenRequest<'_>) -> Self {
        Self {
            deployment: seen.deployment.map(Arc::from),
            method: if seen.path == "/score" { "POST" } else { "GET" },
            path: if seen.path == "/score" { "/score" } else { "/swagger.json" },
            protocol: match seen.protocol {
                Version::HTTP_2 => "HTTP/2",
                Version::HTTP_10 => "HTTP/1.0",
                _ => "HTTP/1.1",
            },
            status: seen.status,
            model_status: seen.model_status,
            bytes_in: seen.bytes_in,
            bytes_out: seen.bytes_out,
            total_ms: ms(seen.total),
            read_ms: ms(seen.read),
            ran_ms: seen.ran.map(ms),
            user_agent: text(seen.user_agent).chars().take(USER_AGENT_CHARS_MAX).collect(),
            request_id: text(Some(seen.request_id)),
            client_request_id: text(seen.client_request_id),
        }
    }
}

impl What {
    /// What a container wrote.
    pub fn line(seen: &SeenLine<'_>) -> Self {
        Self::Line {
            deployment: seen.deployment.to_owned(),
            container: seen.container,
            instance: seen.instance.unwrap_or_default().to_owned(),
            text: seen.text.to_owned(),
        }
    }

    /// What happened to a container.
    pub fn event(seen: &SeenEvent<'_>) -> Self {
        Self::Event {
            deployment: seen.deployment.to_owned(),
            instance: seen.instance.to_owned(),
            name: seen.event.name(),
            message: seen.message.to_owned(),
        }
    }
}

type Cell = (&'static str, Value);

fn number(value: usize) -> Value {
    Value::Long(i64::from(i32::try_from(value).unwrap_or(i32::MAX)))
}

fn status(value: u16) -> [Value; 2] {
    let reason = StatusCode::from_u16(value).ok().and_then(|status| status.canonical_reason());
    [number(value.into()), Value::text(reason.unwrap_or_default())]
}

impl Entry {
    /// An entry from the router or a container.
    pub fn live(route: Arc<Route>, at: OffsetDateTime, visible: i64, what: What) -> Self {
        Self { route, at, visible, source: LIVE, what }
    }

    pub fn table(&self) -> Table {
        match self.what {
            What::Request(_) => Table::Traffic,
            What::Line { .. } => Table::Console,
            What::Event { .. } => Table::Event,
        }
    }

    pub fn is_request(&self) -> bool {
        matches!(self.what, What::Request(_))
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        ENTRY_BYTES
            + match &self.what {
                What::Request(request) => {
                    request.user_agent.len()
                        + request.request_id.len()
                        + request.client_request_id.len()
                }
                What::Line { deployment, instance, text, .. } => {
                    deployment.len() + instance.len() + text.len()
                }
                What::Event { deployment, instance, message, .. } => {
                    deployment.len() + instance.len() + message.len()
                }
            }
    }

    /// The row in a workspace with this customer id.
    ///
    /// # Errors
    /// Never with the schema of its table.
    pub fn row(&self, schema: &Schema, tenant: &Value) -> Result<Vec<Value>, SchemaError> {
        let mut cells: Vec<Cell> = vec![
            ("TimeGenerated", Value::Long(ticks::from_time(self.at))),
            ("TenantId", tenant.clone()),
            ("SourceSystem", Value::text(self.source)),
            ("Type", Value::text(self.table().name())),
            ("_ResourceId", Value::text(&self.route.resource)),
            ("_SubscriptionId", Value::text(&self.route.subscription)),
            ("_BilledSize", Value::Real(self.bytes() as f64)),
            ("_IsBillable", Value::text("true")),
        ];
        self.own(&mut cells);
        schema.row(cells)
    }

    fn own(&self, cells: &mut Vec<Cell>) {
        match &self.what {
            What::Request(request) => self.request(request, cells),
            What::Line { deployment, container, instance, text } => cells.extend([
                (
                    "OperationName",
                    Value::text("Microsoft.MachineLearningServices/workspaces/onlineEndpoints/log"),
                ),
                ("InstanceId", Value::text(instance)),
                ("DeploymentName", Value::text(deployment)),
                (
                    "ContainerName",
                    Value::text(match container {
                        Container::InferenceServer => "inference-server",
                        Container::StorageInitializer => "storage-initializer",
                    }),
                ),
                ("Message", Value::text(text)),
            ]),
            What::Event { deployment, instance, name, message } => cells.extend([
                (
                    "OperationName",
                    Value::text(
                        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/event",
                    ),
                ),
                ("InstanceId", Value::text(instance)),
                ("DeploymentName", Value::text(deployment)),
                ("Name", Value::text(name)),
                ("Message", Value::text(message)),
            ]),
        }
    }

    fn request(&self, request: &Request, cells: &mut Vec<Cell>) {
        let route = &self.route;
        let [code, reason] = status(request.status);
        let duration = |ms: u32| number(ms as usize);
        cells.extend([
            (
                "OperationName",
                Value::text(
                    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action",
                ),
            ),
            ("Method", Value::text(request.method)),
            ("Path", Value::text(request.path)),
            ("Protocol", Value::text(request.protocol)),
            ("AzureMLWorkspaceId", Value::text(&route.guid)),
            ("AzureMLWorkspaceName", Value::text(&route.workspace)),
            ("EndpointName", Value::text(&route.endpoint)),
            ("Location", Value::text(&route.location)),
            ("AuthType", Value::text(route.auth)),
            ("ResponseCode", code),
            ("ResponseCodeReason", reason),
            ("RequestPayloadSize", number(request.bytes_in)),
            ("ResponsePayloadSize", number(request.bytes_out)),
            ("TotalDurationMs", duration(request.total_ms)),
            ("RequestDurationMs", duration(request.read_ms)),
            ("RequestThrottlingDelayMs", duration(0)),
            ("ResponseThrottlingDelayMs", duration(0)),
            ("UserAgent", Value::text(&request.user_agent)),
            ("XRequestId", Value::text(&request.request_id)),
            ("XMSClientRequestId", Value::text(&request.client_request_id)),
        ]);
        if let Some(deployment) = &request.deployment {
            cells.push(("DeploymentName", Value::Text(Arc::clone(deployment))));
        }
        if let Some(ran) = request.ran_ms {
            cells.push(("ResponseDurationMs", duration(ran)));
        }
        if let Some(model) = request.model_status {
            let [code, reason] = status(model);
            cells.extend([("ModelStatusCode", code), ("ModelStatusReason", reason)]);
        }
    }
}
