//! How the inputs of `build.yml` are read, and which are rejected.

use super::build::{ImageName, KEYS, problem};
use super::input::{Given, Inputs};
use super::origin::Origin;
use super::{Definition, Release, Template};

fn readme() -> Inputs {
    [
        ("environment", Given::text("anet-dev")),
        ("environment_config_file", Given::text("config-infra-anet-dev.yml")),
        ("ml_env_name", Given::text("ml-azua-litserve-env")),
        ("ml_env_description", Given::text("Environment for ml-azua serving")),
        ("target_layer", Given::text("litserve")),
        ("tags", Given::text("'team=data-science' 'repo=ml-azua' 'model=dynamic-vae'")),
        ("maximise_disk_space", Given::Bool(false)),
    ]
    .into_iter()
    .map(|(key, given)| (key.to_owned(), given))
    .collect()
}

#[test]
fn the_example_in_the_readme_is_valid() {
    let release = Release::read(Origin::default(), Template::Build, readme());
    assert_eq!(release.problems, []);
    let Some(Definition::Build(build)) = release.definition else { panic!("a build") };
    assert_eq!(build.ml_env_name.to_string(), "ml-azua-litserve-env");
    assert_eq!(build.tags.known().map(|tags| tags.iter().count()), Some(3));
}

#[test]
fn every_input_is_required() {
    for (key, _) in readme().iter() {
        let mut inputs = readme();
        inputs.insert(key, Given::text("  "), Some(3));
        let release = Release::read(Origin::default(), Template::Build, inputs);
        let keys: Vec<_> = release.problems.iter().map(|p| (p.key.as_str(), p.line)).collect();
        assert_eq!(keys, [(key, Some(3))]);
        assert!(release.definition.is_none());
    }
}

#[test]
fn image_names_follow_the_rules_of_container_registries() {
    for text in ["a", "ml-azua-litserve-env", "a.b_c", "a__b", "a---b", "0a"] {
        assert!(text.parse::<ImageName>().is_ok(), "{text}");
    }
    for text in ["", "A", "-a", "a-", "a..b", "a_.b", "a b", "ä", "a/b"] {
        assert!(text.parse::<ImageName>().is_err(), "{text}");
    }
    assert!("a".repeat(256).parse::<ImageName>().is_err());
}

#[test]
fn uses_determines_the_template() {
    for (uses, template) in [
        ("Eedi/ml-mlops-templates/.github/workflows/build.yml@main", Some(Template::Build)),
        ("o/r/.github/workflows/deploy_realtime.yml@v1.2.3", Some(Template::DeployRealtime)),
        ("./.github/workflows/build.yml", Some(Template::Build)),
        ("o/r/.github/workflows/rebuild.yml@main", None),
        ("o/r/workflows/build.yml@main", None),
        ("actions/checkout@v4", None),
        ("", None),
    ] {
        assert_eq!(Template::of_uses(uses), template, "{uses}");
    }
}

#[test]
fn a_form_rejects_the_same_texts_as_the_release() {
    let readme_release = Release::read(Origin::default(), Template::Build, readme());
    let long = "x".repeat(1_001);
    let texts =
        ["", " ", "a", "A B", "a/../b", "true", "TRUE", "yes", "'a=b' c", "a=b a=c", "a=b", &long];
    for key in KEYS.into_iter().filter(|key| *key != "templates_repo_ref") {
        for text in texts {
            let mut inputs = readme();
            inputs.insert(key, readme_release.kind(key).typed(text), None);
            let release = Release::read(Origin::default(), Template::Build, inputs);
            let said = problem(key, text);
            assert_eq!(said.is_some(), !release.problems.is_empty(), "{key}: {text:?}: {said:?}");
        }
    }
    assert_eq!(problem("templates_repo_ref", ""), None);
    assert_eq!(problem("unknown", ""), None);
    assert!(problem("tags", "'a=b").is_some_and(|said| said.starts_with("A quote is opened")));
}
