//! A day of requests that never happened, for a demonstration: the same ones for the same endpoint and end. People are
//! awake by day, some requests fail, and one afternoon's disk was full.

use std::time::Duration;

use time::OffsetDateTime;

/// How busy an endpoint was.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Requests per minute at 3:00 and at 15:00 UTC.
    pub night: f64,
    pub day: f64,
    /// Whether it had the incident.
    pub has_incident: bool,
}

/// How long before the end the incident began, and how long it took.
const INCIDENT_BEFORE: Duration = Duration::from_secs(6 * 3600);
const INCIDENT: Duration = Duration::from_secs(25 * 60);
/// The recorded time, in minutes.
const MINUTES: i64 = 24 * 60;
/// The deployment's request timeout, which the demo's settings name.
const TIMEOUT_MS: f64 = 30_000.0;

/// A recorded request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Past {
    pub at: OffsetDateTime,
    pub status: u16,
    pub model_status: Option<u16>,
    pub total_ms: u32,
    pub bytes_in: usize,
    pub bytes_out: usize,
    /// The number of its request id.
    pub id: u128,
}

impl Past {
    /// Whether a deployment was chosen for it.
    pub fn has_deployment(&self) -> bool {
        self.status != 401
    }
}

/// Numbers that look random (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Positive, with a mean.
    fn around(&mut self, mean: f64) -> f64 {
        -(1.0 - self.share()).ln() * mean
    }
}

/// The requests of the 24 hours before `until`, oldest first.
pub fn day(
    endpoint: &str,
    profile: Profile,
    until: OffsetDateTime,
) -> impl Iterator<Item = Past> + use<> {
    let name = endpoint
        .bytes()
        .fold(17_u64, |seed, byte| seed.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte));
    let mut dice = Dice(name ^ until.unix_timestamp().unsigned_abs());
    (0..MINUTES).flat_map(move |minute| {
        let begin = until - time::Duration::minutes(MINUTES - minute);
        let busy = busy(begin);
        let rate = profile.night + (profile.day - profile.night) * busy;
        let count = (rate * (0.85 + 0.3 * dice.share()) + dice.share()) as u32;
        let is_broken = profile.has_incident && is_in_incident(begin, until);
        let one = |number: u32| {
            let second = (f64::from(number) + dice.share()) * 60.0 / f64::from(count);
            let at = begin + Duration::from_secs_f64(second.min(59.999));
            request(&mut dice, at, busy, is_broken)
        };
        (0..count).map(one).collect::<Vec<_>>()
    })
}

/// From 0 in the night to 1 by day.
fn busy(at: OffsetDateTime) -> f64 {
    let hours = f64::from(at.hour()) + f64::from(at.minute()) / 60.0;
    let wave = 0.5 - 0.5 * ((hours - 3.0) / 24.0 * std::f64::consts::TAU).cos();
    wave.powf(1.5)
}

/// Whether a time is in the incident of the day that ends with `until`.
pub fn is_in_incident(at: OffsetDateTime, until: OffsetDateTime) -> bool {
    let begin = until - INCIDENT_BEFORE;
    at >= begin && at < begin + INCIDENT
}

/// When the incident was over.
pub fn incident_end(until: OffsetDateTime) -> OffsetDateTime {
    until - INCIDENT_BEFORE + INCIDENT
}

fn request(dice: &mut Dice, at: OffsetDateTime, busy: f64, is_broken: bool) -> Past {
    let luck = dice.share();
    let (status, model_status) = if is_broken {
        match luck {
            ..0.14 => (424, Some(500)),
            ..0.16 => (429, None),
            ..0.19 => (503, None),
            _ => (200, Some(200)),
        }
    } else {
        match luck {
            ..0.0015 => (424, Some(500)),
            ..0.0018 => (408, None),
            ..0.0021 => (429, None),
            ..0.0026 => (401, None),
            _ => (200, Some(200)),
        }
    };
    let slow = if dice.share() < 0.01 { 5.0 } else { 1.0 };
    let trouble = if is_broken { 7.0 } else { 1.0 };
    let model_ms = (6.0 + dice.around(9.0)) * (1.0 + 0.6 * busy) * slow * trouble;
    let total_ms = match status {
        408 => TIMEOUT_MS,
        401 | 429 | 503 => 1.0,
        _ => model_ms.min(TIMEOUT_MS - 1.0),
    };
    Past {
        at,
        status,
        model_status,
        total_ms: total_ms as u32,
        bytes_in: 260 + (dice.next() % 400) as usize,
        bytes_out: if status == 200 { 180 + (dice.next() % 60) as usize } else { 110 },
        id: (u128::from(dice.next()) << 64) | u128::from(dice.next()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const UNTIL: OffsetDateTime = datetime!(2026-03-02 16:40 UTC);
    const BUSY: Profile = Profile { night: 30.0, day: 180.0, has_incident: true };

    #[test]
    fn the_same_day_is_recorded_again_and_in_order() {
        let first: Vec<Past> = day("anet-ep-prod", BUSY, UNTIL).collect();
        assert!(first.iter().eq(day("anet-ep-prod", BUSY, UNTIL).collect::<Vec<_>>().iter()));
        assert!(first.is_sorted_by_key(|past| past.at), "oldest first");
        let day_before = UNTIL - time::Duration::DAY;
        assert!(first.iter().all(|past| past.at >= day_before && past.at < UNTIL));
        let other: Vec<Past> = day("anet-ep-dev", BUSY, UNTIL).take(50).collect();
        assert!(!first.iter().take(50).eq(other.iter()), "another endpoint has another day");
    }

    #[test]
    fn the_day_has_a_shape_some_errors_and_one_incident() {
        let all: Vec<Past> = day("anet-ep-prod", BUSY, UNTIL).collect();
        let at = |hour: u8| all.iter().filter(|past| past.at.hour() == hour).count();
        assert!(at(15) > 4 * at(3), "{} by day, {} by night", at(15), at(3));
        let failed = |is_broken: bool| {
            let of: Vec<_> =
                all.iter().filter(|past| is_in_incident(past.at, UNTIL) == is_broken).collect();
            let failed = of.iter().filter(|past| past.status != 200).count();
            failed as f64 / of.len() as f64
        };
        assert!(failed(true) > 0.1, "{}", failed(true));
        assert!(failed(false) > 0.0005 && failed(false) < 0.01, "{}", failed(false));
    }
}
