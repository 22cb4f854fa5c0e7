//! The findings of evidence, one sentence each.

use crate::ui::icon::{Glyph, Icon};
use domain::evidence::Finding;
use leptos::prelude::*;

/// The findings, each with whether it meets the policy.
#[component]
pub fn Findings(findings: Vec<Finding>) -> impl IntoView {
    let item = |Finding { holds, says }: Finding| {
        let (level, word, glyph) = match holds {
            true => ("passes", "Pass: ", Glyph::Check),
            false => ("blocks", "Fail: ", Glyph::Cross),
        };
        view! {
            <li data-level=level>
                <Icon glyph />
                <p><span class="unseen">{word}</span> {says}</p>
            </li>
        }
    };
    view! { <ul class="says">{findings.into_iter().map(item).collect::<Vec<_>>()}</ul> }
}
