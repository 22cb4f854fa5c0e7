//! Lines through values as SVG paths in whole units.

use std::fmt::Write as _;

/// The drawing area of a line, in SVG units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub left: i32,
    pub top: i32,
    /// From the first value to the last.
    pub width: i32,
    /// From zero to the largest value.
    pub height: i32,
}

impl Area {
    /// The x coordinate of the `index`th of `count` values.
    #[must_use]
    pub fn x(self, index: usize, count: usize) -> i32 {
        let last = i32::try_from(count.saturating_sub(1)).unwrap_or(i32::MAX).max(1);
        self.left + self.width * i32::try_from(index).unwrap_or(0) / last
    }

    /// The y coordinate of a value if `top` is at the upper edge.
    #[must_use]
    pub fn y(self, value: f32, top: f32) -> i32 {
        let share = (value / top).clamp(0.0, 1.0);
        self.top + self.height - (share * self.height as f32) as i32
    }
}

/// Whether no line reaches a value: both neighbours are missing, or the value is not among the first `settled` ones,
/// because its minute is not over and would bend the line.
fn lonely(values: &[Option<f32>], settled: usize, index: usize) -> bool {
    let there = |at: usize| at < settled && matches!(values.get(at), Some(Some(_)));
    index >= settled || !(there(index + 1) || index > 0 && there(index - 1))
}

fn draw(
    values: &[Option<f32>],
    top: f32,
    area: Area,
    mut step: impl FnMut(&mut String, usize, i32, i32),
) -> String {
    let mut path = String::new();
    for (index, value) in values.iter().enumerate() {
        if let Some(value) = value {
            step(&mut path, index, area.x(index, values.len()), area.y(*value, top));
        }
    }
    path
}

/// A line through the first `settled` values. Missing values are gaps; [`dots`] draws lonely ones.
#[must_use]
pub fn line(values: &[Option<f32>], settled: usize, top: f32, area: Area) -> String {
    draw(values, top, area, |path, index, x, y| {
        if !lonely(values, settled, index) {
            let goes_on = index > 0 && values[index - 1].is_some();
            let letter = if goes_on { 'L' } else { 'M' };
            // Writing to a string cannot fail.
            _ = write!(path, "{letter}{x} {y}");
        }
    })
}

/// The values that no line reaches, as zero-length lines, which round ends turn into dots.
#[must_use]
pub fn dots(values: &[Option<f32>], settled: usize, top: f32, area: Area) -> String {
    draw(values, top, area, |path, index, x, y| {
        if lonely(values, settled, index) {
            _ = write!(path, "M{x} {y}h0");
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { left: 0, top: 0, width: 30, height: 10 };

    #[test]
    fn missing_values_are_gaps_and_lonely_ones_dots() {
        let values = [Some(0.0), Some(5.0), None, Some(10.0)];
        assert_eq!(line(&values, 4, 10.0, AREA), "M0 10L10 5");
        assert_eq!(dots(&values, 4, 10.0, AREA), "M30 0h0");
        assert_eq!(line(&[], 0, 1.0, AREA), "");
    }

    #[test]
    fn a_value_that_is_not_settled_is_a_dot() {
        let values = [None, Some(5.0), Some(5.0), Some(1.0)];
        assert_eq!(line(&values, 3, 10.0, AREA), "M10 5L20 5");
        assert_eq!(dots(&values, 3, 10.0, AREA), "M30 9h0");
        let first = [None, None, Some(5.0), Some(1.0)];
        assert_eq!(dots(&first, 3, 10.0, AREA), "M20 5h0M30 9h0");
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn every_value_is_drawn_once(
                values in proptest::collection::vec(proptest::option::of(0.0..10.0_f32), 0..40),
                running in 0..2_usize,
            ) {
                let settled = values.len().saturating_sub(running);
                let both = line(&values, settled, 10.0, AREA) + &dots(&values, settled, 10.0, AREA);
                let drawn = both.chars().filter(|c| matches!(c, 'M' | 'L')).count();
                prop_assert_eq!(drawn, values.iter().flatten().count());
            }
        }
    }
}
