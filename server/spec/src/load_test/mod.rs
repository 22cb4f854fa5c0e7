//! Reads the configuration of a load test: the file that `az load test create --load-test-config-file` takes.
//!
//! ```text
//! model      the values of a configuration
//! read       the entry point: a file → a configuration with warnings, or all problems
//! list       lists, optional values and words with an exact spelling
//! files      the test plan and the files beside it
//! criteria   failureCriteria of requests and of servers
//! limits     engineInstances · regionalLoadTestConfig · autoStop
//! parameters env · secrets · certificates
//! identities keyVaultReferenceIdentity · referenceIdentities
//! components appComponents
//! resource   ARM ids
//! body       the body that creates or updates the test
//! config     the configuration as a file again
//! ```
//!
//! Sources: Microsoft's reference (`articles/app-testing/load-testing/reference-test-config-yaml.md` in azure-docs), the
//! extension `load` of the Azure CLI (`src/load/azext_load/data_plane/utils/utils_yaml_config.py` and `utils.py` in
//! azure-cli-extensions), and the GitHub action (`lib/Utils/YamlValidationUtil.js` in Azure/load-testing). Where they
//! differ, this reader accepts what the CLI accepts, and warns about what the action rejects. It is stricter than the CLI
//! about what the CLI ignores or what the service rejects later: unknown keys, impossible criteria, two files of one name.

mod body;
mod components;
mod config;
mod criteria;
mod files;
mod identities;
mod limits;
mod list;
mod model;
mod parameters;
mod read;
mod resource;

pub use body::ServerMonitoring;
pub use criteria::{AGGREGATES, CRITERIA_MAX, METRICS};
pub use files::{FILES_MAX, ZIPS_MAX};
pub use limits::ENGINES_MAX;
pub use model::{
    AppComponent, AutoStop, ClientCriterion, Condition, EngineIdentity, Identity, LoadTest, Metric,
    Region, Role, ServerCriterion, TestFile, TestKind, VaultReference,
};
pub use read::{Read, read};
