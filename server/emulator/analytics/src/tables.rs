//! The tables of online endpoints in Azure Monitor (Azure Monitor, table reference: AmlOnlineEndpointTrafficLog,
//! AmlOnlineEndpointConsoleLog, AmlOnlineEndpointEventLog, AzureDiagnostics).

use crate::schema::{Schema, SchemaError};
use crate::types::Type::{self, DateTime, Int, Real, String};

/// The requests that endpoints answered.
pub const TRAFFIC_LOG: &str = "AmlOnlineEndpointTrafficLog";
/// What containers wrote to their console.
pub const CONSOLE_LOG: &str = "AmlOnlineEndpointConsoleLog";
/// What happened to containers.
pub const EVENT_LOG: &str = "AmlOnlineEndpointEventLog";
/// Where logs go that have no table of their own.
pub const DIAGNOSTICS: &str = "AzureDiagnostics";

/// Columns that all tables have.
const STANDARD: [(&str, Type); 8] = [
    ("TimeGenerated", DateTime),
    ("TenantId", String),
    ("SourceSystem", String),
    ("Type", String),
    ("_ResourceId", String),
    ("_SubscriptionId", String),
    ("_BilledSize", Real),
    ("_IsBillable", String),
];

const TRAFFIC: [(&str, Type); 25] = [
    ("OperationName", String),
    ("Method", String),
    ("Path", String),
    ("Protocol", String),
    ("AzureMLWorkspaceId", String),
    ("AzureMLWorkspaceName", String),
    ("EndpointName", String),
    ("DeploymentName", String),
    ("Location", String),
    ("AuthType", String),
    ("IdentityData", String),
    ("ResponseCode", Int),
    ("ResponseCodeReason", String),
    ("ModelStatusCode", Int),
    ("ModelStatusReason", String),
    ("RequestPayloadSize", Int),
    ("ResponsePayloadSize", Int),
    ("TotalDurationMs", Int),
    ("RequestDurationMs", Int),
    ("ResponseDurationMs", Int),
    ("RequestThrottlingDelayMs", Int),
    ("ResponseThrottlingDelayMs", Int),
    ("UserAgent", String),
    ("XRequestId", String),
    ("XMSClientRequestId", String),
];

const CONSOLE: [(&str, Type); 5] = [
    ("OperationName", String),
    ("InstanceId", String),
    ("DeploymentName", String),
    ("ContainerName", String),
    ("Message", String),
];

const EVENTS: [(&str, Type); 5] = [
    ("OperationName", String),
    ("InstanceId", String),
    ("DeploymentName", String),
    ("Name", String),
    ("Message", String),
];

const DIAGNOSTIC: [(&str, Type); 12] = [
    ("ResourceId", String),
    ("Category", String),
    ("ResourceGroup", String),
    ("SubscriptionId", String),
    ("ResourceProvider", String),
    ("Resource", String),
    ("ResourceType", String),
    ("OperationName", String),
    ("ResultType", String),
    ("ResultDescription", String),
    ("CorrelationId", String),
    ("Level", String),
];

/// The columns of one of the tables above; `None` for other names.
///
/// # Errors
/// Never for these tables; a test makes each.
pub fn schema(table: &str) -> Option<Result<Schema, SchemaError>> {
    let own: &[(&str, Type)] = match table {
        TRAFFIC_LOG => &TRAFFIC,
        CONSOLE_LOG => &CONSOLE,
        EVENT_LOG => &EVENTS,
        DIAGNOSTICS => &DIAGNOSTIC,
        _ => return None,
    };
    let columns: Vec<(&str, Type)> = STANDARD.iter().chain(own).copied().collect();
    Some(Schema::of(&columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_its_columns_once() {
        for table in [TRAFFIC_LOG, CONSOLE_LOG, EVENT_LOG, DIAGNOSTICS] {
            let schema = schema(table).expect("a known table").expect("valid columns");
            assert_eq!(schema.index("TimeGenerated"), Some(0), "{table}");
        }
        assert!(schema("Heartbeat").is_none());
    }
}
