//! Every input is known.

use super::case::Case;
use super::{Finding, Guard, blocks};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "inputs-answered",
    rule: "Every input is known",
    help: "The workflow gives some inputs as expressions that only GitHub can work out, such as ${{ \
           inputs.deploy }}. The console does not guess them, because a plan made on a guess says \
           nothing. Answer each of them and look at the new plan.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let unanswered = &case.facts.unanswered;
    match unanswered.as_slice() {
        [] => None,
        [one] => {
            blocks(format!("{one} is an expression that only GitHub can work out. Give its value."))
        }
        many => blocks(format!(
            "{} are expressions that only GitHub can work out. Give their values.",
            many.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::Blocks;
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{endpoint, says};

    #[test]
    fn table() {
        let asked = |keys: &[&str]| Facts {
            unanswered: keys.iter().map(|key| (*key).to_owned()).collect(),
            ..Facts::default()
        };
        let on = endpoint("blue", "blue=100");
        says(GUARD, Some(&on), &[], &asked(&[]), None);
        says(GUARD, Some(&on), &[], &asked(&["deploy"]), Some((Blocks, "deploy is an expression")));
        says(GUARD, Some(&on), &[], &asked(&["a", "b"]), Some((Blocks, "a, b are expressions")));
    }
}
