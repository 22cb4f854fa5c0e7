//! Which tests run with stale reads: a share of all, chosen by a seed and by name.

use emulator::StaleReads;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// One in this many tests has stale reads.
const SHARE: u64 = 4;
/// The variable that sets a seed other than 0; `all` gives every test stale reads, `none` gives no test
/// any.
const SEED: &str = "STALE_SEED";

#[expect(clippy::disallowed_methods, reason = "the person who runs the tests chooses the seed")]
fn said() -> Option<String> {
    std::env::var(SEED).ok()
}

/// The settings of this test. The test runner shows the printed line when the test fails.
pub fn of_this_test() -> StaleReads {
    let said = said().unwrap_or_default();
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let mut hasher = DefaultHasher::new();
    (said.parse().unwrap_or(0_u64), &name).hash(&mut hasher);
    let seed = hasher.finish();
    let has_any = match said.as_str() {
        "all" => true,
        "none" => false,
        _ => seed.is_multiple_of(SHARE),
    };
    if !has_any {
        return StaleReads::default();
    }
    let stale = of_seed(seed);
    eprintln!("{name}: {SEED}={said}: Azure's reads are stale here: {stale:?}");
    stale
}

/// Never more stale answers in a row than the console tolerates.
fn of_seed(seed: u64) -> StaleReads {
    let of = |shift: u32, from: u64, to: u64| from + (seed >> shift) % (to - from + 1);
    let seconds = |shift| of(shift, 1, 6) as f64;
    StaleReads {
        endpoint_s: seconds(8),
        deployment_s: seconds(16),
        list_s: seconds(24),
        reads_max: u32::try_from(of(32, 1, 3)).ok(),
        flapping: of(40, 0, 1) == 1,
        seed,
    }
}
