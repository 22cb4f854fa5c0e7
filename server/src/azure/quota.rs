//! Machine sizes of a region, and the free cores for each.
//!
//! Three limits apply at the same time: the family's, the region's total, and the workspace's own share if one is set
//! (Microsoft: manage quotas for Azure Machine Learning). Shapes: azure-rest-api-specs, machinelearningservices,
//! stable 2024-04-01, examples `Usage/list.json` and `VirtualMachineSize/list.json`. A size names its family
//! `standardDSv2Family`, a usage `Standard DSv2 Family Cluster Dedicated vCPUs`: the letters and digits before
//! “Cluster” match.

use super::arm::{Arm, ML_API_VERSION, Workspace};
use super::error::Error;
use super::region::Region;
use domain::guard::inputs::{self, Quota};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Size {
    name: String,
    family: String,
    #[serde(rename = "vCPUs")]
    cores: u32,
    #[serde(default)]
    supported_compute_types: Vec<String>,
}

/// Managed online endpoints in `supportedComputeTypes`.
const SERVES: &str = "MIR";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    current_value: i64,
    limit: i64,
    name: Named,
}

#[derive(Debug, Deserialize)]
struct Named {
    value: String,
}

/// Reads a region's sizes and the free cores for each. Sizes whose family has no usage are omitted, because their
/// quota is unknown.
pub async fn read(
    arm: &Arm,
    workspace: &Workspace,
    location: &Region,
) -> Result<Vec<Quota>, Error> {
    let (sizes, usages) = futures::try_join!(
        ask(arm, workspace, location, "vmSizes"),
        ask(arm, workspace, location, "usages")
    )?;
    Ok(free(&all(sizes, "a machine size")?, &all(usages, "a usage")?, &workspace.id()))
}

/// Reads a region's machine sizes, and which of them support managed online endpoints.
pub async fn sizes(
    arm: &Arm,
    workspace: &Workspace,
    location: &Region,
) -> Result<Vec<inputs::Size>, Error> {
    let sizes: Vec<Size> = all(ask(arm, workspace, location, "vmSizes").await?, "a machine size")?;
    let size = |size: Size| inputs::Size {
        serves: size.supported_compute_types.iter().any(|kind| kind.eq_ignore_ascii_case(SERVES)),
        name: size.name,
    };
    Ok(sizes.into_iter().map(size).collect())
}

async fn ask(
    arm: &Arm,
    workspace: &Workspace,
    location: &Region,
    what: &str,
) -> Result<Vec<Value>, Error> {
    let path = format!(
        "/subscriptions/{}/providers/Microsoft.MachineLearningServices/locations/{location}/{what}",
        workspace.subscription
    );
    arm.list(arm.url(&path, ML_API_VERSION, &[])?).await
}

fn all<T: DeserializeOwned>(items: Vec<Value>, what: &str) -> Result<Vec<T>, Error> {
    let read = |item| {
        serde_json::from_value(item).map_err(|error| Error::garbled(format!("{what}: {error}")))
    };
    items.into_iter().map(read).collect()
}

/// A usage with its properties precomputed for the comparison with many sizes.
struct Counted<'a> {
    usage: &'a Usage,
    family: Option<String>,
    is_own: bool,
    is_of_subscription: bool,
    is_total: bool,
}

fn free(sizes: &[Size], usages: &[Usage], workspace: &str) -> Vec<Quota> {
    let own = format!("{workspace}/usages/").to_ascii_lowercase();
    let count = |usage| Counted {
        usage,
        family: dedicated(&usage.name.value),
        is_own: usage.id.to_ascii_lowercase().starts_with(&own),
        is_of_subscription: is_kind(usage, "vmFamily/usages"),
        is_total: is_kind(usage, "dedicatedCores/usages"),
    };
    let usages: Vec<_> = usages.iter().map(count).collect();
    let mut quotas = Vec::new();
    for size in sizes {
        let family = letters(&size.family);
        let is_of_family = |counted: &Counted<'_>| counted.family.as_ref() == Some(&family);
        if !usages.iter().any(|counted| counted.is_of_subscription && is_of_family(counted)) {
            continue;
        }
        let binds = |counted: &&Counted<'_>| {
            counted.is_total
                || (is_of_family(counted) && (counted.is_of_subscription || counted.is_own))
        };
        let binding = usages.iter().filter(binds);
        let left = binding.filter_map(|counted| left(counted.usage)).min().unwrap_or(u32::MAX);
        quotas.push(Quota {
            instance_type: size.name.clone(),
            family,
            cores: size.cores,
            free_cores: left,
        });
    }
    quotas
}

fn is_kind(usage: &Usage, end: &str) -> bool {
    let kind = usage.kind.to_ascii_lowercase();
    kind == format!("microsoft.machinelearningservices/{}", end.to_ascii_lowercase())
}

/// The free cores; `None` without a limit, which Azure writes as -1.
fn left(usage: &Usage) -> Option<u32> {
    let left = || {
        let cores = usage.limit.saturating_sub(usage.current_value).max(0);
        u32::try_from(cores).unwrap_or(u32::MAX)
    };
    (usage.limit >= 0).then(left)
}

/// The family of a usage of dedicated cores; `None` for low-priority cores, which endpoints cannot use.
fn dedicated(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    if lower.contains("lowpriority") {
        return None;
    }
    let family = lower.split(" cluster ").next().unwrap_or_default();
    Some(letters(family))
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const WORKSPACE: &str = "/subscriptions/s/resourceGroups/rg/providers/\
                             Microsoft.MachineLearningServices/workspaces/w";

    fn usage(id: &str, kind: &str, name: &str, used: i64, limit: i64) -> Usage {
        serde_json::from_value(json!({
            "id": id, "type": format!("Microsoft.MachineLearningServices/{kind}/usages"),
            "currentValue": used, "limit": limit, "unit": "Count",
            "name": {"value": name, "localizedValue": name}
        }))
        .expect("a usage")
    }

    fn free_of(usages: &[Usage]) -> Option<u32> {
        let size = json!({"name": "Standard_DS3_v2", "family": "standardDSv2Family", "vCPUs": 4,
            "gpus": 0, "supportedComputeTypes": ["AmlCompute", "MIR"]});
        let sizes = [serde_json::from_value(size).expect("a size")];
        free(&sizes, usages, WORKSPACE).first().map(|quota| quota.free_cores)
    }

    #[test]
    fn the_tightest_limit_counts() {
        let family = "Standard DSv2 Family Cluster Dedicated vCPUs";
        let low = family.replace("Dedicated", "LowPriority");
        let total = "Total Cluster Dedicated Regional vCPUs";
        let own = |workspace: &str| format!("{}/usages/x", WORKSPACE.replace("/w", workspace));
        let mut all = vec![
            usage("/subscriptions/s/usages", "totalCores", "Clusters", 7, 100),
            usage("/subscriptions/s/usages/x", "vmFamily", &low, 0, -1),
            usage(
                "/subscriptions/s/usages/y",
                "vmFamily",
                "Standard Dv2 Family Cluster Dedicated vCPUs",
                0,
                0,
            ),
        ];
        assert_eq!(free_of(&all), None, "the family has no usage");
        all.push(usage("/subscriptions/s/usages/x", "vmFamily", family, 2, 24));
        assert_eq!(free_of(&all), Some(22));
        all.push(usage("/subscriptions/s/usages", "dedicatedCores", total, 14, 24));
        assert_eq!(free_of(&all), Some(10));
        all.push(usage(&own("/other"), "workspaces", family, 2, 2));
        assert_eq!(free_of(&all), Some(10), "another workspace's share");
        all.push(usage(&own("/W"), "workspaces", family, 2, 6));
        assert_eq!(free_of(&all), Some(4));
        all.push(usage(&own("/w"), "workspaces", family, 9, 6));
        assert_eq!(free_of(&all), Some(0), "over the limit");
        all.push(usage("/x", "dedicatedCores", total, i64::MIN, i64::MAX));
        assert_eq!(free_of(&all), Some(0), "out of range");
    }
}
