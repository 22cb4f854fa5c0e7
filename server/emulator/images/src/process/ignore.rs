//! `.dockerignore`: which files of a context a build does not see.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

use crate::build::BuildFailure;

/// The longest `.dockerignore`, in bytes; real ones have a few hundred.
const BYTES_MAX: u64 = 1 << 20;

/// The rules, of which the last that matches decides.
#[derive(Debug, Default)]
pub(super) struct Ignore {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    glob: GlobMatcher,
    /// `!`: the file is seen after all.
    is_exception: bool,
}

/// A pattern in which `*` and `?` match within a name, and `**` matches any number of folders.
pub(super) fn glob(pattern: &str) -> Result<GlobMatcher, BuildFailure> {
    let built = GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build();
    built.map(|glob| glob.compile_matcher()).map_err(|error| {
        BuildFailure::because(format!("the pattern {pattern:?} is not valid: {error}"))
    })
}

impl Ignore {
    /// Reads the rules of a context: `{Dockerfile}.dockerignore` if there is one, otherwise `.dockerignore`.
    pub(super) fn read(context: &Path, dockerfile: &str) -> Result<Self, BuildFailure> {
        for name in [format!("{dockerfile}.dockerignore"), ".dockerignore".to_owned()] {
            let path = context.join(&name);
            // Not through links, which could lead out of the context.
            let Ok(metadata) = std::fs::symlink_metadata(&path) else { continue };
            if !metadata.is_file() || metadata.len() > BYTES_MAX {
                return Err(BuildFailure::because(format!(
                    "{name} is not a file of at most 1 MiB"
                )));
            }
            let bytes = std::fs::read(path)?;
            return Self::parse(&String::from_utf8_lossy(&bytes));
        }
        Ok(Self::default())
    }

    pub(super) fn parse(text: &str) -> Result<Self, BuildFailure> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rules = Vec::new();
        for line in text.lines() {
            // Only a `#` in the first column begins a comment.
            let line = if line.starts_with('#') { "" } else { line.trim() };
            let (is_exception, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            let parts = pattern.split('/').filter(|part| !part.is_empty() && *part != ".");
            let pattern = parts.collect::<Vec<_>>().join("/");
            if !pattern.is_empty() {
                rules.push(Rule { glob: glob(&pattern)?, is_exception });
            }
        }
        Ok(Self { rules })
    }

    /// Whether the build does not see this path, which is relative to the context.
    pub(super) fn hides(&self, path: &Path) -> bool {
        let matches = |rule: &&Rule| {
            let parents = path.ancestors().filter(|parent| !parent.as_os_str().is_empty());
            let mut parents = parents;
            parents.any(|parent| rule.glob.is_match(parent))
        };
        self.rules.iter().rev().find(matches).is_some_and(|rule| !rule.is_exception)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_matching_rule_decides() {
        let ignore = Ignore::parse(
            "# a comment\n*.md\n!README.md\n/build\n**/*.pyc\ntests/\nsecret?.txt\n./dot\ndocs/**\n!docs/kept\n",
        )
        .unwrap();
        for hidden in [
            "NOTES.md",
            "build",
            "build/a/b",
            "a/b.pyc",
            "b.pyc",
            "tests/x",
            "secret1.txt",
            "dot",
            "docs/a",
        ] {
            assert!(ignore.hides(Path::new(hidden)), "{hidden}");
        }
        for seen in ["README.md", "src/NOTES.md", "src/build", "secret12.txt", "docs/kept", "a.py"]
        {
            assert!(!ignore.hides(Path::new(seen)), "{seen}");
        }
        assert!(Ignore::parse("a[").is_err());
    }
}
