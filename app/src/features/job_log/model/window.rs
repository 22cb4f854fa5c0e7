//! Which rows are in the document, and where. The document has only the rows on the screen and some around them.

use super::heights::Heights;

/// The largest height of the scrolled area, in pixels: our own limit. Firefox lays out at most 17.9 million pixels, other
/// browsers 33.5 million. A longer log scrolls in larger steps.
pub const HEIGHT_MAX: f64 = 12_000_000.0;
/// Rows above and below the screen: our own limit. Without them fast scrolling would show blank space.
pub const AROUND: u64 = 20;
/// Most rows in the document while a selection holds some that are far away: our own limit.
pub const ROWS_MAX: u64 = 3_000;

/// Converts between what the browser scrolls and the positions of rows. They differ only for logs that are higher than
/// [`HEIGHT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The height of the scrolled area, in pixels.
    pub area: f64,
    ratio: f64,
}

impl Scale {
    /// The scale for rows of this total height on a screen of `view` pixels.
    #[must_use]
    pub fn new(total: f64, view: f64) -> Self {
        let area = total.min(HEIGHT_MAX);
        let ratio = if total > area && area > view { (total - view) / (area - view) } else { 1.0 };
        Self { area, ratio }
    }

    /// The position among the rows when the browser has scrolled so far.
    #[must_use]
    pub fn position(&self, scrolled: f64) -> f64 {
        scrolled * self.ratio
    }

    /// How far the browser has to scroll to a position.
    #[must_use]
    pub fn scrolled(&self, position: f64) -> f64 {
        position / self.ratio
    }
}

/// The rows in the document.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Window {
    /// The first row.
    pub first: u64,
    /// The row after the last one.
    pub end: u64,
    /// Where the first row is in the scrolled area, in pixels.
    pub offset: f64,
}

/// The rows to have in the document for a screen of `view` pixels at position `top`. `held` are the first and last row
/// of a selection, which would be lost with them.
#[must_use]
pub fn window(
    heights: &Heights,
    rows: u64,
    top: f64,
    view: f64,
    held: Option<(u64, u64)>,
) -> Window {
    if rows == 0 {
        return Window::default();
    }
    let mut first = heights.at(top).0.saturating_sub(AROUND);
    let mut end = (heights.at(top + view).0 + 1 + AROUND).min(rows);
    if let Some((from, to)) = held {
        let (wide, far) = (first.min(from), end.max(to.saturating_add(1).min(rows)));
        if far - wide <= ROWS_MAX {
            (first, end) = (wide, far);
        }
    }
    let scale = Scale::new(heights.total(), view);
    // Without a scale this is the row's own position, so that scrolling alone moves nothing.
    let offset = scale.scrolled(top) + heights.top_of(first) - top;
    Window { first, end, offset }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn even(rows: u64) -> Heights {
        Heights::new(rows, 20.0, [])
    }

    #[test]
    fn the_window_is_the_screen_and_some_rows_around_it() {
        for (rows, top, held, first, end) in [
            (0, 0.0, None, 0, 0),
            (5, 0.0, None, 0, 5),
            (100_000, 0.0, None, 0, 51),
            (100_000, 20_000.0, None, 980, 1_051),
            (100_000, 1_999_400.0, None, 99_950, 100_000),
            (100_000, 20_000.0, Some((1_200, 1_300)), 980, 1_301),
            (100_000, 20_000.0, Some((400, 1_010)), 400, 1_051),
            // A selection that is too far away is not kept.
            (100_000, 20_000.0, Some((90_000, 90_001)), 980, 1_051),
            (100, 0.0, Some((50, u64::MAX)), 0, 100),
        ] {
            let found = window(&even(rows), rows, top, 600.0, held);
            assert_eq!((found.first, found.end), (first, end), "{rows} {top} {held:?}");
            assert_eq!(found.offset, first as f64 * 20.0);
        }
    }

    #[test]
    fn the_scrolled_area_never_exceeds_what_browsers_can_lay_out() {
        let rows = 3_000_000;
        let heights = even(rows);
        let scale = Scale::new(heights.total(), 600.0);
        assert_eq!(scale.area, HEIGHT_MAX);
        let end = scale.position(HEIGHT_MAX - 600.0);
        assert!((end - (heights.total() - 600.0)).abs() < 0.01, "{end}");
        let found = window(&heights, rows, end, 600.0, None);
        assert_eq!(found.end, rows);
        // The last row ends where the area ends.
        let last = found.offset + (rows - found.first) as f64 * 20.0;
        assert!((last - HEIGHT_MAX).abs() < 0.01, "{last}");
    }

    proptest! {
        #[test]
        fn every_row_on_the_screen_is_in_the_document_where_the_screen_expects_it(
            rows in 1_u64..5_000_000,
            at in 0.0_f64..1.0,
            view in 100.0_f64..2_000.0,
        ) {
            let heights = even(rows);
            let top = at * (heights.total() - view).max(0.0);
            let found = window(&heights, rows, top, view, None);
            let scrolled = Scale::new(heights.total(), view).scrolled(top);
            for row in [heights.at(top).0, heights.at(top + view).0] {
                prop_assert!((found.first..found.end).contains(&row));
                let on_screen = found.offset + heights.top_of(row) - heights.top_of(found.first) - scrolled;
                prop_assert!((on_screen - (heights.top_of(row) - top)).abs() < 0.01);
            }
            prop_assert!(found.end - found.first <= (view / 20.0) as u64 + 3 + 2 * AROUND);
        }

        #[test]
        fn a_scale_converts_back_and_forth(total in 1.0_f64..200_000_000.0, at in 0.0_f64..1.0) {
            let scale = Scale::new(total, 600.0);
            let position = at * total;
            prop_assert!((scale.position(scale.scrolled(position)) - position).abs() < 0.01);
        }
    }
}
