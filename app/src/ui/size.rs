//! Sizes in bytes, for people.

/// `512 B`, `3.4 kB`, `28 MB`, `1.2 GB`: in powers of 1000, with one decimal below 10.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    // A whole number of tenths, so that 9.96 becomes 10 and not 10.0.
    let mut tenths = u128::from(bytes) * 10;
    while tenths >= 9_995 && unit + 1 < UNITS.len() {
        tenths = (tenths + 500) / 1000;
        unit += 1;
    }
    let word = UNITS.get(unit).copied().unwrap_or_default();
    match tenths {
        0..=99 if unit > 0 && tenths % 10 > 0 => format!("{}.{} {word}", tenths / 10, tenths % 10),
        _ => format!("{} {word}", (tenths + 5) / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_two_digits_or_more() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 kB"),
            (3_449, "3.4 kB"),
            (9_960, "10 kB"),
            (28_400_000, "28 MB"),
            (999_900_000, "1 GB"),
            (1_234_000_000, "1.2 GB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }
}
