//! A badge: a word with a colour.

use leptos::prelude::*;

/// A colour. Never the only sign of a state: the badge's word states it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Quiet,
    Good,
    Busy,
    Warn,
    Bad,
}

impl Tone {
    /// The value of the `data-tone` attribute.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Good => "good",
            Self::Busy => "busy",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A badge: a word with a colour. A space follows it, so that adjacent badges are separate words when they are read aloud
/// or copied.
#[component]
pub fn Badge(
    #[prop(into)] tone: Signal<Tone>,
    #[prop(into)] word: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="badge" data-tone=move || tone.get().word()>
            {word}
        </span>
        " "
    }
}
