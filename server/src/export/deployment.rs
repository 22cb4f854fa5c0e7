//! Exports a deployment's REST body as CLI v2 YAML.

use super::asset::reference;
use super::collector;
use super::duration::{milliseconds, seconds};
use super::fields::{Fields, own_properties, plain, plain_at, text_at};
use crate::redact;
use domain::name::{DeploymentName, EndpointName};
use serde_json::Value;
use serde_yaml::Value as Yaml;

/// The YAML of a deployment. `workspace` is the ARM id of its workspace, whose assets get short references; other
/// assets keep their whole id.
#[must_use]
pub fn yaml(
    endpoint: &EndpointName,
    name: &DeploymentName,
    body: &Value,
    workspace: Option<&str>,
) -> Yaml {
    let mut body = body.clone();
    redact::body(&mut body);
    let text = |pointer: &str| text_at(&body, pointer);
    let asset = |pointer: &str| text(pointer).map(|id| reference(id, workspace));
    let kind = text("/properties/endpointComputeType").unwrap_or("Managed").to_ascii_lowercase();
    let schema = if kind == "kubernetes" { "kubernetesOnline" } else { "managedOnline" };
    let mut fields = Fields::default();
    fields.put(
        "$schema",
        format!("https://azuremlschemas.azureedge.net/latest/{schema}Deployment.schema.json"),
    );
    fields.put("name", name.as_str());
    fields.put("endpoint_name", endpoint.as_str());
    fields.put_if("type", (kind == "kubernetes").then_some("kubernetes"));
    fields.put_if("description", text("/properties/description"));
    fields.put_if("model", asset("/properties/model"));
    fields.put_if("model_mount_path", text("/properties/modelMountPath"));
    fields.put_if("environment", asset("/properties/environmentId"));
    fields.put_if("code_configuration", code(&body, workspace));
    fields.put_if("environment_variables", plain_at(&body, "/properties/environmentVariables"));
    fields.put_if("instance_type", text("/properties/instanceType"));
    fields.put_if("instance_count", plain_at(&body, "/sku/capacity"));
    let logs = body.pointer("/properties/appInsightsEnabled").and_then(Value::as_bool);
    fields.put_if("app_insights_enabled", logs.filter(|on| *on));
    if kind != "kubernetes" {
        let egress = text("/properties/egressPublicNetworkAccess").map(str::to_ascii_lowercase);
        fields.put_if("egress_public_network_access", egress);
    }
    fields.put_if("scale_settings", scale(&body));
    fields.put_if("resources", resources(&body));
    fields.put_if("request_settings", requests(&body));
    fields.put_if("liveness_probe", probe(body.pointer("/properties/livenessProbe")));
    fields.put_if("readiness_probe", probe(body.pointer("/properties/readinessProbe")));
    fields.put_if("data_collector", body.pointer("/properties/dataCollector").map(collector::yaml));
    fields.put_if("tags", body.get("tags").map(plain));
    fields.put_if("properties", own_properties(&body));
    fields.done()
}

fn code(body: &Value, workspace: Option<&str>) -> Option<Yaml> {
    let configuration = body.pointer("/properties/codeConfiguration")?;
    let mut fields = Fields::default();
    fields.put_if("code", text_at(configuration, "/codeId").map(|id| reference(id, workspace)));
    fields.put_if("scoring_script", text_at(configuration, "/scoringScript"));
    Some(fields.done())
}

fn scale(body: &Value) -> Option<Yaml> {
    let settings = body.pointer("/properties/scaleSettings")?;
    let mut fields = Fields::default();
    match text_at(settings, "/scaleType")? {
        "TargetUtilization" => {
            fields.put("type", "target_utilization");
            fields.put_if("min_instances", plain_at(settings, "/minInstances"));
            fields.put_if("max_instances", plain_at(settings, "/maxInstances"));
            fields.put_if("polling_interval", seconds(text_at(settings, "/pollingInterval")));
            let percent = plain_at(settings, "/targetUtilizationPercentage");
            fields.put_if("target_utilization_percentage", percent);
        }
        _ => fields.put("type", "default"),
    }
    Some(fields.done())
}

fn resources(body: &Value) -> Option<Yaml> {
    let resources = body.pointer("/properties/containerResourceRequirements")?;
    let side = |pointer: &str| {
        let side = resources.pointer(pointer)?;
        let mut fields = Fields::default();
        fields.put_if("cpu", plain_at(side, "/cpu"));
        fields.put_if("memory", plain_at(side, "/memory"));
        fields.put_if("nvidia.com/gpu", plain_at(side, "/gpu"));
        Some(fields.done())
    };
    let mut fields = Fields::default();
    fields.put_if("requests", side("/containerResourceRequests"));
    fields.put_if("limits", side("/containerResourceLimits"));
    Some(fields.done())
}

fn requests(body: &Value) -> Option<Yaml> {
    let settings = body.pointer("/properties/requestSettings")?;
    let mut fields = Fields::default();
    fields.put_if("request_timeout_ms", milliseconds(text_at(settings, "/requestTimeout")));
    let most = plain_at(settings, "/maxConcurrentRequestsPerInstance");
    fields.put_if("max_concurrent_requests_per_instance", most);
    fields.put_if("max_queue_wait_ms", milliseconds(text_at(settings, "/maxQueueWait")));
    Some(fields.done())
}

fn probe(probe: Option<&Value>) -> Option<Yaml> {
    let probe = probe?;
    let mut fields = Fields::default();
    for (key, pointer) in
        [("initial_delay", "/initialDelay"), ("period", "/period"), ("timeout", "/timeout")]
    {
        fields.put_if(key, seconds(text_at(probe, pointer)));
    }
    fields.put_if("success_threshold", plain_at(probe, "/successThreshold"));
    fields.put_if("failure_threshold", plain_at(probe, "/failureThreshold"));
    Some(fields.done())
}
