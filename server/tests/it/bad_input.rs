//! Invalid releases, read by the real reader: each problem names its file, line and rule, and hides no
//! other release.

use crate::releases::{WORKFLOWS, commit, deploy, releases};
use crate::support::{Browser, TestConsole, VERA};

const GOOD: &str = "      deploy: true\n      run_load_test: false\n";
const WRONG: &str = "/releases/ml-azua/wrong.yml/deploy";
const INFRA: &str = "config-infra-anet-prod.yml";
const DEPLOYMENT: &str = "mlops/nbq/deployment_prod.yml";
const ENDPOINT: &str = "mlops/nbq/endpoint_prod.yml";

/// Aliases of aliases: 10¹¹ items when expanded.
fn bomb() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    text
}

/// The problems that the release's page shows after a fresh read.
async fn problems(vera: &mut Browser) -> String {
    vera.get("/releases?again=1").await.expect(200);
    let page = vera.get(WRONG).await.expect(200);
    page.text_of("#problems").unwrap_or_default()
}

/// Expects each workflow to give a release with a problem at the given place, and with the given reason.
async fn refused(console: &TestConsole, cases: &[(String, &str, &str)]) {
    let mut vera = console.signed_in_as(VERA).await;
    for (text, place, part) in cases {
        commit(console, &format!("{WORKFLOWS}/wrong.yml"), text).await;
        let problems = problems(&mut vera).await;
        assert!(problems.contains(place) && problems.contains(part), "{place} {part}: {problems}");
        vera.get(WRONG).await.expect(200).says("invalid");
    }
}

#[tokio::test]
async fn one_broken_workflow_hides_no_other() {
    let console = TestConsole::start().await;
    console.observed().await;
    let broken: [(&str, Vec<u8>, &str); 7] = [
        ("tab.yml", b"jobs:\n\tx: 1\n".to_vec(), "tab.yml:2"),
        ("twice.yaml", b"jobs: {}\njobs: {}\n".to_vec(), "twice.yaml:2"),
        ("latin.yml", b"jobs:\n  # caf\xe9\n".to_vec(), "latin.yml:2"),
        ("large.yml", vec![b'#'; 2 * 1024 * 1024], "which is the limit"),
        ("none.yml", b"on: push\n".to_vec(), "none.yml:1"),
        ("open.yml", b"jobs: [\n".to_vec(), "open.yml:"),
        ("bomb.yml", format!("{}jobs: {{}}\n", bomb()).into_bytes(), "aliases expanded"),
    ];
    for (name, content, _) in &broken {
        commit(&console, &format!("{WORKFLOWS}/{name}"), content).await;
    }
    let page = releases(&console).await;
    page.says("11 workflow files, 7 releases");
    for (name, _, part) in &broken {
        page.says(name);
        page.says(part);
    }
    page.says("deploy-nbq-prod");
}

#[tokio::test]
async fn byte_order_marks_and_anchors_are_valid() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut vera = console.signed_in_as(VERA).await;
    let plain = deploy(GOOD);
    let anchored = plain
        .replacen("jobs:\n", "x-flags: &flags\n  deploy: false\n  run_load_test: false\njobs:\n", 1)
        .replace("      run_load_test: false\n", "      <<: *flags\n");
    let crlf = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    for text in [plain, anchored, crlf] {
        commit(&console, &format!("{WORKFLOWS}/wrong.yml"), &text).await;
        assert_eq!(problems(&mut vera).await, "", "{text}");
        let page = vera.get(WRONG).await.expect(200);
        page.says("deploytrue");
        page.says("run_load_testfalse");
    }
}

#[tokio::test]
async fn inputs_of_the_wrong_type_are_reported_at_their_line() {
    let console = TestConsole::start().await;
    console.observed().await;
    let shadow =
        |more: &str| deploy(&format!("{GOOD}      shadow_deployment_name: anet-x\n{more}"));
    let mirror =
        |value: &str| shadow(&format!("      shadow_deployment_mirror_percentage: {value}\n"));
    let live = |value: &str, more: &str| {
        shadow(&format!("      shadow_deployment_traffic_percentage: {value}\n{more}"))
    };
    let cases = [
        (deploy(&GOOD.replace("true", "\"true\"")), "wrong.yml:11", "without quotes"),
        (deploy(&GOOD.replace("true", "1")), "wrong.yml:11", "must be true or false"),
        (deploy(&GOOD.replace("deploy:", "deplyo:")), "wrong.yml:11", "deplyo"),
        (mirror("\"20\""), "wrong.yml:14", "the text “20”"),
        (mirror("12.5"), "wrong.yml:14", "whole number"),
        (mirror("-5"), "wrong.yml:14", "-5 is not a valid percentage"),
        (mirror("101"), "wrong.yml:14", "101 is not a valid percentage"),
        (mirror("51"), "wrong.yml:14", "at most 50 %"),
        (mirror("[20]"), "wrong.yml:14", "a list"),
        (live("101", ""), "wrong.yml:14", "101 is not a valid percentage"),
        (live("\"10\"", ""), "wrong.yml:14", "the text “10”"),
        (live("-1", ""), "wrong.yml:14", "-1 is not a valid percentage"),
        (
            live("10", "      shadow_deployment_mirror_percentage: 10\n"),
            "wrong.yml:14",
            "both given",
        ),
        (
            live("10", "      shadow_deployment_config: ./mlops/nbq/deployment_prod.yml\n"),
            "wrong.yml:14",
            "both given",
        ),
    ];
    refused(&console, &cases).await;
}

#[tokio::test]
async fn invalid_file_references_are_reported_at_their_line() {
    let console = TestConsole::start().await;
    console.observed().await;
    let cases = [
        (
            deploy(GOOD).replace("deployment_prod.yml", "gone.yml"),
            "wrong.yml:10",
            "there is no file",
        ),
        (
            deploy(GOOD).replace("./mlops/nbq/endpoint", "../../etc"),
            "wrong.yml:9",
            "out of the repository",
        ),
        (
            deploy(GOOD).replace("infra-anet-prod", "infra-anet-dev"),
            "config-infra-anet-dev.yml:",
            "belongs to the stage anet-dev",
        ),
        (
            deploy(GOOD).replace("environment: anet-prod", "environment: anet-qa"),
            "wrong.yml:5",
            "none of the console's stages",
        ),
    ];
    refused(&console, &cases).await;
}

#[tokio::test]
async fn errors_in_referenced_files_are_reported_at_their_line() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut vera = console.signed_in_as(VERA).await;
    commit(&console, &format!("{WORKFLOWS}/wrong.yml"), deploy(GOOD)).await;
    assert_eq!(problems(&mut vera).await, "");
    let text = |text: &str| text.as_bytes().to_vec();
    let cases = [
        (INFRA, text("variables:\n\tnamespace: anet\n"), 2, "tab"),
        (INFRA, text("variables:\n  postfix: 1\n  postfix: 2\n"), 3, "twice"),
        (INFRA, b"variables:\n  x: \xff\n".to_vec(), 2, "UTF-8"),
        (INFRA, text(&format!("{}variables: {{}}\n", bomb())), 0, "aliases expanded"),
        (INFRA, vec![b'#'; 2 * 1024 * 1024], 0, "which is the limit"),
        (DEPLOYMENT, text("name: a\n\tendpoint_name: b\n"), 2, "tab"),
        (DEPLOYMENT, text("name: anet-eedi\nname: anet-eedi\n"), 2, "again in line 2"),
        (DEPLOYMENT, b"name: anet-eedi\nmodel: \xff\n".to_vec(), 2, "UTF-8"),
        (DEPLOYMENT, text(&bomb()), 0, "aliases expanded"),
        (DEPLOYMENT, vec![b'#'; 2 * 1024 * 1024], 0, "which is the limit"),
        (
            DEPLOYMENT,
            text("name: anet-eedi\nendpoint_name: anet-ep-prod\ninstance_tyqe: x\n"),
            3,
            "instance_type",
        ),
        (ENDPOINT, text("name: anet-ep-prod\ntraffic:\n  blue: \"ten\"\n"), 3, "traffic"),
    ];
    for (path, content, line, part) in cases {
        let before = original(&console, path).await;
        commit(&console, path, &content).await;
        let problems = problems(&mut vera).await;
        let place = if line == 0 { path.to_owned() } else { format!("{path}:{line}") };
        let found = problems.contains(&place) && problems.contains(part);
        assert!(found, "{place} {part}: {problems}; {}", vera.get(WRONG).await.words());
        commit(&console, path, &before).await;
    }
    assert_eq!(problems(&mut vera).await, "");
}

#[tokio::test]
async fn files_with_anchors_or_from_other_editors_are_read() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut vera = console.signed_in_as(VERA).await;
    commit(&console, &format!("{WORKFLOWS}/wrong.yml"), deploy(GOOD)).await;
    for path in [INFRA, DEPLOYMENT, ENDPOINT] {
        let text = String::from_utf8(original(&console, path).await).expect("UTF-8");
        let crlf = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        commit(&console, path, crlf).await;
        assert_eq!(problems(&mut vera).await, "", "{path}");
    }
    let infra = "x-common: &common\n  namespace: anet\n  postfix: 0001\nvariables:\n  <<: *common\n  \
                 environment: prod\n  resource_group: anet-0001\n";
    commit(&console, INFRA, infra).await;
    assert_eq!(problems(&mut vera).await, "");
    vera.get(WRONG).await.expect(200).says("mlw-anet-0001prod derived");
}

async fn original(console: &TestConsole, path: &str) -> Vec<u8> {
    let url = format!("{}/repos/anet/ml-azua/contents/{path}", console.github_api);
    let request = console.http.get(url).bearer_auth(&console.github_token);
    let request = request.header("accept", "application/vnd.github.raw+json");
    request.send().await.expect("GitHub answers").bytes().await.expect("bytes").to_vec()
}

#[tokio::test]
async fn a_missing_test_plan_is_reported_only_if_the_load_test_runs() {
    let console = TestConsole::start().await;
    console.observed().await;
    let config = "mlops/nbq/load_test_gone.yml";
    commit(&console, config, "version: v0.1\n\ntestPlan: gone.py\n").await;
    let tested = |run: &str| {
        let more = format!("      load_test_config: ./{config}\n      load_test_name: gone\n");
        let flags = GOOD.replace("run_load_test: false", &format!("run_load_test: {run}"));
        deploy(&format!("{flags}{more}"))
    };
    let run = [(tested("true"), "load_test_gone.yml:3", "there is no file mlops/nbq/gone.py")];
    refused(&console, &run).await;
    let mut vera = console.signed_in_as(VERA).await;
    commit(&console, &format!("{WORKFLOWS}/wrong.yml"), tested("false")).await;
    assert_eq!(problems(&mut vera).await, "");
}

#[tokio::test]
async fn an_unindented_job_and_a_call_without_a_version_are_reported() {
    let console = TestConsole::start().await;
    console.observed().await;
    let lines: Vec<_> = deploy(GOOD).lines().map(str::to_owned).collect();
    let pasted = lines
        .iter()
        .map(|line| line.strip_prefix("  ").filter(|l| l.starts_with("  ")).unwrap_or(line));
    let pasted: String = pasted.map(|line| format!("{line}\n")).collect();
    commit(&console, &format!("{WORKFLOWS}/wrong.yml"), pasted).await;
    let page = releases(&console).await;
    page.says("wrong.yml:2");
    page.says("the job deploy is empty: uses and with should be below it");
    let mut vera = console.signed_in_as(VERA).await;
    assert_eq!(problems(&mut vera).await, "");
    let call =
        [(deploy(GOOD).replace("@main", ""), "wrong.yml:2", "names no branch, tag or commit")];
    refused(&console, &call).await;
}
