//! Compares a release with the live endpoint: every field of the endpoint and its deployments, and the route. The
//! result is what the release would change.

use super::draft::PlanDraft;
use super::file::{Files, Rendered};
use super::latest;
use super::observed::{Live, Observed};
use super::variables::Variables;
use super::{colours, deployment, diff, release};
use domain::name::DeploymentName;
use domain::plan::{Difference, Subject};
use domain::release::deploy::{DeployRelease, Work};
use domain::release::path::RepoPath;
use domain::release::{Definition, Release};
use domain::route::Route;
use domain::stage::EndpointKey;
use serde_json::Value;

/// The differences between a release and the live endpoint.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drift {
    /// Live values before, declared values after. Includes the fields of the route.
    pub fields: Vec<Difference>,
    /// The route that the release would set, if it differs.
    pub route: Option<Route>,
    /// Labels, as in the YAML, whose version could not be looked up. Their fields were not compared.
    pub unknown: Vec<String>,
}

/// Compares a release with its endpoint; `None` when the release deploys nothing or the endpoint does not exist.
#[must_use]
pub fn drift(
    release: &Release,
    key: &EndpointKey,
    files: &Files,
    observed: &Observed,
) -> Option<Drift> {
    let Some(Definition::Deploy(deploy)) = &release.definition else { return None };
    let live = observed.endpoints.get(&key.endpoint)?;
    let mut found = fields(release, deploy, files, (live, observed));
    let mut draft = PlanDraft::new(key, observed, None);
    if release::work(&mut draft, release, deploy, files).is_ok() {
        let (before, after) = (&live.endpoint.route, draft.route());
        if before != after {
            let rows = super::rows::of_route(before, after, false);
            found.fields.splice(0..0, rows.into_iter().filter(Difference::is_change));
            found.route = Some(after.clone());
        }
    }
    Some(found)
}

/// A deployment of a release, with the variables that the workflow sets.
struct Named<'a> {
    name: Option<&'a DeploymentName>,
    config: Option<&'a RepoPath>,
    variables: Option<Variables>,
}

/// Compares all fields but the route, including those that no plan changes.
pub(super) fn fields(
    release: &Release,
    deploy: &DeployRelease,
    files: &Files,
    (live, observed): (&Live, &Observed),
) -> Drift {
    let mut found = Drift::default();
    let endpoint = deploy.endpoint_config.known().and_then(|path| files.get(path));
    if let (Some(file), Some(now)) = (endpoint, live.body.as_deref()) {
        let desired = deployment::without_place(now, &file.body);
        found.fields.extend(diff::compare(&Subject::Endpoint, now, &desired));
    }
    for Named { name, config, variables } in named(release, deploy, observed) {
        let file = config.and_then(|path| files.get(path));
        if let (Some(name), Some(file)) = (name, file)
            && let Some(now) = live.deployments.get(name)
        {
            found.add(name, (now, file), variables.as_ref(), observed);
        }
    }
    found
}

impl Drift {
    fn add(
        &mut self,
        name: &DeploymentName,
        (now, file): (&Value, &Rendered),
        variables: Option<&Variables>,
        observed: &Observed,
    ) {
        let body = latest::resolve(file, &observed.newest).body;
        let body = variables.map_or_else(|| body.clone(), |set| set.compared(&body, now));
        let desired = deployment::without_place(now, &body);
        let mut found = diff::compare(&Subject::Deployment(name.clone()), now, &desired);
        if let Some(label) = latest::unknown(file, &observed.newest) {
            found.retain(|row| row.field != label.field());
            self.unknown.push(label.written());
        }
        self.fields.extend(found);
    }
}

fn named<'a>(release: &Release, deploy: &'a DeployRelease, observed: &Observed) -> Vec<Named<'a>> {
    match &deploy.work {
        Work::PrimaryAndShadow(work) => {
            let primary = Named {
                name: work.primary.name.known(),
                config: work.primary.config.known(),
                variables: None,
            };
            let shadow = work.shadow.as_ref().map(|shadow| Named {
                name: shadow.name.known(),
                config: shadow.config.as_ref().and_then(|config| config.known()),
                variables: None,
            });
            std::iter::once(primary).chain(shadow).collect()
        }
        Work::BlueGreen(both) => [&both.blue, &both.green]
            .map(|colour| Named {
                name: colour.name.as_ref().and_then(|name| name.known()),
                config: colour.config.as_ref().and_then(|config| config.known()),
                variables: colours::variables(release, deploy, colour, observed),
            })
            .into_iter()
            .collect(),
    }
}
