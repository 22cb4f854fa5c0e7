//! Lets a share bake with `az`: shows the measurements that the conditions are about, and asks a person to judge them.

use super::shell::word;
use crate::azure::arm::Workspace;
use domain::name::{DeploymentName, EndpointName};
use domain::plan::promotion::Baking;
use domain::policy::conditions::Condition;

/// `JMESPath`: the sum of all averages per minute, of all statuses or of those from 400 on.
const REQUESTS: &str = "sum(value[0].timeseries[].data[].average)";
const ERRORS: &str =
    "value[0].timeseries[?to_number(metadatavalues[0].value) >= `400`].data[].average | sum(@)";
/// The p99 of each minute.
const P99: &str = "value[0].timeseries[].data[].{minute: timeStamp, p99_ms: average}";

/// The commands. A person must confirm twice: without input the script ends here.
pub(super) fn commands(workspace: &Workspace, endpoint: &EndpointName, baking: &Baking) -> String {
    let Baking { newcomers, others, others_before, minutes, conditions } = baking;
    let names = baking.names();
    let all = conditions.all();
    let compares = all.iter().any(|(condition, _)| *condition == Condition::MinuteP99RatioMax);
    let mut script = format!("# Conditions for {names}: {conditions}.\n");
    let reads = all.iter().map(|(condition, _)| reading(*condition));
    script.extend(reads.map(|line| format!("#   {line}\n")));
    // The minute in which the route was set also has requests by the former one.
    script.push_str("sleep \"$((60 - $(date +%s) % 60))\"\nstart=$(date -u +%Y-%m-%dT%H:%M:00Z)\n");
    let wait = format!(
        "Wait {minutes}, and about five minutes more, because Azure Monitor is late. Then press Enter."
    );
    script.push_str(&asks(&wait));
    script.push_str("end=$(date -u +%Y-%m-%dT%H:%M:00Z)\n");
    let measure = |name: &DeploymentName| {
        let of = format!("{}/onlineEndpoints/{endpoint}/deployments/{name}", workspace.id());
        let mut shown: Vec<String> = Vec::new();
        for command in all.iter().flat_map(|(condition, _)| measured(name, &of, *condition)) {
            // Two conditions may need the same measurement.
            if !shown.contains(&command) {
                shown.push(command);
            }
        }
        shown.concat()
    };
    script.extend(newcomers.iter().map(measure));
    if compares && *others_before {
        script.push_str(&format!(
            "# {} no longer has live traffic: compare with its p99 of the {minutes} before this script ran.\n",
            joined(others)
        ));
    } else if compares {
        script.extend(others.iter().map(|name| {
            let of = format!("{}/onlineEndpoints/{endpoint}/deployments/{name}", workspace.id());
            measured(name, &of, Condition::MinuteP99MsMax).concat()
        }));
    }
    let question =
        format!("Did {names} have {conditions}? Then press Enter. Otherwise press Ctrl-C.");
    script + &asks(&question)
}

fn asks(question: &str) -> String {
    format!("echo {} >&2\nread -r _\n", word(question))
}

fn joined(names: &[DeploymentName]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// How to read a condition from the measurements.
fn reading(condition: Condition) -> &'static str {
    match condition {
        Condition::RequestsMin => "requests: the sum of RequestsPerMinute",
        Condition::ErrorsPercentMax => {
            "errors: 100 × the requests with a status of 400 or above, divided by all requests"
        }
        Condition::MinuteP99MsMax => {
            "minute p99: the lowest p99 such that minutes with this p99 or a lower one had 90 % of the requests"
        }
        Condition::MinuteP99RatioMax => {
            "× the others’: the minute p99, divided by that of the others"
        }
    }
}

/// Shows the measurements of one deployment for one condition.
fn measured(name: &DeploymentName, resource: &str, condition: Condition) -> Vec<String> {
    let show = |title: &str, metric: &str, filter: &str, query: &str, output: &str| {
        format!(
            "echo {}\naz monitor metrics list --resource {} --metrics {metric}{filter} --interval PT1M --aggregation \
             Average --start-time \"$start\" --end-time \"$end\" --query {} --output {output}\n",
            word(&format!("{name}: {title}")),
            word(resource),
            word(query),
        )
    };
    let by_status = " --filter \"envoy_response_code eq '*'\" --top 1000";
    let requests = || show("requests", "RequestsPerMinute", by_status, REQUESTS, "tsv");
    match condition {
        Condition::RequestsMin => vec![requests()],
        Condition::ErrorsPercentMax => {
            let title = "requests with a status of 400 or above";
            vec![requests(), show(title, "RequestsPerMinute", by_status, ERRORS, "tsv")]
        }
        Condition::MinuteP99MsMax | Condition::MinuteP99RatioMax => {
            vec![show("p99 of each minute", "RequestLatency_P99", "", P99, "table")]
        }
    }
}
