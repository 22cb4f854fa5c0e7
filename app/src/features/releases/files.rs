//! The files of a release, with numbered lines and their problems.

use super::findings::line_id;
use domain::repository::{FileProblem, RepoFile};
use leptos::prelude::*;

/// The most lines that are shown of a file.
const LINES_MAX: usize = 3_000;

/// The files, collapsible; those with problems start expanded.
#[component]
pub fn Files(
    files: Vec<RepoFile>,
    /// The problems in all files.
    problems: Vec<FileProblem>,
) -> impl IntoView {
    let file = |file: RepoFile| {
        let is_here = |problem: &&FileProblem| problem.file == file.path;
        let here: Vec<_> = problems.iter().filter(is_here).cloned().collect();
        view! { <File file problems=here /> }
    };
    view! { <div class="files">{files.into_iter().map(file).collect::<Vec<_>>()}</div> }
}

#[component]
fn File(file: RepoFile, problems: Vec<FileProblem>) -> impl IntoView {
    let RepoFile { role, path, text } = file;
    let count = text.as_ref().map(|text| text.lines().count());
    let counted = |count: usize| match count {
        1 => "1 line".to_owned(),
        _ => format!("{count} lines"),
    };
    let about = match (count, problems.len()) {
        (None, _) => "not found".to_owned(),
        (Some(count), 0) => counted(count),
        (Some(count), 1) => format!("{}, 1 problem", counted(count)),
        (Some(count), found) => format!("{}, {found} problems", counted(count)),
    };
    let cut = count.filter(|count| *count > LINES_MAX).map(|_| {
        view! { <p class="reason">"Showing the first " {LINES_MAX} " lines."</p> }
    });
    let lines =
        text.map(|text| view! { <Lines path=path.clone() text problems=problems.clone() /> });
    view! {
        <details class="file" open=!problems.is_empty()>
            <summary>
                <b>{role.label()}</b>
                " "
                <code>{path}</code>
                " "
                <small>{about}</small>
            </summary>
            {lines}
            {cut}
        </details>
    }
}

#[component]
fn Lines(path: String, text: String, problems: Vec<FileProblem>) -> impl IntoView {
    let line = |(number, line): (u32, &str)| {
        let said: Vec<_> = problems
            .iter()
            .filter(|problem| problem.line == Some(number))
            .map(|problem| problem.message.clone())
            .collect();
        let wrong = (!said.is_empty()).then_some("true");
        let said = (!said.is_empty()).then(|| view! { <em>{said.join(" ")}</em> });
        view! {
            <li id=line_id(&path, number) data-wrong=wrong>
                <code>{line.to_owned()}</code>
                {said}
            </li>
        }
    };
    let lines: Vec<_> = (1..).zip(text.lines()).take(LINES_MAX).map(line).collect();
    view! {
        <div class="source" tabindex="0" role="region" aria-label=path.clone()>
            <ol>{lines}</ol>
        </div>
    }
}
