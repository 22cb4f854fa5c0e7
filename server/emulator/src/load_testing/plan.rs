//! What a run does: its secrets read, its archives unpacked, its variables filled in.

use std::collections::BTreeMap;
use std::sync::Arc;

use load::{JmeterPlan, LoadTest, LocustPlan, Mask, Plan};
use serde_json::Value;

use crate::inner::Inner;
use crate::key_vault;
use crate::loads::kept::{FileKind, InputFile, Kind, Run, RunError, Secret};
use crate::loads::unzip::unzip;
use crate::loads::url_plan::Variables;
use crate::loads::{body, secrets, url_config, url_plan};
use crate::vaults::reference::Reference;

/// Shorter lines of secrets are not masked: they would mask half of every log.
const MASKED_BYTES_MIN: usize = 3;

/// Why a run cannot be planned.
pub fn error(code: &str, message: impl Into<String>) -> RunError {
    RunError { code: code.to_owned(), message: message.into() }
}

/// The values of a run's secrets.
pub fn secrets_of(
    inner: &Inner,
    guid: &str,
    run: &Run,
) -> Result<BTreeMap<String, String>, RunError> {
    let read = |(name, secret): (&String, &Secret)| {
        let value = match secret {
            Secret::Sealed(sealed) => {
                let owner = format!("{guid}/runs/{}", run.id);
                let value = secrets::open(&inner.vaults.sealer, &owner, name, sealed);
                value.ok_or_else(|| "it was encrypted with another key; set it again".to_owned())
            }
            Secret::Reference(url) => match Reference::parse(url) {
                Some(at) => key_vault::read(inner, &at),
                None => Err("it is not the identifier of a secret".to_owned()),
            },
        };
        let value = value.map_err(|why| {
            error(
                "InvalidSecret",
                format!("The secret {name} of the test could not be read from Key Vault: {why}."),
            )
        })?;
        Ok((name.clone(), value))
    };
    run.secrets.iter().map(read).collect()
}

/// Hides values of secrets.
pub fn mask(secrets: &BTreeMap<String, String>) -> Mask {
    let mut hidden: Vec<String> = secrets
        .values()
        .flat_map(|value| value.lines().chain([value.as_str()]))
        .filter(|line| line.len() >= MASKED_BYTES_MIN)
        .map(str::to_owned)
        .collect();
    // A secret may contain another one.
    hidden.sort_by_key(|value| std::cmp::Reverse(value.len()));
    hidden.dedup();
    Arc::new(move |text| {
        hidden.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    })
}

fn variables(run: &Run) -> BTreeMap<String, String> {
    let all = run.body.get("environmentVariables").and_then(Value::as_object);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// The load test of a run.
pub fn plan(
    inner: &Inner,
    guid: &str,
    run: &Run,
    secrets: BTreeMap<String, String>,
) -> Result<LoadTest, RunError> {
    let folder = inner.load_tests.run(guid, &run.id).join("files");
    for file in run.files.iter().filter(|file| file.kind == FileKind::ZippedArtifacts) {
        unzip(&folder.join(&file.name), Some(&folder))
            .map_err(|rule| error("InvalidFile", format!("{}: {rule}.", file.name)))?;
    }
    let environment = variables(run);
    let engines = body::engines(&run.body);
    let configuration = run.body.get("loadTestConfiguration").cloned().unwrap_or_default();
    let split_csvs = configuration["splitAllCSVs"] == Value::Bool(true);
    let named = |kind: FileKind| run.files.iter().find(|file| file.kind == kind);
    let main = |file: Option<&InputFile>| file.map(|file| file.name.clone()).unwrap_or_default();
    let plan = match run.kind {
        Kind::Url => {
            let config = match named(FileKind::UrlTestConfig) {
                Some(file) => std::fs::read(folder.join(&file.name))
                    .map_err(|error| error.to_string())
                    .and_then(|bytes| url_config::read(&bytes)),
                None => url_config::quick(&configuration),
            };
            let variables = environment.into_iter().chain(secrets).collect();
            let plan = config
                .and_then(|config| url_plan::plan(&config, Variables::Known(&variables), engines));
            Plan::Url(
                plan.map_err(|rule| error("InvalidTestPlan", format!("In the URL test, {rule}.")))?,
            )
        }
        Kind::Locust => Plan::Locust(LocustPlan {
            folder,
            main: main(named(FileKind::TestScript)),
            environment,
            secrets,
            users: None,
            spawn_rate: None,
            duration: None,
            split_csvs,
            host: None,
            environments: inner.load_tests.environments.clone(),
        }),
        Kind::Jmx => Plan::Jmeter(JmeterPlan {
            folder,
            main: main(named(FileKind::JmxFile)),
            properties: named(FileKind::UserProperties).map(|file| file.name.clone()),
            split_csvs,
            environment,
            secrets,
        }),
    };
    Ok(LoadTest { plan, engines, auto_stop: body::auto_stop(&run.body) })
}
