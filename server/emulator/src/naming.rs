//! Names of the resources that are linked to a workspace. They follow the templates' naming
//! (`mlw-{n}-{p}{e}`, `kv-…`, `appi-…`, `cr{n}{p}`).

/// The common part of the names of a workspace's linked resources.
pub fn stem(workspace: &str) -> &str {
    workspace.strip_prefix("mlw-").unwrap_or(workspace)
}

/// The name of the Log Analytics workspace behind Application Insights.
pub fn log_workspace(workspace: &str) -> String {
    format!("log-{}", stem(workspace))
}

/// The names of the key vault, of Application Insights, and of the storage account.
pub fn linked(workspace: &str) -> (String, String, String) {
    let stem = stem(workspace);
    let storage: String = stem.chars().filter(char::is_ascii_alphanumeric).take(22).collect();
    (format!("kv-{stem}"), format!("appi-{stem}"), format!("st{}", storage.to_lowercase()))
}

/// The load testing resource of a workspace: `ltanet0001dev` for `mlw-anet-0001dev` (`lt{n}{p}{e}`). Only the hyphen before
/// the postfix is not part of a name.
pub fn load_testing(workspace: &str) -> String {
    let stem = stem(workspace);
    let (namespace, postfix) = stem.rsplit_once('-').unwrap_or((stem, ""));
    format!("lt{namespace}{postfix}")
}

/// The ARM id of a load testing resource.
pub fn load_testing_id(group: &str, name: &str) -> String {
    format!("{group}/providers/Microsoft.LoadTestService/loadTests/{name}")
}

/// The registry of the namespace: `cranet0001` for `mlw-anet-0001dev`. All environments (`dev`, `prod`) share it. A
/// registry's name has 5 to 50 letters and digits.
pub fn registry_name(workspace: &str) -> String {
    let stem = stem(workspace);
    let digits = stem.find(|c: char| c.is_ascii_digit());
    let shared = digits.and_then(|digits| {
        let environment = stem[digits..].find(|c: char| c.is_ascii_alphabetic())?;
        stem.get(..digits + environment)
    });
    let letters = shared.unwrap_or(stem).chars().filter(char::is_ascii_alphanumeric);
    let name: String = "cr".chars().chain(letters).take(50).collect();
    format!("{:0<5}", name.to_lowercase())
}

/// The storage account behind a workspace.
pub fn storage_account(workspace: &str) -> String {
    linked(workspace).2
}

#[cfg(test)]
mod tests {
    use super::registry_name;

    #[test]
    fn the_registry_is_named_after_the_namespace() {
        assert_eq!(registry_name("mlw-anet-0001dev"), "cranet0001");
        assert_eq!(registry_name("mlw-anet-0001prod"), "cranet0001");
        assert_eq!(registry_name("mlw-it-dev"), "critdev");
        assert_eq!(registry_name("0_a"), "cr000");
        assert!(registry_name(&"a".repeat(80)).len() == 50);
    }
}
