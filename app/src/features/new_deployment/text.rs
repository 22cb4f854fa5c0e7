//! A text area with line numbers that marks the lines with errors.

use crate::ui::typed;
use leptos::either::Either;
use leptos::html;
use leptos::prelude::*;

/// Selects a line, counted from 1.
pub fn go_to_line(area: NodeRef<html::Textarea>, line: u32) {
    let Some(area) = area.get_untracked() else { return };
    let text = area.value();
    let index = line.saturating_sub(1) as usize;
    let units = |text: &str| text.encode_utf16().count();
    let start: usize = text.split('\n').take(index).map(|line| units(line) + 1).sum();
    let length = text.split('\n').nth(index).map_or(0, units);
    let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    _ = area.focus();
    _ = area.set_selection_range(position(start), position(start + length));
}

/// A text area with line numbers.
#[component]
pub fn NumberedText(
    text: RwSignal<String>,
    /// The lines with errors, counted from 1.
    wrong: Memo<Vec<u32>>,
    area: NodeRef<html::Textarea>,
) -> impl IntoView {
    let value = typed::area("yaml", text);
    let gutter = NodeRef::<html::Div>::new();
    let count = Memo::new(move |_| text.with(|text| text.split('\n').count()).max(12));
    let follow = move |_| {
        if let (Some(area), Some(gutter)) = (area.get_untracked(), gutter.get_untracked()) {
            gutter.set_scroll_top(area.scroll_top());
        }
    };
    let invalid = move || wrong.with(|wrong| !wrong.is_empty()).then_some("true");
    view! {
        <div class="numbered">
            <div class="gutter" node_ref=gutter>
                {move || (1..=count.get()).map(|line| view! { <Number line=line as u32 wrong area /> }).collect::<Vec<_>>()}
            </div>
            <textarea id="yaml" name="yaml" rows="16" wrap="off" spellcheck="false" autocapitalize="off"
                aria-describedby="verdict" aria-invalid=invalid node_ref=area prop:value=value
                on:input=move |event| text.set(event_target_value(&event)) on:scroll=follow>
                {text.get_untracked()}
            </textarea>
        </div>
    }
}

/// A line number; a button if the line has an error.
#[component]
fn Number(line: u32, wrong: Memo<Vec<u32>>, area: NodeRef<html::Textarea>) -> impl IntoView {
    let is_wrong = Memo::new(move |_| wrong.with(|wrong| wrong.contains(&line)));
    move || {
        if is_wrong.get() {
            let label = format!("Go to line {line}");
            let go = move |_| go_to_line(area, line);
            Either::Left(
                view! { <button type="button" aria-label=label on:click=go>{line}</button> },
            )
        } else {
            Either::Right(view! { <span aria-hidden="true">{line}</span> })
        }
    }
}
