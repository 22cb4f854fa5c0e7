//! The request timeout covers slow requests.

use super::case::Case;
use super::{Finding, Guard, blocks, passes, warns};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "timeout-covers-p99",
    rule: "The request timeout covers slow requests",
    help: "A request that takes longer than request_timeout_ms is answered 408 although the model's log \
           shows success. The timeout should be well above the slowest of a hundred requests that the \
           live deployment answers. Raise request_settings.request_timeout_ms (180,000 at most).",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let timeout = case.written().filter_map(|new| new.request_timeout_ms).min()?;
    let Some(p99) = case.facts.p99_ms else {
        return warns(format!(
            "How long live requests take is not known here. Requests above {timeout} ms will be answered 408."
        ));
    };
    if p99 >= timeout {
        blocks(format!(
            "One live request in a hundred takes {p99} ms or longer, and the timeout is {timeout} ms: they \
             would be answered 408. Raise request_timeout_ms."
        ))
    } else if u64::from(p99) * 10 > u64::from(timeout) * 7 {
        warns(format!(
            "One live request in a hundred takes {p99} ms or longer, close to the timeout of {timeout} ms. Raise \
             request_timeout_ms."
        ))
    } else {
        passes(format!(
            "Of a hundred live requests 99 take less than {p99} ms; the timeout is {timeout} ms."
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes, Warns};
    use crate::domain::guard::case::{Move, Wanted};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, wanted};

    #[test]
    fn table() {
        let on = endpoint("blue", "blue=100");
        let slow = |p99_ms| Facts { p99_ms, ..Facts::default() };
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
