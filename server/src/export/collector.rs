//! The data collector of a deployment.

use super::fields::{Fields, plain_at, text_at};
use serde_json::Value;
use serde_yaml::{Mapping, Value as Yaml};

pub(super) fn yaml(collector: &Value) -> Yaml {
    let mut fields = Fields::default();
    let collections = collector.get("collections").and_then(Value::as_object);
    let all: Mapping = collections
        .into_iter()
        .flatten()
        .map(|(name, collection)| (Yaml::from(name.as_str()), one(collection)))
        .collect();
    fields.put_if("collections", Some(Yaml::Mapping(all)));
    // YAML has one rate for all collections and cannot express different ones.
    let mut rates = collections.into_iter().flat_map(|all| all.values());
    let first = rates.next().and_then(|one| one.get("samplingRate"));
    if rates.all(|other| other.get("samplingRate") == first) {
        fields.put_if("sampling_rate", plain_at(&first.cloned().unwrap_or_default(), ""));
    }
    fields.put_if("rolling_rate", text_at(collector, "/rollingRate").map(str::to_ascii_lowercase));
    let headers = plain_at(collector, "/requestLogging/captureHeaders").map(|headers| {
        let mut logging = Fields::default();
        logging.put("capture_headers", headers);
        logging.done()
    });
    fields.put_if("request_logging", headers);
    fields.done()
}

fn one(collection: &Value) -> Yaml {
    let mut fields = Fields::default();
    let mode = text_at(collection, "/dataCollectionMode").unwrap_or("Disabled");
    fields.put("enabled", if mode.eq_ignore_ascii_case("enabled") { "True" } else { "False" });
    fields.put_if("data", text_at(collection, "/dataId").and_then(data));
    fields.put_if("client_id", text_at(collection, "/clientId"));
    fields.done()
}

/// The data asset by name and version. The asset itself has its storage path.
fn data(id: &str) -> Option<Yaml> {
    let mut parts = id.rsplit('/');
    let (version, _, name) = (parts.next()?, parts.next()?, parts.next()?);
    let mut fields = Fields::default();
    fields.put("name", name);
    fields.put("version", version);
    Some(fields.done())
}
