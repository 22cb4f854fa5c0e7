//! The viewer's keys: the arrow keys go from one line's number to the next, so that a hundred thousand links are one stop
//! of the Tab key.

use super::log::Log;
use super::select::line_around;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// Lines that Page Up and Page Down move by.
const PAGE: i64 = 20;

impl Log {
    /// Handles a key in the viewer.
    pub fn pressed(self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if event.key() == "Escape" && self.marked.with_untracked(Option::is_some) {
            return self.mark(None);
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let number = target.filter(|target| target.class_name() == "log-number");
        let Some(line) = number.and_then(|number| line_around(&number)) else { return };
        let step = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            "PageDown" => PAGE,
            "PageUp" => -PAGE,
            _ => return,
        };
        event.prevent_default();
        if let Some(next) = self.model.with_untracked(|model| model.neighbour(line, step)) {
            self.screen.focus(next);
            self.active.set(next);
            self.change(|model| model.show(next));
        }
    }
}

/// Whether a key is pressed in a field, where it writes.
#[must_use]
pub fn is_writing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let fields = "input, textarea, select, [contenteditable]";
    target.is_some_and(|target| target.closest(fields).is_ok_and(|field| field.is_some()))
}
