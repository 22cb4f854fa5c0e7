//! Converts problems and notes from all sources to the form that the pages show.

use domain::release;
use domain::release::note::Weight;
use domain::repository::{FileNote, FileProblem};
use spec::yaml::Node;

/// Converts a problem of the YAML reader.
pub fn of_spec(problem: spec::problem::Problem) -> FileProblem {
    let spec::problem::Problem { file, line, column, field, message } = problem;
    let (line, column) = (Some(line), Some(column));
    FileProblem { file, line, column, field, message: sentence(message) }
}

/// Converts a problem of an input or a variable.
pub fn of_input(file: &str, problem: release::Problem) -> FileProblem {
    let release::Problem { key, line, message } = problem;
    FileProblem { line, field: Some(key), ..of_file(file, message) }
}

/// A problem at a node.
pub fn at(node: &Node, field: &str, message: impl Into<String>) -> FileProblem {
    of_spec(node.at.problem(field, message))
}

/// A problem of a whole file.
pub fn of_file(file: &str, message: impl Into<String>) -> FileProblem {
    FileProblem {
        file: file.to_owned(),
        line: None,
        column: None,
        field: None,
        message: sentence(message.into()),
    }
}

/// Why GitHub rejects a file or a call that the console can read.
pub fn refusal(about: FileProblem) -> FileNote {
    FileNote { weight: Weight::Refused, about }
}

/// A warning.
pub fn warning(about: FileProblem) -> FileNote {
    FileNote { weight: Weight::Warning, about }
}

/// A note.
pub fn note(about: FileProblem) -> FileNote {
    FileNote { weight: Weight::Note, about }
}

/// Ends the message with a full stop.
fn sentence(mut message: String) -> String {
    if !message.ends_with(['.', '!', '?']) {
        message.push('.');
    }
    message
}
