//! How GitHub converts values that do not have an input's type, and which input names GitHub accepts.

use super::deploy::{DeployRelease, Work};
use super::input::{Given, Inputs};
use super::note::Weight;
use super::origin::Origin;
use super::{Definition, Release, Template};

fn first_form() -> Inputs {
    [
        ("environment", Given::text("anet-dev")),
        ("environment_config_file", Given::text("config-infra-anet-dev.yml")),
        ("deploy", Given::Bool(true)),
        ("run_load_test", Given::Bool(true)),
        ("load_test_config", Given::text("load_test.yml")),
        ("load_test_name", Given::text("steady")),
        ("endpoint_name", Given::text("anet-ep-dev")),
        ("deployment_name", Given::text("anet-eedi")),
        ("endpoint_config", Given::text("endpoint.yml")),
        ("deployment_config", Given::text("eedi.yml")),
    ]
    .into_iter()
    .map(|(key, given)| (key.to_owned(), given))
    .collect()
}

fn with(extra: &[(&str, Given)]) -> Release {
    let extra: Inputs =
        extra.iter().map(|(key, given)| ((*key).to_owned(), given.clone())).collect();
    let uses = "E/t/.github/workflows/deploy_realtime.yml@x".to_owned();
    let origin = Origin { uses, ..Origin::default() };
    Release::read(origin, Template::DeployRealtime, first_form().with(&extra))
}

#[track_caller]
fn deploy(release: &Release) -> &DeployRelease {
    assert_eq!(release.problems, [], "no problems");
    match &release.definition {
        Some(Definition::Deploy(deploy)) => deploy,
        other => panic!("a deployment, not {other:?}"),
    }
}

fn notes(release: &Release, key: &str) -> Vec<String> {
    release.notes.iter().filter(|note| note.key == key).map(|note| note.message.clone()).collect()
}

#[test]
fn a_number_or_flag_is_converted_to_a_string_as_github_does() {
    for (written, text) in [
        ("2024", "2024"),
        ("true", "true"),
        ("FALSE", "false"),
        ("0001", "1"),
        ("0x10", "16"),
        ("1e2", "100"),
        ("1_000", "1_000"),
    ] {
        let release = with(&[("load_test_name", Given::plain(written))]);
        let name = deploy(&release).load_test.name.as_ref().map(ToString::to_string);
        assert_eq!(name.as_deref(), Some(text), "{written}");
        let said = notes(&release, "load_test_name");
        assert_eq!(said.len(), usize::from(written != "1_000"), "{written}: {said:?}");
    }
    let refused = with(&[("load_test_name", Given::plain("1.10"))]).problems;
    assert!(
        refused[0].message.contains("(GitHub reads “1.1” from the number 1.10)"),
        "{refused:?}"
    );
    let quoted = with(&[("deployment_config", Given::plain("1.10"))]);
    assert_eq!(
        notes(&quoted, "deployment_config"),
        [
            "deployment_config is the number 1.10, which GitHub converts to the text “1.1”. Put the value \
          in quotes if you mean “1.10”."
        ]
    );
}

#[test]
fn a_percentage_is_any_whole_number() {
    for written in ["20", "20.0", "2e1", "0x14", "+20", "0020"] {
        let release = with(&[
            ("shadow_deployment_name", Given::text("anet-green")),
            ("shadow_deployment_config", Given::text("green.yml")),
            ("shadow_deployment_mirror_percentage", Given::plain(written)),
        ]);
        let Work::PrimaryAndShadow(work) = &deploy(&release).work else { panic!("first form") };
        let mirror = work.shadow.as_ref().and_then(|shadow| shadow.mirror.as_ref());
        assert_eq!(mirror.map(ToString::to_string).as_deref(), Some("20 %"), "{written}");
    }
    for wrong in ["12.5", "1_0", "20%", "-.inf", ".nan", "1e300"] {
        let key = "shadow_deployment_mirror_percentage";
        let all =
            [("shadow_deployment_name", Given::text("anet-green")), (key, Given::plain(wrong))];
        assert!(with(&all).problems.iter().any(|problem| problem.key == key), "{wrong}");
    }
}

#[test]
fn input_names_ignore_case_and_duplicates_are_rejected() {
    let mut inputs = first_form();
    inputs.remove("environment");
    inputs.add("Environment", Given::text("anet-dev"), (6, 7));
    let read = |inputs| Release::read(Origin::default(), Template::DeployRealtime, inputs);
    let release = read(inputs.clone());
    assert_eq!(deploy(&release).environment.to_string(), "anet-dev");
    inputs.add("ENVIRONMENT", Given::text("anet-prod"), (9, 7));
    let refused = read(inputs).problems;
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(
        refused[0].message.contains("as Environment and in line 9 as ENVIRONMENT"),
        "{refused:?}"
    );
}

#[test]
fn an_unknown_input_is_a_warning_and_a_typo_is_an_error() {
    let release = with(&[("colour", Given::text("x"))]);
    deploy(&release);
    assert!(notes(&release, "colour")[0].contains("The console ignores it"), "{:?}", release.notes);
    assert!(release.notes.iter().all(|note| note.weight == Weight::Warning));
    let slip = with(&[("shadow_deployment_nam", Given::text("x"))]).problems;
    assert!(slip[0].message.contains("Did you mean shadow_deployment_name?"), "{slip:?}");
    // The input with the similar name is given, so this is no typo for a missing one.
    deploy(&with(&[("deploymentname", Given::text("x"))]));
}

#[test]
fn an_invalid_expression_is_an_error_and_not_a_question() {
    for expression in ["${{ env.ENDPOINT }}", "${{ secrets.NAME }}", "ep-${{ vars.STAGE"] {
        let release = with(&[("endpoint_name", Given::text(expression))]);
        assert_eq!(release.questions, []);
        let said = &release.problems[0];
        assert_eq!(said.key, "endpoint_name");
        assert!(said.message.contains("rejects the whole file"), "{said:?}");
        let answer =
            [("endpoint_name".to_owned(), Given::text("anet-ep-dev"))].into_iter().collect();
        deploy(&release.with(&answer));
    }
}

#[test]
fn an_endpoint_with_capitals_has_no_load_test() {
    let release = with(&[("endpoint_name", Given::text("Anet-EP-Dev"))]);
    let said = &release.problems[0].message;
    assert!(said.contains("the load test's id would be lt-Anet-EP-Dev-steady"), "{said}");
    assert!(said.contains("lower-case letters, digits, hyphens and underscores"), "{said}");
    let idle =
        [("endpoint_name", Given::text("Anet-EP-Dev")), ("run_load_test", Given::Bool(false))];
    deploy(&with(&idle));
    let idle = [("load_test_name", Given::text("NBQ")), ("run_load_test", Given::Bool(false))];
    assert_eq!(notes(&with(&idle), "load_test_name").len(), 1);
    let long = with(&[
        ("endpoint_name", Given::text("abc")),
        ("load_test_name", Given::text("x".repeat(36))),
    ]);
    assert!(long.problems[0].message.contains("a run's id"), "{:?}", long.problems);
}

#[test]
fn a_stored_release_is_read_by_the_current_rules() {
    let release = with(&[]);
    let kept = serde_json::to_value(&release).expect("JSON");
    assert_eq!(serde_json::from_value::<Release>(kept.clone()).expect("a release"), release);
    // The format that earlier versions of the console stored.
    let mut old = kept;
    old["inputs"] = old["inputs"]["all"].clone();
    for key in ["version", "declared", "notes"] {
        old.as_object_mut().expect("an object").remove(key);
    }
    assert_eq!(serde_json::from_value::<Release>(old).expect("a release"), release);
}
