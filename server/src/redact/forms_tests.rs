//! Texts that match a known format of secrets, and texts that only look similar.

use super::forms::{found, hide};

/// Long and random enough for any format.
const LONG: &str = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9n";

fn long(text: &str) -> String {
    text.replace("LONG", LONG)
}

#[test]
fn known_formats_are_redacted_and_the_rest_stays() {
    for (text, shown) in [
        ("key sk-LONG.", "key (hidden)."),
        ("key sk-proj-a_b-LONG!", "key (hidden)!"),
        ("sk-ant-api03-LONG", "(hidden)"),
        ("sk_live_LONG", "(hidden)"),
        ("token=hf_LONG&x=1", "token=(hidden)&x=1"),
        ("id AKIAIOSFODNN7EXAMPLE here", "id (hidden) here"),
        ("id ASIAIOSFODNN7EXAMPLE", "id (hidden)"),
        ("ghp_LONG gho_LONG ghs_LONG", "(hidden) (hidden) (hidden)"),
        ("github_pat_11AAAAAAA0_LONG", "(hidden)"),
        ("glpat-LONG", "(hidden)"),
        ("xoxb-1234567890-LONG", "(hidden)"),
        ("xoxp-1234567890-LONG", "(hidden)"),
        ("AIzaaB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ", "(hidden)"),
        (
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=LONG==;EndpointSuffix=x",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=(hidden);EndpointSuffix=x",
        ),
        (
            "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=LONG=",
            "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=(hidden)",
        ),
        (
            "https://a.blob.core.windows.net/c?sv=1&sig=aB%2B3%3D&se=2",
            "https://a.blob.core.windows.net/c?sv=1&sig=(hidden)&se=2",
        ),
        (
            r#"{"u":"https://a/c?sv=1\u0026sig=abc"}"#,
            r#"{"u":"https://a/c?sv=1\u0026sig=(hidden)"}"#,
        ),
        ("https%3A%2F%2Fa%3Fsig%3DLONG", "https%3A%2F%2Fa%3Fsig%3D(hidden)"),
        ("Server=h;Uid=u;Pwd=geheim;Db=x", "Server=h;Uid=u;Pwd=(hidden);Db=x"),
        ("jwt eyJhbGciOi.eyJzdWIi.c2ln, sent", "jwt (hidden), sent"),
        ("Authorization: Bearer a1b2c3d4.~x==", "Authorization: Bearer (hidden)"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic (hidden)"),
        ("postgres://user:p%40ss@host/db", "postgres://user:(hidden)@host/db"),
        ("amqps://:geheim@host", "amqps://:(hidden)@host"),
        (
            "see https://hooks.slack.com/services/T00000000/B00000000/XXXX.",
            "see https://hooks.slack.com/(hidden).",
        ),
        (
            "https://anet.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d now",
            "https://anet.webhook.office.com/(hidden) now",
        ),
        ("https://discord.com/api/webhooks/12/ab-c", "https://discord.com/api/webhooks/(hidden)"),
        (
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAB==\n-----END RSA PRIVATE KEY-----\nb",
            "a\n(hidden)\nb",
        ),
        (r"-----BEGIN PRIVATE KEY-----\nMIIEow\n-----END PRIVATE KEY-----", "(hidden)"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn", "(hidden)"),
        ("tail\nLONG\nLONG==\n-----END PRIVATE KEY-----", "tail\n(hidden)"),
    ] {
        let (text, shown) = (long(text), long(shown));
        assert_eq!(hide(&text), shown, "{text}");
        assert!(found(&text).is_some(), "{text}");
        assert_eq!(hide(&shown), shown, "redacting twice changes nothing");
    }
}

#[test]
fn a_token_is_redacted_after_an_escaped_character_or_inside_of_a_word() {
    for (text, shown) in [
        (r"key:\nsk-LONG", r"key:\n(hidden)"),
        (r"\tsk_live_LONG", r"\t(hidden)"),
        (r"\nAKIAIOSFODNN7EXAMPLE", r"\n(hidden)"),
        (r"\reyJhbGciOi.eyJzdWIi.c2ln", r"\r(hidden)"),
        (r"\u003dhf_LONG", r"\u003d(hidden)"),
        ("token%3Dghp_LONG&x=1", "token%3D(hidden)&x=1"),
        (r"\nghp_abcdefghijklmnopqrstuvwxyz", r"\n(hidden)"),
        ("zghp_LONG", "z(hidden)"),
        ("tokengho_LONG!", "token(hidden)!"),
        ("zghp_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij", "z(hidden)"),
        ("ghp_ghs_LONG", "ghp_(hidden)"),
        ("xgithub_pat_11AAAAAAA0_LONG", "x(hidden)"),
        ("1glpat-LONG", "1(hidden)"),
        ("_hf_LONG", "_(hidden)"),
        ("zxoxb-1234567890-LONG", "z(hidden)"),
        ("keyAIzaaB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ", "key(hidden)"),
    ] {
        let (text, shown) = (long(text), long(shown));
        assert_eq!(hide(&text), shown, "{text}");
        assert!(found(&text).is_some(), "{text}");
        assert_eq!(hide(&shown), shown, "redacting twice changes nothing");
    }
}

#[test]
fn digests_commits_ids_images_and_names_stay() {
    for text in [
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "4b446479c2d1e0f3a5b6c7d8e9f0a1b2c3d4e5f6",
        "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "00000000-1111-2222-3333-444455556666",
        "docker://nginx:1.27@sha256:9f86d081884c7d659a2feaa0c55ad015",
        "anet.azurecr.io/nbq:1.2@sha256:9f86d081884c7d659a2feaa0c55ad015",
        "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20240101.v1",
        "azureml:sk-learn-env-with-a-long-name:1",
        "sk-learn-classification-pipeline-2024",
        "risk-analysis-of-a-very-long-name-2024 task-aB3dE6gH9jK2mN5pQ8sT1v",
        "https://host/a@b:c",
        "https://host:8080/score?x=a@b",
        "/subscriptions/0/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w",
        "Bearer authorization_uri is missing",
        "the bearer of good news",
        "hf_hub_download of shelf_aB3dE6gH9jK2mN5pQ8sT1v",
        "KeyError: 'password'",
        "highs_averageTemperatureOfTheMonth laughs_at_everything_that_is_said_here",
        "highs_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "weighs_4b446479c2d1e0f3a5b6c7d8e9f0a1b2c3d4e5f6",
        "LENGHP_9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B",
        "foxxoxb-1234567890-123456",
        "MonkeyJar.module.name disk-aB3dE6gH9jK2mN5pQ8sT1v mask_live_aB3dE6gH9jK2mN5pQ8sT1v",
        "xAKIAIOSFODNN7EXAMPLE",
        "significant=1 design=2",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
        "eyJust. a. word",
        "AKIAIOSFODNN7EXAMPLE1 is too long",
        "https://slack.com/help",
        "blue=90,green=10;mirror=red:20",
        "msg_9f86d081884c7d659a2feaa0c55ad015",
        "PRIVATE+KEY+understudy+1234+abc",
    ] {
        assert_eq!(hide(text), text);
        assert_eq!(found(text), None, "{text}");
    }
}

#[test]
fn every_format_compiles_and_a_long_text_is_fast() {
    assert_eq!(super::forms::count(), 21);
    let text = format!("{}sk-{LONG}", "eyJ-sk-://:@=. ".repeat(20_000));
    assert!(hide(&text).ends_with("(hidden)"));
}
