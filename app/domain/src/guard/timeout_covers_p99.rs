//! The request timeout covers slow requests.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes, warns};

pub(super) const GUARD: Guard = Guard {
    id: "timeout-covers-p99",
    rule: "The request timeout covers slow requests",
    help: "A request that takes longer than request_timeout_ms is answered 408 although the model's log \
           shows success. This guard compares the timeout with the minute p99 of live requests: over the last half \
           hour, 90 % of them fell in minutes with this p99 or a lower one. Azure gives percentiles of single minutes \
           only, so the p99 of all these requests is not known. Raise request_settings.request_timeout_ms (180,000 \
           at most).",
    levels: &[Level::Passes, Level::Warns, Level::Blocks],
    judged_at_start: true,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let timeout = case.written().filter_map(|new| new.request_timeout_ms).min()?;
    let Some(p99) = case.facts.minute_p99_ms else {
        return warns(format!(
            "How long live requests take is not known here. Requests above {timeout} ms will be answered 408."
        ));
    };
    if p99 >= timeout {
        blocks(format!(
            "In the last half hour, more than 10 % of live requests fell in minutes with a p99 of about {p99} ms or \
             more, and the timeout is {timeout} ms: slow requests would be answered 408. Raise request_timeout_ms."
        ))
    } else if u64::from(p99) * 10 > u64::from(timeout) * 7 {
        warns(format!(
            "In the last half hour, more than 10 % of live requests fell in minutes with a p99 of about {p99} ms or \
             more, close to the timeout of {timeout} ms. Raise request_timeout_ms."
        ))
    } else {
        passes(format!(
            "In the last half hour, 90 % of live requests fell in minutes with a p99 of at most {p99} ms. The timeout \
             is {timeout} ms."
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes, Warns};
    use crate::guard::context::{Move, Wanted};
    use crate::guard::fixtures::{delete, endpoint, says, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_timeout_near_the_minute_p99_warns_and_one_below_blocks() {
        let on = endpoint("blue", "blue=100");
        let slow = |minute_p99_ms| GuardInputs { minute_p99_ms, ..GuardInputs::default() };
        let create = [Move::Create(wanted("green"))];
        says(GUARD, Some(&on), &create, &slow(None), Some((Warns, "not known")));
        says(GUARD, Some(&on), &create, &slow(Some(3_500)), Some((Passes, "3500 ms")));
        says(GUARD, Some(&on), &create, &slow(Some(3_501)), Some((Warns, "close to the timeout")));
        says(GUARD, Some(&on), &create, &slow(Some(5_000)), Some((Blocks, "Raise")));
        let none = [Move::Create(Wanted { request_timeout_ms: None, ..wanted("green") })];
        says(GUARD, Some(&on), &none, &slow(Some(9_000)), None);
        says(GUARD, Some(&on), &[delete("blue")], &slow(None), None);
    }
}
