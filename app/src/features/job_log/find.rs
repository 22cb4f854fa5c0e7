//! The search box.

use super::api::search_job_log;
use super::keys::is_writing;
use super::log::Log;
use super::model::Model;
use super::model::finding::Finding;
use crate::paths;
use crate::ui::typed;
use domain::job_log::search::{QUERY_CHARS_MAX, Query};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};

/// The search box's element.
const FIELD: &str = "log-find";

/// The search box. Without scripts, the server searches and lists the matching lines.
#[component]
pub fn FindBox(
    log: Log,
    /// The text that the address searches for.
    find: Option<String>,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let typed = typed::in_input(FIELD);
    let action = log.id.with_value(|id| format!("{}#log", paths::job(id)));
    let asked = find.clone().unwrap_or_default();
    let search = move |forward| {
        if let Some(field) = field.get_untracked() {
            log.search(field.value(), forward);
        }
    };
    Effect::new(move |_| {
        if let (Some(typed), Some(field)) = (&typed, field.get_untracked()) {
            field.set_value(typed);
        }
        if let Some(find) = &find {
            log.search(find.clone(), true);
        }
        window_event_listener(ev::keydown, move |event| {
            let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
            if event.key() == "/" && is_plain && !is_writing(&event) {
                event.prevent_default();
                if let Some(field) = field.get_untracked() {
                    _ = field.focus();
                    field.select();
                }
            }
        });
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        search(true);
    };
    let press = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && event.shift_key() {
            event.prevent_default();
            search(false);
        }
    };
    let words = move || log.finding.with(|found| found.as_ref().map(Finding::words));
    view! {
        <form class="log-find" role="search" method="get" action=action on:submit=submit>
            <input type="search" id=FIELD name="find" value=asked maxlength=QUERY_CHARS_MAX placeholder="Find in the log"
                aria-label="Find in the log" aria-keyshortcuts="/" autocomplete="off" node_ref=field on:keydown=press />
            <button type="submit" class="button">"Find"</button>
            <button type="button" class="button scripted" data-variant="quiet" on:click=move |_| search(false)>"Previous"</button>
            <button type="button" class="button scripted" data-variant="quiet" on:click=move |_| search(true)>"Next"</button>
            <span class="reason" role="status">{words}</span>
        </form>
    }
}

impl Log {
    /// Searches for a text, or goes to the next match if it was searched for already.
    fn search(self, text: String, forward: bool) {
        let is_known = self
            .finding
            .with_untracked(|found| found.as_ref().is_some_and(|found| found.text == text));
        if is_known {
            return self.step(forward);
        }
        let Some(query) = Query::new(&text) else { return self.finding.set(None) };
        let id = self.id.get_value();
        spawn_local(async move {
            match search_job_log(id, text.clone()).await {
                Ok(matches) => {
                    self.note.set(String::new());
                    self.finding.set(Some(Finding::new(text, query, matches)));
                    self.step(forward);
                }
                Err(error) => self.note.set(format!("The search failed. {error}")),
            }
        });
    }

    fn step(self, forward: bool) {
        let top = self.model.with_untracked(Model::top_line);
        let step = |found: &mut Option<Finding>| found.as_mut()?.step(forward, top);
        let line = self.finding.update_untracked(step);
        self.finding.notify();
        if let Some(line) = line {
            self.change(|model| model.show(line));
            // The line is there after the next frame.
            request_animation_frame(move || {
                request_animation_frame(move || self.screen.show_match(line));
            });
        }
    }
}
