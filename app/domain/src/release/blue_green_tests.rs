//! Blue and green: the checks that the template runs before it touches Azure.

use super::deploy::{Colours, Work};
use super::input::{Asked, Given, Inputs};
use super::origin::Origin;
use super::{Definition, Release, Template};
use proptest::prelude::*;

fn call(inputs: &[(&str, Given)]) -> Release {
    let mut all: Inputs = [
        ("environment", Given::text("anet-dev")),
        ("environment_config_file", Given::text("config-infra-anet-dev.yml")),
        ("templates_repo_ref", Given::text("v2.2.4")),
        ("run_load_test", Given::Bool(false)),
        ("endpoint_name", Given::text("anet-ep-dev")),
        ("endpoint_config", Given::text("endpoint.yml")),
        ("blue_deployment_name", Given::text("anet-blue")),
        ("green_deployment_name", Given::text("anet-green")),
        ("green_deployment_config", Given::text("green.yml")),
    ]
    .into_iter()
    .map(|(key, given)| (key.to_owned(), given))
    .collect();
    for (key, given) in inputs {
        match given {
            Given::Other(_) => all.remove(key),
            given => all.insert(*key, given.clone(), None),
        };
    }
    let uses = "Eedi/ml-mlops-templates/.github/workflows/deploy_realtime.yml@v2.2.4".to_owned();
    Release::read(Origin { uses, ..Origin::default() }, Template::DeployRealtime, all)
}

fn n(number: i64) -> Given {
    Given::Integer(number)
}

/// Removes an input from the usual call.
fn gone() -> Given {
    Given::Other(String::new())
}

#[track_caller]
fn colours(inputs: &[(&str, Given)]) -> Colours {
    let release = call(inputs);
    assert_eq!(release.problems, []);
    match release.definition {
        Some(Definition::Deploy(deploy)) => match deploy.work {
            Work::BlueGreen(colours) => colours,
            other => panic!("blue and green, not {other:?}"),
        },
        other => panic!("a deployment, not {other:?}"),
    }
}

#[track_caller]
fn refused(inputs: &[(&str, Given)], key: &str, parts: &[&str]) {
    let problems = call(inputs).problems;
    let found = problems.iter().any(|problem| {
        problem.key == key && parts.iter().all(|part| problem.message.contains(part))
    });
    assert!(found, "{key} {parts:?} in {problems:#?}");
}

const BLUE: &str = "blue_traffic_percentage";
const GREEN: &str = "green_traffic_percentage";

#[test]
fn a_written_zero_is_a_share() {
    let both = colours(&[(BLUE, n(100)), (GREEN, n(0))]);
    assert_eq!(both.green.traffic.to_string(), "0 %");
    let sum = "live traffic totals 60 %, and must total exactly 100 %";
    let said = "blue_traffic_percentage is 60 and green_traffic_percentage is 0";
    refused(&[(BLUE, n(60)), (GREEN, n(0))], GREEN, &[said, sum, "stops before it touches Azure"]);
}

#[test]
fn an_omitted_share_is_zero_and_never_the_remainder() {
    assert_eq!(colours(&[(BLUE, n(100))]).green.traffic, Asked::Known(Default::default()));
    let said =
        "blue_traffic_percentage is 60 and green_traffic_percentage is omitted, which means 0";
    refused(&[(BLUE, n(60))], BLUE, &[said]);
    let one = [(BLUE, n(60)), ("green_deployment_name", gone())];
    refused(&one, BLUE, &["live traffic totals 60 %"]);
    refused(&[], GREEN, &["live traffic totals 0 %"]);
    refused(&[(BLUE, n(100)), (GREEN, n(10))], GREEN, &["live traffic totals 110 %"]);
}

#[test]
fn only_one_deployment_takes_live_traffic() {
    let said = "blue_traffic_percentage is 60 and green_traffic_percentage is 40, but only one";
    refused(&[(BLUE, n(60)), (GREEN, n(40))], GREEN, &[said]);
}

#[test]
fn a_deployment_being_deployed_gets_no_live_traffic_while_another_exists() {
    let deploy = ("deploy_green", Given::Bool(true));
    let live = [deploy.clone(), (GREEN, n(100))];
    let said = "deploy_green is true and green_traffic_percentage is 100, while blue_deployment_name names anet-blue";
    refused(&live, GREEN, &[said]);
    colours(&[deploy.clone(), (GREEN, n(100)), ("blue_deployment_name", gone())]);
    colours(&[deploy.clone(), (BLUE, n(100))]);
    let blue = ("deploy_blue", Given::Bool(true));
    let config = ("blue_deployment_config", Given::text("blue.yml"));
    refused(
        &[deploy, blue, config, (BLUE, n(100))],
        "deploy_green",
        &["deploy_blue and deploy_green are both true"],
    );
}

#[test]
fn only_one_deployment_that_is_not_live_gets_mirrored_requests() {
    let (b, g) = ("blue_mirror_percentage", "green_mirror_percentage");
    let mirrored = colours(&[(BLUE, n(100)), (g, n(20))]);
    assert_eq!(mirrored.green.mirror.map(|mirror| mirror.to_string()).as_deref(), Some("20 %"));
    assert_eq!(colours(&[(BLUE, n(100)), (g, n(0))]).green.mirror, None);
    let said = "blue_mirror_percentage is 10 and green_mirror_percentage is 20";
    refused(&[(GREEN, n(100)), (b, n(10)), (g, n(20))], g, &[said]);
    refused(
        &[(GREEN, n(100)), (g, n(20))],
        g,
        &["green_traffic_percentage is 100 and green_mirror_percentage is 20"],
    );
    refused(&[(BLUE, n(100)), (g, n(51))], g, &["at most 50 %"]);
}

#[test]
fn an_empty_number_or_flag_is_rejected_as_on_github() {
    for key in [BLUE, GREEN, "green_mirror_percentage"] {
        refused(&[(key, Given::Null)], key, &["is empty, and GitHub rejects the call"]);
    }
    for key in ["deploy_blue", "enable_queue_logging", "maximise_disk_space", "run_load_test"] {
        refused(&[(BLUE, n(100)), (key, Given::Null)], key, &["is empty, and GitHub rejects"]);
    }
    // In quotes the value is a string, which GitHub does not convert to a number.
    for text in ["60", " 60 ", "0", ""] {
        refused(&[(BLUE, Given::text(text))], BLUE, &["without quotes"]);
    }
}

#[test]
fn shares_outside_0_to_100_or_with_a_fraction_are_rejected() {
    for (given, part) in [
        (n(-5), "-5 is not a valid percentage"),
        (n(150), "150 is not a valid percentage"),
        (Given::plain("12.5"), "the number 12.5"),
        (Given::Bool(true), "true"),
    ] {
        refused(&[(BLUE, given)], BLUE, &[part]);
    }
    assert_eq!(colours(&[(BLUE, Given::plain("1e2"))]).blue.traffic.to_string(), "100 %");
}

#[test]
fn an_expression_becomes_a_question_and_its_answer_is_checked() {
    let release = call(&[(BLUE, Given::text("${{ inputs.blue }}"))]);
    assert_eq!(release.problems, []);
    assert_eq!(release.questions.len(), 1);
    let answer = |number| [(BLUE.to_owned(), n(number))].into_iter().collect();
    assert_eq!(release.with(&answer(100)).problems, []);
    assert_ne!(release.with(&answer(60)).problems, []);
}

#[test]
fn forms_are_not_mixed_and_names_are_not_repeated() {
    refused(&[(BLUE, n(100)), ("deploy", Given::Bool(true))], "deploy", &["first form"]);
    let key = "green_deployment_name";
    refused(&[(BLUE, n(100)), (key, Given::text("Anet-Blue"))], key, &["a different name"]);
    let deploy = ("deploy_green", Given::Bool(true));
    let config = "green_deployment_config";
    refused(&[(BLUE, n(100)), deploy, (config, gone())], config, &["is missing"]);
    refused(&[(GREEN, n(100)), (key, gone())], GREEN, &["without green_deployment_name"]);
}

#[test]
fn a_named_version_requires_its_inputs_and_builds_first() {
    let key = "templates_repo_ref";
    refused(&[(BLUE, n(100)), (key, gone())], key, &["requires it: GitHub rejects the call"]);
    let other = call(&[(BLUE, n(100)), (key, Given::text("v1.0.0"))]);
    assert!(other.notes.iter().any(|note| note.message.contains("with the scripts of v1.0.0")));
    let deploys = call(&[(BLUE, n(100)), ("deploy_green", Given::Bool(true))]);
    let said = deploys.notes.iter().any(|note| note.message.contains("builds the image before"));
    assert!(said, "{:?}", deploys.notes);
}

proptest! {
    /// For all shares: valid shares equal the written ones, add up to 100, and make one deployment live.
    #[test]
    fn shares_are_read_as_written(blue in prop::option::of(0_i64..=110), green in prop::option::of(0_i64..=110)) {
        let given = |key, share: Option<i64>| share.map(|share| (key, n(share)));
        let inputs: Vec<_> = given(BLUE, blue).into_iter().chain(given(GREEN, green)).collect();
        let release = call(&inputs);
        let (b, g) = (blue.unwrap_or(0), green.unwrap_or(0));
        let is_right = b + g == 100 && (b == 0 || g == 0);
        prop_assert_eq!(release.definition.is_some(), is_right);
        if is_right {
            let read = colours(&inputs);
            prop_assert_eq!(read.blue.traffic.known().map(|share| i64::from(share.get())), Some(b));
            prop_assert_eq!(read.green.traffic.known().map(|share| i64::from(share.get())), Some(g));
        }
    }
}
