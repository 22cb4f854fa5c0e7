//! Quota of a region: the machine sizes, the number of cores that each family may use, and the number in
//! use.
//!
//! The shapes follow Microsoft's specification (azure-rest-api-specs, machinelearningservices, stable
//! 2024-04-01, examples `Usage/list.json` and `VirtualMachineSize/list.json`). A size names its family as
//! `standardDSv2Family`, and a usage as `Standard DSv2 Family Cluster Dedicated vCPUs`. Cores and memory of
//! sizes are from Microsoft's pages on virtual machine sizes.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::state::{DeploymentSpec, Operation, State};

/// Machine sizes that share one quota.
struct Family {
    name: &'static str,
    /// The name in usages, before `Family Cluster … vCPUs`.
    title: &'static str,
    /// The number of cores that the subscription may use in a region.
    limit: u64,
}

const DSV2: Family = Family { name: "standardDSv2Family", title: "Standard DSv2", limit: 400 };
const FSV2: Family = Family { name: "standardFSv2Family", title: "Standard FSv2", limit: 100 };
/// Enough for public samples, which often use `Standard_NC6s_v3`. New subscriptions have none.
const NCSV3: Family = Family { name: "standardNCSv3Family", title: "Standard NCSv3", limit: 48 };
const FAMILIES: [&Family; 3] = [&DSV2, &FSV2, &NCSV3];
/// The number of cores of all families together.
const REGION_LIMIT: u64 = 600;

struct Size {
    name: &'static str,
    family: &'static Family,
    cores: u64,
    gpus: u64,
    memory_gb: f64,
    disk_mb: u64,
    /// Whether online deployments can use it, which Azure calls `MIR`.
    serves: bool,
}

const fn size(
    name: &'static str,
    family: &'static Family,
    (cores, gpus): (u64, u64),
    memory_gb: f64,
    disk_mb: u64,
    serves: bool,
) -> Size {
    Size { name, family, cores, gpus, memory_gb, disk_mb, serves }
}

const SIZES: [Size; 10] = [
    size("Standard_DS1_v2", &DSV2, (1, 0), 3.5, 7_168, false),
    size("Standard_DS2_v2", &DSV2, (2, 0), 7.0, 14_336, true),
    size("Standard_DS3_v2", &DSV2, (4, 0), 14.0, 28_672, true),
    size("Standard_DS4_v2", &DSV2, (8, 0), 28.0, 57_344, true),
    size("Standard_DS5_v2", &DSV2, (16, 0), 56.0, 114_688, true),
    size("Standard_F2s_v2", &FSV2, (2, 0), 4.0, 16_384, true),
    size("Standard_F4s_v2", &FSV2, (4, 0), 8.0, 32_768, true),
    size("Standard_F8s_v2", &FSV2, (8, 0), 16.0, 65_536, true),
    size("Standard_F16s_v2", &FSV2, (16, 0), 32.0, 131_072, true),
    size("Standard_NC6s_v3", &NCSV3, (6, 1), 112.0, 753_664, true),
];

/// `GET {LOC}/vmSizes`
pub fn sizes(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    region(inner, call, "vmSizes")?;
    let describe = |size: &Size| {
        let mut types = vec!["AmlCompute", "ComputeInstance"];
        types.extend(size.serves.then_some("MIR"));
        json!({
            "name": size.name, "family": size.family.name, "vCPUs": size.cores, "gpus": size.gpus,
            "osVhdSizeMB": 1_047_552, "maxResourceVolumeMB": size.disk_mb,
            "memoryGB": size.memory_gb, "lowPriorityCapable": true, "premiumIO": true,
            "supportedComputeTypes": types,
        })
    };
    Ok(Answer::ok(json!({ "value": SIZES.iter().map(describe).collect::<Vec<_>>() })))
}

/// `GET {LOC}/usages`
pub fn usages(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    let region = region(inner, call, "usages")?;
    let root = format!("/subscriptions/{}/usages", inner.subscription);
    let usage = |id: String, kind: &str, name: String, used: u64, limit: i64| {
        json!({
            "id": id, "type": format!("Microsoft.MachineLearningServices/{kind}/usages"),
            "currentValue": used, "limit": limit, "unit": "Count",
            "name": { "value": name, "localizedValue": name },
        })
    };
    let number = |limit: u64| i64::try_from(limit).unwrap_or(i64::MAX);
    let mut all = Vec::new();
    let mut total = 0;
    for family in FAMILIES {
        let used = inner.store.read(|state| used(state, &region, Some(family), None));
        total += used;
        let named = |priority: &str| format!("{} Family Cluster {priority} vCPUs", family.title);
        let id = |name: &str| format!("{root}/{}", name.replace(' ', "_"));
        let (own, low) = (named("Dedicated"), named("LowPriority"));
        all.push(usage(id(&own), "vmFamily", own, used, number(family.limit)));
        // Low-priority cores have no separate limit, and endpoints do not use them.
        all.push(usage(id(&low), "vmFamily", low, 0, -1));
    }
    let name = "Total Cluster Dedicated Regional vCPUs".to_owned();
    all.push(usage(root, "dedicatedCores", name, total, number(REGION_LIMIT)));
    Ok(Answer::ok(json!({ "value": all })))
}

/// The region of a path, if there is a workspace in it.
fn region(inner: &Inner, call: &Call, kind: &str) -> Result<String, ArmError> {
    let region = call.after("locations").to_lowercase();
    let is_known = inner.store.read(|state| {
        state.workspaces.values().any(|ws| ws.location.eq_ignore_ascii_case(&region))
    });
    if is_known {
        return Ok(region);
    }
    Err(ArmError::arm(
        StatusCode::BAD_REQUEST,
        "NoRegisteredProviderFound",
        format!(
            "No registered resource provider found for location '{region}' and API version '{}' for type \
             'locations/{kind}'.",
            call.api_version
        ),
    ))
}

fn size_of(spec: &DeploymentSpec) -> Option<&'static Size> {
    let name = spec.properties.get("instanceType").and_then(Value::as_str)?;
    SIZES.iter().find(|size| size.name.eq_ignore_ascii_case(name))
}

/// Cores in use in a region, of one family or of all, without one deployment.
fn used(
    state: &State,
    region: &str,
    family: Option<&Family>,
    without: Option<(&str, &str, &str)>,
) -> u64 {
    let mut cores = 0;
    for (ws, workspace) in &state.workspaces {
        if !workspace.location.eq_ignore_ascii_case(region) {
            continue;
        }
        for (e, endpoint) in &workspace.endpoints {
            for (d, deployment) in &endpoint.deployments {
                let Some(size) = size_of(&deployment.spec) else { continue };
                // A deployment that never started uses no cores.
                let is_up = deployment.has_succeeded || deployment.provisioning.is_moving();
                let is_counted = is_up
                    && family.is_none_or(|family| family.name == size.family.name)
                    && without != Some((ws, e, d));
                if is_counted {
                    cores += size.cores * u64::try_from(deployment.spec.capacity).unwrap_or(0);
                }
            }
        }
    }
    cores
}

/// Refuses a deployment that does not fit: n instances need the quota of ⌈1.2 n⌉ (how-to-manage-quotas).
pub fn check(inner: &Inner, operation: &Operation, next: &DeploymentSpec) -> Result<(), ArmError> {
    let Some(size) = size_of(next) else { return Ok(()) };
    let deployment = operation.deployment.as_deref().unwrap_or_default();
    let own = (operation.workspace.as_str(), operation.endpoint.as_str(), deployment);
    let needed = size.cores * (u64::try_from(next.capacity).unwrap_or(0) * 6).div_ceil(5);
    let (of_family, of_all) = inner.store.read(|state| {
        let workspace = state.workspaces.get(&operation.workspace);
        let region = workspace.map_or("", |workspace| workspace.location.as_str());
        let others = |family| used(state, region, family, Some(own));
        (others(Some(size.family)), others(None))
    });
    if needed + of_family <= size.family.limit && needed + of_all <= REGION_LIMIT {
        return Ok(());
    }
    Err(out_of_quota(inner, size.name, next.capacity))
}

/// The error of Azure's operation if the quota is too small.
pub fn out_of_quota(inner: &Inner, size: &str, instances: i64) -> ArmError {
    ArmError::arm(
        StatusCode::BAD_REQUEST,
        "OutOfQuota",
        format!(
            "Not enough quota available for {size} in subscription {}. {instances} instances, and 20 % \
             more for upgrades, do not fit.",
            inner.subscription
        ),
    )
}
