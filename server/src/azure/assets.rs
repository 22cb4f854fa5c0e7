//! Assets: whether the workspace has a version of a model or an environment.

use super::arm::{Arm, ML_API_VERSION, Workspace};
use super::error::Error;
use domain::asset::{Asset, Found};

/// Looks up an asset in the workspace. Assets of registries and other workspaces are not checked.
///
/// # Errors
/// [`Error`]. A missing asset is not an error.
pub async fn look_up(arm: &Arm, workspace: &Workspace, asset: &Asset) -> Result<Found, Error> {
    let (name, version) = match place(workspace, asset) {
        Ok(place) => place,
        Err(why) => return Ok(Found::NotChecked(why.to_owned())),
    };
    let root = format!("{}/{}", workspace.id(), asset.kind.collection());
    let mut url = arm.url(&root, ML_API_VERSION, &[])?;
    // As segments, which encodes a slash in a name.
    url.path_segments_mut()
        .map_err(|()| Error::garbled("a URL without a path"))?
        .extend([name, "versions", version]);
    match arm.get(url).await {
        Ok(_) => Ok(Found::There),
        Err(Error::NotFound(_)) => Ok(Found::Missing),
        Err(error) => Err(error),
    }
}

/// Name and version in this workspace, or why the asset cannot be checked.
fn place<'a>(workspace: &Workspace, asset: &'a Asset) -> Result<(&'a str, &'a str), &'static str> {
    let lower = asset.reference.to_ascii_lowercase();
    if lower.starts_with("azureml://registries/") {
        return Err("it is in a registry, which the console does not read");
    }
    let home = format!("{}/", workspace.id().to_ascii_lowercase());
    if lower.starts_with('/') && !lower.starts_with(&home) {
        return Err("it is in another workspace, which the console does not read");
    }
    let (name, version) = asset.version().ok_or("the reference names no version")?;
    // URL parsing would resolve a dot segment.
    if [name, version].iter().any(|part| part.chars().all(|c| c == '.')) {
        return Err("the reference names no version");
    }
    if name.to_ascii_lowercase().starts_with("azureml-") {
        return Err("Microsoft curates it, outside the workspace");
    }
    Ok((name, version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::asset::AssetKind;

    #[test]
    fn only_assets_of_this_workspace_are_looked_up() {
        let workspace =
            Workspace { subscription: "s".into(), resource_group: "rg".into(), name: "w".into() };
        let home = workspace.id();
        for (reference, expected) in [
            (format!("{home}/models/nbq/versions/2"), Ok(("nbq", "2"))),
            (format!("{}/models/nbq/versions/2", home.to_uppercase()), Ok(("nbq", "2"))),
            ("azureml:nbq:2".to_owned(), Ok(("nbq", "2"))),
            (format!("{home}x/models/nbq/versions/2"), Err("another workspace")),
            ("azureml://registries/r/models/m/versions/1".to_owned(), Err("a registry")),
            ("azureml:AzureML-sklearn:1".to_owned(), Err("Microsoft curates it")),
            ("azureml:nbq@latest".to_owned(), Err("names no version")),
            ("azureml:..:1".to_owned(), Err("names no version")),
        ] {
            let asset = Asset { kind: AssetKind::Model, reference: reference.clone() };
            let found = place(&workspace, &asset);
            match expected {
                Ok(expected) => assert_eq!(found, Ok(expected), "{reference}"),
                Err(part) => {
                    assert!(found.is_err_and(|why| why.contains(part)), "{reference}: {found:?}");
                }
            }
        }
    }
}
