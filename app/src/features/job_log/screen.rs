//! The elements of the viewer on the screen: their sizes, and how far the reader has scrolled.

use super::log::Log;
use super::select::{held, number_of};
use crate::paths::log_line_id;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The elements of the viewer.
#[derive(Clone, Copy)]
pub struct Screen {
    pub scroller: NodeRef<html::Div>,
    pub rows: NodeRef<html::Div>,
    /// As high as a row.
    pub ruler: NodeRef<html::Div>,
    /// The width of the widest row so far, in pixels.
    pub widest: RwSignal<i32>,
    /// How far the viewer is scrolled, as far as the model knows.
    known: StoredValue<i32>,
    is_due: StoredValue<bool>,
    /// The line to focus when it is there.
    focus: StoredValue<Option<u64>>,
}

impl Screen {
    /// Elements that are not there yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            scroller: NodeRef::new(),
            rows: NodeRef::new(),
            ruler: NodeRef::new(),
            widest: RwSignal::new(0),
            known: StoredValue::new(0),
            is_due: StoredValue::new(false),
            focus: StoredValue::new(None),
        }
    }

    /// Measures what has changed, and scrolls to the place of the model, before the next frame.
    pub fn follow(self, log: Log) {
        if !self.is_due.get_value() {
            self.is_due.set_value(true);
            request_animation_frame(move || {
                self.is_due.set_value(false);
                self.catch_up(log);
            });
        }
    }

    fn catch_up(self, log: Log) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let has_changed = self.measure_screen(log, &scroller) | self.measure_lines(log);
        let target = log.model.with_untracked(|model| model.scale().scrolled(model.place.top));
        if (f64::from(scroller.scroll_top()) - target).abs() >= 1.0 {
            scroller.set_scroll_top(target.round() as i32);
        }
        self.known.set_value(scroller.scroll_top());
        self.focus_wanted();
        if has_changed {
            log.read_wanted();
            self.follow(log);
        }
    }

    fn measure_screen(self, log: Log, scroller: &HtmlElement) -> bool {
        let Some(ruler) = self.ruler.get_untracked() else { return false };
        let row = ruler.get_bounding_client_rect().height();
        let view = f64::from(scroller.client_height());
        let is_new = row > 0.0 && log.model.with_untracked(|model| model.screen() != (row, view));
        if is_new {
            log.model.update(|model| model.measured_screen(row, view));
        }
        is_new
    }

    /// Measures wrapped lines, or the width of lines that are not wrapped.
    fn measure_lines(self, log: Log) -> bool {
        let Some(rows) = self.rows.get_untracked() else { return false };
        if !log.wraps.get_untracked() {
            let width = rows.scroll_width();
            if width > self.widest.get_untracked() {
                self.widest.set(width);
            }
            return false;
        }
        let Ok(lines) = rows.query_selector_all(".log-line") else { return false };
        let height = |at| {
            let line: Element = lines.get(at)?.dyn_into().ok()?;
            Some((number_of(&line)?, line.get_bounding_client_rect().height()))
        };
        let heights: Vec<_> = (0..lines.length()).filter_map(height).collect();
        let has_changed = log.model.update_untracked(|model| model.measured_lines(&heights));
        if has_changed {
            log.model.notify();
        }
        has_changed
    }

    /// Notes how far the reader has scrolled.
    pub fn scrolled(self, log: Log) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let top = scroller.scroll_top();
        // The event of our own scrolling arrives when the log may have grown again.
        if top != self.known.get_value() {
            self.known.set_value(top);
            let held = held(&scroller);
            log.change(|model| model.scrolled(f64::from(top), held));
        }
    }

    /// The selected lines.
    #[must_use]
    pub fn held(self) -> Option<(u64, u64)> {
        held(self.scroller.get_untracked().as_deref()?)
    }

    /// Focuses the number of a line as soon as the line is there.
    pub fn focus(self, line: u64) {
        self.focus.set_value(Some(line));
    }

    fn focus_wanted(self) {
        let link = |line| {
            let row = document().get_element_by_id(&log_line_id(line))?;
            row.query_selector("a").ok()??.dyn_into::<HtmlElement>().ok()
        };
        if let Some(link) = self.focus.get_value().and_then(link) {
            _ = link.focus();
            self.focus.set_value(None);
        }
    }

    /// Scrolls sideways to the match in a line.
    pub fn show_match(self, line: u64) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let row = document().get_element_by_id(&log_line_id(line));
        let mark = row.and_then(|row| row.query_selector("mark").ok().flatten());
        let Some(mark) = mark.map(|mark| mark.get_bounding_client_rect()) else { return };
        let seen = scroller.get_bounding_client_rect();
        // The numbers cover the left edge.
        let (left, width) = (mark.left() - seen.left(), f64::from(scroller.client_width()));
        if left < width / 5.0 || left + mark.width() > width {
            scroller.set_scroll_left(scroller.scroll_left() + (left - width / 3.0) as i32);
        }
    }
}
