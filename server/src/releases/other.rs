//! Notes for jobs that the console leaves to GitHub, and for jobs that GitHub runs more than once.

use super::jobs::Job;
use super::problem::{note as to_know, of_file};
use domain::release::contract::{self, Other};
use domain::release::version::{Edition, LATEST};
use domain::repository::{FileNote, FileProblem};
use spec::yaml::{Map, Node};

/// The note for a job that the console does not carry out.
pub fn note(path: &str, job: &Job<'_>, other: &Other) -> FileNote {
    let Other { file, does } = other;
    let with = job.map.get("with").and_then(Node::map);
    let given = |key: &str| with.and_then(|with| with.get(key)).and_then(Node::text);
    let of = match (given("model_name"), given("model_version")) {
        (Some(name), Some(version)) => format!(": version {} of {}", short(version), short(name)),
        _ => String::new(),
    };
    let missing: Vec<_> = contract::inputs(file, Edition::Tagged(LATEST))
        .filter(|row| row.required && !stands(with, row.key))
        .map(|row| row.key)
        .collect();
    let missing = if missing.is_empty() {
        String::new()
    } else {
        format!(" It lacks {}, so GitHub rejects the call.", missing.join(", "))
    };
    let message = format!(
        "the job {} calls {file}, which {does}{of}. The console leaves this job to GitHub.{missing}",
        short(job.name)
    );
    to_know(FileProblem {
        line: Some(job.line),
        field: Some("uses".to_owned()),
        ..of_file(path, message)
    })
}

fn stands(with: Option<&Map>, key: &str) -> bool {
    with.is_some_and(|with| {
        with.entries.iter().any(|entry| entry.key.text.eq_ignore_ascii_case(key))
    })
}

/// The note for a job that GitHub runs once for each combination of a matrix.
pub fn matrix(job: &Job<'_>) -> Option<FileNote> {
    let strategy = job.map.get("strategy")?;
    let matrix = strategy.map()?.entry("matrix")?;
    let keys: Vec<_> = match matrix.value.map() {
        Some(map) => map.entries.iter().map(|entry| short(&entry.key.text)).collect(),
        None => Vec::new(),
    };
    let of = if keys.is_empty() { String::new() } else { format!(" of {}", keys.join(", ")) };
    let message = format!(
        "GitHub runs this job once for each combination{of}, but the console plans one run at a time. Fill in the \
         open inputs for the combination that you want"
    );
    let about = super::problem::of_spec(matrix.at.problem("strategy.matrix", message));
    Some(to_know(about))
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
