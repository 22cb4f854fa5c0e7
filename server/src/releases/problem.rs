//! Problems and notes of every origin in the one form that people see.

use app::domain::release;
use app::domain::release::note::Weight;
use app::domain::repository::{FileNote, FileProblem};
use spec::yaml::Node;

/// One of the YAML reader's.
pub fn of_spec(problem: spec::problem::Problem) -> FileProblem {
    let spec::problem::Problem { file, line, column, field, message } = problem;
    let (line, column) = (Some(line), Some(column));
    FileProblem { file, line, column, field, message: sentence(message) }
}

/// One about an input or a variable.
pub fn of_input(file: &str, problem: release::Problem) -> FileProblem {
    let release::Problem { key, line, message } = problem;
    FileProblem { line, field: Some(key), ..of_file(file, message) }
}

/// One at a node.
pub fn at(node: &Node, field: &str, message: impl Into<String>) -> FileProblem {
    of_spec(node.at.problem(field, message))
}

/// One about a whole file.
pub fn of_file(file: &str, message: impl Into<String>) -> FileProblem {
    FileProblem {
        file: file.to_owned(),
        line: None,
        column: None,
        field: None,
        message: sentence(message.into()),
    }
}

/// A warning.
pub fn warning(about: FileProblem) -> FileNote {
    FileNote { weight: Weight::Warning, about }
}

/// Something to know.
pub fn note(about: FileProblem) -> FileNote {
    FileNote { weight: Weight::Note, about }
}

/// With a full stop at its end.
fn sentence(mut message: String) -> String {
    if !message.ends_with(['.', '!', '?']) {
        message.push('.');
    }
    message
}
