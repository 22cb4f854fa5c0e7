//! A line as small as a word.

use super::chart::path;
use leptos::prelude::*;

const WIDTH: i32 = 900;
const HEIGHT: i32 = 200;

/// A line as small as a word; the number beside it says what it shows.
#[component]
pub fn Spark(
    /// The values, oldest first; `None` is a gap.
    #[prop(into)]
    values: Signal<Vec<Option<f32>>>,
    /// Whose colour it has.
    #[prop(into)]
    seat: Signal<usize>,
) -> impl IntoView {
    let line = move || {
        let values = values.get();
        let top = values.iter().flatten().copied().fold(1.0, f32::max);
        path::line(
            &values,
            top,
            path::Area { left: 10, top: 15, width: WIDTH, height: HEIGHT - 30 },
        )
    };
    view! {
        <svg class="spark" viewBox="0 0 920 200" width="92" height="20" aria-hidden="true">
            <path data-seat=move || seat.get() d=line />
        </svg>
    }
}
