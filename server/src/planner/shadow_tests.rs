//! The README's rows about shadow deployments, as plans.

use super::NoPlan;
use super::fixtures::{lines, live, mirrored, planned, plans, release, shadow, text};
use domain::guard::inputs::GuardInputs;
use domain::release::input::Given;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn creating_a_shadow() {
    assert_snapshot!(plans(&mirrored("green.yml"), "anet-eedi:1", "anet-eedi=100"), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Deployment: PUT the deployment anet-green; the route is not touched
    Wait: Wait until anet-green has Succeeded; stop if it fails
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together: anet-eedi 100 %, mirror 20 % to anet-green
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /properties/mirrorTraffic/anet-green: – → 20 %
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ deployment anet-green /location: – → westeurope
    ~ deployment anet-green /properties/environmentId: – → /subscriptions/s/environments/ml-azua-litserve-env/versions/1
    ~ deployment anet-green /properties/instanceType: – → Standard_DS3_v2
    ~ deployment anet-green /properties/model: – → /subscriptions/s/models/nbq/versions/2
    ~ deployment anet-green /sku/capacity: – → 1
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Warns bandwidth-suffices: The endpoint's bandwidth is not known here. Mirroring 20 % adds up to 20 % of what live traffic uses; Azure's default limit is 5 MB/s. Look at the network chart first.
    ! Warns quota-suffices: Free quota is not known here. An instance count of 1 needs quota for 2, because Azure reserves a fifth for upgrades.
    ! Warns timeout-covers-p99: How long live requests take is not known here. Requests above 5000 ms will be answered 408.
    ");
}

#[test]
fn updating_a_shadow() {
    let route = "anet-eedi=100;mirror=anet-green:10";
    assert_snapshot!(plans(&mirrored("green.yml"), "anet-eedi:1 anet-green:1", route), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Deployment: PUT the deployment anet-green; the route is not touched
    Wait: Wait until anet-green has Succeeded; stop if it fails
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together: anet-eedi 100 %, mirror 20 % to anet-green
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /properties/mirrorTraffic/anet-green: 10 % → 20 %
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ deployment anet-green /properties/model: /subscriptions/s/models/nbq/versions/1 → /subscriptions/s/models/nbq/versions/2
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Warns bandwidth-suffices: The endpoint's bandwidth is not known here. Mirroring 20 % adds up to 20 % of what live traffic uses; Azure's default limit is 5 MB/s. Look at the network chart first.
    ! Warns timeout-covers-p99: How long live requests take is not known here. Requests above 5000 ms will be answered 408.
    ");
}

#[test]
fn recreating_a_shadow_whose_machine_size_changes() {
    let route = "anet-eedi=100;mirror=anet-green:20";
    assert_snapshot!(plans(&mirrored("big.yml"), "anet-eedi:1 anet-green:2", route), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together, clearing the mirror in the same PUT: anet-eedi 100 %
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Delete: DELETE the deployment anet-green
    Wait: Wait until anet-green is gone
    Deployment: PUT the deployment anet-green; the route is not touched
    Wait: Wait until anet-green has Succeeded; stop if it fails
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together: anet-eedi 100 %, mirror 20 % to anet-green
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /properties/mirrorTraffic/anet-green: 20 % → 20 %, and off in between
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ deployment anet-green /properties/instanceType: Standard_DS3_v2 → Standard_F8s_v2
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Warns instance-type-recreates: anet-green changes its machine size from Standard_DS3_v2 to Standard_F8s_v2: the plan deletes it and creates it again.
    ! Warns quota-suffices: Free quota is not known here. An instance count of 1 needs quota for 2, because Azure reserves a fifth for upgrades.
    ! Warns timeout-covers-p99: How long live requests take is not known here. Requests above 5000 ms will be answered 408.
    ");
}

#[test]
fn a_shadow_that_is_live_cannot_be_mirrored_to() {
    let route = "anet-eedi=50,anet-green=50";
    assert_snapshot!(plans(&mirrored("green.yml"), "anet-eedi:1 anet-green:2", route), @r"
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Blocks mirror-possible: anet-green takes live traffic, so nothing can be mirrored to it. Move its traffic first, or remove the mirror percentage from the release.
    ");
}

#[test]
fn routing_live_traffic_to_a_shadow_clears_its_mirror() {
    let to = |percent| shadow(&[("shadow_deployment_traffic_percentage", Given::Integer(percent))]);
    let route = "anet-eedi=100;mirror=anet-green:20";
    let on = "anet-eedi:1 anet-green:2";
    assert_snapshot!(plans(&to(30), on, route), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together, clearing the mirror in the same PUT: anet-eedi 70 %, anet-green 30 %
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /properties/traffic/anet-eedi: 100 % → 70 %
    ~ endpoint /properties/traffic/anet-green: – → 30 %
    ~ endpoint /properties/mirrorTraffic/anet-green: 20 % → –
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ");
    assert_snapshot!(plans(&to(100), on, "anet-eedi=70,anet-green=30"), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together: anet-green 100 %
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /properties/traffic/anet-eedi: 70 % → –
    ~ endpoint /properties/traffic/anet-green: 30 % → 100 %
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ");
}

#[test]
fn a_shadow_goes_live_in_the_steps_that_the_policy_asks_for() {
    let to = shadow(&[("shadow_deployment_traffic_percentage", Given::Integer(50))]);
    let written =
        json!({ "steps": [10, 100], "bake_minutes": 30, "conditions": { "requests_min": 100 } });
    let promotion = serde_json::from_value(written).expect("a promotion");
    let facts = GuardInputs { promotion: Some(promotion), ..GuardInputs::default() };
    let live = live(
        "anet-dev/anet-ep-dev",
        "anet-eedi:1 anet-green:1",
        "anet-eedi=100;mirror=anet-green:20",
    );
    let planned = planned(&release(&to), Some(live), &facts).expect("a plan");
    assert_snapshot!(lines(&planned), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together, clearing the mirror in the same PUT: anet-eedi 90 %, anet-green 10 %
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Bake: Let it bake for 30 minutes: anet-green must have at least 100 requests; otherwise the route goes back to what it was
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together: anet-eedi 50 %, anet-green 50 %
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Bake: Let it bake for 30 minutes: anet-green must have at least 100 requests; otherwise the route goes back to what it was
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /properties/traffic/anet-eedi: 100 % → 50 %
    ~ endpoint /properties/traffic/anet-green: – → 50 %
    ~ endpoint /properties/mirrorTraffic/anet-green: 20 % → –
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ");
}

#[test]
fn routing_to_a_shadow_that_is_missing_or_failed_is_refused() {
    let to = shadow(&[("shadow_deployment_traffic_percentage", Given::Integer(30))]);
    assert_snapshot!(plans(&to, "anet-eedi:1", "anet-eedi=100"), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together: anet-eedi 70 %, anet-green 30 %
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /properties/traffic/anet-eedi: 100 % → 70 %
    ~ endpoint /properties/traffic/anet-green: – → 30 %
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Blocks deployments-ready: There is no deployment anet-green on this endpoint.
    ! Warns mirrored-before-live: anet-green would take live traffic without being mirrored now. Mirror traffic to it first if it has not been compared.
    ");
    assert_snapshot!(plans(&to, "anet-eedi:1 anet-green:2!Failed", "anet-eedi=100"), @r"
    Check: Read anet-ep-dev again and compare its route with the one shown here
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Route: PUT anet-ep-dev with traffic and mirrorTraffic together: anet-eedi 70 %, anet-green 30 %
    Wait: Wait until Azure says Succeeded, then read the route back and compare
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ endpoint /properties/traffic/anet-eedi: 100 % → 70 %
    ~ endpoint /properties/traffic/anet-green: – → 30 %
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Blocks deployments-ready: anet-green cannot take more traffic: its provisioning state is Failed. Read its log, delete it and create it again.
    ! Warns mirrored-before-live: anet-green would take live traffic without being mirrored now. Mirror traffic to it first if it has not been compared.
    ");
}

#[test]
fn a_shadow_without_inputs_is_not_deployed() {
    assert_snapshot!(plans(&shadow(&[]), "anet-eedi:1", "anet-eedi=100"), @r"
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Warns changes-something: The plan does less than the inputs suggest: anet-green is named as the shadow without a share or a mirror percentage, so nothing is deployed. Complete the inputs, or remove them.
    ");
}

#[test]
fn a_shadow_with_incomplete_inputs_is_not_deployed_and_the_plan_warns() {
    let half = shadow(&[("shadow_deployment_config", text("green.yml"))]);
    assert_snapshot!(plans(&half, "anet-eedi:1", "anet-eedi=100"), @r"
    Diagnostic settings: PUT the diagnostic settings anet-ep-dev-logging: console, traffic and event logs
    Alert: PUT the alert rule anet-ep-dev-non-200-alert: more than 10 answers other than 200 in 15 minutes
    ~ diagnostic settings /properties: (not known) → console, traffic and event logs
    ~ alert rule /properties: (not known) → more than 10 answers other than 200 in 15 minutes
    ! Warns changes-something: The plan does less than the inputs suggest: the shadow's YAML is given without a mirror percentage, so anet-green is not deployed. Complete the inputs, or remove them.
    ");
}

#[test]
fn updating_a_shadow_and_routing_to_it_at_once_makes_no_plan() {
    let mut all = mirrored("green.yml");
    all.push(("shadow_deployment_traffic_percentage", Given::Integer(30)));
    let live = live("anet-dev/anet-ep-dev", "anet-eedi:1", "anet-eedi=100");
    let NoPlan { problems, .. } =
        planned(&release(&all), Some(live), &GuardInputs::default()).expect_err("no plan");
    assert_eq!(problems.len(), 2, "{problems:#?}");
}
