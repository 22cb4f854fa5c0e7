//! What evidence says, sentence by sentence.

use crate::domain::evidence::Finding;
use crate::ui::icon::{Glyph, Icon};
use leptos::prelude::*;

/// The sentences, each with whether it is as the policy asks.
#[component]
pub fn Findings(
    /// What was found.
    findings: Vec<Finding>,
) -> impl IntoView {
    let item = |Finding { holds, says }: Finding| {
        let (level, word, glyph) = match holds {
            true => ("passes", "Holds: ", Glyph::Check),
            false => ("blocks", "Does not hold: ", Glyph::Cross),
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
