//! The command line of an instance that runs a program of its own.

use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::spec::{DeploymentSpec, Program};

/// The only variables that an instance inherits. The console's own variables contain secrets that no model
/// needs.
const INHERITED: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ"];
/// Where Azure puts a model's files in a container.
const MODELS: &str = "/var/azureml-app/azureml-models";

/// The variables that every instance inherits.
#[expect(clippy::disallowed_methods, reason = "passed on to a child, not read as configuration")]
pub(crate) fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    INHERITED.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)))
}

/// A port of loopback that nobody uses. Another process can take it before the program does, which then ends and is
/// started again with another port.
pub(crate) fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// The instance program, which supervises `program`, in a new process group. `place`: where the program listens, and its
/// folder for temporary files.
pub(crate) fn command(
    supervisor: &[OsString],
    spec: &DeploymentSpec,
    program: &Program,
    (address, temp): (SocketAddr, &Path),
) -> io::Result<Command> {
    let Some((supervisor, leading)) = supervisor.split_first() else {
        return Err(io::Error::other("no program is configured for instances"));
    };
    let model = spec.model.as_deref().map(folder);
    let mut variables = program.environment.clone();
    variables.extend(spec.environment_variables.clone());
    variables.insert("PORT".to_owned(), address.port().to_string());
    let mut words = program.command.clone();
    match program.flags_at {
        Some(at) if at <= words.len() => {
            if let Some(model) = &model {
                variables.insert("AZUREML_MODEL_DIR".to_owned(), MODELS.to_owned());
                let volume = format!("{}:{MODELS}:ro", model.display());
                words.splice(at..at, ["--volume".into(), OsString::from(volume)]);
            }
            let flags = variables.iter().map(|(name, value)| format!("{name}={value}"));
            let flags: Vec<OsString> =
                flags.flat_map(|pair| ["--env".into(), OsString::from(pair)]).collect();
            words.splice(at..at, flags);
            variables.clear();
        }
        _ => {
            let model = model.map(|model| model.to_string_lossy().into_owned());
            variables.extend(model.map(|model| ("AZUREML_MODEL_DIR".to_owned(), model)));
        }
    }
    let mut command = Command::new(supervisor);
    command.args(leading).arg("--name").arg(&spec.name);
    command.arg("--listen").arg(address.to_string()).arg("--").args(words);
    command.env_clear().envs(inherited()).env("TMPDIR", temp).envs(variables);
    command.current_dir(&program.work_dir);
    command.process_group(0);
    Ok(command)
}

/// The folder of a model, as `AZUREML_MODEL_DIR` names it also for a single file.
fn folder(model: &Path) -> PathBuf {
    match model.parent() {
        Some(parent) if model.is_file() => parent.to_owned(),
        _ => model.to_owned(),
    }
}
