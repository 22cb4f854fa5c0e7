//! The viewer in the browser. It takes the place of the lines that the server rendered as soon as it has lines itself.

use super::log::{Log, Start};
use super::model::{Model, Row, count_of_lines};
use super::rows::Rows;
use super::stream::Stream;
use super::tools::Tools;
use crate::live::pick;
use crate::ui::empty::Empty;
use leptos::prelude::*;
use leptos::{ev, html};

/// A class of what the server rendered only for browsers without scripts.
pub const RENDERED: &str = "log-rendered";

/// The viewer of a log. The children are the lines that the server rendered.
#[island]
pub fn LogPane(start: Start, children: Children) -> impl IntoView {
    let log = Log::new(&start);
    let stream = Stream::new(start.awaited.clone());
    let ready = RwSignal::new(false);
    let rendered = NodeRef::<html::Div>::new();
    begin(log, stream, start.from);
    // The rendered lines stay until others can take their place.
    let has_lines = pick(log.model, has_lines);
    Effect::new(move |_| {
        if has_lines.get() && !ready.get_untracked() {
            if let Some(rendered) = rendered.get_untracked() {
                rendered.set_text_content(None);
            }
            remove_rendered();
            ready.set(true);
        }
    });
    let count = pick(log.model, Model::count);
    let empty = move || (count.get() == 0).then(|| view! { <Empty>{stream.awaited}</Empty> });
    view! {
        <div class="log-pane">
            <Tools log stream start />
            <div node_ref=rendered>{children()}</div>
            {empty}
            {move || ready.get().then(|| view! { <Viewer log /> })}
        </div>
    }
}

/// Whether there is something to show in the place of the rendered lines.
fn has_lines(model: &Model) -> bool {
    let rows = model.rows();
    let is_waiting = rows.iter().any(|row| matches!(row, Row::Waiting(_)));
    !rows.is_empty() && (!is_waiting || rows.iter().any(|row| matches!(row, Row::Failed { .. })))
}

/// Removes what the server rendered outside of the island.
fn remove_rendered() {
    let Ok(found) = document().query_selector_all(&format!(".{RENDERED}")) else { return };
    for element in (0..found.length()).filter_map(|at| found.get(at)) {
        if let Some(parent) = element.parent_node() {
            _ = parent.remove_child(&element);
        }
    }
}

fn begin(log: Log, stream: Stream, from: Option<u64>) {
    Effect::new(move |_| {
        log.restore_choices();
        if !log.go_to_named() {
            log.change(|model| match from {
                Some(from) => model.show(from),
                None => model.show_end(),
            });
        }
        if !log.model.with_untracked(|model| model.ended) {
            stream.open(log);
        }
        window_event_listener(ev::hashchange, move |_| _ = log.go_to_named());
        window_event_listener(ev::resize, move |_| {
            log.screen.widest.set(0);
            log.change(Model::forget_heights);
        });
    });
}

/// The lines, and the way to the newest ones.
#[component]
fn Viewer(log: Log) -> impl IntoView {
    let scroller = log.screen.scroller;
    Effect::new(move |_| {
        if let Some(scroller) = scroller.get() {
            log.change(|_| ());
            if Log::named().is_some() {
                scroller.scroll_into_view();
            }
        }
    });
    let follows = pick(log.model, |model| model.place.follows);
    let new = pick(log.model, |model| model.place.new_lines(model.count()));
    let words = move || match new.get() {
        0 => "Jump to end".to_owned(),
        new => format!("Jump to end ({} new)", count_of_lines(new)),
    };
    view! {
        <div class="log-frame">
            <button type="button" class="button log-jump" hidden=follows on:click=move |_| log.change(Model::show_end)>
                {words}
            </button>
            <Rows log />
        </div>
    }
}
