//! Tests, runs and files as answers show them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::wire::Asked;
use crate::loads::kept::{FileKind, InputFile, Kind, Run, Stamp, Test, Validation, Verdict};
use crate::loads::secrets;
use crate::naming;
use crate::when;

/// How long the URL of one file works, and one within a test or run, in seconds (as seen in recorded answers).
pub const FILE_S: i64 = 600;
pub const ARTIFACT_S: i64 = 3_600;

/// What is encoded in the path of a URL. Names of files contain almost anything.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

impl Asked<'_> {
    /// A URL that needs no token, for `seconds`, and when it ends.
    fn signed(&self, path: &str, seconds: i64) -> (String, String) {
        let path = format!("{}/{path}", self.guid);
        let ends = self.now_ms / 1000 + seconds;
        let query = self.inner.load_tests.signer.query(&path, ends);
        let shown = utf8_percent_encode(&path, ENCODED);
        let url = format!("{}/load-artifacts/{shown}?{query}", self.call.base);
        (url, when::milli(ends * 1000))
    }

    /// A file whose URL works for `seconds`. `path` is below the resource's folder.
    pub fn file(&self, file: &InputFile, path: &str, seconds: i64) -> Value {
        let (url, ends) = self.signed(path, seconds);
        let mut view = json!({
            "url": url, "fileName": file.name, "fileType": file.kind.as_str(), "expireDateTime": ends,
            "validationStatus": file.validation.as_str(),
        });
        if let Some(failure) = &file.failure {
            view["validationFailureDetails"] = json!(failure);
        }
        view
    }

    /// A file that a run has made.
    pub fn output(&self, run: &Run, name: &str) -> Value {
        let file = InputFile {
            name: name.to_owned(),
            kind: FileKind::AdditionalArtifacts,
            validation: Validation::NotRequired,
            failure: None,
            blob: String::new(),
        };
        self.file(&file, &format!("runs/{}/{name}", run.id), ARTIFACT_S)
    }

    /// `inputArtifacts`
    fn input<'a>(
        &self,
        files: impl Iterator<Item = &'a InputFile>,
        path: impl Fn(&InputFile) -> String,
    ) -> Value {
        let mut all = json!({ "additionalFileInfo": [] });
        for file in files {
            let view = self.file(file, &path(file), ARTIFACT_S);
            match file.kind {
                FileKind::JmxFile | FileKind::TestScript => all["testScriptFileInfo"] = view,
                FileKind::UserProperties => all["userPropFileInfo"] = view,
                FileKind::UrlTestConfig => all["urlTestConfigFileInfo"] = view,
                FileKind::AdditionalArtifacts | FileKind::ZippedArtifacts => {
                    if let Some(others) = all["additionalFileInfo"].as_array_mut() {
                        others.push(view);
                    }
                }
            }
        }
        all
    }

    pub fn test(&self, test: &Test) -> Value {
        let path = |file: &InputFile| format!("tests/{}/{}", test.id, file.blob);
        let mut view = test.body.clone();
        view.insert("testId".to_owned(), json!(test.id));
        view.insert("kind".to_owned(), json!(test.kind.unwrap_or(Kind::Url).as_str()));
        view.insert("inputArtifacts".to_owned(), self.input(test.files.values(), path));
        with_secrets(&mut view, secrets::view(&test.secrets));
        stamped(&mut view, &test.stamp);
        Value::Object(view)
    }

    pub fn run(&self, run: &Run) -> Value {
        let mut view = run.body.clone();
        let mut set = |name: &str, value: Value| {
            if !value.is_null() {
                view.insert(name.to_owned(), value);
            }
        };
        let path = |file: &InputFile| format!("runs/{}/files/{}", run.id, file.name);
        let mut artifacts = json!({ "inputArtifacts": self.input(run.files.iter(), path) });
        if run.has_results {
            artifacts["outputArtifacts"]["resultFileInfo"] = self.output(run, "csv.zip");
        }
        if run.has_logs {
            artifacts["outputArtifacts"]["logsFileInfo"] = self.output(run, "logs.zip");
        }
        let time = |ms: Option<i64>| ms.map_or(Value::Null, |ms| json!(when::milli(ms)));
        set("testRunId", json!(run.id));
        set("testId", json!(run.test));
        set("kind", json!(run.kind.as_str()));
        set("status", json!(run.status.as_str()));
        set("testResult", json!(run.verdict.unwrap_or(Verdict::NotApplicable)));
        set("testArtifacts", artifacts);
        set("testRunStatistics", run.statistics.clone().unwrap_or(Value::Null));
        set("virtualUsers", json!(run.virtual_users));
        set("startDateTime", time(run.started_ms));
        set("endDateTime", time(run.ended_ms));
        set("executedDateTime", json!(when::milli(run.stamp.created_ms)));
        set("executionStartDateTime", time(run.execution_ms.0));
        set("executionEndDateTime", time(run.execution_ms.1));
        set(
            "duration",
            json!(run.started_ms.zip(run.ended_ms).map(|(from, to)| (to - from).max(0))),
        );
        set("portalUrl", json!(portal(self, run)));
        set("createdByType", json!("User"));
        if !run.errors.is_empty() {
            let error = |one: &crate::loads::kept::RunError| json!({ "code": one.code, "message": one.message });
            set("errorDetails", run.errors.iter().map(error).collect());
        }
        with_secrets(&mut view, secrets::view(&run.secrets));
        stamped(&mut view, &run.stamp);
        Value::Object(view)
    }
}

fn with_secrets(view: &mut Map<String, Value>, secrets: Map<String, Value>) {
    if !secrets.is_empty() {
        view.insert("secrets".to_owned(), Value::Object(secrets));
    }
}

/// Adds who created and changed something.
pub fn stamped(view: &mut Map<String, Value>, stamp: &Stamp) {
    view.insert("createdDateTime".to_owned(), json!(when::milli(stamp.created_ms)));
    view.insert("createdBy".to_owned(), json!(stamp.created_by));
    view.insert("lastModifiedDateTime".to_owned(), json!(when::milli(stamp.modified_ms)));
    view.insert("lastModifiedBy".to_owned(), json!(stamp.modified_by));
}

fn portal(asked: &Asked<'_>, run: &Run) -> String {
    let id = naming::load_testing_id(&asked.inner.group_id(), &asked.key).replace('/', "%2f");
    format!(
        "https://portal.azure.com/#blade/Microsoft_Azure_CloudNativeTesting/NewReport//resourceId/{id}/testId/{}/testRunId/{}",
        run.test, run.id
    )
}
