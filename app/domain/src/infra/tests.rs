//! Given and derived names of an infra configuration.

use super::*;

fn variables(pairs: &[(&str, &str)]) -> Variables {
    let mut all = Variables::new();
    for (line, (key, text)) in (2..).zip(pairs) {
        all.insert((*key).to_owned(), Variable { text: (*text).to_owned(), line: Some(line) });
    }
    all
}

const PARTS: [(&str, &str); 3] =
    [("namespace", "anet"), ("postfix", "0001"), ("environment", "dev")];

fn with(extra: &[(&str, &str)]) -> Result<Infra, Vec<Problem>> {
    read(&variables(&[&PARTS, extra].concat()))
}

#[test]
fn names_are_derived_from_three_parts() {
    let infra = with(&[]).expect("an infra configuration");
    let names = [
        (&infra.workspace, "mlw-anet-0001dev"),
        (&infra.resource_group, "anet-0001dev"),
        (&infra.key_vault, "kv-anet-0001dev"),
        (&infra.app_insights, "appi-anet-0001dev"),
        (&infra.load_test, "ltanet0001dev"),
        (&infra.action_group, "ag-anet-0001-dev"),
        (&infra.storage_account, "stanet0001dev"),
        (&infra.batch_endpoint, "bep-anet-0001dev"),
        (&infra.online_endpoint, "oep-anet-0001dev"),
    ];
    for (named, name) in names {
        assert_eq!((named.name.as_str(), named.derived), (name, true));
    }
    assert_eq!(infra.postfix, "0001", "a text, not a number");
}

#[test]
fn the_storage_accounts_name_has_no_hyphens() {
    let mut all = variables(&PARTS);
    all.insert("namespace".to_owned(), Variable { text: "a-net".to_owned(), line: None });
    assert_eq!(read(&all).expect("infra").storage_account.name, "stanet0001dev");
}

#[test]
fn a_given_name_is_used_and_a_dollar_means_the_default() {
    let infra = with(&[
        ("resource_group", "rg-$(namespace)-$(environment)"),
        ("aml_workspace", "mlw-other"),
        ("location", "westeurope"),
        ("terraform_version", "1.3.6"),
    ])
    .expect("infra");
    assert_eq!(
        infra.resource_group,
        Named { name: "anet-0001dev".to_owned(), derived: true, ignored: None }
    );
    assert_eq!(
        infra.workspace,
        Named { name: "mlw-other".to_owned(), derived: false, ignored: None }
    );
    assert_eq!(infra.location.as_deref(), Some("westeurope"));
    assert_eq!(infra.others.get("terraform_version").map(String::as_str), Some("1.3.6"));
}

#[track_caller]
fn refused(pairs: &[(&str, &str)], key: &str, part: &str) {
    let problems = with(pairs).expect_err("refused");
    let found = problems.iter().any(|p| p.key == key && p.message.contains(part));
    assert!(found, "{key} “{part}” in {problems:#?}");
}

#[test]
fn names_outside_azures_rules_name_their_key() {
    refused(&[("aml_workspace", "-mlw")], "aml_workspace", "not a valid name of a workspace");
    refused(&[("resource_group", "rg.")], "resource_group", "without a dot at the end");
    refused(&[("namespace", "anet/..")], "namespace", "not a valid part of resource names");
    refused(&[("postfix", "")], "postfix", "is empty");
    refused(&[("location", &"x".repeat(2000))], "location", "2000 bytes");
    refused(
        &[("namespace", "a-long-namespace")],
        "key_vault",
        "namespace, postfix and environment is invalid: “kv-a-long-namespace-0001dev” has 27 characters",
    );
}

#[test]
fn a_problem_has_its_line() {
    let problems = with(&[("resource_group", "rg.")]).expect_err("refused");
    assert_eq!(problems.first().map(|problem| problem.line), Some(Some(5)));
}

#[test]
fn names_that_the_templates_derive_ignore_the_file() {
    let given = [
        ("key_vault", "kv--other"),
        ("storage_account", "stother"),
        ("action_group_name", "ag-other"),
        ("app_insights", "appi-anet-0001dev"),
        ("load_test_resource", "lt$(namespace)"),
    ];
    let all = variables(&[&PARTS[..], &given].concat());
    let infra = read(&all).expect("an infra configuration");
    assert_eq!(infra.key_vault.name, "kv-anet-0001dev");
    assert_eq!(infra.storage_account.name, "stanet0001dev");
    assert_eq!(infra.action_group.name, "ag-anet-0001-dev");
    let notes = infra.notes(&all);
    let told: Vec<_> = notes.iter().map(|note| (note.key.as_str(), note.line)).collect();
    // Values that equal or request the derived name need no note.
    let expected =
        [("key_vault", Some(5)), ("action_group_name", Some(7)), ("storage_account", Some(6))];
    assert_eq!(told, expected);
    assert!(
        notes[1]
            .message
            .contains("action_group_name is ag-other, but the templates ignore the key")
    );
}

#[test]
fn a_build_uses_the_derived_workspace() {
    let given = with(&[("aml_workspace", "mlw-other")]).expect("infra").of_build();
    assert_eq!(given.workspace.name, "mlw-anet-0001dev");
    assert_eq!(given.workspace.ignored.as_deref(), Some("mlw-other"));
    let derived = with(&[("aml_workspace", "mlw-$(namespace)")]).expect("infra");
    assert_eq!(derived.clone().of_build(), derived);
}
