//! The part of the activity page that its stream renders again.

use super::page::{Items, ItemsProps, said};
use crate::components::live_part::rendered;
use crate::port::{ActivityView, RenderedPart};

/// The newest entries, as HTML.
#[must_use]
pub fn part(view: ActivityView) -> RenderedPart {
    let ActivityView { now, kind, items, .. } = view;
    let said = said(&items);
    rendered(now, said, || Items(ItemsProps { items, now, kind, is_later_page: false }))
}
