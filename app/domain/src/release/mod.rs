//! A release: a build or a deployment that a team defines in the `with:` block of a workflow job
//! that calls `build.yml` or `deploy_realtime.yml`.
//!
//! The server reads the workflow file and supplies [`input::Inputs`]: YAML values with their lines.
//! [`Release::read`] checks them against the contract of the templates and returns a definition and every problem.
//! An expression (`${{ … }}`) becomes a question and is never guessed; [`input::Inputs::with`] replaces expressions
//! with a person's answers.
//!
//! The inputs of a call depend on the version of the templates that it names: [`contract`] lists the inputs of each
//! version, [`version`] its features.

pub mod answers;
pub mod build;
pub mod call;
pub mod contract;
pub mod deploy;
pub mod environment;
pub mod expression;
pub mod input;
mod inputs;
pub mod note;
pub mod number;
pub mod origin;
pub mod path;
pub mod percent;
mod reader;
pub mod tags;
mod unknown;
pub mod version;

#[cfg(test)]
mod blue_green_tests;
#[cfg(test)]
mod build_tests;
#[cfg(test)]
mod convert_tests;
#[cfg(test)]
mod deploy_tests;

use build::BuildRelease;
use call::Call;
use contract::Declared;
use deploy::DeployRelease;
use input::{Expression, Inputs};
use note::Note;
use origin::Origin;
use serde::{Deserialize, Serialize};
use version::TemplateVersion;

/// The template that a job calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// `build.yml`.
    Build,
    /// `deploy_realtime.yml`.
    DeployRealtime,
}

impl Template {
    /// Finds the template in a job's `uses:` (`owner/repo/.github/workflows/build.yml@main`, or a path
    /// in the same repository without `@`). Returns `None` for other workflows.
    #[must_use]
    pub fn of_uses(uses: &str) -> Option<Self> {
        Call::read(uses)?.template()
    }

    /// The name of the template's file.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Build => "build.yml",
            Self::DeployRealtime => "deploy_realtime.yml",
        }
    }
}

/// One thing wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The input's key, as the file spells it.
    pub key: String,
    /// Line in the workflow file, counted from 1; `None` if the input is missing or a person gave it.
    pub line: Option<u32>,
    /// The finding, the rule and the remedy.
    pub message: String,
}

/// An input that only GitHub can evaluate. A person must answer it before a plan is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub key: String,
    pub line: Option<u32>,
    pub expression: Expression,
}

/// The checked inputs of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Definition {
    Build(Box<BuildRelease>),
    /// Updates an endpoint and its deployments, and load-tests it.
    Deploy(Box<DeployRelease>),
}

/// A release that was read from a workflow file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire")]
pub struct Release {
    pub origin: Origin,
    pub template: Template,
    pub version: TemplateVersion,
    /// The inputs that the called workflow declares, if the console could read it.
    pub declared: Option<Vec<Declared>>,
    /// The inputs from the file and from a person's answers.
    pub inputs: Inputs,
    /// The checked inputs; `None` if there are `problems`.
    pub definition: Option<Definition>,
    /// All problems, in the order of the contract.
    pub problems: Vec<Problem>,
    pub notes: Vec<Note>,
    pub questions: Vec<Question>,
}

/// The stored part of a release. Everything else is derived again, by the current rules, when a release is loaded.
#[derive(Deserialize)]
struct Wire {
    origin: Origin,
    template: Template,
    inputs: Inputs,
    declared: Option<Vec<Declared>>,
}

impl From<Wire> for Release {
    fn from(Wire { origin, template, inputs, declared }: Wire) -> Self {
        Self::read_against(origin, template, inputs, declared)
    }
}

impl Release {
    /// Reads a job's inputs by the table in [`contract`].
    #[must_use]
    pub fn read(origin: Origin, template: Template, inputs: Inputs) -> Self {
        Self::read_against(origin, template, inputs, None)
    }

    /// Reads a job's inputs. The inputs that the called workflow declares take precedence over the table.
    #[must_use]
    pub fn read_against(
        origin: Origin,
        template: Template,
        inputs: Inputs,
        declared: Option<Vec<Declared>>,
    ) -> Self {
        let known = declared.as_deref();
        let version = call::version(&origin.uses, template, &inputs, known);
        let (definition, (problems, mut notes)) = match template {
            Template::Build => {
                let (build, said) = build::read(&inputs, &version, known);
                (build.map(|build| Definition::Build(Box::new(build))), said)
            }
            Template::DeployRealtime => {
                let (deploy, said) = deploy::read(&inputs, &version, known);
                (deploy.map(|deploy| Definition::Deploy(Box::new(deploy))), said)
            }
        };
        notes.extend(call::note(&origin, template, &inputs, &version));
        notes.sort_by_key(|note| note.weight);
        let mut questions = inputs.questions();
        // An invalid expression is a problem, not a question.
        questions.retain(|asked| !problems.iter().any(|problem| problem.key == asked.key));
        Self { origin, template, version, declared, inputs, definition, problems, notes, questions }
    }

    /// A copy of the release in which `answers` replace inputs.
    #[must_use]
    pub fn with(&self, answers: &Inputs) -> Self {
        let (origin, inputs) = (self.origin.clone(), self.inputs.with(answers));
        Self::read_against(origin, self.template, inputs, self.declared.clone())
    }

    /// The type of an input by the called workflow or the table, otherwise text.
    #[must_use]
    pub fn kind(&self, key: &str) -> contract::Kind {
        let declared = self.declared.iter().flatten();
        let declared = declared.filter(|one| one.key.eq_ignore_ascii_case(key)).map(|one| one.kind);
        let table = contract::kind(self.template.file(), key);
        declared.chain(table).next().unwrap_or(contract::Kind::Text)
    }
}
