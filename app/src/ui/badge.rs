//! A word with a colour: a state at a glance.

use leptos::prelude::*;

/// How something stands. Never the only sign of it: the word says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to notice.
    Quiet,
    /// As it should be.
    Good,
    /// Being worked on.
    Busy,
    /// Someone should know.
    Warn,
    /// Wrong.
    Bad,
}

impl Tone {
    /// Its word in a `data-tone` attribute.
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

/// A word with a colour.
#[component]
pub fn Badge(
    /// How it stands.
    #[prop(into)]
    tone: Signal<Tone>,
    /// The word.
    #[prop(into)]
    word: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="badge" data-tone=move || tone.get().word()>
            {word}
        </span>
    }
}
