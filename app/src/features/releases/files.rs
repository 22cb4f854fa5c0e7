//! The files that a release names, with numbered lines and what is wrong with them.

use super::findings::line_id;
use crate::domain::repository::{FileProblem, RepoFile};
use leptos::prelude::*;

/// Most lines of a file that are shown.
const LINES_MAX: usize = 3_000;

/// The files, each to be opened; those with problems are open.
#[component]
pub fn Files(
    /// The files.
    files: Vec<RepoFile>,
    /// What is wrong with them.
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
    let about = match (count, problems.len()) {
        (None, _) => "not there".to_owned(),
        (Some(count), 0) => format!("{count} lines"),
        (Some(count), 1) => format!("{count} lines, 1 problem"),
        (Some(count), found) => format!("{count} lines, {found} problems"),
    };
    let cut = count.filter(|count| *count > LINES_MAX).map(|_| {
        view! { <p class="reason">"The first " {LINES_MAX} " lines are shown."</p> }
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
