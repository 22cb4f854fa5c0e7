//! Where the reader is: at the end, which moves with the log, or at a place that stays.

/// How far from the end still counts as the end, in pixels: our own limit, about a line. Zoomed browsers round the
/// position.
const END_SLACK: f64 = 24.0;

/// The reader's place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The position of the screen's top among the rows, in pixels.
    pub top: f64,
    /// The height of the screen, in pixels.
    pub view: f64,
    /// Whether the place is the end of the log.
    pub follows: bool,
    /// The number of lines when the reader was last at the end.
    seen: u64,
}

impl Place {
    /// At the end of a log of `count` lines, on a screen of `view` pixels.
    #[must_use]
    pub fn at_end(count: u64, view: f64) -> Self {
        Self { top: 0.0, view, follows: true, seen: count }
    }

    fn end(&self, total: f64) -> f64 {
        (total - self.view).max(0.0)
    }

    /// Notes that the reader scrolled.
    pub fn scrolled(&mut self, top: f64, total: f64, count: u64) {
        self.top = top.clamp(0.0, self.end(total));
        self.follows = top + END_SLACK >= self.end(total);
        self.saw(count);
    }

    fn saw(&mut self, count: u64) {
        if self.follows {
            self.seen = count;
        }
    }

    /// Notes that the rows have another total height. A reader at the end stays there, unless a selection would be lost
    /// with the lines that leave the screen.
    pub fn resized(&mut self, total: f64, count: u64, is_held: bool) {
        let end = self.end(total);
        // While everything is on the screen, nothing leaves it.
        self.follows &= !is_held || end <= self.top;
        self.top = if self.follows { end } else { self.top.min(end) };
        self.saw(count);
    }

    /// Puts a row into the upper third of the screen; a row that is well inside of the screen stays.
    pub fn show(&mut self, row_top: f64, row_height: f64, total: f64, count: u64) {
        let is_inside =
            row_top >= self.top + row_height && row_top + 2.0 * row_height <= self.top + self.view;
        if !is_inside {
            self.scrolled(row_top - self.view / 3.0, total, count);
        }
        self.follows &= row_top + row_height + END_SLACK >= total;
    }

    /// Goes to the end.
    pub fn go_to_end(&mut self, total: f64, count: u64) {
        self.follows = true;
        self.resized(total, count, false);
    }

    /// How many lines were added since the reader left the end.
    #[must_use]
    pub fn new_lines(&self, count: u64) -> u64 {
        if self.follows { 0 } else { count.saturating_sub(self.seen) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(top: f64, total: f64, count: u64) -> Place {
        let mut place = Place::at_end(count, 600.0);
        place.scrolled(top, total, count);
        place
    }

    #[test]
    fn a_reader_at_the_end_follows_it_and_others_keep_their_place() {
        for (top, expected, follows) in [
            (1_400.0, 1_600.0, true),
            (1_390.0, 1_600.0, true),
            (1_300.0, 1_300.0, false),
            (0.0, 0.0, false),
        ] {
            let mut place = at(top, 2_000.0, 100);
            place.resized(2_200.0, 110, false);
            assert_eq!((place.top, place.follows), (expected, follows), "{top}");
            assert_eq!(place.new_lines(110), if follows { 0 } else { 10 }, "{top}");
        }
    }

    #[test]
    fn lines_count_as_new_until_the_reader_is_at_the_end() {
        let mut place = at(0.0, 2_000.0, 100);
        place.resized(2_200.0, 110, false);
        place.resized(2_400.0, 120, false);
        assert_eq!(place.new_lines(120), 20);
        place.scrolled(1_000.0, 2_400.0, 120);
        assert_eq!(place.new_lines(120), 20);
        place.scrolled(1_800.0, 2_400.0, 120);
        assert_eq!(place.new_lines(120), 0);
        place.scrolled(0.0, 2_400.0, 120);
        assert_eq!(place.new_lines(125), 5);
        place.go_to_end(2_500.0, 125);
        assert_eq!((place.top, place.follows, place.new_lines(125)), (1_900.0, true, 0));
    }

    #[test]
    fn a_selection_keeps_its_place_at_the_end_of_a_log_that_grows() {
        let mut place = at(1_400.0, 2_000.0, 100);
        place.resized(2_200.0, 110, true);
        assert_eq!((place.top, place.follows, place.new_lines(110)), (1_400.0, false, 10));
        // A short log has room for more lines.
        let mut short = at(0.0, 200.0, 10);
        short.resized(400.0, 20, true);
        assert_eq!((short.top, short.follows), (0.0, true));
    }

    #[test]
    fn a_place_stays_within_the_log_when_sections_are_closed() {
        let mut place = at(5_000.0, 9_000.0, 450);
        place.resized(1_000.0, 450, false);
        assert_eq!((place.top, place.follows), (400.0, false));
    }

    #[test]
    fn a_shown_row_is_moved_only_if_it_is_not_well_inside_of_the_screen() {
        for (row, top, follows) in [
            (1_200.0, 1_000.0, false),
            (1_005.0, 805.0, false),
            (1_590.0, 1_390.0, false),
            (40.0, 0.0, false),
            (2_980.0, 2_400.0, true),
        ] {
            let mut place = at(1_000.0, 3_000.0, 150);
            place.show(row, 20.0, 3_000.0, 150);
            assert_eq!((place.top, place.follows), (top, follows), "{row}");
        }
    }
}
