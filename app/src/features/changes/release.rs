//! The release that a change carries out: where it was read, and what was answered instead of the file.

use crate::domain::release::answers::Answered;
use crate::paths;
use crate::port::ReleaseOfChange;
use crate::ui::badge::Tone;
use crate::ui::facts::Fact;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use leptos::prelude::*;

/// The section.
#[component]
pub fn ReleaseSection(
    /// The release.
    release: ReleaseOfChange,
) -> impl IntoView {
    let ReleaseOfChange { id, reference, commit, at_commit, answers, moved } = release;
    let href = paths::release(&id, at_commit.as_ref());
    let name = format!("{}/{}", id.workflow, id.job);
    let at = match (reference, commit) {
        (Some(reference), Some(commit)) if reference.as_str().starts_with(&commit) => commit,
        (Some(reference), Some(commit)) => format!("{reference} at {commit}"),
        (None, Some(commit)) => commit,
        (_, None) => "as the folder was then".to_owned(),
    };
    let moved = moved.map(|words| {
        view! { <Notice tone=Tone::Warn title="Elsewhere"><p>{words}</p></Notice> }
    });
    view! {
        <Section id="release" title="Release" note="As it was read when it was proposed.">
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
        return view! { <p>"All inputs are as the file has them."</p> }.into_any();
    }
    let row = |Answered { key, file, answer }: Answered| {
        let file = file.unwrap_or_else(|| "–".to_owned());
        view! { <tr><th scope="row"><code>{key}</code></th><td>{file}</td><td>{answer}</td></tr> }
    };
    view! {
        <div class="scroll">
            <table class="inputs" aria-label="Inputs that differ from the file">
                <thead>
                    <tr><th scope="col">"Input"</th><th scope="col">"In the file"</th><th scope="col">"Here"</th></tr>
                </thead>
                <tbody>{answers.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
