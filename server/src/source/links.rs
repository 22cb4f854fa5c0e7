//! Symbolic links that leave the context. Pure.

/// Whether a link stays within the context, wherever its folder is. `path` is relative to the context.
///
/// Folders on the way may be links themselves, so `..` counts only at the beginning of the target: the link's own folder
/// is never a link.
pub(super) fn stays(path: &str, target: &str) -> bool {
    if target.is_empty() || target.starts_with('/') || target.contains('\0') {
        return false;
    }
    let mut depth = path.split('/').count() - 1;
    let mut is_going_up = true;
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if is_going_up && depth > 0 => depth -= 1,
            ".." => return false,
            _ => is_going_up = false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::stays;

    #[test]
    fn a_link_may_lead_only_within_the_context() {
        for (path, target) in [
            ("a", "b"),
            ("a", "./b/c"),
            ("a/b", "../c"),
            ("a/b/c", "../../d"),
            ("a/b", ".."),
            ("a", "."),
            ("a", "b//c"),
        ] {
            assert!(stays(path, target), "{path} → {target}");
        }
        for (path, target) in [
            ("a", ".."),
            ("a", "../b"),
            ("a/b", "../../c"),
            ("a", "/etc/passwd"),
            ("a", "b/../../c"),
            ("a/b", "c/../d"),
            ("a", ""),
            ("a", "b\0c"),
        ] {
            assert!(!stays(path, target), "{path} → {target}");
        }
    }
}
