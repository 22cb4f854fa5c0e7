//! How the inputs of `deploy_realtime.yml` are read, and which are rejected.

use super::deploy::{DeployRelease, Work};
use super::input::{Given, Inputs};
use super::origin::Origin;
use super::{Definition, Release, Template};

/// The README's example block.
fn readme() -> Inputs {
    [
        ("environment", Given::text("anet-dev")),
        ("environment_config_file", Given::text("config-infra-anet-dev.yml")),
        ("deploy", Given::Bool(false)),
        ("run_load_test", Given::Bool(false)),
        (
            "load_test_config",
            Given::text("./mlops/azureml/configs/project_prime/load_test_nbq.yml"),
        ),
        ("load_test_name", Given::text("nbq-allcandidates_alltargets_10x")),
        ("endpoint_name", Given::text("anet-ep-dev")),
        ("deployment_name", Given::text("anet-eedi")),
        ("endpoint_config", Given::text("./mlops/azureml/configs/project_prime/endpoint_dev.yml")),
        (
            "deployment_config",
            Given::text("./mlops/azureml/configs/project_prime/deployment_dev.yml"),
        ),
    ]
    .into_iter()
    .map(|(key, given)| (key.to_owned(), given))
    .collect()
}

fn with(extra: &[(&str, Given)]) -> Release {
    let extra: Inputs =
        extra.iter().map(|(key, given)| ((*key).to_owned(), given.clone())).collect();
    Release::read(Origin::default(), Template::DeployRealtime, readme().with(&extra))
}

#[track_caller]
fn deploy(release: &Release) -> &DeployRelease {
    assert_eq!(release.problems, [], "no problems");
    match &release.definition {
        Some(Definition::Deploy(deploy)) => deploy,
        other => panic!("a deployment, not {other:?}"),
    }
}

#[track_caller]
fn refused(extra: &[(&str, Given)], key: &str, part: &str) {
    let release = with(extra);
    let found = release.problems.iter().any(|p| p.key == key && p.message.contains(part));
    assert!(found, "{key} “{part}” in {:#?}", release.problems);
    assert!(release.definition.is_none(), "invalid inputs have no definition");
}

fn number(number: i64) -> Given {
    Given::Integer(number)
}

#[test]
fn the_example_in_the_readme_is_valid() {
    let release = with(&[]);
    let deploy = deploy(&release);
    assert_eq!(deploy.endpoint_name.to_string(), "anet-ep-dev");
    assert_eq!(
        deploy.endpoint_config.to_string(),
        "mlops/azureml/configs/project_prime/endpoint_dev.yml"
    );
    let Work::PrimaryAndShadow(work) = &deploy.work else { panic!("the first form") };
    assert_eq!(work.deploy.known(), Some(&false));
    assert_eq!(work.shadow, None);
    assert!(release.questions.is_empty());
}

#[test]
fn empty_and_zero_count_as_not_given() {
    let release = with(&[
        ("shadow_deployment_name", Given::text("")),
        ("shadow_deployment_config", Given::Null),
        ("shadow_deployment_mirror_percentage", number(0)),
        ("shadow_deployment_traffic_percentage", Given::Float("0.0".to_owned())),
    ]);
    let Work::PrimaryAndShadow(work) = &deploy(&release).work else { panic!("the first form") };
    assert_eq!(work.shadow, None);
}

#[test]
fn every_spelling_of_the_mirror_is_read() {
    for key in [
        "shadow_deployment_mirror_percentage",
        "shadow_deploment_mirror_percentage",
        "shadow_deploy_mirror_percentage",
    ] {
        let release = with(&[
            ("shadow_deployment_name", Given::text("anet-green")),
            ("shadow_deployment_config", Given::text("green.yml")),
            (key, number(20)),
        ]);
        let Work::PrimaryAndShadow(work) = &deploy(&release).work else { panic!("first form") };
        let mirror = work.shadow.as_ref().and_then(|s| s.mirror.clone()).expect("a mirror");
        assert_eq!(mirror.to_string(), "20 %", "{key}");
    }
    let name = ("shadow_deployment_name", Given::text("anet-green"));
    let twice = |other| {
        [
            name.clone(),
            ("shadow_deployment_mirror_percentage", number(20)),
            ("shadow_deploment_mirror_percentage", number(other)),
        ]
    };
    assert!(with(&twice(20)).problems.is_empty());
    refused(&twice(10), "shadow_deploment_mirror_percentage", "spellings of one input");
}

#[test]
fn combinations_that_the_readme_forbids_are_rejected() {
    let traffic = ("shadow_deployment_traffic_percentage", number(50));
    let name = ("shadow_deployment_name", Given::text("anet-green"));
    let config = ("shadow_deployment_config", Given::text("green.yml"));
    let mirror = ("shadow_deployment_mirror_percentage", number(10));
    let key = "shadow_deployment_traffic_percentage";
    refused(&[name.clone(), traffic.clone(), config.clone()], key, "and shadow_deployment_config");
    refused(&[name.clone(), traffic.clone(), mirror], key, "and shadow_deployment_mirror");
    refused(std::slice::from_ref(&traffic), key, "without shadow_deployment_name");
    refused(&[config], "shadow_deployment_config", "without shadow_deployment_name");
    let asked = ("shadow_deployment_config", Given::text("${{ inputs.config }}"));
    assert!(with(&[name.clone(), traffic.clone(), asked]).problems.is_empty());
    assert!(with(&[name, traffic]).problems.is_empty());
}

#[test]
fn inputs_of_the_wrong_type_are_rejected() {
    let text = Given::text;
    refused(&[("deploy", text("true"))], "deploy", "without quotes");
    refused(&[("deploy", number(1))], "deploy", "must be true or false");
    refused(&[("run_load_test", Given::Null)], "run_load_test", "empty");
    refused(&[("endpoint_name", number(0))], "endpoint_name", "from the number 0");
    refused(&[("endpoint_name", text("a_b"))], "endpoint_name", "letters, digits and hyphens");
    refused(&[("endpoint_config", text("../x.yml"))], "endpoint_config", "out of the repository");
    refused(
        &[("deployment_config", Given::Other("a list".to_owned()))],
        "deployment_config",
        "a list",
    );
    let key = "shadow_deployment_mirror_percentage";
    for (given, part) in [
        (text("20"), "the text “20”"),
        (Given::Float("12.5".to_owned()), "the number 12.5"),
        (Given::Float(".nan".to_owned()), "the number .nan"),
        (Given::Float("0xFFFFFFFFFF".to_owned()), "whole number"),
        (number(-5), "-5 is not a valid percentage"),
        (number(101), "101 is not a valid percentage"),
        (number(51), "at most 50 %"),
        (Given::Bool(true), "must be a whole number"),
    ] {
        refused(&[("shadow_deployment_name", text("anet-green")), (key, given)], key, part);
    }
}

#[test]
fn missing_and_unknown_inputs_are_named() {
    let release = Release::read(Origin::default(), Template::DeployRealtime, Inputs::new());
    let missing: Vec<_> = release.problems.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(
        missing,
        [
            "environment",
            "environment_config_file",
            "endpoint_name",
            "endpoint_config",
            "deploy",
            "deployment_name",
            "deployment_config",
            "run_load_test"
        ]
    );
}

#[test]
fn an_expression_becomes_a_question_that_a_person_answers() {
    let asked = with(&[
        ("deploy", Given::text("${{ inputs.deploy }}")),
        ("endpoint_name", Given::text("anet-ep-${{ vars.STAGE }}")),
    ]);
    assert!(asked.problems.is_empty());
    let keys: Vec<_> = asked.questions.iter().map(|q| q.key.as_str()).collect();
    assert_eq!(keys, ["deploy", "endpoint_name"]);
    assert_eq!(deploy(&asked).endpoint_name.to_string(), "anet-ep-${{ vars.STAGE }}");
    let answers = [("deploy", Given::Bool(true)), ("endpoint_name", Given::text("anet-ep-prod"))];
    let answers: Inputs = answers.into_iter().map(|(k, given)| (k.to_owned(), given)).collect();
    let answered = asked.with(&answers);
    assert!(answered.questions.is_empty());
    assert_eq!(deploy(&answered).endpoint_name.to_string(), "anet-ep-prod");
}

#[test]
fn a_problem_has_its_line() {
    let mut inputs = readme();
    inputs.insert("deploy", Given::text("yes"), Some(14));
    let release = Release::read(Origin::default(), Template::DeployRealtime, inputs);
    let problem = release.problems.first().expect("a problem");
    assert_eq!((problem.key.as_str(), problem.line), ("deploy", Some(14)));
}

#[test]
fn a_load_test_needs_its_name_and_a_legal_id() {
    let run = ("run_load_test", Given::Bool(true));
    refused(&[run.clone(), ("load_test_name", Given::text(""))], "load_test_name", "is empty");
    refused(&[run.clone(), ("load_test_name", Given::text("NBQ"))], "load_test_name", "lower-case");
    let long = Given::text("x".repeat(36));
    refused(&[run, ("load_test_name", long)], "load_test_name", "Shorten the name by 1");
}
