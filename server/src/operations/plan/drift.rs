//! Where a release and what runs differ: every field of the endpoint and its deployments, and the route. What is
//! found here is what carrying the release out would change.

use super::draft::Draft;
use super::file::{Files, Rendered};
use super::latest;
use super::observed::{Live, Observed};
use super::variables::Variables;
use super::{colours, deployment, diff, release};
use app::domain::name::DeploymentName;
use app::domain::plan::{Difference, Subject};
use app::domain::release::deploy::{DeployRelease, Work};
use app::domain::release::path::RepoPath;
use app::domain::release::{Definition, Release};
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use serde_json::Value;

/// What differs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drift {
    /// Field by field: before is what runs, after what is defined. The route's are among them.
    pub fields: Vec<Difference>,
    /// The route that carrying the release out would set, when it is another one.
    pub route: Option<Route>,
    /// Labels whose version nobody could look up, as YAML writes them: their fields were not compared.
    pub unknown: Vec<String>,
}

/// Compares a release with its endpoint on a stage as observed; `None` when it is about none that is there.
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
    let mut draft = Draft::new(key, observed, None);
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

/// A deployment of a release, with what the workflow sets on it.
struct Named<'a> {
    name: Option<&'a DeploymentName>,
    config: Option<&'a RepoPath>,
    variables: Option<Variables>,
}

/// Field by field, whatever a plan would do about it, without the route.
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
