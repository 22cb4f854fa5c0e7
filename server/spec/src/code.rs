//! `code_configuration`: the scoring folder and its script.

use crate::asset::{Action, Asset, Assets, Kind};
use crate::files::Kind as Found;
use crate::reader::{Field, Keys, Reader};
use crate::reference::{self, Resolved};
use crate::uri;
use crate::yaml::short;
use serde_json::{Value as Json, json};
use std::path::Path;

const KEYS: Keys = Keys { known: &["code", "scoring_script"], ignored: &["$schema"] };

/// Maximum number of bytes of a script that are checked.
const SCRIPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The code of a deployment, added to the assets once the whole file has been checked.
pub(crate) struct Code {
    id: Option<String>,
    asset: Option<Asset>,
    script: String,
    /// Whether the code is in a registry, which Kubernetes deployments do not support.
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

/// Whether the text is the id of code, in a registry or in a workspace. Ids are sent unchanged.
fn is_code_id(text: &str) -> bool {
    reference::is_registry(text)
        || text.starts_with('/')
            && reference::is_versioned_id(text)
            && reference::is_id(text, "codes")
}

impl Reader<'_> {
    /// Reads `code_configuration`. Both keys are required, and a local script must exist. Its Python is not
    /// checked here; the SDK parses it before the upload.
    pub(crate) fn code(&mut self, field: Option<Field<'_>>) -> Option<Code> {
        let field = field?;
        let fields = self.fields(&field, KEYS)?;
        let script_field = self.required(&fields, "scoring_script")?;
        let script = self.text(Some(script_field.clone()))?;
        let code_field = self.required(&fields, "code")?;
        let code = self.text(Some(code_field.clone()))?;
        if script.is_empty() {
            return self.refuse(
                fields.problem("scoring_script", "this is empty. Name the script in the folder"),
            );
        }
        let is_registry = code.starts_with("azureml://registries/");
        if is_code_id(&code) {
            return Some(Code { id: Some(code), asset: None, script, is_registry });
        }
        if let Some(name) = code.strip_prefix("azureml:") {
            let id = self.named_code(&code_field, name)?;
            return Some(Code { id: Some(id), asset: None, script, is_registry });
        }
        if uri::is_url(&code) || uri::is_mlflow(&code) {
            return self.refuse(code_field.problem(
                "the SDK must check the scoring script, and cannot check one at a web address. Name a folder",
            ));
        }
        let folder = self.files.resolve(&self.base, &code);
        let asset = self.local_code(&code_field, &folder)?;
        self.local_script(&code_field, &script_field, &folder, &script)?;
        Some(Code { id: None, asset: Some(asset), script, is_registry: false })
    }

    /// The id of the code that `azureml:` names.
    fn named_code(&mut self, field: &Field<'_>, name: &str) -> Option<String> {
        let message = match reference::resolve(self.scope, name, Kind::Code) {
            Ok(Resolved::Id(id)) => return Some(id),
            Ok(_) => "this reference is empty. Write azureml:name:1 or a folder".to_owned(),
            Err(message) => message,
        };
        self.refuse(field.problem(message))
    }

    /// Checks that the folder contains the script, and that the script is text.
    fn local_script(
        &mut self,
        code_field: &Field<'_>,
        script_field: &Field<'_>,
        folder: &Path,
        script: &str,
    ) -> Option<()> {
        let path = folder.join(script);
        let is_file = self.files.kind(folder) == Some(Found::File);
        if self.files.kind(&path) != Some(Found::File) && !is_file {
            let message = format!("there is no script {} in {}", short(script), folder.display());
            return self.refuse(script_field.problem(message));
        }
        if is_file {
            return self.refuse(
                code_field
                    .problem("this is a file. Name the folder that contains the scoring script"),
            );
        }
        self.script_is_text(script_field, &path)
    }

    /// The SDK reads the script before the upload, so it must be UTF-8 without NUL. A script that cannot be read
    /// here (too large, or only listed) is not checked.
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
            return self.refuse(field.problem(message));
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

    /// Checks that the path exists and is not an empty folder.
    pub(crate) fn local(&mut self, field: &Field<'_>, path: &Path) -> Option<Found> {
        match self.files.kind(path) {
            Some(Found::EmptyFolder) => self.refuse(field.problem(format!(
                "the folder {} is empty, so there is nothing to upload",
                path.display()
            ))),
            None => {
                let path = path.display();
                self.refuse(field.problem(match self.files.nothing_beside() {
                    Some(why) => format!(
                        "{path} cannot be uploaded: {why}. Register it in the workspace first, then refer to it as \
                         azureml:name:version"
                    ),
                    None => format!("there is no file or folder {path}"),
                }))
            }
            found => found,
        }
    }
}
