//! The release that a change deploys: the commit that was read, and the inputs that differ from the file.

use crate::paths;
use crate::port::ReleaseOfChange;
use crate::ui::badge::Tone;
use crate::ui::columns::columns;
use crate::ui::facts::Fact;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use domain::release::answers::Answered;
use leptos::prelude::*;

/// The section about the release.
#[component]
pub fn ReleaseSection(release: ReleaseOfChange) -> impl IntoView {
    let ReleaseOfChange { id, reference, commit, at_commit, answers, moved } = release;
    let href = paths::release(&id, at_commit.as_ref());
    let name = format!("{}/{}", id.workflow, id.job);
    let at = match (reference, commit) {
        (Some(reference), Some(commit)) if reference.as_str().starts_with(&commit) => commit,
        (Some(reference), Some(commit)) => format!("{reference} at {commit}"),
        (None, Some(commit)) => commit,
        (_, None) => "the folder's contents at that time".to_owned(),
    };
    let moved = moved.map(|words| {
        view! { <Notice tone=Tone::Warn title="The release has changed"><p>{words}</p></Notice> }
    });
    view! {
        <Section id="release" title="Release" note="As read when the change was proposed.">
            <dl class="facts">
                <Fact term="Release"><a href=href>{name}</a></Fact>
                <Fact term="Repository">{id.repository}</Fact>
                <Fact term="Read at">{at}</Fact>
            </dl>
            {moved}
            <Answers answers />
        </Section>
    }
}

#[component]
fn Answers(answers: Vec<Answered>) -> impl IntoView {
    if answers.is_empty() {
        return view! { <p>"All inputs have the file's values."</p> }.into_any();
    }
    let row = |Answered { key, file, answer }: Answered| {
        let file = file.unwrap_or_else(|| "–".to_owned());
        view! { <tr><th scope="row"><code>{key}</code></th><td>{file}</td><td>{answer}</td></tr> }
    };
    view! {
        <div class="scroll">
            <table class="inputs" aria-label="Inputs that differ from the file">
                {columns(["Input", "In the file", "In this change"])}
                <tbody>{answers.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
