//! Which permission an endpoint needs (docs.github.com, permissions required for fine-grained access tokens).

use http::Method;

use super::tokens::{Level, Need};

/// The permission for a request below a repository.
pub fn need(method: &Method, rest: &[&str]) -> Need {
    let is_read = method == Method::GET;
    let level = if is_read { Level::Read } else { Level::Write };
    match rest {
        ["contents" | "git" | "branches" | "commits" | "tarball", ..] => Need("contents", level),
        ["actions", "runs", _, "pending_deployments"] if !is_read => Need("deployments", level),
        ["actions", ..] => Need("actions", level),
        ["environments", ..] if is_read => Need("actions", level),
        ["environments", ..] => Need("administration", level),
        _ => Need("metadata", level),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approving_a_deployment_needs_more_than_the_right_to_run_workflows() {
        let check = |method: Method, path: &str, permission, level| {
            let rest: Vec<_> = path.split('/').collect();
            assert_eq!(need(&method, &rest), Need(permission, level), "{method} {path}");
        };
        check(Method::GET, "tarball/main", "contents", Level::Read);
        check(Method::PUT, "contents/a", "contents", Level::Write);
        check(Method::POST, "actions/workflows/x.yml/dispatches", "actions", Level::Write);
        check(Method::GET, "actions/runs/1/pending_deployments", "actions", Level::Read);
        check(Method::POST, "actions/runs/1/pending_deployments", "deployments", Level::Write);
        check(Method::PUT, "environments/x", "administration", Level::Write);
        check(Method::GET, "tags", "metadata", Level::Read);
    }
}
