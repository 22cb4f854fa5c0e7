//! Where rows are: all have one height, except those whose wrapped line needs more.

/// A row that is higher than the others.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tall {
    row: u64,
    /// By how much, in pixels.
    extra: f64,
    /// The extra heights of all rows before.
    before: f64,
}

/// The positions of rows, in pixels from the first one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heights {
    rows: u64,
    /// The height of a usual row, in pixels.
    row: f64,
    tall: Vec<Tall>,
    total: f64,
}

impl Heights {
    /// The positions of `rows` rows. `extras`: rows in ascending order with their extra heights, in pixels.
    #[must_use]
    pub fn new(rows: u64, row: f64, extras: impl IntoIterator<Item = (u64, f64)>) -> Self {
        let (mut tall, mut before) = (Vec::new(), 0.0);
        for (row, extra) in extras {
            tall.push(Tall { row, extra, before });
            before += extra;
        }
        Self { rows, row, tall, total: rows as f64 * row + before }
    }

    /// The height of all rows.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.total
    }

    /// Where a row begins. The row after the last one begins where the last one ends.
    #[must_use]
    pub fn top_of(&self, row: u64) -> f64 {
        let row = row.min(self.rows);
        let after = self.tall.partition_point(|tall| tall.row < row);
        let last = after.checked_sub(1).and_then(|at| self.tall.get(at));
        row as f64 * self.row + last.map_or(0.0, |tall| tall.before + tall.extra)
    }

    /// The row at a position, which is at most the last one, and how far the position is from the row's top.
    #[must_use]
    pub fn at(&self, y: f64) -> (u64, f64) {
        if self.rows == 0 || self.row <= 0.0 {
            return (0, 0.0);
        }
        let y = y.max(0.0);
        let begins = |tall: &Tall| tall.row as f64 * self.row + tall.before;
        let after = self.tall.partition_point(|tall| begins(tall) <= y);
        let last = after.checked_sub(1).and_then(|at| self.tall.get(at));
        let row = match last {
            Some(tall) if y < begins(tall) + self.row + tall.extra => tall.row,
            Some(tall) => ((y - tall.before - tall.extra) / self.row) as u64,
            None => (y / self.row) as u64,
        };
        let row = row.min(self.rows - 1);
        (row, y - self.top_of(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn rows_follow_each_other_and_tall_ones_need_more() {
        let heights = Heights::new(5, 20.0, [(1, 40.0), (3, 20.0)]);
        let tops: Vec<_> = (0..=5).map(|row| heights.top_of(row)).collect();
        assert_eq!(tops, [0.0, 20.0, 80.0, 100.0, 140.0, 160.0]);
        assert_eq!(heights.total(), 160.0);
        for (y, expected) in [
            (-3.0, (0, 0.0)),
            (0.0, (0, 0.0)),
            (19.0, (0, 19.0)),
            (20.0, (1, 0.0)),
            (79.0, (1, 59.0)),
            (80.0, (2, 0.0)),
            (139.0, (3, 39.0)),
            (140.0, (4, 0.0)),
            (500.0, (4, 360.0)),
        ] {
            assert_eq!(heights.at(y), expected, "{y}");
        }
        assert_eq!(Heights::default().at(7.0), (0, 0.0));
    }

    proptest! {
        #[test]
        fn positions_equal_the_sum_of_all_heights_before(
            rows in 1_u64..80,
            extras in prop::collection::btree_map(0_u64..80, 1_u32..500, 0..20),
            y in 0_u32..4_000,
        ) {
            let extras: BTreeMap<u64, f64> = extras.into_iter()
                .filter(|(row, _)| *row < rows).map(|(row, extra)| (row, f64::from(extra))).collect();
            let heights = Heights::new(rows, 20.0, extras.clone());
            let mut top = 0.0;
            for row in 0..rows {
                prop_assert_eq!(heights.top_of(row), top);
                let height = 20.0 + extras.get(&row).copied().unwrap_or_default();
                prop_assert_eq!(heights.at(top), (row, 0.0));
                prop_assert_eq!(heights.at(top + height - 1.0), (row, height - 1.0));
                top += height;
            }
            prop_assert_eq!(heights.total(), top);
            let (row, inside) = heights.at(f64::from(y));
            prop_assert!(row < rows && (heights.top_of(row) + inside - f64::from(y)).abs() < 1e-6);
        }
    }
}
