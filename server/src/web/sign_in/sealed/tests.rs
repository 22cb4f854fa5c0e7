//! Cookies of sign-ins: lifetime, authenticity, limits.

use super::*;
use axum::http::header;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn seal(secret: &str) -> Seal {
    Seal::new(secret, Cookies { secure: true }).expect("keys")
}

fn done(to: &str) -> Note {
    Note::Done { to: to.to_owned() }
}

/// Stores and sends cookies.
#[derive(Default)]
struct Browser(BTreeMap<String, String>);

impl Browser {
    fn takes(&mut self, lines: Vec<HeaderValue>) {
        for line in lines {
            let line = line.to_str().expect("text");
            let (name, rest) = line.split_once('=').expect("a name");
            let (value, rest) = rest.split_once(';').expect("attributes");
            assert!(rest.contains("HttpOnly; SameSite=Lax; Secure; Path=/"), "{rest}");
            match value {
                "" => self.0.remove(name),
                value => self.0.insert(name.to_owned(), value.to_owned()),
            };
        }
    }

    fn sends(&self) -> HeaderMap {
        let all: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let line = HeaderValue::from_str(&all.join("; ")).expect("a header");
        HeaderMap::from_iter([(header::COOKIE, line)])
    }
}

#[test]
fn a_state_says_whether_it_is_ours_late_or_unknown() {
    let (seal, other) = (seal("secret"), seal("other"));
    let state = seal.state(NOW);
    let lasts = i64::try_from(LASTS.as_millis()).expect("small");
    assert_eq!(seal.judge(&state, NOW), Issue::Ours);
    assert_eq!(seal.judge(&state, Timestamp(NOW.0 + lasts)), Issue::Ours);
    assert_eq!(seal.judge(&state, Timestamp(NOW.0 + lasts + 1)), Issue::Late);
    // A replica whose clock is behind.
    assert_eq!(seal.judge(&state, Timestamp(NOW.0 - 1_000)), Issue::Ours);
    assert_eq!(other.judge(&state, NOW), Issue::Unknown);
    for wrong in ["", "x", "AAAA", &state[1..], &format!("{state}A"), &state.to_lowercase()] {
        assert_eq!(seal.judge(wrong, NOW), Issue::Unknown, "{wrong}");
    }
}

#[test]
fn a_note_opens_only_unchanged_with_its_state_and_key() {
    let one = seal("secret");
    let (state, other) = (one.state(NOW), one.state(NOW));
    let mut browser = Browser::default();
    browser.takes(one.keep(&HeaderMap::new(), &state, &done("/there"), NOW));
    let sent = browser.sends();
    assert!(matches!(one.find(&sent, &state), Some(Note::Done { to }) if to == "/there"));
    assert!(one.find(&sent, &other).is_none());
    assert!(seal("another").find(&sent, &state).is_none());
    let text = sent[header::COOKIE].to_str().expect("text");
    assert!(!text.contains("there"), "not encrypted: {text}");
    for index in text.find('.').expect("a point") + 1..text.len() {
        let mut bytes = text.as_bytes().to_vec();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        let value = HeaderValue::from_bytes(&bytes).expect("a header");
        let sent = HeaderMap::from_iter([(header::COOKIE, value)]);
        assert!(one.find(&sent, &state).is_none(), "byte {index} was changed");
    }
}

#[test]
fn several_started_sign_ins_are_kept_and_the_oldest_is_dropped() {
    let seal = seal("secret");
    let mut browser = Browser::default();
    let states: Vec<_> = (0..8).map(|n| seal.state(Timestamp(NOW.0 + n))).collect();
    for (n, state) in (0..).zip(&states) {
        let at = Timestamp(NOW.0 + n);
        browser.takes(seal.keep(&browser.sends(), state, &done("/"), at));
    }
    assert_eq!(browser.0.len(), STARTED_MAX);
    let sent = browser.sends();
    let known: Vec<_> = states.iter().map(|state| seal.find(&sent, state).is_some()).collect();
    assert_eq!(known, [false, false, false, true, true, true, true, true]);
    // Long notes leave room for fewer.
    let long = format!("/{}", "x".repeat(1_900));
    for n in 0..4 {
        let at = Timestamp(NOW.0 + 100 + n);
        browser.takes(seal.keep(&browser.sends(), &seal.state(at), &done(&long), at));
        assert!(browser.sends()[header::COOKIE].len() < 8_192);
    }
    browser.takes(seal.forget_all(&browser.sends()));
    assert!(browser.0.is_empty());
}

#[test]
fn a_state_works_once_and_few_used_states_are_remembered() {
    let seal = seal("secret");
    let state = seal.state(NOW);
    assert!(seal.take(&state, NOW));
    assert!(!seal.take(&state, NOW));
    assert!(!seal.take("never issued", NOW));
    for n in 0..10_000 {
        assert!(seal.take(&seal.state(Timestamp(NOW.0 + n)), Timestamp(NOW.0 + n)));
    }
    assert!(seal.used.lock().expect("no panic").len() <= USED_MAX);
}
