//! A message that may have many lines, of which the first one tells.

use super::written::Written;
use leptos::either::Either;
use leptos::prelude::*;

/// What comes before the first end of a line.
#[must_use]
pub fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default().trim_end()
}

/// The first line; the whole of it is one click away when there are more.
#[component]
pub fn Message(
    /// All of it.
    text: String,
) -> impl IntoView {
    let first = first_line(&text).to_owned();
    if first.len() == text.trim_end().len() {
        return Either::Left(view! { <p><Written text=first /></p> });
    }
    Either::Right(view! {
        <details class="message">
            <summary><Written text=first /></summary>
            <pre class="raw" tabindex="0" role="region" aria-label="The whole message"><Written text /></pre>
        </details>
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells() {
        for (text, first) in [("one", "one"), ("one\r\ntwo", "one"), ("", ""), ("\ntwo", "")] {
            assert_eq!(first_line(text), first);
        }
    }
}
