//! References as docker, registries and Azure write them.

use super::reference::{
    ImageDigest, ImageReference, ImageTag, NAME_BYTES_MAX, ReferenceError, TAG_BYTES_MAX,
};
use proptest::prelude::*;

const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn parse(text: &str) -> Result<ImageReference, ReferenceError> {
    text.replace("DIGEST", DIGEST).parse()
}

#[test]
fn a_reference_has_a_registry_a_repository_a_tag_and_a_digest() {
    for (text, registry, repository, tag, has_digest, moving) in [
        ("nginx", None, "nginx", None, false, Some("latest")),
        ("library/nginx:1.27", None, "library/nginx", Some("1.27"), false, Some("1.27")),
        ("anet.azurecr.io/nbq", Some("anet.azurecr.io"), "nbq", None, false, Some("latest")),
        (
            "anet.azurecr.io/a/b-c__d.e:4b44_6",
            Some("anet.azurecr.io"),
            "a/b-c__d.e",
            Some("4b44_6"),
            false,
            Some("4b44_6"),
        ),
        ("127.0.0.1:5000/nbq:1", Some("127.0.0.1:5000"), "nbq", Some("1"), false, Some("1")),
        ("localhost/nbq", Some("localhost"), "nbq", None, false, Some("latest")),
        ("Host.example/nbq@DIGEST", Some("Host.example"), "nbq", None, true, None),
        ("anet.azurecr.io/nbq:1@DIGEST", Some("anet.azurecr.io"), "nbq", Some("1"), true, None),
        ("a---b:_", None, "a---b", Some("_"), false, Some("_")),
    ] {
        let found = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((found.registry(), found.repository()), (registry, repository), "{text}");
        assert_eq!(
            (found.tag().map(ImageTag::as_str), found.moving_tag()),
            (tag, moving),
            "{text}"
        );
        assert_eq!(
            found.digest().map(ImageDigest::short),
            has_digest.then_some("9f86d081884c"),
            "{text}"
        );
        assert_eq!(found.to_string(), text.replace("DIGEST", DIGEST));
    }
}

#[test]
fn anything_else_is_refused_with_the_reason() {
    let long = |length: usize| "a".repeat(length);
    assert!(parse(&long(NAME_BYTES_MAX)).is_ok());
    assert_eq!(parse(&long(NAME_BYTES_MAX + 1)), Err(ReferenceError::Long(NAME_BYTES_MAX + 1)));
    for text in [
        "",
        "/",
        "a//b",
        "/a",
        "a/",
        "A/b",
        "anet.azurecr.io/Nbq",
        "a..b",
        "a.-b",
        "a___b",
        "-a",
        "a_",
        "a b",
        "ä",
        "a/../b",
        "anet.azurecr.io",
        "a\u{0}",
        "a\n",
    ] {
        let expected =
            if text == "anet.azurecr.io" { Ok(()) } else { Err(ReferenceError::Repository) };
        assert_eq!(parse(text).map(|_| ()), expected, "{text:?}");
    }
    for text in
        ["a:0/b", "a:99999/b", "a:/b", "-a.b/c", "a..b/c", "a.b:x/c", "[::1]:5000/c", "a_b.c/d"]
    {
        assert_eq!(parse(text), Err(ReferenceError::Registry), "{text:?}");
    }
    let too_long = format!("a:{}", long(TAG_BYTES_MAX + 1));
    for text in ["a:", "a:.b", "a:-b", "a:b:c", "a:b c", "a:ä", "a:team='x'", too_long.as_str()] {
        assert!(matches!(parse(text), Err(ReferenceError::Tag(_))), "{text:?}");
    }
    let upper = DIGEST.to_uppercase();
    for digest in [
        "",
        "sha256:",
        "sha256:9f",
        "md5:9f86d081884c7d659a2feaa0c55ad015",
        DIGEST.trim_end_matches('8'),
        &upper,
    ] {
        assert!(
            matches!(parse(&format!("a@{digest}")), Err(ReferenceError::Digest(_))),
            "{digest:?}"
        );
    }
    assert!(parse("a@DIGEST@DIGEST").is_err() && parse("@DIGEST").is_err());
    assert!(format!("sha512:{}", "0f".repeat(64)).parse::<ImageDigest>().is_ok());
}

#[test]
fn tag_and_digest_can_be_replaced() {
    let image = parse("anet.azurecr.io/nbq:1").expect("a reference");
    let digest: ImageDigest = DIGEST.parse().expect("a digest");
    let pinned = image.with_digest(digest);
    assert_eq!(pinned.to_string(), format!("anet.azurecr.io/nbq:1@{DIGEST}"));
    let tagged = pinned.with_tag("2".parse().expect("a tag"));
    assert_eq!(tagged.to_string(), "anet.azurecr.io/nbq:2");
    assert!(image.is_in_repository_of(&parse("ANET.azurecr.io/nbq@DIGEST").expect("a reference")));
    for other in ["nbq:1", "anet.azurecr.io/other:1", "bnet.azurecr.io/nbq:1"] {
        assert!(!image.is_in_repository_of(&parse(other).expect("a reference")), "{other}");
    }
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused_and_a_reference_survives_a_round_trip(
        text in "([a-zA-Z0-9._:/@-]{0,40}|[a-z]{1,5}(\\.[a-z]{1,3})?(:[0-9]{1,6})?/[a-z]{1,4}([._-]{1,3}[a-z]{1,3})?(:[a-zA-Z0-9._-]{0,9})?|.{0,30})",
    ) {
        if let Ok(found) = text.parse::<ImageReference>() {
            prop_assert_eq!(found.to_string(), text.clone());
            let json = serde_json::to_string(&found).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<ImageReference>(&json).expect("a reference"), found);
        }
    }
}
