//! Which paths a repository may have.

/// The deepest folder of a path (PATH_MAX on Linux is 4,096 bytes, so at most 2,048 names).
pub const DEPTH_MAX: usize = 256;
/// The longest path (PATH_MAX on Linux, without the folder that it is checked out to).
const PATH_BYTES_MAX: usize = 2_048;

/// Whether git accepts a path: relative, and without `.`, `..`, `.git` and control characters.
pub fn is_path(path: &str) -> bool {
    let is_name = |name: &str| {
        !["", ".", ".."].contains(&name)
            && !name.eq_ignore_ascii_case(".git")
            && !name.chars().any(char::is_control)
    };
    path.len() <= PATH_BYTES_MAX
        && path.split('/').count() <= DEPTH_MAX
        && path.split('/').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_repository() {
        for path in ["a", "a/b.txt", ".github/workflows/x.yml", "..a", "a b"] {
            assert!(is_path(path), "{path}");
        }
        let deep = "a/".repeat(300) + "a";
        for path in
            ["", "/a", "a/", "a//b", "../a", "a/..", "./a", ".git/x", "a/.GIT", "a\0", &deep]
        {
            assert!(!is_path(path), "{path}");
        }
    }
}
