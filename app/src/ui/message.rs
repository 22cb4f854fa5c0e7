//! A message with possibly many lines, collapsed to the first.

use super::written::Written;
use leptos::either::Either;
use leptos::prelude::*;

/// The text before the first line break.
#[must_use]
pub fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default().trim_end()
}

/// The first line, with the full message in a collapsible block if there are more lines.
#[component]
pub fn Message(text: String) -> impl IntoView {
    let first = first_line(&text).to_owned();
    if first.len() == text.trim_end().len() {
        return Either::Left(view! { <p><Written text=first /></p> });
    }
    Either::Right(view! {
        <details class="message">
            <summary><Written text=first /></summary>
            <pre class="raw" tabindex="0" role="region" aria-label="Full message"><Written text /></pre>
        </details>
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_ends_at_any_line_break() {
        for (text, first) in [("one", "one"), ("one\r\ntwo", "one"), ("", ""), ("\ntwo", "")] {
            assert_eq!(first_line(text), first);
        }
    }
}
