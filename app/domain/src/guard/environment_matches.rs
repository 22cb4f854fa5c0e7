//! Build and deployment name the same environment.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes, warns};

pub(super) const GUARD: Guard = Guard {
    id: "environment-matches",
    rule: "Build and deployment name the same environment",
    help: "The build's ml_env_name and the environment in the deployment's YAML must be the same name; \
           otherwise the deployment runs an image that this release does not build. Correct one of the two.",
    levels: &[Level::Passes, Level::Warns, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let built = case.facts.release_environment.as_deref()?;
    case.written().next()?;
    let other =
        case.written().find(|new| new.environment.as_deref().is_some_and(|name| name != built));
    let none = case.written().find(|new| new.environment.is_none());
    match (other, none) {
        (Some(other), _) => {
            let named = other.environment.as_deref().unwrap_or_default();
            blocks(format!(
                "{} uses the environment {named}, and the release builds {built}. Correct ml_env_name or the \
                 deployment's YAML.",
                other.name
            ))
        }
        (None, Some(new)) => warns(format!(
            "{} names no environment, and the release builds {built}. The deployment may not use this image.",
            new.name
        )),
        (None, None) => {
            passes(format!("Build and deployment both name {built}. Versions are not compared."))
        }
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
    fn another_environment_blocks_and_a_missing_name_warns() {
        let on = endpoint("blue", "blue=100");
        let built = |text: &str| GuardInputs {
            release_environment: Some(text.to_owned()),
            ..GuardInputs::default()
        };
        let create = [Move::Create(wanted("green"))];
        says(GUARD, Some(&on), &create, &built("env"), Some((Passes, "both name env")));
        says(
            GUARD,
            Some(&on),
            &create,
            &built("other"),
            Some((Blocks, "the release builds other")),
        );
        let none = [Move::Create(Wanted { environment: None, ..wanted("green") })];
        says(GUARD, Some(&on), &none, &built("env"), Some((Warns, "names no environment")));
        says(GUARD, Some(&on), &create, &GuardInputs::default(), None);
        says(GUARD, Some(&on), &[delete("blue")], &built("other"), None);
    }
}
