//! Valid values of a deployment's fields, after Microsoft's specification (OnlineDeployment.tsp,
//! api-version 2025-12-01) and requests of the SDK.

use crate::protocol::error::ArmError;
use crate::protocol::field::Field;
use crate::state::Object;

/// On or off, in Azure's words.
pub const SWITCH: [&str; 2] = ["Enabled", "Disabled"];
const SCALE_TYPES: [&str; 2] = ["Default", "TargetUtilization"];
const ROLLING_RATES: [&str; 5] = ["Year", "Month", "Day", "Hour", "Minute"];
const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// Refuses `properties` with an invalid field, and names the field.
pub fn check(properties: &Object, is_kubernetes: bool) -> Result<(), ArmError> {
    let field = |name: &str| Field::of(name, properties.get(name));
    for name in ["description", "model", "environmentId", "modelMountPath"] {
        field(name).text()?;
    }
    field("appInsightsEnabled").flag()?;
    field("egressPublicNetworkAccess").one_of(&SWITCH)?;
    field("codeConfiguration").object()?;
    field("codeConfiguration").inside("codeId").text()?;
    for (_, variable) in field("environmentVariables").each()? {
        variable.plain()?;
    }
    request_settings(&field("requestSettings"))?;
    for name in PROBES {
        probe(&field(name))?;
    }
    scale_settings(&field("scaleSettings"), is_kubernetes)?;
    data_collector(&field("dataCollector"))
}

fn request_settings(settings: &Field<'_>) -> Result<(), ArmError> {
    settings.object()?;
    settings.inside("requestTimeout").duration()?;
    // A GET shows zero if nothing was given.
    settings.inside("maxQueueWait").duration()?;
    settings.inside("maxConcurrentRequestsPerInstance").count(1, i64::MAX)?;
    Ok(())
}

fn probe(probe: &Field<'_>) -> Result<(), ArmError> {
    probe.object()?;
    for name in ["initialDelay", "period", "timeout"] {
        probe.inside(name).lasting()?;
    }
    for name in ["failureThreshold", "successThreshold"] {
        probe.inside(name).count(1, i64::MAX)?;
    }
    Ok(())
}

/// Managed endpoints allow only the default; the SDK refuses anything else before it sends it.
fn scale_settings(settings: &Field<'_>, is_kubernetes: bool) -> Result<(), ArmError> {
    if settings.object()?.is_none() {
        return Ok(());
    }
    let kind = settings.inside("scaleType");
    match kind.one_of(&SCALE_TYPES)? {
        None => return Err(kind.must(&format!("be {}", SCALE_TYPES.join(" or ")))),
        Some("TargetUtilization") if !is_kubernetes => {
            return Err(kind.must("be Default on a managed online endpoint"));
        }
        Some(_) => {}
    }
    settings.inside("minInstances").count(0, i64::MAX)?;
    settings.inside("maxInstances").count(1, i64::MAX)?;
    settings.inside("pollingInterval").lasting()?;
    settings.inside("targetUtilizationPercentage").count(1, 100)?;
    Ok(())
}

fn data_collector(collector: &Field<'_>) -> Result<(), ArmError> {
    if collector.object()?.is_none() {
        return Ok(());
    }
    let collections = collector.inside("collections");
    if !collections.is_given() {
        return Err(collections.must("be given in a data collector"));
    }
    for (_, collection) in collections.each()? {
        collection.object()?;
        for name in ["clientId", "dataId"] {
            collection.inside(name).text()?;
        }
        collection.inside("dataCollectionMode").one_of(&SWITCH)?;
        collection.inside("samplingRate").fraction()?;
    }
    collector.inside("rollingRate").one_of(&ROLLING_RATES)?;
    let logging = collector.inside("requestLogging");
    logging.object()?;
    logging.inside("captureHeaders").texts()?;
    Ok(())
}
