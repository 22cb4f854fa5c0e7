//! `data_collector`: which parts of requests and responses are collected, and the data assets for them.

use crate::asset::{Action, Asset, Assets, Kind};
use crate::json::put;
use crate::reader::{Field, Keys, Reader};
use crate::uri;
use crate::yaml::Value;
use serde_json::{Map, Value as Json, json};

const KEYS: Keys = Keys {
    known: &["collections", "rolling_rate", "sampling_rate", "request_logging"],
    ignored: &[],
};
const COLLECTION_KEYS: Keys = Keys { known: &["enabled", "data", "client_id"], ignored: &[] };
const DATA_KEYS: Keys = Keys { known: &["name", "path", "version", "data_id"], ignored: &[] };
const LOGGING_KEYS: Keys = Keys { known: &["capture_headers"], ignored: &[] };
/// The default destination of collected data.
const PLACE: &str = "azureml://datastores/workspaceblobstore/paths/modelDataCollector";

/// The deployment whose data is collected.
pub(crate) struct Owner<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) deployment: &'a str,
}

impl Reader<'_> {
    /// Reads `data_collector` into the REST body's `dataCollector`.
    pub(crate) fn data_collector(
        &mut self,
        field: &Field<'_>,
        owner: &Owner<'_>,
        assets: &mut Assets,
    ) -> Option<Json> {
        let fields = self.fields(field, KEYS)?;
        let mut all = Map::new();
        let rate = self.float_of(&fields, "sampling_rate");
        if rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            self.push(
                fields
                    .problem("sampling_rate", "the sampling rate must be a number from 0.0 to 1.0"),
            );
        }
        let mut collections = Map::new();
        if let Some(field) = self.required(&fields, "collections") {
            for (name, field) in self.entries(&field) {
                let collection = self.collection(&name, &field, rate, owner, assets);
                collection.map(|collection| collections.insert(name, collection));
            }
        }
        all.insert("collections".to_owned(), Json::Object(collections));
        let rolling = self.word_of(&fields, "rolling_rate", &["minute", "day", "hour"]);
        put(&mut all, "rollingRate", rolling);
        let logging = self.field(&fields, "request_logging");
        let logging = logging.and_then(|field| self.request_logging(&field));
        put(&mut all, "requestLogging", logging);
        Some(Json::Object(all))
    }

    fn collection(
        &mut self,
        name: &str,
        field: &Field<'_>,
        rate: Option<f64>,
        owner: &Owner<'_>,
        assets: &mut Assets,
    ) -> Option<Json> {
        let fields = self.fields(field, COLLECTION_KEYS)?;
        self.required(&fields, "enabled")?;
        let enabled = self.word_of(&fields, "enabled", &["true", "false"])?;
        let mode = if enabled == "true" { "enabled" } else { "disabled" };
        let client = self.text_of(&fields, "client_id");
        let data = self.field(&fields, "data");
        let asset = self.collected(name, data.as_ref(), owner)?;
        let mut all = Map::new();
        all.insert("dataCollectionMode".to_owned(), json!(mode));
        all.insert("dataId".to_owned(), json!(assets.add(asset)));
        put(&mut all, "samplingRate", rate);
        put(&mut all, "clientId", client);
        Some(Json::Object(all))
    }

    /// The data asset of one collection. Missing parts are derived from the names.
    fn collected(
        &mut self,
        name: &str,
        data: Option<&Field<'_>>,
        owner: &Owner<'_>,
    ) -> Option<Asset> {
        let Owner { endpoint, deployment } = owner;
        let mut given = (None, None, None);
        // The SDK ignores an empty string.
        if let Some(field) = data.filter(|field| field.node.text() != Some("")) {
            if !matches!(field.node.value, Value::Map(_)) {
                return self.refuse(field.problem(
                    "a reference is not allowed here. Give a mapping with name, version and path",
                ));
            }
            let fields = self.fields(field, DATA_KEYS)?;
            self.text_of(&fields, "data_id");
            let mut full = |key| self.text_of(&fields, key).filter(|text| !text.is_empty());
            given = (full("name"), full("version"), full("path"));
            if given.2.as_deref().is_some_and(|path| !uri::is_url(path)) {
                self.push(fields.problem(
                    "path",
                    "collected data must go to a datastore. Give a path in one, for example \
                     azureml://datastores/name/paths/folder",
                ));
            }
        }
        let path = given.2.unwrap_or_else(|| format!("{PLACE}/{endpoint}/{deployment}/{name}"));
        let mut asset = Asset::new(Kind::Data, Action::Register);
        asset.name = Some(given.0.unwrap_or_else(|| format!("{endpoint}-{deployment}-{name}")));
        asset.version = Some(given.1.unwrap_or_else(|| "1".to_owned()));
        asset.body = Some(json!({ "properties": {
            "dataType": "uri_folder", "dataUri": path, "isAnonymous": false, "isArchived": false,
            "tags": {}, "properties": {},
        }}));
        Some(asset)
    }

    fn request_logging(&mut self, field: &Field<'_>) -> Option<Json> {
        let fields = self.fields(field, LOGGING_KEYS)?;
        let Some(field) = self.field(&fields, "capture_headers") else { return Some(json!({})) };
        let Value::List(items) = &field.node.value else {
            return self.refuse(field.problem("this is not a list of header names"));
        };
        let mut headers = Vec::new();
        for (n, node) in items.iter().enumerate() {
            let header = self.text(Some(Field { path: format!("{}[{n}]", field.path), node }));
            headers.extend(header);
        }
        Some(json!({ "captureHeaders": headers }))
    }
}
