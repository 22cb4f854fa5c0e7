//! What somebody wants to do by breaking glass, as a form or a URL's query carries it.

use crate::domain::change::ChangeId;
use crate::domain::name::DeploymentName;
use crate::domain::release::answers::{PREFIX, of_query};
use crate::domain::repository::{Reference, ReleaseId};
use crate::domain::route::Route;
use crate::domain::route_form::{self, FieldProblem};
use crate::domain::run::RunId;
use serde::{Deserialize, Serialize};

/// The field that says what kind of thing is to be done.
pub const WHAT: &str = "what";
/// The word for a route in it.
pub const ROUTE: &str = "route";
/// The word for a new deployment in it.
pub const CREATE: &str = "create";
/// The field with a deployment's YAML.
pub const YAML: &str = "yaml";

/// What is to be done to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Another route.
    Route(Route),
    /// A new deployment.
    Create {
        /// Its YAML.
        yaml: String,
    },
    /// No such deployment any more.
    Delete(DeploymentName),
    /// What a release says.
    Release {
        /// Which.
        id: ReleaseId,
        /// At which state of its repository; its own when `None`.
        reference: Option<Reference>,
        /// Answers in place of some of its inputs.
        answers: Vec<(String, String)>,
    },
    /// The route from before a run.
    RollBack(RunId),
    /// What a change that waits is to do, as it was proposed.
    Change(ChangeId),
}

type Fields = [(String, String)];

fn value<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().rfind(|(field, _)| field == name);
    found.map_or("", |(_, value)| value.as_str())
}

fn problem(field: &str, message: impl ToString) -> Vec<FieldProblem> {
    vec![FieldProblem { field: field.to_owned(), message: message.to_string() }]
}

impl Deed {
    /// Reads it from the fields of a form; those that do not belong to it are left alone.
    ///
    /// # Errors
    /// The problems found, each with its field.
    pub fn parse(fields: &Fields) -> Result<Self, Vec<FieldProblem>> {
        match value(fields, WHAT) {
            ROUTE => route_form::parse(fields).map(Self::Route),
            CREATE => Ok(Self::Create { yaml: value(fields, YAML).to_owned() }),
            "delete" => {
                let name = value(fields, "deployment").parse();
                name.map(Self::Delete).map_err(|error| problem("deployment", error))
            }
            "roll-back" => {
                let run = value(fields, "run").parse();
                run.map(Self::RollBack).map_err(|error| problem("run", error))
            }
            "change" => {
                let change = value(fields, "change").parse();
                change.map(Self::Change).map_err(|error| problem("change", error))
            }
            "release" => Self::release(fields),
            _ => Err(problem(
                WHAT,
                "The address does not say what is to be done. Open the page where it would be proposed, and \
                 break glass from there.",
            )),
        }
    }

    fn release(fields: &Fields) -> Result<Self, Vec<FieldProblem>> {
        let [repository, workflow, job] =
            ["repository", "workflow", "job"].map(|name| value(fields, name).to_owned());
        if [&repository, &workflow, &job].into_iter().any(String::is_empty) {
            return Err(problem("job", "The address names no release."));
        }
        let reference = Some(value(fields, "ref").trim()).filter(|text| !text.is_empty());
        let reference = reference.map(str::parse).transpose();
        Ok(Self::Release {
            id: ReleaseId { repository, workflow, job },
            reference: reference.map_err(|error| problem("ref", error))?,
            answers: of_query(fields),
        })
    }

    /// The fields that mean the same: the reverse of [`Deed::parse`]. A YAML is too long for a query; it has a field
    /// of its own in the form.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match self {
            Self::Route(route) => {
                let mut fields = vec![pair(WHAT, ROUTE)];
                fields.extend(route_form::of_route(route));
                fields
            }
            Self::Create { .. } => vec![pair(WHAT, CREATE)],
            Self::Delete(name) => vec![pair(WHAT, "delete"), pair("deployment", name.as_str())],
            Self::Change(change) => vec![pair(WHAT, "change"), pair("change", &change.0)],
            Self::RollBack(run) => vec![pair(WHAT, "roll-back"), pair("run", &run.0)],
            Self::Release { id, reference, answers } => {
                let ReleaseId { repository, workflow, job } = id;
                let mut fields = vec![
                    pair(WHAT, "release"),
                    pair("repository", repository),
                    pair("workflow", workflow),
                    pair("job", job),
                ];
                fields.extend(reference.iter().map(|at| pair("ref", at.as_str())));
                let answer =
                    |(key, text): &(String, String)| (format!("{PREFIX}{key}"), text.clone());
                fields.extend(answers.iter().map(answer));
                fields
            }
        }
    }
}
