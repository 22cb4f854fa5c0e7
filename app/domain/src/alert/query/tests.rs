//! Tests of `query`.

use super::*;
use proptest::prelude::*;

fn rules(query: &str) -> Vec<String> {
    let endpoint = "anet-ep-dev".parse().expect("a name");
    explain(query, &endpoint).into_iter().map(|one| one.rule).collect()
}

fn todo(query: &str) -> String {
    let endpoint = "anet-ep-dev".parse().expect("a name");
    explain(query, &endpoint).into_iter().map(|one| one.todo).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_query_of_the_templates_is_explained() {
    let query = "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == 'anet-ep-dev'";
    assert_eq!(rules(query), ["number-as-text", "counts-successes"]);
    assert!(
        todo(query).starts_with("Write toint(ResponseCode) != 200, which works in all versions.")
    );
    let own = "AmlOnlineEndpointTrafficLog | where toint(ResponseCode) != 200 and EndpointName == 'anet-ep-dev'";
    assert_eq!(rules(own), ["counts-successes"]);
    let best = "AmlOnlineEndpointTrafficLog\n| where toint(ResponseCode) >= 400 and EndpointName =~ 'Anet-Ep-Dev'";
    assert_eq!(rules(best), [""; 0]);
}

#[test]
fn queries_that_find_nothing_say_why() {
    let log = |rest: &str| format!("AmlOnlineEndpointTrafficLog | where {rest}");
    for (query, rule, part) in [
        (log("StatusCode >= 500"), "unknown-column", "Write ResponseCode."),
        (log("ResponceCode >= 500"), "unknown-column", "Write ResponseCode."),
        (log("responsecode >= 500"), "unknown-column", "Write ResponseCode."),
        (log("Colour == 'red'"), "unknown-column", "Write one of: TimeGenerated"),
        (log("ResponseCode in ('503', '502')"), "number-as-text", "tostring(ResponseCode)"),
        (log("ModelStatusCode == \"500\""), "number-as-text", "toint(ModelStatusCode) == 500"),
        (log("ResponseCode !in ('200')"), "number-as-text", "tostring(ResponseCode)"),
        (log("ResponseCode startswith '5'"), "number-as-text", "tostring(ResponseCode)"),
        (log("EndpointName == 5"), "text-as-number", "EndpointName == '5'"),
        (log("EndpointName == 'Anet-Ep-Dev'"), "other-endpoint", "=~ 'anet-ep-dev'"),
        (log("EndpointName == 'anet-ep-prod'"), "other-endpoint", "=~ 'anet-ep-dev'"),
        (log("ResponseCode >= 500 and (EndpointName == 'x'"), "malformed", "Add it"),
        (log("EndpointName == 'x"), "malformed", "Close it"),
        (
            "amlonlineendpointtrafficlog | take 1".to_owned(),
            "unknown-log",
            "Write AmlOnlineEndpointTrafficLog.",
        ),
        (
            "AmlOnlineEndpointTrafficLogs | take 1".to_owned(),
            "unknown-log",
            "Write AmlOnlineEndpointTrafficLog.",
        ),
        (String::new(), "no-log", "Begin with"),
    ] {
        assert!(rules(&query).iter().any(|found| found == rule), "{query}: {:?}", rules(&query));
        assert!(todo(&query).contains(part), "{query}: {}", todo(&query));
    }
}

#[test]
fn what_is_not_understood_is_not_explained() {
    for query in [
        "AmlOnlineEndpointTrafficLog | where toint(ResponseCode) >= 500 | summarize Failures = count() by DeploymentName, bin(TimeGenerated, 5m) | where Failures > 3 | order by Failures desc",
        "AmlOnlineEndpointTrafficLog | extend Slow = TotalDurationMs > 1000 | where Slow",
        "AmlOnlineEndpointTrafficLog | summarize avg(TotalDurationMs), count() by EndpointName | where avg_TotalDurationMs > 5 and count_ > 3",
        "AmlOnlineEndpointTrafficLog | where tostring(ResponseCode) startswith '5'",
        "let limit = 5; AmlOnlineEndpointTrafficLog | where Colour == 'red'",
        "AmlOnlineEndpointTrafficLog | join (Heartbeat) on Computer",
        "AmlOnlineEndpointConsoleLog | where Message has 'error'",
        "Heartbeat | take 1",
        "AmlOnlineEndpointTrafficLog // ResponseCode == '200'\n| where ResponseCode >= 400",
    ] {
        assert_eq!(rules(query), [""; 0], "{query}");
    }
}

proptest! {
    #[test]
    fn any_query_is_explained_without_a_panic(query in "[A-Za-z_|()'\"=!~<> 0-9.,/\n]{0,120}") {
        let endpoint = "anet-ep".parse().expect("a name");
        let with_log = format!("{TRAFFIC_LOG} | where {query}");
        for query in [&query, &with_log] {
            prop_assert!(explain(query, &endpoint).iter().all(|one| one.at <= query.len()));
        }
    }
}
