//! Collects the notes of a release.

use super::problem::{of_file, refusal};
use domain::release::Release;
use domain::repository::{FileNote, FileProblem};

/// The findings of a release's workflow that do not depend on its inputs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkflowNotes {
    /// Why GitHub rejects the file, and notes for the job.
    pub notes: Vec<FileNote>,
    /// Why GitHub rejects the job's call.
    pub refused: Option<String>,
}

/// All notes of a release.
pub fn notes_of(release: &Release, path: &str, told: &WorkflowNotes) -> Vec<FileNote> {
    let mut notes: Vec<FileNote> = told.notes.clone();
    let line = release.origin.line;
    if let Some(message) = &told.refused {
        let field = Some("uses".to_owned());
        notes.push(refusal(FileProblem { line, field, ..of_file(path, message.clone()) }));
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
    notes
}
