//! Tables for the reader of workflow files.

use super::*;
use domain::release::input::Expression;

const SEED: &str = "jobs:
  pre-commit:
    uses: ./.github/workflows/checks.yml
  build-dev:
    needs: pre-commit
    if: github.ref == 'refs/heads/prime/deploy'
    uses: Eedi/ml-mlops-templates/.github/workflows/build.yml@main
    with:
        environment: anet-dev
        environment_config_file: config-infra-anet-dev.yml
        ml_env_name: ml-azua-litserve-env # must match the environment name in the deployment config
        ml_env_description: \"Environment for ml-azua serving\"
        target_layer: litserve
        tags: \"'team=data-science' 'repo=ml-azua' 'model=dynamic-vae'\"
        maximise_disk_space: false
    secrets: inherit
  deploy-nbq-dev:
    needs: [build-dev, pre-commit]
    uses: Eedi/ml-mlops-templates/.github/workflows/deploy_realtime.yml@main
    with:
        environment: anet-dev
        environment_config_file: config-infra-anet-dev.yml
        deploy: false
        run_load_test: false
        load_test_config: ./mlops/azureml/configs/project_prime/load_test_nbq.yml
        load_test_name: nbq-allcandidates_alltargets_10x # must change if test plan changes
        endpoint_name: anet-ep-dev
        deployment_name: anet-eedi
        endpoint_config: ./mlops/azureml/configs/project_prime/endpoint_dev.yml
        deployment_config: ./mlops/azureml/configs/project_prime/deployment_dev.yml
";

fn revision() -> Revision {
    Revision {
        reference: Some("main".parse().expect("a reference")),
        commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        title: String::new(),
        author: String::new(),
        at: None,
    }
}

fn read_bytes(bytes: &[u8]) -> Workflow {
    read(Place { repository: "anet/x", revision: &revision(), path: "w.yml" }, bytes)
}

#[track_caller]
fn check_problem(bytes: &[u8], line: u32, part: &str) {
    let Workflow { releases, problems, .. } = read_bytes(bytes);
    let [problem] = problems.as_slice() else { panic!("one problem: {problems:?}") };
    assert_eq!((problem.file.as_str(), problem.line), ("w.yml", Some(line)), "{problem:?}");
    assert!(problem.message.contains(part), "{part}: {problem:?}");
    assert_eq!(releases, []);
}

#[test]
fn the_jobs_that_call_the_templates_are_releases() {
    let Workflow { releases, problems, .. } = read_bytes(SEED.as_bytes());
    assert_eq!(problems, []);
    let [build, deploy] = releases.as_slice() else { panic!("{releases:?}") };
    assert_eq!((build.template, deploy.template), (Template::Build, Template::DeployRealtime));
    assert_eq!((build.origin.job.as_str(), build.origin.line), ("build-dev", Some(4)));
    assert_eq!(build.origin.needs, ["pre-commit"]);
    assert_eq!(deploy.origin.needs, ["build-dev", "pre-commit"]);
    let condition = build.origin.condition.as_deref();
    assert_eq!(condition, Some("github.ref == 'refs/heads/prime/deploy'"));
    assert_eq!(build.origin.short_commit(), Some("01234567"));
    assert_eq!((&build.problems, &deploy.problems), (&vec![], &vec![]));
    assert!(build.definition.is_some() && deploy.definition.is_some());
    let layer = build.inputs.get("target_layer").expect("it is given");
    assert_eq!((&layer.given, layer.line), (&Given::text("litserve"), Some(13)));
    assert_eq!(deploy.inputs.get("deploy").map(|i| &i.given), Some(&Given::Bool(false)));
}

/// The two examples of the templates' README. The keys of the second are at the job's own depth.
fn pasted(indent: &str) -> String {
    let blocks = "build-dev:\n    uses: Eedi/ml-mlops-templates/.github/workflows/build.yml@main\n    \
                  with:\n        environment: anet-dev\ndeploy-nbq-dev:\nneeds: build-dev\n\
                  uses: Eedi/ml-mlops-templates/.github/workflows/deploy_realtime.yml@main\nwith:\n    \
                  environment: anet-dev\n    deploy: false\nsecrets: inherit\npermissions:\n    \
                  id-token: write\n    contents: read\n";
    let lines = blocks.lines().map(|line| format!("{indent}{line}\n"));
    format!("jobs:\n{}", lines.collect::<String>())
}

#[test]
fn a_block_pasted_without_its_indentation_is_read_and_reported() {
    for (indent, count) in [("  ", 1), ("", 2)] {
        let Workflow { releases, problems, .. } = read_bytes(pasted(indent).as_bytes());
        let [build, deploy] = releases.as_slice() else { panic!("{indent:?}: {releases:?}") };
        assert_eq!((build.origin.job.as_str(), build.origin.line), ("build-dev", Some(2)));
        assert_eq!((deploy.origin.job.as_str(), deploy.origin.line), ("deploy-nbq-dev", Some(6)));
        assert_eq!(deploy.origin.needs, ["build-dev"]);
        let environment = deploy.inputs.get("environment").expect("it is given");
        assert_eq!((&environment.given, environment.line), (&Given::text("anet-dev"), Some(10)));
        assert_eq!(problems.len(), count, "{problems:?}");
        let problem = problems.last().expect("one");
        assert_eq!((problem.file.as_str(), problem.line), ("w.yml", Some(6)), "{problem:?}");
        let words = "needs, uses, with, secrets and permissions should be below it";
        assert!(problem.message.contains(words), "{problem:?}");
    }
}

#[test]
fn jobs_at_the_wrong_depth_are_always_reported() {
    check_problem(b"jobs:\n  d:\n", 2, "the job d is empty");
    check_problem(b"jobs:\n  with: {x: 1}\n  d: {runs-on: x}\n", 2, "belongs to a job");
    check_problem(b"jobs:\n  d: {runs-on: x}\n  with: {x: 1}\n", 2, "ends too early: with");
    check_problem(
        b"jobs:\n  d:\n  needs: x\n  with: {}\n",
        2,
        "is empty: needs and with should be below it",
    );
    check_problem(b"jobs:\npermissions: {}\n", 1, "must map names to jobs");
    let named = "jobs:\n  x: {runs-on: a}\n  with: {uses: ./.github/workflows/build.yml}\n";
    let Workflow { releases, problems, .. } = read_bytes(named.as_bytes());
    assert_eq!((releases.len(), problems), (1, vec![]));
}

#[test]
fn a_byte_order_mark_and_crlf_change_nothing() {
    let other = format!("\u{feff}{}", SEED.replace('\n', "\r\n"));
    let (plain, other) = (read_bytes(SEED.as_bytes()), read_bytes(other.as_bytes()));
    assert_eq!(plain.releases, other.releases);
}

#[test]
fn merge_keys_are_read_and_reported() {
    let text = "on: push\nx-common: &common\n  environment: anet-dev\n  deploy: true\njobs:\n  d:\n    \
                uses: a/b/.github/workflows/deploy_realtime.yml@v1\n    with:\n      <<: *common\n      \
                deploy: false\n";
    let Workflow { releases, problems, refused, .. } = read_bytes(text.as_bytes());
    assert_eq!(problems, []);
    let said: Vec<_> = refused.iter().map(|one| (one.line, one.message.as_str())).collect();
    let [(Some(2), root), (Some(9), merge)] = said.as_slice() else { panic!("{said:?}") };
    assert!(root.contains("x-common is not a key of a workflow's root"), "{root}");
    assert!(merge.contains("would not merge environment, deploy here"), "{merge}");
    let inputs = &releases[0].inputs;
    let given = |key| inputs.get(key).map(|input| input.given.clone());
    assert_eq!(given("environment"), Some(Given::text("anet-dev")));
    assert_eq!(given("deploy"), Some(Given::Bool(false)), "its own value wins");
}

#[test]
fn values_are_read_as_github_reads_them() {
    let check = |text: &str, expected: Given| {
        let text = format!(
            "jobs:\n  d:\n    uses: ./.github/workflows/build.yml\n    with:\n      x: {text}\n"
        );
        let given = read_bytes(text.as_bytes()).releases[0].inputs.get("x").cloned();
        assert_eq!(given.map(|input| input.given), Some(expected), "{text}");
    };
    check("true", Given::Bool(true));
    check("\"true\"", Given::text("true"));
    check("yes", Given::text("yes"));
    check("off", Given::text("off"));
    check("20", Given::Integer(20));
    check("-1", Given::Integer(-1));
    check("'20'", Given::text("20"));
    check("12.5", Given::Float("12.5".to_owned()));
    check("1e2", Given::Float("1e2".to_owned()));
    check("99999999999999999999", Given::Float("99999999999999999999".to_owned()));
    check("1.2.3", Given::text("1.2.3"));
    check("~", Given::Null);
    check("", Given::Null);
    check("[a]", Given::Other("a list".to_owned()));
    check("20 %", Given::text("20 %"));
    let asked = "${{ inputs.x }}";
    check(asked, Given::Expression(Expression(asked.to_owned())));
    check("\"pre-${{ inputs.x }}\"", Given::Expression(Expression(format!("pre-{asked}"))));
}

#[test]
fn a_file_that_is_not_a_workflow_is_a_problem_at_its_line() {
    check_problem(b"", 1, "not a workflow");
    check_problem(b"on: push\n", 1, "not a workflow");
    check_problem(b"jobs: 5\n", 1, "must map names to jobs");
    check_problem(b"jobs:\n\td: {}\n", 2, "tab");
    check_problem(b"jobs:\n  d: {}\n  d: {}\n", 3, "the key occurs twice");
    check_problem(b"jobs:\n  d: [a\n", 2, "a list in [] is not closed");
    check_problem(b"jobs:\n  d: \xff\xfe\n", 2, "UTF-8");
    let large = vec![b'#'; 2 * 1024 * 1024];
    check_problem(&large, 1, "which is the limit");
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    text.push_str("jobs: {}\n");
    let Workflow { problems, .. } = read_bytes(text.as_bytes());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].line.is_some());
}

#[test]
fn a_wrong_with_hides_no_other_job() {
    let text =
        format!("{SEED}  broken:\n    uses: a/b/.github/workflows/build.yml@v1\n    with: [x]\n");
    let Workflow { releases, problems, .. } = read_bytes(text.as_bytes());
    assert_eq!(releases.len(), 3);
    assert!(releases[2].definition.is_none());
    assert_eq!((problems.len(), problems[0].line), (1, Some(33)), "{problems:?}");
}

#[test]
fn other_jobs_are_not_releases() {
    for uses in [
        "a/b/.github/workflows/deploy.yml@0123456789abcdef0123456789abcdef01234567",
        "a/b/.github/workflows/test.yml@main",
        "actions/checkout@v4",
        "build.yml",
        "./build.yml",
        "a/b/.github/workflows/my-build.yml@main",
        "docker://alpine",
    ] {
        let text = format!("jobs:\n  j:\n    uses: {uses}\n");
        assert_eq!(read_bytes(text.as_bytes()).releases, [], "{uses}");
    }
    let local = "jobs:\n  j:\n    uses: ./.github/workflows/deploy_realtime.yml\n";
    assert_eq!(read_bytes(local.as_bytes()).releases.len(), 1);
}

#[test]
fn calls_that_github_rejects_are_problems() {
    for (uses, part) in [
        ("a/b/.github/workflows/build.yml@main", None),
        ("./.github/workflows/build.yml", None),
        ("a/b/.github/workflows/build.yml", Some("names no branch, tag or commit")),
        ("a/b/.github/workflows/build.yml@", Some("names no branch, tag or commit")),
        ("a/.github/workflows/build.yml@v1", Some("owner/repository/")),
        (".github/workflows/build.yml", Some("owner/repository/")),
        ("./.github/workflows/build.yml@main", Some("at the same commit")),
        ("a/b/.github/workflows/Build.yml@v1", Some("case-sensitive")),
    ] {
        let text = format!("jobs:\n  j:\n    uses: {uses}\n");
        let releases = read_bytes(text.as_bytes()).releases;
        let problem = call_problem(&releases[0].origin);
        let told = problem.as_ref().map(|problem| (problem.file.as_str(), problem.line));
        assert_eq!(told, part.map(|_| ("w.yml", Some(2))), "{uses}");
        let message = problem.map(|problem| problem.message).unwrap_or_default();
        assert!(message.contains(part.unwrap_or_default()), "{uses}: {message}");
    }
}

#[test]
fn workflows_that_the_console_does_not_handle_are_notes() {
    let text = "on: push\njobs:\n  train:\n    uses: E/t/.github/workflows/train_pipeline.yml@v1.0.0\n  share:\n    \
                uses: E/t/.github/workflows/promote_model.yml@v2.1.0\n    with:\n      environment: anet-dev\n      \
                environment_config_file: c.yml\n      templates_repo_ref: v2.1.0\n      model_name: nbq\n      \
                model_version: 3\n  app:\n    uses: E/t/.github/workflows/appservice_deploy.yml@v2.2.3\n";
    let Workflow { releases, problems, refused, notes } = read_bytes(text.as_bytes());
    assert_eq!((releases, problems, refused), (vec![], vec![], vec![]));
    let said: Vec<_> =
        notes.iter().map(|(job, note)| format!("{job} {}", note.about.message)).collect();
    assert_eq!(
        said,
        [
            "train the job train calls train_pipeline.yml, which runs a training pipeline. The console leaves this job \
             to GitHub.",
            "share the job share calls promote_model.yml, which shares a model version with a registry (az ml \
             model share): version 3 of nbq. The console leaves this job to GitHub.",
            "app the job app calls appservice_deploy.yml, which deploys to an App Service. The console leaves this job \
             to GitHub.",
        ]
    );
}

#[test]
fn a_matrix_job_is_one_release_with_a_note() {
    let text = "on: push\njobs:\n  d:\n    strategy:\n      matrix: {env: [anet-dev, anet-prod]}\n    \
                uses: ./.github/workflows/build.yml\n    with:\n      environment: ${{ matrix.env }}\n";
    let Workflow { releases, refused, notes, .. } = read_bytes(text.as_bytes());
    assert_eq!((releases.len(), refused), (1, vec![]));
    assert_eq!(releases[0].questions.len(), 1);
    assert_eq!(notes[0].1.about.place(), "w.yml:5:7");
    assert!(notes[0].1.about.message.contains("once for each combination of env"), "{notes:?}");
}
