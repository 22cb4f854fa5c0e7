//! The README's example blocks and every row of its "Controlling deployment behaviour", as plans.

use super::fixtures::{
    DEPLOY, carrying_out, files, lines, live, mirrored, planned, plans, release, shadow, text,
};
use super::{observed::Observed, plan};
use domain::guard::inputs::GuardInputs;
use domain::release::input::{Given, Inputs};
use domain::release::origin::Origin;
use domain::release::{Release, Template};
use insta::assert_snapshot;

#[test]
fn the_build_block() {
    let inputs: Inputs = [
        ("environment", text("anet-dev")),
        ("environment_config_file", text("config-infra-anet-dev.yml")),
        ("ml_env_name", text("ml-azua-litserve-env")),
        ("ml_env_description", text("Environment for ml-azua serving")),
        ("target_layer", text("litserve")),
        ("tags", text("'team=data-science' 'repo=ml-azua' 'model=dynamic-vae'")),
        ("maximise_disk_space", Given::Bool(false)),
    ]
    .into_iter()
    .map(|(key, given)| (key.to_owned(), given))
    .collect();
    let build = Release::read(Origin::default(), Template::Build, inputs);
    let intent = carrying_out(&build, files());
    let planned = plan(&intent, &Observed::default(), &GuardInputs::default()).expect("a plan");
    assert_snapshot!(lines(&planned), @r"
    Image: Build the layer litserve of the Dockerfile and push it as ml-azua-litserve-env:latest
    Environment: Register a new version of the environment ml-azua-litserve-env from that image
    ~ image /properties/description: – → Environment for ml-azua serving
    ~ image /properties/image: – → (the workspace's container registry)/ml-azua-litserve-env:latest
    ~ image /properties/osType: – → Linux
    ~ image /properties/tags/model: – → dynamic-vae
    ~ image /properties/tags/repo: – → ml-azua
    ~ image /properties/tags/team: – → data-science
    ");
}

/// Also "Updating diagnostic settings or alerts without deploying: set deploy to false".
#[test]
fn the_deploy_block_as_it_is() {
    assert_snapshot!(plans(&[], "anet-eedi:1", "anet-eedi=100"), @r"
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ");
}

#[test]
fn deploying_a_primary_that_does_not_exist_yet() {
    let none = planned(&release(&[DEPLOY]), None, &GuardInputs::default()).expect("a plan");
    assert_snapshot!(lines(&none), @r"
    Check: Check that there is still no endpoint anet-ep-dev
    Endpoint: PUT the endpoint anet-ep-dev; its route stays as it is
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Deployment: PUT the deployment anet-eedi; the route is not touched
    Wait: Wait until anet-eedi has Succeeded; stop if it fails
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /tags/team: – → data-science
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ deployment anet-eedi /properties/environmentId: – → /subscriptions/s/environments/ml-azua-litserve-env/versions/1
    ~ deployment anet-eedi /properties/instanceType: – → Standard_DS3_v2
    ~ deployment anet-eedi /properties/model: – → /subscriptions/s/models/nbq/versions/1
    ~ deployment anet-eedi /sku/capacity: – → 1
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Warns quota-suffices: Free quota is not known here. An instance count of 1 needs quota for 2, because Azure reserves a fifth for upgrades.
    ! Warns timeout-covers-p99: How long live requests take is not known here. Requests above 5000 ms will be answered 408.
    ");
}

#[test]
fn deploying_an_unchanged_primary_gives_it_all_traffic() {
    let route = "anet-eedi=90,anet-old=10;mirror=anet-green:5";
    let plan = plans(&[DEPLOY], "anet-eedi:1 anet-old:1 anet-green:1", route);
    assert_snapshot!(plan, @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together: anet-eedi 100 %, mirror 5 % to anet-green
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /properties/traffic/anet-eedi: 90 % → 100 %
    ~ endpoint /properties/traffic/anet-old: 10 % → –
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ");
}

#[test]
fn deploying_a_primary_that_is_live_is_an_outage() {
    assert_snapshot!(plans(&[DEPLOY], "anet-eedi:7", "anet-eedi=100"), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Deployment: PUT the deployment anet-eedi; the route is not touched
    Wait: Wait until anet-eedi has Succeeded; stop if it fails
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ deployment anet-eedi /properties/model: /subscriptions/s/models/nbq/versions/7 → /subscriptions/s/models/nbq/versions/1
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Blocks no-update-of-live: anet-eedi takes 100 % of live traffic, and updating it in place causes an outage. Deploy under another name, mirror traffic to it, and then move the live traffic.
    ! Warns timeout-covers-p99: How long live requests take is not known here. Requests above 5000 ms will be answered 408.
    ");
}

#[test]
fn deploying_a_primary_that_failed_recreates_it() {
    assert_snapshot!(plans(&[DEPLOY], "anet-eedi:1!Failed anet-old:1", "anet-old=100"), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Delete: DELETE the deployment anet-eedi
    Wait: Wait until anet-eedi is gone
    Deployment: PUT the deployment anet-eedi; the route is not touched
    Wait: Wait until anet-eedi has Succeeded; stop if it fails
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ deployment anet-eedi /properties/provisioningState: Failed → Succeeded, written again as it is
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Warns instance-type-recreates: The plan deletes anet-eedi and creates it again.
    ! Warns quota-suffices: Free quota is not known here. An instance count of 1 needs quota for 2, because Azure reserves a fifth for upgrades.
    ! Warns timeout-covers-p99: How long live requests take is not known here. Requests above 5000 ms will be answered 408.
    ");
}

#[test]
fn running_a_load_test() {
    let run = [("run_load_test", Given::Bool(true))];
    assert_snapshot!(plans(&run, "anet-eedi:1", "anet-eedi=100"), @r"
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    Load test: Run the load test lt-anet-ep-dev-nbq-allcandidates_alltargets_10x with mlops/azureml/configs/project_prime/load_test_nbq.yml
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ~ load test /tests/lt-anet-ep-dev-nbq-allcandidates_alltargets_10x: (not known) → there, created if it is not
    ~ load test /test-runs/commit-01234567-nbq-allcandidates_alltargets_10x: – → a new run, with a number added
    ~ load test /secrets/api-key-anet-ep-dev: (not known) → a new version: the endpoint's key
    ");
}

#[test]
fn an_unknown_flag_is_asked_for_and_nothing_is_guessed() {
    let asked = shadow(&[("run_load_test", text("${{ inputs.test }}"))]);
    assert_snapshot!(plans(&asked, "anet-eedi:1", "anet-eedi=100"), @r"
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Blocks inputs-answered: run_load_test is an expression that only GitHub can work out. Give its value.
    ! Warns changes-something: The plan does less than the inputs suggest: anet-green is named as the shadow without a share or a mirror percentage, so nothing is deployed. Complete the inputs, or remove them.
    ");
}

/// Blue and green: the later form of the template.
#[test]
fn deploying_green_beside_a_live_blue() {
    let colours = [
        ("deploy", Given::Null),
        ("deployment_name", Given::Null),
        ("deployment_config", Given::Null),
        ("deploy_blue", Given::Bool(false)),
        ("deploy_green", Given::Bool(true)),
        ("blue_deployment_name", text("anet-eedi")),
        ("green_deployment_name", text("anet-green")),
        ("green_deployment_config", text("green.yml")),
        ("blue_traffic_percentage", Given::Integer(100)),
        ("green_mirror_percentage", Given::Integer(10)),
    ];
    assert_snapshot!(plans(&colours, "anet-eedi:1", "anet-eedi=100"), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Deployment: PUT the deployment anet-green; the route is not touched
    Wait: Wait until anet-green has Succeeded; stop if it fails
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together: anet-eedi 100 %, mirror 10 % to anet-green
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /properties/mirrorTraffic/anet-green: – → 10 %
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ deployment anet-green /location: – → westeurope
    ~ deployment anet-green /properties/environmentId: – → /subscriptions/s/environments/ml-azua-litserve-env/versions/1
    ~ deployment anet-green /properties/environmentVariables/BUILD_SHA: – → 0123456789abcdef0123456789abcdef01234567
    ~ deployment anet-green /properties/environmentVariables/ENDPOINT_NAME: – → anet-ep-dev
    ~ deployment anet-green /properties/environmentVariables/LOGGING_MODE: – → remote
    ~ deployment anet-green /properties/environmentVariables/QUEUE_NAME: – → q-anet-ep-dev-shadow
    ~ deployment anet-green /properties/environmentVariables/STAGING_CONTAINER_NAME: – → blob-q-anet-ep-dev-shadow
    ~ deployment anet-green /properties/environmentVariables/TRAFFIC_TYPE: – → shadow
    ~ deployment anet-green /properties/instanceType: – → Standard_DS3_v2
    ~ deployment anet-green /properties/model: – → /subscriptions/s/models/nbq/versions/2
    ~ deployment anet-green /sku/capacity: – → 1
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Warns bandwidth-suffices: The endpoint's bandwidth is not known here. Mirroring 10 % adds up to 10 % of what live traffic uses; Azure's default limit is 5 MB/s. Look at the network chart first.
    ! Warns quota-suffices: Free quota is not known here. An instance count of 1 needs quota for 2, because Azure reserves a fifth for upgrades.
    ! Warns timeout-covers-p99: How long live requests take is not known here. Requests above 5000 ms will be answered 408.
    ! Warns nothing-left-to-workflow: The team's workflow would also do this, and the console does not: for request logs it creates the queue q-anet-ep-dev-shadow and the blob container blob-q-anet-ep-dev-shadow in the storage account of the infra configuration, and gives the endpoint's identity the roles Storage Queue Data Contributor and Storage Blob Data Contributor on them. Make sure that it is done already, or run the workflow for it.
    ");
    let both = [&colours[..8], &[("green_traffic_percentage", Given::Integer(100))]].concat();
    let refused = release(&both).problems;
    let says = |part: &str| refused.iter().any(|problem| problem.message.contains(part));
    assert!(says("must not get live traffic while it is being deployed"), "{refused:?}");
}

#[test]
fn questions_block_the_plan_and_answers_open_it() {
    let asked = [("deploy", text("${{ inputs.deploy }}"))];
    let plan = plans(&asked, "anet-eedi:1", "anet-eedi=100");
    assert!(plan.contains("Blocks inputs-answered: deploy is an expression"), "{plan}");
    let name = [("endpoint_name", text("${{ inputs.endpoint }}"))];
    let none = planned(&release(&name), None, &GuardInputs::default()).expect_err("no plan");
    assert_eq!(none.questions.len(), 1);
}

#[test]
fn a_missing_file_is_named() {
    let all = mirrored("gone.yml");
    let live = live("anet-dev/anet-ep-dev", "anet-eedi:1", "anet-eedi=100");
    let none = planned(&release(&all), Some(live), &GuardInputs::default()).expect_err("no plan");
    let said = &none.problems.first().expect("a problem").message;
    assert!(
        said.contains("shadow_deployment_config: there is no readable file gone.yml"),
        "{said}"
    );
}

#[test]
fn the_hash_is_stable_and_moves_with_what_matters() {
    let hash = |extra: &[(&str, Given)], deployments: &str, route: &str| {
        let live = live("anet-dev/anet-ep-dev", deployments, route);
        let planned =
            planned(&release(extra), Some(live), &GuardInputs::default()).expect("a plan");
        planned.plan.hash.expect("a hash")
    };
    let all = mirrored("green.yml");
    let one = hash(&all, "anet-eedi:1", "anet-eedi=100");
    assert_eq!(one, hash(&all, "anet-eedi:1", "anet-eedi=100"));
    assert_ne!(one, hash(&all, "anet-eedi:1 anet-red:1", "anet-eedi=90,anet-red=10"));
    assert_ne!(one, hash(&mirrored("big.yml"), "anet-eedi:1", "anet-eedi=100"));
    assert_ne!(one, hash(&[], "anet-eedi:1", "anet-eedi=100"));
}
