//! Distinguishes addresses from paths.

/// Whether Python's `urlparse` finds a scheme and a host: `https://a/b`, `azureml://datastores/…`.
pub(crate) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = scheme(text) else { return false };
    let Some(rest) = rest.strip_prefix("//") else { return false };
    !scheme.is_empty() && !rest.is_empty() && !rest.starts_with(['/', '?', '#'])
}

/// Whether the text is the artifact of an MLflow run: `runs:/…`.
pub(crate) fn is_mlflow(text: &str) -> bool {
    scheme(text).is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("runs"))
}

/// Whether the text is a web address with a public host name or `localhost`, as the SDK's schema requires.
pub(crate) fn is_web_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let known = ["http", "https", "ftp", "ftps"];
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let is_name = host == "localhost"
        || host.contains('.')
            && host.split('.').all(|part| {
                !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            });
    known.contains(&scheme.to_lowercase().as_str())
        && is_name
        && !text.contains(char::is_whitespace)
}

fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let sound = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    sound.then_some((scheme, rest))
}

/// An `azureml:` address of data.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Datastore<'a> {
    /// `azureml://datastores/NAME/paths/PATH`, or the long form with the workspace.
    Path { datastore: &'a str, path: &'a str },
    /// The output of a job or run, which is not resolved further.
    Output,
}

/// Parses an `azureml:` address of data.
pub(crate) fn datastore(text: &str) -> Option<Datastore<'_>> {
    if let Some(rest) = text.strip_prefix("azureml://datastores/") {
        let (datastore, path) = rest.split_once('/')?;
        return match path.strip_prefix("paths/") {
            Some(path) if !datastore.is_empty() && !path.is_empty() => {
                Some(Datastore::Path { datastore, path })
            }
            _ if path.starts_with("ExperimentRun/") => Some(Datastore::Output),
            _ => None,
        };
    }
    if let Some(rest) = text.strip_prefix("azureml://subscriptions/") {
        let parts: Vec<&str> = rest.splitn(9, '/').collect();
        let [_, groups, _, "workspaces", _, "datastores", datastore, "paths", path] = parts[..]
        else {
            return None;
        };
        let sound = ["resourcegroups", "resourceGroups"].contains(&groups)
            && parts.iter().all(|part| !part.is_empty());
        return sound.then_some(Datastore::Path { datastore, path });
    }
    if let Some(rest) = text.strip_prefix("azureml://jobs/") {
        let parts: Vec<&str> = rest.splitn(5, '/').collect();
        return match parts[..] {
            [job, "outputs", output, "paths", path] if ![job, output, path].contains(&"") => {
                Some(Datastore::Output)
            }
            _ => None,
        };
    }
    let run = text.strip_prefix("runs:/")?;
    run.split_once('/')
        .filter(|(run, path)| !run.is_empty() && !path.is_empty())
        .map(|_| Datastore::Output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_distinguished_from_paths() {
        for (text, url) in [
            ("https://a/b", true),
            ("azureml://datastores/x", true),
            ("azureml:x:1", false),
            ("runs:/a/b", false),
            ("file:///tmp", false),
            ("../a", false),
            ("C:/a", false),
        ] {
            assert_eq!(is_url(text), url, "{text}");
        }
        let path = Datastore::Path { datastore: "d", path: "a/b" };
        assert_eq!(datastore("azureml://datastores/d/paths/a/b"), Some(path));
        assert_eq!(datastore("azureml://jobs/j/outputs/o/paths/p"), Some(Datastore::Output));
        assert_eq!(datastore("azureml://datastores/d/"), None);
        assert!(is_web_address("https://github.com/a") && !is_web_address("azureml://a.b/c"));
    }
}
