//! What a stage has so far: its files, its variables, and how it is started.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use parse_dockerfile::Command;
use serde_json::json;

use super::tree::Tree;
use super::venv::{Python, Venv};
use crate::launch::Record;
use crate::layer::Layer;
use crate::oci::{self, Config, History, Image, RootFs};

/// The command that Docker's Python images have.
const PYTHON: &str = "python3";

/// A stage while it is built.
#[derive(Debug)]
pub(super) struct State {
    pub(super) tree: Tree,
    /// What instructions have copied, relative to the tree.
    pub(super) copied: BTreeSet<PathBuf>,
    pub(super) work: String,
    /// In the order of their first `ENV`.
    pub(super) environment: Vec<(String, String)>,
    pub(super) arguments: BTreeMap<String, String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) ports: Vec<String>,
    pub(super) user: String,
    pub(super) entrypoint: Option<Start>,
    pub(super) command: Option<Start>,
    pub(super) python: Option<Python>,
    pub(super) venv: Option<Venv>,
    pub(super) history: Vec<(String, bool)>,
}

/// `CMD` or `ENTRYPOINT`.
#[derive(Clone, Debug)]
pub(super) enum Start {
    Exec(Vec<String>),
    /// A line for `/bin/sh -c`.
    Shell(String),
}

impl Start {
    pub(super) fn new(command: &Command<'_>) -> Self {
        match command {
            Command::Shell(line) => Self::Shell(super::joined(line.value)),
            Command::Exec(words) => {
                Self::Exec(words.value.iter().map(|word| word.value.clone().into_owned()).collect())
            }
            // A later version of the parser may know more forms.
            _ => Self::Exec(Vec::new()),
        }
    }

    fn words(&self) -> Vec<String> {
        match self {
            Self::Exec(words) => words.clone(),
            Self::Shell(line) => vec!["/bin/sh".to_owned(), "-c".to_owned(), line.clone()],
        }
    }

    /// The words with paths of the image replaced by their places.
    fn placed(&self, tree: &Tree) -> Vec<String> {
        let words = self.words().into_iter();
        let is_blank = |c: char| c.is_whitespace() || "'\"=:;&|()".contains(c);
        match self {
            Self::Exec(_) => words.map(|word| tree.place_all(&word, |c| c == '=')).collect(),
            Self::Shell(_) => words
                .enumerate()
                .map(|(at, word)| if at == 2 { tree.place_all(&word, is_blank) } else { word })
                .collect(),
        }
    }
}

impl State {
    pub(super) fn new(tree: Tree) -> Self {
        Self {
            tree,
            copied: BTreeSet::new(),
            work: "/".to_owned(),
            environment: Vec::new(),
            arguments: BTreeMap::new(),
            labels: BTreeMap::new(),
            ports: Vec::new(),
            user: String::new(),
            entrypoint: None,
            command: None,
            python: None,
            venv: None,
            history: Vec::new(),
        }
    }

    /// The value of a variable: `ENV` comes before `ARG`.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let set = self.environment.iter().find(|(own, _)| own == name);
        set.map(|(_, value)| value).or_else(|| self.arguments.get(name)).cloned()
    }

    pub(super) fn set(&mut self, name: String, value: String) {
        match self.environment.iter_mut().find(|(own, _)| *own == name) {
            Some((_, old)) => *old = value,
            None => self.environment.push((name, value)),
        }
    }

    /// Whether the image starts Python itself.
    pub(super) fn starts_python(&self) -> bool {
        let words = self.start().map(Start::words).unwrap_or_default();
        words.iter().any(|word| word.contains("python"))
    }

    fn start(&self) -> Option<&Start> {
        self.entrypoint.as_ref().or(self.command.as_ref())
    }

    /// `Entrypoint` and `Cmd`: a shell's entrypoint takes no arguments.
    fn starts(&self) -> (Option<&Start>, Option<&Start>) {
        match &self.entrypoint {
            Some(entrypoint @ Start::Shell(_)) => (Some(entrypoint), None),
            entrypoint => (entrypoint.as_ref(), self.command.as_ref()),
        }
    }

    /// The image's configuration.
    pub(super) fn config(&self, layer: &Layer) -> Image {
        let (entrypoint, command) = self.starts();
        let ports: BTreeMap<_, _> =
            self.ports.iter().map(|port| (port.clone(), json!({}))).collect();
        let history = self.history.iter().map(|(text, is_copy)| History {
            created_by: text.clone(),
            comment: String::new(),
            empty_layer: !is_copy,
        });
        let mut history: Vec<_> = history.collect();
        // One layer stands for all copies, so one entry has it.
        let copies = history.iter_mut().filter(|entry| !entry.empty_layer);
        copies.skip(1).for_each(|entry| entry.empty_layer = true);
        if let (Some(venv), Some(last)) = (&self.venv, history.last_mut()) {
            last.comment = format!("packages {}", venv.content);
        }
        Image {
            architecture: oci::architecture(),
            os: "linux".to_owned(),
            config: Config {
                user: self.user.clone(),
                exposed_ports: (!ports.is_empty()).then_some(ports),
                env: Some(self.environment.iter().map(|(k, v)| format!("{k}={v}")).collect()),
                entrypoint: entrypoint.map(Start::words),
                cmd: command.map(Start::words),
                working_dir: self.work.clone(),
                labels: (!self.labels.is_empty()).then(|| self.labels.clone()),
            },
            rootfs: RootFs { kind: "layers".to_owned(), diff_ids: vec![layer.diff_id.clone()] },
            history,
        }
    }

    /// How an instance is started.
    pub(super) fn record(&self, port: Option<u16>) -> Record {
        let (entrypoint, command) = self.starts();
        let words = [entrypoint, command].into_iter().flatten();
        let mut words: Vec<String> = words.flat_map(|start| start.placed(&self.tree)).collect();
        if words.is_empty() {
            words.push(PYTHON.to_owned());
        }
        let root = self.tree.root();
        let mut environment: BTreeMap<String, String> = self
            .environment
            .iter()
            .map(|(name, value)| (name.clone(), self.tree.place_all(value, |c| c == ':')))
            .collect();
        // All instances share the tree, and must not write compiled files into it.
        environment.entry("PYTHONDONTWRITEBYTECODE".to_owned()).or_insert_with(|| "1".to_owned());
        environment
            .entry("HOME".to_owned())
            .or_insert_with(|| self.tree.host("/root").to_string_lossy().into_owned());
        let own = environment.remove("PATH").unwrap_or_default();
        let own = own.split(':').map(PathBuf::from).filter(|path| path.starts_with(root));
        let venv = self.venv.as_ref();
        let path = venv.map(|venv| venv.path.join("bin")).into_iter().chain(own).collect();
        if let Some(venv) = venv {
            let place = venv.path.to_string_lossy().into_owned();
            environment.insert("VIRTUAL_ENV".to_owned(), place);
        }
        let venvs = venv.map(|venv| venv.path.clone());
        Record {
            command: words,
            work_dir: self.tree.existing(&self.work).unwrap_or_else(|| root.to_owned()),
            environment,
            port,
            flags_at: None,
            path,
            needs: [root.to_owned()].into_iter().chain(venvs).collect(),
        }
    }
}
