//! Mirrored before live.

use super::case::Case;
use super::{Finding, Guard, passes, warns};
use crate::domain::route::Part;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "mirrored-before-live",
    rule: "Mirrored before live",
    help: "A new version is best compared with the live one on mirrored traffic before any client sees \
           it. This is a warning: someone may have compared them in another way, or be going back to a \
           version that was live before.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let after = case.after()?;
    let before = case.before();
    let mut who = String::new();
    for (name, _) in after.split().iter() {
        if before.part(name) == Part::Idle {
            let comma = if who.is_empty() { "" } else { ", " };
            who = format!("{who}{comma}{name}");
        }
    }
    if who.is_empty() {
        passes("Every deployment that goes live is already live or mirrored.")
    } else if before.split().is_off() {
        passes("Live traffic is off now, so there was nothing to mirror.")
    } else {
        warns(format!(
            "{who} would take live traffic without being mirrored now. Mirror traffic to it first if it \
             has not been compared."
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Passes, Warns};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, set_route};

    #[test]
    fn table() {
        let facts = Facts::default();
        let on = endpoint("blue green red", "blue=100;mirror=green:20");
        says(
            GUARD,
            Some(&on),
            &[set_route("green=100")],
            &facts,
            Some((Passes, "already live or mirrored")),
        );
        let red = [set_route("blue=90,red=10")];
        says(GUARD, Some(&on), &red, &facts, Some((Warns, "red would take live traffic")));
        let off = endpoint("blue", "");
        says(
            GUARD,
            Some(&off),
            &[set_route("blue=100")],
            &facts,
            Some((Passes, "nothing to mirror")),
        );
        says(GUARD, Some(&off), &[delete("blue")], &facts, None);
    }
}
