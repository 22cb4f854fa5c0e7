//! The endpoint's bandwidth suffices for the mirror.

use super::context::GuardContext;
use super::inputs::Bandwidth;
use super::{Finding, Guard, Level, blocks, passes, warns};

pub(super) const GUARD: Guard = Guard {
    id: "bandwidth-suffices",
    rule: "Bandwidth suffices for the mirror",
    help: "Copies of mirrored requests count against the endpoint's bandwidth (5 MB/s by default; \
           Azure: quotas of online endpoints). When it is used up, Azure throttles, and live clients \
           wait as well. Mirror less, or have the limit raised and set the new limit in the configuration \
           (bandwidth_mb_per_s of the stage).",
    levels: &[Level::Passes, Level::Warns, Level::Blocks],
    judged_at_start: true,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let mirror = case.after()?.mirror()?;
    let percent = mirror.percent();
    if case.before().mirror().is_some_and(|now| now.percent() >= percent) {
        return passes("The mirror does not grow.");
    }
    let Some(Bandwidth { live_bytes_per_s, limit_bytes_per_s }) = case.facts.bandwidth else {
        return warns(format!(
            "The endpoint's bandwidth is not known here. Mirroring {percent} % adds up to {percent} % of what \
             live traffic uses; Azure's default limit is 5 MB/s. Look at the network chart first."
        ));
    };
    let needed = live_bytes_per_s.saturating_mul(100 + u64::from(percent)) / 100;
    let (needed_kb, limit_kb) = (needed / 1000, limit_bytes_per_s / 1000);
    if needed > limit_bytes_per_s {
        blocks(format!(
            "With {percent} % mirrored the endpoint needs {needed_kb} kB/s of its {limit_kb} kB/s; Azure would \
             throttle live clients as well. Mirror less."
        ))
    } else if needed > limit_bytes_per_s / 10 * 8 {
        warns(format!(
            "With {percent} % mirrored the endpoint uses {needed_kb} kB/s of its {limit_kb} kB/s: little is left."
        ))
    } else {
        passes(format!(
            "By the busiest minute of the last half hour, {needed_kb} kB/s of {limit_kb} kB/s are used with \
             {percent} % mirrored."
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes, Warns};
    use crate::guard::fixtures::{endpoint, says, set_route};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_growing_mirror_must_fit_into_the_measured_bandwidth() {
        let on = endpoint("blue green", "blue=100;mirror=green:10");
        let mirror = [set_route("blue=100;mirror=green:50")];
        let used = |live_bytes_per_s| GuardInputs {
            bandwidth: Some(Bandwidth { live_bytes_per_s, limit_bytes_per_s: 5_000_000 }),
            ..GuardInputs::default()
        };
        let unknown = GuardInputs::default();
        says(GUARD, Some(&on), &mirror, &unknown, Some((Warns, "is not known")));
        says(GUARD, Some(&on), &mirror, &used(1_000_000), Some((Passes, "1500 kB/s of 5000")));
        says(GUARD, Some(&on), &mirror, &used(3_000_000), Some((Warns, "little is left")));
        says(GUARD, Some(&on), &mirror, &used(3_400_000), Some((Blocks, "5100 kB/s")));
        let same = [set_route("blue=100;mirror=green:10")];
        says(GUARD, Some(&on), &same, &unknown, Some((Passes, "does not grow")));
        says(GUARD, Some(&on), &[set_route("green=100")], &unknown, None);
    }
}
