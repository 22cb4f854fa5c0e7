//! Tests of `spec::load_test`, with the examples of Microsoft's reference (azure-docs,
//! `articles/app-testing/load-testing/reference-test-config-yaml.md`).

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use spec::files::{Disk, Nothing};
use spec::load_test::{AutoStop, Condition, EngineIdentity, Identity, Read, Role, TestKind, read};
use spec::problem::Problem;
use spec::render::Source;

const IDENTITY: &str = "/subscriptions/abcdef01-2345-6789-0abc-def012345678/resourceGroups/sample-rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/sample-identity";
const SUBNET: &str = "/subscriptions/abcdef01-2345-6789-0abc-def012345678/resourceGroups/sample-rg/providers/Microsoft.Network/virtualNetworks/load-testing-vnet/subnets/load-testing";
const VM: &str = "/subscriptions/abcdef01-2345-6789-0abc-def012345678/resourceGroups/sample-rg/providers/Microsoft.Compute/virtualMachines/sample-vm";
const APP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/samplerg/providers/microsoft.insights/components/appComponentResource";
const HEAD: &str = "version: v0.1\ntestId: SampleTest\ndisplayName: Sample Test\ndescription: Load test website home page\ntestPlan: SampleTest.jmx\ntestType: JMX\nengineInstances: 1\n";
const SECRET: &str = "https://akv-contoso.vault.azure.net/secrets/MySecret/abc1234567890def12345";

fn load(text: &str) -> Result<Read, Vec<Problem>> {
    let source = Source { name: "load.yml", bytes: text.as_bytes(), folder: "/team".into() };
    read(&source, &Nothing)
}

#[track_caller]
fn good(text: &str) -> Read {
    load(text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
}

fn body(text: &str) -> Json {
    good(text).test.body("lt-anet-ep-nbq", &|n| format!("criterion-{n}"))
}

/// Each example of the reference with what is added to [`HEAD`].
fn examples() -> Vec<String> {
    let added = [
        format!(
            "subnetId: {SUBNET}\nconfigurationFiles:\n  - 'sampledata.csv'\n  - 'testfragment.jmx'\nzipArtifacts:\n   - bigdata.zip\nsplitAllCSVs: True\nfailureCriteria:\n  - avg(response_time_ms) > 300\n  - percentage(error) > 50\n  - GetCustomerDetails: avg(latency) >200\nautoStop:\n  errorPercentage: 80\n  timeWindow: 60\nsecrets:\n  - name: my-secret\n    value: {SECRET}\nkeyVaultReferenceIdentity: {IDENTITY}\n"
        ),
        format!(
            "failureCriteria:\n  clientMetrics:\n    - avg(response_time_ms) > 300\n    - percentage(error) > 50\n    - getCustomerDetails: avg(latency) > 200\n  serverMetrics:\n    - resourceId: {VM}\n      metricNamespace: Microsoft.Compute/virtualMachines\n      metricName: Percentage CPU\n      aggregation: Average\n      condition: GreaterThan\n      value: 80\n    - resourceId: {VM}\n      metricName: Available Memory\n      aggregation: Average\n      condition: LessThan\n      value: 20\n"
        ),
        format!(
            "appComponents:\n  - resourceId: \"{APP}\"\n    resourceName: appComponentResource #Optional\n    kind: web # Optional\n    metrics:\n      - name: \"requests/duration\"\n        namespace: microsoft.insights/components \n        aggregation: \"Average\"\n      - name: \"requests/count\"\n        aggregation: \"Total\"\n        namespace: microsoft.insights/components   \n"
        ),
        "autoStop:\n  errorPercentage: 80\n  timeWindow: 60\n  maximumVirtualUsersPerEngine: 5000\n".to_owned(),
        "autoStop: disable\n".to_owned(),
        "properties:\n  userPropertyFile: 'user.properties'\n".to_owned(),
        format!("secrets:\n  - name: my-secret\n    value: {SECRET}\n"),
        "env:\n  - name: my-variable\n    value: my-value\n".to_owned(),
        "certificates:\n  - name: my-certificate\n    value: https://akv-contoso.vault.azure.net/certificates/MyCertificate/abc1234567890def12345\n".to_owned(),
        format!(
            "referenceIdentities:\n  - kind: KeyVault\n    type: UserAssigned\n    value: {IDENTITY}\n  - kind: Metrics\n    type: SystemAssigned\n  - kind: Engine\n    type: UserAssigned\n    value: {IDENTITY}\n  - kind: Engine\n    type: UserAssigned\n    value: {IDENTITY}1\n"
        ),
    ];
    added.iter().map(|added| format!("{HEAD}{added}")).collect()
}

#[test]
fn the_examples_of_the_reference_survive_a_round_trip() {
    for text in examples() {
        let Read { test, warnings } = good(&text);
        assert_eq!(warnings, [], "{text}");
        let written = test.config().to_string();
        assert_eq!(good(&written).test, test, "{written}");
    }
}

#[test]
fn the_example_of_a_whole_configuration_is_sent_as_the_cli_sends_it() {
    let text = &examples()[0];
    let body = body(text);
    assert_eq!(
        body,
        json!({
            "displayName": "Sample Test", "description": "Load test website home page", "kind": "JMX",
            "keyvaultReferenceIdentityType": "UserAssigned", "keyvaultReferenceIdentityId": IDENTITY,
            "metricsReferenceIdentityType": "SystemAssigned",
            "publicIPDisabled": false, "subnetId": SUBNET, "environmentVariables": {},
            "secrets": {"my-secret": {"type": "AKV_SECRET_URI", "value": SECRET}}, "certificate": null,
            "loadTestConfiguration": {"engineInstances": 1, "quickStartTest": false, "splitAllCSVs": true,
                "regionalLoadTestConfig": null},
            "autoStopCriteria": {"autoStopDisabled": false, "errorRate": 80, "errorRateTimeWindowInSeconds": 60},
            "passFailCriteria": {"passFailServerMetrics": {}, "passFailMetrics": {
                "criterion-0": {"clientMetric": "response_time_ms", "aggregate": "avg", "condition": ">", "value": 300,
                    "action": "continue"},
                "criterion-1": {"clientMetric": "error", "aggregate": "percentage", "condition": ">", "value": 50,
                    "action": "continue"},
                "criterion-2": {"clientMetric": "latency", "aggregate": "avg", "condition": ">", "value": 200,
                    "action": "continue", "requestName": "GetCustomerDetails"},
            }},
        })
    );
    let test = good(text).test;
    let files: Vec<_> = test
        .files()
        .iter()
        .map(|(role, file)| (file.name.clone(), test.file_type(*role)))
        .collect();
    let expected = [
        ("SampleTest.jmx", "JMX_FILE"),
        ("sampledata.csv", "ADDITIONAL_ARTIFACTS"),
        ("testfragment.jmx", "ADDITIONAL_ARTIFACTS"),
        ("bigdata.zip", "ZIPPED_ARTIFACTS"),
    ];
    assert_eq!(files, expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[test]
fn each_part_of_a_configuration_has_its_value() {
    let all = examples();
    let server = good(&all[1]).test.server_criteria;
    assert_eq!((server[0].condition, server[0].value), (Condition::Above, 80.0));
    assert_eq!(server[1].namespace, "Microsoft.Compute/virtualMachines", "from the resource's id");
    assert_eq!(server[1].condition, Condition::Below);
    let monitoring = good(&all[2]).test.monitoring().expect("it has components");
    assert_eq!(monitoring.components["components"][APP]["resourceGroup"], "samplerg");
    let key = format!("{APP}/microsoft.insights/components/requests/count");
    assert_eq!(monitoring.metrics["metrics"][&key]["aggregation"], "Total");
    assert!(monitoring.with_defaults.is_empty());
    assert_eq!(good(&all[4]).test.auto_stop, Some(AutoStop::Disabled));
    assert_eq!(body(&all[4])["autoStopCriteria"], json!({"autoStopDisabled": true}));
    assert_eq!(good(&all[7]).test.env, [("my-variable".to_owned(), "my-value".to_owned())]);
    assert_eq!(body(&all[8])["certificate"]["type"], "AKV_CERT_URI");
    let test = good(&all[9]).test;
    assert_eq!(test.vault_identity, Identity::User(IDENTITY.to_owned()));
    assert_eq!(test.metrics_identity, Identity::System);
    assert!(matches!(&test.engine_identity, Some(EngineIdentity::User(ids)) if ids.len() == 2));
    assert_eq!(good(&all[0]).test.test_id.as_deref(), Some("sampletest"));
}

#[test]
fn a_locust_test_has_a_script_and_a_configuration_of_locust() {
    let text = "testPlan: ./load/SampleTest.py\nproperties: {userPropertyFile: locust.conf}\n";
    let test = good(text).test;
    assert_eq!((test.kind, test.engines), (TestKind::Locust, 1));
    assert_eq!(test.plan.path, "load/SampleTest.py");
    assert_eq!(test.file_type(Role::Plan), "TEST_SCRIPT");
    let url = good("testPlan: requests.json\nconfigurationFiles: [users.csv]\n").test;
    assert_eq!((url.kind, url.file_type(Role::Plan)), (TestKind::Url, "URL_TEST_CONFIG"));
}

#[test]
fn files_as_teams_write_them_are_read() {
    // In the manner of the tests of Azure's own GitHub action.
    for text in [
        "displayName: csv\ntestPlan: ../TestFiles/SampleApp.jmx\ndescription: ''\nengineInstances: 1\ntestId: csv-test\nsplitAllCSVs: False\nconfigurationFiles:\n- ../TestFiles/users.csv\nfailureCriteria: []\n",
        "version: v0.1\ntestName: basicTestLocust\ntestPlan: ../TestFiles/Basic.py\ntestType: Locust\nenv:\n- name: LOCUST_USERS\n  value: 1\nautoStop:\n  errorPercentage: 90\n  timeWindow: 60",
        "testPlan: a.jmx\nsubnetId: null\nkeyVaultReferenceIdentity:\nfailureCriteria:\n  clientMetrics:\n    - max(latency) < 0\n    - p999(response_time_ms) < 0\n",
        "testPlan: a.jmx\nfailureCriteria:\n  - percentage(error) > 20\n  - percentage(error) > 10\n  - chat.completions.total: percentage(error) > 1\n",
    ] {
        let read = good(text);
        assert_eq!(read.warnings, [], "{text}");
        let again = good(&read.test.config().to_string()).test;
        assert_eq!(again, read.test, "{text}");
    }
    let empty = load("testPlan: a.jmx\nsecrets: [{name: '', value: x}]\n").expect_err("no name");
    assert_eq!(empty[0].to_string(), "load.yml:2:18: secrets[0].name: this is empty. Give a value");
}

#[test]
fn what_the_cli_accepts_and_others_reject_is_a_warning() {
    // The reference's own example of several regions: Locust with a JMeter script, and without a version.
    let regional = "displayName: Sample Test\ntestPlan: sampleScript.jmx\ndescription: 'Load test website home page'\nengineInstances: 4\ntestId: SampleTest\ntestType: Locust\nsplitAllCSVs: False\nregionalLoadTestConfig:\n- region: eastus\n  engineInstances: 2\n- region: eastasia\n  engineInstances: 2\nfailureCriteria:\n- p90(response_time_ms) > 10000\nautoStop:\n  errorPercentage: 90\n  timeWindow: 60\n";
    let Read { test, warnings } = good(regional);
    assert_eq!(test.regions.iter().map(|region| region.engines).sum::<u32>(), 4);
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0]
            .to_string()
            .starts_with("load.yml:2:11: testPlan: the plan of a Locust test is a .py file")
    );
    let env = format!(
        "{HEAD}env:\n- {{name: A, value: 0001}}\n- {{name: B, value: yes}}\n- {{name: C, value: 10}}\n- {{name: D}}\n"
    );
    let Read { test, warnings } = good(&env);
    let values: Vec<_> = test.env.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["1", "true", "10", ""]);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].message.contains("YAML reads 0001 as 1"));
}

#[test]
fn settings_are_found_by_their_path_whatever_their_order() {
    let of = |text: &str| good(&format!("testPlan: a.py\n{text}")).test.settings();
    let one = of("env: [{name: A, value: x}, {name: B, value: y}]\nautoStop: {timeWindow: 60}\n");
    let other = of(
        "testId: lt-x\ndisplayName: X\nautoStop: {timeWindow: 60}\nenv: [{name: B, value: y}, {name: A, value: x}]\n",
    );
    assert_eq!(one, other, "names and the order change nothing of a run");
    let paths: Vec<_> = one.iter().map(|(path, value)| format!("{path}={value}")).collect();
    assert_eq!(
        paths,
        [
            "autoStop.timeWindow=60",
            "engineInstances=1",
            "env.A=x",
            "env.B=y",
            "testPlan=a.py",
            "testType=Locust"
        ]
    );
    assert_ne!(one, of("engineInstances: 2\nautoStop: {timeWindow: 60}\n"));
}

#[test]
fn a_problem_names_its_line_its_key_and_what_to_do() {
    for (added, problem) in [
        (
            "engineInstance: 2",
            "load.yml:8:1: engineInstance: there is no key engineInstance here. Did you mean engineInstances?",
        ),
        (
            "failure_criteria: []",
            "load.yml:8:1: failure_criteria: there is no key failure_criteria here. Did you mean failureCriteria?",
        ),
        (
            "keyvaultReferenceIdentityId: x",
            "load.yml:8:1: keyvaultReferenceIdentityId: there is no key keyvaultReferenceIdentityId here. Did you mean keyVaultReferenceIdentity?",
        ),
        (
            "failureCriteria:\n  - avg(responseTimeMs) > 300",
            "load.yml:9:5: failureCriteria[0]: there is no metric responseTimeMs. Did you mean response_time_ms?",
        ),
        (
            "failureCriteria:\n  - {a: avg(latency) > 1, b: avg(latency) > 2}",
            "load.yml:9:5: failureCriteria[0]: this has 2 keys, but a criterion has one: the name of a request. Write one criterion in each item",
        ),
        (
            "failureCriteria: avg(latency) > 1",
            "load.yml:8:18: failureCriteria: this must be a list, but is a string. Write - avg(response_time_ms) > 300, one criterion in each line below",
        ),
        (
            "autoStop: disabled",
            "load.yml:8:11: autoStop: this is neither “disable” nor limits. Write errorPercentage: 90 and timeWindow: 60 below",
        ),
        (
            "autoStop: {errorPercentage: 101}",
            "load.yml:8:29: autoStop.errorPercentage: 101 is not a number from 0 to 100. Write one such as 0",
        ),
        (
            "autoStop: {timeWindows: 60}",
            "load.yml:8:12: autoStop.timeWindows: there is no key timeWindows here. Did you mean timeWindow?",
        ),
        (
            "splitAllCSVs: 'yes'",
            "load.yml:8:15: splitAllCSVs: this must be true or false, but is a string. Write one of them without quotes",
        ),
        (
            "secrets: [{name: API_KEY, value: hunter2}]",
            "load.yml:8:34: secrets[0].value: this is not an address in Key Vault. Write https://{vault}.vault.azure.net/secrets/{name}. Never write the value itself here",
        ),
        (
            "env: {A: b}",
            "load.yml:8:6: env: this must be a list, but is a mapping. Write - name: …, one item in each line below",
        ),
        (
            "env: [{name: A, value: x}, {name: A, value: y}]",
            "load.yml:8:6: env: the name A occurs twice. Remove one",
        ),
        (
            "configurationFiles: [/etc/passwd]",
            "load.yml:8:22: configurationFiles[0]: “/etc/passwd” is no relative path. Write a path relative to this file, with /, such as data/users.csv",
        ),
        (
            "configurationFiles: [a/x.csv, b/x.csv]",
            "load.yml:8:21: configurationFiles: a/x.csv and b/x.csv have the same name. Azure Load Testing stores files without their folders, so the second would replace the first. Rename one",
        ),
        (
            "zipArtifacts: [a.csv]",
            "load.yml:8:15: zipArtifacts: a.csv is not a ZIP file. List it in configurationFiles",
        ),
        (
            "zipArtifacts: [a.zip, b.zip, c.zip, d.zip, e.zip, f.zip]",
            "load.yml:8:15: zipArtifacts: there are 6 items, but Azure Load Testing allows 5. Remove 1",
        ),
        (
            "properties: {userPropertyFile: locust.conf}",
            "load.yml:8:32: properties.userPropertyFile: for a JMX test, this must be a file of type .properties, but is locust.conf",
        ),
        (
            "publicIPDisabled: true",
            "load.yml:8:19: publicIPDisabled: without subnetId, engines need a public address. Add subnetId, or remove the key",
        ),
        (
            "subnetId: /subscriptions/s",
            "load.yml:8:11: subnetId: “/subscriptions/s” is not the ARM id of a subnet. Write /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/{network}/subnets/{name}",
        ),
        (
            "regionalLoadTestConfig: [{region: eastus, engineInstances: 1}]",
            "load.yml:8:25: regionalLoadTestConfig: a test in several regions needs at least two. Add one, or remove the key",
        ),
        (
            "regionalLoadTestConfig: [{region: eastus, engineInstances: 1}, {region: westus, engineInstances: 1}]",
            "load.yml:8:25: regionalLoadTestConfig: the regions have 2 engines together, but engineInstances is 1. Write engineInstances: 2, or change the regions",
        ),
        (
            "certificates: [{name: a, value: x}, {name: b, value: y}]",
            "load.yml:8:15: certificates: there are 2 items, but Azure Load Testing allows 1. Remove 1",
        ),
        (
            "keyVaultReferenceIdentityType: UserAssigned",
            "load.yml:1:1: keyVaultReferenceIdentity: keyVaultReferenceIdentityType is UserAssigned, so this must name the identity. Add its ARM id",
        ),
        (
            "referenceIdentities: [{kind: Vault, type: SystemAssigned}]",
            "load.yml:8:30: referenceIdentities[0].kind: “Vault” is not allowed here. Write one of: KeyVault, Metrics, Engine",
        ),
    ] {
        let problems = load(&format!("{HEAD}{added}\n")).expect_err(added);
        assert_eq!(problems[0].to_string(), problem, "{added}");
    }
}

#[test]
fn all_problems_are_reported_in_the_order_of_the_file() {
    let text = "version: v1\ntestId: x\ntestType: jmx\ntestPlan: ../../etc/x.jmx\nengineInstances: 0\ncolour: red\n";
    let problems = load(text).expect_err("all are wrong");
    let lines: Vec<_> =
        problems.iter().map(|problem| (problem.line, problem.field.clone())).collect();
    let fields = lines.iter().filter_map(|(_, field)| field.as_deref()).collect::<Vec<_>>();
    assert!(
        ["version", "testId", "testType", "engineInstances", "colour"]
            .iter()
            .all(|one| fields.contains(one)),
        "{fields:?}"
    );
    assert!(lines.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{lines:?}");
}

#[test]
fn a_secret_that_was_pasted_is_never_shown() {
    for text in [
        format!("{HEAD}secrets: [{{name: API_KEY, value: hunter2-hunter2}}]\n"),
        format!("{HEAD}secrets: [{{name: API_KEY, value: [hunter2-hunter2]}}]\n"),
        format!("{HEAD}certificates: [{{name: c, value: hunter2-hunter2}}]\n"),
    ] {
        let problems = load(&text).expect_err("no address");
        assert!(
            problems.iter().all(|problem| !problem.to_string().contains("hunter2")),
            "{problems:?}"
        );
    }
}

#[test]
fn files_that_do_not_exist_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("plan.py"), "x = 1\n").expect("a file");
    std::fs::create_dir(folder.path().join("data")).expect("a folder");
    let from_disk = |text: &str| {
        let source =
            Source { name: "load.yml", bytes: text.as_bytes(), folder: folder.path().to_owned() };
        read(&source, &Disk).map_err(|problems| problems[0].to_string())
    };
    assert!(from_disk("testPlan: plan.py\n").is_ok());
    let gone =
        from_disk("testPlan: plan.py\nconfigurationFiles: [users.csv]\n").expect_err("missing");
    assert!(
        gone.contains("load.yml:2:22: configurationFiles[0]: there is no file users.csv"),
        "{gone}"
    );
    let folder =
        from_disk("testPlan: plan.py\nconfigurationFiles: [data]\n").expect_err("a folder");
    assert!(folder.contains("data is a folder"), "{folder}");
}

#[test]
fn hostile_files_are_refused_with_a_problem() {
    let deep = format!("testPlan: a.py\nenv: {}{}\n", "[".repeat(80), "]".repeat(80));
    let many = format!("testPlan: a.py\nfailureCriteria: [{}]\n", "avg(latency) > 1,".repeat(51));
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";
    for (text, part) in [
        ("", "this file is empty"),
        ("- a\n", "the file must be a mapping, but is a list"),
        (deep.as_str(), "nested"),
        (many.as_str(), "there are 51 items, but Azure Load Testing allows 50"),
        (bomb, "aliases expanded"),
        ("testPlan: a.py\ntestPlan: b.py\n", "occurs twice"),
        ("testPlan: \"a\\0.py\"\n", "no file name can have"),
        ("testPlan: ..\n", "names a folder"),
        ("testPlan: c:\\x.py\n", "is no relative path"),
        ("testPlan: [a.py]\n", "must be a string"),
    ] {
        let problems = load(text).expect_err(part);
        assert!(
            problems.iter().any(|problem| problem.message.contains(part)),
            "{part}: {problems:?}"
        );
    }
    let source =
        Source { name: "load.yml", bytes: b"testPlan: caf\xe9.py", folder: "/team".into() };
    assert!(read(&source, &Nothing).is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "[a-zA-Z:\\-\\[\\]{} \n'\"&*!|>0-9.]{0,200}") {
        let _ = load(&text);
        let _ = load(&format!("{HEAD}failureCriteria: {text}"));
    }
}
