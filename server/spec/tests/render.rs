//! Tests of `spec::render`. `end2end/sdk` compares it with the official SDK.

use proptest::prelude::*;
use serde_json::json;
use spec::files::{Disk, Nothing};
use spec::overrides::Override;
use spec::problem::Problem;
use spec::render::{Options, Rendered, Source, deployment, endpoint};
use spec::scope::Scope;

const WS: &str =
    "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w";

fn options(set: &[&str]) -> Options {
    let set = set.iter().map(|text| Override::parse(text).expect("key=value")).collect();
    let scope = Scope {
        subscription: "s".into(),
        resource_group: "r".into(),
        workspace: "w".into(),
        location: "westeurope".into(),
    };
    Options { name: None, endpoint: None, set, scope }
}

fn render(bytes: &[u8], set: &[&str]) -> Result<Rendered, Vec<Problem>> {
    let source = Source { name: "blue.yml", bytes, folder: "/team".into() };
    deployment(&source, &options(set), &Nothing)
}

const SMALLEST: &str = "name: Blue\nendpoint_name: nbq\ninstance_type: Standard_DS3_v2\n";

#[test]
fn the_smallest_deployment_has_what_the_sdk_always_sends() {
    let rendered = render(SMALLEST.as_bytes(), &[]).expect("good");
    assert_eq!((rendered.name.as_str(), rendered.endpoint.as_deref()), ("blue", Some("nbq")));
    assert_eq!(rendered.assets, []);
    assert_eq!(
        rendered.body,
        json!({"location": "westeurope", "tags": {}, "sku": {"name": "Default"}, "properties": {
            "endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2",
            "appInsightsEnabled": false, "environmentVariables": {}, "properties": {},
        }})
    );
}

#[test]
fn the_body_has_references_to_assets_without_an_id() {
    let text = format!(
        "{SMALLEST}model: azureml:nbq@latest\nenvironment: {{name: e, version: 3, image: a/b}}\n\
         data_collector: {{collections: {{a: {{enabled: 'true'}}, b: {{enabled: 'false'}}}}}}\n"
    );
    let rendered = render(text.as_bytes(), &[]).expect("good");
    let properties = &rendered.body["properties"];
    assert_eq!(properties["model"], "azureml:nbq@latest");
    assert_eq!(properties["environmentId"], "inline environment: e");
    assert_eq!(
        properties["dataCollector"]["collections"]["b"]["dataId"],
        "inline data: nbq-blue-b"
    );
    let assets = serde_json::to_value(&rendered.assets).expect("JSON");
    assert_eq!(
        assets[0],
        json!({"ref": "azureml:nbq@latest", "kind": "model", "action": "resolve", "name": "nbq", "label": "latest"})
    );
    assert_eq!(assets[1]["version"], "3");
    assert_eq!(assets[1]["body"]["properties"]["image"], "a/b");
}

#[test]
fn an_endpoint_drops_zeros_and_lowers_names() {
    let text = b"name: nbq\ntraffic: {Blue: '90', green: 10, old: 0}\nidentity: {type: UserAssigned, user_assigned_identities: [{resource_id: /u}]}\n";
    let source = Source { name: "e.yml", bytes: text, folder: "/team".into() };
    let rendered = endpoint(&source, &options(&["compute=azureml:k8s"]), &Nothing).expect("good");
    assert_eq!(
        rendered.body,
        json!({"location": "westeurope", "tags": {},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/u": {}}},
            "properties": {"authMode": "Key", "properties": {}, "mirrorTraffic": {},
                "traffic": {"blue": 90, "green": 10}, "compute": format!("{WS}/computes/k8s")}})
    );
}

#[test]
fn refusals_name_file_line_column_and_field() {
    for (added, problem) in [
        (
            "instance_cuont: 1",
            "blue.yml:4:1: instance_cuont: there is no key instance_cuont here. Did you mean instance_count?",
        ),
        (
            "instance_count: many",
            "blue.yml:4:17: instance_count: this must be an integer of at most 64 bits, but is “many”. Write one such as 3",
        ),
        (
            "tags: {a: =}",
            "blue.yml:4:11: = alone has a special meaning in YAML 1.1. Write \"=\" in quotes",
        ),
        (
            "model: {path: m}",
            "blue.yml:4:15: model.path: /team/m cannot be uploaded: only this text was given, without files. Register it in the workspace first, then refer to it as azureml:name:version",
        ),
        (
            "model: nbq:1",
            "blue.yml:4:8: model: “nbq:1” is not a model. Name a registered one, for example azureml:name:1, or give a mapping with its definition",
        ),
        (
            "name: green",
            "blue.yml:4:1: name: the key occurs twice: first in line 1, again in line 4. Remove one",
        ),
        (
            "environment: file:e.yml",
            "blue.yml:4:14: environment: /team/e.yml cannot be read: only this text was given, without files. Write its content here instead",
        ),
    ] {
        let problems = render(format!("{SMALLEST}{added}\n").as_bytes(), &[]).expect_err(added);
        assert_eq!(problems[0].to_string(), problem);
    }
    let problems = render(SMALLEST.as_bytes(), &["colour=red"]).expect_err("unknown");
    assert!(problems[0].to_string().starts_with("--set colour:1:1: colour: there is no key"));
}

#[test]
fn overrides_are_set_in_the_parsed_file() {
    let set = [
        "instance_count=3",
        "tags.team=a",
        "data_collector.request_logging.capture_headers[0]=X-Id",
        "data_collector.collections.a.enabled=true",
    ];
    let body = render(SMALLEST.as_bytes(), &set).expect("good").body;
    assert_eq!(body["sku"]["capacity"], 3);
    assert_eq!(body["tags"], json!({"team": "a"}));
    let logging = &body["properties"]["dataCollector"]["requestLogging"];
    assert_eq!(*logging, json!({"captureHeaders": ["X-Id"]}));
    for (set, tags) in [
        ("tags..a=x", json!({"": {"a": "x"}})),
        ("tags.=x", json!({"": "x"})),
        (r"tags.a\.b=x", json!({"a.b": "x"})),
        ("tags.a[0].b=x", json!({"a": [{"b": "x"}]})),
    ] {
        assert_eq!(render(SMALLEST.as_bytes(), &[set]).expect("good").body["tags"], tags, "{set}");
    }
    let with_model = format!("{SMALLEST}model: azureml:nbq:1\n");
    for (text, set) in
        [(with_model.as_str(), "model.name=x"), (SMALLEST, "...=x"), (SMALLEST, "tags[0]=x")]
    {
        assert!(render(text.as_bytes(), &[set]).is_err(), "{set}");
    }
}

#[test]
fn an_override_of_an_aliased_value_changes_all_aliases() {
    let text = format!(
        "{SMALLEST}liveness_probe: &p {{period: 5, timeout: 7}}\nreadiness_probe: *p\n\
         environment_variables: &v {{A: {{b: c}}}}\ntags: {{<<: *v, d: e}}\n"
    );
    let set = ["readiness_probe.period=9", "tags.A.b=f", "tags.d=g"];
    let body = render(text.as_bytes(), &set).expect("good").body;
    let properties = &body["properties"];
    for probe in ["livenessProbe", "readinessProbe"] {
        assert_eq!(properties[probe], json!({"period": "PT9S", "timeout": "PT7S"}), "{probe}");
    }
    assert_eq!(properties["environmentVariables"], json!({"A": {"b": "f"}}));
    assert_eq!(body["tags"], json!({"A": {"b": "f"}, "d": "g"}));
}

#[test]
fn values_are_dropped_and_passed_on_as_in_the_sdk() {
    let text = format!(
        "{SMALLEST}model: {{name: m, path: 'https://a.b/c', system_metadata: {{a: b}}}}\ntags: {{.inf: a, -.inf: b}}\n"
    );
    let rendered = render(text.as_bytes(), &[]).expect("good");
    let model = serde_json::to_value(&rendered.assets[0]).expect("JSON");
    assert_eq!(model["body"]["properties"].get("systemMetadata"), None);
    assert_eq!(rendered.body["tags"], json!({"Infinity": "a", "-Infinity": "b"}));
    let cluster = "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/virtualclusters/k";
    let text = format!("name: nbq\ncompute: azureml:{cluster}\n");
    let source = Source { name: "e.yml", bytes: text.as_bytes(), folder: "/team".into() };
    let rendered = endpoint(&source, &options(&[]), &Nothing).expect("good");
    assert_eq!(rendered.body["properties"]["compute"], cluster);
}

#[test]
fn files_of_the_wrong_kind_are_refused_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes);
    put("list.yml", b"- a\n").expect("a file");
    put("latin.py", b"# caf\xe9\n").expect("a file");
    put("nul.py", b"x = 1\0\n").expect("a file");
    put("score.py", "# café\n".as_bytes()).expect("a file");
    std::fs::create_dir(folder.path().join("e\u{1b}\n")).expect("a folder");
    let code = |script: &str| format!("code_configuration: {{code: ., scoring_script: {script}}}");
    for (added, part) in [
        (
            "environment: {image: a/b, conda_file: list.yml}".to_owned(),
            "is a mapping with dependencies",
        ),
        (code("latin.py"), "is not UTF-8 text"),
        (code("nul.py"), "is not UTF-8 text"),
        (code("score.py"), ""),
        (r#"model: {path: "a\e[31mb\nc"}"#.to_owned(), "there is no file or folder"),
        (r#"model: {path: "e\e\n"}"#.to_owned(), "is empty"),
        (r#"code_configuration: {code: "a\e", scoring_script: "b\n"}"#.to_owned(), "there is no"),
        (r#"environment: {build: {path: "a\e\n"}}"#.to_owned(), "there is no"),
    ] {
        let text = format!("{SMALLEST}{added}\n");
        let source =
            Source { name: "blue.yml", bytes: text.as_bytes(), folder: folder.path().into() };
        let problems = deployment(&source, &options(&[]), &Disk).err().unwrap_or_default();
        let shown: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), usize::from(!part.is_empty()), "{added}: {shown:?}");
        for line in shown {
            assert!(line.starts_with("blue.yml:4:") && line.contains(part), "{line}");
            assert!(!line.contains(char::is_control), "{line:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_file_panics_and_every_refusal_has_a_line(
        keys in proptest::collection::vec((
            "(name|endpoint_name|model|environment|tags|identity|traffic|compute|data_collector|liveness_probe|instance_count|code_configuration|scale_settings|[a-z]{1,5})",
            "(azureml:[a-z@:/]{0,8}|[0-9._:-]{1,6}|\\[\\]|\\{\\}|\\[a, \\{b: c\\}\\]|\\{[a-z]{1,4}: [a-z]{1,4}\\}|\\{type: [a-zA-Z]{1,8}\\}|~|x)",
        ), 0..8),
    ) {
        let text: String = keys.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
        let source = Source { name: "a.yml", bytes: text.as_bytes(), folder: "/team".into() };
        for rendered in [deployment(&source, &options(&[]), &Nothing), endpoint(&source, &options(&[]), &Nothing)] {
            if let Err(problems) = rendered {
                prop_assert!(!problems.is_empty());
                prop_assert!(problems.iter().all(|problem| problem.line >= 1 && problem.column >= 1));
            }
        }
    }
}
