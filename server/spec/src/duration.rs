//! Writes durations in ISO 8601 as the SDK does.

/// The maximum of Python's `timedelta`, which the SDK uses.
const DAYS_MAX: u128 = 999_999_999;

/// `90_000` → `PT1M30S`; `None` for 0, which the SDK drops; an error beyond [`DAYS_MAX`].
pub(crate) fn from_ms(milliseconds: i64) -> Result<Option<String>, TooLong> {
    iso(i128::from(milliseconds))
}

/// `600` → `PT10M`; `None` for 0; an error beyond [`DAYS_MAX`].
pub(crate) fn from_s(seconds: i64) -> Result<Option<String>, TooLong> {
    iso(i128::from(seconds) * 1000)
}

/// The duration exceeds [`DAYS_MAX`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

fn iso(milliseconds: i128) -> Result<Option<String>, TooLong> {
    if milliseconds == 0 {
        return Ok(None);
    }
    let all = milliseconds.unsigned_abs();
    let (seconds, rest) = (all / 1000, all % 1000);
    let days = seconds / 86_400;
    if days > DAYS_MAX {
        return Err(TooLong);
    }
    let mut text = if milliseconds < 0 { "-P".to_owned() } else { "P".to_owned() };
    if days > 0 {
        text += &format!("{days}D");
    }
    let (hours, minutes, seconds) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    if (hours, minutes, seconds, rest) != (0, 0, 0, 0) {
        text.push('T');
    }
    if hours > 0 {
        text += &format!("{hours}H");
    }
    if minutes > 0 {
        text += &format!("{minutes}M");
    }
    if rest > 0 {
        let fraction = format!("{rest:03}");
        text += &format!("{seconds}.{}S", fraction.trim_end_matches('0'));
    } else if seconds > 0 {
        text += &format!("{seconds}S");
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_the_sdk_does() {
        for (ms, text) in [
            (90_000, "PT1M30S"),
            (600_000, "PT10M"),
            (1, "PT0.001S"),
            (1500, "PT1.5S"),
            (86_400_000, "P1D"),
            (90_061_000, "P1DT1H1M1S"),
            (-10, "-PT0.01S"),
        ] {
            assert_eq!(from_ms(ms), Ok(Some(text.to_owned())), "{ms}");
        }
        assert_eq!(from_s(0), Ok(None));
        assert_eq!(from_s(i64::MAX), Err(TooLong));
    }
}
