//! The queries that the seed's alert, the console and usual alert rules send.

use super::support::{Request, logs, now};
use analytics::{LogStore, Options, Schema, Type, Value, query, query_of, tables, ticks};

fn request(ago_s: i64, deployment: &'static str, code: i64, duration_ms: i64) -> Request {
    Request { ago_s, deployment, code, duration_ms }
}

fn traffic() -> super::support::Logs {
    let logs = logs();
    for at in 0..40 {
        let (deployment, code) =
            (if at % 4 == 0 { "green" } else { "blue" }, if at % 5 == 0 { 503 } else { 200 });
        logs.request(request(at * 30, deployment, code, 10 + at));
    }
    logs
}

#[test]
fn the_seeds_alert_counts_requests_that_failed() {
    // Compares the int ResponseCode with a string, as Microsoft's own sample does (Azure Monitor, "Queries for the
    // AmlOnlineEndpointTrafficLog table").
    let logs = traffic();
    let text =
        "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == 'fraud'";
    assert_eq!(logs.rows(text).len(), 8);
    assert_eq!(logs.rows(&format!("{text} | where EndpointName == 'other'")).len(), 0);
    // The rule looks at the last 15 minutes.
    let mut options = Options::at(now());
    options.span = Some((now() - 15 * 60 * ticks::SECOND, now()));
    let answer = query(&logs.store, text, &options).expect("an answer");
    assert_eq!(answer.len(), 6, "the one of this moment is not before its end");
    let sample = "AmlOnlineEndpointTrafficLog | where ResponseCode != \"200\" and ResponseCode != \"100\" \
                  | project TimeGenerated, ResponseCode | top 100 by TimeGenerated";
    assert_eq!(logs.rows(sample).len(), 8);
    assert_eq!(logs.rows(sample)[0], "2026-11-30T12:00:00Z|503");
    let listed = "AmlOnlineEndpointTrafficLog | where ResponseCode in ('503', '502') or (ResponseCode == '424' and ModelStatusCode == '500')";
    assert_eq!(logs.rows(listed).len(), 8);
}

#[test]
fn charts_group_by_time_and_deployment() {
    let logs = traffic();
    let rows = logs.rows(
        "AmlOnlineEndpointTrafficLog | where TimeGenerated > ago(10m) \
         | summarize requests = count(), failed = countif(ResponseCode >= 500), percentiles(TotalDurationMs, 50, 95) \
           by bin(TimeGenerated, 5m), DeploymentName \
         | order by TimeGenerated asc, DeploymentName asc | render timechart",
    );
    assert_eq!(
        rows,
        [
            "2026-11-30T11:50:00Z|blue|7|1|25|29",
            "2026-11-30T11:50:00Z|green|2|0|22|26",
            "2026-11-30T11:55:00Z|blue|8|2|15|20",
            "2026-11-30T11:55:00Z|green|2|0|14|18",
            "2026-11-30T12:00:00Z|green|1|1|10|10",
        ]
    );
    let rate = logs.rows(
        "AmlOnlineEndpointTrafficLog | where EndpointName == \"fraud\" \
         | summarize TotalRequests = count(), ErrorRequests = countif(ResponseCode >= 500) by bin(TimeGenerated, 1h) \
         | where TotalRequests > 0 | extend ErrorRate = (ErrorRequests * 100.0) / TotalRequests | where ErrorRate > 5",
    );
    assert_eq!(rate.len(), 2, "{rate:?}");
}

#[test]
fn a_request_is_found_by_its_id_in_all_logs() {
    let logs = traffic();
    let rows = logs.rows(
        "let id = '0000001e-0000-4000-8000-000000000000'; \
         union withsource=Log isfuzzy=true AmlOnlineEndpointTrafficLog, AmlOnlineEndpointConsoleLog, AmlOnlineEndpointEventLog, Missing \
         | where XRequestId == id or Message has id | project Log, ResponseCode, TotalDurationMs",
    );
    assert_eq!(rows, ["AmlOnlineEndpointTrafficLog|200|11"]);
}

#[test]
fn an_answer_has_the_services_form() {
    let logs = traffic();
    let text = "AmlOnlineEndpointTrafficLog | where TimeGenerated == ago(30s) \
                | project TimeGenerated, ResponseCode, ModelStatusCode, EndpointName, r = 0.5, s = 5m, d = dynamic({\"a\":1}), b = true";
    let answer = query(&logs.store, text, &Options::at(now())).expect("an answer");
    assert_eq!(
        answer.to_json(),
        "{\"tables\":[{\"name\":\"PrimaryResult\",\"columns\":[{\"name\":\"TimeGenerated\",\"type\":\"datetime\"},\
         {\"name\":\"ResponseCode\",\"type\":\"int\"},{\"name\":\"ModelStatusCode\",\"type\":\"int\"},\
         {\"name\":\"EndpointName\",\"type\":\"string\"},{\"name\":\"r\",\"type\":\"real\"},{\"name\":\"s\",\"type\":\"timespan\"},\
         {\"name\":\"d\",\"type\":\"dynamic\"},{\"name\":\"b\",\"type\":\"bool\"}],\
         \"rows\":[[\"2026-11-30T11:59:30Z\",200,null,\"fraud\",0.5,\"00:05:00\",\"{\\\"a\\\":1}\",true]]}]}"
    );
}

#[test]
fn a_resource_sees_its_own_rows_and_those_below_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = LogStore::open(folder.path()).expect("a store");
    let schema = tables::schema(tables::TRAFFIC_LOG).expect("a table").expect("columns");
    store.create(tables::TRAFFIC_LOG, &schema).expect("a table");
    let plain = Schema::of(&[("TimeGenerated", Type::DateTime)]).expect("a column");
    store.create("Plain", &plain).expect("a table");
    let time = || ("TimeGenerated", Value::Long(now()));
    for id in ["/subscriptions/s/a", "/subscriptions/s/a/b", "/subscriptions/s/ab", ""] {
        let row = schema.row([time(), ("_ResourceId", Value::text(id))]).expect("a row");
        store.append(tables::TRAFFIC_LOG, now(), &[row]).expect("room");
    }
    store.append("Plain", now(), &[plain.row([time()]).expect("a row")]).expect("room");
    let count = |resource: Option<&str>, text: &str| {
        let text = format!("{text} | count");
        let answer = query_of(&store, resource, &text, &Options::at(now())).expect("an answer");
        answer.rows().next().and_then(|row| row[0].as_long())
    };
    let table = tables::TRAFFIC_LOG;
    assert_eq!(count(None, table), Some(4));
    assert_eq!(count(Some("/SUBSCRIPTIONS/s/a"), table), Some(2));
    assert_eq!(count(Some("/subscriptions/s/ab"), table), Some(1));
    let twice = format!("let all = {table}; union all, ({table} | where true)");
    assert_eq!(count(Some("/subscriptions/s/a"), &twice), Some(4), "however the table is named");
    assert_eq!(count(Some("/subscriptions/s/a"), "Plain"), Some(0), "its rows are of no resource");
}
