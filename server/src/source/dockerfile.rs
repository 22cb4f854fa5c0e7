//! The layers (build stages) of a Dockerfile, so that a missing target is reported before the build. Pure.

use crate::outside::line;
use domain::text::shortened;

/// Most layers that a message names.
const NAMED_MAX: usize = 20;

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// `litserve` of `FROM base AS litserve`.
    pub name: Option<String>,
    /// What follows `FROM`: an image or an earlier layer, with variables as written.
    pub base: String,
}

/// Docker cannot read the Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is not a valid Dockerfile: {0}")]
pub struct DockerfileError(String);

/// The layers of a Dockerfile, in its order.
///
/// # Errors
/// If the text is not a Dockerfile, with the line.
pub fn stages(text: &str) -> Result<Vec<Stage>, DockerfileError> {
    let text = text.trim_start_matches('\u{feff}');
    let parsed = parse_dockerfile::parse(text)
        .map_err(|error| DockerfileError(line::part(&error.to_string())))?;
    let stage = |stage: parse_dockerfile::Stage<'_, '_>| Stage {
        name: stage.from.as_.as_ref().map(|(_, name)| name.value.to_string()),
        base: stage.from.image.value.to_string(),
    };
    Ok(parsed.stages().map(stage).collect())
}

/// Whether `docker build --target` finds a layer: by its name, ignoring case, or by its number from 0.
#[must_use]
pub fn has_target(stages: &[Stage], target: &str) -> bool {
    let is_named =
        |stage: &Stage| stage.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(target));
    stages.iter().any(is_named) || target.parse::<usize>().is_ok_and(|number| number < stages.len())
}

/// Why a build of a target of the Dockerfile `path` would fail, with the layers that exist, as a sentence; `None` if the
/// layer exists.
#[must_use]
pub fn missing_target(stages: &[Stage], target: &str, path: &str) -> Option<String> {
    if has_target(stages, target) {
        return None;
    }
    let shown = shortened(&line::part(target), 60);
    let names: Vec<_> = stages.iter().filter_map(|stage| stage.name.as_deref()).collect();
    let known = match names.as_slice() {
        [] => format!("It names no layers. Name one with “FROM … AS {shown}”."),
        names => {
            let first: Vec<_> = names.iter().take(NAMED_MAX).map(|name| line::part(name)).collect();
            let more = names.len().saturating_sub(NAMED_MAX);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!(
                "Its layers are {}{more}. Change target_layer, or the Dockerfile.",
                first.join(", ")
            )
        }
    };
    Some(format!("{} has no layer {shown}. {known}", line::part(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_found_in_every_spelling() {
        let text = "# syntax=docker/dockerfile:1\nARG BASE=python:3.12\nFROM --platform=linux/amd64 \\\n  # a comment\n  \
                    ${BASE} AS base\nRUN <<EOF\nFROM a AS b\nEOF\nRUN echo \\\n  FROM x AS y\nfrom base as LitServe\nCOPY \
                    --from=base /a /b\nFROM base\nRUN echo FROM c AS d\n";
        let all = stages(text).expect("a Dockerfile");
        let names: Vec<_> = all.iter().map(|stage| stage.name.as_deref()).collect();
        assert_eq!(names, [Some("base"), Some("LitServe"), None]);
        assert_eq!((all[0].base.as_str(), all[1].base.as_str()), ("${BASE}", "base"));
        for (target, is_there) in [
            ("litserve", true),
            ("base", true),
            ("2", true),
            ("3", false),
            ("b", false),
            ("", false),
        ] {
            assert_eq!(has_target(&all, target), is_there, "{target}");
        }
        let missing = missing_target(&all, "training", "Dockerfile").expect("it is missing");
        let said = "Dockerfile has no layer training. Its layers are base, LitServe. Change target_layer, or the Dockerfile.";
        assert_eq!(missing, said);
        assert_eq!(missing_target(&all, "LITSERVE", "Dockerfile"), None);
    }

    #[test]
    fn crlf_and_a_byte_order_mark_change_nothing() {
        let all =
            stages("\u{feff}FROM a AS one\r\nRUN x\r\nFROM b AS two\r\n").expect("a Dockerfile");
        let names: Vec<_> = all.into_iter().filter_map(|stage| stage.name).collect();
        assert_eq!(names, ["one", "two"]);
    }

    #[test]
    fn what_is_no_dockerfile_is_refused_on_one_line() {
        for text in ["", "RUN x\n", "FROM\n", "FROM a\nNONSENSE x\n", "{\"a\": 1}"] {
            let refused = stages(text).expect_err(text).to_string();
            assert!(!refused.chars().any(char::is_control), "{refused:?}");
        }
        assert!(
            missing_target(&[], "x", "d/Dockerfile")
                .is_some_and(|said| said.contains("names no layers"))
        );
    }
}
