//! Exports a plan as `az` commands for a POSIX shell.

use super::shell::{file, word};
use super::{bake, deletion, deployment, endpoint, text};
use crate::azure::arm::Workspace;
use crate::planner::Planned;
use crate::planner::step::Step;
use crate::redact::HIDDEN;
use domain::guard::Level;
use domain::name::{DeploymentName, EndpointName};
use domain::route::Route;
use serde_json::Value;

/// The script. It stops at the first command that fails. Secrets are hidden and must be filled in.
#[must_use]
pub fn script(planned: &Planned, workspace: &Workspace) -> String {
    let hash = planned.plan.hash.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut script = format!("#!/bin/sh\n# Plan {hash}\nset -eu\n");
    if let Some(reasons) = planned.plan.blocked() {
        script.push_str(&remarks("This plan must not be carried out:", &[reasons.as_str()]));
        script.push_str("exit 1\n");
    }
    let warnings = planned.plan.verdicts.iter().filter(|verdict| verdict.level == Level::Warns);
    let warnings: Vec<_> = warnings.map(|verdict| verdict.reason.as_str()).collect();
    if !warnings.is_empty() {
        script.push_str(&remarks("This plan has warnings:", &warnings));
    }
    for step in &planned.steps {
        script.push('\n');
        script.push_str(&format!("# {}\n", step.words().text.replace(['\n', '\r'], " ")));
        script.push_str(&command(step, workspace));
    }
    script
}

/// Comments with a title and indented lines.
fn remarks(title: &str, texts: &[&str]) -> String {
    let lines = texts.iter().flat_map(|text| text.lines());
    let lines: String = lines.map(|line| format!("#   {line}\n")).collect();
    format!("# {title}\n{lines}")
}

fn command(step: &Step, workspace: &Workspace) -> String {
    let place = place(workspace);
    match step {
        Step::Check { endpoint, route } => check(endpoint, route.as_ref(), &place),
        Step::PutEndpoint { endpoint: name, body } => {
            let path = format!("{name}.yml");
            let yaml = text(&endpoint::yaml(name, body));
            let verb = format!(
                "if az ml online-endpoint show --name {name} {place} >/dev/null 2>&1; then verb=update; else verb=create; fi\n"
            );
            format!(
                "{}{verb}az ml online-endpoint \"$verb\" --file {} {place}\n",
                written(&path, &yaml),
                word(&path)
            )
        }
        Step::PutDeployment { endpoint, name, body } => {
            let path = format!("{endpoint}-{name}.yml");
            let yaml = text(&deployment::yaml(endpoint, name, body, Some(&workspace.id())));
            // `create` also replaces, and gives no live traffic by default.
            format!(
                "{}az ml online-deployment create --file {} {place}\n",
                written(&path, &yaml),
                word(&path)
            )
        }
        Step::SetRoute { endpoint, before, after, .. } => {
            route(endpoint.as_str(), before, after, &place)
        }
        Step::DeleteDeployment { endpoint, name, made_of } => {
            deletion::commands(workspace, endpoint, name, made_of.as_ref(), &place)
        }
        Step::Wait { .. } => "# az waits by itself.\n".to_owned(),
        Step::Bake { endpoint, baking, .. } => bake::commands(workspace, endpoint, baking),
        Step::PutDiagnostics { endpoint, name, body } => {
            diagnostics(endpoint.as_str(), name, body, workspace)
        }
        Step::PutAlert { name, body, .. } => alert(name, body, workspace),
        Step::RunLoadTest { test, config, run, .. } => load_test(test, config, run, workspace),
        Step::BuildImage { target, image, cache, .. } => build(target, image, cache, &place),
        Step::PutEnvironment { name, body } => environment(name, body, &place),
    }
}

/// Stops the script if the endpoint's route is not the one that the plan was made from, or if the endpoint exists
/// although the plan creates it.
fn check(endpoint: &EndpointName, route: Option<&Route>, place: &str) -> String {
    let show = format!("az ml online-endpoint show --name {endpoint}");
    let Some(route) = route else {
        let exists = word(&format!("{endpoint} exists already. Make a new plan."));
        return format!("if {show} {place} >/dev/null 2>&1; then echo {exists} >&2; exit 1; fi\n");
    };
    let changed = word(&format!(
        "The route of {endpoint} is not the one of this plan: {route}. Nothing was changed. Make a new plan."
    ));
    let query = word(&is_route(route));
    format!(
        "same=$({show} --query {query} --output json {place})\n\
         [ \"$same\" = true ] || {{ echo {changed} >&2; exit 1; }}\n"
    )
}

/// A `JMESPath` expression that is true for an endpoint with this route.
fn is_route(route: &Route) -> String {
    let live = route.split().iter().map(|(name, share)| (name.clone(), share)).collect();
    let mirror = route.mirror().map(|mirror| (mirror.deployment().clone(), mirror.percent()));
    let mirror = mirror.into_iter().collect();
    format!("{} && {}", has_shares("traffic", live), has_shares("mirror_traffic", mirror))
}

/// The sum is compared as well, so that no other deployment has a share. Azure leaves out an empty map.
fn has_shares(map: &str, shares: Vec<(DeploymentName, u8)>) -> String {
    let sum: u32 = shares.iter().map(|(_, share)| u32::from(*share)).sum();
    let each = shares.into_iter().map(|(name, share)| format!("{map}.\"{name}\" == `{share}`"));
    let whole = format!("sum(values({map} || `{{}}`)) == `{sum}`");
    each.chain([whole]).collect::<Vec<_>>().join(" && ")
}

/// Writes a file, and stops the script if a hidden secret was not filled in.
fn written(path: &str, yaml: &str) -> String {
    let mut commands = file(path, yaml);
    if yaml.contains(HIDDEN) {
        let path = word(path);
        commands.push_str(&format!(
            "if grep -qF '{HIDDEN}' {path}; then echo 'Fill in the hidden values in '{path} >&2; exit 1; fi\n"
        ));
    }
    commands
}

pub(super) fn place(workspace: &Workspace) -> String {
    let Workspace { subscription, resource_group, name } = workspace;
    format!(
        "--subscription {} --resource-group {} --workspace-name {}",
        word(subscription),
        word(resource_group),
        word(name)
    )
}

fn in_group(workspace: &Workspace) -> String {
    let Workspace { subscription, resource_group, .. } = workspace;
    format!("--subscription {} --resource-group {}", word(subscription), word(resource_group))
}

/// Sets both maps in one call. Shares that become 0 must be named, because `az` keeps the others.
fn route(endpoint: &str, before: &Route, after: &Route, place: &str) -> String {
    let gone = before.split().iter().filter(|(name, _)| after.split().share(name) == 0);
    let shares = after.split().iter().chain(gone.map(|(name, _)| (name, 0)));
    let shares: Vec<_> = shares.map(|(name, share)| format!("{name}={share}")).collect();
    let mirror = match (after.mirror(), before.mirror()) {
        (Some(mirror), _) => Some(format!("{}={}", mirror.deployment(), mirror.percent())),
        (None, Some(mirror)) => Some(format!("{}=0", mirror.deployment())),
        (None, None) => None,
    };
    let mut options = String::new();
    if !shares.is_empty() {
        options.push_str(&format!(" --traffic {}", word(&shares.join(" "))));
    }
    if let Some(mirror) = mirror {
        options.push_str(&format!(" --mirror-traffic {}", word(&mirror)));
    }
    format!("az ml online-endpoint update --name {endpoint}{options} {place}\n")
}

fn diagnostics(endpoint: &str, name: &str, body: &Value, workspace: &Workspace) -> String {
    let resource = format!("{}/onlineEndpoints/{endpoint}", workspace.id());
    let logs = body.pointer("/properties/logs").map(ToString::to_string).unwrap_or_default();
    let log = body.pointer("/properties/workspaceId").and_then(Value::as_str).unwrap_or_default();
    format!(
        "az monitor diagnostic-settings create --name {} --resource {} --workspace {} --logs {}\n",
        word(name),
        word(&resource),
        word(log),
        word(&logs)
    )
}

fn alert(name: &str, body: &Value, workspace: &Workspace) -> String {
    let at = |pointer: &str| {
        let value = body.pointer(pointer).map(|v| v.as_str().map_or(v.to_string(), str::to_owned));
        word(&value.unwrap_or_default())
    };
    let query = body.pointer("/properties/criteria/allOf/0/query").and_then(Value::as_str);
    let tags = body.get("tags").and_then(Value::as_object).into_iter().flatten();
    let tags: Vec<_> = tags
        .map(|(key, value)| word(&format!("{key}={}", value.as_str().unwrap_or_default())))
        .collect();
    let tags = if tags.is_empty() { String::new() } else { format!(" --tags {}", tags.join(" ")) };
    format!(
        "az monitor scheduled-query create --name {} {} --scopes {} --severity {} \
         --evaluation-frequency 5m --window-size 15m --condition \"count 'failures' > {}\" \
         --condition-query failures={} --action-groups {} --custom-properties CustomKey1={}{tags}\n",
        word(name),
        in_group(workspace),
        at("/properties/scopes/0"),
        at("/properties/severity"),
        at("/properties/criteria/allOf/0/threshold"),
        word(query.unwrap_or_default()),
        at("/properties/actions/actionGroups/0"),
        at("/properties/actions/customProperties/CustomKey1"),
    )
}

fn load_test(test: &str, config: &str, run: &str, workspace: &Workspace) -> String {
    let group = in_group(workspace);
    let resource = "--load-test-resource \"${LOAD_TEST_RESOURCE:?name the load test resource}\"";
    format!(
        "az load test show --test-id {test} {resource} {group} >/dev/null 2>&1 || \
         az load test create --test-id {test} --load-test-config-file {config} {resource} {group}\n\
         az load test-run create --test-id {test} --test-run-id {run}-\"$(date +%s)\" {resource} {group}\n",
        test = word(test),
        config = word(config),
        run = word(run),
    )
}

fn build(target: &str, image: &str, cache: &str, place: &str) -> String {
    format!(
        "registry=$(az ml workspace show {} --query container_registry --output tsv)\n\
         registry=\"${{registry##*/}}.azurecr.io\"\naz acr login --name \"${{registry%%.*}}\"\n\
         docker buildx build --target {} --tag \"$registry\"/{} --push \\\n  \
         --cache-from type=registry,ref=\"$registry\"/{cache} \\\n  \
         --cache-to type=registry,ref=\"$registry\"/{cache},mode=max .\n",
        place.replace("--workspace-name", "--name"),
        word(target),
        word(image),
        cache = word(cache),
    )
}

fn environment(name: &str, body: &Value, place: &str) -> String {
    let description = body.pointer("/properties/description").and_then(Value::as_str);
    let tags = body.pointer("/properties/tags").and_then(Value::as_object);
    let tags: Vec<_> = tags
        .into_iter()
        .flatten()
        .map(|(key, value)| word(&format!("{key}={}", value.as_str().unwrap_or_default())))
        .collect();
    format!(
        "az ml environment create --name {} --image \"$registry\"/{}:latest --description {} --tags {} {place}\n",
        word(name),
        word(name),
        word(description.unwrap_or_default()),
        tags.join(" ")
    )
}
