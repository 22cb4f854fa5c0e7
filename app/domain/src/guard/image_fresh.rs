//! The newest image is newer than the commit.

use super::context::GuardContext;
use super::inputs::Image;
use super::{Finding, Guard, Level, blocks, passes, warns};

pub(super) const GUARD: Guard = Guard {
    id: "image-fresh",
    rule: "The newest image is newer than the commit",
    help: "The templates deploy the latest image. If the build has not run since the commit, the deployment \
           serves old code although the commit appears to be deployed. Run the build first and wait until it \
           has succeeded.",
    levels: &[Level::Passes, Level::Warns, Level::Blocks],
    judged_at_start: true,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    case.facts.release_environment.as_ref()?;
    case.written().next()?;
    match &case.facts.image {
        None => warns(
            "When the image was built is not known here. Make sure that the build of this commit has run.",
        ),
        Some(Image::Missing) => blocks(
            "The environment has no image yet. Run the build and wait until it has succeeded.",
        ),
        Some(Image::Built { at, commit_at }) if at < commit_at => blocks(format!(
            "The newest image is of {}, older than the commit of {}. Run the build first.",
            at.utc(),
            commit_at.utc()
        )),
        Some(Image::Built { at, .. }) => passes(format!(
            "The newest image was registered after the commit, {}. Azure does not record the commit that an image \
             was built from.",
            at.utc()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes, Warns};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{delete, endpoint, says, wanted};
    use crate::guard::inputs::GuardInputs;
    use crate::timestamp::Timestamp;

    #[test]
    fn an_image_older_than_the_commit_blocks() {
        let on = endpoint("blue", "blue=100");
        let image = |image| GuardInputs {
            image,
            release_environment: Some("env".to_owned()),
            ..GuardInputs::default()
        };
        let built = |at, commit| {
            image(Some(Image::Built { at: Timestamp(at), commit_at: Timestamp(commit) }))
        };
        let create = [Move::Create(wanted("green"))];
        says(GUARD, Some(&on), &create, &image(None), Some((Warns, "not known")));
        says(GUARD, Some(&on), &create, &image(Some(Image::Missing)), Some((Blocks, "no image")));
        says(
            GUARD,
            Some(&on),
            &create,
            &built(1000, 2000),
            Some((Blocks, "older than the commit")),
        );
        says(GUARD, Some(&on), &create, &built(2000, 1000), Some((Passes, "after the commit")));
        says(GUARD, Some(&on), &create, &GuardInputs::default(), None);
        says(GUARD, Some(&on), &[delete("blue")], &image(None), None);
    }
}
