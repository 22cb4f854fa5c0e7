//! Finds, reads and checks model files.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::NBQ_1;

/// The only kind of model that this server can serve.
const KIND: &str = "item-response-2pl";
/// Model folders are small trees, so the search stops at this depth.
const FOLDER_DEPTH_MAX: usize = 4;
const FILE_BYTES_MAX: u64 = 8 << 20;

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Item {
    pub id: String,
    #[serde(default)]
    pub construct: String,
    /// The ability at which half of all students answer it correctly.
    pub difficulty: f64,
    /// How sharply it separates students above that ability from those below.
    pub discrimination: f64,
}

/// A model that can answer requests.
#[derive(Clone, Debug)]
pub struct Model {
    pub name: String,
    pub version: u32,
    pub items: Vec<Item>,
    pub(super) by_id: HashMap<String, usize>,
}

#[derive(Deserialize)]
struct File {
    name: String,
    version: u32,
    items: Vec<Item>,
}

/// Why a file is not a valid model.
#[derive(Debug, thiserror::Error)]
pub enum LoadFailure {
    #[error("{0} cannot be read")]
    Unreadable(PathBuf, #[source] io::Error),
    #[error("no JSON file of kind {KIND} was found in {0}")]
    NotFound(PathBuf),
    #[error("it is not a model file")]
    Malformed(#[from] serde_json::Error),
    #[error("it is of kind {0:?}, not {KIND:?}")]
    OtherKind(String),
    #[error("{0}")]
    Implausible(String),
}

/// A model, and a remark on its origin.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub model: Model,
    /// A line for the log.
    pub remark: String,
}

impl Model {
    /// Reads a model from its JSON text.
    pub fn parse(text: &str) -> Result<Model, LoadFailure> {
        // Checks the kind first, because a file of another kind may have another shape.
        let value: serde_json::Value = serde_json::from_str(text)?;
        let kind = value.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default();
        if kind != KIND {
            return Err(LoadFailure::OtherKind(kind.to_owned()));
        }
        let File { name, version, items } = serde_json::from_value(value)?;
        let mut by_id = HashMap::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let is_plausible = item.difficulty.is_finite()
                && item.discrimination.is_finite()
                && item.discrimination > 0.0;
            if !is_plausible {
                let id = &item.id;
                return Err(LoadFailure::Implausible(format!(
                    "item {id} needs a finite difficulty and a positive discrimination"
                )));
            }
            if by_id.insert(item.id.clone(), index).is_some() {
                let id = &item.id;
                return Err(LoadFailure::Implausible(format!("item {id} occurs twice")));
            }
        }
        Ok(Model { name, version, items, by_id })
    }

    /// Reads a model file, or the first one in a folder.
    pub fn read(path: &Path) -> Result<Model, LoadFailure> {
        let unreadable = |error| LoadFailure::Unreadable(path.to_owned(), error);
        if fs::metadata(path).map_err(unreadable)?.is_dir() {
            return find(path, FOLDER_DEPTH_MAX)
                .ok_or_else(|| LoadFailure::NotFound(path.to_owned()));
        }
        Model::parse(&fs::read_to_string(path).map_err(unreadable)?)
    }

    /// Reads a model, or falls back to [`NBQ_1`] with a remark.
    pub fn load(path: Option<&Path>) -> Result<Loaded, LoadFailure> {
        let failure = match path.map(|path| (path, Model::read(path))) {
            Some((path, Ok(model))) => {
                let (path, count) = (path.display(), model.items.len());
                let remark = format!(
                    "Loaded model {} version {} with {count} items from {path}",
                    model.name, model.version
                );
                return Ok(Loaded { model, remark });
            }
            Some((path, Err(failure))) => {
                let cause = std::error::Error::source(&failure);
                let cause = cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
                format!("The model at {} cannot be served: {failure}{cause}", path.display())
            }
            None => "The deployment has no model".to_owned(),
        };
        let model = Model::parse(NBQ_1)?;
        let remark = format!(
            "WARNING: {failure}. Serving the built-in model {} version {} instead; answers are not those of your model",
            model.name, model.version
        );
        Ok(Loaded { model, remark })
    }
}

fn find(folder: &Path, depth: usize) -> Option<Model> {
    // Sorted, so that every instance of a deployment finds the same file.
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.iter().find_map(|path| {
        if path.is_dir() {
            return depth.checked_sub(1).and_then(|depth| find(path, depth));
        }
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let is_small = path.metadata().is_ok_and(|metadata| metadata.len() <= FILE_BYTES_MAX);
        if is_json && is_small { Model::parse(&fs::read_to_string(path).ok()?).ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::super::NBQ_2;
    use super::*;

    #[test]
    fn the_built_in_models_are_valid() {
        let (one, two) = (Model::parse(NBQ_1).unwrap(), Model::parse(NBQ_2).unwrap());
        assert_eq!((&*one.name, one.version, one.items.len()), ("nbq", 1, 44));
        assert_eq!((&*two.name, two.version, two.items.len()), ("nbq", 2, 44));
        let ids =
            |model: &Model| model.items.iter().map(|item| item.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&one), ids(&two));
    }

    #[test]
    fn invalid_model_files_are_rejected_with_the_reason() {
        for (text, reason) in [
            ("[", "it is not a model file"),
            (r#"{"kind":"mlflow"}"#, "it is of kind \"mlflow\", not \"item-response-2pl\""),
            (
                r#"{"kind":"item-response-2pl","name":"m","version":1,"items":[{"id":"a","difficulty":0,"discrimination":0}]}"#,
                "item a needs a finite difficulty and a positive discrimination",
            ),
            (
                r#"{"kind":"item-response-2pl","name":"m","version":1,"items":[{"id":"a","difficulty":0,"discrimination":1},{"id":"a","difficulty":0,"discrimination":1}]}"#,
                "item a occurs twice",
            ),
        ] {
            assert_eq!(Model::parse(text).unwrap_err().to_string(), reason);
        }
    }

    #[test]
    fn a_folder_is_searched_and_a_fallback_is_announced() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("model/artifacts");
        fs::create_dir_all(&inner).unwrap();
        fs::write(folder.path().join("config.json"), "{}").unwrap();
        let fallback = Model::load(Some(folder.path())).unwrap();
        assert!(fallback.remark.starts_with("WARNING: The model at"), "{}", fallback.remark);
        assert_eq!(fallback.model.version, 1);
        fs::write(inner.join("model.json"), NBQ_2).unwrap();
        let loaded = Model::load(Some(folder.path())).unwrap();
        assert!(loaded.remark.starts_with("Loaded model nbq version 2"), "{}", loaded.remark);
        assert!(Model::load(None).unwrap().remark.contains("has no model"));
    }
}
