//! Which resource is scaled, and by which metric.

use super::super::metrics::{Scope, nearest};
use super::{Case, Found, Level, of_rule, rules, whole};
use crate::text::shortened;

pub(super) fn right_target(case: &Case<'_>) -> Vec<Found> {
    let says = match case.setting.properties.target_resource_uri.as_deref() {
        None => {
            "The setting names no resource to scale. Set targetResourceUri to the deployment's id."
                .to_owned()
        }
        Some(target) if target.eq_ignore_ascii_case(case.deployment) => return Vec::new(),
        Some(target) => match Scope::of(target) {
            Some(Scope::Endpoint) => {
                "The setting scales an endpoint, but only deployments have instances. Set \
                                      targetResourceUri to the deployment's id."
                    .to_owned()
            }
            Some(Scope::Deployment) => format!(
                "The setting scales another deployment, {}. Set targetResourceUri to this one's id.",
                shortened(target.rsplit('/').next().unwrap_or_default(), 60)
            ),
            None => format!(
                "The setting scales something that is not an online deployment: {}. Set targetResourceUri to the deployment's id.",
                shortened(target, 120)
            ),
        },
    };
    vec![whole(Level::Error, says)]
}

pub(super) fn metric_exists(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for (profile, at, rule) in rules(case) {
        let (id, metric) =
            (&rule.metric_trigger.metric_resource_uri, &rule.metric_trigger.metric_name);
        let Some(scope) = Scope::of(id) else {
            let says = format!(
                "The rule watches {}, which is neither an online endpoint nor a deployment. Its metrics may say nothing about this \
                 deployment.",
                shortened(id, 120)
            );
            all.push(of_rule(Level::Warning, profile, at, says));
            continue;
        };
        if scope.has(metric) {
            continue;
        }
        let (shown, what) = (shortened(metric, 60), scope.words());
        let hint = match (scope.other().has(metric), nearest(scope, metric)) {
            (true, _) => format!("{} has it. Watch that instead", capital(scope.other().words())),
            (false, Some(near)) => format!("Did you mean {near}?"),
            (false, None) => format!("Known: {}", scope.metrics().join(", ")),
        };
        let stop = if hint.ends_with('?') { "" } else { "." };
        let says =
            format!("There is no metric {shown} of {what}, so the rule never acts. {hint}{stop}");
        all.push(of_rule(Level::Error, profile, at, says));
    }
    all
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(chars).collect()
}

pub(super) fn namespace_fits(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for (profile, at, rule) in rules(case) {
        let trigger = &rule.metric_trigger;
        // Without a namespace, Azure takes that of the resource.
        let namespace = trigger.metric_namespace.as_deref().filter(|text| !text.is_empty());
        let (Some(namespace), Some(scope)) = (namespace, Scope::of(&trigger.metric_resource_uri))
        else {
            continue;
        };
        if !namespace.eq_ignore_ascii_case(scope.namespace()) {
            let says = format!(
                "The namespace {} is not that of {}, so Azure finds no metric and the rule never acts. Write {}, or leave it out.",
                shortened(namespace, 100),
                scope.words(),
                scope.namespace()
            );
            all.push(of_rule(Level::Error, profile, at, says));
        }
    }
    all
}
