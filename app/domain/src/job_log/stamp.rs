//! The time at the beginning of a line, as GitHub Actions and Azure Container Registry write it.

use crate::timestamp::Timestamp;

/// Length of a time without fractions of a second, in bytes.
const BYTES: usize = 19;
/// The form of GitHub's times, without fractions: `0` is any digit.
const GITHUB: &[u8; BYTES] = b"0000-00-00T00:00:00";
/// The form of Azure Container Registry's times, in UTC.
const REGISTRY: &[u8; BYTES] = b"0000/00/00 00:00:00";

/// Splits the time off a line. The text after it is the whole line if there is no time.
pub(super) fn split(raw: &str) -> (Option<Timestamp>, &str) {
    // The files in GitHub's archives of logs begin with a byte order mark.
    let text = raw.strip_prefix('\u{feff}').unwrap_or(raw);
    match github(text).or_else(|| registry(text)) {
        Some((time, rest)) => (Some(time), rest),
        None => (None, raw),
    }
}

/// A line without its time.
#[must_use]
pub fn without(raw: &str) -> &str {
    split(raw).1
}

/// `2026-11-30T12:00:00.1234567Z text`.
fn github(text: &str) -> Option<(Timestamp, &str)> {
    let (head, rest) = head(text, GITHUB)?;
    let whole = Timestamp::parse_utc(head)?;
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => {
            let length = rest.bytes().take(9).take_while(u8::is_ascii_digit).count();
            rest.split_at(length)
        }
        None => ("", rest),
    };
    let rest = rest.strip_prefix('Z')?;
    let ms = fraction.bytes().chain(*b"000").take(3).fold(0, |ms, b| ms * 10 + i64::from(b - b'0'));
    Some((Timestamp(whole.0 + ms), after_blank(rest)?))
}

/// `2026/11/30 12:00:00 text`.
fn registry(text: &str) -> Option<(Timestamp, &str)> {
    let (head, rest) = head(text, REGISTRY)?;
    let time = Timestamp::parse_utc(&head.replace('/', "-"))?;
    Some((time, after_blank(rest)?))
}

/// Splits off the beginning of a text if it has this form.
fn head<'a>(text: &'a str, form: &[u8; BYTES]) -> Option<(&'a str, &'a str)> {
    let (head, rest) = (text.get(..BYTES)?, text.get(BYTES..)?);
    let fits =
        |(byte, form): (u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form };
    head.bytes().zip(form).all(fits).then_some((head, rest))
}

/// The text after one blank; also at the end of a line.
fn after_blank(text: &str) -> Option<&str> {
    match text.strip_prefix(' ') {
        None if text.trim_end().is_empty() => Some(text),
        rest => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_github_and_of_the_registry_are_split_off() {
        for (raw, time, rest) in [
            ("2021-07-13T05:39:15.0519727Z ##[endgroup]", "2021-07-13T05:39:15Z", "##[endgroup]"),
            ("2021-07-13T05:39:15Z text", "2021-07-13T05:39:15Z", "text"),
            ("\u{feff}2021-07-13T05:39:15.1Z  two", "2021-07-13T05:39:15Z", " two"),
            ("2021-07-13T05:39:15.0519727Z", "2021-07-13T05:39:15Z", ""),
            ("2018/08/17 07:53:02 Logging in", "2018-08-17T07:53:02Z", "Logging in"),
        ] {
            let (found, text) = split(raw);
            assert_eq!((found.map(Timestamp::iso).as_deref(), text), (Some(time), rest), "{raw}");
        }
        assert_eq!(split("1970-01-01T00:00:00.1234567Z x").0, Some(Timestamp(123)));
        assert_eq!(split("1970-01-01T00:00:00.5Z x").0, Some(Timestamp(500)));
    }

    #[test]
    fn what_only_resembles_a_time_stays() {
        for raw in [
            "",
            "text",
            "2021-07-13",
            "2021-13-13T05:39:15Z x",
            "2021-02-29T05:39:15Z x",
            "2021-07-13T05:39:15 x",
            "2021-07-13T05:39:15.0Zx",
            "2021-07-13T05:39:15.1234567890Z x",
            "2021/07/13T05:39:15 x",
            "2021/07/13 05:39:15x",
            "20217-7-13T05:39:15Z x",
            "ü021-07-13T05:39:15Z x",
            "\u{feff}text",
        ] {
            assert_eq!(split(raw), (None, raw));
        }
    }
}
