//! Tests of `id`.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn endpoint(text: &str) -> EndpointName {
    text.parse().expect("a name")
}

#[test]
fn ids_are_those_of_the_templates() {
    let id = TestId::of(&endpoint("anet-ep-dev"), "nbq-10x").expect("legal");
    assert_eq!(id.as_str(), "lt-anet-ep-dev-nbq-10x");
    let run = TestRunId::for_commit("0123456789ABCDEF", "nbq-10x", |_| false).expect("legal");
    assert_eq!(run.as_str(), "commit-01234567-nbq-10x");
    let run = TestRunId::at(Timestamp(1_790_000_000_000), "nbq", |_| false).expect("legal");
    assert_eq!(run.as_str(), "at-20260921-141320-nbq");
    assert_eq!(SecretName::of_key(&endpoint("Anet-Ep")).as_str(), "api-key-Anet-Ep");
}

#[test]
fn illegal_ids_are_refused_with_the_rule() {
    let long = "x".repeat(36);
    for (error, part) in [
        (
            TestId::of(&endpoint("Anet-Ep"), "nbq").expect_err("capitals"),
            "with capitals in its name",
        ),
        (TestId::of(&endpoint("anet-ep-dev"), &long).expect_err("long"), "has 51 characters"),
        (TestId::of(&endpoint("anet-ep"), "NBQ").expect_err("capitals"), "lower-case letters"),
        (TestRunId::for_commit("0123", "nbq", |_| false).expect_err("short"), "at least 8"),
        (
            TestRunId::for_commit("main-branch", "nbq", |_| false).expect_err("no hash"),
            "commit's hash",
        ),
        (TestRunId::for_commit("", "nbq", |_| false).expect_err("nothing"), "commit's hash"),
        (
            TestRunId::for_commit("0123456é", "nbq", |_| false).expect_err("no hash"),
            "commit's hash",
        ),
        ("a".parse::<TestId>().expect_err("short"), "has 1 characters"),
        ("a/../b".parse::<TestRunId>().expect_err("a path"), "cannot be an id"),
    ] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!("".parse::<SecretName>().is_err());
    assert!("a_b".parse::<SecretName>().is_err());
    assert!("a".repeat(SECRET_NAME_MAX + 1).parse::<SecretName>().is_err());
}

#[test]
fn a_repeated_run_gets_the_first_free_number() {
    let mut taken = BTreeSet::new();
    let mut next = |name: &str| {
        let id = TestRunId::for_commit("01234567", name, |id| taken.contains(id)).expect("free");
        assert!(taken.insert(id.to_string()), "{id} is new");
        id.to_string()
    };
    assert_eq!(next("nbq"), "commit-01234567-nbq");
    assert_eq!(next("nbq"), "commit-01234567-nbq-2");
    assert_eq!(next("nbq"), "commit-01234567-nbq-3");
    let long = "n".repeat(34);
    assert_eq!(next(&long).len(), ID_MAX);
    assert_eq!(next(&long), format!("commit-01234567-{}-2", "n".repeat(32)));
    assert_eq!(TestRunId::for_commit("01234567", "nbq", |_| true), Err(IdError::Full));
}

#[test]
fn a_plan_gets_the_endpoint_without_its_scoring_path() {
    for (uri, url) in [
        (
            "https://anet-ep.westeurope.inference.ml.azure.com/score",
            "https://anet-ep.westeurope.inference.ml.azure.com",
        ),
        ("https://a.example/score/", "https://a.example"),
        ("http://127.0.0.1:8080/anet-ep/score", "http://127.0.0.1:8080/anet-ep"),
        ("https://a.example/", "https://a.example"),
        ("https://a.example/v1/scores", "https://a.example/v1/scores"),
    ] {
        assert_eq!(endpoint_url(uri), url);
    }
    let secret = SecretName::of_key(&endpoint("anet-ep"));
    for vault in ["https://kv.vault.azure.net", "https://kv.vault.azure.net/"] {
        assert_eq!(secret.address(vault), "https://kv.vault.azure.net/secrets/api-key-anet-ep");
    }
}

proptest! {
    #[test]
    fn every_id_that_is_made_can_be_read(
        commit in "[0-9a-f]{8,40}", name in "[a-z0-9_-]{1,34}", taken in 0_usize..50,
    ) {
        let mut ids = BTreeSet::new();
        for _ in 0..=taken {
            let id = TestRunId::for_commit(&commit, &name, |id| ids.contains(id)).expect("free");
            prop_assert_eq!(id.as_str().parse::<TestRunId>(), Ok(id.clone()));
            prop_assert!(ids.insert(id.to_string()), "{} is new", id);
        }
        let at = TestRunId::at(Timestamp(0), &format!("x{name}"), |_| false).expect("free");
        prop_assert!(at.as_str().len() <= ID_MAX);
    }
}
