//! A miniature repository with the mistakes that teams make and the surprises of GitHub and the templates.
//! For each file, the console says what GitHub and the templates would do.

use domain::release::note::Weight;
use domain::repository::FileProblem;
use domain::stage::Stage;
use server::clock::Clock;
use server::releases::Reader;
use server::releases::read::Snapshot;
use server::releases::source::Folder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

fn fixture() -> PathBuf {
    Path::new("tests/fixtures/faults")
        .canonicalize()
        .expect("cargo runs tests in the package's folder")
}

async fn snapshot(folder: PathBuf) -> Arc<Snapshot> {
    let stage = |name: &str, workspace: &str| Stage {
        name: name.parse().expect("a name"),
        subscription: "s".to_owned(),
        resource_group: "rg-anet-0001".to_owned(),
        workspace: workspace.to_owned(),
        protected: false,
    };
    let stages =
        vec![stage("anet-dev", "mlw-anet-0001dev"), stage("anet-prod", "mlw-anet-0001prod")];
    let environments =
        BTreeMap::from([("prod_eu".to_owned(), "anet-dev".parse().expect("a name"))]);
    let source = Box::new(Folder::new(folder));
    let reader =
        Reader::new("faults".to_owned(), source, environments, stages, Duration::from_secs(60));
    let reading = reader.read(None, &Clock::default(), true).await;
    reading.snapshot.expect("the folder is read")
}

fn line(mark: &str, about: &FileProblem) -> String {
    let place = about.place();
    let place = place.strip_prefix(".github/workflows/").unwrap_or(&place);
    format!("  {mark} {place} {}\n", about.message)
}

/// The remarks on the release's page: `!` for a problem, `?` for a warning, `-` for a note.
fn remarks(snapshot: &Arc<Snapshot>) -> String {
    let mut all = String::new();
    for problem in &snapshot.problems {
        all.push_str(&line("!", problem));
    }
    for one in &snapshot.releases {
        let defined = &one.defined;
        let stage =
            defined.stage.as_ref().map_or_else(|| "no stage".to_owned(), ToString::to_string);
        let asks: Vec<_> =
            defined.release.questions.iter().map(|asked| asked.key.as_str()).collect();
        let asks =
            if asks.is_empty() { String::new() } else { format!(", asks for {}", asks.join(", ")) };
        let version = &defined.release.version;
        all.push_str(&format!(
            "{} {}: {stage}, read as {}{asks}\n",
            defined.id.workflow, defined.id.job, version.edition
        ));
        for problem in &defined.problems {
            all.push_str(&line("!", problem));
        }
        for note in &defined.notes {
            let mark = if note.weight == Weight::Note { "-" } else { "?" };
            all.push_str(&line(mark, &note.about));
        }
    }
    all
}

/// A release of the fixture, whether it has a problem, and lines that its page must have.
type Expected = (&'static str, bool, &'static [&'static str]);

const EXPECTED: [Expected; 19] = [
    ("01-v2-build.yml build: anet-dev, read as v2.2.4", false, &[]),
    ("02-v2-deploy.yml deploy: anet-dev, read as v2.2.4", false, &[]),
    (
        "07-sum.yml deploy: anet-dev, read as v2.2.4",
        true,
        &[
            "! 07-sum.yml:15:7 blue_traffic_percentage is 60 and green_traffic_percentage is omitted, which means 0: live traffic totals 60 %, and must total exactly 100 %. The workflow stops before it touches Azure. Give one deployment 100 and the other 0.",
        ],
    ),
    (
        "07c-zero.yml deploy: anet-dev, read as v2.2.4",
        true,
        &[
            "! 07c-zero.yml:18:7 blue_traffic_percentage is 60 and green_traffic_percentage is 0: live traffic totals 60 %, and must total exactly 100 %. The workflow stops before it touches Azure. Give one deployment 100 and the other 0.",
        ],
    ),
    (
        "08-case.yml deploy: anet-dev, read as the form before the first tag",
        false,
        &[
            "? 08-case.yml:3 The call names prime_release_20250826, whose deploy_realtime.yml has blue and green, but gives inputs of the earlier form (deploy, deployment_name, deployment_config): GitHub rejects the call as it is. The console reads the call in the form before the first tag, primary and shadow.",
        ],
    ),
    (
        "10-merge.yml one: anet-dev, read as the form before the first tag",
        false,
        &[
            "? 10-merge.yml:3 The call names x, which is not a known version of the templates (prime_release_20250826, v1.0.0 to v2.2.4). The console reads the call in the form before the first tag, primary and shadow.",
        ],
    ),
    (
        "10-merge.yml two: anet-dev, read as the form before the first tag",
        false,
        &[
            "? 10-merge.yml:17:7 GitHub does not support merge keys (<<): it would not merge environment, environment_config_file, deploy, run_load_test, endpoint_name, deployment_name, endpoint_config, deployment_config here, and rejects the file as it is. Write the entries out, or use an alias for the whole mapping.",
        ],
    ),
    (
        "12-num.yml deploy: anet-dev, read as the form before the first tag",
        false,
        &[
            "- 12-num.yml:15:7 load_test_name is the number 2024, which GitHub converts to the text “2024”.",
        ],
    ),
    (
        "13-emptynum.yml deploy: anet-dev, read as v2.2.4",
        true,
        &[
            "! 13-emptynum.yml:18:7 green_traffic_percentage is empty, and GitHub rejects the call: a number input must be a number. Write a number, or remove the line.",
        ],
    ),
    (
        "14-notclosed.yml deploy: anet-dev, read as the form before the first tag",
        true,
        &[
            "! 14-notclosed.yml:10:7 endpoint_name: GitHub cannot evaluate anet-ep-${{ vars.STAGE: a ${{ is opened but not closed with }}. GitHub therefore rejects the whole file. Write a value.",
        ],
    ),
    (
        "15-context.yml deploy: anet-dev, read as the form before the first tag",
        true,
        &[
            "! 15-context.yml:10:7 endpoint_name: GitHub cannot evaluate ${{ env.ENDPOINT }}: in the with: of a call env is not available, only github, inputs, vars, needs, strategy, matrix. GitHub therefore rejects the whole file. Write a value.",
            "! 15-context.yml:11:7 deployment_name: GitHub cannot evaluate ${{ secrets.NAME }}: in the with: of a call secrets is not available, only github, inputs, vars, needs, strategy, matrix. GitHub therefore rejects the whole file. Write a value.",
        ],
    ),
    (
        "27-stranswer.yml deploy: anet-dev, read as the form before the first tag, asks for load_test_name",
        false,
        &[],
    ),
    (
        "29-ref.yml deploy: anet-dev, read as v2.2.4, asks for templates_repo_ref",
        false,
        &[
            "? 29-ref.yml:20:7 deploy_realtime.yml from v1.0.3 on builds the image before it deploys, and build.yml stops if one of its inputs is empty: ml_env_description, target_layer, tags. The console deploys the existing image.",
        ],
    ),
    (
        "c-given.yml deploy: anet-dev, read as v2.2.4",
        false,
        &[
            "? infra-given.yml:10 action_group_name is ag-other, but the templates ignore the key: the name is always derived from namespace, postfix and environment. The workflow uses ag-anet-0001-dev, and so does the console. Remove the key.",
        ],
    ),
    ("d-inline.yml deploy: anet-dev, read as the form before the first tag", false, &[]),
    ("d-latest.yml deploy: anet-dev, read as the form before the first tag", false, &[]),
    ("e-queue.yml deploy: anet-dev, read as v2.2.4", false, &[]),
    (
        "f-ltcase.yml deploy: anet-dev, read as the form before the first tag",
        true,
        &[
            "! f-ltcase.yml:10:7 endpoint_name is Anet-EP-Dev, and the load test's id would be lt-Anet-EP-Dev-steady-10x: Azure Load Testing allows lower-case letters, digits, hyphens and underscores, so an endpoint with capitals in its name cannot have a load test. Set run_load_test to false, or give the endpoint another name.",
        ],
    ),
    ("i-env3.yml deploy: anet-dev, read as the form before the first tag", false, &[]),
];

#[tokio::test]
async fn each_file_says_what_github_and_the_templates_would_do() {
    let remarks = remarks(&snapshot(fixture()).await);
    let mut lines = remarks.lines().peekable();
    for (heading, is_hindered, said) in EXPECTED {
        assert_eq!(lines.next(), Some(heading), "{remarks}");
        let mut own = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("  ")) {
            own.push(line.trim_start());
        }
        // The plan checks a file's own references.
        let is_judged = !heading.starts_with("d-");
        let found = own.iter().any(|line| line.starts_with('!'));
        assert!(!is_judged || found == is_hindered, "{heading} {own:#?}");
        // A problem that GitHub reports is not repeated as a remark.
        let says_twice =
            |line: &&&str| line.starts_with('?') && line.contains("cannot be evaluated");
        assert_eq!(own.iter().find(says_twice), None, "{heading} {own:#?}");
        for line in said {
            assert!(own.contains(line), "{heading}\n{line}\n{own:#?}");
        }
    }
    assert_eq!(lines.next(), None, "{remarks}");
}

/// A folder with the fixture's files and one workflow.
async fn with_workflow(text: &str) -> Arc<Snapshot> {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&fixture(), folder.path());
    let workflows = folder.path().join(".github/workflows");
    std::fs::remove_dir_all(&workflows).expect("it is there");
    std::fs::create_dir_all(&workflows).expect("a folder");
    std::fs::write(workflows.join("w.yml"), text).expect("a file");
    snapshot(folder.path().to_owned()).await
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// The fixture's blue/green call, with one text replaced.
fn blue_green(from: &str, to: &str) -> String {
    let text = std::fs::read_to_string(fixture().join(".github/workflows/02-v2-deploy.yml"));
    let text = text.expect("it is there");
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

#[tokio::test]
async fn variants_of_the_faults_are_reported_as_well() {
    for (from, to, part) in [
        ("blue_traffic_percentage: 100", "blue_traffic_percentage: '100'", "without quotes"),
        ("blue_traffic_percentage: 100", "blue_traffic_percentage: ' 100 '", "without quotes"),
        (
            "blue_traffic_percentage: 100",
            "blue_traffic_percentage: -5",
            "-5 is not a valid percentage",
        ),
        (
            "blue_traffic_percentage: 100",
            "blue_traffic_percentage: 150",
            "150 is not a valid percentage",
        ),
        ("blue_traffic_percentage: 100", "blue_traffic_percentage: 99.5", "whole number"),
        ("blue_traffic_percentage: 100", "blue_traffic_percentage: 1e2", "- w.yml:17:7 "),
        ("green_traffic_percentage: 0", "green_traffic_percentage: \"0\"", "without quotes"),
        ("deploy_blue: false", "deploy_blue: true", "deploy_blue and deploy_green are both true"),
        ("anet-eedi", "anet-green", "are both anet-green"),
        ("      green_deployment_config: ./mlops/nbq/deployment_dev.yml\n", "", "is missing"),
        ("@v2.2.4", "@v2.2.4-rc1", "names v2.2.4-rc1, which is not a known version"),
        ("@v2.2.4", "@main", "reads the call as blue and green of v2.2.4"),
        ("@v2.2.4", "@V2.2.4", "names V2.2.4, which is not a known version"),
        ("@v2.2.4", "@refs/tags/v1.0.5", "would run with the scripts of v2.2.4"),
        (
            "@v2.2.4",
            "@v1.0.0",
            "enable_queue_logging is not an input of deploy_realtime.yml at v1.0.0 (added in v1.0.5)",
        ),
        ("deploy_realtime.yml", "Deploy_Realtime.yml", "case-sensitive"),
        ("environment: anet-dev", "environment: PROD_EU", "w.yml deploy: anet-dev"),
        (
            "environment: anet-dev",
            "environment: prod eu/1",
            "the environment prod eu/1 maps to none",
        ),
        ("maximise_disk_space: false", "maximise_disk_space:", "is empty, and GitHub rejects"),
        ("enable_queue_logging: true", "slack_channel: x", "slack_channel is not an input of"),
        ("secrets: inherit", "runs-on: x", "cannot have runs-on"),
        ("tags: \"'team=ds' 'repo=r'\"", "tags: team", "is not a tag"),
    ] {
        let remarks = remarks(&with_workflow(&blue_green(from, to)).await);
        assert!(remarks.contains(part), "{from} -> {to}: {part} in\n{remarks}");
    }
}

#[tokio::test]
async fn a_local_called_workflow_defines_its_own_inputs() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&fixture(), folder.path());
    let at = folder.path().join(".github/workflows");
    let call = blue_green(
        "Eedi/ml-mlops-templates/.github/workflows/deploy_realtime.yml@v2.2.4",
        "./.github/workflows/deploy_realtime.yml",
    )
    .replace("enable_queue_logging: true", "ring: one\n      colour: red");
    std::fs::remove_dir_all(&at).expect("it is there");
    std::fs::create_dir_all(&at).expect("a folder");
    std::fs::write(at.join("w.yml"), call).expect("a file");
    let missing = remarks(&snapshot(folder.path().to_owned()).await);
    assert!(
        missing.contains("there is no file .github/workflows/deploy_realtime.yml"),
        "{missing}"
    );
    let keys = "environment environment_config_file templates_repo_ref run_load_test endpoint_name endpoint_config \
                deploy_blue deploy_green blue_deployment_name green_deployment_name green_deployment_config \
                blue_traffic_percentage green_traffic_percentage green_mirror_percentage ml_env_name \
                ml_env_description target_layer tags maximise_disk_space ring";
    let inputs: String =
        keys.split(' ').map(|key| format!("      {key}: {{type: string}}\n")).collect();
    let called = format!(
        "on:\n  workflow_call:\n    inputs:\n{inputs}      needed: {{type: string, required: true}}\njobs: {{}}\n"
    );
    std::fs::write(at.join("deploy_realtime.yml"), called).expect("a file");
    let read = remarks(&snapshot(folder.path().to_owned()).await);
    assert!(!read.contains("ring is not an input"), "{read}");
    assert!(read.contains("colour is not an input of deploy_realtime.yml as called"), "{read}");
    assert!(read.contains("needed is missing, and deploy_realtime.yml requires it"), "{read}");
}
