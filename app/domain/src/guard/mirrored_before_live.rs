//! A deployment is mirrored before it goes live.

use super::context::GuardContext;
use super::{Finding, Guard, Level, passes, warns};
use crate::route::Part;

pub(super) const GUARD: Guard = Guard {
    id: "mirrored-before-live",
    rule: "Mirrored before live",
    help: "A new version is best compared with the live one on mirrored traffic before clients get its \
           answers. This is only a warning: the versions may have been compared in another way, or the change \
           may return to a version that was live before.",
    levels: &[Level::Passes, Level::Warns],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
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
    use crate::guard::Level::{Passes, Warns};
    use crate::guard::fixtures::{delete, endpoint, says, set_route};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn an_idle_deployment_that_goes_live_warns() {
        let facts = GuardInputs::default();
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
