//! The infra configuration of a stage: the `variables:` of the file that `environment_config_file` names.
//!
//! All values are strings, exactly as written: the postfix `0001` stays `0001`. A missing value, or a value that
//! contains a `$` (`rg-$(namespace)-$(environment)`), means the derived default. The file determines only the names of
//! the workspace, the resource group and the model registry. Like the templates, this module derives all other names
//! from namespace, postfix and environment, whatever the file says. All names are checked against Azure's naming
//! rules, and problems name the key.

mod rules;
#[cfg(test)]
mod tests;

use super::release::Problem;
use super::release::note::{Note, Weight};
use rules::Rule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Maximum length of a value, in bytes: longer than every name that Azure allows.
pub const VALUE_BYTES_MAX: usize = 1024;

/// A variable in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// The value as text, without quotes.
    pub text: String,
    /// The line in the file, counted from 1.
    pub line: Option<u32>,
}

/// The file's variables, by key.
pub type Variables = BTreeMap<String, Variable>;

/// The name of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    /// Whether the name was derived, not given.
    pub derived: bool,
    /// The name in the file, if the templates ignore it.
    pub ignored: Option<String>,
}

/// The checked infra configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Infra {
    pub namespace: String,
    pub postfix: String,
    /// The last part of names, such as `dev`; not the GitHub environment.
    pub environment: String,
    /// The Azure region, if given.
    pub location: Option<String>,
    pub workspace: Named,
    /// The deploy workflow may use a secret instead.
    pub resource_group: Named,
    pub key_vault: Named,
    pub app_insights: Named,
    pub load_test: Named,
    /// The action group that receives alerts.
    pub action_group: Named,
    pub storage_account: Named,
    pub batch_endpoint: Named,
    pub online_endpoint: Named,
    /// The registry for shared models, if given.
    pub model_registry: Option<String>,
    /// Keys that the console does not use (`terraform_…`, `enable_…`), as written.
    pub others: BTreeMap<String, String>,
}

/// The keys that the console uses.
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

/// Checks the variables and derives names.
///
/// # Errors
/// All problems, by key.
pub fn read(variables: &Variables) -> Result<Infra, Vec<Problem>> {
    let mut reader = Reader { variables, problems: Vec::new() };
    let infra = reader.infra();
    match infra {
        Some(infra) if reader.problems.is_empty() => Ok(infra),
        _ => Err(reader.problems),
    }
}

impl Infra {
    /// The configuration for a build, which always uses the derived workspace.
    #[must_use]
    pub fn of_build(mut self) -> Self {
        let derived = format!("mlw-{}-{}{}", self.namespace, self.postfix, self.environment);
        if self.workspace.name != derived {
            let ignored = Some(self.workspace.name);
            self.workspace = Named { name: derived, derived: true, ignored };
        }
        self
    }

    /// Notes about keys that the templates ignore, with their lines.
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
                "{key} is {given}, but {who} the key: the name is always derived from namespace, postfix and \
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

    /// The value in the file, unless empty or a request for the default.
    fn given(&self, key: &str) -> Option<String> {
        let text = self.variables.get(key)?.text.trim();
        (!text.is_empty() && !text.contains('$')).then(|| text.to_owned())
    }

    /// Reads one of the three parts of derived names.
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
                    "{key}: the name derived from namespace, postfix and environment is invalid: {broken}. Change \
                     one of those, or give {key} itself"
                )
            } else {
                format!("{key}: {broken}. Correct the name")
            };
            self.problem(key, message);
        }
        Named { name, derived, ignored: None }
    }

    /// Derives a name that the templates always derive.
    fn always(&mut self, key: &str, name: String, rule: &Rule) -> Named {
        let ignored = self.given(key).filter(|given| *given != name);
        if let Some(broken) = rule.broken_by(&name) {
            let message = format!(
                "{key}: the name derived from namespace, postfix and environment is invalid: {broken}. The \
                 templates always derive this name: change one of those"
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
                    "{key} has {length} bytes; the limit is {VALUE_BYTES_MAX}. Use a shorter value"
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
