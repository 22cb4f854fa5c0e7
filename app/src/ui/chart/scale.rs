//! Numbers on axes. Formats only whole numbers: floating-point formatting would enlarge the WebAssembly module.

/// The smallest of 1, 2, 5 times a power of ten that is at least `max`.
#[must_use]
pub fn nice(max: f32) -> f32 {
    let mut power = 1.0_f32;
    while power * 10.0 <= max {
        power *= 10.0;
    }
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|top| *top >= max)
        .unwrap_or(max)
}

/// `1240`, `87`, `3.4`: a whole number from ten on, one decimal below.
#[must_use]
pub fn short(value: f32) -> String {
    let tenths = (value * 10.0).round() as i64;
    if tenths >= 100 || tenths % 10 == 0 {
        format!("{}", (tenths + 5) / 10)
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// Like [`short`], for a value that may be missing.
#[must_use]
pub fn short_or_gap(value: Option<f32>) -> String {
    value.map_or_else(|| "–".to_owned(), short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        assert_eq!(
            [0.0, 1.0, 1.5, 4.0, 87.0, 100.0, 101.0].map(nice),
            [1.0, 1.0, 2.0, 5.0, 100.0, 100.0, 200.0]
        );
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0.0, 0.25, 3.0, 9.94, 9.96, 12.4, 1240.0].map(short),
            ["0", "0.3", "3", "9.9", "10", "12", "1240"]
        );
        assert_eq!(short_or_gap(None), "–");
    }
}
