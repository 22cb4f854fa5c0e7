//! An environment: a reference, an inline definition, or a definition in a file of its own (`file:`).

use crate::asset::{ANONYMOUS_ENVIRONMENT, Action, Asset, Assets, Kind};
use crate::json::put;
use crate::reader::{Field, Fields, Keys, Reader};
use crate::uri;
use crate::yaml::{Node, Scalar, Typed, Value};
use serde_json::{Map, Value as Json, json};
use std::path::Path;

const KEYS: Keys = Keys {
    known: &[
        "name",
        "id",
        "description",
        "tags",
        "version",
        "build",
        "image",
        "conda_file",
        "inference_config",
        "os_type",
        "datastore",
        "auto_delete_setting",
    ],
    ignored: &["$schema", "creation_context", "latest_version", "intellectual_property"],
};
const BUILD_KEYS: Keys = Keys { known: &["dockerfile_path", "path"], ignored: &[] };
const DELETE_KEYS: Keys = Keys { known: &["condition", "value"], ignored: &[] };
const ROUTE_KEYS: Keys = Keys { known: &["port", "path"], ignored: &[] };
const ROUTES: [(&str, &str); 3] = [
    ("liveness_route", "livenessRoute"),
    ("readiness_route", "readinessRoute"),
    ("scoring_route", "scoringRoute"),
];
const INFERENCE_KEYS: Keys =
    Keys { known: &["liveness_route", "readiness_route", "scoring_route"], ignored: &[] };

impl Reader<'_> {
    /// `environment`: a reference, or a definition.
    pub(crate) fn environment(&mut self, field: &Field<'_>, assets: &mut Assets) -> Option<String> {
        let text = match field.node.scalar().and_then(|scalar| scalar.typed().ok()) {
            Some(Typed::Text(text)) => text,
            _ => {
                let fields = self.fields(field, KEYS)?;
                return self.inline_environment(&fields, assets);
            }
        };
        let Some(path) = text.strip_prefix("file:") else {
            return self.reference(field, &text, Kind::Environment, assets);
        };
        // Links are resolved for the folder but not for the file: the file's paths are relative to the folder that
        // is named.
        let (folder, name) = path.rsplit_once('/').map_or((".", path), |(folder, name)| {
            (if folder.is_empty() { "/" } else { folder }, name)
        });
        let folder = self.files.resolve(&self.base, folder);
        let path = folder.join(name);
        let node = self.load(field, &path)?;
        let before = std::mem::replace(&mut self.base, folder);
        let inner = Field { path: field.path.clone(), node: &node };
        let fields = self.fields(&inner, KEYS);
        let id = fields.and_then(|fields| {
            self.named_or_beside(&fields, field, &before)?;
            self.inline_environment(&fields, assets)
        });
        self.base = before;
        id
    }

    /// The SDK reads a definition without a name twice, the second time relative to the definition's own folder,
    /// so it finds the file only if both folders are the same.
    fn named_or_beside(
        &mut self,
        fields: &Fields<'_>,
        named: &Field<'_>,
        before: &Path,
    ) -> Option<()> {
        if is_named(fields) || self.base == self.files.resolve(before, ".") {
            return Some(());
        }
        let message = "an environment in another folder needs a name, because the SDK does not find its file \
                       otherwise. Add a name";
        self.refuse(named.problem(message))
    }

    fn inline_environment(&mut self, fields: &Fields<'_>, assets: &mut Assets) -> Option<String> {
        let is_named = is_named(fields);
        let mut asset = Asset::new(Kind::Environment, Action::Register);
        asset.name = Some(ANONYMOUS_ENVIRONMENT.to_owned());
        if let Some(field) = fields.raw("version").filter(|field| !field.node.is_null()) {
            let version = self.version(&field);
            if fields.raw("name").is_some_and(|name| is_empty_text(&name)) {
                self.push(
                    field.problem("an environment with a version needs a name, too. Add a name"),
                );
            }
            if is_named {
                asset.version = version.filter(|version| !version.is_empty());
            }
        }
        if is_named {
            asset.name = self.text_of(fields, "name");
        }
        asset.datastore = self.text_of(fields, "datastore");
        self.auto_delete(fields);
        let id = self.environment_id(fields);
        let image = self.text_of(fields, "image");
        let mut properties = Map::new();
        self.environment_words(fields, &mut properties);
        properties.insert("isAnonymous".to_owned(), json!(!is_named));
        properties.insert("isArchived".to_owned(), json!(false));
        asset.conda = self.conda(fields);
        let build = self.build(fields, &mut asset);
        match (&image, &build) {
            // A wrong image or build has been reported already.
            (None, None) if fields.raw("image").is_none() && fields.raw("build").is_none() => {
                self.push(fields.problem("", "an environment needs an image or a build. Add one"));
            }
            (Some(image), Some(_)) if !image.is_empty() => {
                self.push(fields.problem(
                    "",
                    "an environment must not have both an image and a build. Remove one",
                ));
            }
            _ => {}
        }
        put(&mut properties, "image", image.filter(|image| !image.is_empty()));
        put(&mut properties, "build", build);
        asset.body = Some(json!({ "properties": properties }));
        // An environment with an id is registered already.
        Some(id.unwrap_or_else(|| assets.add(asset)))
    }

    fn environment_words(&mut self, fields: &Fields<'_>, properties: &mut Map<String, Json>) {
        let description = self.text_of(fields, "description").filter(|text| !text.is_empty());
        put(properties, "description", description);
        put(properties, "osType", self.word_of(fields, "os_type", &["linux", "windows"]));
        if let Some(field) = self.field(fields, "tags") {
            self.entries_may_be_null(&field);
            let tags = Some(self.object_of(fields, "tags")).filter(|tags| !tags.is_empty());
            put(properties, "tags", tags);
        }
        put(properties, "inferenceConfig", self.inference_config(fields));
    }

    /// Checks that keys are strings. Values may be null.
    fn entries_may_be_null(&mut self, field: &Field<'_>) {
        let Value::Map(map) = &field.node.value else { return };
        for entry in &map.entries {
            if !matches!(entry.key.typed(), Ok(Typed::Text(_))) {
                let path = format!("{}.{}", field.path, entry.key.text);
                self.push(entry.at.problem(&path, "this key must be a string. Quote it"));
            }
        }
    }

    fn environment_id(&mut self, fields: &Fields<'_>) -> Option<String> {
        let field = self.field(fields, "id")?;
        let text = self.text(Some(field.clone()))?;
        if text.starts_with("azureml://registries/") {
            return Some(text);
        }
        match text.strip_prefix("azureml:") {
            Some(id) => Some(id.to_owned()).filter(|id| !id.is_empty()),
            None => self.refuse(field.problem("an id must begin with azureml:. Remove this key")),
        }
    }

    /// `conda_file`: a path, or the specification itself.
    fn conda(&mut self, fields: &Fields<'_>) -> Option<Json> {
        let field = self.field(fields, "conda_file")?;
        let loaded: Node;
        let node = match &field.node.value {
            Value::Map(_) => field.node,
            Value::List(items) if items.is_empty() => return None,
            Value::Scalar(scalar) if is_falsy(scalar) => return None,
            _ => {
                let path = self.text(Some(field.clone()))?;
                let path = self.files.resolve(&self.base, &path);
                loaded = self.load(&field, &path)?;
                &loaded
            }
        };
        if !matches!(node.value, Value::Map(_)) && !node.is_null() {
            let message = format!(
                "a conda specification is a mapping with dependencies, but {} contains {}. Correct it",
                node.at.file,
                node.kind()
            );
            return self.refuse(field.problem(message));
        }
        let conda = self.json(&Field { path: field.path.clone(), node })?;
        let is_empty = conda.is_null() || conda.as_object().is_some_and(Map::is_empty);
        (!is_empty).then_some(conda)
    }

    fn build(&mut self, fields: &Fields<'_>, asset: &mut Asset) -> Option<Json> {
        let field = self.field(fields, "build")?;
        let build = self.fields(&field, BUILD_KEYS)?;
        let mut all = Map::new();
        put(&mut all, "dockerfilePath", self.text_of(&build, "dockerfile_path"));
        let Some(field) = self.field(&build, "path") else { return Some(Json::Object(all)) };
        let path = self.text(Some(field.clone()))?;
        let local = self.files.resolve(&self.base, &path);
        if self.files.kind(&local).is_none() && uri::is_web_address(&path) {
            all.insert("contextUri".to_owned(), json!(path));
        } else {
            self.local(&field, &local)?;
            asset.action = Action::Upload;
            asset.path = Some(local.display().to_string());
            asset.upload_to = Some("build.contextUri");
        }
        Some(Json::Object(all))
    }

    fn inference_config(&mut self, fields: &Fields<'_>) -> Option<Json> {
        let field = self.field(fields, "inference_config")?;
        let config = self.fields(&field, INFERENCE_KEYS)?;
        let mut all = Map::new();
        for (key, name) in ROUTES {
            let Some(route) = self.required(&config, key) else { continue };
            let Some(route) = self.fields(&route, ROUTE_KEYS) else { continue };
            let port = self.required(&route, "port").and_then(|field| self.int(&field));
            let path = self.required(&route, "path");
            let path = self.text(path);
            all.insert(name.to_owned(), json!({ "port": port, "path": path }));
        }
        Some(Json::Object(all))
    }

    /// Checked but never sent for an environment.
    fn auto_delete(&mut self, fields: &Fields<'_>) {
        let Some(field) = self.field(fields, "auto_delete_setting") else { return };
        let Some(setting) = self.fields(&field, DELETE_KEYS) else { return };
        self.snake_of(
            &setting,
            "condition",
            &["created_greater_than", "last_accessed_greater_than"],
        );
        self.text_of(&setting, "value");
    }
}

/// Whether the SDK uses the definition's name. Otherwise it silently treats the environment as anonymous.
fn is_named(fields: &Fields<'_>) -> bool {
    let typed = |key| fields.raw(key).and_then(|field| field.node.scalar()?.typed().ok());
    let has_name = matches!(typed("name"), Some(Typed::Text(name)) if !name.is_empty());
    has_name && !matches!(typed("version"), Some(Typed::Null))
}

fn is_falsy(scalar: &Scalar) -> bool {
    match scalar.typed() {
        Ok(Typed::Text(text)) => text.is_empty(),
        Ok(Typed::Int(number)) => number == 0,
        Ok(Typed::Float(number)) => number == 0.0,
        Ok(Typed::Bool(flag)) => !flag,
        _ => false,
    }
}

/// Whether the value is `''`. A missing value is null, not an empty string.
fn is_empty_text(field: &Field<'_>) -> bool {
    matches!(field.node.scalar().map(Scalar::typed), Some(Ok(Typed::Text(text))) if text.is_empty())
}
