//! References to assets, from ARM ids to what YAML says.

/// `…/models/nbq/versions/2` of any workspace → `azureml:nbq:2` when it is of this one, else the whole id.
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
