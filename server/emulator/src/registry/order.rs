//! Reads the body of `scheduleRun` (azure-rest-api-specs, containerregistry, 2019-06-01-preview and 2025-03-01-preview,
//! `DockerBuildRequest`).

use http::StatusCode;
use serde_json::Value;

use crate::builds::kept::{Argument, Order};
use crate::protocol::error::ArmError;
use crate::protocol::field::Field;

/// Seconds; the limits are the specification's.
const TIMEOUT_S: std::ops::RangeInclusive<i64> = 300..=28_800;
const TIMEOUT_S_DEFAULT: i64 = 3_600;
const CPU_DEFAULT: i64 = 2;
/// The highest number of images or arguments of one build.
const ITEMS_MAX: usize = 100;
/// The longest name, path or value, in bytes.
const TEXT_BYTES_MAX: usize = 32 * 1024;

/// 400 of the registry.
pub fn bad(message: impl Into<String>) -> ArmError {
    ArmError::arm(StatusCode::BAD_REQUEST, "BadRequest", message)
}

fn plain(error: ArmError) -> ArmError {
    bad(error.message)
}

/// Refuses what this registry does not run.
fn check_type(body: &Value) -> Result<(), ArmError> {
    let kind = body["type"].as_str().unwrap_or_default();
    if kind.eq_ignore_ascii_case("DockerBuildRequest") {
        return Ok(());
    }
    let is = |name: &str| kind.eq_ignore_ascii_case(name);
    if is("TaskRunRequest") {
        let task = body["taskId"].as_str().unwrap_or_default();
        return Err(ArmError::arm(
            StatusCode::NOT_FOUND,
            "ResourceNotFound",
            format!("The task '{task}' was not found. This registry has no stored tasks."),
        ));
    }
    Err(bad(if is("EncodedTaskRunRequest") || is("FileTaskRunRequest") {
        format!(
            "A run of the type {kind} has several steps. This registry runs quick builds only; send a \
             DockerBuildRequest."
        )
    } else {
        "The property 'type' must be DockerBuildRequest, FileTaskRunRequest, EncodedTaskRunRequest or \
         TaskRunRequest."
            .to_owned()
    }))
}

fn text(field: &Field<'_>) -> Result<Option<String>, ArmError> {
    let text = field.text().map_err(plain)?.filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.len() > TEXT_BYTES_MAX || text.contains('\0')) {
        return Err(bad(field.must("be shorter than 32 KiB, without null characters").message));
    }
    Ok(text.map(str::to_owned))
}

/// A path in the source code.
fn path(field: &Field<'_>) -> Result<String, ArmError> {
    let given = text(field)?;
    let be = "be a path in the source code, for example Dockerfile";
    let path = given.ok_or_else(|| bad(field.must(be).message))?;
    let is_inside = !path.starts_with('/') && path.split('/').all(|part| part != "..");
    if is_inside { Ok(path) } else { Err(bad(field.must(be).message)) }
}

/// The path of an upload; URLs are refused, because the emulator downloads nothing.
fn source(field: &Field<'_>) -> Result<String, ArmError> {
    let location = text(field)?.unwrap_or_default();
    if location.contains("://") || location.starts_with("git@") {
        return Err(bad(
            "The property 'sourceLocation' is a URL. This registry does not download source code from other \
             servers. Upload an archive to the URL that listBuildSourceUploadUrl returns, and send its \
             relativePath.",
        ));
    }
    let is_relative = !location.is_empty()
        && !location.starts_with('/')
        && location.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && !location.contains(['\\', '?', '#']);
    if is_relative {
        return Ok(location);
    }
    Err(bad("The property 'sourceLocation' must be the relativePath of listBuildSourceUploadUrl."))
}

fn arguments(body: &Value) -> Result<Vec<Argument>, ArmError> {
    let given = body["arguments"].as_array().map(Vec::as_slice).unwrap_or_default();
    if given.len() > ITEMS_MAX || !(body["arguments"].is_array() || body["arguments"].is_null()) {
        return Err(bad(format!(
            "The property 'arguments' must be a list of at most {ITEMS_MAX} items."
        )));
    }
    let read = |(at, given): (usize, &Value)| {
        let field = |name: &str| Field::of(format!("arguments[{at}].{name}"), given.get(name));
        let name = text(&field("name"))?.filter(|name| !name.contains(['=', ' ', '\n']));
        let name = name.ok_or_else(|| {
            bad(format!("The property 'arguments[{at}].name' must be a name without blanks and =."))
        })?;
        // Not by `Field`: its errors would show the value, which may be a secret.
        let value = given["value"].as_str().filter(|value| value.len() <= TEXT_BYTES_MAX);
        let value = value.ok_or_else(|| {
            bad(format!("The property 'arguments[{at}].value' must be a string of at most 32 KiB."))
        })?;
        let is_secret = field("isSecret").flag().map_err(plain)?.unwrap_or(false);
        Ok(Argument { name, value: value.to_owned(), is_secret })
    };
    given.iter().enumerate().map(read).collect()
}

fn platform(body: &Value) -> Result<String, ArmError> {
    let platform = Field::of("platform", body.get("platform"));
    let os = platform.inside("os").one_of(&["Linux", "Windows"]).map_err(plain)?;
    let known = ["amd64", "x86", "386", "arm", "arm64"];
    let architecture = platform.inside("architecture").one_of(&known).map_err(plain)?;
    match (os, architecture.unwrap_or("amd64")) {
        (None, _) => Err(bad("The property 'platform.os' must be Linux.")),
        (Some("Linux"), "amd64") => Ok("amd64".to_owned()),
        (Some(os), architecture) => Err(bad(format!(
            "This registry has no agents for {os} on {architecture}. It builds for Linux on amd64 only."
        ))),
    }
}

/// Reads and checks a request.
///
/// # Errors
/// The broken rule. No error shows the value of an argument.
pub fn read(body: &Value) -> Result<Order, ArmError> {
    check_type(body)?;
    let field = |name: &'static str| Field::of(name, body.get(name));
    let flag =
        |name, default| field(name).flag().map(|flag| flag.unwrap_or(default)).map_err(plain);
    let names = field("imageNames").texts().map_err(plain)?.unwrap_or_default();
    if names.len() > ITEMS_MAX {
        return Err(bad(format!("The property 'imageNames' must have at most {ITEMS_MAX} items.")));
    }
    if let Some(pool) = text(&field("agentPoolName"))? {
        return Err(bad(format!("The agent pool [{pool}] does not exist in this registry.")));
    }
    let timeout = field("timeout").count(*TIMEOUT_S.start(), *TIMEOUT_S.end()).map_err(plain)?;
    let cpu = field("agentConfiguration").inside("cpu").count(1, 32).map_err(plain)?;
    let registries = field("credentials").inside("customRegistries");
    let registries = registries.object().map_err(plain)?;
    Ok(Order {
        image_names: names.into_iter().map(str::to_owned).collect(),
        is_push_enabled: flag("isPushEnabled", true)?,
        dockerfile: path(&field("dockerFilePath"))?,
        target: text(&field("target"))?,
        arguments: arguments(body)?,
        timeout_s: timeout.unwrap_or(TIMEOUT_S_DEFAULT).unsigned_abs(),
        architecture: platform(body)?,
        cpu: cpu.unwrap_or(CPU_DEFAULT),
        source: source(&field("sourceLocation"))?,
        is_archive_enabled: flag("isArchiveEnabled", false)?,
        custom_registries: registries.into_iter().flatten().map(|(name, _)| name.clone()).collect(),
    })
}
