//! Lines through values, as SVG paths in whole units.

use std::fmt::Write as _;

/// Where a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// The left edge.
    pub left: i32,
    /// The upper edge.
    pub top: i32,
    /// From the first value to the last.
    pub width: i32,
    /// From zero to the largest value.
    pub height: i32,
}

impl Area {
    /// Where the `index`th of `count` values stands.
    #[must_use]
    pub fn x(self, index: usize, count: usize) -> i32 {
        let last = i32::try_from(count.saturating_sub(1)).unwrap_or(i32::MAX).max(1);
        self.left + self.width * i32::try_from(index).unwrap_or(0) / last
    }

    /// Where a value stands when `top` is at the upper edge.
    #[must_use]
    pub fn y(self, value: f32, top: f32) -> i32 {
        let share = (value / top).clamp(0.0, 1.0);
        self.top + self.height - (share * self.height as f32) as i32
    }
}

/// A line through the values; a missing one is a gap, a lonely one a dot.
#[must_use]
pub fn line(values: &[Option<f32>], top: f32, area: Area) -> String {
    let mut path = String::new();
    let mut drawing = false;
    for (index, value) in values.iter().enumerate() {
        let Some(value) = value else {
            drawing = false;
            continue;
        };
        let (x, y) = (area.x(index, values.len()), area.y(*value, top));
        // Writing to a string cannot fail.
        _ = if drawing { write!(path, "L{x} {y}") } else { write!(path, "M{x} {y}h0") };
        drawing = true;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_are_gaps() {
        let area = Area { left: 0, top: 0, width: 30, height: 10 };
        let values = [Some(0.0), Some(5.0), None, Some(10.0)];
        assert_eq!(line(&values, 10.0, area), "M0 10h0L10 5M30 0h0");
        assert_eq!(line(&[], 1.0, area), "");
    }
}
