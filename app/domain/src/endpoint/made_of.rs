//! What a deployment is made of, to distinguish it from another deployment of the same name.

use super::Deployment;
use crate::name::DeploymentName;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Keyed hashes of secret values, by the names of their variables. A hash shows only whether a value has changed.
pub type SecretMarks = BTreeMap<String, String>;

/// The identity of a deployment. A deployment of the same name with other parts, other settings or another time of
/// creation is a different one; approvals and measurements of one do not apply to the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeOf {
    /// The model in short (`nbq:2`).
    pub model: Option<String>,
    pub environment: Option<String>,
    pub instance_type: Option<String>,
    pub created: Option<Timestamp>,
    /// A hash of the settings that affect answers: variables, code and limits. Of secrets it includes only the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// Keyed hashes of secret values; `None` if an earlier version did not record them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<SecretMarks>,
}

impl From<&Deployment> for MadeOf {
    fn from(deployment: &Deployment) -> Self {
        let Deployment { model, environment, instance_type, created, settings, secrets, .. } =
            deployment.clone();
        Self { model, environment, instance_type, created, settings, secrets }
    }
}

impl fmt::Display for MadeOf {
    /// `nbq:2, env:1, Standard_DS3_v2`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.model, &self.environment, &self.instance_type];
        let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        f.pad(&parts.join(", "))
    }
}

impl MadeOf {
    /// Whether enough was read to distinguish the deployment from another.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.created.is_some() && self.settings.is_some()
    }

    /// Whether both are the same deployment, by the recorded fields.
    #[must_use]
    pub fn is(&self, now: &Self) -> bool {
        self.differing(now).is_empty()
    }

    /// The secret variables whose values changed. Empty if an earlier version recorded none.
    #[must_use]
    pub fn other_secrets(&self, now: &Self) -> Vec<String> {
        let (Some(was), Some(is)) = (&self.secrets, &now.secrets) else { return Vec::new() };
        let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        names.into_iter().filter(|name| was.get(*name) != is.get(*name)).cloned().collect()
    }

    /// The names of the fields that changed, without values.
    #[must_use]
    pub fn differing(&self, now: &Self) -> Vec<&'static str> {
        let fields = [
            ("model", self.model == now.model),
            ("environment", self.environment == now.environment),
            ("machine size", self.instance_type == now.instance_type),
            ("settings (variables, code, limits)", self.settings == now.settings),
            ("value of a secret variable", self.other_secrets(now).is_empty()),
            ("time of creation", self.created == now.created),
        ];
        fields.into_iter().filter_map(|(field, is_same)| (!is_same).then_some(field)).collect()
    }

    /// A sentence that describes the change; `None` if nothing changed.
    #[must_use]
    pub fn changed(&self, name: &DeploymentName, now: &Self) -> Option<String> {
        let (was, is) = (self.to_string(), now.to_string());
        if self.is(now) {
            None
        } else if was != is {
            Some(format!("{name} has changed: it was {was}, and is now {is}."))
        } else if self.created != now.created {
            Some(format!("{name} was recreated."))
        } else if self.settings == now.settings {
            let secrets = self.other_secrets(now).join(", ");
            Some(format!(
                "The settings of {name} changed: new value of the secret variable {secrets}."
            ))
        } else {
            Some(format!("The settings of {name} changed: variables, code or limits."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::fixtures;

    #[test]
    fn a_changed_secret_is_reported_without_its_value() {
        let of = |marks: Option<&[(&str, &str)]>| MadeOf {
            settings: Some("s".to_owned()),
            secrets: marks.map(|marks| {
                let owned = |(name, mark): &(&str, &str)| ((*name).to_owned(), (*mark).to_owned());
                marks.iter().map(owned).collect()
            }),
            ..MadeOf::default()
        };
        let name = fixtures::name("green");
        let one = of(Some(&[("API_KEY", "a1"), ("PIN", "b1")]));
        assert_eq!(one.changed(&name, &one.clone()), None);
        let other = of(Some(&[("API_KEY", "a2"), ("PIN", "b1")]));
        assert!(!one.is(&other));
        assert_eq!(one.differing(&other), ["value of a secret variable"]);
        assert_eq!(
            one.changed(&name, &other).as_deref(),
            Some("The settings of green changed: new value of the secret variable API_KEY.")
        );
        // A field that an earlier version did not record is not a difference.
        assert!(of(None).is(&other) && other.is(&of(None)));
        assert_eq!(of(None).changed(&name, &other), None);
    }
}
