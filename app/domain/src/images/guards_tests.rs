//! When replacing, deploying and deleting an image warns or is refused.

use super::guards::*;
use super::reference::ImageReference;
use crate::guard::Level::{Blocks, Passes, Warns};
use crate::guard::{Level, TABLE, Verdict};
use crate::route::Part;
use crate::stage::EndpointKey;

fn image(text: &str) -> ImageReference {
    text.parse().expect("a reference")
}

fn used(deployment: &str, part: Part, text: &str) -> ImageUse {
    ImageUse {
        at: EndpointKey {
            stage: "anet-prod".parse().expect("a stage"),
            endpoint: "anet-ep".parse().expect("an endpoint"),
        },
        deployment: deployment.parse().expect("a name"),
        part,
        version: "7".to_owned(),
        image: image(text),
    }
}

#[track_caller]
fn says(verdict: &Verdict, level: Level, parts: &[&str]) {
    assert_eq!(verdict.level, level, "{verdict:?}");
    assert!(parts.iter().all(|part| verdict.reason.contains(part)), "{verdict:?}");
    assert!(verdict.reason.ends_with('.'), "{verdict:?}");
}

#[test]
fn overwriting_a_tag_that_a_busy_deployment_refers_to_warns() {
    let digest = format!("sha256:{}", "0f".repeat(32));
    let tag = image("anet.azurecr.io/nbq:latest");
    let live = used("blue", Part::Live(90), "anet.azurecr.io/nbq");
    let warning = ["blue of anet-ep on anet-prod (live, 90 %) refers to the tag latest"];
    says(&pushing(&tag, std::slice::from_ref(&live)), Warns, &warning);
    let shadow = used("green", Part::Shadow(10), "anet.azurecr.io/nbq:latest");
    says(&pushing(&tag, &[shadow, live.clone()]), Warns, &["green", " and blue", " refer to"]);
    let idle = used("red", Part::Idle, "anet.azurecr.io/nbq:latest");
    says(&pushing(&tag, &[idle]), Passes, &["Only red", "without traffic refers to"]);
    for other in ["anet.azurecr.io/nbq:1", "anet.azurecr.io/other", "bnet.azurecr.io/nbq"] {
        says(&pushing(&tag, &[used("blue", Part::Live(100), other)]), Passes, &["No deployment"]);
    }
    let pinned = format!("anet.azurecr.io/nbq:latest@{digest}");
    says(&pushing(&tag, &[used("blue", Part::Live(100), &pinned)]), Passes, &["No deployment"]);
    says(&pushing(&image(&pinned), &[live]), Passes, &["by its digest"]);
}

#[test]
fn deleting_an_image_in_use_is_refused_also_without_traffic() {
    says(&deleting("nbq:7", &[]), Passes, &["No deployment uses nbq:7"]);
    let one = |name: &str| used(name, Part::Idle, "anet.azurecr.io/nbq:1");
    says(
        &deleting("nbq:7", &[one("blue")]),
        Blocks,
        &["(idle) uses nbq:7", "Delete the deployment first"],
    );
    let five = ["aaa", "bbb", "ccc", "ddd", "eee"].map(one);
    says(&deleting("nbq:7", &five), Blocks, &["aaa of", "ccc of", "and 2 more use nbq:7"]);
}

#[test]
fn ids_differ_from_each_other_and_from_those_of_changes() {
    let all = [TAG_UNUSED, VERSION_UNUSED];
    for (index, guard) in all.iter().enumerate() {
        assert!(TABLE.iter().all(|one| one.id != guard.id), "{}", guard.id);
        assert!(all.iter().skip(index + 1).all(|one| one.id != guard.id), "{}", guard.id);
        assert!(guard.help.len() > 80 && guard.rule.len() < 60, "{}", guard.id);
    }
}
