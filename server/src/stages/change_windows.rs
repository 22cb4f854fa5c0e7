//! Whether a stage takes changes at a time: its freeze, and its hours in its own place's time. Pure.

use domain::guard::inputs::Gate;
use domain::policy::{Policy, TimeOfDay, Weekday, Window};
use domain::stage::Freeze;
use domain::timestamp::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

/// Days that are looked ahead for the next opening: a window opens every week, but for one that falls into
/// the hour that summer time skips.
const DAYS_MAX: i8 = 15;

/// What is wrong with the windows' time zones; `None` when all are known.
#[must_use]
pub fn unknown_zone(policy: &Policy) -> Option<String> {
    let unknown = |window: &&Window| zone(window).is_none();
    policy.windows.iter().find(unknown).map(|window| {
        format!(
            "windows: “{}” is not a time zone of the IANA database; write it like Europe/Berlin",
            window.time_zone
        )
    })
}

/// Whether a stage takes changes now; `None` when it has neither freeze nor hours.
#[must_use]
pub fn gate(policy: &Policy, freeze: Option<&Freeze>, now: Timestamp) -> Option<Gate> {
    if let Some(Freeze { by, reason, .. }) = freeze {
        return Some(Gate::Frozen { by: by.clone(), reason: reason.clone() });
    }
    if policy.windows.is_empty() {
        return None;
    }
    let places: Vec<_> =
        policy.windows.iter().filter_map(|window| Some((window, local(window, now)?))).collect();
    if places.iter().any(|(window, here)| is_open(window, here)) {
        return Some(Gate::Open);
    }
    let next = places.iter().filter_map(|(window, here)| opening(window, here)).min();
    let opens = next.map_or_else(|| "never".to_owned(), |at| words(&at));
    Some(Gate::Outside { opens })
}

/// `on Monday, 30 March 2026 at 09:00 (Europe/Berlin)`
fn words(at: &Zoned) -> String {
    let zone = at.time_zone().iana_name().unwrap_or("UTC");
    format!("on {} ({zone})", at.strftime("%A, %-d %B %Y at %H:%M"))
}

fn zone(window: &Window) -> Option<TimeZone> {
    TimeZone::get(&window.time_zone).ok()
}

fn local(window: &Window, now: Timestamp) -> Option<Zoned> {
    let now = jiff::Timestamp::from_millisecond(now.0).ok()?;
    Some(now.to_zoned(zone(window)?))
}

fn is_open(window: &Window, here: &Zoned) -> bool {
    let minutes =
        u16::from(here.hour().unsigned_abs()) * 60 + u16::from(here.minute().unsigned_abs());
    let day = usize::from(here.weekday().to_monday_zero_offset().unsigned_abs());
    let day = Weekday::ALL.get(day);
    day.zip(TimeOfDay::from_minutes(minutes)).is_some_and(|(day, time)| window.is_open(*day, time))
}

/// When a window opens next after a time at which it is closed. That is at its first minute, which comes
/// twice on the day on which clocks go back, or when clocks go forward into it.
fn opening(window: &Window, here: &Zoned) -> Option<Zoned> {
    let zone = here.time_zone();
    let from = window.from.minutes();
    let first =
        Time::new(i8::try_from(from / 60).ok()?, i8::try_from(from % 60).ok()?, 0, 0).ok()?;
    let days =
        (0..DAYS_MAX).filter_map(|days| here.date().checked_add(Span::new().days(days)).ok());
    let begins = days.flat_map(|day| {
        let at = zone.to_ambiguous_zoned(day.to_datetime(first));
        [at.clone().earlier(), at.later()]
    });
    let turns = zone
        .following(here.timestamp())
        .take(1)
        .map(|turn| Ok(turn.timestamp().to_zoned(zone.clone())));
    let is_next = |at: &Zoned| at > here && is_open(window, at);
    begins.chain(turns).filter_map(Result::ok).filter(is_next).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn window(days: &[Weekday], from: &str, to: &str) -> Window {
        let time = |text: &str| TimeOfDay::try_from(text.to_owned()).expect("a time");
        Window {
            time_zone: "Europe/Berlin".to_owned(),
            days: days.iter().copied().collect::<BTreeSet<_>>(),
            from: time(from),
            to: time(to),
        }
    }

    fn at(utc: &str) -> Timestamp {
        Timestamp::parse_utc(utc).expect("a time")
    }

    fn says(window: &Window, utc: &str) -> String {
        let policy = Policy { windows: vec![window.clone()], ..Policy::default() };
        match gate(&policy, None, at(utc)) {
            Some(Gate::Open) => "open".to_owned(),
            Some(Gate::Outside { opens }) => opens,
            other => panic!("{other:?}"),
        }
    }

    /// Summer time began in Berlin on 29 March 2026 (02:00 became 03:00), and ended on 25 October (03:00
    /// became 02:00).
    #[test]
    fn hours_are_a_places_own_across_summer_time() {
        use Weekday::{Monday, Sunday};
        let office = window(&[Monday], "09:00", "17:00");
        let night = window(&[Sunday], "02:30", "04:00");
        let skipped = window(&[Sunday], "02:10", "02:50");
        for (window, utc, expected) in [
            // Winter: UTC+1. Summer: UTC+2.
            (&office, "2026-03-23T08:00", "open"),
            (&office, "2026-03-23T07:59", "on Monday, 23 March 2026 at 09:00 (Europe/Berlin)"),
            (&office, "2026-03-23T16:00", "on Monday, 30 March 2026 at 09:00 (Europe/Berlin)"),
            (&office, "2026-03-30T07:00", "open"),
            (&office, "2026-03-30T15:00", "on Monday, 6 April 2026 at 09:00 (Europe/Berlin)"),
            // Clocks go forward into it: it opens at 03:00.
            (&night, "2026-03-29T00:59", "on Sunday, 29 March 2026 at 03:00 (Europe/Berlin)"),
            (&night, "2026-03-29T01:00", "open"),
            (&night, "2026-03-29T02:00", "on Sunday, 5 April 2026 at 02:30 (Europe/Berlin)"),
            // It falls into the hour that is skipped, and opens a week later.
            (&skipped, "2026-03-28T12:00", "on Sunday, 5 April 2026 at 02:10 (Europe/Berlin)"),
            // Clocks go back in the middle of it: 02:30 comes twice.
            (&night, "2026-10-25T00:29", "on Sunday, 25 October 2026 at 02:30 (Europe/Berlin)"),
            (&night, "2026-10-25T00:30", "open"),
            (&night, "2026-10-25T01:00", "on Sunday, 25 October 2026 at 02:30 (Europe/Berlin)"),
            (&night, "2026-10-25T01:30", "open"),
            (&night, "2026-10-25T03:00", "on Sunday, 1 November 2026 at 02:30 (Europe/Berlin)"),
        ] {
            assert_eq!(says(window, utc), expected, "{window:?} at {utc}");
        }
    }

    #[test]
    fn the_first_of_several_windows_counts_and_a_freeze_before_all() {
        let early = Window {
            time_zone: "Asia/Tokyo".to_owned(),
            ..window(&[Weekday::Monday], "09:00", "10:00")
        };
        let late = window(&[Weekday::Monday], "09:00", "10:00");
        let policy = Policy { windows: vec![late, early], ..Policy::default() };
        let opens = gate(&policy, None, at("2026-06-07T12:00"));
        let Some(Gate::Outside { opens }) = opens else { panic!("{opens:?}") };
        assert_eq!(opens, "on Monday, 8 June 2026 at 09:00 (Asia/Tokyo)");
        assert_eq!(gate(&policy, None, at("2026-06-08T07:30")), Some(Gate::Open));
        let freeze =
            Freeze { by: "Leo Lead".to_owned(), at: Timestamp(0), reason: "exams".to_owned() };
        let frozen = gate(&policy, Some(&freeze), at("2026-06-08T07:30"));
        assert!(matches!(frozen, Some(Gate::Frozen { .. })), "{frozen:?}");
        assert_eq!(gate(&Policy::default(), None, at("2026-06-08T07:30")), None);
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let mut policy = Policy {
            windows: vec![window(&[Weekday::Monday], "09:00", "10:00")],
            ..Policy::default()
        };
        assert_eq!(unknown_zone(&policy), None);
        policy.windows[0].time_zone = "Europe/Bärlin".to_owned();
        assert!(unknown_zone(&policy).expect("refused").contains("Europe/Bärlin"));
    }
}
