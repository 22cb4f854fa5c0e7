//! What a person wants to break glass for, as sent in a form or a URL query.

use crate::ids::{ChangeId, RunId};
use crate::intent::{Intent, ReleaseRequest, Yaml};
use crate::release::answers::{PREFIX, of_query};
use crate::repository::ReleaseId;
use crate::route_form::{self, FieldProblem};
use crate::stage::EndpointKey;
use serde::{Deserialize, Serialize};

/// The form field with the kind of purpose.
pub const WHAT: &str = "what";
/// The value of [`WHAT`] for a new route.
pub const ROUTE: &str = "route";
/// The value of [`WHAT`] for a new deployment.
pub const CREATE: &str = "create";
/// The form field with a deployment's YAML.
pub const YAML: &str = "yaml";

/// What to do on an endpoint by breaking glass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Something that could also be proposed.
    Intent(Intent),
    /// Restore the route from before a run.
    RollBack(RunId),
    /// Apply a pending change as proposed.
    Change(ChangeId),
}

type Fields = [(String, String)];

fn value<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().rfind(|(field, _)| field == name);
    found.map_or("", |(_, value)| value.as_str())
}

fn problem(field: &str, message: impl ToString) -> Vec<FieldProblem> {
    vec![FieldProblem::new(field, message.to_string())]
}

impl Purpose {
    /// Reads a purpose on an endpoint from form fields, ignoring unrelated fields.
    ///
    /// # Errors
    /// The problems found, each with its field.
    pub fn parse(at: EndpointKey, fields: &Fields) -> Result<Self, Vec<FieldProblem>> {
        let intent = match value(fields, WHAT) {
            ROUTE => Intent::SetRoute { at, route: route_form::parse(fields)? },
            CREATE => {
                let deployment = Yaml(value(fields, YAML).to_owned());
                Intent::CreateDeployment { at, deployment }
            }
            "delete" => {
                let name = value(fields, "deployment").parse();
                let name = name.map_err(|error| problem("deployment", error))?;
                Intent::DeleteDeployment { at, name }
            }
            "roll-back" => {
                let run = value(fields, "run").parse();
                return run.map(Self::RollBack).map_err(|error| problem("run", error));
            }
            "change" => {
                let change = value(fields, "change").parse();
                return change.map(Self::Change).map_err(|error| problem("change", error));
            }
            "release" => Intent::Release { release: release(fields)? },
            _ => {
                return Err(problem(
                    WHAT,
                    "The address does not name an action. Open the page on which you would propose the change, and \
                     break glass from there.",
                ));
            }
        };
        Ok(Self::Intent(intent))
    }

    /// The inverse of [`Purpose::parse`]. Omits a YAML, which is too long for a query and has its own form field.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        match self {
            Self::Change(change) => vec![pair(WHAT, "change"), pair("change", &change.0)],
            Self::RollBack(run) => vec![pair(WHAT, "roll-back"), pair("run", &run.0)],
            Self::Intent(intent) => match intent {
                Intent::SetRoute { route, .. } => {
                    let mut fields = vec![pair(WHAT, ROUTE)];
                    fields.extend(route_form::of_route(route));
                    fields
                }
                Intent::CreateDeployment { .. } => vec![pair(WHAT, CREATE)],
                Intent::DeleteDeployment { name, .. } => {
                    vec![pair(WHAT, "delete"), pair("deployment", name.as_str())]
                }
                Intent::Release { release } => of_release(release),
                // No page offers these.
                Intent::UpdateDeployment { .. } | Intent::RollBack { .. } => Vec::new(),
            },
        }
    }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn release(fields: &Fields) -> Result<ReleaseRequest, Vec<FieldProblem>> {
    let [repository, workflow, job] =
        ["repository", "workflow", "job"].map(|name| value(fields, name).to_owned());
    if [&repository, &workflow, &job].into_iter().any(String::is_empty) {
        return Err(problem("job", "The address does not name a release."));
    }
    let reference = Some(value(fields, "ref").trim()).filter(|text| !text.is_empty());
    let reference = reference.map(str::parse).transpose();
    Ok(ReleaseRequest::Defined {
        id: ReleaseId { repository, workflow, job },
        reference: reference.map_err(|error| problem("ref", error))?,
        answers: of_query(fields),
    })
}

fn of_release(release: &ReleaseRequest) -> Vec<(String, String)> {
    let ReleaseRequest::Defined { id, reference, answers } = release else { return Vec::new() };
    let mut fields = vec![
        pair(WHAT, "release"),
        pair("repository", &id.repository),
        pair("workflow", &id.workflow),
        pair("job", &id.job),
    ];
    fields.extend(reference.iter().map(|at| pair("ref", at.as_str())));
    fields.extend(answers.iter().map(|(key, text)| pair(&format!("{PREFIX}{key}"), text)));
    fields
}
