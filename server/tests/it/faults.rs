//! A repository in miniature whose files show what teams, GitHub and the templates get wrong. Configured as a folder,
//! it shows for each file what GitHub and the templates would do.

use app::domain::release::note::Weight;
use app::domain::repository::FileProblem;
use app::domain::stage::Stage;
use insta::assert_snapshot;
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

/// What the release's page says: `!` for what hinders it, `?` for what GitHub or the templates would not do, `-` for
/// what is read otherwise than it looks.
fn told(snapshot: &Snapshot) -> String {
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
            let mark = if note.weight == Weight::Warning { "?" } else { "-" };
            all.push_str(&line(mark, &note.about));
        }
    }
    all
}

#[tokio::test]
async fn each_file_says_what_github_and_the_templates_would_do() {
    assert_snapshot!(told(&*snapshot(fixture()).await));
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

/// The fixture's blue/green call, with something in place of something else.
fn blue_green(from: &str, to: &str) -> String {
    let text = std::fs::read_to_string(fixture().join(".github/workflows/02-v2-deploy.yml"));
    let text = text.expect("it is there");
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

#[tokio::test]
async fn siblings_of_the_faults_are_told_as_well() {
    for (from, to, part) in [
        ("blue_traffic_percentage: 100", "blue_traffic_percentage: '100'", "without quotes"),
        ("blue_traffic_percentage: 100", "blue_traffic_percentage: ' 100 '", "without quotes"),
        ("blue_traffic_percentage: 100", "blue_traffic_percentage: -5", "-5 is no percentage"),
        ("blue_traffic_percentage: 100", "blue_traffic_percentage: 150", "150 is no percentage"),
        ("blue_traffic_percentage: 100", "blue_traffic_percentage: 99.5", "whole number"),
        ("blue_traffic_percentage: 100", "blue_traffic_percentage: 1e2", "- w.yml:17:7 "),
        ("green_traffic_percentage: 0", "green_traffic_percentage: \"0\"", "without quotes"),
        ("deploy_blue: false", "deploy_blue: true", "deploy_blue and deploy_green are both true"),
        ("anet-eedi", "anet-green", "are both anet-green"),
        ("      green_deployment_config: ./mlops/nbq/deployment_dev.yml\n", "", "is missing"),
        ("@v2.2.4", "@v2.2.4-rc1", "names v2.2.4-rc1, which is no version"),
        ("@v2.2.4", "@main", "read as blue and green, as v2.2.4 has them"),
        ("@v2.2.4", "@V2.2.4", "names V2.2.4, which is no version"),
        ("@v2.2.4", "@refs/tags/v1.0.5", "would run with the scripts of v2.2.4"),
        (
            "@v2.2.4",
            "@v1.0.0",
            "enable_queue_logging is no input of deploy_realtime.yml at v1.0.0 (it came with v1.0.5)",
        ),
        ("deploy_realtime.yml", "Deploy_Realtime.yml", "tells capitals from small letters"),
        ("environment: anet-dev", "environment: PROD_EU", "w.yml deploy: anet-dev"),
        (
            "environment: anet-dev",
            "environment: prod eu/1",
            "the environment prod eu/1 stands for none",
        ),
        ("maximise_disk_space: false", "maximise_disk_space:", "is empty, and GitHub refuses"),
        ("enable_queue_logging: true", "slack_channel: x", "slack_channel is no input of"),
        ("secrets: inherit", "runs-on: x", "cannot have runs-on"),
        ("tags: \"'team=ds' 'repo=r'\"", "tags: team", "is no tag"),
    ] {
        let told = told(&*with_workflow(&blue_green(from, to)).await);
        assert!(told.contains(part), "{from} -> {to}: {part} in\n{told}");
    }
}

#[tokio::test]
async fn the_inputs_of_a_called_workflow_of_the_same_repository_decide() {
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
    let missing = told(&*snapshot(folder.path().to_owned()).await);
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
    let read = told(&*snapshot(folder.path().to_owned()).await);
    assert!(!read.contains("ring is no input"), "{read}");
    assert!(
        read.contains(
            "colour is no input of deploy_realtime.yml, as the called workflow is written"
        ),
        "{read}"
    );
    assert!(read.contains("needed is missing, and deploy_realtime.yml asks for it"), "{read}");
}
