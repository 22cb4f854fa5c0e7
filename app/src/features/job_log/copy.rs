//! Copies the marked lines as they were written.

use super::api::read_job_log;
use super::log::Log;
use super::model::blocks::BLOCK_LINES;
use super::model::count_of_lines;
use crate::error::ConsoleError;
use domain::job::JobId;
use domain::job_log::link::Lines;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

/// Most lines that are copied at once: our own limit. The download has all lines.
const COPIED_MAX: u64 = 10_000;

/// The marked lines, and what can be done with them.
#[component]
pub fn Marked(log: Log) -> impl IntoView {
    move || {
        let lines = log.marked.get()?;
        let count = lines.last() - lines.first() + 1;
        let name = match count {
            1 => format!("Line {}", lines.first()),
            _ => format!("Lines {} to {}", lines.first(), lines.last()),
        };
        let is_long = (count > COPIED_MAX).then(|| {
            format!("At most {COPIED_MAX} lines can be copied at once. Download the log instead.")
        });
        Some(view! {
            <p class="actions">
                <span>{name}</span>
                <button type="button" class="button" data-variant="quiet" disabled=is_long.is_some() on:click=move |_| copy(log, lines)>
                    {format!("Copy {}", count_of_lines(count))}
                </button>
                <button type="button" class="button" data-variant="quiet" on:click=move |_| log.mark(None)>
                    "Clear selection"
                </button>
                <span class="reason">{is_long}</span>
            </p>
        })
    }
}

fn copy(log: Log, lines: Lines) {
    let id = log.id.get_value();
    spawn_local(async move {
        let note = match raw(id, lines).await {
            Ok(raw) => {
                let written = window().navigator().clipboard().write_text(&raw.join("\n"));
                let denied = Closure::once(move |_: JsValue| {
                    log.note.set("The browser did not allow copying.".to_owned());
                });
                _ = written.catch(&denied);
                denied.forget();
                format!("Copied {}.", count_of_lines(raw.len() as u64))
            }
            Err(error) => format!("Nothing was copied. {error}"),
        };
        log.note.set(note);
    });
}

/// Lines as they were written, with secrets hidden.
async fn raw(id: JobId, lines: Lines) -> Result<Vec<String>, ConsoleError> {
    let mut raw = Vec::new();
    let mut next = lines.first();
    while next <= lines.last() {
        let count = (lines.last() - next + 1).min(BLOCK_LINES);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let page = read_job_log(id.clone(), next, count).await?;
        if page.lines.is_empty() {
            break;
        }
        next += page.lines.len() as u64;
        raw.extend(page.lines);
    }
    Ok(raw)
}
