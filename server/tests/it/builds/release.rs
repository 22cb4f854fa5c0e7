//! A deploy release that builds first: build, then the release with the rights of the person who started it.

use super::{begun, ended, id_of, job, push, seen, started, until, versions_on, view};
use crate::changes::one;
use crate::support::{DANA, TestConsole, Wanted};
use domain::job::Ending;
use domain::run::state::Phase;
use reqwest::Method;
use serde_json::json;

const PAGE: &str = "/releases/ml-azua/colours.yml/deploy/build";

/// Commits a call of version 2.2.4 of the templates, which deploys the new image as a shadow.
async fn with_release(console: &TestConsole, stage: &str) {
    let short = stage.trim_start_matches("anet-");
    let workflow = format!(
        "on: workflow_dispatch\njobs:\n  deploy:\n    \
         uses: anet/ml-mlops-templates/.github/workflows/deploy_realtime.yml@v2.2.4\n    with:\n      \
         environment: {stage}\n      environment_config_file: config-infra-{stage}.yml\n      \
         templates_repo_ref: v2.2.4\n      run_load_test: false\n      endpoint_name: anet-ep-{short}\n      \
         endpoint_config: ./mlops/nbq/endpoint_{short}.yml\n      deploy_blue: false\n      deploy_green: true\n      \
         blue_deployment_name: anet-eedi\n      green_deployment_name: anet-green\n      \
         green_deployment_config: ./mlops/nbq/green.yml\n      blue_traffic_percentage: 100\n      \
         green_traffic_percentage: 0\n      green_mirror_percentage: 20\n      ml_env_name: ml-azua-litserve-env\n      \
         ml_env_description: Serving\n      target_layer: litserve\n      tags: \"'team=ds' 'repo=r'\"\n      \
         maximise_disk_space: false\n      enable_queue_logging: false\n"
    );
    let green = format!(
        "$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json\n\
         name: anet-green\nendpoint_name: anet-ep-{short}\nmodel: azureml:nbq:1\n\
         environment: azureml:ml-azua-litserve-env@latest\ninstance_type: Standard_DS3_v2\ninstance_count: 1\n"
    );
    let files = json!({ ".github/workflows/colours.yml": workflow, "mlops/nbq/green.yml": green });
    push(console, files).await;
}

#[tokio::test]
async fn a_release_is_carried_out_after_its_build() {
    let console = started(Wanted::default()).await;
    with_release(&console, "anet-dev").await;
    let mut dana = console.signed_in_as(DANA).await;
    let shown = dana.get(&format!("{PAGE}?deploy=true")).await.expect(200);
    assert_eq!(
        shown.text_of("#start button").as_deref(),
        Some("Build, then deploy"),
        "{}",
        shown.words()
    );
    let id = begun(&mut dana, &format!("{PAGE}?deploy=true")).await;
    let ending = ended(&console, &id).await;
    let view = view(&mut dana, &id).await;
    assert_eq!(ending, Ending::Succeeded, "{view:#}");
    let run = view["deployment"].as_str().unwrap_or_else(|| panic!("{view:#}")).to_owned();
    let page = dana.get(&format!("/jobs/{id}")).await.expect(200);
    assert!(
        page.attribute(&format!("main a[href=\"/runs/{run}\"]"), "href").is_some(),
        "{}",
        page.words()
    );
    let run_id = domain::run::RunId(run.clone());
    until(&console, "the release is carried out", async || {
        let run = console.services.operations.get(&run_id).await.expect("a run");
        matches!(run.state.phase, Phase::Finished(_)).then_some(())
    })
    .await;
    let shown = dana.get(&format!("/runs/{run}")).await.expect(200);
    shown.says("Dana Scott");
    let place = console.services.stages.iter().next().expect("a stage");
    let path = format!(
        "{}/onlineEndpoints/anet-ep-dev/deployments/anet-green?api-version=2025-12-01",
        place.workspace.id()
    );
    let green = console.ask(Method::GET, &path, None).await;
    let environment = green["properties"]["environmentId"].as_str().expect("an environment");
    let version = view["version"].as_str().expect("a version");
    assert!(
        environment.ends_with(&format!("/environments/ml-azua-litserve-env/versions/{version}")),
        "{environment} {}",
        shown.words()
    );
    assert_eq!(green["properties"]["provisioningState"], "Succeeded");
    assert_eq!(versions_on(&console, 0, "ml-azua-litserve-env").await.len(), 2);
}

#[tokio::test]
async fn on_a_protected_stage_the_release_is_proposed_after_its_build() {
    let console = started(Wanted::protected(one())).await;
    with_release(&console, "anet-prod").await;
    let mut dana = console.signed_in_as(DANA).await;
    let id = begun(&mut dana, &format!("{PAGE}?deploy=true")).await;
    let ending = ended(&console, &id).await;
    let view = view(&mut dana, &id).await;
    assert_eq!(ending, Ending::Succeeded, "{view:#}");
    assert!(view["deployment"].is_null(), "{view:#}");
    let change = view["change"].as_str().expect("a change");
    let page = dana.get(&format!("/jobs/{id}")).await.expect(200);
    let href = page.attribute("main a[href^=\"/changes/\"]", "href").expect("the change");
    assert_eq!(href, format!("/changes/{change}"));
    let page = dana.get(&href).await.expect(200);
    page.says("Carry out the release colours.yml/deploy");
    page.says("Deploys the image ml-azua-litserve-env, built from");
    assert!(page.attribute(&format!(".change-head a[href=\"/jobs/{id}\"]"), "href").is_some());
    page.says("Dana Scott");
}

#[tokio::test]
async fn the_reason_that_is_given_at_the_build_is_that_of_the_change() {
    let console = started(Wanted::protected(one())).await;
    with_release(&console, "anet-prod").await;
    let mut dana = console.signed_in_as(DANA).await;
    let page = format!("{PAGE}?deploy=true");
    let shown = dana.get(&page).await.expect(200);
    assert!(shown.text_of("#start label").is_some_and(|label| label.contains("Reason")));
    assert!(dana.get(PAGE).await.expect(200).text_of("#start label").is_none());
    let commit = seen(&mut dana, &page).await;
    let long = "x".repeat(1_001);
    let mut fields = [("commit", commit.as_str()), ("deploy", "true"), ("reason", long.as_str())];
    dana.post(&page, &fields).await.expect(422).says("1001 characters. The limit is 1000");
    fields[2].1 = "The new loss halves the errors";
    let id = id_of(&dana.post(&page, &fields).await.expect(303));
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    let change = view(&mut dana, &id).await["change"].as_str().expect("a change").to_owned();
    let page = dana.get(&format!("/changes/{change}")).await.expect(200);
    page.says("The new loss halves the errors");
    assert!(page.attribute(&format!(".change-head a[href=\"/jobs/{id}\"]"), "href").is_some());
}

#[tokio::test]
async fn a_build_without_deploy_stops_after_the_version() {
    let console = started(Wanted::default()).await;
    with_release(&console, "anet-dev").await;
    let mut dana = console.signed_in_as(DANA).await;
    let plan = "/releases/ml-azua/colours.yml/deploy/plan";
    let first = "first builds the image";
    dana.get(plan).await.expect(200).says(first);
    let before = console.writes().await.len();
    let id = begun(&mut dana, PAGE).await;
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    assert!(job(&console, &id).await.build.deploys.is_none());
    let writes = console.writes().await;
    let endpoints = writes[before..].iter().filter(|write| {
        write["path"].as_str().is_some_and(|path| path.contains("/onlineEndpoints/"))
    });
    assert_eq!(endpoints.count(), 0);
    // The image of the commit is there, so nothing is left to do before the release.
    let plan = dana.get(&format!("{plan}?again=1")).await.expect(200);
    plan.says("The newest image was built from this commit");
    plan.says("Azure has");
    for words in [first, "not looked up"] {
        assert!(!plan.words().contains(words), "{words}: {}", plan.words());
    }
    // A build release deploys nothing.
    let page = dana.get(&format!("{}?deploy=true", super::BUILD_PROD)).await.expect(200);
    page.says("This release only builds an image");
}

#[tokio::test]
async fn a_file_that_names_a_version_is_said_not_to_deploy_what_is_built() {
    let console = started(Wanted::default()).await;
    with_release(&console, "anet-dev").await;
    let mut dana = console.signed_in_as(DANA).await;
    let warns = "names version 1 of ml-azua-litserve-env. The release deploys that version";
    let page = dana.get(PAGE).await.expect(200);
    assert!(!page.words().contains(warns), "{}", page.words());
    let path = "mlops/nbq/green.yml";
    let pinned = "name: anet-green\nendpoint_name: anet-ep-dev\nmodel: azureml:nbq:1\n\
                  environment: azureml:ml-azua-litserve-env:1\ninstance_type: Standard_DS3_v2\ninstance_count: 1\n";
    push(&console, json!({ path: pinned })).await;
    dana.get(PAGE).await.expect(200).says(warns);
}
