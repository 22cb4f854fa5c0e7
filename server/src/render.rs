//! `understudy render`: prints the request that the console would send for a YAML file.

use crate::config;
use anyhow::Context as _;
use clap::{Args, Subcommand};
use spec::files::Disk;
use spec::overrides::Override;
use spec::problem::{Problem, shown};
use spec::render::{Options, Rendered, Source, deployment, endpoint};
use spec::scope::Scope;
use spec::yaml::Limits;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The kind of YAML file. The comments below are the help texts.
#[derive(Debug, Clone, Subcommand)]
pub enum RenderArgs {
    /// An online endpoint's YAML.
    Endpoint(FileArgs),
    /// An online deployment's YAML.
    Deployment {
        /// The endpoint's name, instead of the file's.
        #[arg(long)]
        endpoint: Option<String>,
        #[command(flatten)]
        file: FileArgs,
    },
}

/// The file and values that override it.
#[derive(Debug, Clone, Args)]
pub struct FileArgs {
    /// The YAML file.
    pub file: PathBuf,
    /// The name, instead of the file's.
    #[arg(long)]
    pub name: Option<String>,
    /// Override a value. Dots separate nested keys. May be given several times. Example: `--set instance_count=2`.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = Override::parse)]
    pub set: Vec<Override>,
    #[command(flatten)]
    scope: ScopeArgs,
}

/// The workspace: given in full, or as a stage of the configuration.
#[derive(Debug, Clone, Args)]
struct ScopeArgs {
    /// The subscription's ID.
    #[arg(long, required_unless_present = "stage")]
    subscription: Option<String>,
    #[arg(long, required_unless_present = "stage")]
    resource_group: Option<String>,
    #[arg(long, required_unless_present = "stage")]
    workspace: Option<String>,
    /// The workspace's region. Default: the stage's location.
    #[arg(long, required_unless_present = "stage")]
    location: Option<String>,
    /// A stage of the configuration file, instead of the four above.
    #[arg(long, requires = "config", conflicts_with_all = ["subscription", "resource_group", "workspace"])]
    stage: Option<String>,
    /// The configuration file.
    #[arg(long, env = "UNDERSTUDY_CONFIG")]
    config: Option<PathBuf>,
}

/// Why nothing was rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// Errors in the file.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Problems(Vec<Problem>),
    /// The file was not read.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

/// Renders a file as JSON.
///
/// # Errors
/// All errors in the file, one per line.
pub fn run(args: &RenderArgs) -> Result<String, RenderError> {
    let rendered = rendered(args)?;
    Ok(serde_json::to_string_pretty(&rendered).context("the result cannot be written as JSON")?)
}

fn rendered(args: &RenderArgs) -> Result<Rendered, RenderError> {
    let (given, to) = match args {
        RenderArgs::Endpoint(given) => (given, None),
        RenderArgs::Deployment { endpoint, file } => (file, endpoint.clone()),
    };
    let options = Options {
        name: given.name.clone(),
        endpoint: to,
        set: given.set.clone(),
        scope: scope(&given.scope)?,
    };
    let name = given.file.display().to_string();
    let bytes = bytes(&given.file)?;
    let source = Source { name: &name, bytes: &bytes, folder: folder(&given.file)? };
    match args {
        RenderArgs::Endpoint(_) => endpoint(&source, &options, &Disk),
        RenderArgs::Deployment { .. } => deployment(&source, &options, &Disk),
    }
    .map_err(RenderError::Problems)
}

/// A file's bytes, cut one byte over the limit so that the parser rejects the size.
fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = shown(&path.display().to_string());
    let found = std::fs::metadata(path);
    anyhow::ensure!(
        !found.as_ref().is_ok_and(std::fs::Metadata::is_dir),
        "{shown} is a folder. Name a single YAML file"
    );
    let is_missing = found.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    anyhow::ensure!(
        !is_missing,
        "{shown} does not exist. Name the YAML file of an endpoint or a deployment, relative to the current folder"
    );
    let file = std::fs::File::open(path).with_context(|| format!("{shown} cannot be opened"))?;
    let most = u64::try_from(Limits::default().bytes + 1)?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).with_context(|| format!("{shown} cannot be read"))?;
    Ok(bytes)
}

fn folder(path: &Path) -> anyhow::Result<PathBuf> {
    let whole =
        std::path::absolute(path).with_context(|| format!("{} is not a path", path.display()))?;
    Ok(whole.parent().unwrap_or(Path::new("/")).to_owned())
}

fn scope(args: &ScopeArgs) -> anyhow::Result<Scope> {
    if let (Some(name), Some(config)) = (&args.stage, &args.config) {
        let file = config::read(config)?;
        let stage = file.stages.into_iter().find(|stage| stage.name.as_str() == name);
        let stage = stage.with_context(|| format!("{} has no stage {name}", config.display()))?;
        let location = args.location.clone().or(stage.location);
        return Ok(Scope {
            subscription: stage.subscription_id,
            resource_group: stage.resource_group,
            workspace: stage.workspace,
            location: location.with_context(|| {
                format!("the stage {name} has no location. Add one to the configuration, or use --location")
            })?,
        });
    }
    let given = |value: &Option<String>, flag: &str| {
        value.clone().with_context(|| format!("{flag} is missing"))
    };
    Ok(Scope {
        subscription: given(&args.subscription, "--subscription")?,
        resource_group: given(&args.resource_group, "--resource-group")?,
        workspace: given(&args.workspace, "--workspace")?,
        location: given(&args.location, "--location")?,
    })
}
