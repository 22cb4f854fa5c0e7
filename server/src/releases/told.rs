//! What is to be said of a release beside what is wrong with it.

use super::problem::{of_file, warning};
use app::domain::release::Release;
use app::domain::repository::{FileNote, FileProblem};

/// What is said of a release's workflow, whatever its inputs are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Told {
    /// Why GitHub refuses the file, and what else is to be said of the job.
    pub notes: Vec<FileNote>,
    /// What is wrong with what the job calls.
    pub refused: Option<String>,
}

/// What is to be said of a release beside what is wrong with it: the weightiest first.
pub fn notes_of(release: &Release, path: &str, told: &Told) -> Vec<FileNote> {
    let mut notes: Vec<FileNote> = told.notes.clone();
    let line = release.origin.line;
    if let Some(message) = &told.refused {
        let field = Some("uses".to_owned());
        notes.push(warning(FileProblem { line, field, ..of_file(path, message.clone()) }));
    }
    for note in &release.notes {
        let column = release.inputs.get(&note.key).and_then(|input| input.column);
        let column = column.filter(|_| note.line.is_some());
        let field = Some(note.key.clone());
        let about = FileProblem {
            line: note.line.or(line),
            column,
            field,
            ..of_file(path, note.message.clone())
        };
        notes.push(FileNote { weight: note.weight, about });
    }
    notes.sort_by_key(|note| note.weight);
    notes
}
