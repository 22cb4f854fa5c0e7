//! The entry point: renders a file with options to the body that would be sent.

use crate::asset::{self, Asset};
use crate::files::Files;
use crate::overrides::{self, Override};
use crate::problem::Problem;
use crate::reader::{Field, Keys, Reader, all_readable};
use crate::scope::Scope;
use crate::yaml::{self, Limits, Node, Value};
use serde::Serialize;
use serde_json::Value as Json;
use std::path::PathBuf;

/// A YAML file.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    /// The file's name in problems.
    pub name: &'a str,
    pub bytes: &'a [u8],
    /// Paths in the file are resolved against this folder.
    pub folder: PathBuf,
}

/// Settings from outside the file.
#[derive(Debug, Clone)]
pub struct Options {
    /// `--name`.
    pub name: Option<String>,
    /// `--endpoint`, for a deployment.
    pub endpoint: Option<String>,
    /// `--set`, in order.
    pub set: Vec<Override>,
    pub scope: Scope,
}

/// The kind of resource in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Endpoint,
    Deployment,
}

/// The request that would be sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rendered {
    pub kind: Kind,
    /// In lower case.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The REST body of the PUT, with the `ref` of an asset in place of its id.
    pub body: Json,
    /// The assets to upload, register or resolve first.
    pub assets: Vec<Asset>,
}

impl Rendered {
    /// The body with ids instead of references where name and version determine them, which is the case for collected
    /// data. The assets must still be registered.
    #[must_use]
    pub fn with_known_ids(&self, scope: &Scope) -> Json {
        let mut body = self.body.clone();
        let collections = body.pointer_mut("/properties/dataCollector/collections");
        let collections = collections.and_then(Json::as_object_mut);
        for collection in collections.into_iter().flat_map(serde_json::Map::values_mut) {
            let Some(data) = collection.get_mut("dataId") else { continue };
            let named = |asset: &&Asset| data.as_str() == Some(asset.reference.as_str());
            let asset = self.assets.iter().find(named);
            let id = asset.and_then(|asset| {
                let (name, version) = asset.name.as_deref().zip(asset.version.as_deref())?;
                Some(asset::id(scope, asset.kind, name, version))
            });
            if let Some(id) = id {
                *data = Json::from(id);
            }
        }
        body
    }
}

/// Renders an endpoint's file.
///
/// # Errors
/// All problems, in the order of the file.
pub fn endpoint(
    source: &Source<'_>,
    options: &Options,
    files: &dyn Files,
) -> Result<Rendered, Vec<Problem>> {
    let (root, is_kubernetes) = read(source, options, |root| {
        let has_compute = root.map().and_then(|map| map.get("compute")).is_some_and(is_truthy);
        has_compute || options.set.iter().any(|given| given.path == "compute")
    })?;
    finish(source, options, files, |reader| {
        let fields = fields(reader, &root, Reader::endpoint_keys(is_kubernetes))?;
        let made = reader.endpoint(&fields, is_kubernetes)?;
        let (name, body) = (made.name, made.body);
        Some(Rendered { kind: Kind::Endpoint, name, endpoint: None, body, assets: Vec::new() })
    })
}

/// Renders a deployment's file.
///
/// # Errors
/// All problems, in the order of the file.
pub fn deployment(
    source: &Source<'_>,
    options: &Options,
    files: &dyn Files,
) -> Result<Rendered, Vec<Problem>> {
    // Like the SDK, ignores overrides and other spellings.
    let (root, is_kubernetes) = read(source, options, |root| {
        root.map().and_then(|map| map.get("type")).and_then(Node::text) == Some("kubernetes")
    })?;
    finish(source, options, files, |reader| {
        let fields = fields(reader, &root, Reader::deployment_keys(is_kubernetes))?;
        let made = reader.deployment(&fields, is_kubernetes)?;
        Some(Rendered {
            kind: Kind::Deployment,
            name: made.name,
            endpoint: Some(made.endpoint),
            body: made.body,
            assets: made.assets.all,
        })
    })
}

/// Parses the file, determines the kind of compute, then applies `--set`, `--name` and `--endpoint`.
fn read(
    source: &Source<'_>,
    options: &Options,
    is_kubernetes: impl Fn(&Node) -> bool,
) -> Result<(Node, bool), Vec<Problem>> {
    let mut root = yaml::parse(source.name, source.bytes, Limits::default())
        .map_err(|problem| vec![problem])?;
    all_readable(&root).map_err(|problem| vec![problem])?;
    if !matches!(root.value, Value::Map(_)) {
        let message = if root.is_null() {
            "this file is empty. Write at least a name".to_owned()
        } else {
            format!(
                "the file must be a mapping, but is {}. Write “key: value” in each line",
                root.kind()
            )
        };
        return Err(vec![root.at.problem("", message)]);
    }
    let is_kubernetes = is_kubernetes(&root);
    let given = |path: &str, value: &Option<String>| {
        value.clone().map(|value| Override { path: path.to_owned(), value })
    };
    let all = options.set.iter().cloned();
    let all =
        all.chain(given("name", &options.name)).chain(given("endpoint_name", &options.endpoint));
    for given in all {
        overrides::apply(&mut root, &given).map_err(|problem| vec![problem])?;
    }
    Ok((root, is_kubernetes))
}

fn fields<'n>(
    reader: &mut Reader<'_>,
    root: &'n Node,
    keys: Keys,
) -> Option<crate::reader::Fields<'n>> {
    reader.fields(&Field { path: String::new(), node: root }, keys)
}

fn finish(
    source: &Source<'_>,
    options: &Options,
    files: &dyn Files,
    make: impl FnOnce(&mut Reader<'_>) -> Option<Rendered>,
) -> Result<Rendered, Vec<Problem>> {
    let mut reader = Reader::new(&options.scope, files, source.folder.clone());
    match make(&mut reader) {
        Some(rendered) if reader.is_clean() => Ok(rendered),
        _ => Err(reader.into_problems()),
    }
}

/// Whether Python considers the value true: neither null nor empty nor zero.
fn is_truthy(node: &Node) -> bool {
    match &node.value {
        Value::List(items) => !items.is_empty(),
        Value::Map(map) => !map.entries.is_empty(),
        Value::Scalar(scalar) => match scalar.typed() {
            Ok(yaml::Typed::Null) | Err(_) => false,
            Ok(yaml::Typed::Bool(flag)) => flag,
            Ok(yaml::Typed::Int(number)) => number != 0,
            Ok(yaml::Typed::Float(number)) => number != 0.0,
            Ok(yaml::Typed::Text(text)) => !text.is_empty(),
            Ok(yaml::Typed::Timestamp(_)) => true,
        },
    }
}
