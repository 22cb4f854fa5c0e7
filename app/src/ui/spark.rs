//! A sparkline: a line chart the size of a word.

use super::chart::path;
use leptos::prelude::*;

const AREA: path::Area = path::Area { left: 20, top: 25, width: 880, height: 150 };

/// A sparkline. Hidden from screen readers, so put its newest value beside it.
#[component]
pub fn Spark(
    /// The values, oldest first; `None` is a gap.
    #[prop(into)]
    values: Signal<Vec<Option<f32>>>,
    #[prop(into)] seat: Signal<usize>,
) -> impl IntoView {
    let draw = move |how: fn(&[Option<f32>], usize, f32, path::Area) -> String| {
        let values = values.get();
        let top = values.iter().flatten().copied().fold(1.0, f32::max);
        how(&values, values.len(), top, AREA)
    };
    view! {
        <svg class="spark" viewBox="0 0 920 200" width="92" height="20" aria-hidden="true">
            <path data-seat=move || seat.get() d=move || draw(path::line) />
            <path class="dots" data-seat=move || seat.get() d=move || draw(path::dots) />
        </svg>
    }
}
