//! Guards of images: what to know before an image is replaced or deleted.
//!
//! These rules concern acts outside of a change's moves, so they are not in [`crate::guard::TABLE`]. Their verdicts have
//! the same form.

use super::reference::ImageReference;
use crate::guard::Level::{Blocks, Passes, Warns};
use crate::guard::{Level, Verdict};
use crate::name::DeploymentName;
use crate::route::Part;
use crate::stage::EndpointKey;
use serde::{Deserialize, Serialize};

/// Most deployments that a sentence names.
const NAMED_MAX: usize = 3;

/// A deployment and the image that its environment version refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageUse {
    pub at: EndpointKey,
    pub deployment: DeploymentName,
    pub part: Part,
    /// The version of the environment.
    pub version: String,
    pub image: ImageReference,
}

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageGuard {
    /// The id in kebab case. It never changes, because stored verdicts contain it.
    pub id: &'static str,
    /// The rule, in a few words.
    pub rule: &'static str,
    /// The rule in full, the reason for it, and what to do in general.
    pub help: &'static str,
}

impl ImageGuard {
    fn verdict(&self, level: Level, reason: String) -> Verdict {
        let (guard, rule, help) = (self.id.to_owned(), self.rule.to_owned(), self.help.to_owned());
        Verdict { guard, rule, level, reason, help }
    }
}

/// A pushed tag is not the one that a deployment refers to.
pub const TAG_UNUSED: ImageGuard = ImageGuard {
    id: "image-tag-unused",
    rule: "No deployment depends on the pushed tag",
    help: "A deployment whose environment version names a tag pulls the image whenever an instance starts: when it scales \
           out, and when Azure replaces a machine. If the tag is pushed again, new instances run other code than the \
           present ones, and nobody approved it. Push under the commit's tag, and register the environment version \
           with the digest.",
};

/// A deleted image version is not used.
pub const VERSION_UNUSED: ImageGuard = ImageGuard {
    id: "image-version-unused",
    rule: "No deployment uses the deleted image",
    help: "Without its image a deployment cannot start an instance: it can neither scale out nor recover from the loss of a \
           machine. A deployment without traffic needs its image too, because it may be what a rollback returns to. Delete \
           the deployments first, or deploy another version to them.",
};

/// Judges pushing a tag: it warns if a deployment with live or mirrored traffic refers to the tag.
#[must_use]
pub fn pushing(tag: &ImageReference, uses: &[ImageUse]) -> Verdict {
    let Some(pushed) = tag.moving_tag() else {
        let reason = "The image is pushed by its digest, which nothing else can replace.";
        return TAG_UNUSED.verdict(Passes, reason.to_owned());
    };
    let refers = |one: &&ImageUse| {
        one.image.is_in_repository_of(tag) && one.image.moving_tag() == Some(pushed)
    };
    let (idle, busy): (Vec<_>, Vec<_>) =
        uses.iter().filter(refers).partition(|one| one.part == Part::Idle);
    match (busy.as_slice(), idle.as_slice()) {
        ([], []) => TAG_UNUSED.verdict(Passes, format!("No deployment refers to the tag {pushed}.")),
        ([], idle) => TAG_UNUSED.verdict(
            Passes,
            format!(
                "Only {} without traffic {} to the tag {pushed}; new instances will run the new image.",
                named(idle),
                verb(idle, "refers", "refer")
            ),
        ),
        (busy, _) => TAG_UNUSED.verdict(
            Warns,
            format!(
                "{} {} to the tag {pushed}: instances that start after the push run the new image, and the others the \
                 old one. Push under the commit's tag only, or accept that the code of {} changes.",
                named(busy),
                verb(busy, "refers", "refer"),
                verb(busy, "this deployment", "these deployments")
            ),
        ),
    }
}

/// Judges deleting the image version that these deployments use: it blocks if there are any, also without traffic.
#[must_use]
pub fn deleting(version: &str, used_by: &[ImageUse]) -> Verdict {
    let uses: Vec<_> = used_by.iter().collect();
    match uses.as_slice() {
        [] => VERSION_UNUSED.verdict(Passes, format!("No deployment uses {version}.")),
        uses => VERSION_UNUSED.verdict(
            Blocks,
            format!(
                "{} {} {version}. Delete {} first, or deploy another version to {}.",
                named(uses),
                verb(uses, "uses", "use"),
                verb(uses, "the deployment", "the deployments"),
                verb(uses, "it", "them")
            ),
        ),
    }
}

fn verb(uses: &[&ImageUse], one: &'static str, several: &'static str) -> &'static str {
    if uses.len() == 1 { one } else { several }
}

/// The deployments in words: `blue of anet-ep on anet-prod (live, 90 %)`.
fn named(uses: &[&ImageUse]) -> String {
    let word = |one: &&ImageUse| {
        format!("{} of {} on {} ({})", one.deployment, one.at.endpoint, one.at.stage, one.part)
    };
    let mut words: Vec<_> = uses.iter().take(NAMED_MAX).map(word).collect();
    let more = uses.len().saturating_sub(NAMED_MAX);
    if more > 0 {
        words.push(format!("{more} more"));
    }
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} and {last}", words.join(", ")),
        last => last.unwrap_or_default(),
    }
}
