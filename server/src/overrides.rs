//! Settings for tests.

use crate::clock::Clock;
use crate::messages::setup::Setup;
use crate::patience::Patience;
use crate::releases::building::Building;
use crate::serve;
use crate::stages::Probing;
use domain::name::StageName;
use domain::policy::Policy;
use std::collections::BTreeMap;

/// Settings that only tests change. `None` keeps the default.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub clock: Clock,
    pub emulator_clock: Option<emulator::Clock>,
    /// The program and first arguments that serve a model. Default: this program.
    pub instance_command: Option<Vec<std::ffi::OsString>>,
    /// Disables the demo client's traffic.
    pub no_demo_client: bool,
    pub policies: BTreeMap<StageName, Policy>,
    /// Probes of the emulator's stages. Default: the demo's probe.
    pub probing: Option<BTreeMap<StageName, Probing>>,
    /// The URL of a PostgreSQL database. Default: SQLite.
    pub database: Option<String>,
    /// Default: the key file in the data directory.
    pub secrets_key: Option<std::path::PathBuf>,
    /// Default: the configured webhooks.
    pub notify: Option<Setup>,
    pub serve: Option<serve::Rules>,
    /// Default: the same as with Azure.
    pub patience: Option<Patience>,
    /// How the demo's repository is built. Default: by the registry.
    pub building: Option<Building>,
    /// Default: the command line's stale reads.
    pub stale_reads: Option<emulator::StaleReads>,
}
