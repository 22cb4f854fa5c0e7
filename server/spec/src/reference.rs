//! References to registered assets: `azureml:…` becomes an id, or an asset to resolve.

use crate::asset::{self, Action, Asset, Assets, Kind};
use crate::reader::{Field, Reader};
use crate::scope::Scope;
use crate::yaml::short;

/// The prefix of Azure's curated environments, whose names the service expands.
const CURATED: &str = "AzureML-";
const REGISTRIES: &str = "azureml://registries/";

/// Whether the text refers to a registry's asset. These references are sent unchanged.
pub(crate) fn is_registry(text: &str) -> bool {
    let head = text.get(..REGISTRIES.len() - 1);
    head.is_some_and(|head| head.eq_ignore_ascii_case("azureml://registries"))
}

/// The part of an ARM id after the workspace: `models/m/versions/1`. `exact` compares the fixed words with their case:
/// so does the SDK for ids that it parses, but not for ids that it passes on.
fn in_workspace(text: &str, exact: bool) -> Option<&str> {
    let words = [
        "subscriptions",
        "",
        "resourceGroups",
        "",
        "providers",
        "Microsoft.MachineLearningServices",
        "workspaces",
        "",
    ];
    let mut rest = text.strip_prefix('/')?;
    for word in words {
        let (part, after) = rest.split_once('/')?;
        let fits = match (word, exact) {
            ("", _) => !part.is_empty(),
            (word, true) => part == word,
            (word, false) => part.eq_ignore_ascii_case(word),
        };
        if !fits {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

/// Whether the text is the id of an asset of this kind, in any workspace.
pub(crate) fn is_id(text: &str, collection: &str) -> bool {
    let rest = in_workspace(text, false).and_then(|rest| rest.split_once('/'));
    rest.is_some_and(|(found, _)| found.eq_ignore_ascii_case(collection))
}

/// Whether the text is the id of a virtual cluster. Only the fixed words are checked, in any case.
pub(crate) fn is_virtual_cluster(text: &str) -> bool {
    let lower = text.to_lowercase();
    let Some(mut rest) = lower.strip_prefix("/subscriptions/") else { return false };
    for word in
        ["/resourcegroups/", "/providers/microsoft.machinelearningservices/virtualclusters/"]
    {
        let Some((_, after)) = rest.split_once(word) else { return false };
        rest = after;
    }
    true
}

/// Whether the text is the id of a version of an asset.
pub(crate) fn is_versioned_id(text: &str) -> bool {
    let whole = if text.starts_with('/') { text.to_owned() } else { format!("/{text}") };
    let Some(rest) = in_workspace(&whole, true) else { return false };
    let parts: Vec<&str> = rest.splitn(4, '/').collect();
    matches!(parts[..], [kind, name, "versions", version]
        if !kind.is_empty() && !name.is_empty() && !version.is_empty() && !version.starts_with('/'))
}

fn is_versioned_registry(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(REGISTRIES) else { return false };
    let parts: Vec<&str> = rest.splitn(5, '/').collect();
    matches!(parts[..], [registry, kind, name, "versions", version]
        if ![registry, kind, name, version].contains(&"") && !version.starts_with('/'))
}

impl Reader<'_> {
    /// Converts the reference of a model or environment for the body. `None` also for an empty `azureml:`, which the
    /// SDK ignores.
    pub(crate) fn reference(
        &mut self,
        field: &Field<'_>,
        text: &str,
        kind: Kind,
        assets: &mut Assets,
    ) -> Option<String> {
        if text.starts_with(REGISTRIES) {
            return Some(text.to_owned());
        }
        let Some(name) = text.strip_prefix("azureml:") else {
            let word = kind.word();
            let message = format!(
                "“{}” is not a {word}. Name a registered one, for example azureml:name:1, or give a mapping with \
                 its definition",
                short(text)
            );
            return self.refuse(field.problem(message));
        };
        match resolve(self.scope, name, kind) {
            Ok(Resolved::Nothing) => None,
            Ok(Resolved::Id(id)) => Some(id),
            Ok(Resolved::Label { name, label }) => {
                let mut asset = Asset::new(kind, Action::Resolve);
                (asset.name, asset.label) = (Some(name), Some(label));
                Some(assets.add(asset))
            }
            Err(message) => self.refuse(field.problem(message)),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    Nothing,
    Id(String),
    Label { name: String, label: String },
}

/// Resolves the text after `azureml:`.
pub(crate) fn resolve(scope: &Scope, text: &str, kind: Kind) -> Result<Resolved, String> {
    let as_is = || Ok(Resolved::Id(text.to_owned()));
    if text.is_empty() {
        return Ok(Resolved::Nothing);
    }
    let parsed = is_versioned_id(text) || is_versioned_registry(text);
    if !parsed && is_id(text, kind.collection()) {
        let wanted = kind.collection();
        return Err(format!(
            "“{}” is not the id of a version. It must end like {wanted}/name/versions/1, and have Azure's \
             capital letters (resourceGroups)",
            short(text)
        ));
    }
    if is_registry(text) || is_id(text, kind.collection()) {
        return as_is();
    }
    if kind == Kind::Environment {
        let bare = text.strip_prefix("azureml:").unwrap_or(text);
        let curated = bare.starts_with(CURATED) && (parsed || !has_stray_slash(text));
        if curated {
            let (name, version) = bare.split_once(':').unwrap_or((bare, "-"));
            let shown = if version.is_empty() { name } else { bare };
            return Ok(Resolved::Id(format!("azureml:{shown}")));
        }
    }
    if has_stray_slash(text) {
        return Err(format!(
            "“{}” is neither a name with a version (azureml:name:1) nor an id (azureml:/subscriptions/…)",
            short(text)
        ));
    }
    let bare = text.strip_prefix("azureml:").unwrap_or(text);
    if let Some((name, label)) = text.rsplit_once('@').filter(|(_, label)| !label.is_empty()) {
        return match (kind, label, name) {
            (Kind::Code, ..) => {
                Err("code has no labels. Name a version, for example azureml:name:1".to_owned())
            }
            (_, "latest", name) if !name.is_empty() => {
                Ok(Resolved::Label { name: name.to_owned(), label: label.to_owned() })
            }
            _ => Err(format!("“{}” has an unknown label. Azure supports latest only", short(text))),
        };
    }
    match bare.split_once(':') {
        Some((name, version)) if !version.is_empty() => {
            Ok(Resolved::Id(asset::id(scope, kind, name, version)))
        }
        _ => Err(format!("“{}” has no version. Add one, for example azureml:name:1", short(text))),
    }
}

/// Whether a text that is not an id contains a slash.
fn has_stray_slash(text: &str) -> bool {
    text.contains('/') && !text.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_as_in_the_sdk() {
        let scope = Scope {
            subscription: "s".into(),
            resource_group: "r".into(),
            workspace: "w".into(),
            location: "l".into(),
        };
        let ws = scope.id();
        let arm = "/subscriptions/x/resourceGroups/y/providers/Microsoft.MachineLearningServices/workspaces/z/models/m/versions/1";
        let id = |text: &str| Some(Resolved::Id(text.to_owned()));
        for (text, kind, expected) in [
            ("m:1", Kind::Model, id(&format!("{ws}/models/m/versions/1"))),
            ("m:1:2", Kind::Model, id(&format!("{ws}/models/m/versions/1:2"))),
            ("m", Kind::Model, None),
            ("m:", Kind::Model, None),
            ("m@", Kind::Model, None),
            ("m@stable", Kind::Model, None),
            ("", Kind::Model, Some(Resolved::Nothing)),
            (arm, Kind::Model, id(arm)),
            (arm, Kind::Environment, None),
            (
                "azureml://registries/r/models/m/versions/1",
                Kind::Model,
                id("azureml://registries/r/models/m/versions/1"),
            ),
            ("AzureML-x:1", Kind::Environment, id("azureml:AzureML-x:1")),
            ("AzureML-x", Kind::Environment, id("azureml:AzureML-x")),
            ("AzureML-x:1", Kind::Model, id(&format!("{ws}/models/AzureML-x/versions/1"))),
            ("c@latest", Kind::Code, None),
            ("//datastores/d/paths/p", Kind::Model, None),
            ("a/b:1", Kind::Model, None),
            (
                "m@latest",
                Kind::Model,
                Some(Resolved::Label { name: "m".into(), label: "latest".into() }),
            ),
        ] {
            assert_eq!(resolve(&scope, text, kind).ok(), expected, "{text}");
        }
    }
}
