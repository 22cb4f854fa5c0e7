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
        Some(image @ Image::BuiltFrom { commit, .. }) if image.is_of_the_commit() => {
            passes(format!("The newest image was built from this commit, {}.", short(commit)))
        }
        Some(Image::BuiltFrom { from, commit }) => warns(format!(
            "The newest image was built from {}, and the release is of {}: the deployment would run the other commit's \
             code. Build {} first.",
            short(from),
            short(commit),
            short(commit)
        )),
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

/// A hash as GitHub shows it.
fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
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
    fn an_image_older_than_the_commit_blocks_and_one_of_another_commit_warns() {
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
        let of = |from: &str| {
            let commit = "4b446479c2d1e0f3a5b6c7d8e9f0a1b2c3d4e5f6".to_owned();
            image(Some(Image::BuiltFrom { from: from.to_owned(), commit }))
        };
        let other = of("00446479c2d1e0f3a5b6c7d8e9f0a1b2c3d4e5f6");
        says(GUARD, Some(&on), &create, &other, Some((Warns, "was built from 0044647, and")));
        let same = of("4B446479C2D1E0F3A5B6C7D8E9F0A1B2C3D4E5F6");
        says(GUARD, Some(&on), &create, &same, Some((Passes, "from this commit, 4b44647.")));
        says(GUARD, Some(&on), &create, &GuardInputs::default(), None);
        says(GUARD, Some(&on), &[delete("blue")], &image(None), None);
    }
}
