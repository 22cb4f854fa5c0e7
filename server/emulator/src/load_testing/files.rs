//! Files of tests: uploads, and what may be uploaded.

use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::refused::Refused;
use super::shapes::FILE_S;
use super::validate;
use super::wire::{Answered, Asked};
use crate::loads::kept::{FileKind, InputFile, Kind, Test, Validation};
use crate::protocol::call::Answer;

/// Files of a test, and zip archives among them (learn.microsoft.com, service limits).
const FILES_MAX: usize = 1_000;
const ZIPS_MAX: usize = 100;
const NAME_BYTES_MAX: usize = 200;

fn is_name(name: &str) -> bool {
    let is_plain = |c: char| !c.is_control() && !"/\\:*?\"<>|".contains(c);
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.chars().all(is_plain)
        && !name.starts_with('.')
}

fn ends(name: &str, extension: &str) -> bool {
    name.to_lowercase().ends_with(extension)
}

/// `fileType`. Without it, JMX files and zip archives are known by their names.
fn kind(asked: &Asked<'_>, name: &str) -> Result<FileKind, Refused> {
    let word = asked.parameter("filetype").map(str::to_uppercase);
    Ok(match word.as_deref() {
        None if ends(name, ".jmx") => FileKind::JmxFile,
        None => FileKind::AdditionalArtifacts,
        Some("JMX_FILE") => FileKind::JmxFile,
        Some("USER_PROPERTIES") => FileKind::UserProperties,
        Some("ADDITIONAL_ARTIFACTS") => FileKind::AdditionalArtifacts,
        Some("ZIPPED_ARTIFACTS") => FileKind::ZippedArtifacts,
        Some("URL_TEST_CONFIG") => FileKind::UrlTestConfig,
        Some("TEST_SCRIPT") => FileKind::TestScript,
        Some(_) => {
            let text = "The file type must be JMX_FILE, TEST_SCRIPT, URL_TEST_CONFIG, USER_PROPERTIES, \
                ZIPPED_ARTIFACTS or ADDITIONAL_ARTIFACTS.";
            return Err(Refused::bad("InvalidFileType", text));
        }
    })
}

/// Refuses a file that does not fit the test, and says what kind of test it then is.
fn fit(test: &Test, name: &str, kind: FileKind) -> Result<Option<Kind>, Refused> {
    let invalid = |text: String| Err(Refused::bad("InvalidFile", text));
    let extension = match kind {
        FileKind::JmxFile => ".jmx",
        FileKind::TestScript => ".py",
        FileKind::UrlTestConfig => ".json",
        FileKind::ZippedArtifacts => ".zip",
        FileKind::UserProperties => ".properties",
        FileKind::AdditionalArtifacts => "",
    };
    let wants = kind.test();
    let is_other = wants.is_some_and(|wants| test.kind.is_some_and(|kind| kind != wants));
    if !ends(name, extension) || is_other {
        return invalid(format!("The file {name} is not a valid test script file."));
    }
    let others = || test.files.values().filter(|file| file.name != name);
    let is_single = kind.is_plan() || kind == FileKind::UserProperties;
    let is_same = |file: &&InputFile| {
        if kind.is_plan() { file.kind.is_plan() } else { file.kind == kind }
    };
    if is_single && let Some(other) = others().find(is_same) {
        let text = format!("The test has the file {} already. Delete it first.", other.name);
        return invalid(text);
    }
    if others().count() >= FILES_MAX {
        return Err(Refused::quota(format!("A test has at most {FILES_MAX} files.")));
    }
    let zips = others().filter(|file| file.kind == FileKind::ZippedArtifacts).count();
    if kind == FileKind::ZippedArtifacts && zips >= ZIPS_MAX {
        return Err(Refused::quota(format!("A test has at most {ZIPS_MAX} zip archives.")));
    }
    Ok(wants.or(test.kind))
}

/// `PUT /tests/{id}/files/{name}`: 201, and the validation begins.
pub async fn put(asked: &Asked<'_>, id: &str, name: &str) -> Answered {
    if !is_name(name) {
        return Err(Refused::bad("InvalidFileName", "The name of the file is not valid."));
    }
    let kind = kind(asked, name)?;
    fit(&asked.find_test(id)?, name, kind)?;
    let blob = Uuid::new_v4().simple().to_string();
    let folder = asked.inner.load_tests.test(&asked.guid, id);
    let path = folder.join(&blob);
    tokio::fs::create_dir_all(&folder).await.map_err(|error| Refused::disk(&error))?;
    tokio::fs::write(&path, &asked.call.body).await.map_err(|error| Refused::disk(&error))?;
    let is_checked = kind.is_plan() || kind == FileKind::ZippedArtifacts;
    let file = InputFile {
        name: name.to_owned(),
        kind,
        validation: if is_checked { Validation::Initiated } else { Validation::NotRequired },
        failure: None,
        blob,
    };
    let kept = asked.change(|resource| {
        let test = resource.tests.get_mut(id).ok_or_else(|| Refused::no_test(id))?;
        test.kind = fit(test, name, kind)?;
        test.stamp.change(asked.now_ms, &asked.call.caller);
        Ok(test.files.insert(name.to_owned(), file.clone()))
    });
    match kept {
        Ok(None) => {}
        // Runs have copies of their own.
        Ok(Some(old)) => drop(std::fs::remove_file(folder.join(old.blob))),
        Err(refused) => {
            drop(std::fs::remove_file(&path));
            return Err(refused);
        }
    }
    validate::changed(asked.inner, &asked.key, id, &file)?;
    let view = asked.file(&file, &format!("tests/{id}/{}", file.blob), FILE_S);
    let place =
        format!("{}{}?api-version={}", asked.call.base, asked.call.path, asked.call.api_version);
    Ok(Answer::json(StatusCode::CREATED, view).with("location", place))
}

/// `GET /tests/{id}/files/{name}`
pub fn get(asked: &Asked<'_>, id: &str, name: &str) -> Answered {
    let test = asked.find_test(id)?;
    let file = test.files.get(name).ok_or_else(|| Refused::no_file(name))?;
    Ok(Answer::ok(asked.file(file, &format!("tests/{id}/{}", file.blob), FILE_S)))
}

/// `GET /tests/{id}/files`
pub fn list(asked: &Asked<'_>, id: &str) -> Answered {
    let test = asked.find_test(id)?;
    let view = |file: &InputFile| asked.file(file, &format!("tests/{id}/{}", file.blob), FILE_S);
    Ok(Answer::ok(json!({ "value": test.files.values().map(view).collect::<Vec<_>>() })))
}

/// `DELETE /tests/{id}/files/{name}`
pub fn delete(asked: &Asked<'_>, id: &str, name: &str) -> Answered {
    let file = asked.change(|resource| {
        let test = resource.tests.get_mut(id).ok_or_else(|| Refused::no_test(id))?;
        let file = test.files.remove(name).ok_or_else(|| Refused::no_file(name))?;
        test.stamp.change(asked.now_ms, &asked.call.caller);
        Ok(file)
    })?;
    // Nothing names it any more.
    let _ = std::fs::remove_file(asked.inner.load_tests.test(&asked.guid, id).join(&file.blob));
    validate::changed(asked.inner, &asked.key, id, &file)?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
