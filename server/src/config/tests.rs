//! Valid and invalid configuration files.

use super::*;

/// A minimal configuration.
pub(super) const GOOD: &str = "
public_url: https://understudy.example.org
credential: { kind: managed_identity }
sign_in:
  tenant_id: 5f1c2f4e-6d39-4a58-9b70-2b0a0a0d2c11
  client_id: abc
  client_secret_file: /run/secrets/understudy
stages:
  - name: anet-prod
    subscription_id: 11111111-1111-1111-1111-111111111111
    resource_group: anet-0001prod
    workspace: mlw-anet-0001prod
";

#[track_caller]
fn refused(change: (&str, &str), part: &str) {
    let text = GOOD.replacen(change.0, change.1, 1);
    let outcome = serde_yaml::from_str::<File>(&text).map_err(anyhow::Error::from);
    let error = outcome.and_then(|file| check(&file)).expect_err("refused");
    assert!(format!("{error:#}").contains(part), "{error:#}");
}

#[test]
fn a_good_file_is_read() {
    let file: File = serde_yaml::from_str(GOOD).expect("it parses");
    check(&file).expect("it is good");
    assert_eq!(file.job_log_days.get(), 90);
    assert_eq!(roles(&file.roles)[&Role::Lead], ["Understudy.Lead"]);
}

#[test]
fn the_promotion_of_the_readme_is_read() {
    let policy = "workspace: mlw-anet-0001prod\n    policy:\n      approvals: 1\n      promotion:\n        \
                  steps: [10, 50, 100]\n        bake_minutes: 30\n        conditions: { requests_min: 100, \
                  errors_percent_max: 1.0, p99_ms_max: 800, p99_ratio_max: 1.5 }\n    \
                  probe: { body: '{}' }\n";
    let text = GOOD.replacen("workspace: mlw-anet-0001prod\n", policy, 1);
    let file: File = serde_yaml::from_str(&text).expect("it parses");
    check(&file).expect("it is good");
    let stage = &file.stages[0];
    assert!(stage.probe.as_ref().expect("a probe").read().is_ok());
    let promotion = stage.policy().promotion.expect("a promotion");
    assert_eq!(promotion.steps.to_string(), "10, 50, 100");
    let facts = stage.policy().facts("policy");
    assert!(facts.contains(&("policy.promotion.bake_minutes".to_owned(), "30".to_owned())));
}

#[test]
fn the_evidence_that_a_policy_requires_is_read() {
    let policy = "workspace: w\n    policy: { approvals: 1, evidence: { shadow_comparison: \
                  { requests_min: 500, p99_ratio_max: 1.25 }, replay_diff: } }";
    let text = GOOD.replacen("workspace: mlw-anet-0001prod", policy, 1);
    let file: File = serde_yaml::from_str(&text).expect("it parses");
    check(&file).expect("it is good");
    let policy = file.stages[0].policy();
    let facts = policy.facts("policy");
    for (key, value) in [
        ("policy.evidence.shadow_comparison.requests_min", "500"),
        ("policy.evidence.shadow_comparison.errors_percent_max", "1"),
        ("policy.evidence.shadow_comparison.p99_ratio_max", "1.25"),
        ("policy.evidence.replay_diff.number_tolerance", "0.001"),
    ] {
        assert!(facts.contains(&(key.to_owned(), value.to_owned())), "{key}: {facts:?}");
    }
}

#[test]
fn invalid_files_are_rejected_with_the_reason() {
    refused(("https:", "http:"), "is not https");
    let policy = |policy: &str| format!("workspace: w\n    {policy}");
    for (given, part) in [
        ("policy: { approvals: 9 }", "stages: anet-prod: policy: approvals: 9 is too many"),
        ("policy: { approval: 1 }", "unknown field `approval`"),
        ("policy: { evidence: { load_test: {} } }", "unknown field `load_test`"),
        (
            "policy: { evidence: { shadow_comparison: { requests_min: 0 } } }",
            "stages: anet-prod: policy: evidence.shadow_comparison.requests_min: 0",
        ),
        (
            "policy: { evidence: { replay_diff: { number_tolerance: -1 } } }",
            "-1 is not between 0 and",
        ),
        (
            "protected: true\n    policy: { approvals: 1 }",
            "stages: anet-prod: protected: this is short",
        ),
        (
            "policy: { windows: [{ time_zone: Berlin, days: [monday], from: \"09:00\", to: \"17:00\" }] }",
            "policy: windows: “Berlin” is not a time zone",
        ),
        (
            "policy: { promotion: { steps: [50, 10, 100], bake_minutes: 30, conditions: { requests_min: 1 } } }",
            "promotion: steps: 10 is not greater than 50",
        ),
        (
            "policy: { promotion: { steps: [100], bake_minutes: 30, conditions: {} } }",
            "promotion: conditions: there are no conditions",
        ),
        ("policy: { promotion: { steps: [100], bake_minutes: 30 } }", "missing field `conditions`"),
        ("probe: { body: '{}', rate: 9 }", "unknown field `rate`"),
        (
            "policy: { windows: [{ time_zone: UTC, days: [monday], from: \"9\", to: \"17:00\" }] }",
            "“9” is not a time of day",
        ),
    ] {
        refused(("workspace: mlw-anet-0001prod", &policy(given)), part);
    }
    refused(("stages:", "stagse:"), "unknown field `stagse`");
    refused(("managed_identity", "magic"), "unknown variant `magic`");
    refused(
        ("stages:", "database_url_file: /x\nstages:"),
        "ledger: with PostgreSQL, name a key_file",
    );
    let shared = "database_url_file: /x\nledger: { key_file: /y }\nstages:";
    refused(("stages:", shared), "secrets: with PostgreSQL, name a key_file");
    refused(("workspace: mlw-anet-0001prod", "workspace: ../x"), "workspace “../x”");
    refused(("example.org", "example.org/sub"), "not the root of a site");
    refused(("https://", "https://me:word@"), "https://understudy.example.org/ is not the root");
    refused(("https", "ftp"), "not the root of a site");
    refused(("stages:", "poll_interval_s: 99999999999\nstages:"), "between 1 and 3600");
    refused(("stages:", "job_log_days: 0\nstages:"), "job_log_days: 0 is not between 1 and 3650");
    refused(("stages:", "session: {idle_minutes: 307445734561825861}\nstages:"), "session:");
    let twice = "stages:\n  - name: other\n    subscription_id: 11111111-1111-1111-1111-111111111111\n    \
                 resource_group: ANET-0001prod\n    workspace: MLW-anet-0001prod\n";
    refused(("stages:\n", twice), "other and anet-prod are the same workspace");
    refused(("resource_group: anet-0001prod", ""), "missing field `resource_group`");
    refused(("client_id: abc", "client_id: [1]"), "line");
    let none = "workspace: mlw-anet-0001prod\n    bandwidth_mb_per_s: 0";
    refused(("workspace: mlw-anet-0001prod", none), "expected a nonzero u32");
}

#[test]
fn a_github_app_is_read_and_belongs_to_one_github() {
    let with = |more: &str| {
        let text = format!("{GOOD}{more}");
        let file: File = serde_yaml::from_str(&text).map_err(anyhow::Error::from)?;
        check(&file).map(|()| file)
    };
    let app = "github: { app: { id: 7, private_key_file: /run/secrets/app } }\n";
    let file = with(app).expect("it is good");
    let missing = format!("{:#}", file.github.read().expect_err("no such file"));
    assert!(missing.contains("github: app: private_key_file: /run/secrets/app"), "{missing}");
    let (one, other) = (
        "  - { kind: github, repository: a/b }\n",
        "  - { kind: github, repository: a/c, api: 'https://ghe.example/api/v3'",
    );
    assert!(with(&format!("{app}repositories:\n{one}{other}, token_env: X }}\n")).is_ok());
    for (more, said) in [
        (format!("{app}repositories:\n{one}{other} }}\n"), "2 GitHubs"),
        (app.replace("id: 7", "id: 0"), "id: 0"),
        (app.replace("id: 7", "id: 7, installation: 0"), "installation: 0"),
        (app.replace("id: 7", "id: seven"), "github.app.id: invalid type"),
        (app.replace(", private_key_file: /run/secrets/app", ""), "missing field"),
        (app.replace("id: 7", "id: 7, token: x"), "unknown field"),
    ] {
        let refused = format!("{:#}", with(&more).expect_err(&more));
        assert!(refused.contains(said), "{more}: {refused}");
    }
}
