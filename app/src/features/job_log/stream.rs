//! New lines, as they are written.

use super::log::Log;
use super::model::{Model, count_of_lines};
use crate::live::{Connection, connection, listen, stop};
use crate::paths;
use crate::port::LogPage;
use domain::job_log::line::Line;
use leptos::prelude::*;
use std::time::Duration;

/// How long after new lines the sections are read again.
const SECTIONS_AFTER: Duration = Duration::from_secs(5);
/// How often people who listen to the page hear how many lines were added.
const SAID_EVERY: Duration = Duration::from_secs(15);

/// What the stream says about itself.
#[derive(Clone, Copy)]
pub struct Stream {
    pub connection: RwSignal<Connection>,
    /// Why the log is empty, if it is.
    pub awaited: RwSignal<String>,
    /// For screen readers: how the log grows, once in a while.
    pub said: RwSignal<String>,
}

impl Stream {
    /// A stream that is not open.
    #[must_use]
    pub fn new(awaited: String) -> Self {
        Self {
            connection: RwSignal::new(Connection::Open),
            awaited: RwSignal::new(awaited),
            said: RwSignal::new(String::new()),
        }
    }

    /// Follows the log until it ends. Call it in an effect: it works only in the browser.
    pub fn open(self, log: Log) {
        let count = log.model.with_untracked(Model::count);
        let url = log.id.with_value(|id| paths::events_job_log(id, count));
        let (stream, due) = (url.clone(), StoredValue::new(false));
        listen(&url, "lines", move |page: LogPage| {
            receive(log, &page);
            if log.model.with_untracked(|model| model.ended) {
                stop(&stream);
                self.connection.set(Connection::Open);
                log.read_sections();
            } else if !due.get_value() {
                due.set_value(true);
                let read = move || {
                    due.set_value(false);
                    log.read_sections();
                };
                set_timeout(read, SECTIONS_AFTER);
            }
        });
        let state = connection(&url);
        Effect::new(move |_| self.connection.set(state.get()));
        let job = log.id.with_value(paths::events_job);
        let awaited = self.awaited;
        listen(&job, "awaited", move |words: String| awaited.set(words));
        self.say(log, count);
    }

    fn say(self, log: Log, count: u64) {
        let last = StoredValue::new((count, false));
        let say = move || {
            let now = log.model.with_untracked(|model| (model.count(), model.ended));
            let (before, _) = last.get_value();
            if now == last.get_value() {
                return;
            }
            last.set_value(now);
            let all = count_of_lines(now.0);
            self.said.set(match now.1 {
                true => format!("The log is complete: {all}."),
                false => format!("{} new, {all} in the log.", count_of_lines(now.0 - before)),
            });
        };
        _ = set_interval_with_handle(say, SAID_EVERY);
    }
}

fn receive(log: Log, page: &LogPage) {
    let held = log.screen.held();
    let new = log.change(|model| {
        model.hold(held);
        model.append(page)
    });
    if log.finding.with_untracked(Option::is_none) {
        return;
    }
    log.finding.update(|found| {
        let Some(found) = found else { return };
        for (number, line) in (page.first..).zip(&page.lines).filter(|(number, _)| *number >= new) {
            found.push(number, &Line::parse(line).text());
        }
    });
}
