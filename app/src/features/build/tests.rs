//! What the page of a build shows before anybody presses the button.

use super::inputs::fields;
use super::page::{Loaded, Page, PageProps};
use crate::features::samples::{COMMIT, NOW, build, html, job, registry, release, used, workflow};
use crate::port::{BuildPlan, BuildRequest, WorkflowJob};
use domain::document::{Document, Form};
use domain::job::build::Build;
use domain::job::view::Progress;
use domain::release::input::{Given, Inputs};
use domain::release::origin::Origin;
use domain::release::{Release, Template};

fn request() -> BuildRequest {
    let reference = Some("main".parse().expect("a branch"));
    let answers = vec![("tags".to_owned(), "'a=b & \"c\"'".to_owned())];
    BuildRequest { release: release(), reference, answers, deploy: false }
}

fn plan(build: Option<Build>) -> BuildPlan {
    BuildPlan {
        now: NOW,
        release: release(),
        build,
        problems: Vec::new(),
        warnings: Vec::new(),
        layers: vec!["base".to_owned(), "litserve".to_owned(), "training".to_owned()],
        registry: Some("anetdev.azurecr.io".to_owned()),
        jobs: Vec::new(),
        open: None,
        knows_uses: true,
        uses: Vec::new(),
        usual_ms: None,
        documents: Vec::new(),
        may_not_build: None,
        proposes: false,
    }
}

fn inputs() -> Inputs {
    let mut inputs = Inputs::new();
    inputs.insert("environment", Given::text("anet-dev"), Some(10));
    inputs.insert("target_layer", Given::text("${{ inputs.layer }}"), Some(12));
    inputs.insert("endpoint_name", Given::text("anet-ep-dev"), Some(11));
    inputs
}

fn page(plan: BuildPlan) -> String {
    let release = Release::read(Origin::default(), Template::Build, inputs());
    let loaded = Loaded { request: request(), plan, inputs: fields(&release) };
    html(|| Page(PageProps { loaded }))
}

#[test]
fn the_page_shows_commit_image_layer_tags_and_method() {
    let shown = page(BuildPlan { usual_ms: Some(240_000), ..plan(Some(build(registry()))) });
    for text in [
        "1f2e3d4",
        "Answer &lt;faster&gt;",
        "ml-azua-litserve-env",
        "anet-dev",
        "The Dockerfile also has ",
        "base, training",
        "note=a=b, team=data-science",
        "An Azure Container Registry task builds the image in anetdev.azurecr.io",
        "The registry stops the build after 1 h",
        "4 min",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
}

#[test]
fn the_form_sends_the_commit_the_reference_and_the_answers() {
    let shown = page(plan(Some(build(registry()))));
    let form = shown.split("method=\"post\"").nth(1).and_then(|rest| rest.split("</form>").next());
    let form = form.expect("a form");
    assert!(form.contains("action=\"/releases/ml-azua/deploy.yml/build-dev/build\""), "{form}");
    assert!(form.contains(&format!("name=\"commit\" value=\"{COMMIT}\"")), "{form}");
    assert!(form.contains("name=\"ref\" value=\"main\""), "{form}");
    assert!(form.contains("name=\"in.tags\" value=\"'a=b &amp; &quot;c&quot;'\""), "{form}");
    assert!(!form.contains("disabled"), "{form}");
}

#[test]
fn every_job_of_the_workflow_is_shown_and_the_one_that_builds_is_marked() {
    let one = |id: &str, builds| WorkflowJob {
        id: id.to_owned(),
        calls: Some("anet/templates/.github/workflows/build.yml@v2.2.4".to_owned()),
        needs: if builds { Vec::new() } else { vec!["build-dev".to_owned()] },
        environment: (!builds).then(|| "anet-prod".to_owned()),
        condition: (!builds).then(|| "github.ref == 'refs/heads/main'".to_owned()),
        builds,
    };
    let jobs = vec![one("build-dev", true), one("deploy-nbq-prod", false)];
    let shown = page(BuildPlan { jobs, ..plan(Some(build(workflow()))) });
    for text in [
        "builds the image",
        "GitHub also runs a job that does not build the image",
        "deploy-nbq-prod",
        "Runs after ",
        "anet-prod",
        "github.ref == 'refs/heads/main'",
        "GitHub runs the whole workflow on main.",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    let jobs = shown.find("deploy-nbq-prod").expect("the job");
    assert!(jobs < shown.find("aria-describedby=\"build-about\"").expect("the button"));
}

#[test]
fn a_disabled_button_says_why() {
    let problem = "The Dockerfile has no layer “x”.".to_owned();
    let problems = BuildPlan { problems: vec![problem.clone()], ..plan(None) };
    let open = job(registry(), Progress::Waiting);
    let busy = BuildPlan { open: Some(open), ..plan(Some(build(registry()))) };
    let may_not = Some("Only these roles may build and archive images.".to_owned());
    let denied = BuildPlan { may_not_build: may_not, ..plan(Some(build(registry()))) };
    for (plan, reason) in [
        (problems, "Fix the problems first."),
        (busy, "A build of this image is in progress. Wait for its end"),
        (denied, "Only these roles may build and archive images."),
    ] {
        let shown = page(plan);
        let button = shown.split("data-variant=\"lead\"").nth(1).expect("a button");
        assert!(button.split('>').next().is_some_and(|rest| rest.contains("disabled")), "{button}");
        assert!(button.contains(reason), "{reason} in {button}");
    }
    let open = page(BuildPlan {
        open: Some(job(registry(), Progress::Waiting)),
        ..plan(Some(build(registry())))
    });
    assert!(open.contains("href=\"/jobs/6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab\""), "{open}");
}

#[test]
fn deployments_and_documents_are_linked() {
    let document =
        Document { form: Form::Commands, name: "build.sh".to_owned(), text: "az acr".to_owned() };
    let (uses, documents) = (vec![used(90, 0)], vec![document]);
    let shown = page(BuildPlan { uses, documents, ..plan(Some(build(registry()))) });
    assert!(shown.contains("90% live"), "{shown}");
    assert!(shown.contains("new instances pull the newest image"), "{shown}");
    let href = "/releases/ml-azua/deploy.yml/build-dev/build.sh?ref=main&amp;in.tags=";
    assert!(shown.contains(href), "{shown}");
}

#[test]
fn a_field_shows_its_answer_and_its_problem() {
    let mut request = request();
    request.answers = vec![("target_layer".to_owned(), "nope".to_owned())];
    let release = Release::read(Origin::default(), Template::Build, inputs());
    let loaded = Loaded { request, plan: plan(None), inputs: fields(&release) };
    let shown = html(|| Page(PageProps { loaded }));
    assert!(shown.contains("value=\"nope\""), "{shown}");
    let problem = "The Dockerfile has no layer “nope”. Its layers: base, litserve, training.";
    assert!(shown.contains(problem), "{shown}");
    assert!(shown.contains("${{ inputs.layer }}"), "{shown}");
}

#[test]
fn a_deploy_release_offers_only_the_inputs_of_its_build() {
    let names = |template| {
        let release = Release::read(Origin::default(), template, inputs());
        fields(&release).into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    let of_deploy = names(Template::DeployRealtime);
    assert!(!of_deploy.contains(&"endpoint_name".to_owned()), "{of_deploy:?}");
    assert!(of_deploy.contains(&"ml_env_name".to_owned()), "{of_deploy:?}");
    let of_build = names(Template::Build);
    // In the order of the file, then what the file lacks.
    assert_eq!(of_build[..3], ["environment", "endpoint_name", "target_layer"]);
    assert!(of_build.contains(&"maximise_disk_space".to_owned()), "{of_build:?}");
}
