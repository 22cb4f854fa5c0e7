//! Lines of real logs, and of hostile ones.

use super::line::{Kind, LINE_CHARS_MAX, Line};
use proptest::prelude::*;

/// The spans in words: `plain|colour-red bold:red|plain`.
fn words(line: &Line) -> String {
    let word = |span: &super::line::Span| match span.style.classes() {
        classes if classes.is_empty() => span.text.clone(),
        classes => format!("{classes}:{}", span.text),
    };
    line.spans.iter().map(word).collect::<Vec<_>>().join("|")
}

#[test]
fn a_line_has_a_time_a_kind_and_spans() {
    for (raw, has_time, kind, spans) in [
        ("plain", false, Kind::Plain, "plain"),
        ("", false, Kind::Plain, ""),
        (
            "2021-07-13T05:39:15.0519727Z ##[group]Operating System",
            true,
            Kind::Group,
            "Operating System",
        ),
        ("2021-07-13T05:39:15.0519727Z ##[endgroup]", true, Kind::EndGroup, ""),
        (
            "2023-02-09T20:11:49.9966268Z ##[error]The operation was canceled.",
            true,
            Kind::Error,
            "The operation was canceled.",
        ),
        (
            "2022/10/05 21:06:41 Downloading source code...",
            true,
            Kind::Plain,
            "Downloading source code...",
        ),
        ("[command]/usr/bin/git version", false, Kind::Command, "/usr/bin/git version"),
        ("a \u{1b}[1;31mred\u{1b}[0m b", false, Kind::Plain, "a |colour-red bold:red| b"),
        ("\u{1b}[31mERROR: no\u{1b}[0m", false, Kind::Error, "colour-red:ERROR: no"),
        ("#7 1.2 ERROR: no", false, Kind::Error, "#7 1.2 ERROR: no"),
        ("10 %\r50 %\r100 %", false, Kind::Plain, "100 %"),
        ("10 %\r50 %\r\r\n", false, Kind::Plain, "50 %"),
        ("2021-07-13T05:39:15Z 10 %\r##[warning]slow", true, Kind::Warning, "slow"),
        ("to\u{202e}txt.exe\u{200b}", false, Kind::Plain, "to⟨U+202E⟩txt.exe⟨U+200B⟩"),
        ("tab\there", false, Kind::Plain, "tab\there"),
        ("nul\0 bell\u{7} del\u{7f}", false, Kind::Plain, "nul bell del"),
    ] {
        let line = Line::parse(raw);
        assert_eq!((line.time.is_some(), line.kind), (has_time, kind), "{raw:?}");
        assert_eq!(words(&line), spans, "{raw:?}");
        assert_eq!(line.cut_note(), None);
    }
}

#[test]
fn a_long_line_is_cut_and_says_how_much_is_missing() {
    let exact = Line::parse(&"ü".repeat(LINE_CHARS_MAX));
    assert_eq!((exact.left_out, exact.text().chars().count()), (0, LINE_CHARS_MAX));
    let long = Line::parse(&format!("\u{1b}[32m{}\u{1b}[0m", "ü".repeat(LINE_CHARS_MAX + 1_234)));
    assert_eq!((long.left_out, long.text().chars().count()), (1_234, LINE_CHARS_MAX));
    assert_eq!(long.cut_note().as_deref(), Some("… (1234 more characters)"));
    let one = Line::parse(&"x".repeat(LINE_CHARS_MAX + 1));
    assert_eq!(one.cut_note().as_deref(), Some("… (1 more character)"));
}

#[test]
fn a_line_of_invalid_utf8_shows_where() {
    assert_eq!(Line::from_bytes(b"a\xff\xfeb").text(), "a\u{fffd}\u{fffd}b");
}

proptest! {
    #[test]
    fn any_bytes_become_a_line_without_control_characters(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let line = Line::from_bytes(&bytes);
        let is_control = |sign: char| sign.is_control() && sign != '\t';
        prop_assert!(!line.text().chars().any(is_control));
        let json = serde_json::to_string(&line).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Line>(&json).expect("a line"), line);
    }

    #[test]
    fn any_mix_of_sequences_and_markers_becomes_a_line(
        raw in "(\u{1b}\\[|\u{1b}\\]|##\\[|::|error|group|[0-9;:m\r\u{202e}\u{200b}]|.){0,80}",
    ) {
        let line = Line::parse(&raw);
        prop_assert!(line.spans.iter().all(|span| !span.text.is_empty()));
        let removed = ['\u{202e}', '\u{200b}', '\u{1b}', '\r'];
        prop_assert!(!line.text().contains(removed));
        prop_assert!(line.spans.windows(2).all(|two| two[0].style != two[1].style));
    }
}
