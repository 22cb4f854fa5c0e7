//! The viewer in the browser: its state, and what changes it.

use super::keep;
use super::model::Model;
use super::model::finding::Finding;
use super::screen::Screen;
use crate::live::pick;
use crate::paths;
use crate::port::LogSection;
use domain::job::JobId;
use domain::job::view::LogSize;
use domain::job_log::link::Lines;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

/// What the viewer starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Start {
    pub id: JobId,
    pub size: LogSize,
    /// Whether no more lines follow.
    pub ended: bool,
    pub sections: Vec<LogSection>,
    /// Why the log is empty, if it is.
    pub awaited: String,
    /// The line that says why the job failed.
    pub cause: Option<u64>,
    /// The line that the address asks for.
    pub from: Option<u64>,
    /// The text that the address searches for.
    pub find: Option<String>,
}

/// The viewer's state and screen.
#[derive(Clone, Copy)]
pub struct Log {
    pub id: StoredValue<JobId>,
    pub model: RwSignal<Model>,
    pub finding: RwSignal<Option<Finding>>,
    /// The lines that the address names.
    pub marked: RwSignal<Option<Lines>>,
    /// The line that the keyboard is at.
    pub active: RwSignal<u64>,
    /// What just happened, for everybody.
    pub note: RwSignal<String>,
    /// Whether long lines are wrapped.
    pub wraps: RwSignal<bool>,
    /// The line that says why the job failed.
    pub cause: Option<u64>,
    pub screen: Screen,
    /// Changes when rows, sections or their order change; not while the reader scrolls.
    pub layout: Memo<u64>,
}

impl Log {
    /// The state before anything was read.
    #[must_use]
    pub fn new(start: &Start) -> Self {
        let model = Model::new(start.size, start.ended, start.sections.clone());
        let model = RwSignal::new(model);
        Self {
            id: StoredValue::new(start.id.clone()),
            model,
            finding: RwSignal::new(None),
            marked: RwSignal::new(None),
            active: RwSignal::new(0),
            note: RwSignal::new(String::new()),
            wraps: RwSignal::new(false),
            cause: start.cause,
            screen: Screen::new(),
            layout: pick(model, |model| model.layout),
        }
    }

    /// Runs the reactive caller again when the layout changes. A memo that is tracked but never read does not notify.
    pub fn follow_layout(self) {
        _ = self.layout.get();
    }

    /// Changes the model, reads what it needs, and scrolls to where it is.
    pub fn change<T>(self, change: impl FnOnce(&mut Model) -> T) -> T {
        let result = self.model.update_untracked(change);
        self.model.notify();
        self.read_wanted();
        self.screen.follow(self);
        result
    }

    /// Marks lines, and names them in the address without moving the page.
    pub fn mark(self, lines: Option<Lines>) {
        self.marked.set(lines);
        let hash = match lines {
            Some(lines) => format!("#{lines}"),
            // An address without a fragment is relative to the page.
            None => window().location().search().unwrap_or_default(),
        };
        let path = window().location().pathname().unwrap_or_default();
        let url = if lines.is_some() { hash } else { path + &hash };
        if let Ok(history) = window().history() {
            _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&url));
        }
    }

    /// The lines that the address names.
    #[must_use]
    pub fn named() -> Option<Lines> {
        window().location().hash().ok()?.parse().ok()
    }

    /// Goes to the lines that the address names, if it names any.
    pub fn go_to_named(self) -> bool {
        let Some(lines) = Self::named() else { return false };
        self.marked.set(Some(lines));
        self.active.set(lines.first());
        self.change(|model| model.show(lines.first()));
        true
    }

    /// Opens or closes the section that begins with a line.
    pub fn toggle(self, first: u64) {
        self.change(|model| model.toggle(first));
        self.keep_choices();
    }

    /// Opens or closes all sections.
    pub fn toggle_all(self, open: bool) {
        self.change(|model| model.toggle_all(open));
        self.keep_choices();
    }

    fn keep_choices(self) {
        let written = self.model.with_untracked(|model| model.choices.written());
        keep::for_session(&self.choices_key(), &written);
    }

    /// Takes over the choices from before the page was reloaded.
    pub fn restore_choices(self) {
        if let Some(written) = keep::of_session(&self.choices_key()) {
            self.model.update(|model| model.choose(&written));
        }
    }

    fn choices_key(self) -> String {
        self.id.with_value(|id| format!("log-sections{}", paths::job(id)))
    }
}
