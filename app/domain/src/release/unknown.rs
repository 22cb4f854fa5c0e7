//! Finds inputs that the called version does not have, that are given twice, or that are required but missing.

use super::contract::{self, Declared, TABLE};
use super::input::shortened;
use super::note::Weight;
use super::reader::Reader;
use super::version::{Edition, Form, Known};

/// Maximum edit distance between an unknown key and the key suggested in its place.
const EDITS_MAX: usize = 4;
/// Maximum edit distance at which an unknown key counts as a typo for a missing input.
const SLIP_MAX: usize = 2;

/// Adds a problem or note for each unknown, repeated or missing input.
pub(super) fn tell(reader: &mut Reader<'_>, declared: Option<&[Declared]>) {
    twice(reader);
    let keys: Vec<String> = reader.inputs.iter().map(|(key, _)| key.to_owned()).collect();
    for key in &keys {
        let is_declared = declared.is_some_and(|all| all.iter().any(|one| is(&one.key, key)));
        let is_ours = reader.known.iter().any(|known| known == key);
        let has_it = match declared {
            Some(_) => is_declared,
            None => contract::inputs(reader.template.file(), reader.version.edition)
                .any(|row| row.key == key),
        };
        if !has_it {
            unknown(reader, key, declared, is_ours);
        }
    }
    required(reader, declared);
}

fn is(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn twice(reader: &mut Reader<'_>) {
    for again in reader.inputs.twice() {
        let at = again.line.map(|line| format!(" in line {line}")).unwrap_or_default();
        let key = again.first.to_ascii_lowercase();
        let message = format!(
            "{} is given twice: as {} and{at} as {}. GitHub ignores case in the names of inputs, and rejects \
             the file. Remove one",
            key, again.first, again.written
        );
        reader.problem(&key, message);
    }
}

/// Reports an input that the called version does not have. `is_ours`: the input is still read, because its form has it.
fn unknown(reader: &mut Reader<'_>, key: &str, declared: Option<&[Declared]>, is_ours: bool) {
    // Mixed forms are reported elsewhere: inputs of the other form as problems, those of the own form in one warning.
    if is_ours && (reader.is_wrong(key) || is_other_form(reader)) {
        return;
    }
    let file = reader.template.file();
    let written = shortened(reader.inputs.written(key));
    let (near, is_slip) = nearest(reader, key, declared);
    let known = reader.version.known;
    let place = match (&reader.version.reference, declared) {
        (_, Some(_)) => format!("{file} as called"),
        (Some(reference), None) => format!("{file} at {}", shortened(reference)),
        (None, None) => file.to_owned(),
    };
    let hint = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
    let came = came_with(file, key, reader.version.edition);
    let rejects = match known {
        Known::Guessed => "",
        Known::Named | Known::Read => ": GitHub rejects the call as it is",
    };
    if is_slip {
        let message = format!("{written} is not an input of {place}{rejects}.{hint}");
        return reader.problem(key, message);
    }
    let message = match known {
        Known::Guessed => format!(
            "{written} is not a known input of {file}{came}. The console ignores it; only GitHub knows whether the \
             called version accepts it.{hint}"
        ),
        _ if is_ours => format!("{written} is not an input of {place}{came}{rejects}.{hint}"),
        _ => format!(
            "{written} is not an input of {place}{came}{rejects}. The console ignores it.{hint}"
        ),
    };
    let weight = if known == Known::Guessed { Weight::Warning } else { Weight::Refused };
    reader.note(weight, key, message);
}

/// Whether a call gives only first-form inputs (primary and shadow) to a version that has blue and green.
fn is_other_form(reader: &Reader<'_>) -> bool {
    let named = reader.version.reference.as_deref().and_then(super::call::edition_of);
    reader.version.form() == Form::First && named.is_some()
}

fn came_with(file: &str, key: &str, edition: Edition) -> String {
    match TABLE.iter().find(|row| row.file == file && row.key == key) {
        Some(row) if row.since > edition => format!(" (added in {})", row.since),
        Some(_) => " (part of the form before the first tag)".to_owned(),
        None => String::new(),
    }
}

/// The known input nearest to `key`, and whether `key` is probably a typo for it.
fn nearest(
    reader: &Reader<'_>,
    key: &str,
    declared: Option<&[Declared]>,
) -> (Option<String>, bool) {
    let table = contract::inputs(reader.template.file(), reader.version.edition);
    let all: Vec<&str> = match declared {
        Some(declared) => declared.iter().map(|one| one.key.as_str()).collect(),
        None => table.map(|row| row.key).collect(),
    };
    let nearest = all.iter().map(|known| (strsim::levenshtein(key, known), *known)).min();
    let Some((edits, near)) = nearest.filter(|(edits, _)| *edits <= EDITS_MAX) else {
        return (None, false);
    };
    (Some(near.to_owned()), edits <= SLIP_MAX && reader.inputs.get(near).is_none())
}

/// Reports inputs that the called version requires, even if the console does not need them.
fn required(reader: &mut Reader<'_>, declared: Option<&[Declared]>) {
    let file = reader.template.file();
    if is_other_form(reader) {
        return;
    }
    let needed: Vec<String> = match (declared, reader.version.known) {
        (Some(declared), _) => {
            declared.iter().filter(|one| one.required).map(|one| one.key.clone()).collect()
        }
        (None, Known::Named) => {
            let rows = contract::inputs(file, reader.version.edition);
            rows.filter(|row| row.required).map(|row| row.key.to_owned()).collect()
        }
        (None, _) => Vec::new(),
    };
    for key in needed {
        if !reader.is_written(&key) && !reader.is_wrong(&key) {
            let version = &reader.version.reference;
            let at =
                version.as_ref().map(|at| format!(" at {}", shortened(at))).unwrap_or_default();
            let hint = match key.as_str() {
                "templates_repo_ref" => "Write the tag that follows the @",
                _ => "Add it",
            };
            let message = format!(
                "{key} is missing, and {file}{at} requires it: GitHub rejects the call. {hint}"
            );
            reader.problem(&key, message);
        }
    }
}
