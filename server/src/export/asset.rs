//! Converts ARM ids of assets to references in YAML.

/// `azureml:nbq:2` for `…/models/nbq/versions/2` of this workspace; the whole id for another workspace.
pub(super) fn reference(id: &str, workspace: Option<&str>) -> String {
    if !id.starts_with("/subscriptions/") {
        return id.to_owned();
    }
    let own = workspace.is_some_and(|own| {
        id.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own))
    });
    let parts: Vec<_> = id.rsplit('/').take(4).collect();
    match parts.as_slice() {
        [version, versions, name, _] if own && versions.eq_ignore_ascii_case("versions") => {
            format!("azureml:{name}:{version}")
        }
        _ => format!("azureml:{id}"),
    }
}
