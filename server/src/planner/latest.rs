//! Resolves labels such as `azureml:name@latest` to the current version when a plan is made, so that people see and
//! approve the version that is sent.

use super::file::{Label, Rendered};
use super::observed::Observed;
use domain::asset::{Asset, AssetKind, Found, Looked};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The newest versions in a stage's workspace; `None` for an asset without a version. Lacks the labels that could not
/// be looked up.
pub type Newest = BTreeMap<Label, Option<Version>>;

/// A version of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The version, such as `7`.
    pub version: String,
    pub id: String,
}

/// A file whose labels are replaced by versions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resolved {
    pub(super) body: Value,
    /// The assets that must be uploaded, registered or looked up first, in words.
    pub(super) unregistered: Vec<String>,
    /// Remarks by field, such as `latest, now 7`.
    pub(super) said: BTreeMap<&'static str, String>,
    /// Such as `azureml:nbq@latest is version 7 now`.
    pub(super) versions: Vec<String>,
}

/// Replaces labels by versions.
pub(super) fn resolve(file: &Rendered, newest: &Newest) -> Resolved {
    let mut resolved = Resolved {
        body: file.body.clone(),
        unregistered: file.unregistered.clone(),
        said: BTreeMap::new(),
        versions: Vec::new(),
    };
    for label in &file.labels {
        let (written, field) = (label.written(), label.field());
        match newest.get(label) {
            Some(Some(Version { version, id })) => {
                if let Some(value) = resolved.body.pointer_mut(field) {
                    *value = json!(id);
                }
                resolved.said.insert(field, format!("latest, now {version}"));
                resolved.versions.push(format!("{written} is version {version} now"));
            }
            Some(None) => resolved
                .unregistered
                .push(format!("{written} (the workspace has no version of it)")),
            None => resolved
                .unregistered
                .push(format!("{written} (its newest version could not be looked up)")),
        }
    }
    resolved
}

/// A label of the file whose version is unknown, if any.
pub fn unknown<'a>(file: &'a Rendered, newest: &Newest) -> Option<&'a Label> {
    file.labels.iter().find(|label| !matches!(newest.get(label), Some(Some(_))))
}

impl Observed {
    /// The versions that labels stand for. They need no further lookup, because Azure listed them.
    pub(super) fn listed(&self) -> impl Iterator<Item = Looked> {
        self.newest.iter().filter_map(|(label, version)| {
            let mut kinds = [AssetKind::Model, AssetKind::Environment, AssetKind::Code].into_iter();
            let kind = kinds.find(|kind| kind.collection() == label.collection)?;
            let reference = version.as_ref()?.id.clone();
            Some(Looked { asset: Asset { kind, reference }, found: Found::There })
        })
    }

    pub(super) fn resolve(&self, file: &Rendered) -> Resolved {
        resolve(file, &self.newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (Rendered, Label) {
        let label = Label { collection: "models".to_owned(), name: "nbq".to_owned() };
        let body = json!({"properties": {"model": "azureml:nbq@latest", "environmentId": "/e"}});
        (Rendered { body, labels: vec![label.clone()], ..Rendered::default() }, label)
    }

    #[test]
    fn latest_resolves_to_the_current_version() {
        let (file, label) = file();
        let version = Version { version: "7".to_owned(), id: "/m/versions/7".to_owned() };
        let newest = Newest::from([(label, Some(version))]);
        let resolved = resolve(&file, &newest);
        assert_eq!(resolved.body["properties"]["model"], "/m/versions/7");
        assert_eq!(resolved.unregistered, Vec::<String>::new());
        assert_eq!(resolved.said["/properties/model"], "latest, now 7");
        assert_eq!(resolved.versions, ["azureml:nbq@latest is version 7 now"]);
        assert_eq!(unknown(&file, &newest), None);
    }

    #[test]
    fn a_label_without_a_version_is_unregistered() {
        let (file, label) = file();
        for (newest, words) in [
            (Newest::new(), "azureml:nbq@latest (its newest version could not be looked up)"),
            (
                Newest::from([(label.clone(), None)]),
                "azureml:nbq@latest (the workspace has no version of it)",
            ),
        ] {
            let resolved = resolve(&file, &newest);
            assert_eq!(resolved.unregistered, [words]);
            assert_eq!(resolved.body, file.body);
            assert_eq!(unknown(&file, &newest), Some(&label));
        }
    }
}
