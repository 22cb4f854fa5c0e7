//! Selected lines: by the browser's own selection, and by their numbers.

use super::log::Log;
use domain::job_log::link::Lines;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MouseEvent, Node};

/// The number of a line's element.
#[must_use]
pub fn number_of(line: &Element) -> Option<u64> {
    line.id().strip_prefix('L')?.parse().ok()
}

/// The number of the line that contains a node.
#[must_use]
pub fn line_around(node: &Node) -> Option<u64> {
    let element = node.dyn_ref::<Element>().cloned().or_else(|| node.parent_element())?;
    number_of(&element.closest(".log-line").ok()??)
}

/// The first and last line with an end of the browser's selection.
#[must_use]
pub fn held(scroller: &HtmlElement) -> Option<(u64, u64)> {
    let selection = window().get_selection().ok()??;
    if selection.is_collapsed() {
        return None;
    }
    let line = |node: Option<Node>| {
        let node = node.filter(|node| scroller.contains(Some(node)))?;
        line_around(&node)
    };
    match (line(selection.anchor_node()), line(selection.focus_node())) {
        (Some(one), Some(other)) => Some((one.min(other), one.max(other))),
        (Some(one), None) | (None, Some(one)) => Some((one, one)),
        (None, None) => None,
    }
}

impl Log {
    /// Marks the line whose number was clicked; with Shift, all lines from the one that was clicked before.
    pub fn clicked(self, event: &MouseEvent, number: u64) {
        // The browser opens a new tab or window, or downloads.
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        event.prevent_default();
        let extends = event.shift_key() && self.marked.with_untracked(Option::is_some);
        let from = if extends { self.active.get_untracked() } else { number };
        if !extends {
            self.active.set(number);
        }
        self.mark(Lines::new(from, number).ok());
    }
}
