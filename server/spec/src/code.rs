//! `code_configuration`: the scoring folder and the script in it.

use crate::asset::{Action, Asset, Assets, Kind};
use crate::files::Kind as Found;
use crate::reader::{Field, Keys, Reader};
use crate::reference::{self, Resolved};
use crate::uri;
use crate::yaml::short;
use serde_json::{Value as Json, json};
use std::path::Path;

const KEYS: Keys = Keys { known: &["code", "scoring_script"], ignored: &["$schema"] };

/// Most bytes of a script that are looked at.
const SCRIPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Code as the deployment names it, to be placed once the whole file is known to be right.
pub(crate) struct Code {
    id: Option<String>,
    asset: Option<Asset>,
    script: String,
    /// Whether it names a registry: Kubernetes deployments may not.
    pub(crate) is_registry: bool,
}

impl Code {
    /// The REST body's `codeConfiguration`.
    pub(crate) fn body(self, assets: &mut Assets) -> Json {
        let id = match (self.id, self.asset) {
            (Some(id), _) => Some(id),
            (None, asset) => asset.map(|asset| assets.add(asset)),
        };
        json!({ "codeId": id, "scoringScript": self.script })
    }
}

impl Reader<'_> {
    /// Reads `code_configuration`. Both keys are needed, and a local script must exist; its Python is not
    /// checked here (the SDK parses it before it uploads).
    pub(crate) fn code(&mut self, field: Option<Field<'_>>) -> Option<Code> {
        let field = field?;
        let fields = self.fields(&field, KEYS)?;
        let script = self.required(&fields, "scoring_script");
        let script_field = script.clone();
        let script = self.text(script)?;
        let code_field = self.required(&fields, "code")?;
        let code = self.text(Some(code_field.clone()))?;
        if script.is_empty() {
            self.push(
                fields.problem("scoring_script", "this is empty. Name the script in the folder"),
            );
            return None;
        }
        let is_registry = code.starts_with("azureml://registries/");
        let ready =
            |id: String| Code { id: Some(id), asset: None, script: script.clone(), is_registry };
        if reference::is_registry(&code)
            || code.starts_with('/')
                && reference::is_versioned_id(&code)
                && reference::is_id(&code, "codes")
        {
            return Some(ready(code));
        }
        if let Some(name) = code.strip_prefix("azureml:") {
            return match reference::resolve(self.scope, name, Kind::Code) {
                Ok(Resolved::Id(id)) => Some(ready(id)),
                Ok(_) => {
                    self.push(
                        code_field.problem("this names nothing. Write azureml:name:1 or a folder"),
                    );
                    None
                }
                Err(message) => {
                    self.push(code_field.problem(message));
                    None
                }
            };
        }
        if uri::is_url(&code) || uri::is_mlflow(&code) {
            self.push(code_field.problem("a scoring script cannot be checked at a web address, and the SDK refuses to deploy it unchecked. Name a folder"));
            return None;
        }
        let folder = self.files.resolve(&self.base, &code);
        let asset = self.local_code(&code_field, &folder)?;
        let script_path = folder.join(&script);
        if self.files.kind(&script_path) != Some(Found::File)
            && self.files.kind(&folder) != Some(Found::File)
        {
            let message = format!("there is no script {} in {}", short(&script), folder.display());
            self.push(script_field?.problem(message));
            return None;
        }
        if self.files.kind(&folder) == Some(Found::File) {
            self.push(
                code_field.problem("this is a file; name the folder that holds the scoring script"),
            );
            return None;
        }
        self.script_is_text(&script_field?, &script_path)?;
        Some(Code { id: None, asset: Some(asset), script, is_registry: false })
    }

    /// The SDK reads the script before it uploads: it has to be UTF-8, and Python knows no NUL. What cannot
    /// be read here (too large, or listed only) is not judged.
    fn script_is_text(&mut self, field: &Field<'_>, path: &Path) -> Option<()> {
        let Ok(bytes) = self.files.read(path, SCRIPT_BYTES_MAX) else { return Some(()) };
        let is_cut = |error: &std::str::Utf8Error| {
            error.error_len().is_none() && bytes.len() == SCRIPT_BYTES_MAX
        };
        let broken = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.contains(&0),
            Err(error) => !is_cut(&error),
        };
        if broken {
            let message =
                format!("the script {} is not UTF-8 text. Save it as UTF-8", path.display());
            self.push(field.problem(message));
            return None;
        }
        Some(())
    }

    fn local_code(&mut self, field: &Field<'_>, folder: &Path) -> Option<Asset> {
        self.local(field, folder)?;
        let mut asset = Asset::new(Kind::Code, Action::Upload);
        asset.path = Some(folder.display().to_string());
        asset.upload_to = Some("codeUri");
        asset.version = Some("1".to_owned());
        asset.body = Some(json!({ "properties": { "isAnonymous": true } }));
        Some(asset)
    }

    /// Checks that there is something to upload.
    pub(crate) fn local(&mut self, field: &Field<'_>, path: &Path) -> Option<Found> {
        match self.files.kind(path) {
            Some(Found::EmptyFolder) => {
                self.push(field.problem(format!(
                    "the folder {} is empty; there is nothing to upload",
                    path.display()
                )));
                None
            }
            None => {
                self.push(field.problem(format!("there is no file or folder {}", path.display())));
                None
            }
            found => found,
        }
    }
}
