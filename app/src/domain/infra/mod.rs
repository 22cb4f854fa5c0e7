//! The infra configuration of a stage: the `variables:` of the file that `environment_config_file` names.
//!
//! All values are texts, exactly as the file writes them: the postfix `0001` stays `0001`. A value that
//! holds a `$` (`rg-$(namespace)-$(environment)`) stands for "derive the default", and so does one that is
//! not given. Of names only the workspace's, the resource group's and the model registry's are taken from the file:
//! the templates derive all others from namespace, postfix and environment, whatever the file says, and so does
//! this. Every name is checked against Azure's naming rules, and a refusal names the key it comes from.

mod rules;
#[cfg(test)]
mod tests;

use super::release::Problem;
use super::release::note::{Note, Weight};
use rules::Rule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest value, in bytes: above every name that Azure allows.
pub const VALUE_BYTES_MAX: usize = 1024;

/// One variable as the file writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// The scalar's text, without quotes.
    pub text: String,
    /// Its line in the file, from 1.
    pub line: Option<u32>,
}

/// The file's variables, by key.
pub type Variables = BTreeMap<String, Variable>;

/// A name, and whether we derived it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Whether it was derived rather than given.
    pub derived: bool,
    /// What the file gives instead, and the templates ignore.
    #[serde(default)]
    pub ignored: Option<String>,
}

/// What an infra configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Infra {
    /// `namespace`.
    pub namespace: String,
    /// `postfix`.
    pub postfix: String,
    /// `environment`, such as `dev`: the last part of names, not the GitHub environment.
    pub environment: String,
    /// The Azure region, when given.
    pub location: Option<String>,
    /// The Azure ML workspace.
    pub workspace: Named,
    /// The resource group. The deploy workflow may take it from a secret instead.
    pub resource_group: Named,
    /// The key vault.
    pub key_vault: Named,
    /// Application Insights.
    pub app_insights: Named,
    /// The load test resource.
    pub load_test: Named,
    /// The action group that alerts go to.
    pub action_group: Named,
    /// The storage account.
    pub storage_account: Named,
    /// The default batch endpoint.
    pub batch_endpoint: Named,
    /// The default online endpoint.
    pub online_endpoint: Named,
    /// The registry that models are shared to, when given.
    pub model_registry: Option<String>,
    /// Keys that the console has no use for (`terraform_…`, `enable_…`), as written.
    pub others: BTreeMap<String, String>,
}

/// The keys that name resources.
const KEYS: [&str; 14] = [
    "namespace",
    "postfix",
    "environment",
    "location",
    "aml_workspace",
    "resource_group",
    "key_vault",
    "app_insights",
    "load_test_resource",
    "action_group_name",
    "storage_account",
    "batch_endpoint_name",
    "online_endpoint_name",
    "model_registry_name",
];

/// Reads and derives.
///
/// # Errors
/// Everything that is wrong, by key.
pub fn read(variables: &Variables) -> Result<Infra, Vec<Problem>> {
    let mut reader = Reader { variables, problems: Vec::new() };
    let infra = reader.infra();
    match infra {
        Some(infra) if reader.problems.is_empty() => Ok(infra),
        _ => Err(reader.problems),
    }
}

impl Infra {
    /// As a build sees it: it uses the derived workspace, also where the file names another.
    #[must_use]
    pub fn of_build(mut self) -> Self {
        let derived = format!("mlw-{}-{}{}", self.namespace, self.postfix, self.environment);
        if self.workspace.name != derived {
            let ignored = Some(self.workspace.name);
            self.workspace = Named { name: derived, derived: true, ignored };
        }
        self
    }

    /// What the templates would do otherwise than the file says, at its lines.
    #[must_use]
    pub fn notes(&self, variables: &Variables) -> Vec<Note> {
        let named = [
            ("aml_workspace", &self.workspace),
            ("key_vault", &self.key_vault),
            ("app_insights", &self.app_insights),
            ("load_test_resource", &self.load_test),
            ("action_group_name", &self.action_group),
            ("storage_account", &self.storage_account),
            ("batch_endpoint_name", &self.batch_endpoint),
            ("online_endpoint_name", &self.online_endpoint),
        ];
        let mut notes = Vec::new();
        for (key, Named { name, ignored, .. }) in named {
            let Some(given) = ignored else { continue };
            let who =
                if key == "aml_workspace" { "build.yml ignores" } else { "the templates ignore" };
            let message = format!(
                "{key} is {given} here, and {who} the key: the name is always derived from namespace, postfix and \
                 environment. The workflow uses {name}, and so does the console. Remove the key."
            );
            let line = variables.get(key).and_then(|variable| variable.line);
            notes.push(Note { weight: Weight::Warning, key: key.to_owned(), line, message });
        }
        notes
    }
}

struct Reader<'a> {
    variables: &'a Variables,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, key: &str, message: String) {
        let line = self.variables.get(key).and_then(|variable| variable.line);
        self.problems.push(Problem { key: key.to_owned(), line, message });
    }

    /// What the file gives, when it is neither empty nor a wish for the default.
    fn given(&self, key: &str) -> Option<String> {
        let text = self.variables.get(key)?.text.trim();
        (!text.is_empty() && !text.contains('$')).then(|| text.to_owned())
    }

    /// One of the three parts that all names are derived from.
    fn part(&mut self, key: &str, example: &str) -> Option<String> {
        let given = self.given(key);
        match &given {
            None => {
                let state = if self.variables.contains_key(key) { "empty" } else { "missing" };
                let message = format!(
                    "{key} is {state}: the names of all resources are derived from it. Write it under \
                     variables:, like {key}: {example}"
                );
                self.problem(key, message);
                return None;
            }
            Some(text) => {
                if let Some(broken) = rules::PART.broken_by(text) {
                    self.problem(key, format!("{key}: {broken}"));
                    return None;
                }
            }
        }
        given
    }

    fn named(&mut self, key: &str, default: String, rule: &Rule) -> Named {
        let given = self.given(key);
        let derived = given.is_none();
        let name = given.unwrap_or(default);
        if let Some(broken) = rule.broken_by(&name) {
            let message = if derived {
                format!(
                    "{key}: derived from namespace, postfix and environment, {broken}. Change one of \
                     those, or give {key} itself"
                )
            } else {
                format!("{key}: {broken}. Correct the name")
            };
            self.problem(key, message);
        }
        Named { name, derived, ignored: None }
    }

    /// A name that the templates always derive.
    fn always(&mut self, key: &str, name: String, rule: &Rule) -> Named {
        let ignored = self.given(key).filter(|given| *given != name);
        if let Some(broken) = rule.broken_by(&name) {
            let message = format!(
                "{key}: derived from namespace, postfix and environment, {broken}. The templates always derive it: \
                 change one of those"
            );
            self.problem(key, message);
        }
        Named { name, derived: true, ignored }
    }

    fn if_given(&mut self, key: &str, rule: &Rule) -> Option<String> {
        let name = self.given(key)?;
        if let Some(broken) = rule.broken_by(&name) {
            self.problem(key, format!("{key}: {broken}. Correct the name"));
        }
        Some(name)
    }

    fn infra(&mut self) -> Option<Infra> {
        for (key, variable) in self.variables {
            if variable.text.len() > VALUE_BYTES_MAX {
                let length = variable.text.len();
                let message = format!(
                    "{key} has {length} bytes; {VALUE_BYTES_MAX} at most are read. Shorten it"
                );
                self.problem(key, message);
            }
        }
        let namespace = self.part("namespace", "anet");
        let postfix = self.part("postfix", "0001");
        let environment = self.part("environment", "dev");
        let (n, p, e) = (namespace?, postfix?, environment?);
        let storage = format!("st{n}{p}{e}").replace('-', "");
        Some(Infra {
            location: self.if_given("location", &rules::LOCATION),
            workspace: self.named("aml_workspace", format!("mlw-{n}-{p}{e}"), &rules::WORKSPACE),
            resource_group: self.named("resource_group", format!("{n}-{p}{e}"), &rules::GROUP),
            key_vault: self.always("key_vault", format!("kv-{n}-{p}{e}"), &rules::KEY_VAULT),
            app_insights: self.always("app_insights", format!("appi-{n}-{p}{e}"), &rules::MONITOR),
            load_test: self.always("load_test_resource", format!("lt{n}{p}{e}"), &rules::LOAD_TEST),
            action_group: self.always(
                "action_group_name",
                // The hyphen before the environment is the templates' own.
                format!("ag-{n}-{p}-{e}"),
                &rules::MONITOR,
            ),
            storage_account: self.always("storage_account", storage, &rules::STORAGE),
            batch_endpoint: self.always(
                "batch_endpoint_name",
                format!("bep-{n}-{p}{e}"),
                &rules::ENDPOINT,
            ),
            online_endpoint: self.always(
                "online_endpoint_name",
                format!("oep-{n}-{p}{e}"),
                &rules::ENDPOINT,
            ),
            model_registry: self.if_given("model_registry_name", &rules::REGISTRY),
            others: self.others(),
            namespace: n,
            postfix: p,
            environment: e,
        })
    }

    fn others(&self) -> BTreeMap<String, String> {
        let others = self.variables.iter().filter(|(key, _)| !KEYS.contains(&key.as_str()));
        others.map(|(key, variable)| (key.clone(), variable.text.clone())).collect()
    }
}
