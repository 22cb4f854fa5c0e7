//! The alert rule counts what failed.

use super::case::Case;
use super::facts::AlertQuery;
use super::{Finding, Guard, passes};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "alert-counts-numbers",
    rule: "The alert rule counts what failed",
    help: "The rule counts answers other than 200 in the log AmlOnlineEndpointTrafficLog. Its column \
           ResponseCode holds numbers, so the console's rule compares numbers: toint(ResponseCode) != 200. The \
           templates compare it with the text '200'. Azure takes both, and a rule as the templates make it is \
           no difference.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    match case.facts.alert_query? {
        AlertQuery::AsNumbers => passes(
            "The rule's query compares toint(ResponseCode) with 200, because the column holds numbers.",
        ),
        AlertQuery::OfTemplates => passes(
            "The rule is there as the templates make it, and is left as it is. Its query compares \
             ResponseCode with the text '200'; the console would write toint(ResponseCode) != 200.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::Passes;
    use crate::domain::guard::case::Move;
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{endpoint, says};

    #[test]
    fn the_plan_says_how_codes_are_compared() {
        let on = endpoint("blue", "blue=100");
        for (query, said) in [
            (None, None),
            (Some(AlertQuery::AsNumbers), Some((Passes, "because the column holds numbers"))),
            (Some(AlertQuery::OfTemplates), Some((Passes, "as the templates make it"))),
        ] {
            let facts = Facts { alert_query: query, ..Facts::default() };
            says(GUARD, Some(&on), &[Move::Observe], &facts, said);
        }
    }
}
