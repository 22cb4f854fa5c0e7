//! What a deployment is made of, to tell it from another one of its name.

use super::Deployment;
use crate::domain::name::DeploymentName;
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Marks of secret values by the names of their variables. A mark tells a value from another one, and nothing else of
/// it: it is made with a key of the console.
pub type SecretMarks = BTreeMap<String, String>;

/// What a deployment is: one of the same name that is made of something else, has other settings, or was created again is
/// another one. What is approved of the one, and what was measured of it, says nothing of the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeOf {
    /// The model in short (`nbq:2`).
    pub model: Option<String>,
    /// The environment in short.
    pub environment: Option<String>,
    /// The machine size.
    pub instance_type: Option<String>,
    /// When Azure created it.
    pub created: Option<Timestamp>,
    /// A hash of the settings on which its answers depend: its variables, its code, its limits. A secret counts by its
    /// name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// Marks of its secret variables' values; `None` where an earlier version did not record them.
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
    /// Whether enough of it was read to tell it from another one.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.created.is_some() && self.settings.is_some()
    }

    /// Whether it is the same, as far as both were recorded.
    #[must_use]
    pub fn is(&self, now: &Self) -> bool {
        self.differing(now).is_empty()
    }

    /// The secret variables whose values are others now. Where an earlier version recorded none, that is not known.
    #[must_use]
    pub fn other_secrets(&self, now: &Self) -> Vec<String> {
        let (Some(was), Some(is)) = (&self.secrets, &now.secrets) else { return Vec::new() };
        let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        names.into_iter().filter(|name| was.get(*name) != is.get(*name)).cloned().collect()
    }

    /// The fields in which a deployment became another one, by name; the values are not shown.
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

    /// How a deployment became another one, in a sentence; `None` when it is the same.
    #[must_use]
    pub fn changed(&self, name: &DeploymentName, now: &Self) -> Option<String> {
        let (was, is) = (self.to_string(), now.to_string());
        if self.is(now) {
            None
        } else if was != is {
            Some(format!("{name} is another deployment: it was {was}, it is now {is}."))
        } else if self.created != now.created {
            Some(format!("{name} was created again."))
        } else if self.settings == now.settings {
            let secrets = self.other_secrets(now).join(", ");
            Some(format!(
                "{name} is set otherwise: value changed of the secret variable {secrets}."
            ))
        } else {
            Some(format!("{name} is set otherwise: its variables, its code or its limits changed."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::trial;

    #[test]
    fn another_value_of_a_secret_is_told_without_it() {
        let of = |marks: Option<&[(&str, &str)]>| MadeOf {
            settings: Some("s".to_owned()),
            secrets: marks.map(|marks| {
                let owned = |(name, mark): &(&str, &str)| ((*name).to_owned(), (*mark).to_owned());
                marks.iter().map(owned).collect()
            }),
            ..MadeOf::default()
        };
        let name = trial::name("green");
        let one = of(Some(&[("API_KEY", "a1"), ("PIN", "b1")]));
        assert_eq!(one.changed(&name, &one.clone()), None);
        let other = of(Some(&[("API_KEY", "a2"), ("PIN", "b1")]));
        assert!(!one.is(&other));
        assert_eq!(one.differing(&other), ["value of a secret variable"]);
        assert_eq!(
            one.changed(&name, &other).as_deref(),
            Some("green is set otherwise: value changed of the secret variable API_KEY.")
        );
        // What an earlier version did not record is no difference.
        assert!(of(None).is(&other) && other.is(&of(None)));
        assert_eq!(of(None).changed(&name, &other), None);
    }
}
