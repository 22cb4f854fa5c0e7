//! Checks that the Dockerfile has the layer that a build targets.

use super::problem::of_file;
use domain::release::input::Given;
use domain::release::{Release, Template};
use domain::repository::FileProblem;

/// The problem to report when the Dockerfile has no layer named `target_layer`.
#[must_use]
pub fn missing_layer(release: &Release, dockerfile: &[u8]) -> Option<FileProblem> {
    let input =
        release.inputs.get("target_layer").filter(|_| release.template == Template::Build)?;
    let Given::Text(wanted) = &input.given else { return None };
    let text = String::from_utf8_lossy(dockerfile);
    let layers: Vec<&str> = text.lines().filter_map(layer).collect();
    if wanted.trim().is_empty() || layers.iter().any(|layer| layer.eq_ignore_ascii_case(wanted)) {
        return None;
    }
    let shown: String = wanted.chars().take(60).collect();
    let message = format!(
        "the Dockerfile has no layer {shown}. Named layers: {}. Correct the name, or add “FROM … AS {shown}”",
        if layers.is_empty() { "none".to_owned() } else { layers.join(", ") }
    );
    let field = Some("target_layer".to_owned());
    Some(FileProblem { line: input.line, field, ..of_file(&release.origin.workflow, message) })
}

/// `litserve` of `FROM base AS litserve`.
fn layer(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    words.next().filter(|word| word.eq_ignore_ascii_case("from"))?;
    words.find(|word| word.eq_ignore_ascii_case("as"))?;
    words.next()
}

#[cfg(test)]
mod tests {
    use super::layer;

    #[test]
    fn only_a_named_from_is_a_layer() {
        assert_eq!(layer("FROM python:3.12 AS base"), Some("base"));
        assert_eq!(layer("from --platform=linux/amd64 base as litserve"), Some("litserve"));
        assert_eq!(layer("FROM base"), None);
        assert_eq!(layer("RUN echo FROM a AS b"), None);
    }
}
