//! The test plan and the files beside it.

use super::list::at_key;
use super::model::{TestFile, TestKind};
use crate::files::Kind;
use crate::reader::{Field, Fields, Keys, Reader};
use crate::yaml::short;
use std::collections::BTreeMap;

/// Maximum number of files of one test (Azure Load Testing: service limits).
pub const FILES_MAX: usize = 1000;
/// Maximum number of ZIP artifacts of one test (reference of the YAML: `zipArtifacts`).
pub const ZIPS_MAX: usize = 5;

const PROPERTIES: Keys = Keys { known: &["userPropertyFile"], ignored: &[] };

/// Whether a path ends in one of these extensions, in any case.
pub(super) fn has_extension(path: &str, extensions: &[&str]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|found| extensions.iter().any(|one| one.eq_ignore_ascii_case(found)))
}

/// The kind of a plan by its extension, as the CLI infers it.
pub(super) fn kind_of(path: &str) -> Option<TestKind> {
    let kinds = [("jmx", TestKind::Jmx), ("json", TestKind::Url), ("py", TestKind::Locust)];
    kinds.into_iter().find(|(extension, _)| has_extension(path, &[extension])).map(|(_, kind)| kind)
}

/// The extensions of a kind's plan, then of its properties.
pub(super) fn extensions(kind: TestKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        TestKind::Url => (&["json", "jmx"], &[]),
        TestKind::Jmx => (&["jmx"], &["properties"]),
        TestKind::Locust => (&["py"], &["conf", "ini", "toml"]),
    }
}

impl Reader<'_> {
    /// The file of a value: a relative path. Like `../plans/a.jmx` in Microsoft's own tests, it may lead out of the
    /// configuration's folder: the [`Files`](crate::files::Files) decide what can be reached.
    pub(super) fn test_file(&mut self, field: &Field<'_>) -> Option<TestFile> {
        let text = self.text(Some(field.clone()))?;
        let message = |why: &str| {
            let shown = short(&text);
            format!(
                "“{shown}” {why}. Write a path relative to this file, with /, such as data/users.csv"
            )
        };
        let mut parts: Vec<&str> = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.last().is_some_and(|last| *last != "..") => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        let name = parts.last().copied().unwrap_or_default();
        let why = if text.trim().is_empty() {
            "names no file"
        } else if text.starts_with('/') || text.contains(['\\', ':']) {
            "is no relative path"
        } else if name.is_empty() || name == ".." || text.ends_with('/') {
            "names a folder, not a file"
        } else if text.chars().any(char::is_control) {
            "has characters that no file name can have"
        } else {
            let (path, name) = (parts.join("/"), name.to_owned());
            return self.existing(field, &path).then_some(TestFile { path, name });
        };
        self.refuse(field.problem(message(why)))
    }

    /// Whether there is such a file, as far as the reader can see the files beside the configuration.
    fn existing(&mut self, field: &Field<'_>, path: &str) -> bool {
        if self.files.nothing_beside().is_some() {
            return true;
        }
        let whole = self.files.resolve(&self.base, path);
        let found = self.files.kind(&whole);
        let message = match found {
            Some(Kind::File) => return true,
            Some(_) => format!("{} is a folder. Name a file", short(path)),
            None => format!(
                "there is no file {} beside this one. Check the path, which is relative to this file",
                short(path)
            ),
        };
        self.push(field.problem(message));
        false
    }

    /// The files of an optional list.
    pub(super) fn test_files(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        max: usize,
    ) -> Vec<TestFile> {
        let Some(field) = self.optional(fields, key) else { return Vec::new() };
        let items = self.items(&field, max, "- data.csv, one file in each line below");
        items.iter().filter_map(|item| self.test_file(item)).collect()
    }

    /// `configurationFiles`. For a URL test, the action allows CSV files only.
    pub(super) fn configuration_files(
        &mut self,
        fields: &Fields<'_>,
        kind: TestKind,
    ) -> Vec<TestFile> {
        let files = self.test_files(fields, "configurationFiles", FILES_MAX);
        let odd = files.iter().find(|file| !has_extension(&file.path, &["csv"]));
        if let Some(odd) = odd.filter(|_| kind == TestKind::Url) {
            let message = format!(
                "a URL test can use CSV files only, but {} is another kind of file. Remove it, or write the test for \
                 JMeter or Locust",
                short(&odd.path)
            );
            self.push(at_key(fields, "configurationFiles", message));
        }
        files
    }

    /// `zipArtifacts`, which URL tests cannot use.
    pub(super) fn zip_artifacts(&mut self, fields: &Fields<'_>, kind: TestKind) -> Vec<TestFile> {
        let files = self.test_files(fields, "zipArtifacts", ZIPS_MAX);
        if kind == TestKind::Url && !files.is_empty() {
            self.push(at_key(
                fields,
                "zipArtifacts",
                "a URL test cannot use ZIP files. Remove the key",
            ));
        }
        if let Some(odd) = files.iter().find(|file| !has_extension(&file.path, &["zip"])) {
            let message =
                format!("{} is not a ZIP file. List it in configurationFiles", short(&odd.path));
            self.push(at_key(fields, "zipArtifacts", message));
        }
        files
    }

    /// `properties.userPropertyFile`.
    pub(super) fn user_properties(
        &mut self,
        fields: &Fields<'_>,
        kind: TestKind,
    ) -> Option<TestFile> {
        let field = self.optional(fields, "properties")?;
        let fields = self.fields(&field, PROPERTIES)?;
        let field = self.optional(&fields, "userPropertyFile")?;
        let file = self.test_file(&field)?;
        let (_, allowed) = extensions(kind);
        if !has_extension(&file.path, allowed) {
            let message = match allowed {
                [] => "a URL test has no property file. Remove the key".to_owned(),
                allowed => format!(
                    "for a {} test, this must be a file of type .{}, but is {}",
                    kind.word(),
                    allowed.join(", ."),
                    short(&file.path)
                ),
            };
            return self.refuse(field.problem(message));
        }
        Some(file)
    }

    /// Checks that no two files have the same name: the service stores files by name, without folders.
    pub(super) fn distinct_names(&mut self, fields: &Fields<'_>, files: &[&TestFile]) {
        let mut names: BTreeMap<&str, &TestFile> = BTreeMap::new();
        for file in files {
            match names.insert(file.name.as_str(), file) {
                Some(other) if other.path != file.path => {
                    let message = format!(
                        "{} and {} have the same name. Azure Load Testing stores files without their folders, so the second \
                         would replace the first. Rename one",
                        short(&other.path),
                        short(&file.path)
                    );
                    self.push(at_key(fields, "configurationFiles", message));
                }
                Some(_) => {
                    let message = format!("{} is listed twice. Remove one", short(&file.path));
                    self.push(at_key(fields, "configurationFiles", message));
                }
                None => {}
            }
        }
    }
}
