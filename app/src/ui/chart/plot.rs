//! The drawing of a chart.

use super::path::{self, Area};
use super::scale::{nice, short, short_or_gap};
use domain::timestamp::Timestamp;
use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const AREA: Area = Area { left: 380, top: 60, width: 3160, height: 1080 };
const BOTTOM: i32 = AREA.top + AREA.height;
const RIGHT: i32 = AREA.left + AREA.width;

/// One line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub name: String,
    /// Selects the colour and the dash pattern.
    pub seat: usize,
    /// One value per minute, oldest first; the last minute is still running. `None` is a gap.
    pub values: Vec<Option<f32>>,
}

/// A line chart over the same minutes.
#[component]
pub fn Chart(
    title: &'static str,
    unit: &'static str,
    #[prop(into)] lines: Signal<Vec<Line>>,
    /// The start of the first minute.
    #[prop(into)]
    start: Signal<Timestamp>,
    /// The minute that the pointer is on.
    cursor: RwSignal<Option<usize>>,
    /// The minute whose values screen readers announce.
    #[prop(into)]
    newest: Signal<usize>,
) -> impl IntoView {
    let count = Memo::new(move |_| lines.with(|lines| longest(lines)));
    let top = move || lines.with(|lines| nice(largest(lines)));
    let label = move || lines.with(|lines| summary(title, unit, lines, newest.get()));
    let paths = move || {
        let (top, settled) = (top(), count.get().saturating_sub(1));
        let draw = |Line { seat, values, .. }: Line| {
            view! {
                <path data-seat=seat d=path::line(&values, settled, top, AREA) />
                <path class="dots" data-seat=seat d=path::dots(&values, settled, top, AREA) />
            }
        };
        lines.get().into_iter().map(draw).collect::<Vec<_>>()
    };
    let x = move || AREA.x(cursor.get().unwrap_or(0), count.get());
    let visibility = move || if cursor.get().is_some() { "visible" } else { "hidden" };
    let empty =
        move || lines.with(|lines| lines.iter().all(|l| l.values.iter().all(Option::is_none)));
    view! {
        <figure class="chart">
            <figcaption>
                <b>{title}</b>
                <span>{unit}</span>
            </figcaption>
            <svg viewBox="0 0 3600 1340" role="img" aria-label=label>
                <Axes lines start count />
                {paths}
                <line class="cursor" x1=x x2=x y1=AREA.top y2=BOTTOM visibility=visibility />
                {move || empty().then(|| view! { <text x="1960" y="640" text-anchor="middle">"No values yet"</text> })}
                <rect class="pad" x=AREA.left y="0" width=AREA.width height=BOTTOM
                    on:pointermove=move |event| cursor.set(Some(index_at(&event, count.get_untracked())))
                    on:pointerleave=move |_| cursor.set(None) />
            </svg>
        </figure>
    }
}

#[component]
fn Axes(
    lines: Signal<Vec<Line>>,
    #[prop(into)] start: Signal<Timestamp>,
    count: Memo<usize>,
) -> impl IntoView {
    let time = move |index: usize| Timestamp(start.get().0 + 60_000 * index as i64).hour_minute();
    let top = move || lines.with(|lines| nice(largest(lines)));
    let middle = AREA.top + AREA.height / 2;
    let last = move || count.get().saturating_sub(1);
    view! {
        <path class="grid" d=format!("M{} {}H{RIGHT}M{} {middle}H{RIGHT}", AREA.left, AREA.top, AREA.left) />
        <path class="axis" d=format!("M{} {BOTTOM}H{RIGHT}", AREA.left) />
        <g text-anchor="end">
            <text x="330" y=AREA.top + 40>{move || short(top())}</text>
            <text x="330" y=middle + 40>{move || short(top() / 2.0)}</text>
            <text x="330" y=BOTTOM + 40>"0"</text>
        </g>
        <text x=AREA.left y="1310">{move || time(0)}</text>
        <text x=AREA.left + AREA.width / 2 y="1310" text-anchor="middle">{move || time(last() / 2)}</text>
        <text x=RIGHT y="1310" text-anchor="end">{move || time(last())}</text>
    }
}

/// A short sample of a seat's line, for legends.
#[component]
pub fn Swatch(#[prop(into)] seat: Signal<usize>) -> impl IntoView {
    view! {
        <svg class="swatch" width="22" height="10" viewBox="0 0 22 10" aria-hidden="true">
            <path data-seat=move || seat.get() d="M1 5H21" />
        </svg>
    }
}

fn index_at(event: &PointerEvent, count: usize) -> usize {
    let Some(pad) =
        event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    else {
        return 0;
    };
    let place = pad.get_bounding_client_rect();
    let share = (f64::from(event.client_x()) - place.left()) / place.width().max(1.0);
    let last = count.saturating_sub(1);
    ((share * last as f64 + 0.5).max(0.0) as usize).min(last)
}

fn longest(lines: &[Line]) -> usize {
    lines.iter().map(|line| line.values.len()).max().unwrap_or(0)
}

fn largest(lines: &[Line]) -> f32 {
    lines.iter().flat_map(|line| line.values.iter().flatten()).copied().fold(0.0, f32::max)
}

/// The chart in a sentence, for screen readers.
fn summary(title: &str, unit: &str, lines: &[Line], newest: usize) -> String {
    let mut text = format!("{title}, {unit}, last {} minutes.", longest(lines));
    for line in lines {
        let last = line.values.get(newest).copied().flatten();
        let most = line.values.iter().flatten().copied().fold(0.0, f32::max);
        text += &format!(" {}: now {}, at most {}.", line.name, short_or_gap(last), short(most));
    }
    text
}
