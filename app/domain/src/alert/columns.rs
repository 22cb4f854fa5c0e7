//! The columns of `AmlOnlineEndpointTrafficLog` (Azure docs: reference of Azure Monitor's tables).

/// The log of an endpoint's requests.
pub const TRAFFIC_LOG: &str = "AmlOnlineEndpointTrafficLog";
/// The other logs of endpoints.
pub const OTHER_LOGS: [&str; 2] = ["AmlOnlineEndpointConsoleLog", "AmlOnlineEndpointEventLog"];

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Text,
    Number,
    Time,
    /// Not compared with literals in practice.
    Other,
}

impl Type {
    /// With an article, for sentences.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Time => "a time",
            Self::Other => "another value",
        }
    }
}

/// All columns with their types.
pub const COLUMNS: [(&str, Type); 34] = [
    ("TimeGenerated", Type::Time),
    ("OperationName", Type::Text),
    ("Method", Type::Text),
    ("Path", Type::Text),
    ("Protocol", Type::Text),
    ("AzureMLWorkspaceId", Type::Text),
    ("AzureMLWorkspaceName", Type::Text),
    ("EndpointName", Type::Text),
    ("DeploymentName", Type::Text),
    ("Location", Type::Text),
    ("AuthType", Type::Text),
    ("IdentityData", Type::Text),
    ("ResponseCode", Type::Number),
    ("ResponseCodeReason", Type::Text),
    ("ModelStatusCode", Type::Number),
    ("ModelStatusReason", Type::Text),
    ("RequestPayloadSize", Type::Number),
    ("ResponsePayloadSize", Type::Number),
    ("TotalDurationMs", Type::Number),
    ("RequestDurationMs", Type::Number),
    ("ResponseDurationMs", Type::Number),
    ("RequestThrottlingDelayMs", Type::Number),
    ("ResponseThrottlingDelayMs", Type::Number),
    ("UserAgent", Type::Text),
    ("XRequestId", Type::Text),
    ("XMSClientRequestId", Type::Text),
    ("_ResourceId", Type::Text),
    ("_SubscriptionId", Type::Text),
    ("_BilledSize", Type::Number),
    ("_IsBillable", Type::Text),
    ("TenantId", Type::Other),
    ("SourceSystem", Type::Text),
    ("Type", Type::Text),
    ("_ItemId", Type::Text),
];

/// The type of a column; `None` if there is no such column. Log Analytics distinguishes case.
#[must_use]
pub fn column(name: &str) -> Option<Type> {
    COLUMNS.iter().find(|(known, _)| *known == name).map(|(_, of)| *of)
}

/// The column that a misspelt name resembles most.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase().replace('_', "");
    let distance = |known: &'static str| {
        (strsim::osa_distance(&lower, &known.to_lowercase().replace('_', "")), known)
    };
    let near = COLUMNS.iter().map(|(known, _)| distance(known)).min()?;
    let most = (lower.chars().count() / 3).min(4);
    (lower.len() <= 64 && near.0 <= most).then_some(near.1)
}

/// Names that people expect, and the columns that have what they mean.
const MEANT: [(&str, &str); 8] = [
    ("StatusCode", "ResponseCode"),
    ("HttpStatusCode", "ResponseCode"),
    ("HttpStatus", "ResponseCode"),
    ("Status", "ResponseCode"),
    ("ResultCode", "ResponseCode"),
    ("DurationMs", "TotalDurationMs"),
    ("Latency", "TotalDurationMs"),
    ("Endpoint", "EndpointName"),
];

/// The column that a person probably meant.
#[must_use]
pub fn meant(name: &str) -> Option<&'static str> {
    let known =
        MEANT.iter().find(|(word, _)| word.eq_ignore_ascii_case(name)).map(|(_, column)| *column);
    known.or_else(|| nearest(name))
}
