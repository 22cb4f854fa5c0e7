//! A model: a reference or an inline definition.

use crate::asset::{Action, Asset, Assets, Kind};
use crate::json::{put, python_float, python_text};
use crate::reader::{Field, Fields, Keys, Reader};
use crate::uri::{self, Datastore};
use crate::yaml::{Typed, Value, short};
use serde_json::{Map, Value as Json, json};

const KEYS: Keys = Keys {
    known: &[
        "name",
        "type",
        "path",
        "version",
        "description",
        "properties",
        "tags",
        "stage",
        "flavors",
        "datastore",
        "system_metadata",
        "default_deployment_template",
        "allowed_deployment_templates",
    ],
    ignored: &[
        "$schema",
        "id",
        "utc_time_created",
        "creation_context",
        "job_name",
        "latest_version",
        "intellectual_property",
    ],
};
const TEMPLATE_KEYS: Keys = Keys { known: &["asset_id"], ignored: &[] };
const TYPES: [&str; 3] = ["custom_model", "mlflow_model", "triton_model"];

/// Where a model's path leads.
enum Place {
    /// A local path to upload.
    Local(String),
    /// An address that needs no upload.
    Uri(String),
}

impl Reader<'_> {
    /// `model`: a reference, or a definition.
    pub(crate) fn model(&mut self, field: &Field<'_>, assets: &mut Assets) -> Option<String> {
        if let Some(Typed::Text(text)) = field.node.scalar().and_then(|scalar| scalar.typed().ok())
        {
            return self.reference(field, &text, Kind::Model, assets);
        }
        let fields = self.fields(field, KEYS)?;
        let asset = self.inline_model(&fields)?;
        Some(assets.add(asset))
    }

    fn inline_model(&mut self, fields: &Fields<'_>) -> Option<Asset> {
        let name = self.text_of(fields, "name").filter(|name| !name.is_empty());
        let version_field = self.field(fields, "version");
        let version = version_field.as_ref().and_then(|field| self.version(field));
        if let (None, Some(field)) = (&name, &version_field) {
            self.push(field.problem("a model with a version needs a name, too. Add a name"));
        }
        let kind = self.word_of(fields, "type", &TYPES).unwrap_or(TYPES[0]);
        let place = self.model_place(fields, name.is_none(), kind);
        let mut asset = Asset::new(Kind::Model, Action::Register);
        let mut properties = self.model_properties(fields, name.is_none(), kind);
        asset.datastore = self.text_of(fields, "datastore").filter(|name| !name.is_empty());
        match place? {
            Place::Local(path) => {
                (asset.action, asset.path, asset.upload_to) =
                    (Action::Upload, Some(path), Some("modelUri"));
            }
            Place::Uri(uri) => {
                properties.insert("modelUri".to_owned(), json!(uri));
            }
        }
        asset.version = version.filter(|version| !version.is_empty());
        if name.is_none() {
            asset.version = Some("1".to_owned());
        }
        asset.name = name;
        asset.body = Some(json!({ "properties": properties }));
        Some(asset)
    }

    fn model_place(
        &mut self,
        fields: &Fields<'_>,
        is_anonymous: bool,
        kind: &str,
    ) -> Option<Place> {
        let field = self.required(fields, "path")?;
        let path = self.text(Some(field.clone()))?;
        if uri::is_url(&path) || uri::is_mlflow(&path) {
            if is_anonymous {
                return self.refuse(field.problem(
                    "a model that is not a local file needs a name. Add a name and a version",
                ));
            }
            let uri = self.model_uri(&field, path)?;
            return self.not_an_mlflow_file(&field, &uri, kind).map(|()| Place::Uri(uri));
        }
        let local = self.files.resolve(&self.base, &path);
        self.local(&field, &local)?;
        let local = local.display().to_string();
        self.not_an_mlflow_file(&field, &local, kind)?;
        Some(Place::Local(local))
    }

    fn model_uri(&mut self, field: &Field<'_>, path: String) -> Option<String> {
        match uri::datastore(&path) {
            Some(Datastore::Path { datastore, path: within })
                if path.starts_with("azureml://datastores/") =>
            {
                Some(self.scope.datastore_path(datastore, within))
            }
            None if path.starts_with("azureml:") => {
                let message = format!(
                    "“{}” is not a path in a datastore. Write for example azureml://datastores/name/paths/folder",
                    short(&path)
                );
                self.refuse(field.problem(message))
            }
            _ => Some(path),
        }
    }

    /// MLflow models are folders, and the SDK takes a path whose last part has a dot for a file.
    fn not_an_mlflow_file(&mut self, field: &Field<'_>, path: &str, kind: &str) -> Option<()> {
        let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
        if kind == "mlflow_model" && is_file {
            return self.refuse(field.problem(
                "an mlflow_model must be a folder, but this looks like a file. Name the folder that contains MLmodel",
            ));
        }
        Some(())
    }

    fn model_properties(
        &mut self,
        fields: &Fields<'_>,
        is_anonymous: bool,
        kind: &str,
    ) -> Map<String, Json> {
        let mut all = Map::new();
        let mut set = |key: &str, value: Option<Json>| put(&mut all, key, value);
        set("modelType", Some(json!(kind)));
        set("isAnonymous", Some(json!(is_anonymous)));
        set("isArchived", Some(json!(false)));
        set("tags", Some(Json::Object(texts(self.object_of(fields, "tags")))));
        set("properties", Some(Json::Object(texts(self.object_of(fields, "properties")))));
        set("description", self.text_of(fields, "description").map(Json::from));
        let stage = self.text_of(fields, "stage").map(Json::from);
        let templates = self.templates(fields);
        if templates.is_empty() {
            set("stage", stage);
        }
        for (key, value) in templates {
            set(key, Some(value));
        }
        set("flavors", self.flavors(fields));
        // Only checked: the SDK does not send it.
        self.object_of(fields, "system_metadata");
        all
    }

    fn flavors(&mut self, fields: &Fields<'_>) -> Option<Json> {
        let mut all = self.object_of(fields, "flavors");
        for (name, flavor) in &mut all {
            if !flavor.is_object() {
                let message = format!("the flavor {} is not a mapping", short(name));
                self.push(fields.problem("flavors", message));
            }
            *flavor = json!({ "data": flavor.take() });
        }
        (!all.is_empty()).then_some(Json::Object(all))
    }

    fn templates(&mut self, fields: &Fields<'_>) -> Vec<(&'static str, Json)> {
        let mut all = Vec::new();
        if let Some(field) = self.field(fields, "default_deployment_template") {
            let template = self.template(&field);
            all.extend(template.map(|template| ("defaultDeploymentTemplate", template)));
        }
        if let Some(field) = self.field(fields, "allowed_deployment_templates") {
            let Value::List(items) = &field.node.value else {
                self.push(field.problem("this is not a list of templates"));
                return all;
            };
            let each = |(n, node)| Field { path: format!("{}[{n}]", field.path), node };
            let list: Vec<Json> = items
                .iter()
                .enumerate()
                .map(each)
                .filter_map(|field| self.template(&field))
                .collect();
            if !list.is_empty() {
                all.push(("allowedDeploymentTemplates", Json::Array(list)));
            }
        }
        all
    }

    fn template(&mut self, field: &Field<'_>) -> Option<Json> {
        let fields = self.fields(field, TEMPLATE_KEYS)?;
        let id = self.text_of(&fields, "asset_id");
        Some(json!({ "assetId": id }))
    }

    /// An asset's version: a string or a number; `1.0` stays `1.0`.
    pub(crate) fn version(&mut self, field: &Field<'_>) -> Option<String> {
        match field.node.scalar().and_then(|scalar| scalar.typed().ok()) {
            Some(Typed::Text(text)) => Some(text),
            Some(Typed::Int(number)) => Some(number.to_string()),
            Some(Typed::Float(number)) => Some(python_float(number)),
            Some(Typed::Bool(flag)) => Some(if flag { "True" } else { "False" }.to_owned()),
            _ => self.refuse(field.problem(format!(
                "this must be a string or a number, but is {}. Write one value",
                field.node.kind()
            ))),
        }
    }
}

/// Models send their tags and properties as strings, without null values.
fn texts(map: Map<String, Json>) -> Map<String, Json> {
    let full = map.into_iter().filter(|(_, value)| !value.is_null());
    full.map(|(key, value)| (key, Json::String(python_text(&value)))).collect()
}
