//! Logs in pieces: nothing of a secret is shown, wherever a piece ends.

use super::log_mask::{LogMask, is_complete};
use super::{HIDDEN, Values, scope};
use domain::job_log::plain;
use proptest::prelude::*;

const SECRETS: [&str; 3] = ["kanarien-vogel", "two words=of a secret", "grün\"zwölf"];
const TOKEN: &str = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7b";
/// A small limit of lines, in bytes.
const LIMIT: usize = 3_000;

fn mask() -> LogMask {
    let mut values = Values::default();
    SECRETS.iter().for_each(|secret| values.add(secret));
    LogMask::with_limit(values, LIMIT)
}

/// The output for a log in pieces of these lengths, the last of which repeats.
fn masked(log: &[u8], lengths: &[usize]) -> String {
    let (mut mask, mut shown, mut rest) = (mask(), Vec::new(), log);
    let mut lengths =
        lengths.iter().copied().chain(std::iter::repeat(lengths.last().copied().unwrap_or(1)));
    while !rest.is_empty() {
        let length = lengths.next().unwrap_or(1).clamp(1, rest.len());
        let (piece, after) = rest.split_at(length);
        shown.extend(mask.push(piece));
        rest = after;
    }
    shown.extend(mask.flush());
    String::from_utf8(shown).expect("UTF-8")
}

#[test]
fn lines_are_redacted_and_everything_else_stays() {
    assert!(is_complete());
    for (log, shown) in [
        ("a\nkanarien-vogel b\n", "a\n(hidden) b\n"),
        ("last kanarien-vogel", "last (hidden)"),
        ("10 %\r20 % kanarien-vogel\r\nb", "10 %\r20 % (hidden)\r\nb"),
        ("\u{1b}[31mred\u{1b}[0m\n", "\u{1b}[31mred\u{1b}[0m\n"),
        ("kana\u{1b}[1mrien\u{1b}[0m-vogel b\n", "(hidden) b\n"),
        ("kana\0rien-vogel\n", "(hidden)\n"),
        ("\u{1b}[31mkanarien-vogel\n", "(hidden)\n"),
        ("--build-arg PIP_TOKEN=abcdefg -t x\n", "--build-arg PIP_TOKEN=(hidden) -t x\n"),
        ("CLIENT_SECRET=\"ab cd efg\" X=1\n", "CLIENT_SECRET=(hidden) X=1\n"),
        ("API_KEY='never ends", "API_KEY=(hidden)"),
        (
            "ARG PIP_TOKEN=$TOKEN_OF_PIP PATH=/usr/local/bin\n",
            "ARG PIP_TOKEN=$TOKEN_OF_PIP PATH=/usr/local/bin\n",
        ),
        (
            "TOKENIZERS_PARALLELISM=false LOG_LEVEL=warning\n",
            "TOKENIZERS_PARALLELISM=false LOG_LEVEL=warning\n",
        ),
        (
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
        ),
        ("\n\n", "\n\n"),
        ("", ""),
    ] {
        for lengths in [&[1][..], &[3], &[1_000_000]] {
            assert_eq!(masked(log.as_bytes(), lengths), shown, "{log:?} in pieces of {lengths:?}");
        }
    }
    for (before, after) in [("token ", ".\n"), ("z", "\n"), ("\\n", "\\n\n")] {
        let log = format!("{before}{TOKEN}{after}");
        assert_eq!(masked(log.as_bytes(), &[7]), format!("{before}(hidden){after}"), "{log:?}");
    }
    assert_eq!(masked(b"a\xff\xfeb\n", &[1]), "a\u{fffd}\u{fffd}b\n");
}

#[test]
fn a_private_key_is_hidden_line_by_line_until_its_end() {
    let log = "#7 0.1 -----BEGIN RSA PRIVATE KEY-----\n#7 0.1 MIIEow\r\n\n#7 0.1 AB==\n#7 0.1 -----END RSA PRIVATE KEY-----\nafter\n";
    let shown = "#7 0.1 (hidden)\n(hidden)\r\n\n(hidden)\n(hidden)\nafter\n";
    assert_eq!(masked(log.as_bytes(), &[5]), shown);
    let one_line = "-----BEGIN PRIVATE KEY-----\\nMIIEow\\n-----END PRIVATE KEY-----\nafter\n";
    assert_eq!(masked(one_line.as_bytes(), &[5]), "(hidden)\nafter\n");
    let endless = format!("-----BEGIN PRIVATE KEY-----\n{}", "line\n".repeat(1_000));
    let shown = masked(endless.as_bytes(), &[999]);
    assert_eq!(shown.matches(HIDDEN).count(), 251);
    assert!(shown.ends_with("line\n"), "a mention of keys does not hide the rest of the log");
}

#[test]
fn an_endless_line_is_cut_and_says_how_much_is_missing() {
    let log = format!("{}\nnext\n", "x".repeat(10 * LIMIT));
    let shown = masked(log.as_bytes(), &[100]);
    let (first, rest) = shown.split_once('\n').expect("two lines");
    assert_eq!(rest, "next\n");
    let (kept, note) = first.split_once('…').expect("a note");
    assert!(kept.len() < LIMIT && kept.len() > LIMIT / 2, "{}", kept.len());
    assert_eq!(note, format!(" ({} bytes left out)", 10 * LIMIT - kept.len()));
    let mut mask = mask();
    for _ in 0..1_000 {
        let _ = mask.push(&[b'x'; 10_000]);
    }
    assert!(format!("{mask:?}").len() < 200, "the state is small and not shown");
}

#[test]
fn a_secret_where_an_endless_line_is_cut_is_not_shown() {
    for secret in SECRETS.into_iter().chain([TOKEN]) {
        for start in LIMIT - secret.len() - 2..LIMIT + 2 {
            let log = format!("{} {secret} {}", "x".repeat(start - 1), "y".repeat(LIMIT));
            let shown = masked(log.as_bytes(), &[512]);
            assert!(!shown.contains(&secret[..5]), "{secret} at {start}");
        }
    }
}

#[tokio::test]
async fn secrets_of_the_task_are_redacted_too() {
    let mut values = Values::default();
    values.add("of-this-task");
    scope::within(values, async {
        assert_eq!(masked(b"of-this-task kanarien-vogel\n", &[4]), "(hidden) (hidden)\n");
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_output_is_the_same_for_every_division_and_no_secret_survives(
        parts in prop::collection::vec(
            prop_oneof![
                4 => "[ -~äö\u{200b}]{0,12}",
                4 => prop::sample::select(vec![
                    SECRETS[0], SECRETS[1], SECRETS[2], TOKEN, "kana\u{1b}[1mrien\u{1b}[0m-vogel", "kanarien-", "vogel",
                ]).prop_map(str::to_owned),
                2 => prop::sample::select(vec!["\n", "\r", "\r\n", "\u{1b}[31m", "\u{1b}]", "\u{7}", "\u{1b}", "\0"])
                    .prop_map(str::to_owned),
                1 => (0_usize..LIMIT).prop_map(|length| "z".repeat(length)),
            ],
            0..20,
        ),
        lengths in prop::collection::vec(1_usize..40, 1..20),
    ) {
        let log = parts.concat();
        let once = masked(log.as_bytes(), &[usize::MAX]);
        prop_assert_eq!(&masked(log.as_bytes(), &lengths), &once);
        prop_assert_eq!(&masked(log.as_bytes(), &[1]), &once);
        for secret in SECRETS.into_iter().chain([TOKEN]) {
            prop_assert!(!once.contains(secret), "{} in {:?}", secret, once);
            let is_shown = once.split(['\n', '\r']).any(|line| plain(line).contains(secret));
            prop_assert!(!is_shown, "{} is shown in {:?}", secret, once);
        }
    }

    #[test]
    fn any_bytes_are_redacted_alike_in_any_pieces(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        lengths in prop::collection::vec(1_usize..40, 1..20),
    ) {
        prop_assert_eq!(masked(&bytes, &lengths), masked(&bytes, &[usize::MAX]));
    }
}
