//! A release: a build or a deployment as the team already keeps it, the `with:` block of a workflow job
//! that calls `build.yml` or `deploy_realtime.yml`.
//!
//! Reading has two halves. Whoever reads the workflow file hands over [`input::Inputs`], values as YAML has
//! them, with their lines. [`Release::read`] checks them against the contract of the templates and returns
//! what they mean, with a list of everything that is wrong. An expression (`${{ … }}`) is kept as what must
//! be asked, never guessed: [`input::Inputs::with`] puts a person's answers in its place.
//!
//! What a call may say depends on the version of the templates that it names: [`contract`] has the table, and
//! [`version`] what each version does.

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

/// Which template a job calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// `build.yml`.
    Build,
    /// `deploy_realtime.yml`.
    DeployRealtime,
}

impl Template {
    /// Tells the template from a job's `uses:` (`owner/repo/.github/workflows/build.yml@main`, or a path
    /// in the same repository without `@`); `None` for any other.
    #[must_use]
    pub fn of_uses(uses: &str) -> Option<Self> {
        Call::read(uses)?.template()
    }

    /// The template's file.
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
    /// Its line in the workflow file, from 1; `None` when it is missing there or was answered by hand.
    pub line: Option<u32>,
    /// What is wrong, which rule, what to do.
    pub message: String,
}

/// An input that only GitHub could work out, and that a person has to answer before a plan is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The input's key.
    pub key: String,
    /// Its line in the workflow file, from 1.
    pub line: Option<u32>,
    /// What the file says instead of a value.
    pub expression: Expression,
}

/// What a release's inputs mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Definition {
    /// An image is built.
    Build(Box<BuildRelease>),
    /// An endpoint is updated, deployed to, load-tested.
    Deploy(Box<DeployRelease>),
}

/// A release as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire")]
pub struct Release {
    /// Where it stands.
    pub origin: Origin,
    /// Which template it calls.
    pub template: Template,
    /// Which version of it, and what that does.
    pub version: TemplateVersion,
    /// The inputs of the called workflow, when it could be read.
    pub declared: Option<Vec<Declared>>,
    /// The inputs as the file (and a person's answers) give them.
    pub inputs: Inputs,
    /// What they mean; `None` when `problems` says why they mean nothing.
    pub definition: Option<Definition>,
    /// Everything that is wrong with them, in the order of the contract.
    pub problems: Vec<Problem>,
    /// What else is to be said of them.
    pub notes: Vec<Note>,
    /// What must be answered.
    pub questions: Vec<Question>,
}

/// What a stored release is read from: everything else follows from it, by the rules of the version that reads.
#[derive(Deserialize)]
struct Wire {
    origin: Origin,
    template: Template,
    inputs: Inputs,
    #[serde(default)]
    declared: Option<Vec<Declared>>,
}

impl From<Wire> for Release {
    fn from(Wire { origin, template, inputs, declared }: Wire) -> Self {
        Self::read_against(origin, template, inputs, declared)
    }
}

impl Release {
    /// Reads a job's inputs, by the table of the templates.
    #[must_use]
    pub fn read(origin: Origin, template: Template, inputs: Inputs) -> Self {
        Self::read_against(origin, template, inputs, None)
    }

    /// Reads a job's inputs. Where the called workflow could be read, its inputs decide what is known.
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
        // What GitHub cannot work out is wrong, and no question.
        questions.retain(|asked| !problems.iter().any(|problem| problem.key == asked.key));
        Self { origin, template, version, declared, inputs, definition, problems, notes, questions }
    }

    /// The same release with a person's answers (or other values) in place of some inputs.
    #[must_use]
    pub fn with(&self, answers: &Inputs) -> Self {
        let (origin, inputs) = (self.origin.clone(), self.inputs.with(answers));
        Self::read_against(origin, self.template, inputs, self.declared.clone())
    }

    /// The type of an input, as the called workflow or the table has it; a text when neither knows it.
    #[must_use]
    pub fn kind(&self, key: &str) -> contract::Kind {
        let declared = self.declared.iter().flatten();
        let declared = declared.filter(|one| one.key.eq_ignore_ascii_case(key)).map(|one| one.kind);
        let table = contract::kind(self.template.file(), key);
        declared.chain(table).next().unwrap_or(contract::Kind::Text)
    }
}
