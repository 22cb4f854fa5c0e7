//! The entry point.

use super::files::{extensions, has_extension, kind_of};
use super::list::at_key;
use super::model::{LoadTest, TestFile, TestKind};
use super::resource::is_of;
use crate::files::Files;
use crate::problem::Problem;
use crate::reader::{Field, Fields, Keys, Reader, all_readable};
use crate::render::Source;
use crate::scope::Scope;
use crate::yaml::{self, Limits, Value, short};

const KEYS: Keys = Keys {
    known: &[
        "version",
        "testId",
        "testName",
        "displayName",
        "description",
        "testType",
        "testPlan",
        "engineInstances",
        "configurationFiles",
        "zipArtifacts",
        "properties",
        "splitAllCSVs",
        "failureCriteria",
        "autoStop",
        "env",
        "secrets",
        "certificates",
        "keyVaultReferenceIdentity",
        "keyVaultReferenceIdentityType",
        "referenceIdentities",
        "subnetId",
        "publicIPDisabled",
        "regionalLoadTestConfig",
        "appComponents",
        "quickStartTest",
    ],
    ignored: &[],
};
const KINDS: [TestKind; 3] = [TestKind::Url, TestKind::Jmx, TestKind::Locust];
const VERSION: &str = "v0.1";
const SUBNET: &str = "Microsoft.Network/virtualNetworks/subnets";
/// The lengths of texts, in characters: the reference of the YAML for ids and descriptions, the GitHub action for names.
const ID_MIN: usize = 2;
const ID_MAX: usize = 50;
const DESCRIPTION_MAX: usize = 100;

/// A configuration that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    pub test: LoadTest,
    /// What the CLI accepts, but what other tools reject or read otherwise than people expect. In the order of the file.
    pub warnings: Vec<Problem>,
}

/// Reads a configuration.
///
/// # Errors
/// All problems, in the order of the file.
pub fn read(source: &Source<'_>, files: &dyn Files) -> Result<Read, Vec<Problem>> {
    let root = yaml::parse(source.name, source.bytes, Limits::default())
        .map_err(|problem| vec![problem])?;
    all_readable(&root).map_err(|problem| vec![problem])?;
    if !matches!(root.value, Value::Map(_)) {
        let kind = root.kind();
        let message = match root.is_null() {
            true => {
                "this file is empty. Write at least testPlan: and the name of a file".to_owned()
            }
            false => format!(
                "the file must be a mapping, but is {kind}. Write “key: value” in each line"
            ),
        };
        return Err(vec![root.at.problem("", message)]);
    }
    // A load test's configuration names nothing of the workspace.
    let scope = Scope {
        subscription: String::new(),
        resource_group: String::new(),
        workspace: String::new(),
        location: String::new(),
    };
    let mut reader = Reader::new(&scope, files, source.folder.clone());
    let mut warnings = Vec::new();
    let whole = Field { path: String::new(), node: &root };
    let test =
        reader.fields(&whole, KEYS).and_then(|fields| reader.load_test(&fields, &mut warnings));
    match test {
        Some(test) if reader.is_clean() => {
            warnings.sort_by_key(|warning| (warning.line, warning.column));
            Ok(Read { test, warnings })
        }
        _ => Err(reader.into_problems()),
    }
}

impl Reader<'_> {
    fn load_test(&mut self, fields: &Fields<'_>, warnings: &mut Vec<Problem>) -> Option<LoadTest> {
        self.exact_of(fields, "version", &[VERSION]);
        let test_id = self.test_id(fields);
        let display_name = self.words_of(fields, "displayName");
        let description = self.limited(fields, "description", DESCRIPTION_MAX);
        let plan = self.plan(fields, warnings);
        let kind = plan.as_ref().map_or(TestKind::Jmx, |(_, kind)| *kind);
        let (engines, regions) = self.engines(fields);
        let configuration_files = self.configuration_files(fields, kind);
        let zip_artifacts = self.zip_artifacts(fields, kind);
        let properties = self.user_properties(fields, kind);
        let split_csvs = self.boolean_of(fields, "splitAllCSVs");
        let env = self.env(fields, warnings);
        let secrets = self.secrets(fields);
        let certificate = self.certificate(fields);
        let identities = self.identities(fields);
        let subnet = self.subnet(fields);
        let public_ip_disabled = self.boolean_of(fields, "publicIPDisabled");
        if public_ip_disabled == Some(true) && self.optional(fields, "subnetId").is_none() {
            let message =
                "without subnetId, engines need a public address. Add subnetId, or remove the key";
            self.push(at_key(fields, "publicIPDisabled", message));
        }
        if self.boolean_of(fields, "quickStartTest") == Some(true) {
            let message = "the Azure CLI starts no quick tests, and creates a normal test instead";
            warnings.push(at_key(fields, "quickStartTest", message));
        }
        let (client_criteria, server_criteria) = self.failure_criteria(fields);
        let auto_stop = self.auto_stop(fields);
        let app_components = self.components(fields);
        let (plan, kind) = plan?;
        let test = LoadTest {
            test_id,
            display_name,
            description,
            kind,
            plan,
            engines,
            regions,
            configuration_files,
            zip_artifacts,
            properties,
            split_csvs,
            env,
            secrets,
            certificate,
            vault_identity: identities.vault,
            metrics_identity: identities.metrics,
            engine_identity: identities.engine,
            subnet,
            public_ip_disabled,
            client_criteria,
            server_criteria,
            auto_stop,
            app_components,
        };
        let files: Vec<&TestFile> = test.files().into_iter().map(|(_, file)| file).collect();
        self.distinct_names(fields, &files);
        Some(test)
    }

    /// `testId`, or the older `testName`. The action converts it to lower case.
    fn test_id(&mut self, fields: &Fields<'_>) -> Option<String> {
        let mut found = None;
        for key in ["testName", "testId"] {
            let Some(id) = self.words_of(fields, key) else { continue };
            let is_legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if !(ID_MIN..=ID_MAX).contains(&id.chars().count()) || !id.chars().all(is_legal) {
                let message = format!(
                    "“{}” cannot be an id. Use {ID_MIN} to {ID_MAX} letters, digits, hyphens and underscores",
                    short(&id)
                );
                self.push(at_key(fields, key, message));
            }
            found = Some(id.to_ascii_lowercase());
        }
        found
    }

    fn limited(&mut self, fields: &Fields<'_>, key: &str, max: usize) -> Option<String> {
        let text = self.words_of(fields, key)?;
        let count = text.chars().count();
        if count > max {
            let message = format!(
                "this has {count} characters, but Azure Load Testing allows {max}. Shorten it"
            );
            return self.refuse(at_key(fields, key, message));
        }
        Some(text)
    }

    /// `testPlan` with its kind: `testType`, or else by the extension.
    fn plan(
        &mut self,
        fields: &Fields<'_>,
        warnings: &mut Vec<Problem>,
    ) -> Option<(TestFile, TestKind)> {
        let words = KINDS.map(TestKind::word);
        let given = self.exact_of(fields, "testType", &words);
        let given = given.and_then(|word| KINDS.into_iter().find(|kind| kind.word() == word));
        let Some(field) = self.optional(fields, "testPlan") else {
            return self.refuse(at_key(
                fields,
                "testPlan",
                "the key testPlan is missing. Add the test's script",
            ));
        };
        let file = self.test_file(&field)?;
        let kind = given.or_else(|| kind_of(&file.path));
        let Some(kind) = kind else {
            let message = format!(
                "the type of {} is unknown. Name a .jmx, .py or .json file, or add testType: JMX, Locust or URL",
                short(&file.path)
            );
            return self.refuse(field.problem(message));
        };
        let (allowed, _) = extensions(kind);
        if !has_extension(&file.path, allowed) {
            let message = format!(
                "the plan of a {} test is a .{} file, but this is {}. The GitHub action rejects it, and the run will fail. Check \
                 testType",
                kind.word(),
                allowed[0],
                short(&file.path)
            );
            warnings.push(field.problem(message));
        }
        Some((file, kind))
    }

    fn subnet(&mut self, fields: &Fields<'_>) -> Option<String> {
        // The CLI reads the word “null” like a missing key.
        let id = self.words_of(fields, "subnetId").filter(|id| !id.eq_ignore_ascii_case("null"))?;
        if !is_of(&id, SUBNET) {
            let message = format!(
                "“{}” is not the ARM id of a subnet. Write \
                 /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/{{network}}/subnets/{{name}}",
                short(&id)
            );
            return self.refuse(at_key(fields, "subnetId", message));
        }
        Some(id)
    }
}
