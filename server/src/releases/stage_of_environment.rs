//! Maps a release's GitHub environment to a stage.

use super::problem::of_file;
use super::read::Setting;
use domain::release::Release;
use domain::release::environment::EnvironmentName;
use domain::repository::FileProblem;
use domain::stage::Stage;

fn environment(release: &Release) -> Option<EnvironmentName> {
    release.inputs.get("environment")?.given.as_text()?.parse().ok()
}

/// The stage of a release's GitHub environment: the one that the configuration maps it to, or the one of the same
/// name. Names are compared without case, as GitHub does.
pub fn stage<'a>(setting: Setting<'a>, release: &Release) -> Option<&'a Stage> {
    let environment = environment(release)?;
    let mapped = setting.environments.iter().find(|(name, _)| environment.is(name));
    let name = mapped.map(|(_, stage)| stage.clone()).or_else(|| environment.stage())?;
    setting.stages.iter().find(|stage| stage.name == name)
}

/// The problem to report when an environment belongs to no stage.
pub fn unknown(
    setting: Setting<'_>,
    release: &Release,
    stage: Option<&Stage>,
) -> Option<FileProblem> {
    let environment = environment(release).filter(|name| !name.as_str().is_empty())?;
    if stage.is_some() {
        return None;
    }
    let shown: String = environment.as_str().chars().take(60).collect();
    let names: Vec<_> = setting.stages.iter().map(|stage| stage.name.as_str()).collect();
    let message = format!(
        "the environment {shown} maps to none of the console's stages ({}). Correct it, or map it under \
         “environments:” of the repository in the console's configuration",
        names.join(", ")
    );
    let line = release.inputs.get("environment").and_then(|input| input.line);
    let field = Some("environment".to_owned());
    Some(FileProblem { line, field, ..of_file(&release.origin.workflow, message) })
}
