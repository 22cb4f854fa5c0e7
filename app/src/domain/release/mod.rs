//! A release: a build or a deployment as the team already keeps it, the `with:` block of a workflow job
//! that calls `build.yml` or `deploy_realtime.yml`.
//!
//! Reading has two halves. Whoever reads the workflow file hands over [`input::Inputs`], values as YAML has
//! them, with their lines. [`Release::read`] checks them against the contract of the templates and returns
//! what they mean, with a list of everything that is wrong. An expression (`${{ … }}`) is kept as what must
//! be asked, never guessed: [`input::Inputs::with`] puts a person's answers in its place.

pub mod answers;
pub mod build;
pub mod deploy;
pub mod input;
pub mod origin;
pub mod path;
pub mod percent;
mod reader;
pub mod tags;

#[cfg(test)]
mod build_tests;
#[cfg(test)]
mod deploy_tests;

use build::BuildRelease;
use deploy::DeployRelease;
use input::{Expression, Inputs};
use origin::Origin;
use serde::{Deserialize, Serialize};

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
        let path = uses.trim().split('@').next()?;
        let (folder, file) = path.rsplit_once('/')?;
        match file {
            _ if folder != ".github/workflows" && !folder.ends_with("/.github/workflows") => None,
            "build.yml" => Some(Self::Build),
            "deploy_realtime.yml" => Some(Self::DeployRealtime),
            _ => None,
        }
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
pub struct Release {
    /// Where it stands.
    pub origin: Origin,
    /// Which template it calls.
    pub template: Template,
    /// The inputs as the file (and a person's answers) give them.
    pub inputs: Inputs,
    /// What they mean; `None` when `problems` says why they mean nothing.
    pub definition: Option<Definition>,
    /// Everything that is wrong with them, in the order of the contract.
    pub problems: Vec<Problem>,
    /// What must be answered.
    pub questions: Vec<Question>,
}

impl Release {
    /// Reads a job's inputs.
    #[must_use]
    pub fn read(origin: Origin, template: Template, inputs: Inputs) -> Self {
        let (definition, problems) = match template {
            Template::Build => {
                let (build, problems) = build::read(&inputs);
                (build.map(|build| Definition::Build(Box::new(build))), problems)
            }
            Template::DeployRealtime => {
                let (deploy, problems) = deploy::read(&inputs);
                (deploy.map(|deploy| Definition::Deploy(Box::new(deploy))), problems)
            }
        };
        let questions = inputs.questions();
        Self { origin, template, inputs, definition, problems, questions }
    }

    /// The same release with a person's answers (or other values) in place of some inputs.
    #[must_use]
    pub fn with(&self, answers: &Inputs) -> Self {
        Self::read(self.origin.clone(), self.template, self.inputs.with(answers))
    }
}
