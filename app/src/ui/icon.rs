//! Icons beside words; never instead of words.

use leptos::prelude::*;

/// The available icons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    Check,
    Warning,
    Cross,
    Copy,
}

impl Glyph {
    fn path(self) -> &'static str {
        match self {
            Self::Check => "M3 8.5 6.5 12 13 4.5",
            Self::Warning => "M8 2 14.5 13.5H1.5ZM8 6.5V9.5M8 11.3V11.7",
            Self::Cross => "M4 4 12 12M12 4 4 12",
            Self::Copy => "M6 5.5H13V13.5H6ZM10 5.5V2.5H3V10.5H6",
        }
    }
}

/// A 16 × 16 icon in the colour of the text.
#[component]
pub fn Icon(glyph: Glyph) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d=glyph.path() />
        </svg>
    }
}
