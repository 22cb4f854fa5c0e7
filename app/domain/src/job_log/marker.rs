//! Markers at the beginning of a line: those of GitHub Actions, and the words with which programs report errors.
//!
//! Source: GitHub docs, “Workflow commands for GitHub Actions”. The runner writes `::error::` as `##[error]`.

use super::line::Kind;

const MARKERS: [(&str, Kind); 7] = [
    ("group", Kind::Group),
    ("endgroup", Kind::EndGroup),
    ("error", Kind::Error),
    ("warning", Kind::Warning),
    ("notice", Kind::Notice),
    ("debug", Kind::Debug),
    ("command", Kind::Command),
];

/// How programs begin a line about an error or a warning: docker, pip, buildah, git.
const WORDS: [(&str, Kind); 12] = [
    ("ERROR:", Kind::Error),
    ("Error:", Kind::Error),
    ("error:", Kind::Error),
    ("fatal:", Kind::Error),
    ("COPY failed:", Kind::Error),
    ("ADD failed:", Kind::Error),
    ("failed to solve:", Kind::Error),
    ("unable to prepare context:", Kind::Error),
    ("failed to run step ID:", Kind::Error),
    ("WARNING:", Kind::Warning),
    ("Warning:", Kind::Warning),
    ("warning:", Kind::Warning),
];

fn kind(name: &str) -> Option<Kind> {
    MARKERS.iter().find(|(marker, _)| *marker == name).map(|(_, kind)| *kind)
}

/// Splits a marker off a line without its time.
pub(super) fn split(text: &str) -> Option<(Kind, &str)> {
    if let Some(rest) = text.strip_prefix("##[") {
        let (name, rest) = rest.split_once(']')?;
        return Some((kind(name)?, rest));
    }
    if let Some(rest) = text.strip_prefix("[command]") {
        return Some((Kind::Command, rest));
    }
    // `::error file=app.py,line=1::No such name`
    let (head, rest) = text.strip_prefix("::")?.split_once("::")?;
    let name = head.split(' ').next().unwrap_or_default();
    Some((kind(name).filter(|kind| *kind != Kind::Command)?, rest))
}

/// A line without its marker.
#[must_use]
pub fn without(text: &str) -> &str {
    split(text).map_or(text, |(_, rest)| rest)
}

/// The kind of a line without a marker, by its first word. BuildKit writes the number of a step and the time since its
/// start before the word: `#7 12.34 ERROR: …`.
pub(super) fn by_word(shown: &str) -> Kind {
    let text = shown.trim_start();
    let text = match text.strip_prefix('#') {
        Some(rest) => {
            rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '))
        }
        None => text,
    };
    // Docker's sentence about a failed RUN.
    if text.starts_with("The command '") && text.contains("' returned a non-zero code: ") {
        return Kind::Error;
    }
    let found = WORDS.iter().find(|(word, _)| text.starts_with(word));
    found.map_or(Kind::Plain, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_github_have_two_forms() {
        for (text, expected) in [
            ("##[group]Run make", Some((Kind::Group, "Run make"))),
            ("::group::Run make", Some((Kind::Group, "Run make"))),
            ("##[endgroup]", Some((Kind::EndGroup, ""))),
            ("::endgroup::", Some((Kind::EndGroup, ""))),
            ("::error file=app.py,line=1::No such name", Some((Kind::Error, "No such name"))),
            ("##[warning]old", Some((Kind::Warning, "old"))),
            ("##[notice]new", Some((Kind::Notice, "new"))),
            ("::debug::deep", Some((Kind::Debug, "deep"))),
            ("[command]/usr/bin/git version", Some((Kind::Command, "/usr/bin/git version"))),
            ("##[command]git", Some((Kind::Command, "git"))),
            ("##[section]x", None),
            ("##[group", None),
            ("::set-output name=x::y", None),
            ("::group", None),
            ("::command::x", None),
            ("std::error::Error", None),
            ("text ##[error]", None),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn programs_report_errors_with_their_first_word() {
        for (text, expected) in [
            ("ERROR: No matching distribution found for x", Kind::Error),
            ("#7 ERROR: process did not complete", Kind::Error),
            ("#7 12.34 ERROR: No matching distribution found for x", Kind::Error),
            ("Error: building at STEP \"RUN false\"", Kind::Error),
            ("fatal: not a git repository", Kind::Error),
            ("COPY failed: no source files were specified", Kind::Error),
            ("The command '/bin/sh -c pip install x' returned a non-zero code: 1", Kind::Error),
            ("failed to run step ID: build: exit status 1", Kind::Error),
            ("The command 'x' is deprecated", Kind::Plain),
            ("COPY failed_jobs ./", Kind::Plain),
            ("WARNING: Running pip as root", Kind::Warning),
            ("0 errors", Kind::Plain),
            ("Errors: none", Kind::Plain),
            ("#hashtag", Kind::Plain),
            ("", Kind::Plain),
        ] {
            assert_eq!(by_word(text), expected, "{text}");
        }
    }
}
