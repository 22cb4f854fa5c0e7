//! Every input is known.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks};

pub(super) const GUARD: Guard = Guard {
    id: "inputs-answered",
    rule: "Every input is known",
    help: "The workflow gives some inputs as expressions that only GitHub can work out, such as ${{ \
           inputs.deploy }}. The console does not guess their values. Answer each of them and \
           review the new plan.",
    levels: &[Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
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
    use crate::guard::Level::Blocks;
    use crate::guard::fixtures::{endpoint, says};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn an_unanswered_input_blocks() {
        let asked = |keys: &[&str]| GuardInputs {
            unanswered: keys.iter().map(|key| (*key).to_owned()).collect(),
            ..GuardInputs::default()
        };
        let on = endpoint("blue", "blue=100");
        says(GUARD, Some(&on), &[], &asked(&[]), None);
        says(GUARD, Some(&on), &[], &asked(&["deploy"]), Some((Blocks, "deploy is an expression")));
        says(GUARD, Some(&on), &[], &asked(&["a", "b"]), Some((Blocks, "a, b are expressions")));
    }
}
